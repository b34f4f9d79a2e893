#include "command/bench_row.h"

#include "command/json_line.h"

#include <stdio.h>

void bench_row_print_head(const bench_case *measured) {
    if (measured->is_json) return;
    printf("network %s, %zu samples, batch %zu; medians of whole epochs\n\n", measured->shape, measured->sample_count,
           measured->batch_size);
    printf("%11s %9s %10s %9s %9s %9s  %s\n", "samples/s", "GFLOP/s", "us a step", "epoch s", "create s", "baseline",
           "DEVICE (PLAN)");
}

epocl_status bench_row_print(const bench_case *measured, const bench_row *row) {
    const double samples_per_second = (double)measured->sample_count / row->epoch_seconds;
    const double gflops = 1e-9 * measured->flop_per_sample * samples_per_second;
    const size_t step_count = (measured->sample_count + measured->batch_size - 1) / measured->batch_size;
    const double step_us = 1e6 * row->epoch_seconds / (double)step_count;
    const double speed = measured->baseline_epoch_seconds / row->epoch_seconds;
    if (!measured->is_json) {
        printf("%11.0f %9.2f %10.1f %9.3f %9.3f %8.2fx  %s (%s)\n", samples_per_second, gflops, step_us,
               row->epoch_seconds, row->create_seconds, speed, row->device, row->plan);
        fflush(stdout);
        return EPOCL_OK;
    }
    return json_line_print(json_pack("{ss so so ss sI sI so so so so so so}",               //
                                     "event", "bench",                                      //
                                     "device", json_text(row->device),                      //
                                     "plan", json_text(row->plan),                          //
                                     "network", measured->shape,                            //
                                     "samples", (json_int_t)measured->sample_count,         //
                                     "batch_size", (json_int_t)measured->batch_size,        //
                                     "samples_per_second", json_number(samples_per_second), //
                                     "gflops", json_number(gflops),                         //
                                     "step_us", json_number(step_us),                       //
                                     "epoch_seconds", json_number(row->epoch_seconds),      //
                                     "create_seconds", json_number(row->create_seconds),    //
                                     "times_baseline", json_number(speed)));
}

epocl_status bench_row_print_failure(const bench_case *measured, const char *device, epocl_status reason) {
    if (!measured->is_json) {
        printf("%s: %s\n", device, epocl_last_error());
        return EPOCL_OK;
    }
    return json_line_print(json_pack("{ss so ss so}", "event", "bench", "device", json_text(device), //
                                     "status", epocl_status_name(reason), "error", json_text(epocl_last_error())));
}
