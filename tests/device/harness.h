/* Running single operations on a device: a plan with one or two layers, tensors that begin full of NaN, launches,
 * and what they left. */
#ifndef EPOCL_TESTS_HARNESS_H
#define EPOCL_TESTS_HARNESS_H

#include "device/programs/executable.h"
#include "operations/operations.h"
#include "plan/block.h"
#include "plan/state.h"

#include <check.h>

#define ck_assert_ok(call)                                                                                             \
    do {                                                                                                               \
        const epocl_status ck_status = (call);                                                                         \
        ck_assert_msg(ck_status == EPOCL_OK, "%s: %s", epocl_status_name(ck_status), epocl_last_error());              \
    } while (0)

/* What to open: TEST_DEVICE in the environment, as for --device; "auto" without. */
const char *test_device_selector(void);

/* Whether the library waits for that device by looking at events now and then, as for all that is no CPU. */
bool test_device_is_polled(void);

/* Whether the device looks at accesses of memory, as Oclgrind does: numbers that change none say nothing more. */
bool test_is_simulated(void);

/* Whether this run takes combination `number` of three values: all runs do, but with TEST_THIRD (0, 1 or 2) in the
 * environment, where numbers that leave this rest of three are taken. If `number` is the sum of the values' indices,
 * each third has all pairs of values. */
bool test_takes(size_t number);

/* The device of all tests in this process: opened once, kept until the end. */
epocl_device *test_device(void);

/* For tests that let it pass for another: what it says of itself is kept before, and given back, also after a failure.
 */
void test_device_keep(void);
void test_device_restore(void);

/* Whether PoCL's compiler takes OpenCL C 2.0, as that of 3.1 does; 6.0 has 3.0 and those up to 1.2. */
bool test_pocl_knows_2(void);

/* The matmul providers that kernel suites run over: plain, tile and local. CLBlast's kernels are not epocl's. */
matmul_choice test_matmul(matmul_provider provider);

/* Tile shapes that suit the device: for narrow networks and for wide ones. */
enum { TEST_TILE_SHAPES = 2 };
matmul_choice test_tile_shape(size_t index);

/* All shapes of blocks that fit the device, with every number of parts that they may have; returns how many. */
enum { TEST_BLOCKS = 3 * BLOCK_SHAPES };
size_t test_blocks(matmul_choice choices[TEST_BLOCKS]);

/* Whether whole trainings are run here with blocks of this shape: with all that fit, but on a simulator with two, which
 * are unlike in size, rows, vectors and parts. What kernels leave to each other is by the same rules in all, and what
 * each kernel does with each shape is the suite of products'. */
bool test_trains_block(const block_shape *block);

typedef struct kernel_shape {
    size_t batch_size, batch_count, input_count, output_count;
} kernel_shape;

/* 1, primes, tile edges, 10 outputs, and batches that are not full. */
extern const kernel_shape awkward_shapes[];
extern const size_t awkward_shape_count;

/* One layer, the layer below it, and a mini-batch. All tensors exist once created. */
typedef struct harness {
    plan plan;
    executable executable;
    sequence sequence;
    batch_tensors batch;
    layer_tensors below, layer;
    tensor_id outputs; /* [batch x outputs] array */
    epoch_state state;
    kernel_shape shape;
} harness;

/* Plans the tensors, as if for a device of many compute units: blocks are split wherever they can be. The caller adds
 * launches to `sequence`, then calls harness_begin(). */
void harness_create(harness *h, const matmul_choice *matmul, const kernel_shape *shape, size_t sample_count,
                    bool bytes);

/* Allocates everything, fills every float tensor with NaN, padding included, and writes the state. */
void harness_begin(harness *h);

/* The state of plain gradient descent at that rate; before harness_begin(). */
void harness_set_rate(harness *h, float learning_rate);

/* Enqueues the launches and waits. */
void harness_run(harness *h);
void harness_release(harness *h);

/* A dense row-major matrix to and from a tensor. Writing leaves the NaN in the padding. */
void harness_write(harness *h, tensor_id id, const double *matrix);
void harness_write_transposed(harness *h, tensor_id id, const double *matrix);
void harness_read(harness *h, tensor_id id, double *matrix);

/* Fails unless every element of the tensor outside the first `rows` x `columns` still is the NaN it began with. */
void harness_check_untouched(harness *h, tensor_id id, size_t rows, size_t columns);

/* Seeded numbers: small integers, exact in any order of summation; or reals in [low, high) exact as floats. */
void fill_integers(double *values, size_t count, uint32_t seed);
void fill_reals(double *values, size_t count, double low, double high, uint32_t seed);

/* Fails with a place unless |actual - expected| <= bound for all, NaN included; NULL bounds demand equality. */
void check_within(const char *what, size_t count, const double *actual, const double *expected, const double *bounds);

#endif
