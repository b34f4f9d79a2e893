/* Files that are no tables to epocl, told by how they begin. */
#ifndef EPOCL_DATA_FORMAT_OTHER_FORMATS_H
#define EPOCL_DATA_FORMAT_OTHER_FORMATS_H

#include <stddef.h>

/* What such a file is, and what to do with it; NULL for any other file. */
const char *other_format_find(const char *head, size_t bytes);

#endif
