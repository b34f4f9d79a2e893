#include "plan/resident/resident.h"

#include "base/checked.h"
#include "base/plural.h"
#include "plan/inlined.h"
#include "plan/resident/meetings.h"
#include "plan/resident/shares.h"

#include <stdio.h>
#include <string.h>

enum {
    MEETING_WORDS = MEETING_LINES * MEETING_LINE,
    OWN_ARGUMENTS = 5 /* of the kernel, beside the tensors and settings of a step */
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

/* ---- tensors ---- */

resident_tensors resident_add_tensors(plan *p, sequence *step, const char *name) {
    char full[48];
    resident_tensors tensors;
    shares_mark(p, step);
    const size_t groups = p->resident_groups, own_bytes = shares_bytes(p, step, groups);
    snprintf(full, sizeof full, "%s.meeting", name);
    tensors.meeting = plan_add_array(p, PURPOSE_STATE, MEETING_WORDS, sizeof(uint32_t), full);
    snprintf(full, sizeof full, "%s.state_copies", name);
    tensors.copies = plan_add_array(p, PURPOSE_STATE, groups * MEETING_LINE, sizeof(uint32_t), full);
    snprintf(full, sizeof full, "%s.privates", name);
    tensors.privates = plan_add_array(p, PURPOSE_STATE, own_bytes ? own_bytes : 1, 1, full);
    return tensors;
}

/* ---- the text ---- */

/* What a resident kernel is made from. */
typedef struct kernel_parts {
    shares shares;
    inlined_use use;
    tensor_id stop;
    const bool *meets, *waits; /* plan/resident/meetings.h */
} kernel_parts;

/* What the operations call the tensors of which groups have something of their own, or steps by turns. */
static void name_tensors(kernel_parts *parts) {
    const shares *s = &parts->shares;
    for (size_t i = 0; i < parts->use.tensor_count; i++) {
        const tensor_id id = parts->use.tensors[i].value.tensor;
        char *name = parts->use.names[i];
        if (id == s->state)
            snprintf(name, INLINED_NAME_CAPACITY, "state");
        else if (id == parts->stop && s->group_count > 1)
            snprintf(name, INLINED_NAME_CAPACITY, "meeting_stop");
        else if (shares_is_own(s, id))
            snprintf(name, INLINED_NAME_CAPACITY, "own%zu", i);
        else if (shares_alternates(s, id))
            snprintf(name, INLINED_NAME_CAPACITY, "now%zu", i);
    }
}

/* The first of the groups of items that share launch `i`: after those that have a share in what goes before since the
 * last meeting, so that none has several while others have none. */
static size_t first_group(const kernel_parts *parts, size_t i) {
    const shares *s = &parts->shares;
    const size_t count = s->step->count;
    size_t taken = 0, before = i;
    while (!parts->meets[before]) {
        before = (before + count - 1) % count;
        if (before == i) break;
        taken += shares_groups(s, &s->step->launches[before]);
    }
    return taken % s->group_count;
}

static void write_launch(text_writer *w, kernel_parts *parts, size_t i) {
    const shares *s = &parts->shares;
    const launch *l = &s->step->launches[i];
    inlined_turns turns = inlined_turns_of(l, shares_is_for_all(s, l) ? "FOR_ALL" : "FOR_SHARE", shares_places(s, l));
    if (s->is_of_items && !shares_is_for_all(s, l))
        snprintf(turns.more, sizeof turns.more, ", %zuu", first_group(parts, i));
    if (shares_is_chain(s, l)) {
        const size_t samples = shares_chain_samples(s, l);
        turns = inlined_turns_of_samples(l, "group", samples, shares_places(s, l));
        write_text(w, "        if (group < %zuu)\n", divide_up(launch_sample_count(l), samples));
    }
    inlined_write_call(w, &parts->use, l, &turns);
}

/* The group's copy of each private tensor; that of group 0 is the tensor itself. Parameters are copied, before group 0
 * changes them. */
static void write_privates(text_writer *w, const kernel_parts *parts) {
    const plan *p = parts->shares.plan;
    const sequence *step = parts->shares.step;
    const size_t stride = shares_bytes_of_group(p, step);
    bool is_copied = false;
    for (size_t i = 0; i < parts->use.tensor_count; i++) {
        const tensor_id id = parts->use.tensors[i].value.tensor;
        if (!shares_is_private(step, id)) continue;
        write_text(w, "    __global void *own%zu = group ? privates + ((ulong)group - 1) * %zu + %zu : t%zu;\n", i,
                   stride, shares_private_offset(p, step, id), i);
        if (p->tensors[id].purpose != PURPOSE_PARAMETERS) continue;
        write_text(w, "    copy_words(own%zu, t%zu, %zuu, group);\n", i, i, p->tensors[id].bytes / sizeof(uint32_t));
        is_copied = true;
    }
    if (is_copied) write_text(w, "    MEET();\n");
}

/* In a step: where the tensors are that alternate. */
static void write_alternates(text_writer *w, const kernel_parts *parts) {
    for (size_t i = 0; i < parts->use.tensor_count; i++) {
        const tensor_id id = parts->use.tensors[i].value.tensor;
        if (shares_alternates(&parts->shares, id))
            write_text(w, "        __global void *now%zu = step %% 2 ? privates + %zu : t%zu;\n", i,
                       shares_alternate_offset(&parts->shares, id), i);
    }
}

/* What the items of a group work with; a step ends with a reduction. */
static void write_group_memory(text_writer *w, const kernel_parts *parts) {
    const shares *s = &parts->shares;
    bool has_parts = false;
    for (size_t i = 0; i < s->step->count; i++) has_parts |= s->step->launches[i].shares;
    inlined_write_memory(w, s->plan, s->group_items, true, has_parts);
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
               inlined_place(&parts->use, parts->stop), inlined_place(&parts->use, parts->shares.state));
    write_privates(w, parts);
}

/* The wait between steps, of the items of a group, comes before the state is looked at. */
static void write_steps(text_writer *w, kernel_parts *parts) {
    const sequence *step = parts->shares.step;
    const bool are_several = parts->shares.group_count > 1;
    bool is_announced = false;
    if (parts->shares.is_of_items && are_several) write_text(w, "    GROUP_BARRIER();\n");
    write_text(w, "    for (uint step = 0; %sstep < step_limit && state->batch_count != 0; step++) {\n",
               are_several ? "begins[0] && " : "");
    write_alternates(w, parts);
    for (size_t i = 0; i < step->count; i++) {
        if (parts->meets[i])
            write_text(w, "        MEET();\n");
        else if (parts->waits[i] && i > 0)
            write_text(w, "        GROUP_BARRIER();\n");
        if (parts->meets[i] && !is_announced)
            write_text(w, "        if (group == GROUP_COUNT - 1 && IS_LEADER) meeting_announce(meeting, stop);\n");
        is_announced |= parts->meets[i];
        write_launch(w, parts, i);
    }
    if (parts->shares.is_of_items) write_text(w, "        GROUP_BARRIER();\n");
    if (are_several) write_text(w, "        if (meeting_leaves(meeting, group)) break;\n");
    write_text(w, "    }\n");
}

static void write_kernel(text_writer *w, kernel_parts *parts) {
    const bool are_several = parts->shares.group_count > 1;
    write_text(w, "__kernel %svoid resident(\n    const uint step_limit%s",
               parts->shares.is_of_items ? "" : "__attribute__((reqd_work_group_size(1, 1, 1))) ",
               are_several ? ", __global uint *meeting, __global uint *copies, __global uchar *privates" : "");
    inlined_write_parameters(w, &parts->use, parts->shares.plan, true);
    write_text(w, ") {\n");
    if (parts->shares.is_of_items) write_group_memory(w, parts);
    if (are_several)
        write_beginning(w, parts);
    else
        write_text(w,
                   "    const uint group = 0;\n"
                   "    __global epoch_state *state = t%zu;\n",
                   inlined_place(&parts->use, parts->shares.state));
    write_steps(w, parts);
    write_text(w, "}\n");
}

/* Launches the kernel; the meeting and what belongs to it are for several groups. */
static void add_launch(sequence *resident, const kernel_parts *parts, const resident_tensors *tensors, plan_shape shape,
                       size_t step_limit) {
    const plan *p = parts->shares.plan;
    const sequence *step = parts->shares.step;
    const char *source = parts->shares.is_of_items ? "resident_items" : "resident";
    const size_t items = parts->shares.is_of_items ? shape.group_items : 1;
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
    for (size_t i = 0; i < step->count; i++) k->flop += step->launches[i].flop;
    if (parts->shares.is_of_items)
        launch_detail(k, "up to %zu step%s in %zu group%s of %zu", step_limit, plural_s(step_limit), shape.group_count,
                      plural_s(shape.group_count), shape.group_items);
    else
        launch_detail(k, "up to %zu step%s in %zu group%s", step_limit, plural_s(step_limit), shape.group_count,
                      plural_s(shape.group_count));
}

epocl_status resident_create(sequence *resident, const plan *p, const sequence *step, const resident_tensors *tensors,
                             tensor_id state, tensor_id stop, plan_shape shape, size_t step_limit) {
    epocl_status status = EPOCL_OK;
    kernel_parts parts = {.stop = stop,
                          .shares = {.plan = p,
                                     .step = step,
                                     .state = state,
                                     .is_of_items = shape.group_items > 0,
                                     .group_count = shape.group_count,
                                     .group_items = shape.group_items}};
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
    meetings_find(&parts.shares, meets, waits);
    parts.meets = meets;
    parts.waits = waits;
    write_kernel(&w, &parts);
    resident->text = w.text;
    resident->inlined = step;
    resident->group_count = shape.group_count;
    resident->is_of_items = parts.shares.is_of_items;
    TRY(w.status);
    add_launch(resident, &parts, tensors, shape, step_limit);
cleanup:
    free(meets);
    free(waits);
    if (status != EPOCL_OK) sequence_release(resident);
    return status;
}
