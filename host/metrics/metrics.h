/* The metrics of an evaluation: a table with one entry each. */
#ifndef EPOCL_METRICS_METRICS_H
#define EPOCL_METRICS_METRICS_H

#include "metrics/tally.h"

/* Makes the public handle of a finished tally, of which nothing is kept. */
epocl_status metrics_create(const tally *t, epocl_metrics **metrics);

#endif
