#include "command/show/json_line.h"

#include "base/printable.h"
#include "command/show/describe.h"
#include "command/system/streams.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_text(const char *text) {
    if (!text) return json_null();
    json_t *string = json_string(text);
    if (string) return string;
    char *copy = malloc(strlen(text) + 1);
    if (!copy) return NULL;
    string = json_string(printable_utf8(strcpy(copy, text)));
    free(copy);
    return string;
}

json_t *json_appended(json_t *array, json_t *value) {
    if (json_array_append_new(array, value) == 0) return array;
    json_decref(array);
    return NULL;
}

json_t *json_device(const epocl_device_info *info) {
    return json_pack("{sI sI sI ss so so so so so sI sI sI sI sI sI so}",            //
                     "index", (json_int_t)info->index,                               //
                     "platform", (json_int_t)info->platform,                         //
                     "device", (json_int_t)info->device,                             //
                     "type", device_type_text(info->type),                           //
                     "name", json_text(info->name),                                  //
                     "vendor", json_text(info->vendor),                              //
                     "platform_name", json_text(info->platform_name),                //
                     "device_version", json_text(info->device_version),              //
                     "driver_version", json_text(info->driver_version),              //
                     "compute_units", (json_int_t)info->compute_units,               //
                     "native_vector_width", (json_int_t)info->native_vector_width,   //
                     "max_work_group_size", (json_int_t)info->max_work_group_size,   //
                     "global_memory_bytes", (json_int_t)info->global_memory_bytes,   //
                     "max_allocation_bytes", (json_int_t)info->max_allocation_bytes, //
                     "local_memory_bytes", (json_int_t)info->local_memory_bytes,     //
                     "unusable", *info->unusable ? json_text(info->unusable) : json_null());
}

static json_t *json_layers(const epocl_network *network) {
    json_t *layers = json_array();
    const size_t layer_count = epocl_network_layer_count(network);
    size_t input_count = epocl_network_input_count(network);
    for (size_t i = 0; i < layer_count; i++) {
        const size_t output_count = epocl_network_output_count(network, i);
        layers = json_appended(layers, json_pack("{sI sI}", "inputs", (json_int_t)input_count, //
                                                 "outputs", (json_int_t)output_count));
        input_count = output_count;
    }
    return layers;
}

/* The members of an ensemble; NULL, and no error, of another network. */
static json_t *json_members(const epocl_network *network) {
    const size_t count = epocl_network_member_count(network);
    json_t *members = count > 1 ? json_array() : NULL;
    for (size_t k = 0; k < count && members; k++)
        members =
            json_appended(members, json_pack("{so so}", "share", json_number(epocl_network_member_share(network, k)), //
                                             "layers", json_layers(epocl_network_member(network, k))));
    return members;
}

json_t *json_network(const epocl_network *network) {
    return json_pack("{so sI ss ss ss ss so*}",                                        //
                     "layers", json_layers(network),                                   //
                     "parameters", (json_int_t)epocl_network_parameter_count(network), //
                     "activation", epocl_network_activation(network),                  //
                     "cost", epocl_network_cost(network),                              //
                     "targets", epocl_network_targets(network),                        //
                     "normalization", epocl_network_normalization(network),            //
                     "members", json_members(network));
}

json_t *json_event(const char *event, json_t *members) {
    json_t *object = json_pack("{ss}", "event", event);
    const int code = json_object_update(object, members);
    json_decref(members);
    if (code == 0) return object;
    json_decref(object);
    return NULL;
}

char *json_written(const json_t *value, size_t flags) {
    const size_t length = json_dumpb(value, NULL, 0, flags);
    char *text = length ? malloc(length + 1) : NULL;
    if (!text) return NULL;
    text[length] = '\0';
    if (json_dumpb(value, text, length, flags) == length) return text;
    free(text);
    return NULL;
}

epocl_status json_line_print(json_t *object) {
    if (!object || json_object_set_new(object, "schema", json_integer(JSON_SCHEMA)) != 0) {
        json_decref(object);
        return fail(EPOCL_ERROR_MEMORY, "not enough memory for a line of JSON");
    }
    char *line = json_written(object, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (!line) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a line of JSON");
    /* The one control character that is left is within a string. */
    for (const char *c = line; *c; c++)
        if (*c == 0x7f)
            fputs("\\u007f", stdout);
        else
            putchar(*c);
    putchar('\n');
    streams_flush();
    free(line);
    return EPOCL_OK;
}
