/* What the command line can set about tables. Texts are argv's or static memory; NULL: not given. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_SETTINGS_H
#define EPOCL_COMMAND_TABLE_TABLE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct table_settings {
    const char *target, *features, *ignore, *categorical, *numeric, *weights, *id, *group,
        *time; /* columns, with commas */
    int task;  /* of task_words */
    const char *separator, *missing, *decimal, *thousands, *comment;
    int header, ragged, libsvm_base; /* of their words */
    bool append;
    const char *metric; /* of importance; NULL: the task's */
    uint64_t repeats;
    uint64_t folds; /* 0: none */
} table_settings;

enum { TASK_AUTO, TASK_CLASSIFICATION, TASK_REGRESSION };
enum { HEADER_AUTO, HEADER_YES, HEADER_NO };
enum { RAGGED_ERROR, RAGGED_SKIP };
enum { LIBSVM_AUTO, LIBSVM_0, LIBSVM_1 };

#endif
