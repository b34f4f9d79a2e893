#include "common.cl"
/* sums: what the plain kernels make their sums of products with.
 *
 * Parts. On a GPU (MOST_PARTS > 1) a sum of many products waits for memory most of the time, and a small network has
 * fewer sums than such a device wants items. So `parts` items share a sum: runs of RUN products go round the parts,
 * each adds up its own, and part 0 adds what the others have, in their order. A work-group of a launch is PART_COLUMNS
 * places x parts; where it is inlined, a group is as many places as there is room for. Where an item has a
 * sum for itself (`share` is 0), it does all parts, in the same order. A sum of a single part has a group of any shape.
 */
#ifndef MOST_PARTS
#define MOST_PARTS 1
#endif
#define RUN          16u /* products; divides every panel */
#define PART_COLUMNS 16u

/* From one row of a matrix of `width` columns to the next, within a panel. */
#define ROW_STRIDE(width) (PANEL_WIDTH ? PANEL_WIDTH : (width))

/* sum + x[0] y[0] + x[x_stride] y[y_stride] + ..., at most RUN products in order. Values that lie next to each other,
 * the first of them at a multiple of RUN in its panel, are read as vectors, as far as they fill some. */
static inline float add_products(float sum, __global const float *x, const size_t x_stride, __global const float *y,
                                 const size_t y_stride, const uint count) {
    const bool are_vectors = PANEL_WIDTH > 0;
    if (count == RUN && x_stride == 1 && are_vectors) {
        _Pragma("unroll") for (uint j = 0; j < RUN;
                               j += 4) { /* written out, so that many loads are on their way at once */
            const float4 four = *(__global const float4 *)(x + j);
            sum += four.x * y[j * y_stride];
            sum += four.y * y[(j + 1) * y_stride];
            sum += four.z * y[(j + 2) * y_stride];
            sum += four.w * y[(j + 3) * y_stride];
        }
        return sum;
    }
    if (count == RUN) {
        _Pragma("unroll") for (uint j = 0; j < RUN; j++) sum += x[j * x_stride] * y[j * y_stride];
        return sum;
    }
    uint j = 0;
    for (; x_stride == 1 && y_stride == 1 && are_vectors && j + 4 <= count; j += 4) {
        const float4 four = *(__global const float4 *)(x + j), other = *(__global const float4 *)(y + j);
        sum += four.x * other.x;
        sum += four.y * other.y;
        sum += four.z * other.z;
        sum += four.w * other.w;
    }
    for (; j < count; j++) sum += x[j * x_stride] * y[j * y_stride];
    return sum;
}

/* sum + x[0] + x[stride] + ..., `count` values in order. */
static inline float add_values(float sum, __global const float *x, const size_t stride, const uint count) {
    for (uint j = 0; j < count; j++) sum += x[j * stride];
    return sum;
}

/* share: places that a group shares among its items, or 0. Each part of each of them has room in part_sums. */
#if MOST_PARTS > 1 && !defined(INLINED)
#define HAS_SHARES
#define PART_ITEM
#define PART_ROW(parts) ((uint)get_global_id(1) / (parts))
#define PART_MEMORY                                                                                                    \
    __local float part_sums[MOST_PARTS * PART_COLUMNS];                                                                \
    const uint share = (uint)(parts > 1 ? get_local_size(0) : get_local_size(0) * get_local_size(1));
#elif MOST_PARTS > 1 && defined(INLINED_ITEMS) /* only a kernel declares local memory */
#define HAS_SHARES
#define PART_ITEM       ITEM const uint share, __local float *part_sums,
#define PART_ROW(parts) item_id(1)
#define PART_MEMORY
#else
#define PART_ITEM       ITEM
#define PART_ROW(parts) item_id(1)
#define PART_MEMORY     const uint share = 0;
#endif

/* An item's number in its group, its part, and the items of a group that share a place. */
static inline uint item_number(void) {
    return (uint)(get_local_id(1) * get_local_size(0) + get_local_id(0));
}
static inline uint item_part(const uint share) {
    return share ? item_number() / share : 0;
}
static inline uint part_items(const uint share) {
    return (uint)(get_local_size(0) * get_local_size(1)) / share;
}

/* What one item makes of a sum. Where it is inlined, sizes are constants: of a single run, compilers see all that there
 * is to load only if it is no loop. */
#ifdef INLINED
#define IS_ONE_RUN(begin, end) ((end) - (begin) <= RUN)
#else
#define IS_ONE_RUN(begin, end) false
#endif
#define ADD_ALL_PARTS(sum, exists, parts, begin, end, added)                                                           \
    if (IS_ONE_RUN(begin, end) && (exists)) {                                                                          \
        const float own_ = sum;                                                                                        \
        const uint i = begin, run = (end)-i;                                                                           \
        sum = added;                                                                                                   \
    }                                                                                                                  \
    for (uint part_ = 0; !IS_ONE_RUN(begin, end) && (exists) && part_ < (parts); part_++) {                            \
        float own_ = part_ == 0 ? (sum) : 0.0f;                                                                        \
        for (uint i = (begin) + part_ * RUN; i < (end); i += (parts)*RUN) {                                            \
            const uint run = min((end)-i, RUN);                                                                        \
            own_ = added;                                                                                              \
        }                                                                                                              \
        sum = part_ == 0 ? own_ : (sum) + own_;                                                                        \
    }

/* Adds to `sum` what `added` makes of own_, the sum so far, for the run of `run` values from i on, for all runs from
 * `begin` to `end`; nothing is read unless it `exists`. All items of a group come here, with the same share; afterwards
 * part 0 has the sum. */
#ifdef HAS_SHARES
#define ADD_SHARED_PARTS(sum, exists, parts, begin, end, added)                                                        \
    do {                                                                                                               \
        const uint place_ = item_number() - item_part(share) * share;                                                  \
        for (uint part_ = item_part(share); part_ < (parts); part_ += part_items(share)) {                             \
            float own_ = part_ == 0 ? (sum) : 0.0f;                                                                    \
            for (uint i = (begin) + part_ * RUN; (exists) && i < (end); i += (parts)*RUN) {                            \
                const uint run = min((end)-i, RUN);                                                                    \
                own_ = added;                                                                                          \
            }                                                                                                          \
            part_sums[part_ * share + place_] = own_;                                                                  \
        }                                                                                                              \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                  \
        if (item_part(share) == 0) {                                                                                   \
            sum = part_sums[place_];                                                                                   \
            for (uint part_ = 1; part_ < (parts); part_++) sum += part_sums[part_ * share + place_];                   \
        }                                                                                                              \
        barrier(CLK_LOCAL_MEM_FENCE);                                                                                  \
    } while (0)
#endif
#ifndef HAS_SHARES
#define ADD_PARTS ADD_ALL_PARTS
#elif !defined(INLINED)
#define ADD_PARTS ADD_SHARED_PARTS
#else
#define ADD_PARTS(sum, exists, parts, begin, end, added)                                                               \
    if (share == 0) {                                                                                                  \
        ADD_ALL_PARTS(sum, exists, parts, begin, end, added)                                                           \
    } else {                                                                                                           \
        ADD_SHARED_PARTS(sum, exists, parts, begin, end, added);                                                       \
    }
#endif
