/* A data set on its way to the tensors of a pass. */
#ifndef EPOCL_EXECUTION_BATCH_H
#define EPOCL_EXECUTION_BATCH_H

#include "execution/device_dataset.h"
#include "model/network.h"
#include "operations/operations.h"

/* Adds the tensors that a data set on the device has; its weights only if `has_its_weights`. */
void batch_borrow(const batch_tensors *b, const plan *p, const device_dataset *data, bool has_its_weights,
                  lent_buffers *lent);

/* Copies the data set, but what is borrowed of it, and the network's normalisation to the device. */
epocl_status batch_upload(const batch_tensors *b, const executable *e, const epocl_network *network,
                          const epocl_dataset *dataset);

/* Of those, how inputs are made of what a data set holds. */
epocl_status batch_upload_inputs(const batch_tensors *b, const executable *e, const epocl_network *network);

#endif
