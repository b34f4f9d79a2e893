#include "model/functions.h"

#include "base/number.h"
#include "base/printable.h"
#include "base/suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the tables say of a function beside its formulas. Public names have hyphens where identifiers have underscores.
 */
typedef struct entry {
    const char *identifier;
    float parameter; /* the usual one; 0: the function has none */
    int output;      /* of a head: the activation of its outputs */
    bool any_output; /* of a head: any other will do             */
    bool slope_of_a; /* of an activation                         */
} entry;

static const entry activations[] = {
#define ACTIVATION_ENTRY(code, name, p, of_a, ...) [code] = {#name, p, .slope_of_a = of_a},
    ACTIVATIONS(ACTIVATION_ENTRY)[ACTIVATION_softmax] = {.identifier = "softmax"}};

static const entry heads[] = {
#define HEAD_ENTRY(code, name, p, output, through, ...) [code] = {#name, p, ACTIVATION_##output, through, false},
    HEADS(HEAD_ENTRY)};

enum { NAME_CAPACITY = 24, MOST_ENTRIES = 32 };

_Static_assert((int)ACTIVATION_COUNT <= SLOPE_STORED && (int)SLOPE_STORED < MOST_ENTRIES &&
                   (int)HEAD_COUNT <= MOST_ENTRIES,
               "there is room for every name");

static const char *public_name(const entry *e, char name[NAME_CAPACITY]) {
    snprintf(name, NAME_CAPACITY, "%s", e->identifier);
    for (char *c = name; *c; c++)
        if (*c == '_') *c = '-';
    return name;
}

static void write_function(const entry *table, function f, char text[FUNCTION_TEXT_CAPACITY]) {
    char name[NAME_CAPACITY];
    const entry *e = &table[f.code];
    public_name(e, name);
    if (f.parameter == e->parameter) { /* NOLINT: the same number, not a near one */
        snprintf(text, FUNCTION_TEXT_CAPACITY, "%s", name);
        return;
    }
    /* As few digits as give the same float back. */
    char digits[NAME_CAPACITY];
    double read = 0.0;
    for (int precision = 1; precision <= 9 && (float)read != f.parameter; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, (double)f.parameter);
        number_real(digits, &read);
    }
    snprintf(text, FUNCTION_TEXT_CAPACITY, "%s(%s)", name, digits);
}

void activation_text(function activation, char text[FUNCTION_TEXT_CAPACITY]) {
    write_function(activations, activation, text);
}

void head_text(function head, char text[FUNCTION_TEXT_CAPACITY]) {
    write_function(heads, head, text);
}

/* A parameter in parentheses that end the text: a number above 0 that a float holds. */
static bool parse_parameter(const char *text, size_t length, float *parameter) {
    char digits[NAME_CAPACITY];
    double number;
    if (length < 3 || length >= sizeof digits || text[0] != '(' || text[length - 1] != ')') return false;
    memcpy(digits, text + 1, length - 2);
    digits[length - 2] = '\0';
    if (!number_real(digits, &number)) return false;
    *parameter = (float)number;
    return isfinite(*parameter) && *parameter > 0.0f;
}

static epocl_status parse(const entry *table, int count, const char *kind, const char *text, size_t length,
                          function *f) {
    char known[512] = "", names[MOST_ENTRIES][NAME_CAPACITY], whole[PRINTABLE_CAPACITY], shown[PRINTABLE_CAPACITY];
    for (int i = 0; i < count; i++) {
        const char *name = public_name(&table[i], names[i]);
        const size_t name_length = strlen(name), used = strlen(known);
        const bool has_parameter = table[i].parameter > 0.0f;
        *f = (function){i, table[i].parameter};
        if (length >= name_length && strncmp(text, name, name_length) == 0) {
            if (length == name_length) return EPOCL_OK;
            if (has_parameter && parse_parameter(text + name_length, length - name_length, &f->parameter))
                return EPOCL_OK;
        }
        snprintf(known + used, sizeof known - used, "%s%s%s", i ? ", " : "", name, has_parameter ? "(p)" : "");
    }
    snprintf(whole, sizeof whole, "%.*s", (int)(length < sizeof whole ? length : sizeof whole - 1), text);
    printable(whole, shown);
    whole[strcspn(whole, "(")] = '\0';
    suggestion near = suggestion_begin(whole);
    for (int i = 0; i < count; i++) suggestion_consider(&near, names[i]);
    return fail(EPOCL_ERROR_ARGUMENT, "unknown %s '%s'%s%s: %s%s", kind, shown, suggestion_text(&near, "", "; "),
                near.best ? " (there are" : "there are", known, near.best ? ")" : "");
}

epocl_status activation_parse(const char *text, size_t length, function *activation) {
    return parse(activations, ACTIVATION_COUNT, "activation", text, length, activation);
}

epocl_status head_parse(const char *text, function *head) {
    return parse(heads, HEAD_COUNT, "cost", text, strlen(text), head);
}

bool activation_has_slope_of_a(function activation) {
    return activations[activation.code].slope_of_a;
}

function head_output(function head) {
    const int code = heads[head.code].output;
    return (function){code, activations[code].parameter};
}

bool head_takes_any_output(function head) {
    return heads[head.code].any_output;
}

bool head_is_of_values(function head) {
    return head.code != HEAD_cross_entropy && head.code != HEAD_softmax_cross_entropy;
}

/* ---- In double precision ------------------------------------------------------------------------ */

#define IS_POSITIVE(z) ((z) > 0.0 ? 1.0 : 0.0)
#define VALUE_OF(code_, name, usual, of_a, f, df)                                                                      \
    if (activation.code == (code_)) return f;
#define SLOPE_OF(code_, name, usual, of_a, f, df)                                                                      \
    if (activation.code == (code_)) return df;
#define COST_OF(code_, name, usual, output_, through, cost, delta)                                                     \
    if (head.code == (code_)) return cost;
#define DELTA_OF(code_, name, usual, output_, through, cost, delta)                                                    \
    if (head.code == (code_)) return (delta) * ((through) ? activation_slope(output, z) : 1.0);

double activation_value(function activation, double z) {
    const double p = (double)activation.parameter;
    (void)p;
    ACTIVATIONS(VALUE_OF)
    return z;
}

double activation_slope(function activation, double z) {
    const double p = (double)activation.parameter, a = activation_value(activation, z);
    (void)p, (void)a;
    ACTIVATIONS(SLOPE_OF)
    return NAN;
}

double head_cost(function head, function output, double z, double y, double log_sum) {
    const double p = (double)head.parameter, a = activation_value(output, z);
    HEADS(COST_OF)
    return NAN;
}

double head_delta(function head, function output, double z, double y, double log_sum) {
    const double p = (double)head.parameter, a = activation_value(output, z);
    HEADS(DELTA_OF)
    return NAN;
}
