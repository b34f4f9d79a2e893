/* How well scores put positive samples before negative ones, over all thresholds. */
#ifndef EPOCL_METRICS_RANKING_H
#define EPOCL_METRICS_RANKING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ranked_sample {
    double score; /* finite or infinite */
    double weight;
    size_t place; /* orders samples of equal scores, so that sums have one order */
    bool is_positive;
} ranked_sample;

/* Sorts the samples by score, largest first. */
void ranking_sort(ranked_sample *samples, size_t count);

/* Of sorted samples, those of equal scores as one: the area under the curve of true positives over false ones (a tie
 * counts half), NaN unless there are both kinds; and the sum over thresholds of the precision times what it adds to
 * the recall, NaN without positive samples. */
double ranking_roc_area(const ranked_sample *samples, size_t count);
double ranking_average_precision(const ranked_sample *samples, size_t count);

#endif
