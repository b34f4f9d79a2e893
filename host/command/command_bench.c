#include "base/checked.h"
#include "command/bench_check.h"
#include "command/bench_data.h"
#include "command/bench_row.h"
#include "command/commands.h"
#include "command/cpu_baseline.h"
#include "command/describe.h"
#include "command/device_list.h"
#include "command/progress.h"

#include <stdio.h>
#include <string.h>

enum { EPOCHS_MOST = 5, CHECK_SAMPLES = 1000 };
static const double seconds_most = 5; /* no further epoch is timed after that long */
static const float learning_rate = 0.1f;

/* The two runs start from the same weights but take the samples in different orders. */
static const double epoch_cost_tolerance = 0.05;
/* The same parameters on the same data, in fp32 and in double. */
static const double forward_cost_tolerance = 1e-4;

static const command_option options[] = {
    {.name = "net",
     .type = OPTION_UNITS,
     SETTING(shape),
     .argument = "SHAPE",
     .group = "Network",
     .default_value = "784-128-10",
     .separator = '-',
     .minimum = 2,
     .maximum = 1 << 16,
     .help = "inputs, hidden layers, classes"},
    {.name = "batch-size",
     .letter = 'b',
     .type = OPTION_WHOLE,
     SETTING(batch_size),
     .argument = "N",
     .group = "Network",
     .default_value = "32",
     .minimum = 1,
     .maximum = 1u << 20,
     .help = "samples a step"},
    {.name = "samples",
     .type = OPTION_WHOLE,
     SETTING(samples),
     .argument = "N",
     .group = "Network",
     .default_value = "10000",
     .minimum = 1,
     .maximum = 1u << 20,
     .help = "samples an epoch"},
    OPTION_DEVICE("all"),
    OPTION_MATMUL,
    OPTION_PLAN,
    OPTION_TUNE,
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

/* What all devices are measured on. */
typedef struct bench {
    const settings *given;
    progress shown;
    bench_case measured;
    char shape[160];
    uint8_t *inputs;
    uint32_t *labels;
    epocl_dataset *data, *check_data; /* the latter: the first samples of the former */
    size_t check_count;
    double baseline_cost; /* of its first epoch; 0 before the baseline was measured */
} bench;

static void bench_release(bench *work) {
    epocl_dataset_release(work->check_data);
    epocl_dataset_release(work->data);
    free(work->labels);
    free(work->inputs);
}

/* ---- Timing ----------------------------------------------------------------------------------- */

/* Runs an epoch of `subject` and tells its mean cost. */
typedef epocl_status (*epoch_function)(void *subject, double *cost);

static epocl_status baseline_epoch(void *subject, double *cost) {
    *cost = cpu_baseline_run_epoch(subject);
    return EPOCL_OK;
}

static epocl_status trainer_epoch(void *subject, double *cost) {
    epocl_epoch_result result = {0};
    const epocl_status status = epocl_trainer_run_epoch(subject, &result);
    *cost = result.train_cost;
    return status;
}

static int compare_seconds(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The median over several epochs; the subject has warmed up. */
static epocl_status time_epochs(epoch_function run_epoch, void *subject, double *median) {
    double seconds[EPOCHS_MOST], total = 0, cost = 0;
    size_t count = 0;
    while (count < EPOCHS_MOST && total < seconds_most) {
        const double start = clock_seconds();
        const epocl_status status = run_epoch(subject, &cost);
        if (status != EPOCL_OK) return status;
        seconds[count] = clock_seconds() - start;
        total += seconds[count++];
    }
    qsort(seconds, count, sizeof *seconds, compare_seconds);
    *median = count % 2 ? seconds[count / 2] : (seconds[count / 2 - 1] + seconds[count / 2]) / 2;
    return EPOCL_OK;
}

/* ---- Subjects --------------------------------------------------------------------------------- */

/* Measures the baseline, once, from the initial parameters that `network` holds. */
static epocl_status measure_baseline(bench *work, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    cpu_baseline *baseline = NULL;
    bench_row row = {.device = "cpu baseline", .plan = "plain C, fp32, one thread"};
    const cpu_baseline_data data = {work->inputs, work->labels, work->measured.sample_count};
    if (work->baseline_cost > 0) return EPOCL_OK;
    progress_line(&work->shown, "measuring the baseline");
    const double start = clock_seconds();
    TRY(cpu_baseline_create(network, &data, work->measured.batch_size, learning_rate, &baseline));
    row.create_seconds = clock_seconds() - start;
    TRY(baseline_epoch(baseline, &work->baseline_cost));
    TRY(time_epochs(baseline_epoch, baseline, &row.epoch_seconds));
    bench_row_print_head(&work->measured);
    work->measured.baseline_epoch_seconds = row.epoch_seconds;
    TRY(bench_row_print(&work->measured, &row));
cleanup:
    cpu_baseline_release(baseline);
    return status;
}

/* After one epoch: its cost must be that of the baseline, and the parameters must mean to the device what they
 * mean to a forward pass in plain C. */
static epocl_status check_trainer(bench *work, epocl_device *device, const char *name, epocl_trainer *trainer,
                                  epocl_network *network, double epoch_cost) {
    epocl_status status = EPOCL_OK;
    epocl_evaluation evaluation = {0};
    double expected = 0;
    TRY(bench_check_near(name, "the cost of an epoch", epoch_cost, work->baseline_cost, epoch_cost_tolerance));
    TRY(epocl_trainer_read(trainer, network));
    TRY(bench_check_cost(network, work->inputs, work->labels, work->check_count, &expected));
    TRY(epocl_evaluate(device, network, work->check_data, &evaluation));
    TRY(bench_check_near(name, "the cost of an evaluation", evaluation.cost, expected, forward_cost_tolerance));
cleanup:
    return status;
}

/* Without parameters: each trainer draws the same ones. */
static epocl_status create_network(const bench *work, epocl_network **network) {
    const unit_list *shape = &work->given->shape;
    epocl_network_options options_of_network;
    epocl_network_options_defaults(&options_of_network);
    options_of_network.hidden_counts = shape->values + 1;
    options_of_network.hidden_layer_count = shape->count - 2;
    options_of_network.normalize = "scale255";
    return epocl_network_create(work->data, &options_of_network, network);
}

static void show_message(const char *text, void *user) {
    progress_line(user, "%s", text);
}

static epocl_status measure_device(bench *work, const char *selector) {
    epocl_status status = EPOCL_OK;
    epocl_device *device = NULL;
    epocl_network *network = NULL;
    epocl_trainer *trainer = NULL;
    epocl_device_info info;
    epocl_training_options training;
    char name[300];
    double epoch_cost = 0;
    bench_row row = {.device = name};

    TRY(device_open(work->given, selector, &device));
    epocl_device_describe(device, &info);
    device_text(&info, name, sizeof name);
    progress_line(&work->shown, "measuring %s", name);
    epocl_training_options_defaults(&training);
    training.batch_size = work->measured.batch_size;
    training.learning_rate = learning_rate;
    training.matmul = work->given->matmul;
    training.plan = work->given->plan;
    training.tune = work->given->tune;
    training.message = show_message;
    training.user = &work->shown;

    TRY(create_network(work, &network));
    const double start = clock_seconds();
    TRY(epocl_trainer_create(device, network, work->data, NULL, &training, &trainer));
    row.create_seconds = clock_seconds() - start;
    row.plan = epocl_trainer_plan_name(trainer);
    TRY(epocl_trainer_read(trainer, network));
    TRY(measure_baseline(work, network));
    TRY(trainer_epoch(trainer, &epoch_cost));
    TRY(check_trainer(work, device, name, trainer, network, epoch_cost));
    TRY(time_epochs(trainer_epoch, trainer, &row.epoch_seconds));
    TRY(bench_row_print(&work->measured, &row));
cleanup:
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_device_release(device);
    return status;
}

/* Goes on after a device that fails; the status is then that of the first one that did, or of one that did not answer
 * in time, since that decides how the program must end. */
static epocl_status measure_all(bench *work) {
    epocl_status status = EPOCL_OK, first_failure = EPOCL_OK;
    epocl_device_info *infos = NULL;
    size_t count = 0, failed_count = 0, left_out_count = 0;
    TRY(device_list(&infos, &count));
    for (size_t i = 0; i < count; i++) {
        char selector[48], name[300];
        snprintf(selector, sizeof selector, "%zu:%zu", infos[i].platform, infos[i].device);
        device_text(&infos[i], name, sizeof name);
        if (*infos[i].unusable) {
            progress_line(&work->shown, "leaving out %s: %s", name, infos[i].unusable);
            left_out_count++;
            continue;
        }
        const epocl_status measured = measure_device(work, selector);
        if (measured == EPOCL_OK) continue;
        if (failed_count++ == 0 || measured == EPOCL_ERROR_TIMEOUT) first_failure = measured;
        TRY(bench_row_print_failure(&work->measured, name, measured));
    }
    if (left_out_count == count) TRY(fail(EPOCL_ERROR_DEVICE, "epocl can use no device; see epocl doctor"));
    if (failed_count > 0) TRY(fail(first_failure, "%zu of %zu devices could not be measured", failed_count, count));
cleanup:
    free(infos);
    return status;
}

/* ---- The command ------------------------------------------------------------------------------ */

static double flop_per_sample(const unit_list *shape) {
    double flop = 0;
    for (size_t i = 0; i + 1 < shape->count; i++) {
        /* Forward and weight gradient; above the first layer also the delta of the layer below. */
        const double products = i == 0 ? 2 : 3;
        flop += 2 * products * (double)shape->values[i] * (double)shape->values[i + 1];
    }
    return flop;
}

static epocl_status prepare(bench *work) {
    epocl_status status = EPOCL_OK;
    const unit_list *shape = &work->given->shape;
    const size_t input_count = shape->values[0], class_count = shape->values[shape->count - 1];
    const size_t sample_count = (size_t)work->given->samples;
    epocl_network *network = NULL;
    work->check_count = smaller(sample_count, CHECK_SAMPLES);
    TRY(bench_data_make(sample_count, input_count, class_count, &work->inputs, &work->labels));
    TRY(epocl_dataset_from_bytes(work->inputs, work->labels, sample_count, input_count, class_count, &work->data));
    TRY(epocl_dataset_from_bytes(work->inputs, work->labels, work->check_count, input_count, class_count,
                                 &work->check_data));
    TRY(create_network(work, &network));
    network_shape_text(network, work->shape, sizeof work->shape);
    work->measured = (bench_case){.shape = work->shape,
                                  .sample_count = sample_count,
                                  .batch_size = smaller((size_t)work->given->batch_size, sample_count),
                                  .flop_per_sample = flop_per_sample(shape),
                                  .is_json = work->given->json};
cleanup:
    epocl_network_release(network);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    bench work = {.given = given, .shown = progress_begin(given->quiet)};
    TRY(prepare(&work));
    if (strcmp(given->device, "all") == 0)
        TRY(measure_all(&work));
    else
        TRY(measure_device(&work, given->device));
cleanup:
    bench_release(&work);
    return status;
}

const command command_bench = {
    .name = "bench",
    .summary = "measures training on each device against plain C on one thread",
    .examples = {"bench", "bench --device gpu --net 784-512-512-10 --batch-size 128"},
    .notes = "A device whose results are wrong is not timed: exit status 70. An epoch to warm up, then the median of\n"
             "up to 5. GFLOP/s count the multiplications and additions of the matrix products of training.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
