#include "device/programs/program.h"
#include "base/environment.h"
#include "base/files/small_file.h"
#include "device/embedded_kernels.h"
#include "plan/block.h"
#include "plan/text_writer.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The files of the program around an epoch: all of them whatever a run uses, so that its text is the same for most. */
static const program_source epoch_sources[] = {
    {.name = "initialize"}, {.name = "shuffle"}, {.name = "gather"}, {.name = "metrics"}};
enum { EPOCH_SOURCE_COUNT = sizeof epoch_sources / sizeof *epoch_sources };

/* What the names of files that change parameters begin with. */
static const char *const update_sources[] = {"update_", "step_", "norm_", "clip", "max_norm_", "average_"};
enum { UPDATE_SOURCE_COUNT = sizeof update_sources / sizeof *update_sources };

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
    *text = *owned ? *owned : kernel->text;
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

program_part program_part_of(const char *source) {
    const embedded_kernel *kernel = find_kernel(source);
    if (kernel && strcmp(kernel->room, "resident") == 0) return PROGRAM_WHOLE;
    for (size_t i = 0; i < EPOCH_SOURCE_COUNT; i++)
        if (strcmp(epoch_sources[i].name, source) == 0) return PROGRAM_EPOCH;
    for (size_t i = 0; i < UPDATE_SOURCE_COUNT; i++)
        if (strncmp(update_sources[i], source, strlen(update_sources[i])) == 0) return PROGRAM_UPDATE;
    return PROGRAM_BATCH;
}

static bool has_source(const program_source *sources, size_t count, const program_source *wanted) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(sources[i].name, wanted->name) == 0 && block_shapes_are_same(&sources[i].shape, &wanted->shape))
            return true;
    return false;
}

size_t program_sources(const sequence *const *sequences, size_t sequence_count, program_part part,
                       program_source sources[PROGRAM_MOST_SOURCES]) {
    size_t count = 0;
    for (size_t s = 0; s < sequence_count; s++) {
        for (size_t i = 0; i < sequences[s]->count; i++) {
            const launch *l = &sequences[s]->launches[i];
            program_source source = {.shape = l->shape};
            snprintf(source.name, sizeof source.name, "%s", l->source);
            if (strcmp(l->source, "blas") == 0 || (part != PROGRAM_WHOLE && program_part_of(l->source) != part))
                continue;
            if (!has_source(sources, count, &source) && count < PROGRAM_MOST_SOURCES) sources[count++] = source;
        }
    }
    if (part != PROGRAM_EPOCH || count == 0) return count;
    memcpy(sources, epoch_sources, sizeof epoch_sources);
    return EPOCH_SOURCE_COUNT;
}

/* ---- what a file needs ---- */

static const char include_word[] = "#include \"", file_end[] = ".cl\"\n";

/* The name in the line that `text` begins with, if it includes a file, and where the next line begins; else NULL. */
static const char *included(const char *text, char name[PROGRAM_NAME_CAPACITY]) {
    const size_t word = sizeof include_word - 1;
    if (strncmp(text, include_word, word) != 0) return NULL;
    const char *begin = text + word, *end = strstr(begin, file_end);
    if (!end || (size_t)(end - begin) >= PROGRAM_NAME_CAPACITY || memchr(begin, '\n', (size_t)(end - begin)))
        return NULL;
    snprintf(name, PROGRAM_NAME_CAPACITY, "%.*s", (int)(end - begin), begin);
    return end + sizeof file_end - 1;
}

static bool is_of_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether a text has the name, not as a part of another. */
static bool has_name(const char *text, const char *name) {
    const size_t length = strlen(name);
    for (const char *found = strstr(text, name); found; found = strstr(found + 1, name))
        if ((found == text || !is_of_name(found[-1])) && !is_of_name(found[length])) return true;
    return false;
}

/* What defines a shape for the files that follow. */
static epocl_status add_shape(program_text *t, const block_shape *shape) {
    text_writer w = {0};
    const struct {
        const char *name;
        size_t value;
    } numbers[] = {{"BLOCK", shape->block},
                   {"TILE_ROWS", shape->tile_rows},
                   {"TILE_VECTORS", shape->tile_vectors},
                   {"BLOCK_PARTS", shape->parts},
                   {"BLOCK_TENSOR", block_is_tensor(shape)}};
    if (block_shapes_are_same(&t->shape, shape)) return EPOCL_OK;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        write_text(&w, "#undef %s\n#define %s %zu\n", numbers[i].name, numbers[i].name, numbers[i].value);
    t->shape = *shape;
    t->owned[t->count] = w.text;
    t->texts[t->count++] = w.text;
    return w.status;
}

/* A file after those that it includes, each of them once; once for each shape, if it is of one. */
static epocl_status add_file(program_text *t, const program_source *source) { /* NOLINT: as deep as files include */
    epocl_status status = EPOCL_OK;
    const char *text = NULL, *rest;
    char *owned = NULL;
    program_source file = *source, needed = *source;
    TRY(find_source(file.name, &text, &owned));
    if (!has_name(text, "SHAPED")) file.shape = (block_shape){0};
    if (has_source(t->files, t->file_count, &file)) goto cleanup;
    if (t->file_count == PROGRAM_MOST_FILES) {
        status = fail(EPOCL_ERROR_ARGUMENT, "a program has more than %d kernel files", PROGRAM_MOST_FILES);
        goto cleanup;
    }
    t->files[t->file_count++] = file;
    while ((rest = included(text, needed.name))) {
        TRY(add_file(t, &needed));
        text = rest;
    }
    if (file.shape.block) TRY(add_shape(t, &file.shape));
    t->owned[t->count] = owned;
    t->texts[t->count++] = text;
    owned = NULL;
cleanup:
    free(owned);
    return status;
}

/* Those of the plan's constants that a text names: others cannot matter, and would make it another program. */
static void choose_constants(const program_text *t, const constants *all, constants *used) {
    used->count = 0;
    for (size_t i = 0; i < all->count; i++)
        for (size_t place = 0; place < t->count; place++)
            if (has_name(t->texts[place], all->entries[i].name)) {
                used->entries[used->count++] = all->entries[i];
                break;
            }
}

epocl_status program_text_create(program_text *t, const plan *p, const program_source *sources, size_t source_count,
                                 const sequence *written) {
    epocl_status status = EPOCL_OK;
    char definitions[64] = "", constant_text[CONSTANTS_TEXT_CAPACITY];
    constants used;
    *t = (program_text){0};
    if (p->constants.count > CONSTANTS_CAPACITY)
        return fail(EPOCL_ERROR_ARGUMENT, "a program has more than %d constants", CONSTANTS_CAPACITY);
    for (size_t i = 0; i < source_count; i++) TRY(add_file(t, &sources[i]));
    if (written) {
        t->texts[t->count++] = written->text;
        snprintf(definitions, sizeof definitions, " -DINLINED%s -DRESIDENT=%zu",
                 written->is_of_items ? " -DINLINED_ITEMS" : "", written->group_count);
    }
    choose_constants(t, &p->constants, &used);
    constants_text(&used, constant_text);
    const unsigned version = written && written->group_count > 1 && p->fence_version ? p->fence_version : 120;
    /* Denormal numbers are slow on Intel's CPUs, and the optimiser's averages of gradients that are 0 from then on end
     * as such. */
    const char *denormals = p->is_gpu ? "" : " -cl-denorms-are-zero";
    snprintf(t->options, sizeof t->options, "-cl-std=CL%u.%u -w%s%s%s", version / 100, version / 10 % 10, denormals,
             constant_text, definitions);
cleanup:
    if (status != EPOCL_OK) program_text_release(t);
    return status;
}

void program_text_release(program_text *t) {
    for (size_t i = 0; i < sizeof t->owned / sizeof *t->owned; i++) free(t->owned[i]);
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

epocl_status program_build(const epocl_device *device, const plan *p, const program_source *sources,
                           size_t source_count, const sequence *written, cl_program *program) {
    epocl_status status = EPOCL_OK;
    program_text text;
    *program = NULL;
    TRY(program_text_create(&text, p, sources, source_count, written));
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
