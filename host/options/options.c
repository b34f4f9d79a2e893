/* The public side of the options: a handle, set and asked by name. */
#include "base/checked.h"
#include "base/number.h"
#include "base/printable.h"
#include "base/result.h"
#include "base/suggest.h"
#include "options/monitors.h"
#include "options/registry.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void options_begin(epocl_options *options) {
    memset(options, 0, sizeof *options);
    option_defaults(registry, registry_count, options);
}

static epocl_status find(const char *name, const option_row **row) {
    char shown[PRINTABLE_CAPACITY];
    *row = registry_find(name);
    if (*row) return EPOCL_OK;
    suggestion near = suggestion_begin(name);
    for (size_t i = 0; i < registry_count; i++) suggestion_consider(&near, registry[i].name);
    return fail(EPOCL_ERROR_ARGUMENT, "there is no option '%s'%s", printable(name, shown),
                suggestion_text(&near, "", "; epocl_options_list() has those there are"));
}

static epocl_status store(epocl_options *options, const char *name, const char *text) {
    const option_row *row = NULL;
    const epocl_status status = find(name, &row);
    return status == EPOCL_OK ? option_store(row, row->name, text, options) : status;
}

/* Their texts are right: tests/host/test_options.c sets each recipe. */
static epocl_status set_recipe(epocl_options *options, int code) {
    epocl_status status = EPOCL_OK;
    options->recipe = code;
    options->training.learning_rate = NAN;
    for (const recipe_setting *s = recipe_settings(code); s->name && status == EPOCL_OK; s++)
        status = store(options, s->name, s->text);
    return status;
}

void options_begin_recipe(epocl_options *options, recipe_code recipe) {
    options_begin(options);
    set_recipe(options, (int)recipe);
}

training_options training_of_seed(void) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    return options.training;
}

double training_rate(const training_options *options) {
    return isnan(options->learning_rate) ? optimizer_rates[options->optimizer] : options->learning_rate;
}

const char *options_need_validation(const training_options *options) {
    if (options->patience > 0) return "patience";
    if (strcmp(schedule_words[options->schedule], "plateau") == 0) return "schedule plateau";
    return options->monitor != MONITOR_cost ? "monitor" : NULL;
}

void options_say(const training_options *options, const char *format, ...) {
    char text[1024];
    va_list arguments;
    if (!options->message) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    options->message(text, options->user);
}

epocl_status epocl_options_create(epocl_options **options) {
    if (!options) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_create: options is NULL");
    const epocl_status status = allocate(1, sizeof **options, "options", options);
    if (status == EPOCL_OK) options_begin(*options);
    return status;
}

epocl_status epocl_options_copy(const epocl_options *options, epocl_options **copy) {
    if (copy) *copy = NULL;
    if (!options || !copy) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_copy: NULL argument");
    const epocl_status status = allocate(1, sizeof **copy, "options", copy);
    if (status == EPOCL_OK) **copy = *options;
    return status;
}

void epocl_options_release(epocl_options *options) {
    free(options);
}

epocl_status epocl_options_set(epocl_options *options, const char *name, const char *text) {
    if (!options || !name || !text) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_set: NULL argument");
    const epocl_status status = store(options, name, text);
    return status == EPOCL_OK && strcmp(name, "recipe") == 0 ? set_recipe(options, options->recipe) : status;
}

epocl_status epocl_options_set_number(epocl_options *options, const char *name, double number) {
    static const double most_whole = 9007199254740992; /* up to 2^53, a double is the number that was meant */
    char text[64];
    if (!isfinite(number)) return fail(EPOCL_ERROR_ARGUMENT, "%s must be a finite number", name ? name : "an option");
    if (number == trunc(number) && fabs(number) <= most_whole)
        snprintf(text, sizeof text, "%" PRId64, (int64_t)number);
    else
        number_text(number, text, sizeof text);
    return epocl_options_set(options, name, text);
}

epocl_status epocl_options_set_list(epocl_options *options, const char *name, const size_t *values, size_t count) {
    char text[OPTION_TEXT_CAPACITY] = "none";
    size_t used = 0;
    if (count > 0 && !values) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_set_list: values is NULL");
    for (size_t i = 0; i < count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, i ? ",%zu" : "%zu", values[i]);
    if (used >= sizeof text)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: %zu numbers are too many", name ? name : "?", count);
    return epocl_options_set(options, name, text);
}

epocl_status epocl_options_get(const epocl_options *options, const char *name, char *text, size_t capacity) {
    const option_row *row = NULL;
    char whole[OPTION_TEXT_CAPACITY];
    if (!options || !name || !text) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_get: NULL argument");
    const epocl_status status = find(name, &row);
    if (status != EPOCL_OK) return status;
    const size_t length = strlen(option_text(row, options, whole));
    if (length >= capacity)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_get: %s takes %zu characters, and there is room for %zu",
                    row->name, length + 1, capacity);
    memcpy(text, whole, length + 1);
    return EPOCL_OK;
}

void epocl_options_set_message(epocl_options *options, void (*message)(const char *text, void *user), void *user) {
    options->training.message = message;
    options->training.user = user;
}

void epocl_options_set_progress(epocl_options *options, void (*progress)(size_t done, size_t total, void *user),
                                void *user) {
    options->training.progress = progress;
    options->training.progress_user = user;
}

void epocl_options_set_profile(epocl_options *options, int is_profiled) {
    options->training.profile = is_profiled != 0;
}

/* ---- What there is ---------------------------------------------------------------------------- */

static epocl_option_type public_type(const option_row *row) {
    switch (row->type) {
    case OPTION_FLAG: return EPOCL_OPTION_FLAG;
    case OPTION_CHOICE: return EPOCL_OPTION_CHOICE;
    case OPTION_WHOLE: return EPOCL_OPTION_WHOLE;
    case OPTION_REAL: return EPOCL_OPTION_REAL;
    case OPTION_WHOLES: return EPOCL_OPTION_WHOLES;
    case OPTION_REALS: return EPOCL_OPTION_REALS;
    default: return EPOCL_OPTION_TEXT;
    }
}

static epocl_option_scope public_scope(option_scope scope) {
    return scope == SCOPE_NETWORK    ? EPOCL_OPTION_OF_NETWORK
           : scope == SCOPE_TRAINING ? EPOCL_OPTION_OF_TRAINING
                                     : EPOCL_OPTION_OF_DEVICE;
}

epocl_status epocl_options_list_sized(size_t index, epocl_option_info *info, size_t info_bytes) {
    if (!info) return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_list: info is NULL");
    if (index >= registry_count)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_options_list: there are %zu options", registry_count);
    const option_row *row = &registry[index];
    char range[OPTION_TEXT_CAPACITY];
    epocl_option_info made = {.name = row->name,
                              .also = row->also,
                              .type = public_type(row),
                              .scope = public_scope(row->scope),
                              .argument = row->argument,
                              .default_value = row->default_value,
                              .choices = row->choices,
                              .help = row->help,
                              .group = row->group,
                              .is_fact = row->is_fact,
                              .is_kept = row->is_kept,
                              .can_change = row->can_change};
    option_range_text(row, range);
    snprintf(made.range, sizeof made.range, "%.*s", (int)sizeof made.range - 1, range);
    result_write(info, info_bytes, &made, sizeof made);
    return EPOCL_OK;
}
