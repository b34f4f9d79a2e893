/* A driver that crashes while OpenCL starts ends the program with a sentence instead. */
#ifndef EPOCL_COMMAND_SYSTEM_DRIVER_GUARD_H
#define EPOCL_COMMAND_SYSTEM_DRIVER_GUARD_H

/* Between these two calls, abort() and faults of memory end the process with the exit status of EPOCL_ERROR_DEVICE.
 * Handlers that a driver sets meanwhile stay. */
void driver_guard_begin(void);
void driver_guard_end(void);

#endif
