#include "command/run/config.h"

#include "base/printable.h"
#include "base/small_file.h"
#include "command/show/byte_text.h"
#include "command/show/json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Four paths of 4096 bytes, each of which may take six characters, and the rest. Parsed, it takes a hundred times its
 * size. */
enum { MOST_BYTES = 1 << 17, NAME_CAPACITY = 48 };

/* "batch_size" of the option batch-size. */
static const char *member_name(const option_row *row, char name[NAME_CAPACITY]) {
    snprintf(name, NAME_CAPACITY, "%s", row->name);
    for (char *c = name; *c; c++)
        if (*c == '-') *c = '_';
    return name;
}

/* JSON's numbers do not hold 64 bits everywhere: such an option is a text. */
static bool is_text(const option_row *row) {
    return row->type == OPTION_CHOICE || row->type == OPTION_TEXT || row->type == OPTION_PARSED ||
           (row->type == OPTION_WHOLE && row->maximum > INT64_MAX);
}

static bool is_list(const option_row *row) {
    return row->type == OPTION_WHOLES || row->type == OPTION_REALS;
}

/* ---- Write ------------------------------------------------------------------------------------ */

static json_t *wholes_json(const whole_list *list) {
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) array = json_appended(array, json_integer((json_int_t)list->values[i]));
    return array;
}

static json_t *reals_json(const real_list *list) {
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) array = json_appended(array, json_real(list->values[i]));
    return array;
}

static json_t *value_json(const option_row *row, const void *values) {
    const void *value = option_value(row, values);
    char text[OPTION_TEXT_CAPACITY];
    if (!is_list(row) && !row->default_value && !option_is_set(row, values)) return json_null();
    if (is_text(row)) return json_text(option_text(row, values, text));
    switch (row->type) {
    case OPTION_FLAG: return json_boolean(*(const bool *)value);
    case OPTION_WHOLE: return json_integer((json_int_t) * (const uint64_t *)value);
    case OPTION_REAL: return json_real(*(const double *)value);
    case OPTION_WHOLES: return wholes_json(value);
    case OPTION_REALS: return reals_json(value);
    default: return byte_text_json(*(const char *const *)value);
    }
}

static json_t *settings_json(const command *used, const settings *given) {
    json_t *members = json_object();
    char name[NAME_CAPACITY];
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count && members; i++) {
        const option_row *row = list[i].row;
        if (!row->is_kept || json_object_set_new(members, member_name(row, name),
                                                 value_json(row, command_values_of(&list[i], given))) == 0)
            continue;
        json_decref(members);
        members = NULL;
    }
    return members;
}

/* null for a folder that is not there any more. */
static json_t *folder_json(void) {
    char *folder = getcwd(NULL, 0);
    json_t *text = folder || errno != ENOMEM ? byte_text_json(folder) : NULL;
    free(folder);
    return text;
}

json_t *run_config(const command *used, const settings *given, const epocl_network *network,
                   const epocl_device_info *device, const char *plan) {
    return json_pack("{sI ss so so so so so}",               //
                     "schema", (json_int_t)JSON_SCHEMA,      //
                     "epocl", epocl_version(),               //
                     "folder", folder_json(),                //
                     "settings", settings_json(used, given), //
                     "network", json_network(network),       //
                     "device", json_device(device),          //
                     "plan", json_text(plan));
}

/* ---- Read ------------------------------------------------------------------------------------- */

/* What is read, and memory for texts: the array "texts" that it gets. */
typedef struct config_reader {
    const char *path;
    const command_option *list;
    size_t count;
    json_t *config, *texts;
} config_reader;

static epocl_status fail_memory(const config_reader *reader) {
    return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to read it", reader->path);
}

/* Keeps the string, whose reference is taken over, and returns its text; NULL for NULL, and without memory. */
static const char *keep(const config_reader *reader, json_t *string) {
    if (!string || json_array_append_new(reader->texts, string) != 0) return NULL;
    return json_string_value(string);
}

/* A number as it sets an option; false for another value. */
static bool number_json_text(const json_t *value, bool is_whole, char *text, size_t capacity) {
    if (!(is_whole ? json_is_integer(value) : json_is_number(value))) return false;
    if (is_whole)
        snprintf(text, capacity, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        snprintf(text, capacity, "%.17g", json_number_value(value));
    return true;
}

/* A list as it sets an option; false for another value. */
static bool list_json_text(const json_t *value, bool is_whole, char *text, size_t capacity) {
    size_t used = 0;
    *text = '\0'; /* no hidden layers */
    if (!json_is_array(value)) return false;
    for (size_t i = 0; i < json_array_size(value) && used < capacity; i++) {
        char number[32];
        if (!number_json_text(json_array_get(value, i), is_whole, number, sizeof number)) return false;
        used += (size_t)snprintf(text + used, capacity - used, i ? ",%s" : "%s", number);
    }
    return true;
}

/* The text that sets an option to the value that is written for it; NULL for another value. */
static const char *value_text(const config_reader *reader, const option_row *row, const json_t *value) {
    char text[32 * LIST_CAPACITY] = "";
    const bool is_whole = row->type == OPTION_WHOLE || row->type == OPTION_WHOLES;
    if (row->type == OPTION_STRING || (is_text(row) && json_is_string(value)))
        return keep(reader, byte_text_read(value));
    if (row->type == OPTION_FLAG && json_is_boolean(value)) return json_is_true(value) ? "on" : "off";
    if (is_text(row) || row->type == OPTION_FLAG) return NULL;
    const bool is_right = is_list(row) ? list_json_text(value, is_whole, text, sizeof text)
                                       : number_json_text(value, is_whole, text, sizeof text);
    return is_right ? keep(reader, json_string(text)) : NULL;
}

static epocl_status read_member(const config_reader *reader, const command_option *one, const json_t *value,
                                settings *given) {
    const option_row *row = one->row;
    char name[NAME_CAPACITY];
    member_name(row, name);
    if (!value) return EPOCL_OK;                                     /* an earlier epocl did not know it */
    if (json_is_null(value) && !row->default_value) return EPOCL_OK; /* none was given */
    errno = 0;
    const char *text = value_text(reader, row, value);
    if (!text && errno == ENOMEM) return fail_memory(reader);
    if (!text)
        return fail(EPOCL_ERROR_DATA, "%s: the setting '%s' is not of the type that epocl writes", reader->path, name);
    if (option_store(row, name, text, command_values(one, given)) == EPOCL_OK) return EPOCL_OK;
    return fail_prefix(EPOCL_ERROR_DATA, "%s: ", reader->path);
}

/* Whether an option is kept under a member's name. */
static bool is_member(const config_reader *reader, const char *key) {
    char name[NAME_CAPACITY];
    for (size_t i = 0; i < reader->count; i++)
        if (reader->list[i].row->is_kept && strcmp(member_name(reader->list[i].row, name), key) == 0) return true;
    return false;
}

static epocl_status read_settings(const config_reader *reader, json_t *members, settings *given) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY], name[NAME_CAPACITY];
    const char *key;
    json_t *value;
    json_object_foreach(members, key, value) if (!is_member(reader, key)) return fail(
        EPOCL_ERROR_DATA, "%s: the setting '%s' is none that a run keeps; remove it", reader->path,
        printable(key, shown));
    for (size_t i = 0; i < reader->count; i++) {
        const command_option *one = &reader->list[i];
        if (one->row->is_kept)
            TRY(read_member(reader, one, json_object_get(members, member_name(one->row, name)), given));
    }
cleanup:
    return status;
}

/* Relative paths start from where the run was begun, unless there is nothing. */
static epocl_status place_paths(const config_reader *reader, settings *given) {
    char joined[2 * 4096];
    errno = 0;
    const char *folder = keep(reader, byte_text_read(json_object_get(reader->config, "folder")));
    char *here = getcwd(NULL, 0);
    if ((!folder || !here) && errno == ENOMEM) {
        free(here);
        return fail_memory(reader);
    }
    const bool is_here = !folder || *folder != '/' || (here && strcmp(here, folder) == 0);
    free(here);
    for (size_t i = 0; i < reader->count && !is_here; i++) {
        const option_row *row = reader->list[i].row;
        void *values = command_values(&reader->list[i], given);
        const char *path = row->is_path ? *(const char *const *)option_value(row, values) : NULL;
        if (!path || *path == '/' || strcmp(path, "-") == 0) continue; /* "-" is standard input */
        if (snprintf(joined, sizeof joined, "%s/%s", folder, path) >= (int)sizeof joined) continue;
        if (access(joined, F_OK) != 0) continue;
        const char *kept = keep(reader, json_string_nocheck(joined));
        if (!kept) return fail_memory(reader);
        (void)option_store(row, row->name, kept, values);
    }
    return EPOCL_OK;
}

static epocl_status check_members(const config_reader *reader) {
    static const char *const known[] = {"schema", "epocl", "folder", "settings", "network", "device", "plan"};
    char shown[PRINTABLE_CAPACITY];
    const char *key;
    json_t *value;
    if (!json_is_object(json_object_get(reader->config, "settings")) ||
        json_integer_value(json_object_get(reader->config, "schema")) != JSON_SCHEMA)
        return fail(EPOCL_ERROR_DATA, "%s: is not the configuration of a run of this epocl", reader->path);
    json_object_foreach(reader->config, key, value) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) is_known |= strcmp(known[i], key) == 0;
        if (!is_known)
            return fail(EPOCL_ERROR_DATA, "%s: the member '%s' is none that epocl writes; remove it", reader->path,
                        printable(key, shown));
    }
    return EPOCL_OK;
}

static epocl_status parse(const char *path, const char *text, size_t byte_count, json_t **config) {
    char reason[PRINTABLE_CAPACITY];
    json_error_t place;
    errno = 0; /* jansson does not tell a lack of memory from a mistake in the text */
    *config = json_loadb(text, byte_count, JSON_REJECT_DUPLICATES, &place);
    if (*config) return EPOCL_OK;
    if (errno == ENOMEM) return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to read it", path);
    return fail(EPOCL_ERROR_DATA, "%s:%d:%d: %s", path, place.line, place.column, printable(place.text, reason));
}

epocl_status run_config_read(int folder, const char *name, const char *path, const command *used, json_t **config,
                             settings *given) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    config_reader reader = {.path = path, .list = list, .count = command_options(used, list)};
    size_t byte_count = 0;
    *config = NULL;
    char *text = small_file_read_at(folder, name, MOST_BYTES, &byte_count);
    if (!text) return fail_file(path);
    TRY(parse(path, text, byte_count, config));
    reader.config = *config;
    TRY(check_members(&reader));
    reader.texts = json_array();
    if (json_object_set_new(*config, "texts", reader.texts) != 0) TRY(fail_memory(&reader));
    TRY(read_settings(&reader, json_object_get(*config, "settings"), given));
    TRY(place_paths(&reader, given));
cleanup:
    free(text);
    return status;
}
