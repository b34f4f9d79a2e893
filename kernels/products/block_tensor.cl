#include "block.cl"
/* block_tensor: the 32 items of a warp multiply together, by the tensor cores of NVIDIA's GPUs from capability 8.0 on:
 * mma.m16n8k8 of TF32, factors of 11 significant bits whose sums are floats (NVIDIA, PTX ISA, "Warp-level matrix
 * instructions"). Each factor is a sum of two such, x = high + low, and a product
 *     a b = low(a) high(b) + high(a) low(b) + high(a) high(b),
 * (S. Markidis and others, 2018). high(a) is rounded, high(b) is cut off, which takes an instruction less and, since
 * low(a) has either sign, is no bias. So low(a) low(b), which is left out, is at most 2^-21 |a b|; and `low`, of which
 * the cores take 11 bits, lacks at most 2^-23 of a and 3 2^-23 of b: 16 u |a b| in all, u = 2^-24. The cores truncate
 * their sums, so each covers BLOCK_DEPTH terms, and floats add them up.
 *
 * A warp makes 32 x 32 sums in tiles of 16 x 8. Of item 4 g + t of a warp (g: 0..7, t: 0..3), each tile has the sums at
 * row g and g + 8 and at columns 2 t and 2 t + 1, and takes a(g or g + 8, t or t + 4) and b(t or t + 4, g) of eight k.
 * Which column of the product is which of a tile is free: two neighbouring tiles share sixteen, so that an item's sums
 * are whole vectors, and that no two items of a warp read another word of one bank.
 *
 * Other compilers, with which the tests run, have each item compute the same sums by itself (unrolled, since PoCL
 * 3.1 computes wrong after a loop over them). Names are SHAPED(). */
#if BLOCK_TENSOR
#if TILE_ROWS != 4 || TILE_VECTORS != 2 || BLOCK % 32 || BLOCK_DEPTH % 8
#error "a warp makes 32 x 32 sums, four rows of two float4 an item"
#endif
#if defined(__NV_CL_C_VERSION) || defined(cl_nv_pragma_unroll) || defined(__NVPTX__)
#define HAS_TENSOR_CORES
#endif
#define WARP_LANE        ((uint)get_local_id(0) % 32)
#define WARP             ((uint)get_local_id(0) / 32)
#define WARP_ROW         (WARP / (BLOCK / 32) * 32) /* in the block */
#define WARP_COLUMN      (WARP % (BLOCK / 32) * 32)
#define K_STRIDE         (BLOCK + 8) /* floats from one k to the next, where rows of the operand are k */
#define AT_K(is_by_k, k) ((is_by_k) ? (k)*K_STRIDE : (k))
#define AT(is_by_k, row) ((is_by_k) ? (row) : (row)*DEPTH_STRIDE)

LOCAL_INLINE uint sum_row(const uint i) {
    return WARP_ROW + i / 2 * 16 + i % 2 * 8 + WARP_LANE / 4;
}
LOCAL_INLINE uint sum_column(const uint j) {
    return WARP_COLUMN + j * 16 + WARP_LANE % 4 * 4;
}

/* An item's share of an operand's vectors from `k_first` on: all of a step that begins below `depth`, for matrices have
 * room for whole steps. */
LOCAL_INLINE void block_fetch(float4 *share, const operand *a, const uint k_first, const uint depth) {
    __global const float4 *from = vectors_from(a, k_first);
    if (k_first >= depth) return;
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) share[v] =
        from[v * ROWS_BETWEEN(a->k_is_row) * (PANEL_WIDTH / 4)];
}

/* Where in local memory one of an item's vectors goes: as it lies in global memory. */
LOCAL_INLINE uint vector_place(const uint v, const bool k_is_row) {
    const uint place = v * BLOCK_ITEMS + (uint)get_local_id(0);
    return k_is_row ? place / (BLOCK / 4) * (K_STRIDE / 4) + place % (BLOCK / 4)
                    : place / (BLOCK_DEPTH / 4) * (DEPTH_STRIDE / 4) + place % (BLOCK_DEPTH / 4);
}

/* A vector whose floats are of one k or, from that on, of four, with zeros from `depth` on. */
LOCAL_INLINE float4 below_depth(const float4 values, const uint k, const bool is_of_one, const uint depth) {
    if (is_of_one) return k < depth ? values : (float4)(0.0f);
    return select((float4)(0.0f), values, (uint4)(k, k + 1, k + 2, k + 3) < depth);
}

/* Puts there what block_fetch() fetched, with zeros from `depth` on. */
LOCAL_INLINE void block_put(__local float4 *to, const float4 *share, const operand *from, const uint k_first,
                            const uint depth) {
#ifdef HAS_TENSOR_CORES /* others get no branch around what is stored */
    if (k_first + BLOCK_DEPTH <= depth) {
        _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) to[vector_place(v, from->k_is_row)] = share[v];
        return;
    }
#endif
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint place = v * BLOCK_ITEMS + (uint)get_local_id(0);
        const uint k = k_first + (from->k_is_row ? place / (BLOCK / 4) : place % (BLOCK_DEPTH / 4) * 4);
        to[vector_place(v, from->k_is_row)] = below_depth(share[v], k, from->k_is_row, depth);
    }
}

/* The first 11 bits of x, rounded or as they are; of infinities and NaN, what is left is NaN. */
#define ROUNDED_HIGH(x)             as_float((as_uint(x) + 0x1000u) & 0xffffe000u)
#define HIGH(x, as_bits, as_floats) as_floats(as_bits(x) & 0xffffe000u)
#ifdef HAS_TENSOR_CORES
/* sums += a b of a tile. */
LOCAL_INLINE void tile_add(float *sums, const float *a, const float *b) {
    __asm__("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
            "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
            : "r"(as_uint(a[0])), "r"(as_uint(a[1])), "r"(as_uint(a[2])), "r"(as_uint(a[3])), "r"(as_uint(b[0])),
              "r"(as_uint(b[1])));
}

/* Adds to c the sums of a step: c[2 i + h][j] has of row g + 8 h of tile row i what tiles 2 j and 2 j + 1 make, until
 * block_settle(). */
LOCAL_INLINE void block_add_step(float4 (*c)[TILE_VECTORS], __local const float4 *a, __local const float4 *b,
                                 const bool a_is_by_k, const bool b_is_by_k) {
    const uint g = WARP_LANE / 4, t = WARP_LANE % 4;
    const uint column = g / 2 * 4 + g % 2 + g / 4 * 2; /* of the first of two tiles; ^ 2: of the second */
    __local const float *rows = (__local const float *)a + AT(a_is_by_k, WARP_ROW + g) + AT_K(a_is_by_k, t);
    __local const float *columns = (__local const float *)b + AT_K(b_is_by_k, t);
    float sums[2][4][4];
    _Pragma("unroll") for (uint s = 0; s < 32; s++) sums[s / 16][s / 4 % 4][s % 4] = 0.0f;
    _Pragma("unroll") for (uint k = 0; k < BLOCK_DEPTH; k += 8) {
        float a_high[2][4], a_low[2][4], b_high[4][2], b_low[4][2];
        _Pragma("unroll") for (uint v = 0; v < 8; v++) {
            const uint i = v / 4, q = v % 4;
            const float x = rows[AT(a_is_by_k, i * 16 + q % 2 * 8) + AT_K(a_is_by_k, k + q / 2 * 4)];
            a_high[i][q] = ROUNDED_HIGH(x);
            a_low[i][q] = x - a_high[i][q];
        }
        _Pragma("unroll") for (uint v = 0; v < 8; v++) {
            const uint j = v / 2, q = v % 2;
            const uint place = WARP_COLUMN + j / 2 * 16 + (column ^ (j % 2 * 2));
            const float x = columns[AT(b_is_by_k, place) + AT_K(b_is_by_k, k + q * 4)];
            b_high[j][q] = HIGH(x, as_uint, as_float);
            b_low[j][q] = x - b_high[j][q];
        }
        /* The tiles in turn, none of which waits for its own last sums. */
        _Pragma("unroll") for (uint v = 0; v < 8; v++) tile_add(sums[v / 4][v % 4], a_low[v / 4], b_high[v % 4]);
        _Pragma("unroll") for (uint v = 0; v < 8; v++) tile_add(sums[v / 4][v % 4], a_high[v / 4], b_low[v % 4]);
        _Pragma("unroll") for (uint v = 0; v < 8; v++) tile_add(sums[v / 4][v % 4], a_high[v / 4], b_high[v % 4]);
    }
    _Pragma("unroll") for (uint v = 0; v < 8; v++) {
        const uint i = v / 2, j = v % 2, h = i % 2 * 2;
        c[i][j] += (float4)(sums[i / 2][2 * j][h], sums[i / 2][2 * j][h + 1], sums[i / 2][2 * j + 1][h],
                            sums[i / 2][2 * j + 1][h + 1]);
    }
}

/* Of sixteen columns, the second half of the items has those of the second tile first. */
LOCAL_INLINE void block_settle(float4 (*c)[TILE_VECTORS]) {
    const bool is_second = WARP_LANE % 4 >= 2;
    FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = is_second ? c[i][j].zwxy : c[i][j];
}
#else
LOCAL_INLINE void block_add_step(float4 (*c)[TILE_VECTORS], __local const float4 *a, __local const float4 *b,
                                 const bool a_is_by_k, const bool b_is_by_k) {
    __local const float *rows = (__local const float *)a, *columns = (__local const float *)b;
    FOR_EACH_SUM(i, j, TILE_ROWS) {
        const uint row = sum_row(i), column = sum_column(j);
        float4 sums = 0.0f;
        _Pragma("unroll 4") for (uint k = 0; k < BLOCK_DEPTH; k++) {
            const float x = rows[AT(a_is_by_k, row) + AT_K(a_is_by_k, k)];
            __local const float *y = columns + AT_K(b_is_by_k, k);
            const float4 values = {y[AT(b_is_by_k, column)], y[AT(b_is_by_k, column + 1)], y[AT(b_is_by_k, column + 2)],
                                   y[AT(b_is_by_k, column + 3)]};
            const float x_high = ROUNDED_HIGH(x);
            const float4 high = HIGH(values, as_uint4, as_float4);
            sums += (x - x_high) * high;
            sums += x_high * (values - high);
            sums += x_high * high;
        }
        c[i][j] += sums;
    }
}

LOCAL_INLINE void block_settle(float4 (*c)[TILE_VECTORS]) {}
#endif
#endif
