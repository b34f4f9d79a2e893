/* Predictions for a table, row by row, however long it is. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_PREDICT_H
#define EPOCL_COMMAND_TABLE_TABLE_PREDICT_H

#include "command/options/options.h"

#include <jansson.h>

/* Whether the network was trained on a table. */
bool table_network(const epocl_network *network);

/* Reads --data and prints a line a row: the id, where there is one, the prediction and, with --proba, the probability
 * of each class; with --append, all of that after the row as it stands in the file. */
epocl_status table_predict(const settings *given, const epocl_network *network);

/* The rows of --data that have targets, to evaluate the network on. */
epocl_status table_evaluation_load(const settings *given, const epocl_network *network, epocl_dataset **dataset);

/* Adds the names of a table's targets and classes to the object, which it takes over; NULL without memory. */
json_t *table_names_json(const epocl_network *network, json_t *object);

#endif
