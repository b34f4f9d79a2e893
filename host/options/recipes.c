#include "options/recipes.h"

#include <stddef.h>

#define END                                                                                                            \
    { NULL, NULL }

const char *const recipe_words[] = {[RECIPE_STANDARD] = "standard", [RECIPE_SEED] = "seed", NULL};

/* A new recipe is a row here and its word above. What none of them names keeps its default. */
static const struct {
    recipe_setting library[8], run[8];
} recipes[] = {
    [RECIPE_STANDARD] = {.library = {{"activation", "relu"}, {"cost", "auto"}, {"optimizer", "adam"}, END},
                         .run = {{"schedule", "cosine"}, {"patience", "10"}, END}},
    /* That of docs/math.md, which the four networks of the benchmarks have. */
    [RECIPE_SEED] = {.library = {{"activation", "sigmoid"}, {"cost", "cross-entropy"}, {"optimizer", "sgd"}, END},
                     .run = {END}},
};

const recipe_setting *recipe_settings(int code) {
    return recipes[code].library;
}

const recipe_setting *recipe_run_settings(int code) {
    return recipes[code].run;
}
