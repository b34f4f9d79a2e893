#include "options/requests.h"

#include "base/number.h"
#include "base/printable.h"
#include "options/monitors.h"

#include "../../kernels/tables/initializations.cl"
#include "../../kernels/tables/optimizers.cl"
#include "../../kernels/tables/schedules.cl"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const normalization_words[] = {"auto", "none", "scale255", "zscore", "minmax", NULL};
const char *const tune_words[] = {"off", "quick", "full", NULL};
const char *const plan_words[] = {"auto", "layered", "merged", "resident", "resident:", NULL};
const char *const matmul_words[] = {"auto", "plain", "tile", "tile:", "local", "local:", "clblast", NULL};

#define OPTIMIZER_WORD(code, name, ...) [code] = #name,
const char *const optimizer_words[] = {OPTIMIZERS(OPTIMIZER_WORD) NULL};

/* A new optimiser needs a line here. */
#define RATE_sgd                        0.3
#define RATE_momentum                   0.03
#define RATE_nesterov                   0.03
#define RATE_adagrad                    0.01
#define RATE_rmsprop                    0.001
#define RATE_adam                       0.001
#define RATE_adamw                      0.001
#define RATE_lion                       0.0001
#define RATE_nadam                      0.001
#define OPTIMIZER_RATE(code, name, ...) [code] = RATE_##name,
const double optimizer_rates[] = {OPTIMIZERS(OPTIMIZER_RATE)};

#define SCHEDULE_WORD(code, name, word, ...) [code] = word,
const char *const schedule_words[] = {SCHEDULES(SCHEDULE_WORD) NULL};

#define INITIALIZATION_WORD(code, name, word, ...) [code] = word,
const char *const initialization_words[] = {"auto", INITIALIZATIONS(INITIALIZATION_WORD) NULL};
#define MONITOR_WORD(code, name, word, ...) [code] = word,
const char *const monitor_words[] = {MONITORS(MONITOR_WORD) NULL};
#define MONITOR_ALSO(code, name, word, field, is_better, text, also) [code] = (also),
const char *const monitor_also_words[] = {MONITORS(MONITOR_ALSO)};

/* ---- plan ---- */

void plan_request_text(const plan_request *request, char text[PLAN_TEXT_CAPACITY]) {
    const plan_shape shape = request->shape;
    if (shape.group_items)
        snprintf(text, PLAN_TEXT_CAPACITY, "resident:%zux%zu", shape.group_count, shape.group_items);
    else if (shape.group_count)
        snprintf(text, PLAN_TEXT_CAPACITY, "resident:%zu", shape.group_count);
    else
        snprintf(text, PLAN_TEXT_CAPACITY, "%s",
                 shape.is_merged        ? "merged"
                 : request->is_auto     ? "auto"
                 : request->is_resident ? "resident"
                                        : "layered");
}

static epocl_status read_plan(const option_row *row, const char *origin, const char *text, void *value) {
    plan_request request = {.is_auto = strcmp(text, "auto") == 0, .shape.is_merged = strcmp(text, "merged") == 0};
    char again[PLAN_TEXT_CAPACITY], shown[PRINTABLE_CAPACITY];
    epocl_status status = option_check_choice(row, origin, text);
    if (status != EPOCL_OK) return status;
    request.is_resident = strncmp(text, "resident", strlen("resident")) == 0;
    if (strchr(text, ':')) {
        sscanf(text, "resident:%6zux%4zu", &request.shape.group_count, &request.shape.group_items);
        plan_request_text(&request, again);
        const bool is_small = strchr(text, 'x') && request.shape.group_items < LEAST_GROUP_ITEMS;
        if (request.shape.group_count == 0 || is_small || strcmp(text, again) != 0)
            return fail(EPOCL_ERROR_ARGUMENT,
                        "%s must be resident:N for N work-groups of one work-item, or resident:NxM for N of M, from %d "
                        "on, not '%s'",
                        origin, LEAST_GROUP_ITEMS, printable(text, shown));
    }
    *(plan_request *)value = request;
    return EPOCL_OK;
}

static void write_plan(const void *value, char *text, size_t capacity) {
    char written[PLAN_TEXT_CAPACITY];
    plan_request_text(value, written);
    snprintf(text, capacity, "%s", written);
}

const option_parser plan_parser = {read_plan, write_plan, sizeof(plan_request)};

/* ---- matmul ---- */

void matmul_request_set(matmul_request *request, const char *text) {
    *request = (matmul_request){.is_auto = strcmp(text, "auto") == 0, .has_shape = strchr(text, ':') != NULL};
    snprintf(request->text, sizeof request->text, "%s", text);
}

static epocl_status read_matmul(const option_row *row, const char *origin, const char *text, void *value) {
    char shown[PRINTABLE_CAPACITY];
    epocl_status status = option_check_choice(row, origin, text);
    if (status != EPOCL_OK) return status;
    if (strlen(text) >= sizeof((matmul_request *)value)->text)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: '%s' is no shape of a matmul", origin, printable(text, shown));
    matmul_request_set(value, text);
    return EPOCL_OK;
}

static void write_matmul(const void *value, char *text, size_t capacity) {
    snprintf(text, capacity, "%s", ((const matmul_request *)value)->text);
}

const option_parser matmul_parser = {read_matmul, write_matmul, sizeof(matmul_request)};

/* ---- class weights ---- */

static epocl_status read_class_weights(const option_row *row, const char *origin, const char *text, void *value) {
    static const option_row list = {.name = "weights", .type = OPTION_REALS, .range = FROM_BELOW(0, 1e30)};
    class_weights_request request = {.is_balanced = strcmp(text, "balanced") == 0};
    char shown[PRINTABLE_CAPACITY];
    (void)row;
    if (!request.is_balanced && option_store(&list, origin, text, &request.weights) != EPOCL_OK)
        return fail(
            EPOCL_ERROR_ARGUMENT,
            "%s must be balanced, none, or 1 to %d numbers from 0 on with ',' between them, one for each class, "
            "not '%s'",
            origin, LIST_CAPACITY, printable(text, shown));
    *(class_weights_request *)value = request;
    return EPOCL_OK;
}

static void write_class_weights(const void *value, char *text, size_t capacity) {
    const class_weights_request *request = value;
    if (request->is_balanced) snprintf(text, capacity, "balanced");
    for (size_t i = 0; i < request->weights.count; i++) {
        char number[32];
        const size_t used = strlen(text);
        number_text(request->weights.values[i], number, sizeof number);
        snprintf(text + used, capacity - used, i ? ",%s" : "%s", number);
    }
}

const option_parser class_weights_parser = {read_class_weights, write_class_weights, sizeof(class_weights_request)};

/* ---- layers ---- */

static uint64_t bits_below(uint64_t count) {
    return count < LAYER_SET_MOST ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

/* "N" or "N-M"; false for another text. */
static bool read_range(const char *text, size_t length, uint64_t *first, uint64_t *last) {
    const char *dash = memchr(text, '-', length);
    const size_t first_length = dash ? (size_t)(dash - text) : length;
    if (!number_whole(text, first_length, first)) return false;
    *last = *first;
    if (dash && !number_whole(dash + 1, length - first_length - 1, last)) return false;
    return *first <= *last && *last < LAYER_SET_MOST;
}

static bool read_layer_set(const char *text, uint64_t *bits) {
    uint64_t first, last;
    const bool is_count = !strpbrk(text, ",-");
    *bits = 0;
    if (strcmp(text, "none") == 0) return true;
    if (is_count && number_whole(text, strlen(text), &first) && first <= LAYER_SET_MOST) {
        *bits = bits_below(first);
        return true;
    }
    for (size_t length; !is_count; text += length + 1) {
        length = strcspn(text, ",");
        if (!read_range(text, length, &first, &last)) return false;
        *bits |= bits_below(last + 1) & ~bits_below(first);
        if (text[length] == '\0') return true;
    }
    return false;
}

static epocl_status read_layers(const option_row *row, const char *origin, const char *text, void *value) {
    char shown[PRINTABLE_CAPACITY];
    uint64_t bits = 0;
    (void)row;
    if (!read_layer_set(text, &bits))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "%s must be a number of layers, the first ones, or their numbers from 0 to %d as 0-1,3 or 2-2, not "
                    "'%s'",
                    origin, LAYER_SET_MOST - 1, printable(text, shown));
    ((layer_set *)value)->bits = bits;
    return EPOCL_OK;
}

static void write_layers(const void *value, char *text, size_t capacity) {
    const uint64_t bits = ((const layer_set *)value)->bits;
    uint64_t count = 0;
    while (count < LAYER_SET_MOST && (bits >> count & 1)) count++;
    if (bits == 0 || bits == bits_below(count)) {
        snprintf(text, capacity, bits ? "%" PRIu64 : "none", count);
        return;
    }
    for (size_t first = 0, used = 0; first < LAYER_SET_MOST && used < capacity; first++) {
        size_t last = first;
        if (!(bits >> first & 1)) continue;
        while (last + 1 < LAYER_SET_MOST && (bits >> (last + 1) & 1)) last++;
        used += (size_t)snprintf(text + used, capacity - used, "%s%zu-%zu", used ? "," : "", first, last);
        first = last;
    }
}

const option_parser layers_parser = {read_layers, write_layers, sizeof(layer_set)};
