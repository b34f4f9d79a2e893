/* "1 epoch", "2 epochs": printf("%zu epoch%s", count, plural_s(count)). */
#ifndef EPOCL_BASE_PLURAL_H
#define EPOCL_BASE_PLURAL_H

#include <stddef.h>

static inline const char *plural_s(size_t count) {
    return count == 1 ? "" : "s";
}

#endif
