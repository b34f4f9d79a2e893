/* How much the model goes by each column of its table. */
#include "base/plural.h"
#include "command/page/html.h"
#include "command/page/sections.h"

#include <math.h>

enum { COLUMNS_MOST = 50 };

static void put_column(FILE *out, const importance *found, const encoder *e, size_t column) {
    const double most = found->mean[found->order[0]];
    fputs("<tr><th>", out);
    html_text(out, e->columns[column].name);
    fputs("</th>", out);
    html_number(out, "%.5g", found->mean[column]);
    html_number(out, "%.3g", found->deviation[column]);
    html_bar(out, most > 0 ? found->mean[column] / most : 0.0);
    fputs("</tr>\n", out);
}

void section_importance(FILE *out, const importance *found, const encoder *e) {
    html_heading(out, "What it goes by");
    html_note(
        out,
        "How much the %s %s when the values of a column are shuffled among the rows: on average of %zu "
        "permutation%s, and the deviation. It is %.5g as the data are. Of columns that say the same, each may seem "
        "to matter little.",
        found->label, found->rises ? "falls" : "rises", found->repeat_count, plural_s(found->repeat_count),
        found->baseline);
    fprintf(out,
            "<div class=\"scroll\"><table>\n<thead><tr><th>column</th><th class=\"n\">%s by</th>"
            "<th class=\"n\">deviation</th><th></th></tr></thead>\n<tbody>\n",
            found->rises ? "falls" : "rises");
    for (size_t i = 0; i < found->column_count && i < COLUMNS_MOST; i++) put_column(out, found, e, found->order[i]);
    fputs("</tbody></table></div>\n", out);
    if (found->column_count > COLUMNS_MOST)
        html_note(out, "The first %d of %zu; epocl importance prints them all.", COLUMNS_MOST, found->column_count);
}
