/* Manual pages, in mdoc(7). */
#include "manual.h"

#include <ctype.h>
#include <string.h>

/* Of the last change of what stands in this file; what the tables say is as new as the program. */
static const char date[] = "November 26, 2026";

/* ---- Text ---- */

/* A word as it is: hyphens are those that people type, and nothing in it is a request. */
static void put_literal(FILE *out, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        const char c = text[i];
        switch (c) {
        case '-': fputs("\\-", out); break;
        case '\\': fputs("\\e", out); break;
        case '`': fputs("\\(ga", out); break;
        case '\'': fputs("\\(aq", out); break;
        case '~': fputs("\\(ti", out); break;
        case '^': fputs("\\(ha", out); break;
        default: fprintf(out, "%s%c", i == 0 && c == '.' ? "\\&" : "", c);
        }
    }
}

static bool ends_sentence(const char *word, size_t length) {
    while (length > 0 && strchr(")\"'", word[length - 1])) length--;
    return length > 0 && strchr(".!?", word[length - 1]) && !(length > 2 && strncmp(word, "...", 3) == 0);
}

/* A paragraph, each sentence on a line of its own, until an empty line or the end; what comes after it. */
static const char *put_paragraph(FILE *out, const char *text) {
    bool is_first = true;
    while (*text && !(text[0] == '\n' && text[1] == '\n')) {
        const size_t length = strcspn(text, " \n");
        put_literal(out, text, length);
        const char *next = text + length;
        while (*next == ' ' || (*next == '\n' && next[1] != '\n')) next++;
        const bool is_last = *next == '\0' || *next == '\n';
        const bool begins = isupper((unsigned char)*next) || *next == '-' || *next == '\'';
        fputs(is_last || (ends_sentence(text, length) && begins) ? "\n" : " ", out);
        text = next;
        is_first = false;
    }
    if (is_first) fputs("\n", out);
    while (*text == '\n') text++;
    return text;
}

static void put_text(FILE *out, const char *text) {
    for (bool is_first = true; *text; is_first = false) {
        if (!is_first) fputs(".Pp\n", out);
        text = put_paragraph(out, text);
    }
}

static void put_upper(FILE *out, const char *text) {
    for (; *text; text++) fputc(toupper((unsigned char)*text), out);
}

static void put_head(FILE *out, const char *name, const char *summary) {
    fputs(".\\\" Written by `make docs` from the tables of commands and options.\n", out);
    fprintf(out, ".Dd %s\n.Dt EPOCL", date);
    if (*name) fputs("-", out);
    put_upper(out, name);
    fprintf(out, " 1\n.Os epocl %s\n.Sh NAME\n.Nm epocl%s%s\n.Nd ", epocl_version(), *name ? "-" : "", name);
    put_text(out, summary);
}

/* ---- Options ---- */

static bool resumes(const command_option *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, "resume") == 0) return true;
    return false;
}

/* Parts of a remark in parentheses, with semicolons between. */
static void put_part(FILE *out, bool *is_open, const char *before, const char *text) {
    fprintf(out, "%s%s", *is_open ? "; " : "\n(", before);
    put_literal(out, text, strlen(text));
    *is_open = true;
}

static void put_option(FILE *out, const option_row *row, bool can_resume) {
    char range[OPTION_TEXT_CAPACITY];
    bool is_open = false;
    fputs(".It ", out);
    if (row->letter) fprintf(out, "Fl %c , ", row->letter);
    fputs("Fl \\-", out);
    put_literal(out, row->name, strlen(row->name));
    if (row->also) {
        fputs(" , Fl \\-", out);
        put_literal(out, row->also, strlen(row->also));
    }
    if (row->argument) fprintf(out, " Ar %s", row->argument);
    fputs("\n", out);
    put_literal(out, row->help, strlen(row->help));
    option_range_text(row, range);
    if (row->required) put_part(out, &is_open, "", "required");
    if (*range && !strstr(row->help, range)) put_part(out, &is_open, "", range);
    if (row->default_value) put_part(out, &is_open, "default: ", *row->default_value ? row->default_value : "none");
    if (row->environment) put_part(out, &is_open, "else ", row->environment);
    if (can_resume && row->is_kept && row->can_change) put_part(out, &is_open, "", "also with --resume");
    fputs(is_open ? ")\n" : "\n", out);
}

static void put_options(FILE *out, const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    const char *group = NULL;
    fputs(".Sh OPTIONS\n", out);
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        if (!group || strcmp(group, row->group) != 0) {
            if (group) fputs(".El\n", out);
            fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", row->group);
            group = row->group;
        }
        put_option(out, row, resumes(list, count));
    }
    if (group) fputs(".El\n", out);
}

/* The operand, if there is one, and what is required besides. */
static void put_synopsis(FILE *out, const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    fprintf(out, ".Sh SYNOPSIS\n.Nm epocl %s\n", used->name);
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        const bool is_operand = used->operand && strcmp(used->operand, row->name) == 0;
        if (!is_operand && !row->required) continue;
        fprintf(out, is_operand ? ".%sOo Fl \\-%s Oc Ar %s%s\n" : ".%sFl \\-%s Ar %s%s\n", row->required ? "" : "Oo ",
                row->name, row->argument, row->required ? "" : " Oc");
    }
    fputs(".Op Ar option ...\n", out);
    if (used->words) fprintf(out, ".Ar %s ...\n", used->words);
}

/* ---- Sections that all pages have ---- */

static void put_variable(FILE *out, const option_row *row) {
    fprintf(out, ".It Ev %s\nFor --%s, where that is not given: %s\n", row->environment, row->name, row->help);
}

static void put_exit_status(FILE *out) {
    fputs(".Sh EXIT STATUS\n.Bl -tag -width 124 -compact\n", out);
    for (size_t i = 0; i < exit_text_count; i++) {
        fprintf(out, ".It %d\n", exit_texts[i].code);
        put_text(out, exit_texts[i].text);
    }
    fputs(".El\n", out);
}

static void put_example(FILE *out, const char *words) {
    fputs(".Dl epocl ", out);
    put_literal(out, words, strlen(words));
    fputs("\n", out);
}

/* All pages but that of `used`, in alphabetical order. */
static void put_see_also(FILE *out, const command *used) {
    const char *last = "";
    fputs(".Sh SEE ALSO\n", out);
    if (used) fputs(".Xr epocl 1", out);
    bool is_first = !used;
    for (size_t turn = 0; turn < command_count; turn++) {
        const char *next = NULL;
        for (size_t i = 0; i < command_count; i++)
            if (strcmp(commands[i]->name, last) > 0 && (!next || strcmp(commands[i]->name, next) < 0))
                next = commands[i]->name;
        if (!next) break;
        last = next;
        if (used && strcmp(next, used->name) == 0) continue;
        fprintf(out, "%s.Xr epocl-%s 1", is_first ? "" : " ,\n", next);
        is_first = false;
    }
    fputs("\n", out);
}

/* ---- Pages ---- */

void man_page_command(FILE *out, const command *used) {
    put_head(out, used->name, used->summary);
    put_synopsis(out, used);
    fputs(".Sh DESCRIPTION\n", out);
    fprintf(out, ".Nm epocl %s\n%s.\nThe variables of its environment are those of\n.Xr epocl 1 .\n", used->name,
            used->summary);
    if (used->notes) {
        fputs(".Pp\n", out);
        put_text(out, used->notes);
    }
    put_options(out, used);
    put_exit_status(out);
    fputs(".Sh EXAMPLES\n", out);
    for (size_t i = 0; i < sizeof used->examples / sizeof *used->examples && used->examples[i]; i++)
        put_example(out, used->examples[i]);
    put_see_also(out, used);
}

void man_page_program(FILE *out) {
    put_head(out, "", "trains fully connected networks on any OpenCL device");
    fputs(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n.Nm\n.Cm help\n.Op Ar command\n.Nm\n.Fl \\-version\n"
          ".Sh DESCRIPTION\n"
          "epocl trains neural networks of fully connected layers on tables and images, on the CPU or a GPU.\n"
          "Results go to standard output, progress and errors to standard error.\n"
          "Each command has a page of its own; its option\n.Fl \\-help\nlists the options in short.\n"
          "Long options can be shortened as long as they stay unambiguous.\n"
          ".Bl -tag -width evaluate\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, ".It Cm %s\n%s; see\n.Xr epocl-%s 1 .\n", commands[i]->name, commands[i]->summary,
                commands[i]->name);
    fputs(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n", out);
    for_each_variable(out, put_variable);
    for (size_t i = 0; i < variable_text_count; i++) {
        fprintf(out, ".It Ev %s\n", variable_texts[i].name);
        put_text(out, variable_texts[i].text);
    }
    fputs(".El\n", out);
    put_exit_status(out);
    fputs(".Sh EXAMPLES\n", out);
    put_example(out, "train houses.csv --target price --output run1");
    put_example(out, "predict --model run1 --data new-houses.csv > prices.csv");
    put_see_also(out, NULL);
}
