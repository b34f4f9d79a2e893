/* Test vectors of a C export: inputs, outputs and bounds, and a main() that compares. */
#ifndef EPOCL_EXPORT_C_C_VECTORS_H
#define EPOCL_EXPORT_C_C_VECTORS_H

#include "export/text_file.h"
#include "model/network.h"

/* `macro` is the prefix in capital letters. The same network gives the same text. */
epocl_status c_vectors_write(text_file *text, const epocl_network *network, const char *prefix, const char *macro);

/* The inputs of vector number `vector`, or columns of a table, as training data may be. */
void c_vectors_draw(const epocl_network *network, size_t vector, float *inputs);

/* Writes the table's name and its values, as `const float name[count] = { ... }` needs them. */
void c_table(text_file *text, const float *values, size_t count);

#endif
