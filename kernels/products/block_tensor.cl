#include "block.cl"
/* block_tensor: the 32 items of a warp multiply together, by the tensor cores of NVIDIA's GPUs from capability 8.0 on:
 * mma.m16n8k8 of TF32, factors of 11 significant bits whose sums are floats (NVIDIA, PTX ISA, "Warp-level matrix
 * instructions"). Each factor is a sum of two such, x = high + low, and a product
 *     a b = low(a) high(b) + high(a) low(b) + high(a) high(b),
 * which lacks low(a) low(b), at most 2^-22 |a b|, and what `low` does not hold of a factor, at most 2^-23 of it: 8 u
 * |a b| in all, u = 2^-24 (S. Markidis and others, 2018). These sums are truncated, not rounded, so each covers
 * BLOCK_DEPTH terms, and floats add them up.
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

/* Puts what block_fetch() fetched into local memory as it lies in global memory, with zeros from `depth` on. */
LOCAL_INLINE void block_put(__local float4 *to, const float4 *share, const operand *from, const uint k_first,
                            const uint depth) {
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint place = v * BLOCK_ITEMS + (uint)get_local_id(0);
        if (from->k_is_row) {
            to[place / (BLOCK / 4) * (K_STRIDE / 4) + place % (BLOCK / 4)] = share[v];
        } else {
            const uint k = k_first + place % (BLOCK_DEPTH / 4) * 4;
            const int4 exists = (uint4)(k, k + 1, k + 2, k + 3) < depth;
            to[place / (BLOCK_DEPTH / 4) * (DEPTH_STRIDE / 4) + place % (BLOCK_DEPTH / 4)] =
                select((float4)(0.0f), share[v], exists);
        }
    }
}

/* x to 11 bits, rounded; of infinities and NaN, what is left is NaN. */
#define HIGH_BITS(x, as_bits, as_floats) as_floats((as_bits(x) + 0x1000u) & 0xffffe000u)
#if defined(__NV_CL_C_VERSION) || defined(cl_nv_pragma_unroll) || defined(__NVPTX__)
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
            a_high[i][q] = HIGH_BITS(x, as_uint, as_float);
            a_low[i][q] = x - a_high[i][q];
        }
        _Pragma("unroll") for (uint v = 0; v < 8; v++) {
            const uint j = v / 2, q = v % 2;
            const uint place = WARP_COLUMN + j / 2 * 16 + (column ^ (j % 2 * 2));
            const float x = columns[AT(b_is_by_k, place) + AT_K(b_is_by_k, k + q * 4)];
            b_high[j][q] = HIGH_BITS(x, as_uint, as_float);
            b_low[j][q] = x - b_high[j][q];
        }
        _Pragma("unroll") for (uint v = 0; v < 8; v++) {
            const uint i = v / 4, j = v % 4;
            tile_add(sums[i][j], a_low[i], b_high[j]);
            tile_add(sums[i][j], a_high[i], b_low[j]);
            tile_add(sums[i][j], a_high[i], b_high[j]);
        }
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
            const float x_high = HIGH_BITS(x, as_uint, as_float);
            const float4 high = HIGH_BITS(values, as_uint4, as_float4);
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
