/* Where the values of the library's options are: what networks and trainers are made from. */
#ifndef EPOCL_OPTIONS_VALUES_H
#define EPOCL_OPTIONS_VALUES_H

#include "options/recipes.h"
#include "options/requests.h"

typedef struct network_options {
    whole_list hidden;     /* units of each hidden layer                   */
    uint64_t output_count; /* 0: the data set's class count                */
    char activation[512];  /* as functions.h names them                    */
    char cost[128];        /* likewise                                     */
    char output[128];      /* activation of the outputs; "": the cost's own */
    int normalize;         /* normalization_request                        */
} network_options;

typedef struct training_options {
    uint64_t batch_size;                     /* more than the data set trains as one batch   */
    double learning_rate;                    /* NaN: the optimiser's usual one, of training_rate() */
    int optimizer, schedule, initialization; /* codes of plan/recipe.h                       */
    double momentum, beta1, beta2, epsilon, weight_decay, clip_value, clip_norm, label_smoothing, input_dropout,
        input_noise, max_norm, average, final_rate;
    real_list dropout;   /* of all hidden layers, or of each               */
    uint64_t accumulate; /* mini-batches of a step                       */
    uint64_t warmup, schedule_epochs;
    int monitor;               /* code of options/monitors.h                  */
    uint64_t patience;         /* epochs without an improvement; 0: any       */
    layer_set freeze;          /* layers that are not trained                 */
    uint64_t plateau_patience; /* of schedule plateau                         */
    double plateau_factor;
    double min_delta, max_seconds; /* what counts as one; 0: any                  */
    class_weights_request class_weights;
    uint64_t seed; /* of initial weights and of the shuffle        */
    matmul_request matmul;
    plan_request plan;
    int tune; /* tune_level */
    /* No options: what a caller wants beside them. */
    bool profile; /* keep the times of launches, and the plan     */
    void (*progress)(size_t done, size_t total, void *user);
    void *progress_user;
    void (*message)(const char *text, void *user);
    void *user;
} training_options;

struct epocl_options {
    int recipe; /* recipe_code: the last that was set */
    network_options network;
    training_options training;
};

/* All defaults; those with another recipe's settings. */
void options_begin(epocl_options *options);
void options_begin_recipe(epocl_options *options, recipe_code recipe);

/* The learning rate that a training is to have. */
double training_rate(const training_options *options);

/* With the seed's recipe, whose plain steps can be told from wrong ones. */
training_options training_of_seed(void);

/* The option that goes by validation data; NULL when none does. */
const char *options_need_validation(const training_options *options);

/* Tells `options->message`, if there is one, a formatted sentence of at most 1,023 bytes. */
__attribute__((format(printf, 2, 3))) void options_say(const training_options *options, const char *format, ...);

#endif
