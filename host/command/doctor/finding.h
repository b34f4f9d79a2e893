/* What `epocl doctor` finds: one sentence each on what is, and on what to do where something is to be done. */
#ifndef EPOCL_COMMAND_DOCTOR_FINDING_H
#define EPOCL_COMMAND_DOCTOR_FINDING_H

#include "base/status.h"

#include <stdbool.h>

typedef enum finding_level { FINDING_OK, FINDING_NOTE, FINDING_PROBLEM } finding_level;

/* Where findings go: printed at once, so that they are seen even if a driver then ends the program. */
typedef struct findings {
    bool is_json;
    size_t counts[FINDING_PROBLEM + 1]; /* of each level */
    bool has_pocl;                      /* a PoCL that can be loaded was among the drivers */
    epocl_status status;                /* of the output: EPOCL_OK until a line cannot be made */
} findings;

/* Prints a finding: `subject` is one word, such as "loader"; `advice` is "" where there is nothing to do. */
__attribute__((format(printf, 5, 6))) void finding_add(findings *found, finding_level level, const char *subject,
                                                       const char *advice, const char *format, ...);

#endif
