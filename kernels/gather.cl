/* gather: the samples of the present mini-batch from the data set, converted to float and normalised:
 *     input[b][i] = inputs[order[first + b]][i] * scale[i] + shift[i]        label[b] likewise
 *
 * inputs: row-major, input_count values a sample, 8-bit or float as in the file.
 * input:  panels of `width` (a multiple of 16), row = sample of the batch, column = input.
 * Work-item: (16 inputs, sample). Rows at or beyond batch_count are left alone. */
#define DEFINE_GATHER(type)                                                                                            \
    __kernel void gather_##type(const uint input_count, const uint batch_rows, const uint width,                       \
                                __global const epoch_state *restrict state, __global const uint *restrict order,       \
                                __global const type *restrict inputs, __global const uint *restrict labels,            \
                                __global const float *restrict scale, __global const float *restrict shift,            \
                                __global float *restrict input, __global uint *restrict label) {                       \
        const uint begin = get_global_id(0) * 16, row = get_global_id(1);                                              \
        if (begin >= input_count || row >= state->batch_count) return;                                                 \
        const uint sample = order[state->first + row];                                                                 \
        if (begin == 0) label[row] = labels[sample];                                                                   \
        __global const type *from = inputs + (size_t)sample * input_count;                                             \
        __global float *to = input + panel_index(row, begin, batch_rows, width);                                       \
        if (begin + 16 <= input_count) {                                                                               \
            const float16 value = convert_float16(vload16(0, from + begin));                                           \
            vstore16(value * vload16(0, scale + begin) + vload16(0, shift + begin), 0, to);                            \
        } else {                                                                                                       \
            for (uint i = begin; i < input_count; i++) to[i - begin] = (float)from[i] * scale[i] + shift[i];           \
        }                                                                                                              \
    }

DEFINE_GATHER(uchar)
DEFINE_GATHER(float)
