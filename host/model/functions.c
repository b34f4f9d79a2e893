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

static const char *public_name(const char *const *identifiers, int count, int code, char *buffer) {
    if (code < 0 || code >= count) return NULL;
    snprintf(buffer, NAME_CAPACITY, "%s", identifiers[code]);
    for (char *c = buffer; *c; c++)
        if (*c == '_') *c = '-';
    return buffer;
}

static epocl_status code_of(const char *const *identifiers, int count, const char *kind, const char *name, int *code) {
    char known[256] = "", one[NAME_CAPACITY];
    for (int i = 0; i < count; i++) {
        public_name(identifiers, count, i, one);
        if (strcmp(one, name) == 0) {
            *code = i;
            return EPOCL_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", one);
    }
    return fail(EPOCL_ERROR_ARGUMENT, "unknown %s '%s'; there are: %s", kind, name, known);
}

const char *activation_name(int code) {
    static _Thread_local char name[NAME_CAPACITY];
    return public_name(activation_identifiers, ACTIVATION_COUNT, code, name);
}

const char *cost_name(int code) {
    static _Thread_local char name[NAME_CAPACITY];
    return public_name(cost_identifiers, COST_COUNT, code, name);
}

epocl_status activation_from_name(const char *name, int *code) {
    return code_of(activation_identifiers, ACTIVATION_COUNT, "activation", name, code);
}

epocl_status cost_from_name(const char *name, int *code) {
    return code_of(cost_identifiers, COST_COUNT, "cost", name, code);
}
