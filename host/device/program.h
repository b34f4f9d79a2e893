/* Programs from the embedded kernel files. */
#ifndef EPOCL_DEVICE_PROGRAM_H
#define EPOCL_DEVICE_PROGRAM_H

#include "device/device.h"
#include "plan/plan.h"

/* What a compiler is given. */
enum { PROGRAM_MOST_SOURCES = 32, PROGRAM_MOST_TEXTS = PROGRAM_MOST_SOURCES + 16 };
typedef struct program_text {
    const char *texts[PROGRAM_MOST_TEXTS];
    char *owned[PROGRAM_MOST_TEXTS]; /* those of them to free, and NULL */
    size_t count;
    char options[CONSTANTS_TEXT_CAPACITY + 64];
} program_text;

/* The kernel files that sequences use, each once; their number. */
size_t program_sources(const sequence *const *sequences, size_t sequence_count,
                       const char *sources[PROGRAM_MOST_SOURCES]);

/* The named kernel files (without ".cl"), after what all files share, for the plan's tile shape. With a `resident`
 * sequence (else NULL) their operations become functions, and its text follows them. EPOCL_KERNEL_DIR in the
 * environment names a folder that is read instead of the embedded texts. */
epocl_status program_text_create(program_text *t, const plan *p, const char *const *sources, size_t source_count,
                                 const sequence *resident);
void program_text_release(program_text *t);

/* That, compiled, unless the device's programs have it already. A failed build gives the first lines of the compiler's
 * log. */
epocl_status program_build(const epocl_device *device, const plan *p, const char *const *sources, size_t source_count,
                           const sequence *resident, cl_program *program);

#endif
