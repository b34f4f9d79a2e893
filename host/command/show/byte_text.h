/* Text of any bytes in JSON, which has only Unicode: the path of a file, for one. */
#ifndef EPOCL_COMMAND_SHOW_BYTE_TEXT_H
#define EPOCL_COMMAND_SHOW_BYTE_TEXT_H

#include <jansson.h>

/* A string where the text is UTF-8, else an object {"percent_encoded": "/data/M%FCnchen.idx"}, in which %XX is the byte
 * of that hexadecimal number and a percent sign is %25; null for NULL. NULL without memory. */
json_t *byte_text_json(const char *text);

/* What byte_text_json() made a value of, as a string of jansson's that may hold any bytes: a new reference. NULL for
 * what it does not make, null included. */
json_t *byte_text_read(const json_t *value);

#endif
