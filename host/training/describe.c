/* What a run would allocate and launch, without doing either. */
#include "base/result.h"
#include "choice/matmul.h"
#include "choice/plan_choice.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "model/network.h"
#include "steps/matmul_rule.h"
#include "training/class_weights.h"
#include "training/trainer.h"

#include <stdio.h>
#include <string.h>

struct epocl_plan {
    run_plan planned;
    char name[RUN_PLAN_NAME_CAPACITY];
};

epocl_status epocl_plan_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                               const epocl_dataset *valid, const epocl_options *options, epocl_plan **described) {
    epocl_status status = EPOCL_OK;
    epocl_plan *made = NULL;
    matmul_choice matmul;
    plan_shape asked;
    weighed_data weighed = {0};
    if (described) *described = NULL;
    if (!device || !options || !described) return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_create: NULL argument");
    const training_options *training = &options->training;
    TRY(training_check(network, train, valid));
    TRY(class_weights_apply(&training->class_weights, train, network_output_count(network), &weighed));
    TRY(device_enter(device));
    TRY(plan_ask_device(device, training));
    const size_t batch_size = smaller(training->batch_size, train->sample_count);
    if (training->matmul.is_auto) {
        matmul = matmul_default(&device->info, network); /* timing would allocate */
        matmul_fit_batch(&matmul, batch_size);
    } else {
        TRY(matmul_choose(device, network, training, batch_size, &matmul));
    }
    TRY(allocate(1, sizeof *made, "a plan", &made));
    TRY(run_plan_create(&made->planned, &device->info, network, &weighed.data, valid, training, &matmul, false));
    TRY(monitor_check(training, network, valid != NULL, train->values != NULL));
    TRY(plan_asked(&made->planned, &device->info, training, &asked));
    run_plan_name(&made->planned, asked, made->name);
    *described = made;
    made = NULL;
cleanup:
    weighed_data_release(&weighed);
    epocl_plan_release(made);
    return status;
}

void epocl_plan_release(epocl_plan *described) {
    if (!described) return;
    run_plan_release(&described->planned);
    free(described);
}

void epocl_plan_describe_sized(const epocl_plan *described, epocl_plan_info *info, size_t info_bytes) {
    const run_plan *r = &described->planned;
    epocl_plan_info made = {.buffer_count = r->plan.tensor_count - TENSOR_FIRST,
                            .launch_count = r->train.step.count,
                            .total_bytes = plan_total_bytes(&r->plan)};
    snprintf(made.name, sizeof made.name, "%.95s", described->name); /* no name is longer */
    result_write(info, info_bytes, &made, sizeof made);
}

epocl_status epocl_plan_buffer_at_sized(const epocl_plan *described, size_t index, epocl_plan_buffer *buffer,
                                        size_t buffer_bytes) {
    if (!described || !buffer) return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_buffer_at: NULL argument");
    if (index >= described->planned.plan.tensor_count - TENSOR_FIRST)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_buffer_at: there is no buffer %zu", index);
    const tensor *t = &described->planned.plan.tensors[TENSOR_FIRST + index];
    epocl_plan_buffer made = {.rows = t->rows, .columns = t->columns, .bytes = t->bytes};
    snprintf(made.name, sizeof made.name, "%s", t->name);
    snprintf(made.purpose, sizeof made.purpose, "%s", tensor_purpose_name(t->purpose));
    result_write(buffer, buffer_bytes, &made, sizeof made);
    return EPOCL_OK;
}

epocl_status epocl_plan_launch_at_sized(const epocl_plan *described, size_t index, epocl_plan_launch *one,
                                        size_t launch_bytes) {
    if (!described || !one) return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_launch_at: NULL argument");
    if (index >= described->planned.train.step.count)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_launch_at: there is no launch %zu", index);
    const launch *l = &described->planned.train.step.launches[index];
    epocl_plan_launch made = {.flop = l->flop};
    snprintf(made.kernel, sizeof made.kernel, "%s", l->kernel);
    snprintf(made.detail, sizeof made.detail, "%s", l->detail);
    result_write(one, launch_bytes, &made, sizeof made);
    return EPOCL_OK;
}
