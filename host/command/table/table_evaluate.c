#include "base/checked.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/table/column_lines.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"
#include "data/encoder/encoder_bind.h"
#include "model/network.h"

/* What is text to the model is text. */
static epocl_status read_data(const settings *given, const encoder *e, table **read) {
    epocl_status status = EPOCL_OK;
    table_options options;
    text_list missing = {0};
    const char **texts = NULL;
    TRY(table_options_create(&given->table, &options, &missing));
    TRY(allocate(e->column_count + 1, sizeof *texts, "the columns", &texts));
    options.texts = texts;
    options.text_count = encoder_text_columns(e, texts);
    TRY(table_read(given->data, &options, read));
    table_tell_ragged(*read);
cleanup:
    free(texts);
    text_list_release(&missing);
    return status;
}

epocl_status table_evaluation_load(const settings *given, const epocl_network *network, epocl_dataset **dataset) {
    epocl_status status = EPOCL_OK;
    table *read = NULL;
    uint32_t *rows = NULL;
    size_t row_count = 0, *unknown_counts = NULL;
    if (given->labels || given->sample_weights)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "--%s is for IDX inputs; a table has its targets in a column",
                 given->labels ? "labels" : "sample-weights"));
    TRY(read_data(given, network->encoder, &read));
    TRY(encoder_rows(network->encoder, read, TABLE_NO_COLUMN, &rows, &row_count));
    TRY(allocate(network->encoder->column_count, sizeof *unknown_counts, "the columns", &unknown_counts));
    TRY(encoder_unknown_counts(network->encoder, read, rows, row_count, unknown_counts));
    TRY(encoder_encode(network->encoder, read, rows, row_count, true, TABLE_NO_COLUMN, dataset));
    if (row_count < read->row_count)
        print_line(stderr, "epocl: %s: %zu of %zu rows have no target and are left out", read->file_name,
                   read->row_count - row_count, read->row_count);
    column_unknown_print(read, network->encoder, unknown_counts, row_count);
cleanup:
    free(unknown_counts);
    free(rows);
    table_release(read);
    return status;
}

json_t *table_names_json(const epocl_network *network, json_t *object) {
    const encoder *e = network->encoder;
    json_t *targets = json_array(), *classes = json_array();
    for (size_t i = 0; e && i < e->target_count; i++) targets = json_appended(targets, json_text(e->targets[i].name));
    for (size_t i = 0; e && i < e->class_count; i++) classes = json_appended(classes, json_text(e->classes[i]));
    bool is_whole = object && (!e || json_object_set(object, "targets", targets) == 0);
    if (is_whole && e && e->class_count) is_whole = json_object_set(object, "classes", classes) == 0;
    json_decref(targets);
    json_decref(classes);
    if (is_whole) return object;
    json_decref(object);
    return NULL;
}
