/* monitors: figures of the validation data that a run can go by, one entry each. Options, trainer and command read this
 * same table.
 *
 *     ENTRY(code, name, word, field, is_better, text, also)
 *
 * `word` is the option's; `field` that of an epocl_epoch_result; is_better(x, y) whether x is a better figure than y;
 * `text` what people call the figure; `also` a shorter word that is taken for `word`, or NULL. Those whose field is
 * valid_figure are metrics of that name (host/metrics/metrics.c), made on the host of the outputs of all samples; those
 * before come of the device's sums. */
#ifndef EPOCL_OPTIONS_MONITORS_H
#define EPOCL_OPTIONS_MONITORS_H

#include <stdbool.h>
#include <stddef.h>

#define IS_LOWER(x, y)  ((x) < (y))
#define IS_HIGHER(x, y) ((x) > (y))

/* clang-format off */
#define MONITORS(ENTRY)                                                                                                \
    ENTRY(0, cost, "cost", valid_cost, IS_LOWER, "validation cost", "loss")                                            \
    ENTRY(1, accuracy, "accuracy", valid_accuracy, IS_HIGHER, "validation accuracy", "acc")                            \
    ENTRY(2, balanced_accuracy, "balanced-accuracy", valid_figure, IS_HIGHER, "balanced accuracy", NULL)               \
    ENTRY(3, top_5_accuracy, "top-5-accuracy", valid_figure, IS_HIGHER, "top-5 accuracy", "top-5")                     \
    ENTRY(4, log_loss, "log-loss", valid_figure, IS_LOWER, "log loss", "logloss")                                      \
    ENTRY(5, brier_score, "brier-score", valid_figure, IS_LOWER, "Brier score", "brier")                               \
    ENTRY(6, roc_auc, "roc-auc", valid_figure, IS_HIGHER, "ROC AUC", "auc")                                            \
    ENTRY(7, average_precision, "average-precision", valid_figure, IS_HIGHER, "average precision", "pr-auc")           \
    ENTRY(8, macro_precision, "macro-precision", valid_figure, IS_HIGHER, "macro precision", "precision")              \
    ENTRY(9, macro_recall, "macro-recall", valid_figure, IS_HIGHER, "macro recall", "recall")                          \
    ENTRY(10, macro_f1, "macro-f1", valid_figure, IS_HIGHER, "macro F1", "f1")                                         \
    ENTRY(11, micro_precision, "micro-precision", valid_figure, IS_HIGHER, "micro precision", NULL)                    \
    ENTRY(12, micro_recall, "micro-recall", valid_figure, IS_HIGHER, "micro recall", NULL)                             \
    ENTRY(13, micro_f1, "micro-f1", valid_figure, IS_HIGHER, "micro F1", NULL)                                         \
    ENTRY(14, weighted_precision, "weighted-precision", valid_figure, IS_HIGHER, "weighted precision", NULL)           \
    ENTRY(15, weighted_recall, "weighted-recall", valid_figure, IS_HIGHER, "weighted recall", NULL)                    \
    ENTRY(16, weighted_f1, "weighted-f1", valid_figure, IS_HIGHER, "weighted F1", NULL)                                \
    ENTRY(17, rmse, "rmse", valid_figure, IS_LOWER, "RMSE", NULL)                                                      \
    ENTRY(18, mae, "mae", valid_figure, IS_LOWER, "MAE", NULL)                                                         \
    ENTRY(19, r2, "r2", valid_figure, IS_HIGHER, "R2", NULL)
/* clang-format on */

#define MONITOR_CODE(code, name, ...) MONITOR_##name = code,
enum { MONITORS(MONITOR_CODE) MONITOR_COUNT };
#undef MONITOR_CODE

/* Whether outputs are read for it. */
static inline bool monitor_is_metric(int code) {
    return code >= MONITOR_balanced_accuracy;
}

#endif
