/* SIGINT and SIGTERM while training: the first asks the trainer to stop after the mini-batch in progress, the
 * second ends the process at once, as both do while there is no trainer yet. */
#ifndef EPOCL_COMMAND_SIGNALS_H
#define EPOCL_COMMAND_SIGNALS_H

#include "base/status.h"

#include <stdbool.h>

/* Blocks both signals in this thread, and so in every thread started later (a driver's, too), and starts the
 * thread that waits for them: call it before any OpenCL call. A signal that was ignored stays ignored. */
epocl_status signals_begin(void);

/* The trainer to stop from now on; NULL before it is released. */
void signals_attach(epocl_trainer *trainer);

/* Whether a signal has asked to stop. */
bool signals_stopped(void);

#endif
