/* Made-up images for timing: as easy to tell apart as real ones are, the same on every machine. */
#ifndef EPOCL_COMMAND_BENCH_DATA_H
#define EPOCL_COMMAND_BENCH_DATA_H

#include "base/status.h"

/* Each class has one random pattern; a sample is its class's pattern, dimmed, under noise. The caller frees
 * `*inputs`, [sample_count, input_count], and `*labels`, [sample_count] below class_count. */
epocl_status bench_data_make(size_t sample_count, size_t input_count, size_t class_count, uint8_t **inputs,
                             uint32_t **labels);

#endif
