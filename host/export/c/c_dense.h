/* Layers in C: their parameters as tables, and the function `dense` that weighs with them, of floats or of 8 bits. */
#ifndef EPOCL_EXPORT_C_C_DENSE_H
#define EPOCL_EXPORT_C_C_DENSE_H

#include "export/text_file.h"
#include "model/network.h"

typedef struct c_dense {
    const char *prefix; /* of the names that other files may see                           */
    const char *macro;  /* the prefix in capital letters                                   */
    bool is_quantized;  /* weights are those of quantized_copy(), written as whole numbers */
    bool is_declaring;  /* tables are declared, not defined                                */
} c_dense;

/* A table of floats, whose name has the prefix before `name`. */
void c_dense_table(text_file *text, const c_dense *form, const char *name, const float *values, size_t count);

/* Macros that say how values are read where `form` needs more than the macro READ. */
void c_dense_macros(text_file *text, const c_dense *form);

/* The tables of layer `index`; `suffix` is that of a member's names. */
void c_dense_parameters(text_file *text, const c_dense *form, const layer *one, const char *suffix, size_t index);

void c_dense_define(text_file *text, const c_dense *form);

/* A call that takes the array `from` to the array `to`. */
void c_dense_apply(text_file *text, const c_dense *form, const layer *one, const char *suffix, size_t index,
                   const char *from, const char *to);

#endif
