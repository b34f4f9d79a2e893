#include "base/checked.h"
#include "base/printable.h"
#include "command/commands.h"
#include "command/run/record.h"
#include "command/show/byte_text.h"
#include "command/show/describe.h"
#include "command/show/figure.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const option_row options[] = {OPTION_JSON, OPTION_HELP};

typedef struct runs {
    run_record *records;
    size_t count;
} runs;

/* ---- A table, a row a figure and a column a run ---- */

enum { LABEL_WIDTH = 20, CELL_WIDTH_MOST = 30, CELL_CAPACITY = 512 };

/* Characters that a terminal shows, of a text that is UTF-8. */
static size_t visible_length(const char *text) {
    size_t length = 0;
    for (; *text; text++) length += (*text & 0xC0) != 0x80;
    return length;
}

/* Made fit for a terminal, and no longer than a cell: of what is too long, such as a path, the end is left. */
static void fit(char cell[CELL_CAPACITY]) {
    printable_clean(cell);
    const size_t length = visible_length(cell);
    if (length <= CELL_WIDTH_MOST) return;
    const char *from = cell;
    for (size_t left = length - (CELL_WIDTH_MOST - 3); left > 0; from++)
        if ((from[1] & 0xC0) != 0x80) left--;
    char end[CELL_CAPACITY];
    snprintf(end, sizeof end, "...%s", from);
    memcpy(cell, end, strlen(end) + 1);
}

typedef void cell_writer(const run_record *record, const char *name, char cell[CELL_CAPACITY]);

/* The width of the runs' column: that of the longest path. */
static void print_row(const runs *all, const char *label, cell_writer *write, const char *name) {
    char shown[CELL_CAPACITY];
    snprintf(shown, sizeof shown, "%s", label);
    fit(shown);
    printf("%-*s", LABEL_WIDTH, shown);
    for (size_t r = 0; r < all->count; r++) {
        char cell[CELL_CAPACITY];
        write(&all->records[r], name, cell);
        fit(cell);
        const bool is_last = r + 1 == all->count;
        printf("  %s%*s", cell, is_last ? 0 : (int)(CELL_WIDTH_MOST - visible_length(cell)), "");
    }
    printf("\n");
}

static void write_path(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    (void)name;
    snprintf(cell, CELL_CAPACITY, "%s", record->path);
    for (size_t length = strlen(cell); length > 1 && cell[length - 1] == '/'; length--) cell[length - 1] = '\0';
}

static void write_setting(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    run_value_text(run_record_member(record, "settings", name), cell, CELL_CAPACITY);
}

static void write_device(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    run_value_text(run_record_member(record, "device", name), cell, CELL_CAPACITY);
}

static void write_whole(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    run_value_text(run_record_member(record, "", name), cell, CELL_CAPACITY);
}

static void write_shape(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    (void)name;
    run_shape_text(record, cell, CELL_CAPACITY);
}

static void write_epochs(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    char asked[32];
    run_value_text(run_record_member(record, "settings", name), asked, sizeof asked);
    if (record->is_sweep)
        snprintf(cell, CELL_CAPACITY, "a sweep: %s/sweep.csv", record->path);
    else
        snprintf(cell, CELL_CAPACITY, "%zu of %s%s", record->epoch_count, asked,
                 record->has_model ? "" : ", no model yet");
}

/* "0.2541 (epoch 7)" */
static void write_best(const run_record *record, size_t place, double value, char cell[CELL_CAPACITY]) {
    char figure[FIGURE_CAPACITY];
    if (place < record->epoch_count)
        snprintf(cell, CELL_CAPACITY, "%s (epoch %zu)", figure_text(value, false, figure),
                 record->epochs[place].number);
    else
        snprintf(cell, CELL_CAPACITY, "-");
}

static void write_best_cost(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    (void)name;
    const size_t best = run_record_best_cost(record);
    write_best(record, best, best < record->epoch_count ? record->epochs[best].valid_cost : NAN, cell);
}

/* `name` is "rmse" or "accuracy". */
static void write_best_score(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    const bool is_its = record->of_values == (strcmp(name, "rmse") == 0);
    const size_t best = is_its ? run_record_best_score(record) : record->epoch_count;
    write_best(record, best, best < record->epoch_count ? record->epochs[best].valid_score : NAN, cell);
}

static void write_last_cost(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    (void)name;
    if (record->epoch_count > 0)
        figure_text(record->epochs[record->epoch_count - 1].train_cost, false, cell);
    else
        snprintf(cell, CELL_CAPACITY, "-");
}

static void write_seconds(const run_record *record, const char *name, char cell[CELL_CAPACITY]) {
    (void)name;
    snprintf(cell, CELL_CAPACITY, record->is_sweep ? "-" : "%.*f", record->seconds < 100 ? 2 : 0, record->seconds);
}

static bool has_score(const runs *all, bool of_values) {
    for (size_t r = 0; r < all->count; r++)
        if (all->records[r].of_values == of_values &&
            run_record_best_score(&all->records[r]) < all->records[r].epoch_count)
            return true;
    return false;
}

/* ---- Settings that differ ---- */

/* Whether not all runs have the same value of a setting; one that a run does not have is null. */
static bool differs(const runs *all, const char *name) {
    for (size_t r = 1; r < all->count; r++) {
        const json_t *one = run_record_member(&all->records[0], "settings", name);
        const json_t *other = run_record_member(&all->records[r], "settings", name);
        if ((one && !json_is_null(one)) != (other && !json_is_null(other))) return true;
        if (one && other && !json_equal(one, other)) return true;
    }
    return false;
}

/* Calls `act` with each setting that differs, in the order of the first run that has it, until it fails. */
static epocl_status
for_each_difference(const runs *all, epocl_status (*act)(const runs *all, const char *name, void *user), void *user) {
    for (size_t r = 0; r < all->count; r++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(all->records[r].config, "settings"), name, value) {
            bool is_new = true;
            for (size_t earlier = 0; earlier < r; earlier++)
                is_new = is_new && !run_record_member(&all->records[earlier], "settings", name);
            if (!is_new || !differs(all, name)) continue;
            const epocl_status status = act(all, name, user);
            if (status != EPOCL_OK) return status;
        }
    }
    return EPOCL_OK;
}

static epocl_status print_difference(const runs *all, const char *name, void *user) {
    (void)user;
    print_row(all, name, write_setting, name);
    return EPOCL_OK;
}

static void print_table(const runs *all) {
    print_row(all, "run", write_path, "");
    (void)for_each_difference(all, print_difference, NULL);
    print_row(all, "network", write_shape, "");
    print_row(all, "epochs", write_epochs, "epochs");
    print_row(all, "best valid cost", write_best_cost, "");
    if (has_score(all, false)) print_row(all, "best valid accuracy", write_best_score, "accuracy");
    if (has_score(all, true)) print_row(all, "best valid rmse", write_best_score, "rmse");
    print_row(all, "last train cost", write_last_cost, "");
    print_row(all, "seconds", write_seconds, "");
    print_row(all, "device used", write_device, "name");
    print_row(all, "driver", write_device, "driver_version");
    print_row(all, "plan used", write_whole, "plan");
    print_row(all, "epocl", write_whole, "epocl");
}

/* ---- JSON ---- */

typedef struct difference_list {
    const run_record *record;
    json_t *settings;
} difference_list;

static epocl_status add_difference(const runs *all, const char *name, void *user) {
    (void)all;
    difference_list *list = user;
    json_t *value = json_deep_copy(run_record_member(list->record, "settings", name));
    if (json_object_set_new(list->settings, name, value ? value : json_null()) == 0) return EPOCL_OK;
    return fail(EPOCL_ERROR_MEMORY, "not enough memory for a line of JSON");
}

/* {"epoch": 7, "value": 0.25}, or null. */
static json_t *best_json(const run_record *record, size_t place, double value) {
    if (place >= record->epoch_count) return json_null();
    return json_pack("{sI so}", "epoch", (json_int_t)record->epochs[place].number, "value", json_number(value));
}

static json_t *member_json(const run_record *record, const char *object, const char *name) {
    json_t *copy = json_deep_copy(run_record_member(record, object, name));
    return copy ? copy : json_null();
}

static epocl_status print_json(const runs *all, const run_record *record) {
    epocl_status status = EPOCL_OK;
    const size_t count = record->epoch_count, cost = run_record_best_cost(record),
                 score = run_record_best_score(record);
    difference_list list = {record, json_object()};
    TRY(for_each_difference(all, add_difference, &list));
    TRY(json_line_print(json_pack("{ss so sO so sI so so so so sb so so so so}",             //
                                  "event", "compare",                                        //
                                  "run", byte_text_json(record->path),                       //
                                  "settings", list.settings,                                 //
                                  "network", member_json(record, "", "network"),             //
                                  "epochs", (json_int_t)count,                               //
                                  "epochs_asked", member_json(record, "settings", "epochs"), //
                                  "best_valid_cost",
                                  best_json(record, cost, cost < count ? record->epochs[cost].valid_cost : NAN),      //
                                  record->of_values ? "best_valid_rmse" : "best_valid_accuracy",                      //
                                  best_json(record, score, score < count ? record->epochs[score].valid_score : NAN),  //
                                  "last_train_cost", json_number(count ? record->epochs[count - 1].train_cost : NAN), //
                                  "has_model", record->has_model,                                                     //
                                  "seconds", json_number(record->seconds),                                            //
                                  "device", member_json(record, "", "device"),                                        //
                                  "plan", member_json(record, "", "plan"),                                            //
                                  "epocl", member_json(record, "", "epocl"))));
cleanup:
    json_decref(list.settings);
    return status;
}

/* ---- The command ---- */

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    runs all = {0};
    TRY(allocate(given->word_count, sizeof *all.records, "the runs", &all.records));
    for (; all.count < given->word_count; all.count++)
        TRY(run_record_read(given->words[all.count], &all.records[all.count]));
    if (!given->json) print_table(&all);
    for (size_t r = 0; r < all.count && given->json; r++) TRY(print_json(&all, &all.records[r]));
cleanup:
    for (size_t r = 0; r < all.count; r++) run_record_release(&all.records[r]);
    free(all.records);
    return status;
}

const command command_compare = {
    .name = "compare",
    .summary = "shows runs side by side: settings that differ, figures, times, devices",
    .examples = {"compare run1 run2", "compare runs/* --json"},
    .words = "DIR",
    .notes = "Of settings it shows those that are not the same in all of the runs. A run may be unfinished: it counts\n"
             "with the epochs in its history.csv. Seconds are those of all epochs together.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
