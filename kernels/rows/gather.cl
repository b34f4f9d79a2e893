#include "common.cl"
#include "state.cl"
/* gather: the samples of the present mini-batch from the data set, converted to float and normalised:
 *     input[b][i] = inputs[order[first + b]][i] * scale[i] + shift[i]        its target and weight likewise
 * or, for the data of a table, encoded: input[b][i] = encode(inputs[order[first + b]][source of i], i)
 *
 * inputs: row-major, input_count values a sample, 8-bit or float as in the file; of a table, source_count floats.
 * input:  panels, row = sample of the batch, column = input.
 * labels: [samples]; with has_values values instead, row-major, which become panels of value_width columns.
 * weights: [samples], with has_weights.
 * Work-item: (GATHER_INPUTS inputs, sample). Rows at or beyond batch_count are left alone. */
#ifndef GATHER_INPUTS
#define GATHER_INPUTS 112 /* a multiple of 16: few enough to share an image, enough to be worth a work-item */
#endif

/* The next mini-batch's samples are somewhere else in a large array: on a CPU, a resident program fetches them while it
 * works on this one. A hint, without effect on any result. */
#ifdef INLINED
#define FETCH_NEXT(inputs, stride, begin, end, value_bytes)                                                            \
    do {                                                                                                               \
        const uint next = state->first + state->batch_count + row;                                                     \
        if (next < state->sample_count)                                                                                \
            for (uint i = (begin); i < (end); i += 64 / (value_bytes))                                                 \
                FETCH_LINE((inputs) + (size_t)order[next] * (stride) + i);                                             \
    } while (0)
#else
#define FETCH_NEXT(inputs, stride, begin, end, value_bytes)
#endif

/* By the first item of a row: what the sample is to be, and its weight. */
#define GATHER_TARGET                                                                                                  \
    if (begin == 0 && !has_values) label[row] = labels[sample];                                                        \
    if (begin == 0 && has_weights) weight[row] = weights[sample];                                                      \
    for (uint o = 0; has_values && begin == 0 && o < output_count; o++)                                                \
        value[panel_index(row, o, batch_rows, value_width)] = values[(size_t)sample * output_count + o];

#define DEFINE_GATHER(type)                                                                                            \
    OPERATION gather_##type(ITEM const uint input_count, const uint output_count, const uint batch_rows,               \
                            const uint width, const uint value_width, const uint has_values, const uint has_weights,   \
                            __global const epoch_state *restrict state, __global const uint *restrict order,           \
                            __global const type *restrict inputs, __global const uint *restrict labels,                \
                            __global const float *restrict values, __global const float *restrict weights,             \
                            __global const float *restrict scale, __global const float *restrict shift,                \
                            __global float *restrict input, __global uint *restrict label,                             \
                            __global float *restrict value, __global float *restrict weight) {                         \
        const uint begin = item_id(0) * GATHER_INPUTS, row = item_id(1);                                               \
        if (begin >= input_count || row >= state->batch_count) return;                                                 \
        const uint end = min(begin + GATHER_INPUTS, input_count), sample = order[state->first + row];                  \
        __global const type *from = inputs + (size_t)sample * input_count;                                             \
        GATHER_TARGET                                                                                                  \
        FETCH_NEXT(inputs, input_count, begin, end, sizeof(type));                                                     \
        uint i = begin;                                                                                                \
        for (; i + 16 <= end; i += 16) {                                                                               \
            const float16 value = convert_float16(VECTOR_AT(type##16, from + i, 0));                                   \
            VECTOR_AT(float16, input + panel_index(row, i, batch_rows, width), 0) =                                    \
                value * VECTOR_AT(float16, scale + i, 0) + VECTOR_AT(float16, shift + i, 0);                           \
        }                                                                                                              \
        for (; i < end; i++) input[panel_index(row, i, batch_rows, width)] = (float)from[i] * scale[i] + shift[i];     \
    }

DEFINE_GATHER(uchar)
DEFINE_GATHER(float)

/* How an input is made of the value that a table has for it (host/data/encoder/encoder.h): bits of its source. */
#define INPUT_LINEAR  0u /* (value - offset) * factor                                  */
#define INPUT_RAMP    1u /* the same within 0 and 1                                    */
#define INPUT_EQUAL   2u /* factor where the value is the offset, else 0               */
#define SHAPE_BITS    2
#define MISSING_VALUE (-FLT_MAX) /* in the place of a value: 0, but where it is asked for */

static inline float encode(const float value, const uint shape, const float offset, const float factor) {
    const float line = (value - offset) * factor, bounded = shape == INPUT_RAMP ? clamp(line, 0.0f, 1.0f) : line;
    const float present = value == MISSING_VALUE ? 0.0f : bounded;
    return shape == INPUT_EQUAL ? (value == offset ? factor : 0.0f) : present;
}

OPERATION gather_table(ITEM const uint input_count, const uint source_count, const uint output_count,
                       const uint batch_rows, const uint width, const uint value_width, const uint has_values,
                       const uint has_weights, __global const epoch_state *restrict state,
                       __global const uint *restrict order, __global const float *restrict inputs,
                       __global const uint *restrict labels, __global const float *restrict values,
                       __global const float *restrict weights, __global const uint *restrict source,
                       __global const float *restrict factor, __global const float *restrict offset,
                       __global float *restrict input, __global uint *restrict label, __global float *restrict value,
                       __global float *restrict weight) {
    const uint begin = item_id(0) * GATHER_INPUTS, row = item_id(1);
    if (begin >= input_count || row >= state->batch_count) return;
    const uint end = min(begin + GATHER_INPUTS, input_count), sample = order[state->first + row];
    __global const float *from = inputs + (size_t)sample * source_count;
    GATHER_TARGET
    if (begin == 0) {
        FETCH_NEXT(inputs, source_count, 0, source_count, sizeof(float));
    }
    for (uint i = begin; i < end; i++)
        input[panel_index(row, i, batch_rows, width)] =
            encode(from[source[i] >> SHAPE_BITS], source[i] & ((1u << SHAPE_BITS) - 1u), offset[i], factor[i]);
}
