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

static double cost_of(const selection_task *task, const float *answers) {
    const float *const one[] = {answers};
    selection alone;
    return selection_make(task, one, 1, 1, &alone) == EPOCL_OK ? alone.cost : INFINITY;
}

epocl_status member_look(trained_member *m, epocl_trainer *trainer, const selection_task *task,
                         const epocl_dataset *valid, shape_predictors *shared, size_t epoch) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *predictor = NULL;
    answering a = {.task = task, .network = m->latest.network, .labels = valid->labels, .answers = m->latest.answers};
    TRY(allocate(network_output_count(a.network), sizeof *a.outputs, "outputs", &a.outputs));
    TRY(epocl_trainer_read(trainer, m->latest.network));
    TRY(shape_predictors_take(shared, m->latest.network, &predictor));
    TRY(predictor_run(predictor, valid, &(prediction){.weighted_inputs = true, .take = take_answers, .user = &a}));
    m->latest.epoch = epoch;
    m->latest.cost = cost_of(task, m->latest.answers);
    m->waited++;
    if (m->best.epoch == 0 || m->latest.cost < m->best.cost) {
        if (isfinite(m->latest.cost)) TRY(snapshot_copy(task, &m->latest, &m->best));
        m->waited = 0;
    }
cleanup:
    free(a.outputs);
    return status;
}
