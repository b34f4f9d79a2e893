#include "plan/resident.h"

#include "base/plural.h"
#include "plan/inlined.h"

#include <stdio.h>
#include <string.h>

enum {
    MEETING_WORDS = MEETING_LINES * MEETING_LINE,
    PRIVATE_ALIGNMENT = 4096, /* bytes: no two groups' copies share a page */
    OWN_ARGUMENTS = 5         /* of the kernel, beside the tensors and settings of a step */
};

/* ---- what can be inlined ---- */

static bool adds_to_gradient(const launch *l) {
    for (size_t i = 0; i < l->argument_count; i++)
        if (l->arguments[i].kind == ARGUMENT_TENSOR && l->arguments[i].is_input && l->arguments[i].is_output)
            return true;
    return false;
}

/* PoCL 3.1 has every item of a group add the sum of a lone tile to a gradient, where the gradients' norm follows. */
static bool has_lone_tile(const sequence *step) {
    bool is_clipped = false, is_lone = false;
    for (size_t i = 0; i < step->count; i++) {
        const launch *l = &step->launches[i];
        is_clipped |= strcmp(l->kernel, "clip") == 0;
        is_lone |= strcmp(l->kernel, "update_tile") == 0 && l->items[0] * l->items[1] == 1 && adds_to_gradient(l);
    }
    return is_clipped && is_lone;
}

/* Of several groups of items, PoCL 3.1 does likewise with more than lone tiles; they are for GPUs, and tiles are not.
 */
epocl_status resident_check(const plan *p, const sequence *step, plan_shape shape) {
    inlined_use use = {0};
    const bool is_of_items = shape.group_items > 0, takes_tiles = !is_of_items || shape.group_count == 1;
    const bool is_inlined =
        (takes_tiles && p->matmul.provider == MATMUL_TILE) || (is_of_items && p->matmul.provider == MATMUL_PLAIN);
    if (is_of_items && p->matmul.provider == MATMUL_TILE && has_lone_tile(step))
        return fail(EPOCL_ERROR_ARGUMENT, "a resident plan of items needs matmul plain for so small a layer whose "
                                          "gradients are accumulated and clipped");
    if (is_inlined && inlined_collect(&use, step->launches, step->count, LAUNCH_MAX_ARGUMENTS - OWN_ARGUMENTS))
        return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "a resident plan needs matmul %s%s%s and a network of fewer layers",
                takes_tiles ? "tile" : "", takes_tiles && is_of_items ? " or " : "", is_of_items ? "plain" : "");
}

/* ---- what each group makes for itself ---- */

/* Cheaper to do in every group than to meet for, and to fetch the others' shares from their cores' caches, or with a
 * few turns of a GPU's group; never where a small network stands for a large one. */
static const double replicated_flop = 0.3e6;
enum { REPLICATED_BYTES = 512 * 1024, REPLICATED_ITEMS = 1024 };

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

/* Whether a launch that is done by shares writes one of the tensors that `l` writes. */
static bool shares_a_tensor(const sequence *step, const launch *l) {
    for (size_t i = 0; i < step->count; i++)
        for (size_t a = 0; a < l->argument_count && !step->launches[i].is_replicated; a++)
            if (l->arguments[a].kind == ARGUMENT_TENSOR && l->arguments[a].is_output &&
                launch_writes(&step->launches[i], l->arguments[a].value.tensor))
                return true;
    return false;
}

/* A copy is whole only if nobody writes a share of it: what is replicated is cheap, and so is all that writes the same
 * tensors, and what writes theirs. */
static void mark_replicated(const plan *p, sequence *step) {
    for (size_t i = 0; i < step->count; i++) step->launches[i].is_replicated = is_cheap(p, &step->launches[i]);
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (size_t i = 0; i < step->count; i++) {
            launch *l = &step->launches[i];
            if (!l->is_replicated || !shares_a_tensor(step, l)) continue;
            l->is_replicated = false;
            is_changed = true;
        }
    }
}

/* A tensor that replicated launches write: each group has a copy of its own. */
static bool is_private(const sequence *step, tensor_id id) {
    for (size_t i = 0; i < step->count; i++)
        if (step->launches[i].is_replicated && launch_writes(&step->launches[i], id)) return true;
    return false;
}

/* Where a private tensor lies in a group's copies; for an id beyond all tensors, the bytes of all of them. */
static size_t private_offset(const plan *p, const sequence *step, tensor_id id) {
    size_t offset = 0;
    for (tensor_id before = TENSOR_FIRST; before < id && before < p->tensor_count; before++)
        if (is_private(step, before)) offset += round_up(p->tensors[before].bytes, PRIVATE_ALIGNMENT);
    return offset;
}

static size_t private_bytes(const plan *p, const sequence *step) {
    return private_offset(p, step, SIZE_MAX);
}

resident_tensors resident_add_tensors(plan *p, sequence *step, const char *name) {
    char full[48];
    resident_tensors tensors;
    mark_replicated(p, step);
    const size_t groups = p->resident_groups, own_bytes = (groups - 1) * private_bytes(p, step);
    snprintf(full, sizeof full, "%s.meeting", name);
    tensors.meeting = plan_add_array(p, PURPOSE_STATE, MEETING_WORDS, sizeof(uint32_t), full);
    snprintf(full, sizeof full, "%s.state_copies", name);
    tensors.copies = plan_add_array(p, PURPOSE_STATE, groups * MEETING_LINE, sizeof(uint32_t), full);
    snprintf(full, sizeof full, "%s.privates", name);
    tensors.privates = plan_add_array(p, PURPOSE_STATE, own_bytes ? own_bytes : 1, 1, full);
    return tensors;
}

/* ---- where groups must meet ---- */

/* What a resident kernel is made from. */
typedef struct kernel_parts {
    const plan *plan;
    const sequence *step;
    inlined_use use;
    tensor_id state, stop;
    bool is_of_items;
    size_t group_count, group_items;
    const bool *meets, *waits;
} kernel_parts;

/* What each of several groups has of its own: the state and private tensors. */
static bool is_own(const kernel_parts *parts, tensor_id id) {
    return parts->group_count > 1 && (id == parts->state || is_private(parts->step, id));
}

/* Between groups, what each has of its own is no matter. */
static bool launches_conflict(const kernel_parts *parts, const launch *a, const launch *b, bool between_groups) {
    for (size_t i = 0; i < a->argument_count; i++) {
        const argument *x = &a->arguments[i];
        const bool is_private_matter = between_groups && x->kind == ARGUMENT_TENSOR && is_own(parts, x->value.tensor);
        if (!is_private_matter && launch_conflicts(b, x)) return true;
    }
    return false;
}

/* Marks the launches that a wait must go before, beside those that are marked; of a conflict, all that were marked
 * between the two will do. Steps follow each other, so the launches since the last wait go back into the step before:
 * two rounds see them all. */
static void mark_waits(const kernel_parts *parts, bool between_groups, bool *waits) {
    const sequence *step = parts->step;
    size_t since = 0; /* first launch after the last wait, counted through both rounds */
    for (size_t n = 0; n < 2 * step->count; n++) {
        const size_t i = n % step->count;
        bool needed = waits[i];
        for (size_t earlier = since; earlier < n && !needed; earlier++)
            needed =
                launches_conflict(parts, &step->launches[earlier % step->count], &step->launches[i], between_groups);
        if (!needed) continue;
        waits[i] = true;
        since = n;
    }
}

/* meets[i]: groups meet before launch i. waits[i]: so they do, or at least the items of each group wait for each other
 * there; those always wait between steps, since they all look at the state. */
static void find_meetings(const kernel_parts *parts, bool *meets, bool *waits) {
    const size_t last = parts->step->count - 1;
    size_t count = 0;
    if (parts->group_count > 1) {
        mark_waits(parts, true, meets);
        /* The last group, whose share is the least, announces what ends the step after its first meeting, when all have
         * read the last announcement, and the others read it after another. */
        for (size_t i = 0; i <= last; i++) count += meets[i];
        if (count < 2) meets[0] = meets[last] = true;
    }
    for (size_t i = 0; i <= last; i++) waits[i] = meets[i];
    if (!parts->is_of_items) return;
    waits[0] = true;
    mark_waits(parts, false, waits);
}

/* ---- the text ---- */

/* What the operations call the tensors of which several groups have something of their own. */
static void name_tensors(kernel_parts *parts) {
    for (size_t i = 0; i < parts->use.tensor_count; i++) {
        const tensor_id id = parts->use.tensors[i].value.tensor;
        char *name = parts->use.names[i];
        if (id == parts->state)
            snprintf(name, INLINED_NAME_CAPACITY, "state");
        else if (id == parts->stop && parts->group_count > 1)
            snprintf(name, INLINED_NAME_CAPACITY, "meeting_stop");
        else if (is_own(parts, id))
            snprintf(name, INLINED_NAME_CAPACITY, "own%zu", i);
    }
}

/* Whether each group does all of a launch for itself. */
static bool is_for_all(const kernel_parts *parts, const launch *l) {
    return l->is_replicated && parts->group_count > 1;
}

/* Whether items share a place: where there are so few places that others would be idle. Those that go along beyond the
 * last place would do the work of another piece's. */
static bool is_shared(const kernel_parts *parts, const launch *l) {
    const size_t items = parts->group_items * (is_for_all(parts, l) ? 1 : parts->group_count);
    return parts->is_of_items && l->parts > 1 && !l->is_piece && 2 * l->items[0] * l->items[1] <= items;
}

static void write_launch(text_writer *w, kernel_parts *parts, const launch *l) {
    const inlined_turns turns =
        inlined_turns_of(l, is_for_all(parts, l) ? "FOR_ALL" : "FOR_SHARE", is_shared(parts, l));
    inlined_write_call(w, &parts->use, l, &turns);
}

/* The group's copy of each private tensor; that of group 0 is the tensor itself. Parameters are copied, before group 0
 * changes them. */
static void write_privates(text_writer *w, const kernel_parts *parts) {
    const plan *p = parts->plan;
    const size_t stride = private_bytes(p, parts->step);
    bool is_copied = false;
    for (size_t i = 0; i < parts->use.tensor_count; i++) {
        const tensor_id id = parts->use.tensors[i].value.tensor;
        if (!is_private(parts->step, id)) continue;
        write_text(w, "    __global void *own%zu = group ? privates + ((ulong)group - 1) * %zu + %zu : t%zu;\n", i,
                   stride, private_offset(p, parts->step, id), i);
        if (p->tensors[id].purpose != PURPOSE_PARAMETERS) continue;
        write_text(w, "    copy_words(own%zu, t%zu, %zuu, group);\n", i, i, p->tensors[id].bytes / sizeof(uint32_t));
        is_copied = true;
    }
    if (is_copied) write_text(w, "    MEET();\n");
}

/* What the items of a group work with; a step ends with a reduction. */
static void write_group_memory(text_writer *w, const kernel_parts *parts) {
    bool shares = false;
    for (size_t i = 0; i < parts->step->count; i++) shares |= parts->step->launches[i].shares;
    inlined_write_memory(w, parts->plan, parts->group_items, true, shares);
}

/* What several groups do before their first step. A stop also stands where an operation has no use for a buffer, of
 * whatever type. */
static void write_beginning(text_writer *w, const kernel_parts *parts) {
    write_text(w,
               "    const uint group = get_group_id(0);\n"
               "    __global void *meeting_stop = meeting + MEETING_STOP;\n"
               "    __global uint *stop = t%zu;\n"
               "    uint passed = 0;\n"
               "    MEETING_BEGIN();\n"
               "    __global epoch_state *state = group_state(t%zu, copies, group);\n",
               inlined_place(&parts->use, parts->stop), inlined_place(&parts->use, parts->state));
    write_privates(w, parts);
}

/* The wait between steps, of the items of a group, comes before the state is looked at. */
static void write_steps(text_writer *w, kernel_parts *parts) {
    const sequence *step = parts->step;
    const bool are_several = parts->group_count > 1;
    bool is_announced = false;
    if (parts->is_of_items && are_several) write_text(w, "    GROUP_BARRIER();\n");
    write_text(w, "    for (uint step = 0; %sstep < step_limit && state->batch_count != 0; step++) {\n",
               are_several ? "begins[0] && " : "");
    for (size_t i = 0; i < step->count; i++) {
        if (parts->meets[i])
            write_text(w, "        MEET();\n");
        else if (parts->waits[i] && i > 0)
            write_text(w, "        GROUP_BARRIER();\n");
        if (parts->meets[i] && !is_announced)
            write_text(w, "        if (group == GROUP_COUNT - 1 && IS_LEADER) meeting_announce(meeting, stop);\n");
        is_announced |= parts->meets[i];
        write_launch(w, parts, &step->launches[i]);
    }
    if (parts->is_of_items) write_text(w, "        GROUP_BARRIER();\n");
    if (are_several) write_text(w, "        if (meeting_leaves(meeting, group)) break;\n");
    write_text(w, "    }\n");
}

static void write_kernel(text_writer *w, kernel_parts *parts) {
    const bool are_several = parts->group_count > 1;
    write_text(w, "__kernel %svoid resident(\n    const uint step_limit%s",
               parts->is_of_items ? "" : "__attribute__((reqd_work_group_size(1, 1, 1))) ",
               are_several ? ", __global uint *meeting, __global uint *copies, __global uchar *privates" : "");
    inlined_write_parameters(w, &parts->use, parts->plan, true);
    write_text(w, ") {\n");
    if (parts->is_of_items) write_group_memory(w, parts);
    if (are_several)
        write_beginning(w, parts);
    else
        write_text(w,
                   "    const uint group = 0;\n"
                   "    __global epoch_state *state = t%zu;\n",
                   inlined_place(&parts->use, parts->state));
    write_steps(w, parts);
    write_text(w, "}\n");
}

/* Launches the kernel; the meeting and what belongs to it are for several groups. */
static void add_launch(sequence *resident, const kernel_parts *parts, const resident_tensors *tensors, plan_shape shape,
                       size_t step_limit) {
    const plan *p = parts->plan;
    const char *source = parts->is_of_items ? "resident_items" : "resident";
    const size_t items = parts->is_of_items ? shape.group_items : 1;
    if (shape.group_count > 1) {
        launch *reset = sequence_add(resident, source, "meeting_reset", 1, 1, 1, 1);
        launch_output(reset, tensors->meeting);
    }
    launch *k = sequence_add(resident, source, "resident", shape.group_count * items, 1, items, 1);
    k->group_count = shape.group_count;
    launch_uint(k, step_limit);
    if (shape.group_count > 1) {
        launch_in_place(k, tensors->meeting);
        launch_in_place(k, tensors->copies);
        launch_unused(k, tensors->privates);
    }
    inlined_add_arguments(k, &parts->use, p, true); /* activations are made and used within the slice */
    for (size_t i = 0; i < parts->step->count; i++) k->flop += parts->step->launches[i].flop;
    if (parts->is_of_items)
        launch_detail(k, "up to %zu step%s in %zu group%s of %zu", step_limit, plural_s(step_limit), shape.group_count,
                      plural_s(shape.group_count), shape.group_items);
    else
        launch_detail(k, "up to %zu step%s in %zu group%s", step_limit, plural_s(step_limit), shape.group_count,
                      plural_s(shape.group_count));
}

epocl_status resident_create(sequence *resident, const plan *p, const sequence *step, const resident_tensors *tensors,
                             tensor_id state, tensor_id stop, plan_shape shape, size_t step_limit) {
    epocl_status status = EPOCL_OK;
    kernel_parts parts = {.plan = p,
                          .step = step,
                          .state = state,
                          .stop = stop,
                          .is_of_items = shape.group_items > 0,
                          .group_count = shape.group_count,
                          .group_items = shape.group_items};
    bool *meets = NULL, *waits = NULL;
    text_writer w = {0};
    *resident = (sequence){0};
    status = resident_check(p, step, shape);
    if (status != EPOCL_OK) return status;
    inlined_collect(&parts.use, step->launches, step->count, LAUNCH_MAX_ARGUMENTS);
    name_tensors(&parts);
    for (size_t i = 0; i < step->count; i++)
        if (step->launches[i].is_replicated && shares_a_tensor(step, &step->launches[i]))
            return fail(EPOCL_ERROR_ARGUMENT, "a resident kernel would write what %s writes both whole and by shares",
                        step->launches[i].kernel);
    TRY(sequence_create(resident));
    TRY(allocate(step->count, sizeof *meets, "the meetings of a resident kernel", &meets));
    TRY(allocate(step->count, sizeof *waits, "the waits of a resident kernel", &waits));
    find_meetings(&parts, meets, waits);
    parts.meets = meets;
    parts.waits = waits;
    write_kernel(&w, &parts);
    resident->text = w.text;
    resident->inlined = step;
    resident->group_count = shape.group_count;
    resident->is_of_items = parts.is_of_items;
    TRY(w.status);
    add_launch(resident, &parts, tensors, shape, step_limit);
cleanup:
    free(meets);
    free(waits);
    if (status != EPOCL_OK) sequence_release(resident);
    return status;
}
