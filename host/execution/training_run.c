#include "execution/training_run.h"
#include "device/wait.h"
#include "execution/batch.h"
#include "execution/parameters.h"
#include "model/orthogonal.h"

/* ---- creating ---- */

/* What of a data set is on the device already. */
static device_dataset *borrow(const pass_plan *planned, const plan *p, const epocl_dataset *dataset,
                              device_dataset *lent_data, lent_buffers *lent) {
    if (lent_data) batch_borrow(&planned->batch, p, lent_data, device_dataset_has_weights(lent_data, dataset), lent);
    return device_dataset_hold(lent_data);
}

static epocl_status begin_pass(pass *pass_, const pass_plan *planned, const executable *e, const epocl_network *network,
                               const epocl_dataset *dataset) {
    const epocl_status status = pass_bind(pass_, planned, e);
    return status == EPOCL_OK ? batch_upload(&planned->batch, e, network, dataset) : status;
}

epocl_status training_run_create(training_run *run, epocl_device *device, const run_plan *planned,
                                 const epocl_network *network, const epocl_dataset *train, const epocl_dataset *valid,
                                 const data_loan *loan) {
    epocl_status status = EPOCL_OK;
    lent_buffers lent = {0};
    *run = (training_run){.planned = planned};
    executable *e = &run->executable;
    TRY(network_clone_shape(network, &run->network));
    if (loan) {
        lent.taken_bytes = loan->taken_bytes;
        run->borrowed[0] = borrow(&planned->train, &planned->plan, train, loan->train, &lent);
        run->borrowed[1] = borrow(&planned->valid, &planned->plan, valid, loan->valid, &lent);
    }
    const sequence *sequences[] = {&planned->draw, &planned->train.begin, &planned->train.step, &planned->valid.begin,
                                   &planned->valid.step}; /* empty without validation */
    TRY(executable_create(e, device, &planned->plan, sequences, sizeof sequences / sizeof *sequences, &lent));
    TRY(begin_pass(&run->train, &planned->train, e, network, train));
    const hyper_values hyper = recipe_hyper(&planned->recipe, steps_of_epoch(&planned->train));
    TRY(pass_write_hyper(&run->train, &hyper));
    if (valid) TRY(begin_pass(&run->valid, &planned->valid, e, network, valid));
cleanup:
    if (status != EPOCL_OK) training_run_release(run);
    return status;
}

void training_run_release(training_run *run) {
    pass_release(&run->train);
    pass_release(&run->valid);
    executable_release(&run->executable);
    device_dataset_release(run->borrowed[0]);
    device_dataset_release(run->borrowed[1]);
    epocl_network_release(run->network);
    *run = (training_run){0};
}

epocl_status training_run_park(training_run *run) {
    const epocl_status status = executable_park(&run->executable);
    if (status != EPOCL_OK) return status;
    pass_park(&run->train);
    pass_park(&run->valid);
    return EPOCL_OK;
}

epocl_status training_run_unpark(training_run *run, uint64_t taken_bytes) {
    epocl_status status = executable_unpark(&run->executable, taken_bytes);
    if (status != EPOCL_OK) return status;
    status = pass_unpark(&run->train);
    if (status == EPOCL_OK) status = pass_unpark(&run->valid);
    if (status == EPOCL_OK) return EPOCL_OK;
    pass_park(&run->train);
    return executable_park(&run->executable) == EPOCL_OK ? status : EPOCL_ERROR_OPENCL;
}

/* ---- beginning ---- */

static epocl_status clear_slots(const training_run *run) {
    epocl_status status = EPOCL_OK;
    const parameter_tensors *p = &run->planned->parameters;
    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        for (size_t l = 0; p->slots[slot] && l < p->layer_count; l++) {
            TRY(executable_clear(&run->executable, p->slots[slot][l].weights));
            TRY(executable_clear(&run->executable, p->slots[slot][l].biases));
        }
    }
cleanup:
    return status;
}

/* An average begins with the parameters. */
static epocl_status begin_average(const training_run *run) {
    epocl_status status = EPOCL_OK;
    const parameter_tensors *p = &run->planned->parameters;
    if (!p->slots[SLOT_AVERAGE]) return EPOCL_OK;
    TRY(parameters_read(p->layers, &run->executable, run->network));
    TRY(parameters_write(p->slots[SLOT_AVERAGE], &run->executable, run->network));
cleanup:
    return status;
}

/* A matrix that is made as a whole is made on the host. */
static epocl_status write_orthogonal(const training_run *run, size_t number, float scale) {
    epocl_status status = EPOCL_OK;
    const run_plan *planned = run->planned;
    layer *l = &run->network->layers[number];
    TRY(orthogonal_weights(l, (uint32_t)planned->train.layers[number].number, planned->seed, scale));
    TRY(executable_write_transposed(&run->executable, planned->parameters.layers[number].weights, l->weights));
cleanup:
    return status;
}

/* Biases begin at 0. */
static epocl_status draw_parameters(const training_run *run, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    bound_sequence bound = {0};
    const run_plan *planned = run->planned;
    epocl_device *device = run->executable.device;
    for (size_t l = 0; l < planned->parameters.layer_count; l++) {
        if (network->layers[l].is_given) continue;
        const weight_distribution drawn = run_plan_weights(planned, l);
        TRY(executable_clear(&run->executable, planned->parameters.layers[l].weights));
        TRY(executable_clear(&run->executable, planned->parameters.layers[l].biases));
        if (drawn.kind == WEIGHTS_orthogonal) TRY(write_orthogonal(run, l, drawn.scale));
    }
    TRY(bound_sequence_create(&bound, &run->executable, &planned->draw));
    TRY(bound_sequence_enqueue(&bound, 0));
    TRY(device_finish(device, device->queue, "the initial weights"));
cleanup:
    bound_sequence_release(&bound);
    return status;
}

epocl_status training_run_begin(training_run *run, const epocl_network *network, epoch_state *position) {
    epocl_status status = EPOCL_OK;
    const uint64_t seed = run->planned->seed;
    *position = (epoch_state){.seed_low = (uint32_t)seed, .seed_high = (uint32_t)(seed >> 32)};
    TRY(pass_write_state(&run->train, position));
    TRY(clear_slots(run)); /* choosing a plan has trained */
    if (network->has_parameters || network->layers[0].is_given)
        TRY(parameters_write(run->planned->parameters.layers, &run->executable, network));
    if (!network->has_parameters) TRY(draw_parameters(run, network));
    TRY(begin_average(run));
cleanup:
    return status;
}
