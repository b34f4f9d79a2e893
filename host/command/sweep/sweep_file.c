/* sweep.csv: a line for each member, best first. Nothing in it differs between two equal sweeps. */
#include "base/checked.h"
#include "command/sweep/sweep.h"
#include "options/monitors.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that grows; once memory is short, it stays as it is. */
typedef struct growing {
    char *text;
    size_t length, capacity;
    bool is_short;
} growing;

__attribute__((format(printf, 2, 3))) static void add(growing *g, const char *format, ...) {
    char part[OPTION_TEXT_CAPACITY + 64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    const size_t bytes = strlen(part);
    if (!g->text || g->length + bytes + 1 > g->capacity) {
        const size_t capacity = 2 * (g->length + bytes + 1);
        char *larger = g->is_short ? NULL : realloc(g->text, capacity);
        g->is_short |= !larger;
        if (!larger) return;
        g->text = larger;
        g->capacity = capacity;
    }
    memcpy(g->text + g->length, part, bytes + 1);
    g->length += bytes;
}

/* A field; in quotes, where a comma would end it. */
static void add_text(growing *g, const char *text) {
    add(g, strchr(text, ',') ? ",\"%s\"" : ",%s", text);
}

static void add_number(growing *g, double value) {
    add(g, isfinite(value) ? ",%.9g" : ",", value);
}

static bool has_accuracy(const sweep *s) {
    for (size_t i = 0; i < sweep_member_count(s); i++)
        if (s->members[i].result.best.epoch && isfinite(s->members[i].result.best.valid_accuracy)) return true;
    return false;
}

/* Of a metric that the members are compared by. */
static bool has_figures(const sweep *s) {
    return monitor_is_metric(s->given->library.training.monitor);
}

static void add_header(growing *g, const sweep *s, const char *score) {
    add(g, "rank,setting,seed");
    for (size_t i = 0; i < s->searched->count; i++) {
        char name[OPTION_WORDS_CAPACITY];
        option_words(s->searched->dimensions[i].row, name);
        for (char *c = name; *c; c++)
            if (*c == ' ') *c = '_';
        add(g, ",%s", name);
    }
    add(g, ",rung,epochs,best_epoch,train_cost,valid_cost,%s,%send\n", score, has_figures(s) ? "valid_figure," : "");
}

static const char *end_of(const sweep *s, const sweep_member *m) {
    if (m->result.has_diverged) return "diverged";
    if (m->rung + 1 < s->rung_count) return "dropped";
    return m->result.epoch_count < s->rungs[m->rung].epoch_count ? "patience" : "epochs";
}

static void add_member(growing *g, const sweep *s, size_t rank, size_t number, bool of_values) {
    const sweep_member *m = &s->members[number];
    const epocl_epoch_result *best = &m->result.best;
    const bool has_best = best->epoch > 0;
    char text[OPTION_TEXT_CAPACITY];
    add(g, "%zu,%zu,%" PRIu64, rank + 1, number / s->seed_count, m->options.training.seed);
    for (size_t i = 0; i < s->searched->count; i++)
        add_text(g, option_text(s->searched->dimensions[i].row, &m->options, text));
    add(g, ",%zu,%zu,%zu", m->rung + 1, m->result.epoch_count, best->epoch);
    add_number(g, has_best ? best->train_cost : NAN);
    add_number(g, has_best ? best->valid_cost : NAN);
    add_number(g, !has_best ? NAN : of_values ? best->valid_rmse : best->valid_accuracy);
    if (has_figures(s)) add_number(g, has_best ? best->valid_figure : NAN);
    add(g, ",%s\n", end_of(s, m));
}

epocl_status sweep_file_text(const sweep *s, char **text, size_t *length) {
    growing g = {.text = NULL};
    const bool of_values = !has_accuracy(s);
    add_header(&g, s, of_values ? "valid_rmse" : "valid_accuracy");
    for (size_t rank = 0; rank < s->setting_count; rank++)
        for (size_t seed = 0; seed < s->seed_count; seed++)
            add_member(&g, s, rank, s->ranks[rank].number * s->seed_count + seed, of_values);
    *text = g.text;
    *length = g.length;
    return g.is_short ? fail(EPOCL_ERROR_MEMORY, "not enough memory for sweep.csv") : EPOCL_OK;
}
