/* A run's config.json, as `epocl train --resume` reads it. */
#include "command/run/files/config.h"

#include "base/files/small_file.h"
#include "command/commands.h"
#include "command/show/json_line.h"
#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file's bound, and what parsed JSON takes. */
enum { READER_BYTES = (128 + 16) << 10, JSON_RATIO = 112 };

static settings defaults(void) {
    settings given;
    char name[] = "train", *words[] = {name, NULL};
    EXPECT(options_parse(&command_train, 1, words, &given) == EPOCL_OK);
    return given;
}

/* Nothing that is this process's own is changed; numbers are those of the file. */
static void expect_read(const json_t *config, const settings *given) {
    const settings before = defaults();
    const json_t *members = json_object_get(config, "settings");
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(&command_train, list);
    for (size_t i = 0; i < count; i++)
        if (!list[i].row->is_kept)
            EXPECT(
                option_is_equal(list[i].row, command_values_of(&list[i], &before), command_values_of(&list[i], given)));
    EXPECT(json_object_size(members) <= count);
    EXPECT(memcmp(given->given, before.given, sizeof before.given) == 0);
    const json_t *epochs = json_object_get(members, "epochs"), *seed = json_object_get(members, "seed");
    const json_t *hidden = json_object_get(members, "hidden");
    EXPECT(given->epochs == (epochs ? (uint64_t)json_integer_value(epochs) : before.epochs));
    EXPECT(given->library.training.seed ==
           (seed ? strtoull(json_string_value(seed), NULL, 10) : before.library.training.seed));
    EXPECT(given->library.network.hidden.count == json_array_size(hidden));
    for (size_t i = 0; i < given->library.network.hidden.count; i++)
        EXPECT((json_int_t)given->library.network.hidden.values[i] == json_integer_value(json_array_get(hidden, i)));
}

/* A network that any run may have. */
static epocl_network *network(void) {
    static epocl_network *made;
    static const float inputs[2] = {0, 1};
    static const uint32_t labels[2] = {0, 1};
    epocl_options options;
    epocl_dataset *data = NULL;
    if (made) return made;
    EXPECT(epocl_dataset_from_floats(inputs, labels, 2, 1, 2, &data) == EPOCL_OK);
    options_begin_recipe(&options, RECIPE_SEED);
    EXPECT(epocl_network_create(data, &options, &made) == EPOCL_OK);
    epocl_dataset_release(data);
    return made;
}

/* What is written of the settings is read again. */
static void expect_kept(const settings *given) {
    const epocl_device_info info = {0};
    settings again = defaults();
    json_t *written = run_config(&command_train, given, network(), &info, "a plan"), *config = NULL;
    EXPECT(written && json_dump_file(written, scratch_file_path(), 0) == 0);
    json_decref(written);
    EXPECT(run_config_read(NO_FOLDER, scratch_file_path(), scratch_file_path(), &command_train, &config, &again) ==
           EPOCL_OK);
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(&command_train, list);
    for (size_t i = 0; i < count; i++)
        EXPECT(option_is_equal(list[i].row, command_values_of(&list[i], given), command_values_of(&list[i], &again)));
    json_decref(config);
}

/* The same file as --config takes it: nothing but settings, which count as given, and what is printed of them is read
 * again. */
static void expect_by_hand(const uint8_t *bytes, size_t byte_count) {
    const settings before = defaults();
    settings given = before, again = before;
    json_t *config = NULL, *config_again = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = settings_config_read(path, &command_train, &config, &given);
    trial_end(READER_BYTES + JSON_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(&command_train, list);
    for (size_t i = 0; i < count && status == EPOCL_OK; i++)
        if (!list[i].row->is_kept)
            EXPECT(!given.given[i] && option_is_equal(list[i].row, command_values_of(&list[i], &before),
                                                      command_values_of(&list[i], &given)));
    if (status == EPOCL_OK) {
        json_t *written = settings_config(&command_train, &given);
        EXPECT(written && json_dump_file(written, scratch_file_path(), 0) == 0);
        json_decref(written);
        EXPECT(settings_config_read(scratch_file_path(), &command_train, &config_again, &again) == EPOCL_OK);
        for (size_t i = 0; i < count; i++)
            EXPECT(
                option_is_equal(list[i].row, command_values_of(&list[i], &given), command_values_of(&list[i], &again)));
    } else {
        expect_printable_error(path);
    }
    json_decref(config_again);
    json_decref(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    settings given = defaults();
    json_t *config = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = run_config_read(NO_FOLDER, path, path, &command_train, &config, &given);
    trial_end(READER_BYTES + JSON_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    if (status == EPOCL_OK) {
        expect_read(config, &given);
        expect_kept(&given);
    } else {
        expect_printable_error(path);
    }
    json_decref(config);
    expect_by_hand(bytes, byte_count);
    return 0;
}
