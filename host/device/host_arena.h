/* Memory of the host for the buffers of a CPU device, which uses it as it is (CL_MEM_USE_HOST_PTR). It is asked for in
 * large pages: picking samples out of a large data set otherwise waits for the translation of addresses. */
#ifndef EPOCL_DEVICE_HOST_ARENA_H
#define EPOCL_DEVICE_HOST_ARENA_H

#include <stddef.h>

/* Bytes that every part of an arena is aligned to: more than CL_DEVICE_MEM_BASE_ADDR_ALIGN of any CPU device seen. */
enum { HOST_ARENA_ALIGNMENT = 256 };

/* At least `bytes` of memory, for free(); NULL when there is none. */
void *host_arena_allocate(size_t bytes);

#endif
