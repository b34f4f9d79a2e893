#include "command/folds/cross_validation.h"

#include "base/checked.h"
#include "base/files/folder.h"
#include "base/files/output_file.h"
#include "command/folds/fold_training.h"
#include "command/system/device_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file_name[] = "folds.csv";

/* All that a cross-validation holds. */
typedef struct validating {
    fold_trainer trainer;
    table_folds *from;
    epocl_device *device;
    epocl_device_info device_info;
    folds_result result;
} validating;

static void validating_release(validating *v) {
    fold_trainer *t = &v->trainer;
    epocl_population_release(t->population);
    for (size_t fold = 0; t->folds && fold < t->given->table.folds; fold++) fold_training_release(&t->folds[fold]);
    free(t->folds);
    folds_result_release(&v->result);
    epocl_device_release(v->device);
    table_folds_release(v->from);
}

static epocl_status measure(validating *v, fold_training *one) {
    epocl_status status = EPOCL_OK;
    epocl_metrics *metrics = NULL;
    TRY(epocl_evaluate_metrics(v->device, one->network, one->held_out, &metrics));
    TRY(folds_result_add(&v->result, &one->row, metrics));
    fold_training_release(one);
cleanup:
    epocl_metrics_release(metrics);
    return status;
}

/* Trains as many folds at once as there is memory for, and measures them in turn, up to one that has failed. */
static epocl_status run_folds(validating *v, size_t first, size_t *end) {
    epocl_status status = EPOCL_OK;
    fold_trainer *t = &v->trainer;
    TRY(fold_trainer_add(t, first, end));
    const epocl_status ended = fold_trainer_run(t, first, *end);
    for (size_t fold = first; fold < *end; fold++) {
        TRY(fold_trainer_status(t, fold));
        if (t->folds[fold].is_trained) TRY(measure(v, &t->folds[fold]));
    }
    status = ended;
cleanup:
    return status;
}

/* A folder for the file, before anything is trained; -1 without --output. */
static epocl_status open_output(const settings *given, int *folder) {
    *folder = -1;
    if (!given->output) return EPOCL_OK;
    const epocl_status status = output_folder_create(given->output, NULL);
    if (status != EPOCL_OK) return status;
    *folder = folder_open(given->output);
    if (*folder < 0) return fail(EPOCL_ERROR_CREATE, "%s: %s", given->output, strerror(errno));
    if (folder_has(*folder, file_name) && !given->force)
        return fail(EPOCL_ERROR_CREATE, "%s/%s is there already; --force replaces it", given->output, file_name);
    return EPOCL_OK;
}

epocl_status cross_validate(const command *used, const settings *given, report *told) {
    epocl_status status = EPOCL_OK;
    const size_t count = (size_t)given->table.folds;
    validating v = {.trainer = {.used = used, .given = given, .told = told}};
    fold_trainer *t = &v.trainer;
    int folder = -1;
    TRY(open_output(given, &folder));
    TRY(table_folds_create(given, &told->shown, &v.from));
    TRY(device_open(given, given->device, &v.device));
    epocl_device_describe(v.device, &v.device_info);
    t->from = v.from;
    t->device_info = &v.device_info;
    TRY(epocl_population_create(v.device, 0, &t->population));
    TRY(allocate(count, sizeof *t->folds, "the folds of a table", &t->folds));
    TRY(folds_result_begin(count, given->json, &v.result));
    for (size_t fold = 0; fold < count;) TRY(run_folds(&v, fold, &fold));
    TRY(folds_result_end(&v.result, &v.device_info));
    if (folder >= 0) TRY(folds_result_save(&v.result, folder, file_name));
    if (folder >= 0) progress_line(&told->shown, "folds: %s/%s", given->output, file_name);
cleanup:
    if (status == EPOCL_STOPPED)
        progress_line(&told->shown, "stopped after %zu of %" PRIu64 " folds", v.result.count, given->table.folds);
    if (folder >= 0) close(folder);
    validating_release(&v);
    return status;
}
