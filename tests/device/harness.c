#include "device/harness.h"
#include "device/programs/work_group.h"
#include "model/network.h"
#include "reference/reference.h"
#include "steps/matmul_rule.h"

#include <math.h>
#include <string.h>

static const uint32_t canary_bits = 0x7FC0BEEF; /* a NaN that no computation makes */

const kernel_shape awkward_shapes[] = {
    {1, 1, 1, 1},     {2, 1, 3, 2},     {7, 7, 5, 3},     {8, 8, 16, 10},   {9, 9, 17, 11},   {13, 5, 31, 33},
    {16, 16, 15, 16}, {32, 32, 32, 32}, {33, 32, 33, 31}, {37, 20, 65, 10}, {40, 39, 47, 64}, {31, 31, 2, 67},
};
const size_t awkward_shape_count = sizeof awkward_shapes / sizeof *awkward_shapes;

const char *test_device_selector(void) {
    const char *selector = getenv("TEST_DEVICE");
    return selector && *selector ? selector : "auto";
}

bool test_device_is_polled(void) {
    return test_device()->info.type != EPOCL_DEVICE_CPU;
}

bool test_is_simulated(void) {
    return strstr(test_device()->info.name, "Oclgrind") != NULL;
}

bool test_takes(size_t number) {
    const char *third = getenv("TEST_THIRD");
    return !third || number % 3 == strtoul(third, NULL, 10);
}

epocl_device *test_device(void) {
    static epocl_device *device;
    if (device) return device;
    ck_assert_ok(epocl_device_open(test_device_selector(), &device));
    ck_assert_ok(epocl_device_trust(device, 1)); /* the self-test has tests of its own */
    return device;
}

static epocl_device_info kept_info;

void test_device_keep(void) {
    kept_info = test_device()->info;
}

void test_device_restore(void) {
    test_device()->info = kept_info;
}

bool test_pocl_knows_2(void) {
    return strncmp(test_device()->info.driver_version, "3.", 2) == 0;
}

static const epocl_device_info *test_limits(void) {
    static epocl_device_info limits;
    if (limits.max_work_group_size == 0) ck_assert_ok(device_limits(test_device(), &limits));
    return &limits;
}

matmul_choice test_matmul(matmul_provider provider) {
    layer wide = {.input_count = 1, .output_count = 4096};
    const epocl_network network = {.layer_count = 1, .layers = &wide};
    return matmul_for(provider, test_limits(), &network);
}

matmul_choice test_tile_shape(size_t index) {
    matmul_choice shape = test_matmul(MATMUL_TILE);
    if (index == 0 && shape.vector_width == 16) shape.tile_vectors = 1;
    return shape;
}

size_t test_blocks(matmul_choice choices[TEST_BLOCKS]) {
    epocl_device_info limits = *test_limits();
    limits.tensor_cores = 1; /* or the same sums without them */
    const matmul_choice candidates = block_candidates(&limits);
    size_t count = 0;
    for (size_t i = 0; i < candidates.shape_count; i++)
        for (size_t parts = candidates.shapes[i].parts; parts > 0; parts /= 2, count++) {
            choices[count] = block_alone(&candidates, i);
            choices[count].shapes[0].parts = parts;
        }
    return count;
}

bool test_trains_block(const block_shape *block) {
    const bool is_one_of_two = (block->block == 32 && block->tile_rows == 4 && block->tile_vectors == 1) ||
                               (block->block == 64 && block->tile_rows == 8 && block->tile_vectors == 2);
    return (!test_is_simulated() || is_one_of_two) && block_fits(block, &test_device()->info);
}

void harness_create(harness *h, const matmul_choice *matmul, const kernel_shape *shape, size_t sample_count,
                    bool bytes) {
    *h = (harness){.shape = *shape};
    plan *p = &h->plan;
    epocl_device_info info = test_device()->info;
    info.tensor_cores = 1;
    ck_assert_ok(plan_create(p, matmul, &info));
    p->compute_units = 1000;
    ck_assert_ok(sequence_create(&h->sequence));
    const size_t batch = shape->batch_size, in = shape->input_count, out = shape->output_count;
    batch_tensors *b = &h->batch;
    *b = (batch_tensors){
        .sample_count = sample_count, .batch_size = batch, .input_count = in, .output_count = out, .bytes = bytes};
    b->inputs = plan_add_array(p, PURPOSE_DATA_SET, sample_count * in, bytes ? 1 : sizeof(float), "inputs");
    b->labels = plan_add_array(p, PURPOSE_DATA_SET, sample_count, sizeof(uint32_t), "labels");
    b->order = plan_add_array(p, PURPOSE_DATA_SET, sample_count, sizeof(uint32_t), "order");
    b->scale = plan_add_array(p, PURPOSE_DATA_SET, in, sizeof(float), "scale");
    b->shift = plan_add_array(p, PURPOSE_DATA_SET, in, sizeof(float), "shift");
    b->label = plan_add_array(p, PURPOSE_ACTIVATIONS, batch, sizeof(uint32_t), "label");
    b->costs = plan_add_array(p, PURPOSE_ACTIVATIONS, batch, sizeof(float), "costs");
    b->classes = plan_add_array(p, PURPOSE_ACTIVATIONS, batch, sizeof(uint32_t), "classes");
    b->state = plan_add_array(p, PURPOSE_STATE, sizeof(epoch_state), 1, "state");
    b->stop = plan_add_array(p, PURPOSE_STATE, 1, sizeof(uint32_t), "stop");
    b->hyper = plan_add_array(p, PURPOSE_STATE, sizeof(hyper_values), 1, "hyper");
    b->unused = plan_add_array(p, PURPOSE_STATE, 1, sizeof(uint32_t), "unused");

    h->below = (layer_tensors){.number = 1, .output_count = in};
    h->below.output = plan_add_matrix(p, PURPOSE_ACTIVATIONS, batch, in, "below.output");
    h->below.slope = plan_add_matrix(p, PURPOSE_ACTIVATIONS, batch, in, "below.slope");
    h->below.delta = plan_add_matrix(p, PURPOSE_ACTIVATIONS, batch, in, "below.delta");
    h->below.delta_transposed = plan_add_matrix(p, PURPOSE_ACTIVATIONS, in, batch, "below.delta_t");
    h->layer = (layer_tensors){
        .number = 2, .input_count = in, .output_count = out, .is_output = true, .input = h->below.output};
    h->layer.weights = plan_add_matrix(p, PURPOSE_PARAMETERS, in, out, "weights");
    h->layer.biases = plan_add_array(p, PURPOSE_PARAMETERS, out, sizeof(float), "biases");
    if (matmul->provider == MATMUL_CLBLAST) { /* its updates write gradients */
        h->layer.weights_slots[SLOT_GRADIENT] = plan_add_matrix(p, PURPOSE_ACTIVATIONS, in, out, "gradient");
        h->layer.biases_slots[SLOT_GRADIENT] =
            plan_add_array(p, PURPOSE_ACTIVATIONS, out, sizeof(float), "biases_gradient");
        constants_set(&p->constants, "GRADIENT_TO_MEMORY", 1);
    }
    h->layer.output = plan_add_matrix(p, PURPOSE_ACTIVATIONS, batch, out, "output");
    h->layer.delta = plan_add_matrix(p, PURPOSE_ACTIVATIONS, batch, out, "delta");
    h->layer.delta_transposed = plan_add_matrix(p, PURPOSE_ACTIVATIONS, out, batch, "delta_t");
    h->outputs = plan_add_array(p, PURPOSE_ACTIVATIONS, batch * out, sizeof(float), "outputs");
    h->state =
        (epoch_state){.epoch = 1, .batch_count = (uint32_t)shape->batch_count, .sample_count = (uint32_t)sample_count};
}

void harness_set_rate(harness *h, float learning_rate) {
    h->state.weight = (float)h->state.batch_count;
    h->state.learning_rate = learning_rate;
    h->state.sum_rate = learning_rate / h->state.weight;
    h->state.mean = 1.0f / h->state.weight;
}

void harness_begin(harness *h) {
    const sequence *sequences[] = {&h->sequence};
    ck_assert_ok(executable_create(&h->executable, test_device(), &h->plan, sequences, 1, NULL));
    for (size_t i = TENSOR_FIRST; i < h->plan.tensor_count; i++) {
        const tensor *t = &h->plan.tensors[i];
        if (t->value_bytes != sizeof(float) || i == h->batch.stop) continue;
        const size_t count = t->bytes / sizeof(float);
        uint32_t *canaries = malloc(t->bytes);
        for (size_t v = 0; v < count; v++) canaries[v] = canary_bits;
        ck_assert_ok(executable_write(&h->executable, i, canaries, t->bytes));
        free(canaries);
    }
    const recipe plain = recipe_plain(0.1f);
    const hyper_values hyper = recipe_hyper(&plain, 1);
    ck_assert_ok(executable_write(&h->executable, h->batch.hyper, &hyper, sizeof hyper));
    ck_assert_ok(executable_write(&h->executable, h->batch.state, &h->state, sizeof h->state));
}

void harness_run(harness *h) {
    bound_sequence bound;
    ck_assert_ok(bound_sequence_create(&bound, &h->executable, &h->sequence));
    ck_assert_ok(bound_sequence_enqueue(&bound, h->shape.batch_count));
    ck_assert_int_eq(clFinish(test_device()->queue), CL_SUCCESS);
    bound_sequence_release(&bound);
    ck_assert_ok(executable_read(&h->executable, h->batch.state, &h->state, sizeof h->state));
}

void harness_release(harness *h) {
    executable_release(&h->executable);
    sequence_release(&h->sequence);
    plan_release(&h->plan);
}

static float *read_tensor(harness *h, tensor_id id) {
    float *values = malloc(h->plan.tensors[id].bytes);
    ck_assert_ok(executable_read(&h->executable, id, values, h->plan.tensors[id].bytes));
    return values;
}

static void write_matrix(harness *h, tensor_id id, const double *matrix, bool transposed) {
    const tensor *t = &h->plan.tensors[id];
    float *values = read_tensor(h, id);
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++)
            values[tensor_index(t, r, c)] = (float)matrix[transposed ? c * t->rows + r : r * t->columns + c];
    ck_assert_ok(executable_write(&h->executable, id, values, t->bytes));
    free(values);
}

void harness_write(harness *h, tensor_id id, const double *matrix) {
    write_matrix(h, id, matrix, false);
}

void harness_write_transposed(harness *h, tensor_id id, const double *matrix) {
    write_matrix(h, id, matrix, true);
}

void harness_read(harness *h, tensor_id id, double *matrix) {
    const tensor *t = &h->plan.tensors[id];
    float *values = read_tensor(h, id);
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++) matrix[r * t->columns + c] = (double)values[tensor_index(t, r, c)];
    free(values);
}

void harness_check_untouched(harness *h, tensor_id id, size_t rows, size_t columns) {
    const tensor *t = &h->plan.tensors[id];
    float *values = read_tensor(h, id);
    const size_t column_capacity = t->bytes / t->value_bytes / t->row_capacity;
    for (size_t r = 0; r < t->row_capacity; r++) {
        for (size_t c = 0; c < column_capacity; c++) {
            uint32_t bits;
            if (r < rows && c < columns) continue;
            memcpy(&bits, &values[tensor_index(t, r, c)], sizeof bits);
            ck_assert_msg(bits == canary_bits, "%s: element (%zu, %zu) beyond (%zu, %zu) was overwritten", t->name, r,
                          c, rows, columns);
        }
    }
    free(values);
}

void fill_integers(double *values, size_t count, uint32_t seed) {
    for (size_t i = 0; i < count; i++) values[i] = (double)(reference_philox_word(seed, 0, 0, (uint32_t)i, 0) % 17) - 8;
}

void fill_reals(double *values, size_t count, double low, double high, uint32_t seed) {
    for (size_t i = 0; i < count; i++) {
        const double u = (double)reference_unit(reference_philox_word(seed, 0, 1, (uint32_t)i, 0));
        values[i] = (double)(float)(low + (high - low) * u);
    }
}

void check_within(const char *what, size_t count, const double *actual, const double *expected, const double *bounds) {
    for (size_t i = 0; i < count; i++) {
        const double difference = fabs(actual[i] - expected[i]), bound = bounds ? bounds[i] : 0.0;
        ck_assert_msg(difference <= bound, "%s[%zu] is %.9g, not %.9g: off by %g, bound %g", what, i, actual[i],
                      expected[i], difference, bound);
    }
}
