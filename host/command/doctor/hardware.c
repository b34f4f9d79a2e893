/* For scandir()'s order and the names of groups. */
#define _DEFAULT_SOURCE 1

#include "base/files/small_file.h"
#include "command/doctor/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAPACITY = 4096, DISPLAY_CLASS = 0x03, ACCELERATOR_CLASS = 0x12 };

const gpu_vendor gpu_vendors[GPU_VENDOR_COUNT] = {
    {.pci_id = 0x10de,
     .name = "NVIDIA",
     .word = "nvidia",
     .nodes = "/dev/nvidia[0-9]*",
     .into_container = "--gpus all (with nvidia-container-toolkit on the host)",
     .kernel_package = "nvidia-driver",
     .opencl_advice = "apt install nvidia-opencl-icd (of Debian's non-free section)",
     .rusticl_name = "nouveau"},
    {.pci_id = 0x1002,
     .name = "AMD",
     .word = "amd",
     .nodes = "/dev/dri/renderD*",
     .into_container = "--device /dev/dri --device /dev/kfd --group-add render",
     .kernel_package = "firmware-amd-graphics",
     .opencl_advice = "apt install mesa-opencl-icd and export RUSTICL_ENABLE=radeonsi, or install ROCm's OpenCL",
     .rusticl_name = "radeonsi"},
    {.pci_id = 0x8086,
     .name = "Intel",
     .word = "intel",
     .nodes = "/dev/dri/renderD*",
     .into_container = "--device /dev/dri --group-add render",
     .kernel_package = "firmware-misc-nonfree",
     .opencl_advice = "apt install intel-opencl-icd",
     .rusticl_name = "iris"},
};

static const char *join(char path[PATH_CAPACITY], const char *root, const char *rest) {
    snprintf(path, PATH_CAPACITY, "%s%s", root, rest);
    return path;
}

/* ---- the bus ---- */

/* A file of sysfs that holds one hexadecimal number; 0 when it cannot be read. */
static unsigned long read_number(const char *folder, const char *name) {
    char path[3 * PATH_CAPACITY];
    size_t byte_count = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = small_file_read_at(NO_FOLDER, path, PATH_CAPACITY, &byte_count); /* of sysfs, a page */
    const unsigned long number = text ? strtoul(text, NULL, 16) : 0;
    free(text);
    return number;
}

static void report_pci_device(findings *found, const char *folder, const char *place, hardware *seen) {
    const unsigned long class = read_number(folder, "class") >> 16, vendor = read_number(folder, "vendor");
    char path[3 * PATH_CAPACITY], driver[PATH_CAPACITY], advice[256];
    if (class != DISPLAY_CLASS && class != ACCELERATOR_CLASS) return;
    for (size_t i = 0; i < GPU_VENDOR_COUNT; i++) {
        const gpu_vendor *v = &gpu_vendors[i];
        if (v->pci_id != vendor) continue;
        seen->gpu_counts[i]++;
        snprintf(path, sizeof path, "%s/driver", folder);
        const ssize_t length = readlink(path, driver, sizeof driver - 1);
        driver[length > 0 ? length : 0] = '\0';
        const char *name = strrchr(driver, '/') ? strrchr(driver, '/') + 1 : driver;
        snprintf(advice, sizeof advice, "install the kernel's side (Debian: %s) and look at dmesg", v->kernel_package);
        if (*name)
            finding_add(found, FINDING_OK, "gpu", "", "%s GPU %04lx:%04lx at %s, kernel driver %s", v->name, vendor,
                        read_number(folder, "device"), place, name);
        else
            finding_add(found, FINDING_PROBLEM, "gpu", advice, "%s GPU %04lx:%04lx at %s has no kernel driver", v->name,
                        vendor, read_number(folder, "device"), place);
    }
}

static void report_bus(findings *found, const char *root, hardware *seen) {
    char folder[PATH_CAPACITY], path[2 * PATH_CAPACITY];
    struct dirent **entries = NULL;
    size_t gpu_count = 0;
    const int count = scandir(join(folder, root, "/sys/bus/pci/devices"), &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        report_pci_device(found, path, entries[i]->d_name, seen);
        free(entries[i]);
    }
    free(entries);
    for (size_t i = 0; i < GPU_VENDOR_COUNT; i++) gpu_count += seen->gpu_counts[i];
    if (gpu_count == 0) finding_add(found, FINDING_OK, "gpu", "", "no NVIDIA, AMD or Intel GPU on the PCI bus");
}

/* ---- device nodes ---- */

static void report_node(findings *found, const char *path, bool is_container) {
    struct stat state;
    char advice[256] = "ask the administrator for access";
    if (access(path, R_OK | W_OK) == 0) {
        finding_add(found, FINDING_OK, "node", "", "%s can be read and written", path);
        return;
    }
    const int reason = errno;
    if (stat(path, &state) == 0 && (state.st_mode & S_IRGRP) && (state.st_mode & S_IWGRP)) {
        const struct group *group = getgrgid(state.st_gid);
        if (is_container)
            snprintf(advice, sizeof advice, "start the container with --group-add %u", (unsigned)state.st_gid);
        else if (group)
            snprintf(advice, sizeof advice, "join its group: sudo usermod -aG %s $USER, then log in again",
                     group->gr_name);
    }
    finding_add(found, FINDING_PROBLEM, "node", advice, "%s cannot be read and written: %s", path, strerror(reason));
}

/* The number of files that match a pattern; with `reports`, a finding on each. */
static size_t report_nodes(findings *found, const char *root, const char *pattern, bool is_container, bool reports) {
    char path[PATH_CAPACITY];
    glob_t matches;
    if (glob(join(path, root, pattern), 0, NULL, &matches) != 0) return 0;
    const size_t count = matches.gl_pathc;
    for (size_t i = 0; i < count && reports; i++) report_node(found, matches.gl_pathv[i], is_container);
    globfree(&matches);
    return count;
}

static void report_missing_nodes(findings *found, const char *root, const hardware *seen) {
    for (size_t i = 0; i < GPU_VENDOR_COUNT; i++) {
        const gpu_vendor *v = &gpu_vendors[i];
        char advice[256];
        if (seen->gpu_counts[i] == 0 || report_nodes(found, root, v->nodes, false, false) > 0) continue;
        if (seen->is_container)
            snprintf(advice, sizeof advice, "start the container with %s", v->into_container);
        else
            snprintf(advice, sizeof advice, "install the kernel's side (Debian: %s) and look at dmesg",
                     v->kernel_package);
        finding_add(found, FINDING_PROBLEM, "node", advice, "there is an %s GPU but no %s", v->name, v->nodes);
    }
}

/* ---- containers ---- */

/* What tells that this is a container; NULL when nothing does. */
static const char *container_sign(const char *root) {
    static const char *const files[] = {"/.dockerenv", "/run/.containerenv"};
    static const char *const words[] = {"docker", "kubepods", "containerd", "libpod", "lxc"};
    enum { MOST_BYTES = 1 << 16 };
    char path[PATH_CAPACITY];
    const char *sign = NULL;
    size_t byte_count = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (access(join(path, root, files[i]), F_OK) == 0) return files[i];
    char *groups = small_file_read_at(NO_FOLDER, join(path, root, "/proc/1/cgroup"), MOST_BYTES, &byte_count);
    for (size_t i = 0; i < sizeof words / sizeof *words && groups; i++)
        if (strstr(groups, words[i])) sign = "/proc/1/cgroup";
    free(groups);
    return sign;
}

void doctor_hardware(findings *found, const char *root, hardware *seen) {
    static const char *const patterns[] = {"/dev/dri/renderD*", "/dev/nvidia[0-9]*", "/dev/nvidiactl",
                                           "/dev/nvidia-uvm",   "/dev/kfd",          "/dev/mali*"};
    size_t node_count = 0;
    *seen = (hardware){0};
    const char *sign = container_sign(root);
    seen->is_container = sign != NULL;
    report_bus(found, root, seen);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        node_count += report_nodes(found, root, patterns[i], seen->is_container, true);
    report_missing_nodes(found, root, seen);
    if (sign)
        finding_add(found, FINDING_NOTE, "container",
                    node_count ? ""
                               : "to pass a GPU in: --gpus all for NVIDIA, --device /dev/dri for Intel and AMD, also "
                                 "--device /dev/kfd for AMD's ROCm",
                    "this is a container (%s)%s", sign, node_count ? "" : " without a GPU's device node");
}
