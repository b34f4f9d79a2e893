#include "export/c/c_dense.h"

#include "export/c/c_vectors.h"
#include "export/quantized.h"

#include <stdio.h>

enum { NAME_CAPACITY = 64, LINE_NUMBERS = 20 };

/* The beginning of a table, or all of its declaration; whether values are to follow. */
static bool open_table(text_file *text, const c_dense *form, const char *type, const char *name, size_t count) {
    if (form->is_declaring)
        text_file_print(text, "extern const %s %s_%s[%zu];\n", type, form->prefix, name, count);
    else
        text_file_print(text, "%s_CONST %s %s_%s[%zu] = {\n", form->macro, type, form->prefix, name, count);
    return !form->is_declaring;
}

void c_dense_table(text_file *text, const c_dense *form, const char *name, const float *values, size_t count) {
    if (!open_table(text, form, "float", name, count)) return;
    c_table(text, values, count);
    text_file_print(text, "};\n\n");
}

void c_dense_macros(text_file *text, const c_dense *form) {
    if (form->is_quantized)
        text_file_print(text,
                        "/* Likewise of a weight, a whole number of 8 bits. */\n"
                        "#ifndef %s_READ_INT8\n#define %s_READ_INT8(value) (value)\n#endif\n\n",
                        form->macro, form->macro);
}

/* ---- Parameters ---------------------------------------------------------------------------------- */

static void write_numbers(text_file *text, const c_dense *form, const layer *one, const char *name) {
    const size_t count = one->input_count * one->output_count;
    if (!open_table(text, form, "int8_t", name, count)) return;
    for (size_t o = 0; o < one->output_count; o++) {
        const float *weights = one->weights + o * one->input_count;
        const float scale = quantized_scale(weights, one->input_count);
        for (size_t i = 0; i < one->input_count; i++) {
            const size_t place = o * one->input_count + i;
            text_file_print(text, "%s%d",
                            place % LINE_NUMBERS ? ", "
                            : place              ? ",\n    "
                                                 : "    ",
                            quantized_number(weights[i], scale));
        }
    }
    text_file_print(text, "\n};\n\n");
}

static void write_scales(text_file *text, const c_dense *form, const layer *one, const char *name) {
    if (!open_table(text, form, "float", name, one->output_count)) return;
    for (size_t o = 0; o < one->output_count; o++) {
        text_file_print(text, o % 8 ? ", " : o ? ",\n    " : "    ");
        text_file_float(text, quantized_scale(one->weights + o * one->input_count, one->input_count));
    }
    text_file_print(text, "\n};\n\n");
}

void c_dense_parameters(text_file *text, const c_dense *form, const layer *one, const char *suffix, size_t index) {
    char name[NAME_CAPACITY];
    if (!form->is_declaring)
        text_file_print(text, "/* Layer %zu: %zu inputs, %zu units; a unit's weights follow each other%s. */\n", index,
                        one->input_count, one->output_count,
                        form->is_quantized ? ", to be multiplied by its scale" : "");
    snprintf(name, sizeof name, "weights%s_%zu", suffix, index);
    if (form->is_quantized) {
        write_numbers(text, form, one, name);
        snprintf(name, sizeof name, "scales%s_%zu", suffix, index);
        write_scales(text, form, one, name);
    } else {
        c_dense_table(text, form, name, one->weights, one->input_count * one->output_count);
    }
    snprintf(name, sizeof name, "biases%s_%zu", suffix, index);
    c_dense_table(text, form, name, one->biases, one->output_count);
}

/* ---- The function -------------------------------------------------------------------------------- */

static void define_int8(text_file *text, const char *macro) {
    text_file_print(text,
                    "static void dense(const float *inputs, size_t input_count, const int8_t *weights, const float "
                    "*scales,\n"
                    "                  const float *biases, float *outputs, size_t output_count) {\n"
                    "    for (size_t o = 0; o < output_count; o++) {\n"
                    "        float sum = 0.0f;\n"
                    "        for (size_t i = 0; i < input_count; i++) sum += inputs[i] * "
                    "(float)%s_READ_INT8(weights[i]);\n"
                    "        outputs[o] = sum * %s_READ(scales[o]) + %s_READ(biases[o]);\n"
                    "        weights += input_count;\n"
                    "    }\n"
                    "}\n\n",
                    macro, macro, macro);
}

void c_dense_define(text_file *text, const c_dense *form) {
    if (form->is_quantized) {
        define_int8(text, form->macro);
        return;
    }
    text_file_print(text,
                    "static void dense(const float *inputs, size_t input_count, const float *weights, const float "
                    "*biases,\n"
                    "                  float *outputs, size_t output_count) {\n"
                    "    for (size_t o = 0; o < output_count; o++) {\n"
                    "        float sum = %s_READ(biases[o]);\n"
                    "        for (size_t i = 0; i < input_count; i++) sum += inputs[i] * %s_READ(weights[i]);\n"
                    "        outputs[o] = sum;\n"
                    "        weights += input_count;\n"
                    "    }\n"
                    "}\n\n",
                    form->macro, form->macro);
}

void c_dense_apply(text_file *text, const c_dense *form, const layer *one, const char *suffix, size_t index,
                   const char *from, const char *to) {
    text_file_print(text, "    dense(%s, %zu, %s_weights%s_%zu,", from, one->input_count, form->prefix, suffix, index);
    if (form->is_quantized) text_file_print(text, " %s_scales%s_%zu,", form->prefix, suffix, index);
    text_file_print(text, " %s_biases%s_%zu, %s, %zu);\n", form->prefix, suffix, index, to, one->output_count);
}
