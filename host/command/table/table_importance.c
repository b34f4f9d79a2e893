#include "command/table/table_importance.h"

#include "base/checked.h"
#include "base/printable.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

/* What shuffling works with. */
typedef struct measuring {
    epocl_predictor *predictor;
    epocl_dataset *data;
    float *kept; /* the sources of the column as they are, [samples, sources of the column] */
    importance *found;
} measuring;

/* ---- The metric ---------------------------------------------------------------------------------- */

static bool is_better_larger(const char *name) {
    static const char *const falling[] = {"cost", "log_loss", "brier_score", "rmse", "mae"};
    for (size_t i = 0; i < sizeof falling / sizeof *falling; i++)
        if (strcmp(name, falling[i]) == 0) return false;
    return true;
}

static epocl_status measure(const measuring *m, double *value) {
    epocl_status status = EPOCL_OK;
    epocl_metrics *metrics = NULL;
    epocl_metric metric;
    char shown[PRINTABLE_CAPACITY];
    TRY(epocl_predictor_metrics(m->predictor, m->data, &metrics));
    TRY(epocl_metrics_find(metrics, m->found->metric, &metric));
    if (metric.kind > EPOCL_METRIC_AVERAGE || metric.rows * metric.columns != 1)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "--metric '%s' is no single number", printable(m->found->metric, shown)));
    m->found->metric = metric.name;
    m->found->label = metric.label;
    *value = metric.values[0];
    if (!isfinite(*value))
        TRY(fail(EPOCL_ERROR_DATA, "%s is not defined for these data", printable(metric.label, shown)));
cleanup:
    epocl_metrics_release(metrics);
    return status;
}

static const char *metric_of(const encoder *e) {
    if (e->class_count) return "log_loss";
    return e->target_count == 1 ? "rmse" : "r2";
}

/* ---- Shuffling ----------------------------------------------------------------------------------- */

/* Rows in the order of permutation `repeat`; UINT32_MAX: as they are. */
static void place_column(const measuring *m, size_t first, size_t width, uint64_t seed, uint32_t repeat) {
    const size_t samples = m->data->sample_count;
    float *inputs = m->data->inputs;
    for (size_t i = 0; i < samples; i++) {
        const size_t from = repeat == UINT32_MAX ? i
                                                 : random_permute((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SPLIT,
                                                                  repeat + 1, (uint32_t)i, (uint32_t)samples);
        memcpy(inputs + i * m->data->input_count + first, m->kept + from * width, width * sizeof *inputs);
    }
}

/* A value's sources go together, so that the column is shuffled as a whole before it is encoded. */
static epocl_status shuffle_column(const measuring *m, size_t column, size_t first, size_t width, uint64_t seed) {
    epocl_status status = EPOCL_OK;
    importance *found = m->found;
    double *falls = found->falls + column * found->repeat_count, sum = 0.0, squares = 0.0;
    const float *inputs = m->data->inputs;
    for (size_t i = 0; i < m->data->sample_count; i++)
        memcpy(m->kept + i * width, inputs + i * m->data->input_count + first, width * sizeof *inputs);
    for (size_t repeat = 0; repeat < found->repeat_count; repeat++) {
        double value = 0.0;
        place_column(m, first, width, seed, (uint32_t)repeat);
        TRY(measure(m, &value));
        falls[repeat] = found->rises ? found->baseline - value : value - found->baseline;
        sum += falls[repeat];
    }
    found->mean[column] = sum / (double)found->repeat_count;
    for (size_t repeat = 0; repeat < found->repeat_count; repeat++)
        squares += pow(falls[repeat] - found->mean[column], 2);
    found->deviation[column] = sqrt(squares / (double)found->repeat_count);
cleanup:
    place_column(m, first, width, seed, UINT32_MAX);
    return status;
}

/* By insertion: columns are few, and those of one importance stay in the order of the table. */
static void sort_columns(importance *found) {
    for (size_t i = 0; i < found->column_count; i++) {
        size_t place = i;
        for (; place > 0 && found->mean[found->order[place - 1]] < found->mean[i]; place--)
            found->order[place] = found->order[place - 1];
        found->order[place] = i;
    }
}

static size_t most_sources(const encoder *e) {
    size_t most = 0;
    for (size_t i = 0; i < e->column_count; i++) {
        const size_t sources = encoder_column_sources(&e->columns[i]);
        if (sources > most) most = sources;
    }
    return most;
}

epocl_status importance_measure(epocl_predictor *predictor, epocl_dataset *data, const char *metric, size_t repeats,
                                uint64_t seed, importance *found) {
    epocl_status status = EPOCL_OK;
    const encoder *e = data->encoder;
    measuring m = {.predictor = predictor, .data = data, .found = found};
    size_t first = 0;
    *found = (importance){
        .metric = metric ? metric : metric_of(e), .column_count = e->column_count, .repeat_count = repeats};
    TRY(allocate(e->column_count * repeats, sizeof *found->falls, "the importance of columns", &found->falls));
    TRY(allocate(e->column_count, sizeof *found->mean, "the importance of columns", &found->mean));
    TRY(allocate(e->column_count, sizeof *found->deviation, "the importance of columns", &found->deviation));
    TRY(allocate(e->column_count, sizeof *found->order, "the importance of columns", &found->order));
    TRY(allocate(data->sample_count, most_sources(e) * sizeof *m.kept, "a column's values", &m.kept));
    TRY(measure(&m, &found->baseline));
    found->rises = is_better_larger(found->metric);
    for (size_t column = 0; column < e->column_count; column++) {
        const size_t width = encoder_column_sources(&e->columns[column]);
        TRY(shuffle_column(&m, column, first, width, seed));
        first += width;
    }
    sort_columns(found);
cleanup:
    free(m.kept);
    if (status != EPOCL_OK) importance_release(found);
    return status;
}

void importance_release(importance *found) {
    free(found->falls);
    free(found->mean);
    free(found->deviation);
    free(found->order);
    *found = (importance){0};
}
