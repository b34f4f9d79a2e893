#define _DEFAULT_SOURCE 1 /* gethostname() */

#include "command/run/files/event_file.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/files/folder.h"
#include "export/onnx/protobuf.h"
#include "options/monitors.h"
#include "options/requests.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Fields of the messages Event, SessionLog, Summary and Summary.Value of TensorFlow, and what they hold. */
enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION_LOG = 7 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_NUMBER = 2 };

enum { NAME_CAPACITY = 300, TAG_CAPACITY = 64, TRIES = 100, NANOSECONDS = 1000000000 };

struct event_file {
    int descriptor;
    char *path; /* of its folder */
    char name[NAME_CAPACITY];
    char figure_tag[TAG_CAPACITY]; /* of a metric that epochs are compared by; "" without */
};

/* ---- Records ---- */

static void put_little_endian(unsigned char *bytes, uint64_t value, size_t byte_count) {
    for (size_t i = 0; i < byte_count; i++) bytes[i] = (unsigned char)(value >> 8 * i);
}

/* A checksum of checksums would be weak: it is rotated and moved. */
static void put_checksum(unsigned char bytes[4], const void *of, size_t byte_count) {
    const uint32_t checksum = checksum_castagnoli(of, byte_count);
    put_little_endian(bytes, (uint32_t)((checksum >> 15 | checksum << 17) + UINT32_C(0xA282EAD8)), 4);
}

/* The message's length, its checksum, the message and its checksum, in one piece. Releases the message. */
static epocl_status write_record(event_file *file, protobuf *message) {
    epocl_status status = EPOCL_OK;
    enum { HEAD = 12, TAIL = 4 };
    unsigned char *record = NULL;
    const size_t length = message->length;
    TRY(protobuf_check(message));
    TRY(allocate(HEAD + length + TAIL, 1, "an event", &record));
    put_little_endian(record, length, 8);
    put_checksum(record + 8, record, 8);
    memcpy(record + HEAD, message->bytes, length);
    put_checksum(record + HEAD + length, record + HEAD, length);
    if (!descriptor_write(file->descriptor, record, HEAD + length + TAIL))
        TRY(fail(EPOCL_ERROR_WRITE, "%s/%s: cannot write: %s", file->path, file->name, strerror(errno)));
cleanup:
    free(record);
    protobuf_release(message);
    return status;
}

/* ---- Events ---- */

static protobuf event_begin(size_t step) {
    struct timespec now = {0};
    protobuf event = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    protobuf_put_double(&event, EVENT_WALL_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    protobuf_put_whole(&event, EVENT_STEP, step);
    return event;
}

static epocl_status write_version(event_file *file) {
    protobuf event = event_begin(0);
    protobuf_put_text(&event, EVENT_FILE_VERSION, "brain.Event:2");
    return write_record(file, &event);
}

static epocl_status write_start(event_file *file, size_t first_epoch) {
    protobuf event = event_begin(first_epoch), session = {0};
    protobuf_put_whole(&session, SESSION_STATUS, SESSION_START);
    protobuf_put_message(&event, EVENT_SESSION_LOG, &session);
    return write_record(file, &event);
}

epocl_status event_file_add(event_file *file, const epocl_epoch_result *epoch) {
    const struct {
        const char *tag;
        double value;
    } figures[] = {{"cost/train", epoch->train_cost},
                   {"cost/validation", epoch->valid_cost},
                   {"accuracy/train", epoch->train_accuracy},
                   {"accuracy/validation", epoch->valid_accuracy},
                   {"rmse/train", epoch->train_rmse},
                   {"rmse/validation", epoch->valid_rmse},
                   {file->figure_tag, *file->figure_tag ? epoch->valid_figure : NAN},
                   {"speed/samples_per_second", (double)epoch->sample_count / epoch->seconds}};
    protobuf event = event_begin(epoch->epoch), summary = {0};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        protobuf value = {0};
        if (!isfinite(figures[i].value)) continue;
        protobuf_put_text(&value, VALUE_TAG, figures[i].tag);
        protobuf_put_float(&value, VALUE_NUMBER, (float)figures[i].value);
        protobuf_put_message(&summary, SUMMARY_VALUE, &value);
    }
    protobuf_put_message(&event, EVENT_SUMMARY, &summary);
    return write_record(file, &event);
}

/* ---- The file ---- */

/* TensorBoard takes a folder's files in the order of their names, and knows them by "tfevents". So a name begins with
 * the time, in digits of one number, or with the next after the latest file's, should the clock have been set back. */
static int64_t time_after_files(DIR *listing) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t time = (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec, seconds, rest;
    rewinddir(listing);
    for (const struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (sscanf(entry->d_name, "events.out.tfevents.%10" SCNd64 ".%9" SCNd64 ".", &seconds, &rest) == 2 &&
            seconds < INT64_MAX / NANOSECONDS && seconds * NANOSECONDS + rest >= time)
            time = seconds * NANOSECONDS + rest + 1;
    return time;
}

static epocl_status create(event_file *file) {
    char host[128] = "";
    if (gethostname(host, sizeof host - 1) != 0 || !*host || strchr(host, '/')) strcpy(host, "host");
    DIR *listing = opendir(file->path);
    for (int i = 0; listing && file->descriptor < 0 && i < TRIES; i++) {
        const int64_t time = time_after_files(listing);
        snprintf(file->name, sizeof file->name, "events.out.tfevents.%010" PRId64 ".%09" PRId64 ".%s.%ld",
                 time / NANOSECONDS, time % NANOSECONDS, host, (long)getpid());
        file->descriptor = openat(dirfd(listing), file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->descriptor < 0 && errno != EEXIST) break;
    }
    const int code = errno;
    if (listing) closedir(listing);
    if (file->descriptor >= 0) return EPOCL_OK;
    return fail(EPOCL_ERROR_CREATE, "%s: cannot create a file of events: %s", file->path, strerror(code));
}

epocl_status event_file_create(const char *folder, size_t first_epoch, int monitor, event_file **file) {
    epocl_status status = EPOCL_OK;
    bool is_new = false;
    event_file *made = NULL;
    TRY(allocate(1, sizeof *made, "a file of events", &made));
    made->descriptor = -1;
    if (monitor_is_metric(monitor)) snprintf(made->figure_tag, TAG_CAPACITY, "%s/validation", monitor_words[monitor]);
    TRY(allocate(strlen(folder) + 1, 1, "a path", &made->path));
    strcpy(made->path, folder);
    TRY(folder_make(folder, &is_new));
    TRY(create(made));
    TRY(write_version(made));
    TRY(write_start(made, first_epoch));
cleanup:
    if (status != EPOCL_OK) {
        event_file_release(made);
        made = NULL;
    }
    *file = made;
    return status;
}

void event_file_release(event_file *file) {
    if (!file) return;
    if (file->descriptor >= 0) close(file->descriptor);
    free(file->path);
    free(file);
}
