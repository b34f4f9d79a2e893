#include "plan/resident.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MEETING_WORDS = MEETING_LINES * MEETING_LINE, TEXT_PER_ARGUMENT = 24, TEXT_PER_LAUNCH = 256 };

resident_tensors resident_add_tensors(plan *p, size_t group_count, const char *name) {
    char full[48];
    resident_tensors tensors;
    snprintf(full, sizeof full, "%s.meeting", name);
    tensors.meeting = plan_add_array(p, PURPOSE_STATE, MEETING_WORDS, sizeof(uint32_t), full);
    snprintf(full, sizeof full, "%s.state_copies", name);
    tensors.copies = plan_add_array(p, PURPOSE_STATE, group_count * MEETING_LINE, sizeof(uint32_t), full);
    return tensors;
}

/* ---- which tensors a step uses ---- */

/* Each tensor once, as the step's launches together use it. */
typedef struct tensor_use {
    argument tensors[LAUNCH_MAX_ARGUMENTS];
    size_t count;
} tensor_use;

static size_t find_tensor(const tensor_use *use, tensor_id id) {
    size_t place = 0;
    while (place < use->count && use->tensors[place].value.tensor != id) place++;
    return place;
}

/* False when there are more tensors than a kernel takes arguments. */
static bool collect_tensors(const sequence *step, size_t capacity, tensor_use *use) {
    use->count = 0;
    for (size_t i = 0; i < step->count; i++) {
        for (size_t a = 0; a < step->launches[i].argument_count; a++) {
            const argument *argument_ = &step->launches[i].arguments[a];
            if (argument_->kind != ARGUMENT_TENSOR) continue;
            const size_t place = find_tensor(use, argument_->value.tensor);
            if (place == use->count) {
                if (use->count == capacity) return false;
                use->tensors[use->count++] = *argument_;
            }
            use->tensors[place].is_input |= argument_->is_input;
            use->tensors[place].is_output |= argument_->is_output;
        }
    }
    return true;
}

bool resident_possible(const plan *p, const sequence *step) {
    tensor_use use;
    return p->matmul.provider == MATMUL_TILE && collect_tensors(step, LAUNCH_MAX_ARGUMENTS - 4, &use);
}

/* ---- where groups must meet ---- */

/* Two launches conflict when one writes what the other reads or writes. The state does not count: each group
 * has its own. */
static bool launches_conflict(const launch *a, const launch *b, tensor_id state) {
    for (size_t i = 0; i < a->argument_count; i++) {
        const argument *x = &a->arguments[i];
        if (x->kind != ARGUMENT_TENSOR || x->value.tensor == state) continue;
        for (size_t j = 0; j < b->argument_count; j++) {
            const argument *y = &b->arguments[j];
            if (y->kind == ARGUMENT_TENSOR && y->value.tensor == x->value.tensor && (x->is_output || y->is_output))
                return true;
        }
    }
    return false;
}

/* meets[i]: the groups meet before launch i. Steps follow each other, so the launches since the last meeting go back
 * into the step before: two rounds see them all. */
static void find_meetings(const sequence *step, tensor_id state, bool *meets) {
    size_t since = 0; /* first launch after the last meeting, counted through both rounds */
    for (size_t n = 0; n < 2 * step->count; n++) {
        const size_t i = n % step->count;
        bool needed = meets[i];
        for (size_t earlier = since; earlier < n && !needed; earlier++)
            needed = launches_conflict(&step->launches[earlier % step->count], &step->launches[i], state);
        if (!needed) continue;
        meets[i] = true;
        since = n;
    }
    /* Group 0 looks at the host's stop at the beginning of a step, after all have read it at the end of the last. */
    meets[0] = true;
}

/* ---- the text ---- */

typedef struct text_writer {
    char *text;
    size_t length, capacity;
} text_writer;

__attribute__((format(printf, 2, 3))) static void write_text(text_writer *w, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int written = vsnprintf(w->text + w->length, w->capacity - w->length, format, arguments);
    va_end(arguments);
    if (written > 0) w->length += smaller((size_t)written, w->capacity - w->length - 1);
}

static void write_arguments(text_writer *w, const launch *l, const tensor_use *use, tensor_id state, tensor_id stop) {
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind == ARGUMENT_UINT) {
            write_text(w, ", %" PRIu32 "u", a->value.uint_value);
        } else if (a->kind == ARGUMENT_FLOAT) {
            uint32_t bits; /* by bits: exact, whatever the locale */
            memcpy(&bits, &a->value.float_value, sizeof bits);
            write_text(w, ", as_float(%" PRIu32 "u)", bits);
        } else if (a->value.tensor == state) {
            write_text(w, ", state");
        } else if (a->value.tensor == stop) {
            write_text(w, ", meeting_stop");
        } else {
            write_text(w, ", t%zu", find_tensor(use, a->value.tensor));
        }
    }
}

static void write_launch(text_writer *w, const launch *l, const tensor_use *use, tensor_id state, tensor_id stop) {
    if (l->reduces)
        write_text(w, "        %s(0, 0", l->kernel);
    else
        write_text(w, "        FOR_SHARE(%zuu) %s(item %% %zuu, item / %zuu", l->items[0] * l->items[1], l->kernel,
                   l->items[0], l->items[0]);
    write_arguments(w, l, use, state, stop);
    write_text(w, ");\n");
}

static void write_kernel(text_writer *w, const sequence *step, const tensor_use *use, tensor_id state, tensor_id stop,
                         const bool *meets) {
    write_text(w, "__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void resident(\n"
                  "    const uint step_limit, __global uint *meeting, __global uint *copies");
    for (size_t i = 0; i < use->count; i++) write_text(w, ",\n    __global void *t%zu", i);
    write_text(w,
               ") {\n"
               "    const uint group = get_group_id(0);\n"
               "    __global uint *meeting_stop = meeting + MEETING_STOP, *stop = t%zu;\n"
               "    uint passed = 0;\n"
               "    if (!meeting_begin(meeting, GROUP_COUNT)) return;\n"
               "    __global epoch_state *state = group_state(t%zu, copies, group);\n"
               "    for (uint step = 0; step < step_limit && state->batch_count != 0; step++) {\n",
               find_tensor(use, stop), find_tensor(use, state));
    for (size_t i = 0; i < step->count; i++) {
        if (meets[i]) write_text(w, "        meet(meeting, GROUP_COUNT, &passed);\n");
        if (i == 0) write_text(w, "        if (group == 0) meeting_announce(meeting, stop);\n");
        write_launch(w, &step->launches[i], use, state, stop);
    }
    write_text(w, "        if (meeting_leaves(meeting, group)) break;\n    }\n}\n");
}

epocl_status resident_create(sequence *resident, const plan *p, const sequence *step, const resident_tensors *tensors,
                             tensor_id state, tensor_id stop, size_t group_count, size_t step_limit) {
    epocl_status status = EPOCL_OK;
    tensor_use use;
    bool *meets = NULL;
    text_writer w = {.capacity = 4096 + step->count * TEXT_PER_LAUNCH};
    *resident = (sequence){0};
    if (!resident_possible(p, step) || !collect_tensors(step, LAUNCH_MAX_ARGUMENTS - 4, &use))
        return fail(EPOCL_ERROR_ARGUMENT, "a resident plan needs matmul tile and a network of fewer layers");
    for (size_t i = 0; i < step->count; i++) w.capacity += step->launches[i].argument_count * TEXT_PER_ARGUMENT;
    TRY(sequence_create(resident, 2));
    TRY(allocate(w.capacity, 1, "the text of a resident kernel", &w.text));
    resident->text = w.text;
    TRY(allocate(step->count, sizeof *meets, "the meetings of a resident kernel", &meets));
    find_meetings(step, state, meets);
    write_text(&w, "#define GROUP_COUNT %zuu\n", group_count);
    write_kernel(&w, step, &use, state, stop, meets);
    resident->inlined = step;

    launch *reset = sequence_add(resident, "resident", "meeting_reset", 1, 1, 1, 1);
    launch_output(reset, tensors->meeting);
    launch *k = sequence_add(resident, "resident", "resident", group_count, 1, 1, 1);
    launch_uint(k, step_limit);
    launch_in_place(k, tensors->meeting);
    launch_in_place(k, tensors->copies);
    for (size_t i = 0; i < use.count; i++) {
        const tensor_id id = use.tensors[i].value.tensor;
        if (p->tensors[id].purpose == PURPOSE_ACTIVATIONS) /* made and used within the slice */
            launch_unused(k, id);
        else
            launch_argument(k, use.tensors[i]);
    }
    for (size_t i = 0; i < step->count; i++) k->flop += step->launches[i].flop;
    launch_detail(k, "up to %zu steps in %zu groups", step_limit, group_count);
cleanup:
    free(meets);
    if (status != EPOCL_OK) sequence_release(resident);
    return status;
}
