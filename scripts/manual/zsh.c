/* The completion of zsh. */
#include "manual.h"

static const char quote[] = "'\\''";

/* ":NAME:ACTION" of an argument. */
static void put_argument(FILE *out, const char *name, completion kind, const option_row *row) {
    fprintf(out, ":%s:", name);
    switch (kind) {
    case COMPLETE_WORDS:
        fputs("(", out);
        put_choices(out, row);
        fputs(")", out);
        break;
    case COMPLETE_FILES: fputs("_files", out); break;
    case COMPLETE_FOLDERS: fputs("_directories", out); break;
    case COMPLETE_NOTHING: fputs(" ", out); break;
    }
}

/* A name that does not come again after it or its other names. */
static void put_name(FILE *out, const option_row *row, const char *dashes, const char *name) {
    const bool takes_value = row->type != OPTION_FLAG;
    fprintf(out, "        '(--%s", row->name);
    if (row->also) fprintf(out, " --%s", row->also);
    if (row->letter) fprintf(out, " -%c", row->letter);
    fprintf(out, ")%s%s%s[", dashes, name, !takes_value ? "" : dashes[1] ? "=" : "+");
    put_quoted(out, row->help, "[]:\\", quote);
    fputs("]", out);
    if (takes_value) put_argument(out, row->argument, completion_of(row), row);
    fputs("' \\\n", out);
}

static void put_command(FILE *out, const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    fprintf(out, "_epocl_%s() {\n    _arguments -s -S \\\n", used->name);
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        put_name(out, row, "--", row->name);
        if (row->letter) put_name(out, row, "-", (const char[]){row->letter, '\0'});
    }
    if (used->operand || used->words) {
        fputs("        '*", out);
        put_argument(out, used->words ? used->words : used->operand, completion_of_operand(used), NULL);
        fputs("' \\\n", out);
    }
    fputs("        && return 0\n    return 1\n}\n\n", out);
}

void completion_zsh(FILE *out) {
    fputs("#compdef epocl\n"
          "# Completion of epocl for zsh. Written by `make docs` from the tables of commands and options.\n\n",
          out);
    for (size_t i = 0; i < command_count; i++) put_command(out, commands[i]);
    fputs("_epocl_commands() {\n    local -a commands=(\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "        '%s:", commands[i]->name);
        put_quoted(out, commands[i]->summary, ":\\", quote);
        fputs("'\n", out);
    }
    fputs("        'help:explains a command'\n    )\n    _describe command commands\n}\n\n"
          "_epocl() {\n"
          "    local context state state_descr line\n"
          "    typeset -A opt_args\n"
          "    _arguments -C \\\n"
          "        '(- :)'{-h,--help}'[explains the program]' \\\n"
          "        '(- :)'{-V,--version}'[prints the version]' \\\n"
          "        ':command:_epocl_commands' \\\n"
          "        '*:: :->words' && return 0\n"
          "    [[ $state == words ]] || return 1\n"
          "    if [[ $words[1] == help ]]; then\n"
          "        _epocl_commands\n"
          "    elif (( $+functions[_epocl_$words[1]] )); then\n"
          "        _epocl_$words[1]\n"
          "    fi\n"
          "}\n\n"
          "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _epocl \"$@\"; else compdef _epocl epocl; fi\n",
          out);
}
