#include "training/checkpoint_file.h"

#include "base/checked.h"
#include "base/result.h"
#include "model/network_file.h"
#include "options/monitors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CHECKPOINT_VERSION "1"

static const char *const fact_keys[FACT_COUNT] = {
    [FACT_TRAIN_DATA] = "training.data", [FACT_VALID_DATA] = "training.valid_data", [FACT_MATMUL] = "training.matmul",
    [FACT_DEVICE] = "training.device",   [FACT_DRIVER] = "training.driver",         [FACT_EPOCL] = "training.epocl",
};
static const char version_key[] = "checkpoint_version";
static const struct {
    const char *prefix, *tensor; /* of its tensors; the one that is there where any of them is */
} kept[KEPT_COUNT] = {{"best.", "best.layers.0.weight"},
                      {"m.", "m.layers.0.weight"},
                      {"v.", "v.layers.0.weight"},
                      {"gradient.", "gradient.layers.0.weight"},
                      {"average.", "average.layers.0.weight"}};

/* An epoch's result as a row of the history tensor. */
enum { HISTORY_COLUMNS = 7 };

static void pack_result(const epocl_epoch_result *result, double row[HISTORY_COLUMNS]) {
    const double values[HISTORY_COLUMNS] = {
        (double)result->epoch, (double)result->sample_count, result->train_cost, result->train_accuracy,
        result->valid_cost,    result->valid_accuracy,       result->seconds};
    memcpy(row, values, sizeof values);
}

static epocl_epoch_result unpack_result(const double row[HISTORY_COLUMNS], size_t epoch) {
    return (epocl_epoch_result){.epoch = epoch,
                                .sample_count = row[1] >= 0 && row[1] <= UINT32_MAX ? (size_t)row[1] : 0,
                                .train_cost = row[2],
                                .train_accuracy = row[3],
                                .valid_cost = row[4],
                                .valid_accuracy = row[5],
                                .seconds = row[6]};
}

/* The tensors beside the network's. */
enum { HISTORY, SECONDS, LEARNING_RATE, STATE, OWN_TENSORS };

static void describe_own(size_t epoch_count, safetensors_tensor tensors[OWN_TENSORS]) {
    tensors[HISTORY] = (safetensors_tensor){
        .name = "epocl.history", .type = "F64", .dimension_count = 2, .shape = {epoch_count, HISTORY_COLUMNS}};
    tensors[SECONDS] = (safetensors_tensor){.name = "epocl.seconds", .type = "F64", .dimension_count = 1, .shape = {1}};
    tensors[LEARNING_RATE] =
        (safetensors_tensor){.name = "epocl.learning_rate", .type = "F32", .dimension_count = 1, .shape = {1}};
    tensors[STATE] =
        (safetensors_tensor){.name = "epocl.state", .type = "U32", .dimension_count = 1, .shape = {POSITION_WORDS}};
}

/* What a metric was, epoch by epoch, where that is what the epochs are compared by. */
static safetensors_tensor describe_figures(size_t epoch_count) {
    return (safetensors_tensor){.name = "epocl.figures", .type = "F64", .dimension_count = 1, .shape = {epoch_count}};
}

/* ---- Write -------------------------------------------------------------------------------------- */

/* The tensors of a file as they are collected, with the bytes of each. */
typedef struct tensor_list {
    safetensors_tensor tensors[OWN_TENSORS + 1 + (1 + KEPT_COUNT) * NETWORK_MAX_TENSORS];
    const void *values[OWN_TENSORS + 1 + (1 + KEPT_COUNT) * NETWORK_MAX_TENSORS];
    size_t count;
} tensor_list;

static void append(tensor_list *list, const safetensors_tensor *tensors, const void *const *values, size_t count) {
    memcpy(list->tensors + list->count, tensors, count * sizeof *tensors);
    memcpy(list->values + list->count, values, count * sizeof *values);
    list->count += count;
}

/* An option that is a fact, as a pair of metadata: "training.batch_size", "32". */
typedef struct option_fact {
    char key[64], text[OPTION_TEXT_CAPACITY];
} option_fact;

static void name_fact(const option_row *row, char key[64]) {
    snprintf(key, 64, "training.%s", row->name);
    for (char *c = key; *c; c++)
        if (*c == '-') *c = '_';
}

/* Their number; the caller frees `*facts`. */
static epocl_status list_option_facts(const epocl_options *options, option_fact **facts, size_t *count) {
    *count = 0;
    const epocl_status status = allocate(registry_count, sizeof **facts, "facts of a run", facts);
    for (size_t i = 0; i < registry_count && status == EPOCL_OK; i++) {
        if (!registry[i].is_fact) continue;
        option_fact *fact = &(*facts)[(*count)++];
        name_fact(&registry[i], fact->key);
        option_text(&registry[i], options, fact->text);
    }
    return status;
}

epocl_status checkpoint_write(file_place place, const epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    network_entries network, others[KEPT_COUNT] = {0};
    safetensors_tensor own[OWN_TENSORS];
    safetensors_pair *metadata = NULL;
    option_fact *facts = NULL;
    size_t option_count = 0, count = 0;
    tensor_list all = {0};
    double *rows = NULL, *figures = NULL;
    status = network_describe(checkpoint->network, "", &network);
    for (size_t i = 0; i < KEPT_COUNT && status == EPOCL_OK; i++)
        if (checkpoint->kept[i]) status = network_describe(checkpoint->kept[i], kept[i].prefix, &others[i]);
    if (status != EPOCL_OK) return fail_prefix(status, "%s: ", place.name);

    TRY(allocate(checkpoint->epoch_count * HISTORY_COLUMNS, sizeof *rows, "the history of a checkpoint", &rows));
    for (size_t i = 0; i < checkpoint->epoch_count; i++)
        pack_result(&checkpoint->history[i], rows + i * HISTORY_COLUMNS);
    describe_own(checkpoint->epoch_count, own);
    /* Values of 8 bytes come first, so that all lie at multiples of their size. */
    if (monitor_is_metric(checkpoint->options.training.monitor)) {
        const safetensors_tensor tensor = describe_figures(checkpoint->epoch_count);
        TRY(allocate(checkpoint->epoch_count, sizeof *figures, "the history of a checkpoint", &figures));
        for (size_t i = 0; i < checkpoint->epoch_count; i++) figures[i] = checkpoint->history[i].valid_figure;
        append(&all, &tensor, (const void *const[]){figures}, 1);
    }
    append(&all, own,
           (const void *const[OWN_TENSORS]){[HISTORY] = rows,
                                            [SECONDS] = &checkpoint->seconds,
                                            [LEARNING_RATE] = &checkpoint->learning_rate,
                                            [STATE] = &checkpoint->position},
           OWN_TENSORS);
    append(&all, network.tensors, network.values, network.tensor_count);
    for (size_t i = 0; i < KEPT_COUNT; i++) append(&all, others[i].tensors, others[i].values, others[i].tensor_count);

    TRY(list_option_facts(&checkpoint->options, &facts, &option_count));
    TRY(allocate(NETWORK_METADATA + option_count + FACT_COUNT + 1, sizeof *metadata, "metadata", &metadata));
    for (; count < network.metadata_count; count++) metadata[count] = network.metadata[count];
    for (size_t i = 0; i < option_count; i++) metadata[count++] = (safetensors_pair){facts[i].key, facts[i].text};
    for (size_t i = 0; i < FACT_COUNT; i++) metadata[count++] = (safetensors_pair){fact_keys[i], checkpoint->facts[i]};
    metadata[count++] = (safetensors_pair){version_key, CHECKPOINT_VERSION};
    TRY(safetensors_write_checked(place, metadata, count, all.tensors, all.values, all.count));
cleanup:
    free(metadata);
    free(facts);
    free(figures);
    free(rows);
    return status;
}

/* ---- Read --------------------------------------------------------------------------------------- */

static epocl_status check_version(const safetensors *file) {
    const char *version = safetensors_metadata(file, version_key);
    char shown[PRINTABLE_CAPACITY];
    if (!version) return fail(EPOCL_ERROR_DATA, "is not a checkpoint: its metadata has no '%s'", version_key);
    if (strcmp(version, CHECKPOINT_VERSION) != 0)
        return fail(EPOCL_ERROR_DATA, "has checkpoint version '%s' and this epocl reads version %s",
                    printable(version, shown), CHECKPOINT_VERSION);
    return EPOCL_OK;
}

static epocl_status read_facts(const safetensors *file, run_facts facts) {
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const char *text = safetensors_metadata(file, fact_keys[i]);
        if (!text) return fail(EPOCL_ERROR_DATA, "is not a whole checkpoint: its metadata has no '%s'", fact_keys[i]);
        printable(text, facts[i]);
    }
    return EPOCL_OK;
}

/* Options that are no facts have their defaults. */
static epocl_status read_option_facts(const safetensors *file, epocl_options *options) {
    char key[64];
    options_begin(options);
    for (size_t i = 0; i < registry_count; i++) {
        if (!registry[i].is_fact) continue;
        name_fact(&registry[i], key);
        const char *text = safetensors_metadata(file, key);
        if (!text) return fail(EPOCL_ERROR_DATA, "is not a whole checkpoint: its metadata has no '%s'", key);
        if (!registry[i].default_value && strcmp(text, "none") == 0) continue;
        if (option_store(&registry[i], key, text, options) != EPOCL_OK) return fail_prefix(EPOCL_ERROR_DATA, "its ");
    }
    return EPOCL_OK;
}

/* Reads one of its own tensors; `wanted` says what it must be. */
static epocl_status read_own(const safetensors *file, const safetensors_tensor *wanted, void *values) {
    const safetensors_tensor *found = safetensors_find(file, wanted->name);
    bool fits = found && strcmp(found->type, wanted->type) == 0 && found->dimension_count == wanted->dimension_count;
    for (size_t i = 0; fits && i < wanted->dimension_count; i++) fits = found->shape[i] == wanted->shape[i];
    if (!fits) return fail(EPOCL_ERROR_DATA, "tensor '%s' is missing or of another shape", wanted->name);
    return safetensors_read(file, found, values);
}

/* What every checkpoint fulfils, whatever the data; the rest is compared with the data at hand. */
static epocl_status check_position(const epocl_checkpoint *checkpoint) {
    const epoch_state *p = &checkpoint->position;
    const size_t unfinished = position_is_of_epoch(p, checkpoint->epoch_count);
    const bool is_possible = p->first <= p->sample_count && p->step <= p->first && p->correct <= p->first &&
                             p->nonfinite_step == 0 && unfinished >= position_is_within(p) && isfinite(p->cost) &&
                             isfinite(p->cost_compensation) && isfinite(checkpoint->seconds) &&
                             checkpoint->seconds >= 0 && p->epoch - unfinished == checkpoint->epoch_count;
    return is_possible ? EPOCL_OK : fail(EPOCL_ERROR_DATA, "its position is none that training comes to");
}

static epocl_status read_history(const safetensors *file, epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    double *rows = NULL, *figures = NULL;
    safetensors_tensor wanted[OWN_TENSORS];
    const safetensors_tensor *found = safetensors_find(file, "epocl.history");
    const bool has_rows =
        found && strcmp(found->type, "F64") == 0 && found->dimension_count == 2 && found->shape[1] == HISTORY_COLUMNS;
    const size_t count = has_rows ? found->shape[0] : 0;
    describe_own(count, wanted);
    /* The file holds as much as it claims, so this is no more memory than its size. */
    TRY(allocate(count * HISTORY_COLUMNS, sizeof *rows, "the history of a checkpoint", &rows));
    TRY(read_own(file, &wanted[HISTORY], rows));
    TRY(allocate(count, sizeof *checkpoint->history, "the history of a checkpoint", &checkpoint->history));
    for (size_t i = 0; i < count; i++) checkpoint->history[i] = unpack_result(rows + i * HISTORY_COLUMNS, i + 1);
    checkpoint->epoch_count = count;
    if (monitor_is_metric(checkpoint->options.training.monitor)) {
        const safetensors_tensor tensor = describe_figures(count);
        TRY(allocate(count, sizeof *figures, "the history of a checkpoint", &figures));
        TRY(read_own(file, &tensor, figures));
        for (size_t i = 0; i < count; i++) checkpoint->history[i].valid_figure = figures[i];
    }
cleanup:
    free(figures);
    free(rows);
    return status;
}

static epocl_status read_checkpoint(const safetensors *file, epocl_checkpoint *checkpoint) {
    epocl_status status = EPOCL_OK;
    safetensors_tensor wanted[OWN_TENSORS];
    describe_own(0, wanted);
    TRY(safetensors_verify(file));
    TRY(check_version(file));
    TRY(read_option_facts(file, &checkpoint->options));
    TRY(read_facts(file, checkpoint->facts));
    TRY(read_own(file, &wanted[SECONDS], &checkpoint->seconds));
    TRY(read_own(file, &wanted[LEARNING_RATE], &checkpoint->learning_rate));
    TRY(read_own(file, &wanted[STATE], &checkpoint->position));
    TRY(read_history(file, checkpoint));
    TRY(check_position(checkpoint));
    TRY(network_read(file, "", &checkpoint->network));
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (safetensors_find(file, kept[i].tensor)) TRY(network_read(file, kept[i].prefix, &checkpoint->kept[i]));
cleanup:
    return status;
}

static epocl_status load(file_place place, epocl_checkpoint **checkpoint) {
    epocl_status status = EPOCL_OK;
    safetensors *file = NULL;
    epocl_checkpoint *made = NULL;
    if (checkpoint) *checkpoint = NULL;
    if (!place.name || !checkpoint) return fail(EPOCL_ERROR_ARGUMENT, "epocl_checkpoint_load: NULL argument");
    TRY(allocate(1, sizeof *made, "a checkpoint", &made));
    TRY(safetensors_open(place, &file));
    TRY(read_checkpoint(file, made));
    *checkpoint = made;
    made = NULL;
cleanup:
    if (status != EPOCL_OK) fail_prefix(status, "%s: ", place.name);
    epocl_checkpoint_release(made);
    safetensors_release(file);
    return status;
}

epocl_status epocl_checkpoint_load(const char *path, epocl_checkpoint **checkpoint) {
    return load(file_at(NO_FOLDER, path), checkpoint);
}

epocl_status epocl_checkpoint_load_at(int folder, const char *name, epocl_checkpoint **checkpoint) {
    return load(file_at(folder, name), checkpoint);
}

epocl_status epocl_checkpoint_load_memory(const void *bytes, size_t byte_count, epocl_checkpoint **checkpoint) {
    memory_block from = {(void *)bytes, byte_count}; /* only read */
    if (checkpoint) *checkpoint = NULL;
    if (!bytes) return fail(EPOCL_ERROR_ARGUMENT, "epocl_checkpoint_load_memory: bytes is NULL");
    return load(file_in_memory(&from), checkpoint);
}

const epocl_network *epocl_checkpoint_best(const epocl_checkpoint *checkpoint) {
    return checkpoint->kept[KEPT_BEST];
}

void epocl_checkpoint_describe_sized(const epocl_checkpoint *checkpoint, epocl_checkpoint_info *info,
                                     size_t info_bytes) {
    const epocl_checkpoint_info made = {.epoch_count = checkpoint->epoch_count,
                                        .learning_rate = checkpoint->learning_rate,
                                        .train_data = checkpoint->facts[FACT_TRAIN_DATA],
                                        .valid_data = checkpoint->facts[FACT_VALID_DATA],
                                        .matmul = checkpoint->facts[FACT_MATMUL],
                                        .device = checkpoint->facts[FACT_DEVICE],
                                        .driver = checkpoint->facts[FACT_DRIVER],
                                        .epocl = checkpoint->facts[FACT_EPOCL]};
    result_write(info, info_bytes, &made, sizeof made);
}

epocl_status epocl_checkpoint_option(const epocl_checkpoint *checkpoint, const char *name, char *text,
                                     size_t capacity) {
    if (!checkpoint || !name || !text) return fail(EPOCL_ERROR_ARGUMENT, "epocl_checkpoint_option: NULL argument");
    const option_row *row = registry_find(name);
    if (!row || row->is_fact) return epocl_options_get(&checkpoint->options, name, text, capacity);
    return fail(EPOCL_ERROR_ARGUMENT, "a checkpoint does not keep the option %s", row->name);
}

void epocl_checkpoint_release(epocl_checkpoint *checkpoint) {
    if (!checkpoint) return;
    epocl_network_release(checkpoint->network);
    for (size_t i = 0; i < KEPT_COUNT; i++) epocl_network_release(checkpoint->kept[i]);
    free(checkpoint->history);
    free(checkpoint);
}
