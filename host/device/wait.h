/* Every wait of the library for a device. Without a timeout a wait is OpenCL's own blocking call, but on a GPU, whose
 * driver may spend a core on that: there the host sleeps and looks now and then. With a timeout, the device is asked to
 * tell when it is done; when it does not in time, it is lost: the wait is EPOCL_ERROR_TIMEOUT, all later
 * ones are so at once, and nothing that the device may still read or write is freed. */
#ifndef EPOCL_DEVICE_WAIT_H
#define EPOCL_DEVICE_WAIT_H

#include "device/device.h"

#include <stdbool.h>

/* Waits for everything in `queue`; `what` names it in the error text. */
epocl_status device_finish(epocl_device *device, cl_command_queue queue, const char *what);

/* Marks what has been enqueued so far, without a wait; device_await() waits for that and releases the mark, which is
 * then NULL, as one that marks nothing may be; device_drop() releases it without a wait. */
epocl_status device_mark(epocl_device *device, cl_event *mark);
epocl_status device_await(epocl_device *device, cl_event *mark, const char *what);
void device_drop(const epocl_device *device, cl_event mark);

/* Copies between host memory and the beginning of a buffer, or what lies `offset` bytes after it, after everything in
 * the device's queue, and waits for the copy. `what` names the buffer. */
epocl_status device_read(epocl_device *device, cl_mem buffer, void *values, size_t bytes, const char *what);
epocl_status device_read_at(epocl_device *device, cl_mem buffer, size_t offset, void *values, size_t bytes,
                            const char *what);
epocl_status device_write(epocl_device *device, cl_mem buffer, const void *values, size_t bytes, const char *what);

/* The same without waiting for the copy, where there is no timeout: `values` must stay as they are until a wait for the
 * device's queue has ended, whatever fails meanwhile (device_drain()). */
epocl_status device_read_later(epocl_device *device, cl_mem buffer, void *values, size_t bytes, const char *what);
epocl_status device_write_later(epocl_device *device, cl_mem buffer, size_t offset, const void *values, size_t bytes,
                                const char *what);

/* Waits for both queues, before memory that they use is freed; false when they may still use it: the device is lost, or
 * has failed to wait. Leaves the last error as it is. */
bool device_drain(epocl_device *device);

/* Leaves memory or an OpenCL object (NULL is accepted) to a device which may still use it: it is never freed.
 * This leak is on purpose, and a leak checker finds what is left referenced. */
void device_leave(void *thing);

bool device_is_lost(const epocl_device *device);

/* Fails for a lost device, to which nothing must be given any more. */
epocl_status device_check(const epocl_device *device);

/* In a process that was forked from the one that uses OpenCL, makes the device (NULL is accepted) one that is lost. For
 * calls that cannot fail, before anything else. */
void device_notice_fork(epocl_device *device);

/* What each call of the interface that uses a device begins with: fails in such a process and for a lost device. */
epocl_status device_enter(epocl_device *device);

/* The longest that one wait may take, in seconds; 0: for ever. A lane has that of its device. */
double device_timeout(const epocl_device *device);

#endif
