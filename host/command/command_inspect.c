#include "command/commands.h"
#include "command/run/files/model_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/table/column_lines.h"
#include "model/network.h"

static const option_row options[] = {OPTION_MODEL, OPTION_JSON, OPTION_HELP};

static epocl_status print_json(const epocl_network *network) {
    json_t *members = json_network(network);
    if (network->encoder && json_object_set_new(members, "encoder", encoder_summary_json(network->encoder)) != 0) {
        json_decref(members);
        members = NULL;
    }
    return json_line_print(json_event("inspect", members));
}

static epocl_status run(const settings *given) {
    epocl_network *network = NULL;
    epocl_status status = model_file_load(given->model, &network);
    if (status == EPOCL_OK && given->json) {
        status = print_json(network);
    } else if (status == EPOCL_OK) {
        network_print(network);
        if (network->encoder) encoder_print(network->encoder);
    }
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
