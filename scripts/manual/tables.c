/* What the manual says of the whole program, and no table of the program has. */
#include "manual.h"

#include "command/system/exit.h"

#include <string.h>

const exit_text exit_texts[] = {
    {EXIT_DONE, "Done."},
    {EXIT_RUN_TIME, "An OpenCL call failed, or memory does not suffice."},
    {EXIT_USAGE, "An option is unknown, missing or out of its range."},
    {EXIT_DATA, "An input file is damaged, or data and model do not fit."},
    {EXIT_NO_INPUT, "An input file cannot be opened."},
    {EXIT_DEVICE, "There is no OpenCL device, or none that was asked for."},
    {EXIT_WRONG, "A device computes wrong results."},
    {EXIT_CREATE, "An output file or folder cannot be created."},
    {EXIT_WRITE, "Writing failed."},
    {EXIT_STOPPED, "A signal stopped the training; model and checkpoint are saved."},
    {EXIT_DIVERGED, "The cost is not finite any more."},
    {EXIT_TIMEOUT, "The device did not answer within the time of --timeout."},
};
const size_t exit_text_count = sizeof exit_texts / sizeof *exit_texts;

const variable_text variable_texts[] = {
    {"EPOCL_CACHE_DIR",
     "The folder of what is remembered of devices: self-tests and tuning. Else epocl in XDG_CACHE_HOME, "
     "else ~/.cache/epocl."},
    {"EPOCL_KERNEL_DIR", "A folder of kernels that take the place of those in the program, for work on them."},
    {"NO_COLOR", "If it is not empty, nothing is printed in colour."},
    {"TERM", "Without it, or if it is dumb, no progress bar is drawn."},
    {"OCL_ICD_VENDORS", "Of the OpenCL loader: the folder, or the file, that names the drivers."},
    {"POCL_CACHE_DIR", "Of PoCL: its folder of compiled kernels. epocl sets it where PoCL could write none."},
    {"POCL_AFFINITY",
     "Of PoCL: whether its threads keep to a core each. epocl sets it where there is a thread for each core."},
    {"POCL_MAX_PTHREAD_COUNT", "Of PoCL: how many threads it uses."},
    {"TMPDIR", "Where PoCL's kernels are kept if HOME and the cache folder cannot be written; else /tmp."},
    {"OPENBLAS_CORETYPE", "Of OpenBLAS, for epocl bench, which sets it to SKYLAKEX on processors with AVX-512."},
};
const size_t variable_text_count = sizeof variable_texts / sizeof *variable_texts;

completion completion_of(const option_row *row) {
    if (row->choices) return COMPLETE_WORDS;
    if (!row->argument) return COMPLETE_NOTHING;
    if (strcmp(row->argument, "DIR") == 0) return COMPLETE_FOLDERS;
    return row->is_path || strcmp(row->argument, "FILE") == 0 ? COMPLETE_FILES : COMPLETE_NOTHING;
}

completion completion_of_operand(const command *used) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (used->words) return strcmp(used->words, "DIR") == 0 ? COMPLETE_FOLDERS : COMPLETE_FILES;
    for (size_t i = 0; i < count && used->operand; i++)
        if (strcmp(list[i].row->name, used->operand) == 0) return completion_of(list[i].row);
    return COMPLETE_NOTHING;
}

void put_choices(FILE *out, const option_row *row) {
    bool is_first = true;
    for (const char *const *choice = row->choices; *choice; choice++) {
        if ((*choice)[strlen(*choice) - 1] == ':') continue;
        fprintf(out, "%s%s", is_first ? "" : " ", *choice);
        is_first = false;
    }
}

void for_each_variable(FILE *out, void (*put)(FILE *out, const option_row *row)) {
    const char *known[64];
    size_t known_count = 0;
    for (size_t c = 0; c < command_count; c++) {
        command_option list[COMMAND_OPTIONS_CAPACITY];
        const size_t count = command_options(commands[c], list);
        for (size_t i = 0; i < count; i++) {
            const char *name = list[i].row->environment;
            size_t k = 0;
            while (name && k < known_count && strcmp(known[k], name) != 0) k++;
            if (!name || k < known_count || known_count == sizeof known / sizeof *known) continue;
            known[known_count++] = name;
            put(out, list[i].row);
        }
    }
}

void put_quoted(FILE *out, const char *text, const char *escaped, const char *quote) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, out);
        else
            fprintf(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
    }
}
