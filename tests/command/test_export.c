/* epocl export and import: a network of every activation and cost in C gives the device's predictions. */
#include "command/fixture.h"

#include "model/network.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *export_suite(void);

static const size_t counts[] = {FIXTURE_INPUTS, 7, FIXTURE_CLASSES};

/* A model file of the fixture's shape: weights of both signs, inputs of bytes. */
static void write_model(const char *name, const char *activation, const char *cost, const char *output) {
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 2, &network), EPOCL_OK);
    ck_assert_msg(network_set_functions(network, activation, cost, output) == EPOCL_OK, "%s", epocl_last_error());
    network->normalization = "scale255";
    for (size_t i = 0; i < counts[0]; i++) network->input_scale[i] = 1.0f / 255.0f;
    for (size_t l = 0; l < 2; l++) {
        const layer *one = &network->layers[l];
        const size_t count = one->input_count * one->output_count;
        for (size_t i = 0; i < count; i++) one->weights[i] = (float)((double)(i * 37 % 61) / 61.0 - 0.5);
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = 0.1f * (float)i - 0.2f;
    }
    network->has_parameters = true;
    ck_assert_msg(epocl_network_save(network, scratch_path(name)) == EPOCL_OK, "%s", epocl_last_error());
    epocl_network_release(network);
}

/* Ends the test unless the shell's command does. */
static void shell(const char *format, const char *a, const char *b, const char *c) {
    char line[2048];
    snprintf(line, sizeof line, format, a, b, c); /* NOLINT: a literal of this file */
    ck_assert_msg(system(line) == 0, "%s", line); /* NOLINT: the tests' own words */
}

/* ---- C ------------------------------------------------------------------------------------------ */

/* A program that prints what the exported network says of the fixture's images, as epocl predict does. */
static const char driver[] =
    "#include \"net.h\"\n"
    "#include <stdio.h>\n"
    "int main(int argc, char **argv) {\n"
    "    float inputs[NET_INPUT_COUNT], outputs[NET_OUTPUT_COUNT];\n"
    "    unsigned char bytes[NET_INPUT_COUNT];\n"
    "    FILE *file = fopen(argv[argc - 1], \"rb\");\n"
    "    if (!file || fread(bytes, 1, 12, file) != 12) return 1;\n"
    "    while (fread(bytes, 1, NET_INPUT_COUNT, file) == NET_INPUT_COUNT) {\n"
    "        for (int i = 0; i < NET_INPUT_COUNT; i++) inputs[i] = bytes[i];\n"
    "        net_predict(inputs, outputs);\n"
    "        for (int i = 0; i < NET_OUTPUT_COUNT; i++) printf(\"%.9g \", (double)outputs[i]);\n"
    "    }\n"
    "    return fclose(file);\n"
    "}\n";

/* The outputs of `epocl predict --proba`, in turn; `text` points past them afterwards. */
static double next_predicted(const char **text, size_t column) {
    if (column == 0) *text = strchr(*text, '\n') + 1;
    *text = strchr(*text, ',') + 1;
    return strtod(*text, NULL);
}

/* What docs/export.md promises of both: the device and C each within this of exact. */
static const double tolerance = 1e-5;

static void compare(const char *predicted, const char *computed) {
    char *next = NULL;
    for (size_t sample = 0; sample < FIXTURE_SAMPLES; sample++)
        for (size_t column = 0; column < FIXTURE_CLASSES; column++) {
            const double wanted = next_predicted(&predicted, column), found = strtod(computed, &next);
            ck_assert_ptr_ne(computed, next);
            computed = next;
            ck_assert_msg(fabs(found - wanted) <= tolerance * fmax(1.0, fabs(wanted)), "sample %zu: %g, not %g", sample,
                          found, wanted);
        }
}

/* Each is there in each of its places, and each cost. */
static const struct {
    const char *activation, *cost, *output;
} functions[] = {
    {"identity", "squared", "identity"},
    {"sigmoid", "absolute", "sigmoid"},
    {"tanh", "huber", "tanh"},
    {"relu", "quantile(0.9)", "relu"},
    {"leaky-relu(0.2)", "squared", "leaky-relu"},
    {"elu(0.7)", "squared", "elu"},
    {"selu", "squared", "selu"},
    {"gelu", "squared", "gelu"},
    {"gelu-tanh", "squared", "gelu-tanh"},
    {"silu", "squared", "silu"},
    {"mish", "squared", "mish"},
    {"softplus", "squared", "softplus"},
    {"sine(2)", "squared", "sine"},
    {"exponential", "squared", "exponential"},
    {"relu", "cross-entropy", NULL},
    {"relu", "softmax-cross-entropy", NULL},
    {"relu", "poisson", NULL},
};

#define WARNINGS "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

START_TEST(c_computes_what_the_device_does) {
    write_model("model.safetensors", functions[_i].activation, functions[_i].cost, functions[_i].output);
    outcome exported = run("export", "--model", "@model.safetensors", "--output", "@net.c");
    assert_status(&exported, 0);
    assert_contains(exported.out, "net.h and ");
    outcome_release(&exported);
    outcome predicted =
        run("predict", "--model", "@model.safetensors", "--data", "@images", "--proba", "--no-self-test");
    assert_status(&predicted, 0);
    scratch_write("driver.c", driver, strlen(driver));
    char folder[1024], computed_path[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    snprintf(computed_path, sizeof computed_path, "%s", scratch_path("computed"));
    shell("cd '%s' && ${CC:-cc} -std=c99 " WARNINGS " driver.c net.c -o driver -lm%s%s", folder, "", "");
    shell("cd '%s' && ./driver images > computed%s%s", folder, "", "");
    size_t byte_count = 0;
    char *computed = (char *)file_read(computed_path, &byte_count);
    computed = realloc(computed, byte_count + 1);
    ck_assert_ptr_nonnull(computed);
    computed[byte_count] = '\0';
    compare(predicted.out, computed);
    free(computed);
    outcome_release(&predicted);
}
END_TEST

/* With the compilers that there are, in both languages; the test vectors inside agree, wherever parameters lie and
 * whichever object has them. */
static const char *const c_formats[] = {"c", "c-int8"};

START_TEST(c_compiles_everywhere) {
    static const char *const compilers[] = {"gcc -std=c99", "clang -std=c99", "g++ -x c++ -std=c++11",
                                            "clang++ -x c++ -std=c++11"};
    static const char *const places[] = {
        "", "'-DHER_NET_CONST=const __attribute__((aligned(64)))' -DHER_NET_BUFFER=static"};
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    write_model("model.safetensors", "gelu", "softmax-cross-entropy", NULL);
    outcome exported =
        run("export", "@model.safetensors", "--to", c_formats[_i], "--output", "@0 net+.c", "--prefix", "her_net");
    assert_status(&exported, 0);
    ck_assert((strstr(exported.err, "weights are rounded to 8 bits. On 256 drawn inputs") != NULL) == (_i == 1));
    outcome_release(&exported);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            char line[512];
            snprintf(line, sizeof line, "! command -v %.*s > /dev/null || { %s " WARNINGS " %s",
                     (int)strcspn(compilers[i], " "), compilers[i], compilers[i], places[j]);
            /* A constant that is no static of C needs a declaration of its own under these warnings in C alone. */
            shell("cd '%s' && %s -DHER_NET_TEST '0 net+.c' -o vectors -lm && ./vectors > said; }%s", folder, line, "");
            /* Parameters in an object of their own. */
            shell("cd '%s' && %s -DHER_NET_ONLY_PARAMETERS -c '0 net+.c' -o parameters.o; }%s", folder, line, "");
            shell("cd '%s' && %s -DHER_NET_EXTERN -DHER_NET_TEST -c '0 net+.c' -o functions.o; }%s", folder, line, "");
            shell("cd '%s' && ${CC:-cc} functions.o parameters.o -o vectors -lm && ./vectors > said%s%s", folder, "",
                  "");
            shell("cd '%s' && ! ${CC:-cc} functions.o -o vectors -lm 2> said%s%s", folder, "", "");
        }
}
END_TEST

/* A code of 8 bits is a quarter as large, and as far off as it says, give or take what other inputs make of it. */
START_TEST(c_of_8_bits_is_near_and_small) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    write_model("model.safetensors", "relu", "softmax-cross-entropy", NULL);
    assert_ended(run("export", "@model.safetensors", "--to", "c-int8", "--output", "@net.c"), 0);
    scratch_write("driver.c", driver, strlen(driver));
    shell("cd '%s' && ${CC:-cc} -std=c99 " WARNINGS " driver.c net.c -o driver -lm && ./driver images > rounded%s%s",
          folder, "", "");
    assert_ended(run("export", "@model.safetensors", "--output", "@net.c"), 0);
    shell("cd '%s' && ${CC:-cc} -std=c99 " WARNINGS " driver.c net.c -o driver -lm && ./driver images > whole%s%s",
          folder, "", "");
    FILE *rounded = fopen(scratch_path("rounded"), "r"), *whole = fopen(scratch_path("whole"), "r");
    double largest = 0.0;
    ck_assert(rounded && whole);
    for (size_t i = 0; i < FIXTURE_SAMPLES * FIXTURE_CLASSES; i++) {
        double a = NAN, b = NAN;
        ck_assert(fscanf(rounded, "%lf", &a) == 1 && fscanf(whole, "%lf", &b) == 1);
        largest = fmax(largest, fabs(a - b));
    }
    fclose(whole);
    fclose(rounded);
    ck_assert_msg(largest > 1e-6 && largest < 0.01, "%g", largest);
}
END_TEST

/* A value that is wrong is noticed by the vectors. */
START_TEST(c_vectors_notice_a_change) {
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    write_model("model.safetensors", "tanh", "squared", NULL);
    outcome exported = run("export", "@model.safetensors", "--output", "@net.c");
    assert_status(&exported, 0);
    outcome_release(&exported);
    shell("cd '%s' && ${CC:-cc} -std=c99 -DNET_TEST net.c -o vectors -lm && ./vectors > said%s%s", folder, "", "");
    shell("cd '%s' && sed -i 's/tanhf(z)/0.9999f * tanhf(z)/' net.c && ${CC:-cc} -std=c99 -DNET_TEST net.c -o vectors "
          "-lm && ! ./vectors > said%s%s",
          folder, "", "");
}
END_TEST

/* So many layers of so large weights that nothing is known of what rounding makes of the last: only of relu is that
 * also the output. */
START_TEST(c_of_unbounded_errors_compiles) {
    enum { LAYERS = 12, UNITS = 8 };
    static const char *const names[] = {"tanh", "relu"};
    size_t units[LAYERS + 1], byte_count = 0;
    epocl_network *network = NULL;
    char folder[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    for (size_t l = 0; l <= LAYERS; l++) units[l] = UNITS;
    ck_assert_int_eq(network_allocate(units, LAYERS, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, names[_i], "squared", NULL), EPOCL_OK);
    network->normalization = "none";
    for (size_t i = 0; i < UNITS; i++) network->input_scale[i] = 1.0f;
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t i = 0; i < UNITS * UNITS; i++)
            network->layers[l].weights[i] = 1e4f * ((float)(i * 37 % 61) / 61.0f - 0.4f);
    network->has_parameters = true;
    ck_assert_int_eq(epocl_network_save(network, scratch_path("model.safetensors")), EPOCL_OK);
    epocl_network_release(network);
    assert_ended(run("export", "@model.safetensors", "--output", "@net.c"), 0);
    char *text = (char *)file_read(scratch_path("net.c"), &byte_count);
    text = realloc(text, byte_count + 1);
    ck_assert_ptr_nonnull(text);
    text[byte_count] = '\0';
    ck_assert_ptr_nonnull(strstr(text, " INFINITY,"));
    free(text);
    shell("cd '%s' && ${CC:-cc} -std=c99 " WARNINGS " -DNET_TEST net.c -o vectors -lm && ./vectors > said%s%s", folder,
          "", "");
}
END_TEST

/* ---- Tables in C -------------------------------------------------------------------------------- */

enum { TABLE_ROWS = 400, NEW_ROWS = 60 };

/* Rows of a number, sometimes missing, a category of two names, one with rare and missing names, and targets. Names are
 * what comments and strings of C could end with. `codes`, if any, gets what a row is in C: names are coded by how often
 * they are there. */
static void write_table(const char *name, size_t count, bool is_new, const char *codes_name) {
    static const char *const places[] = {"*/ a", "b /*", "c\\", ""}, *const sides[] = {"l?\?/", "\"\"r\"\""};
    static char text[1 << 16], codes[1 << 14];
    size_t used = (size_t)snprintf(text, sizeof text, "size */,\"place?\?/\",side,kind,cost\n"), coded = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t k = i % 20, place = k < 8 ? 0 : k < 14 ? 1 : k < 18 ? 2 : 3, side = i % 3 == 2;
        const bool is_missing = i % 9 == 4, is_rare = i % 100 == 7;
        const double size = (double)(i * 37 % 101) / 7.0;
        char number[32] = "";
        if (!is_missing) snprintf(number, sizeof number, "%.9g", size);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s,%s,\"%s\",k%d,%g\n", number,
                                 is_rare ? is_new ? "new" : "rare" : places[place], sides[side],
                                 (int)(size + (double)place * 3) % 3, 1000 + size * 10 + (double)place);
        coded += (size_t)snprintf(codes + coded, sizeof codes - coded, "%s %s %zu\n", is_missing ? "nan" : number,
                                  is_rare      ? "-1"
                                  : place == 3 ? "nan"
                                               : (const char *[]){"0", "1", "2"}[place],
                                  side);
    }
    scratch_write(name, text, used);
    if (codes_name) scratch_write(codes_name, codes, coded);
}

static const char table_driver[] =
    "#include \"net.h\"\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "int main(void) {\n"
    "    float inputs[NET_INPUT_COUNT], outputs[NET_OUTPUT_COUNT];\n"
    "    char word[64];\n"
    "    for (int i = 0; scanf(\"%63s\", word) == 1;) {\n"
    "        inputs[i++] = strtof(word, NULL);\n"
    "        if (i < NET_INPUT_COUNT) continue;\n"
    "        net_predict(inputs, outputs);\n"
    "        for (int o = 0; o < NET_OUTPUT_COUNT; o++) printf(\"%.9g \", (double)outputs[o]);\n"
    "        i = 0;\n"
    "    }\n"
    "    return 0;\n"
    "}\n";

static void compare_rows(const char *predicted, const char *computed, size_t row_count, size_t columns,
                         bool has_class) {
    char *next = NULL;
    for (size_t row = 0; row < row_count; row++) {
        predicted = strchr(predicted, '\n') + 1;
        const char *cell = predicted;
        for (size_t column = 0; column < columns; column++) {
            if (column > 0 || has_class) cell = strchr(cell, ',') + 1;
            const double wanted = strtod(cell, NULL), found = strtod(computed, &next);
            ck_assert_ptr_ne(computed, next);
            computed = next;
            ck_assert_msg(fabs(found - wanted) <= tolerance * fmax(1.0, fabs(wanted)), "row %zu: %g, not %g", row,
                          found, wanted);
        }
    }
}

/* Classes and values: with every compiler the test vectors hold, and the device's predictions are the same. */
START_TEST(c_takes_tables) {
    static const char *const targets[] = {"kind", "cost"}, *const ignored[] = {"cost", "kind"};
    static const char *const compilers[] = {"gcc -std=c99", "clang -std=c99", "g++ -x c++ -std=c++11",
                                            "clang++ -x c++ -std=c++11"};
    char folder[1024], computed_path[1024];
    snprintf(folder, sizeof folder, "%s", scratch_path("."));
    snprintf(computed_path, sizeof computed_path, "%s", scratch_path("computed"));
    write_table("known.csv", TABLE_ROWS, false, NULL);
    write_table("new.csv", NEW_ROWS, true, "codes");
    outcome ended = run("train", "@known.csv", "--target", targets[_i], "--ignore", ignored[_i], "--hidden", "9",
                        "--epochs", "5", "--output", "@run", "--quiet");
    assert_status(&ended, 0);
    outcome_release(&ended);
    ended = run("export", "@run", "--output", "@net.c");
    assert_status(&ended, 0);
    outcome_release(&ended);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        char line[512];
        snprintf(line, sizeof line, "! command -v %.*s > /dev/null || { %s " WARNINGS, (int)strcspn(compilers[i], " "),
                 compilers[i], compilers[i]);
        shell("cd '%s' && %s -DNET_TEST net.c -o vectors -lm && ./vectors > said; }%s", folder, line, "");
        shell("cd '%s' && %s -DNET_ONLY_PARAMETERS -c net.c -o parameters.o; }%s", folder, line, "");
        shell("cd '%s' && %s -DNET_EXTERN -DNET_TEST -c net.c -o functions.o; }%s", folder, line, "");
        shell("cd '%s' && ${CC:-cc} functions.o parameters.o -o vectors -lm && ./vectors > said%s%s", folder, "", "");
        shell("cd '%s' && ! nm -g --defined-only parameters.o | grep -v ' [RV] net_'%s%s", folder, "", "");
    }
    outcome predicted = run("predict", "--model", "@run", "--data", "@new.csv", "--proba", "--no-self-test");
    assert_status(&predicted, 0);
    scratch_write("driver.c", table_driver, strlen(table_driver));
    shell("cd '%s' && ${CC:-cc} -std=c99 " WARNINGS " driver.c net.c -o driver -lm && ./driver < codes > computed%s%s",
          folder, "", "");
    size_t byte_count = 0;
    char *computed = (char *)file_read(computed_path, &byte_count);
    computed = realloc(computed, byte_count + 1);
    ck_assert_ptr_nonnull(computed);
    computed[byte_count] = '\0';
    compare_rows(predicted.out, computed, NEW_ROWS, _i ? 1 : 3, _i == 0);
    free(computed);
    outcome_release(&predicted);
    assert_refused(run("export", "@run", "--output", "@net.safetensors"), 2, "export it as onnx or c");
}
END_TEST

/* ---- The command -------------------------------------------------------------------------------- */

START_TEST(a_run_s_model_goes_out_and_comes_back) {
    outcome trained = run(TRAIN, "--hidden", "5", "--epochs", "1", "--output", "@run");
    assert_status(&trained, 0);
    outcome_release(&trained);
    outcome exported = run("export", "--model", "@run", "--output", "@net.onnx");
    assert_status(&exported, 0);
    outcome_release(&exported);
    outcome imported = run("import", "@net.onnx", "--output", "@back.safetensors");
    assert_status(&imported, 0);
    assert_contains(imported.out, "sigmoid");
    outcome_release(&imported);
    size_t count = 0, back_count = 0;
    unsigned char *bytes = file_read(scratch_path("run/model.safetensors"), &count);
    unsigned char *back = file_read(scratch_path("back.safetensors"), &back_count);
    ck_assert_uint_eq(count, back_count);
    ck_assert_mem_eq(bytes, back, count);
    free(bytes);
    free(back);
    outcome same = run("export", "--model", "@run", "--output", "@run/model.safetensors");
    assert_refused(same, 2, "is the model itself");
    assert_refused(run("import", "@net.onnx", "--output", "@net.onnx"), 2, "is the model itself");
}
END_TEST

START_TEST(says_what_is_wrong) {
    write_model("model.safetensors", "relu", "squared", NULL);
    assert_refused(run("export", "--model", "@model.safetensors"), 2, "needs --to onnx, c, c-int8 or safetensors");
    assert_refused(run("export", "--model", "@model.safetensors", "--to", "tflite"), 2, "onnx");
    assert_refused(run("export", "--model", "@model.safetensors", "--output", "@net.bin"), 2, "tells no format");
    assert_refused(run("export", "--model", "@model.safetensors", "--output", "@missing/net.onnx"), 73, "missing");
    assert_refused(run("export", "--model", "@missing", "--to", "onnx"), 66, "missing");
    assert_refused(run("import", "@missing", "--output", "@m.safetensors"), 66, "missing");
    assert_refused(run("import", "@images", "--output", "@m.safetensors"), 65, "is damaged, or no ONNX file");
    outcome exported = run("export", "--model", "@model.safetensors", "--output", "@net.safetensors");
    assert_status(&exported, 0);
    outcome_release(&exported);
    assert_refused(run("import", "@net.safetensors", "--activation", "swish", "--output", "@m.safetensors"), 2,
                   "unknown activation 'swish'");
}
END_TEST

Suite *export_suite(void) {
    Suite *suite = suite_create("export");
    TCase *tests = tcase_create("export");
    tcase_add_checked_fixture(tests, fixture_create_plain, fixture_remove);
    tcase_add_loop_test(tests, c_computes_what_the_device_does, 0, sizeof functions / sizeof *functions);
    tcase_add_loop_test(tests, c_compiles_everywhere, 0, 2);
    tcase_add_test(tests, c_of_8_bits_is_near_and_small);
    tcase_add_test(tests, c_vectors_notice_a_change);
    tcase_add_loop_test(tests, c_of_unbounded_errors_compiles, 0, 2);
    tcase_add_loop_test(tests, c_takes_tables, 0, 2);
    tcase_add_test(tests, a_run_s_model_goes_out_and_comes_back);
    tcase_add_test(tests, says_what_is_wrong);
    suite_add_tcase(suite, tests);
    return suite;
}
