#include "command/bench/measure.h"

#include "base/clock.h"
#include "command/bench/baseline/check.h"
#include "command/bench/baseline/reference.h"
#include "command/system/device_list.h"

#include <math.h>

/* The same parameters on the same data, in fp32 and in double. */
static const double forward_cost_tolerance = 1e-4;

/* The same steps from the same parameters, in fp32 with another order of summation: a recipe's tolerance is that of so
 * many steps. */
static const double tolerance_steps = 16.0;
static epocl_status check_epoch(const bench_row *row, const bench_case *measured, double cost, double expected) {
    const bench_recipe *recipe = measured->recipe;
    const double grown = fmax((double)bench_case_step_count(measured) / tolerance_steps, 1.0) * recipe->tolerance;
    return bench_check_near(row->device, "the cost of an epoch", cost, expected, fmin(grown, recipe->most_tolerance));
}

/* ---- Baselines -------------------------------------------------------------------------------- */

static epocl_status baseline_epoch(void *subject, double *cost) {
    *cost = cpu_baseline_run_epoch(subject);
    return EPOCL_OK;
}

epocl_status bench_measure_baseline(const bench_case *measured, const epocl_network *network, const blas *library,
                                    double seconds, double *cost, bench_row *row) {
    epocl_status status = EPOCL_OK;
    cpu_baseline *baseline = NULL;
    const cpu_baseline_data data = bench_case_data(measured);
    double first_cost = 0;
    *row = (bench_row){.kind = BENCH_BASELINE,
                       .device = library ? "cpu baseline, BLAS" : "cpu baseline",
                       .plan = library ? library->name : "plain C, fp32, one thread",
                       .choice = NAN,
                       .compile = NAN,
                       .upload = NAN,
                       .read = NAN,
                       .launches_per_step = NAN};
    TRY(bench_reference_check(row->device, network, &data, library));
    const double begin = seconds_now();
    TRY(cpu_baseline_create(network, &data, measured->batch_size, measured->learning_rate, library, &baseline));
    const double created = seconds_now();
    TRY(baseline_epoch(baseline, &first_cost));
    row->create = created - begin;
    row->first_epoch = seconds_now() - created;
    if (*cost > 0) TRY(check_epoch(row, measured, first_cost, *cost));
    *cost = first_cost;
    TRY(bench_time_epochs(baseline_epoch, baseline, seconds, &row->epoch));
cleanup:
    cpu_baseline_release(baseline);
    return status;
}

/* ---- Devices ---------------------------------------------------------------------------------- */

static epocl_status trainer_epoch(void *subject, double *cost) {
    epocl_epoch_result result = {0};
    const epocl_status status = epocl_trainer_run_epoch(subject, &result);
    *cost = result.train_cost;
    return status;
}

epocl_status bench_subject_create(const bench_case *measured, const char *selector, const settings *given,
                                  void (*message)(const char *text, void *user), void *user, bench_subject *subject,
                                  bench_row *row) {
    epocl_status status = EPOCL_OK;
    epocl_options options;
    epocl_trainer_info info;
    *subject = (bench_subject){0};
    bench_case_options(measured, &options);
    options.training.matmul = given->library.training.matmul;
    options.training.plan = given->library.training.plan;
    options.training.tune = given->library.training.tune;
    options.training.batch_size = measured->batch_size;
    options.training.learning_rate = (double)measured->learning_rate;
    epocl_options_set_message(&options, message, user);
    TRY(device_open(given, selector, &subject->device));
    TRY(bench_case_network(measured, &subject->network));
    const double begin = seconds_now();
    TRY(epocl_trainer_create(subject->device, subject->network, measured->data, NULL, &options, &subject->trainer));
    row->create = seconds_now() - begin;
    row->kind = BENCH_DEVICE;
    row->plan = epocl_trainer_plan_name(subject->trainer);
    epocl_trainer_describe(subject->trainer, &info);
    row->choice = info.choice_seconds;
    row->compile = info.compile_seconds;
    row->upload = info.upload_seconds;
    TRY(epocl_trainer_read(subject->trainer, subject->network));
cleanup:
    return status;
}

void bench_subject_release(bench_subject *subject) {
    epocl_trainer_release(subject->trainer);
    epocl_network_release(subject->network);
    epocl_device_release(subject->device);
    *subject = (bench_subject){0};
}

epocl_status bench_measure_subject(const bench_case *measured, bench_subject *subject, double seconds, double cost,
                                   bench_row *row) {
    epocl_status status = EPOCL_OK;
    epocl_evaluation evaluation = {0};
    epocl_trainer_info info;
    cpu_baseline_data checked = bench_case_data(measured);
    double first_cost = 0, expected = 0;
    const double begin = seconds_now();
    TRY(trainer_epoch(subject->trainer, &first_cost));
    row->first_epoch = seconds_now() - begin;
    TRY(check_epoch(row, measured, first_cost, cost));
    const double read = seconds_now();
    TRY(epocl_trainer_read(subject->trainer, subject->network));
    row->read = seconds_now() - read;
    checked.sample_count = measured->check_count;
    TRY(bench_reference_cost(subject->network, &checked, &expected));
    TRY(epocl_evaluate(subject->device, subject->network, measured->check_data, &evaluation));
    TRY(bench_check_near(row->device, "the cost of an evaluation", evaluation.cost, expected, forward_cost_tolerance));
    TRY(bench_time_epochs(trainer_epoch, subject->trainer, seconds, &row->epoch));
    epocl_trainer_describe(subject->trainer, &info); /* epochs may have changed the plan */
    row->launches_per_step = (double)info.launch_count / (double)bench_case_step_count(measured);
cleanup:
    return status;
}
