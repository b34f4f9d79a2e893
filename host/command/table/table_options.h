/* Options about tables, as rows of a command's table; and what of them reading a file takes. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_OPTIONS_H
#define EPOCL_COMMAND_TABLE_TABLE_OPTIONS_H

#include "command/options/options.h"
#include "data/table.h"

extern const char *const task_words[], *const header_words[], *const ragged_words[], *const libsvm_words[];

#define OPTION_COLUMNS(name_, field, argument_, help_)                                                                 \
    {                                                                                                                  \
        .name = (name_), .type = OPTION_STRING, SETTING(table.field), .is_kept = true, .argument = (argument_),        \
        .group = "Table", .help = (help_)                                                                              \
    }
#define OPTION_TABLE_CHOICE(name_, field, words, argument_, default_, help_)                                           \
    {                                                                                                                  \
        .name = (name_), .type = OPTION_CHOICE, SETTING(table.field), .is_kept = true, .argument = (argument_),        \
        .group = "Table", .default_value = (default_), .choices = (words), .help = (help_)                             \
    }

/* Which columns are for what. */
#define OPTIONS_OF_COLUMNS                                                                                             \
    OPTION_COLUMNS("target", target, "COLUMN", "what to predict, by name or number; numbers: several"),                \
        OPTION_COLUMNS("features", features, "LIST", "columns to learn from (default: all others)"),                   \
        OPTION_COLUMNS("ignore", ignore, "LIST", "columns to leave out"),                                              \
        OPTION_COLUMNS("categorical", categorical, "LIST", "columns of categories, whatever they hold"),               \
        OPTION_COLUMNS("numeric", numeric, "LIST", "columns of numbers, even where they look like ids"),               \
        OPTION_COLUMNS("weights", weights, "COLUMN", "how much each row counts"),                                      \
        OPTION_COLUMNS("id", id, "COLUMN", "names rows in predictions"),                                               \
        OPTION_COLUMNS("group", group, "COLUMN", "rows of one value stay together where rows are split; no input"),    \
        OPTION_COLUMNS("time", time, "COLUMN", "rows are split by its order, the last to validate; no input"),         \
        OPTION_TABLE_CHOICE("task", task, task_words, "KIND", "auto",                                                  \
                            "auto (as the target looks), classification or regression")

/* How a file is read. */
#define OPTIONS_OF_READING                                                                                             \
    OPTION_COLUMNS("separator", separator, "C", "of a table: a character, or tab (default: as it looks)"),             \
        OPTION_TABLE_CHOICE("header", header, header_words, "KIND", "auto", "whether the first row names columns"),    \
        OPTION_COLUMNS("na", missing, "LIST", "further spellings of missing values, with commas between"),             \
        OPTION_COLUMNS("decimal", decimal, "C", "the decimal point: . or ,"),                                          \
        OPTION_COLUMNS("thousands", thousands, "C", "between groups of three digits"),                                 \
        OPTION_COLUMNS("comment", comment, "C", "what lines begin with that are skipped"),                             \
        OPTION_TABLE_CHOICE("ragged", ragged, ragged_words, "KIND", "error",                                           \
                            "rows too short or too long: error or skip"),                                              \
        OPTION_TABLE_CHOICE("libsvm-base", libsvm_base, libsvm_words, "N", "auto", "the first index: auto, 0 or 1")

/* A list of texts with commas between, in memory of its own. */
typedef struct text_list {
    char *memory;
    const char **texts;
    size_t count;
} text_list;

void text_list_release(text_list *list);

/* What reading takes of the settings; `missing` is released after use, and holds as long. */
epocl_status table_options_create(const table_settings *given, table_options *options, text_list *missing);

/* Says on standard error how many rows `--ragged skip` left out, if any. */
void table_tell_ragged(const table *read);

#endif
