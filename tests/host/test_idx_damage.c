/* Damaged IDX files: cut anywhere, any byte changed, absurd sizes, gzip that unpacks to too much. Each
 * must be refused or give a valid data set, within little memory. */
#include "base/status.h"
#include "data/dataset.h"
#include "support/gzip_member.h"
#include "support/idx_file.h"
#include "support/memory_limit.h"
#include "support/scratch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *idx_damage_suite(void);

enum { MEBIBYTE = 1 << 20 };

static const idx_file bytes_file = {0x08, 3, {2, 2, 3}, 12, {9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3}};
static const idx_file floats_file = {0x0D, 2, {2, 1}, 8, {0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0}};
static const idx_file labels_file = {0x0C, 1, {2}, 8, {0, 0, 0, 1, 0, 0, 0, 0}};

static void expect_sound(const epocl_dataset *dataset) {
    ck_assert(dataset->sample_count >= 1 && dataset->sample_count <= DATASET_MAX_SAMPLES);
    ck_assert(dataset->input_count >= 1 && dataset->input_count <= DATASET_MAX_INPUTS);
    const size_t value_count = dataset->sample_count * dataset->input_count;
    for (size_t i = 0; i < value_count && dataset->type == INPUT_FLOATS; i++) {
        const float value = ((const float *)dataset->inputs)[i];
        ck_assert(value - value == 0.0f); /* finite */
    }
    for (size_t i = 0; i < dataset->sample_count && dataset->labels; i++)
        ck_assert(dataset->labels[i] < dataset->class_count && dataset->class_count <= DATASET_MAX_CLASSES);
    void *copy = malloc(value_count * dataset_value_bytes(dataset)); /* reads every byte of it */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, dataset->inputs, value_count * dataset_value_bytes(dataset));
    free(copy);
}

/* What is read: inputs, or the labels to sound inputs. Returns whether the file was accepted. */
static bool load_damaged(const unsigned char *bytes, size_t byte_count, bool as_labels) {
    epocl_dataset *dataset = NULL;
    const char *path = scratch_write("damaged", bytes, byte_count);
    const epocl_status status =
        epocl_dataset_load(as_labels ? scratch_path("sound") : path, as_labels ? path : NULL, &dataset);
    ck_assert_msg(status == EPOCL_OK || status == EPOCL_ERROR_DATA, "%s: %s", epocl_status_name(status),
                  epocl_last_error());
    if (status == EPOCL_OK) {
        expect_sound(dataset);
        epocl_dataset_release(dataset);
    } else {
        ck_assert_ptr_null(dataset);
        ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "%s", epocl_last_error());
    }
    return status == EPOCL_OK;
}

/* Index bit 0: gzip; above it: which file. */
enum { VARIANT_COUNT = 6 };

static unsigned char *variant_bytes(int variant, size_t *byte_count, bool *as_labels) {
    const idx_file *files[] = {&bytes_file, &floats_file, &labels_file};
    unsigned char plain[IDX_FILE_BYTES];
    const idx_file *file = files[variant / 2];
    *as_labels = file == &labels_file;
    *byte_count = idx_file_bytes(file, plain);
    idx_file_write(&bytes_file, "sound", false);
    if (variant % 2 != 0) return gzip_member(plain, *byte_count, byte_count);
    unsigned char *copy = malloc(*byte_count);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, plain, *byte_count);
    return copy;
}

START_TEST(every_cut_is_refused) {
    size_t byte_count = 0;
    bool as_labels = false;
    unsigned char *bytes = variant_bytes(_i, &byte_count, &as_labels);
    ck_assert(load_damaged(bytes, byte_count, as_labels));
    for (size_t length = 0; length < byte_count; length++)
        ck_assert_msg(!load_damaged(bytes, length, as_labels), "accepted when cut to %zu bytes", length);
    free(bytes);
}
END_TEST

/* Of a plain file: every change in the header, but for one that makes floats of integers, and those that make a float
 * infinite or a label negative or too large. */
static const size_t plain_refused_counts[] = {16 * 255, 12 * 255 + 2, 8 * 255 - 1 + 2 * (255 + 240)};

/* Of a gzip file: what its checksum guards, which is all but the time, two bytes more of the header, some of
 * its flags and the padding after the last bit. */
enum { GZIP_UNGUARDED_BYTES = 8 };

START_TEST(every_changed_byte_is_refused_or_sound) {
    size_t byte_count = 0, refused_count = 0;
    bool as_labels = false;
    unsigned char *bytes = variant_bytes(_i, &byte_count, &as_labels);
    memory_limit_set(16 * MEBIBYTE);
    for (size_t place = 0; place < byte_count; place++) {
        for (unsigned change = 1; change < 256; change++) {
            bytes[place] ^= (unsigned char)change;
            refused_count += !load_damaged(bytes, byte_count, as_labels);
            bytes[place] ^= (unsigned char)change;
        }
    }
    memory_limit_lift();
    if (_i % 2 == 0)
        ck_assert_uint_eq(refused_count, plain_refused_counts[_i / 2]);
    else
        ck_assert_uint_ge(refused_count, (byte_count - GZIP_UNGUARDED_BYTES) * 255);
    free(bytes);
}
END_TEST

START_TEST(added_bytes_are_refused) {
    size_t byte_count = 0;
    bool as_labels = false;
    unsigned char *bytes = variant_bytes(_i, &byte_count, &as_labels);
    bytes = realloc(bytes, byte_count + 2);
    ck_assert_ptr_nonnull(bytes);
    for (unsigned value = 0; value < 256; value++) {
        bytes[byte_count] = (unsigned char)value;
        bytes[byte_count + 1] = 0x8b;
        const bool is_padding = _i % 2 != 0 && value == 0; /* a zero may fill a gzip file */
        ck_assert(load_damaged(bytes, byte_count + 1, as_labels) == is_padding);
        ck_assert(!load_damaged(bytes, byte_count + 2, as_labels));
    }
    free(bytes);
}
END_TEST

START_TEST(absurd_sizes_take_no_memory) {
    static const uint32_t sizes[] = {0, 1, 0xFFFF, 0x10000, 0x01000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };
    idx_file_write(&bytes_file, "sound", false);
    memory_limit_set(16 * MEBIBYTE);
    for (size_t i = 0; i < SIZE_COUNT * SIZE_COUNT * SIZE_COUNT; i++) {
        const uint32_t a = sizes[i % SIZE_COUNT], b = sizes[i / SIZE_COUNT % SIZE_COUNT],
                       c = sizes[i / SIZE_COUNT / SIZE_COUNT];
        /* Five bytes: what no type and none of these sizes declare. */
        const idx_file files[] = {{0x08, 3, {a, b, c}, 5, {0}}, {0x0D, 3, {a, b, c}, 5, {0}}, {0x0C, 1, {a}, 5, {0}}};
        for (size_t kind = 0; kind < 3; kind++) {
            unsigned char bytes[IDX_FILE_BYTES];
            const size_t byte_count = idx_file_bytes(&files[kind], bytes);
            ck_assert(!load_damaged(bytes, byte_count, kind == 2));
            size_t gzip_count = 0;
            unsigned char *gzip = gzip_member(bytes, byte_count, &gzip_count);
            ck_assert(!load_damaged(gzip, gzip_count, kind == 2));
            free(gzip);
        }
    }
    memory_limit_lift();
}
END_TEST

START_TEST(gzip_is_unpacked_no_further_than_declared) {
    const size_t bomb_bytes = 64 * MEBIBYTE;
    unsigned char *bytes = calloc(bomb_bytes, 1);
    ck_assert_ptr_nonnull(bytes);
    idx_file_bytes(&bytes_file, bytes);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, bomb_bytes, &gzip_count);
    free(bytes);
    memory_limit_set(16 * MEBIBYTE);
    ck_assert(!load_damaged(gzip, gzip_count, false));
    ck_assert_msg(strstr(epocl_last_error(), "trailing bytes") != NULL, "%s", epocl_last_error());
    memory_limit_lift();
    free(gzip);
}
END_TEST

/* 32 MiB of labels, packed to a thousandth, for two samples. */
START_TEST(labels_are_counted_before_they_are_unpacked) {
    const uint32_t label_count = 32 * MEBIBYTE;
    const idx_file header = {0x08, 1, {label_count}, 0, {0}};
    unsigned char *bytes = calloc(label_count + IDX_FILE_BYTES, 1);
    ck_assert_ptr_nonnull(bytes);
    const size_t header_bytes = idx_file_bytes(&header, bytes);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, header_bytes + label_count, &gzip_count);
    free(bytes);
    const idx_file two = {0x08, 2, {2, 1}, 2, {0}};
    const char *images = idx_file_write(&two, "two", false), *labels = scratch_write("bomb", gzip, gzip_count);
    free(gzip);
    epocl_dataset *dataset = NULL;
    memory_limit_set(16 * MEBIBYTE);
    ck_assert_int_eq(epocl_dataset_load(images, labels, &dataset), EPOCL_ERROR_DATA);
    memory_limit_lift();
    ck_assert_msg(strstr(epocl_last_error(), "holds 33554432 labels, but there are 2") != NULL, "%s",
                  epocl_last_error());
}
END_TEST

START_TEST(gzip_memory_grows_with_what_is_there) {
    /* A mebibyte, packed to a thousandth, more than the first buffer holds; the header declares 2 GiB. */
    const idx_file header = {0x08, 2, {0x7FFFFFFF, 1}, 0, {0}};
    unsigned char *bytes = calloc(MEBIBYTE, 1);
    ck_assert_ptr_nonnull(bytes);
    idx_file_bytes(&header, bytes);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, MEBIBYTE, &gzip_count);
    free(bytes);
    memory_limit_set(16 * MEBIBYTE);
    ck_assert(!load_damaged(gzip, gzip_count, false));
    ck_assert_msg(strstr(epocl_last_error(), "it holds 1048576 unpacked") != NULL, "%s", epocl_last_error());
    memory_limit_lift();
    free(gzip);
}
END_TEST

START_TEST(gzip_larger_than_its_first_buffer_is_read) {
    /* Constant data packs about 1000 to 1, so that the memory must grow several times. */
    const idx_file header = {0x08, 2, {8192, 512}, 0, {0}};
    const size_t header_bytes = 12, value_count = (size_t)8192 * 512;
    unsigned char *bytes = malloc(header_bytes + value_count);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(idx_file_bytes(&header, bytes), header_bytes);
    for (size_t i = 0; i < value_count; i++) bytes[header_bytes + i] = (unsigned char)(i >> 14);
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, header_bytes + value_count, &gzip_count);
    epocl_dataset *dataset = NULL;
    const char *path = scratch_write("large", gzip, gzip_count);
    ck_assert_msg(epocl_dataset_load(path, NULL, &dataset) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(memcmp(dataset->inputs, bytes + header_bytes, value_count), 0);
    epocl_dataset_release(dataset);
    ck_assert(!load_damaged(gzip, gzip_count / 2, false));
    free(gzip);
    free(bytes);
}
END_TEST

/* What is large enough is unpacked at once, if it is a single member of as many bytes as its header declares; all else
 * has the outcome and the sentence that a small file has. */
START_TEST(gzip_unpacked_at_once_is_as_strict) {
    enum { ROWS = 1024, ROOM = 64 };
    const idx_file header = {0x08, 2, {ROWS, 257}, 0, {0}};
    const size_t header_bytes = 12, value_count = (size_t)ROWS * 257, half = value_count / 2;
    unsigned char *bytes = malloc(header_bytes + value_count + 1);
    uint32_t noise = 1;
    size_t gzip_count = 0, first_count = 0, second_count = 0;
    epocl_dataset *dataset = NULL;
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(idx_file_bytes(&header, bytes), header_bytes);
    for (size_t i = 0; i <= value_count; i++)
        bytes[header_bytes + i] = (unsigned char)((noise = noise * 69069 + 5) >> 24);
    unsigned char *gzip = gzip_member(bytes, header_bytes + value_count, &gzip_count);
    gzip = realloc(gzip, gzip_count + ROOM);
    ck_assert(gzip && gzip_count > 2 * half);
    memset(gzip + gzip_count, 0, ROOM);
    const char *path = scratch_write("noise", gzip, gzip_count);
    ck_assert_msg(epocl_dataset_load(path, NULL, &dataset) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(memcmp(dataset->inputs, bytes + header_bytes, value_count), 0);
    epocl_dataset_release(dataset);

    ck_assert(load_damaged(gzip, gzip_count + ROOM, false)); /* zeros may fill it */
    memcpy(gzip + gzip_count, gzip + gzip_count - 4, 4);     /* how many it unpacks to, as at its end */
    for (size_t more = 1; more <= 4; more++) {
        ck_assert(!load_damaged(gzip, gzip_count + more, false));
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "has bytes after the end of its gzip data"));
    }
    for (size_t cut = gzip_count - 1; cut > gzip_count / 2; cut -= gzip_count / 7)
        ck_assert(!load_damaged(gzip, cut, false));
    const size_t changed[] = {half, gzip_count - 8, gzip_count - 4}; /* data, their checksum, their number */
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        gzip[changed[i]] ^= 1;
        ck_assert(!load_damaged(gzip, gzip_count, false));
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "corrupt gzip data"));
        gzip[changed[i]] ^= 1;
    }
    free(gzip);

    gzip = gzip_member(bytes, header_bytes + value_count + 1, &gzip_count);
    ck_assert(!load_damaged(gzip, gzip_count, false));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "has trailing bytes"));
    free(gzip);
    gzip = gzip_member(bytes, header_bytes + value_count - 1, &gzip_count);
    ck_assert(!load_damaged(gzip, gzip_count, false));
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "truncated: its header declares"));
    free(gzip);

    unsigned char *first = gzip_member(bytes, half, &first_count);
    unsigned char *second = gzip_member(bytes + half, header_bytes + value_count - half, &second_count);
    first = realloc(first, first_count + second_count);
    ck_assert_ptr_nonnull(first);
    memcpy(first + first_count, second, second_count);
    ck_assert(load_damaged(first, first_count + second_count, false));
    free(first);
    free(second);
    free(bytes);
}
END_TEST

/* Its header and its end agree on 64 MiB, of which an eighth of one is there. */
START_TEST(gzip_that_lies_twice_takes_no_memory) {
    const idx_file header = {0x08, 2, {64 * 1024, 1024}, 0, {0}};
    const size_t header_bytes = 12, byte_count = MEBIBYTE / 8, declared = header_bytes + (size_t)64 * MEBIBYTE;
    unsigned char *bytes = malloc(byte_count);
    uint32_t noise = 1;
    size_t gzip_count = 0;
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < byte_count; i++) bytes[i] = (unsigned char)((noise = noise * 69069 + 5) >> 24);
    ck_assert_uint_eq(idx_file_bytes(&header, bytes), header_bytes);
    unsigned char *gzip = gzip_member(bytes, byte_count, &gzip_count);
    for (size_t i = 0; i < 4; i++) gzip[gzip_count - 4 + i] = (unsigned char)(declared >> 8 * i);
    ck_assert_uint_ge(gzip_count, 1 << 16);
    memory_limit_set(16 * MEBIBYTE);
    ck_assert(!load_damaged(gzip, gzip_count, false));
    ck_assert_msg(strstr(epocl_last_error(), "corrupt gzip data") != NULL, "%s", epocl_last_error());
    memory_limit_lift();
    free(gzip);
    free(bytes);
}
END_TEST

START_TEST(gzip_members_are_joined_and_each_is_checked) {
    unsigned char plain[IDX_FILE_BYTES], joined[4 * IDX_FILE_BYTES];
    const size_t byte_count = idx_file_bytes(&bytes_file, plain);
    for (size_t cut = 0; cut <= byte_count; cut++) {
        size_t first_count = 0, second_count = 0;
        unsigned char *first = gzip_member(plain, cut, &first_count);
        unsigned char *second = gzip_member(plain + cut, byte_count - cut, &second_count);
        memcpy(joined, first, first_count);
        memcpy(joined + first_count, second, second_count);
        ck_assert(load_damaged(joined, first_count + second_count, false));
        joined[first_count - 8] ^= 1; /* the first byte of the first member's checksum */
        ck_assert(!load_damaged(joined, first_count + second_count, false));
        ck_assert_msg(strstr(epocl_last_error(), "corrupt gzip data") != NULL, "%s", epocl_last_error());
        free(first);
        free(second);
    }
}
END_TEST

Suite *idx_damage_suite(void) {
    Suite *suite = suite_create("idx_damage");
    TCase *tests = tcase_create("damage");
    tcase_add_unchecked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_loop_test(tests, every_cut_is_refused, 0, VARIANT_COUNT);
    tcase_add_loop_test(tests, every_changed_byte_is_refused_or_sound, 0, VARIANT_COUNT);
    tcase_add_loop_test(tests, added_bytes_are_refused, 0, VARIANT_COUNT);
    tcase_add_test(tests, absurd_sizes_take_no_memory);
    tcase_add_test(tests, gzip_is_unpacked_no_further_than_declared);
    tcase_add_test(tests, labels_are_counted_before_they_are_unpacked);
    tcase_add_test(tests, gzip_memory_grows_with_what_is_there);
    tcase_add_test(tests, gzip_larger_than_its_first_buffer_is_read);
    tcase_add_test(tests, gzip_unpacked_at_once_is_as_strict);
    tcase_add_test(tests, gzip_that_lies_twice_takes_no_memory);
    tcase_add_test(tests, gzip_members_are_joined_and_each_is_checked);
    suite_add_tcase(suite, tests);
    return suite;
}
