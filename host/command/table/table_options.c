#include "command/table/table_options.h"

#include "base/checked.h"
#include "base/plural.h"
#include "base/printable.h"
#include "command/show/print_line.h"

#include <string.h>

const char *const task_words[] = {"auto", "classification", "regression", NULL};
const char *const header_words[] = {"auto", "yes", "no", NULL};
const char *const ragged_words[] = {"error", "skip", NULL};
const char *const libsvm_words[] = {"auto", "0", "1", NULL};

static epocl_status text_list_create(const char *text, text_list *list) {
    epocl_status status = EPOCL_OK;
    char *next = NULL;
    *list = (text_list){0};
    if (!text) return EPOCL_OK;
    const size_t length = strlen(text);
    TRY(allocate(length + 1, 1, "a list", &list->memory));
    memcpy(list->memory, text, length);
    TRY(allocate(length + 1, sizeof *list->texts, "a list", &list->texts));
    for (char *one = strtok_r(list->memory, ",", &next); one; one = strtok_r(NULL, ",", &next))
        list->texts[list->count++] = one;
cleanup:
    if (status != EPOCL_OK) text_list_release(list);
    return status;
}

void text_list_release(text_list *list) {
    free(list->memory);
    free(list->texts);
    *list = (text_list){0};
}

/* One character, or a word for one that shells and eyes miss; 0 where nothing is given. */
static epocl_status read_character(const char *option, const char *text, char *character) {
    char shown[PRINTABLE_CAPACITY];
    *character = '\0';
    if (!text) return EPOCL_OK;
    if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
        *character = '\t';
    else if (strcmp(text, "space") == 0)
        *character = ' ';
    else if (strlen(text) == 1)
        *character = *text;
    else
        return fail(EPOCL_ERROR_ARGUMENT, "--%s must be one character, tab or space, not '%s'", option,
                    printable(text, shown));
    return EPOCL_OK;
}

epocl_status table_options_create(const table_settings *given, table_options *options, text_list *missing) {
    epocl_status status = EPOCL_OK;
    static const table_choice headers[] = {
        [HEADER_AUTO] = TABLE_AUTO, [HEADER_YES] = TABLE_YES, [HEADER_NO] = TABLE_NO};
    static const table_choice bases[] = {[LIBSVM_AUTO] = TABLE_AUTO, [LIBSVM_0] = TABLE_NO, [LIBSVM_1] = TABLE_YES};
    *options = (table_options){.header = headers[given->header],
                               .skip_ragged = given->ragged == RAGGED_SKIP,
                               .libsvm_is_one_based = bases[given->libsvm_base]};
    TRY(text_list_create(given->missing, missing));
    options->missing = missing->texts;
    options->missing_count = missing->count;
    TRY(read_character("separator", given->separator, &options->separator));
    TRY(read_character("decimal", given->decimal, &options->decimal));
    TRY(read_character("thousands", given->thousands, &options->thousands));
    TRY(read_character("comment", given->comment, &options->comment));
cleanup:
    return status;
}

void table_tell_ragged(const table *read) {
    if (read->ragged_count)
        print_line(stderr, "epocl: %s: %zu row%s of another length %s left out, the first in line %llu",
                   read->file_name, read->ragged_count, plural_s(read->ragged_count),
                   read->ragged_count == 1 ? "is" : "are", (unsigned long long)read->first_ragged.line);
}
