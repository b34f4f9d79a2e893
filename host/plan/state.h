/* The device's epoch_state on the host: the same source text, compiled as C. */
#ifndef EPOCL_PLAN_STATE_H
#define EPOCL_PLAN_STATE_H

#include <stdint.h>

#define uint uint32_t
#include "../../kernels/shared/state.cl"
#include "../../kernels/shared/hyper.cl"
#undef uint

_Static_assert(sizeof(epoch_state) == 22 * sizeof(uint32_t) && sizeof(hyper_values) == 19 * sizeof(uint32_t),
               "the host must lay them out as the device does");

/* Words of an epoch_state that say where it stands; the others follow from them. */
enum { POSITION_WORDS = 12 };

#endif
