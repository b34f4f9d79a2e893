#include "command/bench/case.h"

#include "base/checked.h"
#include "command/bench/data.h"
#include "command/show/describe.h"

#include <string.h>

#include <math.h>

/* Samples that a result is checked on: so many that the check is sharp, and no more than take some tenths of a second.
 */
static const double check_least = 8, check_most = 1000, check_flop = 6e8;

/* Up to the width the recipe's rate; smaller above, since a step changes the next layer by the sum over all units. */
enum { LEARNING_RATE_WIDTH = 128 };

double bench_flop_per_sample(const whole_list *units) {
    double flop = 0;
    for (size_t i = 0; i + 1 < units->count; i++) {
        /* Forward and weight gradient; above the first layer also the delta of the layer below. */
        const double products = i == 0 ? 2 : 3;
        flop += 2 * products * (double)units->values[i] * (double)units->values[i + 1];
    }
    return flop;
}

static size_t choose_check_count(double flop_per_sample, size_t sample_count) {
    const double fitting = fmin(fmax(check_flop / flop_per_sample, check_least), check_most);
    return smaller((size_t)fitting, sample_count);
}

static float choose_learning_rate(const bench_recipe *recipe, const whole_list *units) {
    size_t widest = LEARNING_RATE_WIDTH;
    for (size_t i = 1; i < units->count; i++)
        if (units->values[i] > widest && !recipe->is_even) widest = units->values[i];
    return recipe->learning_rate * (float)LEARNING_RATE_WIDTH / (float)widest;
}

epocl_status bench_case_create(const bench_recipe *recipe, const whole_list *units, size_t batch_size,
                               size_t sample_count, bench_case *made) {
    epocl_status status = EPOCL_OK;
    const size_t input_count = units->values[0], class_count = units->values[units->count - 1];
    epocl_network *network = NULL;
    *made = (bench_case){.recipe = recipe,
                         .units = *units,
                         .sample_count = sample_count,
                         .batch_size = smaller(batch_size, sample_count),
                         .learning_rate = choose_learning_rate(recipe, units),
                         .flop_per_sample = bench_flop_per_sample(units)};
    made->check_count = choose_check_count(made->flop_per_sample, sample_count);
    TRY(bench_data_make(sample_count, input_count, class_count, &made->inputs, &made->labels));
    TRY(epocl_dataset_from_bytes(made->inputs, made->labels, sample_count, input_count, class_count, &made->data));
    TRY(epocl_dataset_from_bytes(made->inputs, made->labels, made->check_count, input_count, class_count,
                                 &made->check_data));
    TRY(bench_case_network(made, &network));
    network_shape_text(network, made->shape, sizeof made->shape);
cleanup:
    epocl_network_release(network);
    if (status != EPOCL_OK) bench_case_release(made);
    return status;
}

void bench_case_release(bench_case *released) {
    epocl_dataset_release(released->check_data);
    epocl_dataset_release(released->data);
    free(released->labels);
    free(released->inputs);
    *released = (bench_case){0};
}

void bench_set_hidden(const whole_list *units, epocl_options *options) {
    whole_list *hidden = &options->network.hidden;
    hidden->count = units->count - 2;
    memcpy(hidden->values, units->values + 1, hidden->count * sizeof *hidden->values);
}

void bench_case_options(const bench_case *of, epocl_options *options) {
    options_begin_recipe(options, of->recipe->code);
    bench_set_hidden(&of->units, options);
    options->network.normalize = NORMALIZE_SCALE255;
}

epocl_status bench_case_network(const bench_case *of, epocl_network **network) {
    epocl_options options;
    bench_case_options(of, &options);
    return epocl_network_create(of->data, &options, network);
}

cpu_baseline_data bench_case_data(const bench_case *of) {
    return (cpu_baseline_data){of->recipe, of->inputs, of->labels, of->sample_count};
}

size_t bench_case_step_count(const bench_case *of) {
    return divide_up(of->sample_count, of->batch_size);
}
