#include "command/doctor/finding.h"

#include "command/show/json_line.h"
#include "command/show/print_line.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const level_names[] = {[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_PROBLEM] = "problem"};

void finding_add(findings *found, finding_level level, const char *subject, const char *advice, const char *format,
                 ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    found->counts[level]++;
    if (!found->is_json) {
        print_line(stdout, "%-8s %-10s %s", level_names[level], subject, text);
        if (*advice) print_line(stdout, "%-8s %-10s -> %s", "", "", advice);
        fflush(stdout);
        return;
    }
    const epocl_status status = json_line_print(
        json_pack("{ss ss ss so so}", "event", "finding", "level", level_names[level], "subject", subject, "text",
                  json_text(text), "advice", *advice ? json_text(advice) : json_null()));
    if (found->status == EPOCL_OK) found->status = status;
}
