#include "model/safetensors.h"
#include "support/damage.h"
#include "support/memory_limit.h"
#include "support/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LENGTH_BYTES = 8, FILE_CAPACITY = 4096 };

/* A file in memory: the header's length, the header, `data_bytes` bytes that count up from 0. */
static void put_length(unsigned char *file, uint64_t header_length) {
    for (int i = 0; i < LENGTH_BYTES; i++) file[i] = (unsigned char)(header_length >> 8 * i);
}

static size_t compose(unsigned char *file, uint64_t header_length, const char *header, size_t data_bytes) {
    const size_t text_length = strlen(header);
    ck_assert(LENGTH_BYTES + text_length + data_bytes <= FILE_CAPACITY);
    put_length(file, header_length);
    memcpy(file + LENGTH_BYTES, header, text_length);
    for (size_t i = 0; i < data_bytes; i++) file[LENGTH_BYTES + text_length + i] = (unsigned char)i;
    return LENGTH_BYTES + text_length + data_bytes;
}

static epocl_status open_composed(const char *header, size_t data_bytes, safetensors **file) {
    unsigned char bytes[FILE_CAPACITY];
    const size_t byte_count = compose(bytes, strlen(header), header, data_bytes);
    return safetensors_open(file_at(NO_FOLDER, scratch_write("file", bytes, byte_count)), file);
}

static void assert_refused(epocl_status status, const safetensors *file, epocl_status expected, const char *part) {
    ck_assert_str_eq(epocl_status_name(status), epocl_status_name(expected));
    ck_assert_ptr_null(file);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
}

/* Reads all of an open file, for what a sanitizer or a crash would show. */
static void read_all(const safetensors *file) {
    for (size_t i = 0; i < safetensors_tensor_count(file); i++) {
        const safetensors_tensor *tensor = safetensors_tensor_at(file, i);
        unsigned char *values = malloc((size_t)tensor->byte_count + 1);
        ck_assert_int_eq(safetensors_read(file, tensor, values), EPOCL_OK);
        free(values);
    }
}

#define GOOD_HEADER                                                                                                    \
    "{\"__metadata__\":{\"k\":\"v\"},\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]},"                   \
    "\"a\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]}}"

START_TEST(reads_a_file) {
    safetensors *file = NULL;
    ck_assert_int_eq(open_composed(GOOD_HEADER, 7, &file), EPOCL_OK);
    ck_assert_str_eq(safetensors_metadata(file, "k"), "v");
    ck_assert_ptr_null(safetensors_metadata(file, "other"));
    ck_assert_ptr_null(safetensors_find(file, "__metadata__"));
    ck_assert_uint_eq(safetensors_tensor_count(file), 2);
    ck_assert_str_eq(safetensors_tensor_at(file, 0)->name, "a");
    ck_assert_ptr_null(safetensors_tensor_at(file, 2));

    const safetensors_tensor *tensor = safetensors_find(file, "b");
    unsigned char values[3] = {0};
    ck_assert_str_eq(tensor->type, "U8");
    ck_assert_uint_eq(tensor->dimension_count, 1);
    ck_assert_uint_eq(tensor->shape[0], 3);
    ck_assert_uint_eq(tensor->byte_count, 3);
    ck_assert_int_eq(safetensors_read(file, tensor, values), EPOCL_OK);
    ck_assert_mem_eq(values, ((unsigned char[]){4, 5, 6}), 3);
    safetensors_release(file);
    safetensors_release(NULL);
}
END_TEST

typedef struct header_case {
    const char *header;
    size_t data_bytes;
    const char *part; /* of the error text */
} header_case;

#define TENSOR(type, shape, offsets) "{\"dtype\":" type ",\"shape\":" shape ",\"data_offsets\":" offsets "}"
#define ONE(type, shape, offsets)    "{\"a\":" TENSOR(type, shape, offsets) "}"
#define F32                          "\"F32\""

static const header_case accepted[] = {
    {"{}", 0, NULL},
    {"{}      ", 0, NULL},
    {"{\"__metadata__\":{}}", 0, NULL},
    {ONE(F32, "[]", "[0,4]"), 4, NULL},
    {ONE(F32, "[0]", "[0,0]"), 0, NULL},
    {ONE(F32, "[0,9223372036854775807]", "[0,0]"), 0, NULL},
    {ONE("\"BF16\"", "[1,1,1,1,1,1,1,2]", "[0,4]"), 4, NULL},
    {"{\"e\":" TENSOR(F32, "[0]", "[4,4]") ",\"a\":" TENSOR(F32, "[1]", "[0,4]") "}", 4, NULL},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"more\":[[]]}}", 1, NULL},
};

static const header_case refused[] = {
    /* not JSON, or not the JSON expected */
    {" {}", 0, "does not start with '{'"},
    {"[]", 0, "does not start with '{'"},
    {"", 0, "does not start with '{'"},
    {"{", 0, "header, line 1, column 1"},
    {"{} x", 0, "end of file expected"},
    {"{\"a\":NaN}", 0, "header, line 1"},
    {"{\"\x80\":1}", 0, "header, line 1"},
    {"{\"a\\u0000\":1}", 0, "header, line 1"},
    {"{\"a\":1,\"a\":1}", 0, "duplicate object key"},
    {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
    {"{\"__metadata__\":{\"k\":1}}", 0, "metadata 'k' is not a string"},
    {"{\"a\":1}", 0, "tensor 'a': dtype is missing"},
    {"{\"a\\u001b[31m\":1}", 0, "tensor 'a?[31m': dtype is missing"},
    /* types */
    {ONE("1", "[1]", "[0,4]"), 4, "dtype is missing or not a string"},
    {ONE("\"F31\"", "[1]", "[0,4]"), 4, "dtype is unknown"},
    {ONE("\"\"", "[1]", "[0,4]"), 4, "dtype is unknown"},
    {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "shape is missing"},
    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets is not an array of two"},
    {ONE(F32, "1", "[0,4]"), 4, "shape is missing or not an array"},
    {ONE(F32, "[1.0]", "[0,4]"), 4, "shape holds something else"},
    {ONE(F32, "[\"1\"]", "[0,4]"), 4, "shape holds something else"},
    {ONE(F32, "[-1]", "[0,4]"), 4, "shape holds something else"},
    {ONE(F32, "[[1]]", "[0,4]"), 4, "shape holds something else"},
    {ONE(F32, "[1,1,1,1,1,1,1,1,1]", "[0,4]"), 4, "more than 8 dimensions"},
    {ONE(F32, "[1]", "[0]"), 4, "not an array of two"},
    {ONE(F32, "[1]", "[0,4,8]"), 4, "not an array of two"},
    {ONE(F32, "[1]", "[-4,0]"), 4, "data_offsets holds something else"},
    {ONE(F32, "[1]", "[0,null]"), 4, "data_offsets holds something else"},
    {ONE(F32, "[1]", "[0,4.0]"), 4, "data_offsets holds something else"},
    /* lengths */
    {ONE(F32, "[4294967296,4294967296]", "[0,4]"), 4, "shape is too large"},
    {ONE(F32, "[4611686018427387904]", "[0,0]"), 0, "shape is too large"},
    {ONE(F32, "[9223372036854775807]", "[0,4]"), 4, "shape is too large"},
    {ONE(F32, "[18446744073709551615]", "[0,4]"), 4, "too big integer"},
    {ONE(F32, "[2147483648]", "[0,8589934592]"), 4, "is cut short: tensor 'a' ends at data byte 8589934592 of 4"},
    {ONE("\"U8\"", "[9223372036854775807]", "[0,9223372036854775807]"), 1, "is cut short"},
    {ONE(F32, "[1]", "[0,5]"), 5, "do not span"},
    {ONE(F32, "[2]", "[0,4]"), 4, "do not span"},
    {ONE(F32, "[1]", "[4,0]"), 4, "do not span"},
    {ONE(F32, "[1]", "[9223372036854775807,3]"), 4, "do not span"},
    /* places */
    {ONE(F32, "[1]", "[4,8]"), 8, "no tensor owns lie before tensor 'a'"},
    {ONE(F32, "[1]", "[0,4]"), 3, "is cut short"},
    {ONE(F32, "[1]", "[0,4]"), 5, "1 bytes follow the last tensor"},
    {"{}", 1, "1 bytes follow the last tensor"},
    {"{\"a\":" TENSOR(F32, "[1]", "[0,4]") ",\"b\":" TENSOR(F32, "[1]", "[0,4]") "}", 4, "'b' overlaps"},
    {"{\"a\":" TENSOR(F32, "[2]", "[0,8]") ",\"b\":" TENSOR(F32, "[1]", "[4,8]") "}", 8, "'b' overlaps"},
    {"{\"b\":" TENSOR(F32, "[1]", "[2,6]") ",\"a\":" TENSOR(F32, "[1]", "[0,4]") "}", 6, "'b' overlaps"},
    {"{\"a\":" TENSOR(F32, "[1]", "[0,4]") ",\"b\":" TENSOR(F32, "[1]", "[5,9]") "}", 9, "before tensor 'b'"},
    {"{\"a\":" TENSOR(F32, "[1]", "[0,4]") ",\"e\":" TENSOR(F32, "[0]", "[2,2]") "}", 4, "'e' overlaps"},
};

enum { ACCEPTED_COUNT = sizeof accepted / sizeof *accepted, REFUSED_COUNT = sizeof refused / sizeof *refused };

START_TEST(accepts_valid_headers) {
    safetensors *file = NULL;
    const epocl_status status = open_composed(accepted[_i].header, accepted[_i].data_bytes, &file);
    ck_assert_msg(status == EPOCL_OK, "%s: %s", accepted[_i].header, epocl_last_error());
    read_all(file);
    safetensors_release(file);
}
END_TEST

START_TEST(refuses_bad_headers) {
    safetensors *file = NULL;
    const epocl_status status = open_composed(refused[_i].header, refused[_i].data_bytes, &file);
    assert_refused(status, file, EPOCL_ERROR_DATA, refused[_i].part);
}
END_TEST

START_TEST(refuses_absurd_header_lengths) {
    const uint64_t good = strlen(GOOD_HEADER);
    const uint64_t lengths[] = {
        0,          1,          good - 1,   good + 1,         good + 8,   SAFETENSORS_MAX_HEADER_BYTES,
        UINT32_MAX, 1ull << 31, 1ull << 32, (1ull << 63) - 1, 1ull << 63, UINT64_MAX - 7,
        UINT64_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        unsigned char bytes[FILE_CAPACITY];
        const size_t byte_count = compose(bytes, lengths[i], GOOD_HEADER, 7);
        safetensors *file = NULL;
        const epocl_status status =
            safetensors_open(file_at(NO_FOLDER, scratch_write("file", bytes, byte_count)), &file);
        assert_refused(status, file, EPOCL_ERROR_DATA, "header");
    }
}
END_TEST

/* A header as long as is allowed, filled with `filler` after `start`; the length limit bounds memory, and the JSON
 * parser its depth. */
START_TEST(refuses_nesting_and_length) {
    static const char *const starts[] = {"{\"a\":", "{\"a\":[", "{", "{\"a\":{\"shape\":["};
    static const char *const fillers[] = {"[", "[],", "\"a\":{", "1,"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        for (size_t excess = 0; excess < 2; excess++) {
            const size_t length = SAFETENSORS_MAX_HEADER_BYTES + excess;
            unsigned char *bytes = malloc(LENGTH_BYTES + length);
            ck_assert_ptr_nonnull(bytes);
            put_length(bytes, length);
            const size_t start_length = strlen(starts[i]), filler_length = strlen(fillers[i]);
            memcpy(bytes + LENGTH_BYTES, starts[i], start_length);
            for (size_t j = start_length; j < length; j++)
                bytes[LENGTH_BYTES + j] = (unsigned char)fillers[i][(j - start_length) % filler_length];
            safetensors *file = NULL;
            const epocl_status status =
                safetensors_open(file_at(NO_FOLDER, scratch_write("file", bytes, LENGTH_BYTES + length)), &file);
            assert_refused(status, file, EPOCL_ERROR_DATA, excess ? "a header of" : "header, line 1");
            free(bytes);
        }
}
END_TEST

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    safetensors *file = NULL;
    const epocl_status status = safetensors_open(file_at(NO_FOLDER, scratch_write("file", bytes, byte_count)), &file);
    assert_refused(status, file, EPOCL_ERROR_DATA, "");
}

/* Nothing takes more memory for its text than empty objects; here is the longest header that is parsed. */
START_TEST(memory_for_a_header_is_bounded) {
    enum { BOUND = 80 * SAFETENSORS_MAX_HEADER_BYTES + (1 << 20) };
    static const char start[] = "{\"a\":[{}", more[] = ",{}", end[] = "]}";
    unsigned char *bytes = malloc(LENGTH_BYTES + SAFETENSORS_MAX_HEADER_BYTES);
    ck_assert_ptr_nonnull(bytes);
    size_t byte_count = LENGTH_BYTES;
    memcpy(bytes + byte_count, start, strlen(start));
    byte_count += strlen(start);
    while (byte_count + strlen(more) + strlen(end) <= LENGTH_BYTES + SAFETENSORS_MAX_HEADER_BYTES) {
        memcpy(bytes + byte_count, more, strlen(more));
        byte_count += strlen(more);
    }
    memcpy(bytes + byte_count, end, strlen(end));
    byte_count += strlen(end);
    put_length(bytes, byte_count - LENGTH_BYTES);
    const char *path = scratch_write("file", bytes, byte_count);
    safetensors *file = NULL;
    memory_limit_set(BOUND);
    const epocl_status status = safetensors_open(file_at(NO_FOLDER, path), &file);
    memory_limit_lift();
    assert_refused(status, file, EPOCL_ERROR_DATA, "tensor 'a': dtype is missing");
    free(bytes);
}
END_TEST

START_TEST(refuses_every_truncation) {
    unsigned char bytes[FILE_CAPACITY];
    damage_each_length(bytes, compose(bytes, strlen(GOOD_HEADER), GOOD_HEADER, 7), expect_refused);
}
END_TEST

static void expect_refused_or_readable(const unsigned char *bytes, size_t byte_count) {
    safetensors *file = NULL;
    const epocl_status status = safetensors_open(file_at(NO_FOLDER, scratch_write("file", bytes, byte_count)), &file);
    if (status == EPOCL_OK)
        read_all(file);
    else
        assert_refused(status, file, EPOCL_ERROR_DATA, "");
    safetensors_release(file);
}

START_TEST(survives_every_changed_byte) {
    unsigned char bytes[FILE_CAPACITY];
    damage_each_byte(bytes, compose(bytes, strlen(GOOD_HEADER), GOOD_HEADER, 7), expect_refused_or_readable);
}
END_TEST

START_TEST(refuses_what_is_no_file) {
    safetensors *file = NULL;
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    assert_refused(safetensors_open(file_at(NO_FOLDER, scratch_path("none")), &file), file, EPOCL_ERROR_NO_INPUT,
                   "No such file");
    assert_refused(safetensors_open(file_at(NO_FOLDER, scratch_path(".")), &file), file, EPOCL_ERROR_NO_INPUT,
                   "is a folder");
    assert_refused(safetensors_open(file_at(NO_FOLDER, scratch_path("pipe")), &file), file, EPOCL_ERROR_NO_INPUT,
                   "is a pipe");
}
END_TEST

START_TEST(writes_what_it_reads) {
    const float a[2] = {1.5f, -0.0f};
    const int64_t b[3] = {1, INT64_MIN, INT64_MAX};
    const safetensors_pair metadata[] = {{"z", "\"quoted\" \xc3\xa9\n"}, {"a", ""}};
    const safetensors_tensor tensors[] = {{.name = "z", .type = "F32", .dimension_count = 2, .shape = {1, 2}},
                                          {.name = "b", .type = "I64", .dimension_count = 1, .shape = {3}}};
    const void *values[] = {a, b};
    const char *path = scratch_path("file");
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, path), metadata, 2, tensors, values, 2), EPOCL_OK);

    /* The whole file by hand: keys sorted, header padded with spaces to a multiple of 8, data in the order given. */
    static const char header[] = "{\"__metadata__\":{\"a\":\"\",\"z\":\"\\\"quoted\\\" \xc3\xa9\\n\"},"
                                 "\"b\":{\"data_offsets\":[8,32],\"dtype\":\"I64\",\"shape\":[3]},"
                                 "\"z\":{\"data_offsets\":[0,8],\"dtype\":\"F32\",\"shape\":[1,2]}}";
    size_t byte_count = 0;
    unsigned char *bytes = file_read(path, &byte_count);
    const size_t padded_length = (strlen(header) + 7) / 8 * 8;
    ck_assert_uint_eq(byte_count, LENGTH_BYTES + padded_length + sizeof a + sizeof b);
    ck_assert_uint_eq(bytes[0], padded_length);
    ck_assert_mem_eq(bytes + LENGTH_BYTES, header, strlen(header));
    for (size_t i = strlen(header); i < padded_length; i++) ck_assert_int_eq(bytes[LENGTH_BYTES + i], ' ');
    ck_assert_mem_eq(bytes + LENGTH_BYTES + padded_length, a, sizeof a);
    ck_assert_mem_eq(bytes + LENGTH_BYTES + padded_length + sizeof a, b, sizeof b);
    free(bytes);

    safetensors *file = NULL;
    int64_t read_back[3];
    ck_assert_int_eq(safetensors_open(file_at(NO_FOLDER, path), &file), EPOCL_OK);
    ck_assert_str_eq(safetensors_metadata(file, "z"), metadata[0].value);
    ck_assert_int_eq(safetensors_read(file, safetensors_find(file, "b"), read_back), EPOCL_OK);
    ck_assert_mem_eq(read_back, b, sizeof b);
    safetensors_release(file);
}
END_TEST

START_TEST(refuses_to_write_nonsense) {
    const safetensors_tensor bad_type = {.name = "a", .type = "F31"};
    const safetensors_tensor too_large = {
        .name = "a", .type = "F32", .dimension_count = 2, .shape = {(size_t)1 << 40, (size_t)1 << 40}};
    const safetensors_pair not_utf8 = {"k", "\x80"};
    const void *values[] = {NULL};
    const char *path = scratch_path("file");
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, path), NULL, 0, &bad_type, values, 1), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, path), NULL, 0, &too_large, values, 1), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, path), &not_utf8, 1, NULL, NULL, 0), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(scratch_file_count(), 0);
}
END_TEST

Suite *safetensors_suite(void);

Suite *safetensors_suite(void) {
    Suite *suite = suite_create("safetensors");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, scratch_create, scratch_remove);
    tcase_add_test(reading, reads_a_file);
    tcase_add_loop_test(reading, accepts_valid_headers, 0, ACCEPTED_COUNT);
    tcase_add_loop_test(reading, refuses_bad_headers, 0, REFUSED_COUNT);
    tcase_add_test(reading, refuses_absurd_header_lengths);
    tcase_add_test(reading, refuses_nesting_and_length);
    tcase_add_test(reading, memory_for_a_header_is_bounded);
    tcase_add_test(reading, refuses_every_truncation);
    tcase_add_test(reading, survives_every_changed_byte);
    tcase_add_test(reading, refuses_what_is_no_file);
    suite_add_tcase(suite, reading);

    TCase *writing = tcase_create("writing");
    tcase_add_checked_fixture(writing, scratch_create, scratch_remove);
    tcase_add_test(writing, writes_what_it_reads);
    tcase_add_test(writing, refuses_to_write_nonsense);
    suite_add_tcase(suite, writing);
    return suite;
}
