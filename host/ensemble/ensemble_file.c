#include "ensemble/ensemble_file.h"

#include "base/checked.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define VERSION "2"
static const char version_key[] = "ensemble_checkpoint_version", valid_key[] = "training.valid_data",
                  plan_key[] = "plan";

/* An epoch's result as a row of the history tensor. */
enum { HISTORY_COLUMNS = 11, MEMBER_COLUMNS = 3, KEPT_COLUMNS = 2, NAME_CAPACITY = 32 };
static const double most_count = 9007199254740992.0; /* 2^53 */

static void pack_result(const epocl_ensemble_epoch *e, double row[HISTORY_COLUMNS]) {
    const double values[HISTORY_COLUMNS] = {(double)e->epoch,
                                            (double)e->sample_count,
                                            (double)e->trained_count,
                                            (double)e->best_member,
                                            (double)e->network_count,
                                            (double)e->best_epoch,
                                            e->train_cost,
                                            e->valid_cost,
                                            e->latest_cost,
                                            e->best_member_cost,
                                            e->seconds};
    memcpy(row, values, sizeof values);
}

static size_t count_of(double value) {
    return value >= 0 && value <= most_count ? (size_t)value : 0;
}

static epocl_ensemble_epoch unpack_result(const double row[HISTORY_COLUMNS], size_t epoch) {
    return (epocl_ensemble_epoch){.epoch = epoch,
                                  .sample_count = count_of(row[1]),
                                  .trained_count = count_of(row[2]),
                                  .best_member = count_of(row[3]),
                                  .network_count = count_of(row[4]),
                                  .best_epoch = smaller(count_of(row[5]), epoch),
                                  .train_cost = row[6],
                                  .valid_cost = row[7],
                                  .latest_cost = row[8],
                                  .best_member_cost = row[9],
                                  .seconds = row[10]};
}

/* The tensors beside the files. */
enum { HISTORY, SECONDS, MEMBERS, IMPROVED, KEPT, OWN_TENSORS };

static void describe_own(size_t epoch_count, size_t member_count, size_t kept_count,
                         safetensors_tensor tensors[OWN_TENSORS]) {
    tensors[HISTORY] = (safetensors_tensor){
        .name = "epocl.history", .type = "F64", .dimension_count = 2, .shape = {epoch_count, HISTORY_COLUMNS}};
    tensors[SECONDS] = (safetensors_tensor){.name = "epocl.seconds", .type = "F64", .dimension_count = 1, .shape = {1}};
    tensors[MEMBERS] = (safetensors_tensor){
        .name = "epocl.members", .type = "U32", .dimension_count = 2, .shape = {member_count, MEMBER_COLUMNS}};
    tensors[IMPROVED] =
        (safetensors_tensor){.name = "epocl.improved", .type = "F64", .dimension_count = 1, .shape = {member_count}};
    tensors[KEPT] = (safetensors_tensor){
        .name = "epocl.kept", .type = "U32", .dimension_count = 2, .shape = {kept_count, KEPT_COLUMNS}};
}

/* "members.7": the file of member 7. That of the ensemble is "ensemble". */
static const char *member_name(size_t member, char name[NAME_CAPACITY]) {
    snprintf(name, NAME_CAPACITY, "members.%zu", member);
    return name;
}
static const char kept_name[] = "ensemble";

/* ---- Write --------------------------------------------------------------------------------------- */

typedef struct tensor_list {
    safetensors_tensor tensors[OWN_TENSORS + ENSEMBLE_MOST_MEMBERS + 1];
    const void *values[OWN_TENSORS + ENSEMBLE_MOST_MEMBERS + 1];
    size_t count;
    char names[ENSEMBLE_MOST_MEMBERS][NAME_CAPACITY];
    uint32_t members[ENSEMBLE_MOST_MEMBERS][MEMBER_COLUMNS];
    double improved[ENSEMBLE_MOST_MEMBERS];
} tensor_list;

static void append(tensor_list *list, const safetensors_tensor *tensor, const void *values) {
    list->tensors[list->count] = *tensor;
    list->values[list->count++] = values;
}

static void append_file(tensor_list *list, const char *name, const memory_block *file) {
    if (file->byte_count == 0) return;
    append(list, &(safetensors_tensor){.name = name, .type = "U8", .dimension_count = 1, .shape = {file->byte_count}},
           file->bytes);
}

epocl_status ensemble_checkpoint_write(file_place place, const epocl_ensemble_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    safetensors_tensor own[OWN_TENSORS];
    tensor_list *all = NULL;
    double *rows = NULL;
    const safetensors_pair metadata[] = {
        {version_key, VERSION}, {valid_key, checkpoint->valid_data}, {plan_key, checkpoint->plan}};
    TRY(allocate(1, sizeof *all, "a file's tensors", &all));
    TRY(allocate(checkpoint->epoch_count * HISTORY_COLUMNS, sizeof *rows, "the history of a checkpoint", &rows));
    for (size_t i = 0; i < checkpoint->epoch_count; i++)
        pack_result(&checkpoint->history[i], rows + i * HISTORY_COLUMNS);
    for (size_t k = 0; k < checkpoint->member_count; k++) {
        const kept_member *m = &checkpoint->members[k];
        const uint32_t values[MEMBER_COLUMNS] = {m->is_trained, m->waited, m->best_epoch};
        memcpy(all->members[k], values, sizeof values);
        all->improved[k] = m->improved;
    }
    describe_own(checkpoint->epoch_count, checkpoint->member_count, checkpoint->kept_count, own);
    const void *const values[OWN_TENSORS] = {rows, &checkpoint->seconds, all->members, all->improved, checkpoint->kept};
    for (size_t i = 0; i < OWN_TENSORS; i++) append(all, &own[i], values[i]);
    for (size_t k = 0; k < checkpoint->member_count; k++)
        append_file(all, member_name(k, all->names[k]), &checkpoint->members[k].file);
    append_file(all, kept_name, &checkpoint->kept_file);
    TRY(safetensors_write_checked(place, metadata, sizeof metadata / sizeof *metadata, all->tensors, all->values,
                                  all->count));
cleanup:
    free(rows);
    free(all);
    return status;
}

/* ---- Read ---------------------------------------------------------------------------------------- */

static epocl_status read_texts(const safetensors *file, epocl_ensemble_checkpoint *c) {
    const char *version = safetensors_metadata(file, version_key), *valid = safetensors_metadata(file, valid_key),
               *plan = safetensors_metadata(file, plan_key);
    char shown[PRINTABLE_CAPACITY];
    if (!version)
        return fail(EPOCL_ERROR_DATA, "is not a checkpoint of an ensemble: its metadata has no '%s'", version_key);
    if (strcmp(version, VERSION) != 0)
        return fail(EPOCL_ERROR_DATA, "has checkpoint version '%s' and this epocl reads version %s",
                    printable(version, shown), VERSION);
    if (!valid || !plan)
        return fail(EPOCL_ERROR_DATA, "is not a whole checkpoint: its metadata has no '%s'",
                    valid ? plan_key : valid_key);
    printable(valid, c->valid_data);
    printable(plan, c->plan);
    return EPOCL_OK;
}

/* How many rows a tensor of its own has, where it has rows of that many columns. */
static size_t row_count(const safetensors *file, const char *name, size_t columns) {
    const safetensors_tensor *found = safetensors_find(file, name);
    return found && found->dimension_count == 2 && found->shape[1] == columns ? found->shape[0] : 0;
}

/* Reads one of its own tensors; `wanted` says what it must be. */
static epocl_status read_own(const safetensors *file, const safetensors_tensor *wanted, void *values) {
    const safetensors_tensor *found = safetensors_find(file, wanted->name);
    bool fits = found && strcmp(found->type, wanted->type) == 0 && found->dimension_count == wanted->dimension_count;
    for (size_t i = 0; fits && i < wanted->dimension_count; i++) fits = found->shape[i] == wanted->shape[i];
    if (!fits) return fail(EPOCL_ERROR_DATA, "tensor '%s' is missing or of another shape", wanted->name);
    return safetensors_read(file, found, values);
}

static epocl_status read_history(const safetensors *file, const safetensors_tensor *wanted,
                                 epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    double *rows = NULL;
    /* The file holds as much as it claims, so this is no more memory than its size. */
    TRY(allocate(c->epoch_count * HISTORY_COLUMNS, sizeof *rows, "the history of a checkpoint", &rows));
    TRY(read_own(file, wanted, rows));
    TRY(allocate(c->epoch_count, sizeof *c->history, "the history of a checkpoint", &c->history));
    for (size_t i = 0; i < c->epoch_count; i++) c->history[i] = unpack_result(rows + i * HISTORY_COLUMNS, i + 1);
cleanup:
    free(rows);
    return status;
}

/* A file within; none where there is no such tensor. */
static epocl_status read_file(const safetensors *file, const char *name, memory_block *block) {
    epocl_status status = EPOCL_OK;
    const safetensors_tensor *found = safetensors_find(file, name);
    if (!found) return EPOCL_OK;
    if (strcmp(found->type, "U8") != 0) return fail(EPOCL_ERROR_DATA, "tensor '%s' is no file", name);
    TRY(allocate(found->byte_count, 1, "a file of a checkpoint", &block->bytes));
    TRY(safetensors_read(file, found, block->bytes));
    block->byte_count = found->byte_count;
cleanup:
    return status;
}

static epocl_status read_members(const safetensors *file, const safetensors_tensor wanted[OWN_TENSORS],
                                 epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    uint32_t rows[ENSEMBLE_MOST_MEMBERS][MEMBER_COLUMNS];
    double improved[ENSEMBLE_MOST_MEMBERS];
    char name[NAME_CAPACITY];
    TRY(read_own(file, &wanted[MEMBERS], rows));
    TRY(read_own(file, &wanted[IMPROVED], improved));
    for (size_t k = 0; k < c->member_count; k++) {
        kept_member *m = &c->members[k];
        *m = (kept_member){
            .is_trained = rows[k][0] == 1, .waited = rows[k][1], .best_epoch = rows[k][2], .improved = improved[k]};
        TRY(read_file(file, member_name(k, name), &m->file));
        if (rows[k][0] > 1 || m->best_epoch > c->epoch_count || (m->best_epoch > 0 && !isfinite(m->improved)) ||
            (m->file.byte_count > 0) != (m->is_trained || m->best_epoch > 0))
            TRY(fail(EPOCL_ERROR_DATA, "member %zu is none that training comes to", k));
    }
cleanup:
    return status;
}

static epocl_status read_kept(const safetensors *file, const safetensors_tensor *wanted, epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    TRY(read_own(file, wanted, c->kept));
    TRY(read_file(file, kept_name, &c->kept_file));
    bool is_possible = (c->kept_file.byte_count > 0) == (c->kept_count > 0);
    for (size_t i = 0; i < c->kept_count; i++)
        is_possible =
            is_possible && c->kept[i][0] < c->member_count && c->kept[i][1] > 0 && c->kept[i][1] <= c->epoch_count;
    if (!is_possible) status = fail(EPOCL_ERROR_DATA, "its ensemble is none that training comes to");
cleanup:
    return status;
}

static epocl_status read_checkpoint(const safetensors *file, epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    safetensors_tensor wanted[OWN_TENSORS];
    TRY(safetensors_verify(file));
    TRY(read_texts(file, c));
    c->epoch_count = row_count(file, "epocl.history", HISTORY_COLUMNS);
    c->member_count = row_count(file, "epocl.members", MEMBER_COLUMNS);
    c->kept_count = row_count(file, "epocl.kept", KEPT_COLUMNS);
    if (c->member_count < 1 || c->member_count > ENSEMBLE_MOST_MEMBERS || c->kept_count > SELECTION_MOST_PICKS)
        TRY(fail(EPOCL_ERROR_DATA, "is of %zu networks, of which %zu are the ensemble", c->member_count,
                 c->kept_count));
    describe_own(c->epoch_count, c->member_count, c->kept_count, wanted);
    TRY(read_history(file, &wanted[HISTORY], c));
    TRY(read_own(file, &wanted[SECONDS], &c->seconds));
    if (!isfinite(c->seconds) || c->seconds < 0) TRY(fail(EPOCL_ERROR_DATA, "its time is none"));
    TRY(read_members(file, wanted, c));
    TRY(read_kept(file, &wanted[KEPT], c));
cleanup:
    return status;
}

epocl_status ensemble_checkpoint_read(file_place place, epocl_ensemble_checkpoint **checkpoint) {
    epocl_status status = EPOCL_OK;
    safetensors *file = NULL;
    epocl_ensemble_checkpoint *made = NULL;
    TRY(allocate(1, sizeof *made, "a checkpoint", &made));
    TRY(safetensors_open(place, &file));
    TRY(read_checkpoint(file, made));
    *checkpoint = made;
    made = NULL;
cleanup:
    if (status != EPOCL_OK) fail_prefix(status, "%s: ", place.name);
    epocl_ensemble_checkpoint_release(made);
    safetensors_release(file);
    return status;
}

void epocl_ensemble_checkpoint_release(epocl_ensemble_checkpoint *checkpoint) {
    if (!checkpoint) return;
    for (size_t k = 0; k < checkpoint->member_count && k < ENSEMBLE_MOST_MEMBERS; k++)
        free(checkpoint->members[k].file.bytes);
    free(checkpoint->kept_file.bytes);
    free(checkpoint->history);
    free(checkpoint);
}

epocl_status epocl_ensemble_checkpoint_load_at(int folder, const char *name, epocl_ensemble_checkpoint **checkpoint) {
    if (checkpoint) *checkpoint = NULL;
    if (!name || !checkpoint) return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_checkpoint_load: NULL argument");
    return ensemble_checkpoint_read(file_at(folder, name), checkpoint);
}

epocl_status epocl_ensemble_checkpoint_load(const char *path, epocl_ensemble_checkpoint **checkpoint) {
    return epocl_ensemble_checkpoint_load_at(NO_FOLDER, path, checkpoint);
}
