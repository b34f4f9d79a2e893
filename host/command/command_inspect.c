#include "command/commands.h"
#include "command/run/model_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"

static const option_row options[] = {OPTION_MODEL, OPTION_JSON, OPTION_HELP};

static epocl_status run(const settings *given) {
    epocl_network *network = NULL;
    epocl_status status = model_file_load(given->model, &network);
    if (status == EPOCL_OK && given->json)
        status = json_line_print(json_event("inspect", json_network(network)));
    else if (status == EPOCL_OK)
        network_print(network);
    epocl_network_release(network);
    return status;
}

const command command_inspect = {
    .name = "inspect",
    .summary = "shows the layers and functions of a model file",
    .examples = {"inspect run1/model.safetensors", "inspect --model run1/model.safetensors --json"},
    .operand = "model",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
