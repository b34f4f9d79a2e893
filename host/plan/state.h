/* The device's epoch_state on the host: the same source text, compiled as C. */
#ifndef EPOCL_PLAN_STATE_H
#define EPOCL_PLAN_STATE_H

#include <stdint.h>

#define uint uint32_t
#include "../../kernels/state.cl"
#undef uint

_Static_assert(sizeof(epoch_state) == 12 * sizeof(uint32_t), "the host must lay out epoch_state as the device does");

#endif
