/* Recipes: sets of settings that go together, under one name. */
#ifndef EPOCL_OPTIONS_RECIPES_H
#define EPOCL_OPTIONS_RECIPES_H

#include "base/status.h"

typedef enum recipe_code { RECIPE_STANDARD, RECIPE_SEED, RECIPE_TABLE } recipe_code;

/* Their names, by code; NULL ends them. */
extern const char *const recipe_words[];

/* An option's name and the text that it is set to. */
typedef struct recipe_setting {
    const char *name, *text;
} recipe_setting;

/* What a recipe sets: options of the library; those that only make sense for a whole run, as `epocl train` makes one;
 * and of those what it sets otherwise for one network and more than RECIPE_MANY samples to train on, which need fewer
 * epochs. All lists end with a NULL name. */
enum { RECIPE_MANY = 10000 };
const recipe_setting *recipe_settings(int code);
const recipe_setting *recipe_run_settings(int code);
const recipe_setting *recipe_many_settings(int code);

#endif
