/* For mkdtemp(). */
#define _XOPEN_SOURCE 700
#include "fuzz/support/scratch_file.h"

#include "fuzz/support/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[80];

static void remove_folder(void) {
    unlink(path);
    rmdir(folder);
}

const char *scratch_file_path(void) {
    if (*path) return path;
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/epocl-fuzz-XXXXXX", parent);
    EXPECT(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    EXPECT(atexit(remove_folder) == 0);
    return path;
}

uint8_t *scratch_file_read(size_t *byte_count) {
    FILE *file = fopen(scratch_file_path(), "rb");
    EXPECT(file && fseek(file, 0, SEEK_END) == 0);
    const long end = ftell(file);
    EXPECT(end >= 0);
    rewind(file);
    uint8_t *bytes = malloc((size_t)end + 1);
    EXPECT(bytes && fread(bytes, 1, (size_t)end, file) == (size_t)end);
    fclose(file);
    *byte_count = (size_t)end;
    return bytes;
}
