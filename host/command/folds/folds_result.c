#include "command/folds/folds_result.h"

#include "base/checked.h"
#include "base/files/output_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMN_WIDTH = 10, LINE_CAPACITY = 1024 };

epocl_status folds_result_begin(size_t fold_count, bool is_json, folds_result *result) {
    *result = (folds_result){.is_json = is_json, .capacity = fold_count};
    return allocate(fold_count, sizeof *result->rows, "the folds of a table", &result->rows);
}

void folds_result_release(folds_result *result) {
    free(result->rows);
    *result = (folds_result){0};
}

/* ---- Printing ------------------------------------------------------------------------------------ */

/* People see what is of all samples, but for the cost, which the task's metrics say in better units. */
static bool is_shown(const epocl_metric *metric) {
    return metric->kind == EPOCL_METRIC_OVERALL && strcmp(metric->name, "cost") != 0;
}

static void print_header(const folds_result *result) {
    printf("%-6s  %9s  %6s", "fold", "held out", "epoch");
    for (size_t i = 0; i < result->metric_count; i++)
        if (is_shown(&result->metrics[i])) printf("  %*s", COLUMN_WIDTH, result->metrics[i].name);
    putchar('\n');
}

static void print_values(const folds_result *result, const double *values) {
    for (size_t i = 0; i < result->metric_count; i++) {
        char text[32] = "-";
        if (!is_shown(&result->metrics[i])) continue;
        if (isfinite(values[i])) snprintf(text, sizeof text, "%.5g", values[i]);
        const int length = (int)strlen(result->metrics[i].name);
        printf("  %*s", length > COLUMN_WIDTH ? length : COLUMN_WIDTH, text);
    }
    putchar('\n');
    fflush(stdout);
}

static json_t *values_json(const folds_result *result, const double *values, json_t *object) {
    for (size_t i = 0; object && i < result->metric_count; i++) {
        if (json_object_set_new(object, result->metrics[i].name, json_number(values[i])) == 0) continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

static epocl_status print_row(const folds_result *result, const fold_row *row) {
    if (result->is_json)
        return json_line_print(values_json(result, row->values,
                                           json_pack("{ss sI sI sI sI sI}", "event", "fold",        //
                                                     "fold", (json_int_t)row->fold,                 //
                                                     "train_samples", (json_int_t)row->train_count, //
                                                     "valid_samples", (json_int_t)row->valid_count, //
                                                     "samples", (json_int_t)row->held_out_count,    //
                                                     "epoch", (json_int_t)row->epoch)));
    if (result->count == 1) print_header(result);
    printf("%-6zu  %9zu  %6zu", row->fold, row->held_out_count, row->epoch);
    print_values(result, row->values);
    return EPOCL_OK;
}

/* ---- Collecting ---------------------------------------------------------------------------------- */

epocl_status folds_result_add(folds_result *result, const fold_row *row, const epocl_metrics *metrics) {
    fold_row *to = &result->rows[result->count++];
    epocl_metric metric;
    size_t count = 0;
    *to = *row;
    for (size_t i = 0; count < FOLD_METRICS && epocl_metrics_at(metrics, i, &metric) == EPOCL_OK; i++) {
        if (metric.kind > EPOCL_METRIC_AVERAGE) continue;
        result->metrics[count] = metric;
        to->values[count++] = metric.values[0];
    }
    result->metric_count = count;
    return print_row(result, to);
}

static void summarise(const folds_result *result, double mean[FOLD_METRICS], double deviation[FOLD_METRICS]) {
    for (size_t i = 0; i < result->metric_count; i++) {
        double sum = 0.0, squares = 0.0;
        for (size_t f = 0; f < result->count; f++) sum += result->rows[f].values[i];
        mean[i] = sum / (double)result->count;
        for (size_t f = 0; f < result->count; f++) squares += pow(result->rows[f].values[i] - mean[i], 2);
        deviation[i] = sqrt(squares / (double)result->count);
    }
}

epocl_status folds_result_end(const folds_result *result, const epocl_device_info *device) {
    double mean[FOLD_METRICS] = {0}, deviation[FOLD_METRICS] = {0};
    char device_name[300];
    summarise(result, mean, deviation);
    device_text(device, device_name, sizeof device_name);
    if (result->is_json)
        return json_line_print(json_pack("{ss sI so so so}", "event", "folds",                       //
                                         "folds", (json_int_t)result->count,                         //
                                         "mean", values_json(result, mean, json_object()),           //
                                         "deviation", values_json(result, deviation, json_object()), //
                                         "device", json_text(device_name)));
    printf("%-6s  %9s  %6s", "mean", "", "");
    print_values(result, mean);
    printf("%-6s  %9s  %6s", "+-", "", "");
    print_values(result, deviation);
    return EPOCL_OK;
}

/* ---- The file ------------------------------------------------------------------------------------ */

static epocl_status write_line(output_file *file, const folds_result *result, const fold_row *row) {
    char line[LINE_CAPACITY];
    size_t used = 0;
    used += (size_t)(row ? snprintf(line, sizeof line, "%zu,%zu,%zu,%zu,%zu", row->fold, row->train_count,
                                    row->valid_count, row->held_out_count, row->epoch)
                         : snprintf(line, sizeof line, "fold,train_samples,valid_samples,samples,epoch"));
    for (size_t i = 0; i < result->metric_count; i++) {
        if (!row)
            used += (size_t)snprintf(line + used, sizeof line - used, ",%s", result->metrics[i].name);
        else
            used += (size_t)snprintf(line + used, sizeof line - used, isfinite(row->values[i]) ? ",%.9g" : ",",
                                     row->values[i]);
    }
    line[used++] = '\n';
    return output_file_write(file, line, used);
}

epocl_status folds_result_save(const folds_result *result, int folder, const char *name) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    TRY(output_file_open_at(folder, name, &file));
    TRY(write_line(file, result, NULL));
    for (size_t i = 0; i < result->count; i++) TRY(write_line(file, result, &result->rows[i]));
    TRY(output_file_commit(file));
cleanup:
    output_file_release(file);
    return status;
}
