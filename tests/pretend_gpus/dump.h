/* What a device's compiler is given and what is launched, kept in the folder that PRETEND_DUMP names. */
#ifndef EPOCL_TESTS_PRETEND_DUMP_H
#define EPOCL_TESTS_PRETEND_DUMP_H

#include <CL/cl_icd.h>

/* The program's text and options as the next N.cl and N.options. */
void dump_program(const cl_icd_dispatch *target, cl_program program, const char *options);

/* A line in `launches`: N of the program, the kernel's name, items and items of a work-group, twice each. */
void dump_launch(const cl_icd_dispatch *target, cl_kernel kernel, cl_uint dimensions, const size_t *global,
                 const size_t *local);

#endif
