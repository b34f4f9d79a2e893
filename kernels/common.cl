/* common: what every kernel file may use. It stands first in every program.
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
 * `rows` counts the rows that there is room for. With width >= columns this is a plain row-major
 * matrix of leading dimension `width`, as a BLAS wants it. Padding (rows and columns beyond the
 * matrix) may hold anything finite: no kernel lets it into a result.
 *
 * Argument order in every kernel: sizes, scalars, state, const inputs, outputs.
 */

/* Work-items of the one work-group of a reduction. */
#ifndef REDUCE_ITEMS
#define REDUCE_ITEMS 32
#endif

static inline size_t panel_index(const uint row, const uint column, const uint rows, const uint width) {
    const uint panel = column / width;
    return ((size_t)panel * rows + row) * width + (column - panel * width);
}

/* activate(z, code) is a; slope(a, code) is f'(z) written in a. For every type in use. */
#define ACTIVATE_CASE(code_, name, f, df)                                                                              \
    case code_: return f;
#define SLOPE_CASE(code_, name, f, df)                                                                                 \
    case code_: return df;
#define DEFINE_ACTIVATIONS(type, suffix)                                                                               \
    static inline type activate##suffix(const type z, const uint code) {                                                      \
        switch (code) { ACTIVATIONS(ACTIVATE_CASE) }                                                                   \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type slope##suffix(const type a, const uint code) {                                                         \
        switch (code) { ACTIVATIONS(SLOPE_CASE) }                                                                      \
        return a;                                                                                                      \
    }

DEFINE_ACTIVATIONS(float, )

/* True for NaN and infinities, by bits, so that no compiler option can optimise it away. */
static inline bool not_finite(const float x) {
    return (as_uint(x) & 0x7F800000u) == 0x7F800000u;
}
