#define _GNU_SOURCE /* memfd_create */
#include "fuzz/support/trial.h"

#include "fuzz/support/memory_peak.h"
#include "support/short_reads.h"
#include "fuzz/support/target.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Small inputs are mostly read byte by byte; large ones in about this many pieces. */
enum { PIECE_COUNT = 16 };

static uint32_t hash(const uint8_t *bytes, size_t byte_count) {
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < byte_count; i++) sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

const char *trial_begin(const uint8_t *bytes, size_t byte_count) {
    static int descriptor = -1;
    static char path[32];
    if (descriptor < 0) {
        descriptor = memfd_create("trial", MFD_CLOEXEC);
        EXPECT(descriptor >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    EXPECT(pwrite(descriptor, bytes, byte_count, 0) == (ssize_t)byte_count);
    EXPECT(ftruncate(descriptor, (off_t)byte_count) == 0);
    const uint32_t seed = hash(bytes, byte_count);
    short_reads_begin(seed % 4 == 0 ? 1 + byte_count / PIECE_COUNT : 0, seed);
    memory_peak_begin();
    return path;
}

void trial_end(size_t most_bytes) {
    const size_t peak = memory_peak_end();
    short_reads_end();
    if (peak > most_bytes) fprintf(stderr, "%zu bytes of memory were held, and %zu are allowed\n", peak, most_bytes);
    EXPECT(peak <= most_bytes);
}
