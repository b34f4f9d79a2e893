#include "metrics/tally.h"

#include "base/checked.h"
#include "data/encoder/encoder.h"

#include <math.h>

/* One question with the answers no and yes: two classes, or one output. */
static bool has_scores(const tally *t) {
    return (t->targets == TARGETS_CLASSES && t->output_count == 2) ||
           (t->targets == TARGETS_MULTI_LABEL && t->output_count == 1);
}

epocl_status tally_create(const epocl_network *network, network_targets targets, size_t sample_count, tally *t) {
    epocl_status status = EPOCL_OK;
    const size_t count = network_output_count(network);
    *t = (tally){.targets = targets, .output_count = count, .encoder = network->encoder};
    t->output = network->layers[network->layer_count - 1].activation;
    if (targets == TARGETS_VALUES) return allocate(count, sizeof *t->values, "metrics", &t->values);
    TRY(allocate(count, sizeof *t->classes, "metrics", &t->classes));
    if (targets == TARGETS_CLASSES) {
        TRY(allocate(count, sizeof *t->log_probability, "metrics", &t->log_probability));
        if (count <= TALLY_MOST_CONFUSION)
            TRY(allocate(count * count, sizeof *t->confusion, "a confusion matrix", &t->confusion));
    }
    if (has_scores(t)) TRY(allocate(sample_count, sizeof *t->scores, "the scores of samples", &t->scores));
cleanup:
    if (status != EPOCL_OK) tally_release(t);
    return status;
}

void tally_release(tally *t) {
    free(t->classes);
    free(t->confusion);
    free(t->scores);
    free(t->log_probability);
    free(t->values);
    *t = (tally){0};
}

/* ---- classes ---- */

static size_t largest_of(const float *values, size_t count) {
    size_t largest = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[largest]) largest = i;
    return largest;
}

/* Whether fewer than TALLY_TOP outputs come before that of the label; of equal ones the first. */
static bool is_among_top(const float *z, size_t count, size_t label) {
    size_t before = 0;
    for (size_t i = 0; i < count && before < TALLY_TOP; i++)
        before += z[i] > z[label] || (i < label && z[i] == z[label]);
    return before < TALLY_TOP;
}

static double log_sigmoid(double z) {
    return z >= 0.0 ? -log1p(exp(-z)) : z - log1p(exp(z));
}

/* The logarithms of probabilities, which add up to 1; they stay finite where a probability is rounded to 0. */
static void set_log_probabilities(const tally *t, const float *z) {
    double *logs = t->log_probability, largest = -INFINITY, sum = 0.0;
    for (size_t i = 0; i < t->output_count; i++) {
        logs[i] = t->output.code == ACTIVATION_softmax ? (double)z[i] : log_sigmoid((double)z[i]);
        largest = fmax(largest, logs[i]);
    }
    for (size_t i = 0; i < t->output_count; i++) sum += exp(logs[i] - largest);
    for (size_t i = 0; i < t->output_count; i++) logs[i] -= largest + log(sum);
}

/* Sum over the classes of (p - y)²; of two classes one, since both are the same. */
static double brier_of(const tally *t, size_t label) {
    double sum = 0.0;
    for (size_t i = 0; i < t->output_count; i++) {
        const double difference = exp(t->log_probability[i]) - (i == label ? 1.0 : 0.0);
        sum += difference * difference;
    }
    return t->output_count == 2 ? sum / 2.0 : sum;
}

/* What the order of two classes' probabilities follows from, each by itself: equal scores stay equal. */
static double score_of(const tally *t, double z) {
    if (t->output.code == ACTIVATION_softmax) return z;
    return t->output.code == ACTIVATION_sigmoid ? log_sigmoid(z) : activation_value(t->output, z);
}

/* Scores that are NaN would have no order. */
static void add_score(tally *t, double score, bool is_positive, double weight) {
    t->scores[t->sample_count] = (ranked_sample){.score = isnan(score) ? -INFINITY : score,
                                                 .weight = weight,
                                                 .place = t->sample_count,
                                                 .is_positive = is_positive};
}

static void add_class(tally *t, const float *z, size_t said, size_t label, double weight) {
    class_tally *is = &t->classes[label], *seems = &t->classes[said];
    is->true_weight += weight;
    seems->predicted_weight += weight;
    if (label == said) is->hit_weight += weight;
    is->occurs = seems->occurs = true;
    if (label == said) t->right_weight += weight;
    if (t->confusion) t->confusion[label * t->output_count + said] += weight;
    if (is_among_top(z, t->output_count, label)) t->top_weight += weight;
    if (tally_has_probabilities(t)) {
        set_log_probabilities(t, z);
        t->log_loss -= weight * t->log_probability[label];
        t->brier += weight * brier_of(t, label);
    }
    if (t->scores) add_score(t, score_of(t, (double)z[1]) - score_of(t, (double)z[0]), label == 1, weight);
}

/* ---- answers, values ---- */

static bool are_right(const float *z, const float *values, size_t count) {
    bool all_right = true;
    for (size_t i = 0; i < count; i++) all_right = all_right && (z[i] > 0.0f) == (values[i] >= 0.5f);
    return all_right;
}

static void add_answers(tally *t, const float *z, const float *values, bool is_right, double weight) {
    for (size_t i = 0; i < t->output_count; i++) {
        const bool is = values[i] >= 0.5f, seems = z[i] > 0.0f;
        class_tally *output = &t->classes[i];
        if (is) output->true_weight += weight;
        if (seems) output->predicted_weight += weight;
        if (is && seems) output->hit_weight += weight;
        if (is == seems) output->right_weight += weight;
        output->occurs = true;
    }
    if (is_right) t->right_weight += weight;
    if (t->scores) add_score(t, (double)z[0], values[0] >= 0.5f, weight);
}

/* Mean and deviation after D. H. D. West, 1979; t->weight has this sample's in it. */
static void add_values(tally *t, const float *z, const float *values, double weight) {
    for (size_t i = 0; i < t->output_count && weight > 0.0; i++) {
        value_tally *output = &t->values[i];
        double y = (double)values[i], a = activation_value(t->output, (double)z[i]);
        if (t->encoder) {
            y = encoder_target_value(&t->encoder->targets[i], y);
            a = encoder_output_value(&t->encoder->targets[i], a);
        }
        const double error = a - y;
        const double from_mean = y - output->mean;
        output->squared_error += weight * error * error;
        output->absolute_error += weight * fabs(error);
        output->mean += from_mean * weight / t->weight;
        output->deviation += weight * from_mean * (y - output->mean);
    }
}

/* ---- all ---- */

void tally_add(tally *t, const tally_samples *samples) {
    for (size_t i = 0; i < samples->count; i++) {
        const float *z = samples->weighted_inputs + i * t->output_count;
        const float *values = samples->labels ? NULL : samples->values + i * t->output_count;
        const double weight = samples->weights ? (double)samples->weights[i] : 1.0;
        t->weight += weight;
        if (t->targets == TARGETS_CLASSES) {
            const bool is_said = samples->labels && samples->classes;
            const size_t said = is_said ? samples->classes[i] : largest_of(z, t->output_count);
            const size_t right = samples->labels ? samples->labels[i] : largest_of(values, t->output_count);
            /* Without a finite output there is no class, and the evaluation fails for the cost. */
            add_class(t, z, said < t->output_count ? said : 0, right, weight);
        } else if (values && t->targets == TARGETS_MULTI_LABEL) {
            const bool is_right = samples->classes ? samples->classes[i] != 0 : are_right(z, values, t->output_count);
            add_answers(t, z, values, is_right, weight);
        } else if (values) {
            add_values(t, z, values, weight);
        }
        t->sample_count++;
    }
}

void tally_finish(tally *t) {
    if (t->scores) ranking_sort(t->scores, t->sample_count);
}
