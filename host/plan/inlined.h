/* Launches inlined in a kernel that the host writes out as text: what the kernel takes as arguments, and the calls of
 * their operations. Resident (plan/resident) and merged kernels (plan/merged) are made of it. */
#ifndef EPOCL_PLAN_INLINED_H
#define EPOCL_PLAN_INLINED_H

#include "plan/plan.h"
#include "plan/text_writer.h"

/* What inlined launches together use, each tensor once, and what the text calls it: "t0", "t1" ... are the kernel's
 * arguments. Floats that differ from network to network, such as a rate of dropout, are settings, which follow them:
 * with them in the text, each network would have a program of its own. 0 and 1 say that there is nothing to do. */
enum { INLINED_NAME_CAPACITY = 24 };
typedef struct inlined_use {
    argument tensors[LAUNCH_MAX_ARGUMENTS];
    char names[LAUNCH_MAX_ARGUMENTS][INLINED_NAME_CAPACITY];
    size_t tensor_count;
    argument settings[LAUNCH_MAX_ARGUMENTS];
    size_t setting_count, settings_written;
} inlined_use;

/* Adds what launches use, those of one after the other; false where that is more than `capacity` arguments. */
bool inlined_collect(inlined_use *use, const launch *launches, size_t count, size_t capacity);

/* A tensor's place in `tensors`; where it has none, tensor_count. */
size_t inlined_place(const inlined_use *use, tensor_id id);

/* The kernel's parameters, each after a comma unless it is the first. A buffer that nobody writes says so: drivers
 * order the launches of several queues by what they may write. */
void inlined_write_parameters(text_writer *w, const inlined_use *use, const plan *p, bool has_others);

/* What the items of a group work with: the sums of reductions, if any, and of parts that share a place, if any do. */
void inlined_write_memory(text_writer *w, const plan *p, size_t group_items, bool reduces, bool shares);

/* Those arguments of the kernel's launch; of tensors that are made and used within it, if `hides_activations`, nothing
 * is said to be moved. */
void inlined_add_arguments(launch *k, const inlined_use *use, const plan *p, bool hides_activations);

/* Where the places of an operation are, and who takes turns at them: a loop of kernels/resident, and what it is given
 * after the number of places. */
typedef struct inlined_turns {
    const char *loop;
    char more[48];
    size_t count;
    bool is_shared; /* parts share a place         */
    char column[96], row[96];
} inlined_turns;

/* The places of a launch, row by row, for a loop that is given nothing more. */
inlined_turns inlined_turns_of(const launch *l, const char *loop, bool is_shared);

/* Those of a group that goes through a chain (plan/units.h) for its `samples` samples; `group`: the text of its number
 * among the chain's. Neighbouring items are of neighbouring places of a sample, but where the same place of several
 * reads the same. The last group's samples may be beyond the mini-batch's, as a launch's rounded up to whole groups.
 * Items that share places go along beyond the group's last: they have no sample, for the next one is another group's.
 */
inlined_turns inlined_turns_of_samples(const launch *l, const char *group, size_t samples, bool is_shared);

/* The call of a launch's operation at all of these places, as a line; of one that reduces, which has none, by itself.
 * Settings are numbered in the order of collecting: calls are written in the same. */
void inlined_write_call(text_writer *w, inlined_use *use, const launch *l, const inlined_turns *turns);

/* ", argument" for each argument of the launch, then the end of the call. */
void inlined_write_arguments(text_writer *w, inlined_use *use, const launch *l);

#endif
