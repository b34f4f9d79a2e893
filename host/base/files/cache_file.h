/* A cache: short texts by key in a small text file, kept between processes.
 *
 *     epocl cache 1 8d2f0c11        the format's version, and the CRC-32 of all lines below
 *     key<TAB>value                 a line for each key, the newest last
 *
 * A cache is never needed: a file that is missing, damaged, too large or of another version is an empty cache, and
 * what cannot be written is not kept. */
#ifndef EPOCL_BASE_FILES_CACHE_FILE_H
#define EPOCL_BASE_FILES_CACHE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Longest key and value, terminators included; most entries of a file, of which the oldest gives way. */
enum { CACHE_TEXT_CAPACITY = 384, CACHE_MAX_ENTRIES = 512 };

/* Copies the value of `key` in the text of a cache file to `value`, of CACHE_TEXT_CAPACITY; false when the text is no
 * whole cache file or has no such key. `text` ends with a NUL at text[length] and holds no other. */
bool cache_find(const char *text, size_t length, const char *key, char *value);

/* The same in the file `name` of the cache folder, epocl_cache_folder(). */
bool cache_recall(const char *name, const char *key, char *value);

/* Keeps `value` under `key` there, in place of what it had. Texts too long or with control characters are not kept. Two
 * processes that write at once leave one's file: the other's entry is lost. */
void cache_remember(const char *name, const char *key, const char *value);

#endif
