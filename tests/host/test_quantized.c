/* Weights of 8 bits: what they are rounded to, and that what is said of their error is so. */
#include "export/c/c_vectors.h"
#include "export/quantized.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Suite *quantized_suite(void);

enum { INPUTS = 9, UNITS = 4 };

/* A layer whose units have weights of other sizes; the last has none. */
static epocl_network *make_network(void) {
    static const size_t counts[] = {INPUTS, UNITS};
    static const float sizes[UNITS] = {1.0f, 1e-4f, 3e5f, 0.0f};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "identity", "squared", NULL), EPOCL_OK);
    const layer *one = &network->layers[0];
    for (size_t i = 0; i < INPUTS; i++) network->input_scale[i] = 1.0f;
    for (size_t i = 0; i < INPUTS * UNITS; i++)
        one->weights[i] = sizes[i / INPUTS] * (float)((double)(i * 37 % 61) / 61.0 - 0.5);
    for (size_t o = 0; o < UNITS; o++) one->biases[o] = 0.3f * (float)o;
    network->normalization = "none";
    network->has_parameters = true;
    network->of_values = true;
    return network;
}

START_TEST(weights_are_the_nearest_whole_numbers_times_a_scale) {
    epocl_network *network = make_network(), *copy = NULL, *again = NULL;
    ck_assert_msg(quantized_copy(network, &copy) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_msg(quantized_copy(copy, &again) == EPOCL_OK, "%s", epocl_last_error());
    const layer *from = &network->layers[0], *to = &copy->layers[0];
    ck_assert_int_eq(memcmp(from->biases, to->biases, UNITS * sizeof(float)), 0);
    ck_assert_int_eq(memcmp(to->weights, again->layers[0].weights, INPUTS * UNITS * sizeof(float)), 0);
    for (size_t o = 0; o < UNITS; o++) {
        const float *before = from->weights + o * INPUTS, *after = to->weights + o * INPUTS;
        const double scale = (double)quantized_scale(before, INPUTS);
        int largest = 0;
        ck_assert(scale > 0.0 && quantized_scale(after, INPUTS) == (float)scale);
        for (size_t i = 0; i < INPUTS; i++) {
            const int number = quantized_number(after[i], (float)scale);
            ck_assert(number >= -127 && number <= 127 && (double)after[i] == number * scale);
            ck_assert(fabs((double)before[i] - (double)after[i]) <= scale / 2.0);
            if (number > largest || -number > largest) largest = number < 0 ? -number : number;
        }
        ck_assert_int_eq(largest, o + 1 < UNITS ? 127 : 0);
    }
    epocl_network_release(again);
    epocl_network_release(copy);
    epocl_network_release(network);
}
END_TEST

/* Of one layer without activation, an error is that of the weights times the inputs. */
START_TEST(the_error_is_as_it_is_said) {
    epocl_network *network = make_network(), *copy = NULL;
    char text[QUANTIZED_TEXT_CAPACITY];
    size_t vector_count = 0;
    double largest = 0.0, mean = 0.0, wanted_largest = 0.0, wanted_sum = 0.0;
    ck_assert_int_eq(quantized_copy(network, &copy), EPOCL_OK);
    ck_assert_int_eq(quantized_describe(network, copy, text), EPOCL_OK);
    ck_assert_int_eq(sscanf(text,
                            "On %zu drawn inputs, outputs are off those of float weights by %lf at most and %lf on "
                            "average",
                            &vector_count, &largest, &mean),
                     3);
    ck_assert_uint_eq(vector_count, 256);
    for (size_t v = 0; v < vector_count; v++) {
        float inputs[INPUTS];
        c_vectors_draw(network, v, inputs);
        for (size_t o = 0; o < UNITS; o++) {
            double error = 0.0;
            for (size_t i = o * INPUTS; i < (o + 1) * INPUTS; i++)
                error += (double)inputs[i % INPUTS] *
                         ((double)copy->layers[0].weights[i] - (double)network->layers[0].weights[i]);
            wanted_largest = fmax(wanted_largest, fabs(error));
            wanted_sum += fabs(error);
        }
    }
    ck_assert_double_eq_tol(largest, wanted_largest, 0.006 * wanted_largest); /* three digits are told */
    ck_assert_double_eq_tol(mean, wanted_sum / (256.0 * UNITS), 0.006 * mean);
    epocl_network_release(copy);
    epocl_network_release(network);
}
END_TEST

Suite *quantized_suite(void) {
    Suite *suite = suite_create("quantized");
    TCase *tests = tcase_create("weights of 8 bits");
    tcase_add_test(tests, weights_are_the_nearest_whole_numbers_times_a_scale);
    tcase_add_test(tests, the_error_is_as_it_is_said);
    suite_add_tcase(suite, tests);
    return suite;
}
