#include "command/run/files/history_file.h"

#include "base/files/folder.h"
#include "base/files/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char header[] = "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,samples_per_second";
/* Of values, where nothing is right or wrong. */
static const char header_of_values[] = "epoch,train_cost,train_rmse,valid_cost,valid_rmse,seconds,samples_per_second";
static const char figure_column[] = ",valid_figure";

enum { LINE_CAPACITY = 256, LINES_CAPACITY = 1 << 16 };

/* A field; empty where there is no value. */
static size_t format_field(char *text, size_t capacity, double value) {
    return (size_t)snprintf(text, capacity, isfinite(value) ? ",%.9g" : ",", value);
}

static bool is_of_values(const epocl_epoch_result *epoch) {
    return !isfinite(epoch->train_accuracy) && isfinite(epoch->train_rmse);
}

static size_t format_epoch(const epocl_epoch_result *epoch, bool has_figures, char line[LINE_CAPACITY]) {
    const bool of_values = is_of_values(epoch);
    const double fields[] = {epoch->train_cost, of_values ? epoch->train_rmse : epoch->train_accuracy,
                             epoch->valid_cost, of_values ? epoch->valid_rmse : epoch->valid_accuracy,
                             epoch->seconds,    (double)epoch->sample_count / epoch->seconds};
    size_t length = (size_t)snprintf(line, LINE_CAPACITY, "%zu", epoch->epoch);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        length += format_field(line + length, LINE_CAPACITY - length, fields[i]);
    if (has_figures) length += format_field(line + length, LINE_CAPACITY - length, epoch->valid_figure);
    line[length++] = '\n';
    return length;
}

/* The lines of as many epochs as fit; adds their number to *done. */
static size_t format_epochs(const epocl_epoch_result *epochs, size_t epoch_count, bool has_figures, size_t *done,
                            char lines[LINES_CAPACITY]) {
    size_t length = 0;
    for (; *done < epoch_count && length + LINE_CAPACITY <= LINES_CAPACITY; ++*done)
        length += format_epoch(&epochs[*done], has_figures, lines + length);
    return length;
}

/* ---- Anew ---- */

static epocl_status write_whole(history_file *history, int folder, const char *name, const epocl_epoch_result *epochs,
                                size_t epoch_count) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    const bool has_figures = history->has_figures;
    char lines[LINES_CAPACITY];
    *history = (history_file){.has_figures = has_figures};
    TRY(output_file_open_at(folder, name, &file));
    const char *first_line = epoch_count > 0 && is_of_values(&epochs[0]) ? header_of_values : header;
    TRY(output_file_write(file, first_line, strlen(first_line)));
    if (has_figures) TRY(output_file_write(file, figure_column, strlen(figure_column)));
    TRY(output_file_write(file, "\n", 1));
    for (size_t done = 0; done < epoch_count;) {
        const size_t length = format_epochs(epochs, epoch_count, has_figures, &done, lines);
        TRY(output_file_write(file, lines, length));
    }
    TRY(output_file_commit(file));
    struct stat state;
    if (fstatat(folder, name, &state, AT_SYMLINK_NOFOLLOW) == 0)
        *history = (history_file){has_figures, epoch_count, state.st_dev, state.st_ino, state.st_size};
cleanup:
    output_file_release(file);
    return status;
}

/* ---- Appended ---- */

/* The file as this process left it, at its end; -1 when it is another one or was changed. */
static int open_own(const history_file *history, int folder, const char *name) {
    struct stat state;
    if (history->byte_count == 0) return -1;
    const int descriptor = openat(folder, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return -1;
    if (fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode) && state.st_dev == history->device &&
        state.st_ino == history->inode && state.st_size == history->byte_count)
        return descriptor;
    close(descriptor);
    return -1;
}

/* False with errno set; the file may end with a part of what was to be added. */
static bool append_epochs(int descriptor, const history_file *history, const epocl_epoch_result *epochs,
                          size_t epoch_count, off_t *byte_count) {
    char lines[LINES_CAPACITY];
    for (size_t done = history->epoch_count; done < epoch_count;) {
        const size_t length = format_epochs(epochs, epoch_count, history->has_figures, &done, lines);
        if (!descriptor_write(descriptor, lines, length)) return false;
        *byte_count += (off_t)length;
    }
    return true;
}

static epocl_status append(history_file *history, int descriptor, const char *name, const epocl_epoch_result *epochs,
                           size_t epoch_count, bool is_synced) {
    off_t byte_count = history->byte_count;
    bool is_whole = append_epochs(descriptor, history, epochs, epoch_count, &byte_count) &&
                    (!is_synced || descriptor_sync(descriptor));
    int code = is_whole ? 0 : errno;
    /* Without a part of a line; should this fail, the next write finds a file of another length, and makes a new one.
     */
    if (!is_whole && ftruncate(descriptor, history->byte_count) != 0) history->byte_count = 0;
    if (close(descriptor) != 0 && errno != EINTR && code == 0) {
        history->byte_count = 0;
        code = errno;
    }
    if (code != 0) return fail(EPOCL_ERROR_WRITE, "%s: cannot write: %s", name, strerror(code));
    history->epoch_count = epoch_count;
    history->byte_count = byte_count;
    return EPOCL_OK;
}

epocl_status history_file_write(history_file *history, int folder, const char *name, const epocl_epoch_result *epochs,
                                size_t epoch_count, bool is_synced) {
    /* The first epoch decides about the names of columns. */
    const bool goes_on = history->epoch_count > 0 && epoch_count >= history->epoch_count;
    const int descriptor = goes_on ? open_own(history, folder, name) : -1;
    return descriptor < 0 ? write_whole(history, folder, name, epochs, epoch_count)
                          : append(history, descriptor, name, epochs, epoch_count, is_synced);
}
