#include "options/recipes.h"

#include <stddef.h>

#define END                                                                                                            \
    { NULL, NULL }

const char *const recipe_words[] = {
    [RECIPE_STANDARD] = "standard", [RECIPE_SEED] = "seed", [RECIPE_TABLE] = "table", NULL};

/* A new recipe is a row here and its word above. What it does not name keeps its default. In the order in which they
 * are set: patience goes by whether there is validation data. */
static const struct {
    recipe_setting library[10], run[8], many[4];
} recipes[] = {
    [RECIPE_STANDARD] = {.library = {{"activation", "relu"}, {"cost", "auto"}, {"optimizer", "adam"}, END},
                         .run = {{"schedule", "cosine"}, {"patience", "10"}, END}},
    /* That of docs/math.md, which the four networks of the benchmarks have. */
    [RECIPE_SEED] = {.library = {{"activation", "sigmoid"}, {"cost", "cross-entropy"}, {"optimizer", "sgd"}, END},
                     .run = {END}},
    /* Of docs/tables.md. */
    [RECIPE_TABLE] = {.library = {{"hidden", "256,256"},
                                  {"activation", "relu"},
                                  {"cost", "auto"},
                                  {"optimizer", "adamw"},
                                  {"weight-decay", "0.01"},
                                  {"dropout", "0.1"},
                                  {"batch-size", "256"},
                                  {"initialization", "uniform"},
                                  END},
                      .run = {{"epochs", "100"}, {"valid-split", "0.15"}, {"patience", "16"}, END},
                      .many = {{"epochs", "40"}, {"schedule", "cosine"}, {"patience", "12"}, END}},
};

const recipe_setting *recipe_settings(int code) {
    return recipes[code].library;
}

const recipe_setting *recipe_run_settings(int code) {
    return recipes[code].run;
}

const recipe_setting *recipe_many_settings(int code) {
    return recipes[code].many;
}
