/* How much work a training run is to take: one network, or the best of many together. */
#ifndef EPOCL_COMMAND_ENSEMBLE_PRESET_H
#define EPOCL_COMMAND_ENSEMBLE_PRESET_H

#include "command/options/options.h"

extern const char *const preset_words[];

/* The options that a command's table takes for it. */
#define OPTIONS_OF_ENSEMBLES                                                                                           \
    {.name = "preset",                                                                                                 \
     .type = OPTION_CHOICE,                                                                                            \
     SETTING(preset),                                                                                                  \
     .is_kept = true,                                                                                                  \
     .argument = "WORD",                                                                                               \
     .group = "Training",                                                                                              \
     .default_value = "fast",                                                                                          \
     .choices = preset_words,                                                                                          \
     .help = "networks: fast (1), default (8 of few data), quality (up to 32)"},                                       \
        {.name = "ensemble",                                                                                           \
         .type = OPTION_WHOLE,                                                                                         \
         SETTING(ensemble),                                                                                            \
         .is_kept = true,                                                                                              \
         .argument = "N",                                                                                              \
         .group = "Training",                                                                                          \
         .default_value = "1",                                                                                         \
         .minimum = 1,                                                                                                 \
         .maximum = 64,                                                                                                \
         .help = "networks to draw settings for and train; the best are the model"},                                   \
    {                                                                                                                  \
        .name = "draw", .type = OPTION_TEXT, TEXT_VALUE(settings, draw), .is_kept = true, .argument = "LIST",          \
        .group = "Training", .default_value = "auto",                                                                  \
        .help = "of an ensemble: none, learning-rate,weight-decay,dropout,depth"                                       \
    }

/* Whether more than one network is asked for; `default` may turn out to be one. */
static inline bool preset_is_wanted(const settings *given) {
    return given->ensemble > 1 || given->preset != 0;
}

/* Settles how many networks, unless they were given, and what is drawn, where it is `auto`. */
void preset_apply(const command *used, size_t sample_count, settings *given);

/* What is drawn for each member: names as epocl_options_draw() takes them. */
const char *preset_drawn(const settings *given);

#endif
