/* A predictor: a network that stays on a device, and any number of data sets that stream through it
 * (predictor_run.c). */
#include "prediction/predictor_parts.h"

#include "choice/self_test.h"
#include "device/wait.h"
#include "execution/batch.h"
#include "execution/parameters.h"
#include "model/ensemble.h"
#include "steps/matmul_rule.h"

/* ---- creating ---- */

static epocl_status plan_parts(epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    const pass_plan *pass_ = &p->pass;
    const batch_tensors *b = &pass_->batch;
    const size_t last = pass_->layer_count - 1;
    const layer_tensors *output_layer = &pass_->layers[last];
    for (size_t i = 0; i < PART_COUNT; i++) TRY(sequence_create(&p->parts[i]));
    batch_tensors of_type = *b;
    for (int bytes = 0; bytes < 2; bytes++) {
        of_type.bytes = bytes;
        add_gather(&p->plan, &p->parts[bytes ? GATHER_BYTES : GATHER_FLOATS], &of_type, &pass_->layers[0]);
    }
    for (size_t i = 0; i < last; i++) add_forward(&p->plan, &p->parts[HIDDEN_LAYERS], b, &pass_->layers[i]);
    add_forward(&p->plan, &p->parts[OUTPUTS], b, output_layer);
    add_output(&p->plan, &p->parts[OUTPUTS], b, output_layer, p->outputs);
    /* The evaluation's own launches: the labels, which may be missing, have a part in the costs alone. */
    add_cost(&p->plan, &p->parts[CLASSES], b, output_layer, &(target_levels){1.0f, 0.0f});
    add_metrics_step(&p->plan, &p->parts[CLASSES], b);
    TRY(plan_check(&p->plan));
    for (size_t i = 0; i < PART_COUNT; i++) TRY(sequence_check(&p->parts[i]));
cleanup:
    return status;
}

static epocl_status plan_predictor(epocl_predictor *p, const epocl_network *network, const matmul_choice *matmul,
                                   size_t batch_size) {
    epocl_status status = EPOCL_OK;
    const pass_data data = {
        .name = "data", .sample_count = batch_size, .batch_size = batch_size, .has_values = p->has_values};
    const recipe plain = recipe_plain(0.0f);
    TRY(plan_create(&p->plan, matmul, &p->device->info));
    recipe_define(&p->plan.constants, &plain); /* around an epoch, as most trainings */
    TRY(parameters_plan(&p->parameters, &p->plan, network, NULL));
    TRY(pass_plan_begin(&p->pass, &p->plan, &p->parameters, network, &data, NULL));
    p->outputs =
        plan_add_array(&p->plan, PURPOSE_ACTIVATIONS, batch_size * output_count_of(p), sizeof(float), "data.outputs");
    TRY(plan_parts(p));
cleanup:
    return status;
}

/* The samples of a mini-batch are taken in the order in which they lie. */
static epocl_status write_order(const epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &p->pass.batch;
    uint32_t *order = NULL;
    TRY(allocate(b->batch_size, sizeof *order, "the order of samples", &order));
    for (size_t i = 0; i < b->batch_size; i++) order[i] = (uint32_t)i;
    TRY(executable_write(&p->executable, b->order, order, b->batch_size * sizeof *order));
cleanup:
    free(order);
    return status;
}

static epocl_status upload(const epocl_predictor *p, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    TRY(parameters_write(p->parameters.layers, &p->executable, network));
    TRY(batch_upload_inputs(&p->pass.batch, &p->executable, network));
    TRY(write_order(p));
cleanup:
    return status;
}

epocl_status predictor_create(epocl_device *device, const epocl_network *network, size_t batch_size, bool has_values,
                              epocl_predictor **predictor) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *p = NULL;
    *predictor = NULL;
    TRY(device_enter(device));
    if (!network->has_parameters) return fail(EPOCL_ERROR_ARGUMENT, "the network has not been trained");
    TRY(allocate(1, sizeof *p, "a predictor", &p));
    p->device = device_hold(device);
    if (network_is_ensemble(network)) {
        TRY(ensemble_predictor_create(device, network, batch_size, &p->ensemble));
        *predictor = p;
        return status;
    }
    p->has_values = has_values;
    TRY(network_clone_shape(network, &p->network));
    matmul_choice matmul = matmul_default(&device->info, network);
    TRY(self_test_or_plain(device, &matmul, network, has_values, NULL));
    device_say(device, "compiling the kernels to predict with");
    TRY(plan_predictor(p, network, &matmul, batch_size));
    TRY(predictor_allocate_staging(p));
    const sequence *sequences[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++) sequences[i] = &p->parts[i];
    TRY(executable_create(&p->executable, device, &p->plan, sequences, PART_COUNT, NULL));
    for (size_t i = 0; i < PART_COUNT; i++) TRY(bound_sequence_create(&p->bound[i], &p->executable, &p->parts[i]));
    TRY(upload(p, network));
    *predictor = p;
    p = NULL;
cleanup:
    epocl_predictor_release(p);
    return status;
}

epocl_status epocl_predictor_create(epocl_device *device, const epocl_network *network, epocl_predictor **predictor) {
    if (predictor) *predictor = NULL;
    if (!device || !network || !predictor) return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_create: NULL argument");
    return predictor_create(device, network, EVALUATION_BATCH, false, predictor);
}

static void release_one(epocl_predictor *predictor) {
    if (!predictor) return;
    device_notice_fork(predictor->device);
    for (size_t i = 0; i < PART_COUNT; i++) {
        bound_sequence_release(&predictor->bound[i]);
        sequence_release(&predictor->parts[i]);
    }
    pass_plan_release(&predictor->pass);
    executable_release(&predictor->executable);
    parameters_release(&predictor->parameters);
    plan_release(&predictor->plan);
    ensemble_predictor_release(predictor->ensemble);
    epocl_network_release(predictor->network);
    free(predictor->staging);
    free(predictor->rows);
    epocl_device_release(predictor->device);
    free(predictor);
}

void epocl_predictor_release(epocl_predictor *predictor) {
    if (predictor) release_one(predictor->other);
    release_one(predictor);
}

epocl_status predictor_write(const epocl_predictor *predictor, const epocl_network *network) {
    return parameters_write(predictor->parameters.layers, &predictor->executable, network);
}

epocl_status epocl_predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, float *outputs,
                                 uint32_t *classes) {
    epocl_status status = EPOCL_OK;
    if (!predictor || !dataset || (!outputs && !classes))
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_run: NULL argument");
    TRY(network_check_dataset(predictor_network(predictor), dataset, false));
    if (classes && predictor->has_values)
        return fail(EPOCL_ERROR_ARGUMENT, "this predictor evaluates values and knows no classes");
    TRY(predictor_run(predictor, dataset, &(prediction){.outputs = outputs, .classes = classes}));
cleanup:
    return status;
}

epocl_status epocl_predictor_run_member(epocl_predictor *predictor, size_t member, const epocl_dataset *dataset,
                                        float *outputs, uint32_t *classes) {
    epocl_status status = EPOCL_OK;
    if (!predictor || !dataset || (!outputs && !classes))
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_run_member: NULL argument");
    const epocl_network *network = predictor_network(predictor);
    if (member >= ensemble_member_count(network))
        return fail(EPOCL_ERROR_ARGUMENT, "there is no member %zu; the model has %zu, counted from 0", member,
                    ensemble_member_count(network));
    if (!predictor->ensemble) return epocl_predictor_run(predictor, dataset, outputs, classes);
    TRY(device_enter(predictor->device));
    TRY(network_check_dataset(network, dataset, false));
    TRY(ensemble_predictor_run_member(predictor->ensemble, member, dataset,
                                      &(prediction){.outputs = outputs, .classes = classes}));
cleanup:
    return status;
}

/* ---- for evaluations ---- */

bool predictor_is_of_ensemble(const epocl_predictor *predictor) {
    return predictor->ensemble != NULL;
}

epocl_status predictor_of_kind(epocl_predictor *predictor, bool has_values, epocl_predictor **found) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    *found = predictor->ensemble || predictor->has_values == has_values ? predictor : predictor->other;
    if (*found) return EPOCL_OK;
    TRY(device_enter(predictor->device));
    TRY(network_clone_shape(predictor->network, &network));
    TRY(parameters_read(predictor->parameters.layers, &predictor->executable, network));
    TRY(predictor_create(predictor->device, network, predictor->pass.batch.batch_size, has_values, &predictor->other));
    *found = predictor->other;
cleanup:
    epocl_network_release(network);
    return status;
}

const epocl_network *predictor_network(const epocl_predictor *predictor) {
    return predictor->ensemble ? ensemble_predictor_network(predictor->ensemble) : predictor->network;
}

epocl_status predictor_read_state(const epocl_predictor *predictor, epoch_state *state) {
    return executable_read(&predictor->executable, predictor->pass.batch.state, state, sizeof *state);
}
