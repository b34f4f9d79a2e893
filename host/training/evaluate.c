/* Evaluating and predicting: passes that change no parameter. */
#include "base/result.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "model/network.h"
#include "training/matmul.h"
#include "training/self_test.h"
#include "training/trainer.h"

#include <math.h>

/* A network and one data set on a device, ready to run. */
typedef struct inference {
    plan plan;
    parameter_tensors parameters;
    pass pass;
    executable executable;
} inference;

typedef epocl_status plan_function(pass *, plan *, const parameter_tensors *, const epocl_network *, const pass_data *);

static void inference_release(inference *i) {
    pass_release(&i->pass);
    executable_release(&i->executable);
    parameters_release(&i->parameters);
    plan_release(&i->plan);
}

static epocl_status inference_create(inference *i, plan_function *plan_pass, epocl_device *device,
                                     const epocl_network *network, const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    matmul_choice matmul = matmul_default(&device->info, network);
    const pass_data data = pass_data_of(dataset, "data", EVALUATION_BATCH);
    *i = (inference){0};
    if (!network->has_parameters) return fail(EPOCL_ERROR_ARGUMENT, "the network has not been trained");
    TRY(self_test_or_plain(device, &matmul, network, NULL));
    TRY(plan_create(&i->plan, &matmul, &device->info, pass_tensor_capacity(network->layer_count, 1)));
    TRY(parameters_plan(&i->parameters, &i->plan, network));
    TRY(plan_pass(&i->pass, &i->plan, &i->parameters, network, &data));
    const sequence *sequences[] = {&i->pass.begin, &i->pass.step};
    TRY(executable_create(&i->executable, device, &i->plan, sequences, 2));
    TRY(pass_bind(&i->pass, &i->executable));
    TRY(pass_upload(&i->pass, &i->executable, network, dataset));
    TRY(pass_write_state(&i->pass, &i->executable, &(epoch_state){0}));
    TRY(parameters_write(&i->parameters, &i->executable, network));
cleanup:
    if (status != EPOCL_OK) inference_release(i);
    return status;
}

epocl_status epocl_evaluate_sized(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                  epocl_evaluation *evaluation, size_t evaluation_bytes) {
    epocl_status status = EPOCL_OK;
    inference i = {0};
    epoch_state state;
    if (!device || !network || !dataset || !evaluation)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_evaluate: NULL argument");
    TRY(network_check_dataset(network, dataset, true));
    TRY(device_enter(device));
    TRY(inference_create(&i, pass_plan_evaluation, device, network, dataset));
    TRY(pass_enqueue_begin(&i.pass));
    TRY(pass_enqueue_steps(&i.pass, 0, NULL));
    TRY(pass_read_state(&i.pass, &i.executable, &state));
    if (state.nonfinite_step) {
        status = fail(EPOCL_ERROR_DIVERGED, "the cost of this network on this data is not finite");
        goto cleanup;
    }
    const epocl_evaluation made = {.cost = ((double)state.cost + (double)state.cost_compensation) / (double)state.first,
                                   .accuracy = (double)state.correct / (double)state.first,
                                   .sample_count = state.first};
    result_write(evaluation, evaluation_bytes, &made, sizeof made);
cleanup:
    inference_release(&i);
    return status;
}

epocl_status epocl_predict(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                           float *outputs) {
    epocl_status status = EPOCL_OK;
    inference i = {0};
    if (!device || !network || !dataset || !outputs) return fail(EPOCL_ERROR_ARGUMENT, "epocl_predict: NULL argument");
    TRY(network_check_dataset(network, dataset, false));
    TRY(device_enter(device));
    TRY(inference_create(&i, pass_plan_prediction, device, network, dataset));
    const batch_tensors *b = &i.pass.batch;
    const size_t output_count = i.pass.layers[i.pass.layer_count - 1].output_count;
    TRY(pass_enqueue_begin(&i.pass));
    for (size_t first = 0; first < b->sample_count; first += b->batch_size) {
        const size_t batch_count = smaller(b->batch_size, b->sample_count - first);
        TRY(bound_sequence_enqueue(&i.pass.bound_step, batch_count));
        TRY(executable_read(&i.executable, i.pass.outputs, outputs + first * output_count,
                            batch_count * output_count * sizeof *outputs));
    }
cleanup:
    inference_release(&i);
    return status;
}

/* Without a finite cost a sample has no class. */
static epocl_status check_costs(const float *costs, size_t count, size_t first) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(costs[i]))
            return fail(
                EPOCL_ERROR_DATA,
                "the weighted inputs of the outputs overflow at sample %zu; its inputs are too large for this network",
                first + i);
    return EPOCL_OK;
}

/* The evaluation's own launches: the labels, which may be missing, have a part in the costs alone. */
epocl_status epocl_predict_classes(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                   uint32_t *classes) {
    epocl_status status = EPOCL_OK;
    inference i = {0};
    float costs[EVALUATION_BATCH];
    if (!device || !network || !dataset || !classes)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_predict_classes: NULL argument");
    TRY(network_check_dataset(network, dataset, false));
    TRY(inference_create(&i, pass_plan_evaluation, device, network, dataset));
    const batch_tensors *b = &i.pass.batch;
    TRY(pass_enqueue_begin(&i.pass));
    for (size_t first = 0; first < b->sample_count; first += b->batch_size) {
        const size_t batch_count = smaller(b->batch_size, b->sample_count - first);
        TRY(bound_sequence_enqueue(&i.pass.bound_step, batch_count));
        TRY(executable_read(&i.executable, b->classes, classes + first, batch_count * sizeof *classes));
        TRY(executable_read(&i.executable, b->costs, costs, batch_count * sizeof *costs));
        TRY(check_costs(costs, batch_count, first));
    }
cleanup:
    inference_release(&i);
    return status;
}
