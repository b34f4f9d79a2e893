#include "random.cl"
#include "state.cl"
/* shuffle: the order of the samples in this epoch, a permutation that depends on seed and epoch only;
 * with shuffled = 0 the order of the data set. Work-item: place in the order. */
__kernel void shuffle_order(const uint sample_count, const uint shuffled, __global const epoch_state *restrict state,
                            __global uint *restrict order) {
    const uint place = get_global_id(0);
    if (place >= sample_count) return;
    order[place] =
        shuffled ? random_permute(state->seed_low, state->seed_high, RANDOM_SHUFFLE, state->epoch, place, sample_count)
                 : place;
}
