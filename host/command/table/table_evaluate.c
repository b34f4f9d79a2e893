#include "base/checked.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"
#include "data/encoder.h"
#include "model/network.h"

#include <math.h>
#include <stdio.h>

/* Errors of one target, in its unit. */
typedef struct target_errors {
    double rmse, mae, r2;
} target_errors;

/* Reads --data with what is a category to the model as texts, and takes the rows with targets. */
static epocl_status load(const settings *given, encoder *e, epocl_dataset **data) {
    epocl_status status = EPOCL_OK;
    table_options options;
    text_list missing = {0};
    table *read = NULL;
    const char **texts = NULL;
    uint32_t *rows = NULL;
    size_t row_count = 0;
    TRY(table_options_create(&given->table, &options, &missing));
    TRY(allocate(e->column_count, sizeof *texts, "the columns", &texts));
    options.texts = texts;
    for (size_t i = 0; i < e->column_count; i++)
        if (e->columns[i].kind == COLUMN_CATEGORY) texts[options.text_count++] = e->columns[i].name;
    TRY(table_read(given->data, &options, &read));
    TRY(encoder_rows(e, read, &rows, &row_count));
    TRY(encoder_encode(e, read, rows, row_count, true, TABLE_NO_COLUMN, data));
    if (row_count < read->row_count)
        print_line(stderr, "epocl: %s: %zu of %zu rows have no target and are left out", read->file_name,
                   read->row_count - row_count, read->row_count);
cleanup:
    free(rows);
    free(texts);
    table_release(read);
    text_list_release(&missing);
    return status;
}

/* `outputs` and the data set's values, [samples, targets], in turn. */
static target_errors errors_of(const encoder *e, const epocl_dataset *data, const float *outputs, size_t place) {
    const encoder_target *target = &e->targets[place];
    const double count = (double)data->sample_count;
    double squares = 0, absolutes = 0, sum = 0, spread = 0;
    for (size_t i = 0; i < data->sample_count; i++) sum += (double)data->values[i * e->target_count + place];
    for (size_t i = 0; i < data->sample_count; i++) {
        const size_t at = i * e->target_count + place;
        const double value = (double)data->values[at], wanted = value * (double)target->scale + (double)target->mean;
        const double error = (double)outputs[at] - wanted, distance = (value - sum / count) * (double)target->scale;
        squares += error * error;
        absolutes += fabs(error);
        spread += distance * distance;
    }
    return (target_errors){sqrt(squares / count), absolutes / count, spread > 0 ? 1 - squares / spread : NAN};
}

static epocl_status print_errors(const settings *given, const encoder *e, const epocl_dataset *data,
                                 const float *outputs, const char *device_name) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < e->target_count; i++) {
        const target_errors errors = errors_of(e, data, outputs, i);
        if (given->json)
            TRY(json_line_print(json_pack("{ss so so so so sI so}", "event", "evaluate", "target",
                                          json_text(e->targets[i].name), "rmse", json_number(errors.rmse), "mae",
                                          json_number(errors.mae), "r2", json_number(errors.r2), "samples",
                                          (json_int_t)data->sample_count, "device", json_text(device_name))));
        else
            print_line(stdout, "%s: rmse %.6g  mae %.6g  r2 %.6g  samples %zu  device %s", e->targets[i].name,
                       errors.rmse, errors.mae, errors.r2, data->sample_count, device_name);
    }
cleanup:
    return status;
}

static epocl_status print_classes(const settings *given, const epocl_evaluation *evaluation, const char *device_name) {
    if (given->json)
        return json_line_print(json_pack("{ss so so sI so}", "event", "evaluate", "cost", json_number(evaluation->cost),
                                         "accuracy", json_number(evaluation->accuracy), "samples",
                                         (json_int_t)evaluation->sample_count, "device", json_text(device_name)));
    print_line(stdout, "cost %.6g  accuracy %.6g  samples %zu  device %s", evaluation->cost, evaluation->accuracy,
               evaluation->sample_count, device_name);
    return EPOCL_OK;
}

epocl_status table_evaluate(const settings *given, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    encoder *e = network->encoder;
    epocl_dataset *data = NULL;
    epocl_device *device = NULL;
    epocl_device_info info;
    epocl_evaluation evaluation = {0};
    float *outputs = NULL;
    char device_name[300];
    TRY(load(given, e, &data));
    TRY(device_open(given, given->device, &device));
    epocl_device_describe(device, &info);
    device_text(&info, device_name, sizeof device_name);
    if (e->class_count) {
        TRY(epocl_evaluate(device, network, data, &evaluation));
        TRY(print_classes(given, &evaluation, device_name));
    } else {
        TRY(allocate(data->sample_count, e->target_count * sizeof *outputs, "the outputs", &outputs));
        TRY(epocl_predict(device, network, data, outputs));
        TRY(print_errors(given, e, data, outputs, device_name));
    }
cleanup:
    free(outputs);
    epocl_device_release(device);
    epocl_dataset_release(data);
    return status;
}
