#include "command/table/table_predict.h"

#include "base/checked.h"
#include "base/printable.h"
#include "command/ensemble/member_outputs.h"
#include "command/system/device_list.h"
#include "command/table/column_lines.h"
#include "command/table/csv_text.h"
#include "command/table/table_options.h"
#include "data/encoder/encoder.h"
#include "model/network.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK_ROWS = 8192, COLUMN_NAME = 1024 };

bool table_network(const epocl_network *network) {
    return network->encoder != NULL;
}

/* All that a prediction holds; released by predicting_release(). */
typedef struct predicting {
    const settings *given;
    encoder *encoder;
    epocl_device *device;
    epocl_predictor *predictor;
    table_reader *reader;
    table_request *requests; /* [columns of the file] */
    column_names names;      /* of the file                                 */
    size_t *columns;      /* [columns of the encoder]: where in the file; TABLE_NO_COLUMN: implied (table_implies()) */
    size_t id;            /* likewise; TABLE_NO_COLUMN without           */
    const char ***levels; /* [columns of the encoder]: texts of categories, but for the missing one */
    float **places;       /* of each, its place                          */
    encoder_values *values;
    size_t *unknown_counts; /* [columns of the encoder]: rows of categories that the model does not know */
    size_t row_count;       /* so far */
    uint32_t *classes;
    float *outputs;
    size_t output_count;
    member_outputs of_members; /* of the rows of a chunk; where --spread or --members asks for it */
    char separator;            /* between fields of what is printed */
    char point;                /* within their numbers              */
} predicting;

static void predicting_release(predicting *p) {
    for (size_t i = 0; i < p->encoder->column_count; i++) {
        if (p->levels) free(p->levels[i]);
        if (p->places) free(p->places[i]);
    }
    free(p->levels);
    free(p->places);
    column_names_release(&p->names);
    free(p->requests);
    free(p->columns);
    free(p->values);
    free(p->unknown_counts);
    member_outputs_release(&p->of_members);
    free(p->classes);
    free(p->outputs);
    table_reader_close(p->reader);
    epocl_predictor_release(p->predictor);
    epocl_device_release(p->device);
}

/* ---- The columns of the file --------------------------------------------------------------------- */

static epocl_status allocate_columns(predicting *p) {
    epocl_status status = EPOCL_OK;
    const size_t count = p->encoder->column_count;
    TRY(allocate(table_reader_table(p->reader)->column_count, sizeof *p->requests, "the columns", &p->requests));
    TRY(allocate(count, sizeof *p->columns, "the columns", &p->columns));
    TRY(allocate(count, sizeof *p->levels, "the columns", &p->levels));
    TRY(allocate(count, sizeof *p->places, "the columns", &p->places));
    TRY(allocate(count, sizeof *p->values, "the columns", &p->values));
    TRY(allocate(count, sizeof *p->unknown_counts, "the columns", &p->unknown_counts));
cleanup:
    return status;
}

static epocl_status request_category(predicting *p, size_t i, table_request *request) {
    epocl_status status = EPOCL_OK;
    const encoder_column *column = &p->encoder->columns[i];
    size_t count = 0;
    TRY(allocate(column->level_count, sizeof **p->levels, "the levels of a column", &p->levels[i]));
    TRY(allocate(column->level_count, sizeof **p->places, "the levels of a column", &p->places[i]));
    for (size_t level = 0; level < column->level_count; level++) {
        if (!column->levels[level]) continue;
        p->places[i][count] = (float)level;
        p->levels[i][count++] = column->levels[level];
    }
    *request = (table_request){.kind = TABLE_CODES, .levels = p->levels[i], .level_count = count};
    p->values[i] =
        (encoder_values){.code_count = count, .places = p->places[i], .missing_place = encoder_place(column, NULL)};
cleanup:
    return status;
}

/* All columns that are not there, in one sentence. */
static epocl_status check_columns(const predicting *p) {
    const table *file = table_reader_table(p->reader);
    char list[512] = "", shown[PRINTABLE_CAPACITY];
    size_t used = 0, count = 0, first = 0;
    for (size_t i = 0; i < p->encoder->column_count; i++) {
        if (p->columns[i] != TABLE_NO_COLUMN || table_implies(file, p->encoder->columns[i].name)) continue;
        if (count++ == 0) first = i;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s'%s'", used ? ", " : "",
                                     printable(p->encoder->columns[i].name, shown));
    }
    if (count == 0) return EPOCL_OK;
    table_find_column(file, p->encoder->columns[first].name, &used); /* what there is in its place */
    return fail_prefix(EPOCL_ERROR_DATA, "%s: lacks %s %s, which the model was trained on: ", file->file_name,
                       count == 1 ? "column" : "columns", list);
}

static epocl_status find_id(predicting *p) {
    const table *file = table_reader_table(p->reader);
    epocl_status status = EPOCL_OK;
    p->id = TABLE_NO_COLUMN;
    if (p->given->table.id) {
        status = table_find_column(file, p->given->table.id, &p->id);
        return status == EPOCL_OK ? status : fail_prefix(status, "%s: --id: ", file->file_name);
    }
    if (p->encoder->id_name && !p->given->table.append)
        status = column_names_find(&p->names, p->encoder->id_name, &p->id);
    return status == EPOCL_OK ? status : fail_prefix(status, "%s: ", file->file_name);
}

static epocl_status find_columns(predicting *p) {
    const table *file = table_reader_table(p->reader);
    epocl_status status = column_names_create(file, &p->names);
    for (size_t i = 0; i < p->encoder->column_count && status == EPOCL_OK; i++) {
        status = column_names_find(&p->names, p->encoder->columns[i].name, &p->columns[i]);
        if (status != EPOCL_OK) return fail_prefix(status, "%s: ", file->file_name);
    }
    return status == EPOCL_OK ? check_columns(p) : status;
}

static epocl_status request_column(predicting *p, size_t i) {
    const encoder_column *column = &p->encoder->columns[i];
    char shown[PRINTABLE_CAPACITY];
    if (p->columns[i] == TABLE_NO_COLUMN) {
        p->values[i] = encoder_implied_values(column, table_reader_table(p->reader));
        return EPOCL_OK;
    }
    table_request *request = &p->requests[p->columns[i]];
    if (request->kind != TABLE_SKIPPED)
        return fail(EPOCL_ERROR_ARGUMENT, "--id: '%s' is a column that the model takes",
                    printable(column->name, shown));
    if (column->kind == COLUMN_CATEGORY) return request_category(p, i, request);
    request->kind = TABLE_NUMBERS;
    return EPOCL_OK;
}

static epocl_status request_columns(predicting *p) {
    epocl_status status = EPOCL_OK;
    TRY(allocate_columns(p));
    TRY(find_columns(p));
    TRY(find_id(p));
    if (p->id != TABLE_NO_COLUMN) p->requests[p->id].kind = TABLE_TEXTS;
    for (size_t i = 0; i < p->encoder->column_count; i++) TRY(request_column(p, i));
    TRY(table_reader_request(p->reader, p->requests));
cleanup:
    return status;
}

/* ---- Lines --------------------------------------------------------------------------------------- */

static void print_field(const char *text, bool *is_first, char separator) {
    if (!*is_first) putchar(separator);
    *is_first = false;
    csv_print_text(text, separator);
}

static void print_number(const predicting *p, float number, bool *is_first) {
    char text[32];
    snprintf(text, sizeof text, "%.9g", (double)number);
    char *point = strchr(text, '.');
    if (point) *point = p->point;
    print_field(text, is_first, p->separator);
}

/* "spread" and "member0", "member1", ...; of several values with their targets' names behind. */
static void print_member_name(const predicting *p, const char *word, bool *is_first) {
    const encoder *e = p->encoder;
    char text[COLUMN_NAME];
    if (e->class_count || e->target_count == 1) {
        print_field(word, is_first, p->separator);
        return;
    }
    for (size_t i = 0; i < e->target_count; i++) {
        snprintf(text, sizeof text, "%s_%s", word, e->targets[i].name);
        print_field(text, is_first, p->separator);
    }
}

static void print_member_names(const predicting *p, bool *is_first) {
    char word[32];
    if (p->given->spread) print_member_name(p, "spread", is_first);
    for (size_t k = 0; p->given->members && k < epocl_network_member_count(p->of_members.network); k++) {
        snprintf(word, sizeof word, "member%zu", k);
        print_member_name(p, word, is_first);
    }
}

/* Of classes the spread is that of the probability of the one that is said. */
static void print_members(const predicting *p, size_t row, bool *is_first) {
    const encoder *e = p->encoder;
    const member_outputs *m = &p->of_members;
    if (p->given->spread && e->class_count) print_number(p, (float)member_spread(m, row, p->classes[row]), is_first);
    for (size_t i = 0; p->given->spread && !e->class_count && i < p->output_count; i++)
        print_number(p, (float)member_spread(m, row, i), is_first);
    for (size_t k = 0; p->given->members && k < epocl_network_member_count(m->network); k++) {
        if (e->class_count) print_field(e->classes[member_class(m, k, row)], is_first, p->separator);
        for (size_t i = 0; !e->class_count && i < p->output_count; i++)
            print_number(p, member_output(m, k, row, i), is_first);
    }
}

/* With --append, names are told apart from the file's own. */
static void print_header(const predicting *p) {
    const encoder *e = p->encoder;
    const char separator = p->separator;
    size_t length = 0;
    const char *header = p->given->table.append ? table_reader_header(p->reader, &length) : NULL;
    bool is_first = true;
    if (p->given->table.append && !header) return; /* a file without names stays one */
    if (header) {
        fwrite(header, 1, length, stdout);
        is_first = false;
    }
    if (p->id != TABLE_NO_COLUMN) print_field(table_reader_table(p->reader)->columns[p->id].name, &is_first, separator);
    if (e->class_count || e->target_count == 1) print_field("prediction", &is_first, separator);
    for (size_t i = 0; i < e->target_count && !e->class_count && e->target_count > 1; i++)
        print_field(e->targets[i].name, &is_first, separator);
    for (size_t i = 0; i < e->class_count && p->given->proba; i++) print_field(e->classes[i], &is_first, separator);
    print_member_names(p, &is_first);
    putchar('\n');
}

static void print_rows(const predicting *p, const table_chunk *chunk) {
    const encoder *e = p->encoder;
    const char separator = p->separator;
    for (size_t row = 0; row < chunk->row_count; row++) {
        const float *outputs = p->outputs + row * p->output_count;
        bool is_first = true;
        if (p->given->table.append) {
            fwrite(chunk->rows[row], 1, chunk->row_bytes[row], stdout);
            is_first = false;
        }
        if (p->id != TABLE_NO_COLUMN) print_field(chunk->columns[p->id].texts[row], &is_first, separator);
        if (e->class_count) print_field(e->classes[p->classes[row]], &is_first, separator);
        for (size_t i = 0; i < p->output_count && (!e->class_count || p->given->proba); i++)
            print_number(p, outputs[i], &is_first);
        print_members(p, row, &is_first);
        putchar('\n');
    }
}

/* ---- All ----------------------------------------------------------------------------------------- */

static epocl_status predict_chunk(predicting *p, const table_chunk *chunk) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *data = NULL;
    for (size_t i = 0; i < p->encoder->column_count; i++) {
        if (p->columns[i] == TABLE_NO_COLUMN) continue;
        p->values[i].numbers = chunk->columns[p->columns[i]].numbers;
        p->values[i].codes = chunk->columns[p->columns[i]].codes;
    }
    p->row_count += chunk->row_count;
    for (size_t i = 0; i < p->encoder->column_count; i++)
        p->unknown_counts[i] += encoder_unknown_count(&p->encoder->columns[i], &p->values[i], NULL, chunk->row_count);
    TRY(encoder_dataset(p->encoder, chunk->row_count, &data));
    encoder_encode_rows(p->encoder, p->values, NULL, chunk->row_count, data->inputs);
    TRY(epocl_predictor_run(p->predictor, data, p->outputs, p->encoder->class_count ? p->classes : NULL));
    if (p->given->spread || p->given->members) TRY(member_outputs_run(&p->of_members, p->predictor, data));
    if (p->given->table.append && !chunk->rows)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "--append is for files of text; this one has no lines to append to"));
    print_rows(p, chunk);
cleanup:
    epocl_dataset_release(data);
    return status;
}

static epocl_status predict_rows(predicting *p) {
    epocl_status status = EPOCL_OK;
    table_chunk chunk = {0};
    do {
        TRY(table_reader_next(p->reader, CHUNK_ROWS, &chunk));
        if (chunk.row_count) TRY(predict_chunk(p, &chunk));
    } while (chunk.row_count);
    table_tell_ragged(table_reader_table(p->reader));
    column_unknown_print(table_reader_table(p->reader), p->encoder, p->unknown_counts, p->row_count);
cleanup:
    return status;
}

epocl_status table_predict(const settings *given, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    predicting p = {.given = given, .encoder = network->encoder, .separator = ',', .point = '.'};
    table_options options;
    text_list missing = {0};
    TRY(table_options_create(&given->table, &options, &missing));
    TRY(table_reader_open(given->data, &options, &p.reader));
    TRY(request_columns(&p));
    const char separator = table_reader_table(p.reader)->separator;
    if (given->table.append && separator) p.separator = separator;
    if (given->table.append && options.decimal) p.point = options.decimal;
    p.output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    TRY(allocate(CHUNK_ROWS, sizeof *p.classes, "the classes", &p.classes));
    TRY(allocate(CHUNK_ROWS, p.output_count * sizeof *p.outputs, "the outputs", &p.outputs));
    TRY(device_open(given, given->device, &p.device));
    TRY(epocl_predictor_create(p.device, network, &p.predictor));
    if (given->spread || given->members) TRY(member_outputs_create(network, CHUNK_ROWS, &p.of_members));
    print_header(&p);
    TRY(predict_rows(&p));
cleanup:
    predicting_release(&p);
    text_list_release(&missing);
    return status;
}
