#include "command/bench/row.h"

#include "base/plural.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdio.h>

epocl_status bench_print_speed(bool is_json, const char *device, const epocl_device_speed *speed) {
    if (is_json)
        return json_line_print(json_pack("{ss so so so so}",                                            //
                                         "event", "device_speed",                                       //
                                         "device", json_text(device),                                   //
                                         "peak_gflops", json_number(1e-9 * speed->fma_flop_per_second), //
                                         "copy_bytes_per_second", json_number(speed->copy_bytes_per_second),
                                         "launch_us", json_number(1e6 * speed->launch_seconds)));
    print_line(stdout, "%s: peak %.1f GFLOP/s, copies %.1f GB/s, a launch %.1f us", device,
               1e-9 * speed->fma_flop_per_second, 1e-9 * speed->copy_bytes_per_second, 1e6 * speed->launch_seconds);
    fflush(stdout);
    return EPOCL_OK;
}

void bench_print_head(const bench_table *table) {
    if (table->is_json) return;
    const bench_case *measured = table->measured;
    printf("\nnetwork %s, %zu sample%s, batch %zu, recipe %s; medians of whole epochs\n\n", measured->shape,
           measured->sample_count, plural_s(measured->sample_count), measured->batch_size,
           recipe_words[measured->recipe->code]);
    printf("%11s %9s %7s %10s %9s %9s %11s  %s\n", "samples/s", "GFLOP/s", "% peak", "us a step", "launches", "epoch s",
           "vs plain C", "DEVICE (PLAN)");
}

/* A number with its unit of the table, or "-" where there is none. */
static const char *cell(char *text, size_t capacity, int decimals, double value) {
    if (isfinite(value))
        snprintf(text, capacity, "%.*f", decimals, value);
    else
        snprintf(text, capacity, "-");
    return text;
}
#define CELL(decimals, value) cell((char[32]){0}, 32, decimals, value)

/* What is not in the columns of the table. */
static void print_stages(const bench_row *row) {
    printf("%13sseconds: choice %.3f, compile %.3f, upload %.4f, first epoch %.4f, read-back %.5f\n", "", row->choice,
           row->compile, row->upload, row->first_epoch, row->read);
}

epocl_status bench_print_row(const bench_table *table, const bench_row *row, double peak) {
    const bench_case *measured = table->measured;
    const double seconds = row->epoch.median;
    const double samples_per_second = (double)measured->sample_count / seconds;
    const double gflops = 1e-9 * measured->flop_per_sample * samples_per_second;
    const double percent = peak > 0 ? 100 * 1e9 * gflops / peak : NAN;
    const double step_us = 1e6 * seconds / (double)bench_case_step_count(measured);
    const double speed = table->plain_seconds / seconds;
    if (!table->is_json) {
        print_line(stdout, "%11.0f %9.2f %7s %10.1f %9s %9.3g %10.2fx  %s (%s)", samples_per_second, gflops,
                   CELL(1, percent), step_us, CELL(2, row->launches_per_step), seconds, speed, row->device, row->plan);
        if (row->kind == BENCH_DEVICE) print_stages(row);
        fflush(stdout);
        return EPOCL_OK;
    }
    return json_line_print(
        json_pack("{ss ss so so ss ss sI sI so so so so so so so so so sI so so so so so so so so}", //
                  "event", "bench",                                                                  //
                  "kind", row->kind == BENCH_DEVICE ? "device" : "baseline",                         //
                  "device", json_text(row->device),                                                  //
                  "plan", json_text(row->plan),                                                      //
                  "network", measured->shape,                                                        //
                  "recipe", recipe_words[measured->recipe->code],                                    //
                  "samples", (json_int_t)measured->sample_count,                                     //
                  "batch_size", (json_int_t)measured->batch_size,                                    //
                  "sweep", json_text(table->sweep),                                                  //
                  "value", table->sweep ? json_integer((json_int_t)table->value) : json_null(),      //
                  "samples_per_second", json_number(samples_per_second),                             //
                  "gflops", json_number(gflops),                                                     //
                  "peak_gflops", json_number(peak > 0 ? 1e-9 * peak : NAN),                          //
                  "peak_percent", json_number(percent),                                              //
                  "step_us", json_number(step_us),                                                   //
                  "launches_per_step", json_number(row->launches_per_step),                          //
                  "times_baseline", json_number(speed),                                              //
                  "epochs", (json_int_t)row->epoch.count,                                            //
                  "epoch_seconds", json_number(seconds),                                             //
                  "epoch_seconds_min", json_number(row->epoch.least),                                //
                  "first_epoch_seconds", json_number(row->first_epoch),                              //
                  "create_seconds", json_number(row->create),                                        //
                  "choice_seconds", json_number(row->choice),                                        //
                  "compile_seconds", json_number(row->compile),                                      //
                  "upload_seconds", json_number(row->upload),                                        //
                  "read_seconds", json_number(row->read)));
}

epocl_status bench_print_failure(const bench_table *table, const char *device, epocl_status reason) {
    if (!table->is_json) {
        print_line(stdout, "%s: %s", device, epocl_last_error());
        fflush(stdout);
        return EPOCL_OK;
    }
    return json_line_print(json_pack("{ss so so so ss so}",            //
                                     "event", "bench",                 //
                                     "device", json_text(device),      //
                                     "sweep", json_text(table->sweep), //
                                     "value", table->sweep ? json_integer((json_int_t)table->value) : json_null(),
                                     "status", epocl_status_name(reason), //
                                     "error", json_text(epocl_last_error())));
}
