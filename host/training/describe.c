/* What a run would allocate and launch, without doing either. */
#include "data/dataset.h"
#include "device/wait.h"
#include "training/matmul.h"
#include "training/trainer.h"

#include <stdio.h>
#include <string.h>

static void describe_buffer(epocl_plan_buffer *out, const tensor *t) {
    snprintf(out->name, sizeof out->name, "%s", t->name);
    snprintf(out->purpose, sizeof out->purpose, "%s", tensor_purpose_name(t->purpose));
    out->rows = t->rows;
    out->columns = t->columns;
    out->bytes = t->bytes;
}

static void describe_launch(epocl_plan_launch *out, const launch *l) {
    snprintf(out->kernel, sizeof out->kernel, "%s", l->kernel);
    snprintf(out->detail, sizeof out->detail, "%s", l->detail);
    out->flop = l->flop;
}

epocl_status epocl_plan_describe(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                 const epocl_dataset *valid, const epocl_training_options *options,
                                 epocl_plan_summary *summary) {
    epocl_status status = EPOCL_OK;
    epocl_trainer *t = NULL;
    matmul_choice matmul;
    if (summary) *summary = (epocl_plan_summary){0};
    if (!device || !summary) return fail(EPOCL_ERROR_ARGUMENT, "epocl_plan_describe: NULL argument");
    TRY(training_check(network, train, valid, options));
    TRY(device_enter(device));
    const size_t batch_size = smaller(options->batch_size, train->sample_count);
    if (!options->matmul || strcmp(options->matmul, "auto") == 0) {
        matmul = matmul_default(&device->info, network); /* timing would allocate */
        matmul_fit_batch(&matmul, batch_size);
    } else {
        TRY(matmul_choose(device, network, options, batch_size, &matmul));
    }
    TRY(trainer_allocate(device, &t));
    TRY(trainer_plan(t, network, train, valid, options, &matmul));

    /* One piece of memory: the buffers, then the launches. */
    const size_t buffer_count = t->plan.tensor_count - TENSOR_FIRST, launch_count = t->train.step.count;
    epocl_plan_buffer *buffers = NULL;
    TRY(allocate(1, buffer_count * sizeof(epocl_plan_buffer) + launch_count * sizeof(epocl_plan_launch), "a plan",
                 &summary->memory));
    buffers = summary->memory;
    epocl_plan_launch *launches = (epocl_plan_launch *)(void *)(buffers + buffer_count);
    for (size_t i = 0; i < buffer_count; i++) describe_buffer(&buffers[i], &t->plan.tensors[TENSOR_FIRST + i]);
    for (size_t i = 0; i < launch_count; i++) describe_launch(&launches[i], &t->train.step.launches[i]);
    summary->buffers = buffers;
    summary->buffer_count = buffer_count;
    summary->launches = launches;
    summary->launch_count = launch_count;
    summary->total_bytes = plan_total_bytes(&t->plan);
    snprintf(summary->name, sizeof summary->name, "%s", t->plan_name);
cleanup:
    epocl_trainer_release(t);
    return status;
}

void epocl_plan_summary_release(epocl_plan_summary *summary) {
    if (!summary) return;
    free(summary->memory);
    *summary = (epocl_plan_summary){0};
}
