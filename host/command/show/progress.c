#include "command/show/progress.h"

#include "base/clock.h"
#include "command/show/describe.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_WIDTH = 30 };
static const double terminal_seconds = 0.05;

progress progress_begin(bool is_quiet) {
    const char *terminal = getenv("TERM"), *no_color = getenv("NO_COLOR");
    progress shown = {.is_quiet = is_quiet, .start = seconds_now()};
    shown.is_terminal = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    shown.has_colour = shown.is_terminal && !(no_color && *no_color);
    return shown;
}

void progress_clear(progress *shown) {
    if (!shown->is_drawn) return;
    fputs("\r\033[K", stderr);
    shown->is_drawn = false;
}

bool progress_is_due(progress *shown) {
    const double now = seconds_now();
    if (shown->is_terminal && now < shown->due) return false;
    shown->due = now + terminal_seconds;
    return true;
}

void progress_line(progress *shown, const char *format, ...) {
    if (shown->is_quiet) return;
    progress_clear(shown);
    char text[LINE_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_line(stderr, "%s", text);
}

void progress_bar_begin(progress *shown, size_t done, size_t total) {
    shown->start = seconds_now();
    shown->first = done;
    progress_bar(shown, done, total);
}

/* `done` epochs and a part of the next, which may be 0. */
static void draw(progress *shown, size_t done, double part, size_t total) {
    if (shown->is_quiet || !shown->is_terminal || total == 0) return;
    progress_clear(shown);

    static const char full[] = "##############################", empty[] = "------------------------------";
    const double through = fmin((double)done + part, (double)total);
    const int filled = (int)(through / (double)total * (double)BAR_WIDTH);
    const double elapsed = seconds_now() - shown->start, worked = through - (double)shown->first;
    char remaining[32] = "?", within[32] = "";
    if (worked > 0) duration_text(elapsed / worked * ((double)total - through), remaining, sizeof remaining);
    if (part > 0) snprintf(within, sizeof within, ", %.0f %% of the next", 100 * part);
    fprintf(stderr, "%s[%.*s%.*s]%s epoch %zu of %zu%s, %s left", shown->has_colour ? "\033[32m" : "", filled, full,
            BAR_WIDTH - filled, empty, shown->has_colour ? "\033[0m" : "", done, total, within, remaining);
    fflush(stderr);
    shown->is_drawn = true;
}

void progress_bar(progress *shown, size_t done, size_t total) {
    draw(shown, done, 0, total);
}

void progress_bar_within(progress *shown, size_t done, double part, size_t total) {
    draw(shown, done, part, total);
}
