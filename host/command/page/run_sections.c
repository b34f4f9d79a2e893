/* Of a run's own record: figures, curves, settings, device, epochs. */
#include "base/checked.h"
#include "base/plural.h"
#include "command/page/html.h"
#include "command/page/sections.h"
#include "command/show/describe.h"
#include "command/show/figure.h"
#include "command/show/line_chart.h"

#include <math.h>
#include <string.h>

enum { VALUE_CAPACITY = 4096, CURVE_POINTS = 400, EPOCH_ROWS = 1000 };

/* ---- Figures ---- */

static void put_figure(FILE *out, const char *value, const char *name) {
    fputs("<div><b>", out);
    html_text(out, value);
    fputs("</b><span>", out);
    html_text(out, name);
    fputs("</span></div>\n", out);
}

/* Whether errors are of several numbers of a table, each on a scale of its own. */
static bool is_scaled(const run_record *record) {
    const char *inputs = json_string_value(run_record_member(record, "network", "normalization"));
    const json_t *layers = run_record_member(record, "network", "layers");
    const json_t *last = json_array_get(layers, json_array_size(layers) - 1);
    const bool is_table = inputs && strcmp(inputs, "encoder") == 0;
    return record->of_values && is_table && json_integer_value(json_object_get(last, "outputs")) > 1;
}

static const char *score_name(const run_record *record) {
    return is_scaled(record) ? "RMSE (scaled)" : record->of_values ? "RMSE" : "accuracy";
}

void section_figures(FILE *out, const run_record *record) {
    char value[64], name[96], asked[32];
    const size_t cost = run_record_best_cost(record), score = run_record_best_score(record);
    fputs("<div class=\"figures\">\n", out);
    if (score < record->epoch_count) {
        const double best = record->epochs[score].valid_score;
        if (record->of_values)
            figure_text(best, false, value);
        else
            snprintf(value, sizeof value, "%.4f", best);
        snprintf(name, sizeof name, "best validation %s, epoch %zu", score_name(record), record->epochs[score].number);
        put_figure(out, value, name);
    }
    if (cost < record->epoch_count) {
        snprintf(value, sizeof value, "%.5g", record->epochs[cost].valid_cost);
        snprintf(name, sizeof name, "best validation cost, epoch %zu", record->epochs[cost].number);
        put_figure(out, value, name);
    }
    if (record->epoch_count > 0) { /* a sweep tells of no epochs */
        run_value_text(run_record_member(record, "settings", "epochs"), asked, sizeof asked);
        snprintf(value, sizeof value, "%zu", record->epoch_count);
        snprintf(name, sizeof name, "epoch%s, of at most %s", plural_s(record->epoch_count), asked);
        put_figure(out, value, name);
        snprintf(value, sizeof value, record->seconds < 100 ? "%.2f s" : "%.0f s", record->seconds);
        put_figure(out, value, "in training");
    }
    fputs("</div>\n", out);
    if (!record->has_model) html_note(out, "The run has not come to an end: there is no model.safetensors yet.");
}

/* ---- Curves ---- */

/* A run's epochs, or every so manieth and the last, as a chart has them. */
typedef struct curve {
    double train[CURVE_POINTS + 1], valid[CURVE_POINTS + 1];
} curve;

typedef struct curves {
    size_t count;
    double x[CURVE_POINTS + 1];
    curve cost, score;
} curves;

static void add_point(curves *made, const run_epoch *epoch) {
    const size_t i = made->count++;
    made->x[i] = (double)epoch->number;
    made->cost.train[i] = epoch->train_cost;
    made->cost.valid[i] = epoch->valid_cost;
    made->score.train[i] = epoch->train_score;
    made->score.valid[i] = epoch->valid_score;
}

static bool has_values(const double *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) return true;
    return false;
}

/* Whether values are so far apart that only a logarithmic axis shows them. */
static bool needs_logarithm(const double *values, size_t count, double *least, double *most) {
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i])) continue;
        *least = fmin(*least, values[i]);
        *most = fmax(*most, values[i]);
    }
    return *least > 0 && *most > 30 * *least;
}

static void put_curve(FILE *out, const curves *made, const char *y_name, const curve *shown, bool can_be_logarithmic) {
    double least = INFINITY, most = -INFINITY;
    chart_line lines[2];
    size_t count = 0;
    if (has_values(shown->train, made->count)) lines[count++] = (chart_line){.name = "training", .y = shown->train};
    if (has_values(shown->valid, made->count)) lines[count++] = (chart_line){.name = "validation", .y = shown->valid};
    if (count == 0) return;
    (void)needs_logarithm(shown->train, made->count, &least, &most);
    const bool is_logarithmic = needs_logarithm(shown->valid, made->count, &least, &most) && can_be_logarithmic;
    line_chart_put(out, &(line_chart){.x_name = "epoch",
                                      .y_name = y_name,
                                      .x = made->x,
                                      .x_count = made->count,
                                      .lines = lines,
                                      .line_count = count,
                                      .x_is_linear = true,
                                      .x_is_whole = true,
                                      .y_is_linear = !is_logarithmic,
                                      .is_part = true});
}

epocl_status section_curves(FILE *out, const run_record *record) {
    epocl_status status = EPOCL_OK;
    curves *made = NULL;
    if (record->epoch_count == 0) return EPOCL_OK;
    TRY(allocate(1, sizeof *made, "the learning curves", &made));
    const size_t stride = divide_up(record->epoch_count, CURVE_POINTS);
    for (size_t i = 0; i + 1 < record->epoch_count; i += stride) add_point(made, &record->epochs[i]);
    add_point(made, &record->epochs[record->epoch_count - 1]);
    html_heading(out, "Learning curves");
    fputs("<div class=\"charts\">\n", out);
    put_curve(out, made, "cost", &made->cost, true);
    put_curve(out, made, score_name(record), &made->score, record->of_values);
    fputs("</div>\n", out);
cleanup:
    free(made);
    return status;
}

/* ---- The run ---- */

static void put_member(FILE *out, const run_record *record, const char *name, const char *object, const char *member) {
    char text[VALUE_CAPACITY];
    const json_t *value = run_record_member(record, object, member);
    if (!value || json_is_null(value)) return;
    run_value_text(value, text, sizeof text);
    html_row(out, name, "%s", text);
}

static void put_times(FILE *out, const run_record *record) {
    char text[64];
    if (record->epoch_count == 0) return;
    const run_epoch *last = &record->epochs[record->epoch_count - 1];
    duration_text(record->seconds, text, sizeof text);
    html_row(out, "training took", "%s (%.3g s an epoch)", text, record->seconds / (double)record->epoch_count);
    if (isfinite(last->samples_per_second))
        html_row(out, "samples a second", "%.0f, in the last epoch", last->samples_per_second);
}

void section_run(FILE *out, const run_record *record) {
    char shape[VALUE_CAPACITY];
    html_heading(out, "Network, device and times");
    fputs("<table><tbody>\n", out);
    run_shape_text(record, shape, sizeof shape);
    html_row(out, "network", "%s", shape);
    put_member(out, record, "parameters", "network", "parameters");
    put_member(out, record, "activation", "network", "activation");
    put_member(out, record, "cost", "network", "cost");
    put_member(out, record, "inputs", "network", "normalization");
    put_member(out, record, "device", "device", "name");
    put_member(out, record, "platform", "device", "platform_name");
    put_member(out, record, "driver", "device", "driver_version");
    put_member(out, record, "plan", "", "plan");
    put_times(out, record);
    put_member(out, record, "epocl", "", "epocl");
    put_member(out, record, "begun in", "", "folder");
    fputs("</tbody></table>\n", out);
}

void section_reproduce(FILE *out, const run_record *record, const char *words) {
    char text[VALUE_CAPACITY];
    const char *name;
    json_t *value;
    html_heading(out, "How to make it again");
    if (*words) {
        html_note(out, "With the same data, device, driver and epocl this makes the same model, byte for byte.");
        fputs("<pre>", out);
        html_text(out, words);
        fputs("</pre>\n", out);
    }
    fputs("<details><summary>All settings</summary>\n<div class=\"columns\"><table><tbody>\n", out);
    json_object_foreach(json_object_get(record->config, "settings"), name, value) {
        if (json_is_null(value)) continue;
        run_value_text(value, text, sizeof text);
        html_row(out, name, "%s", text);
    }
    fputs("</tbody></table></div></details>\n", out);
}

/* ---- Epochs ---- */

void section_epochs(FILE *out, const run_record *record) {
    if (record->epoch_count == 0) return;
    const size_t stride = divide_up(record->epoch_count, EPOCH_ROWS);
    fprintf(out, "<details><summary>%s epochs</summary>\n<div class=\"scroll\"><table>\n",
            stride > 1 ? "Some of the" : "All");
    fprintf(out,
            "<thead><tr><th class=\"n\">epoch</th><th class=\"n\">training cost</th><th class=\"n\">%s</th>"
            "<th class=\"n\">validation cost</th><th class=\"n\">%s</th><th class=\"n\">seconds</th></tr></thead>\n"
            "<tbody>\n",
            score_name(record), score_name(record));
    for (size_t i = 0; i < record->epoch_count; i += stride) {
        const run_epoch *epoch = &record->epochs[i];
        fprintf(out, "<tr><td class=\"n\">%zu</td>", epoch->number);
        const double values[] = {epoch->train_cost, epoch->train_score, epoch->valid_cost, epoch->valid_score,
                                 epoch->seconds};
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) html_number(out, NULL, values[v]);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div></details>\n", out);
}
