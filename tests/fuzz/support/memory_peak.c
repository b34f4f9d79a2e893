#include "fuzz/support/memory_peak.h"

#include "fuzz/support/target.h"

#include <sanitizer/allocator_interface.h>
#include <stdbool.h>

static bool is_counting;
static long long held, peak;

/* An allocation of the other libraries' threads would be counted, too; no target starts any. */
static void count_allocation(const volatile void *memory, size_t byte_count) {
    (void)memory;
    if (!is_counting) return;
    held += (long long)byte_count;
    if (held > peak) peak = held;
}

static void count_release(const volatile void *memory) {
    if (is_counting && memory) held -= (long long)__sanitizer_get_allocated_size(memory);
}

void memory_peak_begin(void) {
    static bool is_installed;
    if (!is_installed) {
        is_installed = true;
        EXPECT(__sanitizer_install_malloc_and_free_hooks(count_allocation, count_release) != 0);
    }
    held = peak = 0;
    is_counting = true;
}

size_t memory_peak_end(void) {
    is_counting = false;
    return (size_t)peak;
}
