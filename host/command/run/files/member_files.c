#include "command/run/files/member_files.h"

#include "base/files/folder.h"
#include "base/files/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MEMBER_NAME_CAPACITY = 48 };

static const char *member_name(size_t number, char name[MEMBER_NAME_CAPACITY]) {
    snprintf(name, MEMBER_NAME_CAPACITY, "member-%04zu.safetensors", number);
    return name;
}

/* Whether a file's name is one that member_name() makes. */
static bool is_member_name(const char *file) {
    char name[MEMBER_NAME_CAPACITY];
    size_t number = 0;
    return sscanf(file, "member-%9zu.safetensors", &number) == 1 && strcmp(file, member_name(number, name)) == 0;
}

epocl_status member_file_save(int folder, const char *path, size_t number, const memory_block *checkpoint) {
    char name[MEMBER_NAME_CAPACITY];
    const epocl_status status =
        output_file_save_at(folder, member_name(number, name), checkpoint->bytes, checkpoint->byte_count);
    return status == EPOCL_OK ? EPOCL_OK : fail_prefix(status, "%s/", path);
}

epocl_status member_file_load(int folder, const char *path, size_t number, memory_block *checkpoint) {
    epocl_status status = EPOCL_OK;
    epocl_checkpoint *whole = NULL;
    char name[MEMBER_NAME_CAPACITY];
    uint64_t byte_count = 0;
    if (!folder_has(folder, member_name(number, name))) return EPOCL_OK;
    TRY(epocl_checkpoint_load_at(folder, name, &whole));
    const int descriptor = regular_file_open_at(folder, name, &byte_count);
    if (descriptor >= 0) close(descriptor);
    if (descriptor >= 0)
        checkpoint->bytes = small_file_read_at(folder, name, (size_t)byte_count, &checkpoint->byte_count);
    if (!checkpoint->bytes) TRY(fail_file(name));
cleanup:
    epocl_checkpoint_release(whole);
    return status == EPOCL_OK ? status : fail_prefix(status, "%s/", path);
}

epocl_status member_files_remove(int folder, const char *path) {
    epocl_status status = EPOCL_OK;
    const int descriptor = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listed = descriptor < 0 ? NULL : fdopendir(descriptor);
    if (!listed && descriptor >= 0) close(descriptor);
    if (!listed) return fail(EPOCL_ERROR_WRITE, "%s: cannot list the folder: %s", path, strerror(errno));
    for (struct dirent *entry; status == EPOCL_OK && (entry = readdir(listed));)
        if (is_member_name(entry->d_name) && unlinkat(folder, entry->d_name, 0) != 0)
            status = fail(EPOCL_ERROR_WRITE, "%s/%s: cannot remove it: %s", path, entry->d_name, strerror(errno));
    closedir(listed);
    return status;
}
