/* Statistics that normalise a data set's inputs: normalised = value * scale + shift. */
#include "base/checked.h"
#include "data/dataset.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    BLOCK_INPUTS = 512,    /* at a time, so that their statistics stay in the first-level cache */
    EXACT_SAMPLES = 65536, /* whose bytes' squares sum up below 2^32 */
    VECTOR = 16            /* inputs that compilers take together */
};

/* Of a block of inputs, each over all samples that have a weight, taken relative to the first one's value. As that is
 * one of the values, (first - mean)^2 is at most the variance times all weights over its own, so that the difference in
 * standardize() does not cancel as it would with raw sums of squares. */
typedef struct statistics {
    double weight; /* of all samples */
    double first[BLOCK_INPUTS];
    double sum[BLOCK_INPUTS];
    double sum_of_squares[BLOCK_INPUTS];
    double minimum[BLOCK_INPUTS];
    double maximum[BLOCK_INPUTS];
} statistics;

static void convert_row(const epocl_dataset *dataset, size_t sample, size_t begin, size_t count, double *row) {
    const size_t place = sample * dataset->input_count + begin;
    if (dataset->type == INPUT_BYTES) {
        const uint8_t *values = (const uint8_t *)dataset->inputs + place;
        for (size_t i = 0; i < count; i++) row[i] = values[i];
    } else {
        const float *values = (const float *)dataset->inputs + place;
        for (size_t i = 0; i < count; i++) row[i] = (double)values[i];
    }
}

static double weight_of(const epocl_dataset *dataset, size_t sample) {
    return dataset->weights ? (double)dataset->weights[sample] : 1.0;
}

/* The first sample that counts; the first of all where none does. */
static size_t find_first(const epocl_dataset *dataset) {
    for (size_t sample = 0; sample < dataset->sample_count; sample++)
        if (weight_of(dataset, sample) > 0.0) return sample;
    return 0;
}

/* Of bytes that count alike, of EXACT_SAMPLES at most. */
typedef struct byte_statistics {
    uint32_t sum[BLOCK_INPUTS], sum_of_squares[BLOCK_INPUTS];
    uint8_t minimum[BLOCK_INPUTS], maximum[BLOCK_INPUTS];
} byte_statistics;

/* Inputs from `begin` on of a sample; inline, so that compilers know the count where it is a vector's. */
static inline void add_bytes(const uint8_t *restrict row, size_t begin, size_t count, byte_statistics *restrict s) {
    for (size_t i = begin; i < begin + count; i++) {
        s->sum[i] += row[i];
        s->sum_of_squares[i] += (uint32_t)row[i] * row[i];
    }
    for (size_t i = begin; i < begin + count; i++) {
        s->minimum[i] = row[i] < s->minimum[i] ? row[i] : s->minimum[i];
        s->maximum[i] = row[i] > s->maximum[i] ? row[i] : s->maximum[i];
    }
}

static void add_sample(const uint8_t *row, size_t count, byte_statistics *s) {
    const size_t whole = count - count % VECTOR;
    for (size_t i = 0; i < whole; i += VECTOR) add_bytes(row, i, VECTOR, s);
    add_bytes(row, whole, count - whole, s);
}

/* Sums of integers, which are exact; so would be those of their doubles, which take longer. */
static void gather_of_bytes(const epocl_dataset *dataset, size_t begin, size_t count, statistics *s) {
    byte_statistics of_run;
    uint64_t sum[BLOCK_INPUTS] = {0}, sum_of_squares[BLOCK_INPUTS] = {0};
    const uint8_t *inputs = (const uint8_t *)dataset->inputs + begin;
    const size_t sample_count = dataset->sample_count;
    memcpy(of_run.minimum, inputs, count);
    memcpy(of_run.maximum, inputs, count);
    for (size_t sample = 0; sample < sample_count;) {
        const size_t end = smaller(sample + EXACT_SAMPLES, sample_count);
        memset(of_run.sum, 0, sizeof of_run.sum);
        memset(of_run.sum_of_squares, 0, sizeof of_run.sum_of_squares);
        for (; sample < end; sample++) add_sample(inputs + sample * dataset->input_count, count, &of_run);
        for (size_t i = 0; i < count; i++) {
            sum[i] += of_run.sum[i];
            sum_of_squares[i] += of_run.sum_of_squares[i];
        }
    }
    s->weight = (double)sample_count;
    for (size_t i = 0; i < count; i++) {
        const int64_t first = inputs[i], n = (int64_t)sample_count, all = (int64_t)sum[i];
        s->first[i] = inputs[i];
        s->sum[i] = (double)(all - n * first);
        s->sum_of_squares[i] = (double)((int64_t)sum_of_squares[i] + first * (n * first - 2 * all));
        s->minimum[i] = of_run.minimum[i] - s->first[i];
        s->maximum[i] = of_run.maximum[i] - s->first[i];
    }
}

static void gather_statistics(const epocl_dataset *dataset, size_t begin, size_t count, statistics *s) {
    double row[BLOCK_INPUTS];
    if (dataset->type == INPUT_BYTES && !dataset->weights) {
        gather_of_bytes(dataset, begin, count, s);
        return;
    }
    const size_t first = find_first(dataset);
    convert_row(dataset, first, begin, count, s->first);
    s->weight = weight_of(dataset, first) > 0.0 ? weight_of(dataset, first) : 1.0;
    for (size_t i = 0; i < count; i++) s->sum[i] = s->sum_of_squares[i] = s->minimum[i] = s->maximum[i] = 0.0;
    for (size_t sample = first + 1; sample < dataset->sample_count; sample++) {
        const double weight = weight_of(dataset, sample);
        if (!(weight > 0.0)) continue;
        convert_row(dataset, sample, begin, count, row);
        s->weight += weight;
        for (size_t i = 0; i < count; i++) {
            const double difference = row[i] - s->first[i];
            s->sum[i] += weight * difference;
            s->sum_of_squares[i] += weight * difference * difference;
            s->minimum[i] = difference < s->minimum[i] ? difference : s->minimum[i];
            s->maximum[i] = difference > s->maximum[i] ? difference : s->maximum[i];
        }
    }
}

/* Maps `offset` to 0 and offset + spread to 1; everything to 0 where the spread is none, or too small for
 * its inverse to be a float. */
static void set_factors(double offset, double spread, float *scale, float *shift) {
    const bool varies = spread > 0.0 && 1.0 / spread <= (double)FLT_MAX;
    *scale = varies ? (float)(1.0 / spread) : 0.0f;
    *shift = (float)(0.0 - offset * (double)*scale);
}

/* Mean 0 and (population) standard deviation 1. */
static void standardize(const statistics *s, size_t i, float *scale, float *shift) {
    const double mean = s->sum[i] / s->weight;
    const double variance = s->sum_of_squares[i] / s->weight - mean * mean;
    set_factors(s->first[i] + mean, sqrt(fmax(variance, 0.0)), scale, shift);
}

/* Smallest value 0, largest 1. */
static void stretch(const statistics *s, size_t i, float *scale, float *shift) {
    set_factors(s->first[i] + s->minimum[i], s->maximum[i] - s->minimum[i], scale, shift);
}

/* A kind either has the same factor for every input or finds each input's from its statistics. */
typedef struct normalization {
    const char *name;
    float scale;
    void (*find_factors)(const statistics *s, size_t i, float *scale, float *shift);
} normalization;

static const normalization normalizations[] = {
    {"none", 1.0f, NULL},
    {"scale255", 1.0f / 255.0f, NULL},
    {"zscore", 0.0f, standardize},
    {"minmax", 0.0f, stretch},
};

static const normalization *find_normalization(const epocl_dataset *dataset, const char *kind) {
    if (kind && strcmp(kind, "auto") == 0) kind = dataset->type == INPUT_BYTES ? "scale255" : "zscore";
    for (size_t i = 0; kind && i < sizeof normalizations / sizeof *normalizations; i++)
        if (strcmp(kind, normalizations[i].name) == 0) return &normalizations[i];
    return NULL;
}

epocl_status dataset_normalization(const epocl_dataset *dataset, const char *kind, const char **resolved_kind,
                                   float *scale, float *shift) {
    const normalization *found = find_normalization(dataset, kind);
    if (!found)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "normalization '%s' is unknown; there are auto, none, scale255, zscore and minmax",
                    kind ? kind : "");
    *resolved_kind = found->name;
    statistics s;
    for (size_t begin = 0; begin < dataset->input_count; begin += BLOCK_INPUTS) {
        const size_t count = smaller(BLOCK_INPUTS, dataset->input_count - begin);
        if (found->find_factors) gather_statistics(dataset, begin, count, &s);
        for (size_t i = 0; i < count; i++) {
            scale[begin + i] = found->scale;
            shift[begin + i] = 0.0f;
            if (found->find_factors) found->find_factors(&s, i, &scale[begin + i], &shift[begin + i]);
        }
    }
    return EPOCL_OK;
}
