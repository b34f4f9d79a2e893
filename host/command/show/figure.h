/* Costs and errors as people read them. */
#ifndef EPOCL_COMMAND_SHOW_FIGURE_H
#define EPOCL_COMMAND_SHOW_FIGURE_H

#include <stdbool.h>

enum { FIGURE_CAPACITY = 32 };

/* Writes a number in five digits, or, where it has more before its point, all of those; returns `text`. `is_padded`:
 * with the zeros at its end, as numbers in a column have them. */
const char *figure_text(double value, bool is_padded, char text[FIGURE_CAPACITY]);

#endif
