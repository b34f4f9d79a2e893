/* Programs from the embedded kernel files. */
#ifndef EPOCL_DEVICE_PROGRAMS_PROGRAM_H
#define EPOCL_DEVICE_PROGRAMS_PROGRAM_H

#include "device/device.h"
#include "plan/plan.h"

/* An executable has three programs, by what their texts depend on: what is around an epoch, the same for most networks
 * and so compiled once on a machine; what is made of a mini-batch, by the network's functions; and the changes of
 * parameters, by the optimiser. A sequence that is written out, resident or merged, has a program of its own, of all.
 */
typedef enum program_part {
    PROGRAM_EPOCH,
    PROGRAM_BATCH,
    PROGRAM_UPDATE,
    PROGRAM_PARTS,
    PROGRAM_WHOLE = PROGRAM_PARTS
} program_part;
program_part program_part_of(const char *source);

/* A kernel file; of matmul local, for a shape of blocks. */
enum { PROGRAM_MOST_SOURCES = 48, PROGRAM_MOST_FILES = 2 * PROGRAM_MOST_SOURCES, PROGRAM_NAME_CAPACITY = 32 };
typedef struct program_source {
    char name[PROGRAM_NAME_CAPACITY]; /* without ".cl"                               */
    block_shape shape;                /* zeros: it is the same for all, and there once */
} program_source;

/* What a compiler is given. */
typedef struct program_text {
    const char *texts[2 * PROGRAM_MOST_FILES + 1]; /* before a file of another shape, one that defines that */
    char *owned[2 * PROGRAM_MOST_FILES];           /* those of them to free, and NULL                       */
    size_t count;
    program_source files[PROGRAM_MOST_FILES];
    size_t file_count;
    block_shape shape; /* that what comes next would have */
    char options[CONSTANTS_TEXT_CAPACITY + 128];
} program_text;

/* The kernel files of a part that sequences use, each once; their number. Of PROGRAM_EPOCH all, if any is used. */
size_t program_sources(const sequence *const *sequences, size_t sequence_count, program_part part,
                       program_source sources[PROGRAM_MOST_SOURCES]);

/* The kernel files, each after those that its first lines include, with those of the plan's constants that they name;
 * those that name SHAPED (kernels/products/local.cl) once for each shape. With a `written` sequence (else NULL) their
 * operations become functions, and its text follows them. EPOCL_KERNEL_DIR in the environment names a folder that is
 * read instead of the embedded texts. */
epocl_status program_text_create(program_text *t, const plan *p, const program_source *sources, size_t source_count,
                                 const sequence *written);
void program_text_release(program_text *t);

/* That, compiled, unless the device's programs have it already. A failed build gives the first lines of the compiler's
 * log. */
epocl_status program_build(const epocl_device *device, const plan *p, const program_source *sources,
                           size_t source_count, const sequence *written, cl_program *program);

#endif
