#include "choice/tuning.h"
#include "model/network.h"

#include <stdio.h>
#include <string.h>

/* "matmul 784-128-10 sigmoid cross-entropy batch 32"; false for a network whose key would be too long. */
static bool write_key(const char *what, const epocl_network *network, size_t batch_size,
                      char key[CACHE_TEXT_CAPACITY]) {
    size_t used = (size_t)snprintf(key, CACHE_TEXT_CAPACITY, "%s %zu", what, network->layers[0].input_count);
    for (size_t l = 0; l < network->layer_count && used < CACHE_TEXT_CAPACITY; l++)
        used += (size_t)snprintf(key + used, CACHE_TEXT_CAPACITY - used, "-%zu", network->layers[l].output_count);
    if (used < CACHE_TEXT_CAPACITY)
        used += (size_t)snprintf(key + used, CACHE_TEXT_CAPACITY - used, " %s %s batch %zu", network->activation_text,
                                 network->cost_text, batch_size);
    return used < CACHE_TEXT_CAPACITY;
}

bool tuning_recall(const epocl_device *device, const char *what, const epocl_network *network, size_t batch_size,
                   char choice[CACHE_TEXT_CAPACITY]) {
    char key[CACHE_TEXT_CAPACITY];
    return write_key(what, network, batch_size, key) && device_recall(&device->info, key, choice);
}

void tuning_remember(const epocl_device *device, const char *what, const epocl_network *network, size_t batch_size,
                     const char *choice) {
    char key[CACHE_TEXT_CAPACITY];
    if (write_key(what, network, batch_size, key)) device_remember(&device->info, key, choice);
}
