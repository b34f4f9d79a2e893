#include "base/plural.h"
#include "command/commands.h"
#include "command/doctor/doctor.h"
#include "command/show/json_line.h"

#include <stdio.h>
#include <sys/utsname.h>

static const option_row options[] = {OPTION_JSON, OPTION_HELP};

static void report_versions(findings *found) {
    struct utsname system;
    if (uname(&system) == 0)
        finding_add(found, FINDING_OK, "version", "", "epocl %s on %s %s, %s", epocl_version(), system.sysname,
                    system.release, system.machine);
}

static epocl_status print_end(const findings *found, size_t usable_count) {
    if (found->is_json)
        return json_line_print(json_pack("{ss sI sI sI}", "event", "doctor", "usable_devices", (json_int_t)usable_count,
                                         "problems", (json_int_t)found->counts[FINDING_PROBLEM], "notes",
                                         (json_int_t)found->counts[FINDING_NOTE]));
    printf("\n%zu usable device%s, %zu problem%s, %zu note%s\n", usable_count, plural_s(usable_count),
           found->counts[FINDING_PROBLEM], plural_s(found->counts[FINDING_PROBLEM]), found->counts[FINDING_NOTE],
           plural_s(found->counts[FINDING_NOTE]));
    fflush(stdout);
    return EPOCL_OK;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    findings found = {.is_json = given->json};
    hardware seen;
    size_t usable_count = 0;
    report_versions(&found);
    doctor_environment(&found);
    doctor_hardware(&found, "", &seen);
    const bool can_start = doctor_loader(&found);
    doctor_cache(&found);
    const epocl_status answered = can_start ? doctor_devices(&found, &seen, &usable_count) : EPOCL_OK;
    if (usable_count == 0 && can_start)
        finding_add(&found, FINDING_PROBLEM, "devices",
                    found.has_pocl
                        ? "PoCL, which makes one of the CPU, is installed: the problems above keep it from that"
                        : "PoCL makes one of the CPU: apt install pocl-opencl-icd",
                    "there is no device that epocl can use");
    TRY(found.status);
    TRY(print_end(&found, usable_count));
    if (answered != EPOCL_OK) TRY(fail(answered, "a device did not answer; the findings say which"));
    if (usable_count == 0) TRY(fail(EPOCL_ERROR_DEVICE, "no device can be used; the findings say what to do"));
cleanup:
    return status;
}

const command command_doctor = {
    .name = "doctor",
    .summary = "looks for what keeps OpenCL devices from working, and says what to do",
    .examples = {"doctor", "doctor --json"},
    .notes = "Exit status 0 when there is a device that epocl can use, 69 when there is none, 124 when one does not "
             "answer.\n"
             "Every device gets a self-test, which compiles for some seconds.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
