#include "command/run/data_check.h"

#include "base/checked.h"
#include "command/show/print_line.h"

#include <stdio.h>
#include <string.h>

static bool is_stream(const char *path) {
    return path && strcmp(path, "-") == 0;
}

static const char *shown(const char *path) {
    return is_stream(path) ? "standard input" : path;
}

epocl_status data_check_streams(const char *const *paths, size_t count) {
    size_t stream_count = 0;
    for (size_t i = 0; i < count; i++) stream_count += is_stream(paths[i]);
    if (stream_count < 2) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "standard input (-) can be read once; name a file for the rest of the data");
}

epocl_status data_check_fit(const epocl_network *network, const epocl_dataset *dataset, const char *data,
                            const char *labels, bool can_grow) {
    const size_t input_count = epocl_dataset_input_count(dataset), class_count = epocl_dataset_class_count(dataset);
    const size_t output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    char advice[64] = "";
    if (input_count != epocl_network_input_count(network))
        return fail(EPOCL_ERROR_DATA, "%s: has %zu values a sample and the network takes %zu", shown(data), input_count,
                    epocl_network_input_count(network));
    if (!labels) return EPOCL_OK;
    if (class_count == 0) {
        const epocl_status status = epocl_network_check(network, dataset);
        return status == EPOCL_OK ? status : fail(status, "%s: %s", shown(labels), epocl_last_error());
    }
    if (strcmp(epocl_network_targets(network), "classes") != 0)
        return fail(EPOCL_ERROR_DATA,
                    "%s: holds class labels (integers in one dimension) and the network is made for %s; give a value "
                    "for each output",
                    shown(labels), epocl_network_targets(network));
    if (class_count <= output_count) return EPOCL_OK;
    if (can_grow) snprintf(advice, sizeof advice, "; --classes %zu makes as many", class_count);
    return fail(EPOCL_ERROR_DATA, "%s: has label %zu and the network has outputs for labels 0 to %zu only%s",
                shown(labels), class_count - 1, output_count - 1, advice);
}

epocl_status data_warn_classes(const epocl_dataset *dataset, const char *labels) {
    enum { SHOWN = 8 };
    epocl_status status = EPOCL_OK;
    const size_t class_count = epocl_dataset_class_count(dataset);
    char list[SHOWN * 24] = "";
    size_t *counts = NULL, missing_count = 0;
    if (class_count == 0) return EPOCL_OK; /* targets are values */
    TRY(allocate(class_count, sizeof *counts, "the classes", &counts));
    TRY(epocl_dataset_count_classes(dataset, counts));
    for (size_t class = 0; class < class_count; class ++) {
        const size_t used = strlen(list);
        if (counts[class] == 0 && missing_count++ < SHOWN)
            snprintf(list + used, sizeof list - used, "%s%zu", used ? ", " : "", class);
    }
    if (class_count - missing_count == 1)
        print_line(stderr, "epocl: %s: all samples to train have label %zu: with one class there is nothing to learn",
                   shown(labels), class_count - 1);
    else if (missing_count > 0)
        print_line(stderr,
                   "epocl: %s: no sample to train has label %s%s: labels count from 0, and the largest makes %zu "
                   "classes",
                   shown(labels), list, missing_count > SHOWN ? ", ..." : "", class_count);
cleanup:
    free(counts);
    return status;
}
