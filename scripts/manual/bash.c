/* The completion of bash. */
#include "manual.h"

#include <string.h>

static void put_names(FILE *out, const char *before, const option_row *row, const char *between) {
    fprintf(out, "%s--%s", before, row->name);
    if (row->also) fprintf(out, "%s--%s", between, row->also);
    if (row->letter) fprintf(out, "%s-%c", between, row->letter);
}

/* What comes after an option that takes a value. */
static void put_value(FILE *out, const option_row *row) {
    static const char *const actions[] = {[COMPLETE_NOTHING] = "return",
                                          [COMPLETE_FILES] = "compopt -o default && return",
                                          [COMPLETE_FOLDERS] = "compopt -o dirnames && return"};
    const completion kind = completion_of(row);
    put_names(out, "                ", row, " | ");
    if (kind == COMPLETE_WORDS) {
        fputs(") words='", out);
        put_choices(out, row);
        fputs("' ;;\n", out);
    } else {
        fprintf(out, ") %s ;;\n", actions[kind]);
    }
}

static void put_command(FILE *out, const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    fprintf(out, "        %s)\n            options='", used->name);
    for (size_t i = 0; i < count; i++) fprintf(out, "%s--%s", i ? " " : "", list[i].row->name);
    fprintf(out, "'\n            operand=%s\n            case $previous in\n",
            completion_of_operand(used) == COMPLETE_FOLDERS ? "dirnames"
            : completion_of_operand(used) == COMPLETE_FILES ? "default"
                                                            : "");
    for (size_t i = 0; i < count; i++)
        if (list[i].row->type != OPTION_FLAG) put_value(out, list[i].row);
    fputs("                *) ;;\n            esac\n            ;;\n", out);
}

void completion_bash(FILE *out) {
    fputs("# Completion of epocl for bash. Written by `make docs` from the tables of commands and options.\n"
          "_epocl() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local commands='",
          out);
    for (size_t i = 0; i < command_count; i++) fprintf(out, "%s ", commands[i]->name);
    fputs("help' options= operand= words=\n"
          "    COMPREPLY=()\n"
          "    # --option=value is three words\n"
          "    if [[ $current == = ]]; then\n"
          "        current=\n"
          "    elif [[ $previous == = ]]; then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$commands --help --version\" -- \"$current\")\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[1]} in\n",
          out);
    for (size_t i = 0; i < command_count; i++) put_command(out, commands[i]);
    fputs("        help) words=$commands ;;\n"
          "        *) return ;;\n"
          "    esac\n"
          "    if [[ -n $words ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
          "    elif [[ $current == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
          "    elif [[ -n $operand ]]; then\n"
          "        compopt -o \"$operand\"\n"
          "    fi\n"
          "}\n"
          "complete -F _epocl epocl\n",
          out);
}
