#include "command/commands.h"
#include "command/doctor/doctor.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"

#include <stdio.h>
#include <stdlib.h>

static const option_row options[] = {OPTION_JSON, OPTION_HELP};

static void print_table(const epocl_device_info *infos, size_t count) {
    printf("%-5s  %-6s  %-5s  %5s  %10s  %-9s  %s\n", "INDEX", "DEVICE", "TYPE", "UNITS", "MEMORY", "SELF-TEST",
           "NAME (PLATFORM, DRIVER)");
    for (size_t i = 0; i < count; i++) {
        const epocl_device_info *info = &infos[i];
        char place[48], memory[32];
        snprintf(place, sizeof place, "%zu:%zu", info->platform, info->device);
        bytes_text(info->global_memory_bytes, memory, sizeof memory);
        print_line(stdout, "%-5zu  %-6s  %-5s  %5u  %10s  %-9s  %s (%s, %s)", info->index, place,
                   device_type_text(info->type), info->compute_units, memory, *info->self_test ? info->self_test : "-",
                   info->name, info->platform_name, info->driver_version);
        if (*info->unusable) print_line(stdout, "%-5s  unusable: %s", "", info->unusable);
    }
}

static epocl_status print_json(const epocl_device_info *info) {
    json_t *device = json_device(info);
    const char *self_test = *info->self_test ? info->self_test : NULL;
    if (device) json_object_set_new(device, "self_test", json_text(self_test));
    return json_line_print(json_event("device", device));
}

/* In place of the list: what each driver says when it is asked alone. */
static epocl_status print_drivers(const settings *given, const char *reason) {
    findings found = {.is_json = given->json};
    doctor_loader(&found);
    return fail(EPOCL_ERROR_DEVICE, "listing the OpenCL devices %s; the findings say by which driver", reason);
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    char reason[512];
    epocl_device_info *infos = NULL;
    size_t count = 0;
    if (!device_list_survives(reason, sizeof reason)) return print_drivers(given, reason);
    TRY(device_list(&infos, &count));
    if (!given->json) print_table(infos, count);
    for (size_t i = 0; i < count && given->json; i++) TRY(print_json(&infos[i]));
cleanup:
    free(infos);
    return status;
}

const command command_devices = {
    .name = "devices",
    .summary = "lists the OpenCL devices there are",
    .examples = {"devices", "devices --json"},
    .notes = "INDEX and DEVICE (platform:device) can be given to --device, and so can a part of NAME.\n"
             "Where a driver crashes, the findings of epocl doctor on drivers take the place of the list.\n"
             "SELF-TEST is what the last one said; a device is tested by itself before its first use.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
