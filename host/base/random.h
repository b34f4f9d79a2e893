/* The device's random numbers on the host: the same source text, compiled as C. */
#ifndef EPOCL_BASE_RANDOM_H
#define EPOCL_BASE_RANDOM_H

#include <stdint.h>

#define uint  uint32_t
#define ulong uint64_t
#include "../../kernels/shared/random.cl"
#undef uint
#undef ulong

#endif
