/* What holds of every table that was read. */
#ifndef EPOCL_TESTS_FUZZ_TABLE_ORACLE_H
#define EPOCL_TESTS_FUZZ_TABLE_ORACLE_H

#include "data/table.h"

#include <stdint.h>

/* Reads the bytes as a table within `most_bytes` of memory: refused with a sentence, or sound; then a reader gives the
 * same values, in chunks of any size. */
void expect_table(const uint8_t *bytes, size_t byte_count, const table_options *options, size_t most_bytes);

#endif
