/* Models of other programs, to begin a training from. */
#ifndef EPOCL_COMMAND_RUN_FOREIGN_H
#define EPOCL_COMMAND_RUN_FOREIGN_H

#include "command/options/options.h"

/* Whether it is ONNX or safetensors of a PyTorch Sequential. EPOCL_ERROR_NO_INPUT and others where it cannot be read.
 */
epocl_status foreign_is_one(const char *path, bool *is_one);

/* The network of such a file, given->init, for the data. What the file leaves open is as the command line says, and
 * its cost else what fits the data's targets.
 * Inputs are normalised as --normalize says, where the file does nothing to them. */
epocl_status foreign_network(const command *used, const settings *given, const epocl_dataset *data,
                             epocl_network **network);

#endif
