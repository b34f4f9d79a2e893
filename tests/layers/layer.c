/* An OpenCL layer for tests: it counts calls, and on demand logs them, makes them fail, and makes the device worse.
 * The OpenCL loader puts it between program and driver when OPENCL_LAYERS holds its path, so calls of the library and
 * of CLBlast are treated alike. Calls are numbered from 1 in the order in which they begin.
 *
 * Variables of the environment:
 *
 *   LAYER_LOG=FILE          a line for each call, "NUMBER NAME CODE", with " injected" after a code of LAYER_FAIL;
 *                           lines that begin with "misuse" or "stalls"; at the end of main(), "calls N", "alive N",
 *                           and for each of the N objects not released, "object TYPE, N references, from NAME"
 *   LAYER_FAIL=N            call N fails instead of being made; with "N+", so do all after it. A release is made all
 *                           the same: only its code is that of a failure, so that objects alive are the program's
 *   LAYER_CODE=CODE         the code of such calls, -5 (CL_OUT_OF_RESOURCES) otherwise
 *   LAYER_STALL=N:SECONDS   wait N (clFinish, clWaitForEvents, a blocking read, write or map) begins SECONDS late
 *   LAYER_FILL=1            new buffers hold NaN in every float, unless they hold a copy of the program's (the context
 *                           must have a queue by then)
 *   LAYER_WRITE_FILLS=1     what is to be filled is written
 *   LAYER_MAX_WORK_GROUP=N, LAYER_MAX_LOCAL=BYTES, LAYER_MAX_ALLOCATION=BYTES, LAYER_MAX_GLOBAL=BYTES
 *                           what the device says it has at most; what needs more fails as it does on such a device (as
 * far as the driver tells a kernel's local memory: PoCL 6 says 0 of any) */
#include "layers/layer.h"
#include "support/cl_layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *log_file;

bool layer_has_log(void) {
    return log_file != NULL;
}

void layer_log(const char *format, ...) {
    if (!log_file) return;
    va_list arguments;
    va_start(arguments, format);
    flockfile(log_file);
    vfprintf(log_file, format, arguments);
    fputc('\n', log_file);
    funlockfile(log_file);
    va_end(arguments);
}

unsigned long long layer_number(const char *variable, unsigned long long otherwise) {
    const char *text = getenv(variable);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

LAYER_NAMED("epocl test layer")

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below, cl_uint *own_entry_count,
                                            const cl_icd_dispatch **own) {
    static cl_icd_dispatch table;
    const size_t known_count = sizeof table / sizeof(void *);
    if (!below || !own_entry_count || !own || entry_count < known_count) return CL_INVALID_VALUE;

    const char *path = getenv("LAYER_LOG");
    if (path && *path && !log_file) {
        log_file = fopen(path, "we");
        if (!log_file) return CL_INVALID_VALUE;
        setvbuf(log_file, NULL, _IOLBF, BUFSIZ); /* whole up to a crash */
    }
    table = *below;
    track_objects(&table); /* next to the driver */
    fill_buffers(&table);
    lower_limits(&table);
    stall_waits(&table);
    fail_calls(&table);
    count_calls(&table); /* next to the program */
    *own = &table;
    *own_entry_count = (cl_uint)known_count;
    return CL_SUCCESS;
}
