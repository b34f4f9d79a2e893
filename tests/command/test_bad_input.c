/* Input that is missing, damaged or does not fit: one sentence, the right exit status, nothing left behind. */
#define _XOPEN_SOURCE 700 /* mkfifo */

#include "command/fixture.h"

#include "support/idx_file.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *bad_input_suite(void);

/* ---- Data ------------------------------------------------------------------------------------- */

/* Each is written as `bad` and given to the option in place of the good file. */
static const struct {
    const char *option;
    idx_file file;
    const char *part; /* of the sentence */
} bad_files[] = {
    {"--data", {0x08, 2, {240, 16}, 60, {0}}, "bad"},                  /* truncated                    */
    {"--data", {0x08, 2, {4, 2}, 9, {0}}, "bad"},                      /* a byte too many              */
    {"--data", {0x08, 2, {4, 2}, 8, {0}}, "240"},                      /* fewer images than labels     */
    {"--data", {0x08, 1, {8}, 8, {0}}, "bad"},                         /* no dimension of inputs       */
    {"--data", {0x08, 0, {0}, 0, {0}}, "bad"},                         /* no dimension at all          */
    {"--data", {0x08, 2, {0, 16}, 0, {0}}, "bad"},                     /* no samples                   */
    {"--data", {0x08, 2, {240, 0}, 0, {0}}, "bad"},                    /* no inputs                    */
    {"--data", {0x08, 2, {0x80000000u, 1}, 64, {0}}, "bad"},           /* 2^31 samples                 */
    {"--data", {0x08, 2, {0xFFFFFFFFu, 0xFFFFFFFFu}, 64, {0}}, "bad"}, /* a product above 2^63        */
    {"--data", {0x08, 3, {0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFFu}, 64, {0}}, "bad"},
    {"--data", {0x0B, 2, {2, 2}, 8, {0}}, "bad"},                     /* 16-bit inputs                */
    {"--data", {0x77, 2, {2, 2}, 4, {0}}, "bad"},                     /* no such type                 */
    {"--labels", {0x08, 2, {8, 8}, 64, {0}}, "bad"},                  /* targets for other samples    */
    {"--labels", {0x08, 3, {8, 4, 2}, 64, {0}}, "bad"},               /* targets in three dimensions  */
    {"--labels", {0x08, 1, {64}, 64, {0}}, "240"},                    /* fewer labels than images     */
    {"--labels", {0x0D, 1, {16}, 64, {0}}, "bad"},                    /* values for other samples     */
    {"--labels", {0x08, 1, {0}, 0, {0}}, "bad"},                      /* no labels                    */
    {"--labels", {0x0C, 1, {1}, 4, {0xFF, 0xFF, 0xFF, 0xFF}}, "bad"}, /* label -1                     */
};

START_TEST(damaged_data_is_refused) {
    const char *path = idx_file_write(&bad_files[_i].file, "bad", false);
    const bool is_data = strcmp(bad_files[_i].option, "--data") == 0;
    assert_refused(run("train", "--recipe", "seed", "--data", is_data ? path : "@images", "--labels",
                       is_data ? "@labels" : path, "--output", "@run"),
                   65, bad_files[_i].part);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES + 1);
}
END_TEST

/* Trains on `bytes` as the inputs. */
static void assert_bytes_refused(const void *bytes, size_t byte_count) {
    scratch_write("bad", bytes, byte_count);
    assert_refused(run("train", "--recipe", "seed", "--data", "@bad", "--labels", "@labels", "--output", "@run"), 65,
                   "bad");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES + 1);
}

START_TEST(what_is_no_idx_file_is_refused) {
    assert_bytes_refused("", 0);
    assert_bytes_refused("sepal,petal\n1,2\n", 16);
    assert_bytes_refused("\0\0\x08", 3);
}
END_TEST

START_TEST(damaged_gzip_is_refused) {
    const idx_file file = {0x08, 2, {4, 16}, 64, {1, 2, 3, 5, 8, 13, 21, 34}};
    size_t byte_count = 0;
    unsigned char *bytes = file_read(idx_file_write(&file, "bad", true), &byte_count);
    assert_bytes_refused(bytes, byte_count - 5); /* cut  */
    bytes[byte_count - 6] ^= 1;                  /* checksum */
    assert_bytes_refused(bytes, byte_count);
    free(bytes);
}
END_TEST

START_TEST(missing_files_are_told_apart) {
    assert_refused(run("train", "--recipe", "seed", "--data", "@none", "--labels", "@labels", "--output", "@run"), 66,
                   "none");
    assert_refused(run("train", "--recipe", "seed", "--data", "@images", "--labels", "@none", "--output", "@run"), 66,
                   "none");
    assert_refused(run(TRAIN, "--valid", "@none", "--valid-labels", "@labels", "--output", "@run"), 66, "none");
    assert_refused(run("evaluate", "--model", "@none", "--data", "@images", "--labels", "@labels"), 66, "none");
    assert_refused(run("predict", "--model", "@none", "--data", "@images"), 66, "none");
    assert_refused(run("inspect", "--model", "@none"), 66, "none");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

/* Two samples of four inputs, the second of class `label`. */
static void write_pair(unsigned char label) {
    const idx_file inputs = {0x08, 2, {2, 4}, 8, {0}}, labels = {0x08, 1, {2}, 2, {0, label}};
    idx_file_write(&inputs, "pair", false);
    idx_file_write(&labels, "pair-labels", false);
}

START_TEST(validation_data_must_fit) {
    write_pair(1);
    assert_refused(run(TRAIN, "--valid", "@pair", "--valid-labels", "@pair-labels", "--output", "@run", "-q"), 65, "");
    ck_assert(!scratch_exists("run"));

    const idx_file inputs = {0x08, 2, {2, 16}, 32, {0}}, labels = {0x08, 1, {2}, 2, {0, FIXTURE_CLASSES}};
    idx_file_write(&inputs, "wide", false);
    idx_file_write(&labels, "wide-labels", false);
    assert_refused(run(TRAIN, "--valid", "@wide", "--valid-labels", "@wide-labels", "--output", "@run", "-q"), 65, "");
    ck_assert(!scratch_exists("run"));
}
END_TEST

/* ---- Models ----------------------------------------------------------------------------------- */

/* A small trained model, and its parts. */
typedef struct model {
    unsigned char *bytes;
    size_t byte_count;
    json_t *header;
    size_t data_start; /* of the tensors in `bytes` */
} model;

static model train_model(void) {
    model made = {0};
    outcome ended = run(TRAIN, "--hidden", "5", "--epochs", "1", "--output", "@run", "--quiet");
    assert_status(&ended, 0);
    outcome_release(&ended);
    made.bytes = file_read(scratch_path("run/model.safetensors"), &made.byte_count);
    size_t header_bytes = 0;
    for (size_t i = 8; i-- > 0;) header_bytes = header_bytes << 8 | made.bytes[i];
    made.data_start = 8 + header_bytes;
    made.header = json_loadb((const char *)made.bytes + 8, header_bytes, 0, NULL);
    ck_assert_ptr_nonnull(made.header);
    return made;
}

static void model_release(model *made) {
    json_decref(made->header);
    free(made->bytes);
}

static void assert_model_refused(const void *bytes, size_t byte_count) {
    scratch_write("bad", bytes, byte_count);
    assert_refused(run("inspect", "--model", "@bad"), 65, "bad");
}

/* Writes the model with its changed header. */
static void assert_header_refused(const model *made, json_t *header) {
    char *text = json_dumps(header, JSON_COMPACT);
    ck_assert_ptr_nonnull(text);
    const size_t length = strlen(text), data_bytes = made->byte_count - made->data_start;
    unsigned char *bytes = malloc(8 + length + data_bytes);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
    memcpy(bytes + 8, text, length);
    memcpy(bytes + 8 + length, made->bytes + made->data_start, data_bytes);
    assert_model_refused(bytes, 8 + length + data_bytes);
    free(bytes);
    free(text);
    json_decref(header);
}

/* A copy of the header whose weights of the first layer have another member. */
static json_t *change_weights(const model *made, const char *member, json_t *value) {
    json_t *header = json_deep_copy(made->header);
    json_t *weights = json_object_get(header, "layers.0.weight");
    ck_assert(json_is_object(weights));
    ck_assert_int_eq(json_object_set_new(weights, member, value), 0);
    return header;
}

START_TEST(damaged_models_are_refused) {
    model made = train_model();
    const json_t *biases = json_object_get(json_object_get(made.header, "layers.0.bias"), "data_offsets");
    assert_model_refused("", 0);
    assert_model_refused("not a model, but long enough to hold a length", 45);
    assert_model_refused(made.bytes, 7);
    assert_model_refused(made.bytes, made.data_start);
    assert_model_refused(made.bytes, made.byte_count - 1);
    assert_header_refused(&made, change_weights(&made, "dtype", json_string("F64")));
    assert_header_refused(&made, change_weights(&made, "dtype", json_integer(32)));
    assert_header_refused(&made, change_weights(&made, "shape", json_pack("[ii]", 1 << 30, 1 << 30)));
    assert_header_refused(&made, change_weights(&made, "shape", json_pack("[ii]", -5, -16)));
    assert_header_refused(&made, change_weights(&made, "data_offsets", json_pack("[ii]", 0, 1 << 30)));
    assert_header_refused(&made, change_weights(&made, "data_offsets", json_deep_copy(biases)));
    assert_header_refused(&made, json_object());

    json_t *header = json_deep_copy(made.header);
    json_object_del(header, "layers.1.bias");
    assert_header_refused(&made, header);

    memset(made.bytes + made.data_start, 0xFF, 4); /* a NaN */
    assert_model_refused(made.bytes, made.byte_count);
    memset(made.bytes, 0xFF, 8); /* a header of 2^64 - 1 bytes */
    assert_model_refused(made.bytes, made.byte_count);
    model_release(&made);
}
END_TEST

/* What EPOCL_KERNEL_DIR holds is for developers, and still no reason to wait or to take all memory. */
START_TEST(kernels_are_small_files) {
    ck_assert_int_eq(setenv("EPOCL_KERNEL_DIR", scratch_path("."), 1), 0);
    ck_assert_int_eq(mkfifo(scratch_path("initialize.cl"), 0600), 0);
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 66, "initialize.cl: is a pipe");
    ck_assert_int_eq(remove(scratch_path("initialize.cl")), 0);
    scratch_write("initialize.cl", "", 0);
    ck_assert_int_eq(truncate(scratch_path("initialize.cl"), (off_t)1 << 32), 0);
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 65, "initialize.cl: is larger than");
    ck_assert_int_eq(remove(scratch_path("initialize.cl")), 0);
    scratch_write("initialize.cl", "#include \"no_such_file.cl\"\n", 27);
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 2, "no kernel file is called 'no_such_file'");
    unsetenv("EPOCL_KERNEL_DIR");
}
END_TEST

START_TEST(model_and_data_must_fit) {
    model made = train_model();
    write_pair(1);
    assert_refused(run("predict", "--model", "@run/model.safetensors", "--data", "@pair"), 65, "16");
    assert_refused(run("evaluate", "--model", "@run/model.safetensors", "--data", "@pair", "--labels", "@pair-labels"),
                   65, "16");
    model_release(&made);
}
END_TEST

Suite *bad_input_suite(void) {
    Suite *suite = suite_create("bad_input");
    TCase *data = tcase_create("data");
    tcase_add_checked_fixture(data, fixture_create_plain, fixture_remove);
    tcase_add_loop_test(data, damaged_data_is_refused, 0, sizeof bad_files / sizeof *bad_files);
    tcase_add_test(data, what_is_no_idx_file_is_refused);
    tcase_add_test(data, damaged_gzip_is_refused);
    tcase_add_test(data, missing_files_are_told_apart);
    tcase_add_test(data, validation_data_must_fit);
    suite_add_tcase(suite, data);
    TCase *models = tcase_create("models");
    tcase_add_checked_fixture(models, fixture_create_plain, fixture_remove);
    tcase_add_test(models, damaged_models_are_refused);
    tcase_add_test(models, kernels_are_small_files);
    tcase_add_test(models, model_and_data_must_fit);
    suite_add_tcase(suite, models);
    return suite;
}
