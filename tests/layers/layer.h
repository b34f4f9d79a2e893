/* The parts of the OpenCL layer of the tests; layer.c says what each does and which variables rule it.
 *
 * A part is a layer of its own within the library: its function takes the table of what lies below, keeps a copy, and
 * puts its own functions in place of the entries that it changes. */
#ifndef EPOCL_TESTS_LAYER_H
#define EPOCL_TESTS_LAYER_H

#include <CL/cl_icd.h>
#include <stdbool.h>
#include <stddef.h>

typedef void *pointer; /* entries.h */

/* Each leaves the table as it is when its variables are not set; count_calls() always counts. */
void count_calls(cl_icd_dispatch *table);
void fail_calls(cl_icd_dispatch *table);
void stall_waits(cl_icd_dispatch *table);
void lower_limits(cl_icd_dispatch *table);
void fill_buffers(cl_icd_dispatch *table);
void track_objects(cl_icd_dispatch *table);

/* Writes a line to the file that LAYER_LOG names, if any. */
__attribute__((format(printf, 1, 2))) void layer_log(const char *format, ...);
bool layer_has_log(void);

/* A number from the environment; `otherwise` when the variable is not set. */
unsigned long long layer_number(const char *variable, unsigned long long otherwise);

/* Calls so far; 0 unless they are numbered. */
unsigned long long layer_call_count(void);

/* Bytes of all buffers alive; 0 unless objects are tracked. */
size_t tracked_buffer_bytes(void);

#endif
