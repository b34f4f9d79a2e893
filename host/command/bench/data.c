#include "command/bench/data.h"

#include "base/checked.h"
#include "base/random.h"

/* Draws of this file's own, apart from those of training. */
enum { PURPOSE_LABEL = 1000, PURPOSE_PATTERN, PURPOSE_NOISE };

static uint32_t draw(uint32_t purpose, size_t major, size_t minor) {
    return random_word(1, 0, purpose, (uint32_t)major, (uint32_t)minor, 0);
}

epocl_status bench_data_make(size_t sample_count, size_t input_count, size_t class_count, uint8_t **inputs,
                             uint32_t **labels) {
    epocl_status status = EPOCL_OK;
    *inputs = NULL;
    *labels = NULL;
    TRY(allocate(sample_count, input_count, "the samples", inputs));
    TRY(allocate(sample_count, sizeof **labels, "the labels", labels));
    for (size_t sample = 0; sample < sample_count; sample++) {
        const uint32_t label = draw(PURPOSE_LABEL, 0, sample) % (uint32_t)class_count;
        (*labels)[sample] = label;
        for (size_t i = 0; i < input_count; i++) {
            const uint32_t pattern = draw(PURPOSE_PATTERN, label, i) >> 27;
            const uint32_t noise = draw(PURPOSE_NOISE, sample, i) >> 25;
            (*inputs)[sample * input_count + i] = (uint8_t)(pattern + noise);
        }
    }
cleanup:
    if (status != EPOCL_OK) {
        free(*inputs);
        free(*labels);
        *inputs = NULL;
        *labels = NULL;
    }
    return status;
}
