/* The epocl program: finds the command, reads its options, runs it, and turns its status into an exit status. */
#include "base/printable.h"
#include "command/commands.h"
#include "base/suggest.h"
#include "command/show/print_line.h"
#include "command/system/affinity.h"
#include "command/system/exit.h"
#include "command/system/pocl_cache.h"
#include "command/system/signals.h"
#include "command/system/streams.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static void print_help(void) {
    printf("epocl trains fully connected networks on any OpenCL device.\n\n"
           "Examples:\n"
           "  epocl train houses.csv --target price --output run1\n"
           "  epocl predict --model run1 --data new-houses.csv > prices.csv\n"
           "  epocl train --data images.idx.gz --labels labels.idx.gz --hidden 128 --output run2\n\n"
           "Commands:\n");
    for (size_t i = 0; i < command_count; i++) printf("  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    printf("\nepocl COMMAND --help explains one of them; epocl --version prints the version.\n");
}

static epocl_status find_command(const char *word, const command **found) {
    suggestion near = suggestion_begin(word);
    char shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i]->name, word) == 0) {
            *found = commands[i];
            return EPOCL_OK;
        }
        suggestion_consider(&near, commands[i]->name);
    }
    if (*word == '-')
        return fail(EPOCL_ERROR_ARGUMENT, "unknown option '%s'; the command comes first, see epocl --help",
                    printable(word, shown));
    return fail(EPOCL_ERROR_ARGUMENT, "unknown command '%s'%s", printable(word, shown),
                suggestion_text(&near, "", "; see epocl --help"));
}

/* `epocl help`, or `epocl help COMMAND`. */
static epocl_status help(const char *word) {
    const command *used = NULL;
    if (!word) {
        print_help();
        return EPOCL_OK;
    }
    const epocl_status status = find_command(word, &used);
    if (status == EPOCL_OK) options_print_help(used);
    return status;
}

static epocl_status run_command(int argc, char **argv) {
    epocl_status status = EPOCL_OK;
    const command *used = NULL;
    settings given;
    TRY(find_command(argv[1], &used));
    TRY(options_parse(used, argc - 1, argv + 1, &given));
    if (given.help) {
        options_print_help(used);
    } else {
        pocl_cache_begin();
        TRY(used->run(&given));
    }
cleanup:
    return status;
}

int main(int argc, char **argv) {
    epocl_status status = EPOCL_OK;
    streams_begin();
    signal(SIGXFSZ, SIG_IGN); /* a file over its size limit is a failed write, not the end */
    signals_keep_ignored();
    affinity_begin();
    const char *first = argc > 1 ? argv[1] : "--help";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
        status = help(argc > 2 && *argv[2] != '-' ? argv[2] : NULL);
    else if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0 || strcmp(first, "-v") == 0 ||
             strcmp(first, "version") == 0)
        printf("epocl %s\n", epocl_version());
    else
        status = run_command(argc, argv);
    if (status == EPOCL_OK) status = streams_end();
    if (status != EPOCL_OK && status != EPOCL_STOPPED) print_line(stderr, "epocl: %s", epocl_last_error());
    exit_with(status);
}
