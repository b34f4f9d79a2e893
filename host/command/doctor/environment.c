#include "command/doctor/doctor.h"

#include <stdlib.h>

static const struct {
    const char *name, *effect;
} variables[] = {
    {"EPOCL_DEVICE", "is the device that commands use"},
    {"EPOCL_MATMUL", "is the matmul that commands use"},
    {"EPOCL_PLAN", "is the plan that commands use"},
    {"EPOCL_TUNE", "is how commands choose"},
    {"EPOCL_TIMEOUT", "is how long commands wait for a device"},
    {"EPOCL_NO_SELF_TEST", "leaves out self-tests"},
    {"EPOCL_KERNEL_DIR", "replaces the kernels of the library"},
    {"OPENCL_LAYERS", "puts layers between programs and drivers"},
    {"POCL_DEVICES", "chooses PoCL's devices"},
    {"POCL_MAX_WORK_GROUP_SIZE", "limits PoCL's work-groups"},
    {"POCL_MEMORY_LIMIT", "limits PoCL's memory"},
    {"CUDA_VISIBLE_DEVICES", "hides NVIDIA GPUs"},
    {"ROCR_VISIBLE_DEVICES", "hides AMD GPUs"},
    {"GPU_DEVICE_ORDINAL", "hides AMD GPUs"},
    {"ZE_AFFINITY_MASK", "hides Intel GPUs"},
    {"LD_PRELOAD", "puts libraries before all others"},
    {"LD_LIBRARY_PATH", "changes where libraries are found"},
};

void doctor_environment(findings *found) {
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value)
            finding_add(found, FINDING_NOTE, "variable", "unset it if that is not meant", "%s=%s %s", variables[i].name,
                        value, variables[i].effect);
    }
}
