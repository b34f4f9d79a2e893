/* The cache's text files, mostly with the right checksum. */
#include "base/files/cache_file.h"

#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/words.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define HEADER "epocl cache 1 "
enum { HEADER_BYTES = sizeof HEADER - 1 + 8 + 1, REMEMBERED = 16 };

static void write_header(const char *lines, size_t length, char header[HEADER_BYTES + 1]) {
    snprintf(header, HEADER_BYTES + 1, HEADER "%08lx\n", crc32(0, (const Bytef *)lines, (uInt)length));
}

/* Without the right header nothing else would be looked at. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    char header[HEADER_BYTES + 1];
    byte_count = LLVMFuzzerMutate(bytes, byte_count, capacity);
    if (byte_count <= HEADER_BYTES || seed % 16 == 0) return byte_count;
    bytes[byte_count - 1] = '\n';
    write_header((const char *)bytes + HEADER_BYTES, byte_count - HEADER_BYTES, header);
    memcpy(bytes, header, HEADER_BYTES);
    return byte_count;
}

static bool is_whole(const char *text, size_t length) {
    char header[HEADER_BYTES + 1];
    if (length < HEADER_BYTES || text[length - 1] != '\n') return false;
    write_header(text + HEADER_BYTES, length - HEADER_BYTES, header);
    return memcmp(text, header, HEADER_BYTES) == 0;
}

/* The value of `key` in whole lines, read once more: the first of them that is the key's; NULL without, or when it is
 * too long. To be freed. */
static char *find(const char *lines, const char *key) {
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
        const size_t length = strcspn(line, "\n"), key_length = strcspn(line, "\t\n");
        if (key_length == length || key_length != strlen(key) || memcmp(line, key, key_length) != 0) continue;
        const size_t value_length = length - key_length - 1;
        if (value_length >= CACHE_TEXT_CAPACITY) return NULL;
        return word_copy((const uint8_t *)line + key_length + 1, value_length);
    }
    return NULL;
}

static void expect_found(const char *text, size_t length, const char *key) {
    char value[CACHE_TEXT_CAPACITY];
    char *expected = is_whole(text, length) ? find(text + HEADER_BYTES, key) : NULL;
    EXPECT(cache_find(text, length, key, value) == (expected != NULL));
    if (expected) EXPECT(strcmp(value, expected) == 0);
    free(expected);
}

/* What is remembered is recalled, and what was there is kept. */
static void expect_remembered(const char *text, size_t length, const char *key) {
    char name[] = "file", path[96], value[CACHE_TEXT_CAPACITY];
    snprintf(path, sizeof path, "%s", scratch_file_path());
    EXPECT(setenv("EPOCL_CACHE_DIR", dirname(path), 1) == 0);
    FILE *file = fopen(scratch_file_path(), "wb");
    EXPECT(file && fwrite(text, 1, length, file) == length && fclose(file) == 0);
    cache_remember(name, "a new key", "a new value");
    EXPECT(cache_recall(name, "a new key", value) && strcmp(value, "a new value") == 0);
    char *kept = is_whole(text, length) ? find(text + HEADER_BYTES, key) : NULL;
    if (strcmp(key, "a new key") != 0) EXPECT(cache_recall(name, key, value) == (kept != NULL));
    if (kept && strcmp(key, "a new key") != 0) EXPECT(strcmp(value, kept) == 0);
    free(kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    char *text = word_copy(bytes, byte_count);
    const size_t length = strlen(text);
    /* The keys to look for: one that the seeds have, and that of the last line but one. */
    size_t start = length;
    for (int ends = 0; start > 0 && ends < 3; start--) ends += text[start - 1] == '\n';
    start += start > 0;
    char *key = word_copy((const uint8_t *)text + start, strcspn(text + start, "\t\n"));
    expect_found(text, length, "key");
    expect_found(text, length, key);
    /* Files are slow: for few inputs only. */
    if (crc32(0, bytes, (uInt)byte_count) % REMEMBERED == 0 && length == byte_count)
        expect_remembered(text, length, key);
    free(key);
    free(text);
    return 0;
}
