/* Counts the calls of each entry point; see count.h. */
#include "layers/count.h"
#include "layers/layer.h"

#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

enum {
#define ENTRY(return_type, name, parameters, arguments) ENTRY_##name,
#include "layers/entries.h"
    ENTRY_COUNT
};

static const char *const entry_names[] = {
#define ENTRY(return_type, name, parameters, arguments) #name,
#include "layers/entries.h"
};

static atomic_ulong counts[ENTRY_COUNT];

static cl_icd_dispatch next;

#define ENTRY(return_type, name, parameters, arguments)                                                                \
    static CL_API_ENTRY return_type CL_API_CALL counted_##name parameters {                                            \
        atomic_fetch_add(&counts[ENTRY_##name], 1);                                                                    \
        return next.name arguments;                                                                                    \
    }
#include "layers/entries.h"

EXPORTED opencl_call_count_function opencl_call_count;
EXPORTED opencl_call_counts_reset_function opencl_call_counts_reset;
EXPORTED opencl_call_name_function opencl_call_name;

unsigned long opencl_call_count(const char *name) {
    for (size_t i = 0; i < ENTRY_COUNT; i++)
        if (strcmp(entry_names[i], name) == 0) return atomic_load(&counts[i]);
    return ULONG_MAX;
}

void opencl_call_counts_reset(void) {
    for (size_t i = 0; i < ENTRY_COUNT; i++) atomic_store(&counts[i], 0);
}

const char *opencl_call_name(size_t index) {
    return index < ENTRY_COUNT ? entry_names[index] : NULL;
}

void count_calls(cl_icd_dispatch *table) {
    next = *table;
#define ENTRY(return_type, name, parameters, arguments) table->name = counted_##name;
#include "layers/entries.h"
}
