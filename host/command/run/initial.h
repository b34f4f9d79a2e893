/* The network that --init FILE begins from: a model of epocl's, or one of another program's. */
#ifndef EPOCL_COMMAND_RUN_INITIAL_H
#define EPOCL_COMMAND_RUN_INITIAL_H

#include "command/options/options.h"

/* A model of epocl's own that given->init names, before data are read, since a table is encoded as its model has it;
 * NULL without given->init, and of another program's model. */
epocl_status initial_base(const settings *given, epocl_network **base);

/* Makes the network to train of `base`, or of the file that given->init names, for the data, and puts what describes a
 * network in the file's words into `given`, as config.json keeps it. EPOCL_ERROR_DATA where the file does not fit the
 * data, EPOCL_ERROR_ARGUMENT where the command line describes another network. That an output layer is drawn anew is
 * said on standard error. */
epocl_status initial_network(const command *used, settings *given, const epocl_dataset *data, const epocl_network *base,
                             epocl_network **network);

#endif
