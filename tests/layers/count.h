/* Counting OpenCL calls: what the layer in this folder tells a test of its own process. */
#ifndef EPOCL_TESTS_COUNT_H
#define EPOCL_TESTS_COUNT_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Calls of one entry point, such as "clFinish", since the last reset; ULONG_MAX for a name that is
 * not counted, so that a misspelt name fails a test for 0. */
typedef unsigned long opencl_call_count_function(const char *name);

/* Sets all counts to 0. */
typedef void opencl_call_counts_reset_function(void);

/* The name of the counted entry point at `index`, NULL after the last. */
typedef const char *opencl_call_name_function(size_t index);

typedef struct call_counter {
    opencl_call_count_function *count;
    opencl_call_counts_reset_function *reset;
    opencl_call_name_function *name;
} call_counter;

/* Finds the layer in use through OPENCL_LAYERS, which must name it alone; false when there is none.
 * The loader opened the same file, so this gives the same instance and adds a reference to it. */
static inline bool find_call_counter(call_counter *counter) {
    const char *path = getenv("OPENCL_LAYERS");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library) return false;
    *(void **)&counter->count = dlsym(library, "opencl_call_count");
    *(void **)&counter->reset = dlsym(library, "opencl_call_counts_reset");
    *(void **)&counter->name = dlsym(library, "opencl_call_name");
    return counter->count && counter->reset && counter->name;
}

#endif
