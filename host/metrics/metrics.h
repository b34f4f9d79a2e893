/* The metrics of an evaluation: a table with one entry each. */
#ifndef EPOCL_METRICS_METRICS_H
#define EPOCL_METRICS_METRICS_H

#include "metrics/tally.h"

/* Makes the public handle of a finished tally, of which nothing is kept. */
epocl_status metrics_create(const tally *t, epocl_metrics **metrics);

/* Whether what is tallied has a metric of that name, of all samples or an average; and its value, once the tally is
 * finished: NaN where it is undefined. */
bool metric_applies(const tally *t, const char *name);
double metric_value(const tally *t, const char *name);

#endif
