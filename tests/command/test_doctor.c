/* `epocl doctor`: on machines of all kinds, most of them made up. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "command/doctor/doctor.h"
#include "command/fixture.h"
#include "command/system/in_child.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *doctor_suite(void);

/* Whether the output holds a finding of that level and subject with `part` in its text, and `advice` in its advice. */
static bool has_finding(const json_t *lines, const char *level, const char *subject, const char *part,
                        const char *advice) {
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line) {
        const char *told_level = json_string_value(json_object_get(line, "level"));
        const char *told_subject = json_string_value(json_object_get(line, "subject"));
        const char *text = json_string_value(json_object_get(line, "text"));
        const char *told_advice = json_string_value(json_object_get(line, "advice"));
        if (told_level && told_subject && text && strcmp(told_level, level) == 0 &&
            strcmp(told_subject, subject) == 0 && strstr(text, part) &&
            (!*advice || (told_advice && strstr(told_advice, advice))))
            return true;
    }
    return false;
}

static void assert_finding(const json_t *lines, const char *level, const char *subject, const char *part,
                           const char *advice) {
    if (has_finding(lines, level, subject, part, advice)) return;
    char *all = json_dumps(lines, JSON_INDENT(1));
    ck_abort_msg("no finding '%s %s' with '%s' and '%s' in %s", level, subject, part, advice, all);
}

/* Runs the command and gives its lines. */
static json_t *examine(int status) {
    outcome ended = run("doctor", "--json");
    assert_status(&ended, status);
    json_t *lines = json_lines(ended.out);
    outcome_release(&ended);
    return lines;
}

static json_int_t last_number(const json_t *lines, const char *name) {
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    ck_assert_str_eq(json_string_value(json_object_get(last, "event")), "doctor");
    return json_integer_value(json_object_get(last, name));
}

/* ---- drivers ---- */

static void use_vendors(const char *name) {
    ck_assert_int_eq(mkdir(scratch_path(name), 0777), 0);
    ck_assert_int_eq(setenv("OCL_ICD_VENDORS", scratch_path(name), 1), 0);
}

START_TEST(a_device_that_works_is_described) {
    json_t *lines = examine(0);
    assert_finding(lines, "ok", "version", "epocl ", "");
    assert_finding(lines, "ok", "loader", "libOpenCL", "");
    assert_finding(lines, "ok", "device", "work-groups of ", "");
    assert_finding(lines, "ok", "self-test", "computes what the host computes", "");
    assert_finding(lines, "ok", "cache", "", "");
    assert_finding(lines, "ok", "choice", "commands use 0:0 ", "");
    ck_assert_int_ge(last_number(lines, "usable_devices"), 1);
    ck_assert_int_eq(last_number(lines, "problems"), 0);
    json_decref(lines);
    outcome ended = run("doctor");
    assert_status(&ended, 0);
    assert_contains(ended.out, "1 usable device");
    outcome_release(&ended);
}
END_TEST

START_TEST(it_works_without_any_platform) {
    use_vendors("none");
    json_t *lines = examine(69);
    assert_finding(lines, "problem", "drivers", "no ICD file in ", "pocl-opencl-icd");
    assert_finding(lines, "problem", "drivers", "/none (OCL_ICD_VENDORS)", "");
    assert_finding(lines, "problem", "platforms", "no OpenCL platform", "");
    assert_finding(lines, "problem", "devices", "no device", "apt install");
    ck_assert_int_eq(last_number(lines, "usable_devices"), 0);
    json_decref(lines);
    assert_refused(run("devices"), 69, "epocl doctor");
    assert_refused(run(TRAIN, "--output", "@run"), 69, "epocl doctor");
}
END_TEST

START_TEST(every_driver_is_tried) {
    static const char missing[] = "libepocl_no_such_driver.so.1\n", other[] = "libm.so.6\n", blank[] = "\n";
    use_vendors("bad");
    scratch_write("bad/missing.icd", missing, strlen(missing));
    scratch_write("bad/other.icd", other, strlen(other));
    scratch_write("bad/blank.icd", blank, strlen(blank));
    scratch_write("bad/readme", missing, strlen(missing));
    json_t *lines = examine(69);
    assert_finding(lines, "ok", "drivers", "3 ICD files", "");
    assert_finding(lines, "problem", "driver", "libepocl_no_such_driver.so.1 cannot be loaded: ", "missing.icd");
    assert_finding(lines, "problem", "driver", "cannot open shared object file", "dpkg -S");
    assert_finding(lines, "problem", "driver", "libm.so.6 is no OpenCL driver", "other.icd");
    assert_finding(lines, "problem", "driver", "blank.icd names no library", "");
    json_decref(lines);
}
END_TEST

/* The loader would wait for the pipe, so it is not asked. */
START_TEST(a_pipe_is_named_and_not_waited_for) {
    use_vendors("pipes");
    ck_assert_int_eq(mkfifo(scratch_path("pipes/waits.icd"), 0600), 0);
    json_t *lines = examine(69);
    assert_finding(lines, "problem", "driver", "waits.icd is a pipe or a device", "remove it");
    ck_assert_int_eq(last_number(lines, "problems"), 1);
    json_decref(lines);
    outcome ended = run("devices");
    assert_status(&ended, 69);
    assert_contains(ended.out, "waits.icd is a pipe or a device");
    assert_contains(ended.err, "listing the OpenCL devices would wait without end for ");
    outcome_release(&ended);
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 69, "waits.icd is a pipe or a device");
    ck_assert(!scratch_exists("run"));
    ck_assert_int_eq(setenv("OCL_ICD_VENDORS", scratch_path("pipes/waits.icd"), 1), 0);
    lines = examine(69);
    assert_finding(lines, "problem", "driver", "waits.icd is a pipe or a device", "remove it");
    json_decref(lines);
}
END_TEST

/* As a driver is hidden, for which nobody waits. */
START_TEST(a_link_to_null_is_no_pipe) {
    use_vendors("nulls");
    ck_assert_int_eq(symlink("/dev/null", scratch_path("nulls/hidden.icd")), 0);
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 69, "no OpenCL device found");
}
END_TEST

START_TEST(an_endless_icd_file_is_refused) {
    use_vendors("huge");
    scratch_write("huge/huge.icd", "x", 1);
    ck_assert_int_eq(truncate(scratch_path("huge/huge.icd"), 1 << 20), 0);
    json_t *lines = examine(69);
    assert_finding(lines, "problem", "driver", "huge.icd: is larger than", "remove it");
    json_decref(lines);
}
END_TEST

START_TEST(a_variable_that_hides_all_is_named) {
    ck_assert_int_eq(setenv("OCL_ICD_VENDORS", "libepocl_no_such_driver.so", 1), 0);
    ck_assert_int_eq(setenv("CUDA_VISIBLE_DEVICES", "", 1), 0);
    json_t *lines = examine(69);
    assert_finding(lines, "problem", "driver", "OCL_ICD_VENDORS: libepocl_no_such_driver.so", "unset");
    assert_finding(lines, "note", "variable", "CUDA_VISIBLE_DEVICES=", "unset");
    json_decref(lines);
    unsetenv("CUDA_VISIBLE_DEVICES");
}
END_TEST

START_TEST(a_choice_that_is_not_there_is_a_problem) {
    ck_assert_int_eq(setenv("EPOCL_DEVICE", "no such device", 1), 0);
    json_t *lines = examine(0);
    assert_finding(lines, "problem", "choice", "no device matches 'no such device'", "EPOCL_DEVICE");
    json_decref(lines);
}
END_TEST

/* ---- what may crash or hang ---- */

static bool crash(const char *unused, char *text, size_t capacity) {
    (void)unused, (void)text, (void)capacity;
    signal(SIGTERM, SIG_DFL);
    raise(SIGTERM);
    return true;
}

static bool hang(const char *unused, char *text, size_t capacity) {
    (void)unused, (void)text, (void)capacity;
    while (pause() != 0) {
    }
    return true;
}

static bool answer(const char *argument, char *text, size_t capacity) {
    snprintf(text, capacity, "heard %s", argument);
    return strcmp(argument, "yes") == 0;
}

START_TEST(a_child_answers_crashes_or_hangs) {
    char text[256];
    ck_assert(in_child(answer, "yes", 60, text, sizeof text));
    ck_assert_str_eq(text, "heard yes");
    ck_assert(!in_child(answer, "no", 60, text, sizeof text));
    ck_assert_str_eq(text, "heard no");
    ck_assert(!in_child(crash, "", 60, text, sizeof text));
    assert_contains(text, "crashes: ");
    ck_assert(!in_child(hang, "", 1, text, sizeof text));
    ck_assert_str_eq(text, "does not end within 1 s");
}
END_TEST

/* ---- machines that are made up ---- */

/* Makes the folders above the file `path` of the scratch folder, and the file. */
static void put_file(const char *path, const char *text) {
    char part[512];
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(scratch_path(part), 0777); /* there already, but for the first time */
        *slash = '/';
    }
    scratch_write(path, text, strlen(text));
}

#define PCI "machine/sys/bus/pci/devices/"

static void put_gpu(const char *place, const char *class, const char *vendor, const char *driver) {
    char path[512], target[256];
    snprintf(path, sizeof path, PCI "%s/class", place);
    put_file(path, class);
    snprintf(path, sizeof path, PCI "%s/vendor", place);
    put_file(path, vendor);
    snprintf(path, sizeof path, PCI "%s/device", place);
    put_file(path, "0x1234\n");
    if (!driver) return;
    snprintf(path, sizeof path, PCI "%s/driver", place);
    snprintf(target, sizeof target, "../../../../bus/pci/drivers/%s", driver);
    ck_assert_int_eq(symlink(target, scratch_path(path)), 0);
}

/* doctor_hardware() on the folder `machine`: its output as lines. */
static json_t *examine_machine(hardware *seen) {
    findings found = {.is_json = true};
    size_t byte_count = 0;
    fflush(stdout);
    const int before = dup(STDOUT_FILENO), out = open(scratch_path("told"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert(before >= 0 && out >= 0 && dup2(out, STDOUT_FILENO) >= 0);
    doctor_hardware(&found, scratch_path("machine"), seen);
    fflush(stdout);
    ck_assert(dup2(before, STDOUT_FILENO) >= 0);
    close(out);
    close(before);
    ck_assert_int_eq(found.status, EPOCL_OK);
    char *bytes = (char *)file_read(scratch_path("told"), &byte_count);
    char *text = calloc(byte_count + 1, 1);
    memcpy(text, bytes, byte_count);
    json_t *lines = json_lines(text);
    free(text);
    free(bytes);
    return lines;
}

START_TEST(gpus_of_the_bus_are_found) {
    hardware seen;
    put_gpu("0000:01:00.0", "0x030000\n", "0x10de\n", "nvidia");
    put_gpu("0000:02:00.0", "0x038000\n", "0x1002\n", NULL);
    put_gpu("0000:03:00.0", "0x020000\n", "0x8086\n", "e1000e"); /* a network card */
    put_gpu("0000:04:00.0", "0x030000\n", "0x1af4\n", "virtio-pci");
    put_file("machine/dev/nvidia0", "");
    json_t *lines = examine_machine(&seen);
    assert_finding(lines, "ok", "gpu", "NVIDIA GPU 10de:1234 at 0000:01:00.0, kernel driver nvidia", "");
    assert_finding(lines, "problem", "gpu", "AMD GPU 1002:1234 at 0000:02:00.0 has no kernel driver",
                   "firmware-amd-graphics");
    assert_finding(lines, "ok", "node", "/dev/nvidia0 can be read and written", "");
    assert_finding(lines, "problem", "node", "there is an AMD GPU but no /dev/dri/renderD*", "dmesg");
    ck_assert(!has_finding(lines, "problem", "node", "NVIDIA", ""));
    ck_assert(seen.gpu_counts[0] == 1 && seen.gpu_counts[1] == 1 && seen.gpu_counts[2] == 0 && !seen.is_container);
    json_decref(lines);
}
END_TEST

START_TEST(a_container_needs_its_gpu_passed_in) {
    static const struct {
        const char *path, *text;
    } signs[] = {
        {"machine/.dockerenv", ""},
        {"machine/run/.containerenv", ""},
        {"machine/proc/1/cgroup", "0::/\n1:name=systemd:/kubepods/pod1\n"},
    };
    hardware seen;
    put_gpu("0000:00:02.0", "0x030000\n", "0x8086\n", "i915");
    put_file(signs[_i].path, signs[_i].text);
    json_t *lines = examine_machine(&seen);
    ck_assert(seen.is_container);
    assert_finding(lines, "note", "container", strchr(signs[_i].path, '/'), "--device /dev/dri");
    assert_finding(lines, "problem", "node", "there is an Intel GPU but no",
                   "start the container with --device /dev/dri");
    json_decref(lines);
}
END_TEST

START_TEST(a_machine_without_gpu_has_no_problem) {
    hardware seen;
    put_file("machine/proc/1/cgroup", "0::/init.scope\n");
    json_t *lines = examine_machine(&seen);
    ck_assert(!seen.is_container);
    ck_assert_uint_eq(json_array_size(lines), 1);
    assert_finding(lines, "ok", "gpu", "no NVIDIA, AMD or Intel GPU", "");
    json_decref(lines);
}
END_TEST

Suite *doctor_suite(void) {
    Suite *suite = suite_create("doctor");
    TCase *doctor = tcase_create("doctor");
    tcase_add_checked_fixture(doctor, fixture_create, fixture_remove);
    tcase_add_test(doctor, a_device_that_works_is_described);
    tcase_add_test(doctor, it_works_without_any_platform);
    tcase_add_test(doctor, every_driver_is_tried);
    tcase_add_test(doctor, a_pipe_is_named_and_not_waited_for);
    tcase_add_test(doctor, a_link_to_null_is_no_pipe);
    tcase_add_test(doctor, an_endless_icd_file_is_refused);
    tcase_add_test(doctor, a_variable_that_hides_all_is_named);
    tcase_add_test(doctor, a_choice_that_is_not_there_is_a_problem);
    tcase_add_test(doctor, a_child_answers_crashes_or_hangs);
    tcase_add_test(doctor, gpus_of_the_bus_are_found);
    tcase_add_loop_test(doctor, a_container_needs_its_gpu_passed_in, 0, 3);
    tcase_add_test(doctor, a_machine_without_gpu_has_no_problem);
    suite_add_tcase(suite, doctor);
    return suite;
}
