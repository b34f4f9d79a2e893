#include "base/checked.h"
#include "base/files/output_file.h"
#include "command/bench/measure.h"
#include "command/bench/sweep.h"
#include "command/commands.h"
#include "command/show/describe.h"
#include "command/show/progress.h"
#include "command/system/device_list.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const option_row options[] = {
    OPTION_NET,
    {.name = "recipe",
     .type = OPTION_CHOICE,
     SETTING(bench_recipe),
     .argument = "NAME",
     .group = "Network",
     .choices = bench_recipe_words,
     .default_value = "seed",
     .help = "sigmoid and plain descent, or as people train: relu and adam"},
    {.name = "samples",
     .type = OPTION_WHOLE,
     SETTING(samples),
     .argument = "N",
     .group = "Network",
     .default_value = "10000",
     .minimum = 1,
     .maximum = 1u << 20,
     .help = "samples an epoch"},
    {.name = "sweep",
     .type = OPTION_STRING,
     SETTING(sweep),
     .argument = "KIND",
     .group = "Sweep",
     .choices = sweep_choices,
     .help = "width (of all hidden layers), batch, depth or samples; doubles"},
    {.name = "from",
     .type = OPTION_WHOLE,
     SETTING(sweep_from),
     .argument = "N",
     .group = "Sweep",
     .minimum = 1,
     .maximum = 1u << 20,
     .help = "first size; else width 8, batch 1, depth 1, samples 1000"},
    {.name = "to",
     .type = OPTION_WHOLE,
     SETTING(sweep_to),
     .argument = "N",
     .group = "Sweep",
     .minimum = 1,
     .maximum = 1u << 20,
     .help = "last size; else width 1024, batch 1024, depth 16, samples 64000"},
    {.name = "plot",
     .type = OPTION_STRING,
     SETTING(plot),
     .argument = "FILE",
     .group = "Sweep",
     .help = "the sweep as an SVG"},
    {.name = "seconds",
     .type = OPTION_REAL,
     SETTING(seconds),
     .argument = "S",
     .group = "Timing",
     .default_value = "1",
     .range = ABOVE_BELOW(0, 1e6),
     .help = "epochs are timed until these are over, one at least"},
    {.name = "blas",
     .type = OPTION_STRING,
     SETTING(blas),
     .argument = "LIBRARY",
     .group = "Timing",
     .default_value = "auto",
     .help = "with cblas_sgemm, for a baseline; none leaves it out"},
    OPTION_DEVICE("all"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

static const char *const library_options[] = {"batch-size", "matmul", "plan", "tune", NULL};

/* A device that is to be measured. */
typedef struct target {
    char selector[48], name[300];
    epocl_device_type type;
    double peak; /* FLOP/s; 0 until measured */
} target;

typedef struct bench {
    const settings *given;
    progress shown;
    target *targets;
    size_t target_count;
    double cpu_peak; /* of the CPU as an OpenCL device; 0 when there is none */
    blas library;
    bool has_blas, is_blas_missed;
    char blas_missing[160]; /* why there is none */
    bench_sweep sweep;      /* no points without one */
    size_t point;           /* of the sweep          */
    size_t failed_count;
    epocl_status first_failure;
    char first_reason[512];
} bench;

static void bench_release(bench *work) {
    bench_sweep_release(&work->sweep);
    free(work->targets);
}

/* Says why something is not measured, and goes on. */
static epocl_status note_failure(bench *work, const bench_table *table, const char *device, epocl_status reason) {
    /* A device that did not answer in time decides how the program must end. */
    if (work->failed_count++ == 0 || reason == EPOCL_ERROR_TIMEOUT) {
        work->first_failure = reason;
        snprintf(work->first_reason, sizeof work->first_reason, "%s", epocl_last_error());
    }
    return bench_print_failure(table, device, reason);
}

/* ---- What there is ---------------------------------------------------------------------------- */

static epocl_status describe_selected(const settings *given, const char *selector, epocl_device_info *info) {
    epocl_device *device = NULL;
    const epocl_status status = device_open(given, selector, &device);
    if (status != EPOCL_OK) return status;
    epocl_device_describe(device, info);
    epocl_device_release(device);
    return EPOCL_OK;
}

static void set_target(const epocl_device_info *info, target *one) {
    *one = (target){.type = info->type};
    snprintf(one->selector, sizeof one->selector, "%zu:%zu", info->platform, info->device);
    device_text(info, one->name, sizeof one->name);
}

static epocl_status find_all_targets(bench *work) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *infos = NULL;
    size_t count = 0;
    TRY(device_list(&infos, &count));
    TRY(allocate(count, sizeof *work->targets, "the devices", &work->targets));
    for (size_t i = 0; i < count; i++) {
        target *one = &work->targets[work->target_count];
        set_target(&infos[i], one);
        if (*infos[i].unusable)
            progress_line(&work->shown, "leaving out %s: %s", one->name, infos[i].unusable);
        else
            work->target_count++;
    }
    if (work->target_count == 0) TRY(fail(EPOCL_ERROR_DEVICE, "epocl can use no device; see epocl doctor"));
cleanup:
    free(infos);
    return status;
}

/* Without any device, the CPU's own speed is measured all the same. */
static epocl_status find_targets(bench *work) {
    epocl_status status = EPOCL_OK;
    epocl_device_info selected;
    if (strcmp(work->given->device, "all") == 0) {
        status = find_all_targets(work);
        if (status != EPOCL_ERROR_DEVICE) return status;
        fprintf(stderr, "epocl: %s; measuring the CPU without OpenCL\n", epocl_last_error());
        return EPOCL_OK;
    }
    TRY(describe_selected(work->given, work->given->device, &selected));
    TRY(allocate(1, sizeof *work->targets, "the devices", &work->targets));
    set_target(&selected, &work->targets[work->target_count++]);
cleanup:
    return status;
}

static epocl_status find_blas(bench *work) {
    const char *const named[] = {work->given->blas, NULL};
    const bool is_auto = strcmp(work->given->blas, "auto") == 0;
    if (strcmp(work->given->blas, "none") == 0) return EPOCL_OK;
    const epocl_status status = blas_load(is_auto ? blas_names : named, &work->library);
    work->has_blas = status == EPOCL_OK;
    if (status == EPOCL_OK || !is_auto) return status;
    work->is_blas_missed = true;
    snprintf(work->blas_missing, sizeof work->blas_missing, "%s", epocl_last_error());
    return EPOCL_OK;
}

/* ---- What devices can do at most -------------------------------------------------------------- */

static epocl_status measure_speed(bench *work, target *one) {
    epocl_status status = EPOCL_OK;
    epocl_device *device = NULL;
    epocl_device_speed speed;
    progress_line(&work->shown, "measuring the peak of %s", one->name);
    TRY(device_open(work->given, one->selector, &device));
    TRY(epocl_device_measure(device, &speed));
    TRY(bench_print_speed(work->given->json, one->name, &speed));
    one->peak = speed.fma_flop_per_second;
    if (one->type == EPOCL_DEVICE_CPU) work->cpu_peak = fmax(work->cpu_peak, one->peak);
cleanup:
    epocl_device_release(device);
    return status;
}

/* The baselines run on the CPU; its peak is needed even where another device is measured. */
static epocl_status measure_cpu_speed(bench *work) {
    epocl_device_info info;
    target cpu;
    if (work->cpu_peak > 0 || work->target_count == 0 || describe_selected(work->given, "cpu", &info) != EPOCL_OK)
        return EPOCL_OK;
    if (info.type != EPOCL_DEVICE_CPU) return EPOCL_OK;
    set_target(&info, &cpu);
    return measure_speed(work, &cpu);
}

static epocl_status measure_speeds(bench *work) {
    epocl_status status = EPOCL_OK;
    const bench_table none = {.is_json = work->given->json};
    for (size_t i = 0; i < work->target_count; i++) {
        target *one = &work->targets[i];
        const epocl_status measured = measure_speed(work, one);
        if (measured != EPOCL_OK) TRY(note_failure(work, &none, one->name, measured));
    }
    if (measure_cpu_speed(work) != EPOCL_OK) progress_line(&work->shown, "%s", epocl_last_error());
cleanup:
    return status;
}

/* ---- A case ----------------------------------------------------------------------------------- */

/* One case on its way through baselines and devices. */
typedef struct round_of_case {
    bench_table table;
    double cost; /* of the first epoch */
} round_of_case;

static epocl_status finish_row(bench *work, const bench_table *table, const bench_row *row, double peak) {
    const double rate = (double)table->measured->sample_count / row->epoch.median;
    const epocl_status status = bench_print_row(table, row, peak);
    if (status != EPOCL_OK || !table->sweep) return status;
    return bench_sweep_record(&work->sweep, work->point, row, rate);
}

/* From the parameters that devices begin with. Without plain C there is nothing to go by. */
static epocl_status measure_baselines(bench *work, round_of_case *now) {
    epocl_status status = EPOCL_OK;
    const double seconds = work->given->seconds;
    epocl_network *network = NULL;
    double cost = 0;
    bench_row row;
    progress_line(&work->shown, "measuring the baselines");
    TRY(bench_case_network(now->table.measured, &network));
    TRY(bench_measure_baseline(now->table.measured, network, NULL, seconds, &cost, &row));
    now->cost = cost;
    now->table.plain_seconds = row.epoch.median;
    bench_print_head(&now->table);
    TRY(finish_row(work, &now->table, &row, work->cpu_peak));
    if (work->has_blas) {
        const epocl_status measured =
            bench_measure_baseline(now->table.measured, network, &work->library, seconds, &cost, &row);
        TRY(measured == EPOCL_OK ? finish_row(work, &now->table, &row, work->cpu_peak)
                                 : note_failure(work, &now->table, row.device, measured));
    } else if (work->is_blas_missed) {
        fail(EPOCL_ERROR_NO_INPUT, "%s", work->blas_missing);
        TRY(bench_print_failure(&now->table, "cpu baseline, BLAS", EPOCL_ERROR_NO_INPUT));
    }
cleanup:
    epocl_network_release(network);
    return status;
}

static void show_message(const char *text, void *user) {
    progress_line(user, "%s", text);
}

static epocl_status measure_device(bench *work, round_of_case *now, const target *one) {
    epocl_status status = EPOCL_OK;
    bench_subject subject = {0};
    bench_row row = {.device = one->name};
    const bench_case *measured = now->table.measured;
    progress_line(&work->shown, "measuring %s", one->name);
    TRY(bench_subject_create(measured, one->selector, work->given, show_message, &work->shown, &subject, &row));
    TRY(bench_measure_subject(measured, &subject, work->given->seconds, now->cost, &row));
    TRY(finish_row(work, &now->table, &row, one->peak));
cleanup:
    bench_subject_release(&subject);
    return status;
}

/* Goes on after a baseline or a device that fails. */
static epocl_status measure_case(bench *work, const bench_case *measured) {
    epocl_status status = EPOCL_OK;
    round_of_case now = {.table = {.measured = measured, .is_json = work->given->json}};
    if (work->sweep.point_count > 0) {
        now.table.sweep = work->sweep.kind;
        now.table.value = work->sweep.values[work->point];
    }
    const epocl_status unmeasured = measure_baselines(work, &now);
    if (unmeasured != EPOCL_OK) return note_failure(work, &now.table, "cpu baseline", unmeasured);
    for (size_t i = 0; i < work->target_count; i++) {
        const target *one = &work->targets[i];
        if (one->peak == 0) continue; /* it has failed before */
        const epocl_status reason = measure_device(work, &now, one);
        if (reason != EPOCL_OK) TRY(note_failure(work, &now.table, one->name, reason));
    }
cleanup:
    return status;
}

/* ---- The command ------------------------------------------------------------------------------ */

static epocl_status run_sweep(bench *work, output_file *plot) {
    epocl_status status = EPOCL_OK;
    char *svg = NULL;
    size_t byte_count = 0;
    bench_case measured = {0};
    for (work->point = 0; work->point < work->sweep.point_count; work->point++) {
        TRY(bench_sweep_case(&work->sweep, work->point, work->given, &measured));
        TRY(measure_case(work, &measured));
        bench_case_release(&measured);
    }
    TRY(bench_sweep_print_crossovers(&work->sweep, work->given->json));
    if (plot) {
        TRY(bench_sweep_plot(&work->sweep, work->given, &svg, &byte_count));
        TRY(output_file_write(plot, svg, byte_count));
        TRY(output_file_commit(plot));
    }
cleanup:
    bench_case_release(&measured);
    free(svg);
    return status;
}

static epocl_status run_case(bench *work) {
    epocl_status status = EPOCL_OK;
    const settings *given = work->given;
    bench_case measured = {0};
    TRY(bench_case_create(&bench_recipes[given->bench_recipe], &given->shape,
                          (size_t)given->library.training.batch_size, (size_t)given->samples, &measured));
    TRY(measure_case(work, &measured));
cleanup:
    bench_case_release(&measured);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    output_file *plot = NULL;
    bench work = {.given = given, .shown = progress_begin(given->quiet)};
    if (!given->sweep && (given->plot || given->sweep_from || given->sweep_to))
        return fail(EPOCL_ERROR_ARGUMENT, "--plot, --from and --to belong to a --sweep");
    if (given->sweep) TRY(bench_sweep_create(given, &work.sweep));
    TRY(find_targets(&work));
    TRY(find_blas(&work));
    if (given->plot) TRY(output_file_open(given->plot, &plot));
    TRY(measure_speeds(&work));
    TRY(given->sweep ? run_sweep(&work, plot) : run_case(&work));
    if (work.failed_count > 0)
        status = fail(work.first_failure, "%zu of the measurements failed; the first: %s", work.failed_count,
                      work.first_reason);
cleanup:
    output_file_release(plot);
    bench_release(&work);
    return status;
}

const command command_bench = {
    .name = "bench",
    .summary = "measures training on each device against the CPU's own speed",
    .examples = {"bench --device gpu --net 784-512-512-10 --batch-size 128",
                 "bench --sweep width --to 2048 --plot widths.svg"},
    .notes =
        "The baselines train the same network on the CPU: in plain C on one thread, and with a BLAS where one is\n"
        "installed (Debian: libopenblas0); without any device, they alone are measured. A result is checked before\n"
        "it is timed; one that is wrong is not timed, and the exit status is 70. Times are medians over whole epochs,\n"
        "after a first one. GFLOP/s count the multiplications and additions of the matrix products of training; the\n"
        "peak is what the device does in registers. docs/performance.md explains the lines of --json.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .library = library_options,
    .run = run,
};
