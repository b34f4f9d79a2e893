#include "device/program.h"
#include "base/environment.h"
#include "base/small_file.h"
#include "device/embedded_kernels.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What every program begins with, in this order, and what a provider's kernels share after that. */
static const char *const shared_sources[] = {"random", "activations", "heads", "optimizers", "schedules", "state",
                                             "hyper",  "common",      "sums",  "dropout",    "rates"};
static const char *const provider_sources[MATMUL_PROVIDER_COUNT] = {[MATMUL_TILE] = "tile", [MATMUL_LOCAL] = "local"};
enum { SHARED_COUNT = sizeof shared_sources / sizeof *shared_sources };
_Static_assert(SHARED_COUNT + 2 + PROGRAM_MOST_SOURCES + 1 <= PROGRAM_MOST_TEXTS, "room for all texts");

/* Right in the folder, or in its room as in the sources. */
static epocl_status read_kernel_file(const char *folder, const embedded_kernel *kernel, char **text) {
    enum { MOST_BYTES = 1 << 20 };
    char path[4096];
    size_t byte_count = 0;
    snprintf(path, sizeof path, "%s/%s/%s", folder, kernel->room, kernel->name);
    if (access(path, F_OK) != 0) snprintf(path, sizeof path, "%s/%s", folder, kernel->name);
    *text = small_file_read_at(NO_FOLDER, path, MOST_BYTES, &byte_count);
    return *text ? EPOCL_OK : fail_prefix(fail_file(path), "EPOCL_KERNEL_DIR: ");
}

static const embedded_kernel *find_kernel(const char *name) {
    const size_t length = strlen(name);
    for (size_t i = 0; i < embedded_kernel_count; i++) {
        const char *embedded = embedded_kernels[i].name;
        if (strncmp(embedded, name, length) == 0 && strcmp(embedded + length, ".cl") == 0) return &embedded_kernels[i];
    }
    return NULL;
}

/* The text of a kernel file; `*owned` is what the caller must free, or NULL. */
static epocl_status find_source(const char *name, const char **text, char **owned) {
    const char *folder = environment_folder("EPOCL_KERNEL_DIR");
    const embedded_kernel *kernel = find_kernel(name);
    *owned = NULL;
    if (!kernel) return fail(EPOCL_ERROR_ARGUMENT, "no kernel file is called '%s'", name);
    const epocl_status status = folder ? read_kernel_file(folder, kernel, owned) : EPOCL_OK;
    *text = folder ? *owned : kernel->text;
    return status;
}

enum { LOG_SHOWN = 2000 };

/* The start of a log with each line indented, as the last error wants lines that go on. */
static void indent_log(const char *log, char text[3 * LOG_SHOWN + 1]) {
    size_t used = 0;
    for (size_t i = 0; i < LOG_SHOWN && log[i] && strcmp(log + i, "\n") != 0; i++) {
        text[used++] = log[i];
        for (int space = 0; log[i] == '\n' && space < 2; space++) text[used++] = ' ';
    }
    text[used] = '\0';
}

size_t program_sources(const sequence *const *sequences, size_t sequence_count,
                       const char *sources[PROGRAM_MOST_SOURCES]) {
    size_t count = 0;
    for (size_t s = 0; s < sequence_count; s++) {
        for (size_t i = 0; i < sequences[s]->count; i++) {
            const char *source = sequences[s]->launches[i].source;
            size_t seen = 0;
            while (seen < count && strcmp(sources[seen], source) != 0) seen++;
            if (seen == count && count < PROGRAM_MOST_SOURCES && strcmp(source, "blas") != 0) sources[count++] = source;
        }
    }
    return count;
}

static epocl_status add_file(program_text *t, const char *name) {
    const epocl_status status = find_source(name, &t->texts[t->count], &t->owned[t->count]);
    if (status == EPOCL_OK) t->count++;
    return status;
}

epocl_status program_text_create(program_text *t, const plan *p, const char *const *sources, size_t source_count,
                                 const sequence *resident) {
    epocl_status status = EPOCL_OK;
    const char *provider_source = provider_sources[p->matmul.provider];
    char definition[64] = "", constant_text[CONSTANTS_TEXT_CAPACITY];
    *t = (program_text){0};
    if (p->constants.count > CONSTANTS_CAPACITY)
        return fail(EPOCL_ERROR_ARGUMENT, "a program has more than %d constants", CONSTANTS_CAPACITY);
    for (size_t i = 0; i < SHARED_COUNT; i++) TRY(add_file(t, shared_sources[i]));
    if (provider_source) TRY(add_file(t, provider_source));
    if (resident) TRY(add_file(t, "meeting"));
    for (size_t i = 0; i < source_count; i++) TRY(add_file(t, sources[i]));
    if (resident) {
        t->texts[t->count++] = resident->text;
        snprintf(definition, sizeof definition, " -DRESIDENT=%zu%s", resident->group_count,
                 resident->is_of_items ? " -DRESIDENT_ITEMS" : "");
    }
    constants_text(&p->constants, constant_text);
    snprintf(t->options, sizeof t->options, "-cl-std=CL1.2 -w%s%s", constant_text, definition);
cleanup:
    if (status != EPOCL_OK) program_text_release(t);
    return status;
}

void program_text_release(program_text *t) {
    for (size_t i = 0; i < PROGRAM_MOST_TEXTS; i++) free(t->owned[i]);
    *t = (program_text){0};
}

static epocl_status fail_build(cl_program program, const epocl_device *device, cl_int code) {
    char *log = NULL, shown[3 * LOG_SHOWN + 1];
    size_t log_bytes = 0;
    clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &log_bytes);
    if (log_bytes > 1) log = calloc(log_bytes + 1, 1);
    if (log) clGetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, log_bytes, log, NULL);
    epocl_status status = fail_opencl(code, "clBuildProgram", device->info.name);
    if (log) {
        indent_log(log, shown);
        status = fail(status, "%s\n  %s", epocl_last_error(), shown);
    }
    free(log);
    return status;
}

static epocl_status compile(const epocl_device *device, program_text *text, cl_program *program) {
    cl_int code;
    *program = clCreateProgramWithSource(device->context, (cl_uint)text->count, text->texts, NULL, &code);
    if (!*program) return fail_opencl(code, "clCreateProgramWithSource", device->info.name);
    code = clBuildProgram(*program, 1, &device->id, text->options, NULL, NULL);
    if (code == CL_SUCCESS) return EPOCL_OK;
    const epocl_status status = fail_build(*program, device, code);
    clReleaseProgram(*program);
    *program = NULL;
    return status;
}

epocl_status program_build(const epocl_device *device, const plan *p, const char *const *sources, size_t source_count,
                           const sequence *resident, cl_program *program) {
    epocl_status status = EPOCL_OK;
    program_text text;
    *program = NULL;
    TRY(program_text_create(&text, p, sources, source_count, resident));
    TRY(program_cache_find(device->programs, text.texts, text.count, text.options, program));
    if (*program) goto cleanup;
    TRY(compile(device, &text, program));
    TRY(program_cache_keep(device->programs, text.texts, text.count, text.options, *program));
cleanup:
    program_text_release(&text);
    if (status != EPOCL_OK && *program) {
        clReleaseProgram(*program);
        *program = NULL;
    }
    return status;
}
