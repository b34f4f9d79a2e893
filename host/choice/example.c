#include "choice/example.h"
#include "base/checked.h"
#include "base/random.h"

#include <math.h>

const size_t example_counts[EXAMPLE_LAYERS + 1] = {37, 19, 35, 11};

void example_begin(example *r) {
    for (size_t i = 0; i < EXAMPLE_SAMPLES * example_counts[0]; i++) {
        r->inputs[i] = (uint8_t)random_word(EXAMPLE_SEED, 0, RANDOM_SPLIT, 1, (uint32_t)i, 0);
        r->float_inputs[i] = r->inputs[i];
    }
    for (size_t i = 0; i < EXAMPLE_SAMPLES * example_counts[EXAMPLE_LAYERS]; i++)
        r->values[i] = random_unit(random_word(EXAMPLE_SEED, 0, RANDOM_SPLIT, 2, (uint32_t)i, 0));
    for (size_t s = 0; s < EXAMPLE_SAMPLES; s++) {
        r->labels[s] = (uint32_t)(s % example_counts[EXAMPLE_LAYERS]);
        r->order[s] = random_permute(EXAMPLE_SEED, 0, RANDOM_SHUFFLE, 1, (uint32_t)s, EXAMPLE_SAMPLES);
    }
    for (size_t l = 0; l < EXAMPLE_LAYERS; l++) {
        const size_t in = example_counts[l], out = example_counts[l + 1];
        const double limit = sqrt(6.0 / (double)(in + out));
        for (size_t i = 0; i < in; i++) {
            for (size_t o = 0; o < out; o++) {
                const uint32_t word =
                    random_word(EXAMPLE_SEED, 0, RANDOM_INITIALIZE, (uint32_t)l, (uint32_t)(o * in + i), 0);
                r->weights[l][i * out + o] = (2.0 * (double)random_unit(word) - 1.0) * limit;
            }
        }
    }
}

/* Of a tensor's largest value, well below any mistake; and so many times as much as its values are off where sums are
 * rounded: functions such as exponential make much of it. */
static const double tolerance = 1e-4, rounding_tolerance = 4.0;

double example_tolerance(const double *exact, const double *rounded, size_t count) {
    double largest = 0.0, rounding = 0.0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs(exact[i]));
        rounding = fmax(rounding, fabs(exact[i] - rounded[i]));
    }
    return tolerance * largest + rounding_tolerance * rounding;
}

/* The sum of a[i] b[i stride], begun with `sum`, off by the example's rounding; `place` says whether up or down. */
static double sum_products(const example *r, double sum, const double *a, const double *b, size_t stride, size_t count,
                           size_t place) {
    double magnitude = fabs(sum);
    for (size_t i = 0; i < count; i++) {
        sum += a[i] * b[i * stride];
        magnitude += fabs(a[i] * b[i * stride]);
    }
    if (r->rounding == 0.0) return sum;
    const bool is_up = random_word(EXAMPLE_SEED, 0, RANDOM_SPLIT, 3, (uint32_t)place, 0) & 1;
    return sum + (is_up ? 1.0 : -1.0) * (double)count * r->rounding * magnitude;
}

/* The target of a sample's output: its label's is 1. The values of a cost of values are as good as any others. */
static double target_of(const example *r, size_t sample, size_t output) {
    if (r->has_values) return r->values[sample * example_counts[EXAMPLE_LAYERS] + output];
    return r->labels[sample] == output;
}

/* Of one sample: the outputs' activations, its cost and its delta, from the outputs' z, which are in a. */
static void head_of_sample(example *r, size_t s, size_t sample) {
    const size_t out = example_counts[EXAMPLE_LAYERS];
    const function output = r->activations[EXAMPLE_LAYERS - 1];
    double *a = &r->a[EXAMPLE_LAYERS][s * out], sum = exp(a[0]);
    for (size_t o = 1; o < out; o++) sum += exp(a[o]);
    const double log_sum = log(sum);
    r->costs[s] = 0.0;
    for (size_t o = 0; o < out; o++) {
        const double z = a[o], y = target_of(r, sample, o);
        a[o] = activation_value(output, z);
        r->costs[s] += head_cost(r->head, output, z, y, log_sum);
        r->delta[EXAMPLE_LAYERS - 1][s * out + o] = head_delta(r->head, output, z, y, log_sum);
    }
    r->cost_sum += r->costs[s];
}

void example_forward(example *r, size_t first, size_t batch_count) {
    for (size_t s = 0; s < batch_count; s++)
        for (size_t i = 0; i < example_counts[0]; i++)
            r->a[0][s * example_counts[0] + i] = r->inputs[(size_t)r->order[first + s] * example_counts[0] + i] / 255.0;
    for (size_t l = 0; l < EXAMPLE_LAYERS; l++) {
        const size_t in = example_counts[l], out = example_counts[l + 1];
        for (size_t s = 0; s < batch_count; s++) {
            for (size_t o = 0; o < out; o++) {
                const double z =
                    sum_products(r, r->biases[l][o], &r->a[l][s * in], &r->weights[l][o], out, in, s * out + o);
                r->a[l + 1][s * out + o] = l + 1 < EXAMPLE_LAYERS ? activation_value(r->activations[l], z) : z;
                if (l + 1 < EXAMPLE_LAYERS) r->slopes[l][s * out + o] = activation_slope(r->activations[l], z);
            }
            if (l + 1 == EXAMPLE_LAYERS) head_of_sample(r, s, (size_t)r->order[first + s]);
        }
    }
}

void example_backward(example *r, size_t batch_count, double learning_rate) {
    for (size_t l = EXAMPLE_LAYERS; l-- > 0;) {
        const size_t in = example_counts[l], out = example_counts[l + 1];
        for (size_t s = 0; l > 0 && s < batch_count; s++) {
            for (size_t i = 0; i < in; i++) {
                const double sum =
                    sum_products(r, 0.0, &r->delta[l][s * out], &r->weights[l][i * out], 1, out, s * in + i);
                r->delta[l - 1][s * in + i] = sum * r->slopes[l - 1][s * in + i];
            }
        }
        const double rate = learning_rate / (double)batch_count;
        for (size_t s = 0; s < batch_count; s++) {
            for (size_t o = 0; o < out; o++) {
                const double d = rate * r->delta[l][s * out + o];
                for (size_t i = 0; i < in; i++) r->weights[l][i * out + o] -= d * r->a[l][s * in + i];
                r->biases[l][o] -= d;
            }
        }
    }
}

float example_rate(const example *begun, size_t batch_size, example *scratch) {
    static const float usual = 0.05f, smaller_rate = 16.0f; /* the usual suits nearly every activation and head */
    enum { RATES = 12 };
    *scratch = *begun;
    example_forward(scratch, 0, EXAMPLE_SAMPLES);
    const double cost = scratch->cost_sum;
    float rate = usual;
    for (int i = 1; i < RATES; i++, rate /= smaller_rate) {
        *scratch = *begun;
        for (size_t first = 0, count; first < EXAMPLE_SAMPLES; first += count) {
            count = smaller(batch_size, EXAMPLE_SAMPLES - first);
            example_forward(scratch, first, count);
            example_backward(scratch, count, (double)rate);
        }
        example_forward(scratch, 0, EXAMPLE_SAMPLES);
        if (scratch->cost_sum <= 2.0 * cost + fabs(cost)) break; /* of an epoch and of what it led to */
    }
    return rate;
}
