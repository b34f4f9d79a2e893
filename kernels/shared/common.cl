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
 * place: a kernel with one work-item for each place or, in a resident program, a function called for each. Kernels
 * whose items work together (kernels/products/local.cl) cannot be that. Argument order: sizes, scalars, state, const
 * inputs, outputs.
 *
 * Reductions make REDUCE_ITEMS sums, which one item adds up in order: the same numbers, whoever makes them. That is a
 * work-group of as many items or, in a resident program, one item for all of them or (RESIDENT_ITEMS) the items of its
 * group.
 *
 * Sums over samples. A mini-batch is summed in sections of `sum_samples`, one after the other; the sums of the sections
 * are added with compensation (W. Kahan, 1965). So the rounding error is that of one section, however many there are,
 * and a mini-batch that is one section is summed as if there were none.
 */

/* Sums of a reduction. */
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

/* REDUCE_SUMS() declares sums, FOR_REDUCE() goes over the item's own of them; after REDUCE_MEET() all are there. */
#if defined(RESIDENT) && !defined(RESIDENT_ITEMS)
#define REDUCE_ITEM ITEM
#define REDUCE_STEP 1
#define REDUCE_MEMORY
#define REDUCE_SUMS(type, name) type name[REDUCE_ITEMS]
#define REDUCE_MEET()
#else
#define REDUCE_MEMORY __local
#define REDUCE_MEET() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#ifdef RESIDENT /* only a kernel declares local memory */
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

/* A hint that a cache line is soon needed; without effect on any result. Compilers for CPUs have it. */
#if defined(__x86_64__) || defined(__aarch64__)
#define FETCH_LINE(address) __builtin_prefetch(address)
#else
#define FETCH_LINE(address)
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

/* The sums c[rows][TILE_VECTORS] of an item of tile or local. */
#define FOR_EACH_SUM(i, j, rows)                                                                                       \
    _Pragma("unroll") for (uint i = 0; i < rows; i++) _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++)

/* What kernels/tables/activations.cl and kernels/tables/heads.cl need beside OpenCL's functions: 1 where z > 0, else 0.
 */
#define IS_POSITIVE(z) (1.0f - step(0.0f, -(z)))

/* Activations that the program is compiled with: bit CODE. Others are left out, which is faster to compile. */
#ifndef ACTIVATION_SET
#define ACTIVATION_SET 3u /* identity and sigmoid */
#endif

#define ACTIVATION_CODE(code_, name, usual, f, df) ACTIVATION_##name = code_,
enum { ACTIVATIONS(ACTIVATION_CODE) ACTIVATION_softmax };

/* activate(z, code, p) is a = f(z); slope(z, a, code, p) is f'(z). For every type in use. */
/* Cases are no statements of their own. */
/* clang-format off */
#define ACTIVATE_CASE(code_, name, usual, f, df)                                                                       \
    case code_:                                                                                                        \
        if (ACTIVATION_SET >> code_ & 1u) return f;                                                                    \
        break;
#define SLOPE_CASE(code_, name, usual, f, df)                                                                          \
    case code_:                                                                                                        \
        if (ACTIVATION_SET >> code_ & 1u) return df;                                                                   \
        break;
/* clang-format on */
#define DEFINE_ACTIVATIONS(type, suffix)                                                                               \
    static inline type activate##suffix(const type z, const uint code, const float p) {                                \
        switch (code) { ACTIVATIONS(ACTIVATE_CASE) }                                                                   \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type slope##suffix(const type z, const type a, const uint code, const float p) {                     \
        switch (code) { ACTIVATIONS(SLOPE_CASE) }                                                                      \
        return 1.0f;                                                                                                   \
    }

DEFINE_ACTIVATIONS(float, )

/* The head that the program is compiled with, the parameter of its cost, and its outputs' activation with its own;
 * parameters by their bits. TARGET_VALUES: targets are a value for each output, not the label of one. */
#ifndef HEAD
#define HEAD             0
#define HEAD_PARAMETER   0
#define OUTPUT           1
#define OUTPUT_PARAMETER 0
#endif
#ifndef TARGET_VALUES
#define TARGET_VALUES 0
#endif
#ifndef WEIGHTED
#define WEIGHTED 0 /* samples have weights */
#endif

/* output_of(z): an output unit's activation, elementwise. cost_of_unit(z, a, y, log_sum) and delta_of_unit(z, a, y,
 * log_sum) of the head. */
/* Cases are no statements of their own. */
/* clang-format off */
#define COST_CASE(code_, name, usual, output, through, cost_, delta_)                                                  \
    case code_: return cost_;
#define COST_DELTA_CASE(code_, name, usual, output, through, cost_, delta_)                                            \
    case code_: d = delta_; break;
/* clang-format on */
#define IS_THROUGH(code_, name, usual, output, through, cost_, delta_) (HEAD == code_ && through) ||
#define DEFINE_HEADS(type, suffix)                                                                                     \
    static inline type output_of##suffix(const type z) {                                                               \
        return activate##suffix(z, OUTPUT, as_float(OUTPUT_PARAMETER));                                                \
    }                                                                                                                  \
    static inline type slope_of_output##suffix(const type z, const type a) {                                           \
        return slope##suffix(z, a, OUTPUT, as_float(OUTPUT_PARAMETER));                                                \
    }                                                                                                                  \
    static inline type cost_of_unit##suffix(const type z, const type a, const type y, const type log_sum) {            \
        const float p = as_float(HEAD_PARAMETER);                                                                      \
        switch (HEAD) { HEADS(COST_CASE) }                                                                             \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type delta_of_unit##suffix(const type z, const type a, const type y, const type log_sum) {           \
        const float p = as_float(HEAD_PARAMETER);                                                                      \
        const bool through = HEADS(IS_THROUGH) false;                                                                  \
        type d = 1.0f;                                                                                                 \
        switch (HEAD) { HEADS(COST_DELTA_CASE) }                                                                       \
        return through ? d * slope_of_output##suffix(z, a) : d;                                                        \
    }

/* True for NaN and infinities, by bits, so that no compiler option can optimise it away. */
static inline bool not_finite(const float x) {
    return (as_uint(x) & 0x7F800000u) == 0x7F800000u;
}
