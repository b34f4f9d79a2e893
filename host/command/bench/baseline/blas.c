#include "command/bench/baseline/blas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const blas_names[] = {"libopenblas.so.0", "libblas.so.3", NULL};

/* OpenBLAS 0.3.21 does not know processors that came after it, and takes kernels without AVX-512 for them. */
static void name_core_type(void) {
#if defined __x86_64__
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 0);
#endif
}

/* A function's address as a function: C has no cast between the two. */
static void find(void *library, const char *name, void *function, size_t bytes) {
    void *address = dlsym(library, name);
    memcpy(function, &address, bytes);
}

/* OpenBLAS tells what it is; of others the file name is known. */
static void name_library(void *library, const char *file_name, blas *found) {
    char *(*config)(void) = NULL, *(*core)(void) = NULL;
    int (*thread_count)(void) = NULL;
    find(library, "openblas_get_config", &config, sizeof config);
    find(library, "openblas_get_corename", &core, sizeof core);
    find(library, "openblas_get_num_threads", &thread_count, sizeof thread_count);
    if (!config || !core || !thread_count) {
        snprintf(found->name, sizeof found->name, "%s", file_name);
        return;
    }
    char version[64];
    if (sscanf(config(), "OpenBLAS %63s", version) != 1) snprintf(version, sizeof version, "of unknown version");
    const int count = thread_count();
    snprintf(found->name, sizeof found->name, "OpenBLAS %s %.20s, %d thread%s", version, core(), count,
             count == 1 ? "" : "s");
}

epocl_status blas_load(const char *const *names, blas *library) {
    void *handle = NULL;
    size_t i = 0;
    *library = (blas){0};
    name_core_type();
    for (; names[i]; i++)
        if ((handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL))) break;
    if (!handle) return fail(EPOCL_ERROR_NO_INPUT, "no BLAS is installed (Debian: libopenblas0)");
    find(handle, "cblas_sgemm", &library->sgemm, sizeof library->sgemm);
    if (!library->sgemm) {
        dlclose(handle);
        return fail(EPOCL_ERROR_NO_INPUT, "%s has no cblas_sgemm", names[i]);
    }
    name_library(handle, names[i], library);
    return EPOCL_OK;
}
