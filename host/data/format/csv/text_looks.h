/* What a text that is no number looks like. */
#ifndef EPOCL_DATA_FORMAT_CSV_TEXT_LOOKS_H
#define EPOCL_DATA_FORMAT_CSV_TEXT_LOOKS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is `word`, which is in lower case, in whatever case. */
bool text_is_word(const char *text, size_t length, const char *word);

/* Whether a text is true or false, in lower case, upper case or with a capital. */
bool text_is_boolean(const char *text);

/* Whether a text is a date, a time or both in a common form: 2024-01-31, 31.1.2024, 1/31/24, 31-Jan-2024, Jan 31 2024,
 * Jan 2024, 31. Januar 2024, 12:30, 2024-01-31T12:30:00Z, Wed, 31 Jan 2024 12:30:00 GMT. */
bool text_is_date(const char *text);

/* Whether a text stands for a missing value where numbers are expected: ?, -, #N/A, unknown. */
bool text_is_placeholder(const char *text);

/* The unit that a text has behind a number, a blank included: " kg"; NULL: it is not made so. */
const char *text_unit(const char *text);

/* Whether a text is UTF-8. */
bool text_is_utf8(const char *text, size_t length);

#endif
