#include "command/table/table_data.h"

#include "base/checked.h"
#include "base/plural.h"
#include "base/printable.h"
#include "command/table/column_lines.h"
#include "command/table/table_options.h"
#include "data/encoder/encoder_bind.h"
#include "data/rows/row_split.h"
#include "model/network.h"
#include "model/tables.h"

#include <math.h>
#include <string.h>

/* What is read and made on the way; released by work_release(). */
typedef struct table_work {
    const settings *given;
    table_options options;
    text_list missing;
    const char **texts; /* columns that are read as texts */
    const char *keys[2];
    table *read, *valid;
    column_plan plan;
    row_list usable;
    row_split split;
    encoder *encoder;
} table_work;

static void work_release(table_work *work) {
    encoder_release(work->encoder);
    row_split_release(&work->split);
    free(work->usable.rows);
    column_plan_release(&work->plan);
    table_release(work->valid);
    table_release(work->read);
    free(work->texts);
    text_list_release(&work->missing);
}

static column_request request_of(const table_settings *given) {
    static const char *const tasks[] = {
        [TASK_AUTO] = NULL, [TASK_CLASSIFICATION] = "classes", [TASK_REGRESSION] = "values"};
    return (column_request){.target = given->target,
                            .features = given->features,
                            .ignore = given->ignore,
                            .categorical = given->categorical,
                            .numeric = given->numeric,
                            .weights = given->weights,
                            .id = given->id,
                            .group = given->group,
                            .time = given->time,
                            .task = tasks[given->task]};
}

/* ---- Reading ------------------------------------------------------------------------------------- */

static void tell_ragged(const table *read, progress *shown) {
    if (read->ragged_count)
        progress_line(shown, "         %zu row%s of another length skipped, the first in line %llu", read->ragged_count,
                      plural_s(read->ragged_count), (unsigned long long)read->first_ragged.line);
}

/* "table    20640 rows x 9 columns, separated by ',', with a header" */
static void tell_table(const table *read, progress *shown) {
    char format[64] = "";
    if (read->format == TABLE_CSV && read->separator)
        snprintf(format, sizeof format, read->separator == '\t' ? ", separated by tabs" : ", separated by '%c'",
                 read->separator);
    progress_line(shown, "table    %zu row%s x %zu column%s%s%s%s%s", read->row_count, plural_s(read->row_count),
                  read->column_count, plural_s(read->column_count), format,
                  read->has_header ? ", with a header" : ", without a header", read->converted_from ? ", read as " : "",
                  read->converted_from ? read->converted_from : "");
    tell_ragged(read, shown);
}

/* Categories are texts, and what is text to a network's encoder; and what rows are split by, as a float would not tell
 * long numbers apart. */
static epocl_status settle_texts(table_work *work, const encoder *known) {
    epocl_status status = EPOCL_OK;
    const table_settings *given = &work->given->table;
    const char *const split_by[] = {given->group, given->time};
    TRY(allocate(known ? known->column_count + 2 : 1, sizeof *work->texts, "the columns", &work->texts));
    work->options.texts = work->texts;
    work->options.text_count = known ? encoder_text_columns(known, work->texts) : 0;
    if (given->categorical) work->texts[work->options.text_count++] = given->categorical;
    work->options.keys = work->keys;
    for (size_t i = 0; i < 2; i++)
        if (split_by[i]) work->keys[work->options.key_count++] = split_by[i];
cleanup:
    return status;
}

static epocl_status read_table(table_work *work, const encoder *known, progress *shown) {
    epocl_status status = EPOCL_OK;
    const table_settings *given = &work->given->table;
    column_request request = request_of(given);
    if (known && !request.task) request.task = known->class_count ? "classes" : "values";
    TRY(table_options_create(given, &work->options, &work->missing));
    TRY(settle_texts(work, known));
    TRY(table_read(work->given->data, &work->options, &work->read));
    tell_table(work->read, shown);
    status = column_plan_create(work->read, &request, &work->plan);
    if (status != EPOCL_OK) TRY(table_fail_prefix(work->read, status));
cleanup:
    return status;
}

/* A network that goes on predicts what it did. */
static epocl_status check_targets(const table_work *work, const encoder *known) {
    const char *file = work->read->file_name, *its = known->targets[0].name;
    char shown[PRINTABLE_CAPACITY], asked[PRINTABLE_CAPACITY];
    if (work->plan.target_count != known->target_count)
        return fail(EPOCL_ERROR_DATA, "%s: the model predicts %zu column%s, and --target names %zu", file,
                    known->target_count, plural_s(known->target_count), work->plan.target_count);
    for (size_t i = 0; i < known->target_count; i++) {
        const char *name = work->read->columns[work->plan.targets[i]].name;
        if (strcmp(known->targets[i].name, name) != 0)
            return fail(EPOCL_ERROR_DATA, "%s: the model predicts '%s', not '%s'", file,
                        printable(known->targets[i].name, shown), printable(name, asked));
    }
    if (work->plan.has_classes != (known->class_count > 0))
        return fail(EPOCL_ERROR_DATA, "%s: the model predicts '%s' as %s: say so by --task %s", file,
                    printable(its, shown), known->class_count ? "classes" : "a number",
                    known->class_count ? "classification" : "regression");
    return EPOCL_OK;
}

/* What is text in the table to train on is text here, too. */
static epocl_status read_valid(table_work *work) {
    epocl_status status = EPOCL_OK;
    const char **texts = NULL;
    size_t count = 0;
    TRY(allocate(work->read->column_count, sizeof *texts, "the columns", &texts));
    for (size_t i = 0; i < work->read->column_count; i++)
        if (work->read->columns[i].is_text) texts[count++] = work->read->columns[i].name;
    table_options options = work->options;
    options.texts = texts;
    options.text_count = count;
    options.key_count = 0;
    TRY(table_read(work->given->valid, &options, &work->valid));
cleanup:
    free(texts);
    return status;
}

/* ---- Parts --------------------------------------------------------------------------------------- */

/* In the table to validate on; there may be none. */
static epocl_status find_weight(const table_work *work, size_t *weight) {
    *weight = TABLE_NO_COLUMN;
    if (work->plan.weight == TABLE_NO_COLUMN) return EPOCL_OK;
    const char *name = work->read->columns[work->plan.weight].name;
    if (column_place(work->valid, name) == TABLE_NO_COLUMN) return EPOCL_OK;
    const epocl_status status = table_find_column(work->valid, name, weight);
    return status == EPOCL_OK ? status : fail_prefix(status, "%s: ", work->valid->file_name);
}

static epocl_status encode_valid(table_work *work, progress *shown, epocl_dataset **valid) {
    epocl_status status = EPOCL_OK;
    uint32_t *rows = NULL;
    size_t count = 0, weight = TABLE_NO_COLUMN;
    if (!work->given->valid) {
        if (work->split.valid.count == 0) return EPOCL_OK;
        return encoder_encode(work->encoder, work->read, work->split.valid.rows, work->split.valid.count, true,
                              work->plan.weight, valid);
    }
    TRY(read_valid(work));
    tell_ragged(work->valid, shown);
    TRY(find_weight(work, &weight));
    TRY(encoder_rows(work->encoder, work->valid, weight, &rows, &count));
    TRY(encoder_encode(work->encoder, work->valid, rows, count, true, weight, valid));
cleanup:
    free(rows);
    return status;
}

static void tell_parts(const table_work *work, progress *shown) {
    const size_t kept = work->split.train.count + work->split.valid.count;
    const size_t left_out = work->read->row_count - kept;
    if (left_out)
        progress_line(shown, "         %zu row%s without a target%s left out", left_out, plural_s(left_out),
                      work->plan.time == TABLE_NO_COLUMN ? " or weight" : ", weight or time");
    if (work->split.valid.count && !work->given->valid)
        progress_line(shown,
                      "         %zu row%s (%.3g %%%s) %s set aside for validation; --valid FILE or --valid-split X "
                      "says otherwise",
                      work->split.valid.count, plural_s(work->split.valid.count),
                      100.0 * (double)work->split.valid.count / (double)kept,
                      work->plan.time != TABLE_NO_COLUMN    ? ", the last ones"
                      : work->plan.group != TABLE_NO_COLUMN ? ", whole groups"
                                                            : "",
                      work->split.valid.count == 1 ? "is" : "are");
    if (!work->split.valid.count && !work->given->valid && work->given->valid_split > 0)
        progress_line(shown, "         no row is set aside for validation: no class has two of them");
}

epocl_status table_data_load(const settings *given, const epocl_network *network, progress *shown,
                             epocl_dataset **train, epocl_dataset **valid) {
    epocl_status status = EPOCL_OK;
    table_work work = {.given = given};
    const bool is_own = !network || !given->init; /* the encoder was fitted on these rows */
    const double fraction = given->valid || !(given->valid_split > 0) ? 0.0 : given->valid_split;
    TRY(read_table(&work, network ? network->encoder : NULL, shown));
    if (network && network->encoder) TRY(check_targets(&work, network->encoder));
    TRY(rows_usable(work.read, &work.plan, &work.usable));
    TRY(row_split_create(work.read, &work.plan, &work.usable, fraction, given->library.training.seed, &work.split));
    if (network)
        work.encoder = encoder_hold(network->encoder);
    else
        TRY(encoder_fit(work.read, &work.plan, work.split.train.rows, work.split.train.count,
                        tables_standardise(&given->library.network), &work.encoder));
    if (!work.encoder)
        TRY(fail(EPOCL_ERROR_DATA, "%s: is a table, and the network was not trained on one", work.read->file_name));
    column_lines_print(work.read, &work.plan, work.encoder, network != NULL, shown);
    tell_parts(&work, shown);
    if (is_own)
        TRY(encoder_encode_training(work.encoder, work.read, &work.plan, work.split.train.rows, work.split.train.count,
                                    train));
    else
        TRY(encoder_encode(work.encoder, work.read, work.split.train.rows, work.split.train.count, true,
                           work.plan.weight, train));
    TRY(encode_valid(&work, shown, valid));
cleanup:
    work_release(&work);
    return status;
}

/* ---- Folds --------------------------------------------------------------------------------------- */

struct table_folds {
    table_work work;
    row_folds folds;
};

epocl_status table_folds_create(const settings *given, progress *shown, table_folds **result) {
    epocl_status status = EPOCL_OK;
    table_folds *made = NULL;
    *result = NULL;
    TRY(allocate(1, sizeof *made, "the folds of a table", &made));
    made->work.given = given;
    TRY(read_table(&made->work, NULL, shown));
    TRY(row_folds_create(made->work.read, &made->work.plan, (size_t)given->table.folds, given->library.training.seed,
                         &made->folds));
    *result = made;
    made = NULL;
cleanup:
    table_folds_release(made);
    return status;
}

epocl_status table_folds_data(const table_folds *from, size_t fold, progress *shown, fold_data *data) {
    epocl_status status = EPOCL_OK;
    const table_work *work = &from->work;
    const settings *given = work->given;
    const size_t weight = work->plan.weight;
    row_list kept = {0}, held_out = {0};
    row_split split = {0};
    encoder *e = NULL;
    *data = (fold_data){0};
    TRY(row_folds_take(&from->folds, fold, &kept, &held_out));
    TRY(row_split_create(work->read, &work->plan, &kept, given->valid_split > 0 ? given->valid_split : 0.0,
                         given->library.training.seed, &split));
    TRY(encoder_fit(work->read, &work->plan, split.train.rows, split.train.count,
                    tables_standardise(&given->library.network), &e));
    if (fold == 0) column_lines_print(work->read, &work->plan, e, false, shown);
    TRY(encoder_encode_training(e, work->read, &work->plan, split.train.rows, split.train.count, &data->train));
    if (split.valid.count)
        TRY(encoder_encode(e, work->read, split.valid.rows, split.valid.count, true, weight, &data->valid));
    TRY(encoder_encode(e, work->read, held_out.rows, held_out.count, true, weight, &data->held_out));
cleanup:
    encoder_release(e);
    row_split_release(&split);
    free(held_out.rows);
    free(kept.rows);
    if (status != EPOCL_OK) fold_data_release(data);
    return status;
}

void fold_data_release(fold_data *data) {
    epocl_dataset_release(data->train);
    epocl_dataset_release(data->valid);
    epocl_dataset_release(data->held_out);
    *data = (fold_data){0};
}

void table_folds_release(table_folds *folds) {
    if (!folds) return;
    row_folds_release(&folds->folds);
    work_release(&folds->work);
    free(folds);
}
