#include "plan/resident/shares.h"

#include "base/checked.h"
#include "plan/units.h"

enum { PRIVATE_ALIGNMENT = 4096 }; /* bytes: no two groups' copies share a page */

/* ---- what each group makes for itself ---- */

/* Cheaper to do in every group than to meet for, and to fetch the others' shares from their cores' caches, or with a
 * few turns of a GPU's group; never where a small network stands for a large one. */
static const double replicated_flop = 0.15e6;
enum { REPLICATED_BYTES = 512 * 1024, REPLICATED_ITEMS = 1024 };

/* Of a sample of a chain: what a GPU's group does while others would meet. */
static const double chain_flop = 16e3;

static bool is_cheap(const plan *p, const launch *l) {
    size_t bytes = 0;
    if (p->matmul.is_whole || (p->is_gpu && l->items[0] * l->items[1] * l->parts > REPLICATED_ITEMS)) return false;
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind != ARGUMENT_TENSOR || !a->is_output) continue;
        const tensor *t = &p->tensors[a->value.tensor];
        if (t->purpose != PURPOSE_ACTIVATIONS && t->purpose != PURPOSE_PARAMETERS) return false;
        bytes += t->bytes;
    }
    return !l->reduces && l->flop <= replicated_flop && bytes <= REPLICATED_BYTES;
}

bool shares_a_tensor(const sequence *step, const launch *l) {
    for (size_t i = 0; i < step->count; i++)
        for (size_t a = 0; a < l->argument_count && !step->launches[i].is_replicated; a++)
            if (l->arguments[a].kind == ARGUMENT_TENSOR && l->arguments[a].is_output &&
                launch_writes(&step->launches[i], l->arguments[a].value.tensor))
                return true;
    return false;
}

/* Whether a launch of the same unit is done by shares. */
static bool shares_a_unit(const sequence *step, const launch *l) {
    for (size_t i = 0; i < step->count; i++)
        if (step->launches[i].unit == l->unit && !step->launches[i].is_replicated) return true;
    return false;
}

/* A copy is whole only if nobody writes a share of it: what is replicated is cheap, and so is all that writes the same
 * tensors, and what writes theirs. On a GPU a chain is cheaper than one of its launches replicated. */
void shares_mark(const plan *p, sequence *step) {
    units_find(step->launches, step->count, chain_flop);
    for (size_t i = 0; i < step->count; i++) step->launches[i].is_replicated = is_cheap(p, &step->launches[i]);
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (size_t i = 0; i < step->count; i++) {
            launch *l = &step->launches[i];
            if (!l->is_replicated || !(shares_a_tensor(step, l) || (p->is_gpu && shares_a_unit(step, l)))) continue;
            l->is_replicated = false;
            is_changed = true;
        }
    }
}

bool shares_is_private(const sequence *step, tensor_id id) {
    for (size_t i = 0; i < step->count; i++)
        if (step->launches[i].is_replicated && launch_writes(&step->launches[i], id)) return true;
    return false;
}

/* What a step makes first and of nothing that was there. */
static bool is_first(const sequence *step, tensor_id id) {
    const launch *l = &step->launches[0];
    bool is_made = false, is_read = false;
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind != ARGUMENT_TENSOR || a->value.tensor != id) continue;
        is_made |= a->is_output;
        is_read |= a->is_input;
    }
    return is_made && !is_read && !shares_is_private(step, id);
}

/* ---- memory ---- */

/* Of the tensors before `id`, those of one kind; for an id beyond all tensors, of all of them. */
static size_t bytes_before(const plan *p, const sequence *step, bool (*is_of_kind)(const sequence *, tensor_id),
                           tensor_id id) {
    size_t offset = 0;
    for (tensor_id before = TENSOR_FIRST; before < id && before < p->tensor_count; before++)
        if (is_of_kind(step, before)) offset += round_up(p->tensors[before].bytes, PRIVATE_ALIGNMENT);
    return offset;
}

size_t shares_private_offset(const plan *p, const sequence *step, tensor_id id) {
    return bytes_before(p, step, shares_is_private, id);
}

size_t shares_bytes_of_group(const plan *p, const sequence *step) {
    return shares_private_offset(p, step, SIZE_MAX);
}

size_t shares_bytes(const plan *p, const sequence *step, size_t group_count) {
    if (group_count < 2) return 0;
    const size_t alternates = p->is_gpu ? bytes_before(p, step, is_first, SIZE_MAX) : 0;
    return (group_count - 1) * shares_bytes_of_group(p, step) + alternates;
}

size_t shares_alternate_offset(const shares *s, tensor_id id) {
    return (s->plan->resident_groups - 1) * shares_bytes_of_group(s->plan, s->step) +
           bytes_before(s->plan, s->step, is_first, id);
}

bool shares_is_own(const shares *s, tensor_id id) {
    return s->group_count > 1 && (id == s->state || shares_is_private(s->step, id));
}

bool shares_alternates(const shares *s, tensor_id id) {
    return s->plan->is_gpu && s->is_of_items && s->group_count > 1 && is_first(s->step, id);
}

/* ---- who does what ---- */

bool shares_is_for_all(const shares *s, const launch *l) {
    return l->is_replicated && s->group_count > 1;
}

bool shares_is_chain(const shares *s, const launch *l) {
    size_t count = 0;
    if (s->group_count == 1 || !s->is_of_items || l->is_replicated) return false;
    for (size_t i = 0; i < s->step->count; i++) count += s->step->launches[i].unit == l->unit;
    return count > 1;
}

size_t shares_chain_samples(const shares *s, const launch *l) {
    return divide_up(launch_sample_count(l), s->group_count);
}

size_t shares_groups(const shares *s, const launch *l) {
    const size_t places = l->items[0] * l->items[1], items = shares_places(s, l) ? l->parts : 1;
    if (shares_is_for_all(s, l) || l->reduces) return 0;
    if (shares_is_chain(s, l)) return divide_up(launch_sample_count(l), shares_chain_samples(s, l));
    return divide_up(places * items, s->group_items);
}

bool shares_places(const shares *s, const launch *l) {
    size_t places = l->items[0] * l->items[1], items = s->group_items;
    if (shares_is_chain(s, l))
        places = places / launch_sample_count(l) * shares_chain_samples(s, l);
    else if (!shares_is_for_all(s, l))
        items *= s->group_count;
    return s->is_of_items && l->parts > 1 && !l->is_piece && 2 * places <= items;
}
