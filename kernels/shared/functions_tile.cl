#include "functions.cl"
#include "tile.cl"
/* functions, tile: the same of a vector. */

DEFINE_ACTIVATIONS(floatv, _vector)
