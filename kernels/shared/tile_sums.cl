/* tile sums: the c[rows][TILE_VECTORS] that an item of tile or local holds in registers. */
#define FOR_EACH_SUM(i, j, rows)                                                                                       \
    _Pragma("unroll") for (uint i = 0; i < rows; i++) _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++)
