/* The baseline of `epocl bench` trains as the reference does. */
#include "command/cpu_baseline.h"

#include "base/random.h"
#include "model/network.h"
#include "reference/reference.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *cpu_baseline_suite(void);

enum { SAMPLES = 53, EPOCHS = 3, COUNTS_CAPACITY = 5 };

typedef struct shape {
    size_t counts[COUNTS_CAPACITY];
    size_t layer_count, batch_size;
} shape;

/* Sizes around the tile of the matmul, last batches that are shorter, batches larger than the data. */
static const shape shapes[] = {
    {{1, 2}, 1, 8},           {{16, 4}, 1, 16},          {{5, 3, 2}, 2, 1},          {{17, 15, 3}, 2, 7},
    {{20, 33, 16, 10}, 3, 8}, {{3, 40, 9, 2, 4}, 4, 32}, {{31, 16, 10}, 2, SAMPLES}, {{16, 17, 5}, 2, 1000},
};

static float weight(uint32_t index) {
    return random_unit(random_word(7, 0, 500, 0, index, 0)) - 0.5f;
}

/* The same parameters for both. */
static void create_networks(const shape *used, epocl_network **network, reference_network **reference) {
    uint32_t index = 0;
    ck_assert_int_eq(network_allocate(used->counts, used->layer_count, network), EPOCL_OK);
    (*network)->has_parameters = true;
    *reference = reference_network_create(used->layer_count, used->counts);
    for (size_t l = 0; l < used->layer_count; l++) {
        const layer *one = &(*network)->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = weight(index++);
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = weight(index++);
        reference_widen(one->input_count * one->output_count, one->weights, (*reference)->weights[l]);
        reference_widen(one->output_count, one->biases, (*reference)->biases[l]);
    }
}

START_TEST(epochs_cost_what_the_reference_says) {
    const shape *used = &shapes[_i];
    const size_t input_count = used->counts[0], value_count = SAMPLES * input_count;
    uint8_t *bytes = malloc(value_count);
    double *inputs = reference_doubles(value_count);
    uint32_t labels[SAMPLES], order[SAMPLES];
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < value_count; i++) {
        bytes[i] = (uint8_t)(random_word(7, 0, 501, 0, (uint32_t)i, 0) >> 24);
        inputs[i] = bytes[i] / 255.0;
    }
    for (uint32_t i = 0; i < SAMPLES; i++)
        labels[i] = random_word(7, 0, 502, 0, i, 0) % (uint32_t)used->counts[used->layer_count];

    epocl_network *network = NULL;
    reference_network *reference = NULL;
    cpu_baseline *baseline = NULL;
    create_networks(used, &network, &reference);
    const cpu_baseline_data data = {bytes, labels, SAMPLES};
    ck_assert_int_eq(cpu_baseline_create(network, &data, used->batch_size, 0.5f, NULL, &baseline), EPOCL_OK);
    for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
        for (uint32_t i = 0; i < SAMPLES; i++) order[i] = random_permute(1, 0, RANDOM_SHUFFLE, epoch, i, SAMPLES);
        const double expected =
            reference_train_epoch(reference, SAMPLES, used->batch_size, 0.5, inputs, labels, order).cost;
        const double cost = cpu_baseline_run_epoch(baseline);
        /* Up to 159 steps in single precision. */
        const bool ok = fabs(cost - expected) <= 2e-5 * expected;
        ck_assert_msg(ok, "epoch %u costs %.9g, not %.9g", epoch, cost, expected);
    }
    cpu_baseline_release(baseline);
    reference_network_release(reference);
    epocl_network_release(network);
    free(inputs);
    free(bytes);
}
END_TEST

Suite *cpu_baseline_suite(void) {
    Suite *suite = suite_create("cpu_baseline");
    TCase *training = tcase_create("training");
    tcase_add_loop_test(training, epochs_cost_what_the_reference_says, 0, sizeof shapes / sizeof *shapes);
    suite_add_tcase(suite, training);
    return suite;
}
