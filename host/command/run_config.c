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
    return json_pack("{so so so so so so so so so sI sI sf ss so ss ss ss}",                              //
                     "data", json_text(given->data),                                                      //
                     "labels", json_text(given->labels),                                                  //
                     "valid", json_text(given->valid),                                                    //
                     "valid_labels", json_text(given->valid_labels),                                      //
                     "valid_split", given->valid_split > 0 ? json_real(given->valid_split) : json_null(), //
                     "normalize", json_text(given->normalize),                                            //
                     "hidden", units_json(&given->hidden),                                                //
                     "activation", json_text(given->activation),                                          //
                     "cost", json_text(given->cost),                                                      //
                     "epochs", (json_int_t)given->epochs,                                                 //
                     "batch_size", (json_int_t)given->batch_size,                                         //
                     "learning_rate", given->learning_rate,                                               //
                     "seed", seed,                                                                        //
                     "device", json_text(given->device),                                                  //
                     "matmul", given->matmul,                                                             //
                     "plan", given->plan,                                                                 //
                     "tune", given->tune);
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
