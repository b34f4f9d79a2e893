/* Weights that are a part of an orthogonal matrix, in double precision on the host, so that every device begins with
 * the same bytes. */
#ifndef EPOCL_MODEL_ORTHOGONAL_H
#define EPOCL_MODEL_ORTHOGONAL_H

#include "model/network.h"

/* Makes the rows of a layer's weights, or the columns, whichever are fewer, orthogonal and of length `scale`, by seed
 * and the layer's number. It takes 4 n^2 N operations for n of them of length N, a third less where n is N. */
epocl_status orthogonal_weights(layer *l, uint32_t number, uint64_t seed, float scale);

#endif
