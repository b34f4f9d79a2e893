/* Any two things that a network is trained with go together: in a covering array of the options each pair of their
 * values is in at least one run, and each run is compared with the same training in double precision. */
#include "device/problem.h"
#include "reference/recipe_training.h"
#include "reference/reference.h"
#include "reference/rounding.h"
#include "support/covering.h"
#include "support/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *covering_suite(void);

/* 24 samples in mini-batches of 7: the last of an epoch's 4 has 3. */
enum { SAMPLES = 24, INPUTS = 5, OUTPUTS = 3, EPOCHS = 2 };

/* ---- what is combined ---- */

typedef enum factor {
    PLACE,
    ACTIVATION,
    COST,
    OPTIMIZER,
    SCHEDULE,
    INITIALIZATION,
    WEIGHTS,
    BATCH,
    TYPE,
    FIRST_SWITCH
} factor;

/* Hidden layers' functions; each is in one of them. */
static const char *const activations[] = {"identity,sigmoid", "tanh,relu", "leaky-relu(0.2),elu", "selu,gelu",
                                          "gelu-tanh,silu",   "mish,sine", "softplus,exponential"};

/* Costs with the targets that they are of. */
typedef enum target_kind { LABELS, SHARES, NUMBERS } target_kind;
static const struct {
    const char *cost, *output;
    target_kind targets;
} costs[] = {{"softmax-cross-entropy", NULL, LABELS},
             {"softmax-cross-entropy", NULL, SHARES},
             {"cross-entropy", NULL, LABELS},
             {"cross-entropy", NULL, SHARES},
             {"squared", NULL, NUMBERS},
             {"squared", "tanh", NUMBERS},
             {"absolute", NULL, NUMBERS},
             {"huber(0.5)", NULL, NUMBERS},
             {"quantile(0.8)", "sigmoid", NUMBERS},
             {"poisson", NULL, SHARES}};

static const char *const batch_sizes[] = {"7", "8", "24"};

/* Options that are set or not. Epsilon is such that a step is no sign of its gradient, which rounding may turn. */
static const struct {
    const char *name, *text;
} switches[] = {{"weight-decay", "0.2"}, {"clip-value", "0.02"},     {"clip-norm", "0.05"},   {"accumulate", "3"},
                {"dropout", "0.3,0.1"},  {"input-dropout", "0.2"},   {"input-noise", "0.25"}, {"max-norm", "0.9"},
                {"average", "0.7"},      {"label-smoothing", "0.2"}, {"warmup", "1"},         {"freeze", "0-0"}};
enum { SWITCHES = sizeof switches / sizeof *switches, FACTORS = FIRST_SWITCH + SWITCHES };

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void count_levels(size_t counts[FACTORS]) {
    counts[PLACE] = PROBLEM_PROVIDERS + 1;
    counts[ACTIVATION] = COUNT_OF(activations);
    counts[COST] = COUNT_OF(costs);
    counts[OPTIMIZER] = OPTIMIZER_COUNT;
    counts[SCHEDULE] = SCHEDULE_plateau; /* but for that, which goes by validation */
    counts[INITIALIZATION] = INITIALIZATION_COUNT;
    counts[WEIGHTS] = 3;
    counts[BATCH] = COUNT_OF(batch_sizes);
    counts[TYPE] = 2;
    for (size_t i = FIRST_SWITCH; i < FACTORS; i++) counts[i] = 2;
}

/* The caller frees; of places, matmul plain is the one whose kernels are compiled soonest. */
static size_t *make_rows(size_t counts[FACTORS], size_t *row_count) {
    count_levels(counts);
    size_t *rows = covering_rows(counts, FACTORS, row_count);
    covering_prefer_first(rows, *row_count, FACTORS, PLACE);
    return rows;
}

/* ---- a run ---- */

static float unit(uint32_t what, size_t index) {
    return reference_unit(reference_philox_word(17, 0, what, (uint32_t)index, 0));
}

/* Bytes or floats of the same kind, with targets. */
static epocl_dataset *make_data(const size_t *row, double weights[SAMPLES]) {
    const target_kind kind = costs[row[COST]].targets;
    uint8_t bytes[SAMPLES * INPUTS];
    float floats[SAMPLES * INPUTS], values[SAMPLES * OUTPUTS], given[SAMPLES];
    uint32_t labels[SAMPLES];
    epocl_dataset *data = NULL;
    for (size_t i = 0; i < SAMPLES * INPUTS; i++) {
        bytes[i] = (uint8_t)(256.0f * unit(1, i));
        floats[i] = 4.0f * unit(1, i) - 1.0f;
    }
    for (size_t s = 0; s < SAMPLES; s++) {
        float sum = 0.0f;
        labels[s] = (uint32_t)(s % OUTPUTS);
        given[s] = 0.25f + unit(2, s);
        weights[s] = row[WEIGHTS] == 1 ? (double)given[s] : 1.0;
        if (row[WEIGHTS] == 2) weights[s] = kind == LABELS ? 0.5 + (double)labels[s] : (double)given[s];
        for (size_t o = 0; o < OUTPUTS; o++) sum += values[s * OUTPUTS + o] = 0.05f + unit(3, s * OUTPUTS + o);
        for (size_t o = 0; o < OUTPUTS; o++)
            values[s * OUTPUTS + o] = kind == SHARES ? values[s * OUTPUTS + o] / sum : 2 * values[s * OUTPUTS + o] - 1;
    }
    if (row[TYPE])
        ck_assert_ok(epocl_dataset_from_floats(floats, labels, SAMPLES, INPUTS, OUTPUTS, &data));
    else
        ck_assert_ok(epocl_dataset_from_bytes(bytes, labels, SAMPLES, INPUTS, OUTPUTS, &data));
    if (kind != LABELS) ck_assert_ok(epocl_dataset_set_values(data, values, OUTPUTS));
    if (row[WEIGHTS] == 1 || (row[WEIGHTS] == 2 && kind != LABELS))
        ck_assert_ok(epocl_dataset_set_weights(data, given));
    return data;
}

/* With tiles, items, groups of mini-batches and the norm together PoCL 3.1 has each item of the work-group add the same
 * sum to a gradient; rusticl, with the same text, does not. There the items are those of matmul plain. */
static const char *place_of(const size_t *row) {
    bool is_grouped = false, is_clipped = false;
    for (size_t i = 0; i < SWITCHES; i++) {
        is_grouped |= row[FIRST_SWITCH + i] && strcmp(switches[i].name, "accumulate") == 0;
        is_clipped |= row[FIRST_SWITCH + i] && strcmp(switches[i].name, "clip-norm") == 0;
    }
    if (row[PLACE] < PROBLEM_PROVIDERS) return problem_providers[row[PLACE]];
    return is_grouped && is_clipped ? "items" : "items of tiles";
}

static epocl_options options_of(const size_t *row) {
    epocl_options options = problem_options(place_of(row), 7, 0.02f);
    set_option(&options, "batch-size", batch_sizes[row[BATCH]]);
    set_option(&options, "hidden", "6,4");
    set_option(&options, "activation", activations[row[ACTIVATION]]);
    set_option(&options, "cost", costs[row[COST]].cost);
    if (costs[row[COST]].output) set_option(&options, "output-activation", costs[row[COST]].output);
    set_option(&options, "optimizer", optimizer_words[row[OPTIMIZER]]);
    set_option(&options, "epsilon", "0.01");
    set_option(&options, "schedule", schedule_words[row[SCHEDULE]]);
    set_option(&options, "schedule-epochs", "3");
    set_option(&options, "initialization", initialization_words[row[INITIALIZATION]]);
    if (row[WEIGHTS] == 2 && costs[row[COST]].targets == LABELS) set_option(&options, "class-weights", "0.5,1.5,2.5");
    for (size_t i = 0; i < SWITCHES; i++)
        if (row[FIRST_SWITCH + i]) set_option(&options, switches[i].name, switches[i].text);
    return options;
}

static void row_text(const size_t *row, char text[512]) {
    snprintf(text, 512, "%s, %s, %s %s, %s, %s, %s, weights %zu, batch %s, %s", place_of(row),
             activations[row[ACTIVATION]], costs[row[COST]].cost,
             costs[row[COST]].targets == LABELS ? "of labels" : "of values", optimizer_words[row[OPTIMIZER]],
             schedule_words[row[SCHEDULE]], initialization_words[row[INITIALIZATION]], row[WEIGHTS],
             batch_sizes[row[BATCH]], row[TYPE] ? "floats" : "bytes");
    for (size_t i = 0; i < SWITCHES; i++)
        if (row[FIRST_SWITCH + i])
            snprintf(text + strlen(text), 512 - strlen(text), ", %s %s", switches[i].name, switches[i].text);
}

/* How far runs with roundings are from the one without, squared and added up for each parameter of a layer. */
enum { ROUNDED_RUNS = 24 };
static void add_squares(const trained *without, const trained *with, double *squares[NETWORK_MAX_LAYERS]) {
    for (size_t l = 0; l < without->layer_count; l++)
        for (size_t i = 0; i < without->layers[l].count; i++)
            squares[l][i] += pow(with->layers[l].values[i] - without->layers[l].values[i], 2);
}

/* `squares` of some of a layer's parameters, apart from the others: of its biases, or else of its weights. */
static size_t take_part(const trained_layer *of, const double *squares, bool is_biases, double *part) {
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        if ((i % of->row_length == of->row_length - 1) == is_biases) part[count++] = squares[i];
    return count;
}

/* Parts whose bound is more than a ten thousandth of what is in them: in few runs a function jumps within rounding. */
static size_t wide_count;

/* Weights, or biases, are off by no more than the bound of rounding.h, and by what they are rounded themselves. */
static void check_part(const char *text, size_t l, const trained_layer *expected, const double *squares,
                       const layer *found, bool is_biases) {
    double part[64], worst = 0.0, largest = 0.0;
    const double bound = rounding_bound(take_part(expected, squares, is_biases, part), part, ROUNDED_RUNS);
    for (size_t o = 0; o < found->output_count; o++)
        for (size_t i = 0; i <= found->input_count; i++) {
            if ((i == found->input_count) != is_biases) continue;
            const double wanted = expected->values[o * expected->row_length + i];
            const float value = is_biases ? found->biases[o] : found->weights[o * found->input_count + i];
            const double error = fabs((double)value - wanted);
            worst = error <= worst ? worst : error;
            largest = fmax(largest, fabs(wanted));
        }
    const double tolerance = bound + 0x1p-24 * largest;
    wide_count += bound > 1e-4 * largest;
    ck_assert_msg(worst <= tolerance, "layer %zu, %s: off by %.3g, not within %.3g: %s", l,
                  is_biases ? "biases" : "weights", worst, tolerance, text);
}

static void check_trained(const char *text, const epocl_network *begun, const epocl_network *found,
                          const epocl_dataset *data, const double *weights, const training_options *options) {
    double *squares[NETWORK_MAX_LAYERS] = {NULL};
    trained expected = reference_train_recipe(begun, data, weights, options, EPOCHS);
    for (size_t l = 0; l < expected.layer_count; l++) squares[l] = reference_doubles(expected.layers[l].count);
    for (uint64_t seed = 0; seed < ROUNDED_RUNS; seed++) {
        rounding_begin(seed);
        trained with = reference_train_recipe(begun, data, weights, options, EPOCHS);
        rounding_end();
        add_squares(&expected, &with, squares);
        trained_release(&with);
    }
    for (size_t l = 0; l < expected.layer_count; l++) {
        check_part(text, l, &expected.layers[l], squares[l], &found->layers[l], false);
        check_part(text, l, &expected.layers[l], squares[l], &found->layers[l], true);
        free(squares[l]);
    }
    trained_release(&expected);
}

static void check_run(const size_t *row) {
    char text[512];
    double weights[SAMPLES];
    epocl_options options = options_of(row);
    epocl_dataset *data = make_data(row, weights);
    epocl_network *found = NULL, *begun = NULL;
    epocl_trainer *trainer = NULL;
    row_text(row, text);
    ck_assert_msg(epocl_network_create(data, &options, &found) == EPOCL_OK, "%s: %s", epocl_last_error(), text);
    ck_assert_ok(network_clone_shape(found, &begun));
    epocl_status status = epocl_trainer_create(test_device(), found, data, NULL, &options, &trainer);
    if (status == EPOCL_ERROR_ARGUMENT && test_device_is_polled()) { /* a group of items does not take every tile */
        set_option(&options, "plan", "layered");
        status = epocl_trainer_create(test_device(), found, data, NULL, &options, &trainer);
    }
    ck_assert_msg(status == EPOCL_OK, "%s: %s", epocl_last_error(), text);
    ck_assert_ok(epocl_trainer_read(trainer, begun));
    ck_assert_msg(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, NULL) == EPOCL_OK, "%s: %s", epocl_last_error(), text);
    ck_assert_ok(epocl_trainer_read(trainer, found));
    check_trained(text, begun, found, data, weights, &options.training);
    epocl_trainer_release(trainer);
    epocl_network_release(begun);
    epocl_network_release(found);
    epocl_dataset_release(data);
}

/* In parts, so that a failure ends no more than one. */
enum { PARTS = 8, MOST_WIDE = 6 }; /* of 80 parts */
START_TEST(any_two_go_together) {
    size_t counts[FACTORS], row_count = 0;
    size_t *rows = make_rows(counts, &row_count);
    wide_count = 0;
    for (size_t i = (size_t)_i; i < row_count; i += PARTS) check_run(rows + i * FACTORS);
    ck_assert_uint_le(wide_count, MOST_WIDE);
    free(rows);
}
END_TEST

/* Each pair is there, and there are few rows: no fewer than the two largest factors have pairs. */
START_TEST(each_pair_is_covered) {
    size_t counts[FACTORS], row_count = 0;
    size_t *rows = make_rows(counts, &row_count);
    for (size_t a = 0; a < FACTORS; a++)
        for (size_t b = 0; b < a; b++)
            for (size_t i = 0; i < counts[a]; i++)
                for (size_t j = 0; j < counts[b]; j++) {
                    bool is_there = false;
                    for (size_t r = 0; r < row_count && !is_there; r++)
                        is_there = rows[r * FACTORS + a] == i && rows[r * FACTORS + b] == j;
                    ck_assert_msg(is_there, "factors %zu and %zu, %zu and %zu", a, b, i, j);
                }
    ck_assert_uint_ge(row_count, counts[COST] * counts[OPTIMIZER]);
    ck_assert_uint_le(row_count, 2 * counts[COST] * counts[OPTIMIZER]);
    free(rows);
}
END_TEST

Suite *covering_suite(void) {
    Suite *suite = suite_create("covering");
    TCase *tests = tcase_create("covering");
    tcase_add_test(tests, each_pair_is_covered);
    tcase_add_loop_test(tests, any_two_go_together, 0, PARTS);
    suite_add_tcase(suite, tests);
    return suite;
}
