/* Metrics, classes or outputs, and confusions. */
#include "base/plural.h"
#include "command/page/html.h"
#include "command/page/sections.h"

#include <math.h>
#include <string.h>

enum { MATRIX_CLASSES_MOST = 30, CLASS_ROWS_MOST = 200, CONFUSIONS_MOST = 10, COLUMNS_MOST = 8 };

static bool find(const evaluation *made, const char *name, epocl_metric *metric) {
    return epocl_metrics_find(made->metrics, name, metric) == EPOCL_OK;
}

/* ---- Of all samples ---- */

static void put_overall(FILE *out, const evaluation *made) {
    epocl_metric metric;
    fputs("<div class=\"columns\"><table><tbody>\n", out);
    for (size_t i = 0; epocl_metrics_at(made->metrics, i, &metric) == EPOCL_OK; i++)
        if ((metric.kind == EPOCL_METRIC_OVERALL || metric.kind == EPOCL_METRIC_AVERAGE) && isfinite(metric.values[0]))
            html_row(out, metric.label, "%.5g", metric.values[0]);
    fputs("</tbody></table></div>\n", out);
}

/* ---- Of each class, output or value ---- */

static void put_each(FILE *out, const evaluation *made, const char *kind, const char *const *names, size_t name_count,
                     const char *format) {
    epocl_metric columns[COLUMNS_MOST];
    char name[NAME_CAPACITY];
    size_t count = 0;
    for (size_t i = 0; i < name_count && count < COLUMNS_MOST; i++) count += find(made, names[i], &columns[count]);
    if (count == 0) return;
    fprintf(out, "<div class=\"scroll\"><table>\n<thead><tr><th>%s</th>", kind);
    for (size_t c = 0; c < count; c++) {
        fputs("<th class=\"n\">", out);
        html_text(out, columns[c].label);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t row = 0; row < columns[0].rows && row < CLASS_ROWS_MOST; row++) {
        evaluation_name(made, row, name);
        fputs("<tr><th>", out);
        html_text(out, name);
        fputs("</th>", out);
        for (size_t c = 0; c < count; c++)
            html_number(out, strcmp(columns[c].name, "support") == 0 ? "%.6g" : format, columns[c].values[row]);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
    if (columns[0].rows > CLASS_ROWS_MOST)
        html_note(out, "The first %d of %zu; epocl evaluate prints them all.", CLASS_ROWS_MOST, columns[0].rows);
}

/* ---- Confusions ---- */

static double row_sum(const epocl_metric *matrix, size_t row) {
    double sum = 0;
    for (size_t i = 0; i < matrix->columns; i++) sum += matrix->values[row * matrix->columns + i];
    return sum;
}

static void put_matrix(FILE *out, const evaluation *made, const epocl_metric *matrix) {
    char name[NAME_CAPACITY];
    html_note(out, "A row is a true class, a column a predicted one; the colour is the part of the row.");
    fputs("<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th></th>", out);
    for (size_t i = 0; i < matrix->columns; i++) {
        evaluation_name(made, i, name);
        fputs("<th>", out);
        html_text(out, name);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t row = 0; row < matrix->rows; row++) {
        const double sum = row_sum(matrix, row);
        evaluation_name(made, row, name);
        fputs("<tr><th>", out);
        html_text(out, name);
        fputs("</th>", out);
        for (size_t i = 0; i < matrix->columns; i++) {
            const double value = matrix->values[row * matrix->columns + i];
            fprintf(out, "<td%s style=\"--share:%.2f\">%.6g</td>", i == row ? " class=\"right\"" : "",
                    sum > 0 ? 0.6 * value / sum : 0.0, value);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

/* A place of the matrix off its diagonal. */
typedef struct confusion {
    size_t row, column;
    double value;
} confusion;

/* The largest, in order; ties by place. */
static size_t find_confusions(const epocl_metric *matrix, confusion found[CONFUSIONS_MOST]) {
    size_t count = 0;
    for (size_t row = 0; row < matrix->rows; row++)
        for (size_t column = 0; column < matrix->columns; column++) {
            const double value = matrix->values[row * matrix->columns + column];
            if (row == column || !(value > 0)) continue;
            size_t place = count;
            while (place > 0 && found[place - 1].value < value) place--;
            if (place == CONFUSIONS_MOST) continue;
            if (count < CONFUSIONS_MOST) count++;
            memmove(&found[place + 1], &found[place], (count - 1 - place) * sizeof *found);
            found[place] = (confusion){row, column, value};
        }
    return count;
}

static void put_confusions(FILE *out, const evaluation *made, const epocl_metric *matrix) {
    confusion found[CONFUSIONS_MOST];
    char name[NAME_CAPACITY];
    const size_t count = find_confusions(matrix, found);
    if (count == 0) return;
    fputs("<table><thead><tr><th>true</th><th>predicted</th><th class=\"n\">samples</th><th class=\"n\">part of the "
          "true</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < count; i++) {
        evaluation_name(made, found[i].row, name);
        fputs("<tr><td>", out);
        html_text(out, name);
        evaluation_name(made, found[i].column, name);
        fputs("</td><td>", out);
        html_text(out, name);
        fputs("</td>", out);
        html_number(out, "%.6g", found[i].value);
        html_number(out, "%.1f %%", 100 * found[i].value / row_sum(matrix, found[i].row));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

void section_evaluation(FILE *out, const evaluation *made, const char *on) {
    static const char *const of_classes[] = {"precision", "recall", "f1", "output_accuracy", "support"};
    static const char *const of_values[] = {"output_rmse", "output_mae", "output_r2"};
    epocl_metric matrix;
    html_heading(out, "What it gets right");
    html_note(out, "%s: %zu sample%s.", on, made->sample_count, plural_s(made->sample_count));
    put_overall(out, made);
    if (evaluation_is_of_values(made))
        put_each(out, made, "value", of_values, sizeof of_values / sizeof *of_values, "%.5g");
    else
        put_each(out, made, evaluation_is_of_classes(made) ? "class" : "output", of_classes,
                 sizeof of_classes / sizeof *of_classes, "%.4f");
    if (!find(made, "confusion_matrix", &matrix)) return;
    html_heading(out, "What it takes for what");
    if (matrix.columns <= MATRIX_CLASSES_MOST) put_matrix(out, made, &matrix);
    put_confusions(out, made, &matrix);
}
