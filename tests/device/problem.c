/* Small problems to train on, for tests of whole runs. */
#include "device/problem.h"
#include "support/options.h"

#include "reference/reference.h"

#include <string.h>

const char *const problem_providers[PROBLEM_PROVIDERS] = {"plain", "tile", "local", "clblast", "resident", "items"};

/* Those that are more than a matmul. */
static const struct {
    const char *name, *matmul, *plan;
} kinds[] = {
    {"resident", "tile", "resident"}, {"items", "plain", "resident:1x64"},  {"items of tiles", "tile", "resident:1x32"},
    {"merged", "plain", "merged"},    {"merged blocks", "local", "merged"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Its place among those, or their number. */
static size_t kind_of(const char *provider) {
    size_t kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].name, provider) != 0) kind++;
    return kind;
}

bool problem_is_resident(const char *provider) {
    const size_t kind = kind_of(provider);
    return kind < KINDS && strncmp(kinds[kind].plan, "resident", strlen("resident")) == 0;
}

epocl_options problem_options(const char *provider, size_t batch_size, float learning_rate) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    const size_t kind = kind_of(provider);
    set_option(&options, "matmul", kind < KINDS ? kinds[kind].matmul : provider);
    set_option(&options, "plan", kind < KINDS ? kinds[kind].plan : "layered");
    options.training.batch_size = batch_size;
    options.training.learning_rate = learning_rate;
    return options;
}

epocl_epoch_result problem_train(epocl_network *network, const epocl_dataset *data, const epocl_options *options,
                                 size_t epoch_count) {
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result = {0};
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, options, &trainer));
    for (size_t i = 0; i < epoch_count; i++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    epocl_trainer_release(trainer);
    return result;
}

void problem_create_of(const size_t hidden[2], epocl_dataset **data, epocl_network **network) {
    uint8_t inputs[PROBLEM_SAMPLES * PROBLEM_INPUTS];
    uint32_t labels[PROBLEM_SAMPLES];
    for (uint32_t i = 0; i < PROBLEM_SAMPLES * PROBLEM_INPUTS; i++)
        inputs[i] = (uint8_t)reference_philox_word(9, 0, 0, i, 0);
    for (uint32_t i = 0; i < PROBLEM_SAMPLES; i++) labels[i] = inputs[i * PROBLEM_INPUTS] / 64;
    epocl_options shape;
    options_begin_recipe(&shape, RECIPE_SEED);
    set_hidden(&shape, hidden, 2);
    ck_assert_ok(epocl_dataset_from_bytes(inputs, labels, PROBLEM_SAMPLES, PROBLEM_INPUTS, PROBLEM_CLASSES, data));
    ck_assert_ok(epocl_network_create(*data, &shape, network));
}

void problem_create(epocl_dataset **data, epocl_network **network) {
    static const size_t hidden[] = {21, 18};
    problem_create_of(hidden, data, network);
}

bool same_parameters(const epocl_network *a, const epocl_network *b) {
    for (size_t l = 0; l < a->layer_count; l++) {
        const size_t in = a->layers[l].input_count, out = a->layers[l].output_count;
        if (memcmp(a->layers[l].weights, b->layers[l].weights, in * out * sizeof(float)) ||
            memcmp(a->layers[l].biases, b->layers[l].biases, out * sizeof(float)))
            return false;
    }
    return true;
}
