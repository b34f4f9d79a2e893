#define _GNU_SOURCE /* secure_getenv() */
#include "base/environment.h"

#include <stddef.h>
#include <stdlib.h>

const char *environment_folder(const char *variable) {
    const char *folder = secure_getenv(variable);
    return folder && *folder ? folder : NULL;
}
