/* Scores of the levels of a category: what the targets are in a level's rows, as far as that is known. Where there are
 * thousands of levels, a network learns from a score what it could not from so many inputs. No OpenCL here.
 *
 * A level's score is the mean of its n targets drawn to that of all rows, (sum - n mean) / ((n + m) d): d² is the
 * variance of the levels' own means, m that within levels over d², as an analysis of variance finds both. */
#ifndef EPOCL_DATA_SCORES_LEVEL_SCORES_H
#define EPOCL_DATA_SCORES_LEVEL_SCORES_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCORES_MOST = 16, /* of a column: one for each number to predict or class, of two classes one for both */
    SCORE_FOLDS = 5
};

/* Rows to learn from: the level of each, and its targets. */
typedef struct scored_rows {
    size_t row_count, level_count;
    const uint32_t *levels; /* [row_count], below level_count          */
    const float *values;    /* [row_count][target_count]; or NULL, and */
    size_t target_count;
    const uint32_t *labels; /* [row_count], below class_count          */
    size_t class_count;
} scored_rows;

/* How many scores levels have; 0 for more classes or targets than SCORES_MOST. */
size_t level_score_count(size_t target_count, size_t class_count);

/* scores[level_count][count] of all rows. */
epocl_status level_scores_fit(const scored_rows *rows, float *scores);

/* Of each row the scores of its level in the other folds alone, so that no row tells the network its own target:
 * scores[i * stride], as many as there are. folds[row_count] are below SCORE_FOLDS. */
epocl_status level_scores_held_out(const scored_rows *rows, const unsigned char *folds, float *scores, size_t stride);

#endif
