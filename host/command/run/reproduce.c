#include "command/run/reproduce.h"

#include "command/options/recipe_defaults.h"
#include "command/run/files/settings_file.h"
#include "command/table/table_data.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A text in the making; of one that does not fit nothing is left. */
typedef struct line {
    char *text;
    size_t used, capacity;
    bool is_cut;
} line;

static void append_character(line *made, char c) {
    made->is_cut = made->is_cut || made->used + 1 >= made->capacity;
    if (made->is_cut) return;
    made->text[made->used++] = c;
    made->text[made->used] = '\0';
}

static void append(line *made, const char *text) {
    for (; *text; text++) append_character(made, *text);
}

static bool is_plain(const char *word) {
    for (; *word; word++)
        if (!isalnum((unsigned char)*word) && !strchr("_./:,=+@%-", *word)) return false;
    return true;
}

/* A word as a shell wants it. */
static void append_word(line *made, const char *word) {
    append(made, " ");
    if (*word && is_plain(word)) {
        append(made, word);
        return;
    }
    append(made, "'");
    for (; *word; word++) append(made, *word == '\'' ? "'\\''" : (const char[]){*word, '\0'});
    append(made, "'");
}

/* What a run has that is begun with nothing but the data of this one. */
static epocl_status usual_settings(const command *used, const settings *begun, settings *usual) {
    epocl_status status = EPOCL_OK;
    char name[] = "epocl", *words[] = {name, NULL};
    TRY(options_parse(used, 1, words, usual));
    usual->valid = begun->valid;
    usual->valid_split = begun->valid_split;
    TRY(recipe_defaults(used, (recipe_code)begun->library.recipe, usual));
    usual->epochs = begun->epochs; /* what a schedule goes through */
    settings_settle(usual);
    option_defaults(used->options, used->option_count, usual);
    if (!begun->valid && !(begun->valid_split > 0)) usual->library.training.patience = 0;
    usual->library.recipe = table_is_given(begun) ? RECIPE_TABLE : RECIPE_STANDARD;
cleanup:
    return status;
}

void run_command_text(const command *used, const settings *begun, char *text, size_t capacity) {
    settings usual;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    char value[OPTION_TEXT_CAPACITY], option[64];
    const size_t count = command_options(used, list);
    line made = {.text = text, .capacity = capacity};
    *text = '\0';
    if (usual_settings(used, begun, &usual) != EPOCL_OK) return;
    append(&made, "epocl ");
    append(&made, used->name);
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        const void *values = command_values_of(&list[i], begun);
        if (!row->is_kept || !option_is_set(row, values)) continue;
        if (option_is_equal(row, values, command_values_of(&list[i], &usual))) continue;
        snprintf(option, sizeof option, "--%s", row->name);
        append_word(&made, option);
        if (row->type == OPTION_STRING)
            append_word(&made, *(const char *const *)option_value(row, values));
        else if (row->type != OPTION_FLAG)
            append_word(&made, option_text(row, values, value));
    }
    append(&made, " --output NEW");
    if (made.is_cut) *text = '\0';
}
