/* What each OpenCL layer of the tests has: how it answers, and what it says of itself. */
#ifndef EPOCL_TESTS_CL_LAYER_H
#define EPOCL_TESTS_CL_LAYER_H

#include <CL/cl_layer.h>
#include <string.h>

/* As OpenCL's calls for information answer: `out` and `size_written` may be NULL. */
static inline cl_int layer_answer(const void *value, size_t value_bytes, size_t size, void *out, size_t *size_written) {
    if (out && size < value_bytes) return CL_INVALID_VALUE;
    if (out) memcpy(out, value, value_bytes);
    if (size_written) *size_written = value_bytes;
    return CL_SUCCESS;
}

/* In a function whose parameters are size, out and size_written. */
#define ANSWER(value)     layer_answer(&(value), sizeof(value), size, out, size_written)
#define ANSWER_TEXT(text) layer_answer(text, strlen(text) + 1, size, out, size_written)

/* The two functions that the loader looks for: the first is defined by LAYER_NAMED, the second by the layer. */
#define LAYER_EXPORTED __attribute__((visibility("default")))
LAYER_EXPORTED CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *out,
                                                              size_t *size_written);
LAYER_EXPORTED CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below,
                                                           cl_uint *own_entry_count, const cl_icd_dispatch **own);

#define LAYER_NAMED(text)                                                                                              \
    CL_API_ENTRY cl_int CL_API_CALL clGetLayerInfo(cl_layer_info name, size_t size, void *out, size_t *size_written) { \
        static const char layer_name[] = text;                                                                         \
        static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;                                          \
        if (name == CL_LAYER_API_VERSION) return ANSWER(version);                                                      \
        if (name == CL_LAYER_NAME) return ANSWER(layer_name);                                                          \
        return CL_INVALID_VALUE;                                                                                       \
    }

#endif
