#include "command/run/files/config.h"

#include "base/files/small_file.h"
#include "base/printable.h"
#include "base/suggest.h"
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

json_t *settings_config(const command *used, const settings *given) {
    return json_pack("{sI ss so so}",                   //
                     "schema", (json_int_t)JSON_SCHEMA, //
                     "epocl", epocl_version(),          //
                     "folder", folder_json(),           //
                     "settings", settings_json(used, given));
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

char *run_config_text(const json_t *config) {
    for (size_t digits = 9;; digits++) {
        char *text = json_written(config, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
        json_t *again = text ? json_loads(text, 0, NULL) : NULL;
        const bool is_equal = json_equal(config, again);
        json_decref(again);
        if (is_equal || !text || digits == 17) return text;
        free(text);
    }
}

/* ---- Read ------------------------------------------------------------------------------------- */

/* What is read, and memory for texts: the array "texts" that it gets. */
typedef struct config_reader {
    const char *path;
    bool is_by_hand; /* people may have written it: a text for any value, and what is there has been given */
    bool searches;   /* its command does */
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
    if (row->type == OPTION_STRING || (json_is_string(value) && (is_text(row) || reader->is_by_hand)))
        return keep(reader, byte_text_read(value));
    if (row->type == OPTION_FLAG && json_is_boolean(value)) return json_is_true(value) ? "on" : "off";
    if (reader->is_by_hand && is_text(row) && number_json_text(value, true, text, sizeof text))
        return keep(reader, json_string(text));
    if (is_text(row) || row->type == OPTION_FLAG) return NULL;
    const bool is_right = is_list(row) ? list_json_text(value, is_whole, text, sizeof text)
                                       : number_json_text(value, is_whole, text, sizeof text);
    return is_right ? keep(reader, json_string(text)) : NULL;
}

/* It was given, and so was the option that its words set. */
static void mark_given(const config_reader *reader, size_t place, const char *text, settings *given) {
    const char *words = text && strchr(text, ':') ? reader->list[place].row->words : NULL;
    given->given[place] = true;
    for (size_t i = 0; i < reader->count && words; i++)
        if (strcmp(reader->list[i].row->name, words) == 0) given->given[i] = true;
}

/* Whether a text is a range or a list in the place of a value, or a text of such. */
static bool is_search(const config_reader *reader, const command_option *option, const char *text) {
    if (!reader->is_by_hand || !reader->searches) return false;
    return command_option_is_search(option) || (option->base && search_is_one(option->row, text));
}

/* A text of them adds to those in the place of values, and leaves them as they are. */
static epocl_status read_search(const config_reader *reader, const command_option *option, const char *name,
                                const char *text, settings *given) {
    epocl_status status = EPOCL_OK;
    char before[SEARCH_TEXT_CAPACITY];
    if (!command_option_is_search(option)) {
        TRY(search_add(given->search, option->row, name, text));
    } else {
        strcpy(before, given->search);
        *given->search = '\0';
        TRY(search_merge(given->search, text));
        TRY(search_merge(given->search, before));
    }
    command_options_mark_searched(reader->list, reader->count, given);
cleanup:
    return status == EPOCL_OK ? EPOCL_OK : fail_prefix(EPOCL_ERROR_DATA, "%s: ", reader->path);
}

static epocl_status read_member(const config_reader *reader, size_t place, const json_t *value, settings *given) {
    const command_option *one = &reader->list[place];
    const option_row *row = one->row;
    char name[NAME_CAPACITY];
    member_name(row, name);
    if (!value) return EPOCL_OK; /* an earlier epocl did not know it */
    if (reader->is_by_hand) mark_given(reader, place, json_string_value(value), given);
    if (json_is_null(value) && !row->default_value) return EPOCL_OK; /* none was given */
    errno = 0;
    const char *text = value_text(reader, row, value);
    if (!text && errno == ENOMEM) return fail_memory(reader);
    if (!text)
        return fail(EPOCL_ERROR_DATA, "%s: the setting '%s' is not of the type that epocl writes", reader->path, name);
    if (is_search(reader, one, text)) return read_search(reader, one, name, text, given);
    if (option_store(row, name, text, command_values(one, given)) == EPOCL_OK) return EPOCL_OK;
    return fail_prefix(EPOCL_ERROR_DATA, "%s: ", reader->path);
}

/* That an option is kept under a member's name. */
static epocl_status check_member(const config_reader *reader, const char *key) {
    suggestion near = suggestion_begin(key);
    char names[COMMAND_OPTIONS_CAPACITY][NAME_CAPACITY], shown[PRINTABLE_CAPACITY];
    bool is_other = false; /* an option that no file sets */
    for (size_t i = 0; i < reader->count; i++) {
        const bool is_kept = reader->list[i].row->is_kept;
        const bool is_it = strcmp(member_name(reader->list[i].row, names[i]), key) == 0;
        if (is_it && is_kept) return EPOCL_OK;
        is_other |= is_it;
        if (is_kept) suggestion_consider(&near, names[i]);
    }
    return fail(EPOCL_ERROR_DATA, "%s: the setting '%s' is none that a run keeps%s", reader->path,
                printable(key, shown), is_other ? "; remove it" : suggestion_text(&near, "", "; remove it"));
}

static epocl_status read_settings(const config_reader *reader, json_t *members, settings *given) {
    epocl_status status = EPOCL_OK;
    char name[NAME_CAPACITY]; /* cppcheck-suppress unusedVariable ; it does not see behind jansson's loop */
    const char *key;
    json_t *value;
    json_object_foreach(members, key, value) TRY(check_member(reader, key));
    for (size_t i = 0; i < reader->count; i++) {
        const option_row *row = reader->list[i].row;
        if (row->is_kept) TRY(read_member(reader, i, json_object_get(members, member_name(row, name)), given));
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

/* What has no "settings" is settings and nothing else. */
static epocl_status wrap(const config_reader *reader, json_t **config) {
    if (!reader->is_by_hand || !json_is_object(*config) || json_object_get(*config, "settings")) return EPOCL_OK;
    json_t *whole = json_pack("{sI so}", "schema", (json_int_t)JSON_SCHEMA, "settings", *config);
    if (!whole) *config = NULL; /* released by json_pack() */
    if (whole) *config = whole;
    return whole ? EPOCL_OK : fail_memory(reader);
}

static epocl_status read_file(config_reader *reader, int folder, const char *name, const command *used, json_t **config,
                              settings *given) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    size_t byte_count = 0;
    *config = NULL;
    reader->searches = used->searches;
    reader->list = list;
    reader->count = command_options(used, list);
    char *text = small_file_read_at(folder, name, MOST_BYTES, &byte_count);
    if (!text) TRY(fail_file(reader->path));
    TRY(parse(reader->path, text, byte_count, config));
    TRY(wrap(reader, config));
    reader->config = *config;
    TRY(check_members(reader));
    reader->texts = json_array();
    if (json_object_set_new(*config, "texts", reader->texts) != 0) TRY(fail_memory(reader));
    TRY(read_settings(reader, json_object_get(*config, "settings"), given));
    TRY(place_paths(reader, given));
cleanup:
    reader->list = NULL;
    free(text);
    return status;
}

epocl_status run_config_read(int folder, const char *name, const char *path, const command *used, json_t **config,
                             settings *given) {
    config_reader reader = {.path = path};
    return read_file(&reader, folder, name, used, config, given);
}

epocl_status settings_config_read(const char *path, const command *used, json_t **config, settings *given) {
    config_reader reader = {.path = path, .is_by_hand = true};
    return read_file(&reader, NO_FOLDER, path, used, config, given);
}
