/* Tables from separated values: what becomes of files as they are met, of options, of long files and streams. */
#include "data/table.h"
#include "support/awkward_tables.h"
#include "support/gzip_member.h"
#include "support/scratch.h"
#include "support/short_reads.h"
#include "support/table_text.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *table_suite(void);

static const table_options usual = {0};

static table *expect_read(const char *path, const table_options *options) {
    table *read = NULL;
    ck_assert_msg(table_read(path, options, &read) == EPOCL_OK, "%s", epocl_last_error());
    table_expect_sound(read);
    return read;
}

static table *read_text(const char *text, const table_options *options) {
    return expect_read(scratch_write("table.csv", text, strlen(text)), options);
}

static void expect_columns(const char *text, const table_options *options, const char *columns) {
    table *read = read_text(text, options);
    ck_assert_str_eq(table_text(read), columns);
    table_release(read);
}

/* `error` is how the sentence begins after the file's name. */
static void expect_error(const char *text, const table_options *options, const char *error) {
    table *read = NULL;
    const char *path = scratch_write("table.csv", text, strlen(text));
    ck_assert_int_eq(table_read(path, options, &read), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(read);
    ck_assert_msg(strncmp(epocl_last_error() + strlen(path), error, strlen(error)) == 0, "%s", epocl_last_error());
}

/* What table_check_column() has for the first column that it refuses; "" for none. */
static const char *first_refusal(const table *read) {
    for (size_t i = 0; i < read->column_count; i++)
        if (table_check_column(read, i) != EPOCL_OK) return epocl_last_error() + strlen(read->file_name);
    return "";
}

static void expect_outcome(const awkward_table *file, const char *path) {
    table *read = NULL;
    const epocl_status status = table_read(path, &usual, &read);
    const char *error = file->error ? file->error : "";
    ck_assert_msg((status == EPOCL_OK) == (file->columns != NULL), "%s: %s", file->name, epocl_last_error());
    if (file->columns) {
        table_expect_sound(read);
        ck_assert_msg(strcmp(table_text(read), file->columns) == 0, "%s: %s", file->name, table_text(read));
    }
    const char *told = file->columns ? first_refusal(read) : epocl_last_error() + strlen(path);
    ck_assert_msg(*error ? strncmp(told, error, strlen(error)) == 0 : *told == '\0', "%s: %s", file->name, told);
    table_release(read);
}

START_TEST(awkward_files_have_their_outcome) {
    for (size_t i = 0; i < awkward_table_count; i++) {
        const awkward_table *file = &awkward_tables[i];
        size_t gzip_count = 0;
        unsigned char *gzip = gzip_member(file->bytes, file->byte_count, &gzip_count);
        expect_outcome(file, scratch_write("plain.csv", file->bytes, file->byte_count));
        expect_outcome(file, scratch_write("gzip.csv.gz", gzip, gzip_count));
        short_reads_begin(3, (uint32_t)i);
        expect_outcome(file, scratch_path("plain.csv"));
        short_reads_end();
        free(gzip);
    }
}
END_TEST

/* ---- Options ----------------------------------------------------------------------------------------------------- */

START_TEST(options_say_how_values_are_written) {
    static const char *const missing[] = {"?", "-999", "inf"};
    expect_columns("a;b;y\n1,5;2.000,25;0\n3,5;,5;1\n", &(table_options){.decimal = ',', .thousands = '.'},
                   "a[]=1.5 3.5|b[]=2000.25 0.5|y[w]=0 1");
    expect_columns("a;b\n12\u00a0345,6;-1\u202f234\n1\u2009234\u00a0\u20ac;5\n7 890;\u20ac\u202f6\n",
                   &(table_options){.decimal = ',', .thousands = ' '}, "a[]=12345.5996 1234 7890|b[w]=-1234 5 6");
    expect_columns("a,b\n\"1,234\",2\n\"-5,678,901.5\",4\n12,6\n", &(table_options){.thousands = ','},
                   "a[]=1234 -5678901.5 12|b[w]=2 4 6");
    expect_columns("a,b,c\n?,-999,inf\n2,3,\"?\"\n", &(table_options){.missing = missing, .missing_count = 3},
                   "a[w]=_ 2|b[w]=_ 3|c[w]=_ _");
    expect_columns("#one\n#two\na,b\n1,2\n#three\n3,4\n", &(table_options){.comment = '#'}, "a[w]=1 3|b[w]=2 4");
    expect_columns("a b y\n1 2  0\n 3 4 1 \n", &(table_options){.separator = ' '}, "a[w]=1 3|b[w]=2 4|y[w]=0 1");
    expect_columns("a:b\n1:2\n", &(table_options){.separator = ':'}, "a[w]=1|b[w]=2");
    expect_columns("a,b\n1,2\n", &(table_options){.separator = ';'}, "a,b[c]='1,2'");
    expect_columns("1,2\n3,4\n", &(table_options){.header = TABLE_YES}, "1[w]=3|2[w]=4");
    expect_columns("a,b\n3,4\n", &(table_options){.header = TABLE_NO}, "1[]='a' '3'|2[]='b' '4'");
    expect_columns("id,zip,y\n1,007,0\n2,,1\n",
                   &(table_options){.texts = (const char *const[]){"zip", "3", "other"}, .text_count = 3},
                   "id[w]=1 2|zip[]='007' _|y[]='0' '1'");
}
END_TEST

/* As --categorical takes names: one that is there, else a number, else a list. */
START_TEST(texts_are_asked_for_by_name_then_by_number) {
    static const struct {
        const char *text, *name, *columns;
    } cases[] = {{"id,1,2,3\n7,8,9,10\n", "3", "id[w]=7|1[w]=8|2[w]=9|3[]='10'"},
                 {"id,1,2\n7,8,9\n", "3", "id[w]=7|1[w]=8|2[]='9'"},
                 {"id,1,2\n7,8,9\n", "id,2", "id[]='7'|1[w]=8|2[]='9'"},
                 {"\"Size, cm\",Size,x\n7,8,9\n", "Size, cm", "Size, cm[]='7'|Size[w]=8|x[w]=9"},
                 {"a,Size,x\n7,8,9\n", "Size,x", "a[w]=7|Size[]='8'|x[]='9'"},
                 {"a,b\n7,8\n", "0,03,+1,9,", "a[w]=7|b[w]=8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_columns(cases[i].text, &(table_options){.header = TABLE_YES, .texts = &cases[i].name, .text_count = 1},
                       cases[i].columns);
        expect_columns(cases[i].text, &(table_options){.header = TABLE_YES, .keys = &cases[i].name, .key_count = 1},
                       cases[i].columns);
    }
}
END_TEST

START_TEST(options_that_cannot_be_are_refused) {
    table *read = NULL;
    const char *path = scratch_write("table.csv", "a\n1\n", 4);
    static const table_options wrong[] = {
        {.decimal = ';'}, {.thousands = '.'}, {.thousands = '1'}, {.decimal = ',', .thousands = ','}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(table_read(path, &wrong[i], &read), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(table_read(scratch_path("missing"), &usual, &read), EPOCL_ERROR_NO_INPUT);
}
END_TEST

START_TEST(ragged_rows_are_errors_or_counted) {
    static const char text[] = "a,b\n1,2\n3\n4,5\n6,7,8\n9,10\n";
    expect_error(text, &usual, ":3:2: a row of 1 value, the header has 2");
    table *read = read_text(text, &(table_options){.skip_ragged = true});
    ck_assert_str_eq(table_text(read), "a[w]=1 4 9|b[w]=2 5 10");
    ck_assert_uint_eq(read->ragged_count, 2);
    ck_assert(read->first_ragged.line == 3 && read->first_ragged.byte == 1);
    table_release(read);
    expect_error("a,b,y\n1,2,0,\n3,4,1\n", &usual, ":2:7: a row of 4 values"); /* not every row ends so */
}
END_TEST

/* ---- What stands where ------------------------------------------------------------------------------------------- */

START_TEST(places_count_lines_within_quotes) {
    expect_error("a,b\n\"x\ny\r\nz\",1\r2\n", &usual, ":5:2: a row of 1 value");
    table *read = read_text("a,b\n1,\"\n\"\n2,\"\r\n\n\",3\n", &(table_options){.skip_ragged = true});
    ck_assert_uint_eq(read->ragged_count, 1);
    ck_assert(read->first_ragged.line == 4 && read->first_ragged.byte == 1);
    table_release(read);
    read = read_text("a,b\n\"x\n\ny\",inf\n\"x\",1\n", &usual);
    ck_assert(read->columns[1].first_infinite.line == 4 && read->columns[1].first_infinite.byte == 4);
    ck_assert(read->columns[0].first_text.line == 2 && read->columns[0].first_text.byte == 2);
    table_release(read);
}
END_TEST

/* A header that is one name short, over quoted names or numbers of rows; else it is an error, as no one knows which. */
START_TEST(rows_may_have_names_as_r_writes_them) {
    expect_columns("\"a\",\"b\"\n\"n\",2,\"x\"\n\"m\",3,\"y\"\n", &usual, "column1[]='n' 'm'|a[w]=2 3|b[]='x' 'y'");
    expect_columns("a\tb\n1\t2\tx\n2\t3\ty\n", &usual, "column1[w]=1 2|a[w]=2 3|b[]='x' 'y'");
    expect_columns("\"a\" \"b\"\n\"1\" 2 0.5\n\"2\" 3 1.5\n", &(table_options){.separator = ' '},
                   "column1[w]=1 2|a[w]=2 3|b[]=0.5 1.5");
    expect_error("a\tb\n1\t2\tx\n3\t3\ty\n", &usual, ":2:5: a row of 3 values, the header has 2");
    expect_error("a,b\n1,2,3\n", &usual, ":2:5: a row of 3 values, the header has 2");
    expect_error("a,b\n1,2,x\n2,3,y\n4,z\n", &usual, ":2:5: a row of 3 values, the header has 2");
    expect_error("\"a\" \"b\"\n\"1\" 2 x\n\"2\" 3 y\n", &usual, ": one column, with blanks within; ");
    expect_columns("name\nold town\nharbour\n", &usual, "name[]='old town' 'harbour'");
}
END_TEST

/* ---- Texts that were meant as numbers ---------------------------------------------------------------------------- */

/* 1 to `count` below a header, then `last`. */
static void expect_refusal(int count, const char *last, const char *refusal) {
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "a,b\n");
    for (int i = 1; i <= count; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%d,0\n", i);
    snprintf(text + used, sizeof text - used, "%s", last);
    table *read = read_text(text, &usual);
    const char *told = first_refusal(read);
    ck_assert_msg(*refusal ? strncmp(told, refusal, strlen(refusal)) == 0 : *told == '\0', "%s", told);
    table_release(read);
}

START_TEST(texts_that_were_meant_as_numbers_are_refused) {
    expect_refusal(1, "\"1,200\",0\n", ":3:2: '1,200' in column a: numbers with commas, which are texts here; ");
    expect_refusal(1, "\"1,200\",0\nmany,0\n", "");
    expect_refusal(20, "?,0\n?,0\n?,0\nnone,0\n", ":22:1: '?' in column a: a text in a column of numbers; ");
    expect_refusal(19, "?,0\n?,0\n?,0\nnone,0\nmany,0\n", "");
    expect_refusal(20, "?,0\n?,0\n?,0\nnone,0\nmany,0\n", ":22:1: '?' in column a: a text in a column of numbers; ");
    expect_refusal(4, "?,0\n?,0\n?,0\n", "");
    expect_refusal(5, "?,0\nn.a.,0\n-,0\n", ":7:1: '?' in column a: a text in a column of numbers; ");
    expect_refusal(5, "?,0\nfew,0\n-,0\n", "");
    expect_refusal(20, "a,0\nb,0\nc,0\nd,0\n", ":22:1: 'a' in column a: a text in a column of numbers; ");
    expect_refusal(19, "a,0\nb,0\nc,0\nd,0\n", "");
    expect_refusal(20, "?,0\n", ":22:1: '?' in column a: a text in a column of numbers; ");
}
END_TEST

/* 24 rows of a column, made of the number of the row. */
static void expect_refusal_of_all(const char *format, const char *last, const char *refusal) {
    char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "a;b\n");
    for (int i = 1; i <= 24; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, format, i);
        used += (size_t)snprintf(text + used, sizeof text - used, ";0\n");
    }
    snprintf(text + used, sizeof text - used, "%s;0\n", last);
    table *read = read_text(text, &usual);
    const char *told = first_refusal(read);
    ck_assert_msg(*refusal ? strstr(told, refusal) != NULL : *told == '\0', "%s: %s", format, told);
    table_release(read);
}

START_TEST(numbers_that_are_written_otherwise_are_refused) {
    expect_refusal_of_all("1 0%02d", "5",
                          "numbers with blanks between thousands, which are texts here; --thousands space");
    expect_refusal_of_all("1\u00a00%02d,5 \u20ac", "95,50",
                          "--thousands space reads them as numbers, with --decimal , if they have decimal commas");
    expect_refusal_of_all("1\u202f0%02d", "1e99", "");
    expect_refusal_of_all("1'0%02d", "5", "numbers with apostrophes between thousands, which are texts here; ");
    expect_refusal_of_all("%d.5 kg", "7 kg", ":2:1: '1.5 kg' in column a: numbers with a unit, which are texts here; ");
    expect_refusal_of_all("%d.5 kg", "7 g", "");
    expect_refusal_of_all("shop %d", "7", "");
    expect_refusal_of_all("%dA3", "7A3", "");
}
END_TEST

START_TEST(dates_of_many_forms_are_refused) {
    static const char *const forms[] = {"2024-01-%02d",
                                        "Mon, %02d Jan 2024 10:00:00 GMT",
                                        "2024-01-%02d 10:00:00 EST",
                                        "Tuesday %d/1/24",
                                        "Jan-20%02d",
                                        "May 20%02d",
                                        "Sept. 20%02d",
                                        "%02d. Jan. 2024",
                                        "%d. M\u00e4rz 2024 10:00",
                                        "%02d-Okt-2024",
                                        "%02d-mrt-2024",
                                        "%d f\u00e9vr. 2024",
                                        "ao\u00fbt 20%02d",
                                        "%d enero 2024",
                                        "%d/dic/24",
                                        "%d set 2024",
                                        "2024-out-%02d",
                                        "10:%02d:00 PM"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        expect_refusal_of_all(forms[i], "", "dates or times, which are no features as they are; ");
    expect_refusal_of_all("2024-01-%02d", "unknown", "dates or times"); /* and a few that are none */
    expect_refusal_of_all("%d Monday", "Monday", "");
    expect_refusal_of_all("%d Marvel 2024", "1 Ma 2024", ""); /* no month is called so */
}
END_TEST

START_TEST(columns_are_found_by_name_then_by_number) {
    table *read = read_text("height,2,age,age\n1,2,3,4\n", &(table_options){.header = TABLE_YES});
    size_t column = 0;
    ck_assert_int_eq(table_find_column(read, "height", &column), EPOCL_OK);
    ck_assert_uint_eq(column, 0);
    ck_assert_int_eq(table_find_column(read, "2", &column), EPOCL_OK);
    ck_assert_uint_eq(column, 1);
    ck_assert_int_eq(table_find_column(read, "4", &column), EPOCL_OK);
    ck_assert_uint_eq(column, 3);
    ck_assert_int_eq(table_find_column(read, "heigth", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "did you mean 'height'?"));
    ck_assert_int_eq(table_find_column(read, "AGE", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "did you mean 'age'?"));
    ck_assert_int_eq(table_find_column(read, "weight in kg", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "; there are 'height', '2', 'age', 'age'"));
    ck_assert_int_eq(table_find_column(read, "age", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "columns 3 and 4 are both called 'age': rename one"));
    ck_assert_int_eq(table_find_column(read, "5", &column), EPOCL_ERROR_DATA);
    ck_assert_int_eq(table_find_column(read, "0", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(strstr(epocl_last_error(), "--header"));
    table_release(read);
    read = read_text("a:b:y\n1:2:x\n3:4:z\n", &usual);
    ck_assert_int_eq(table_find_column(read, "y", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "; there is only 'a:b:y': --separator C says what separates"));
    table_release(read);
    read = read_text("2013,2014\n1,2\n", &usual);
    ck_assert_int_eq(table_find_column(read, "2014", &column), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(
        strstr(epocl_last_error(), "; the first row is taken for values, not names, without --header yes"));
    table_release(read);
}
END_TEST

/* ---- Longer than what is looked at first ---------------------------------------------------------------------------
 */

enum { LONG_ROWS = 30000 };

/* id 001, 002, ... and the number of the row, then `last`. The caller frees it. */
static char *long_text(const char *last, size_t *byte_count) {
    char *text = malloc(LONG_ROWS * 24 + 100);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)sprintf(text, "id,row,y\n");
    for (int i = 1; i <= LONG_ROWS; i++) length += (size_t)sprintf(text + length, "%03d,%d,0.5\n", i, i);
    *byte_count = length + (size_t)sprintf(text + length, "%s", last);
    return text;
}

/* Every text as it was written, also of the rows before the first that is no number. */
static void expect_late_texts(const table *read) {
    char id[16];
    const table_column *ids = &read->columns[0];
    ck_assert(ids->is_text && !read->columns[1].is_text && !read->columns[2].is_text);
    for (size_t i = 0; i < LONG_ROWS; i++) {
        sprintf(id, "%03d", (int)i + 1);
        ck_assert_str_eq(ids->levels[ids->codes[i]], id);
        ck_assert(read->columns[1].numbers[i] == (float)(i + 1) && read->columns[2].numbers[i] == 0.5f);
    }
    ck_assert_str_eq(ids->levels[ids->codes[LONG_ROWS]], "oops");
    ck_assert_uint_eq(ids->number_count, LONG_ROWS);
    ck_assert(ids->first_text.line == LONG_ROWS + 2 && ids->first_text.byte == 1);
    ck_assert_int_eq(table_check_column(read, 0), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), ":30002:1: 'oops' in column "));
}

START_TEST(a_text_after_many_numbers_leaves_all_texts_as_they_are) {
    size_t byte_count = 0, gzip_count = 0;
    char *text = long_text("oops,1,0.5\n", &byte_count);
    unsigned char *gzip = gzip_member(text, byte_count, &gzip_count);
    table *read = expect_read(scratch_write("late.csv", text, byte_count), &usual);
    expect_late_texts(read);
    table_release(read);
    read = expect_read(scratch_write("late.csv.gz", gzip, gzip_count), &usual);
    ck_assert(read->is_gzip);
    expect_late_texts(read);
    table_release(read);
    text[0] = '\351'; /* converted, twice */
    read = expect_read(scratch_write("late.csv", text, byte_count), &usual);
    ck_assert_str_eq(read->columns[0].name, "\303\251d");
    ck_assert_str_eq(read->converted_from, "Latin-1 (Windows-1252)");
    expect_late_texts(read);
    table_release(read);
    free(gzip);
    free(text);
}
END_TEST

START_TEST(a_row_of_another_width_is_found_wherever_it_is) {
    size_t byte_count = 0;
    char *text = long_text("1,2,3,4\n", &byte_count);
    table *read = NULL;
    const char *path = scratch_write("wide.csv", text, byte_count);
    ck_assert_int_eq(table_read(path, &usual, &read), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), ":30002:7: a row of 4 values, the header has 3"));
    free(text);
}
END_TEST

/* Rows longer than what is looked at first, and than the window on the file. */
START_TEST(a_row_may_be_long) {
    enum { COLUMNS = 60000, CELL = 8 };
    char *text = malloc(3 * COLUMNS * CELL);
    ck_assert_ptr_nonnull(text);
    size_t length = 0;
    for (int i = 0; i < COLUMNS; i++)
        length += (size_t)sprintf(text + length, "n%d%c", i, i + 1 < COLUMNS ? ',' : '\n');
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < COLUMNS; i++)
            length += (size_t)sprintf(text + length, "%d%c", i + row, i + 1 < COLUMNS ? ',' : '\n');
    table *read = expect_read(scratch_write("wide.csv", text, length), &usual);
    ck_assert(read->has_header && read->column_count == COLUMNS && read->row_count == 2);
    for (int i = 0; i < COLUMNS; i++)
        ck_assert(read->columns[i].numbers[0] == (float)i && read->columns[i].numbers[1] == (float)i + 1);
    table_release(read);
    free(text);
}
END_TEST

/* Short numbers of every length, rows of every length, and line ends of every kind, through several windows. */
START_TEST(short_numbers_are_whole_wherever_a_window_ends) {
    enum { COLUMNS = 7, BYTES = 700000, LONGEST_ROW = 16 * COLUMNS };
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    static const int bounds[] = {10, 100, 1000, 10000, 100000, 10000000, 100000000};
    char *text = malloc(BYTES + LONGEST_ROW);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)sprintf(text, "a,b,c,d,e,f,g\n"), row_count = 0;
    uint64_t state = 88172645463325252u;
    for (; length < BYTES; row_count++)
        for (int i = 0; i < COLUMNS; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            const int value = (int)((state >> 33) % (uint64_t)bounds[(state >> 20) % 7]);
            length += (size_t)sprintf(text + length, state >> 63 ? "-%d%s" : "%d%s", value,
                                      i + 1 < COLUMNS ? "," : ends[(state >> 40) % 3]);
        }
    table *read = expect_read(scratch_write("short.csv", text, length), &usual);
    ck_assert_uint_eq(read->row_count, row_count);
    const char *p = text + sizeof "a,b,c,d,e,f,g";
    for (size_t i = 0; i < row_count * COLUMNS; i++) {
        char *end = NULL;
        const float expected = strtof(p, &end);
        if (memcmp(&read->columns[i % COLUMNS].numbers[i / COLUMNS], &expected, sizeof expected) != 0)
            ck_abort_msg("row %zu: %.12s", i / COLUMNS, p);
        p = end + strspn(end, ",\r\n");
    }
    table_release(read);
    free(text);
}
END_TEST

/* What stands among rows that are numbers alone, which are read in blocks, is what it is, where it is. */
START_TEST(rows_of_numbers_may_have_all_others_between) {
    enum { ROWS = 30000, GAP = 61 };
    static const char *const others[] = {"-3,4,5\n3,4,5\n", "\n3,4,5\n",  "3,\"4\",5\n", "3,,5\n",     "3,NA,5\r\n",
                                         "3, 4 ,5\r",       "3,04,5\n",   "3,4e0,5\n",   "3,.4,5\n",   "3,-0,5\n",
                                         "3,16777217,5\n",  "3,1e99,5\n", "3,$4,5\n",    "3,+4,5\r\n", ",,\n"};
    static const float numbers[] = {4, 4, 4, NAN, NAN, 4, 4, 4, 0.4f, -0.0f, 16777216, INFINITY, 4, 4, NAN};
    enum { OTHERS = sizeof others / sizeof *others };
    char *text = malloc(ROWS * 16);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)sprintf(text, "a,b,c\n"), place[OTHERS], line = 2, lines[OTHERS];
    for (size_t row = 0, k = 0; row < ROWS; row++) {
        const bool is_other = row % (ROWS / OTHERS) == GAP;
        const char *added = is_other ? others[k] : "1,22,-3.5\n";
        length += (size_t)sprintf(text + length, "%s", added);
        line += is_other && (*added == '-' || *added == '\n') ? 2 : 1;
        if (is_other) {
            place[k] = row;
            lines[k++] = line - 1;
        }
    }
    table *read = expect_read(scratch_write("others.csv", text, length), &(table_options){.comment = '-'});
    ck_assert_uint_eq(read->row_count, ROWS);
    const table_column *column = &read->columns[1];
    size_t k = 0;
    for (size_t row = 0; row < ROWS; row++) {
        const bool is_other = k < OTHERS && row == place[k];
        const float expected = is_other ? numbers[k++] : 22.0f;
        ck_assert_msg(memcmp(&column->numbers[row], &expected, sizeof expected) == 0, "row %zu: %g", row,
                      (double)column->numbers[row]);
        ck_assert(read->columns[0].numbers[row] == (is_other ? 3.0f : 1.0f) || (is_other && k == OTHERS));
        ck_assert(read->columns[2].numbers[row] == (is_other ? 5.0f : -3.5f) || (is_other && k == OTHERS));
    }
    ck_assert(column->has_leading_zeros && column->loses_digits && !column->is_whole && column->unit_count == 1);
    ck_assert_uint_eq(column->missing_count, 3);
    ck_assert(column->infinite_count == 1 && column->first_infinite.line == lines[11]);
    ck_assert(column->first_infinite.byte == 3 && column->first_unit.line == lines[12]);
    table_release(read);
    free(text);
}
END_TEST

/* Rows of a single column, in which a blank line is a missing value, and wide ones, of which few are in a window. */
START_TEST(tables_of_numbers_may_be_narrow_or_wide) {
    static const size_t widths[] = {1, 2, 3000, 70000};
    enum { VALUES = 700000 };
    char *text = malloc(VALUES * 5 + 70000 * 12);
    ck_assert_ptr_nonnull(text);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        const size_t width = widths[w], row_count = VALUES / width;
        size_t length = 0;
        for (size_t i = 0; i < width; i++) length += (size_t)sprintf(text + length, "n%zu%c", i, ",\n"[i + 1 == width]);
        for (size_t i = 0; i < row_count * width; i++) {
            if (i % 1009 != 1000) length += (size_t)sprintf(text + length, "%zu.5", i % 10);
            text[length++] = ",\n"[i % width + 1 == width];
        }
        table *read = expect_read(scratch_write("numbers.csv", text, length), &usual);
        ck_assert(read->row_count == row_count && read->column_count == width);
        for (size_t i = 0; i < row_count * width; i++) {
            const float number = read->columns[i % width].numbers[i / width];
            ck_assert_msg(i % 1009 == 1000 ? isnan(number) : number == (float)(i % 10) + 0.5f, "%zu, value %zu", width,
                          i);
        }
        table_release(read);
    }
    free(text);
}
END_TEST

/* Behind what is looked at first, too, a point is none where commas are decimal. */
START_TEST(short_numbers_have_the_point_that_was_said) {
    enum { ROWS = 20000 };
    char *text = malloc(ROWS * 8 + 64);
    ck_assert_ptr_nonnull(text);
    size_t length = (size_t)sprintf(text, "a;b\n");
    for (int i = 0; i < ROWS; i++) length += (size_t)sprintf(text + length, "7;8,5\n");
    length += (size_t)sprintf(text + length, "1.5;12,25\n");
    table *read = expect_read(scratch_write("point.csv", text, length), &(table_options){.decimal = ','});
    ck_assert(read->columns[0].is_text && !read->columns[1].is_text);
    ck_assert(read->columns[1].numbers[0] == 8.5f && read->columns[1].numbers[ROWS] == 12.25f);
    table_release(read);
    free(text);
}
END_TEST

/* ---- Standard input --------------------------------------------------------------------------------------------- */

typedef struct sender {
    int descriptor;
    const char *bytes;
    size_t byte_count;
} sender;

static void *send_bytes(void *argument) {
    const sender *sent = argument;
    for (size_t done = 0; done < sent->byte_count;) {
        const ssize_t count = write(sent->descriptor, sent->bytes + done, sent->byte_count - done);
        if (count <= 0) break;
        done += (size_t)count;
    }
    close(sent->descriptor);
    return NULL;
}

static table *read_pipe(const void *bytes, size_t byte_count) {
    int ends[2];
    pthread_t thread;
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(dup2(ends[0], STDIN_FILENO), 0);
    close(ends[0]);
    sender sent = {ends[1], bytes, byte_count};
    ck_assert_int_eq(pthread_create(&thread, NULL, send_bytes, &sent), 0);
    table *read = expect_read("-", &usual);
    pthread_join(thread, NULL);
    return read;
}

START_TEST(a_pipe_is_read_as_a_file) {
    size_t byte_count = 0, gzip_count = 0;
    char *text = long_text("oops,1,0.5\n", &byte_count);
    unsigned char *gzip = gzip_member(text, byte_count, &gzip_count);
    table *read = read_pipe(text, byte_count);
    ck_assert_str_eq(read->file_name, "standard input");
    expect_late_texts(read);
    table_release(read);
    read = read_pipe(gzip, gzip_count);
    expect_late_texts(read);
    table_release(read);
    free(gzip);
    free(text);
}
END_TEST

Suite *table_suite(void) {
    Suite *suite = suite_create("table");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, scratch_create, scratch_remove);
    tcase_add_test(reading, awkward_files_have_their_outcome);
    tcase_add_test(reading, options_say_how_values_are_written);
    tcase_add_test(reading, texts_are_asked_for_by_name_then_by_number);
    tcase_add_test(reading, options_that_cannot_be_are_refused);
    tcase_add_test(reading, ragged_rows_are_errors_or_counted);
    tcase_add_test(reading, places_count_lines_within_quotes);
    tcase_add_test(reading, columns_are_found_by_name_then_by_number);
    tcase_add_test(reading, rows_may_have_names_as_r_writes_them);
    tcase_add_test(reading, texts_that_were_meant_as_numbers_are_refused);
    tcase_add_test(reading, numbers_that_are_written_otherwise_are_refused);
    tcase_add_test(reading, dates_of_many_forms_are_refused);
    tcase_add_test(reading, a_text_after_many_numbers_leaves_all_texts_as_they_are);
    tcase_add_test(reading, a_row_of_another_width_is_found_wherever_it_is);
    tcase_add_test(reading, a_row_may_be_long);
    tcase_add_test(reading, short_numbers_are_whole_wherever_a_window_ends);
    tcase_add_test(reading, rows_of_numbers_may_have_all_others_between);
    tcase_add_test(reading, tables_of_numbers_may_be_narrow_or_wide);
    tcase_add_test(reading, short_numbers_have_the_point_that_was_said);
    tcase_add_test(reading, a_pipe_is_read_as_a_file);
    suite_add_tcase(suite, reading);
    return suite;
}
