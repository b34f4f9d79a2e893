#include "reference/reference_example.h"

#include <stdlib.h>

/* Purposes of draws, apart from those of the library. */
enum { DRAW_BIASES = 100, DRAW_INPUTS, DRAW_LABELS };

static float draw(uint64_t seed, uint32_t purpose, size_t layer, size_t index) {
    return reference_unit(reference_philox_word(seed, purpose, (uint32_t)layer, (uint32_t)index, 0));
}

reference_example *reference_example_create(size_t layer_count, const size_t *counts, size_t sample_count,
                                            reference_inputs kind, uint64_t seed) {
    reference_example *example = calloc(1, sizeof *example);
    uint32_t *labels = calloc(sample_count, sizeof *labels);
    if (!example || !labels) abort();
    example->network = reference_network_create(layer_count, counts);
    example->sample_count = sample_count;
    example->inputs = reference_doubles(sample_count * counts[0]);
    example->labels = labels;

    reference_network_initialize(example->network, seed);
    for (size_t l = 0; l < layer_count; l++) {
        for (size_t i = 0; i < counts[l + 1]; i++) {
            example->network->biases[l][i] = (double)(draw(seed, DRAW_BIASES, l, i) - 0.5f);
        }
    }
    for (size_t i = 0; i < sample_count * counts[0]; i++) {
        const float u = draw(seed, DRAW_INPUTS, 0, i);
        example->inputs[i] = (double)(kind == REFERENCE_INPUTS_POSITIVE ? u : 2.0f * u - 1.0f);
    }
    for (size_t i = 0; i < sample_count; i++) {
        labels[i] = reference_philox_word(seed, DRAW_LABELS, 0, (uint32_t)i, 0) % (uint32_t)counts[layer_count];
    }
    return example;
}

void reference_example_release(reference_example *example) {
    if (!example) return;
    reference_network_release(example->network);
    free(example->inputs);
    free(example->labels);
    free(example);
}
