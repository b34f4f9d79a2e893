#include "choice/self_test.h"
#include "choice/example.h"
#include "data/dataset.h"
#include "device/device_cache.h"
#include "device/wait.h"
#include "execution/training_run.h"
#include "model/functions.h"
#include "model/network.h"
#include "plan/block.h"
#include "steps/matmul_rule.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Samples of a section of the run with LONG_BATCH: a multiple of any plan's reduce_items, so that there are three. */
enum { SHORT_BATCH = 28, LONG_BATCH = 70, SECTION_SAMPLES = 32 };

/* One sample more than a tile holds, or several sections. */
static size_t batch_for(const matmul_choice *matmul) {
    return matmul->sum_samples ? LONG_BATCH : smaller(matmul->sample_rows + 1, SHORT_BATCH);
}

typedef struct self_test {
    const char *instead; /* the option to choose something else with */
    epocl_device *device;
    epocl_network *network;
    epocl_dataset *data, *floats; /* the same samples, 8-bit and float */
    run_plan planned;
    training_run run;
    example *example, *rounded; /* the same, with sums off by what fp32 may lose */
    float learning_rate;
} self_test;

/* What a tensor should hold: as computed exactly, and with rounding. */
typedef struct expectation {
    const double *exact, *rounded;
} expectation;
#define EXPECTED(t, member) ((expectation){(t)->example->member, (t)->rounded->member})

static void self_test_release(self_test *t) {
    training_run_release(&t->run);
    run_plan_release(&t->planned);
    epocl_network_release(t->network);
    epocl_dataset_release(t->data);
    epocl_dataset_release(t->floats);
    free(t->example);
    free(t->rounded);
}

static epocl_status self_test_create(self_test *t, epocl_device *device, const matmul_choice *matmul,
                                     const epocl_network *network, bool has_values) {
    epocl_status status = EPOCL_OK;
    training_options options = training_of_seed();
    epoch_state position;
    *t = (self_test){.instead = "--matmul", .device = device};
    options.batch_size = batch_for(matmul);
    options.seed = EXAMPLE_SEED;
    options.initialization = INITIALIZATION_glorot_uniform; /* the reference's */
    options.plan = (plan_request){.is_auto = false};        /* layered */
    TRY(allocate(1, sizeof *t->example, "a self-test", &t->example));
    TRY(network_allocate(example_counts, EXAMPLE_LAYERS, &t->network));
    TRY(network_take_functions(network, t->network));
    t->example->head = t->network->head;
    t->example->has_values = has_values;
    for (size_t l = 0; l < EXAMPLE_LAYERS; l++) t->example->activations[l] = t->network->layers[l].activation;
    example_begin(t->example);
    TRY(allocate(1, sizeof *t->rounded, "a self-test", &t->rounded));
    t->learning_rate = example_rate(t->example, options.batch_size, t->rounded);
    options.learning_rate = (double)t->learning_rate;
    *t->rounded = *t->example;
    t->rounded->rounding = FLT_EPSILON / 2.0;
    TRY(epocl_dataset_from_bytes(t->example->inputs, t->example->labels, EXAMPLE_SAMPLES, example_counts[0],
                                 example_counts[EXAMPLE_LAYERS], &t->data));
    TRY(epocl_dataset_from_floats(t->example->float_inputs, t->example->labels, EXAMPLE_SAMPLES, example_counts[0],
                                  example_counts[EXAMPLE_LAYERS], &t->floats));
    if (has_values) {
        TRY(epocl_dataset_set_values(t->data, t->example->values, example_counts[EXAMPLE_LAYERS]));
        TRY(epocl_dataset_set_values(t->floats, t->example->values, example_counts[EXAMPLE_LAYERS]));
    }
    for (size_t i = 0; i < example_counts[0]; i++) t->network->input_scale[i] = 1.0f / 255.0f;
    TRY(run_plan_create(&t->planned, &device->info, t->network, t->data, t->floats, &options, matmul, false));
    TRY(training_run_create(&t->run, device, &t->planned, t->network, t->data, t->floats, NULL));
    TRY(training_run_begin(&t->run, t->network, &position));
cleanup:
    return status;
}

/* The launch that wrote a tensor last. */
static const launch *writer_of(const self_test *t, tensor_id id) {
    const run_plan *p = &t->planned;
    const sequence *sequences[] = {&p->train.step, &p->train.begin, &p->valid.step, &p->valid.begin};
    for (size_t s = 0; s < sizeof sequences / sizeof *sequences; s++)
        for (size_t i = sequences[s]->count; i-- > 0;)
            for (size_t a = 0; a < sequences[s]->launches[i].argument_count; a++) {
                const argument *used = &sequences[s]->launches[i].arguments[a];
                if (used->kind == ARGUMENT_TENSOR && used->is_output && used->value.tensor == id)
                    return &sequences[s]->launches[i];
            }
    return NULL;
}

static epocl_status fail_at(const self_test *t, tensor_id id, const char *kernel, size_t row, size_t column,
                            double value, double expected) {
    const launch *writer = kernel ? NULL : writer_of(t, id);
    return fail(
        EPOCL_ERROR_SELF_TEST,
        "%s computes wrong: kernel %s%s%s%s gave %.7g instead of %.7g in %s at (%zu, %zu); update its driver, or "
        "choose another device or %s (--no-self-test trusts it all the same)",
        t->device->info.name,
        kernel   ? kernel
        : writer ? writer->kernel
                 : "of a library",
        writer ? " (" : "", writer ? writer->detail : "", writer ? ")" : "", value, expected,
        t->planned.plan.tensors[id].name, row, column, t->instead);
}

/* What is larger than any float, or no number, cannot be compared. */
static bool is_float(double wanted) {
    return fabs(wanted) <= (double)FLT_MAX;
}

/* Compares the first `rows` x `columns` of a tensor of floats, or of words with `are_words`, with `expected`, dense.
 * `kernel` is who wrote it; NULL: the last launch that did. */
static epocl_status check_tensor(const self_test *t, tensor_id id, size_t rows, size_t columns, expectation expected,
                                 bool are_words, const char *kernel) {
    epocl_status status = EPOCL_OK;
    const tensor *shape = &t->planned.plan.tensors[id];
    const double most = are_words ? 0.0 : example_tolerance(expected.exact, expected.rounded, rows * columns);
    void *values = NULL;
    TRY(allocate(shape->bytes, 1, shape->name, &values));
    TRY(executable_read(&t->run.executable, id, values, shape->bytes));
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            const size_t here = tensor_index(shape, row, column);
            const double value =
                are_words ? (double)((const uint32_t *)values)[here] : (double)((const float *)values)[here];
            const double wanted = expected.exact[row * columns + column];
            const bool is_right = !is_float(wanted) || fabs(value - wanted) <= most; /* not so of what is no number */
            if (!is_right) TRY(fail_at(t, id, kernel, row, column, value, wanted));
        }
    }
cleanup:
    free(values);
    return status;
}

static epocl_status check_parameters(const self_test *t, const char *kernel) {
    epocl_status status = EPOCL_OK;
    for (size_t l = EXAMPLE_LAYERS; l-- > 0;) {
        const layer_tensors *tensors = &t->planned.train.layers[l];
        TRY(check_tensor(t, tensors->weights, example_counts[l], example_counts[l + 1], EXPECTED(t, weights[l]), false,
                         kernel));
        TRY(check_tensor(t, tensors->biases, 1, example_counts[l + 1], EXPECTED(t, biases[l]), false, kernel));
    }
cleanup:
    return status;
}

/* All that a mini-batch writes, in the order in which one thing follows from another. */
static epocl_status check_forward(const self_test *t, const pass_plan *p, size_t batch_count) {
    epocl_status status = EPOCL_OK;
    TRY(check_tensor(t, p->layers[0].input, batch_count, example_counts[0], EXPECTED(t, a[0]), false, NULL));
    for (size_t l = 0; l + 1 < EXAMPLE_LAYERS; l++)
        TRY(check_tensor(t, p->layers[l].output, batch_count, example_counts[l + 1], EXPECTED(t, a[l + 1]), false,
                         NULL));
    TRY(check_tensor(t, p->batch.costs, 1, batch_count, EXPECTED(t, costs), false, NULL));
cleanup:
    return status;
}

/* The host goes on from the device's parameters: some functions, such as exponential, make more of their rounding in
 * each step. */
static epocl_status take_parameters(const self_test *t) {
    epocl_status status = EPOCL_OK;
    float *values = NULL;
    example *exact = t->example, *rounded = t->rounded;
    for (size_t l = 0; l < EXAMPLE_LAYERS; l++) {
        const layer_tensors *from = &t->planned.train.layers[l];
        const tensor_id ids[] = {from->weights, from->biases};
        double *const to[][2] = {{exact->weights[l], rounded->weights[l]}, {exact->biases[l], rounded->biases[l]}};
        for (size_t i = 0; i < 2; i++) {
            const tensor *shape = &t->planned.plan.tensors[ids[i]];
            const size_t rows = i == 0 ? example_counts[l] : 1, columns = example_counts[l + 1];
            TRY(allocate(shape->bytes, 1, shape->name, &values));
            TRY(executable_read(&t->run.executable, ids[i], values, shape->bytes));
            for (size_t n = 0; n < rows * columns; n++)
                to[i][0][n] = to[i][1][n] = values[tensor_index(shape, n / columns, n % columns)];
            free(values);
            values = NULL;
        }
    }
cleanup:
    free(values);
    return status;
}

static epocl_status check_step(const self_test *t, size_t batch_count) {
    epocl_status status = EPOCL_OK;
    const pass_plan *p = &t->planned.train;
    TRY(check_forward(t, p, batch_count));
    for (size_t l = EXAMPLE_LAYERS; l-- > 0;)
        TRY(check_tensor(t, p->layers[l].delta, batch_count, example_counts[l + 1], EXPECTED(t, delta[l]), false,
                         NULL));
    TRY(check_parameters(t, NULL));
    TRY(take_parameters(t));
cleanup:
    return status;
}

/* What the epoch added up: its costs, and its samples. */
static epocl_status check_sums(const self_test *t, const char *kernel, const epoch_state *state) {
    const double cost = (double)state->cost + (double)state->cost_compensation;
    const double *exact = &t->example->cost_sum, *rounded = &t->rounded->cost_sum;
    if (!is_float(*exact)) return EPOCL_OK; /* the epoch ended early */
    if (!(fabs(cost - *exact) <= example_tolerance(exact, rounded, 1)))
        return fail_at(t, t->planned.train.batch.state, kernel, 0, 0, cost, *exact);
    if (state->first != EXAMPLE_SAMPLES)
        return fail_at(t, t->planned.train.batch.state, kernel, 0, 0, state->first, EXAMPLE_SAMPLES);
    return EPOCL_OK;
}

/* The host's step, exactly and with rounding. */
static void step_examples(const self_test *t, size_t first, size_t batch_count) {
    example *const both[] = {t->example, t->rounded};
    for (size_t i = 0; i < 2; i++) {
        example_forward(both[i], first, batch_count);
        example_backward(both[i], batch_count, (double)t->learning_rate);
    }
}

/* The host's evaluation of all samples in their own order. */
static void evaluate_examples(const self_test *t) {
    example *const both[] = {t->example, t->rounded};
    for (size_t i = 0; i < 2; i++) {
        both[i]->cost_sum = 0.0;
        for (size_t s = 0; s < EXAMPLE_SAMPLES; s++) both[i]->order[s] = (double)s;
        example_forward(both[i], 0, EXAMPLE_SAMPLES);
    }
}

/* Trains for an epoch and evaluates. */
static epocl_status run_once(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                             bool has_values) {
    epocl_status status = EPOCL_OK;
    self_test t;
    epoch_state state;
    TRY(self_test_create(&t, device, matmul, network, has_values));
    pass *train = &t.run.train, *valid = &t.run.valid;
    const size_t batch_size = train->plan->batch.batch_size;
    TRY(pass_bind_step(train));
    TRY(check_parameters(&t, "initialize"));
    TRY(pass_enqueue_begin(train));
    TRY(check_tensor(&t, train->plan->batch.order, 1, EXAMPLE_SAMPLES, EXPECTED(&t, order), true, NULL));
    for (size_t first = 0; first < EXAMPLE_SAMPLES; first += batch_size) {
        const size_t batch_count = smaller(batch_size, EXAMPLE_SAMPLES - first);
        step_examples(&t, first, batch_count);
        TRY(bound_sequence_enqueue(&train->bound_step, batch_count));
        TRY(check_step(&t, batch_count));
    }
    TRY(pass_read_state(train, &state));
    TRY(check_sums(&t, "metrics_step", &state));

    evaluate_examples(&t);
    TRY(pass_enqueue_begin(valid));
    TRY(pass_enqueue_steps(valid, 0, NULL, NULL));
    TRY(check_forward(&t, valid->plan, EXAMPLE_SAMPLES));
    TRY(pass_read_state(valid, &state));
    TRY(check_sums(&t, "metrics_step", &state));
cleanup:
    self_test_release(&t);
    return status;
}

/* Runs an epoch's slices until it has ended, which groups that do not come together may hold up; false when they never
 * do. */
static epocl_status run_slices(self_test *t, epoch_state *state, bool *has_ended) {
    enum { TRIES = 16 };
    epocl_status status = EPOCL_OK;
    pass *train = &t->run.train;
    TRY(pass_enqueue_begin(train));
    state->first = 0;
    for (int i = 0; i < TRIES && state->first < EXAMPLE_SAMPLES; i++) {
        TRY(pass_resume(train));
        TRY(pass_enqueue_steps(train, state->first, NULL, NULL));
        TRY(pass_read_state(train, state));
    }
    *has_ended = state->first == EXAMPLE_SAMPLES;
cleanup:
    return status;
}

/* The network as it is, or as if it were large. */
static epocl_status run_written_once(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                     bool has_values, plan_shape shape, bool *has_ended) {
    enum { SLICE_STEPS = 4 };
    const char *kernel = shape.is_merged ? "merged" : "resident";
    epocl_status status = EPOCL_OK;
    self_test t;
    epoch_state state = {0};
    *has_ended = true;
    TRY(self_test_create(&t, device, matmul, network, has_values));
    t.instead = "--plan layered";
    pass *train = &t.run.train;
    if (pass_plan_check(&t.planned.train, &t.planned.plan, shape) != EPOCL_OK) goto cleanup;
    TRY(pass_use_shape(train, shape, shape.is_merged ? 1 : SLICE_STEPS));
    TRY(run_slices(&t, &state, has_ended));
    if (!*has_ended) goto cleanup;
    for (size_t first = 0, count; first < EXAMPLE_SAMPLES; first += count) {
        count = smaller(train->plan->batch.batch_size, EXAMPLE_SAMPLES - first);
        step_examples(&t, first, count);
    }
    TRY(check_sums(&t, kernel, &state));
    TRY(check_parameters(&t, kernel));
cleanup:
    self_test_release(&t);
    return status;
}

/* A choice of one shape, in a layered plan. */
static epocl_status run_layered(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                bool has_values) {
    const epocl_status status = run_once(device, matmul, network, has_values);
    /* Those products were small: parts shared their blocks, and a mini-batch was one section. Now what large networks
     * and mini-batches run; of `local`, which has a kernel of its own for several sections, what this choice runs. */
    const bool is_local = matmul->provider == MATMUL_LOCAL, has_sections = !is_local || matmul->is_long;
    if (status != EPOCL_OK || (!has_sections && matmul->shapes[0].parts == 1)) return status;
    matmul_choice large = *matmul;
    large.is_whole = true;
    large.sum_samples = has_sections ? SECTION_SAMPLES : 0;
    return run_once(device, &large, network, has_values);
}

/* Likewise in a plan that is written out. */
static epocl_status run_written(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                bool has_values, plan_shape shape, bool *has_ended) {
    epocl_status status = EPOCL_OK;
    matmul_choice large = *matmul;
    large.is_whole = true;
    /* A single group does all of everything, whether it shares or not. */
    if (shape.group_count != 1) TRY(run_written_once(device, matmul, network, has_values, shape, has_ended));
    if (*has_ended) TRY(run_written_once(device, &large, network, has_values, shape, has_ended));
cleanup:
    return status;
}

static epocl_status run_shape(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                              bool has_values, plan_shape shape, bool *has_ended) {
    *has_ended = true;
    return shape_is_layered(shape) ? run_layered(device, matmul, network, has_values)
                                   : run_written(device, matmul, network, has_values, shape, has_ended);
}

/* The example's products are small, and would all take small blocks: of a choice with several shapes, each is tested as
 * the only one. Others are tested once. */
static size_t test_count(const matmul_choice *matmul) {
    return matmul->provider == MATMUL_LOCAL ? matmul->shape_count : 1;
}

static matmul_choice test_of(const matmul_choice *matmul, size_t index) {
    return matmul->provider == MATMUL_LOCAL ? block_alone(matmul, index) : *matmul;
}

epocl_status self_test_run_written(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                   bool has_values, plan_shape shape, bool *has_ended) {
    epocl_status status = EPOCL_OK;
    *has_ended = true;
    for (size_t i = 0; i < test_count(matmul) && *has_ended && status == EPOCL_OK; i++) {
        const matmul_choice tested = test_of(matmul, i);
        status = run_shape(device, &tested, network, has_values, shape, has_ended);
    }
    return status;
}

epocl_status self_test_run(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                           bool has_values) {
    bool has_ended;
    return self_test_run_written(device, matmul, network, has_values, (plan_shape){0}, &has_ended);
}

/* ---- what is known ---- */

/* "self-test tile:8x2x16/10 relu,relu softmax-cross-entropy softmax"; of a plan that is written out "self-test merged
 * local:32x4x1x4/4 ...". */
static void write_key(const matmul_choice *matmul, const epocl_network *network, bool has_values, plan_shape shape,
                      char key[CACHE_TEXT_CAPACITY]) {
    char written[PLAN_TEXT_CAPACITY + 1] = " ";
    plan_request_text(&(plan_request){.shape = shape}, written + 1);
    if (shape_is_layered(shape)) written[0] = '\0';
    char name[MATMUL_TEXT_CAPACITY], activations[EXAMPLE_LAYERS - 1][FUNCTION_TEXT_CAPACITY];
    for (size_t l = 0; l < EXAMPLE_LAYERS - 1; l++)
        activation_text(network_hidden_activation(network, l), activations[l]);
    matmul_choice_text(matmul, name);
    snprintf(key, CACHE_TEXT_CAPACITY, "self-test%s %s/%zu%s %s,%s %s %s%s", written, name, matmul->sample_rows,
             matmul->provider == MATMUL_LOCAL && matmul->is_long ? " long" : "", activations[0], activations[1],
             network->cost_text, network->output_text, has_values ? " values" : "");
}

/* Keeps what a test said: of a choice of kernels, unless `key` is NULL, and as the device's last. */
static void keep_result(epocl_device *device, const char *key, epocl_status said) {
    const char *result = said == EPOCL_OK ? "passed" : "failed";
    if (said != EPOCL_OK && said != EPOCL_ERROR_SELF_TEST) return;
    if (key) device_remember(&device->info, key, result);
    device_remember(&device->info, SELF_TEST_KEY, result);
    snprintf(device->info.self_test, sizeof device->info.self_test, "%s", result);
}

/* Of a choice of one shape. What a layered plan gave is the device's result. */
static epocl_status ensure_shape(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                 bool has_values, plan_shape shape) {
    char key[CACHE_TEXT_CAPACITY], known[CACHE_TEXT_CAPACITY];
    const bool is_layered = shape_is_layered(shape);
    bool has_ended = false;
    write_key(matmul, network, has_values, shape, key);
    if (device_recall(&device->info, key, known) && strcmp(known, "passed") == 0) return EPOCL_OK;
    if (is_layered) device_say(device, "testing the kernels on this device");
    const epocl_status status = run_shape(device, matmul, network, has_values, shape, &has_ended);
    if (is_layered)
        keep_result(device, key, status);
    else if (status == EPOCL_OK && has_ended)
        device_remember(&device->info, key, "passed");
    return status;
}

epocl_status self_test_ensure_written(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                      bool has_values, plan_shape shape) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; !device->is_trusted && i < test_count(matmul) && status == EPOCL_OK; i++) {
        const matmul_choice tested = test_of(matmul, i);
        status = ensure_shape(device, &tested, network, has_values, shape);
    }
    return status;
}

epocl_status self_test_ensure(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                              bool has_values) {
    return self_test_ensure_written(device, matmul, network, has_values, (plan_shape){0});
}

epocl_status self_test_or_plain(epocl_device *device, matmul_choice *matmul, const epocl_network *network,
                                bool has_values, const training_options *options) {
    const epocl_status status = self_test_ensure(device, matmul, network, has_values);
    const bool is_free = !options || options->matmul.is_auto;
    if (status != EPOCL_ERROR_SELF_TEST || !is_free || matmul->provider == MATMUL_PLAIN) return status;
    char text[512];
    snprintf(text, sizeof text, "using matmul plain: %.400s", epocl_last_error());
    *matmul = matmul_for(MATMUL_PLAIN, &device->info, network);
    const epocl_status plain = self_test_ensure(device, matmul, network, has_values);
    if (plain != EPOCL_OK) return plain;
    if (options)
        options_say(options, "%s", text);
    else
        device_say(device, text);
    return EPOCL_OK;
}

epocl_status epocl_device_self_test(epocl_device *device) {
    if (!device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_self_test: NULL argument");
    const matmul_choice choices[] = {matmul_for(MATMUL_PLAIN, &device->info, NULL),
                                     matmul_default(&device->info, NULL)};
    epocl_network *network = NULL;
    epocl_status status = device_enter(device);
    if (status == EPOCL_OK) status = network_allocate(example_counts, EXAMPLE_LAYERS, &network);
    if (status == EPOCL_OK) status = network_set_functions(network, "sigmoid", "cross-entropy", NULL);
    for (size_t i = 0; i < 2 && status == EPOCL_OK; i++) status = self_test_run(device, &choices[i], network, false);
    epocl_network_release(network);
    keep_result(device, NULL, status);
    return status;
}

epocl_status epocl_device_trust(epocl_device *device, int is_trusted) {
    if (!device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_trust: NULL argument");
    device->is_trusted = is_trusted != 0;
    return EPOCL_OK;
}
