#include "data/scores/level_scores.h"

#include "base/checked.h"

#include <math.h>
#include <string.h>

/* Of one score: what a level's rows add up to. */
typedef struct level_sum {
    double count, sum, squares;
} level_sum;

/* How far a level's mean is believed. */
typedef struct shrinkage {
    double mean, weight, deviation;
} shrinkage;

size_t level_score_count(size_t target_count, size_t class_count) {
    const size_t count = class_count == 0 ? target_count : class_count == 2 ? 1 : class_count;
    return count <= SCORES_MOST ? count : 0;
}

/* Of two classes the second is what is scored. */
static double target_of(const scored_rows *rows, size_t row, size_t score) {
    if (rows->values) return (double)rows->values[row * rows->target_count + score];
    return rows->labels[row] == score + (rows->class_count == 2);
}

/* Of the rows that are not in fold `fold`, or of all. Returns their number. */
static double add_up(const scored_rows *rows, size_t score, const unsigned char *folds, size_t fold, level_sum *sums) {
    double row_count = 0.0;
    memset(sums, 0, rows->level_count * sizeof *sums);
    for (size_t i = 0; i < rows->row_count; i++) {
        if (folds && folds[i] == fold) continue;
        const double target = target_of(rows, i, score);
        level_sum *sum = &sums[rows->levels[i]];
        sum->count++;
        sum->sum += target;
        sum->squares += target * target;
        row_count++;
    }
    return row_count;
}

/* The analysis of variance of one way, with levels of different size. Where the levels' means differ no more than rows
 * of one level do, no mean is believed. */
static shrinkage find_shrinkage(const level_sum *sums, size_t sum_count, double row_count) {
    double sum = 0.0, squares = 0.0, between = 0.0, counts = 0.0, level_count = 0.0;
    for (size_t i = 0; i < sum_count; i++) {
        if (sums[i].count == 0.0) continue;
        level_count++;
        sum += sums[i].sum;
        squares += sums[i].squares;
        between += sums[i].sum * sums[i].sum / sums[i].count;
        counts += sums[i].count * sums[i].count;
    }
    if (row_count == 0.0) return (shrinkage){0.0, INFINITY, 1.0};
    const double mean = sum / row_count, within = fmax((squares - between) / fmax(row_count - level_count, 1.0), 0.0);
    const double spread = (between - row_count * mean * mean) / fmax(level_count - 1.0, 1.0);
    const double usual_count = (row_count - counts / row_count) / fmax(level_count - 1.0, 1.0);
    const double variance = usual_count > 0.0 ? (spread - within) / usual_count : 0.0;
    if (!(variance > 0.0)) return (shrinkage){mean, INFINITY, 1.0};
    return (shrinkage){mean, within / variance, sqrt(variance)};
}

static float score_of(double sum, double count, shrinkage s) {
    const double believed = count + s.weight;
    return believed > 0.0 ? (float)((sum - count * s.mean) / (believed * s.deviation)) : 0.0f;
}

epocl_status level_scores_fit(const scored_rows *rows, float *scores) {
    epocl_status status = EPOCL_OK;
    const size_t count = level_score_count(rows->target_count, rows->class_count);
    level_sum *sums = NULL;
    TRY(allocate(rows->level_count, sizeof *sums, "the scores of categories", &sums));
    for (size_t score = 0; score < count; score++) {
        const double row_count = add_up(rows, score, NULL, 0, sums);
        const shrinkage believed = find_shrinkage(sums, rows->level_count, row_count);
        for (size_t i = 0; i < rows->level_count; i++)
            scores[i * count + score] = score_of(sums[i].sum, sums[i].count, believed);
    }
cleanup:
    free(sums);
    return status;
}

epocl_status level_scores_held_out(const scored_rows *rows, const unsigned char *folds, float *scores, size_t stride) {
    epocl_status status = EPOCL_OK;
    const size_t count = level_score_count(rows->target_count, rows->class_count);
    level_sum *sums = NULL;
    TRY(allocate(rows->level_count, sizeof *sums, "the scores of categories", &sums));
    for (size_t score = 0; score < count; score++)
        for (size_t fold = 0; fold < SCORE_FOLDS; fold++) {
            const double row_count = add_up(rows, score, folds, fold, sums);
            const shrinkage believed = find_shrinkage(sums, rows->level_count, row_count);
            for (size_t i = 0; i < rows->row_count; i++) {
                const level_sum *sum = &sums[rows->levels[i]];
                if (folds[i] == fold) scores[i * stride + score] = score_of(sum->sum, sum->count, believed);
            }
        }
cleanup:
    free(sums);
    return status;
}
