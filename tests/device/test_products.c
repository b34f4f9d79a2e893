/* forward, delta and update of each provider against the reference: exactly on integers, within derived bounds on
 * reals, at awkward shapes, with NaN in all padding. */
#include "device/harness.h"
#include "model/functions.h"
#include "reference/reference.h"
#include "steps/matmul_rule.h"

Suite *products_suite(void);
Suite *clblast_suite(void);

/* The host's side of one case: the reference's matrices, dense and row-major, weights as [output, input]. */
typedef struct product_case {
    kernel_shape shape;
    size_t weight_count, in_count, out_count; /* elements of weights, of [batch x input], of [batch x output] */
    double *weights, *biases, *inputs, *delta;
    double *expected, *bounds, *actual, *scratch;
} product_case;

static void case_create(product_case *c, const kernel_shape *shape, bool integers) {
    *c = (product_case){.shape = *shape};
    c->weight_count = shape->input_count * shape->output_count;
    c->in_count = shape->batch_size * shape->input_count;
    c->out_count = shape->batch_size * shape->output_count;
    const size_t most = c->weight_count + c->in_count + c->out_count;
    double **arrays[] = {&c->weights,  &c->biases, &c->inputs, &c->delta,
                         &c->expected, &c->bounds, &c->actual, &c->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) *arrays[i] = reference_doubles(most);
    if (integers) {
        for (uint32_t i = 0; i < 4; i++) fill_integers(*arrays[i], most, i + 1);
    } else {
        fill_reals(c->weights, most, -1.0, 1.0, 1);
        fill_reals(c->biases, most, -1.0, 1.0, 2);
        fill_reals(c->inputs, most, 0.0, 1.0, 3); /* positive, as activations are */
        fill_reals(c->delta, most, -1.0, 1.0, 4);
    }
}

static void case_release(product_case *c) {
    double *arrays[] = {c->weights, c->biases, c->inputs, c->delta, c->expected, c->bounds, c->actual, c->scratch};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

/* Rows and columns of a block; 1 where the product is made of single sums. */
static size_t block_of(const harness *h) {
    const size_t block = h->sequence.launches[0].shape.block;
    return block ? block : 1;
}

/* Rows and columns of what a provider computes at a time. */
static size_t tile_rows(const harness *h) {
    return h->plan.matmul.provider == MATMUL_TILE ? h->plan.matmul.tile_rows : block_of(h);
}

static size_t sample_rows(const harness *h) {
    return h->plan.matmul.provider == MATMUL_TILE ? h->plan.matmul.sample_rows : block_of(h);
}

static size_t tile_columns(const harness *h, tensor_id id) {
    return h->plan.matmul.provider == MATMUL_TILE ? h->plan.tensors[id].width : block_of(h);
}

/* So many pieces are made of each launch, as far as it has rows of work-groups. */
static size_t piece_count = 1;

static void make_pieces(sequence *s) {
    if (piece_count == 1) return;
    const size_t rows = s->launches[0].global[1] / s->launches[0].local[1];
    sequence_split(s, s->launches[0].flop / (double)piece_count, UINT32_MAX);
    ck_assert_uint_eq(s->count, smaller(rows, piece_count));
}

static void check_forward(matmul_choice matmul, const kernel_shape *shape, bool integers) {
    product_case c;
    harness h;
    case_create(&c, shape, integers);
    matmul_fit_batch(&matmul, shape->batch_size);
    harness_create(&h, &matmul, shape, shape->batch_size, false);
    /* The output layer's forward stops at z, which is exact on integers; a hidden one's applies the activation. */
    h.layer.is_output = integers;
    h.layer.activation.code = ACTIVATION_sigmoid;
    add_forward(&h.plan, &h.sequence, &h.batch, &h.layer);
    make_pieces(&h.sequence);
    harness_begin(&h);
    harness_write(&h, h.layer.input, c.inputs);
    harness_write_transposed(&h, h.layer.weights, c.weights);
    harness_write(&h, h.layer.biases, c.biases);
    harness_run(&h);

    const size_t count = shape->batch_count * shape->output_count;
    reference_forward(shape->batch_count, shape->input_count, shape->output_count, c.weights, c.biases, c.inputs,
                      integers ? c.expected : c.scratch, integers ? c.scratch : c.expected, NULL);
    harness_read(&h, h.layer.output, c.actual);
    if (integers) {
        check_within("z", count, c.actual, c.expected, NULL);
    } else {
        double *z_bounds = reference_doubles(count);
        reference_forward_bounds(shape->batch_count, shape->input_count, shape->output_count, c.weights, c.biases,
                                 c.inputs, NULL, c.scratch, z_bounds, c.bounds);
        check_within("a", count, c.actual, c.expected, c.bounds);
        free(z_bounds);
    }
    harness_check_untouched(&h, h.layer.output, round_up(shape->batch_count, sample_rows(&h)),
                            round_up(shape->output_count, tile_columns(&h, h.layer.output)));
    harness_release(&h);
    case_release(&c);
}

static void check_delta(matmul_choice matmul, const kernel_shape *shape, bool integers) {
    product_case c;
    harness h;
    const size_t in = shape->input_count, out = shape->output_count, samples = shape->batch_count;
    case_create(&c, shape, integers);
    harness_create(&h, &matmul, shape, shape->batch_size, false);
    /* Of a sigmoid, whose slope is a (1 - a); or slopes as they are stored, of 1. */
    h.below.activation.code = ACTIVATION_sigmoid;
    if (!integers) h.below.slope = TENSOR_NONE;
    add_delta(&h.plan, &h.sequence, &h.batch, &h.layer, &h.below);
    make_pieces(&h.sequence);
    harness_begin(&h);
    harness_write_transposed(&h, h.layer.weights, c.weights);
    harness_write(&h, h.layer.delta, c.delta);
    harness_write_transposed(&h, h.layer.delta_transposed, c.delta);
    for (size_t i = 0; i < c.in_count; i++) c.scratch[i] = 1.0;
    if (integers)
        harness_write(&h, h.below.slope, c.scratch);
    else
        harness_write(&h, h.below.output, c.inputs);
    harness_run(&h);

    if (integers) {
        reference_matmul(samples, in, out, false, c.delta, false, c.weights, c.expected, NULL);
    } else {
        reference_hidden_delta(samples, in, out, c.weights, c.delta, c.inputs, c.expected, NULL);
        reference_hidden_delta_bounds(samples, in, out, c.weights, c.delta, NULL, c.inputs, NULL, c.bounds);
    }
    harness_read(&h, h.below.delta, c.actual);
    check_within("delta", samples * in, c.actual, c.expected, integers ? NULL : c.bounds);
    harness_check_untouched(&h, h.below.delta, round_up(samples, tile_columns(&h, h.below.delta)),
                            round_up(in, tile_rows(&h)));
    if (matmul.provider == MATMUL_TILE) { /* the transposed copy is the same numbers */
        const tensor *t = &h.plan.tensors[h.below.delta_transposed];
        harness_read(&h, h.below.delta_transposed, c.scratch);
        for (size_t i = 0; i < in; i++)
            for (size_t s = 0; s < samples; s++) ck_assert(c.scratch[i * t->columns + s] == c.actual[s * in + i]);
        harness_check_untouched(&h, h.below.delta_transposed, round_up(in, tile_rows(&h)), round_up(samples, t->width));
    }
    harness_release(&h);
    case_release(&c);
}

/* In sections of `sum_samples`; unless `equal` is 0, all inputs are 1 and all deltas `equal`. */
static void check_update_in(size_t sum_samples, double equal, matmul_choice matmul, const kernel_shape *shape,
                            bool integers) {
    product_case c;
    harness h;
    const size_t in = shape->input_count, out = shape->output_count, samples = shape->batch_count;
    /* A rate of exactly 1 on integers. */
    const float learning_rate = integers ? (float)samples : 0.37f;
    case_create(&c, shape, integers);
    for (size_t i = 0; equal != 0 && i < c.in_count; i++) c.inputs[i] = 1;
    for (size_t i = 0; equal != 0 && i < c.out_count; i++) c.delta[i] = equal;
    harness_create(&h, &matmul, shape, shape->batch_size, false);
    h.plan.sum_samples = sum_samples;
    add_update(&h.plan, &h.sequence, &h.batch, &h.layer);
    make_pieces(&h.sequence);
    if (matmul.provider == MATMUL_CLBLAST) add_step(&h.plan, &h.sequence, &h.batch, &h.layer);
    harness_set_rate(&h, learning_rate);
    harness_begin(&h);
    harness_write(&h, h.layer.input, c.inputs);
    harness_write(&h, h.layer.delta, c.delta);
    harness_write_transposed(&h, h.layer.weights, c.weights);
    harness_write(&h, h.layer.biases, c.biases);
    harness_run(&h);

    const struct {
        const char *what;
        tensor_id id;
        double *begin;
        size_t count;
        bool is_bias;
    } parts[] = {{"weights", h.layer.weights, c.weights, c.weight_count, false},
                 {"biases", h.layer.biases, c.biases, out, true}};
    for (size_t i = 0; i < 2; i++) {
        /* A library's product is not in sections, and sums equal samples as badly as it likes. */
        if (equal != 0 && matmul.provider == MATMUL_CLBLAST && !parts[i].is_bias) continue;
        double *gradient = reference_doubles(parts[i].count), *gradient_bounds = reference_doubles(parts[i].count);
        if (parts[i].is_bias) {
            reference_bias_gradient(samples, out, c.delta, gradient, NULL);
            reference_bias_gradient_bounds(samples, sum_samples, out, c.delta, NULL, gradient_bounds);
        } else {
            reference_weight_gradient(samples, in, out, c.delta, c.inputs, gradient, NULL);
            reference_weight_gradient_bounds(samples, sum_samples, in, out, c.delta, NULL, c.inputs, NULL,
                                             gradient_bounds);
        }
        reference_update_bounds(parts[i].count, samples, (double)learning_rate, gradient, gradient_bounds,
                                parts[i].begin, c.bounds);
        reference_update(parts[i].count, samples, (double)learning_rate, gradient, parts[i].begin);
        harness_read(&h, parts[i].id, c.scratch);
        for (size_t v = 0; v < parts[i].count; v++) /* back from [input, output] */
            c.actual[v] = parts[i].is_bias ? c.scratch[v] : c.scratch[v % in * out + v / in];
        check_within(parts[i].what, parts[i].count, c.actual, parts[i].begin, integers ? NULL : c.bounds);
        free(gradient);
        free(gradient_bounds);
    }
    harness_check_untouched(&h, h.layer.weights, round_up(in, tile_rows(&h)),
                            round_up(out, tile_columns(&h, h.layer.weights)));
    harness_release(&h);
    case_release(&c);
}

static void check_update(matmul_choice matmul, const kernel_shape *shape, bool integers) {
    check_update_in(SUM_SAMPLES, 0, matmul, shape, integers);
}

typedef void check_function(matmul_choice, const kernel_shape *, bool);

/* Both, but where only accesses matter, by turns: those of forward alone go by which it is. */
static void check_both(check_function *check, matmul_choice matmul, const kernel_shape *shape, bool integers) {
    check(matmul, shape, integers);
    if (!test_is_simulated()) check(matmul, shape, !integers);
}

static void check_all_shapes(check_function *check, matmul_choice matmul) {
    for (size_t i = 0; i < awkward_shape_count; i++) check_both(check, matmul, &awkward_shapes[i], i % 2 == 0);
}

/* Of a simulated product's sums, enough for each part to fetch while it multiplies, and the edge: more repeat that. */
static kernel_shape with_short_sums(kernel_shape shape, const matmul_choice *matmul, check_function *check) {
    const size_t most = 2 * matmul->shapes[0].parts * BLOCK_DEPTH;
    size_t *summed = check == check_forward ? &shape.input_count
                     : check == check_delta ? &shape.output_count
                                            : &shape.batch_size;
    if (!test_is_simulated() || *summed + 1 < matmul->shapes[0].block || matmul->shapes[0].block <= most) return shape;
    *summed -= matmul->shapes[0].block - most;
    if (summed == &shape.batch_size) shape.batch_count -= matmul->shapes[0].block - most;
    return shape;
}

/* As kernels/products/block_tensor.cl derives it. */
static double product_units(const matmul_choice *choice) {
    return block_is_tensor(&choice->shapes[0]) ? 16 : 0;
}

/* Every shape of blocks, at the edges of its blocks. */
static void check_all_blocks(check_function *check) {
    matmul_choice choices[TEST_BLOCKS];
    const size_t count = test_blocks(choices);
    for (size_t i = 0; i < count; i++) {
        const size_t block = choices[i].shapes[0].block;
        reference_set_product_units(product_units(&choices[i]));
        kernel_shape edges[] = {{1, 1, block + 1, block - 1},
                                {block - 1, block - 1, block, block + 1},
                                {block + 1, block, block - 1, block}};
        if (block == 32) check_all_shapes(check, choices[i]); /* which lie around that */
        for (size_t e = 0; e < sizeof edges / sizeof *edges; e++) {
            edges[e] = with_short_sums(edges[e], &choices[i], check);
            check_both(check, choices[i], &edges[e], e % 2 == 0);
        }
    }
    reference_set_product_units(0);
}

START_TEST(forward_plain_agrees) {
    check_all_shapes(check_forward, test_matmul(MATMUL_PLAIN));
}
END_TEST

START_TEST(forward_tile_agrees) {
    check_all_shapes(check_forward, test_tile_shape((size_t)_i));
}
END_TEST

START_TEST(forward_local_agrees) {
    check_all_blocks(check_forward);
}
END_TEST

START_TEST(delta_plain_agrees) {
    check_all_shapes(check_delta, test_matmul(MATMUL_PLAIN));
}
END_TEST

START_TEST(delta_tile_agrees) {
    check_all_shapes(check_delta, test_tile_shape((size_t)_i));
}
END_TEST

START_TEST(delta_local_agrees) {
    check_all_blocks(check_delta);
}
END_TEST

START_TEST(update_plain_agrees) {
    check_all_shapes(check_update, test_matmul(MATMUL_PLAIN));
}
END_TEST

START_TEST(update_tile_agrees) {
    check_all_shapes(check_update, test_tile_shape((size_t)_i));
}
END_TEST

START_TEST(update_local_agrees) {
    check_all_blocks(check_update);
}
END_TEST

static const kernel_shape long_shapes[] = {{67, 65, 17, 11}, {64, 64, 9, 33}, {90, 20, 33, 5}};

/* Mini-batches of several sections; the last may be short, and the batch, too. */
static void check_sections(matmul_choice matmul) {
    for (size_t i = 0; i < sizeof long_shapes / sizeof *long_shapes; i++) {
        if (!test_is_simulated()) check_update_in(32, 0, matmul, &long_shapes[i], true);
        check_update_in(32, 0, matmul, &long_shapes[i], false);
    }
    /* Equal samples: added one by one, they would be off by 121 units of rounding, and the bound is 34. */
    const kernel_shape equal = {500, 500, 1, 1};
    check_update_in(32, 0.44702911376953125, matmul, &equal, false);
}

START_TEST(sections_plain_agree) {
    check_sections(test_matmul(MATMUL_PLAIN));
}
END_TEST

START_TEST(sections_tile_agree) {
    check_sections(test_tile_shape((size_t)_i));
}
END_TEST

START_TEST(sections_local_agree) {
    matmul_choice choices[TEST_BLOCKS];
    const size_t count = test_blocks(choices);
    for (size_t i = 0; i < count; i++) {
        if (choices[i].shapes[0].parts > 1) continue; /* updates have no parts */
        reference_set_product_units(product_units(&choices[i]));
        if (choices[i].shapes[0].block == 32)
            check_sections(choices[i]);
        else
            check_update_in(32, 0, choices[i], &long_shapes[0], false);
    }
    reference_set_product_units(0);
}
END_TEST

/* An operand that is too large for a core's cache, so that its tiles are computed in several blocks. */
START_TEST(blocks_of_tiles_agree) {
    const matmul_choice matmul = test_tile_shape((size_t)_i);
    const kernel_shape forward = {33, 33, 4099, 1}, delta = {1, 1, 33, 4099}, update = {4099, 4099, 33, 1};
    check_forward(matmul, &forward, true);
    check_delta(matmul, &delta, true);
    check_update(matmul, &update, true);
}
END_TEST

/* Launches in pieces, not all of the same length, are the whole; the sums are short, which pieces leave as they are. */
START_TEST(pieces_are_the_whole) {
    matmul_choice choices[TEST_BLOCKS + 2] = {test_matmul(MATMUL_PLAIN), test_matmul(MATMUL_TILE)};
    const size_t count = 2 + test_blocks(choices + 2);
    const kernel_shape forward = {97, 93, 18, 70}, delta = {97, 93, 150, 18}, update = {18, 17, 150, 70};
    piece_count = 4;
    for (size_t i = 0; i < count; i++) {
        if (i >= 2 && choices[i].shapes[0].block > 32) continue; /* others take their place in the same way */
        check_forward(choices[i], &forward, true);
        check_delta(choices[i], &delta, true);
        check_update(choices[i], &update, true);
    }
    piece_count = 1;
}
END_TEST

/* Of an epoch that has ended, or was stopped: every later launch must change nothing. */
START_TEST(products_do_nothing_without_a_batch) {
    const kernel_shape shape = {9, 0, 17, 11};
    for (matmul_provider provider = MATMUL_PLAIN; provider <= MATMUL_LOCAL; provider++) {
        harness h;
        const matmul_choice matmul = test_matmul(provider);
        harness_create(&h, &matmul, &shape, shape.batch_size, false);
        add_forward(&h.plan, &h.sequence, &h.batch, &h.layer);
        add_delta(&h.plan, &h.sequence, &h.batch, &h.layer, &h.below);
        add_update(&h.plan, &h.sequence, &h.batch, &h.layer);
        harness_set_rate(&h, 0.5f);
        harness_begin(&h);
        harness_run(&h);
        harness_check_untouched(&h, h.layer.output, 0, 0);
        harness_check_untouched(&h, h.below.delta, 0, 0);
        harness_check_untouched(&h, h.layer.weights, 0, 0);
        harness_check_untouched(&h, h.layer.biases, 0, 0);
        harness_release(&h);
    }
}
END_TEST

Suite *products_suite(void) {
    Suite *suite = suite_create("products");
    TCase *tests = tcase_create("forward, delta, update");
    tcase_add_test(tests, forward_plain_agrees);
    tcase_add_loop_test(tests, forward_tile_agrees, 0, TEST_TILE_SHAPES);
    tcase_add_test(tests, forward_local_agrees);
    tcase_add_test(tests, delta_plain_agrees);
    tcase_add_loop_test(tests, delta_tile_agrees, 0, TEST_TILE_SHAPES);
    tcase_add_test(tests, delta_local_agrees);
    tcase_add_test(tests, update_plain_agrees);
    tcase_add_loop_test(tests, update_tile_agrees, 0, TEST_TILE_SHAPES);
    tcase_add_test(tests, update_local_agrees);
    tcase_add_test(tests, sections_plain_agree);
    tcase_add_loop_test(tests, sections_tile_agree, 0, TEST_TILE_SHAPES);
    tcase_add_test(tests, sections_local_agree);
    tcase_add_test(tests, products_do_nothing_without_a_batch);
    suite_add_tcase(suite, tests);
    TCase *large = tcase_create("large");
    tcase_add_loop_test(large, blocks_of_tiles_agree, 0, TEST_TILE_SHAPES);
    suite_add_tcase(suite, large);
    TCase *pieces = tcase_create("pieces");
    tcase_add_test(pieces, pieces_are_the_whole);
    suite_add_tcase(suite, pieces);
    return suite;
}

/* CLBlast's kernels are not epocl's and compile slowly: one suite for PoCL only. */
START_TEST(clblast_agrees) {
    static const kernel_shape shapes[] = {{1, 1, 1, 1}, {13, 5, 31, 33}, {33, 32, 33, 31}, {40, 39, 47, 64}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        for (int integers = 0; integers < 2; integers++) {
            check_forward(test_matmul(MATMUL_CLBLAST), &shapes[i], integers);
            check_delta(test_matmul(MATMUL_CLBLAST), &shapes[i], integers);
            check_update(test_matmul(MATMUL_CLBLAST), &shapes[i], integers);
        }
    }
    check_sections(test_matmul(MATMUL_CLBLAST));
}
END_TEST

Suite *clblast_suite(void) {
    Suite *suite = suite_create("clblast");
    TCase *tests = tcase_create("forward, delta, update");
    tcase_add_test(tests, clblast_agrees);
    suite_add_tcase(suite, tests);
    return suite;
}
