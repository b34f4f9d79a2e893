/* Numbers and logs every call, and makes those fail that LAYER_FAIL names. */
#include "layers/layer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static cl_icd_dispatch next;
static atomic_ullong numbers;
static unsigned long long first_failing; /* 0: none */
static bool fails_from_there_on;
static cl_int injected_code;

static bool is_failing(unsigned long long number) {
    return first_failing > 0 && (number == first_failing || (fails_from_there_on && number > first_failing));
}

static void log_call(unsigned long long number, const char *name, cl_int code) {
    layer_log("%llu %s %d%s", number, name, (int)code, is_failing(number) ? " injected" : "");
}

#define BEGIN const unsigned long long number = atomic_fetch_add(&numbers, 1) + 1

#define ENTRY(return_type, name, parameters, arguments)                                                                \
    static CL_API_ENTRY cl_int CL_API_CALL failing_##name parameters {                                                 \
        BEGIN;                                                                                                         \
        const cl_int code = is_failing(number) ? injected_code : next.name arguments;                                  \
        log_call(number, #name, code);                                                                                 \
        return code;                                                                                                   \
    }
#define RELEASE(return_type, name, parameters, arguments)                                                              \
    static CL_API_ENTRY cl_int CL_API_CALL failing_##name parameters {                                                 \
        BEGIN;                                                                                                         \
        const cl_int released = next.name arguments;                                                                   \
        const cl_int code = is_failing(number) ? injected_code : released;                                             \
        log_call(number, #name, code);                                                                                 \
        return code;                                                                                                   \
    }
#define CREATE(return_type, name, parameters, arguments)                                                               \
    static CL_API_ENTRY return_type CL_API_CALL failing_##name parameters {                                            \
        BEGIN;                                                                                                         \
        return_type made = NULL;                                                                                       \
        cl_int code;                                                                                                   \
        if (!status) status = &code;                                                                                   \
        if (is_failing(number))                                                                                        \
            *status = injected_code;                                                                                   \
        else                                                                                                           \
            made = next.name arguments;                                                                                \
        log_call(number, #name, *status);                                                                              \
        return made;                                                                                                   \
    }
#define MAP CREATE
#include "layers/entries.h"

void fail_calls(cl_icd_dispatch *table) {
    const char *which = getenv("LAYER_FAIL");
    first_failing = layer_number("LAYER_FAIL", 0);
    fails_from_there_on = which && strchr(which, '+');
    const char *code = getenv("LAYER_CODE");
    injected_code = code ? (cl_int)atoi(code) : CL_OUT_OF_RESOURCES;
    if (first_failing == 0 && !layer_has_log()) return;
    next = *table;
#define ENTRY(return_type, name, parameters, arguments) table->name = failing_##name;
#include "layers/entries.h"
}

unsigned long long layer_call_count(void) {
    return atomic_load(&numbers);
}
