/* What was found out about a device, kept between processes: a cache file (base/files/cache_file.h) for each
 * combination of device, driver and kernel sources, so that an entry never outlives what it was found out with. */
#ifndef EPOCL_DEVICE_DEVICE_CACHE_H
#define EPOCL_DEVICE_DEVICE_CACHE_H

#include "base/files/cache_file.h"
#include "device/device.h"

/* The key of what the last self-test said: "passed" or "failed". */
#define SELF_TEST_KEY "self-test"

/* As cache_recall() and cache_remember(), for the device. Nothing is kept while EPOCL_KERNEL_DIR is set. */
bool device_recall(const epocl_device_info *device, const char *key, char value[CACHE_TEXT_CAPACITY]);
void device_remember(const epocl_device_info *device, const char *key, const char *value);

#endif
