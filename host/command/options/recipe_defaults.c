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

epocl_status recipe_defaults(const command *used, recipe_code usual, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (find_free(list, count, "recipe", given)) given->library.recipe = (int)usual;
    const recipe_setting *const parts[] = {recipe_settings(given->library.recipe),
                                           recipe_run_settings(given->library.recipe)};
    epocl_status status = EPOCL_OK;
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        for (const recipe_setting *s = parts[part]; s->name && status == EPOCL_OK; s++) {
            const command_option *option = find_free(list, count, s->name, given);
            if (option && makes_sense(s->name, given))
                status = option_store(option->row, s->name, s->text, command_values(option, given));
        }
    }
    return status;
}

void recipe_without_validation(const command *used, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    if (find_free(list, count, "patience", given)) given->library.training.patience = 0;
}
