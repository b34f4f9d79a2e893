#include "support/memory_limit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_SANITIZER
#endif

static void set_soft_limit(rlim_t bytes) {
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max ? bytes : limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

#ifdef WITH_ADDRESS_SANITIZER
void memory_limit_set(size_t byte_count) {
    (void)byte_count;
}
#else
void memory_limit_set(size_t byte_count) {
    unsigned long pages = 0;
    FILE *file = getenv("NO_MEMORY_LIMIT") ? NULL : fopen("/proc/self/statm", "r");
    if (!file) return;
    const int found = fscanf(file, "%lu", &pages);
    fclose(file);
    ck_assert_int_eq(found, 1);
    set_soft_limit((rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + byte_count);
}
#endif

void memory_limit_lift(void) {
    set_soft_limit(RLIM_INFINITY);
}
