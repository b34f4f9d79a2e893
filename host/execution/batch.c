#include "execution/batch.h"
#include "data/encoder/encoder.h"

/* Each 1 where the data set has none. */
static epocl_status upload_weights(tensor_id weights, const executable *e, const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    float *ones = NULL;
    const size_t count = dataset->sample_count;
    if (dataset->weights) return executable_write(e, weights, dataset->weights, count * sizeof *ones);
    TRY(allocate(count, sizeof *ones, "the weights of samples", &ones));
    for (size_t i = 0; i < count; i++) ones[i] = 1.0f;
    TRY(executable_write(e, weights, ones, count * sizeof *ones));
cleanup:
    free(ones);
    return status;
}

/* What an encoder makes of its sources (kernels/rows/gather.cl). */
static epocl_status upload_encoded(const batch_tensors *b, const executable *e, const encoder *encoder_) {
    enum { SHAPE_BITS = 2 };
    epocl_status status = EPOCL_OK;
    const size_t count = b->input_count;
    float *factors = NULL, *offsets = NULL;
    uint32_t *sources = NULL;
    TRY(allocate(count, sizeof *factors, "the inputs of a table", &factors));
    TRY(allocate(count, sizeof *offsets, "the inputs of a table", &offsets));
    TRY(allocate(count, sizeof *sources, "the inputs of a table", &sources));
    for (size_t i = 0; i < count; i++) {
        const encoded_input *input = &encoder_->inputs[i];
        factors[i] = input->factor;
        offsets[i] = input->offset;
        sources[i] = (uint32_t)(input->source << SHAPE_BITS) | (uint32_t)input->shape;
    }
    TRY(executable_write(e, b->scale, factors, count * sizeof *factors));
    TRY(executable_write(e, b->shift, offsets, count * sizeof *offsets));
    TRY(executable_write(e, b->source, sources, count * sizeof *sources));
cleanup:
    free(factors);
    free(offsets);
    free(sources);
    return status;
}

epocl_status batch_upload_inputs(const batch_tensors *b, const executable *e, const epocl_network *network) {
    const size_t bytes = b->input_count * sizeof *network->input_scale;
    if (network->encoder) return upload_encoded(b, e, network->encoder);
    const epocl_status status = executable_write(e, b->scale, network->input_scale, bytes);
    return status == EPOCL_OK ? executable_write(e, b->shift, network->input_shift, bytes) : status;
}

void batch_borrow(const batch_tensors *b, const plan *p, const device_dataset *data, bool has_its_weights,
                  lent_buffers *lent) {
    const tensor_id tensors[ARRAY_COUNT] = {b->inputs, b->labels, b->values,
                                            has_its_weights ? b->weights : TENSOR_NONE};
    for (size_t i = 0; i < ARRAY_COUNT && lent->count < LENT_MOST; i++) {
        if (tensors[i] == TENSOR_NONE || data->bytes[i] < p->tensors[tensors[i]].bytes) continue;
        lent->tensors[lent->count] = tensors[i];
        lent->buffers[lent->count++] = data->buffers[i];
    }
}

static epocl_status upload(tensor_id id, const executable *e, const void *values, size_t bytes) {
    return executable_borrows(e, id) ? EPOCL_OK : executable_write(e, id, values, bytes);
}

epocl_status batch_upload(const batch_tensors *b, const executable *e, const epocl_network *network,
                          const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    const size_t value_count = dataset->sample_count * dataset->input_count;
    TRY(upload(b->inputs, e, dataset->inputs, value_count * dataset_value_bytes(dataset)));
    if (dataset->labels) TRY(upload(b->labels, e, dataset->labels, dataset->sample_count * sizeof *dataset->labels));
    if (dataset->values)
        TRY(upload(b->values, e, dataset->values,
                   dataset->sample_count * dataset->value_count * sizeof *dataset->values));
    if (b->weights != TENSOR_NONE && !executable_borrows(e, b->weights)) TRY(upload_weights(b->weights, e, dataset));
    TRY(batch_upload_inputs(b, e, network));
cleanup:
    return status;
}
