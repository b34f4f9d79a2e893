/* What is measured: training of one network, with one batch size, on made-up samples. */
#ifndef EPOCL_COMMAND_BENCH_CASE_H
#define EPOCL_COMMAND_BENCH_CASE_H

#include "command/bench/baseline/cpu_baseline.h"
#include "command/options/settings.h"

typedef struct bench_case {
    char shape[160]; /* "784-128-10" */
    size_t sample_count, batch_size;
    double flop_per_sample; /* multiplications and additions of the matrix products of training */
    const bench_recipe *recipe;
    float learning_rate;
    whole_list units;
    uint8_t *inputs;
    uint32_t *labels;
    epocl_dataset *data, *check_data; /* the latter: the first samples of the former */
    size_t check_count;
} bench_case;

/* Of a network of these units, inputs first. */
double bench_flop_per_sample(const whole_list *units);

/* A batch larger than the samples is one of all samples. */
epocl_status bench_case_create(const bench_recipe *recipe, const whole_list *units, size_t batch_size,
                               size_t sample_count, bench_case *made);
void bench_case_release(bench_case *released);

/* Sets the hidden layers that lie between the first and the last of these units. */
void bench_set_hidden(const whole_list *units, epocl_options *options);

/* Options of a network or a trainer: the recipe's, with the hidden layers. */
void bench_case_options(const bench_case *of, epocl_options *options);

/* A network without parameters, so that each trainer draws the same. */
epocl_status bench_case_network(const bench_case *of, epocl_network **network);

/* The samples as baselines take them. */
cpu_baseline_data bench_case_data(const bench_case *of);

/* Mini-batches of an epoch. */
size_t bench_case_step_count(const bench_case *of);

#endif
