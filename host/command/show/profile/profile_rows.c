#include "command/show/profile/profile_rows.h"

#include "base/checked.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double launch_seconds(const epocl_profile_launch *launch) {
    return fmax(0.0, launch->end - launch->start);
}

epocl_status launch_profile_read(const epocl_trainer *trainer, launch_profile *profile) {
    epocl_status status = EPOCL_OK;
    epocl_profile of;
    epocl_profile_launch *launches = NULL;
    *profile = (launch_profile){0};
    TRY(epocl_trainer_profile(trainer, &of));
    TRY(allocate(of.launch_count, sizeof *launches, "a profile", &launches));
    for (size_t i = 0; i < of.launch_count; i++) TRY(epocl_trainer_profile_launch(trainer, i, &launches[i]));
    *profile = (launch_profile){of.epoch, of.launch_count, of.left_out_count, launches};
    launches = NULL;
cleanup:
    free(launches);
    return status;
}

void launch_profile_release(launch_profile *profile) {
    free((void *)profile->launches);
    *profile = (launch_profile){0};
}

/* ---- summing up ---- */

static epocl_status find_row(profile_rows *summed, size_t *capacity, const epocl_profile_launch *launch,
                             profile_row **found) {
    for (size_t i = 0; i < summed->row_count; i++) {
        profile_row *row = &summed->rows[i];
        *found = row;
        if (strcmp(row->detail, launch->detail) == 0 && strcmp(row->kernel, launch->kernel) == 0 &&
            strcmp(row->pass, launch->pass) == 0)
            return EPOCL_OK;
    }
    if (summed->row_count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 32;
        profile_row *grown = realloc(summed->rows, *capacity * sizeof *grown);
        if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the table of a profile");
        summed->rows = grown;
    }
    *found = &summed->rows[summed->row_count++];
    **found = (profile_row){.pass = launch->pass, .kernel = launch->kernel, .detail = launch->detail};
    return EPOCL_OK;
}

/* Passes one by one: between them the host reads results. */
static void add_pass_times(profile_rows *summed, const launch_profile *profile) {
    double now = 0; /* no launch so far runs beyond */
    for (size_t i = 0; i < profile->launch_count; i++) {
        const epocl_profile_launch *launch = &profile->launches[i];
        if (i == 0 || strcmp(launch->pass, profile->launches[i - 1].pass) != 0) now = launch->start;
        const double end = fmax(now, launch->end);
        summed->idle_seconds += fmax(0.0, launch->start - now);
        summed->pass_seconds += end - now;
        now = end;
    }
}

static int compare_rows(const void *a, const void *b) {
    const double first = ((const profile_row *)a)->seconds, second = ((const profile_row *)b)->seconds;
    return (first < second) - (first > second);
}

epocl_status profile_rows_create(const launch_profile *profile, profile_rows *summed) {
    epocl_status status = EPOCL_OK;
    size_t capacity = 0;
    *summed = (profile_rows){0};
    for (size_t i = 0; i < profile->launch_count; i++) {
        const epocl_profile_launch *launch = &profile->launches[i];
        profile_row *row = NULL;
        TRY(find_row(summed, &capacity, launch, &row));
        row->launch_count++;
        row->seconds += launch_seconds(launch);
        row->flop += launch->flop;
        row->bytes += launch->bytes;
    }
    add_pass_times(summed, profile);
    if (summed->row_count) qsort(summed->rows, summed->row_count, sizeof *summed->rows, compare_rows);
cleanup:
    if (status != EPOCL_OK) profile_rows_release(summed);
    return status;
}

void profile_rows_release(profile_rows *summed) {
    free(summed->rows);
    *summed = (profile_rows){0};
}

/* ---- the table ---- */

/* A rate in some unit; empty where there is nothing to tell. */
static const char *rate_text(double amount, double seconds, double unit, char *text, size_t capacity) {
    *text = '\0';
    if (amount > 0 && seconds > 0) snprintf(text, capacity, "%.2f", amount / seconds / unit);
    return text;
}

static void print_row(const profile_row *row, double percent, const epocl_device_speed *speed) {
    char flop_rate[32], fraction[32] = "", byte_rate[32];
    if (speed) rate_text(row->flop, row->seconds, 0.01 * speed->fma_flop_per_second, fraction, sizeof fraction);
    fprintf(stderr, "%-6s%-16s %-34s %9zu %11.3f %6.1f %11.2f %9s %9s %8s\n", row->pass, row->kernel, row->detail,
            row->launch_count, 1e3 * row->seconds, percent * row->seconds,
            1e6 * row->seconds / (double)row->launch_count,
            rate_text(row->flop, row->seconds, 1e9, flop_rate, sizeof flop_rate), fraction,
            rate_text(row->bytes, row->seconds, 1e9, byte_rate, sizeof byte_rate));
}

void profile_rows_print(const profile_rows *summed, const launch_profile *profile, const epocl_device_speed *speed) {
    const double percent = summed->pass_seconds > 0 ? 100 / summed->pass_seconds : 0;
    fprintf(stderr, "profile of epoch %zu: %zu launch%s in %.3f ms\n", profile->epoch, profile->launch_count,
            profile->launch_count == 1 ? "" : "es", 1e3 * summed->pass_seconds);
    fprintf(stderr, "%-6s%-16s %-34s %9s %11s %6s %11s %9s %9s %8s\n", "pass", "kernel", "layer and shape", "launches",
            "total ms", "%", "mean us", "GFLOP/s", "% of peak", "GB/s");
    for (size_t i = 0; i < summed->row_count; i++) print_row(&summed->rows[i], percent, speed);
    fprintf(stderr, "%-57s %9s %11.3f %6.1f\n", "between launches, the device idle", "", 1e3 * summed->idle_seconds,
            percent * summed->idle_seconds);
    if (speed)
        fprintf(stderr, "peak of the device: %.1f GFLOP/s in multiply-adds; a copy moves %.1f GB/s\n",
                1e-9 * speed->fma_flop_per_second, 1e-9 * speed->copy_bytes_per_second);
    if (profile->left_out_count)
        fprintf(stderr, "%zu later launches of the epoch are left out\n", profile->left_out_count);
}
