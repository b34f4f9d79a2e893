#include "base/files/cache_file.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/environment.h"
#include "base/files/folder.h"
#include "base/files/output_file.h"
#include "base/files/small_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CACHE_HEADER "epocl cache 1 "
enum {
    CHECKSUM_DIGITS = 8,
    HEADER_LENGTH = sizeof CACHE_HEADER - 1 + CHECKSUM_DIGITS + 1,
    MAX_FILE_BYTES = HEADER_LENGTH + CACHE_MAX_ENTRIES * 2 * CACHE_TEXT_CAPACITY,
    PATH_CAPACITY = 4096
};

const char *epocl_cache_folder(void) {
    static _Thread_local char folder[PATH_CAPACITY];
    static const struct {
        const char *variable, *below;
    } places[] = {{"EPOCL_CACHE_DIR", ""}, {"XDG_CACHE_HOME", "/epocl"}, {"HOME", "/.cache/epocl"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *value = environment_folder(places[i].variable);
        if (!value) continue;
        const int length = snprintf(folder, sizeof folder, "%s%s", value, places[i].below);
        return length < PATH_CAPACITY ? folder : NULL;
    }
    return NULL;
}

/* ---- the text ---- */

static void write_header(const char *lines, size_t length, char header[HEADER_LENGTH + 1]) {
    const uint32_t checksum = checksum_add(0, lines, length);
    snprintf(header, HEADER_LENGTH + 1, CACHE_HEADER "%08" PRIx32 "\n", checksum);
}

/* The lines below the header; NULL when the text is no whole cache file. */
static const char *check_text(const char *text, size_t length) {
    char header[HEADER_LENGTH + 1];
    if (length < HEADER_LENGTH || length > MAX_FILE_BYTES) return NULL;
    write_header(text + HEADER_LENGTH, length - HEADER_LENGTH, header);
    const bool is_whole = memcmp(text, header, HEADER_LENGTH) == 0 && text[length - 1] == '\n';
    return is_whole ? text + HEADER_LENGTH : NULL;
}

static bool is_line_of(const char *line, const char *key) {
    const size_t key_length = strlen(key);
    return strncmp(line, key, key_length) == 0 && line[key_length] == '\t';
}

/* What follows the line; all lines are whole. */
static const char *next_line(const char *line) {
    return line + strcspn(line, "\n") + 1;
}

/* The line of `key`, or NULL. */
static const char *find_line(const char *lines, const char *key) {
    for (const char *line = lines; *line; line = next_line(line))
        if (is_line_of(line, key)) return line;
    return NULL;
}

bool cache_find(const char *text, size_t length, const char *key, char *value) {
    const char *lines = check_text(text, length);
    const char *line = lines ? find_line(lines, key) : NULL;
    if (!line) return false;
    const char *start = line + strlen(key) + 1;
    const size_t value_length = strcspn(start, "\n");
    if (value_length >= CACHE_TEXT_CAPACITY) return false;
    memcpy(value, start, value_length);
    value[value_length] = '\0';
    return true;
}

/* ---- the file ---- */

/* -1 when there is none. */
static int open_folder(void) {
    const char *path = epocl_cache_folder();
    return path ? folder_open(path) : -1;
}

/* The whole file, for free(); NULL when there is none that could be a cache. */
static char *read_file(int folder, const char *name, size_t *length) {
    char *text = small_file_read_at(folder, name, MAX_FILE_BYTES, length);
    if (text && strlen(text) == *length) return text;
    free(text);
    return NULL;
}

bool cache_recall(const char *name, const char *key, char *value) {
    size_t length = 0;
    const int folder = open_folder();
    if (folder < 0) return false;
    char *text = read_file(folder, name, &length);
    const bool found = text && cache_find(text, length, key, value);
    free(text);
    close(folder);
    return found;
}

static bool is_keepable(const char *text) {
    size_t length = 0;
    for (; text[length]; length++)
        if ((unsigned char)text[length] < 0x20 || (unsigned char)text[length] == 0x7f) return false;
    return length < CACHE_TEXT_CAPACITY;
}

/* Copies the lines that are not of `key`; of more than `most`, the newest. */
static void copy_lines(char *to, const char *lines, const char *key, size_t most) {
    size_t count = 0;
    for (const char *line = lines; *line; line = next_line(line)) count += !is_line_of(line, key);
    for (const char *line = lines; *line; line = next_line(line)) {
        if (is_line_of(line, key) || count-- > most) continue;
        const size_t length = (size_t)(next_line(line) - line);
        memcpy(to, line, length);
        to += length;
    }
    *to = '\0';
}

void cache_remember(const char *name, const char *key, const char *value) {
    size_t old_length = 0;
    char header[HEADER_LENGTH + 1];
    char *old = NULL, *text = NULL;
    if (!is_keepable(key) || !is_keepable(value) || !epocl_cache_folder()) return;
    if (output_folder_create(epocl_cache_folder(), NULL) != EPOCL_OK) return;
    const int folder = open_folder();
    if (folder < 0) return;
    folder_clean(folder);
    old = read_file(folder, name, &old_length);
    text = calloc(MAX_FILE_BYTES + 2 * CACHE_TEXT_CAPACITY + 1, 1);
    if (!text) goto cleanup;

    char *lines = text + HEADER_LENGTH;
    const char *old_lines = old ? check_text(old, old_length) : NULL;
    if (old_lines) copy_lines(lines, old_lines, key, CACHE_MAX_ENTRIES - 1);
    const size_t used = strlen(lines);
    const size_t added = (size_t)sprintf(lines + used, "%s\t%s\n", key, value);
    write_header(lines, used + added, header);
    memcpy(text, header, HEADER_LENGTH);
    (void)output_file_save_at(folder, name, text, HEADER_LENGTH + used + added);
cleanup:
    close(folder);
    free(text);
    free(old);
}
