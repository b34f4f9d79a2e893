#include "device/device_cache.h"
#include "base/environment.h"
#include "device/embedded_kernels.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_CAPACITY = 32 };

/* FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo), the terminator included, so that neighbours do not run together. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    do {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++);
    return hash;
}

/* False when nothing is to be kept. */
static bool file_name(const epocl_device_info *info, char name[NAME_CAPACITY]) {
    if (environment_folder("EPOCL_KERNEL_DIR")) return false;
    const char *const texts[] = {info->name, info->vendor, info->platform_name, info->device_version,
                                 info->driver_version};
    char limits[64];
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) hash = hash_text(hash, texts[i]);
    snprintf(limits, sizeof limits, "%u %u %zu", info->compute_units, info->native_vector_width,
             info->max_work_group_size);
    hash = hash_text(hash, limits);
    for (size_t i = 0; i < embedded_kernel_count; i++) hash = hash_text(hash, embedded_kernels[i].text);
    hash = hash_text(hash, EPOCL_VERSION);
    snprintf(name, NAME_CAPACITY, "%016" PRIx64 ".txt", hash);
    return true;
}

bool device_recall(const epocl_device_info *device, const char *key, char value[CACHE_TEXT_CAPACITY]) {
    char name[NAME_CAPACITY];
    return file_name(device, name) && cache_recall(name, key, value);
}

void device_remember(const epocl_device_info *device, const char *key, const char *value) {
    char name[NAME_CAPACITY], previous[CACHE_TEXT_CAPACITY];
    if (!file_name(device, name)) return;
    /* For people, who find a file with a number for a name. */
    if (!cache_recall(name, "device", previous)) cache_remember(name, "device", device->name);
    cache_remember(name, key, value);
}
