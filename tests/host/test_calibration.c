/* Temperature scaling: the best temperature where it is known, and that it is applied to the outputs alone. */
#include "data/dataset.h"
#include "model/calibration.h"
#include "model/ensemble.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *calibration_suite(void);

enum { SAMPLES = 1000, CLASSES = 2 };

/* The cost is flat at its minimum: a relative error e of the temperature costs about e * e. What is looked for to 2^-10
 * of an octave's half is found to 1e-3; floats of the weighted inputs add less. */
static const double tolerance = 1e-3;

/* One that answers, of a head; its parameters do not matter. */
static epocl_network *create_network(const char *cost) {
    static const size_t counts[] = {1, CLASSES};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "relu", cost, NULL), EPOCL_OK);
    network->normalization = "none";
    network->has_parameters = true;
    return network;
}

/* Data of which the first `right` samples are of class 0, the others of class 1. */
static epocl_dataset *create_data(size_t right) {
    float inputs[SAMPLES] = {0};
    uint32_t labels[SAMPLES];
    epocl_dataset *data = NULL;
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = i >= right;
    ck_assert_int_eq(epocl_dataset_from_floats(inputs, labels, SAMPLES, 1, CLASSES, &data), EPOCL_OK);
    return data;
}

/* Of two classes whose weighted inputs are z and 0, with the same z for all samples, the best probability is the share
 * q of those that are right: T = z / log(q / (1 - q)). */
START_TEST(the_best_temperature_is_found) {
    static const struct {
        double z;
        size_t right;
    } cases[] = {{4.0, 731}, {1.0, 731}, {0.3, 900}, {10.0, 990}, {30.0, 952}, {2.0, 881}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        epocl_network *network = create_network("softmax-cross-entropy");
        epocl_dataset *data = create_data(cases[c].right);
        float answers[SAMPLES * CLASSES] = {0}, *of_member[] = {answers};
        double found = 0.0;
        for (size_t i = 0; i < SAMPLES; i++) answers[i * CLASSES] = (float)cases[c].z;
        const member_answers a = {network, data, SAMPLES, 1, of_member};
        const double q = (double)cases[c].right / SAMPLES, expected = (double)(float)cases[c].z / log(q / (1.0 - q));
        ck_assert_int_eq(calibration_fit(&a, &found), EPOCL_OK);
        ck_assert_double_eq_tol(found, expected, tolerance * expected);
        epocl_dataset_release(data);
        epocl_network_release(network);
    }
}
END_TEST

/* Half of the samples, of twice the weight, are as all of them. */
START_TEST(samples_count_by_their_weights) {
    epocl_network *network = create_network("softmax-cross-entropy");
    epocl_dataset *data = create_data(600);
    float answers[SAMPLES * CLASSES] = {0}, *of_member[] = {answers}, weights[SAMPLES];
    double found = 0.0;
    for (size_t i = 0; i < SAMPLES; i++) {
        answers[i * CLASSES] = 3.0f;
        weights[i] = i < 600 ? 2.0f : 1.0f;
    }
    ck_assert_int_eq(epocl_dataset_set_weights(data, weights), EPOCL_OK);
    const member_answers a = {network, data, SAMPLES, 1, of_member};
    ck_assert_int_eq(calibration_fit(&a, &found), EPOCL_OK);
    ck_assert_double_eq_tol(found, 3.0 / log(3.0), tolerance * found); /* 1200 to 400 */
    epocl_dataset_release(data);
    epocl_network_release(network);
}
END_TEST

/* What three members say of a sample; the same each time, and with the class in them more often than not. */
static double answer_of(size_t member, size_t sample, size_t output, uint32_t label) {
    const double noise = sin((double)(sample * 7 + member * 131 + output * 17) * 12.9898) * 3.0;
    return 5.0 * noise + (label == output ? 4.0 : 0.0);
}

/* The same in another way: by probabilities in double precision, on a fine grid. */
static double reference_cost(double t, bool is_softmax, const uint32_t *weights, const epocl_dataset *data) {
    double cost = 0.0, total = 0.0;
    for (size_t k = 0; k < 3; k++) total += weights[k];
    for (size_t i = 0; i < SAMPLES; i++) {
        double p[CLASSES] = {0.0};
        for (size_t k = 0; k < 3; k++) {
            const double z0 = answer_of(k, i, 0, data->labels[i]) / t, z1 = answer_of(k, i, 1, data->labels[i]) / t;
            p[0] += weights[k] / total / (1.0 + exp(is_softmax ? z1 - z0 : -z0));
            p[1] += weights[k] / total / (1.0 + exp(is_softmax ? z0 - z1 : -z1));
        }
        const uint32_t label = data->labels[i];
        cost -= log(p[label]) + (is_softmax ? 0.0 : log(1.0 - p[!label]));
    }
    return cost / SAMPLES;
}

/* Not of each member by itself and not of the mean: of the members together, whose mean is then calibrated. */
START_TEST(members_are_calibrated_together) {
    static const char *const costs[] = {"softmax-cross-entropy", "cross-entropy"};
    static const uint32_t weights[] = {3, 1, 2};
    epocl_network *members[3], *ensemble = NULL;
    epocl_dataset *data = create_data(560);
    float *answers[3];
    double found = 0.0, best = INFINITY, sums[CLASSES];
    float z[CLASSES];
    for (size_t k = 0; k < 3; k++) {
        members[k] = create_network(costs[_i]);
        answers[k] = calloc(SAMPLES * CLASSES, sizeof(float));
        for (size_t i = 0; i < SAMPLES * CLASSES; i++)
            answers[k][i] = (float)answer_of(k, i / CLASSES, i % CLASSES, data->labels[i / CLASSES]);
    }
    ck_assert_int_eq(ensemble_create(members, weights, 3, &ensemble), EPOCL_OK);
    const member_answers a = {ensemble, data, SAMPLES, 1, answers};
    for (double t = 0.5; t < 16.0; t *= 1.01) {
        const double cost = reference_cost(t, _i == 0, weights, data);
        ck_assert_double_eq_tol(calibration_cost(&a, t, sums, z), cost, 1e-5 * cost);
        if (cost < best) best = cost;
    }
    ck_assert_int_eq(calibration_fit(&a, &found), EPOCL_OK);
    ck_assert_double_le(reference_cost(found, _i == 0, weights, data), best * (1.0 + 1e-5));
    ck_assert_double_gt(fabs(found - 1.0), 0.05);
    for (size_t k = 0; k < 3; k++) free(answers[k]);
    epocl_network_release(ensemble);
    epocl_dataset_release(data);
}
END_TEST

/* Weights and biases of the last layer of each member, and nothing else. */
START_TEST(the_output_layer_is_divided) {
    static const size_t counts[] = {2, 3, 2};
    static const uint32_t weights[] = {1, 1};
    epocl_network *members[2], *ensemble = NULL;
    for (size_t k = 0; k < 2; k++) {
        ck_assert_int_eq(network_allocate(counts, 2, &members[k]), EPOCL_OK);
        ck_assert_int_eq(network_set_functions(members[k], "relu", "softmax-cross-entropy", NULL), EPOCL_OK);
        members[k]->normalization = "none";
        members[k]->has_parameters = true;
        for (size_t l = 0; l < 2; l++) {
            const layer *one = &members[k]->layers[l];
            for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = (float)(i + k + 1);
            for (size_t i = 0; i < one->output_count; i++) one->biases[i] = (float)(10 * i + k);
        }
    }
    ck_assert_int_eq(ensemble_create(members, weights, 2, &ensemble), EPOCL_OK);
    calibration_apply(ensemble, 4.0);
    for (size_t k = 0; k < 2; k++)
        for (size_t l = 0; l < 2; l++) {
            const layer *one = &ensemble_member(ensemble, k)->layers[l];
            const float factor = l == 1 ? 0.25f : 1.0f;
            for (size_t i = 0; i < one->input_count * one->output_count; i++)
                ck_assert(one->weights[i] == (float)(i + k + 1) * factor);
            for (size_t i = 0; i < one->output_count; i++) ck_assert(one->biases[i] == (float)(10 * i + k) * factor);
        }
    epocl_network_release(ensemble);
}
END_TEST

Suite *calibration_suite(void) {
    Suite *suite = suite_create("calibration");
    TCase *tests = tcase_create("calibration");
    tcase_add_test(tests, the_best_temperature_is_found);
    tcase_add_test(tests, samples_count_by_their_weights);
    tcase_add_loop_test(tests, members_are_calibrated_together, 0, 2);
    tcase_add_test(tests, the_output_layer_is_divided);
    suite_add_tcase(suite, tests);
    return suite;
}
