/* The completion of fish. */
#include "manual.h"

static const char escaped[] = "\\", quote[] = "\\'";

static void put_option(FILE *out, const command *used, const option_row *row) {
    static const char *const arguments[] = {[COMPLETE_NOTHING] = " -x",
                                            [COMPLETE_WORDS] = " -x -a '",
                                            [COMPLETE_FILES] = " -r -F",
                                            [COMPLETE_FOLDERS] = " -x -a '(__fish_complete_directories)'"};
    fprintf(out, "complete -c epocl -n '__fish_seen_subcommand_from %s' -l %s", used->name, row->name);
    if (row->letter) fprintf(out, " -s %c", row->letter);
    if (row->type != OPTION_FLAG) {
        const completion kind = completion_of(row);
        fputs(arguments[kind], out);
        if (kind == COMPLETE_WORDS) {
            put_choices(out, row);
            fputs("'", out);
        }
    }
    fputs(" -d '", out);
    put_quoted(out, row->help, escaped, quote);
    fputs("'\n", out);
}

static void put_command(FILE *out, const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (completion_of_operand(used) == COMPLETE_FILES)
        fprintf(out, "complete -c epocl -n '__fish_seen_subcommand_from %s' -F\n", used->name);
    else if (completion_of_operand(used) == COMPLETE_FOLDERS)
        fprintf(out, "complete -c epocl -n '__fish_seen_subcommand_from %s' -a '(__fish_complete_directories)'\n",
                used->name);
    for (size_t i = 0; i < count; i++) put_option(out, used, list[i].row);
}

void completion_fish(FILE *out) {
    fputs("# Completion of epocl for fish. Written by `make docs` from the tables of commands and options.\n"
          "complete -c epocl -f\n"
          "complete -c epocl -n __fish_use_subcommand -s h -l help -d 'explains the program'\n"
          "complete -c epocl -n __fish_use_subcommand -s V -l version -d 'prints the version'\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "complete -c epocl -n __fish_use_subcommand -a %s -d '", commands[i]->name);
        put_quoted(out, commands[i]->summary, escaped, quote);
        fputs("'\n", out);
    }
    fputs("complete -c epocl -n __fish_use_subcommand -a help -d 'explains a command'\n"
          "complete -c epocl -n '__fish_seen_subcommand_from help' -a '",
          out);
    for (size_t i = 0; i < command_count; i++) fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
    fputs("'\n", out);
    for (size_t i = 0; i < command_count; i++) put_command(out, commands[i]);
}
