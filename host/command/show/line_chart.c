#include "command/show/line_chart.h"

#include "base/checked.h"

#include <math.h>

/* In pixels. The legend has a line for each line below the plot. */
typedef struct frame {
    int width, left, right, top, bottom, legend_top, legend_step;
} frame;

/* A file of its own, which has a title; and a part of a page, where two stand side by side. */
static const frame whole_frame = {800, 80, 780, 50, 400, 470, 22}, part_frame = {520, 64, 508, 28, 270, 338, 20};

static const frame *frame_of(const line_chart *chart) {
    return chart->is_part ? &part_frame : &whole_frame;
}

enum { X_TICKS_MOST = 12, Y_TICKS_MOST = 10, LINEAR_TICKS = 7, POINTS_MOST = 60, COLOUR_COUNT = 7 };

/* Okabe and Ito's colours, apart for all eyes; what comes after them is dashed. */
static const char *const colours[COLOUR_COUNT] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                  "#56b4e9", "#e69f00", "#000000"};

typedef struct axis {
    double low, high; /* values at its two ends   */
    int from, to;     /* pixels                   */
    double step;      /* between ticks, of a linear one */
    bool is_linear;
} axis;

static double place(const axis *on, double value) {
    if (on->high <= on->low) return (on->from + on->to) / 2.0;
    const double part =
        on->is_linear ? (value - on->low) / (on->high - on->low) : log(value / on->low) / log(on->high / on->low);
    return on->from + (on->to - on->from) * part;
}

static bool is_shown(const line_chart *chart, double y) {
    return isfinite(y) && (chart->y_is_linear || y > 0);
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

/* The least and the most of what is shown; 0 and 0 without any. */
static void y_range(const line_chart *chart, double *least, double *most) {
    bool is_first = true;
    *least = *most = 0;
    for (size_t l = 0; l < chart->line_count; l++)
        for (size_t i = 0; i < chart->x_count; i++) {
            const double y = chart->lines[l].y[i];
            if (!is_shown(chart, y)) continue;
            *least = is_first ? y : fmin(*least, y);
            *most = is_first ? y : fmax(*most, y);
            is_first = false;
        }
}

/* The steps at the ends of a logarithmic axis of y: round numbers around all values. */
static void y_steps(double least, double most, int *low, int *high) {
    *low = most > 0 ? step_below(least) : 0;
    *high = most > 0 ? step_below(most) : 0;
    if (most > 0 && round_number(*high) < most) (*high)++;
    if (*high == *low) (*high)++;
}

/* An axis that ends with round numbers around both, with a few ticks; ends of whole numbers as they are. */
static axis linear_axis(double least, double most, int from, int to, bool is_whole) {
    const double span = most - least > fabs(most) * 1e-9 ? most - least : fmax(fabs(most), 1e-3);
    axis made = {least, most, from, to, round_number(step_below(span / LINEAR_TICKS) + 1), true};
    if (is_whole && made.step < 1) made.step = 1;
    if (is_whole && most > least) return made;
    made.low = floor(least / made.step) * made.step;
    made.high = ceil(most / made.step) * made.step;
    if (made.high <= made.low) made.high = made.low + made.step;
    return made;
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

/* A rule of the grid or of an axis. */
static void put_rule(FILE *out, const line_chart *chart, double x1, double y1, double x2, double y2, bool is_axis) {
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" ", x1, y1, x2, y2);
    if (chart->is_part)
        fprintf(out, "class=\"%s\"/>\n", is_axis ? "axis" : "grid");
    else
        fprintf(out, "stroke=\"%s\"/>\n", is_axis ? "#333333" : "#dddddd");
}

static void put_x_tick(FILE *out, const line_chart *chart, const axis *on, double value) {
    const frame *f = frame_of(chart);
    const double x = place(on, value);
    put_rule(out, chart, x, f->top, x, f->bottom, false);
    put_number(out, x, f->bottom + 20, "middle", value);
}

static void put_y_tick(FILE *out, const line_chart *chart, const axis *on, double value) {
    const frame *f = frame_of(chart);
    const double y = place(on, value);
    put_rule(out, chart, f->left, y, f->right, y, false);
    put_number(out, f->left - 8, y + 5, "end", value);
}

/* The multiples of its step on a linear axis; 0 is no -1e-17. */
static void put_linear_ticks(FILE *out, const line_chart *chart, const axis *on,
                             void (*put)(FILE *out, const line_chart *chart, const axis *on, double value)) {
    const double first = ceil(on->low / on->step - 1e-9);
    for (int i = 0; (first + i) * on->step <= on->high + on->step * 1e-9; i++)
        put(out, chart, on, (first + i) * on->step);
}

static void put_x_ticks(FILE *out, const line_chart *chart, const axis *on) {
    const size_t stride = divide_up(chart->x_count, X_TICKS_MOST);
    if (on->is_linear)
        put_linear_ticks(out, chart, on, put_x_tick);
    else
        for (size_t i = 0; i < chart->x_count; i += stride) put_x_tick(out, chart, on, chart->x[i]);
}

static void put_y_ticks(FILE *out, const line_chart *chart, const axis *on, int low, int high) {
    const bool only_decades = high - low + 1 > Y_TICKS_MOST;
    if (on->is_linear) {
        put_linear_ticks(out, chart, on, put_y_tick);
        return;
    }
    for (int step = low; step <= high; step++)
        if (!only_decades || step % 3 == 0) put_y_tick(out, chart, on, round_number(step));
}

static void put_axes(FILE *out, const line_chart *chart) {
    const frame *f = frame_of(chart);
    put_rule(out, chart, f->left, f->bottom, f->right, f->bottom, true);
    put_rule(out, chart, f->left, f->top, f->left, f->bottom, true);
    put_label(out, (f->left + f->right) / 2.0, f->bottom + 42, "middle", chart->x_name);
    put_label(out, f->left, f->top - 8, "middle", chart->y_name);
    if (!chart->is_part) put_label(out, (f->left + f->right) / 2.0, 24, "middle", chart->title);
}

/* The stroke of a line, as attributes. */
static void put_stroke(FILE *out, const line_chart *chart, size_t number) {
    fputs(" fill=\"none\" stroke-width=\"2\"", out);
    if (chart->is_part && chart->lines[number].is_reference)
        fputs(" class=\"reference\"", out);
    else if (chart->is_part)
        fprintf(out, " class=\"line%zu\"", number % COLOUR_COUNT);
    else
        fprintf(out, " stroke=\"%s\"", colours[number % COLOUR_COUNT]);
    if (number >= COLOUR_COUNT) fprintf(out, " stroke-dasharray=\"%zu 3\"", 2 + 4 * (number / COLOUR_COUNT));
}

static void put_point(FILE *out, const line_chart *chart, size_t number, double x, double y) {
    fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"", x, y, chart->is_part ? "2.5" : "3.5");
    if (chart->is_part)
        fprintf(out, " class=\"dot%zu\"/>\n", number % COLOUR_COUNT);
    else
        fprintf(out, " fill=\"%s\"/>\n", colours[number % COLOUR_COUNT]);
}

/* Gaps are bridged. A part of a page has no points where they would lie on each other. */
static void put_line(FILE *out, const line_chart *chart, size_t number, const axis *x_axis, const axis *y_axis) {
    const chart_line *line = &chart->lines[number];
    if (!line->has_points_alone) {
        fputs("<polyline", out);
        put_stroke(out, chart, number);
        fputs(" points=\"", out);
        for (size_t i = 0; i < chart->x_count; i++)
            if (is_shown(chart, line->y[i]))
                fprintf(out, "%.1f,%.1f ", place(x_axis, chart->x[i]), place(y_axis, line->y[i]));
        fputs("\"/>\n", out);
    }
    if (chart->is_part && !line->has_points_alone && (line->is_reference || chart->x_count > POINTS_MOST)) return;
    for (size_t i = 0; i < chart->x_count; i++)
        if (is_shown(chart, line->y[i]))
            put_point(out, chart, number, place(x_axis, chart->x[i]), place(y_axis, line->y[i]));
}

static void put_legend(FILE *out, const line_chart *chart, size_t number) {
    const frame *f = frame_of(chart);
    const chart_line *line = &chart->lines[number];
    const double y = (double)f->legend_top + (double)f->legend_step * (double)number;
    if (line->has_points_alone) {
        put_point(out, chart, number, f->left + 20, y - 5);
    } else {
        fprintf(out, "<path d=\"M%d %.1fH%d\"", f->left, y - 5, f->left + 40);
        put_stroke(out, chart, number);
        fputs("/>\n", out);
    }
    put_label(out, f->left + 50, y, "start", line->name);
}

static void put_head(FILE *out, const line_chart *chart) {
    const frame *f = frame_of(chart);
    const int height = f->legend_top + f->legend_step * (int)chart->line_count;
    if (chart->is_part)
        fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"13\">\n", f->width, height);
    else
        fprintf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                "font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
                "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n",
                f->width, height, f->width, height, f->width, height);
}

void line_chart_put(FILE *out, const line_chart *chart) {
    const frame *f = frame_of(chart);
    double least = 0, most = 0;
    int low = 0, high = 0;
    const double first = chart->x_count ? chart->x[0] : 1, last = chart->x_count ? chart->x[chart->x_count - 1] : 1;
    axis x_axis = {first, last, f->left, f->right, 0, false}, y_axis = {0};
    y_range(chart, &least, &most);
    if (chart->x_is_linear) x_axis = linear_axis(first, last, f->left, f->right, chart->x_is_whole);
    if (chart->y_is_linear) {
        y_axis = linear_axis(least, most, f->bottom, f->top, false);
    } else {
        y_steps(least, most, &low, &high);
        y_axis = (axis){round_number(low), round_number(high), f->bottom, f->top, 0, false};
    }
    put_head(out, chart);
    put_x_ticks(out, chart, &x_axis);
    put_y_ticks(out, chart, &y_axis, low, high);
    put_axes(out, chart);
    for (size_t l = 0; l < chart->line_count; l++) {
        put_line(out, chart, l, &x_axis, &y_axis);
        put_legend(out, chart, l);
    }
    fputs("</svg>\n", out);
}

epocl_status line_chart_svg(const line_chart *chart, char **text, size_t *byte_count) {
    *text = NULL;
    FILE *out = open_memstream(text, byte_count);
    if (!out) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a chart");
    line_chart_put(out, chart);
    const bool is_complete = !ferror(out);
    if (fclose(out) == 0 && is_complete) return EPOCL_OK;
    free(*text);
    *text = NULL;
    return fail(EPOCL_ERROR_MEMORY, "not enough memory for a chart");
}
