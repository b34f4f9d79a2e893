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

/* Kept, and not another spelling of an option that is. */
static bool is_member(const command_option *option) {
    return option->is_kept && option->help;
}

/* "batch_size" of the option batch-size. */
static const char *member_name(const command_option *option, char name[NAME_CAPACITY]) {
    snprintf(name, NAME_CAPACITY, "%s", option->name);
    for (char *c = name; *c; c++)
        if (*c == '-') *c = '_';
    return name;
}

/* JSON's numbers do not hold 64 bits everywhere: such an option is a text. */
static bool is_text(const command_option *option) {
    return option->type == OPTION_CHOICE || option->type == OPTION_EVERY ||
           (option->type == OPTION_WHOLE && option->maximum > INT64_MAX);
}

/* ---- Write ------------------------------------------------------------------------------------ */

static json_t *units_json(const unit_list *units) {
    json_t *list = json_array();
    for (size_t i = 0; i < units->count; i++) list = json_appended(list, json_integer((json_int_t)units->values[i]));
    return list;
}

static json_t *value_json(const command_option *option, const settings *given) {
    const void *value = option_value(option, given);
    char text[OPTION_TEXT_CAPACITY];
    if (is_text(option)) return json_text(option_text(option, given, text));
    switch (option->type) {
    case OPTION_FLAG: return json_boolean(*(const bool *)value);
    case OPTION_WHOLE: {
        const uint64_t number = *(const uint64_t *)value;
        return number < option->minimum ? json_null() : json_integer((json_int_t)number);
    }
    case OPTION_REAL: return *(const double *)value > option->above ? json_real(*(const double *)value) : json_null();
    case OPTION_UNITS: return units_json(value);
    default: return byte_text_json(*(const char *const *)value);
    }
}

static json_t *settings_json(const command *used, const settings *given) {
    json_t *members = json_object();
    char name[NAME_CAPACITY];
    for (size_t i = 0; i < used->option_count && members; i++) {
        const command_option *option = &used->options[i];
        if (!is_member(option) ||
            json_object_set_new(members, member_name(option, name), value_json(option, given)) == 0)
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
    const command *used;
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

/* The text that sets an option to the value that is written for it; NULL for another value. */
static const char *value_text(const config_reader *reader, const command_option *option, const json_t *value) {
    char text[16 * UNITS_CAPACITY] = ""; /* no hidden layers */
    size_t used = 0;
    if (option->type == OPTION_TEXT || (is_text(option) && json_is_string(value)))
        return keep(reader, byte_text_read(value));
    if (option->type == OPTION_WHOLE && !is_text(option) && json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (option->type == OPTION_REAL && json_is_number(value))
        snprintf(text, sizeof text, "%.17g", json_number_value(value));
    else if (option->type != OPTION_UNITS || !json_is_array(value))
        return NULL;
    for (size_t i = 0; i < json_array_size(value) && used < sizeof text; i++) {
        if (!json_is_integer(json_array_get(value, i))) return NULL;
        used +=
            (size_t)snprintf(text + used, sizeof text - used, i ? ",%" JSON_INTEGER_FORMAT : "%" JSON_INTEGER_FORMAT,
                             json_integer_value(json_array_get(value, i)));
    }
    return keep(reader, json_string(text));
}

static epocl_status read_member(const config_reader *reader, const command_option *option, const json_t *value,
                                settings *given) {
    char name[NAME_CAPACITY];
    member_name(option, name);
    if (!value && option->default_value) return EPOCL_OK;
    if (!value) return fail(EPOCL_ERROR_DATA, "%s: has no setting '%s'", reader->path, name);
    if (json_is_null(value) && !option->default_value) return EPOCL_OK; /* none was given */
    errno = 0;
    const char *text = value_text(reader, option, value);
    if (!text && errno == ENOMEM) return fail_memory(reader);
    if (!text)
        return fail(EPOCL_ERROR_DATA, "%s: the setting '%s' is not of the type that epocl writes", reader->path, name);
    if (option_store(option, name, text, given) == EPOCL_OK) return EPOCL_OK;
    return fail_prefix(EPOCL_ERROR_DATA, "%s: ", reader->path);
}

/* The option that is kept under a member's name; NULL without. */
static const command_option *find_member(const command *used, const char *key) {
    char name[NAME_CAPACITY];
    for (size_t i = 0; i < used->option_count; i++)
        if (is_member(&used->options[i]) && strcmp(member_name(&used->options[i], name), key) == 0)
            return &used->options[i];
    return NULL;
}

static epocl_status read_settings(const config_reader *reader, json_t *members, settings *given) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY], name[NAME_CAPACITY];
    const char *key;
    json_t *value;
    json_object_foreach(members, key, value) if (!find_member(reader->used, key)) return fail(
        EPOCL_ERROR_DATA, "%s: the setting '%s' is none that a run keeps; remove it", reader->path,
        printable(key, shown));
    for (size_t i = 0; i < reader->used->option_count; i++) {
        const command_option *option = &reader->used->options[i];
        if (is_member(option))
            TRY(read_member(reader, option, json_object_get(members, member_name(option, name)), given));
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
    for (size_t i = 0; i < reader->used->option_count && !is_here; i++) {
        const command_option *option = &reader->used->options[i];
        const char *path = option->is_path ? *(const char *const *)option_value(option, given) : NULL;
        if (!path || *path == '/' || strcmp(path, "-") == 0) continue; /* "-" is standard input */
        if (snprintf(joined, sizeof joined, "%s/%s", folder, path) >= (int)sizeof joined) continue;
        if (access(joined, F_OK) != 0) continue;
        const char *kept = keep(reader, json_string_nocheck(joined));
        if (!kept) return fail_memory(reader);
        (void)option_store(option, option->name, kept, given);
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
    config_reader reader = {.path = path, .used = used};
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
