/* Values: predicted beside true ones, and how far apart they are. */
#include "base/checked.h"
#include "command/page/html.h"
#include "command/page/sections.h"
#include "command/show/line_chart.h"

#include <math.h>
#include <stdlib.h>

enum { POINTS_MOST = 1000, VALUES_MOST = 4, BINS = 15 };

typedef struct pair {
    double truth, predicted;
} pair;

static int compare_pairs(const void *one, const void *other) {
    const double a = ((const pair *)one)->truth, b = ((const pair *)other)->truth;
    return (a > b) - (a < b);
}

static epocl_status put_scatter(FILE *out, const evaluation *made, size_t output) {
    epocl_status status = EPOCL_OK;
    const size_t stride = divide_up(made->sample_count, POINTS_MOST), count = divide_up(made->sample_count, stride);
    pair *pairs = NULL;
    double *x = NULL, *y = NULL;
    TRY(allocate(count, sizeof *pairs, "a chart", &pairs));
    TRY(allocate(count, sizeof *x, "a chart", &x));
    TRY(allocate(count, sizeof *y, "a chart", &y));
    for (size_t i = 0; i < count; i++)
        pairs[i] = (pair){evaluation_value(made, i * stride, output),
                          (double)made->outputs[i * stride * made->output_count + output]};
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < count; i++) {
        x[i] = pairs[i].truth;
        y[i] = pairs[i].predicted;
    }
    const chart_line lines[] = {
        {.name = stride > 1 ? "predicted, of some of the samples" : "predicted", .y = y, .has_points_alone = true},
        {.name = "as it should be", .y = x, .is_reference = true}};
    line_chart_put(out, &(line_chart){.x_name = "true value",
                                      .y_name = "predicted",
                                      .x = x,
                                      .x_count = count,
                                      .lines = lines,
                                      .line_count = 2,
                                      .x_is_linear = true,
                                      .y_is_linear = true,
                                      .is_part = true});
cleanup:
    free(pairs);
    free(x);
    free(y);
    return status;
}

static double residual(const evaluation *made, size_t sample, size_t output) {
    return (double)made->outputs[sample * made->output_count + output] - evaluation_value(made, sample, output);
}

/* 1, 2 or 5 times a power of ten, not below `value`. */
static double round_up_width(double value) {
    const double decade = pow(10, floor(log10(value)));
    return value <= decade ? decade : value <= 2 * decade ? 2 * decade : value <= 5 * decade ? 5 * decade : 10 * decade;
}

static void put_bins(FILE *out, const size_t counts[BINS], double low, double width) {
    size_t most = 1, first = BINS, last = 0;
    for (size_t i = 0; i < BINS; i++) {
        if (counts[i] == 0) continue;
        most = counts[i] > most ? counts[i] : most;
        first = smaller(first, i);
        last = i;
    }
    fputs("<table><thead><tr><th class=\"n\">predicted less true</th><th class=\"n\">samples</th><th></th></tr></thead>"
          "\n<tbody>\n",
          out);
    for (size_t i = first; i <= last; i++) {
        fprintf(out, "<tr><td class=\"n\">%.6g to %.6g</td>", low + width * (double)i, low + width * (double)(i + 1));
        html_number(out, "%.0f", (double)counts[i]);
        html_bar(out, (double)counts[i] / (double)most);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

/* How many samples are how far off; what is beyond the 1st and the 99th hundredth is in the first and the last bin. */
static epocl_status put_histogram(FILE *out, const evaluation *made, size_t output) {
    epocl_status status = EPOCL_OK;
    size_t counts[BINS] = {0};
    pair *sorted = NULL;
    TRY(allocate(made->sample_count, sizeof *sorted, "the residuals", &sorted));
    for (size_t i = 0; i < made->sample_count; i++) sorted[i].truth = residual(made, i, output);
    qsort(sorted, made->sample_count, sizeof *sorted, compare_pairs);
    const double first = sorted[made->sample_count / 100].truth,
                 last = sorted[made->sample_count - 1 - made->sample_count / 100].truth;
    const double width = round_up_width(fmax(fmax((last - first) / (BINS - 1), fabs(first) * 1e-6), 1e-30));
    const double low = floor(first / width) * width;
    for (size_t i = 0; i < made->sample_count; i++) {
        const double place = (sorted[i].truth - low) / width;
        counts[place > 0 ? smaller((size_t)fmin(place, BINS), BINS - 1) : 0]++;
    }
    put_bins(out, counts, low, width);
cleanup:
    free(sorted);
    return status;
}

epocl_status section_residuals(FILE *out, const evaluation *made) {
    epocl_status status = EPOCL_OK;
    char name[NAME_CAPACITY], title[NAME_CAPACITY + 16];
    if (!evaluation_is_of_values(made)) return EPOCL_OK;
    for (size_t output = 0; output < made->output_count && output < VALUES_MOST; output++) {
        evaluation_name(made, output, name);
        snprintf(title, sizeof title, "Residuals of %s", made->output_count > 1 || *name > '9' ? name : "the value");
        html_heading(out, title);
        fputs("<div class=\"charts\">\n", out);
        TRY(put_scatter(out, made, output));
        fputs("</div>\n", out);
        TRY(put_histogram(out, made, output));
    }
cleanup:
    return status;
}
