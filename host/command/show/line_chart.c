#include "command/show/line_chart.h"

#include "base/checked.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

/* In pixels. The legend has a line for each line below the plot. */
enum { WIDTH = 800, LEFT = 80, RIGHT = 780, TOP = 50, BOTTOM = 400, LEGEND_TOP = 470, LEGEND_STEP = 22 };
enum { X_TICKS_MOST = 12, Y_TICKS_MOST = 10, COLOUR_COUNT = 7 };

/* Okabe and Ito's colours, apart for all eyes; what comes after them is dashed. */
static const char *const colours[COLOUR_COUNT] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                  "#56b4e9", "#e69f00", "#000000"};

typedef struct axis {
    double low, high; /* values at its two ends */
    int from, to;     /* pixels                 */
} axis;

static double place(const axis *on, double value) {
    if (on->high <= on->low) return (on->from + on->to) / 2.0;
    return on->from + (on->to - on->from) * log(value / on->low) / log(on->high / on->low);
}

static bool is_shown(double y) {
    return isfinite(y) && y > 0;
}

/* 1, 2 or 5 times a power of ten: number `step` of them, 1 being step 0. */
static double round_number(int step) {
    static const double mantissas[] = {1, 2, 5};
    const int decade = step >= 0 ? step / 3 : -((2 - step) / 3);
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): rounding down leaves 0, 1 or 2. */
    return mantissas[step - 3 * decade] * pow(10, decade);
}

/* The last such step that is not above `value`. */
static int step_below(double value) {
    int step = 3 * (int)floor(log10(value));
    while (round_number(step + 1) <= value * (1 + 1e-9)) step++;
    return step;
}

/* The steps at the ends of the axis of y: round numbers around all values. */
static void y_steps(const line_chart *chart, int *low, int *high) {
    double least = DBL_MAX, most = 0;
    for (size_t l = 0; l < chart->line_count; l++)
        for (size_t i = 0; i < chart->x_count; i++) {
            const double y = chart->lines[l].y[i];
            if (!is_shown(y)) continue;
            least = fmin(least, y);
            most = fmax(most, y);
        }
    *low = most > 0 ? step_below(least) : 0;
    *high = most > 0 ? step_below(most) : 0;
    if (most > 0 && round_number(*high) < most) (*high)++;
    if (*high == *low) (*high)++;
}

/* Text between tags. */
static void put_text(FILE *out, const char *text) {
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else
            fputc(c < 32 || c > 126 ? '?' : c, out);
    }
}

static void put_label(FILE *out, double x, double y, const char *anchor, const char *text) {
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    put_text(out, text);
    fputs("</text>\n", out);
}

/* "500", "1024", "20k", "1.5M". */
static void put_number(FILE *out, double x, double y, const char *anchor, double value) {
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t unit = 0;
    while (unit + 1 < sizeof units / sizeof *units && value >= 1000 && (fmod(value, 1000) == 0 || value >= 1e6)) {
        value /= 1000;
        unit++;
    }
    char text[32];
    snprintf(text, sizeof text, "%.6g%s", value, units[unit]);
    put_label(out, x, y, anchor, text);
}

static void put_rule(FILE *out, double x1, double y1, double x2, double y2, const char *colour) {
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour);
}

static void put_axes(FILE *out, const line_chart *chart, const axis *x_axis, const axis *y_axis, int low, int high) {
    const size_t stride = divide_up(chart->x_count, X_TICKS_MOST);
    const bool only_decades = high - low + 1 > Y_TICKS_MOST;
    for (size_t i = 0; i < chart->x_count; i += stride) {
        const double x = place(x_axis, chart->x[i]);
        put_rule(out, x, TOP, x, BOTTOM, "#dddddd");
        put_number(out, x, BOTTOM + 20, "middle", chart->x[i]);
    }
    for (int step = low; step <= high; step++) {
        if (only_decades && step % 3 != 0) continue;
        const double y = place(y_axis, round_number(step));
        put_rule(out, LEFT, y, RIGHT, y, "#dddddd");
        put_number(out, LEFT - 8, y + 5, "end", round_number(step));
    }
    put_rule(out, LEFT, BOTTOM, RIGHT, BOTTOM, "#333333");
    put_rule(out, LEFT, TOP, LEFT, BOTTOM, "#333333");
    put_label(out, (LEFT + RIGHT) / 2.0, BOTTOM + 42, "middle", chart->x_name);
    put_label(out, LEFT, TOP - 8, "middle", chart->y_name);
    put_label(out, (LEFT + RIGHT) / 2.0, 24, "middle", chart->title);
}

/* The stroke of a line, as attributes. */
static void put_stroke(FILE *out, size_t number) {
    fprintf(out, " fill=\"none\" stroke-width=\"2\" stroke=\"%s\"", colours[number % COLOUR_COUNT]);
    if (number >= COLOUR_COUNT) fprintf(out, " stroke-dasharray=\"%zu 3\"", 2 + 4 * (number / COLOUR_COUNT));
}

/* Gaps are bridged. */
static void put_line(FILE *out, const line_chart *chart, size_t number, const axis *x_axis, const axis *y_axis) {
    const chart_line *line = &chart->lines[number];
    fputs("<polyline", out);
    put_stroke(out, number);
    fputs(" points=\"", out);
    for (size_t i = 0; i < chart->x_count; i++)
        if (is_shown(line->y[i])) fprintf(out, "%.1f,%.1f ", place(x_axis, chart->x[i]), place(y_axis, line->y[i]));
    fputs("\"/>\n", out);
    for (size_t i = 0; i < chart->x_count; i++)
        if (is_shown(line->y[i]))
            fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", place(x_axis, chart->x[i]),
                    place(y_axis, line->y[i]), colours[number % COLOUR_COUNT]);
}

static void put_legend(FILE *out, const chart_line *line, size_t number) {
    const double y = (double)LEGEND_TOP + (double)LEGEND_STEP * (double)number;
    fprintf(out, "<path d=\"M%d %.1fH%d\"", LEFT, y - 5, LEFT + 40);
    put_stroke(out, number);
    fputs("/>\n", out);
    put_label(out, LEFT + 50, y, "start", line->name);
}

epocl_status line_chart_svg(const line_chart *chart, char **text, size_t *byte_count) {
    int low = 0, high = 0;
    *text = NULL;
    FILE *out = open_memstream(text, byte_count);
    if (!out) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a chart");
    y_steps(chart, &low, &high);
    const axis x_axis = {chart->x_count ? chart->x[0] : 1, chart->x_count ? chart->x[chart->x_count - 1] : 1, LEFT,
                         RIGHT};
    const axis y_axis = {round_number(low), round_number(high), BOTTOM, TOP};
    const size_t height = LEGEND_TOP + LEGEND_STEP * chart->line_count;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\" "
            "font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
            "<rect width=\"%d\" height=\"%zu\" fill=\"#ffffff\"/>\n",
            WIDTH, height, WIDTH, height, WIDTH, height);
    put_axes(out, chart, &x_axis, &y_axis, low, high);
    for (size_t l = 0; l < chart->line_count; l++) {
        put_line(out, chart, l, &x_axis, &y_axis);
        put_legend(out, &chart->lines[l], l);
    }
    fputs("</svg>\n", out);
    const bool is_complete = !ferror(out);
    if (fclose(out) == 0 && is_complete) return EPOCL_OK;
    free(*text);
    *text = NULL;
    return fail(EPOCL_ERROR_MEMORY, "not enough memory for a chart");
}
