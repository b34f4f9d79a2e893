/* Progress for people, on standard error: lines, and on a terminal a bar below them. */
#ifndef EPOCL_COMMAND_SHOW_PROGRESS_H
#define EPOCL_COMMAND_SHOW_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct progress {
    bool is_quiet;    /* prints nothing                                         */
    bool is_terminal; /* draws a bar                                            */
    bool has_colour;  /* a terminal, and NO_COLOR is not set                    */
    bool is_drawn;    /* a bar is below the last line                           */
    double start;     /* seconds_now() at the bar's first step                */
    size_t first;     /* what was done by then                                  */
    double due;       /* seconds_now() when progress_is_due() again           */
} progress;

progress progress_begin(bool is_quiet);

/* Whether it is time for news that come often: always but on a terminal, where nobody reads more than a few a second
 * and each takes the run's time. */
bool progress_is_due(progress *shown);

/* A line of text above the bar. */
__attribute__((format(printf, 2, 3))) void progress_line(progress *shown, const char *format, ...);

/* Draws the bar: `done` of `total` epochs, and the time the rest will take. The first call is that before any work. */
void progress_bar_begin(progress *shown, size_t done, size_t total);
void progress_bar(progress *shown, size_t done, size_t total);

/* The same within an epoch: `part` of the one after `done` is through. */
void progress_bar_within(progress *shown, size_t done, double part, size_t total);

/* Takes the bar away; before anything else is printed on standard error. */
void progress_clear(progress *shown);

#endif
