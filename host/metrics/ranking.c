#include "metrics/ranking.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *one, const void *other) {
    const ranked_sample *a = one, *b = other;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

void ranking_sort(ranked_sample *samples, size_t count) {
    if (count > 1) qsort(samples, count, sizeof *samples, compare);
}

/* Adds the weights of the samples from `first` on that share a score; returns where the next score begins. */
static size_t add_equal(const ranked_sample *samples, size_t count, size_t first, double *positive, double *negative) {
    size_t at = first;
    for (; at < count && samples[at].score == samples[first].score; at++)
        *(samples[at].is_positive ? positive : negative) += samples[at].weight;
    return at;
}

double ranking_roc_area(const ranked_sample *samples, size_t count) {
    double positive = 0.0, negative = 0.0, area = 0.0;
    for (size_t at = 0; at < count;) {
        const double positive_before = positive, negative_before = negative;
        at = add_equal(samples, count, at, &positive, &negative);
        area += (negative - negative_before) * (positive_before + positive) / 2.0;
    }
    return positive > 0.0 && negative > 0.0 ? area / (positive * negative) : NAN;
}

double ranking_average_precision(const ranked_sample *samples, size_t count) {
    double positive = 0.0, negative = 0.0, sum = 0.0;
    for (size_t at = 0; at < count;) {
        const double before = positive;
        at = add_equal(samples, count, at, &positive, &negative);
        if (positive > before) sum += (positive - before) * positive / (positive + negative);
    }
    return positive > 0.0 ? sum / positive : NAN;
}
