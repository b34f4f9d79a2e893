/* A profile summed up: a row for each kernel and layer, with what its launches took and did. */
#ifndef EPOCL_COMMAND_SHOW_PROFILE_PROFILE_ROWS_H
#define EPOCL_COMMAND_SHOW_PROFILE_PROFILE_ROWS_H

#include "base/status.h"

#include <stdbool.h>

/* An epoch's launches. */
typedef struct launch_profile {
    size_t epoch, launch_count, left_out_count; /* as epocl_profile has them */
    const epocl_profile_launch *launches;
} launch_profile;

/* The profile of the trainer's last epoch; its texts are the trainer's. */
epocl_status launch_profile_read(const epocl_trainer *trainer, launch_profile *profile);
void launch_profile_release(launch_profile *profile);

typedef struct profile_row {
    const char *pass, *kernel, *detail; /* the profile's memory */
    size_t launch_count;
    double seconds, flop, bytes; /* of all of them */
} profile_row;

typedef struct profile_rows {
    profile_row *rows; /* the longest first */
    size_t row_count;
    double pass_seconds; /* from the start of the first launch of each pass to the end of its last */
    double idle_seconds; /* of those, in which no launch ran                                       */
} profile_rows;

/* Seconds that a launch ran. */
double launch_seconds(const epocl_profile_launch *launch);

epocl_status profile_rows_create(const launch_profile *profile, profile_rows *summed);
void profile_rows_release(profile_rows *summed);

/* On standard error, as a table. `speed` is the device's; NULL where it is not known. */
void profile_rows_print(const profile_rows *summed, const launch_profile *profile, const epocl_device_speed *speed);

#endif
