#include "plan/units.h"

bool launches_conflict(const launch *a, const launch *b) {
    for (size_t i = 0; i < a->argument_count; i++)
        if (launch_conflicts(b, &a->arguments[i])) return true;
    return false;
}

static bool is_of_chain(const launch *l, double sample_flop) {
    return l->sample != SAMPLE_NONE && !l->is_piece && l->flop <= sample_flop * (double)launch_sample_count(l);
}

/* The chain that launch `i` may go on: the last one, if no unit since then has to be done before it. */
static bool find_chain(const launch *launches, size_t i, double sample_flop, size_t *chain) {
    size_t last = i;
    while (last > 0 && !is_of_chain(&launches[last - 1], sample_flop)) last--;
    if (last == 0 || !is_of_chain(&launches[i], sample_flop) ||
        launch_sample_count(&launches[last - 1]) != launch_sample_count(&launches[i]))
        return false;
    *chain = launches[last - 1].unit;
    for (size_t earlier = 0; earlier < i; earlier++)
        if (launches[earlier].unit > *chain && launches_conflict(&launches[earlier], &launches[i])) return false;
    return true;
}

size_t units_find(launch *launches, size_t count, double sample_flop) {
    size_t unit_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t chain = 0;
        launches[i].unit = find_chain(launches, i, sample_flop, &chain) ? chain : unit_count++;
    }
    return unit_count;
}
