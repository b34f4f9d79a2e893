#include "command/show/run_plan.h"

#include "base/checked.h"
#include "base/plural.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"

#include <stdio.h>
#include <string.h>

/* A plan at hand. */
typedef struct plan_view {
    epocl_plan_info info;
    epocl_plan_buffer *buffers;
    epocl_plan_launch *launches;
} plan_view;

static void plan_view_release(plan_view *view) {
    free(view->buffers);
    free(view->launches);
}

static epocl_status plan_view_create(const epocl_plan *plan, plan_view *view) {
    epocl_status status = EPOCL_OK;
    *view = (plan_view){.buffers = NULL};
    epocl_plan_describe(plan, &view->info);
    TRY(allocate(view->info.buffer_count, sizeof *view->buffers, "the buffers of a plan", &view->buffers));
    TRY(allocate(view->info.launch_count, sizeof *view->launches, "the launches of a plan", &view->launches));
    for (size_t i = 0; i < view->info.buffer_count; i++) TRY(epocl_plan_buffer_at(plan, i, &view->buffers[i]));
    for (size_t i = 0; i < view->info.launch_count; i++) TRY(epocl_plan_launch_at(plan, i, &view->launches[i]));
cleanup:
    return status;
}

/* Whether no buffer before this one has its purpose. */
static bool is_first_of_purpose(const plan_view *plan, size_t place) {
    for (size_t i = 0; i < place; i++)
        if (strcmp(plan->buffers[i].purpose, plan->buffers[place].purpose) == 0) return false;
    return true;
}

static uint64_t purpose_bytes(const plan_view *plan, const char *purpose) {
    uint64_t sum = 0;
    for (size_t i = 0; i < plan->info.buffer_count; i++)
        if (strcmp(plan->buffers[i].purpose, purpose) == 0) sum += plan->buffers[i].bytes;
    return sum;
}

static void print_memory(const plan_view *plan, const epocl_device_info *device) {
    char text[32], device_memory[32];
    printf("\ndevice memory                            rows    columns          bytes\n");
    for (size_t i = 0; i < plan->info.buffer_count; i++) {
        const char *purpose = plan->buffers[i].purpose;
        if (!is_first_of_purpose(plan, i)) continue;
        bytes_text(purpose_bytes(plan, purpose), text, sizeof text);
        printf("%-24s %45s\n", purpose, text);
        for (size_t j = i; j < plan->info.buffer_count; j++) {
            const epocl_plan_buffer *buffer = &plan->buffers[j];
            if (strcmp(buffer->purpose, purpose) == 0)
                printf("  %-30s %12zu %10zu %14llu\n", buffer->name, buffer->rows, buffer->columns,
                       (unsigned long long)buffer->bytes);
        }
    }
    bytes_text(plan->info.total_bytes, text, sizeof text);
    bytes_text(device->global_memory_bytes, device_memory, sizeof device_memory);
    printf("total %s of the device's %s%s\n", text, device_memory,
           plan->info.total_bytes > device->global_memory_bytes ? ": it does not fit" : "");
}

static void print_text(const plan_view *plan, const epocl_device_info *device, const epocl_network *network,
                       size_t train_count, size_t valid_count, size_t batch_size) {
    char device_name[300];
    device_text(device, device_name, sizeof device_name);
    network_print(network);
    print_line(stdout, "device         %s (%s)", device_name, device->platform_name);
    printf("plan           %s\n", plan->info.name);
    printf("data           %zu sample%s to train, %zu to validate\n", train_count, plural_s(train_count), valid_count);
    print_memory(plan, device);
    const size_t step_size = batch_size < train_count ? batch_size : train_count;
    printf("\nlaunches of one step of %zu sample%s\n", step_size, plural_s(step_size));
    for (size_t i = 0; i < plan->info.launch_count; i++) {
        const epocl_plan_launch *launch = &plan->launches[i];
        printf("%3zu  %-24s %-30s %10.3f Mflop\n", i + 1, launch->kernel, launch->detail, 1e-6 * launch->flop);
    }
}

static json_t *memory_json(const plan_view *plan, const epocl_device_info *device) {
    json_t *purposes = json_object(), *buffers = json_array();
    bool is_whole = true;
    for (size_t i = 0; i < plan->info.buffer_count; i++) {
        const epocl_plan_buffer *buffer = &plan->buffers[i];
        is_whole =
            is_whole && (!is_first_of_purpose(plan, i) ||
                         json_object_set_new(purposes, buffer->purpose,
                                             json_integer((json_int_t)purpose_bytes(plan, buffer->purpose))) == 0);
        buffers = json_appended(buffers, json_pack("{ss ss sI sI sI}",                     //
                                                   "name", buffer->name,                   //
                                                   "purpose", buffer->purpose,             //
                                                   "rows", (json_int_t)buffer->rows,       //
                                                   "columns", (json_int_t)buffer->columns, //
                                                   "bytes", (json_int_t)buffer->bytes));
    }
    if (!is_whole) {
        json_decref(purposes);
        purposes = NULL;
    }
    return json_pack("{sI sI so so}",                                         //
                     "total_bytes", (json_int_t)plan->info.total_bytes,       //
                     "device_bytes", (json_int_t)device->global_memory_bytes, //
                     "purposes", purposes,                                    //
                     "buffers", buffers);
}

static json_t *launches_json(const plan_view *plan) {
    json_t *launches = json_array();
    for (size_t i = 0; i < plan->info.launch_count; i++) {
        const epocl_plan_launch *launch = &plan->launches[i];
        launches = json_appended(launches, json_pack("{ss ss sf}", "kernel", launch->kernel, //
                                                     "detail", launch->detail, "flop", launch->flop));
    }
    return launches;
}

epocl_status run_plan_print(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                            const epocl_dataset *valid, const epocl_options *options, size_t batch_size, bool is_json) {
    epocl_status status = EPOCL_OK;
    epocl_plan *described = NULL;
    plan_view plan = {.buffers = NULL};
    epocl_device_info info;
    TRY(epocl_plan_create(device, network, train, valid, options, &described));
    TRY(plan_view_create(described, &plan));
    epocl_device_describe(device, &info);
    const size_t train_count = epocl_dataset_sample_count(train);
    const size_t valid_count = valid ? epocl_dataset_sample_count(valid) : 0;
    if (is_json)
        status = json_line_print(json_pack("{ss so so ss sI sI sI so so}",           //
                                           "event", "plan",                          //
                                           "device", json_device(&info),             //
                                           "network", json_network(network),         //
                                           "plan", plan.info.name,                   //
                                           "train_samples", (json_int_t)train_count, //
                                           "valid_samples", (json_int_t)valid_count, //
                                           "batch_size", (json_int_t)batch_size,     //
                                           "memory", memory_json(&plan, &info),      //
                                           "launches", launches_json(&plan)));
    else
        print_text(&plan, &info, network, train_count, valid_count, batch_size);
cleanup:
    plan_view_release(&plan);
    epocl_plan_release(described);
    return status;
}
