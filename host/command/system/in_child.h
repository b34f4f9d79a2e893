/* Trying what may crash or hang, in a process of its own. */
#ifndef EPOCL_COMMAND_SYSTEM_IN_CHILD_H
#define EPOCL_COMMAND_SYSTEM_IN_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* True, or false with a sentence of at most `capacity` bytes in `text`. */
typedef bool child_function(const char *argument, char *text, size_t capacity);

/* Calls the function in a child process, before OpenCL has started in this one (drivers do not survive a fork). A child
 * that crashes, or has not ended after `seconds`, is false, and `text` says so. */
bool in_child(child_function *function, const char *argument, unsigned seconds, char *text, size_t capacity);

#endif
