/* Settings of an ensemble's members, drawn around those of the whole (after Y. Gorishniy et al., TabPack, 2026). */
#include "base/checked.h"
#include "base/printable.h"
#include "base/random.h"
#include "options/values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is drawn, in places of their own, so that leaving one out changes no other. */
enum { DRAW_SEED_LOW, DRAW_SEED_HIGH, DRAW_RATE, DRAW_DECAY, DRAW_HAS_DROPOUT, DRAW_DROPOUT, DRAW_DEPTH };

/* A rate is from 0.3 to 3 times the usual one, a decay from 0.1 to 30 times; a dropout, at even odds, up to a half. */
static const double least_rate = 0.3, most_rate = 3.0, least_decay = 0.1, most_decay = 30.0, most_dropout = 0.5;
enum { MOST_DEPTH = 3 };

typedef struct draws {
    uint64_t seed;
    uint32_t member;
} draws;

static uint32_t draw_word(const draws *d, uint32_t place) {
    return random_word((uint32_t)d->seed, (uint32_t)(d->seed >> 32), RANDOM_MEMBER, d->member, place, 0);
}

/* From 0 on, below 1. */
static double draw_unit(const draws *d, uint32_t place) {
    return (double)random_unit(draw_word(d, place));
}

static double draw_factor(const draws *d, uint32_t place, double least, double most) {
    return least * pow(most / least, draw_unit(d, place));
}

static void draw_rate(const draws *d, epocl_options *options) {
    options->training.learning_rate =
        training_rate(&options->training) * draw_factor(d, DRAW_RATE, least_rate, most_rate);
}

static void draw_decay(const draws *d, epocl_options *options) {
    options->training.weight_decay *= draw_factor(d, DRAW_DECAY, least_decay, most_decay);
}

static void draw_dropout(const draws *d, epocl_options *options) {
    const bool has_any = draw_unit(d, DRAW_HAS_DROPOUT) < 0.5;
    options->training.dropout.count = 1;
    options->training.dropout.values[0] = has_any ? most_dropout * draw_unit(d, DRAW_DROPOUT) : 0.0;
}

/* As many hidden layers of the first one's size. */
static void draw_depth(const draws *d, epocl_options *options) {
    whole_list *hidden = &options->network.hidden;
    if (hidden->count == 0) return;
    hidden->count = 1 + draw_word(d, DRAW_DEPTH) % MOST_DEPTH;
    for (size_t l = 1; l < hidden->count; l++) hidden->values[l] = hidden->values[0];
}

static const struct {
    const char *name;
    void (*draw)(const draws *d, epocl_options *options);
} settings[] = {
    {"learning-rate", draw_rate}, {"weight-decay", draw_decay}, {"dropout", draw_dropout}, {"depth", draw_depth}};

enum { SETTING_COUNT = sizeof settings / sizeof *settings };

static epocl_status draw_named(const char *name, size_t length, const draws *d, epocl_options *options) {
    char text[PRINTABLE_CAPACITY], shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (strlen(settings[i].name) == length && strncmp(settings[i].name, name, length) == 0) {
            settings[i].draw(d, options);
            return EPOCL_OK;
        }
    snprintf(text, sizeof text, "%.*s", (int)smaller(length, sizeof text - 1), name);
    return fail(EPOCL_ERROR_ARGUMENT,
                "'%s' is not drawn; there are: learning-rate, weight-decay, dropout, depth (hidden layers)",
                printable(text, shown));
}

epocl_status epocl_options_draw(const epocl_options *options, const char *names, size_t member, epocl_options **drawn) {
    epocl_status status = EPOCL_OK;
    epocl_options *made = NULL;
    if (drawn) *drawn = NULL;
    if (!options || !names || !drawn) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_draw: NULL argument");
    if (member > UINT32_MAX) return fail(EPOCL_ERROR_ARGUMENT, "there is no member %zu", member);
    const draws d = {options->training.seed, (uint32_t)member};
    TRY(epocl_options_copy(options, &made));
    for (const char *name = names; *name;) {
        const size_t length = strcspn(name, ",");
        TRY(draw_named(name, length, &d, made));
        name += length + (name[length] == ',');
    }
    made->training.seed = (uint64_t)draw_word(&d, DRAW_SEED_HIGH) << 32 | draw_word(&d, DRAW_SEED_LOW);
    *drawn = made;
    made = NULL;
cleanup:
    epocl_options_release(made);
    return status;
}
