#define _GNU_SOURCE /* RTLD_DEFAULT, dladdr() */

#include "base/files/small_file.h"
#include "base/plural.h"
#include "command/doctor/doctor.h"
#include "command/system/driver_files.h"
#include "command/system/in_child.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAPACITY = 4096, LOAD_SECONDS = 60 };

#define NO_DRIVER_ADVICE                                                                                               \
    "install a driver for your GPU (mesa-opencl-icd, intel-opencl-icd or nvidia-opencl-icd on Debian), or PoCL for "   \
    "the CPU: apt install pocl-opencl-icd"

/* ---- the loader ---- */

/* cl_loader_info, which the loaders in use offer as an extension: the texts by number. */
typedef int loader_info_function(unsigned what, size_t bytes, void *text, size_t *written);
enum { LOADER_VERSION = 2, LOADER_NAME = 3, LOADER_VENDOR = 4 };

/* "OpenCL ICD Loader 2.3.1 of OCL Icd free software": asking starts OpenCL, so this is for a child. */
static bool name_loader(const char *unused, char *text, size_t capacity) {
    enum { PARTS = 3, PART_CAPACITY = 256 };
    static const unsigned parts[PARTS] = {LOADER_NAME, LOADER_VERSION, LOADER_VENDOR};
    char texts[PARTS][PART_CAPACITY] = {""};
    void *(*find)(const char *) = NULL;
    loader_info_function *info = NULL;
    (void)unused;
    *(void **)&find = dlsym(RTLD_DEFAULT, "clGetExtensionFunctionAddress");
    if (find) *(void **)&info = find("clGetICDLoaderInfoOCLICD");
    if (!info) return false;
    for (size_t i = 0; i < PARTS; i++)
        if (info(parts[i], PART_CAPACITY - 1, texts[i], NULL) != 0) return false;
    snprintf(text, capacity, "%s %s of %s", texts[0], texts[1], texts[2]);
    return true;
}

/* Whether the loader is ocl-icd, whose rules for where to look differ from the Khronos loader's. */
static bool report_loader(findings *found) {
    char name[1024], path[PATH_CAPACITY] = "";
    void *entry = dlsym(RTLD_DEFAULT, "clGetPlatformIDs");
    Dl_info place;
    if (!entry || !dladdr(entry, &place) || !realpath(place.dli_fname, path)) snprintf(path, sizeof path, "unknown");
    const bool has_name = in_child(name_loader, "", LOAD_SECONDS, name, sizeof name);
    if (has_name)
        finding_add(found, FINDING_OK, "loader", "", "%s, %s", name, path);
    else if (*name)
        finding_add(found, FINDING_PROBLEM, "loader", "the driver below that does not load is the likely cause",
                    "%s: starting OpenCL %s", path, name);
    else
        finding_add(found, FINDING_NOTE, "loader", "if a driver is missing below, install ocl-icd-libopencl1",
                    "%s does not say which OpenCL loader it is; it may be a driver's own library", path);
    return strstr(name, "OCL Icd") != NULL;
}

/* ---- drivers ---- */

/* The library can be loaded, and is an OpenCL driver; the text is then where it lies. */
static bool load_driver(const char *library, char *text, size_t capacity) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        snprintf(text, capacity, "cannot be loaded: %s", dlerror());
        return false;
    }
    void *entry = dlsym(handle, "clGetExtensionFunctionAddress");
    Dl_info place;
    if (!entry) {
        snprintf(text, capacity, "is no OpenCL driver: it has no clGetExtensionFunctionAddress");
        return false;
    }
    if (dladdr(entry, &place)) snprintf(text, capacity, "%s", place.dli_fname);
    return true;
}

/* The driver's devices, with the loader told to know no other: true, and what they are. */
static bool list_driver(const char *library, char *text, size_t capacity) {
    epocl_device_info first;
    size_t count = 0;
    setenv("OCL_ICD_VENDORS", library, 1);   /* read by ocl-icd                                              */
    setenv("OCL_ICD_FILENAMES", library, 1); /* by the Khronos loader, to which the other names no folder then */
    if (epocl_devices_list(&first, 1, &count) != EPOCL_OK || count == 0)
        snprintf(text, capacity, "and alone has no device");
    else
        snprintf(text, capacity, "and alone has %zu device%s: %s%s", count, plural_s(count), first.name,
                 count > 1 ? ", ..." : "");
    return true;
}

/* What a driver that crashes needs, where that is known. */
static void advise_crash(const char *origin, const char *library, char *advice, size_t capacity) {
    const bool needs_sys = strstr(library, "pocl") && access("/sys/devices/system/cpu", R_OK) != 0;
    snprintf(advice, capacity,
             "%s%s keeps every program from its OpenCL devices: reinstall or update that driver, or take it from %s",
             needs_sys ? "PoCL needs /sys, which is not there: mount it; until then " : "", library, origin);
}

static void report_loaded(findings *found, const char *origin, const char *library, const char *place) {
    char text[2048], advice[2 * PATH_CAPACITY + 256];
    if (strstr(library, "pocl")) found->has_pocl = true;
    if (in_child(list_driver, library, LOAD_SECONDS, text, sizeof text)) {
        finding_add(found, FINDING_OK, "driver", "", "%s: %s loads, %s, %s", origin, library, place, text);
        return;
    }
    advise_crash(origin, library, advice, sizeof advice);
    finding_add(found, FINDING_PROBLEM, "driver", advice, "%s: listing the devices of %s %s", origin, library, text);
}

/* `origin` is the file or, if `is_variable`, the variable that names the library. */
static void report_library(findings *found, const char *origin, bool is_variable, const char *library) {
    char text[2048], advice[PATH_CAPACITY + 256];
    if (in_child(load_driver, library, LOAD_SECONDS, text, sizeof text)) {
        report_loaded(found, origin, library, text);
        return;
    }
    if (is_variable)
        snprintf(advice, sizeof advice, "correct or unset the variable %s", origin);
    else
        snprintf(advice, sizeof advice, "reinstall the package that %s belongs to (dpkg -S tells), or remove it",
                 origin);
    finding_add(found, FINDING_PROBLEM, "driver", advice, "%s: %s %s", origin, library, text);
}

/* An ICD file: its first line names a library. */
static void report_icd_file(findings *found, const char *path) {
    size_t byte_count = 0;
    char *line = small_file_read_at(NO_FOLDER, path, PATH_CAPACITY, &byte_count);
    if (!line) {
        fail_file(path);
        finding_add(found, FINDING_PROBLEM, "driver", "make it readable for everybody (chmod a+r), or remove it", "%s",
                    epocl_last_error());
        return;
    }
    line[strcspn(line, " \t\r\n")] = '\0';
    if (*line)
        report_library(found, path, false, line);
    else
        finding_add(found, FINDING_PROBLEM, "driver", "its first line must be a library's name; reinstall its package",
                    "%s names no library", path);
    free(line);
}

static void report_folder(findings *found, const char *folder, const char *variable) {
    struct dirent **entries = NULL;
    const int count = driver_files_list(folder, &entries);
    char origin[PATH_CAPACITY];
    snprintf(origin, sizeof origin, "%s%s%s%s", folder, variable ? " (" : "", variable ? variable : "",
             variable ? ")" : "");
    if (count < 0)
        finding_add(found, FINDING_PROBLEM, "drivers", NO_DRIVER_ADVICE, "%s, where the loader looks: %s", origin,
                    strerror(errno));
    else if (count == 0)
        finding_add(found, FINDING_PROBLEM, "drivers", NO_DRIVER_ADVICE,
                    "no ICD file in %s, where the loader looks: no OpenCL driver is installed", origin);
    else
        finding_add(found, FINDING_OK, "drivers", "", "%d ICD file%s in %s", count, count == 1 ? "" : "s", origin);
    for (int i = 0; i < count; i++) {
        char path[PATH_CAPACITY];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        report_icd_file(found, path);
        free(entries[i]);
    }
    free(entries);
}

static bool is_folder(const char *path) {
    struct stat state;
    return stat(path, &state) == 0 && S_ISDIR(state.st_mode);
}

/* OCL_ICD_VENDORS of ocl-icd may also name an ICD file, without a slash one of the folder's, or a library. */
static void report_single(findings *found, const char *name, const char *folder) {
    char path[PATH_CAPACITY];
    struct stat state;
    const size_t length = strlen(name);
    if (length < 4 || strcmp(name + length - 4, ".icd") != 0) {
        report_library(found, "OCL_ICD_VENDORS", true, name);
        return;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    report_icd_file(found, !strchr(name, '/') && stat(path, &state) == 0 ? path : name);
}

/* OCL_ICD_FILENAMES: libraries, with colons between them. */
static void report_filenames(findings *found, const char *names) {
    char library[PATH_CAPACITY];
    while (*names) {
        const size_t length = strcspn(names, ":");
        snprintf(library, sizeof library, "%.*s", (int)length, names);
        if (*library) report_library(found, "OCL_ICD_FILENAMES", true, library);
        names += length + (names[length] == ':');
    }
}

/* Whether the loader can be asked. */
static bool report_start(findings *found) {
    char path[PATH_CAPACITY];
    if (!driver_files_wait(path, sizeof path)) return true;
    finding_add(found, FINDING_PROBLEM, "driver", "remove it; until then epocl does not start OpenCL",
                "%s is a pipe or a device, for which every program that uses OpenCL would wait", path);
    return false;
}

bool doctor_loader(findings *found) {
    if (!report_start(found)) return false;
    const bool is_ocl_icd = report_loader(found);
    const char *vendors = variable_text("OCL_ICD_VENDORS"), *filenames = variable_text("OCL_ICD_FILENAMES");
    const char *vendor_path = is_ocl_icd ? variable_text("OPENCL_VENDOR_PATH") : NULL;
    const char *folder = vendor_path ? vendor_path : DRIVER_FOLDER;
    if (filenames && is_ocl_icd)
        finding_add(found, FINDING_NOTE, "drivers", "use OCL_ICD_VENDORS", "ocl-icd does not read OCL_ICD_FILENAMES");
    if (filenames && !is_ocl_icd) report_filenames(found, filenames);
    if (vendors && is_ocl_icd && !is_folder(vendors))
        report_single(found, vendors, folder);
    else if (vendors)
        report_folder(found, vendors, "OCL_ICD_VENDORS");
    else
        report_folder(found, folder, vendor_path ? "OPENCL_VENDOR_PATH" : NULL);
    return true;
}
