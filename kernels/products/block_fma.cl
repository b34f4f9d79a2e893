#include "block.cl"
/* block_fma: the items of a block multiply and add by themselves. An item holds rows 4 (i * ITEMS_DOWN + item_down())
 * .. + 3 and columns 4 (j * ITEMS_ACROSS + item_across()) .. + 3 of its block, so that neighbours read neighbouring
 * vectors. Names are SHAPED(). */
#if !BLOCK_TENSOR
/* The row and the column within its block of sum c[i][j] of an item. */
LOCAL_INLINE uint sum_row(const uint i) {
    return (i / 4 * ITEMS_DOWN + item_down()) * 4 + i % 4;
}
LOCAL_INLINE uint sum_column(const uint j) {
    return (j * ITEMS_ACROSS + item_across()) * 4;
}

/* An item's share of an operand's vectors from `k_first`, a multiple of BLOCK_DEPTH, on. Nothing is made of what comes:
 * that would wait for it, before the products. */
LOCAL_INLINE void block_fetch(float4 *share, const operand *a, const uint k_first, const uint depth) {
    const uint item = get_local_id(0);
    __global const float4 *from = vectors_from(a, k_first);
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint k =
            k_first + (a->k_is_row ? item / (BLOCK / 4) + v * ROWS_BETWEEN(true) : item % (BLOCK_DEPTH / 4) * 4);
        share[v] = 0.0f;
        if (k < depth) share[v] = from[v * ROWS_BETWEEN(a->k_is_row) * (PANEL_WIDTH / 4)];
    }
}

/* Puts what block_fetch() fetched into local memory, as [k][row or column of the block], with zeros from `depth` on: an
 * operand whose rows are not k is turned on this way. */
LOCAL_INLINE void block_put(__local float4 *to, const float4 *share, const operand *from, const uint k_first,
                            const uint depth) {
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint place = v * BLOCK_ITEMS + (uint)get_local_id(0);
        if (from->k_is_row) {
            to[place / (BLOCK / 4) * (BLOCK_STRIDE / 4) + place % (BLOCK / 4)] = share[v];
        } else {
            const uint k = k_first + place % (BLOCK_DEPTH / 4) * 4;
            const int4 exists = (uint4)(k, k + 1, k + 2, k + 3) < depth;
            const float4 values = select((float4)(0.0f), share[v], exists);
            __local float *column =
                (__local float *)to + place % (BLOCK_DEPTH / 4) * 4 * BLOCK_STRIDE + place / (BLOCK_DEPTH / 4);
            column[0] = values.x;
            column[BLOCK_STRIDE] = values.y;
            column[2 * BLOCK_STRIDE] = values.z;
            column[3 * BLOCK_STRIDE] = values.w;
        }
    }
}

/* c += a(:, k) b(k, :) for the BLOCK_DEPTH values of k in local memory, however they lay in global memory. */
LOCAL_INLINE void block_add_step(float4 (*c)[TILE_VECTORS], __local const float4 *a, __local const float4 *b,
                                 const bool a_is_by_k, const bool b_is_by_k) {
    _Pragma("unroll 4") for (uint k = 0; k < BLOCK_DEPTH; k++) {
        float4 a_column[TILE_ROWS / 4], b_row[TILE_VECTORS];
        _Pragma("unroll") for (uint i = 0; i < TILE_ROWS / 4; i++) {
            a_column[i] = a[k * (BLOCK_STRIDE / 4) + i * ITEMS_DOWN + item_down()];
        }
        _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
            b_row[j] = b[k * (BLOCK_STRIDE / 4) + j * ITEMS_ACROSS + item_across()];
        }
        _Pragma("unroll") for (uint i = 0; i < TILE_ROWS / 4; i++) {
            _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
                c[4 * i][j] += a_column[i].x * b_row[j];
                c[4 * i + 1][j] += a_column[i].y * b_row[j];
                c[4 * i + 2][j] += a_column[i].z * b_row[j];
                c[4 * i + 3][j] += a_column[i].w * b_row[j];
            }
        }
    }
}

/* c is as it should be. */
LOCAL_INLINE void block_settle(float4 (*c)[TILE_VECTORS]) {}
#endif
