#include "command/bench/baseline/recipe.h"

#include <math.h>

const char *const bench_recipe_words[] = {"seed", "standard", NULL};

const bench_recipe bench_recipes[] = {
    {.code = RECIPE_SEED, .learning_rate = 0.1f, .tolerance = 1e-3, .most_tolerance = 1e-3},
    /* As people train. While v is small a step has the gradient's sign, which roundings turn: 0.5 % was seen. */
    {.code = RECIPE_STANDARD,
     .has_relu = true,
     .has_softmax = true,
     .has_adam = true,
     .is_even = true,
     .learning_rate = 0.001f,
     .tolerance = 1e-3,
     .most_tolerance = 3e-2},
};

double bench_recipe_limit(const bench_recipe *recipe, bool is_output, size_t input_count, size_t output_count) {
    if (recipe->has_relu && !is_output) return sqrt(6.0 / (double)input_count); /* K. He et al., 2015 */
    return sqrt(6.0 / (double)(input_count + output_count));                    /* X. Glorot and Y. Bengio, 2010 */
}
