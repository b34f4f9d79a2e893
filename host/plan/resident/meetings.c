#include "plan/resident/meetings.h"

/* Of launches of which the second is of the same step or of the next. Between groups, what each has of its own is no
 * matter, and what a chain's launches leave to each other stays in the group. */
static bool conflict(const shares *s, const launch *a, const launch *b, bool is_next_step, bool between_groups) {
    if (between_groups && a->unit == b->unit && shares_is_chain(s, a) && shares_is_chain(s, b)) return false;
    for (size_t i = 0; i < a->argument_count; i++) {
        const argument *x = &a->arguments[i];
        if (!launch_conflicts(b, x)) continue;
        const tensor_id id = x->value.tensor;
        if (!(between_groups && shares_is_own(s, id)) && !(is_next_step && shares_alternates(s, id))) return true;
    }
    return false;
}

/* Marks the launches that a wait must go before, beside those that are marked; of a conflict, all that were marked
 * between the two will do. Steps follow each other, so the launches since the last wait go back into the step before:
 * two rounds see them all. */
static void mark_waits(const shares *s, bool between_groups, bool *waits) {
    const launch *launches = s->step->launches;
    const size_t count = s->step->count;
    size_t since = 0; /* first launch after the last wait, counted through both rounds */
    for (size_t n = 0; n < 2 * count; n++) {
        bool needed = waits[n % count];
        for (size_t earlier = since; earlier < n && !needed; earlier++)
            needed = conflict(s, &launches[earlier % count], &launches[n % count], earlier / count != n / count,
                              between_groups);
        if (!needed) continue;
        waits[n % count] = true;
        since = n;
    }
}

void meetings_find(const shares *s, bool *meets, bool *waits) {
    const size_t last = s->step->count - 1;
    size_t count = 0;
    if (s->group_count > 1) {
        mark_waits(s, true, meets);
        /* The last group, whose share is the least, announces what ends the step after its first meeting, when all have
         * read the last announcement, and the others read it after another. */
        for (size_t i = 0; i <= last; i++) count += meets[i];
        if (count < 2) meets[0] = meets[last] = true;
    }
    for (size_t i = 0; i <= last; i++) waits[i] = meets[i];
    if (!s->is_of_items) return;
    waits[0] = true;
    mark_waits(s, false, waits);
}
