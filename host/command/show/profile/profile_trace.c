#include "command/show/profile/profile_trace.h"

#include "base/files/output_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/profile/profile_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of the picture: "process" and "thread" in the format's words. */
enum { DEVICE_ROW = 1, TRAIN_ROW = 1, VALID_ROW = 2 };

epocl_status profile_trace_probe(const char *path) {
    output_file *file = NULL;
    const epocl_status status = output_file_open(path, &file);
    output_file_release(file);
    return status;
}

static epocl_status write_text(output_file *file, const char *text) {
    return output_file_write(file, text, strlen(text));
}

/* `before`, then the value; drops its reference. NULL is a value that had no memory. */
static epocl_status write_json(output_file *file, const char *before, json_t *value) {
    epocl_status status = EPOCL_OK;
    char *text = value ? json_written(value, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(value);
    if (!text) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a launch of the profile");
    TRY(write_text(file, before));
    TRY(write_text(file, text));
cleanup:
    free(text);
    return status;
}

static json_t *name_json(const char *what, int row, json_t *name) {
    return json_pack("{ss ss si si s{so}}", "name", what, "ph", "M", "pid", DEVICE_ROW, "tid", row, //
                     "args", "name", name);
}

static json_t *launch_json(const epocl_profile_launch *launch, const epocl_device_speed *speed) {
    const double seconds = launch_seconds(launch), peak = speed ? speed->fma_flop_per_second : NAN;
    return json_pack("{ss ss ss si si sf sf s{ss sf sf sf so so so}}",                  //
                     "name", launch->kernel,                                            //
                     "cat", launch->pass,                                               //
                     "ph", "X",                                                         //
                     "pid", DEVICE_ROW,                                                 //
                     "tid", strcmp(launch->pass, "train") == 0 ? TRAIN_ROW : VALID_ROW, //
                     "ts", 1e6 * launch->start,                                         //
                     "dur", 1e6 * seconds,                                              //
                     "args",                                                            //
                     "detail", launch->detail,                                          //
                     "queued", 1e6 * launch->queued,                                    //
                     "flop", launch->flop,                                              //
                     "bytes", launch->bytes,                                            //
                     "gflop_per_s", json_number(1e-9 * launch->flop / seconds),         //
                     "gbyte_per_s", json_number(1e-9 * launch->bytes / seconds),        //
                     "fraction_of_peak", json_number(launch->flop / seconds / peak));
}

static json_t *origin_json(const launch_profile *profile, const epocl_device_info *device,
                           const epocl_device_speed *speed, const char *plan) {
    return json_pack("{ss so so sI sI so so}",                                                         //
                     "epocl", epocl_version(),                                                         //
                     "device", json_device(device),                                                    //
                     "plan", json_text(plan),                                                          //
                     "epoch", (json_int_t)profile->epoch,                                              //
                     "left_out", (json_int_t)profile->left_out_count,                                  //
                     "peak_gflop_per_s", json_number(speed ? 1e-9 * speed->fma_flop_per_second : NAN), //
                     "copy_gbyte_per_s", json_number(speed ? 1e-9 * speed->copy_bytes_per_second : NAN));
}

/* Launch by launch: a tree of them all would take ten times the file's size in memory. */
epocl_status profile_trace_write(const char *path, const launch_profile *profile, const epocl_device_info *device,
                                 const epocl_device_speed *speed, const char *plan) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    char device_name[300];
    device_text(device, device_name, sizeof device_name);
    TRY(output_file_open(path, &file));
    TRY(write_json(file, "{\"displayTimeUnit\":\"ns\",\"otherData\":", origin_json(profile, device, speed, plan)));
    TRY(write_json(file, ",\n\"traceEvents\":[\n", name_json("process_name", TRAIN_ROW, json_text(device_name))));
    TRY(write_json(file, ",\n", name_json("thread_name", TRAIN_ROW, json_string("train"))));
    TRY(write_json(file, ",\n", name_json("thread_name", VALID_ROW, json_string("valid"))));
    for (size_t i = 0; i < profile->launch_count; i++)
        TRY(write_json(file, ",\n", launch_json(&profile->launches[i], speed)));
    TRY(write_text(file, "\n]}\n"));
    TRY(output_file_commit(file));
cleanup:
    output_file_release(file);
    return status;
}
