#include "command/run/record.h"

#include "base/checked.h"
#include "base/files/folder.h"
#include "base/number.h"
#include "base/printable.h"
#include "command/show/byte_text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CONFIG_BYTES_MOST = 1 << 17, HISTORY_LINE = 512, FIELD_COUNT = 7 };

/* ---- history.csv ---- */

/* NaN where the field is empty; false where it is no number. */
static bool read_field(const char *field, double *value) {
    *value = NAN;
    return *field == '\0' || number_real(field, value);
}

/* False for what is no whole line of an epoch. */
static bool read_epoch(char *line, bool has_figure, run_epoch *epoch) {
    double fields[FIELD_COUNT] = {0};
    char *end = strchr(line, '\n'), *field = line;
    if (!end) return false;
    *end = '\0';
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        char *comma = strchr(field, ',');
        if ((comma != NULL) != (has_figure || i + 1 < FIELD_COUNT)) return false;
        if (comma) *comma = '\0';
        if (!read_field(field, &fields[i])) return false;
        if (comma) field = comma + 1;
    }
    if (!(fields[0] >= 1 && fields[0] < 1e15)) return false;
    *epoch = (run_epoch){(size_t)fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]};
    return true;
}

static epocl_status add_epoch(run_record *record, size_t *capacity, const run_epoch *epoch) {
    if (record->epoch_count == *capacity) {
        const size_t grown = *capacity ? 2 * *capacity : 64;
        run_epoch *more = realloc(record->epochs, grown * sizeof *more);
        if (!more) return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for its history", record->path);
        record->epochs = more;
        *capacity = grown;
    }
    record->epochs[record->epoch_count++] = *epoch;
    if (isfinite(epoch->seconds)) record->seconds += epoch->seconds;
    return EPOCL_OK;
}

/* A missing file is a run that had no epoch yet; what follows a damaged line is left out. */
static epocl_status read_history(run_record *record, int folder) {
    epocl_status status = EPOCL_OK;
    char line[HISTORY_LINE];
    uint64_t byte_count = 0;
    size_t capacity = 0;
    run_epoch epoch;
    const int descriptor = regular_file_open_at(folder, "history.csv", &byte_count);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "r");
    if (!file) {
        if (descriptor >= 0) close(descriptor);
        return EPOCL_OK;
    }
    bool has_figure = false;
    if (fgets(line, sizeof line, file)) {
        record->of_values = strstr(line, "rmse") != NULL;
        has_figure = strstr(line, ",valid_figure") != NULL;
    }
    while (fgets(line, sizeof line, file) && read_epoch(line, has_figure, &epoch))
        TRY(add_epoch(record, &capacity, &epoch));
cleanup:
    fclose(file);
    return status;
}

/* ---- config.json ---- */

static epocl_status fail_config(const char *path, const char *what) {
    return fail(EPOCL_ERROR_DATA, "%s/config.json: %s", path, what);
}

static epocl_status read_config(run_record *record, int folder) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY];
    size_t byte_count = 0;
    json_error_t place;
    char *text = small_file_read_at(folder, "config.json", CONFIG_BYTES_MOST, &byte_count);
    if (!text && errno == ENOENT)
        return fail(EPOCL_ERROR_NO_INPUT, "%s: holds no run: there is no config.json", record->path);
    if (!text) return fail_prefix(fail_file("config.json"), "%s/", record->path);
    record->config = json_loadb(text, byte_count, JSON_REJECT_DUPLICATES, &place);
    if (!record->config) TRY(fail_config(record->path, printable(place.text, shown)));
    if (!json_is_object(json_object_get(record->config, "settings")))
        TRY(fail_config(record->path, "is not the configuration of a run"));
    record->is_sweep = json_is_string(run_record_member(record, "settings", "search"));
cleanup:
    free(text);
    return status;
}

/* ---- All of it ---- */

epocl_status run_record_read(const char *path, run_record *record) {
    epocl_status status = EPOCL_OK;
    *record = (run_record){.path = path};
    const int folder = folder_open(path);
    if (folder < 0) return fail_file(path);
    TRY(read_config(record, folder));
    TRY(read_history(record, folder));
    record->has_model = folder_has(folder, "model.safetensors");
    record->has_best = folder_has(folder, "best.safetensors");
    record->has_checkpoint = folder_has(folder, "checkpoint.safetensors");
cleanup:
    close(folder);
    if (status != EPOCL_OK) run_record_release(record);
    return status;
}

void run_record_release(run_record *record) {
    json_decref(record->config);
    free(record->epochs);
    *record = (run_record){0};
}

const json_t *run_record_member(const run_record *record, const char *object, const char *name) {
    return json_object_get(*object ? json_object_get(record->config, object) : record->config, name);
}

size_t run_record_best_cost(const run_record *record) {
    size_t best = record->epoch_count;
    for (size_t i = 0; i < record->epoch_count; i++)
        if (isfinite(record->epochs[i].valid_cost) &&
            (best == record->epoch_count || record->epochs[i].valid_cost < record->epochs[best].valid_cost))
            best = i;
    return best;
}

size_t run_record_best_score(const run_record *record) {
    size_t best = record->epoch_count;
    for (size_t i = 0; i < record->epoch_count; i++) {
        const double score = record->epochs[i].valid_score;
        if (!isfinite(score)) continue;
        const double so_far = best < record->epoch_count ? record->epochs[best].valid_score : NAN;
        if (isnan(so_far) || (record->of_values ? score < so_far : score > so_far)) best = i;
    }
    return best;
}

/* ---- Texts ---- */

static void append(char *text, size_t capacity, const char *part) {
    const size_t used = strlen(text);
    snprintf(text + used, capacity - used, "%s", part);
}

static void list_text(const json_t *list, char *text, size_t capacity) {
    for (size_t i = 0; i < json_array_size(list) && strlen(text) + 1 < capacity; i++) {
        char number[32] = "?";
        if (json_is_number(json_array_get(list, i)))
            number_text(json_number_value(json_array_get(list, i)), number, sizeof number);
        if (i) append(text, capacity, ",");
        append(text, capacity, number);
    }
    if (json_array_size(list) == 0) append(text, capacity, "none");
}

void run_value_text(const json_t *value, char *text, size_t capacity) {
    char number[32];
    *text = '\0';
    if (json_is_array(value)) {
        list_text(value, text, capacity);
    } else if (json_is_integer(value)) {
        snprintf(text, capacity, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        number_text(json_real_value(value), number, sizeof number);
        append(text, capacity, number);
    } else if (json_is_boolean(value)) {
        append(text, capacity, json_is_true(value) ? "on" : "off");
    } else {
        json_t *bytes = byte_text_read(value);
        append(text, capacity, bytes ? json_string_value(bytes) : "-");
        json_decref(bytes);
    }
}

void run_shape_text(const run_record *record, char *text, size_t capacity) {
    const json_t *layers = run_record_member(record, "network", "layers");
    char number[32];
    *text = '\0';
    for (size_t i = 0; i < json_array_size(layers); i++) {
        const json_t *layer = json_array_get(layers, i);
        if (i == 0) run_value_text(json_object_get(layer, "inputs"), text, capacity);
        run_value_text(json_object_get(layer, "outputs"), number, sizeof number);
        append(text, capacity, "-");
        append(text, capacity, number);
    }
    if (!*text) append(text, capacity, "-");
}
