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
    epocl_device *main;       /* of a lane: the device that it is one of, held       */
    epocl_device_info info;
    bool is_trusted;                               /* used without a self-test */
    double timeout_seconds;                        /* of one wait; 0 without; of a lane, the device's counts */
    atomic_bool is_lost;                           /* has exceeded it: wait.h; so have its lanes             */
    void (*message)(const char *text, void *user); /* hears of what takes long, or goes another way; NULL: nobody */
    void *user;
    atomic_size_t holder_count; /* who opened it, and trainers */
};

/* One holder more, who gives the device back to epocl_device_release(): the last one's ends it. From any thread. */
epocl_device *device_hold(epocl_device *device);

/* Tells `device->message`, if there is one. */
void device_say(const epocl_device *device, const char *text);

/* A lane: another handle for the same device and context, for epocl_device_release(), whose queue is not ordered with
 * the first one's. With `keeps_times`, it keeps the times of launches. */
epocl_status device_open_lane(epocl_device *device, bool keeps_times, epocl_device **lane);

/* The device that a lane is one of; else the device itself. */
static inline epocl_device *device_main(epocl_device *device) {
    return device->main ? device->main : device;
}

#endif
