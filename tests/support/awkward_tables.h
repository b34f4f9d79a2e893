/* Files of tables as they are met, and what becomes of each. */
#ifndef EPOCL_TESTS_AWKWARD_TABLES_H
#define EPOCL_TESTS_AWKWARD_TABLES_H

#include <stddef.h>

typedef struct awkward_table {
    const char *name;
    const char *bytes;
    size_t byte_count;
    const char *columns; /* table_text(); NULL: refused                                                    */
    const char *error;   /* what the sentence has after the file's name; or what table_check_column() has for
                          * the first column that it refuses; NULL: none */
} awkward_table;

extern const awkward_table awkward_tables[];
extern const size_t awkward_table_count;

#endif
