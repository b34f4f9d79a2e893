/* Every status has a name of its own, and what is none is told, too. */
#include "epocl.h"

#include <check.h>
#include <string.h>

Suite *status_suite(void);

START_TEST(each_status_has_a_name_of_its_own) {
    enum { LAST = EPOCL_ERROR_TIMEOUT };
    for (int i = EPOCL_OK; i <= LAST; i++) {
        const char *name = epocl_status_name((epocl_status)i);
        ck_assert_msg(strncmp(name, "EPOCL_", 6) == 0, "%d: %s", i, name);
        for (int j = EPOCL_OK; j < i; j++) ck_assert_str_ne(name, epocl_status_name((epocl_status)j));
    }
    ck_assert_str_eq(epocl_status_name(EPOCL_ERROR_TIMEOUT), "EPOCL_ERROR_TIMEOUT");
    ck_assert_ptr_nonnull(epocl_status_name((epocl_status)(LAST + 1)));
    ck_assert(strncmp(epocl_status_name((epocl_status)(LAST + 1)), "EPOCL_", 6) != 0);
}
END_TEST

Suite *status_suite(void) {
    Suite *suite = suite_create("status");
    TCase *status = tcase_create("status");
    tcase_add_test(status, each_status_has_a_name_of_its_own);
    suite_add_tcase(suite, status);
    return suite;
}
