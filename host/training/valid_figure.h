/* The figure of a validation that is a metric: the host keeps the targets, reads the outputs of all samples once a
 * validation, and makes the metric of both. */
#ifndef EPOCL_TRAINING_VALID_FIGURE_H
#define EPOCL_TRAINING_VALID_FIGURE_H

#include "execution/pass.h"

typedef struct valid_figure {
    const char *metric; /* NULL: the monitor is none, and nothing is kept or read */
    size_t sample_count;
    uint32_t *labels; /* [samples], or */
    float *values;    /* [samples x outputs] */
    float *weights;   /* [samples]; NULL: all weigh 1 */
} valid_figure;

/* `code` is that of a monitor in options/monitors.h. EPOCL_ERROR_ARGUMENT where the metric is undefined with such
 * targets, whatever the outputs. */
epocl_status valid_figure_create(valid_figure *f, int code, const epocl_network *network, const epocl_dataset *valid);
void valid_figure_release(valid_figure *f);

/* After a validation, whose outputs the pass has kept: waits for them. Without a metric *figure stays as it is. */
epocl_status valid_figure_read(const valid_figure *f, const epocl_network *network, const pass *valid, double *figure);

#endif
