#include "plan/recipe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Public names have hyphens where identifiers have underscores. */
#define OPTIMIZER_ENTRY(code, name, slots, ...) [code] = {#name, slots},
static const struct {
    const char *name;
    size_t slots;
} optimizers[] = {OPTIMIZERS(OPTIMIZER_ENTRY)};

#define SCHEDULE_NAME(code, name, ...) [code] = #name,
static const char *const schedules[] = {SCHEDULES(SCHEDULE_NAME)};

recipe recipe_plain(float learning_rate) {
    return (recipe){
        .learning_rate = learning_rate, .momentum = 0.9f, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8f, .epochs = 1};
}

/* Whether a public name is that of an identifier. */
static bool is_name(const char *name, const char *identifier) {
    for (; *name && *identifier; name++, identifier++)
        if (*name != (*identifier == '_' ? '-' : *identifier)) return false;
    return *name == *identifier;
}

static const char *optimizer_at(int code) {
    return optimizers[code].name;
}

static const char *schedule_at(int code) {
    return schedules[code];
}

static epocl_status parse(const char *kind, const char *(*at)(int), int count, const char *name, int *code) {
    char known[256] = "";
    for (int i = 0; i < count; i++) {
        const size_t used = strlen(known);
        *code = i;
        if (is_name(name, at(i))) return EPOCL_OK;
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", at(i));
    }
    for (char *c = known; *c; c++)
        if (*c == '_') *c = '-';
    return fail(EPOCL_ERROR_ARGUMENT, "unknown %s '%s'; there are: %s", kind, name, known);
}

epocl_status optimizer_parse(const char *name, int *code) {
    return parse("optimizer", optimizer_at, OPTIMIZER_COUNT, name, code);
}

epocl_status schedule_parse(const char *name, int *code) {
    return parse("schedule", schedule_at, SCHEDULE_COUNT, name, code);
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
