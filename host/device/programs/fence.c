#include "device/programs/fence.h"
#include "device/device_cache.h"
#include "device/programs/program.h"

#include <stdio.h>
#include <string.h>

static const char works[] = "works"; /* in the cache */

static char meeting_text[] = "__kernel void resident(__global uint *meeting) {\n"
                             "    uint passed = 0;\n"
                             "    MEETING_BEGIN();\n"
                             "    MEET();\n"
                             "}\n";

/* A driver may link a program no earlier than it makes a kernel of it. */
static epocl_status build_meeting(const epocl_device *device, const plan *p) {
    const sequence meeting = {.text = meeting_text, .group_count = 2, .is_of_items = true};
    const program_source sources[] = {{.name = "resident_items"}};
    epocl_status status = EPOCL_OK;
    cl_program program = NULL;
    cl_kernel kernel = NULL;
    cl_int code;
    TRY(program_build(device, p, sources, 1, &meeting, &program));
    kernel = clCreateKernel(program, "resident", &code);
    if (!kernel) status = fail_opencl(code, "clCreateKernel", "resident");
cleanup:
    if (kernel) clReleaseKernel(kernel);
    if (program) clReleaseProgram(program);
    return status;
}

epocl_status fence_ensure(epocl_device *device, char why[FENCE_TEXT_CAPACITY]) {
    const matmul_choice plain = {.provider = MATMUL_PLAIN, .vector_width = 4, .tile_vectors = 4};
    char key[32], known[CACHE_TEXT_CAPACITY];
    epocl_status status = EPOCL_OK;
    plan p = {0};
    *why = '\0';
    TRY(plan_create(&p, &plain, &device->info));
    if (p.fence_version == 0) goto cleanup;
    snprintf(key, sizeof key, "fence of %u", p.fence_version);
    if (!device_recall(&device->info, key, known)) {
        status = build_meeting(device, &p);
        if (status != EPOCL_OK && status != EPOCL_ERROR_OPENCL) goto cleanup;
        snprintf(known, sizeof known, "%s", status == EPOCL_OK ? works : "fails");
        if (status != EPOCL_OK) snprintf(why, FENCE_TEXT_CAPACITY, "%s", epocl_last_error());
        status = EPOCL_OK;
        device_remember(&device->info, key, known);
    }
    if (strcmp(known, works) != 0) device->info.group_fence = 0;
cleanup:
    plan_release(&p);
    return status;
}
