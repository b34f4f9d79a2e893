/* common: what every kernel file may use.
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
 * place: a kernel with one work-item for each place or, in a resident program, a function called for each. Kernels whose
 * items work together (kernels/local.cl) cannot be that.
 * Argument order: sizes, scalars, state, const inputs, outputs.
 *
 * Sums over samples. A mini-batch is summed in sections of `sum_samples`, one after the other; the sums of the sections
 * are added with compensation (W. Kahan, 1965). So the rounding error is that of one section, however many there are,
 * and a mini-batch that is one section is summed as if there were none.
 */

/* Work-items of the one work-group of a reduction. */
#ifndef REDUCE_ITEMS
#define REDUCE_ITEMS 32
#endif

#ifdef RESIDENT
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

#ifndef PANEL_WIDTH
#define PANEL_WIDTH 32 /* a power of two, at least 16, or 0 */
#endif

/* A hint that a cache line is soon needed; without effect on any result. Compilers for CPUs have it. */
#if defined(__x86_64__) || defined(__aarch64__)
#define FETCH_LINE(address) __builtin_prefetch(address)
#else
#define FETCH_LINE(address)
#endif

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

/* The sums c[rows][TILE_VECTORS] of an item of tile or local. */
#define FOR_EACH_SUM(i, j, rows)                                                                                       \
    _Pragma("unroll") for (uint i = 0; i < rows; i++) _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++)

/* activate(z, code) is a; slope(a, code) is f'(z) written in a. For every type in use. */
#define ACTIVATE_CASE(code_, name, f, df)                                                                              \
    case code_: return f;
#define SLOPE_CASE(code_, name, f, df)                                                                                 \
    case code_: return df;
#define DEFINE_ACTIVATIONS(type, suffix)                                                                               \
    static inline type activate##suffix(const type z, const uint code) {                                               \
        switch (code) { ACTIVATIONS(ACTIVATE_CASE) }                                                                   \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type slope##suffix(const type a, const uint code) {                                                  \
        switch (code) { ACTIVATIONS(SLOPE_CASE) }                                                                      \
        return a;                                                                                                      \
    }

DEFINE_ACTIVATIONS(float, )

/* cost_of_unit(z, y, code) and delta_of_unit(a, y, code), likewise. */
#define COST_CASE(code_, name, cost_, delta_)                                                                          \
    case code_: return cost_;
#define COST_DELTA_CASE(code_, name, cost_, delta_)                                                                    \
    case code_: return delta_;
#define DEFINE_COSTS(type, suffix)                                                                                     \
    static inline type cost_of_unit##suffix(const type z, const type y, const uint code) {                             \
        switch (code) { COSTS(COST_CASE) }                                                                             \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type delta_of_unit##suffix(const type a, const type y, const uint code) {                            \
        switch (code) { COSTS(COST_DELTA_CASE) }                                                                       \
        return a;                                                                                                      \
    }

/* True for NaN and infinities, by bits, so that no compiler option can optimise it away. */
static inline bool not_finite(const float x) {
    return (as_uint(x) & 0x7F800000u) == 0x7F800000u;
}
