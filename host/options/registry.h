/* The library's options: one row each, in the order of the help. */
#ifndef EPOCL_OPTIONS_REGISTRY_H
#define EPOCL_OPTIONS_REGISTRY_H

#include "options/values.h"

/* Of values in an epocl_options. */
extern const option_row registry[];
extern const size_t registry_count;

/* The row of a name or its other name; NULL without. Hyphens and underscores are the same. */
const option_row *registry_find(const char *name);

#endif
