/* Tables from npy, npz and LIBSVM files, told by their content. */
#include "data/format/open.h"
#include "data/format/table_build.h"
#include "support/array_files.h"
#include "support/gzip_member.h"
#include "support/idx_file.h"
#include "support/scratch.h"
#include "support/table_text.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *table_formats_suite(void);

static const table_options usual = {0};
static unsigned char file[ARRAY_FILE_BYTES];

static void expect_table(const void *bytes, size_t byte_count, const table_options *options, table_format format,
                         const char *columns) {
    table *read = NULL;
    const char *path = scratch_write("table", bytes, byte_count);
    ck_assert_msg(table_read(path, options, &read) == EPOCL_OK, "%s", epocl_last_error());
    table_expect_sound(read);
    ck_assert_int_eq(read->format, format);
    ck_assert_str_eq(table_text(read), columns);
    table_release(read);
}

static void expect_refused(const void *bytes, size_t byte_count, const table_options *options, const char *error) {
    table *read = NULL;
    const char *path = scratch_write("table", bytes, byte_count);
    ck_assert_int_eq(table_read(path, options, &read), EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), error), "%s", epocl_last_error());
}

static void expect_npy(const char *type, bool is_fortran, const char *shape, const void *values, size_t byte_count,
                       const char *columns) {
    expect_table(file, npy_write(file, type, is_fortran, shape, values, byte_count), &usual, TABLE_NPY, columns);
}

/* ---- npy --------------------------------------------------------------------------------------------------------- */

/* The numbers 1, 2, 3, 4 and 0, 5 of every type, in both byte orders. */
START_TEST(npy_has_numbers_of_every_type) {
    static const struct {
        const char *type;
        size_t bytes;
        uint64_t one, two, five; /* as words */
    } types[] = {{"b1", 1, 1, 1, 1},
                 {"i1", 1, 1, 2, 5},
                 {"u1", 1, 1, 2, 5},
                 {"i2", 2, 1, 2, 5},
                 {"u2", 2, 1, 2, 5},
                 {"i4", 4, 1, 2, 5},
                 {"u4", 4, 1, 2, 5},
                 {"i8", 8, 1, 2, 5},
                 {"u8", 8, 1, 2, 5},
                 {"f2", 2, 0x3c00, 0x4000, 0x4500},
                 {"f4", 4, 0x3f800000, 0x40000000, 0x40a00000},
                 {"f8", 8, 0x3ff0000000000000, 0x4000000000000000, 0x4014000000000000}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (int is_big = 0; is_big < 2; is_big++) {
            const uint64_t words[] = {types[i].one, types[i].two, 0, types[i].five};
            const bool is_truth = *types[i].type == 'b';
            unsigned char values[32];
            char type[8];
            for (size_t k = 0; k < 4 * types[i].bytes; k++) {
                const size_t byte = k % types[i].bytes, shift = is_big ? types[i].bytes - 1 - byte : byte;
                values[k] = (unsigned char)(words[k / types[i].bytes] >> (8 * shift));
            }
            snprintf(type, sizeof type, "%c%s", is_big ? '>' : '<', types[i].type);
            expect_npy(type, false, "(2, 2)", values, 4 * types[i].bytes,
                       is_truth ? "1[w]=1 0|2[w]=1 1" : "1[w]=1 0|2[w]=2 5");
            expect_npy(type, true, "(2, 2)", values, 4 * types[i].bytes,
                       is_truth ? "1[w]=1 1|2[w]=0 1" : "1[w]=1 2|2[w]=0 5");
        }
    }
}
END_TEST

START_TEST(npy_has_numbers_at_their_limits) {
    expect_npy("|i1", false, "(3,)", "\x80\x7f\xff", 3, "1[w]=-128 127 -1");
    expect_npy("<i8", false, "(2,)", "\0\0\0\0\0\0\0\x80\1\0\0\1\0\0\0\0", 16, "1[wd]=-9.22337204e+18 16777216");
    expect_npy("<u8", false, "(1,)", "\xff\xff\xff\xff\xff\xff\xff\xff", 8, "1[wd]=1.84467441e+19");
    expect_npy("<f2", false, "(5,)", "\0\x7c\0\x7e\1\0\xff\x7b\0\xbe", 10, "1[]=inf _ 5.96046448e-08 65504 -1.5");
    expect_npy("<f8", false, "(1,)", "\0\0\0\x10\0\0\x70\x41", 8, "1[wd]=16777216"); /* 16777217 */
}
END_TEST

START_TEST(npy_is_flattened_alike_in_both_orders) {
    static const unsigned char rows[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    static const unsigned char turned[] = {0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11};
    static const char columns[] = "1[w]=0 6|2[w]=1 7|3[w]=2 8|4[w]=3 9|5[w]=4 10|6[w]=5 11";
    expect_npy("|u1", false, "(2, 2, 3)", rows, 12, columns);
    expect_npy("|u1", true, "(2, 2, 3)", turned, 12, columns);
}
END_TEST

START_TEST(npy_has_texts) {
    expect_npy("|S3", false, "(3,)", "ab\0\0\0\0abc", 9, "1[]='ab' _ 'abc'");
    expect_npy("<U2", false, "(2,)", "\xe9\0\0\0\0\xf6\1\0x\0\0\0\0\0\0\0", 16, "1[]='\xc3\xa9\xf0\x9f\x98\x80' 'x'");
    expect_npy(">U1", true, "(1, 2)", "\0\0\0a\0\0\0b", 8, "1[]='a'|2[]='b'");
}
END_TEST

START_TEST(npy_that_is_no_table_is_refused) {
    static const struct {
        const char *type, *shape, *error;
    } cases[] = {{"|O", "(2,)", "holds Python objects"},
                 {"<c8", "(1,)", "holds complex numbers"},
                 {"<M8[D]", "(1,)", "holds dates"},
                 {"|V8", "(1,)", "neither numbers nor texts"},
                 {"<f4", "()", "holds a single value"},
                 {"<f4", "(0, 3)", "is empty"},
                 {"<f4", "(2, 0)", "is empty"},
                 {"<f4", "(2, 2)", "truncated"},
                 {"<f4", "(1,)", "trailing bytes"},
                 {"<f4", "(2", "header is damaged"},
                 {"<f4", "(99999999999,)", "are more than"},
                 {"<f4", "(1, 99999999)", "are more than"},
                 {"<f4", "(2147483648, 1048576)", "truncated"},
                 {"<f16", "(1,)", "neither numbers nor texts"},
                 {"<f4", "(4611686018427387904, 8)", "are more than"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(file, npy_write(file, cases[i].type, false, cases[i].shape, "\0\0\0\0\0\0\0\0", 8), &usual,
                       cases[i].error);
}
END_TEST

/* Numbers become texts where the options say so, those that floats do not hold excepted. */
START_TEST(numbers_are_texts_if_asked) {
    const table_options second = {.texts = (const char *const[]){"2"}, .text_count = 1};
    const table_options key = {.keys = (const char *const[]){"2"}, .key_count = 1};
    static const float numbers[] = {1.5f, 3e6f, 2.5f, NAN, 1.5f, 0.1f, 3.5f, -0.0f};
    static const double large[] = {1, 16777217, 2, 3};
    size_t bytes = npy_write(file, "<f4", false, "(4, 2)", numbers, sizeof numbers);
    expect_table(file, bytes, &second, TABLE_NPY, "1[]=1.5 2.5 1.5 3.5|2[]='3000000' _ '0.1' '0'");
    expect_table(file, bytes, &key, TABLE_NPY, "1[]=1.5 2.5 1.5 3.5|2[]=3000000 _ 0.100000001 -0");
    bytes = npy_write(file, "<f8", false, "(2, 2)", large, sizeof large);
    expect_table(file, bytes, &second, TABLE_NPY, "1[w]=1 2|2[wd]=16777216 3");
    expect_table("1 2:5\n2 1:1\n", 12, &second, TABLE_LIBSVM, "label[w]=1 2|1[w]=0 1|2[]='5' '0'");
}
END_TEST

/* ---- npz --------------------------------------------------------------------------------------------------------- */

static void add_bytes(archive *made, const char *name, const char *type, const char *shape, const char *values,
                      size_t byte_count) {
    const size_t bytes = npy_write(file, type, false, shape, values, byte_count);
    archive_add(made, name, file, bytes, made->member_count % 2 != 0, made->member_count % 3 != 1);
}

START_TEST(npz_has_inputs_and_a_target) {
    static archive made;
    made = (archive){0};
    add_bytes(&made, "other.npy", "|u1", "(1,)", "\7", 1);
    add_bytes(&made, "X.npy", "|u1", "(2, 2)", "\1\2\3\4", 4);
    add_bytes(&made, "y.npy", "|S1", "(2,)", "ab", 2);
    add_bytes(&made, "note.txt", "|u1", "(1,)", "\7", 1);
    archive_end(&made);
    expect_table(made.bytes, made.byte_count, &usual, TABLE_NPZ, "1[w]=1 3|2[w]=2 4|y[]='a' 'b'");
    table *read = NULL;
    ck_assert_int_eq(table_read(scratch_path("table"), &usual, &read), EPOCL_OK);
    ck_assert_uint_eq(read->target, 2);
    table_release(read);
}
END_TEST

START_TEST(npz_has_columns_by_name) {
    static archive made;
    made = (archive){0};
    add_bytes(&made, "age.npy", "|u1", "(2,)", "\1\3", 2);
    add_bytes(&made, "pixels.npy", "|u1", "(2, 1, 2)", "\1\2\3\4", 4);
    add_bytes(&made, "labels.npy", "|u1", "(2,)", "\0\1", 2);
    archive_end(&made);
    expect_table(made.bytes, made.byte_count, &usual, TABLE_NPZ,
                 "age[w]=1 3|pixels1[w]=1 3|pixels2[w]=2 4|labels[w]=0 1");
    made = (archive){0};
    add_bytes(&made, "arr_0.npy", "|u1", "(2, 2)", "\1\2\3\4", 4);
    archive_end(&made);
    expect_table(made.bytes, made.byte_count, &usual, TABLE_NPZ, "1[w]=1 3|2[w]=2 4");
}
END_TEST

START_TEST(npz_that_is_no_table_is_refused) {
    static archive made;
    made = (archive){0};
    add_bytes(&made, "x.npy", "|u1", "(2,)", "\1\3", 2);
    add_bytes(&made, "y.npy", "|u1", "(3,)", "\1\3\5", 3);
    archive_end(&made);
    expect_refused(made.bytes, made.byte_count, &usual, "array y: has 3 rows, the arrays before it have 2");
    made = (archive){0};
    add_bytes(&made, "x.txt", "|u1", "(2,)", "\1\3", 2);
    archive_end(&made);
    expect_refused(made.bytes, made.byte_count, &usual, "without an array");
    made = (archive){0};
    add_bytes(&made, "x.npy", "|u1", "(2,)", "\1\3", 2);
    archive_end(&made);
    made.bytes[60]++; /* within the array's header or before it */
    expect_refused(made.bytes, made.byte_count, &usual, "array x: ");
}
END_TEST

/* ---- LIBSVM ------------------------------------------------------------------------------------------------------ */

static void expect_libsvm(const char *text, const table_options *options, const char *columns) {
    expect_table(text, strlen(text), options, TABLE_LIBSVM, columns);
}

START_TEST(libsvm_values_are_0_unless_written) {
    expect_libsvm("1 1:0.5 3:2\n-1 qid:3 2:1 # \"1:5\n\n# all\n+1\n2 4:1e3 \n", &usual,
                  "label[w]=1 -1 1 2|1[]=0.5 0 0 0|2[w]=0 1 0 0|3[w]=2 0 0 0|4[w]=0 0 0 1000");
    expect_libsvm("0.5 0:1 2:3\n1 1:1\n", &usual, "label[]=0.5 1|0[w]=1 0|1[w]=0 1|2[w]=3 0");
    expect_libsvm("1 2:3\n", &(table_options){.libsvm_is_one_based = TABLE_NO}, "label[w]=1|0[w]=0|1[w]=0|2[w]=3");
    expect_libsvm("1 2:3\n", &(table_options){.libsvm_is_one_based = TABLE_YES}, "label[w]=1|1[w]=0|2[w]=3");
}
END_TEST

START_TEST(libsvm_that_is_damaged_is_refused) {
    static const struct {
        const char *text, *error;
    } cases[] = {{"1 1:1\n2 3:1 2:1\n", ":2:7: '2:1' has an index that is not above"},
                 {"1 1:1 1:1\n", ":1:7: '1:1' has an index"},
                 {"1 1:1\n2 x:1\n", ":2:3: 'x:1' is no INDEX:VALUE"},
                 {"1,2 1:1\n", ":1:1: '1,2' is more than one label"},
                 {"a 1:1\n", ":1:1: 'a' is no label"},
                 {"1 99999999999999999999:1\n", "is no INDEX:VALUE"},
                 {"1 1048575:1\n", "beyond the 1048574"},
                 {"1 1:1x\n", "is no INDEX:VALUE"},
                 {"1\n2\n", "has no INDEX:VALUE"},
                 {"\n", "holds no rows"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i].text, strlen(cases[i].text), &(table_options){.format = TABLE_LIBSVM}, cases[i].error);
    expect_refused("1 0:1\n", 6, &(table_options){.libsvm_is_one_based = TABLE_YES}, ":1:3: '0:1' has index 0");
}
END_TEST

static table_format format_of(const char *path) {
    table *facts = NULL;
    byte_source *bytes = NULL;
    table_format format = TABLE_FORMAT_AUTO;
    ck_assert_int_eq(table_create(path, &facts), EPOCL_OK);
    ck_assert_int_eq(table_source_open(path, &usual, facts, &bytes, &format), EPOCL_OK);
    byte_source_close(bytes);
    table_release(facts);
    return format;
}

START_TEST(formats_are_told_by_content) {
    static const idx_file images = {0x08, 2, {1, 2}, 2, {9, 9}};
    static const char *const texts[] = {"a,b\n1,2\n", "1 1:2\n", "12:30\n13:30\n", "1 12:30 x\n"};
    static const table_format formats[] = {TABLE_CSV, TABLE_LIBSVM, TABLE_CSV, TABLE_CSV};
    table *read = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *path = scratch_write("table", texts[i], strlen(texts[i]));
        ck_assert_msg(format_of(path) == formats[i], "%s", texts[i]);
    }
    idx_file_write(&images, "images", true);
    ck_assert_int_eq(format_of(scratch_path("images")), TABLE_IDX);
    ck_assert_int_eq(table_read(scratch_path("images"), &usual, &read), EPOCL_ERROR_DATA);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(file, npy_write(file, "|u1", false, "(2,)", "\1\2", 2), &gzip_count);
    expect_table(gzip, gzip_count, &usual, TABLE_NPY, "1[w]=1 2");
    free(gzip);
}
END_TEST

/* What is no table says what it is, so that nobody looks for a mistake in its rows. */
START_TEST(files_of_other_formats_are_named) {
    static const struct {
        const char *bytes;
        size_t byte_count;
        const char *error;
    } cases[] = {{"PAR1\25\0", 6, ": is a Parquet file; docs/files.md"},
                 {"PK\3\4\24\0\6\0\10\0[Content_Types].xml\0", 30, ": is an Excel sheet"},
                 {"\320\317\021\340\241\261", 6, ": is an Office document"},
                 {" [\n {\"a\": 1}]", 13, ": is JSON; save"},
                 {"\357\273\277{\"a\": 1}\n", 12, ": is JSON; save"},
                 {"<!DOCTYPE html><html>", 21, ": is HTML; save"},
                 {"@RELATION x\n", 12, ": is an ARFF file"},
                 {"SQLite format 3\0", 16, ": is an SQLite database"},
                 {"BZh91AY", 7, ": is packed by bzip2; unpack"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i].bytes, cases[i].byte_count, &usual, cases[i].error);
    expect_table("{a},[b\n1,2\n", 11, &usual, TABLE_CSV, "{a}[w]=1|[b[w]=2");
    expect_table("<5,[1]\n1,2\n", 11, &usual, TABLE_CSV, "<5[w]=1|[1][w]=2");
}
END_TEST

Suite *table_formats_suite(void) {
    Suite *suite = suite_create("table_formats");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, scratch_create, scratch_remove);
    tcase_add_test(reading, npy_has_numbers_of_every_type);
    tcase_add_test(reading, npy_has_numbers_at_their_limits);
    tcase_add_test(reading, npy_is_flattened_alike_in_both_orders);
    tcase_add_test(reading, npy_has_texts);
    tcase_add_test(reading, npy_that_is_no_table_is_refused);
    tcase_add_test(reading, numbers_are_texts_if_asked);
    tcase_add_test(reading, npz_has_inputs_and_a_target);
    tcase_add_test(reading, npz_has_columns_by_name);
    tcase_add_test(reading, npz_that_is_no_table_is_refused);
    tcase_add_test(reading, libsvm_values_are_0_unless_written);
    tcase_add_test(reading, libsvm_that_is_damaged_is_refused);
    tcase_add_test(reading, formats_are_told_by_content);
    tcase_add_test(reading, files_of_other_formats_are_named);
    suite_add_tcase(suite, reading);
    return suite;
}
