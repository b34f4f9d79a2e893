/* The tables of activations and heads: slopes and deltas are the derivatives of what they belong to, values are those
 * of formulas written another way, and texts are read as they are written. */
#include "model/functions.h"

#include <check.h>
#include <math.h>
#include <string.h>

Suite *functions_suite(void);

/* None of them where a function has a corner. */
static const double points[] = {-30.0, -4.7, -2.1, -1.3, -0.6, -0.3, -0.01, 0.02, 0.4, 0.7, 1.2, 2.2, 5.1, 30.0};
enum { POINTS = sizeof points / sizeof *points };

static const char *const activations[] = {"identity", "sigmoid",  "tanh", "relu",    "leaky-relu", "leaky-relu(0.3)",
                                          "elu",      "elu(2)",   "selu", "gelu",    "gelu-tanh",  "silu",
                                          "mish",     "softplus", "sine", "sine(3)", "exponential"};

static function activation_named(const char *text) {
    function activation;
    ck_assert_msg(activation_parse(text, strlen(text), &activation) == EPOCL_OK, "%s", epocl_last_error());
    return activation;
}

static function head_named(const char *text) {
    function head;
    ck_assert_msg(head_parse(text, &head) == EPOCL_OK, "%s", epocl_last_error());
    return head;
}

/* Central differences err by h^2 times the third derivative and by rounding over h. */
static void check_derivative(const char *what, double z, double below, double above, double h, double derivative) {
    const double difference = (above - below) / (2 * h), size = fmax(fabs(above), 1.0);
    ck_assert_msg(fabs(difference - derivative) <= 1e-7 * size, "%s at %g: %.12g, not %.12g", what, z, derivative,
                  difference);
}

START_TEST(slopes_are_derivatives) {
    const function f = activation_named(activations[_i]);
    const double h = 1e-5;
    for (size_t i = 0; i < POINTS; i++)
        check_derivative(activations[_i], points[i], activation_value(f, points[i] - h),
                         activation_value(f, points[i] + h), h, activation_slope(f, points[i]));
}
END_TEST

/* Written from the definitions, and not as the table has them. */
static double defined(const char *name, double z) {
    const double s = exp(z) / (1 + exp(z)), normal = 0.5 * erfc(-z / sqrt(2.0));
    if (strcmp(name, "identity") == 0) return z;
    if (strcmp(name, "sigmoid") == 0) return s;
    if (strcmp(name, "tanh") == 0) return (exp(z) - exp(-z)) / (exp(z) + exp(-z));
    if (strcmp(name, "relu") == 0) return z > 0 ? z : 0;
    if (strcmp(name, "leaky-relu") == 0) return z > 0 ? z : 0.01 * z;
    if (strcmp(name, "leaky-relu(0.3)") == 0) return z > 0 ? z : 0.3 * z;
    if (strcmp(name, "elu") == 0) return z > 0 ? z : exp(z) - 1;
    if (strcmp(name, "elu(2)") == 0) return z > 0 ? z : 2 * (exp(z) - 1);
    if (strcmp(name, "selu") == 0) return 1.0507009873554804934 * (z > 0 ? z : 1.6732632423543772848 * (exp(z) - 1));
    if (strcmp(name, "gelu") == 0) return z * normal;
    if (strcmp(name, "gelu-tanh") == 0) return 0.5 * z * (1 + tanh(sqrt(2 / acos(-1.0)) * (z + 0.044715 * z * z * z)));
    if (strcmp(name, "silu") == 0) return z * s;
    if (strcmp(name, "mish") == 0) return z * tanh(log(1 + exp(z)));
    if (strcmp(name, "softplus") == 0) return log(1 + exp(z));
    if (strcmp(name, "sine") == 0) return sin(z);
    if (strcmp(name, "sine(3)") == 0) return sin(3 * z);
    return exp(z);
}

START_TEST(values_are_as_defined) {
    const function f = activation_named(activations[_i]);
    for (size_t i = 0; i < POINTS; i++) {
        const double value = activation_value(f, points[i]), wanted = defined(activations[_i], points[i]);
        /* The tables' constants have fp32's precision. */
        ck_assert_msg(fabs(value - wanted) <= 1e-7 * fabs(wanted) + 1e-9, "%s at %g: %.12g, not %.12g", activations[_i],
                      points[i], value, wanted);
    }
}
END_TEST

START_TEST(what_is_not_finite_stays_so) {
    const function f = activation_named(activations[_i]);
    ck_assert(isnan(activation_value(f, NAN)));
}
END_TEST

static const struct {
    const char *head, *output;
} heads[] = {{"cross-entropy", NULL}, {"squared", NULL},      {"squared", "sigmoid"},  {"absolute", NULL},
             {"huber(0.5)", NULL},    {"huber(0.5)", "tanh"}, {"quantile(0.9)", NULL}, {"poisson", NULL}};

START_TEST(deltas_are_derivatives) {
    const function head = head_named(heads[_i].head);
    const function output = heads[_i].output ? activation_named(heads[_i].output) : head_output(head);
    const double h = 1e-5;
    for (size_t i = 0; i < POINTS; i++) {
        for (double y = 0.0; y <= 1.0; y += 0.25) {
            const double z = points[i];
            check_derivative(heads[_i].head, z, head_cost(head, output, z - h, y, 0),
                             head_cost(head, output, z + h, y, 0), h, head_delta(head, output, z, y, 0));
        }
    }
}
END_TEST

static double log_sum_of(const double *z, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += exp(z[i]);
    return log(sum);
}

START_TEST(softmax_deltas_are_derivatives_and_add_up_to_nothing) {
    enum { OUTPUTS = 4 };
    const function head = head_named("softmax-cross-entropy");
    const double z[OUTPUTS] = {0.3, -1.2, 2.5, 0.1}, y[OUTPUTS] = {0.1, 0.2, 0.6, 0.1}, h = 1e-5;
    double sum = 0;
    for (size_t o = 0; o < OUTPUTS; o++) {
        double costs[2] = {0, 0};
        for (int side = 0; side < 2; side++) {
            double moved[OUTPUTS];
            memcpy(moved, z, sizeof z);
            moved[o] += side ? h : -h;
            for (size_t i = 0; i < OUTPUTS; i++)
                costs[side] += head_cost(head, head_output(head), moved[i], y[i], log_sum_of(moved, OUTPUTS));
        }
        const double delta = head_delta(head, head_output(head), z[o], y[o], log_sum_of(z, OUTPUTS));
        check_derivative("softmax", z[o], costs[0], costs[1], h, delta);
        sum += delta;
    }
    ck_assert_double_le(fabs(sum), 1e-12);
}
END_TEST

START_TEST(texts_are_read_as_they_are_written) {
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++) {
        char text[FUNCTION_TEXT_CAPACITY];
        activation_text(activation_named(activations[i]), text);
        ck_assert_str_eq(text, activations[i]);
    }
    static const char *const wrong[] = {"rel",     "relu(1)", "leaky-relu(", "leaky-relu()", "leaky-relu(0)",
                                        "elu(-1)", "elu(1",   "elu(1)x",     "softmax",      "leaky-relu(1e99)"};
    function read;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(activation_parse(wrong[i], strlen(wrong[i]), &read), EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "there are: identity, sigmoid, tanh, relu, leaky-relu(p)"));
    }
    ck_assert_int_eq(head_parse("hinge", &read), EPOCL_ERROR_ARGUMENT);
}
END_TEST

Suite *functions_suite(void) {
    Suite *suite = suite_create("functions");
    TCase *tests = tcase_create("functions");
    const int activation_count = sizeof activations / sizeof *activations, head_count = sizeof heads / sizeof *heads;
    tcase_add_loop_test(tests, slopes_are_derivatives, 0, activation_count);
    tcase_add_loop_test(tests, values_are_as_defined, 0, activation_count);
    tcase_add_loop_test(tests, what_is_not_finite_stays_so, 0, activation_count);
    tcase_add_loop_test(tests, deltas_are_derivatives, 0, head_count);
    tcase_add_test(tests, softmax_deltas_are_derivatives_and_add_up_to_nothing);
    tcase_add_test(tests, texts_are_read_as_they_are_written);
    suite_add_tcase(suite, tests);
    return suite;
}
