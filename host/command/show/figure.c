#include "command/show/figure.h"

#include <math.h>
#include <stdio.h>

const char *figure_text(double value, bool is_padded, char text[FIGURE_CAPACITY]) {
    const bool is_long = fabs(value) >= 1e4 && fabs(value) < 1e15; /* false of NaN */
    snprintf(text, FIGURE_CAPACITY, is_long ? "%.0f" : is_padded ? "%#.5g" : "%.5g", value);
    return text;
}
