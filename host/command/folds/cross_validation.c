#include "command/folds/cross_validation.h"

#include "base/checked.h"
#include "base/folder.h"
#include "base/output_file.h"
#include "command/options/recipe_defaults.h"
#include "command/folds/folds_result.h"
#include "command/run/settings_file.h"
#include "command/system/device_list.h"
#include "command/system/signals.h"
#include "command/table/table_data.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char file_name[] = "folds.csv";

/* What the folds have in common. */
typedef struct validating {
    const command *used;
    const settings *given;
    report *told;
    table_folds *folds;
    epocl_device *device;
    epocl_device_info device_info;
    folds_result result;
} validating;

static size_t samples_of(const epocl_dataset *data) {
    return data ? epocl_dataset_sample_count(data) : 0;
}

/* Trains the network: to the best that is found on the way, or the last without patience; *epoch is its epoch. */
static epocl_status train_fold(const validating *v, const fold_data *data, epocl_network *network, size_t *epoch) {
    epocl_status status = EPOCL_OK;
    epocl_trainer *trainer = NULL;
    epocl_progress so_far = {0};
    settings given = *v->given;
    TRY(recipe_for_samples(v->used, samples_of(data->train), &given));
    if (!data->valid) recipe_without_validation(v->used, &given);
    settings_settle(&given);
    const bool takes_best = given.library.training.patience > 0;
    epocl_options_set_message(&given.library, NULL, NULL);
    TRY(epocl_trainer_create(v->device, network, data->train, data->valid, &given.library, &trainer));
    signals_attach(trainer);
    TRY(epocl_trainer_fit(trainer, (size_t)given.epochs, NULL, NULL, &so_far));
    TRY(takes_best ? epocl_trainer_read_best(trainer, network) : epocl_trainer_read(trainer, network));
    *epoch = takes_best ? so_far.best_epoch : so_far.epoch_count;
cleanup:
    signals_attach(NULL);
    epocl_trainer_release(trainer);
    return status;
}

static epocl_status run_fold(validating *v, size_t fold) {
    epocl_status status = EPOCL_OK;
    fold_data data = {0};
    epocl_network *network = NULL;
    epocl_metrics *metrics = NULL;
    fold_row row = {.fold = fold + 1};
    TRY(table_folds_data(v->folds, fold, &v->told->shown, &data));
    row.train_count = samples_of(data.train);
    row.valid_count = samples_of(data.valid);
    row.held_out_count = samples_of(data.held_out);
    TRY(epocl_network_create(data.train, &v->given->library, &network));
    if (fold == 0) report_start(v->told, &v->device_info, network, row.train_count, row.valid_count);
    TRY(train_fold(v, &data, network, &row.epoch));
    TRY(epocl_evaluate_metrics(v->device, network, data.held_out, &metrics));
    TRY(folds_result_add(&v->result, &row, metrics));
cleanup:
    epocl_metrics_release(metrics);
    epocl_network_release(network);
    fold_data_release(&data);
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
    validating v = {.used = used, .given = given, .told = told};
    int folder = -1;
    TRY(open_output(given, &folder));
    TRY(table_folds_create(given, &told->shown, &v.folds));
    TRY(device_open(given, given->device, &v.device));
    epocl_device_describe(v.device, &v.device_info);
    TRY(folds_result_begin((size_t)given->table.folds, given->json, &v.result));
    for (size_t fold = 0; fold < (size_t)given->table.folds; fold++) {
        if (signals_stopped()) TRY(EPOCL_STOPPED);
        TRY(run_fold(&v, fold));
    }
    TRY(folds_result_end(&v.result, &v.device_info));
    if (folder >= 0) TRY(folds_result_save(&v.result, folder, file_name));
    if (folder >= 0) progress_line(&told->shown, "folds: %s/%s", given->output, file_name);
cleanup:
    if (status == EPOCL_STOPPED)
        progress_line(&told->shown, "stopped after %zu of %" PRIu64 " folds", v.result.count, given->table.folds);
    if (folder >= 0) close(folder);
    folds_result_release(&v.result);
    epocl_device_release(v.device);
    table_folds_release(v.folds);
    return status;
}
