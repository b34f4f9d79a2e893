#include "plan/inlined.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_setting(const argument *a) {
    return a->kind == ARGUMENT_FLOAT && a->value.float_value != 0.0f && a->value.float_value != 1.0f;
}

size_t inlined_place(const inlined_use *use, tensor_id id) {
    size_t place = 0;
    while (place < use->tensor_count && use->tensors[place].value.tensor != id) place++;
    return place;
}

static bool collect(inlined_use *use, const argument *a, size_t capacity) {
    const bool is_full = use->tensor_count + use->setting_count >= capacity;
    if (is_setting(a)) {
        if (is_full) return false;
        use->settings[use->setting_count++] = *a;
    }
    if (a->kind != ARGUMENT_TENSOR) return true;
    const size_t place = inlined_place(use, a->value.tensor);
    if (place == use->tensor_count) {
        if (is_full) return false;
        snprintf(use->names[place], sizeof use->names[place], "t%zu", place);
        use->tensors[use->tensor_count++] = *a;
    }
    use->tensors[place].is_input |= a->is_input;
    use->tensors[place].is_output |= a->is_output;
    return true;
}

bool inlined_collect(inlined_use *use, const launch *launches, size_t count, size_t capacity) {
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < launches[i].argument_count; a++)
            if (!collect(use, &launches[i].arguments[a], smaller(capacity, LAUNCH_MAX_ARGUMENTS))) return false;
    return true;
}

/* Of a data set; other tensors are the run's alone. */
static bool is_read_only(const argument *used, const plan *p) {
    return p->tensors[used->value.tensor].purpose == PURPOSE_DATA_SET && !used->is_output;
}

void inlined_write_parameters(text_writer *w, const inlined_use *use, const plan *p, bool has_others) {
    for (size_t i = 0; i < use->tensor_count; i++)
        write_text(w, "%s\n    __global %svoid *t%zu", i > 0 || has_others ? "," : "",
                   is_read_only(&use->tensors[i], p) ? "const " : "", i);
    for (size_t i = 0; i < use->setting_count; i++) write_text(w, ",\n    const float setting%zu", i);
}

void inlined_write_memory(text_writer *w, const plan *p, size_t group_items, bool reduces, bool shares) {
    if (reduces)
        write_text(w, "    __local float float_sums[REDUCE_ITEMS];\n"
                      "    __local uint uint_sums[REDUCE_ITEMS];\n");
    if (shares && p->most_parts > 1) write_text(w, "    __local float part_sums[%zu];\n", group_items + p->most_parts);
}

void inlined_add_arguments(launch *k, const inlined_use *use, const plan *p, bool hides_activations) {
    for (size_t i = 0; i < use->tensor_count; i++) {
        const tensor_id id = use->tensors[i].value.tensor;
        if (hides_activations && p->tensors[id].purpose == PURPOSE_ACTIVATIONS)
            launch_unused(k, id);
        else
            launch_argument(k, use->tensors[i]);
    }
    for (size_t i = 0; i < use->setting_count; i++) launch_argument(k, use->settings[i]);
}

void inlined_write_arguments(text_writer *w, inlined_use *use, const launch *l) {
    for (size_t i = 0; i < l->argument_count; i++) {
        const argument *a = &l->arguments[i];
        if (a->kind == ARGUMENT_UINT) {
            write_text(w, ", %" PRIu32 "u", a->value.uint_value);
        } else if (is_setting(a)) {
            write_text(w, ", setting%zu", use->settings_written++);
        } else if (a->kind == ARGUMENT_FLOAT) {
            uint32_t bits; /* by bits: exact, whatever the locale */
            memcpy(&bits, &a->value.float_value, sizeof bits);
            write_text(w, ", as_float(%" PRIu32 "u)", bits);
        } else {
            write_text(w, ", %s", use->names[inlined_place(use, a->value.tensor)]);
        }
    }
    write_text(w, ");\n");
}

inlined_turns inlined_turns_of(const launch *l, const char *loop, bool is_shared) {
    inlined_turns turns = {.loop = loop, .count = l->items[0] * l->items[1], .is_shared = is_shared};
    snprintf(turns.column, sizeof turns.column, "item %% %zu", l->items[0]);
    snprintf(turns.row, sizeof turns.row, "%zu + item / %zu", l->first_row / l->parts, l->items[0]);
    return turns;
}

inlined_turns inlined_turns_of_samples(const launch *l, const char *group, size_t samples, bool is_shared) {
    const bool is_row = l->sample == SAMPLE_ROW;
    const size_t places = l->items[is_row ? 0 : 1], within = l->is_square ? samples : places;
    inlined_turns turns = {.loop = "FOR_ALL", .count = places * samples, .is_shared = is_shared};
    char *const place = is_row ? turns.column : turns.row, *const sample = is_row ? turns.row : turns.column;
    snprintf(place, sizeof turns.row, "item %s %zuu", l->is_square ? "/" : "%", within);
    const int used = is_shared ? snprintf(sample, sizeof turns.row, "item >= %zuu ? UINT_MAX : ", turns.count) : 0;
    snprintf(sample + used, sizeof turns.row - (size_t)used, "%s * %zuu + item %s %zuu", group, samples,
             l->is_square ? "%" : "/", within);
    return turns;
}

void inlined_write_call(text_writer *w, inlined_use *use, const launch *l, const inlined_turns *turns) {
    if (l->reduces)
        write_text(w, "        %s(REDUCE_PLACE", l->kernel);
    else if (turns->is_shared)
        write_text(w, "        %s_PARTS(%zuu, %zuu%s) %s(PART_PLACE(%s, %s, SHARE(%zuu))", turns->loop, turns->count,
                   l->parts, turns->more, l->kernel, turns->column, turns->row, l->parts);
    else
        write_text(w, l->shares ? "        %s(%zuu%s) %s(PART_PLACE(%s, %s, 0)" : "        %s(%zuu%s) %s(%s, %s",
                   turns->loop, turns->count, turns->more, l->kernel, turns->column, turns->row);
    inlined_write_arguments(w, use, l);
}
