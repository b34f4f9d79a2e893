#include "ensemble/members.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "model/ensemble.h"

#include <math.h>
#include <string.h>

/* ---- Snapshots ----------------------------------------------------------------------------------- */

static size_t answer_count(const selection_task *task) {
    return task->sample_count * task->value_count;
}

epocl_status snapshot_copy(const selection_task *task, const snapshot *from, snapshot *to) {
    epocl_status status = EPOCL_OK;
    if (!to->network) TRY(network_clone_shape(from->network, &to->network));
    if (!to->answers) TRY(allocate(answer_count(task), sizeof *to->answers, "the answers of a network", &to->answers));
    network_copy_parameters(from->network, to->network);
    memcpy(to->answers, from->answers, answer_count(task) * sizeof *to->answers);
    to->cost = from->cost;
    to->member = from->member;
    to->epoch = from->epoch;
cleanup:
    return status;
}

void snapshot_release(snapshot *one) {
    epocl_network_release(one->network);
    free(one->answers);
    *one = (snapshot){0};
}

void member_release(trained_member *m) {
    snapshot_release(&m->latest);
    snapshot_release(&m->best);
}

/* ---- The task ------------------------------------------------------------------------------------ */

epocl_status task_create(const epocl_network *network, const epocl_dataset *valid, selection_task *task,
                         float **targets) {
    const bool of_one = selection_takes_probability(network, valid);
    const size_t outputs = network_output_count(network);
    *targets = NULL;
    *task = (selection_task){.network = network,
                             .sample_count = valid->sample_count,
                             .value_count = of_one ? 1 : outputs,
                             .targets = valid->values,
                             .weights = valid->weights};
    if (of_one || valid->values) return EPOCL_OK;
    const epocl_status status = allocate(valid->sample_count * outputs, sizeof **targets, "targets", targets);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < valid->sample_count; i++) (*targets)[i * outputs + valid->labels[i]] = 1.0f;
    task->targets = *targets;
    return EPOCL_OK;
}

/* ---- Answers ------------------------------------------------------------------------------------- */

typedef struct answering {
    const selection_task *task;
    const epocl_network *network;
    const uint32_t *labels;
    double *outputs; /* of a sample */
    float *answers;
} answering;

static void take_answers(void *user, const predicted_samples *samples) {
    const answering *a = user;
    const size_t outputs = network_output_count(a->network);
    for (size_t i = 0; i < samples->count; i++) {
        const size_t sample = samples->first + i;
        memset(a->outputs, 0, outputs * sizeof *a->outputs);
        ensemble_add_outputs(a->network, samples->weighted_inputs + i * outputs, 1.0, a->outputs);
        if (!a->task->targets)
            a->answers[sample] = (float)a->outputs[a->labels[sample]];
        else
            for (size_t o = 0; o < outputs; o++) a->answers[sample * outputs + o] = (float)a->outputs[o];
    }
}

static epocl_status find_cost(const selection_task *task, snapshot *one) {
    const float *const answers[] = {one->answers};
    selection alone;
    const epocl_status status = selection_make(task, answers, 1, 1, &alone);
    if (status == EPOCL_OK) one->cost = alone.cost;
    return status;
}

/* What the snapshot's network says, and what that costs by itself. */
static epocl_status answer(const selection_task *task, const epocl_dataset *valid, shape_predictors *shared,
                           snapshot *one) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *predictor = NULL;
    answering a = {.task = task, .network = one->network, .labels = valid->labels, .answers = one->answers};
    TRY(allocate(network_output_count(a.network), sizeof *a.outputs, "outputs", &a.outputs));
    TRY(shape_predictors_take(shared, one->network, &predictor));
    TRY(predictor_run(predictor, valid, &(prediction){.weighted_inputs = true, .take = take_answers, .user = &a}));
    TRY(find_cost(task, one));
cleanup:
    free(a.outputs);
    return status;
}

epocl_status member_look(trained_member *m, epocl_trainer *trainer, const selection_task *task,
                         const epocl_dataset *valid, shape_predictors *shared, size_t epoch) {
    epocl_status status = EPOCL_OK;
    TRY(epocl_trainer_read(trainer, m->latest.network));
    TRY(answer(task, valid, shared, &m->latest));
    const double cost = m->latest.cost;
    const bool is_first = m->best.epoch == 0;
    m->latest.epoch = epoch;
    m->waited++;
    if (is_first || (cost < m->improved && m->improved - cost >= m->min_delta)) {
        m->improved = cost;
        m->waited = 0;
    }
    if (isfinite(cost) && (is_first || cost < m->best.cost)) TRY(snapshot_copy(task, &m->latest, &m->best));
cleanup:
    return status;
}

epocl_status snapshot_restore(const epocl_network *shape, const epocl_network *saved, const selection_task *task,
                              const epocl_dataset *valid, shape_predictors *shared, snapshot *to) {
    epocl_status status = EPOCL_OK;
    if (!network_is_alike(shape, saved))
        return fail(EPOCL_ERROR_DATA, "a network of the checkpoint has another shape than the options say");
    TRY(network_clone_shape(shape, &to->network));
    TRY(allocate(answer_count(task), sizeof *to->answers, "the answers of a network", &to->answers));
    network_copy_parameters(saved, to->network);
    TRY(answer(task, valid, shared, to));
cleanup:
    return status;
}
