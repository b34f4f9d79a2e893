/* What a recipe sets of what was not given. */
#ifndef EPOCL_COMMAND_OPTIONS_RECIPE_DEFAULTS_H
#define EPOCL_COMMAND_OPTIONS_RECIPE_DEFAULTS_H

#include "command/options/options.h"

/* Sets the options of the recipe given->library.recipe that were not given and that the command takes. What goes by
 * validation data is left out unless there is any. */
epocl_status recipe_defaults(const command *used, bool has_validation, settings *given);

#endif
