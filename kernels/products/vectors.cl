#include "dropout.cl"
#include "functions.cl"
#include "steps.cl"
#include "tile_sums.cl"
/* vectors: what the blocks of matmul local have in common, whatever their shape. */

/* Inlined for certain: otherwise sums and copies would lie in memory. */
#define LOCAL_INLINE static inline __attribute__((always_inline))

DEFINE_ACTIVATIONS(float4, _vector)
DEFINE_SLOPES(float4, _vector)
DEFINE_KEPT(float4, uint4, LANES_4, _vector)
DEFINE_STEP(float4, _vector)

/* Elements (row, column .. column + 3) of a matrix; column is a multiple of 4. */
#define VECTOR(matrix, row, column, rows) ((matrix)[panel_index(row, column, rows, 0) / 4])
#define VECTORS(matrix)                   ((__global float4 *)(matrix))
#define CONST_VECTORS(matrix)             ((__global const float4 *)(matrix))

/* An item's share of an operand: `from` is its first vector for k = 0. The matrix has room for `rows` rows; a block
 * takes columns of it, if its rows are k, otherwise rows. Neighbouring items fetch along rows. */
typedef struct {
    __global const float4 *from;
    uint rows;
    bool k_is_row;
} operand;

/* Does `at` for each sum, written out where FOR_EACH_SUM() would be a long loop: Intel's compiler does not unroll that,
 * and keeps the sums in memory. */
#define AT_EACH_SUM(at)                                                                                                \
    at(0, 0) at(0, 1) at(1, 0) at(1, 1) at(2, 0) at(2, 1) at(3, 0) at(3, 1) at(4, 0) at(4, 1) at(5, 0) at(5, 1)        \
        at(6, 0) at(6, 1) at(7, 0) at(7, 1)
#define HAS_SUM(i, j) ((i) < TILE_ROWS && (j) < TILE_VECTORS)
