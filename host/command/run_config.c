#include "command/run_config.h"

#include "command/json_line.h"

#include <inttypes.h>
#include <stdio.h>

static json_t *units_json(const unit_list *units) {
    json_t *list = json_array();
    for (size_t i = 0; i < units->count; i++) list = json_appended(list, json_integer((json_int_t)units->values[i]));
    return list;
}

static json_t *settings_json(const settings *given) {
    char seed[24]; /* as text: JSON's numbers do not hold 64 bits everywhere */
    snprintf(seed, sizeof seed, "%" PRIu64, given->seed);
    char every[24];
    const interval *e = &given->checkpoint_every;
    snprintf(every, sizeof every, "%" PRIu64 "%s", e->epochs ? e->epochs : e->seconds, e->epochs ? "" : "s");
    return json_pack("{so so so so so so so so so so sI sI sf ss so ss ss ss ss}",                        //
                     "data", json_text(given->data),                                                      //
                     "labels", json_text(given->labels),                                                  //
                     "valid", json_text(given->valid),                                                    //
                     "valid_labels", json_text(given->valid_labels),                                      //
                     "valid_split", given->valid_split > 0 ? json_real(given->valid_split) : json_null(), //
                     "normalize", json_text(given->normalize),                                            //
                     "hidden", units_json(&given->hidden),                                                //
                     "classes", given->classes ? json_integer((json_int_t)given->classes) : json_null(),  //
                     "activation", json_text(given->activation),                                          //
                     "cost", json_text(given->cost),                                                      //
                     "epochs", (json_int_t)given->epochs,                                                 //
                     "batch_size", (json_int_t)given->batch_size,                                         //
                     "learning_rate", given->learning_rate,                                               //
                     "seed", seed,                                                                        //
                     "device", json_text(given->device),                                                  //
                     "matmul", given->matmul,                                                             //
                     "plan", given->plan,                                                                 //
                     "tune", given->tune,                                                                 //
                     "checkpoint_every", every);
}

json_t *run_config(const settings *given, const epocl_network *network, const epocl_device_info *device,
                   const char *plan) {
    return json_pack("{sI ss so so so so}",             //
                     "schema", (json_int_t)JSON_SCHEMA, //
                     "epocl", epocl_version(),          //
                     "settings", settings_json(given),  //
                     "network", json_network(network),  //
                     "device", json_device(device),     //
                     "plan", json_text(plan));
}

/* The text that sets an option to a member of `settings`, owned by `value` or `texts`; NULL for a member without one.
 */
static const char *option_text(json_t *value, json_t *texts) {
    char text[16 * UNITS_CAPACITY] = ""; /* no hidden layers */
    size_t used = 0;
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_integer(value))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else if (!json_is_array(value))
        return NULL;
    for (size_t i = 0; i < json_array_size(value) && used < sizeof text; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, i ? ",%" JSON_INTEGER_FORMAT : "%" JSON_INTEGER_FORMAT,
                             json_integer_value(json_array_get(value, i)));
    json_array_append_new(texts, json_string(text));
    return json_string_value(json_array_get(texts, json_array_size(texts) - 1));
}

epocl_status run_config_read(int file, const char *path, const command *used, json_t **config, settings *given) {
    json_error_t place;
    const char *key;
    json_t *value;
    *config = json_loadfd(file, JSON_REJECT_DUPLICATES, &place);
    if (!*config) return fail(EPOCL_ERROR_DATA, "%s:%d:%d: %s", path, place.line, place.column, place.text);
    json_t *members = json_object_get(*config, "settings"), *texts = json_array();
    if (json_object_set_new(*config, "texts", texts) != 0 || !json_is_object(members) ||
        json_integer_value(json_object_get(*config, "schema")) != JSON_SCHEMA)
        return fail(EPOCL_ERROR_DATA, "%s: is not the configuration of a run of this epocl", path);
    json_object_foreach(members, key, value) {
        char name[48];
        snprintf(name, sizeof name, "%s", key);
        for (char *c = name; *c; c++)
            if (*c == '_') *c = '-';
        const char *text = option_text(value, texts);
        if (text && options_store(used, name, name, text, given) != EPOCL_OK)
            return fail_prefix(EPOCL_ERROR_DATA, "%s: ", path);
    }
    return EPOCL_OK;
}
