/* The devices that the members of a sweep are spread over, each with a population: member n is one of device n modulo
 * their number. What a member computes depends on no other, so devices of one kind come to what one of them does. */
#ifndef EPOCL_COMMAND_SWEEP_SWEEP_DEVICES_H
#define EPOCL_COMMAND_SWEEP_SWEEP_DEVICES_H

#include "command/options/settings.h"

enum { SWEEP_MOST_DEVICES = 64 };

typedef struct sweep_devices {
    size_t count;
    epocl_device *devices[SWEEP_MOST_DEVICES];         /* owned */
    epocl_population *populations[SWEEP_MOST_DEVICES]; /* owned; NULL before sweep_devices_populate() */
} sweep_devices;

/* Of the devices that are asked for: every `count`th from `first` on, or one of them, where there are fewer than that.
 */
typedef struct device_share {
    size_t first, count;
} device_share;

/* Opens a share of those that --device names, one or several with commas between, each once, or of all that can be
 * used. */
epocl_status sweep_devices_open(const settings *given, device_share share, sweep_devices *d);

/* Makes the populations; members are to be added in the order of their numbers. */
epocl_status sweep_devices_populate(sweep_devices *d, size_t worker_count);

static inline epocl_population *sweep_devices_population(const sweep_devices *d, size_t number) {
    return d->populations[number % d->count];
}
static inline size_t sweep_devices_place(const sweep_devices *d, size_t number) {
    return number / d->count;
}

/* epocl_population_run() of all at the same time. `each` hears of a member by its number, one call at a time, from any
 * thread. The failure of one stops the others. */
epocl_status sweep_devices_run(sweep_devices *d, size_t epoch_count,
                               void (*each)(size_t number, const epocl_epoch_result *result, void *user), void *user);

/* From any thread, also from `each`. */
void sweep_devices_stop(const sweep_devices *d);

void sweep_devices_release(sweep_devices *d);

#endif
