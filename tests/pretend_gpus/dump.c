#include "pretend_gpus/dump.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_PROGRAMS = 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cl_program programs[MOST_PROGRAMS]; /* under `lock`, as the two below; a handle may come again */
static size_t program_count;
static FILE *launches;

static FILE *open_file(const char *folder, size_t number, const char *kind) {
    char path[4096];
    if (kind)
        snprintf(path, sizeof path, "%s/%zu.%s", folder, number, kind);
    else
        snprintf(path, sizeof path, "%s/launches", folder);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        abort();
    }
    return file;
}

static void write_text(const char *folder, size_t number, const char *kind, const char *text) {
    FILE *file = open_file(folder, number, kind);
    fputs(text, file);
    fclose(file);
}

void dump_program(const cl_icd_dispatch *target, cl_program program, const char *options) {
    const char *folder = getenv("PRETEND_DUMP");
    size_t bytes = 0;
    if (!folder || target->clGetProgramInfo(program, CL_PROGRAM_SOURCE, 0, NULL, &bytes) != CL_SUCCESS) return;
    char *text = calloc(bytes + 1, 1);
    if (!text) abort();
    target->clGetProgramInfo(program, CL_PROGRAM_SOURCE, bytes, text, NULL);
    pthread_mutex_lock(&lock);
    if (program_count < MOST_PROGRAMS) {
        write_text(folder, program_count, "cl", text);
        write_text(folder, program_count, "options", options ? options : "");
        programs[program_count++] = program;
    }
    pthread_mutex_unlock(&lock);
    free(text);
}

void dump_launch(const cl_icd_dispatch *target, cl_kernel kernel, cl_uint dimensions, const size_t *global,
                 const size_t *local) {
    const char *folder = getenv("PRETEND_DUMP");
    cl_program program = NULL;
    char name[128] = "";
    if (!folder) return;
    target->clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof(cl_program), &program, NULL);
    target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    pthread_mutex_lock(&lock);
    size_t number = program_count;
    while (number > 0 && programs[number - 1] != program) number--;
    if (!launches) launches = open_file(folder, 0, NULL);
    if (number > 0)
        fprintf(launches, "%zu %s %zu %zu %zu %zu\n", number - 1, name, global[0], dimensions > 1 ? global[1] : 1,
                local ? local[0] : 0, local && dimensions > 1 ? local[1] : 1);
    fflush(launches);
    pthread_mutex_unlock(&lock);
}
