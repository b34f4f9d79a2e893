/* What the program's exit status says; sysexits.h's numbers where it has one. */
#ifndef EPOCL_COMMAND_SYSTEM_EXIT_H
#define EPOCL_COMMAND_SYSTEM_EXIT_H

#include "epocl.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_RUN_TIME = 1,  /* an OpenCL call failed, or memory does not suffice */
    EXIT_USAGE = 2,     /* unknown or missing option, value out of range     */
    EXIT_DATA = 65,     /* damaged input, or data and model do not fit       */
    EXIT_NO_INPUT = 66, /* an input file cannot be opened                    */
    EXIT_DEVICE = 69,   /* no device, or none that matches                   */
    EXIT_WRONG = 70,    /* a device gives wrong results                      */
    EXIT_CREATE = 73,   /* an output file or folder cannot be created        */
    EXIT_WRITE = 74,    /* writing failed                                    */
    EXIT_STOPPED = 75,  /* by a signal; model and checkpoint are saved   */
    EXIT_DIVERGED = 76, /* the cost is not finite any more                   */
    EXIT_TIMEOUT = 124, /* the device did not answer within --timeout; timeout(1)'s number */
};

/* Ends the program with the exit status for how a command ended. After a timeout no exit handlers run, since the
 * driver's would wait for the device. */
_Noreturn void exit_with(epocl_status status);

#endif
