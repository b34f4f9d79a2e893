#define _XOPEN_SOURCE 700 /* realpath */
#include "support/beside.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

void set_path_beside(const char *variable, const char *program, const char *relative) {
    char folder[PATH_MAX], joined[2 * PATH_MAX], path[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", program);
    snprintf(joined, sizeof joined, "%s/%s", dirname(folder), relative);
    if (realpath(joined, path)) setenv(variable, path, 0);
}
