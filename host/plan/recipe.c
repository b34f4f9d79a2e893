#include "plan/recipe.h"

#include <math.h>

#define OPTIMIZER_ENTRY(code, name, slots, ...) [code] = {#name, slots},
static const struct {
    const char *name;
    size_t slots;
} optimizers[] = {OPTIMIZERS(OPTIMIZER_ENTRY)};

recipe recipe_plain(float learning_rate) {
    return (recipe){
        .learning_rate = learning_rate, .momentum = 0.9f, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8f, .epochs = 1};
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

bool schedule_has_end(int code) {
    return code != SCHEDULE_constant && code != SCHEDULE_plateau;
}

void recipe_define(constants *c, const recipe *r) {
    const bool decouples = optimizer_decouples(r->optimizer), decays = r->weight_decay > 0.0f;
    constants_set(c, "OPTIMIZER", (size_t)r->optimizer);
    constants_set(c, "SCHEDULE", (size_t)r->schedule);
    constants_set(c, "COUPLED_DECAY", decays && !decouples);
    constants_set(c, "DECOUPLED_DECAY", decays && decouples);
    constants_set(c, "CLIP_VALUE", r->clip_value > 0.0f);
    constants_set(c, "DROPOUT", r->dropout > 0.0f);
}

hyper_values recipe_hyper(const recipe *r, size_t steps_per_epoch) {
    const bool decouples = optimizer_decouples(r->optimizer);
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
                          .final_factor = r->final_factor,
                          .steps_per_epoch = (uint32_t)steps_per_epoch,
                          .warmup_steps = (uint32_t)(r->warmup_epochs * steps_per_epoch),
                          .total_steps = (uint32_t)(r->epochs * steps_per_epoch)};
}
