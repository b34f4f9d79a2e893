#include "model/functions.h"

#include <stdio.h>
#include <string.h>

enum { NAME_CAPACITY = 32 };

/* Public names have hyphens where the table's identifiers have underscores. */
static const char *const activation_identifiers[] = {
#define FUNCTION_NAME(code, name, ...) [code] = #name,
    ACTIVATIONS(FUNCTION_NAME)};
static const char *const cost_identifiers[] = {COSTS(FUNCTION_NAME)};
#undef FUNCTION_NAME

static const char *spelled(const char *identifier, char buffer[NAME_CAPACITY]) {
    snprintf(buffer, NAME_CAPACITY, "%s", identifier);
    for (char *c = buffer; *c; c++)
        if (*c == '_') *c = '-';
    return buffer;
}

bool functions_fit(int activation, int cost) {
    /* The cost's delta, a - y, is that of a sigmoid output. */
    return cost != COST_cross_entropy || activation == ACTIVATION_sigmoid;
}

static bool is_named(const char *const *identifiers, int count, const char *name, int *code) {
    char one[NAME_CAPACITY];
    for (*code = 0; *code < count; ++*code)
        if (strcmp(spelled(identifiers[*code], one), name) == 0) return true;
    return false;
}

/* Adds a public name to a list of them. */
static void list_name(const char *identifier, char *known, size_t capacity) {
    char one[NAME_CAPACITY];
    const size_t used = strlen(known);
    snprintf(known + used, capacity - used, "%s%s", used ? ", " : "", spelled(identifier, one));
}

static epocl_status fail_unknown(const char *kind, const char *name, const char *known) {
    return fail(EPOCL_ERROR_ARGUMENT, "unknown %s '%s'; there %s: %s", kind, name, strchr(known, ',') ? "are" : "is",
                known);
}

const char *activation_name(int code) {
    static _Thread_local char name[NAME_CAPACITY];
    return code >= 0 && code < ACTIVATION_COUNT ? spelled(activation_identifiers[code], name) : NULL;
}

const char *cost_name(int code) {
    static _Thread_local char name[NAME_CAPACITY];
    return code >= 0 && code < COST_COUNT ? spelled(cost_identifiers[code], name) : NULL;
}

epocl_status activation_from_name(const char *name, int cost, int *code) {
    char known[256] = "";
    if (is_named(activation_identifiers, ACTIVATION_COUNT, name, code)) return EPOCL_OK;
    for (int i = 0; i < ACTIVATION_COUNT; i++)
        if (functions_fit(i, cost)) list_name(activation_identifiers[i], known, sizeof known);
    return fail_unknown("activation", name, known);
}

epocl_status cost_from_name(const char *name, int *code) {
    char known[256] = "";
    if (is_named(cost_identifiers, COST_COUNT, name, code)) return EPOCL_OK;
    for (int i = 0; i < COST_COUNT; i++) list_name(cost_identifiers[i], known, sizeof known);
    return fail_unknown("cost", name, known);
}
