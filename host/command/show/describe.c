#include "command/show/describe.h"

#include <stdbool.h>
#include <stdio.h>

const char *device_type_text(epocl_device_type type) {
    switch (type) {
    case EPOCL_DEVICE_CPU: return "cpu";
    case EPOCL_DEVICE_GPU: return "gpu";
    case EPOCL_DEVICE_OTHER: break;
    }
    return "other";
}

void device_text(const epocl_device_info *info, char *text, size_t capacity) {
    snprintf(text, capacity, "%zu:%zu %s", info->platform, info->device, info->name);
}

void network_shape_text(const epocl_network *network, char *text, size_t capacity) {
    enum { ROOM = 16 }; /* for "..." and the output layer */
    const size_t layer_count = epocl_network_layer_count(network);
    size_t used = (size_t)snprintf(text, capacity, "%zu", epocl_network_input_count(network));
    for (size_t i = 0; i < layer_count; i++) {
        const bool is_last = i + 1 == layer_count;
        if (!is_last && used + 2 * (size_t)ROOM > capacity) {
            used += (size_t)snprintf(text + used, capacity - used, "-...");
            i = layer_count - 1;
        }
        used += (size_t)snprintf(text + used, capacity - used, "-%zu", epocl_network_output_count(network, i));
    }
}

static void layers_print(const epocl_network *network) {
    const size_t layer_count = epocl_network_layer_count(network);
    size_t input_count = epocl_network_input_count(network);
    printf("layer     inputs  outputs  parameters\n");
    for (size_t i = 0; i < layer_count; i++) {
        const size_t output_count = epocl_network_output_count(network, i);
        printf("%-5zu  %9zu  %7zu  %10zu\n", i, input_count, output_count, (input_count + 1) * output_count);
        input_count = output_count;
    }
}

/* What each member of an ensemble is, and how much it counts. */
static void members_print(const epocl_network *network) {
    printf("member    share  layers\n");
    for (size_t k = 0; k < epocl_network_member_count(network); k++) {
        char shape[160];
        network_shape_text(epocl_network_member(network, k), shape, sizeof shape);
        printf("%-6zu  %7.4f  %s\n", k, epocl_network_member_share(network, k), shape);
    }
}

void network_print(const epocl_network *network) {
    if (epocl_network_member_count(network) > 1)
        members_print(network);
    else
        layers_print(network);
    printf("parameters     %zu\n", epocl_network_parameter_count(network));
    printf("activation     %s\n", epocl_network_activation(network));
    printf("cost           %s\n", epocl_network_cost(network));
    printf("targets        %s\n", epocl_network_targets(network));
    printf("normalization  %s\n", epocl_network_normalization(network));
}

void bytes_text(uint64_t bytes, char *text, size_t capacity) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    const size_t last = sizeof units / sizeof *units - 1;
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 1024 && unit < last; unit++) value /= 1024;
    snprintf(text, capacity, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

void duration_text(double seconds, char *text, size_t capacity) {
    const double shown = seconds >= 0 && seconds < 3.6e8 ? seconds + 0.5 : 0;
    const unsigned long whole = (unsigned long)shown;
    if (whole >= 3600)
        snprintf(text, capacity, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, capacity, "%lu:%02lu", whole / 60, whole % 60);
}
