/* Ensembles in training: a population of which, after each epoch, the best ensemble is looked for. */
#include "ensemble/ensemble_trainer.h"

#include "base/clock.h"
#include "base/result.h"
#include "data/dataset.h"
#include "device/device.h"
#include "options/monitors.h"
#include "population/population.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Epochs without a better ensemble after which training ends. */
enum { ENSEMBLE_PATIENCE = 10 };

/* ---- Creation ------------------------------------------------------------------------------------ */

/* Its own validation would be a second one: a member looks at the data itself. */
static epocl_status check_options(const epocl_options *options) {
    if (options->training.monitor != MONITOR_cost)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "an ensemble is chosen by its validation cost: the option monitor does not go "
                    "with one");
    if (options->training.schedule == SCHEDULE_plateau)
        return fail(EPOCL_ERROR_ARGUMENT, "schedule plateau does not go with an ensemble; take another one");
    if (options->training.profile)
        return fail(EPOCL_ERROR_ARGUMENT, "launches of an ensemble are not timed; profile one network");
    return EPOCL_OK;
}

epocl_status ensemble_begin(epocl_device *device, const epocl_dataset *valid, const epocl_options *const *options,
                            size_t member_count, epocl_ensemble **ensemble) {
    epocl_status status = EPOCL_OK;
    epocl_ensemble *e = NULL;
    if (!valid) return fail(EPOCL_ERROR_ARGUMENT, "an ensemble is chosen on validation data, and there is none");
    if (member_count < 1 || member_count > ENSEMBLE_MOST_MEMBERS)
        return fail(EPOCL_ERROR_ARGUMENT, "an ensemble is made of 1 to %d networks, not %zu", ENSEMBLE_MOST_MEMBERS,
                    member_count);
    TRY(allocate(1, sizeof *e, "an ensemble", &e));
    e->device = device_hold(device);
    e->valid = valid;
    e->best_cost = INFINITY;
    e->max_seconds = options[0]->training.max_seconds;
    e->shared = (shape_predictors){.device = device, .batch_size = smaller(EVALUATION_BATCH, valid->sample_count)};
    TRY(allocate(member_count, sizeof *e->members, "the members of an ensemble", &e->members));
    TRY(epocl_population_create(device, 0, &e->population));
    *ensemble = e;
    e = NULL;
cleanup:
    epocl_ensemble_release(e);
    return status;
}

/* A network of the member's shape, and room for what it will say. */
static epocl_status prepare_member(epocl_ensemble *e, const epocl_dataset *train, const epocl_options *own) {
    epocl_status status = EPOCL_OK;
    trained_member *m = &e->members[e->count];
    m->latest.member = e->count;
    m->patience = (size_t)own->training.patience;
    m->min_delta = own->training.min_delta;
    TRY(epocl_network_create(train, own, &m->latest.network));
    if (e->count == 0) {
        TRY(network_check_dataset(m->latest.network, e->valid, true));
        TRY(task_create(m->latest.network, e->valid, &e->task, &e->targets));
    }
    TRY(allocate(e->task.sample_count * e->task.value_count, sizeof *m->latest.answers, "the answers of a network",
                 &m->latest.answers));
cleanup:
    return status;
}

epocl_status ensemble_add(epocl_ensemble *e, const epocl_dataset *train, const epocl_options *options, bool is_trained,
                          const epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    epocl_options *own = NULL;
    trained_member *m = &e->members[e->count];
    const bool was_whole = population_waiting_count(e->population) == 0;
    TRY(epocl_options_copy(options, &own));
    TRY(check_options(own));
    if (e->count > 0) epocl_options_set_message(own, NULL, NULL); /* the others do the same as the first */
    TRY(prepare_member(e, train, own));
    own->training.patience = 0;
    own->training.max_seconds = 0.0;
    if (checkpoint)
        TRY(epocl_population_resume(e->population, checkpoint, train, NULL, own, &m->place));
    else if (is_trained)
        TRY(epocl_population_add(e->population, m->latest.network, train, NULL, own, &m->place));
    if (was_whole && population_waiting_count(e->population) > 0) population_say_waves(e->population, options);
    m->is_trained = is_trained;
    if (is_trained && !*e->plan_name)
        snprintf(e->plan_name, sizeof e->plan_name, "%s",
                 epocl_trainer_plan_name(ensemble_member_trainer(e, e->count)));
cleanup:
    epocl_options_release(own);
    e->count++;
    return status;
}

epocl_status epocl_ensemble_create(epocl_device *device, const epocl_dataset *train, const epocl_dataset *valid,
                                   const epocl_options *const *options, size_t member_count,
                                   epocl_ensemble **ensemble) {
    epocl_status status = EPOCL_OK;
    epocl_ensemble *e = NULL;
    if (ensemble) *ensemble = NULL;
    if (!device || !train || !options || !ensemble)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_create: NULL argument");
    TRY(ensemble_begin(device, valid, options, member_count, &e));
    for (size_t k = 0; k < member_count; k++) TRY(ensemble_add(e, train, options[k], true, NULL));
    *ensemble = e;
    e = NULL;
cleanup:
    epocl_ensemble_release(e);
    return status;
}

void epocl_ensemble_release(epocl_ensemble *ensemble) {
    if (!ensemble) return;
    epocl_population_release(ensemble->population);
    for (size_t k = 0; k < ensemble->count; k++) member_release(&ensemble->members[k]);
    for (size_t k = 0; k < ensemble->kept_count; k++) snapshot_release(&ensemble->kept[k]);
    shape_predictors_release(&ensemble->shared);
    free(ensemble->members);
    free(ensemble->history);
    free(ensemble->targets);
    epocl_device_release(ensemble->device);
    free(ensemble);
}

/* ---- The choice ---------------------------------------------------------------------------------- */

enum { MOST_CANDIDATES = SELECTION_MOST_PICKS + 2 * ENSEMBLE_MOST_MEMBERS };

typedef struct candidates {
    const snapshot *snapshots[MOST_CANDIDATES];
    const float *answers[MOST_CANDIDATES];
    size_t count;
} candidates;

/* Unless it is there already: networks of a member and an epoch are the same. */
static void add_candidate(candidates *all, const snapshot *one) {
    if (one->epoch == 0) return;
    for (size_t i = 0; i < all->count; i++)
        if (all->snapshots[i]->member == one->member && all->snapshots[i]->epoch == one->epoch) return;
    all->snapshots[all->count] = one;
    all->answers[all->count++] = one->answers;
}

/* First the ensemble as it is, then the members in turn. */
static void find_candidates(const epocl_ensemble *e, candidates *all) {
    all->count = 0;
    for (size_t k = 0; k < e->kept_count; k++) add_candidate(all, &e->kept[k]);
    for (size_t k = 0; k < e->count; k++) add_candidate(all, &e->members[k].best);
    for (size_t k = 0; k < e->count; k++)
        if (e->members[k].is_trained) add_candidate(all, &e->members[k].latest);
}

/* The picks become the ensemble: copies of them, since what it was is among the candidates. */
static epocl_status keep(epocl_ensemble *e, const candidates *all, const selection *made) {
    epocl_status status = EPOCL_OK;
    snapshot kept[SELECTION_MOST_PICKS] = {{0}};
    uint32_t picks[MOST_CANDIDATES] = {0};
    size_t count = 0;
    for (size_t i = 0; i < made->pick_count; i++) picks[made->picks[i]]++;
    for (size_t i = 0; i < all->count; i++)
        if (picks[i] > 0) TRY(snapshot_copy(&e->task, all->snapshots[i], &kept[count++]));
    count = 0;
    for (size_t i = 0; i < all->count; i++)
        if (picks[i] > 0) e->picks[count++] = picks[i];
    for (size_t k = 0; k < e->kept_count; k++) snapshot_release(&e->kept[k]);
    memcpy(e->kept, kept, sizeof kept);
    e->kept_count = count;
    e->best_cost = made->cost;
    e->best_epoch = e->epoch + 1;
    return status;
cleanup:
    for (size_t k = 0; k < SELECTION_MOST_PICKS; k++) snapshot_release(&kept[k]);
    return status;
}

static epocl_status choose(epocl_ensemble *e) {
    epocl_status status = EPOCL_OK;
    candidates *all = NULL;
    selection made;
    TRY(allocate(1, sizeof *all, "candidates", &all));
    find_candidates(e, all);
    TRY(selection_make(&e->task, all->answers, all->count, SELECTION_MOST_PICKS, &made));
    e->next.latest_cost = made.cost;
    if (made.pick_count > 0 && made.cost < e->best_cost) TRY(keep(e, all, &made));
cleanup:
    free(all);
    return status;
}

/* ---- Epochs -------------------------------------------------------------------------------------- */

void epocl_ensemble_stop(epocl_ensemble *ensemble) {
    if (ensemble) epocl_population_stop(ensemble->population);
}

static epocl_status end_member(epocl_ensemble *e, size_t k) {
    e->members[k].is_trained = false;
    return epocl_population_drop(e->population, e->members[k].place);
}

/* What the member has become; one that has diverged is at its end. */
static epocl_status look_at(epocl_ensemble *e, size_t k) {
    epocl_status status = EPOCL_OK;
    trained_member *m = &e->members[k];
    epocl_trainer *trainer = ensemble_member_trainer(e, k);
    epocl_epoch_result result;
    if (epocl_population_status(e->population, m->place) == EPOCL_ERROR_DIVERGED) return end_member(e, k);
    status = member_look(m, trainer, &e->task, e->valid, &e->shared, e->epoch + 1);
    if (status == EPOCL_ERROR_DIVERGED) return end_member(e, k);
    TRY(status);
    TRY(epocl_trainer_history(trainer, e->epoch, &result));
    e->next.train_cost += result.train_cost;
    e->next.sample_count += result.sample_count;
    e->next.trained_count++;
cleanup:
    return status;
}

/* Those that have waited long enough are at their end, after the choice in which their latest took part. */
static epocl_status end_members(epocl_ensemble *e) {
    epocl_status status = EPOCL_OK;
    for (size_t k = 0; k < e->count && status == EPOCL_OK; k++) {
        const trained_member *m = &e->members[k];
        if (m->is_trained && m->patience > 0 && m->waited >= m->patience) status = end_member(e, k);
    }
    return status;
}

static void describe_epoch(epocl_ensemble *e) {
    epocl_ensemble_epoch *result = &e->history[e->epoch - 1];
    *result = e->next;
    result->epoch = e->epoch;
    result->best_member_cost = INFINITY;
    for (size_t k = 0; k < e->count; k++) {
        const snapshot *best = &e->members[k].best;
        if (best->epoch == 0 || !(best->cost < result->best_member_cost)) continue;
        result->best_member_cost = best->cost;
        result->best_member = k;
    }
    result->network_count = e->kept_count;
    result->best_epoch = e->best_epoch;
    result->valid_cost = e->best_cost;
    result->train_cost /= (double)result->trained_count;
}

static epocl_status fail_without_any(void) {
    return fail(EPOCL_ERROR_DIVERGED, "no member of the ensemble has a finite cost; try a lower learning rate");
}

static epocl_status make_room(epocl_ensemble *e) {
    if (e->epoch < e->history_capacity) return EPOCL_OK;
    const size_t capacity = 2 * e->history_capacity + 16;
    epocl_ensemble_epoch *grown = realloc(e->history, capacity * sizeof *grown);
    if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the history of an ensemble");
    e->history = grown;
    e->history_capacity = capacity;
    return EPOCL_OK;
}

/* Where the last ones diverge, the ensemble is what it was, and there is no further epoch of it. */
static epocl_status run_epoch(epocl_ensemble *e) {
    epocl_status status = EPOCL_OK;
    TRY(make_room(e));
    const double begin = seconds_now(), before = e->next.seconds;
    status = epocl_population_run(e->population, e->epoch + 1, NULL, NULL);
    if (status == EPOCL_STOPPED) {
        e->next.seconds += seconds_now() - begin;
        return status;
    }
    TRY(status);
    e->next = (epocl_ensemble_epoch){0};
    for (size_t k = 0; k < e->count; k++)
        if (e->members[k].is_trained) TRY(look_at(e, k));
    if (e->next.trained_count == 0) return e->kept_count > 0 ? EPOCL_OK : fail_without_any();
    TRY(choose(e));
    TRY(end_members(e));
    e->epoch++;
    e->next.seconds = before + seconds_now() - begin;
    e->seconds += e->next.seconds;
    describe_epoch(e);
    e->next = (epocl_ensemble_epoch){0};
cleanup:
    return status;
}

epocl_status epocl_ensemble_run_epoch_sized(epocl_ensemble *ensemble, epocl_ensemble_epoch *result,
                                            size_t result_bytes) {
    if (!ensemble || !result) return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_run_epoch: NULL argument");
    const epocl_status status = run_epoch(ensemble);
    if (status != EPOCL_OK) return status;
    result_write(result, result_bytes, &ensemble->history[ensemble->epoch - 1], sizeof *ensemble->history);
    return EPOCL_OK;
}

size_t epocl_ensemble_epoch_count(const epocl_ensemble *ensemble) {
    return ensemble->epoch;
}

epocl_status epocl_ensemble_history_sized(const epocl_ensemble *ensemble, size_t index, epocl_ensemble_epoch *result,
                                          size_t result_bytes) {
    if (!ensemble || !result) return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_history: NULL argument");
    if (index >= ensemble->epoch)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_history: %zu epochs are finished", ensemble->epoch);
    result_write(result, result_bytes, &ensemble->history[index], sizeof *ensemble->history);
    return EPOCL_OK;
}

epocl_end epocl_ensemble_end(const epocl_ensemble *ensemble, size_t epoch_count) {
    bool is_any_trained = false;
    for (size_t k = 0; k < ensemble->count; k++) is_any_trained = is_any_trained || ensemble->members[k].is_trained;
    if (ensemble->epoch >= epoch_count) return EPOCL_END_EPOCHS;
    if (!is_any_trained || ensemble->epoch >= ensemble->best_epoch + ENSEMBLE_PATIENCE) return EPOCL_END_PATIENCE;
    if (ensemble->max_seconds > 0 && ensemble->seconds >= ensemble->max_seconds) return EPOCL_END_SECONDS;
    return EPOCL_END_NONE;
}

/* ---- What has come of it ------------------------------------------------------------------------- */

epocl_status epocl_ensemble_read(const epocl_ensemble *ensemble, epocl_network **network) {
    const epocl_network *members[SELECTION_MOST_PICKS];
    if (network) *network = NULL;
    if (!ensemble || !network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_ensemble_read: NULL argument");
    if (ensemble->epoch == 0) return fail(EPOCL_ERROR_ARGUMENT, "the ensemble has not been trained for an epoch");
    if (ensemble->kept_count == 0) return fail_without_any();
    for (size_t k = 0; k < ensemble->kept_count; k++) members[k] = ensemble->kept[k].network;
    return epocl_network_create_ensemble(members, ensemble->picks, ensemble->kept_count, network);
}

const char *epocl_ensemble_plan_name(const epocl_ensemble *ensemble) {
    return ensemble->plan_name;
}
