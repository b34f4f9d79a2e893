#include "command/show/metrics_table.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MOST_CONFUSION = 20, LABEL_WIDTH = 17, COLUMN_WIDTH = 10, NUMBER_CAPACITY = 32 };

/* ---- JSON ------------------------------------------------------------------------------------- */

static json_t *numbers_json(const double *values, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) array = json_appended(array, json_number(values[i]));
    return array;
}

static json_t *metric_json(const epocl_metric *metric) {
    if (metric->kind == EPOCL_METRIC_OVERALL || metric->kind == EPOCL_METRIC_AVERAGE)
        return json_number(metric->values[0]);
    if (metric->kind == EPOCL_METRIC_EACH) return numbers_json(metric->values, metric->rows);
    json_t *rows = json_array();
    for (size_t i = 0; i < metric->rows; i++)
        rows = json_appended(rows, numbers_json(metric->values + i * metric->columns, metric->columns));
    return rows;
}

json_t *metrics_json(json_t *object, const epocl_metrics *metrics) {
    epocl_metric metric;
    for (size_t i = 0; object && epocl_metrics_at(metrics, i, &metric) == EPOCL_OK; i++) {
        if (json_object_get(object, metric.name) || json_object_set_new(object, metric.name, metric_json(&metric)) == 0)
            continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

/* ---- Table ------------------------------------------------------------------------------------ */

static bool find(const epocl_metrics *metrics, const char *name, epocl_metric *metric) {
    return epocl_metrics_find(metrics, name, metric) == EPOCL_OK;
}

static void print_cell(double value, const char *format) {
    char text[NUMBER_CAPACITY] = "-";
    if (isfinite(value)) snprintf(text, sizeof text, format, value);
    printf("  %*s", COLUMN_WIDTH, text);
}

/* Sums of weights: whole numbers where samples have none. */
static void print_support(double value) {
    print_cell(value, value == floor(value) && value < 1e15 ? "%.0f" : "%.6g");
}

static double sum_of(const epocl_metric *metric) {
    double sum = 0.0;
    for (size_t i = 0; i < metric->rows; i++) sum += metric->values[i];
    return sum;
}

/* Lines of `kind` with the metrics named, each a value for each class or output, in this format. */
static void print_each(const epocl_metrics *metrics, const char *kind, const char *const *names, size_t name_count,
                       const char *format) {
    epocl_metric columns[8];
    size_t count = 0;
    for (size_t i = 0; i < name_count; i++) count += find(metrics, names[i], &columns[count]);
    if (count == 0) return;
    printf("\n%*s", LABEL_WIDTH, kind);
    for (size_t i = 0; i < count; i++) printf("  %*s", COLUMN_WIDTH, columns[i].label);
    printf("\n");
    for (size_t row = 0; row < columns[0].rows; row++) {
        printf("%*zu", LABEL_WIDTH, row);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(columns[i].name, "support") == 0)
                print_support(columns[i].values[row]);
            else
                print_cell(columns[i].values[row], format);
        }
        printf("\n");
    }
}

/* A line of averages below those of classes or answers. */
static void print_averages(const epocl_metrics *metrics, const char *average) {
    static const char *const of[] = {"precision", "recall", "f1"};
    epocl_metric metric, support;
    char name[NUMBER_CAPACITY];
    snprintf(name, sizeof name, "%s_precision", average);
    if (!find(metrics, name, &metric) || !find(metrics, "support", &support)) return;
    printf("%*s avg", LABEL_WIDTH - 4, average);
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        snprintf(name, sizeof name, "%s_%s", average, of[i]);
        if (find(metrics, name, &metric)) print_cell(metric.values[0], "%.4f");
    }
    print_support(sum_of(&support));
    printf("\n");
}

/* The metrics of all samples; the caller has told cost and accuracy. */
static void print_overall(const epocl_metrics *metrics) {
    epocl_metric metric;
    bool is_first = true;
    for (size_t i = 0; epocl_metrics_at(metrics, i, &metric) == EPOCL_OK; i++) {
        if (metric.kind != EPOCL_METRIC_OVERALL) continue;
        if (strcmp(metric.name, "cost") == 0 || strcmp(metric.name, "accuracy") == 0) continue;
        printf("%s%*s", is_first ? "\n" : "", LABEL_WIDTH, metric.label);
        print_cell(metric.values[0], "%.6g");
        printf("\n");
        is_first = false;
    }
}

static void print_confusion(const epocl_metrics *metrics) {
    epocl_metric metric;
    if (!find(metrics, "confusion_matrix", &metric) || metric.columns > MOST_CONFUSION) return;
    printf("\nconfusion matrix, a row a true class, a column a predicted one\n\n%6s", "");
    for (size_t i = 0; i < metric.columns; i++) printf(" %6zu", i);
    printf("\n");
    for (size_t row = 0; row < metric.rows; row++) {
        printf("%6zu", row);
        for (size_t i = 0; i < metric.columns; i++) printf(" %6.6g", metric.values[row * metric.columns + i]);
        printf("\n");
    }
}

void metrics_table_print(const epocl_metrics *metrics) {
    static const char *const of_classes[] = {"precision", "recall", "f1", "output_accuracy", "support"};
    static const char *const of_values[] = {"output_rmse", "output_mae", "output_r2"};
    epocl_metric metric;
    print_each(metrics, find(metrics, "output_accuracy", &metric) ? "output" : "class", of_classes,
               sizeof of_classes / sizeof *of_classes, "%.4f");
    print_averages(metrics, "micro");
    print_averages(metrics, "macro");
    print_averages(metrics, "weighted");
    if (find(metrics, "output_rmse", &metric) && metric.rows > 1)
        print_each(metrics, "value", of_values, sizeof of_values / sizeof *of_values, "%.6g");
    print_overall(metrics);
    print_confusion(metrics);
}
