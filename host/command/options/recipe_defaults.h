/* What a recipe sets of what was not given. */
#ifndef EPOCL_COMMAND_OPTIONS_RECIPE_DEFAULTS_H
#define EPOCL_COMMAND_OPTIONS_RECIPE_DEFAULTS_H

#include "command/options/options.h"

/* Sets the options that were not given to those of the recipe given, or else of `usual`, as far as the command takes
 * them. Nothing is set aside for validation where there are files of it, and nothing waits for its figures where there
 * is none. */
epocl_status recipe_defaults(const command *used, recipe_code usual, settings *given);

/* The same of what the recipe sets otherwise for one network and many samples to train on. */
epocl_status recipe_for_samples(const command *used, size_t sample_count, settings *given);

/* Takes the recipe's patience back, unless it was given: there turned out to be no validation data. */
void recipe_without_validation(const command *used, settings *given);

#endif
