#include <check.h>
Suite *layer_suite(void);
Suite *layer_suite(void) {
    return suite_create("layer");
}
