/* An ensemble to a checkpoint, and back. */
#include "base/checked.h"
#include "data/dataset.h"
#include "ensemble/ensemble_file.h"
#include "ensemble/ensemble_trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Save ---------------------------------------------------------------------------------------- */

/* One that has diverged within the epoch in progress is at its end, as it will be when that has ended. */
static epocl_status keep_member(epocl_ensemble *e, size_t k, kept_member *to) {
    epocl_status status = EPOCL_OK;
    const trained_member *m = &e->members[k];
    const epocl_network *best = m->best.epoch ? m->best.network : NULL;
    *to = (kept_member){.waited = (uint32_t)m->waited, .best_epoch = (uint32_t)m->best.epoch, .improved = m->improved};
    if (m->is_trained) status = epocl_population_status(e->population, m->place);
    if (m->is_trained && status == EPOCL_OK) {
        status = trainer_save(ensemble_member_trainer(e, k), best, file_in_memory(&to->file));
        to->is_trained = status == EPOCL_OK;
    }
    if (status != EPOCL_OK && status != EPOCL_ERROR_DIVERGED) return status;
    if (to->is_trained || !best) return EPOCL_OK;
    return epocl_network_save_memory(best, &to->file.bytes, &to->file.byte_count);
}

static epocl_status keep_ensemble(const epocl_ensemble *e, epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    if (e->kept_count == 0) return EPOCL_OK;
    TRY(epocl_ensemble_read(e, &network));
    TRY(epocl_network_save_memory(network, &c->kept_file.bytes, &c->kept_file.byte_count));
    c->kept_count = e->kept_count;
    for (size_t i = 0; i < e->kept_count; i++) {
        c->kept[i][0] = (uint32_t)e->kept[i].member;
        c->kept[i][1] = (uint32_t)e->kept[i].epoch;
    }
cleanup:
    epocl_network_release(network);
    return status;
}

static epocl_status save(epocl_ensemble *e, file_place place) {
    epocl_status status = EPOCL_OK;
    epocl_ensemble_checkpoint *c = NULL;
    if (!e || !place.name) return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_save: NULL argument");
    TRY(allocate(1, sizeof *c, "a checkpoint", &c));
    TRY(allocate(e->epoch, sizeof *c->history, "the history of a checkpoint", &c->history));
    if (e->epoch > 0) memcpy(c->history, e->history, e->epoch * sizeof *c->history);
    c->epoch_count = e->epoch;
    c->seconds = e->next.seconds;
    dataset_fingerprint(e->valid, c->valid_data, sizeof c->valid_data);
    snprintf(c->plan, sizeof c->plan, "%s", e->plan_name);
    c->member_count = e->count;
    for (size_t k = 0; k < e->count; k++) TRY(keep_member(e, k, &c->members[k]));
    TRY(keep_ensemble(e, c));
    TRY(ensemble_checkpoint_write(place, c));
cleanup:
    epocl_ensemble_checkpoint_release(c);
    return status;
}

epocl_status epocl_ensemble_save(epocl_ensemble *ensemble, const char *path) {
    return save(ensemble, file_at(NO_FOLDER, path));
}

epocl_status epocl_ensemble_save_at(epocl_ensemble *ensemble, int folder, const char *name) {
    return save(ensemble, file_at(folder, name));
}

/* ---- Resume -------------------------------------------------------------------------------------- */

static epocl_status check_run(const epocl_ensemble_checkpoint *c, const epocl_dataset *valid, size_t member_count) {
    char given[PRINTABLE_CAPACITY];
    if (member_count != c->member_count)
        return fail(EPOCL_ERROR_ARGUMENT, "the checkpoint is of an ensemble of %zu networks, not %zu", c->member_count,
                    member_count);
    dataset_fingerprint(valid, given, sizeof given);
    if (strcmp(given, c->valid_data) == 0) return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA, "the checkpoint is of a run with another validation data: %s, not %s", c->valid_data,
                given);
}

/* The best network of member k: that of its checkpoint, or `saved`, where it is at its end. */
static epocl_status restore_best(epocl_ensemble *e, size_t k, const epocl_network *saved, size_t epoch) {
    trained_member *m = &e->members[k];
    if (epoch == 0) return EPOCL_OK;
    if (!saved) return fail(EPOCL_ERROR_DATA, "the checkpoint has no best network of member %zu", k);
    m->best.member = k;
    const epocl_status status = snapshot_restore(m->latest.network, saved, &e->task, e->valid, &e->shared, &m->best);
    if (status == EPOCL_OK) m->best.epoch = epoch;
    return status;
}

/* A member that has finished the epoch in progress is one epoch ahead. */
static epocl_status resume_trained(epocl_ensemble *e, size_t k, const epocl_dataset *train,
                                   const epocl_options *options, const epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    const kept_member *from = &c->members[k];
    epocl_checkpoint *checkpoint = NULL;
    TRY(epocl_checkpoint_load_memory(from->file.bytes, from->file.byte_count, &checkpoint));
    TRY(ensemble_add(e, train, options, true, checkpoint));
    const size_t epoch_count = epocl_trainer_epoch_count(ensemble_member_trainer(e, k));
    if (epoch_count != c->epoch_count && epoch_count != c->epoch_count + 1)
        TRY(fail(EPOCL_ERROR_DATA, "the checkpoint's member %zu has %zu epochs, the ensemble %zu", k, epoch_count,
                 c->epoch_count));
    if (!trainer_fits(ensemble_member_trainer(e, k), e->members[k].latest.network))
        TRY(fail(EPOCL_ERROR_DATA, "the checkpoint's member %zu has another shape than its options say", k));
    TRY(restore_best(e, k, epocl_checkpoint_best(checkpoint), from->best_epoch));
cleanup:
    epocl_checkpoint_release(checkpoint);
    return status;
}

static epocl_status resume_ended(epocl_ensemble *e, size_t k, const epocl_dataset *train, const epocl_options *options,
                                 const epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    const kept_member *from = &c->members[k];
    epocl_network *best = NULL;
    TRY(ensemble_add(e, train, options, false, NULL));
    if (from->best_epoch > 0) TRY(epocl_network_load_memory(from->file.bytes, from->file.byte_count, &best));
    TRY(restore_best(e, k, best, from->best_epoch));
cleanup:
    epocl_network_release(best);
    return status;
}

static epocl_status restore_kept(epocl_ensemble *e, const epocl_ensemble_checkpoint *c) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    if (c->kept_count == 0) return EPOCL_OK;
    TRY(epocl_network_load_memory(c->kept_file.bytes, c->kept_file.byte_count, &network));
    if (ensemble_member_count(network) != c->kept_count)
        TRY(fail(EPOCL_ERROR_DATA, "the checkpoint's ensemble has %zu networks, not %zu",
                 ensemble_member_count(network), c->kept_count));
    for (size_t i = 0; i < c->kept_count; i++) {
        const size_t member = c->kept[i][0];
        snapshot *one = &e->kept[e->kept_count];
        *one = (snapshot){.member = member, .epoch = c->kept[i][1]};
        e->picks[e->kept_count++] = ensemble_weight(network, i);
        TRY(snapshot_restore(e->members[member].latest.network, ensemble_member(network, i), &e->task, e->valid,
                             &e->shared, one));
    }
cleanup:
    epocl_network_release(network);
    return status;
}

static epocl_status restore_history(epocl_ensemble *e, const epocl_ensemble_checkpoint *c) {
    epocl_ensemble_epoch *history = NULL;
    const epocl_status status = allocate(c->epoch_count, sizeof *history, "the history of an ensemble", &history);
    if (status != EPOCL_OK) return status;
    e->history = history;
    e->history_capacity = e->epoch = c->epoch_count;
    e->next.seconds = c->seconds;
    if (!*e->plan_name) snprintf(e->plan_name, sizeof e->plan_name, "%s", c->plan);
    if (e->epoch == 0) return EPOCL_OK;
    memcpy(e->history, c->history, e->epoch * sizeof *e->history);
    for (size_t i = 0; i < e->epoch; i++) e->seconds += e->history[i].seconds;
    e->best_epoch = e->history[e->epoch - 1].best_epoch;
    e->best_cost = e->history[e->epoch - 1].valid_cost;
    return EPOCL_OK;
}

epocl_status epocl_ensemble_resume(epocl_device *device, const epocl_ensemble_checkpoint *checkpoint,
                                   const epocl_dataset *train, const epocl_dataset *valid,
                                   const epocl_options *const *options, size_t member_count,
                                   epocl_ensemble **ensemble) {
    epocl_status status = EPOCL_OK;
    epocl_ensemble *e = NULL;
    const epocl_ensemble_checkpoint *c = checkpoint;
    if (ensemble) *ensemble = NULL;
    if (!device || !checkpoint || !train || !options || !ensemble)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_resume: NULL argument");
    TRY(ensemble_begin(device, valid, options, member_count, &e));
    TRY(check_run(c, valid, member_count));
    for (size_t k = 0; k < member_count; k++) {
        TRY(c->members[k].is_trained ? resume_trained(e, k, train, options[k], c)
                                     : resume_ended(e, k, train, options[k], c));
        e->members[k].waited = c->members[k].waited;
        e->members[k].improved = c->members[k].improved;
    }
    TRY(restore_kept(e, c));
    TRY(restore_history(e, c));
    *ensemble = e;
    e = NULL;
cleanup:
    epocl_ensemble_release(e);
    return status;
}
