/* Small IDX files, valid or not, for tests. */
#ifndef EPOCL_TESTS_IDX_FILE_H
#define EPOCL_TESTS_IDX_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IDX_FILE_DIMENSIONS = 5,
    IDX_FILE_PAYLOAD = 64,
    IDX_FILE_BYTES = 4 + 4 * IDX_FILE_DIMENSIONS + IDX_FILE_PAYLOAD
};

typedef struct idx_file {
    unsigned char type;
    unsigned char dimension_count;
    uint32_t dimensions[IDX_FILE_DIMENSIONS];
    size_t payload_bytes; /* what follows the header, whatever the dimensions say */
    unsigned char payload[IDX_FILE_PAYLOAD];
} idx_file;

/* Writes the bytes of the file to `bytes` [IDX_FILE_BYTES] and returns their number. */
size_t idx_file_bytes(const idx_file *file, unsigned char *bytes);

/* Writes the file into the scratch folder, plain or as gzip, and returns its path (see scratch.h). */
const char *idx_file_write(const idx_file *file, const char *name, bool gzip);

#endif
