/* Parameters on their way to the device and back. */
#ifndef EPOCL_EXECUTION_PARAMETERS_H
#define EPOCL_EXECUTION_PARAMETERS_H

#include "device/programs/executable.h"
#include "steps/parameters.h"

/* Copies a network's parameters to the device, and back: those of `layers`, which are the parameters' own or a slot's.
 */
epocl_status parameters_write(const layer_parameters *layers, const executable *e, const epocl_network *network);
epocl_status parameters_read(const layer_parameters *layers, const executable *e, epocl_network *network);

/* Copies the parameters as they are after what is enqueued to `best`, without a wait. */
epocl_status parameters_keep_best(const parameter_tensors *parameters, const executable *e);

#endif
