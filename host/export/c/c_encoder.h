/* The encoder of tables in C: columns to a network's inputs, its outputs to values, and what columns are in words. A
 * category is given as a code, its place among the levels. */
#ifndef EPOCL_EXPORT_C_C_ENCODER_H
#define EPOCL_EXPORT_C_C_ENCODER_H

#include "data/encoder/encoder.h"
#include "export/c/c_dense.h"
#include "export/text_file.h"

/* EPOCL_ERROR_ARGUMENT when floats cannot hold the distance of two neighbouring knots or edges. */
epocl_status c_encoder_check(const encoder *e);

/* Lines of a comment that say what each column's input is, and each class if there are any. */
epocl_status c_encoder_describe(text_file *text, const encoder *e);

/* A macro of the classes' names, as strings between braces; nothing without classes. */
void c_encoder_names(text_file *text, const encoder *e, const char *macro);

/* The numbers of columns and of targets. */
void c_encoder_tables(text_file *text, const encoder *e, const c_dense *form);

/* A function `encode(inputs, to)`; with values to predict a function `decode(outputs)` as well. */
void c_encoder_define(text_file *text, const encoder *e, const c_dense *form);

#endif
