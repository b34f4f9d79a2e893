#include "command/bench/sweep.h"

#include "base/checked.h"
#include "base/plural.h"
#include "command/show/json_line.h"
#include "command/show/line_chart.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const sweep_choices[] = {"width", "batch", "depth", "samples", NULL};

/* An epoch is made of no more than this, where that is two mini-batches at least: a quarter of a second on one good
 * core. Steps of small batches take as long as those of BUSY_BATCH: they wait for the weights. */
static const double epoch_flop = 2e10;
enum { BUSY_BATCH = 16 };

/* Where the ladder begins and ends, unless the settings say so, and where it may end. */
static const struct {
    const char *kind;
    size_t from, to, most;
} ladders[] = {
    {"width", 8, 1024, 1 << 16},
    {"batch", 1, 1024, 1 << 20},
    {"depth", 1, 16, LIST_CAPACITY - 2},
    {"samples", 1000, 64000, 1 << 20},
};

epocl_status bench_sweep_create(const settings *given, bench_sweep *sweep) {
    size_t place = 0;
    while (strcmp(ladders[place].kind, given->sweep) != 0) place++;
    const bool is_of_hidden = strcmp(given->sweep, "width") == 0 || strcmp(given->sweep, "depth") == 0;
    const size_t from = given->sweep_from ? (size_t)given->sweep_from : ladders[place].from;
    const size_t to = given->sweep_to ? (size_t)given->sweep_to : ladders[place].to;
    *sweep = (bench_sweep){.kind = ladders[place].kind};
    if (is_of_hidden && given->shape.count < 3)
        return fail(EPOCL_ERROR_ARGUMENT, "a sweep of %s needs a hidden layer in --net", given->sweep);
    if (to > ladders[place].most)
        return fail(EPOCL_ERROR_ARGUMENT, "a sweep of %s goes to %zu at most, not %zu", given->sweep,
                    ladders[place].most, to);
    if (from > to)
        return fail(EPOCL_ERROR_ARGUMENT, "a sweep cannot go from %zu to %zu; see --from and --to", from, to);
    for (size_t value = from; value <= to; value *= 2) sweep->values[sweep->point_count++] = value;
    return EPOCL_OK;
}

void bench_sweep_release(bench_sweep *sweep) {
    for (size_t l = 0; l < sweep->line_count; l++) free(sweep->lines[l].name);
    free(sweep->lines);
    *sweep = (bench_sweep){0};
}

epocl_status bench_sweep_case(const bench_sweep *sweep, size_t point, const settings *given, bench_case *made) {
    const size_t value = sweep->values[point];
    const bench_recipe *recipe = &bench_recipes[given->bench_recipe];
    whole_list units = given->shape;
    size_t batch_size = (size_t)given->library.training.batch_size, sample_count = (size_t)given->samples;
    if (strcmp(sweep->kind, "width") == 0)
        for (size_t i = 1; i + 1 < units.count; i++) units.values[i] = value;
    if (strcmp(sweep->kind, "depth") == 0) {
        units.count = value + 2;
        for (size_t i = 1; i <= value; i++) units.values[i] = given->shape.values[1];
        units.values[value + 1] = given->shape.values[given->shape.count - 1];
    }
    if (strcmp(sweep->kind, "batch") == 0) {
        batch_size = value;
        if (sample_count < 2 * value) sample_count = 2 * value;
    }
    if (strcmp(sweep->kind, "samples") == 0) return bench_case_create(recipe, &units, batch_size, value, made);
    const double waiting = batch_size < BUSY_BATCH ? (double)BUSY_BATCH / (double)batch_size : 1;
    const double fitting = epoch_flop / (waiting * bench_flop_per_sample(&units));
    if (fitting < (double)sample_count)
        sample_count = smaller(sample_count, fitting < 2 * (double)batch_size ? 2 * batch_size : (size_t)fitting);
    return bench_case_create(recipe, &units, batch_size, sample_count, made);
}

epocl_status bench_sweep_record(bench_sweep *sweep, size_t point, const bench_row *row, double samples_per_second) {
    size_t l = 0;
    while (l < sweep->line_count && strcmp(sweep->lines[l].name, row->device) != 0) l++;
    if (l == sweep->line_count) {
        sweep_line *lines = realloc(sweep->lines, (l + 1) * sizeof *lines);
        if (lines) sweep->lines = lines;
        char *name = strdup(row->device);
        if (!lines || !name) {
            free(name);
            return fail(EPOCL_ERROR_MEMORY, "not enough memory for a sweep");
        }
        sweep->line_count++;
        lines[l] = (sweep_line){.name = name, .kind = row->kind};
        for (size_t i = 0; i < SWEEP_POINTS; i++) lines[l].rates[i] = NAN;
    }
    sweep->lines[l].rates[point] = samples_per_second;
    return EPOCL_OK;
}

/* ---- Crossover -------------------------------------------------------------------------------- */

size_t bench_crossover(const double *device, const double *baseline, size_t count) {
    size_t first = count;
    for (size_t i = count; i-- > 0;) {
        if (isnan(device[i]) || isnan(baseline[i])) continue;
        if (!(device[i] > baseline[i])) break;
        first = i;
    }
    return first;
}

static void fastest_baseline(const bench_sweep *sweep, double *rates) {
    for (size_t i = 0; i < sweep->point_count; i++) {
        rates[i] = NAN;
        for (size_t l = 0; l < sweep->line_count; l++)
            if (sweep->lines[l].kind == BENCH_BASELINE) rates[i] = fmax(rates[i], sweep->lines[l].rates[i]);
    }
}

static epocl_status print_crossover(const bench_sweep *sweep, const sweep_line *device, const double *baseline,
                                    bool is_json) {
    const size_t count = sweep->point_count, at = bench_crossover(device->rates, baseline, count);
    size_t first = count, last = 0; /* where both were measured */
    for (size_t i = 0; i < count; i++) {
        if (isnan(device->rates[i]) || isnan(baseline[i])) continue;
        if (first == count) first = i;
        last = i;
    }
    if (first == count) return EPOCL_OK;
    const size_t *values = sweep->values;
    if (is_json)
        return json_line_print(json_pack("{ss so ss so sI sI}",             //
                                         "event", "crossover",              //
                                         "device", json_text(device->name), //
                                         "sweep", sweep->kind,              //
                                         "from", at < count ? json_integer((json_int_t)values[at]) : json_null(),
                                         "measured_from", (json_int_t)values[first], //
                                         "measured_to", (json_int_t)values[last]));
    if (at == count)
        print_line(stdout, "%s does not beat the fastest CPU baseline at %s %zu, the largest measured", device->name,
                   sweep->kind, values[last]);
    else if (at == first)
        print_line(stdout, "%s beats the fastest CPU baseline at every %s measured, %zu to %zu", device->name,
                   sweep->kind, values[first], values[last]);
    else
        print_line(stdout, "%s beats the fastest CPU baseline from %s %zu on, measured to %zu", device->name,
                   sweep->kind, values[at], values[last]);
    return EPOCL_OK;
}

epocl_status bench_sweep_print_crossovers(const bench_sweep *sweep, bool is_json) {
    epocl_status status = EPOCL_OK;
    double baseline[SWEEP_POINTS];
    fastest_baseline(sweep, baseline);
    if (!is_json) printf("\n");
    for (size_t l = 0; l < sweep->line_count; l++)
        if (sweep->lines[l].kind == BENCH_DEVICE) TRY(print_crossover(sweep, &sweep->lines[l], baseline, is_json));
cleanup:
    return status;
}

/* ---- Plot ------------------------------------------------------------------------------------- */

/* "training 784-width-10, batch 32, 10000 samples": what varies is named instead of numbered. */
static void title_text(const bench_sweep *sweep, const settings *given, char *text, size_t capacity) {
    const whole_list *units = &given->shape;
    char hidden[100] = "", batch[32], samples[48];
    size_t used = 0;
    for (size_t i = 1; i + 1 < units->count && used < sizeof hidden; i++)
        used += (size_t)(strcmp(sweep->kind, "width") == 0
                             ? snprintf(hidden + used, sizeof hidden - used, "-width")
                             : snprintf(hidden + used, sizeof hidden - used, "-%zu", units->values[i]));
    if (strcmp(sweep->kind, "depth") == 0) snprintf(hidden, sizeof hidden, "-depth x %zu", units->values[1]);
    snprintf(batch, sizeof batch, "%zu", (size_t)given->library.training.batch_size);
    snprintf(samples, sizeof samples, "%zu sample%s", (size_t)given->samples, plural_s((size_t)given->samples));
    snprintf(text, capacity, "training %zu%s-%zu, batch %s, %s", units->values[0], hidden,
             units->values[units->count - 1], strcmp(sweep->kind, "batch") == 0 ? "of N" : batch,
             strcmp(sweep->kind, "samples") == 0 ? "N samples" : samples);
}

epocl_status bench_sweep_plot(const bench_sweep *sweep, const settings *given, char **text, size_t *byte_count) {
    epocl_status status = EPOCL_OK;
    char title[200];
    double x[SWEEP_POINTS];
    chart_line *lines = NULL;
    TRY(allocate(sweep->line_count, sizeof *lines, "a chart", &lines));
    for (size_t i = 0; i < sweep->point_count; i++) x[i] = (double)sweep->values[i];
    for (size_t l = 0; l < sweep->line_count; l++)
        lines[l] = (chart_line){.name = sweep->lines[l].name, .y = sweep->lines[l].rates};
    title_text(sweep, given, title, sizeof title);
    const line_chart chart = {.title = title,
                              .x_name = sweep->kind,
                              .y_name = "samples/s",
                              .x = x,
                              .x_count = sweep->point_count,
                              .lines = lines,
                              .line_count = sweep->line_count};
    TRY(line_chart_svg(&chart, text, byte_count));
cleanup:
    free(lines);
    return status;
}
