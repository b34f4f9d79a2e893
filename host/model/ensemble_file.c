/* Ensembles as safetensors files: input.scale and input.shift, members.K.layers.N.weight and .bias of each member, the
 * encoder. The metadata have `members`, how many there are; `member_weights`, how much each counts ("3,1,1"); and in
 * `layers` the shape of each, with semicolons between. */
#include "base/checked.h"
#include "base/printable.h"
#include "model/ensemble.h"
#include "model/network_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LIST_CAPACITY = 1 << 14, /* of a list of shapes or weights */
    PREFIX_CAPACITY = 32
};

/* Of all networks of an ensemble, the first two and the last tensors are the file's; the layers are each one's own. */
enum { INPUT_TENSORS = 2 };

static const char *member_prefix(size_t index, char prefix[PREFIX_CAPACITY]) {
    snprintf(prefix, PREFIX_CAPACITY, "members.%zu.", index);
    return prefix;
}

/* ---- Writing ------------------------------------------------------------------------------------- */

/* What safetensors_write() takes; released by entries_release(). */
typedef struct ensemble_entries {
    network_entries *whole; /* as the ensemble shows itself: metadata, inputs and encoder */
    network_entries *members;
    safetensors_tensor *tensors;
    const void **values;
    size_t tensor_count;
    safetensors_pair metadata[NETWORK_METADATA + 2];
    size_t metadata_count;
    char count_text[24], shapes_text[LIST_CAPACITY], weights_text[LIST_CAPACITY];
} ensemble_entries;

static void entries_release(ensemble_entries *e) {
    if (!e) return;
    free(e->whole);
    free(e->members);
    free(e->tensors);
    free((void *)e->values);
    free(e);
}

static void take_tensors(ensemble_entries *e, const network_entries *from, size_t first, size_t end) {
    for (size_t i = first; i < end; i++, e->tensor_count++) {
        e->tensors[e->tensor_count] = from->tensors[i];
        e->values[e->tensor_count] = from->values[i];
    }
}

/* Adds one more to a list; false where there is no room. */
static bool add_item(char list[LIST_CAPACITY], const char *separator, const char *item) {
    const size_t used = strlen(list);
    return snprintf(list + used, LIST_CAPACITY - used, "%s%s", used ? separator : "", item) <
           (int)(LIST_CAPACITY - used);
}

static epocl_status describe_members(const epocl_network *network, ensemble_entries *e) {
    epocl_status status = EPOCL_OK;
    for (size_t k = 0; k < network->member_count; k++) {
        char prefix[PREFIX_CAPACITY], weight[16];
        TRY(network_describe(network->members[k], member_prefix(k, prefix), &e->members[k]));
        snprintf(weight, sizeof weight, "%" PRIu32, network->member_weights[k]);
        if (!add_item(e->shapes_text, ";", e->members[k].layers_text) || !add_item(e->weights_text, ",", weight))
            TRY(fail(EPOCL_ERROR_ARGUMENT, "the members have too many layers for a file"));
    }
cleanup:
    return status;
}

static void describe_metadata(const epocl_network *network, ensemble_entries *e) {
    for (size_t i = 0; i < e->whole->metadata_count; i++) {
        safetensors_pair pair = e->whole->metadata[i];
        if (strcmp(pair.key, "format_version") == 0) pair.value = ENSEMBLE_FORMAT_VERSION;
        if (strcmp(pair.key, "layers") == 0) pair.value = e->shapes_text;
        e->metadata[e->metadata_count++] = pair;
    }
    snprintf(e->count_text, sizeof e->count_text, "%zu", network->member_count);
    e->metadata[e->metadata_count++] = (safetensors_pair){"members", e->count_text};
    e->metadata[e->metadata_count++] = (safetensors_pair){"member_weights", e->weights_text};
}

static epocl_status describe(const epocl_network *network, ensemble_entries *e) {
    epocl_status status = EPOCL_OK;
    const size_t count = network->member_count;
    size_t tensor_count = NETWORK_MAX_TENSORS;
    TRY(allocate(1, sizeof *e->whole, "a file's tensors", &e->whole));
    TRY(allocate(count, sizeof *e->members, "a file's tensors", &e->members));
    TRY(network_describe(network, "", e->whole));
    TRY(describe_members(network, e));
    for (size_t k = 0; k < count; k++) tensor_count += e->members[k].tensor_count;
    TRY(allocate(tensor_count, sizeof *e->tensors, "a file's tensors", &e->tensors));
    TRY(allocate(tensor_count, sizeof *e->values, "a file's tensors", &e->values));
    take_tensors(e, e->whole, 0, INPUT_TENSORS);
    for (size_t k = 0; k < count; k++) take_tensors(e, &e->members[k], INPUT_TENSORS, e->members[k].tensor_count);
    take_tensors(e, e->whole, INPUT_TENSORS + 2 * network->layer_count, e->whole->tensor_count);
    describe_metadata(network, e);
cleanup:
    return status;
}

epocl_status ensemble_write(const epocl_network *network, file_place place) {
    epocl_status status = EPOCL_OK;
    ensemble_entries *e = NULL;
    TRY(allocate(1, sizeof *e, "a file's tensors", &e));
    status = describe(network, e);
    if (status != EPOCL_OK) TRY(fail_prefix(status, "%s: ", place.name));
    TRY(safetensors_write(place, e->metadata, e->metadata_count, e->tensors, e->values, e->tensor_count));
cleanup:
    entries_release(e);
    return status;
}

/* ---- Reading ------------------------------------------------------------------------------------- */

typedef struct member_shape {
    size_t counts[NETWORK_MAX_LAYERS + 1], layer_count;
} member_shape;

/* The text of a metadata key that must be there. */
static epocl_status find_text(const safetensors *file, const char *key, const char **text) {
    *text = safetensors_metadata(file, key);
    if (!*text) return fail(EPOCL_ERROR_DATA, "is not a model of epocl: its metadata has no '%s'", key);
    return EPOCL_OK;
}

/* A whole number from `least` to `most`, without sign, space or leading zero; NULL unless one is there. */
static const char *read_whole(const char *text, uint32_t least, uint32_t most, uint32_t *number) {
    const char *c = text;
    uint32_t value = 0;
    for (; *c >= '0' && *c <= '9' && value <= most; c++) value = value * 10 + (uint32_t)(*c - '0');
    *number = value;
    return c == text || *text == '0' || value < least || value > most ? NULL : c;
}

static epocl_status read_count(const safetensors *file, size_t *count) {
    const char *text = NULL;
    char shown[PRINTABLE_CAPACITY];
    uint32_t number = 0;
    const epocl_status status = find_text(file, "members", &text);
    if (status != EPOCL_OK) return status;
    const char *end = read_whole(text, 2, ENSEMBLE_MOST_MEMBERS, &number);
    if (!end || *end)
        return fail(EPOCL_ERROR_DATA, "metadata 'members' is '%s' and not a number from 2 to %d",
                    printable(text, shown), ENSEMBLE_MOST_MEMBERS);
    *count = number;
    return EPOCL_OK;
}

static epocl_status read_weights(const safetensors *file, size_t count, uint32_t *weights) {
    const char *text = NULL;
    char shown[PRINTABLE_CAPACITY];
    const epocl_status status = find_text(file, "member_weights", &text);
    if (status != EPOCL_OK) return status;
    const char *c = text;
    for (size_t k = 0; k < count && c; k++) {
        c = read_whole(c, 1, ENSEMBLE_MOST_WEIGHT, &weights[k]);
        if (c && *c != (k + 1 < count ? ',' : '\0')) c = NULL;
        if (c) c++;
    }
    if (c) return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA, "metadata 'member_weights' is '%s' and not %zu numbers from 1 to %d",
                printable(text, shown), count, ENSEMBLE_MOST_WEIGHT);
}

static epocl_status read_shapes(const safetensors *file, size_t count, member_shape *shapes) {
    epocl_status status = EPOCL_OK;
    const char *text = NULL;
    TRY(find_text(file, "layers", &text));
    for (size_t k = 0; k < count; k++) {
        const size_t length = strcspn(text, ";");
        TRY(network_parse_shape(text, length, shapes[k].counts, &shapes[k].layer_count));
        text += length;
        if ((*text == ';') != (k + 1 < count))
            TRY(fail(EPOCL_ERROR_DATA, "metadata 'layers' has other shapes than those of %zu members", count));
        text += *text == ';';
        if (shapes[k].counts[0] != shapes[0].counts[0] ||
            shapes[k].counts[shapes[k].layer_count] != shapes[0].counts[shapes[0].layer_count])
            TRY(fail(EPOCL_ERROR_DATA, "member %zu has other inputs or outputs than the first", k));
    }
cleanup:
    return status;
}

/* Before memory is taken: the file holds as much as it claims, and of members no more. */
static epocl_status check_tensors(const safetensors *file, size_t count, const member_shape *shapes) {
    epocl_status status = EPOCL_OK;
    size_t wanted = 0, found = 0;
    for (size_t k = 0; k < count; k++) {
        char prefix[PREFIX_CAPACITY];
        const network_place place = {"", member_prefix(k, prefix)};
        TRY(network_check_tensors(file, &place, shapes[k].counts, shapes[k].layer_count));
        wanted += 2 * shapes[k].layer_count;
    }
    for (size_t i = 0; i < safetensors_tensor_count(file); i++)
        found += strncmp(safetensors_tensor_at(file, i)->name, "members.", strlen("members.")) == 0;
    if (found != wanted)
        TRY(fail(EPOCL_ERROR_DATA, "%zu tensors are of members, whose layers have %zu", found, wanted));
cleanup:
    return status;
}

epocl_status ensemble_read(const safetensors *file, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    member_shape *shapes = NULL;
    epocl_network *members[ENSEMBLE_MOST_MEMBERS] = {NULL};
    uint32_t weights[ENSEMBLE_MOST_MEMBERS] = {0};
    size_t count = 0;
    *network = NULL;
    TRY(network_check_format(file, ENSEMBLE_FORMAT_VERSION));
    TRY(read_count(file, &count));
    TRY(read_weights(file, count, weights));
    TRY(allocate(count, sizeof *shapes, "the shapes of members", &shapes));
    TRY(read_shapes(file, count, shapes));
    TRY(check_tensors(file, count, shapes));
    for (size_t k = 0; k < count; k++) {
        char prefix[PREFIX_CAPACITY];
        const network_place place = {"", member_prefix(k, prefix)};
        TRY(network_make(file, &place, shapes[k].counts, shapes[k].layer_count, members[0], &members[k]));
    }
    TRY(ensemble_create(members, weights, count, network));
cleanup:
    for (size_t k = 0; k < count && !*network; k++) epocl_network_release(members[k]);
    free(shapes);
    return status;
}
