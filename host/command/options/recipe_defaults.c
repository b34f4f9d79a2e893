#include "command/options/recipe_defaults.h"

#include <string.h>

static bool makes_sense(const char *name, const settings *given) {
    if (strcmp(name, "valid-split") == 0) return !given->valid;
    if (strcmp(name, "patience") == 0) return given->valid || given->valid_split > 0;
    return true;
}

/* What was not given, of the command's options; NULL otherwise. */
static const command_option *find_free(const command_option *list, size_t count, const char *name,
                                       const settings *given) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, name) == 0) return given->given[i] ? NULL : &list[i];
    return NULL;
}

static epocl_status take(const command_option *list, size_t count, const recipe_setting *settings_of, settings *given) {
    epocl_status status = EPOCL_OK;
    for (const recipe_setting *s = settings_of; s->name && status == EPOCL_OK; s++) {
        const command_option *option = find_free(list, count, s->name, given);
        if (option && makes_sense(s->name, given))
            status = option_store(option->row, s->name, s->text, command_values(option, given));
    }
    return status;
}

epocl_status recipe_defaults(const command *used, recipe_code usual, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (find_free(list, count, "recipe", given)) given->library.recipe = (int)usual;
    const epocl_status status = take(list, count, recipe_settings(given->library.recipe), given);
    if (status != EPOCL_OK) return status;
    return take(list, count, recipe_run_settings(given->library.recipe), given);
}

epocl_status recipe_for_samples(const command *used, size_t sample_count, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    if (sample_count <= RECIPE_MANY) return EPOCL_OK;
    return take(list, command_options(used, list), recipe_many_settings(given->library.recipe), given);
}

void recipe_without_validation(const command *used, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (find_free(list, count, "patience", given)) given->library.training.patience = 0;
}
