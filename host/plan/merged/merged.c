#include "plan/merged/merged.h"

#include "plan/block.h"
#include "plan/inlined.h"
#include "plan/merged/stages.h"
#include "plan/state.h"

#include <stdio.h>
#include <string.h>

/* Launches beyond those of so many kernels stay by themselves. */
static const char *const kernel_names[] = {"merged_0",  "merged_1",  "merged_2",  "merged_3", "merged_4",  "merged_5",
                                           "merged_6",  "merged_7",  "merged_8",  "merged_9", "merged_10", "merged_11",
                                           "merged_12", "merged_13", "merged_14", "merged_15"};
enum { MOST_KERNELS = sizeof kernel_names / sizeof *kernel_names };

enum { GROUP_ITEMS = 256, MOST_UNITS = 64 }; /* of a kernel */

/* Samples that a group of a chain goes through together, where there are groups for all compute units: what is read for
 * one of them is at hand for the others. */
enum { CHAIN_SAMPLES = 4 };

/* A launch that is being put together: units of a stage, and what they use. */
typedef struct kernel {
    size_t units[MOST_UNITS];
    size_t unit_count, launch_count;
    inlined_use use;
    double flop;
    size_t block_items;   /* of a group, if there are blocks: of all groups, then      */
    size_t block_bytes;   /* likewise of its local memory, enough for the largest block */
    bool shares, reduces; /* as its launches */
    bool is_alone;        /* nothing else may be part of it */
} kernel;

typedef struct merging {
    const plan *plan;
    sequence *merged;
    const launch *launches; /* of the step, and what keeps the state */
    size_t count;
    stages stages;
    text_writer text;
    size_t kernel_count; /* those that are written */
    kernel kernel;
} merging;

tensor_id merged_add_tensor(plan *p, const char *name) {
    char full[TENSOR_NAME_CAPACITY];
    if (merged_check(p) != EPOCL_OK) return TENSOR_NONE;
    snprintf(full, sizeof full, "%s.kept_state", name);
    return plan_add_array(p, PURPOSE_STATE, sizeof(epoch_state), 1, full);
}

epocl_status merged_check(const plan *p) {
    if (p->matmul.provider == MATMUL_PLAIN || p->matmul.provider == MATMUL_LOCAL) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "a merged plan needs matmul plain or local");
}

/* ---- which state a launch goes by ---- */

static void substitute(launch *l, tensor_id from, tensor_id to) {
    for (size_t i = 0; i < l->argument_count; i++)
        if (l->arguments[i].kind == ARGUMENT_TENSOR && l->arguments[i].value.tensor == from)
            l->arguments[i].value.tensor = to;
}

/* The launches of the step and one more, which keeps the state, and their stages. The step's last launch moves the
 * state on, and need not wait for those that go by what it was: they go by what is kept, but for those of the first
 * stage, beside which it is kept. */
static epocl_status find_launches(sequence *launches, stages *found, const sequence *step, tensor_id state,
                                  tensor_id kept) {
    enum { WORDS = sizeof(epoch_state) / sizeof(uint32_t) };
    epocl_status status = EPOCL_OK;
    TRY(sequence_create(launches));
    for (size_t i = 0; i < step->count; i++) {
        launch *l = sequence_add_copy(launches, &step->launches[i]);
        if (i + 1 < step->count) substitute(l, state, kept);
    }
    launch_uint(sequence_add(launches, "merged", "keep", WORDS, 1, WORDS, 1), WORDS);
    TRY(sequence_check(launches));
    TRY(stages_find(found, launches->launches, launches->count));
    found->stage_of[launches->launches[step->count].unit] = 0;
    for (size_t i = 0; i < step->count; i++)
        if (found->stage_of[launches->launches[i].unit] == 0) substitute(&launches->launches[i], kept, state);
    launch_input(&launches->launches[step->count], state);
    launch_output(&launches->launches[step->count], kept);
cleanup:
    return status;
}

/* The first launch of a unit from `i` on; `count` where there is none. */
static size_t next_of(const merging *m, size_t unit, size_t i) {
    while (i < m->count && m->launches[i].unit != unit) i++;
    return i;
}
#define FOR_UNIT(m, unit, i) for (size_t i = next_of(m, unit, 0); (i) < (m)->count; (i) = next_of(m, unit, (i) + 1))

static bool is_chain(const merging *m, size_t unit) {
    return next_of(m, unit, next_of(m, unit, 0) + 1) < m->count;
}

/* ---- the text of a kernel ---- */

/* Work-items of a group; the device may grant fewer where there are no blocks. */
static size_t group_items(const merging *m) {
    const plan *p = m->plan;
    const size_t usual = p->most_parts > 1 ? p->most_parts * PART_COLUMNS : p->group_items;
    return m->kernel.block_items ? m->kernel.block_items : smaller(usual, GROUP_ITEMS);
}

static bool is_shared(const launch *l) {
    return l->shares && l->parts > 1;
}

/* Of a group of a chain. */
static size_t chain_samples(const merging *m, size_t unit) {
    const size_t samples = launch_sample_count(&m->launches[next_of(m, unit, 0)]);
    return smaller(divide_up(samples, m->plan->compute_units), CHAIN_SAMPLES);
}

/* Work-groups that a unit has. */
static size_t groups_of(const merging *m, size_t unit) {
    const launch *l = &m->launches[next_of(m, unit, 0)];
    const size_t items = group_items(m), places = is_shared(l) ? items / l->parts : items;
    if (is_chain(m, unit)) return divide_up(launch_sample_count(l), chain_samples(m, unit));
    if (l->shape.block) return l->global[0] / l->local[0] * (l->global[1] / l->local[1]);
    return l->reduces ? 1 : divide_up(l->items[0] * l->items[1], places ? places : 1);
}

/* A launch whose groups begin with number `first`. */
static void write_range(merging *m, const launch *l, size_t first, size_t groups) {
    if (l->shape.block) {
        write_text(&m->text, "        %s(BLOCK_PLACE(%zuu, %zuu)", l->kernel, first, l->global[0] / l->local[0]);
        inlined_write_arguments(&m->text, &m->kernel.use, l);
        return;
    }
    inlined_turns turns = inlined_turns_of(l, "FOR_RANGE", is_shared(l));
    snprintf(turns.more, sizeof turns.more, ", %zuu, %zuu", first, groups);
    inlined_write_call(&m->text, &m->kernel.use, l, &turns);
}

static void write_chain(merging *m, size_t unit, size_t first) {
    const size_t begin = next_of(m, unit, 0), samples = chain_samples(m, unit);
    char group[32];
    snprintf(group, sizeof group, "(group - %zuu)", first);
    FOR_UNIT(m, unit, i) {
        const launch *l = &m->launches[i];
        const inlined_turns turns = inlined_turns_of_samples(l, group, samples, is_shared(l));
        if (i > begin) write_text(&m->text, "        GROUP_BARRIER();\n");
        inlined_write_call(&m->text, &m->kernel.use, l, &turns);
    }
}

/* The ranges of groups, one after the other; the last needs no bound. Returns the groups of all. */
static size_t write_ranges(merging *m) {
    const kernel *k = &m->kernel;
    size_t first = 0;
    for (size_t u = 0; u < k->unit_count; u++) {
        const size_t unit = k->units[u], groups = groups_of(m, unit);
        write_text(&m->text, u > 0 ? " else " : "    ");
        if (u + 1 < k->unit_count) write_text(&m->text, "if (group < %zuu) ", first + groups);
        write_text(&m->text, "{\n");
        if (is_chain(m, unit))
            write_chain(m, unit, first);
        else
            write_range(m, &m->launches[next_of(m, unit, 0)], first, groups);
        write_text(&m->text, "    }");
        first += groups;
    }
    return first;
}

/* Returns its groups. */
static size_t write_kernel(merging *m, const char *name) {
    const kernel *k = &m->kernel;
    text_writer *w = &m->text;
    write_text(w, "__kernel ");
    if (k->block_items) write_text(w, "__attribute__((reqd_work_group_size(%zu, 1, 1))) ", k->block_items);
    write_text(w, "void %s(", name);
    inlined_write_parameters(w, &k->use, m->plan, false);
    write_text(w, ") {\n    const uint group = get_group_id(0);\n");
    if (k->block_items)
        write_text(w, "    __local float4 block_memory[%zu];\n", k->block_bytes / (BLOCK_VECTOR * sizeof(float)));
    inlined_write_memory(w, m->plan, group_items(m), k->reduces, k->shares);
    const size_t groups = write_ranges(m);
    write_text(w, "\n}\n");
    return groups;
}

/* ---- kernels ---- */

/* "forward_plain > cost > delta_plain + metrics_step", as far as there is room. */
static void describe(const merging *m, launch *k) {
    size_t used = 0;
    for (size_t u = 0; u < m->kernel.unit_count; u++) {
        const char *between = u > 0 ? " + " : "";
        FOR_UNIT(m, m->kernel.units[u], i) {
            if (used < sizeof k->detail)
                used +=
                    (size_t)snprintf(k->detail + used, sizeof k->detail - used, "%s%s", between, m->launches[i].kernel);
            between = " > ";
        }
    }
}

static void add_copies(const merging *m, size_t unit) {
    FOR_UNIT(m, unit, i) sequence_add_copy(m->merged, &m->launches[i]);
}

/* Adds the launch of what has been put together, by itself as it was where there is only one. */
static void end_kernel(merging *m) {
    kernel *k = &m->kernel;
    const bool is_one = k->launch_count == 1 && strcmp(m->launches[next_of(m, k->units[0], 0)].source, "merged") != 0;
    if (is_one || m->kernel_count == MOST_KERNELS) {
        for (size_t u = 0; u < k->unit_count; u++) add_copies(m, k->units[u]);
    } else if (k->unit_count > 0) {
        const char *name = kernel_names[m->kernel_count++];
        const size_t groups = write_kernel(m, name), items = group_items(m);
        launch *added = sequence_add(m->merged, "merged", name, groups * items, 1, items, 1);
        added->group_count = groups;
        added->flop = k->flop;
        inlined_add_arguments(added, &k->use, m->plan, false);
        describe(m, added);
    }
    *k = (kernel){0};
}

/* A piece, whose place in its launch is a matter of that; and blocks that parts share, since no other operation knows
 * of a second dimension of groups. */
static bool is_alone(const launch *l) {
    return l->is_piece || l->shape.parts > 1;
}

/* False where a kernel cannot have it, too: then nothing is added. */
static bool add_unit(merging *m, size_t unit) {
    kernel added = m->kernel;
    if (added.is_alone || added.unit_count == MOST_UNITS) return false;
    added.units[added.unit_count++] = unit;
    FOR_UNIT(m, unit, i) {
        const launch *l = &m->launches[i];
        added.launch_count++;
        added.is_alone |= is_alone(l);
        added.flop += l->flop;
        added.shares |= l->shares;
        added.reduces |= l->reduces;
        if (l->shape.block) {
            if (added.block_items && added.block_items != block_items(&l->shape)) return false;
            added.block_items = block_items(&l->shape);
            const size_t bytes = block_local_bytes(&l->shape);
            if (bytes > added.block_bytes) added.block_bytes = bytes;
        }
        if (!inlined_collect(&added.use, l, 1, LAUNCH_MAX_ARGUMENTS)) return false;
    }
    if (added.unit_count > 1 && (added.is_alone || added.flop > m->plan->launch_flop)) return false;
    m->kernel = added;
    return true;
}

/* A chain that has more arguments than a kernel is launched as it was. */
static void merge_stages(merging *m) {
    for (size_t stage = 0; stage < m->stages.stage_count; stage++) {
        for (size_t unit = 0; unit < m->stages.unit_count; unit++) {
            if (m->stages.stage_of[unit] != stage || add_unit(m, unit)) continue;
            end_kernel(m);
            if (!add_unit(m, unit)) add_copies(m, unit);
        }
        end_kernel(m);
    }
}

epocl_status merged_create(sequence *merged, const plan *p, const sequence *step, tensor_id state, tensor_id kept) {
    epocl_status status = EPOCL_OK;
    merging m = {.plan = p, .merged = merged};
    sequence launches = {0};
    *merged = (sequence){0};
    status = merged_check(p);
    if (status != EPOCL_OK) return status;
    TRY(sequence_create(merged));
    TRY(find_launches(&launches, &m.stages, step, state, kept));
    m.launches = launches.launches;
    m.count = launches.count;
    merge_stages(&m);
    merged->text = m.text.text;
    merged->inlined = step;
    merged->is_of_items = true;
    TRY(m.text.status);
    TRY(sequence_check(merged));
cleanup:
    stages_release(&m.stages);
    sequence_release(&launches);
    if (status != EPOCL_OK) {
        if (!merged->text) free(m.text.text);
        sequence_release(merged);
    }
    return status;
}
