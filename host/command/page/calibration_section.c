/* Whether probabilities are right as often as they say. */
#include "base/checked.h"
#include "command/page/html.h"
#include "command/page/sections.h"
#include "command/show/line_chart.h"

#include <math.h>

enum { BINS = 10 };

/* Of the probabilities from bin/BINS to (bin + 1)/BINS: sums of weights, of probabilities, and of what came true. */
typedef struct bin {
    double weight, said, came_true;
} bin;

static void add(bin bins[BINS], double probability, bool is_true, double weight) {
    const size_t place = smaller((size_t)(fmax(0, probability) * BINS), BINS - 1);
    bins[place].weight += weight;
    bins[place].said += weight * probability;
    if (is_true) bins[place].came_true += weight;
}

/* Of classes: the largest probability, and whether its class is right. Of answers: each by itself. */
static void fill(const evaluation *made, bin bins[BINS]) {
    for (size_t sample = 0; sample < made->sample_count; sample++) {
        const float *outputs = &made->outputs[sample * made->output_count];
        const double weight = evaluation_weight(made, sample);
        size_t largest = 0;
        for (size_t i = 0; i < made->output_count; i++) {
            if (outputs[i] > outputs[largest]) largest = i;
            if (!evaluation_is_of_classes(made))
                add(bins, (double)outputs[i], evaluation_value(made, sample, i) > 0.5, weight);
        }
        if (evaluation_is_of_classes(made))
            add(bins, (double)outputs[largest], largest == evaluation_label(made, sample), weight);
    }
}

static void put_chart(FILE *out, const bin bins[BINS]) {
    double x[BINS + 2], ideal[BINS + 2], seen[BINS + 2];
    size_t count = 0;
    x[count] = ideal[count] = 0;
    seen[count++] = NAN;
    for (size_t i = 0; i < BINS; i++) {
        if (!(bins[i].weight > 0)) continue;
        x[count] = ideal[count] = bins[i].said / bins[i].weight;
        seen[count++] = bins[i].came_true / bins[i].weight;
    }
    x[count] = ideal[count] = 1;
    seen[count++] = NAN;
    const chart_line lines[] = {{.name = "this model", .y = seen},
                                {.name = "as often as it says", .y = ideal, .is_reference = true}};
    line_chart_put(out, &(line_chart){.x_name = "probability that the model tells",
                                      .y_name = "is right",
                                      .x = x,
                                      .x_count = count,
                                      .lines = lines,
                                      .line_count = 2,
                                      .x_is_linear = true,
                                      .y_is_linear = true,
                                      .is_part = true});
}

static void put_bins(FILE *out, const bin bins[BINS], double weight) {
    fputs("<table><thead><tr><th>it says</th><th class=\"n\">on average</th><th class=\"n\">is right</th>"
          "<th class=\"n\">samples</th><th></th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < BINS; i++) {
        if (!(bins[i].weight > 0)) continue;
        fprintf(out, "<tr><td>%.1f to %.1f</td>", (double)i / BINS, (double)(i + 1) / BINS);
        html_number(out, "%.3f", bins[i].said / bins[i].weight);
        html_number(out, "%.3f", bins[i].came_true / bins[i].weight);
        html_number(out, "%.6g", bins[i].weight);
        html_bar(out, bins[i].weight / weight);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

void section_calibration(FILE *out, const evaluation *made) {
    bin bins[BINS] = {{0}};
    double weight = 0, error = 0;
    if (!evaluation_has_probabilities(made)) return;
    fill(made, bins);
    for (size_t i = 0; i < BINS; i++) {
        weight += bins[i].weight;
        error += fabs(bins[i].said - bins[i].came_true);
    }
    html_heading(out, "Calibration");
    html_note(out,
              evaluation_is_of_classes(made)
                  ? "Of the samples whose class gets such a probability, how many are of it. On average the two lie "
                    "%.3f apart (expected calibration error)."
                  : "Of the answers that get such a probability, how many are yes. On average the two lie %.3f apart "
                    "(expected calibration error).",
              weight > 0 ? error / weight : 0.0);
    fputs("<div class=\"charts\">\n", out);
    put_chart(out, bins);
    fputs("</div>\n", out);
    put_bins(out, bins, weight);
}
