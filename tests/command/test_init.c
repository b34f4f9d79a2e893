/* Runs that begin from a model. */
#include "command/fixture.h"
#include "command/flats.h"

#include "epocl.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *init_suite(void);

#define BASE  TRAIN, "--hidden", "9,5", "--activation", "tanh,relu", "--cost", "softmax-cross-entropy", "--epochs", "2"
#define TUNED TRAIN, "--init", "@base", "--epochs", "3", "--learning-rate", "0.1"

static void setup(void) {
    fixture_create_plain();
    outcome ended = run(BASE, "--normalize", "minmax", "--output", "@base", "--quiet");
    assert_status(&ended, 0);
    outcome_release(&ended);
}

static void expect_words(outcome ended, int status, const char *part) {
    assert_status(&ended, status);
    assert_contains(ended.err, part);
    outcome_release(&ended);
}

static epocl_network *model_of(const char *run_name) {
    char name[64];
    epocl_network *network = NULL;
    snprintf(name, sizeof name, "%s/model.safetensors", run_name);
    ck_assert_msg(epocl_network_load(scratch_path(name), &network) == EPOCL_OK, "%s", epocl_last_error());
    return network;
}

static bool is_same_layer(const epocl_network *a, const epocl_network *b, size_t l) {
    const size_t inputs = l ? epocl_network_output_count(a, l - 1) : epocl_network_input_count(a);
    const size_t count = inputs * epocl_network_output_count(a, l);
    return memcmp(epocl_network_weights(a, l), epocl_network_weights(b, l), count * sizeof(float)) == 0;
}

static void assert_same_model(const char *one, const char *other) {
    char name[64];
    size_t a_count = 0, b_count = 0;
    snprintf(name, sizeof name, "%s/model.safetensors", one);
    char *a = (char *)file_read(scratch_path(name), &a_count);
    snprintf(name, sizeof name, "%s/model.safetensors", other);
    char *b = (char *)file_read(scratch_path(name), &b_count);
    ck_assert(a_count == b_count && memcmp(a, b, a_count) == 0);
    free(b);
    free(a);
}

/* Everything that describes the network is the file's; frozen layers are its bytes. */
START_TEST(a_run_begins_from_a_model) {
    fixture_choose();
    expect_words(run(TUNED, "--freeze", "1", "--output", "@run"), 0, "16-9-5-3");
    epocl_network *base = model_of("base"), *tuned = model_of("run");
    ck_assert_str_eq(epocl_network_activation(tuned), "tanh,relu");
    ck_assert_str_eq(epocl_network_cost(tuned), "softmax-cross-entropy");
    ck_assert_str_eq(epocl_network_normalization(tuned), "minmax");
    ck_assert(is_same_layer(base, tuned, 0));
    ck_assert(!is_same_layer(base, tuned, 1));
    ck_assert(!is_same_layer(base, tuned, 2));
    epocl_network_release(tuned);
    epocl_network_release(base);
    json_t *config = json_load_file(scratch_path("run/config.json"), 0, NULL);
    const json_t *kept = json_object_get(config, "settings");
    ck_assert_str_eq(text_of(kept, "normalize"), "minmax");
    ck_assert_str_eq(text_of(kept, "freeze"), "1");
    ck_assert_uint_eq(json_array_size(json_object_get(kept, "hidden")), 2);
    json_decref(config);
}
END_TEST

START_TEST(another_number_of_classes_makes_a_new_output_layer) {
    expect_words(run(TUNED, "--classes", "5", "--freeze", "2", "--output", "@run"), 0,
                 "has 3 outputs, and 5 are wanted: its hidden layers are kept, the output layer is drawn anew");
    epocl_network *base = model_of("base"), *tuned = model_of("run");
    ck_assert_uint_eq(epocl_network_output_count(tuned, 2), 5);
    ck_assert(is_same_layer(base, tuned, 0));
    ck_assert(is_same_layer(base, tuned, 1));
    epocl_network_release(tuned);
    epocl_network_release(base);
}
END_TEST

/* To the same bytes as without a stop, and without the file. */
START_TEST(it_goes_on_without_the_file) {
    static const char *const classes[] = {"3", "5"};
    expect_words(run(TUNED, "--freeze", "1-1", "--classes", classes[_i], "--output", "@whole"), 0, "done after 3");
    expect_words(run(TRAIN, "--init", "@base/best.safetensors", "--output", "@run"), 66, "best.safetensors");
    expect_words(run(TRAIN, "--init", "@base/model.safetensors", "--epochs", "1", "--learning-rate", "0.1", "--freeze",
                     "1-1", "--classes", classes[_i], "--output", "@run"),
                 0, "done after 1");
    ck_assert_int_eq(rename(scratch_path("base"), scratch_path("gone")), 0);
    expect_words(run("train", "--resume", "@run", "--epochs", "3"), 0, "done after 3");
    assert_same_model("whole", "run");
}
END_TEST

/* Words behind the units are the same run as a list of activations, and contradict another. */
START_TEST(units_have_their_activations) {
    expect_words(run(TRAIN, "--hidden", "9:tanh,5:relu", "--cost", "softmax-cross-entropy", "--epochs", "2",
                     "--normalize", "minmax", "--output", "@run"),
                 0, "16-9-5-3");
    assert_same_model("base", "run");
    expect_words(run("train", "--resume", "@run", "--hidden", "9:tanh,5:relu"), 0, "done");
    assert_refused(run("train", "--resume", "@run", "--hidden", "9:tanh,5:tanh", "--quiet"), 2,
                   "--activation tanh: the run in");
    assert_refused(run(TRAIN, "--hidden", "9:tanh,5:relu", "--activation", "relu", "--output", "@no"), 2,
                   "--activation and the words of --hidden contradict each other: relu and tanh,relu");
    assert_refused(run(TRAIN, "--activation", "relu", "--hidden", "9:tanh,5:relu", "--output", "@no"), 2,
                   "--activation and the words of --hidden contradict each other: relu and tanh,relu");
    expect_words(run(TRAIN, "--activation", "relu", "--hidden", "9x2:relu", "--activation", "relu", "--dry-run"), 0,
                 "");
    expect_words(run(TRAIN, "--hidden", "9:relu", "--hidden", "8:tanh", "--dry-run"), 0, "");
    assert_refused(run(TRAIN, "--hidden", "9:rleu", "--dry-run", "--quiet"), 2, "did you mean 'relu'?");
}
END_TEST

START_TEST(what_does_not_fit_is_refused) {
    static const struct {
        const char *words[2], *part;
    } cases[] = {{{"--hidden", "9"}, "--hidden 9: the network of --init"},
                 {{"--activation", "relu"}, "has tanh,relu; leave the option out"},
                 {{"--cost", "squared"}, "has softmax-cross-entropy"},
                 {{"--normalize", "none"}, "has minmax"},
                 {{"--classes", "2"}, "2 outputs do not suffice"},
                 {{"--freeze", "3"}, "nothing to train"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(run(TUNED, cases[i].words[0], cases[i].words[1], "--output", "@run", "--quiet"), 2,
                       cases[i].part);
    expect_words(run(TUNED, "--hidden", "9,5", "--cost", "auto", "--normalize", "minmax", "--dry-run"), 0, "");
    ck_assert(!scratch_exists("run"));

    unsigned char images[] = {0, 0, 8, 2, 0, 0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6};
    unsigned char labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2};
    scratch_write("images", images, sizeof images);
    scratch_write("labels", labels, sizeof labels);
    assert_refused(run(TUNED, "--output", "@run", "--quiet"), 65,
                   "it takes 16 inputs, and the data set has 2 values a sample");
    scratch_write("base/model.safetensors", images, sizeof images);
    assert_refused(run(TUNED, "--output", "@run", "--quiet"), 65, "base/model.safetensors");
}
END_TEST

/* ---- Models of other programs --------------------------------------------------------------------- */

/* Frozen, the layers below are those of the model, whichever file it came in. */
START_TEST(files_of_others_begin_a_run) {
    static const char *const files[] = {"@net.onnx", "@net.safetensors"};
    expect_words(run("export", "@base", "--output", files[_i]), 0, "");
    expect_words(run(TRAIN, "--init", files[_i], "--freeze", "0-1", "--epochs", "1", "--output", "@run"), 0,
                 "16-9-5-3, ");
    epocl_network *base = model_of("base"), *tuned = model_of("run");
    ck_assert_str_eq(epocl_network_activation(tuned), "tanh,relu");
    ck_assert_str_eq(epocl_network_cost(tuned), "softmax-cross-entropy");
    ck_assert(is_same_layer(base, tuned, 1));
    ck_assert(!is_same_layer(base, tuned, 2));
    epocl_network_release(tuned);
    epocl_network_release(base);
    expect_words(run("train", "--resume", "@run", "--epochs", "2"), 0, "done after 2");
}
END_TEST

/* 16-4-3 as PyTorch writes it: weights of 0.5, no biases, and nothing that says what is computed. */
static void write_bare(const char *name) {
    enum { WEIGHTS = 16 * 4 + 4 * 3 };
    static const char header[] = "{\"0.weight\":{\"dtype\":\"F32\",\"shape\":[4,16],\"data_offsets\":[0,256]},"
                                 "\"2.weight\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[256,304]}}";
    unsigned char bytes[8 + sizeof header - 1 + WEIGHTS * sizeof(float)] = {sizeof header - 1};
    const float weight = 0.5f;
    memcpy(bytes + 8, header, sizeof header - 1);
    for (size_t i = 0; i < WEIGHTS; i++)
        memcpy(bytes + 8 + sizeof header - 1 + i * sizeof weight, &weight, sizeof weight);
    scratch_write(name, bytes, sizeof bytes);
}

START_TEST(what_a_file_leaves_open_is_given) {
    write_bare("net.safetensors");
    assert_refused(run(TRAIN, "--init", "@net.safetensors", "--output", "@run", "--quiet"), 2, "give its activation");
    expect_words(run(TRAIN, "--init", "@net.safetensors", "--activation", "tanh", "--normalize", "minmax", "--epochs",
                     "1", "--freeze", "1", "--output", "@run"),
                 0, "16-4-3, 83 parameters, tanh, cross-entropy, normalization minmax");
    epocl_network *tuned = model_of("run");
    ck_assert(epocl_network_weights(tuned, 0)[63] == 0.5f);
    epocl_network_release(tuned);
    assert_refused(run("predict", "--model", "@net.safetensors", "--data", "@images"), 65, "epocl import makes one");
}
END_TEST

/* ---- Models of tables ----------------------------------------------------------------------------- */

#define FROM_TABLE "train", "--init", "@table", "--epochs", "2", "--ignore", "nr", "--output", "@run"

/* A model takes its own columns of any table that has them, and says what keeps it from another. */
START_TEST(a_table_s_model_begins_a_run) {
    static const char codes[] = "nr,area,kind,quarter,rooms,price\n1,70,1,2,3,200\n2,80,2,2,4,250\n3,90,1,1,3,300\n";
    /* Two prices, which would be classes if the model did not say that they are a number. */
    static const char two[] = "nr,area,kind,quarter,rooms,price\n1,70,1,2,3,200\n2,80,2,2,4,250\n3,90,1,1,3,200\n";
    static const char few[] = "nr,area,price\n1,70,200\n2,80,250\n3,90,300\n";
    flats_write("flats.csv", true, 0, FLATS);
    flats_write("turned.csv", false, FLATS, NEW_FLATS);
    scratch_write("codes.csv", codes, sizeof codes - 1);
    scratch_write("two.csv", two, sizeof two - 1);
    scratch_write("few.csv", few, sizeof few - 1);
    expect_words(run("train", "@flats.csv", "--ignore", "nr,dear", "--target", "price", "--hidden", "8", "--epochs",
                     "2", "--output", "@table"),
                 0, "");
    expect_words(run(FROM_TABLE, "@turned.csv", "--target", "price", "--freeze", "1"), 0,
                 "is no input of the model: left out");
    epocl_network *base = model_of("table"), *tuned = model_of("run");
    ck_assert(is_same_layer(base, tuned, 0) && !is_same_layer(base, tuned, 1));
    epocl_network_release(tuned);
    epocl_network_release(base);
    expect_words(run("train", "--resume", "@run", "--epochs", "3"), 0, "done after 3");
    /* What looks like numbers is read as the categories that the model knows. */
    expect_words(run(FROM_TABLE, "@codes.csv", "--target", "price", "--force", "--task", "regression"), 0, "kind  ");
    expect_words(run(FROM_TABLE, "@two.csv", "--target", "price", "--force"), 0, "done after");
    const struct {
        const char *file, *target, *task, *part;
    } cases[] = {{"@flats.csv", "area", "regression", "the model predicts 'price', not 'area'"},
                 {"@flats.csv", "price", "classification", "predicts 'price' as a number: say so by --task regression"},
                 {"@few.csv", "price", "regression", "few.csv: the model takes a column that is missing: "}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(
            run(FROM_TABLE, "--force", "--quiet", cases[i].file, "--target", cases[i].target, "--task", cases[i].task),
            65, cases[i].part);
    assert_refused(run("train", "--init", "@base", "--quiet", "@few.csv", "--target", "price", "--output", "@no"), 65,
                   "was not trained on one");
    assert_refused(run(TRAIN, "--init", "@table", "--quiet", "--output", "@no"), 65,
                   "it takes a table's columns, and the data set was not encoded for it");
}
END_TEST

Suite *init_suite(void) {
    Suite *suite = suite_create("init");
    TCase *from = tcase_create("from a model");
    tcase_add_checked_fixture(from, setup, fixture_remove);
    tcase_add_test(from, a_run_begins_from_a_model);
    tcase_add_test(from, another_number_of_classes_makes_a_new_output_layer);
    tcase_add_loop_test(from, it_goes_on_without_the_file, 0, 2);
    tcase_add_test(from, units_have_their_activations);
    tcase_add_test(from, what_does_not_fit_is_refused);
    tcase_add_loop_test(from, files_of_others_begin_a_run, 0, 2);
    tcase_add_test(from, what_a_file_leaves_open_is_given);
    tcase_add_test(from, a_table_s_model_begins_a_run);
    suite_add_tcase(suite, from);
    return suite;
}
