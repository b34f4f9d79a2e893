/* A table as one line of text, to compare with what is expected. */
#ifndef EPOCL_TESTS_TABLE_TEXT_H
#define EPOCL_TESTS_TABLE_TEXT_H

#include "data/table.h"

/* "a=1 3|b='x' _|y=0 1": columns with their first values, at most eight; texts between quotes, _ where missing. After
 * the name of a column in brackets what is told of it: w whole, d loses digits, z leading zeros, b boolean, t dates,
 * c commas. In a buffer that the next call reuses. */
const char *table_text(const table *read);

/* Whether the table keeps what its header promises; ends the test otherwise. */
void table_expect_sound(const table *read);

#endif
