#include "base/checked.h"
#include "base/clock.h"
#include "base/plural.h"
#include "command/show/describe.h"
#include "command/show/figure.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/sweep/sweep.h"
#include "options/monitors.h"
#include "options/requests.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LIVE_ROWS = 10, FINAL_ROWS = 10, ROW_CAPACITY = 512, SETTING_CAPACITY = 256, LEAST_COLUMNS = 79 };
static const double live_seconds = 0.25;

/* The searched options of a setting as "learning-rate 0.01, hidden 64". */
static void setting_text(const sweep *s, size_t setting, char text[SETTING_CAPACITY]) {
    const epocl_options *options = &s->members[setting * s->seed_count].options;
    size_t used = 0;
    snprintf(text, SETTING_CAPACITY, "seed %" PRIu64, options->training.seed);
    for (size_t i = 0; i < s->searched->count && used < SETTING_CAPACITY; i++) {
        char value[OPTION_TEXT_CAPACITY];
        const option_row *row = s->searched->dimensions[i].row;
        used += (size_t)snprintf(text + used, SETTING_CAPACITY - used, "%s%s %s", used ? ", " : "", row->name,
                                 option_text(row, options, value));
    }
}

/* A number with how far it spreads over seeds. */
static void add_score(char *row, const char *name, double value, double spread) {
    const size_t used = strlen(row);
    char figure[FIGURE_CAPACITY];
    if (!isfinite(value)) return;
    snprintf(row + used, ROW_CAPACITY - used, isfinite(spread) ? "  %s %s ± %.2g" : "  %s %s", name,
             figure_text(value, true, figure), spread);
}

static double spread_if(const sweep *s, const setting_result *r, int monitor) {
    return s->given->library.training.monitor == monitor ? r->spread : NAN;
}

/* "  3  valid cost 0.3112 ± 0.002  accuracy 0.8921  9 epochs  learning-rate 0.01, hidden 64" */
static void row_text(const sweep *s, size_t rank, char row[ROW_CAPACITY]) {
    const setting_result *r = &s->ranks[rank];
    char setting[SETTING_CAPACITY];
    setting_text(s, r->number, setting);
    snprintf(row, ROW_CAPACITY, "%4zu", rank + 1);
    if (!isfinite(r->figure)) snprintf(row + strlen(row), ROW_CAPACITY - strlen(row), "  -");
    if (monitor_is_metric(s->given->library.training.monitor))
        add_score(row, monitor_words[s->given->library.training.monitor], r->figure, r->spread);
    add_score(row, "valid cost", r->cost, spread_if(s, r, MONITOR_cost));
    add_score(row, "accuracy", r->accuracy, spread_if(s, r, MONITOR_accuracy));
    add_score(row, "rmse", r->rmse, NAN);
    const size_t used = strlen(row);
    snprintf(row + used, ROW_CAPACITY - used, "  %zu epoch%s  %s", r->epoch_count, plural_s(r->epoch_count), setting);
}

/* ---- The live table --------------------------------------------------------------------------- */

void sweep_clear(sweep *s) {
    if (s->drawn_lines > 0) fprintf(stderr, "\033[%zuA\033[J", s->drawn_lines);
    s->drawn_lines = 0;
}

/* Columns of the terminal, less one. */
static int terminal_columns(void) {
    struct winsize size;
    const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > LEAST_COLUMNS;
    return is_known ? size.ws_col - 1 : LEAST_COLUMNS;
}

/* Rows are cut, so that none takes two lines. */
static void draw(sweep *s) {
    const int columns = terminal_columns();
    char row[ROW_CAPACITY];
    size_t epochs = 0, going = 0;
    sweep_rank(s);
    for (size_t i = 0; i < sweep_member_count(s); i++) {
        epochs += s->members[i].result.epoch_count;
        going += !s->members[i].is_dropped;
    }
    sweep_clear(s);
    print_line(stderr, "rung %zu of %zu: %zu member%s, to %zu epoch%s; %zu epoch%s in all so far", s->rung + 1,
               s->rung_count, going, plural_s(going), s->rungs[s->rung].epoch_count,
               plural_s(s->rungs[s->rung].epoch_count), epochs, plural_s(epochs));
    s->drawn_lines = 1;
    for (size_t rank = 0; rank < smaller(LIVE_ROWS, s->setting_count); rank++, s->drawn_lines++) {
        row_text(s, rank, row);
        print_line(stderr, "%.*s", columns, row);
    }
    fflush(stderr);
}

/* ---- Events ----------------------------------------------------------------------------------- */

static json_t *rungs_json(const sweep *s) {
    json_t *array = json_array();
    for (size_t i = 0; i < s->rung_count; i++)
        array = json_appended(array, json_pack("{sI sI}", "settings", (json_int_t)s->rungs[i].setting_count, "epochs",
                                               (json_int_t)s->rungs[i].epoch_count));
    return array;
}

/* Each device; what the populations are together, but for the data, which each has. */
static epocl_status tell_devices(const sweep *s, epocl_population_info *all) {
    *all = (epocl_population_info){0};
    for (size_t i = 0; i < s->workers->place_count; i++) {
        sweep_place place;
        char name[300];
        const epocl_status status = s->workers->ways->describe(s->workers, i, &place);
        if (status != EPOCL_OK) return status;
        device_text(&place.device, name, sizeof name);
        progress_line(s->shown, "device   %s%s (%s)", place.where, name, place.device.platform_name);
        all->worker_count += place.population.worker_count;
        all->member_bytes += place.population.member_bytes;
        all->waiting_count += place.population.waiting_count;
        if (place.population.data_set_bytes > all->data_set_bytes)
            all->data_set_bytes = place.population.data_set_bytes;
    }
    return EPOCL_OK;
}

epocl_status sweep_tell_begin(sweep *s) {
    char memory[32], data[32];
    epocl_population_info info;
    const epocl_status status = tell_devices(s, &info);
    if (status != EPOCL_OK) return status;
    bytes_text(info.member_bytes, memory, sizeof memory);
    bytes_text(info.data_set_bytes, data, sizeof data);
    progress_line(s->shown, "data     %zu samples to train, %zu to validate, %s on %s device",
                  epocl_dataset_sample_count(s->data), epocl_dataset_sample_count(s->valid), data,
                  s->workers->place_count > 1 ? "each" : "the");
    progress_line(s->shown, "sweep    %zu setting%s of %s, %zu seed%s each; %zu at a time, %s in all", s->setting_count,
                  plural_s(s->setting_count), s->searched->count ? s->given->search : "nothing searched", s->seed_count,
                  plural_s(s->seed_count), info.worker_count, memory);
    if (info.waiting_count > 0)
        progress_line(s->shown, "memory   has room for %zu of %zu networks at once: the others wait for their turn",
                      sweep_member_count(s) - info.waiting_count, sweep_member_count(s));
    for (size_t i = 0; i < s->rung_count; i++)
        progress_line(s->shown, "rung %zu   %zu setting%s, to %zu epoch%s", i + 1, s->rungs[i].setting_count,
                      plural_s(s->rungs[i].setting_count), s->rungs[i].epoch_count, plural_s(s->rungs[i].epoch_count));
    if (!s->given->json) return EPOCL_OK;
    return json_line_print(json_pack("{ss so sI sI so sI}", "event", "sweep", "search", json_text(s->given->search),
                                     "settings", (json_int_t)s->setting_count, "seeds", (json_int_t)s->seed_count,
                                     "rungs", rungs_json(s), "workers", (json_int_t)info.worker_count));
}

epocl_status sweep_tell_epoch(sweep *s, size_t member, const epocl_epoch_result *epoch) {
    if (s->shown->is_terminal && !s->shown->is_quiet && seconds_now() >= s->shown->due) {
        draw(s);
        s->shown->due = seconds_now() + live_seconds;
    }
    if (!s->given->json) return EPOCL_OK;
    return json_line_print(
        json_pack("{ss sI sI so sI so so so so so so}", "event", "epoch", "setting",
                  (json_int_t)(member / s->seed_count), "member", (json_int_t)member, "seed",
                  json_integer((json_int_t)s->members[member].options.training.seed), "epoch", (json_int_t)epoch->epoch,
                  "train_cost", json_number(epoch->train_cost), "valid_cost", json_number(epoch->valid_cost),
                  "valid_accuracy", json_number(epoch->valid_accuracy), "valid_rmse", json_number(epoch->valid_rmse),
                  "valid_figure", json_number(epoch->valid_figure), "seconds", json_number(epoch->seconds)));
}

/* Settings that ended in this rung. */
epocl_status sweep_tell_rung(sweep *s) {
    char row[ROW_CAPACITY];
    sweep_clear(s);
    row_text(s, 0, row);
    progress_line(s->shown, "rung %zu of %zu done; best:%s", s->rung + 1, s->rung_count, row);
    if (!s->given->json) return EPOCL_OK;
    return json_line_print(json_pack("{ss sI sI sI so}", "event", "rung", "rung", (json_int_t)s->rung + 1, "epochs",
                                     (json_int_t)s->rungs[s->rung].epoch_count, "best_setting",
                                     (json_int_t)s->ranks[0].number, "best", json_number(s->ranks[0].figure)));
}

static json_t *setting_json(const sweep *s, size_t rank) {
    const setting_result *r = &s->ranks[rank];
    const epocl_options *options = &s->members[r->number * s->seed_count].options;
    json_t *values = json_object();
    char value[OPTION_TEXT_CAPACITY];
    for (size_t i = 0; i < s->searched->count && values; i++) {
        const option_row *row = s->searched->dimensions[i].row;
        if (json_object_set_new(values, row->name, json_text(option_text(row, options, value))) == 0) continue;
        json_decref(values);
        values = NULL;
    }
    return json_pack("{ss sI sI so sI sI so so so so so}", "event", "setting", "rank", (json_int_t)rank + 1, "setting",
                     (json_int_t)r->number, "options", values, "rung", (json_int_t)r->rung + 1, "epochs",
                     (json_int_t)r->epoch_count, "figure", json_number(r->figure), "spread", json_number(r->spread),
                     "valid_cost", json_number(r->cost), "valid_accuracy", json_number(r->accuracy), "valid_rmse",
                     json_number(r->rmse));
}

epocl_status sweep_tell_end(sweep *s) {
    epocl_status status = EPOCL_OK;
    char row[ROW_CAPACITY];
    for (size_t rank = 0; rank < s->setting_count && s->given->json; rank++)
        TRY(json_line_print(setting_json(s, rank)));
    if (s->given->json)
        TRY(json_line_print(json_pack("{ss so so sI so}", "event", "done", "folder",
                                      json_text(run_folder_path(s->folder)), "model",
                                      json_text(run_folder_model_path(s->folder)), "trained_samples",
                                      (json_int_t)s->trained_count, "train_seconds", json_number(s->train_seconds))));
    for (size_t rank = 0; rank < smaller(FINAL_ROWS, s->setting_count) && !s->given->json; rank++) {
        row_text(s, rank, row);
        print_line(stdout, "%s", row);
    }
    progress_line(s->shown, "model    %s; %.0f samples a second in all networks together",
                  run_folder_model_path(s->folder), (double)s->trained_count / fmax(s->train_seconds, 1e-9));
cleanup:
    return status;
}
