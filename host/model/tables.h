/* Tables and networks: the public side of tables, and what of it the program uses. No OpenCL here. */
#ifndef EPOCL_MODEL_TABLES_H
#define EPOCL_MODEL_TABLES_H

#include "options/values.h"

#include <stdbool.h>

/* Whether numbers to predict are standardised for the cost and outputs asked for: others take targets as they are. */
bool tables_standardise(const network_options *wanted);

#endif
