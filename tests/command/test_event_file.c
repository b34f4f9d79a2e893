/* Files of events, read again by the definition of their records. */
#include "base/checksum.h"
#include "command/fixture.h"
#include "command/run/files/event_file.h"
#include "export/onnx/protobuf.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

Suite *event_file_suite(void);

/* Of RFC 3720, B.4, and of the nine digits. */
START_TEST(the_checksum_is_castagnoli_s) {
    unsigned char bytes[32] = {0};
    ck_assert_uint_eq(checksum_castagnoli("123456789", 9), 0xE3069283);
    ck_assert_uint_eq(checksum_castagnoli(bytes, sizeof bytes), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    ck_assert_uint_eq(checksum_castagnoli(bytes, sizeof bytes), 0x62A8AB43);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)i;
    ck_assert_uint_eq(checksum_castagnoli(bytes, sizeof bytes), 0x46DD794E);
}
END_TEST

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static void assert_checksum(const unsigned char *bytes, size_t count, const unsigned char *masked) {
    const uint32_t moved = (uint32_t)little_endian(masked, 4) - 0xA282EAD8u;
    ck_assert_uint_eq((uint32_t)(moved << 15 | moved >> 17), checksum_castagnoli(bytes, count));
}

typedef struct event {
    bool has_version, has_start;
    size_t step, value_count;
    double wall_time;
    struct {
        char tag[64];
        float number;
    } values[8];
} event;

static void read_value(protobuf_part part, event *read) {
    protobuf_field field;
    bool is_damaged = false;
    ck_assert_uint_lt(read->value_count, 8);
    while (protobuf_next(&part, &field, &is_damaged)) {
        if (field.number == 1) {
            const size_t length = protobuf_length(field.bytes);
            ck_assert_uint_lt(length, sizeof read->values[0].tag);
            memcpy(read->values[read->value_count].tag, field.bytes.next, length);
        }
        if (field.number == 2) read->values[read->value_count].number = protobuf_float(field.bytes.next);
    }
    ck_assert(!is_damaged);
    read->value_count++;
}

static event read_event(protobuf_part part) {
    event read;
    protobuf_field field, inner;
    bool is_damaged = false;
    memset(&read, 0, sizeof read);
    while (protobuf_next(&part, &field, &is_damaged)) {
        if (field.number == 1) read.wall_time = protobuf_double(field.bytes.next);
        if (field.number == 2) read.step = (size_t)field.whole;
        if (field.number == 3) read.has_version = protobuf_is_text(field.bytes, "brain.Event:2");
        if (field.number == 7)
            read.has_start = protobuf_next(&field.bytes, &inner, &is_damaged) && inner.number == 1 && inner.whole == 1;
        while (field.number == 5 && protobuf_next(&field.bytes, &inner, &is_damaged)) read_value(inner.bytes, &read);
    }
    ck_assert(!is_damaged);
    return read;
}

/* The events of the only file in a folder. */
static size_t read_events(const char *folder, event *events, size_t capacity) {
    char name[300] = "", path[400];
    size_t byte_count = 0, count = 0, place = 0;
    DIR *listed = opendir(scratch_path(folder));
    ck_assert_ptr_nonnull(listed);
    for (struct dirent *entry; (entry = readdir(listed));)
        if (*entry->d_name != '.') {
            ck_assert_str_eq(name, "");
            ck_assert_ptr_nonnull(strstr(entry->d_name, "tfevents"));
            snprintf(name, sizeof name, "%s", entry->d_name);
        }
    closedir(listed);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unsigned char *bytes = file_read(scratch_path(path), &byte_count);
    while (place < byte_count) {
        ck_assert_uint_le(place + 16, byte_count);
        const size_t length = (size_t)little_endian(bytes + place, 8);
        ck_assert_uint_le(length, byte_count - place - 16);
        assert_checksum(bytes + place, 8, bytes + place + 8);
        assert_checksum(bytes + place + 12, length, bytes + place + 12 + length);
        ck_assert_uint_lt(count, capacity);
        events[count++] = read_event((protobuf_part){bytes + place + 12, bytes + place + 12 + length});
        place += length + 16;
    }
    free(bytes);
    return count;
}

static void assert_value(const event *read, const char *tag, double expected) {
    for (size_t i = 0; i < read->value_count; i++)
        if (strcmp(read->values[i].tag, tag) == 0) {
            ck_assert_float_eq(read->values[i].number, (float)expected);
            return;
        }
    ck_abort_msg("no %s", tag);
}

START_TEST(each_epoch_is_an_event) {
    event events[8];
    outcome ended = run(TRAIN, "--valid-split", "0.25", "--epochs", "2", "--json", "--quiet", "--output", "@run",
                        "--tensorboard", "@new/events");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(read_events("new/events", events, 8), 4);
    ck_assert(events[0].has_version && events[1].has_start && events[1].step == 1);
    for (size_t epoch = 0; epoch < 2; epoch++) {
        const event *read = &events[2 + epoch];
        const json_t *line = json_array_get(lines, epoch);
        ck_assert_uint_eq(read->step, epoch + 1);
        ck_assert_uint_eq(read->value_count, 5);
        assert_value(read, "cost/train", number_of(line, "train_cost"));
        assert_value(read, "cost/validation", number_of(line, "valid_cost"));
        assert_value(read, "accuracy/train", number_of(line, "train_accuracy"));
        assert_value(read, "accuracy/validation", number_of(line, "valid_accuracy"));
        ck_assert_double_gt(read->wall_time, 1.7e9);
    }
    json_decref(lines);
    outcome_release(&ended);
    assert_ended(run("train", "--resume", "@run", "--epochs", "3", "--quiet", "--tensorboard", "@again"), 0);
    ck_assert_uint_eq(read_events("again", events, 8), 3);
    ck_assert(events[1].has_start && events[1].step == 3 && events[2].step == 3);
}
END_TEST

static void create_event_file(const char *folder) {
    event_file *file;
    ck_assert_int_eq(event_file_create(scratch_path(folder), 1, 0, &file), EPOCL_OK);
    event_file_release(file);
}

/* The name of the only file in a folder that is neither `known` nor hidden is after all of `known`. */
static void expect_a_later_one(const char *folder, char known[][300], size_t count) {
    DIR *listed = opendir(scratch_path(folder));
    ck_assert_ptr_nonnull(listed);
    *known[count] = '\0';
    for (const struct dirent *entry; (entry = readdir(listed));) {
        bool is_known = *entry->d_name == '.';
        for (size_t i = 0; i < count; i++) is_known = is_known || strcmp(entry->d_name, known[i]) == 0;
        if (!is_known) snprintf(known[count], 300, "%s", entry->d_name);
    }
    closedir(listed);
    for (size_t i = 0; i < count; i++) ck_assert_str_gt(known[count], known[i]);
}

/* TensorBoard takes files in the order of their names: more than ten a second, and one of a clock that ran ahead. */
START_TEST(later_files_have_later_names) {
    char known[14][300];
    for (size_t i = 0; i < 12; i++) {
        create_event_file("events");
        expect_a_later_one("events", known, i);
    }
    scratch_write("events/events.out.tfevents.4102444800.999999999.host.7", "", 0);
    expect_a_later_one("events", known, 12);
    create_event_file("events");
    expect_a_later_one("events", known, 13);
    scratch_write("events/events.out.tfevents.9999999999.9.host.7", "", 0);
    create_event_file("events");
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_ends_the_run_before_it_begins) {
    scratch_write("file", "x", 1);
    assert_refused(run(TRAIN, "--epochs", "1", "--quiet", "--output", "@run", "--tensorboard", "@file"), 73, "file");
    ck_assert(!scratch_exists("run"));
}
END_TEST

Suite *event_file_suite(void) {
    Suite *suite = suite_create("event_file");
    TCase *tcase = tcase_create("event_file");
    tcase_add_checked_fixture(tcase, fixture_create_plain, fixture_remove);
    tcase_add_test(tcase, the_checksum_is_castagnoli_s);
    tcase_add_test(tcase, each_epoch_is_an_event);
    tcase_add_test(tcase, later_files_have_later_names);
    tcase_add_test(tcase, a_folder_that_cannot_be_made_ends_the_run_before_it_begins);
    suite_add_tcase(suite, tcase);
    return suite;
}
