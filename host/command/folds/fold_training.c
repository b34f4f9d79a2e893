#include "command/folds/fold_training.h"

#include "base/checked.h"
#include "command/options/recipe_defaults.h"
#include "command/run/files/settings_file.h"
#include "command/system/signals.h"

#include <inttypes.h>

/* Of the device's memory, which others use, too: on a CPU it is that of the host. */
enum { MEMORY_SHARE = 4 };

static size_t samples_of(const epocl_dataset *data) {
    return data ? epocl_dataset_sample_count(data) : 0;
}

void fold_training_release(fold_training *one) {
    epocl_network_release(one->network);
    epocl_dataset_release(one->held_out);
    one->network = NULL;
    one->held_out = NULL;
}

/* ---- Adding -------------------------------------------------------------------------------------- */

/* What was not given goes by the fold's own data, as it does for a model of them. */
static epocl_status fold_settings(const fold_trainer *t, const fold_data *data, settings *own) {
    epocl_status status = EPOCL_OK;
    *own = *t->given;
    TRY(recipe_for_samples(t->used, samples_of(data->train), own));
    if (!data->valid) recipe_without_validation(t->used, own);
    settings_settle(own);
    epocl_options_set_message(&own->library, NULL, NULL);
cleanup:
    return status;
}

static epocl_status add_fold(fold_trainer *t, size_t fold) {
    epocl_status status = EPOCL_OK;
    fold_data data = {0};
    settings own;
    fold_training *one = &t->folds[fold];
    TRY(table_folds_data(t->from, fold, &t->told->shown, &data));
    one->row = (fold_row){.fold = fold + 1,
                          .train_count = samples_of(data.train),
                          .valid_count = samples_of(data.valid),
                          .held_out_count = samples_of(data.held_out)};
    TRY(epocl_network_create(data.train, &t->given->library, &one->network));
    if (fold == 0) report_start(t->told, t->device_info, one->network, one->row.train_count, one->row.valid_count);
    TRY(fold_settings(t, &data, &own));
    TRY(epocl_population_add(t->population, one->network, data.train, data.valid, &own.library, &one->member));
    one->epoch_count = (size_t)own.epochs;
    one->takes_best = own.library.training.patience > 0;
    one->held_out = data.held_out;
    data.held_out = NULL;
cleanup:
    if (status != EPOCL_OK) fold_training_release(one);
    fold_data_release(&data);
    return status;
}

/* Whether a further fold, of about the size of the `count` that there are, would take too much. */
static bool is_full(const fold_trainer *t, size_t count) {
    epocl_population_info info;
    epocl_population_describe(t->population, &info);
    const uint64_t bytes = info.data_set_bytes + info.member_bytes;
    return bytes + bytes / count > t->device_info->global_memory_bytes / MEMORY_SHARE;
}

epocl_status fold_trainer_add(fold_trainer *t, size_t first, size_t *end) {
    epocl_status status = EPOCL_OK;
    t->heard = t->asked = 0;
    for (*end = first; *end < t->given->table.folds; (*end)++) {
        if (signals_stopped()) return EPOCL_STOPPED;
        if (*end > first && is_full(t, *end - first)) break;
        status = add_fold(t, *end);
        if (status == EPOCL_ERROR_MEMORY && *end > first) return EPOCL_OK; /* the others make room for it */
        TRY(status);
        t->asked += t->folds[*end].epoch_count;
    }
cleanup:
    return status;
}

/* ---- Training ------------------------------------------------------------------------------------ */

static void hear(size_t member, const epocl_epoch_result *epoch, void *user) {
    fold_trainer *t = user;
    (void)member;
    (void)epoch;
    t->heard++;
    if (progress_is_due(&t->told->shown)) progress_bar(&t->told->shown, t->heard, t->asked);
}

/* A save that the clock or a signal asks for is none: folds leave no model. */
static epocl_status run_to(fold_trainer *t, size_t epoch_count) {
    for (;;) {
        const epocl_status status = epocl_population_run(t->population, epoch_count, hear, t);
        if (status != EPOCL_STOPPED || signals_stopped()) return status;
        signals_saving();
        signals_saved();
    }
}

/* Takes the model of one that has come to its end, and gives back what the fold has on the device. */
static epocl_status end_fold(fold_trainer *t, fold_training *one) {
    epocl_status status = EPOCL_OK;
    epocl_progress so_far;
    epocl_trainer *trainer = epocl_population_member(t->population, one->member);
    if (epocl_population_status(t->population, one->member) != EPOCL_OK) return EPOCL_OK;
    TRY(epocl_trainer_progress(trainer, one->epoch_count, &so_far));
    if (so_far.end == EPOCL_END_NONE) return EPOCL_OK;
    TRY(one->takes_best ? epocl_trainer_read_best(trainer, one->network) : epocl_trainer_read(trainer, one->network));
    one->row.epoch = one->takes_best ? so_far.best_epoch : so_far.epoch_count;
    one->is_trained = true;
    TRY(epocl_population_drop(t->population, one->member));
cleanup:
    return status;
}

/* The fewest epochs that one of the folds is trained for beyond `epoch_count`; 0: none is. */
static size_t next_epochs(const fold_trainer *t, size_t first, size_t end, size_t epoch_count) {
    size_t next = 0;
    for (size_t fold = first; fold < end; fold++) {
        const size_t wanted = t->folds[fold].epoch_count;
        if (wanted > epoch_count && (!next || wanted < next)) next = wanted;
    }
    return next;
}

static void stop_population(void *population) {
    epocl_population_stop(population);
}

/* Folds that have more samples than a recipe's bound may be trained for fewer epochs than others: those end first. */
epocl_status fold_trainer_run(fold_trainer *t, size_t first, size_t end) {
    epocl_status status = EPOCL_OK, ended = EPOCL_OK;
    signals_attach_any(stop_population, t->population);
    progress_line(&t->told->shown, "folds    %zu to %zu of %" PRIu64 " at once", first + 1, end, t->given->table.folds);
    progress_bar_begin(&t->told->shown, 0, t->asked);
    for (size_t epochs = 0; ended == EPOCL_OK && (epochs = next_epochs(t, first, end, epochs)) > 0;) {
        ended = signals_stopped() ? EPOCL_STOPPED : run_to(t, epochs);
        for (size_t fold = first; fold < end; fold++)
            if (t->folds[fold].epoch_count <= epochs && !t->folds[fold].is_trained) TRY(end_fold(t, &t->folds[fold]));
    }
    status = ended;
cleanup:
    progress_clear(&t->told->shown);
    signals_attach_any(NULL, NULL);
    return status;
}

epocl_status fold_trainer_status(const fold_trainer *t, size_t fold) {
    const fold_training *one = &t->folds[fold];
    return one->is_trained ? EPOCL_OK : epocl_population_status(t->population, one->member);
}
