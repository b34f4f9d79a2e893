/* A line chart, as an SVG file of its own or as a part of an HTML page. Its axes are logarithmic unless told otherwise.
 */
#ifndef EPOCL_COMMAND_SHOW_LINE_CHART_H
#define EPOCL_COMMAND_SHOW_LINE_CHART_H

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct chart_line {
    const char *name;
    const double *y; /* one for each x; what is not finite and, on a logarithmic axis, above 0 is left out */
    bool has_points_alone;
    bool is_reference; /* of a page: a dashed line, class `reference`, without points */
} chart_line;

typedef struct line_chart {
    const char *title, *x_name, *y_name;
    const double *x; /* ascending; on a logarithmic axis above 0, and its ticks */
    size_t x_count;
    const chart_line *lines;
    size_t line_count;
    bool x_is_linear, y_is_linear, x_is_whole; /* x_is_whole: ticks at whole numbers, and ends as they are */
    /* The page has the colours: classes `grid`, `axis`, line0, line1, ... for strokes and dot0, dot1, ... for points.
     */
    bool is_part;
} line_chart;

/* Appends it to `out`, whose failures its owner looks for. */
void line_chart_put(FILE *out, const line_chart *chart);

/* The SVG's text, `*byte_count` bytes that the caller frees. */
epocl_status line_chart_svg(const line_chart *chart, char **text, size_t *byte_count);

#endif
