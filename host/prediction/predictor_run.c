/* Data sets that stream through a predictor, a window of mini-batches at a time. */
#include "prediction/predictor_parts.h"

#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "device/wait.h"

#include <math.h>
#include <string.h>

/* Mini-batches that are enqueued before the host waits for them: at most so many, and of so many bytes in all. On a CPU
 * it is one, since its cores copy and compute by turns in any case; from so many bytes on, its kernels read the inputs
 * of the only one where they are. */
enum { MOST_WINDOW = 8, WINDOW_BYTES = 1 << 26, WORTH_NO_COPY = 1 << 14 };

/* The part of the state that says which samples a mini-batch has: those that were copied for it, all of them. */
typedef struct batch_position {
    uint32_t first, batch_count, sample_count;
} batch_position;
enum { POSITION_OFFSET = offsetof(epoch_state, first) };
_Static_assert(offsetof(epoch_state, batch_count) == POSITION_OFFSET + offsetof(batch_position, batch_count) &&
                   offsetof(epoch_state, sample_count) == POSITION_OFFSET + offsetof(batch_position, sample_count),
               "as in the state");

/* ---- host memory ---- */

/* Where a mini-batch is while its copies, for which nobody waits, are on their way: not the caller's memory, which may
 * be gone before a device that does not answer in time. */
typedef struct slot {
    batch_position *position;
    uint32_t *labels, *classes;
    float *costs, *outputs, *weighted_inputs, *values;
    char *inputs;
} slot;

static slot slot_at(const epocl_predictor *p, size_t index) {
    const size_t batch_size = p->pass.batch.batch_size;
    char *at = p->staging + sizeof(epoch_state) + index * p->slot_bytes;
    slot s = {.position = (batch_position *)(void *)at};
    s.labels = (uint32_t *)(void *)(s.position + 1);
    s.classes = s.labels + batch_size;
    s.costs = (float *)(void *)(s.classes + batch_size);
    s.outputs = s.costs + batch_size;
    s.weighted_inputs = s.outputs + batch_size * output_count_of(p);
    s.values = s.weighted_inputs + weighted_inputs_of(p)->bytes / sizeof(float);
    s.inputs = (char *)(s.values + (p->has_values ? batch_size * output_count_of(p) : 0));
    return s;
}

epocl_status predictor_allocate_staging(epocl_predictor *p) {
    const batch_tensors *b = &p->pass.batch;
    const size_t target_values = p->has_values ? output_count_of(p) : 0;
    const size_t source_count = network_source_count(p->network);
    const size_t sample_values = 3 + output_count_of(p) + target_values + source_count; /* of 4 bytes each */
    p->slot_bytes =
        sizeof(batch_position) + b->batch_size * sample_values * sizeof(float) + weighted_inputs_of(p)->bytes;
    p->window = smaller(MOST_WINDOW, WINDOW_BYTES / p->slot_bytes);
    if (p->window == 0 || p->device->info.type == EPOCL_DEVICE_CPU) p->window = 1;
    return allocate(1, sizeof(epoch_state) + p->window * p->slot_bytes, "mini-batches on their way", &p->staging);
}

/* ---- running ---- */

/* Whether costs are computed, and with them what is right. */
static bool wants_costs(const prediction *w) {
    return w->classes || w->metrics || w->take;
}

/* Before the first mini-batch of a data set. */
static epocl_status enqueue_begin(const epocl_predictor *p, const epocl_dataset *dataset, const prediction *w) {
    const batch_tensors *b = &p->pass.batch;
    if (!p->staging) return fail(EPOCL_ERROR_OPENCL, "the predictor's device has failed before; create a new one");
    const bool has_targets = p->has_values ? dataset->values : (const void *)dataset->labels;
    if (has_targets || !wants_costs(w)) return EPOCL_OK;
    return executable_clear(&p->executable, p->has_values ? b->values : b->labels);
}

/* Says which mini-batch comes; with the first one, the sums of costs begin. */
static epocl_status enqueue_position(const epocl_predictor *p, const slot *s, size_t first, size_t count) {
    const tensor_id state = p->pass.batch.state;
    const batch_position position = {.batch_count = (uint32_t)count, .sample_count = (uint32_t)count};
    if (first == 0) {
        memcpy(p->staging + POSITION_OFFSET, &position, sizeof position);
        return executable_write_later(&p->executable, state, 0, p->staging, sizeof(epoch_state));
    }
    *s->position = position;
    return executable_write_later(&p->executable, state, POSITION_OFFSET, s->position, sizeof position);
}

static bound_sequence *gather_of(epocl_predictor *p, input_type type) {
    return &p->bound[type == INPUT_BYTES ? GATHER_BYTES : GATHER_FLOATS];
}

/* A CPU device reads the inputs of a mini-batch where they are, for as long as nobody may leave before it has. */
static bool can_read_in_place(const epocl_predictor *p, size_t bytes) {
    return p->window == 1 && bytes >= WORTH_NO_COPY && p->device->info.type == EPOCL_DEVICE_CPU &&
           device_timeout(p->device) <= 0;
}

/* After the device is done with them. What cannot be put back leaves a predictor of no use. */
static epocl_status end_reading_in_place(epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    if (!p->rows_in_place) return status;
    status = bound_sequence_replace(p->reader, p->pass.batch.inputs, NULL);
    clReleaseMemObject(p->rows_in_place);
    p->rows_in_place = NULL;
    if (status == EPOCL_OK) return status;
    free(p->staging);
    p->staging = NULL;
    return status;
}

static epocl_status read_in_place(epocl_predictor *p, input_type type, char *inputs, size_t bytes) {
    cl_int code;
    p->reader = gather_of(p, type);
    p->rows_in_place = clCreateBuffer(p->device->context, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, bytes, inputs, &code);
    if (!p->rows_in_place) return fail_opencl(code, "clCreateBuffer", "inputs");
    return bound_sequence_replace(p->reader, p->pass.batch.inputs, p->rows_in_place);
}

/* Copies the mini-batch that begins at sample `first` to the device and says where it stands. */
static epocl_status enqueue_samples(epocl_predictor *p, const slot *s, const epocl_dataset *dataset, size_t first,
                                    size_t count) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &p->pass.batch;
    const size_t sample_bytes = dataset->input_count * dataset_value_bytes(dataset);
    char *inputs = (char *)dataset->inputs + first * sample_bytes;
    const size_t input_bytes = count * sample_bytes;
    if (can_read_in_place(p, input_bytes)) {
        TRY(read_in_place(p, dataset->type, inputs, input_bytes));
    } else {
        memcpy(s->inputs, inputs, input_bytes);
        TRY(executable_write_later(&p->executable, b->inputs, 0, s->inputs, input_bytes));
    }
    if (p->has_values && dataset->values) {
        const size_t values = output_count_of(p);
        memcpy(s->values, dataset->values + first * values, count * values * sizeof *s->values);
        TRY(executable_write_later(&p->executable, b->values, 0, s->values, count * values * sizeof *s->values));
    } else if (!p->has_values && dataset->labels) {
        memcpy(s->labels, dataset->labels + first, count * sizeof *s->labels);
        TRY(executable_write_later(&p->executable, b->labels, 0, s->labels, count * sizeof *s->labels));
    }
    TRY(enqueue_position(p, s, first, count));
cleanup:
    return status;
}

/* The mini-batch through the hidden layers, and then what is wanted of it. */
static epocl_status enqueue_launches(epocl_predictor *p, const slot *s, input_type type, const prediction *w,
                                     size_t count) {
    epocl_status status = EPOCL_OK;
    const executable *e = &p->executable;
    TRY(bound_sequence_enqueue(gather_of(p, type), count));
    TRY(bound_sequence_enqueue(&p->bound[HIDDEN_LAYERS], count));
    if (w->outputs || w->weighted_inputs) TRY(bound_sequence_enqueue(&p->bound[OUTPUTS], count));
    if (w->outputs)
        TRY(executable_read_later(e, p->outputs, s->outputs, count * output_count_of(p) * sizeof *s->outputs));
    if (w->weighted_inputs)
        TRY(executable_read_later(e, p->pass.layers[p->pass.layer_count - 1].output, s->weighted_inputs,
                                  weighted_inputs_of(p)->bytes));
    if (wants_costs(w)) TRY(bound_sequence_enqueue(&p->bound[CLASSES], count));
    if (w->classes || w->take) {
        TRY(executable_read_later(e, p->pass.batch.classes, s->classes, count * sizeof *s->classes));
        TRY(executable_read_later(e, p->pass.batch.costs, s->costs, count * sizeof *s->costs));
    }
cleanup:
    return status;
}

epocl_status predictor_check_costs(const float *costs, size_t count, size_t first) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(costs[i]))
            return fail(
                EPOCL_ERROR_DATA,
                "the weighted inputs of the outputs overflow at sample %zu; its inputs are too large for this network",
                first + i);
    return EPOCL_OK;
}

/* Their panels as rows. */
static const float *rows_of(const epocl_predictor *p, const float *panels, size_t count) {
    const tensor *z = weighted_inputs_of(p);
    const size_t output_count = output_count_of(p);
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < output_count; i++) p->rows[row * output_count + i] = panels[tensor_index(z, row, i)];
    return p->rows;
}

/* What has come of the mini-batch that begins at sample `first`. */
static epocl_status take_results(const epocl_predictor *p, const slot *s, const prediction *w, size_t first,
                                 size_t count) {
    const size_t output_count = output_count_of(p);
    if (w->outputs) {
        memcpy(w->outputs + first * output_count, s->outputs, count * output_count * sizeof *s->outputs);
        if (p->network->encoder) encoder_decode(p->network->encoder, w->outputs + first * output_count, count);
    }
    if (w->take)
        w->take(w->user, &(predicted_samples){.first = first,
                                              .count = count,
                                              .costs = s->costs,
                                              .classes = s->classes,
                                              .weighted_inputs =
                                                  w->weighted_inputs ? rows_of(p, s->weighted_inputs, count) : NULL});
    if (!w->classes) return EPOCL_OK;
    memcpy(w->classes + first, s->classes, count * sizeof *s->classes);
    return predictor_check_costs(s->costs, count, first);
}

/* Runs the samples from `first` to before `end`, at most a window, and waits. */
static epocl_status run_window(epocl_predictor *p, const epocl_dataset *dataset, size_t first, size_t end,
                               const prediction *w) {
    epocl_status status = EPOCL_OK;
    const size_t batch_size = p->pass.batch.batch_size;
    for (size_t at = first, i = 0; at < end; at += batch_size, i++) {
        const slot s = slot_at(p, i);
        TRY(enqueue_samples(p, &s, dataset, at, smaller(batch_size, end - at)));
        TRY(enqueue_launches(p, &s, dataset->type, w, smaller(batch_size, end - at)));
    }
    TRY(device_finish(p->device, p->device->queue, "a prediction"));
    TRY(end_reading_in_place(p));
    for (size_t at = first, i = 0; at < end; at += batch_size, i++) {
        const slot s = slot_at(p, i);
        TRY(take_results(p, &s, w, at, smaller(batch_size, end - at)));
    }
cleanup:
    return status;
}

epocl_status predictor_run(epocl_predictor *p, const epocl_dataset *dataset, const prediction *w) {
    epocl_status status = EPOCL_OK;
    const size_t batch_size = p->pass.batch.batch_size, window = p->window * batch_size;
    TRY(device_enter(p->device));
    if (p->ensemble) return ensemble_predictor_run(p->ensemble, dataset, w);
    if (w->weighted_inputs && !p->rows)
        TRY(allocate(batch_size * output_count_of(p), sizeof *p->rows, "weighted inputs", &p->rows));
    status = enqueue_begin(p, dataset, w);
    for (size_t first = 0; first < dataset->sample_count && status == EPOCL_OK; first += window)
        status = run_window(p, dataset, first, smaller(first + window, dataset->sample_count), w);
    if (status != EPOCL_OK && !device_drain(p->device)) {
        device_leave(p->staging);
        device_leave(p->rows_in_place);
        p->staging = NULL;
        p->rows_in_place = NULL;
    }
    const epocl_status ended = end_reading_in_place(p);
    if (status == EPOCL_OK) status = ended;
cleanup:
    return status;
}
