/* The manual pages, the completions of shells and docs/environment.md, made from the tables of commands and options.
 * All functions append to `out`, whose failures its owner looks for. */
#ifndef EPOCL_SCRIPTS_MANUAL_MANUAL_H
#define EPOCL_SCRIPTS_MANUAL_MANUAL_H

#include "command/commands.h"

#include <stdio.h>

/* ---- What the tables do not say ---- */

typedef struct exit_text {
    int code;
    const char *text;
} exit_text;

/* A variable of the environment that is no option's. */
typedef struct variable_text {
    const char *name, *text;
} variable_text;

extern const exit_text exit_texts[];
extern const size_t exit_text_count;
extern const variable_text variable_texts[];
extern const size_t variable_text_count;

/* ---- Options ---- */

/* What an option's argument completes to. */
typedef enum completion { COMPLETE_NOTHING, COMPLETE_WORDS, COMPLETE_FILES, COMPLETE_FOLDERS } completion;

completion completion_of(const option_row *row);

/* Of what people call its operand: that of the option that it stands for. COMPLETE_NOTHING without. */
completion completion_of_operand(const command *used);

/* Its choices with blanks between, but for those that go on freely. */
void put_choices(FILE *out, const option_row *row);

/* Calls `put` with each option that stands in an environment variable, once, and the first command that takes it. */
void for_each_variable(FILE *out, void (*put)(FILE *out, const option_row *row));

/* A text between single quotes of a shell, in which the characters of `escaped` get a backslash. What ends the quotes
 * is escaped as `quote` says. */
void put_quoted(FILE *out, const char *text, const char *escaped, const char *quote);

/* ---- Files ---- */

void man_page_program(FILE *out);
void man_page_command(FILE *out, const command *used);
void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);
void environment_document(FILE *out);

#endif
