/* An OpenCL layer that counts the calls of each entry point and passes them on; see count.h. */
#include "layers/count.h"

#include <CL/cl_layer.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef void *pointer;

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

static const cl_icd_dispatch *target; /* what the loader would have called without this layer */
static cl_icd_dispatch counting;      /* the same, except for the entries counted             */

#define ENTRY(return_type, name, parameters, arguments)                                                                \
    static CL_API_ENTRY return_type CL_API_CALL counted_##name parameters {                                            \
        atomic_fetch_add(&counts[ENTRY_##name], 1);                                                                    \
        return target->name arguments;                                                                                 \
    }
#include "layers/entries.h"

EXPORTED opencl_call_count_function opencl_call_count;
EXPORTED opencl_call_counts_reset_function opencl_call_counts_reset;
EXPORTED opencl_call_name_function opencl_call_name;
EXPORTED CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *value, size_t *written);
EXPORTED CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below,
                                                     cl_uint *own_entry_count, const cl_icd_dispatch **own);

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

CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *value, size_t *written) {
    static const char layer_name[] = "epocl call counter";
    static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
    const void *answer = name == CL_LAYER_API_VERSION ? (const void *)&version : layer_name;
    const size_t answer_bytes = name == CL_LAYER_API_VERSION ? sizeof version : sizeof layer_name;

    if (name != CL_LAYER_API_VERSION && name != CL_LAYER_NAME) return CL_INVALID_VALUE;
    if (value && size < answer_bytes) return CL_INVALID_VALUE;
    if (value) memcpy(value, answer, answer_bytes);
    if (written) *written = answer_bytes;
    return CL_SUCCESS;
}

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below, cl_uint *own_entry_count,
                                            const cl_icd_dispatch **own) {
    const size_t known_count = sizeof counting / sizeof(void *);
    if (!below || !own_entry_count || !own || entry_count < known_count) return CL_INVALID_VALUE;

    target = below;
    counting = *below;
#define ENTRY(return_type, name, parameters, arguments) counting.name = counted_##name;
#include "layers/entries.h"
    *own = &counting;
    *own_entry_count = (cl_uint)known_count;
    return CL_SUCCESS;
}
