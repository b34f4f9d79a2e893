/* Options for tests, which are known to be right. */
#ifndef EPOCL_TESTS_OPTIONS_H
#define EPOCL_TESTS_OPTIONS_H

#include "options/values.h"

#include <check.h>

static inline void set_option(epocl_options *options, const char *name, const char *text) {
    ck_assert_msg(epocl_options_set(options, name, text) == EPOCL_OK, "%s", epocl_last_error());
}

static inline void set_hidden(epocl_options *options, const size_t *counts, size_t count) {
    ck_assert_msg(epocl_options_set_list(options, "hidden", counts, count) == EPOCL_OK, "%s", epocl_last_error());
}

#endif
