/* Charts are well-formed XML, whatever is in them, and have a point for each value. */
#include "command/fixture.h"

#include "command/show/line_chart.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *line_chart_suite(void);

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
    const chart_line lines[] = {{"first", first}, {"second", second}};
    const line_chart chart = {"title", "width", "samples/s", x, POINTS, lines, 2};
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
    const chart_line lines[] = {{"<b> & \"c\" \x01 \xff]]>", y}};
    const line_chart chart = {"a < b", "&amp;", "</svg>", x, POINTS, lines, 1};
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
    for (size_t i = 0; i < LINES; i++) many[i] = (chart_line){"line", i % 2 ? one : small};
    const line_chart charts[] = {
        {"no line", "x", "y", x, POINTS, NULL, 0},
        {"no point", "x", "y", x, 0, many, 1},
        {"one point", "x", "y", x, 1, many, LINES},
        {"one value", "x", "y", x, POINTS, (chart_line[]){{"one", one}}, 1},
        {"nothing measured", "x", "y", x, POINTS, (chart_line[]){{"none", none}}, 1},
        {"many lines", "x", "y", x, POINTS, many, LINES},
    };
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++) {
        char *text = chart_text(&charts[i]);
        ck_assert_uint_eq(count_of(text, "<polyline "), charts[i].line_count);
        ck_assert_uint_eq(count_of(text, "nan"), 0);
        free(text);
    }
}
END_TEST

Suite *line_chart_suite(void) {
    Suite *suite = suite_create("line_chart");
    TCase *charts = tcase_create("charts");
    tcase_add_checked_fixture(charts, fixture_create, fixture_remove);
    tcase_add_test(charts, a_chart_has_a_point_for_each_value);
    tcase_add_test(charts, names_are_text);
    tcase_add_test(charts, odd_charts_are_drawn);
    suite_add_tcase(suite, charts);
    return suite;
}
