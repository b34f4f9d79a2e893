/* Status codes with one sentence of context, kept per thread. */
#ifndef EPOCL_BASE_STATUS_H
#define EPOCL_BASE_STATUS_H

#include "epocl.h"

/* Records a formatted sentence as this thread's last error and returns `status`:
 *     return fail(EPOCL_ERROR_DATA, "%s: not an IDX file", path);
 * What is recorded is printable (printable_clean()), whatever the arguments are; a text of several lines indents all
 * but the first. */
__attribute__((format(printf, 2, 3))) epocl_status fail(epocl_status status, const char *format, ...);

/* Puts a formatted text before the last error and returns `status`, for context on the way up. */
__attribute__((format(printf, 2, 3))) epocl_status fail_prefix(epocl_status status, const char *format, ...);

/* In a function with `epocl_status status` and a `cleanup:` label. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        status = (call);                                                                                               \
        if (status != EPOCL_OK) goto cleanup;                                                                          \
    } while (0)

#endif
