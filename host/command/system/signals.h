/* What comes between mini-batches while training: signals, and the clock. SIGINT, SIGTERM and SIGHUP ask the
 * trainer to stop after the mini-batch in progress; a second SIGINT or SIGTERM ends the process at once, as all three
 * do while there is no trainer yet. SIGUSR1, and the time of a checkpoint, ask it to stop in order to be saved and go
 * on. */
#ifndef EPOCL_COMMAND_SYSTEM_SIGNALS_H
#define EPOCL_COMMAND_SYSTEM_SIGNALS_H

#include "base/status.h"

#include <stdbool.h>

/* Keeps ignored what the process was started to ignore, as by nohup: a compiler within a driver (LLVM) catches such
 * signals, and its files are gone when it goes on. Call it before any thread is started. */
void signals_keep_ignored(void);

/* Blocks the signals in this thread, and so in every thread started later (a driver's, too), and starts the
 * thread that waits for them: call it before any OpenCL call. A signal that was ignored stays ignored. A save is asked
 * for `save_seconds` (0 for never) after the trainer is attached and after each signals_saved(). */
epocl_status signals_begin(double save_seconds);

/* The trainer to stop from now on; NULL before it is released. What was asked for before there was one holds. */
void signals_attach(epocl_trainer *trainer);

/* The same for what has a stop of its own; NULL before it is released. */
void signals_attach_any(void (*stop)(void *user), void *user);

/* Whether a signal has asked to stop; whether a signal or the clock has asked for a save that was not made yet. */
bool signals_stopped(void);
bool signals_want_save(void);

/* Asks to stop as a first SIGTERM does, which a further process of the same run has got. */
void signals_ask_to_stop(void);

/* A save begins: it answers what was asked for until now; and it has ended: the clock's next one is an interval away.
 */
void signals_saving(void);
void signals_saved(void);

/* What to do before a signal ends the process at once; NULL for nothing. It is called in another thread. */
void signals_set_last_act(void (*act)(const void *user), const void *user);

#endif
