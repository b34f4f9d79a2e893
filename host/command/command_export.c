#include "base/checked.h"
#include "command/commands.h"
#include "command/run/files/model_file.h"
#include "command/show/print_line.h"
#include "export/quantized.h"

#include <stdio.h>
#include <string.h>

static const char *const export_words[] = {"auto", "onnx", "c", "c-int8", "safetensors", NULL};
enum { EXPORT_AUTO };

static const option_row options[] = {
    OPTION_MODEL,
    {.name = "to",
     .type = OPTION_CHOICE,
     SETTING(to),
     .argument = "FORMAT",
     .group = "Output",
     .default_value = "auto",
     .choices = export_words,
     .help = "onnx, c, c-int8, safetensors, or auto: as the output's ending"},
    {.name = "output",
     .letter = 'o',
     .type = OPTION_STRING,
     SETTING(output),
     .argument = "FILE",
     .group = "Output",
     .help = "default: model.onnx, model.c or model.safetensors"},
    {.name = "prefix",
     .type = OPTION_STRING,
     SETTING(prefix),
     .argument = "NAME",
     .group = "Output",
     .help = "of names in C (default: the output's name)"},
    OPTION_HELP,
};

static void print_written(const char *format, const char *output) {
    const size_t length = strlen(output);
    const bool is_c = *format == 'c';
    const bool has_ending = length > 2 && output[length - 2] == '.' && strchr("ch", output[length - 1]);
    const int stem_length = (int)(has_ending ? length - 2 : length);
    if (is_c)
        print_line(stdout, "wrote %.*s.h and %.*s.c", stem_length, output, stem_length, output);
    else
        print_line(stdout, "wrote %s", output);
}

/* What the files say of weights of 8 bits. */
static epocl_status tell_rounding(const epocl_network *network) {
    char text[QUANTIZED_TEXT_CAPACITY];
    epocl_network *rounded = NULL;
    epocl_status status = quantized_copy(network, &rounded);
    if (status == EPOCL_OK) status = quantized_describe(network, rounded, text);
    if (status == EPOCL_OK) print_line(stderr, "epocl: weights are rounded to 8 bits. %s.", text);
    epocl_network_release(rounded);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    char made[32];
    const char *format = given->to == EXPORT_AUTO ? NULL : export_words[given->to], *output = given->output;
    if (!output && !format)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "epocl export needs --to onnx, c, c-int8 or safetensors, or --output FILE with an "
                    "ending of those; see epocl export --help");
    if (!output) {
        snprintf(made, sizeof made, "model.%s", *format == 'c' ? "c" : format);
        output = made;
    }
    TRY(model_file_load(given->model, &network));
    TRY(model_file_spare(given->model, output));
    TRY(epocl_network_export(network, format, given->prefix, output));
    if (format && strcmp(format, "c-int8") == 0) TRY(tell_rounding(network));
    print_written(format ? format : strrchr(output, '.') + 1, output);
cleanup:
    epocl_network_release(network);
    return status;
}

const command command_export = {
    .name = "export",
    .summary = "writes a model as ONNX, C or PyTorch's safetensors",
    .examples = {"export --model run1 --output model.onnx", "export run1/model.safetensors --to c --output net.c"},
    .operand = "model",
    .notes =
        "onnx: input `input`, or one a column of a table; outputs `label` and `probabilities`, or `value`. c: a\n"
        "header and a source that need libm alone, with test vectors; categories are codes; c-int8: with weights of 8\n"
        "bits, a quarter of the size, and a sentence on what that costs. safetensors: 0.weight,\n"
        "0.bias, 2.weight, ..., as a Sequential of Linear modules with activations between; the normalisation of\n"
        "inputs is in the first of them; not of tables. docs/export.md has the rest.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
