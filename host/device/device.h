/* An opened OpenCL device: its context and queues. */
#ifndef EPOCL_DEVICE_DEVICE_H
#define EPOCL_DEVICE_DEVICE_H

#include "device/opencl.h"
#include "device/program_cache.h"

#include <stdbool.h>
#include <stdatomic.h>

struct epocl_device {
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;   /* in order: everything but a stop                     */
    cl_command_queue control; /* carries a stop past the commands waiting in `queue` */
    program_cache *programs;  /* of the context: shared with who else uses it        */
    epocl_device_info info;
    bool is_trusted;                               /* used without a self-test */
    double timeout_seconds;                        /* of one wait; 0 without    */
    atomic_bool is_lost;                           /* has exceeded it: wait.h   */
    void (*message)(const char *text, void *user); /* hears of what takes long, or goes another way; NULL: nobody */
    void *user;
    atomic_size_t holder_count; /* who opened it, and trainers */
};

/* One holder more, who gives the device back to epocl_device_release(): the last one's ends it. From any thread. */
epocl_device *device_hold(epocl_device *device);

/* Tells `device->message`, if there is one. */
void device_say(const epocl_device *device, const char *text);

/* Another handle for the same device and context, for epocl_device_release(): its queue keeps the times of launches
 * and is not ordered with the first one's. */
epocl_status device_open_profiling(const epocl_device *device, epocl_device **profiling);

#endif
