/* What the words of some options ask for, so that they are read once. */
#ifndef EPOCL_OPTIONS_REQUESTS_H
#define EPOCL_OPTIONS_REQUESTS_H

#include "options/option.h"

#include <stdint.h>

/* How inputs are normalised; the names of all but the first are those of a model file. */
typedef enum normalization_request {
    NORMALIZE_AUTO, /* by the type of the inputs */
    NORMALIZE_NONE,
    NORMALIZE_SCALE255,
    NORMALIZE_ZSCORE,
    NORMALIZE_MINMAX
} normalization_request;

/* How "auto" chooses among kernels and plans. */
typedef enum tune_level {
    TUNE_OFF,   /* by rule: nothing is timed, nothing is looked up   */
    TUNE_QUICK, /* what is known; else a few candidates, briefly     */
    TUNE_FULL   /* all candidates on the network itself, always anew */
} tune_level;

/* How a step is launched: merged, in fewer launches than it has operations; resident, in those of a slice of steps, by
 * work-groups of one work-item or of many; or, neither, layered. */
typedef struct plan_shape {
    bool is_merged;
    size_t group_count; /* resident; 0: not so; of a request, whatever suits the device                     */
    size_t group_items; /* of each group; 0: it is one item, and nothing in the kernel is for several      */
} plan_shape;

/* Of a group of items at least: Mesa's llvmpipe computes wrong where a group is smaller than its vectors of 8 floats.
 */
enum { LEAST_GROUP_ITEMS = 8 };

static inline bool shapes_are_same(plan_shape a, plan_shape b) {
    return a.is_merged == b.is_merged && a.group_count == b.group_count && a.group_items == b.group_items;
}

static inline bool shape_is_layered(plan_shape shape) {
    return !shape.is_merged && shape.group_count == 0;
}

/* Each operation by itself, several in a launch, or many steps in one. */
typedef struct plan_request {
    bool is_auto, is_resident;
    plan_shape shape;
} plan_request;

/* As the option says it: "auto", "layered", "merged", "resident", "resident:4", "resident:16x256". */
enum { PLAN_TEXT_CAPACITY = 32 };
void plan_request_text(const plan_request *request, char text[PLAN_TEXT_CAPACITY]);

/* Who makes the matrix products: matmul_choice_parse() knows the text. */
typedef struct matmul_request {
    bool is_auto, has_shape;
    char text[64];
} matmul_request;

/* What samples weigh by their class: not at all, so that all classes count alike, or as listed. */
typedef struct class_weights_request {
    bool is_balanced;
    real_list weights; /* empty: none */
} class_weights_request;

/* Layers of a network, from 0 on as in a model file, a bit each. */
typedef struct layer_set {
    uint64_t bits;
} layer_set;

enum { LAYER_SET_MOST = 64 };

static inline bool layer_set_has(layer_set set, size_t number) {
    return number < LAYER_SET_MOST && (set.bits >> number & 1) != 0;
}

/* Their words, in the order of the enumerations; NULL ends them. */
extern const char *const normalization_words[], *const tune_words[], *const plan_words[], *const matmul_words[];

/* Of optimisers, schedules and initialisations, by their codes, from the tables that the kernels are made of. */
extern const char *const optimizer_words[], *const schedule_words[], *const initialization_words[];

/* The learning rates that optimisers usually have, by their codes. */
extern const double optimizer_rates[];

/* Of the figures that a run can go by, by their codes; and shorter words for some of them, NULL for the others. */
extern const char *const monitor_words[], *const monitor_also_words[];

/* Takes a text for granted that a matmul_choice was written as. */
void matmul_request_set(matmul_request *request, const char *text);

/* Of layers: "2" are the first two, "0-1,3" those numbers, "2-2" one of them. */
extern const option_parser plan_parser, matmul_parser, class_weights_parser, layers_parser;

#endif
