#include "training/valid_figure.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "metrics/metrics.h"
#include "options/monitors.h"
#include "options/requests.h"
#include "training/monitor.h"

#include <math.h>
#include <string.h>

/* A copy of an array that may be missing. */
static epocl_status copy(const void *from, size_t count, size_t bytes, void *to) {
    *(void **)to = NULL;
    if (!from) return EPOCL_OK;
    const epocl_status status = allocate(count, bytes, "the targets of the validation data", to);
    if (status == EPOCL_OK) memcpy(*(void **)to, from, count * bytes);
    return status;
}

static epocl_status value_of(const valid_figure *f, const epocl_network *network, const float *outputs,
                             double *figure) {
    epocl_status status = EPOCL_OK;
    tally t = {0};
    TRY(tally_create(network, network_targets_of(network, f->values != NULL), f->sample_count, &t));
    tally_add(&t, &(tally_samples){.count = f->sample_count,
                                   .weighted_inputs = outputs,
                                   .labels = f->labels,
                                   .values = f->values,
                                   .weights = f->weights});
    tally_finish(&t);
    *figure = metric_value(&t, f->metric);
cleanup:
    tally_release(&t);
    return status;
}

/* Whether it is defined follows from the targets alone. */
static epocl_status check_defined(const valid_figure *f, int code, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    float *outputs = NULL;
    double figure = NAN;
    TRY(allocate(f->sample_count * network_output_count(network), sizeof *outputs, "outputs", &outputs));
    TRY(value_of(f, network, outputs, &figure));
    if (isnan(figure))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "monitor %s: the validation data have too few kinds of targets, it is undefined",
                 monitor_words[code]));
cleanup:
    free(outputs);
    return status;
}

epocl_status valid_figure_create(valid_figure *f, int code, const epocl_network *network, const epocl_dataset *valid) {
    epocl_status status = EPOCL_OK;
    const size_t count = valid->sample_count;
    *f = (valid_figure){0};
    if (!monitor_is_metric(code)) return EPOCL_OK;
    *f = (valid_figure){.metric = monitor_metric(code), .sample_count = count};
    TRY(copy(valid->labels, count, sizeof *f->labels, &f->labels));
    TRY(copy(valid->values, count * valid->value_count, sizeof *f->values, &f->values));
    TRY(copy(valid->weights, count, sizeof *f->weights, &f->weights));
    TRY(check_defined(f, code, network));
cleanup:
    if (status != EPOCL_OK) valid_figure_release(f);
    return status;
}

void valid_figure_release(valid_figure *f) {
    free(f->labels);
    free(f->values);
    free(f->weights);
    *f = (valid_figure){0};
}

epocl_status valid_figure_read(const valid_figure *f, const epocl_network *network, const pass *valid, double *figure) {
    epocl_status status = EPOCL_OK;
    float *outputs = NULL;
    const size_t count = f->sample_count * network_output_count(network);
    if (!f->metric) return EPOCL_OK;
    TRY(allocate(count, sizeof *outputs, "the outputs of the validation data", &outputs));
    TRY(executable_read(valid->executable, valid->plan->kept, outputs, count * sizeof *outputs));
    TRY(value_of(f, network, outputs, figure));
cleanup:
    free(outputs);
    return status;
}
