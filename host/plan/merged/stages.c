#include "plan/merged/stages.h"

#include "base/checked.h"

static bool launches_conflict(const launch *a, const launch *b) {
    for (size_t i = 0; i < a->argument_count; i++)
        if (launch_conflicts(b, &a->arguments[i])) return true;
    return false;
}

static bool is_of_chain(const launch *l) {
    return l->sample != SAMPLE_NONE && !l->is_piece && l->flop <= SAMPLE_FLOP * (double)launch_sample_count(l);
}

/* The chain that launch `i` may go on: the last one, if no unit since then has to be done before it. */
static bool find_chain(const stages *s, const launch *launches, size_t i, size_t *chain) {
    size_t last = i;
    while (last > 0 && !is_of_chain(&launches[last - 1])) last--;
    if (last == 0 || !is_of_chain(&launches[i]) ||
        launch_sample_count(&launches[last - 1]) != launch_sample_count(&launches[i]))
        return false;
    *chain = s->unit_of[last - 1];
    for (size_t earlier = 0; earlier < i; earlier++)
        if (s->unit_of[earlier] > *chain && launches_conflict(&launches[earlier], &launches[i])) return false;
    return true;
}

static void find_units(stages *s, const launch *launches, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t chain = 0;
        s->unit_of[i] = find_chain(s, launches, i, &chain) ? chain : s->unit_count++;
    }
}

/* The stage of launch `i` by those of launches of other units that conflict with it: one after the earlier, or, if
 * `is_late`, one before the later. */
static void move_stage(stages *s, const launch *launches, size_t count, size_t i, bool is_late) {
    const size_t unit = s->unit_of[i];
    size_t *stage = &s->stage_of[unit];
    for (size_t other = 0; other < count; other++) {
        const size_t unit_ = s->unit_of[other], stage_ = s->stage_of[unit_];
        if ((is_late ? unit_ <= unit : unit_ >= unit) || !launches_conflict(&launches[i], &launches[other])) continue;
        if (is_late ? stage_ <= *stage : stage_ >= *stage) *stage = is_late ? stage_ - 1 : stage_ + 1;
    }
}

static void find_stages(stages *s, const launch *launches, size_t count) {
    for (size_t unit = 0; unit < s->unit_count; unit++) {
        for (size_t i = 0; i < count; i++)
            if (s->unit_of[i] == unit) move_stage(s, launches, count, i, false);
        if (s->stage_of[unit] >= s->stage_count) s->stage_count = s->stage_of[unit] + 1;
    }
    for (size_t unit = s->unit_count; unit-- > 0;) {
        s->stage_of[unit] = s->stage_count - 1;
        for (size_t i = 0; i < count; i++)
            if (s->unit_of[i] == unit) move_stage(s, launches, count, i, true);
    }
}

epocl_status stages_find(stages *s, const launch *launches, size_t count) {
    epocl_status status = EPOCL_OK;
    *s = (stages){0};
    TRY(allocate(count, sizeof *s->unit_of, "the units of a plan", &s->unit_of));
    TRY(allocate(count, sizeof *s->stage_of, "the stages of a plan", &s->stage_of));
    find_units(s, launches, count);
    find_stages(s, launches, count);
cleanup:
    if (status != EPOCL_OK) stages_release(s);
    return status;
}

void stages_release(stages *s) {
    free(s->unit_of);
    free(s->stage_of);
    *s = (stages){0};
}
