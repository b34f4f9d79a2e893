/* common: what most kernel files use.
 *
 * Panels. A matrix of rows x columns is stored in vertical panels of `width` columns, one after the
 * other, each panel row by row:
 *
 *     columns   0 .. width-1      width .. 2 width-1
 *             +---------------+  +---------------+       element (row, column) lies at
 *      row 0  | 0  1  2 ...   |  | rows*width ...|       ((column / width) * rows + row) * width
 *      row 1  | width ...     |  |               |           + column % width
 *             +---------------+  +---------------+
 *
 * `rows` counts the rows that there is room for; `width` is PANEL_WIDTH. With a PANEL_WIDTH of 0 every
 * matrix is one panel of its own `width`: row-major with that leading dimension, as a BLAS wants it.
 * Padding (rows and columns beyond the matrix) may hold anything finite: no kernel lets it into a result.
 *
 * Operations. What a step launches is written as OPERATION name(ITEM ...) and asks item_id(0) and item_id(1) for its
 * place: a kernel with one work-item for each place or, INLINED in a kernel that the host writes out, a function called
 * for each. In a program of INLINED_ITEMS, whose work-groups are of many items, those of a group call it together.
 * Argument order: sizes, scalars, state, const inputs, outputs.
 *
 * Reductions make REDUCE_ITEMS sums, which one item adds up in order: the same numbers, whoever makes them. That is a
 * work-group of as many items or, where it is inlined, one item for all of them or the items of its group.
 *
 * Sums over samples. A mini-batch is summed in sections of `sum_samples`, one after the other; the sums of the sections
 * are added with compensation (W. Kahan, 1965). So the rounding error is that of one section, however many there are,
 * and a mini-batch that is one section is summed as if there were none.
 */

/* Sums of a reduction. */
#ifndef REDUCE_ITEMS
#define REDUCE_ITEMS 32
#endif

#ifdef INLINED
#define OPERATION        static inline __attribute__((always_inline)) void
#define TILE_OPERATION   OPERATION
#define REDUCE_OPERATION OPERATION
#define ITEM             const uint item_0, const uint item_1,
#define item_id(d)       ((d) == 0 ? item_0 : item_1)
#else
#define OPERATION        __kernel void
#define TILE_OPERATION   __kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
#define REDUCE_OPERATION __kernel __attribute__((reqd_work_group_size(REDUCE_ITEMS, 1, 1))) void
#define ITEM
#define item_id(d) ((uint)get_global_id(d))
#endif

/* REDUCE_SUMS() declares sums, FOR_REDUCE() goes over the item's own of them; after REDUCE_MEET() all are there. */
#if defined(INLINED) && !defined(INLINED_ITEMS)
#define REDUCE_ITEM ITEM
#define REDUCE_STEP 1
#define REDUCE_MEMORY
#define REDUCE_SUMS(type, name) type name[REDUCE_ITEMS]
#define REDUCE_MEET()
#else
#define REDUCE_MEMORY __local
#define REDUCE_MEET() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#ifdef INLINED /* only a kernel declares local memory */
#define REDUCE_ITEM             ITEM __local float *float_sums, __local uint *uint_sums,
#define REDUCE_STEP             (uint) get_local_size(0)
#define REDUCE_SUMS(type, name) __local type *name = type##_sums
#else
#define REDUCE_ITEM
#define REDUCE_STEP             REDUCE_ITEMS
#define REDUCE_SUMS(type, name) __local type name[REDUCE_ITEMS]
#endif
#endif
#define FOR_REDUCE(i) for (uint i = item_id(0); i < REDUCE_ITEMS; i += REDUCE_STEP)

#ifndef PANEL_WIDTH
#define PANEL_WIDTH 32 /* a power of two, at least 16, or 0 */
#endif

/* Hints to CPUs' compilers, without effect on any result: a cache line is soon needed; the loop that follows is to take
 * four turns at once, where counting and jumping cost a tenth. */
#if defined(__x86_64__) || defined(__aarch64__)
#define FETCH_LINE(address) __builtin_prefetch(address)
#define UNROLL_FOUR         _Pragma("unroll 4")
#else
#define FETCH_LINE(address)
#define UNROLL_FOUR
#endif

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

/* The `i`th vector in global memory that begins at `p`, to read or to write, with the alignment of its values. PoCL 3
 * takes vload and vstore apart into several accesses, and a load that follows such a store waits for all of them. */
typedef uchar16 uchar16_at __attribute__((aligned(1)));
typedef float4 float4_at __attribute__((aligned(4)));
typedef float8 float8_at __attribute__((aligned(4)));
typedef float16 float16_at __attribute__((aligned(4)));
#define VECTOR_AT(type, p, i) (((__global JOIN(type, _at) *)(p))[i])

static inline size_t panel_index(const uint row, const uint column, const uint rows, const uint width) {
#if PANEL_WIDTH
    return ((size_t)(column / PANEL_WIDTH) * rows + row) * PANEL_WIDTH + column % PANEL_WIDTH;
#else
    return (size_t)row * width + column;
#endif
}

/* Where the section that begins at sample `first` ends. */
static inline uint section_end(const uint first, const uint sum_samples, const uint batch_count) {
    return batch_count - first > sum_samples ? first + sum_samples : batch_count;
}

/* sum += section, with what rounding added too much so far in `excess`; both begin at 0. */
#define ADD_SECTION(type, sum, excess, section)                                                                        \
    do {                                                                                                               \
        const type corrected_ = (section) - (excess), next_ = (sum) + corrected_;                                      \
        excess = (next_ - (sum)) - corrected_;                                                                         \
        sum = next_;                                                                                                   \
    } while (0)

/* What the tables of kernels/tables need beside OpenCL's functions: 1 where z > 0, else 0. */
#define IS_POSITIVE(z) (1.0f - step(0.0f, -(z)))

/* True for NaN and infinities, by bits, so that no compiler option can optimise it away. */
static inline bool not_finite(const float x) {
    return (as_uint(x) & 0x7F800000u) == 0x7F800000u;
}
