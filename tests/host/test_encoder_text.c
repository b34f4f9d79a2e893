/* The text and numbers of an encoder in a model file: what is read, and that damage is refused. */
#include "data/encoder/encoder.h"
#include "model/network.h"
#include "support/damage.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *encoder_text_suite(void);

/* A file of more outputs than its encoder has classes. */
/* Saves a network without hidden layers whose inputs that text, with its numbers, makes. */
static void save_encoded(const char *text, const float *numbers, size_t number_count, const size_t counts[2],
                         const char *cost, const char *file) {
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "relu", cost, NULL), EPOCL_OK);
    ck_assert_int_eq(encoder_read_text(text, strlen(text), numbers, number_count, &network->encoder), EPOCL_OK);
    network->normalization = NETWORK_ENCODED;
    network->has_parameters = true;
    ck_assert_int_eq(epocl_network_save(network, scratch_path(file)), EPOCL_OK);
    epocl_network_release(network);
}

START_TEST(a_file_has_as_many_outputs_as_classes) {
    static const char text[] = "{\"columns\":[{\"kind\":\"category\",\"levels\":[\"a\",\"b\"],\"name\":\"c\","
                               "\"rest\":false}],\"targets\":[\"y\"],\"classes\":[\"no\",\"yes\"],\"id\":null}";
    static const float numbers[] = {0, 1, 0, 0};
    for (size_t outputs = 2; outputs < 4; outputs++) {
        const size_t counts[] = {1, outputs};
        epocl_network *loaded = NULL;
        save_encoded(text, numbers, 4, counts, "softmax-cross-entropy", "model");
        const epocl_status status = epocl_network_load(scratch_path("model"), &loaded);
        ck_assert_msg(status == (outputs == 2 ? EPOCL_OK : EPOCL_ERROR_DATA), "%s", epocl_last_error());
        if (outputs == 3) ck_assert_ptr_nonnull(strstr(epocl_last_error(), "its encoder has 2 classes for 3 outputs"));
        epocl_network_release(loaded);
    }
}
END_TEST

static void assert_text_refused(const char *text, const float *numbers, size_t number_count, const char *part) {
    encoder *e = (encoder *)&e;
    ck_assert_int_eq(encoder_read_text(text, strlen(text), numbers, number_count, &e), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(e);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "%s: '%s' does not say '%s'", text, epocl_last_error(),
                  part);
}

START_TEST(damaged_texts_are_refused) {
#define TEXT(columns) "{\"columns\":[" columns "],\"targets\":[\"y\"],\"classes\":[\"a\",\"b\"]}"
#define NUMBER(rest)  "{\"name\":\"x\",\"kind\":\"number\",\"missing\":false," rest "}"
    static const float numbers[] = {1, 2, -1, 1, 0, 1, 0, 0}, falling[] = {2, 1, -1, 1, 0, 1, 0, 0},
                       turned[] = {1, 2, 1, -1, 0, 1, 0, 0}, infinite[] = {1, INFINITY, -1, 1, 0, 1, 0, 0},
                       flat[] = {1, 2, -1, 1, 0, 0, 0, 0}, crossed[] = {1, 2, -1, 1, 0, 1, 2, 1};
    encoder *e = NULL;
    const char good[] = TEXT(NUMBER("\"knots\":2,\"edges\":0"));
    ck_assert_int_eq(encoder_read_text(good, sizeof good - 1, numbers, 8, &e), EPOCL_OK);
    encoder_release(e);
    assert_text_refused(good, numbers, 7, "lacks numbers");
    assert_text_refused(good, falling, 8, "do not rise");
    assert_text_refused(good, turned, 8, "do not rise");
    assert_text_refused(good, infinite, 8, "not finite");
    assert_text_refused(good, flat, 8, "contradict each other");
    assert_text_refused(good, crossed, 8, "contradict each other");
    assert_text_refused("", numbers, 8, "is no such text");
    assert_text_refused("[]", numbers, 8, "is no such text");
    assert_text_refused("{\"columns\":[],\"targets\":[\"y\"]}", numbers, 8, "has no columns");
    assert_text_refused("{\"columns\":[{}],\"targets\":[\"y\"],\"classes\":[\"a\"]}", numbers, 8, "is no such text");
    assert_text_refused(TEXT("3"), numbers, 8, "without name or kind");
    assert_text_refused(TEXT("{\"name\":\"x\",\"kind\":\"colour\"}"), numbers, 8, "unknown kind");
    assert_text_refused(TEXT(NUMBER("\"knots\":1,\"edges\":0")), numbers, 8, "no column of numbers");
    assert_text_refused(TEXT(NUMBER("\"knots\":1001,\"edges\":0")), numbers, 8, "no column of numbers");
    assert_text_refused(TEXT(NUMBER("\"knots\":-2,\"edges\":0")), numbers, 8, "no column of numbers");
    assert_text_refused(TEXT(NUMBER("\"knots\":2,\"edges\":2")), numbers, 8, "no column of numbers");
    assert_text_refused(TEXT(NUMBER("\"knots\":2,\"edges\":18")), numbers, 8, "no column of numbers");
    assert_text_refused(TEXT("{\"name\":\"x\",\"kind\":\"category\",\"levels\":[],\"rest\":true}"), numbers, 4,
                        "is no category");
    assert_text_refused(TEXT("{\"name\":\"x\",\"kind\":\"category\",\"levels\":[3],\"rest\":true}"), numbers, 4,
                        "is no text");
    assert_text_refused(TEXT("{\"name\":\"x\",\"kind\":\"category\",\"levels\":[\"a\"],\"rest\":1}"), numbers, 4,
                        "is no category");
    assert_text_refused(TEXT("{\"name\":\"x\",\"kind\":\"category\",\"levels\":[\"a\"],\"rest\":true}"), numbers, 8,
                        "4 numbers too many");
    assert_text_refused("{\"columns\":[{}],\"targets\":[\"y\",\"z\"],\"classes\":[\"a\",\"b\"]}", numbers, 8,
                        "is no such text");
#undef NUMBER
#undef TEXT
}
END_TEST

static size_t accepted_count;

/* Refused as damaged, or a network in good order. */
static void expect_refused_or_sound(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const epocl_status status = epocl_network_load(scratch_write("changed", bytes, byte_count), &network);
    ck_assert_msg(status == EPOCL_OK || status == EPOCL_ERROR_DATA, "%s", epocl_last_error());
    ck_assert((status == EPOCL_OK) == (network != NULL));
    if (!network) return;
    accepted_count++;
    ck_assert_uint_eq(network->encoder->input_count, network->layers[0].input_count);
    for (size_t i = 0; i < network->encoder->input_count; i++)
        ck_assert_uint_lt(network->encoder->inputs[i].source, network->encoder->source_count);
    epocl_network_release(network);
}

/* A model of one number and one category, small enough to try every byte. */
static unsigned char *small_model(size_t *byte_count) {
    static const char text[] = "{\"columns\":[{\"edges\":0,\"kind\":\"number\",\"knots\":2,\"missing\":true,\"name\":"
                               "\"x\"},{\"kind\":\"category\",\"levels\":[\"a\",null],\"name\":\"c\",\"rest\":false}],"
                               "\"targets\":[\"y\"],\"classes\":[],\"id\":null}";
    static const float numbers[] = {1, 2, -1, 1, 0, 1, 0, 1};
    const size_t counts[] = {3, 1};
    save_encoded(text, numbers, 8, counts, "squared", "small");
    return file_read(scratch_path("small"), byte_count);
}

START_TEST(a_damaged_file_is_refused_or_sound) {
    size_t byte_count = 0;
    unsigned char *bytes = small_model(&byte_count);
    accepted_count = 0;
    damage_each_length(bytes, byte_count, expect_refused_or_sound);
    ck_assert_uint_eq(accepted_count, 0);
    damage_each_byte(bytes, byte_count, expect_refused_or_sound);
    ck_assert_uint_gt(accepted_count, 0);
    free(bytes);
}
END_TEST

Suite *encoder_text_suite(void) {
    Suite *suite = suite_create("encoder_text");
    TCase *tests = tcase_create("encoder_text");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, a_file_has_as_many_outputs_as_classes);
    tcase_add_test(tests, damaged_texts_are_refused);
    tcase_add_test(tests, a_damaged_file_is_refused_or_sound);
    suite_add_tcase(suite, tests);
    return suite;
}
