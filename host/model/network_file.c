/* Networks as safetensors files: what is written, and everything that is checked when it is read. */
#include "model/network_file.h"

#include "base/checked.h"
#include "base/printable.h"
#include "data/encoder/encoder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the metadata says of targets that are no labels. */
#define TARGETS_OF_VALUES "values"

/* More than an encoder of the widest network has. */
#define ENCODER_MOST_BYTES ((uint64_t)1 << 32)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && sizeof(float) == 4,
               "tensors are written as they lie in memory, and the file is little-endian");

/* ---- The tensors of a network: input.scale, input.shift, then weight and bias of each layer ------ */

enum { INPUT_SCALE, INPUT_SHIFT, FIRST_LAYER_TENSOR, SHAPE_TEXT_CAPACITY = 64 };

_Static_assert(FIRST_LAYER_TENSOR + 2 * NETWORK_MAX_LAYERS == NETWORK_LAYER_TENSORS, "there is room for every tensor");

static const char encoder_text[] = "encoder.text", encoder_numbers[] = "encoder.numbers";

static size_t tensor_count_for(size_t layer_count) {
    return FIRST_LAYER_TENSOR + 2 * layer_count;
}

/* Name and shape of tensor `index` in a network whose layers have counts[0] (inputs), counts[1], ... units. */
static safetensors_tensor describe_tensor(const network_place *place, const size_t *counts, size_t index,
                                          char name[NETWORK_NAME_CAPACITY]) {
    safetensors_tensor tensor = {.name = name, .type = "F32", .dimension_count = 1};
    if (index < FIRST_LAYER_TENSOR) {
        snprintf(name, NETWORK_NAME_CAPACITY, "%s%s", place->inputs,
                 index == INPUT_SCALE ? "input.scale" : "input.shift");
        tensor.shape[0] = counts[0];
        return tensor;
    }
    const size_t layer_index = (index - FIRST_LAYER_TENSOR) / 2;
    const bool is_weight = (index - FIRST_LAYER_TENSOR) % 2 == 0;
    snprintf(name, NETWORK_NAME_CAPACITY, "%slayers.%zu.%s", place->layers, layer_index, is_weight ? "weight" : "bias");
    tensor.shape[0] = counts[layer_index + 1];
    if (is_weight) tensor.shape[tensor.dimension_count++] = counts[layer_index];
    return tensor;
}

static float *tensor_values(const epocl_network *network, size_t index) {
    if (index == INPUT_SCALE) return network->input_scale;
    if (index == INPUT_SHIFT) return network->input_shift;
    const layer *owner = &network->layers[(index - FIRST_LAYER_TENSOR) / 2];
    return (index - FIRST_LAYER_TENSOR) % 2 == 0 ? owner->weights : owner->biases;
}

static size_t value_count(const safetensors_tensor *tensor) {
    size_t count = 1;
    for (size_t i = 0; i < tensor->dimension_count; i++) count *= tensor->shape[i];
    return count;
}

/* Fails with `status` at the first value that is not finite. */
static epocl_status check_finite(epocl_status status, const char *name, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return fail(status, "%s contains %s at index %zu", name, isnan(values[i]) ? "NaN" : "infinity", i);
    return EPOCL_OK;
}

/* ---- Save --------------------------------------------------------------------------------------- */

static size_t layer_counts(const epocl_network *network, size_t counts[NETWORK_MAX_LAYERS + 1]) {
    counts[0] = network->layers[0].input_count;
    for (size_t i = 0; i < network->layer_count; i++) counts[i + 1] = network->layers[i].output_count;
    return network->layer_count;
}

/* Two tensors more: the bytes of its text come last, so that numbers lie at multiples of their size. */
static void describe_encoder(const encoder *e, network_entries *entries) {
    const size_t numbers = entries->tensor_count++, text = entries->tensor_count++;
    entries->tensors[numbers] =
        (safetensors_tensor){.name = encoder_numbers, .type = "F32", .dimension_count = 1, .shape = {e->number_count}};
    entries->values[numbers] = e->numbers;
    entries->tensors[text] =
        (safetensors_tensor){.name = encoder_text, .type = "U8", .dimension_count = 1, .shape = {e->text_bytes}};
    entries->values[text] = e->text;
}

epocl_status network_describe(const epocl_network *network, const char *prefix, network_entries *entries) {
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0};
    if (!network->has_parameters)
        return fail(EPOCL_ERROR_ARGUMENT, "the network has no parameters to save; train it first");
    const size_t layer_count = layer_counts(network, counts);
    for (size_t i = 0, used = 0; i <= layer_count; i++)
        used += (size_t)snprintf(entries->layers_text + used, sizeof entries->layers_text - used, i ? ",%zu" : "%zu",
                                 counts[i]);
    entries->tensor_count = tensor_count_for(layer_count);
    for (size_t i = 0; i < entries->tensor_count; i++) {
        safetensors_tensor *tensor = &entries->tensors[i];
        *tensor = describe_tensor(&(network_place){prefix, prefix}, counts, i, entries->names[i]);
        entries->values[i] = tensor_values(network, i);
        const epocl_status status =
            check_finite(EPOCL_ERROR_DIVERGED, tensor->name, entries->values[i], value_count(tensor));
        if (status != EPOCL_OK) return fail_prefix(status, "not saved: ");
    }
    if (network->encoder && !*prefix) describe_encoder(network->encoder, entries);
    const safetensors_pair metadata[] = {
        {"format", NETWORK_FORMAT},
        {"format_version", NETWORK_FORMAT_VERSION},
        {"epocl_version", EPOCL_VERSION},
        {"layers", entries->layers_text},
        {"activation", network->activation_text},
        {"cost", network->cost_text},
        {"normalization", network->normalization},
    };
    memcpy(entries->metadata, metadata, sizeof metadata);
    entries->metadata_count = sizeof metadata / sizeof *metadata;
    /* Only where the cost leaves the choice, and where targets are no labels. */
    if (head_takes_any_output(network->head))
        entries->metadata[entries->metadata_count++] = (safetensors_pair){"output", network->output_text};
    if (network->of_values)
        entries->metadata[entries->metadata_count++] = (safetensors_pair){"targets", TARGETS_OF_VALUES};
    return EPOCL_OK;
}

static epocl_status save(const epocl_network *network, file_place place) {
    network_entries entries;
    if (!network || !place.name)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_save: %s is NULL", network ? "path" : "network");
    if (network->member_count) return ensemble_write(network, place);
    const epocl_status status = network_describe(network, "", &entries);
    if (status != EPOCL_OK) return fail_prefix(status, "%s: ", place.name);
    return safetensors_write(place, entries.metadata, entries.metadata_count, entries.tensors, entries.values,
                             entries.tensor_count);
}

epocl_status epocl_network_save(const epocl_network *network, const char *path) {
    return save(network, file_at(NO_FOLDER, path));
}

epocl_status epocl_network_save_at(const epocl_network *network, int folder, const char *name) {
    return save(network, file_at(folder, name));
}

epocl_status epocl_network_save_memory(const epocl_network *network, void **bytes, size_t *byte_count) {
    memory_block made = {0};
    if (bytes) *bytes = NULL;
    if (!bytes || !byte_count) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_save_memory: NULL argument");
    const epocl_status status = save(network, file_in_memory(&made));
    *bytes = made.bytes;
    *byte_count = made.byte_count;
    return status;
}

void epocl_memory_release(void *bytes) {
    free(bytes);
}

/* ---- Load --------------------------------------------------------------------------------------- */

/* The value of a metadata key that must be there, as printable text. */
static epocl_status get_metadata(const safetensors *file, const char *key, char value[PRINTABLE_CAPACITY]) {
    const char *text = safetensors_metadata(file, key);
    if (!text) return fail(EPOCL_ERROR_DATA, "is not a model of epocl: its metadata has no '%s'", key);
    printable(text, value);
    return EPOCL_OK;
}

epocl_status network_check_format(const safetensors *file, const char *wanted) {
    epocl_status status = EPOCL_OK;
    char name[PRINTABLE_CAPACITY], version[PRINTABLE_CAPACITY];
    TRY(get_metadata(file, "format", name));
    if (strcmp(name, NETWORK_FORMAT) != 0)
        return fail(EPOCL_ERROR_DATA, "is not a model of epocl: its format is '%s'", name);
    TRY(get_metadata(file, "format_version", version));
    if (strcmp(version, wanted) != 0)
        return fail(EPOCL_ERROR_DATA, "has format version '%s' where epocl %s reads version %s", version, EPOCL_VERSION,
                    wanted);
cleanup:
    return status;
}

/* Decimal numbers without sign, space or leading zero; the caps are network_allocate()'s. */
epocl_status network_parse_shape(const char *text, size_t length, size_t counts[NETWORK_MAX_LAYERS + 1],
                                 size_t *layer_count) {
    const char *end = text + length;
    size_t count = 0;
    for (const char *c = text;; c++) {
        size_t value = 0;
        const char *start = c;
        for (; c < end && *c >= '0' && *c <= '9' && value <= NETWORK_MAX_UNITS; c++)
            value = value * 10 + (size_t)(*c - '0');
        if (c == start || *start == '0' || (c < end && *c != ',') || count > NETWORK_MAX_LAYERS) break;
        counts[count++] = value;
        if (c < end) continue;
        if (count < 2) break;
        *layer_count = count - 1;
        return EPOCL_OK;
    }
    char shown[PRINTABLE_CAPACITY];
    return fail(EPOCL_ERROR_DATA, "metadata 'layers' is '%s' and not a list of unit counts like 784,128,10",
                printable(text, shown));
}

static epocl_status parse_layers(const safetensors *file, size_t counts[NETWORK_MAX_LAYERS + 1], size_t *layer_count) {
    const char *text = safetensors_metadata(file, "layers");
    if (!text) return fail(EPOCL_ERROR_DATA, "is not a model of epocl: its metadata has no 'layers'");
    return network_parse_shape(text, strlen(text), counts, layer_count);
}

static const char *format_shape(const safetensors_tensor *tensor, char text[SHAPE_TEXT_CAPACITY]) {
    size_t used = (size_t)snprintf(text, SHAPE_TEXT_CAPACITY, "%s [", tensor->type);
    for (size_t i = 0; i < tensor->dimension_count && used < SHAPE_TEXT_CAPACITY; i++)
        used += (size_t)snprintf(text + used, SHAPE_TEXT_CAPACITY - used, i ? ", %zu" : "%zu", tensor->shape[i]);
    if (used < SHAPE_TEXT_CAPACITY) snprintf(text + used, SHAPE_TEXT_CAPACITY - used, "]");
    return text;
}

static bool is_same_shape(const safetensors_tensor *a, const safetensors_tensor *b) {
    return strcmp(a->type, b->type) == 0 && a->dimension_count == b->dimension_count &&
           memcmp(a->shape, b->shape, a->dimension_count * sizeof *a->shape) == 0;
}

/* Every tensor of the network must be there as described, and no further one may claim to be of a layer. */
epocl_status network_check_tensors(const safetensors *file, const network_place *place, const size_t *counts,
                                   size_t layer_count) {
    char name[NETWORK_NAME_CAPACITY], of_layers[NETWORK_NAME_CAPACITY];
    snprintf(of_layers, sizeof of_layers, "%slayers.", place->layers);
    for (size_t i = 0; i < tensor_count_for(layer_count); i++) {
        const safetensors_tensor wanted = describe_tensor(place, counts, i, name);
        const safetensors_tensor *found = safetensors_find(file, name);
        char wanted_text[SHAPE_TEXT_CAPACITY], found_text[SHAPE_TEXT_CAPACITY];
        if (!found) return fail(EPOCL_ERROR_DATA, "tensor '%s' is missing", name);
        if (!is_same_shape(&wanted, found))
            return fail(EPOCL_ERROR_DATA, "tensor '%s' is %s where the layers need %s", name,
                        format_shape(found, found_text), format_shape(&wanted, wanted_text));
    }
    for (size_t i = 0; i < safetensors_tensor_count(file); i++) {
        const char *found = safetensors_tensor_at(file, i)->name;
        bool is_known = strncmp(found, of_layers, strlen(of_layers)) != 0;
        for (size_t j = FIRST_LAYER_TENSOR; j < tensor_count_for(layer_count) && !is_known; j++)
            is_known = strcmp(found, describe_tensor(place, counts, j, name).name) == 0;
        char shown[PRINTABLE_CAPACITY];
        if (!is_known)
            return fail(EPOCL_ERROR_DATA, "tensor '%s' belongs to none of the %zu layers", printable(found, shown),
                        layer_count);
    }
    return EPOCL_OK;
}

static epocl_status set_normalization(const safetensors *file, epocl_network *network) {
    static const char *const kinds[] = {"none", "scale255", "zscore", "minmax", NETWORK_ENCODED};
    char kind[PRINTABLE_CAPACITY];
    const epocl_status status = get_metadata(file, "normalization", kind);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i], kind) == 0) {
            network->normalization = kinds[i];
            return EPOCL_OK;
        }
    return fail(EPOCL_ERROR_DATA, "unknown normalization '%s'; there are: none, scale255, zscore, minmax, encoder",
                kind);
}

static epocl_status read_targets(const safetensors *file, epocl_network *network) {
    const char *targets = safetensors_metadata(file, "targets");
    char shown[PRINTABLE_CAPACITY];
    if (targets && strcmp(targets, TARGETS_OF_VALUES) != 0)
        return fail(EPOCL_ERROR_DATA, "metadata 'targets' is '%s' and not '%s'", printable(targets, shown),
                    TARGETS_OF_VALUES);
    network->of_values = targets != NULL;
    return EPOCL_OK;
}

static epocl_status read_functions(const safetensors *file, epocl_network *network) {
    const char *activation = safetensors_metadata(file, "activation"), *cost = safetensors_metadata(file, "cost");
    if (!activation || !cost)
        return fail(EPOCL_ERROR_DATA, "is not a model of epocl: its metadata has no '%s'",
                    activation ? "cost" : "activation");
    return network_set_functions(network, activation, cost, safetensors_metadata(file, "output"));
}

static epocl_status read_values(const safetensors *file, const network_place *place, const size_t *counts,
                                epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < tensor_count_for(network->layer_count); i++) {
        char name[NETWORK_NAME_CAPACITY];
        const safetensors_tensor tensor = describe_tensor(place, counts, i, name);
        TRY(safetensors_read(file, safetensors_find(file, name), tensor_values(network, i)));
        TRY(check_finite(EPOCL_ERROR_DATA, name, tensor_values(network, i), value_count(&tensor)));
    }
    network->has_parameters = true;
cleanup:
    return status;
}

/* A tensor of one dimension, read whole; the caller frees it. */
static epocl_status read_array(const safetensors *file, const char *name, const char *type, void *values,
                               size_t *count) {
    const safetensors_tensor *found = safetensors_find(file, name);
    if (!found || strcmp(found->type, type) != 0 || found->dimension_count != 1)
        return fail(EPOCL_ERROR_DATA, "tensor '%s' is missing or not %s of one dimension", name, type);
    *count = found->shape[0];
    if (found->byte_count > ENCODER_MOST_BYTES) return fail(EPOCL_ERROR_DATA, "tensor '%s' is too large", name);
    const epocl_status status = allocate((size_t)found->byte_count, 1, "an encoder", values);
    return status == EPOCL_OK ? safetensors_read(file, found, *(void **)values) : status;
}

/* The encoder of a network that has one: it makes its inputs, and its outputs are of its targets. */
static epocl_status read_encoder(const safetensors *file, epocl_network *network) {
    epocl_status status = EPOCL_OK;
    char *text = NULL;
    float *numbers = NULL;
    size_t text_bytes = 0, number_count = 0;
    if (strcmp(network->normalization, NETWORK_ENCODED) != 0) return EPOCL_OK;
    TRY(read_array(file, encoder_text, "U8", &text, &text_bytes));
    TRY(read_array(file, encoder_numbers, "F32", &numbers, &number_count));
    TRY(encoder_read_text(text, text_bytes, numbers, number_count, &network->encoder));
    const encoder *e = network->encoder;
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    if (e->input_count != network->layers[0].input_count)
        TRY(fail(EPOCL_ERROR_DATA, "its encoder makes %zu inputs and the layers take %zu", e->input_count,
                 network->layers[0].input_count));
    if (encoder_output_count(e) != output_count)
        TRY(fail(EPOCL_ERROR_DATA, "its encoder has %zu %s for %zu outputs", encoder_output_count(e),
                 e->class_count ? "classes" : "targets", output_count));
cleanup:
    free(numbers);
    free(text);
    return status;
}

epocl_status network_make(const safetensors *file, const network_place *place, const size_t *counts, size_t layer_count,
                          const epocl_network *alike, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *made = NULL;
    *network = NULL;
    TRY(network_allocate(counts, layer_count, &made));
    TRY(read_functions(file, made));
    TRY(read_targets(file, made));
    TRY(set_normalization(file, made));
    TRY(read_values(file, place, counts, made));
    if (alike)
        made->encoder = encoder_hold(alike->encoder);
    else
        TRY(read_encoder(file, made));
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    return status;
}

/* What epocl_network_create() would refuse as an argument is damage in a file. */
static epocl_status as_damage(epocl_status status) {
    return status == EPOCL_ERROR_ARGUMENT ? EPOCL_ERROR_DATA : status;
}

epocl_status network_read(const safetensors *file, const char *prefix, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    const network_place place = {prefix, prefix};
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0}, layer_count = 0;
    *network = NULL;
    TRY(network_check_format(file, NETWORK_FORMAT_VERSION));
    TRY(parse_layers(file, counts, &layer_count));
    /* Before memory is taken: the file holds as much as it claims. */
    TRY(network_check_tensors(file, &place, counts, layer_count));
    TRY(network_make(file, &place, counts, layer_count, NULL, network));
cleanup:
    return as_damage(status);
}

static epocl_status load(file_place place, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    safetensors *file = NULL;
    if (network) *network = NULL;
    if (!network || !place.name)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_load: %s is NULL", place.name ? "network" : "path");
    TRY(safetensors_open(place, &file));
    if (safetensors_find(file, SAFETENSORS_CHECKSUM)) TRY(safetensors_verify(file));
    TRY(safetensors_metadata(file, "members") ? as_damage(ensemble_read(file, network))
                                              : network_read(file, "", network));
cleanup:
    if (status != EPOCL_OK) fail_prefix(status, "%s: ", place.name);
    safetensors_release(file);
    return status;
}

epocl_status epocl_network_load(const char *path, epocl_network **network) {
    return load(file_at(NO_FOLDER, path), network);
}

epocl_status epocl_network_load_at(int folder, const char *name, epocl_network **network) {
    return load(file_at(folder, name), network);
}

epocl_status epocl_network_load_memory(const void *bytes, size_t byte_count, epocl_network **network) {
    memory_block from = {(void *)bytes, byte_count}; /* only read */
    if (network) *network = NULL;
    if (!bytes) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_load_memory: bytes is NULL");
    return load(file_in_memory(&from), network);
}
