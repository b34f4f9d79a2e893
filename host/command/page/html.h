/* HTML of one file, which is well-formed XML, too: no script, nothing from elsewhere, colours for light and dark. All
 * functions append to `out`, whose failures its owner looks for; every text is made fit for a page, wherever it comes
 * from. */
#ifndef EPOCL_COMMAND_PAGE_HTML_H
#define EPOCL_COMMAND_PAGE_HTML_H

#include <stdbool.h>
#include <stdio.h>

/* Everything before the first section, and after the last. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);

/* A text between tags or within the quotes of an attribute. */
void html_text(FILE *out, const char *text);

void html_heading(FILE *out, const char *text);

/* A sentence below a heading. */
__attribute__((format(printf, 2, 3))) void html_note(FILE *out, const char *format, ...);

/* A row of a table of names and values. */
__attribute__((format(printf, 3, 4))) void html_row(FILE *out, const char *name, const char *format, ...);

/* A cell with a number; a dash where it is not finite. `format` NULL: as figure_text() has it. */
void html_number(FILE *out, const char *format, double value);

/* A cell with a bar as long as `part` of the cell, which is from 0 to 1. */
void html_bar(FILE *out, double part);

#endif
