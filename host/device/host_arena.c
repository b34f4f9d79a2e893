#define _DEFAULT_SOURCE 1 /* madvise */
#include "device/host_arena.h"
#include "base/checked.h"

#include <sys/mman.h>

enum { LARGE_PAGE = 2 * 1024 * 1024 };

void *host_arena_allocate(size_t bytes) {
    const size_t whole = round_up(bytes, LARGE_PAGE);
    void *memory = aligned_alloc(LARGE_PAGE, whole);
#ifdef MADV_HUGEPAGE
    /* A wish: without it, or where it is not granted, everything works in small pages. */
    if (memory) (void)madvise(memory, whole, MADV_HUGEPAGE);
#endif
    return memory;
}
