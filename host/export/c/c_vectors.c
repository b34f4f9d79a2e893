#include "export/c/c_vectors.h"

#include "base/checked.h"
#include "base/random.h"
#include "data/encoder/encoder.h"
#include "export/exact.h"
#include "export/export.h"

#include <math.h>
#include <string.h>

enum { MOST_VECTORS = 8, MOST_VALUES = 1 << 16, LINE_VALUES = 8, PURPOSE = 0x65787074 };

void c_table(text_file *text, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text_file_print(text, i % LINE_VALUES ? ", " : i ? ",\n    " : "    ");
        text_file_float(text, values[i]);
    }
    text_file_print(text, "\n");
}

static float draw_unit(size_t vector, size_t place) {
    return random_unit(random_word(0, 0, PURPOSE, (uint32_t)vector, (uint32_t)place, 0));
}

/* A number within those known, or a code of a category, which may be of none; an eighth are missing. */
static float draw_column(const encoder_column *column, size_t vector, size_t place) {
    const float unit = 8.0f * draw_unit(vector, place) - 1.0f, part = unit / 7.0f;
    if (unit < 0.0f) return NAN;
    if (column->kind == COLUMN_CATEGORY) return floorf(part * (float)(column->level_count + 1));
    const float at = part * (float)(column->knot_count - 1);
    const size_t below = smaller((size_t)at, column->knot_count - 2);
    return column->knots[below] + (at - (float)below) * (column->knots[below + 1] - column->knots[below]);
}

void c_vectors_draw(const epocl_network *network, size_t vector, float *inputs) {
    for (size_t i = 0; network->encoder && i < network->encoder->column_count; i++)
        inputs[i] = draw_column(&network->encoder->columns[i], vector, i);
    if (network->encoder) return;
    const bool is_positive =
        strcmp(network->normalization, "scale255") == 0 || strcmp(network->normalization, "minmax") == 0;
    for (size_t i = 0; i < network->layers[0].input_count; i++) {
        const float unit = draw_unit(vector, i);
        const float scale = network->input_scale[i], wanted = is_positive ? unit : 4.0f * unit - 2.0f;
        inputs[i] = scale > 0.0f ? (wanted - network->input_shift[i]) / scale : wanted;
    }
}

static void open_table(text_file *text, const char *name, size_t vector_count, size_t columns) {
    text_file_print(text, "static const float test_%s[%zu][%zu] = {\n", name, vector_count, columns);
}

/* The inputs of all vectors, then outputs and bounds, each a table. */
static epocl_status write_tables(text_file *text, const epocl_network *network, size_t vector_count) {
    const size_t input_count = export_input_count(network);
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    epocl_status status = EPOCL_OK;
    float *inputs = NULL, *numbers = NULL;
    double *outputs = NULL, *bounds = NULL;
    TRY(allocate(input_count, sizeof *inputs, "test vectors", &inputs));
    TRY(allocate(output_count, sizeof *numbers, "test vectors", &numbers));
    TRY(allocate(output_count, sizeof *outputs, "test vectors", &outputs));
    TRY(allocate(output_count, sizeof *bounds, "test vectors", &bounds));
    static const char *const names[] = {"inputs", "outputs", "bounds"};
    for (size_t kind = 0; kind < 3; kind++) {
        open_table(text, names[kind], vector_count, kind ? output_count : input_count);
        for (size_t v = 0; v < vector_count; v++) {
            c_vectors_draw(network, v, inputs);
            TRY(exact_outputs(network, inputs, outputs, bounds));
            for (size_t i = 0; i < output_count; i++)
                numbers[i] = (float)(kind == 1 ? outputs[i] : isnan(bounds[i]) ? INFINITY : bounds[i]);
            text_file_print(text, "  {\n");
            c_table(text, kind ? numbers : inputs, kind ? output_count : input_count);
            text_file_print(text, v + 1 < vector_count ? "  },\n" : "  }\n");
        }
        text_file_print(text, "};\n");
    }
cleanup:
    free(bounds);
    free(outputs);
    free(numbers);
    free(inputs);
    return status;
}

epocl_status c_vectors_write(text_file *text, const epocl_network *network, const char *prefix, const char *macro) {
    const size_t input_count = export_input_count(network);
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    const size_t fit = MOST_VALUES / (input_count + 2 * output_count), count = smaller(fit ? fit : 1, MOST_VECTORS);
    text_file_print(
        text,
        "\n#ifdef %s_TEST\n"
        "/* Outputs as computed in double precision, and what single precision may be away from them; all where\n"
        " * that is INFINITY. */\n"
        "#include <stdio.h>\n\n",
        macro);
    const epocl_status status = write_tables(text, network, count);
    text_file_print(text,
                    "\nint main(void) {\n"
                    "    float outputs[%zu], largest = 0.0f;\n"
                    "    int failed = 0;\n"
                    "    for (size_t v = 0; v < %zu; v++) {\n"
                    "        %s_predict(test_inputs[v], outputs);\n"
                    "        for (size_t i = 0; i < %zu; i++) {\n"
                    "            const float error = fabsf(outputs[i] - test_outputs[v][i]);\n"
                    "            if (error > largest) largest = error;\n"
                    "            if (test_bounds[v][i] < INFINITY && !(error <= test_bounds[v][i])) failed++;\n"
                    "        }\n"
                    "    }\n",
                    output_count, count, prefix, output_count);
    text_file_print(text,
                    "    printf(\"%zu vectors, %%d outputs beyond their bounds; largest difference %%g\\n\", failed, "
                    "(double)largest);\n"
                    "    return failed != 0;\n"
                    "}\n"
                    "#endif\n",
                    count);
    return status;
}
