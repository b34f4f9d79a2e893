/* JSON on standard output, one object a line. */
#ifndef EPOCL_COMMAND_SHOW_JSON_LINE_H
#define EPOCL_COMMAND_SHOW_JSON_LINE_H

#include "base/status.h"

#include <jansson.h>

/* Grows when the meaning of a member changes, not when one is added. */
#define JSON_SCHEMA 1

/* A number, or null where it is not finite. */
json_t *json_number(double value);

/* A text; bytes that are not UTF-8 become '?'. NULL becomes null. */
json_t *json_text(const char *text);

/* `array` with `value`, which it takes over, as its last; NULL, both being released, if memory is short or one is NULL.
 */
json_t *json_appended(json_t *array, json_t *value);

/* The text of a value, for free(); NULL if memory is short. Not json_dumps(): its buffer, when it cannot grow, drops
 * characters unseen. */
char *json_written(const json_t *value, size_t flags);

/* A device as the epocl program describes it everywhere. */
json_t *json_device(const epocl_device_info *info);

/* A network's shape, functions and parameter count. */
json_t *json_network(const epocl_network *network);

/* An object of "event" and then the members of `members`, whose reference is dropped. NULL without memory. */
json_t *json_event(const char *event, json_t *members);

/* Adds "schema" to the object, prints it as one line of printable ASCII and drops the reference. NULL, from a
 * json_pack() that had no memory, is EPOCL_ERROR_MEMORY. Failures of the stream itself show when the program ends. */
epocl_status json_line_print(json_t *object);

#endif
