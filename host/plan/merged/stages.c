#include "plan/merged/stages.h"

#include "base/checked.h"
#include "plan/units.h"

/* The stage of launch `i` by those of launches of other units that conflict with it: one after the earlier, or, if
 * `is_late`, one before the later. */
static void move_stage(stages *s, const launch *launches, size_t count, size_t i, bool is_late) {
    const size_t unit = launches[i].unit;
    size_t *stage = &s->stage_of[unit];
    for (size_t other = 0; other < count; other++) {
        const size_t unit_ = launches[other].unit, stage_ = s->stage_of[unit_];
        if ((is_late ? unit_ <= unit : unit_ >= unit) || !launches_conflict(&launches[i], &launches[other])) continue;
        if (is_late ? stage_ <= *stage : stage_ >= *stage) *stage = is_late ? stage_ - 1 : stage_ + 1;
    }
}

static void find_stages(stages *s, const launch *launches, size_t count) {
    for (size_t unit = 0; unit < s->unit_count; unit++) {
        for (size_t i = 0; i < count; i++)
            if (launches[i].unit == unit) move_stage(s, launches, count, i, false);
        if (s->stage_of[unit] >= s->stage_count) s->stage_count = s->stage_of[unit] + 1;
    }
    for (size_t unit = s->unit_count; unit-- > 0;) {
        s->stage_of[unit] = s->stage_count - 1;
        for (size_t i = 0; i < count; i++)
            if (launches[i].unit == unit) move_stage(s, launches, count, i, true);
    }
}

epocl_status stages_find(stages *s, launch *launches, size_t count) {
    epocl_status status = EPOCL_OK;
    *s = (stages){.unit_count = units_find(launches, count, SAMPLE_FLOP)};
    TRY(allocate(s->unit_count, sizeof *s->stage_of, "the stages of a plan", &s->stage_of));
    find_stages(s, launches, count);
cleanup:
    return status;
}

void stages_release(stages *s) {
    free(s->stage_of);
    *s = (stages){0};
}
