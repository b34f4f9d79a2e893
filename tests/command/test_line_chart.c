/* Charts are well-formed XML, whatever is in them, and have a point for each value. */
#include "command/fixture.h"

#include "command/show/line_chart.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *line_chart_suite(void);

#define LINE(name_, y_)                                                                                                \
    { .name = (name_), .y = (y_) }
#define CHART(title_, x_name_, y_name_, x_count_, lines_, line_count_)                                                 \
    {                                                                                                                  \
        .title = (title_), .x_name = (x_name_), .y_name = (y_name_), .x = x, .x_count = (x_count_), .lines = (lines_), \
        .line_count = (line_count_)                                                                                    \
    }

enum { POINTS = 4, LINES = 9 };
static const double x[POINTS] = {8, 16, 1024, 65536};

static char *chart_text(const line_chart *chart) {
    char *text = NULL;
    size_t byte_count = 0;
    ck_assert_int_eq(line_chart_svg(chart, &text, &byte_count), EPOCL_OK);
    ck_assert_uint_eq(strlen(text), byte_count);
    assert_well_formed(scratch_write("chart.svg", text, byte_count));
    return text;
}

static size_t count_of(const char *text, const char *part) {
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part)) count++;
    return count;
}

START_TEST(a_chart_has_a_point_for_each_value) {
    const double first[POINTS] = {1, 20, 300, 400}, second[POINTS] = {NAN, 7, 0, INFINITY};
    const chart_line lines[] = {LINE("first", first), LINE("second", second)};
    const line_chart chart = CHART("title", "width", "samples/s", POINTS, lines, 2);
    char *text = chart_text(&chart);
    ck_assert_uint_eq(count_of(text, "<polyline "), 2);
    ck_assert_uint_eq(count_of(text, "<circle "), 5);
    ck_assert_uint_eq(count_of(text, "nan"), 0);
    ck_assert_uint_eq(count_of(text, "inf"), 0);
    assert_contains(text, "fill=\"#ffffff\"");
    assert_contains(text, ">65536</text>");
    assert_contains(text, ">1024</text>");
    assert_contains(text, ">500</text>"); /* the axis ends with a round number above all values */
    assert_contains(text, "cx=\"80.0\" cy=\"400.0\"");
    free(text);
}
END_TEST

START_TEST(names_are_text) {
    const double y[POINTS] = {1, 2, 3, 4};
    const chart_line lines[] = {LINE("<b> & \"c\" \x01 \xff]]>", y)};
    const line_chart chart = CHART("a < b", "&amp;", "</svg>", POINTS, lines, 1);
    char *text = chart_text(&chart);
    assert_contains(text, ">a &lt; b</text>");
    assert_contains(text, ">&amp;amp;</text>");
    assert_contains(text, ">&lt;b&gt; &amp; \"c\" ? ?]]&gt;</text>");
    free(text);
}
END_TEST

START_TEST(odd_charts_are_drawn) {
    const double one[POINTS] = {5, 5, 5, 5}, none[POINTS] = {NAN, NAN, NAN, NAN}, small[POINTS] = {3e-9, 2e-7, 1, 1};
    chart_line many[LINES];
    for (size_t i = 0; i < LINES; i++) many[i] = (chart_line)LINE("line", i % 2 ? one : small);
    const line_chart charts[] = {
        CHART("no line", "x", "y", POINTS, NULL, 0),
        CHART("no point", "x", "y", 0, many, 1),
        CHART("one point", "x", "y", 1, many, LINES),
        CHART("one value", "x", "y", POINTS, ((chart_line[]){LINE("one", one)}), 1),
        CHART("nothing measured", "x", "y", POINTS, ((chart_line[]){LINE("none", none)}), 1),
        CHART("many lines", "x", "y", POINTS, many, LINES),
    };
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        char *text = chart_text(&charts[i]);
        ck_assert_uint_eq(count_of(text, "<polyline "), charts[i].line_count);
        ck_assert_uint_eq(count_of(text, "nan"), 0);
        free(text);
    }
}
END_TEST

/* Of a page: the colours are classes; linear axes have round ticks, and below 0, too. */
START_TEST(linear_axes_end_with_round_numbers) {
    const double y[POINTS] = {-0.25, 0, 0.5, 1.125};
    const double epochs[POINTS] = {1, 2, 3, 12};
    const chart_line lines[] = {{.name = "line", .y = y}, {.name = "points", .y = y, .has_points_alone = true}};
    line_chart chart = CHART("title", "epoch", "cost", POINTS, lines, 2);
    chart.x = epochs;
    chart.x_is_linear = chart.y_is_linear = chart.is_part = true;
    char *text = chart_text(&chart);
    ck_assert_uint_eq(count_of(text, "<polyline "), 1);
    ck_assert_uint_eq(count_of(text, "<circle "), 9); /* one of the legend */
    ck_assert_uint_eq(count_of(text, "#"), 0);
    assert_contains(text, ">-0.4</text>");
    assert_contains(text, ">0</text>");
    assert_contains(text, ">1.2</text>");
    assert_contains(text, ">12</text>");
    ck_assert_ptr_null(strstr(text, ">13</text>"));
    free(text);
}
END_TEST

Suite *line_chart_suite(void) {
    Suite *suite = suite_create("line_chart");
    TCase *charts = tcase_create("charts");
    tcase_add_checked_fixture(charts, fixture_create_plain, fixture_remove);
    tcase_add_test(charts, a_chart_has_a_point_for_each_value);
    tcase_add_test(charts, names_are_text);
    tcase_add_test(charts, odd_charts_are_drawn);
    tcase_add_test(charts, linear_axes_end_with_round_numbers);
    suite_add_tcase(suite, charts);
    return suite;
}
