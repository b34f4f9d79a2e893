/* Tables some rows at a time. */
#include "data/table.h"
#include "support/array_files.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *table_reader_suite(void);

static const char *const colors[] = {"red", "blue"};
static const table_request requests[] = {{.kind = TABLE_TEXTS},
                                         {.kind = TABLE_NUMBERS},
                                         {.kind = TABLE_CODES, .levels = colors, .level_count = 2},
                                         {.kind = TABLE_SKIPPED}};

static table_reader *expect_open(const char *text, const table_options *options) {
    table_reader *reader = NULL;
    const char *path = scratch_write("rows.csv", text, strlen(text));
    ck_assert_msg(table_reader_open(path, options, &reader) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(table_reader_request(reader, requests), EPOCL_OK);
    return reader;
}

static table_chunk expect_next(table_reader *reader, size_t row_count) {
    table_chunk chunk;
    ck_assert_msg(table_reader_next(reader, row_count, &chunk) == EPOCL_OK, "%s", epocl_last_error());
    return chunk;
}

START_TEST(rows_come_in_chunks_with_their_texts) {
    table_reader *reader = expect_open(
        "\xef\xbb\xbfid, size ,\"color\",when\r\n007,1.5,blue,x\r\n\r\n\"a \"\"b\"\"\",NA,\"gre\nen\",y\r\n,3,,z",
        &(table_options){0});
    const table *facts = table_reader_table(reader);
    size_t bytes = 0;
    ck_assert(facts->column_count == 4 && facts->has_header && facts->separator == ',');
    ck_assert_str_eq(facts->columns[1].name, "size");
    const char *header = table_reader_header(reader, &bytes);
    ck_assert(bytes == strlen("id, size ,\"color\",when") && memcmp(header, "id, size ,\"color\",when", bytes) == 0);

    table_chunk chunk = expect_next(reader, 2);
    ck_assert_uint_eq(chunk.row_count, 2);
    ck_assert_str_eq(chunk.columns[0].texts[0], "007");
    ck_assert_str_eq(chunk.columns[0].texts[1], "a \"b\"");
    ck_assert(chunk.columns[1].numbers[0] == 1.5f && isnan(chunk.columns[1].numbers[1]));
    ck_assert(chunk.columns[2].codes[0] == 1 && chunk.columns[2].codes[1] == TABLE_UNKNOWN);
    ck_assert(!chunk.columns[3].numbers && !chunk.columns[3].codes && !chunk.columns[3].texts);
    ck_assert_str_eq(chunk.rows[0], "007,1.5,blue,x");
    ck_assert_str_eq(chunk.rows[1], "\"a \"\"b\"\"\",NA,\"gre\nen\",y");
    ck_assert(chunk.row_bytes[0] == 14 && chunk.places[0].line == 2 && chunk.places[1].line == 4);

    chunk = expect_next(reader, 2);
    ck_assert_uint_eq(chunk.row_count, 1);
    ck_assert(!chunk.columns[0].texts[0] && chunk.columns[2].codes[0] == TABLE_MISSING);
    ck_assert_uint_eq(chunk.places[0].line, 6);
    ck_assert_uint_eq(expect_next(reader, 2).row_count, 0);
    ck_assert_uint_eq(expect_next(reader, 2).row_count, 0);
    table_reader_close(reader);
}
END_TEST

START_TEST(what_is_no_number_is_named) {
    static const struct {
        const char *row, *error;
    } cases[] = {{"a,x1,red,b\n", ":3:3: 'x1' in column size: no number"},
                 {"a,inf,red,b\n", ":3:3: 'inf' in column size: infinite"},
                 {"a,1e39,red,b\n", "infinite, or too large"},
                 {"a,1,red\n", ":3:8: a row of 3 values"},
                 {"a,\"1,red,b\n", ":3:3: a quote opens here"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        table_chunk chunk;
        snprintf(text, sizeof text, "id,size,color,when\na,1,red,b\n%s", cases[i].row);
        table_reader *reader = expect_open(text, &(table_options){.header = TABLE_YES, .separator = ','});
        ck_assert_uint_eq(expect_next(reader, 1).row_count, 1);
        ck_assert_int_eq(table_reader_next(reader, 1, &chunk), EPOCL_ERROR_DATA);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].error), "%s", epocl_last_error());
        table_reader_close(reader);
    }
}
END_TEST

/* The same numbers, whatever the chunks. */
START_TEST(chunks_hold_what_the_whole_table_holds) {
    enum { ROWS = 20000 };
    char *text = malloc(ROWS * 40);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)sprintf(text, "id,size,color,when\n");
    for (int i = 0; i < ROWS; i++) length += (size_t)sprintf(text + length, "n%d,%d.25,%s,-\n", i, i, colors[i % 2]);
    table *whole = NULL;
    table_reader *reader = expect_open(text, &(table_options){0});
    ck_assert_int_eq(table_read(scratch_path("rows.csv"), &(table_options){0}, &whole), EPOCL_OK);
    size_t row = 0, count = 0;
    do {
        const table_chunk chunk = expect_next(reader, 1 + row % 777);
        count = chunk.row_count;
        for (size_t i = 0; i < count; i++, row++) {
            ck_assert(chunk.columns[1].numbers[i] == whole->columns[1].numbers[row]);
            ck_assert_uint_eq(chunk.columns[2].codes[i], whole->columns[2].codes[row]);
            ck_assert_str_eq(chunk.columns[0].texts[i], whole->columns[0].levels[whole->columns[0].codes[row]]);
        }
    } while (count > 0);
    ck_assert_uint_eq(row, ROWS);
    table_release(whole);
    table_reader_close(reader);
    free(text);
}
END_TEST

START_TEST(arrays_come_in_chunks) {
    static unsigned char file[ARRAY_FILE_BYTES];
    static const char *const numbers[] = {"3", "1"};
    const table_request wanted[] = {{.kind = TABLE_NUMBERS},
                                    {.kind = TABLE_CODES, .levels = numbers, .level_count = 2}};
    table_reader *reader = NULL;
    const char *path = scratch_write("a.npy", file, npy_write(file, "|u1", false, "(3, 2)", "\1\1\2\3\4\5", 6));
    ck_assert_int_eq(table_reader_open(path, &(table_options){0}, &reader), EPOCL_OK);
    ck_assert_int_eq(table_reader_request(reader, wanted), EPOCL_OK);
    table_chunk chunk = expect_next(reader, 2);
    ck_assert(chunk.row_count == 2 && !chunk.rows && chunk.columns[0].numbers[1] == 2.0f);
    ck_assert(chunk.columns[1].codes[0] == 1 && chunk.columns[1].codes[1] == 0);
    chunk = expect_next(reader, 2);
    ck_assert(chunk.row_count == 1 && chunk.columns[0].numbers[0] == 4.0f);
    ck_assert(chunk.columns[1].codes[0] == TABLE_UNKNOWN);
    ck_assert_uint_eq(expect_next(reader, 2).row_count, 0);
    table_reader_close(reader);
}
END_TEST

/* Ids of numbers are what they were, or refused. */
START_TEST(numbers_of_arrays_are_texts_as_people_write_them) {
    static unsigned char file[ARRAY_FILE_BYTES];
    static const int32_t numbers[] = {1000000000, -7, 0, 16777216}, longer[] = {123456789, 1};
    static const float fractions[] = {0.1f, 1e20f};
    static const char *const texts[] = {"1000000000", "-7", "0", "16777216"};
    const table_request wanted = {.kind = TABLE_TEXTS};
    table_reader *reader = NULL;
    const char *path = scratch_write("a.npy", file, npy_write(file, "<i4", false, "(4,)", numbers, sizeof numbers));
    ck_assert_int_eq(table_reader_open(path, &(table_options){0}, &reader), EPOCL_OK);
    ck_assert_int_eq(table_reader_request(reader, &wanted), EPOCL_OK);
    table_chunk chunk = expect_next(reader, 4);
    for (size_t i = 0; i < 4; i++) ck_assert_str_eq(chunk.columns[0].texts[i], texts[i]);
    table_reader_close(reader);
    path = scratch_write("a.npy", file, npy_write(file, "<f4", false, "(2,)", fractions, sizeof fractions));
    ck_assert_int_eq(table_reader_open(path, &(table_options){0}, &reader), EPOCL_OK);
    ck_assert_int_eq(table_reader_request(reader, &wanted), EPOCL_OK);
    chunk = expect_next(reader, 2);
    ck_assert_str_eq(chunk.columns[0].texts[0], "0.1");
    ck_assert_str_eq(chunk.columns[0].texts[1], "1e+20");
    table_reader_close(reader);
    path = scratch_write("a.npy", file, npy_write(file, "<i4", false, "(2,)", longer, sizeof longer));
    ck_assert_int_eq(table_reader_open(path, &(table_options){0}, &reader), EPOCL_OK);
    ck_assert_int_eq(table_reader_request(reader, &wanted), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "column 1 has whole numbers of more digits"));
    table_reader_close(reader);
}
END_TEST

/* So that whoever appends to the rows and to the header stays in line. */
START_TEST(a_separator_that_the_header_lacks_is_no_part_of_a_row) {
    table_reader *reader = expect_open("id,size,color,when\na,1,red,b,\nc,2,blue,\"d,\" , \n", &(table_options){0});
    table_chunk chunk = expect_next(reader, 2);
    ck_assert_str_eq(chunk.rows[0], "a,1,red,b");
    ck_assert_uint_eq(chunk.row_bytes[0], 9);
    ck_assert_str_eq(chunk.rows[1], "c,2,blue,\"d,\" ");
    table_reader_close(reader);
}
END_TEST

START_TEST(a_reader_is_used_as_it_must_be) {
    static const char *const twice[] = {"a", "a"};
    const table_request wrong = {.kind = TABLE_CODES, .levels = twice, .level_count = 2};
    table_reader *reader = NULL;
    table_chunk chunk;
    const char *path = scratch_write("rows.csv", "x\n1\n", 4);
    ck_assert_int_eq(table_reader_open(path, &(table_options){0}, &reader), EPOCL_OK);
    ck_assert_int_eq(table_reader_next(reader, 1, &chunk), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(table_reader_request(reader, &wrong), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(table_reader_request(reader, &wrong), EPOCL_ERROR_ARGUMENT);
    table_reader_close(reader);
    table_reader_close(NULL);
    ck_assert_int_eq(table_reader_open(scratch_path("missing"), &(table_options){0}, &reader), EPOCL_ERROR_NO_INPUT);
    ck_assert_ptr_null(reader);
}
END_TEST

Suite *table_reader_suite(void) {
    Suite *suite = suite_create("table_reader");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, scratch_create, scratch_remove);
    tcase_add_test(reading, rows_come_in_chunks_with_their_texts);
    tcase_add_test(reading, what_is_no_number_is_named);
    tcase_add_test(reading, chunks_hold_what_the_whole_table_holds);
    tcase_add_test(reading, arrays_come_in_chunks);
    tcase_add_test(reading, numbers_of_arrays_are_texts_as_people_write_them);
    tcase_add_test(reading, a_separator_that_the_header_lacks_is_no_part_of_a_row);
    tcase_add_test(reading, a_reader_is_used_as_it_must_be);
    suite_add_tcase(suite, reading);
    return suite;
}
