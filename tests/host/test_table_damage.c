/* Damaged tables: cut anywhere, any byte changed. Each is refused or gives a sound table, within little memory. */
#include "data/table.h"
#include "support/array_files.h"
#include "support/awkward_tables.h"
#include "support/damage.h"
#include "support/gzip_member.h"
#include "support/memory_limit.h"
#include "support/scratch.h"
#include "support/table_text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *table_damage_suite(void);

enum { MEBIBYTE = 1 << 20 };

static void try_table(const unsigned char *bytes, size_t byte_count) {
    table *read = NULL;
    const char *path = scratch_write("damaged", bytes, byte_count);
    memory_limit_set(64 * MEBIBYTE);
    const epocl_status status = table_read(path, &(table_options){0}, &read);
    memory_limit_lift();
    ck_assert_msg(status == EPOCL_OK || status == EPOCL_ERROR_DATA, "%s: %s", epocl_status_name(status),
                  epocl_last_error());
    if (read)
        table_expect_sound(read);
    else
        ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "%s", epocl_last_error());
    table_release(read);
}

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    table *read = NULL;
    ck_assert_int_eq(table_read(scratch_write("damaged", bytes, byte_count), &(table_options){0}, &read),
                     EPOCL_ERROR_DATA);
}

START_TEST(texts_may_be_damaged) {
    for (size_t i = 0; i < awkward_table_count; i++) {
        const awkward_table *file = &awkward_tables[i];
        damage_each_length((const unsigned char *)file->bytes, file->byte_count, try_table);
    }
    static const char text[] = "a;\"b\";y\r\n1;\"x\"\"\ny\";0\r\n2;;inf\r\n";
    damage_each_byte((const unsigned char *)text, sizeof text - 1, try_table);
}
END_TEST

START_TEST(gzip_is_refused_when_cut) {
    static const char text[] = "a,b\n1,2\n3,4\n";
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(text, sizeof text - 1, &gzip_count);
    for (size_t length = 2; length < gzip_count; length++) expect_refused(gzip, length);
    free(gzip);
}
END_TEST

START_TEST(arrays_are_refused_when_cut) {
    static unsigned char file[ARRAY_FILE_BYTES];
    const size_t byte_count =
        npy_write(file, "<f4", true, "(2, 3)", "\0\0\0\0\0\0\x80\x3f\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
    for (size_t length = 0; length < byte_count; length++) {
        if (length >= 6) expect_refused(file, length);
        try_table(file, length);
    }
    damage_each_byte(file, byte_count, try_table);
}
END_TEST

START_TEST(archives_are_refused_when_cut) {
    static unsigned char file[ARRAY_FILE_BYTES];
    static archive made;
    made = (archive){0};
    const size_t byte_count = npy_write(file, "|u1", false, "(2, 2)", "\1\2\3\4", 4);
    archive_add(&made, "x.npy", file, byte_count, true, true);
    archive_add(&made, "y.npy", file, npy_write(file, "|u1", false, "(2,)", "\1\2", 2), false, false);
    archive_end(&made);
    for (size_t length = 4; length < made.byte_count; length++) expect_refused(made.bytes, length);
    damage_each_byte(made.bytes, made.byte_count, try_table);
}
END_TEST

START_TEST(libsvm_may_be_damaged) {
    static const char text[] = "1 1:0.5 3:2\n-1 qid:3 2:1 # x\n";
    damage_each_length((const unsigned char *)text, sizeof text - 1, try_table);
    damage_each_byte((const unsigned char *)text, sizeof text - 1, try_table);
}
END_TEST

Suite *table_damage_suite(void) {
    Suite *suite = suite_create("table_damage");
    TCase *damage = tcase_create("damage");
    tcase_set_timeout(damage, 60);
    tcase_add_checked_fixture(damage, scratch_create, scratch_remove);
    tcase_add_test(damage, texts_may_be_damaged);
    tcase_add_test(damage, gzip_is_refused_when_cut);
    tcase_add_test(damage, arrays_are_refused_when_cut);
    tcase_add_test(damage, archives_are_refused_when_cut);
    tcase_add_test(damage, libsvm_may_be_damaged);
    suite_add_tcase(suite, damage);
    return suite;
}
