/* A line chart with logarithmic axes, as an SVG file of its own. */
#ifndef EPOCL_COMMAND_SHOW_LINE_CHART_H
#define EPOCL_COMMAND_SHOW_LINE_CHART_H

#include "base/status.h"

typedef struct chart_line {
    const char *name;
    const double *y; /* one for each x; what is not above 0 and finite is left out */
} chart_line;

typedef struct line_chart {
    const char *title, *x_name, *y_name;
    const double *x; /* above 0, ascending; the ticks of the axis */
    size_t x_count;
    const chart_line *lines;
    size_t line_count;
} line_chart;

/* The SVG's text, `*byte_count` bytes that the caller frees. */
epocl_status line_chart_svg(const line_chart *chart, char **text, size_t *byte_count);

#endif
