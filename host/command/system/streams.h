/* Standard input, output and error: open, and what it means when nobody reads what is printed any more. */
#ifndef EPOCL_COMMAND_SYSTEM_STREAMS_H
#define EPOCL_COMMAND_SYSTEM_STREAMS_H

#include "base/status.h"

/* Before any file is opened: gives a standard stream that the process was started without a place of its own, so that
 * no file gets its number. Writing to such an output fails. */
void streams_begin(void);

/* For a command that makes more than its output: a pipe or terminal that closes does not end it, and what it prints
 * from then on goes nowhere. */
void streams_need_no_reader(void);

/* Passes on what was printed to standard output. */
void streams_flush(void);

/* The same at the end: EPOCL_ERROR_WRITE when some of it is lost, as on a full disk. */
epocl_status streams_end(void);

#endif
