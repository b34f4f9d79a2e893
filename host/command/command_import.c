#include "command/commands.h"
#include "command/run/files/model_file.h"
#include "command/show/describe.h"
#include "command/show/print_line.h"

#include <stdio.h>

static const option_row options[] = {
    {.name = "model",
     .type = OPTION_STRING,
     SETTING(model),
     .argument = "FILE",
     .group = "Model",
     .required = true,
     .help = "ONNX, or safetensors of a PyTorch Sequential"},
    {.name = "activation",
     .type = OPTION_STRING,
     SETTING(activation),
     .argument = "NAME",
     .group = "Network",
     .help = "of all hidden units, or of each layer: relu,tanh"},
    {.name = "cost",
     .also = "loss",
     .type = OPTION_STRING,
     SETTING(cost),
     .argument = "NAME",
     .group = "Network",
     .help = "softmax-cross-entropy, squared, huber(1), ..."},
    {.name = "output-activation",
     .type = OPTION_STRING,
     SETTING(output_activation),
     .argument = "NAME",
     .group = "Network",
     .help = "where the cost leaves a choice (default: its own)"},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_STRING,
     SETTING(output),
     .argument = "FILE",
     .group = "Output",
     .required = true,
     .help = "the model, as epocl reads it"},
    OPTION_HELP,
};

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    TRY(epocl_network_import(given->model, given->activation, given->cost, given->output_activation, &network));
    TRY(model_file_spare(given->model, given->output));
    TRY(epocl_network_save(network, given->output));
    network_print(network);
    print_line(stdout, "wrote %s", given->output);
cleanup:
    epocl_network_release(network);
    return status;
}

const command command_import = {
    .name = "import",
    .summary = "makes a model of an ONNX file or of PyTorch's safetensors",
    .examples = {"import net.onnx --output model.safetensors",
                 "import net.safetensors --activation relu --cost softmax-cross-entropy --output model.safetensors"},
    .operand = "model",
    .notes = "An ONNX file says what its layers compute; a file of safetensors does not, and needs --activation and "
             "--cost.\n"
             "An operator that is not of a fully connected network is refused by name. docs/export.md has the rest.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
