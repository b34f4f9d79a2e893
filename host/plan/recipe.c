#include "plan/recipe.h"

#include "base/checked.h"

#include <math.h>

#define OPTIMIZER_ENTRY(code, name, slots, ...) [code] = {#name, slots},
static const struct {
    const char *name;
    size_t slots;
} optimizers[] = {OPTIMIZERS(OPTIMIZER_ENTRY)};

recipe recipe_plain(float learning_rate) {
    return (recipe){.learning_rate = learning_rate,
                    .momentum = 0.9f,
                    .beta1 = 0.9,
                    .beta2 = 0.999,
                    .epsilon = 1e-8f,
                    .accumulate = 1,
                    .epochs = 1};
}

const char *optimizer_name(int code) {
    return optimizers[code].name;
}

size_t optimizer_slots(int code) {
    return optimizers[code].slots;
}

bool optimizer_decouples(int code) {
    return code == OPTIMIZER_adamw || code == OPTIMIZER_lion;
}

bool recipe_needs_gradients(const recipe *r) {
    return r->clip_norm > 0.0f || r->accumulate > 1;
}

bool recipe_keeps(const recipe *r, parameter_slot slot) {
    if (slot == SLOT_GRADIENT) return r->accumulate > 1;
    if (slot == SLOT_AVERAGE) return r->average > 0.0;
    return slot < optimizer_slots(r->optimizer);
}

#define INITIALIZATION_CASE(code_, name, word, kind, square)                                                           \
    case code_: return (weight_distribution){WEIGHTS_##kind, (float)sqrt(square)};
weight_distribution initialization_distribution(int code, size_t input_count, size_t output_count, double gain) {
    const double n_in = (double)input_count, n_out = (double)output_count;
    switch (code) { INITIALIZATIONS(INITIALIZATION_CASE) }
    return (weight_distribution){WEIGHTS_uniform, 0.0f};
}

bool schedule_has_end(int code) {
    return code != SCHEDULE_constant && code != SCHEDULE_plateau;
}

float recipe_dropout(const recipe *r, size_t layer) {
    return layer < r->dropout_count ? r->dropout[layer] : r->dropout_count == 1 ? r->dropout[0] : 0.0f;
}

static bool has_dropout(const recipe *r) {
    for (size_t i = 0; i < r->dropout_count; i++)
        if (r->dropout[i] > 0.0f) return true;
    return false;
}

void recipe_define(constants *c, const recipe *r) {
    const bool decouples = optimizer_decouples(r->optimizer), decays = r->weight_decay > 0.0f;
    constants_set(c, "OPTIMIZER", (size_t)r->optimizer);
    constants_set(c, "NADAM", r->optimizer == OPTIMIZER_nadam);
    constants_set(c, "SCHEDULE", (size_t)r->schedule);
    constants_set(c, "COUPLED_DECAY", decays && !decouples);
    constants_set(c, "DECOUPLED_DECAY", decays && decouples);
    constants_set(c, "CLIP_VALUE", r->clip_value > 0.0f);
    constants_set(c, "CLIP_NORM", r->clip_norm > 0.0f);
    constants_set(c, "ACCUMULATE", r->accumulate > 1);
    constants_set(c, "GRADIENT_TO_MEMORY", recipe_needs_gradients(r));
    constants_set(c, "DROPOUT", has_dropout(r));
}

/* No more than a word holds: rates.cl counts no further. */
static uint32_t steps_of(size_t epochs, size_t steps_per_epoch) {
    const uint64_t steps = (uint64_t)epochs * steps_per_epoch;
    return steps < UINT32_MAX ? (uint32_t)steps : UINT32_MAX;
}

hyper_values recipe_hyper(const recipe *r, size_t steps_per_epoch) {
    const bool decouples = optimizer_decouples(r->optimizer);
    const size_t steps = divide_up(steps_per_epoch, r->accumulate); /* of the optimiser */
    return (hyper_values){.learning_rate = r->learning_rate,
                          .momentum = r->momentum,
                          .beta1 = (float)r->beta1,
                          .one_minus_beta1 = (float)(1.0 - r->beta1),
                          .log_beta1 = (float)log(r->beta1),
                          .beta2 = (float)r->beta2,
                          .one_minus_beta2 = (float)(1.0 - r->beta2),
                          .log_beta2 = (float)log(r->beta2),
                          .epsilon = r->epsilon,
                          .coupled_decay = decouples ? 0.0f : r->weight_decay,
                          .decoupled_decay = decouples ? r->weight_decay : 0.0f,
                          .clip_value = r->clip_value,
                          .clip_norm = r->clip_norm,
                          .average_share = (float)(1.0 - r->average),
                          .final_factor = r->final_factor,
                          .group_batches = (uint32_t)r->accumulate,
                          .steps_per_epoch = (uint32_t)steps,
                          .warmup_steps = steps_of(r->warmup_epochs, steps),
                          .total_steps = steps_of(r->epochs, steps)};
}
