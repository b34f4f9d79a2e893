#include "command/options/recipe_defaults.h"

#include <string.h>

/* Whether the settings, with this one, would need validation data. */
static bool needs_validation(const char *name) {
    return strcmp(name, "patience") == 0;
}

static epocl_status set_default(const command_option *list, size_t count, const recipe_setting *setting,
                                settings *given) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, setting->name) == 0 && !given->given[i])
            return option_store(list[i].row, setting->name, setting->text, command_values(&list[i], given));
    return EPOCL_OK;
}

epocl_status recipe_defaults(const command *used, bool has_validation, settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    const recipe_setting *const parts[] = {recipe_settings(given->library.recipe),
                                           recipe_run_settings(given->library.recipe)};
    epocl_status status = EPOCL_OK;
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++)
        for (const recipe_setting *setting = parts[part]; setting->name && status == EPOCL_OK; setting++)
            if (has_validation || !needs_validation(setting->name)) status = set_default(list, count, setting, given);
    return status;
}
