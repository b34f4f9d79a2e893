#include "command/bench/case.h"
#include "command/bench/data.h"
#include "command/commands.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/show/progress.h"
#include "command/system/device_list.h"

#include <stdlib.h>

/* Samples for an epoch that can be timed: a fixed amount of input. */
enum { INPUT_BYTES = 32 << 20, LEAST_STEPS = 4, MOST_STEPS = 2000 };

static const option_row own_options[] = {
    OPTION_NET, OPTION_DEVICE("auto"), OPTION_NO_SELF_TEST, OPTION_TIMEOUT, OPTION_JSON, OPTION_QUIET, OPTION_HELP,
};
static const char *const library_options[] = {"batch-size", NULL};

static size_t sample_count_for(size_t input_count, size_t batch_size) {
    size_t steps = INPUT_BYTES / input_count / batch_size;
    if (steps < LEAST_STEPS) steps = LEAST_STEPS;
    if (steps > MOST_STEPS) steps = MOST_STEPS;
    return steps * batch_size;
}

static void show_message(const char *text, void *user) {
    progress_line(user, "%s", text);
}

static epocl_status print_choice(const settings *given, const epocl_device *device, const char *plan) {
    epocl_device_info info;
    char name[300];
    epocl_device_describe(device, &info);
    device_text(&info, name, sizeof name);
    if (given->json)
        return json_line_print(json_pack("{ss so ss so}", "event", "tuned", "device", json_text(name), "plan", plan,
                                         "cache", json_text(epocl_cache_folder())));
    print_line(stdout, "%s\n  plan  %s\n  kept  %s", name, plan,
               epocl_cache_folder() ? epocl_cache_folder() : "nowhere: HOME is not set");
    return EPOCL_OK;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    const whole_list *shape = &given->shape;
    const size_t input_count = shape->values[0], class_count = shape->values[shape->count - 1];
    const size_t batch_size = (size_t)given->library.training.batch_size;
    progress shown = progress_begin(given->quiet);
    uint8_t *inputs = NULL;
    uint32_t *labels = NULL;
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    epocl_device *device = NULL;
    epocl_trainer *trainer = NULL;
    epocl_options options = given->library;

    TRY(device_open(given, given->device, &device));
    const size_t sample_count = sample_count_for(input_count, batch_size);
    TRY(bench_data_make(sample_count, input_count, class_count, &inputs, &labels));
    TRY(epocl_dataset_from_bytes(inputs, labels, sample_count, input_count, class_count, &data));
    bench_set_hidden(shape, &options);
    TRY(epocl_network_create(data, &options, &network));
    options.training.tune = TUNE_FULL;
    epocl_options_set_message(&options, show_message, &shown);
    TRY(epocl_trainer_create(device, network, data, NULL, &options, &trainer));
    TRY(print_choice(given, device, epocl_trainer_plan_name(trainer)));
cleanup:
    progress_clear(&shown);
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(data);
    epocl_device_release(device);
    free(labels);
    free(inputs);
    return status;
}

const command command_tune = {
    .name = "tune",
    .summary = "finds the fastest kernels and plan for a network",
    .examples = {"tune --net 784-128-10 --batch-size 32", "tune --net 784-512-512-10 --batch-size 128 --device gpu"},
    .notes =
        "What is found is kept for this device, driver and version of epocl, and used by every later run with such a\n"
        "network and batch size. The folder is EPOCL_CACHE_DIR, else XDG_CACHE_HOME/epocl, else ~/.cache/epocl.",
    .options = own_options,
    .option_count = sizeof own_options / sizeof *own_options,
    .library = library_options,
    .run = run,
};
