/* Predictions for a table, row by row, however long it is. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_PREDICT_H
#define EPOCL_COMMAND_TABLE_TABLE_PREDICT_H

#include "command/options/options.h"

/* Whether the network was trained on a table. */
bool table_network(const epocl_network *network);

/* Reads --data and prints a line a row: the id, where there is one, the prediction and, with --proba, the probability
 * of each class; with --append, all of that after the row as it stands in the file. */
epocl_status table_predict(const settings *given, const epocl_network *network);

/* Cost and accuracy of a network on --data; of numbers, their errors in units of the target. */
epocl_status table_evaluate(const settings *given, const epocl_network *network);

#endif
