/* IDX files, good and bad. Files cut or changed byte by byte are in test_idx_damage.c. */
#include "base/status.h"
#include "data/dataset.h"
#include "support/gzip_member.h"
#include "support/idx_file.h"
#include "support/scratch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *idx_suite(void);

enum { U8 = 0x08, I8 = 0x09, I16 = 0x0B, I32 = 0x0C, F32 = 0x0D, F64 = 0x0E, UNKNOWN = 0x0A };

static const idx_file small_images = {U8, 3, {2, 2, 3}, 12, {0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255}};
static const idx_file small_labels = {U8, 1, {2}, 2, {3, 0}};

/* Loading must fail with this status, a text that starts with `path` and holds `part`, and no data set. */
static void expect_refused(const char *inputs, const char *labels, epocl_status expected, const char *path,
                           const char *part) {
    epocl_dataset *dataset = (epocl_dataset *)&expected;
    const epocl_status status = epocl_dataset_load(inputs, labels, &dataset);
    const char *text = epocl_last_error();
    ck_assert_msg(status == expected, "%s instead of %s: %s", epocl_status_name(status), epocl_status_name(expected),
                  status == EPOCL_OK ? part : text);
    ck_assert_ptr_null(dataset);
    ck_assert_msg(strncmp(text, path, strlen(path)) == 0 && strncmp(text + strlen(path), ": ", 2) == 0, "%s", text);
    ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in '%s'", part, text);
    ck_assert_msg(strchr(text, '\n') == NULL, "%s", text);
}

START_TEST(bytes_and_labels_are_read) {
    for (int gzip = 0; gzip < 2; gzip++) {
        epocl_dataset *dataset = NULL;
        const char *images = idx_file_write(&small_images, "images", gzip);
        const char *labels = idx_file_write(&small_labels, "labels", gzip);
        ck_assert_msg(epocl_dataset_load(images, labels, &dataset) == EPOCL_OK, "%s", epocl_last_error());
        ck_assert_uint_eq(epocl_dataset_sample_count(dataset), 2);
        ck_assert_uint_eq(epocl_dataset_input_count(dataset), 6);
        ck_assert_uint_eq(epocl_dataset_class_count(dataset), 4);
        ck_assert_int_eq(dataset->type, INPUT_BYTES);
        ck_assert_mem_eq(dataset->inputs, small_images.payload, 12);
        ck_assert_uint_eq(dataset->labels[0], 3);
        ck_assert_uint_eq(dataset->labels[1], 0);
        epocl_dataset_release(dataset);
    }
}
END_TEST

START_TEST(floats_are_read_big_endian) {
    const idx_file floats = {F32, 2, {2, 2}, 16, {0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 0x7F, 0xFF, 0xFF}};
    const float expected[] = {1.5f, -2.0f, 1.40129846e-45f, 3.40282347e38f};
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_load(idx_file_write(&floats, "floats", 0), NULL, &dataset), EPOCL_OK);
    ck_assert_int_eq(dataset->type, INPUT_FLOATS);
    ck_assert_uint_eq(epocl_dataset_class_count(dataset), 0);
    ck_assert_ptr_null(dataset->labels);
    ck_assert_mem_eq(dataset->inputs, expected, sizeof expected);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(every_integer_type_gives_labels) {
    static const struct {
        idx_file file;
        uint32_t expected[2];
    } cases[] = {
        {{U8, 1, {2}, 2, {255, 7}}, {255, 7}},
        {{I8, 1, {2}, 2, {127, 7}}, {127, 7}},
        {{I16, 1, {2}, 4, {0x7F, 0xFF, 0, 7}}, {32767, 7}},
        {{I32, 1, {2}, 8, {0, 0x0F, 0xFF, 0xFF, 0, 0, 0, 7}}, {DATASET_MAX_CLASSES - 1, 7}},
    };
    const char *images = idx_file_write(&small_images, "images", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        epocl_dataset *dataset = NULL;
        ck_assert_int_eq(epocl_dataset_load(images, idx_file_write(&cases[i].file, "labels", 0), &dataset), EPOCL_OK);
        ck_assert_mem_eq(dataset->labels, cases[i].expected, sizeof cases[i].expected);
        ck_assert_uint_eq(dataset->class_count, (size_t)cases[i].expected[0] + 1);
        epocl_dataset_release(dataset);
    }
}
END_TEST

typedef struct bad_file {
    idx_file file;
    const char *part; /* of the error text */
} bad_file;

START_TEST(bad_inputs_are_refused) {
    static const bad_file cases[] = {
        {{U8, 3, {0, 2, 3}, 0, {0}}, "holds no samples"},
        {{U8, 3, {2, 0, 3}, 0, {0}}, "dimension 2 is 0"},
        {{U8, 3, {2, 3, 0}, 0, {0}}, "dimension 3 is 0"},
        {{U8, 1, {4}, 4, {0}}, "has 1 dimension, inputs have at least 2"},
        {{U8, 0, {0}, 0, {0}}, "has 0 dimensions, inputs have at least 2"},
        {{I8, 2, {2, 2}, 4, {0}}, "holds 8-bit signed integers"},
        {{I16, 2, {2, 2}, 8, {0}}, "holds 16-bit integers"},
        {{I32, 2, {2, 2}, 16, {0}}, "holds 32-bit integers"},
        {{F64, 2, {2, 1}, 16, {0}}, "holds 64-bit floats"},
        {{UNKNOWN, 2, {2, 2}, 4, {0}}, "type 0x0A is none that IDX files have"},
        {{U8, 2, {2, 3}, 5, {0}}, "truncated"},
        {{U8, 2, {2, 3}, 7, {0}}, "trailing bytes"},
        {{F32, 2, {2, 1}, 7, {0}}, "truncated"},
        {{F32, 2, {2, 1}, 9, {0}}, "trailing bytes"},
        {{U8, 2, {0x7FFFFFFF, 1}, 5, {0}}, "truncated"},
        {{U8, 2, {0x80000000, 1}, 5, {0}}, "truncated"},
        {{U8, 2, {0xFFFFFFFF, 1}, 5, {0}}, "declares 4294967295 samples"},
        {{U8, 2, {1, 0x80000000}, 5, {0}}, "values a sample"},
        {{U8, 2, {1, 0xFFFFFFFF}, 5, {0}}, "values a sample"},
        {{U8, 3, {2, 0x10000, 0x10000}, 5, {0}}, "values a sample"},
        {{U8, 5, {2, 0x80000000, 0x80000000, 4, 1}, 5, {0}}, "values a sample"},
        {{F32, 2, {2, 2}, 16, {0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 0xC0}},
         "input 0 of sample 1 (both counted from 0) is NaN"},
        {{F32, 2, {2, 2}, 16, {0, 0, 0, 0, 0xFF, 0x80}}, "input 1 of sample 0 (both counted from 0) is infinite"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int gzip = 0; gzip < 2; gzip++) {
            const char *path = idx_file_write(&cases[i].file, "bad", gzip);
            expect_refused(path, NULL, EPOCL_ERROR_DATA, path, cases[i].part);
        }
    }
}
END_TEST

START_TEST(bad_labels_are_refused) {
    static const bad_file cases[] = {
        {{U8, 1, {0}, 0, {0}}, "holds no samples"},
        {{U8, 3, {2, 1, 1}, 2, {0}}, "has 3 dimensions, targets have 1 (a label or a value each) or 2"},
        {{U8, 0, {0}, 0, {0}}, "has 0 dimensions, targets have 1"},
        {{F64, 1, {2}, 16, {0}}, "holds 64-bit floats (type 0x0E); targets must be integers of 8, 16 or 32 bits"},
        {{F32, 1, {2}, 8, {0x7F, 0x80}}, "target 0 of sample 0 (both counted from 0) is infinite"},
        {{F32, 2, {2, 2}, 16, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xC0}}, "target 1 of sample 1 (both"},
        {{U8, 2, {2, 2}, 4, {0, 1, 2, 0}}, "a 0 or a 1 for each output, and this has 2 at sample 1; class labels"},
        {{I8, 2, {2, 1}, 2, {0, 0xFF}}, "this has -1 at sample 1"},
        {{F32, 2, {3, 1}, 12, {0}}, "holds 3 targets, but there are 2 samples"},
        {{U8, 2, {2, 0x200000}, 4, {0}}, "truncated"},
        {{U8, 1, {2}, 1, {0}}, "truncated"},
        {{U8, 1, {2}, 3, {0}}, "trailing bytes"},
        {{U8, 1, {0xFFFFFFFF}, 2, {0}}, "declares 4294967295 samples"},
        {{I8, 1, {2}, 2, {1, 0xFF}}, "label -1 of sample 1"},
        {{I16, 1, {2}, 4, {0x80, 0, 0, 0}}, "label -32768 of sample 0"},
        {{I32, 1, {2}, 8, {0, 0, 0, 0, 0x80, 0, 0, 0}}, "label -2147483648 of sample 1"},
        {{I32, 1, {2}, 8, {0, 0x10, 0, 0, 0, 0, 0, 0}}, "label 1048576 of sample 0"},
        {{U8, 1, {3}, 3, {0}}, "holds 3 labels, but "},
        {{U8, 1, {1}, 1, {0}}, "there are 2 samples"},
    };
    const char *images = idx_file_write(&small_images, "images", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        images = scratch_path("images");
        const char *path = idx_file_write(&cases[i].file, "bad", i % 2);
        expect_refused(images, path, EPOCL_ERROR_DATA, path, cases[i].part);
    }
}
END_TEST

/* Values, told from labels by what is in the file. */
START_TEST(floats_and_matrices_are_values) {
    static const struct {
        idx_file file;
        size_t value_count;
        float expected[4];
    } cases[] = {
        {{F32, 1, {2}, 8, {0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0}}, 1, {1.5f, -2.0f}},
        {{F32, 2, {2, 1}, 8, {0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0}}, 1, {1.5f, -2.0f}},
        {{F32, 2, {2, 2}, 16, {0, 0, 0, 0, 0x3F, 0x80, 0, 0, 0, 0, 0, 0, 0xBF, 0x80}}, 2, {0, 1, 0, -1}},
        {{U8, 2, {2, 2}, 4, {0, 1, 1, 1}}, 2, {0, 1, 1, 1}},
        {{I32, 2, {2, 1}, 8, {0, 0, 0, 0, 0, 0, 0, 1}}, 1, {0, 1}},
    };
    const char *images = idx_file_write(&small_images, "images", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        epocl_dataset *dataset = NULL;
        ck_assert_int_eq(epocl_dataset_load(images, idx_file_write(&cases[i].file, "targets", i % 2), &dataset),
                         EPOCL_OK);
        ck_assert_uint_eq(epocl_dataset_value_count(dataset), cases[i].value_count);
        ck_assert_uint_eq(epocl_dataset_class_count(dataset), 0);
        ck_assert_ptr_null(dataset->labels);
        ck_assert_mem_eq(dataset->values, cases[i].expected, 2 * cases[i].value_count * sizeof(float));
        ck_assert(dataset_is_of_answers(dataset) == (i >= 3));
        epocl_dataset_release(dataset);
    }
}
END_TEST

START_TEST(weights_are_read_for_each_sample) {
    static const struct {
        idx_file file;
        const char *part; /* of the error text; NULL: accepted */
    } cases[] = {
        {{F32, 1, {2}, 8, {0x3F, 0xC0}}, NULL},
        {{F32, 1, {3}, 12, {0}}, "holds 3 weights, but there are 2 samples"},
        {{F32, 2, {2, 1}, 8, {0}}, "has 2 dimensions, weights have exactly 1"},
        {{U8, 1, {2}, 2, {1, 1}}, "holds 8-bit unsigned integers (type 0x08); weights must be 32-bit floats"},
        {{F32, 1, {2}, 8, {0x3F, 0x80, 0, 0, 0xBF, 0x80}}, "the weight of sample 1 (counted from 0) must be a finite"},
        {{F32, 1, {2}, 8, {0x7F, 0x80}}, "the weight of sample 0 (counted from 0) must be a finite"},
        {{F32, 1, {2}, 8, {0}}, "the weights of all samples are 0"},
        {{F32, 1, {2}, 7, {0}}, "truncated"},
    };
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_load(idx_file_write(&small_images, "images", 0), NULL, &dataset), EPOCL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = idx_file_write(&cases[i].file, "weights", i % 2);
        const epocl_status status = epocl_dataset_load_weights(dataset, path);
        ck_assert_int_eq(status, cases[i].part ? EPOCL_ERROR_DATA : EPOCL_OK);
        const float expected[] = {1.5f, 0.0f}; /* those of the first stay */
        ck_assert_mem_eq(dataset->weights, expected, sizeof expected);
        if (!cases[i].part) continue;
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part) &&
                          strstr(epocl_last_error(), path) == epocl_last_error(),
                      "%s", epocl_last_error());
    }
    ck_assert_int_eq(epocl_dataset_load_weights(dataset, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_dataset_load_weights(dataset, scratch_path("missing")), EPOCL_ERROR_NO_INPUT);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(other_files_are_refused) {
    static const struct {
        const char *bytes;
        size_t byte_count;
    } cases[] = {{"", 0}, {"\0\0\x08", 3}, {"P5\n28 28\n255\n", 13}, {"\0\1\x08\2", 4}, {"\x1f", 1}, {"PK\3\4", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = scratch_write("other", cases[i].bytes, cases[i].byte_count);
        expect_refused(path, NULL, EPOCL_ERROR_DATA, path, "not an IDX file");
    }
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member("a,b,c\n", 6, &gzip_count);
    const char *path = scratch_write("other", gzip, gzip_count);
    expect_refused(path, NULL, EPOCL_ERROR_DATA, path, "not an IDX file");
    free(gzip);
}
END_TEST

START_TEST(what_cannot_be_opened_is_no_input) {
    const char *path = scratch_path("missing");
    expect_refused(path, NULL, EPOCL_ERROR_NO_INPUT, path, "No such file");
    expect_refused(idx_file_write(&small_images, "images", 0), path, EPOCL_ERROR_NO_INPUT, path, "No such file");

    path = scratch_path("folder");
    ck_assert_int_eq(mkdir(path, 0700), 0);
    expect_refused(path, NULL, EPOCL_ERROR_NO_INPUT, path, "is a folder");

    path = scratch_path("pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    expect_refused(path, NULL, EPOCL_ERROR_NO_INPUT, path, "is a pipe");

    expect_refused("/dev/zero", NULL, EPOCL_ERROR_NO_INPUT, "/dev/zero", "device");

    path = idx_file_write(&small_images, "forbidden", 0);
    ck_assert_int_eq(chmod(path, 0), 0);
    if (access(path, R_OK) != 0) /* the superuser may read it */
        expect_refused(path, NULL, EPOCL_ERROR_NO_INPUT, path, "Permission denied");
}
END_TEST

#ifdef __linux__
START_TEST(a_failing_read_is_reported) {
    const char *path = "/proc/self/mem"; /* a regular file that cannot be read at its beginning */
    expect_refused(path, NULL, EPOCL_ERROR_NO_INPUT, path, "cannot read");
}
END_TEST
#endif

START_TEST(null_arguments_are_refused) {
    epocl_dataset *dataset = (epocl_dataset *)&dataset;
    ck_assert_int_eq(epocl_dataset_load(NULL, NULL, &dataset), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(dataset);
    ck_assert_int_eq(epocl_dataset_load("x", NULL, NULL), EPOCL_ERROR_ARGUMENT);
}
END_TEST

Suite *idx_suite(void) {
    Suite *suite = suite_create("idx");
    TCase *tests = tcase_create("files");
    tcase_add_unchecked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, bytes_and_labels_are_read);
    tcase_add_test(tests, floats_are_read_big_endian);
    tcase_add_test(tests, every_integer_type_gives_labels);
    tcase_add_test(tests, bad_inputs_are_refused);
    tcase_add_test(tests, bad_labels_are_refused);
    tcase_add_test(tests, floats_and_matrices_are_values);
    tcase_add_test(tests, weights_are_read_for_each_sample);
    tcase_add_test(tests, other_files_are_refused);
    tcase_add_test(tests, what_cannot_be_opened_is_no_input);
#ifdef __linux__
    tcase_add_test(tests, a_failing_read_is_reported);
#endif
    tcase_add_test(tests, null_arguments_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
