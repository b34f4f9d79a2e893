/* OpenCL 1.2 and its errors as epocl statuses. */
#ifndef EPOCL_DEVICE_OPENCL_H
#define EPOCL_DEVICE_OPENCL_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "base/status.h"

/* A query of OpenCL 3.0, which drivers of 1.2 refuse, and two bits of its answer (CL_DEVICE_ATOMIC_...). */
enum { OPENCL_FENCE_CAPABILITIES = 0x1064, OPENCL_FENCE_ACQ_REL = 1 << 1, OPENCL_FENCE_DEVICE = 1 << 5 };

/* Of cl_nv_device_attribute_query: CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV and .._MINOR_NV. */
enum { OPENCL_NV_CAPABILITY_MAJOR = 0x4000, OPENCL_NV_CAPABILITY_MINOR };

/* CL_PLATFORM_NOT_FOUND_KHR, of the loader: there is no platform. */
enum { OPENCL_NO_PLATFORM = -1001 };

/* "CL_OUT_OF_RESOURCES" for its code; "unknown OpenCL code" for a code that has no name here. */
const char *opencl_code_name(cl_int code);

/* Records "call (detail): CL_NAME (code)". Failures to allocate become EPOCL_ERROR_MEMORY, others
 * EPOCL_ERROR_OPENCL. `detail` may be "". */
epocl_status fail_opencl(cl_int code, const char *call, const char *detail);

/* In a function with `epocl_status status` and a `cleanup:` label: an OpenCL call that returns its code, and
 * one that wrote its code to `code`. */
#define CL_TRY(call) CL_TRY_NAMED(call, #call, "")
#define CL_TRY_NAMED(call, name, detail)                                                                               \
    do {                                                                                                               \
        const cl_int cl_try_code = (call);                                                                             \
        if (cl_try_code != CL_SUCCESS) {                                                                               \
            status = fail_opencl(cl_try_code, name, detail);                                                           \
            goto cleanup;                                                                                              \
        }                                                                                                              \
    } while (0)

#endif
