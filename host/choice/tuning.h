/* What is timed, and what is known from an earlier timing: choices are kept for a device, driver, kernel sources and
 * shape (device/device_cache.h), so that equal runs choose alike and later ones begin at once. */
#ifndef EPOCL_CHOICE_TUNING_H
#define EPOCL_CHOICE_TUNING_H

#include "device/device_cache.h"

/* The choice `what` ("matmul", "plan tile:8x2x16") for a network and mini-batch; false when none is known. */
bool tuning_recall(const epocl_device *device, const char *what, const epocl_network *network, size_t batch_size,
                   char choice[CACHE_TEXT_CAPACITY]);
void tuning_remember(const epocl_device *device, const char *what, const epocl_network *network, size_t batch_size,
                     const char *choice);

#endif
