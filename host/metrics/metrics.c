#include "metrics/metrics.h"

#include "base/checked.h"
#include "base/printable.h"
#include "base/result.h"

#include <math.h>
#include <string.h>

static double ratio(double part, double whole) {
    return whole > 0.0 ? part / whole : NAN;
}

/* ---- Of one class, output or pair ---------------------------------------------------------------- */

static double precision_of(const tally *t, size_t i) {
    return ratio(t->classes[i].hit_weight, t->classes[i].predicted_weight);
}

static double recall_of(const tally *t, size_t i) {
    return ratio(t->classes[i].hit_weight, t->classes[i].true_weight);
}

static double f1_of(const tally *t, size_t i) {
    const class_tally *c = &t->classes[i];
    return ratio(2.0 * c->hit_weight, c->true_weight + c->predicted_weight);
}

static double support_of(const tally *t, size_t i) {
    return t->classes[i].true_weight;
}

static double accuracy_of(const tally *t, size_t i) {
    return ratio(t->classes[i].right_weight, t->weight);
}

static double confusion_of(const tally *t, size_t i) {
    return t->confusion[i];
}

static double rmse_of(const tally *t, size_t i) {
    return sqrt(ratio(t->values[i].squared_error, t->weight));
}

static double mae_of(const tally *t, size_t i) {
    return ratio(t->values[i].absolute_error, t->weight);
}

/* Undefined where the targets are all the same. */
static double r2_of(const tally *t, size_t i) {
    return 1.0 - ratio(t->values[i].squared_error, t->values[i].deviation);
}

/* ---- Averages ------------------------------------------------------------------------------------ */

typedef double place_value(const tally *t, size_t place);

/* Over the classes that occur, or all outputs; what is undefined counts as 0 there. */
static double macro(const tally *t, place_value *value) {
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < t->output_count; i++) {
        if (!t->classes[i].occurs) continue;
        const double one = value(t, i);
        sum += isnan(one) ? 0.0 : one;
        count++;
    }
    return ratio(sum, (double)count);
}

/* The same, each as often as it is true. */
static double weighted(const tally *t, place_value *value) {
    double sum = 0.0, weight = 0.0;
    for (size_t i = 0; i < t->output_count; i++) {
        const double one = value(t, i);
        weight += t->classes[i].true_weight;
        if (!isnan(one)) sum += one * t->classes[i].true_weight;
    }
    return ratio(sum, weight);
}

/* Of all answers together: their hits over so much of the true and of the predicted ones. */
static double micro(const tally *t, double of_true, double of_predicted) {
    double hits = 0.0, whole = 0.0;
    for (size_t i = 0; i < t->output_count; i++) {
        hits += t->classes[i].hit_weight;
        whole += of_true * t->classes[i].true_weight + of_predicted * t->classes[i].predicted_weight;
    }
    return ratio(hits, whole);
}

/* Of the places where it is defined. */
static double mean(const tally *t, place_value *value) {
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < t->output_count; i++) {
        const double one = value(t, i);
        if (isnan(one)) continue;
        sum += one;
        count++;
    }
    return ratio(sum, (double)count);
}

/* ---- Of all samples ------------------------------------------------------------------------------ */

#define OF_ALL(name, expression)                                                                                       \
    static double name(const tally *t, size_t place) {                                                                 \
        (void)place;                                                                                                   \
        return expression;                                                                                             \
    }

OF_ALL(cost, t->cost)
OF_ALL(accuracy, ratio(t->right_weight, t->weight))
OF_ALL(top_accuracy, ratio(t->top_weight, t->weight))
OF_ALL(balanced_accuracy, mean(t, recall_of)) /* of the classes that are true of a sample */
OF_ALL(log_loss, ratio(t->log_loss, t->weight))
OF_ALL(brier_score, ratio(t->brier, t->weight))
OF_ALL(roc_auc, ranking_roc_area(t->scores, t->sample_count))
OF_ALL(average_precision, ranking_average_precision(t->scores, t->sample_count))
OF_ALL(micro_precision, micro(t, 0.0, 1.0))
OF_ALL(micro_recall, micro(t, 1.0, 0.0))
OF_ALL(micro_f1, micro(t, 0.5, 0.5))
OF_ALL(macro_precision, macro(t, precision_of))
OF_ALL(macro_recall, macro(t, recall_of))
OF_ALL(macro_f1, macro(t, f1_of))
OF_ALL(weighted_precision, weighted(t, precision_of))
OF_ALL(weighted_recall, weighted(t, recall_of))
OF_ALL(weighted_f1, weighted(t, f1_of))
OF_ALL(rmse, mean(t, rmse_of))
OF_ALL(mae, mean(t, mae_of))
OF_ALL(r2, mean(t, r2_of))

/* ---- The table ----------------------------------------------------------------------------------- */

static bool has_many(const tally *t) {
    return t->output_count > TALLY_TOP;
}

static bool has_scores(const tally *t) {
    return t->scores != NULL;
}

static bool has_confusion(const tally *t) {
    return t->confusion != NULL;
}

enum { CLASSES = 1 << TARGETS_CLASSES, ANSWERS = 1 << TARGETS_MULTI_LABEL, VALUES = 1 << TARGETS_VALUES };

/* A new metric is a row here, and a case in tests/host/test_metrics.c. */
static const struct metric_row {
    const char *name, *label;
    unsigned targets; /* that it is of                          */
    epocl_metric_kind kind;
    place_value *value;
    bool (*applies)(const tally *t); /* NULL: always            */
} rows[] = {
    {"cost", "cost", CLASSES | ANSWERS | VALUES, EPOCL_METRIC_OVERALL, cost, NULL},
    {"accuracy", "accuracy", CLASSES | ANSWERS, EPOCL_METRIC_OVERALL, accuracy, NULL},
    {"top_5_accuracy", "top-5 accuracy", CLASSES, EPOCL_METRIC_OVERALL, top_accuracy, has_many},
    {"balanced_accuracy", "balanced accuracy", CLASSES, EPOCL_METRIC_OVERALL, balanced_accuracy, NULL},
    {"log_loss", "log loss", CLASSES, EPOCL_METRIC_OVERALL, log_loss, tally_has_probabilities},
    {"brier_score", "Brier score", CLASSES, EPOCL_METRIC_OVERALL, brier_score, tally_has_probabilities},
    {"roc_auc", "ROC AUC", CLASSES | ANSWERS, EPOCL_METRIC_OVERALL, roc_auc, has_scores},
    {"average_precision", "average precision", CLASSES | ANSWERS, EPOCL_METRIC_OVERALL, average_precision, has_scores},
    {"micro_precision", "micro precision", ANSWERS, EPOCL_METRIC_AVERAGE, micro_precision, NULL},
    {"micro_recall", "micro recall", ANSWERS, EPOCL_METRIC_AVERAGE, micro_recall, NULL},
    {"micro_f1", "micro F1", ANSWERS, EPOCL_METRIC_AVERAGE, micro_f1, NULL},
    {"macro_precision", "macro precision", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, macro_precision, NULL},
    {"macro_recall", "macro recall", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, macro_recall, NULL},
    {"macro_f1", "macro F1", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, macro_f1, NULL},
    {"weighted_precision", "weighted precision", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, weighted_precision, NULL},
    {"weighted_recall", "weighted recall", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, weighted_recall, NULL},
    {"weighted_f1", "weighted F1", CLASSES | ANSWERS, EPOCL_METRIC_AVERAGE, weighted_f1, NULL},
    {"precision", "precision", CLASSES | ANSWERS, EPOCL_METRIC_EACH, precision_of, NULL},
    {"recall", "recall", CLASSES | ANSWERS, EPOCL_METRIC_EACH, recall_of, NULL},
    {"f1", "F1", CLASSES | ANSWERS, EPOCL_METRIC_EACH, f1_of, NULL},
    {"support", "support", CLASSES | ANSWERS, EPOCL_METRIC_EACH, support_of, NULL},
    {"output_accuracy", "accuracy", ANSWERS, EPOCL_METRIC_EACH, accuracy_of, NULL},
    {"confusion_matrix", "confusion matrix", CLASSES, EPOCL_METRIC_PAIRS, confusion_of, has_confusion},
    {"rmse", "RMSE", VALUES, EPOCL_METRIC_OVERALL, rmse, NULL},
    {"mae", "MAE", VALUES, EPOCL_METRIC_OVERALL, mae, NULL},
    {"r2", "R2", VALUES, EPOCL_METRIC_OVERALL, r2, NULL},
    {"output_rmse", "RMSE", VALUES, EPOCL_METRIC_EACH, rmse_of, NULL},
    {"output_mae", "MAE", VALUES, EPOCL_METRIC_EACH, mae_of, NULL},
    {"output_r2", "R2", VALUES, EPOCL_METRIC_EACH, r2_of, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct epocl_metrics {
    epocl_metric list[ROWS];
    size_t count;
    double *values; /* of all of them, one after the other */
};

static bool applies(const struct metric_row *row, const tally *t) {
    return (row->targets & 1u << t->targets) && (!row->applies || row->applies(t));
}

static const struct metric_row *row_of_one(const char *name) {
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].kind <= EPOCL_METRIC_AVERAGE && strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

bool metric_applies(const tally *t, const char *name) {
    const struct metric_row *row = row_of_one(name);
    return row && applies(row, t);
}

double metric_value(const tally *t, const char *name) {
    const struct metric_row *row = row_of_one(name);
    return row && applies(row, t) ? row->value(t, 0) : NAN;
}

/* The row's metric without its values. */
static epocl_metric describe(const struct metric_row *row, const tally *t) {
    return (epocl_metric){.name = row->name,
                          .label = row->label,
                          .kind = row->kind,
                          .rows = row->kind <= EPOCL_METRIC_AVERAGE ? 1 : t->output_count,
                          .columns = row->kind == EPOCL_METRIC_PAIRS ? t->output_count : 1};
}

epocl_status metrics_create(const tally *t, epocl_metrics **metrics) {
    epocl_status status = EPOCL_OK;
    epocl_metrics *made = NULL;
    size_t value_count = 0;
    *metrics = NULL;
    for (size_t i = 0; i < ROWS; i++) {
        const epocl_metric one = describe(&rows[i], t);
        if (applies(&rows[i], t)) value_count += one.rows * one.columns;
    }
    TRY(allocate(1, sizeof *made, "metrics", &made));
    TRY(allocate(value_count, sizeof *made->values, "metrics", &made->values));
    double *next = made->values;
    for (size_t i = 0; i < ROWS; i++) {
        if (!applies(&rows[i], t)) continue;
        epocl_metric *one = &made->list[made->count++];
        *one = describe(&rows[i], t);
        one->values = next;
        for (size_t place = 0; place < one->rows * one->columns; place++) *next++ = rows[i].value(t, place);
    }
    *metrics = made;
    made = NULL;
cleanup:
    epocl_metrics_release(made);
    return status;
}

/* ---- The handle ---------------------------------------------------------------------------------- */

epocl_status epocl_metrics_at_sized(const epocl_metrics *metrics, size_t index, epocl_metric *metric,
                                    size_t metric_bytes) {
    if (!metrics || !metric) return fail(EPOCL_ERROR_ARGUMENT, "epocl_metrics_at: NULL argument");
    if (index >= metrics->count)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_metrics_at: there are %zu metrics", metrics->count);
    result_write(metric, metric_bytes, &metrics->list[index], sizeof *metric);
    return EPOCL_OK;
}

epocl_status epocl_metrics_find_sized(const epocl_metrics *metrics, const char *name, epocl_metric *metric,
                                      size_t metric_bytes) {
    char shown[PRINTABLE_CAPACITY];
    if (!metrics || !name || !metric) return fail(EPOCL_ERROR_ARGUMENT, "epocl_metrics_find: NULL argument");
    for (size_t i = 0; i < metrics->count; i++)
        if (strcmp(metrics->list[i].name, name) == 0) return epocl_metrics_at_sized(metrics, i, metric, metric_bytes);
    return fail(EPOCL_ERROR_ARGUMENT, "there is no metric '%s' of these targets", printable(name, shown));
}

void epocl_metrics_release(epocl_metrics *metrics) {
    if (!metrics) return;
    free(metrics->values);
    free(metrics);
}
