/* For nftw() and mkdtemp(). */
#define _XOPEN_SOURCE 700

#include "support/scratch.h"

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_CAPACITY = 1024, PATH_COUNT = 8 };

static char folder[512];

void scratch_create(void) {
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/epocl-test-XXXXXX", parent && *parent ? parent : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int remove_entry(const char *path, const struct stat *entry, int kind, struct FTW *place) {
    (void)entry, (void)kind, (void)place;
    return remove(path);
}

void scratch_remove(void) {
    ck_assert_int_eq(nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_path(const char *name) {
    static char paths[PATH_COUNT][PATH_CAPACITY];
    static size_t next;
    char *path = paths[next++ % PATH_COUNT];
    const int length = snprintf(path, PATH_CAPACITY, "%s/%s", folder, name);
    ck_assert(length > 0 && length < PATH_CAPACITY);
    return path;
}

size_t scratch_file_count(void) {
    size_t count = 0;
    DIR *listing = opendir(folder);
    ck_assert_ptr_nonnull(listing);
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) count++;
    closedir(listing);
    return count;
}

const char *scratch_write(const char *name, const void *bytes, size_t byte_count) {
    const char *path = scratch_path(name);
    (void)remove(path); /* a new file: ext4 writes one that is emptied and filled again to the disk at once */
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, byte_count, file), byte_count);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

unsigned char *file_read(const char *path, size_t *byte_count) {
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    const long end = ftell(file);
    ck_assert(end >= 0);
    rewind(file);
    unsigned char *bytes = malloc((size_t)end + 1);
    ck_assert_ptr_nonnull(bytes);
    *byte_count = fread(bytes, 1, (size_t)end, file);
    ck_assert_uint_eq(*byte_count, (size_t)end);
    fclose(file);
    return bytes;
}

void scratch_limit_file_bytes(size_t byte_count) {
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, byte_count == SCRATCH_NO_LIMIT ? SIG_DFL : SIG_IGN);
    limit.rlim_cur = byte_count == SCRATCH_NO_LIMIT ? limit.rlim_max : (rlim_t)byte_count;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
