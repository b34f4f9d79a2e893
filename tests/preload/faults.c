/* A library to preload (LD_PRELOAD) into epocl: it makes allocations and file operations fail, those that the program
 * makes itself and those of jansson, zlib and libdeflate on its behalf, told by the caller's address. What OpenCL, the
 * C library and others do passes.
 *
 * Variables of the environment; "N" is once, "N+" from there on, counted from 1:
 *
 *   FAULT_ALLOCATION=N   of malloc, calloc, realloc, aligned_alloc: gives NULL. json_loadb() counts as one of them, and
 *                        what it allocates passes: jansson's reader (2.14) drops characters, and can crash, when its
 *                        buffer cannot grow
 *   FAULT_WRITE=N        of what changes files (an open for writing, write, fsync, close of a file open for writing,
 *                        rename, unlink, ftruncate, mkdir, rmdir): fails with errno FAULT_ERRNO, a number (ENOSPC if
 * not set); a write does half of its work first, a close all of it. "N+" spares what removes: a full disk does, too
 *   FAULT_KILL=N         of the same: ends the process with SIGKILL, a write when half of it is done, others before
 *   FAULT_LOG=FILE       at the end of main(): "allocations N", "writes N", and a line for each operation that failed,
 *                        "failed NAME"
 *   FAULT_TRACE=FILE     gets a line for each write, fsync, rename and unlink, before it is made: "write PATH",
 *                        "fsync PATH", "from PATH" and "to PATH", "unlink PATH" */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

/* ---- Whose call it is ---- */

typedef struct span {
    uintptr_t begin, end;
} span;

enum { MOST_SPANS = 32 };
static span program_spans[MOST_SPANS]; /* code of the program and its helpers */
static size_t program_span_count;

static int add_spans(struct dl_phdr_info *object, size_t size, void *is_first) {
    bool *first = is_first;
    (void)size;
    const bool is_ours = *first || strstr(object->dlpi_name, "libjansson") || strstr(object->dlpi_name, "libz.so") ||
                         strstr(object->dlpi_name, "libdeflate");
    *first = false; /* the program comes first */
    for (size_t i = 0; is_ours && i < object->dlpi_phnum && program_span_count < MOST_SPANS; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        const uintptr_t begin = object->dlpi_addr + part->p_vaddr;
        program_spans[program_span_count++] = (span){begin, begin + part->p_memsz};
    }
    return 0;
}

static bool is_ours(const void *caller) {
    const uintptr_t address = (uintptr_t)caller;
    for (size_t i = 0; i < program_span_count; i++)
        if (address >= program_spans[i].begin && address < program_spans[i].end) return true;
    return false;
}

/* ---- Which one fails ---- */

typedef struct fault {
    unsigned long long number; /* 0: none */
    bool from_there_on;
    atomic_ullong count;
} fault;

static fault allocation_fault, write_fault;
static unsigned long long kill_number;
static int write_errno = ENOSPC;

static fault fault_from(const char *variable) {
    const char *text = getenv(variable);
    return (fault){.number = text ? strtoull(text, NULL, 10) : 0, .from_there_on = text && strchr(text, '+')};
}

enum { MOST_FAILED = 1000 };
static const char *failed[MOST_FAILED];
static atomic_size_t failed_count;

/* The number of this operation, counted. */
static unsigned long long next_number(fault *one) {
    return atomic_fetch_add(&one->count, 1) + 1;
}

static bool fails(const fault *one, unsigned long long number, const char *name) {
    if (one->number == 0 || number < one->number || (number > one->number && !one->from_there_on)) return false;
    const size_t place = atomic_fetch_add(&failed_count, 1);
    if (place < MOST_FAILED) failed[place] = name;
    return true;
}

static void tell(void) {
    const char *path = getenv("FAULT_LOG");
    FILE *log = path ? fopen(path, "w") : NULL;
    if (!log) return;
    fprintf(log, "allocations %llu\nwrites %llu\n", atomic_load(&allocation_fault.count),
            atomic_load(&write_fault.count));
    for (size_t i = 0; i < atomic_load(&failed_count) && i < MOST_FAILED; i++) fprintf(log, "failed %s\n", failed[i]);
    fclose(log);
}

static int trace_descriptor = -1;

/* A line about what a descriptor is open for, or what a path leads to from there. */
static void trace(const char *what, int descriptor, const char *path) {
    char link[32], folder[PATH_MAX] = "";
    if (trace_descriptor < 0) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    if (!path || (descriptor != AT_FDCWD && *path != '/')) {
        const ssize_t length = readlink(link, folder, sizeof folder - 1);
        folder[length < 0 ? 0 : length] = '\0';
    }
    dprintf(trace_descriptor, "%s %s%s%s\n", what, folder, *folder && path ? "/" : "", path ? path : "");
}

__attribute__((constructor)) static void begin(void) {
    bool is_first = true;
    allocation_fault = fault_from("FAULT_ALLOCATION");
    write_fault = fault_from("FAULT_WRITE");
    kill_number = fault_from("FAULT_KILL").number;
    if (getenv("FAULT_ERRNO")) write_errno = atoi(getenv("FAULT_ERRNO"));
    if (getenv("FAULT_TRACE"))
        trace_descriptor = open(getenv("FAULT_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    atexit(tell);
    dl_iterate_phdr(add_spans, &is_first); /* from here on, calls are told apart */
}

/* The function of that name that this library stands before. */
#define NEXT(name)                                                                                                     \
    static __typeof__(name) *next;                                                                                     \
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name)

/* ---- Allocations ---- */

static _Thread_local bool is_reading_json;

static bool allocation_fails(const void *caller, const char *name) {
    return !is_reading_json && is_ours(caller) && fails(&allocation_fault, next_number(&allocation_fault), name);
}

#define ALLOCATION(name, parameters, arguments)                                                                        \
    EXPORTED void *name parameters {                                                                                   \
        NEXT(name);                                                                                                    \
        if (!allocation_fails(__builtin_return_address(0), #name)) return next arguments;                              \
        errno = ENOMEM;                                                                                                \
        return NULL;                                                                                                   \
    }
ALLOCATION(malloc, (size_t bytes), (bytes))
ALLOCATION(calloc, (size_t count, size_t bytes), (count, bytes))
ALLOCATION(realloc, (void *memory, size_t bytes), (memory, bytes))
ALLOCATION(aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes))

EXPORTED json_t *json_loadb(const char *text, size_t length, size_t flags, json_error_t *error) {
    NEXT(json_loadb);
    if (allocation_fails(__builtin_return_address(0), "json_loadb")) {
        errno = ENOMEM;
        return NULL;
    }
    is_reading_json = true;
    json_t *value = next(text, length, flags, error);
    is_reading_json = false;
    return value;
}

/* ---- What changes files ---- */

/* Whether the operation that begins shall fail; does not return if it shall kill. */
static bool change_fails(const char *name) {
    const unsigned long long number = next_number(&write_fault);
    if (number == kill_number) raise(SIGKILL);
    return fails(&write_fault, number, name);
}

static bool removal_fails(const char *name) {
    const unsigned long long number = next_number(&write_fault);
    if (number == kill_number) raise(SIGKILL);
    return number == write_fault.number && fails(&write_fault, number, name);
}

static int fail_now(void) {
    errno = write_errno;
    return -1;
}

#define CHANGE(name, parameters, arguments, change_or_removal_fails, traces)                                           \
    EXPORTED int name parameters {                                                                                     \
        NEXT(name);                                                                                                    \
        if (is_ours(__builtin_return_address(0))) {                                                                    \
            if (change_or_removal_fails(#name)) return fail_now();                                                     \
            traces;                                                                                                    \
        }                                                                                                              \
        return next arguments;                                                                                         \
    }
#define TRACE_RENAME(from_folder, from, to_folder, to) trace("from", from_folder, from), trace("to", to_folder, to)
CHANGE(fsync, (int descriptor), (descriptor), change_fails, trace("fsync", descriptor, NULL))
CHANGE(rename, (const char *from, const char *to), (from, to), change_fails, TRACE_RENAME(AT_FDCWD, from, AT_FDCWD, to))
CHANGE(renameat, (int from_folder, const char *from, int to_folder, const char *to), (from_folder, from, to_folder, to),
       change_fails, TRACE_RENAME(from_folder, from, to_folder, to))
CHANGE(ftruncate, (int descriptor, off_t byte_count), (descriptor, byte_count), removal_fails, )
CHANGE(mkdir, (const char *path, mode_t mode), (path, mode), change_fails, )
CHANGE(rmdir, (const char *path), (path), removal_fails, )
CHANGE(unlink, (const char *path), (path), removal_fails, trace("unlink", AT_FDCWD, path))
CHANGE(unlinkat, (int folder, const char *path, int flags), (folder, path, flags), removal_fails,
       trace("unlink", folder, path))

static bool is_for_writing(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
}

EXPORTED int close(int descriptor) {
    NEXT(close);
    const bool counts = is_ours(__builtin_return_address(0)) && is_for_writing(fcntl(descriptor, F_GETFL));
    if (!counts || !change_fails("close")) return next(descriptor);
    next(descriptor);
    return fail_now();
}

EXPORTED int openat(int folder, const char *path, int flags, ...) {
    NEXT(openat);
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (is_ours(__builtin_return_address(0)) && is_for_writing(flags) && change_fails("openat")) return fail_now();
    return next(folder, path, flags, mode);
}

EXPORTED int open(const char *path, int flags, ...) {
    NEXT(open);
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    if (is_ours(__builtin_return_address(0)) && is_for_writing(flags) && change_fails("open")) return fail_now();
    return next(path, flags, mode);
}

EXPORTED ssize_t write(int descriptor, const void *bytes, size_t byte_count) {
    NEXT(write);
    if (!is_ours(__builtin_return_address(0))) return next(descriptor, bytes, byte_count);
    const unsigned long long number = next_number(&write_fault);
    trace("write", descriptor, NULL);
    const bool kills = number == kill_number, is_failing = fails(&write_fault, number, "write");
    if (!kills && !is_failing) return next(descriptor, bytes, byte_count);
    next(descriptor, bytes, byte_count / 2);
    if (kills) raise(SIGKILL);
    return fail_now();
}
