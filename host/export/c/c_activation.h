/* Activations as text in C99, in single precision. */
#ifndef EPOCL_EXPORT_C_C_ACTIVATION_H
#define EPOCL_EXPORT_C_C_ACTIVATION_H

#include "export/text_file.h"
#include "model/network.h"

/* Writes the functions that the layers of a network need, each once. */
void c_activation_define(text_file *text, const epocl_network *network);

/* Writes the statement that applies the activation to the first `count` values of the array `values`; none for the
 * identity. */
void c_activation_apply(text_file *text, const epocl_network *network, size_t layer_index, const char *values,
                        size_t count);

#endif
