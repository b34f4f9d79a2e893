/* A network as C99: a header and a source that needs libm alone. */
#include "base/checked.h"
#include "export/c/c_activation.h"
#include "export/c/c_dense.h"
#include "export/c/c_encoder.h"
#include "export/c/c_vectors.h"
#include "export/export.h"
#include "export/quantized.h"
#include "model/ensemble.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { C_NAME_CAPACITY = 96 };

/* What both files are written from. */
typedef struct c_model {
    const epocl_network *network;
    const char *prefix;
    char macro[C_NAME_CAPACITY]; /* the prefix in capital letters */
    const char *header_name;     /* as it is included             */
    c_dense form;
    char rounding[QUANTIZED_TEXT_CAPACITY]; /* how far off weights of 8 bits are; "" of floats */
    size_t input_count, output_count;
} c_model;

static void write_doc(text_file *text, const c_model *model) {
    char doc[EXPORT_DOC_CAPACITY];
    export_doc(model->network, doc);
    text_file_print(text, "/* %s */\n", doc);
    if (model->form.is_quantized)
        text_file_print(text, "/* Weights are of 8 bits, with a scale for each unit. %s. */\n", model->rounding);
}

/* ---- The header --------------------------------------------------------------------------------- */

static epocl_status write_predict(text_file *text, const c_model *model) {
    const encoder *e = model->network->encoder;
    epocl_status status = EPOCL_OK;
    if (e) {
        c_encoder_names(text, e, model->macro);
        text_file_print(
            text,
            "/* Writes the outputs, %s, of a row of a table, in its columns' turn. inputs[%s_INPUT_COUNT],\n"
            " * outputs[%s_OUTPUT_COUNT]. Inputs:\n",
            e->class_count ? model->network->output_text : "values in the targets' units", model->macro, model->macro);
        TRY(c_encoder_describe(text, e));
        text_file_print(text, " */\n");
    } else {
        text_file_print(text,
                        "/* Writes the outputs, %s, of a sample whose inputs are as the training data have them (bytes "
                        "as\n"
                        " * floats); they are normalised here. inputs[%s_INPUT_COUNT], outputs[%s_OUTPUT_COUNT]. */\n",
                        model->network->output_text, model->macro, model->macro);
    }
    text_file_print(text, "void %s_predict(const float *inputs, float *outputs);\n", model->prefix);
cleanup:
    return status;
}

static epocl_status write_header(text_file *text, const c_model *model) {
    epocl_status status = EPOCL_OK;
    write_doc(text, model);
    text_file_print(text,
                    "#ifndef %s_H\n#define %s_H\n\n#include <stddef.h>\n\n"
                    "#define %s_INPUT_COUNT  %zu\n"
                    "#define %s_OUTPUT_COUNT %zu\n\n"
                    "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
                    model->macro, model->macro, model->macro, model->input_count, model->macro, model->output_count);
    TRY(write_predict(text, model));
    if (export_targets(model->network) == TARGETS_CLASSES)
        text_file_print(text,
                        "\n/* The class of a sample, counted from 0. */\n"
                        "size_t %s_class(const float *inputs);\n",
                        model->prefix);
    text_file_print(text, "\n#ifdef __cplusplus\n}\n#endif\n#endif\n");
cleanup:
    return status;
}

/* ---- The source --------------------------------------------------------------------------------- */

static void write_macros(text_file *text, const c_model *model) {
    const char *m = model->macro;
    text_file_print(
        text,
        "#include \"%s\"\n\n#include <math.h>\n%s\n"
        "/* Where parameters lie, and how a value of them is read: for memory of program text, for example\n"
        " *     -D'%s_CONST=static const PROGMEM' -D'%s_READ(value)=pgm_read_float(&(value))' */\n"
        "#ifndef %s_CONST\n#ifdef %s_ONLY_PARAMETERS\n#define %s_CONST const\n#else\n"
        "#define %s_CONST static const\n#endif\n#endif\n"
        "#ifndef %s_READ\n#define %s_READ(value) (value)\n#endif\n"
        "/* Of the layers' values; `static` keeps them off the stack, and calls apart from each other. */\n"
        "#ifndef %s_BUFFER\n#define %s_BUFFER\n#endif\n\n",
        model->header_name, model->form.is_quantized ? "#include <stdint.h>\n" : "", m, m, m, m, m, m, m, m, m, m);
    c_dense_macros(text, &model->form);
}

/* What names of a member's tables and functions end with; nothing where there is one network. */
enum { MEMBER_CAPACITY = 24 };
static const char *member_suffix(const c_model *model, size_t member, char suffix[MEMBER_CAPACITY]) {
    suffix[0] = '\0';
    if (network_is_ensemble(model->network)) snprintf(suffix, MEMBER_CAPACITY, "_%zu", member);
    return suffix;
}

static void write_member_tables(text_file *text, const c_model *model, const c_dense *form, size_t member) {
    const epocl_network *network = ensemble_member(model->network, member);
    char suffix[MEMBER_CAPACITY];
    member_suffix(model, member, suffix);
    for (size_t l = 0; l < network->layer_count; l++) {
        if (*suffix && !form->is_declaring) text_file_print(text, "/* Member %zu. */\n", member);
        c_dense_parameters(text, form, &network->layers[l], suffix, l);
    }
}

static void write_tables(text_file *text, const c_model *model, bool is_declaring) {
    c_dense form = model->form;
    form.is_declaring = is_declaring;
    if (export_has_normalization(model->network)) {
        c_dense_table(text, &form, "input_scale", model->network->input_scale, model->input_count);
        c_dense_table(text, &form, "input_shift", model->network->input_shift, model->input_count);
    }
    for (size_t k = 0; k < ensemble_member_count(model->network); k++) write_member_tables(text, model, &form, k);
    if (model->network->encoder) c_encoder_tables(text, model->network->encoder, &form);
}

/* In this file alone unless macros say that one file has them and another uses them. */
static void write_parameters(text_file *text, const c_model *model) {
    const char *m = model->macro;
    text_file_print(
        text,
        "/* With %s_ONLY_PARAMETERS this file is the parameters alone, with %s_EXTERN all else: an object of\n"
        " * each, and parameters may be put elsewhere than the program. */\n"
        "#if defined %s_EXTERN || defined %s_ONLY_PARAMETERS\n",
        m, m, m, m);
    write_tables(text, model, true);
    text_file_print(text, "#endif\n#ifndef %s_EXTERN\n", m);
    write_tables(text, model, false);
    text_file_print(text, "#endif\n\n");
}

/* Layers read one buffer and write the other, whose sizes these are; the last writes to the caller's. The inputs of a
 * network by itself are made in the second. */
static void buffer_sizes(const epocl_network *network, bool has_inputs, size_t sizes[2]) {
    sizes[0] = sizes[1] = 0;
    if (has_inputs) sizes[1] = network->layers[0].input_count;
    for (size_t l = 0; l + 1 < network->layer_count; l++)
        if (network->layers[l].output_count > sizes[l % 2]) sizes[l % 2] = network->layers[l].output_count;
}

static const char *buffer_name(size_t layer_index) {
    return layer_index % 2 ? "second" : "first";
}

/* The part before the first layer: writes what makes the network's inputs, and returns the name of the array. */
static const char *write_inputs(text_file *text, const c_model *model) {
    if (model->network->encoder) {
        text_file_print(text, "    encode(inputs, second);\n");
        return "second";
    }
    if (!export_has_normalization(model->network)) return "inputs";
    text_file_print(text,
                    "    for (size_t i = 0; i < %zu; i++)\n"
                    "        second[i] = inputs[i] * %s_READ(%s_input_scale[i]) + %s_READ(%s_input_shift[i]);\n",
                    model->input_count, model->macro, model->prefix, model->macro, model->prefix);
    return "second";
}

static bool has_inputs_of_its_own(const epocl_network *network) {
    return network->encoder || export_has_normalization(network);
}

static void write_buffers(text_file *text, const c_model *model, const size_t sizes[2]) {
    for (size_t b = 0; b < 2; b++)
        if (sizes[b]) text_file_print(text, "    %s_BUFFER float %s[%zu];\n", model->macro, buffer_name(b), sizes[b]);
}

/* The calls that lead from the array `values` to the weighted inputs of a member's output layer, in `outputs`. */
static void write_calls(text_file *text, const c_model *model, size_t member, const char *values) {
    const epocl_network *network = ensemble_member(model->network, member);
    char suffix[MEMBER_CAPACITY];
    member_suffix(model, member, suffix);
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        const bool is_last = l + 1 == network->layer_count;
        const char *to = is_last ? "outputs" : buffer_name(l);
        c_dense_apply(text, &model->form, one, suffix, l, values, to);
        if (!is_last) c_activation_apply(text, network, l, to, one->output_count);
        values = to;
    }
}

/* The weighted inputs of the output layer. */
static void write_layers(text_file *text, const c_model *model) {
    size_t sizes[2];
    buffer_sizes(model->network, has_inputs_of_its_own(model->network), sizes);
    text_file_print(text, "static void weighted_outputs(const float *inputs, float *outputs) {\n");
    write_buffers(text, model, sizes);
    write_calls(text, model, 0, write_inputs(text, model));
    text_file_print(text, "}\n\n");
}

/* Of an ensemble: a function for each member, and one that takes the mean of their outputs. */
static void write_member(text_file *text, const c_model *model, size_t member) {
    size_t sizes[2];
    buffer_sizes(ensemble_member(model->network, member), false, sizes);
    text_file_print(text, "static void member_%zu(const float *inputs, float *outputs) {\n", member);
    write_buffers(text, model, sizes);
    write_calls(text, model, member, "inputs");
    c_activation_apply(text, model->network, model->network->layer_count - 1, "outputs", model->output_count);
    text_file_print(text, "}\n\n");
}

static void write_mean(text_file *text, const c_model *model) {
    const size_t count = ensemble_member_count(model->network);
    for (size_t k = 0; k < count; k++) write_member(text, model, k);
    text_file_print(text, "/* How much each counts. */\nstatic const float shares[%zu] = {\n", count);
    for (size_t k = 0; k < count; k++) {
        text_file_print(text, "    ");
        text_file_float(text, (float)epocl_network_member_share(model->network, k));
        text_file_print(text, ",\n");
    }
    text_file_print(text, "};\nstatic void (*const members[%zu])(const float *inputs, float *outputs) = {\n", count);
    for (size_t k = 0; k < count; k++) text_file_print(text, "    member_%zu,\n", k);
    text_file_print(text, "};\n\nstatic void mean_outputs(const float *inputs, float *outputs) {\n");
    if (has_inputs_of_its_own(model->network))
        text_file_print(text, "    %s_BUFFER float second[%zu];\n", model->macro,
                        model->network->layers[0].input_count);
    text_file_print(text, "    %s_BUFFER float one[%zu];\n", model->macro, model->output_count);
    const char *values = write_inputs(text, model);
    text_file_print(text,
                    "    for (size_t i = 0; i < %zu; i++) outputs[i] = 0.0f;\n"
                    "    for (size_t k = 0; k < %zu; k++) {\n"
                    "        members[k](%s, one);\n"
                    "        for (size_t i = 0; i < %zu; i++) outputs[i] += shares[k] * one[i];\n"
                    "    }\n"
                    "}\n\n",
                    model->output_count, count, values, model->output_count);
}

static void write_functions(text_file *text, const c_model *model) {
    const bool is_ensemble = network_is_ensemble(model->network);
    const char *all = is_ensemble ? "mean_outputs" : "weighted_outputs";
    text_file_print(text, "void %s_predict(const float *inputs, float *outputs) {\n    %s(inputs, outputs);\n",
                    model->prefix, all);
    if (!is_ensemble)
        c_activation_apply(text, model->network, model->network->layer_count - 1, "outputs", model->output_count);
    if (model->network->encoder && model->network->encoder->class_count == 0)
        text_file_print(text, "    decode(outputs);\n");
    text_file_print(text, "}\n");
    if (export_targets(model->network) != TARGETS_CLASSES) return;
    text_file_print(text,
                    "\nsize_t %s_class(const float *inputs) {\n"
                    "    %s_BUFFER float outputs[%zu];\n"
                    "    size_t largest = 0;\n"
                    "    %s(inputs, outputs);\n"
                    "    for (size_t i = 1; i < %zu; i++)\n"
                    "        if (outputs[i] > outputs[largest]) largest = i;\n"
                    "    return largest;\n"
                    "}\n",
                    model->prefix, model->macro, model->output_count, all, model->output_count);
}

static epocl_status write_source(text_file *text, const c_model *model) {
    write_doc(text, model);
    write_macros(text, model);
    write_parameters(text, model);
    text_file_print(text, "#ifndef %s_ONLY_PARAMETERS\n", model->macro);
    if (model->network->encoder) c_encoder_define(text, model->network->encoder, &model->form);
    c_activation_define(text, model->network);
    c_dense_define(text, &model->form);
    if (network_is_ensemble(model->network))
        write_mean(text, model);
    else
        write_layers(text, model);
    write_functions(text, model);
    const epocl_status status = c_vectors_write(text, model->network, model->prefix, model->macro);
    text_file_print(text, "#endif\n");
    return status;
}

/* ---- Both --------------------------------------------------------------------------------------- */

/* The path without an ending .c or .h, then with one; to be freed. */
static epocl_status name_file(const char *path, char ending, char **name) {
    size_t length = strlen(path);
    if (length > 2 && path[length - 2] == '.' && (path[length - 1] == 'c' || path[length - 1] == 'h')) length -= 2;
    const epocl_status status = allocate(length + 3, 1, "a file's name", name);
    if (status == EPOCL_OK) snprintf(*name, length + 3, "%.*s.%c", (int)length, path, ending);
    return status;
}

/* The file's name as it is included. */
static const char *include_name(const char *header_path) {
    const char *slash = strrchr(header_path, '/');
    return slash ? slash + 1 : header_path;
}

epocl_status export_c(const epocl_network *network, const char *prefix, bool is_quantized, const char *path) {
    epocl_status status = EPOCL_OK;
    epocl_network *rounded = NULL;
    char *header_path = NULL, *source_path = NULL;
    text_file *header = NULL, *source = NULL;
    c_model model = {.network = network,
                     .prefix = prefix,
                     .input_count = export_input_count(network),
                     .output_count = network->layers[network->layer_count - 1].output_count};
    for (size_t i = 0; prefix[i] && i + 1 < sizeof model.macro; i++)
        model.macro[i] = (char)toupper((unsigned char)prefix[i]);
    model.form = (c_dense){.prefix = prefix, .macro = model.macro, .is_quantized = is_quantized};
    if (network->encoder) TRY(c_encoder_check(network->encoder));
    if (is_quantized) {
        TRY(quantized_copy(network, &rounded));
        TRY(quantized_describe(network, rounded, model.rounding));
        model.network = rounded;
    }
    TRY(name_file(path, 'h', &header_path));
    TRY(name_file(path, 'c', &source_path));
    model.header_name = include_name(header_path);
    if (strpbrk(model.header_name, "\"\\\n\r"))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s: a name with quotes, backslashes or line ends cannot be included in C",
                 header_path));
    TRY(allocate(1, sizeof *header, "a text", &header));
    TRY(allocate(1, sizeof *source, "a text", &source));
    text_file_open(header, header_path);
    TRY(header->status);
    text_file_open(source, source_path);
    TRY(source->status);
    TRY(write_header(header, &model));
    TRY(write_source(source, &model));
    TRY(text_file_commit(header));
    TRY(text_file_commit(source));
cleanup:
    if (source) text_file_release(source);
    if (header) text_file_release(header);
    free(source);
    free(header);
    free(source_path);
    free(header_path);
    epocl_network_release(rounded);
    return status;
}
