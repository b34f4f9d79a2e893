/* What was found out about a device is of no use for another one, nor after an update of its driver. */
#include "device/device_cache.h"
#include "support/scratch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *device_cache_suite(void);

static epocl_device_info device;

static void create(void) {
    scratch_create();
    ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("."), 1), 0);
    unsetenv("EPOCL_KERNEL_DIR");
    memset(&device, 0, sizeof device);
    device.global_memory_bytes = 1 << 20;
    strcpy(device.name, "a device");
    strcpy(device.vendor, "its maker");
    strcpy(device.platform_name, "a platform");
    strcpy(device.device_version, "OpenCL 1.2");
    strcpy(device.driver_version, "1.0");
    device.compute_units = 4;
    device.native_vector_width = 8;
    device.max_work_group_size = 256;
    device_remember(&device, "key", "value");
}

static bool is_known(const epocl_device_info *info) {
    char value[CACHE_TEXT_CAPACITY];
    return device_recall(info, "key", value) && strcmp(value, "value") == 0;
}

START_TEST(the_same_device_is_known) {
    epocl_device_info same = device;
    same.global_memory_bytes /= 2; /* a driver may say so much and then so much: it decides nothing */
    ck_assert(is_known(&same));
    char name[CACHE_TEXT_CAPACITY];
    ck_assert(device_recall(&device, "device", name));
    ck_assert_str_eq(name, "a device");
}
END_TEST

START_TEST(another_is_not) {
    char *const texts[] = {device.name, device.vendor, device.platform_name, device.device_version,
                           device.driver_version};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        texts[i][0]++;
        ck_assert_msg(!is_known(&device), "%s", texts[i]);
        texts[i][0]--;
    }
    device.compute_units++;
    ck_assert(!is_known(&device));
    device.compute_units--;
    device.native_vector_width++;
    ck_assert(!is_known(&device));
    device.native_vector_width--;
    device.max_work_group_size++;
    ck_assert(!is_known(&device));
    device.max_work_group_size--;
    ck_assert(is_known(&device));
}
END_TEST

/* Letters that move from the end of one text to the begin of the next make another device. */
START_TEST(texts_do_not_run_together) {
    strcpy(device.name, "a devicei");
    strcpy(device.vendor, "ts maker");
    ck_assert(!is_known(&device));
}
END_TEST

START_TEST(nothing_is_kept_with_kernels_of_a_folder) {
    setenv("EPOCL_KERNEL_DIR", "/nowhere", 1);
    ck_assert(!is_known(&device));
    device_remember(&device, "key", "other");
    unsetenv("EPOCL_KERNEL_DIR");
    ck_assert(is_known(&device));
}
END_TEST

Suite *device_cache_suite(void) {
    Suite *suite = suite_create("device_cache");
    TCase *tests = tcase_create("device cache");
    tcase_add_checked_fixture(tests, create, scratch_remove);
    tcase_add_test(tests, the_same_device_is_known);
    tcase_add_test(tests, another_is_not);
    tcase_add_test(tests, texts_do_not_run_together);
    tcase_add_test(tests, nothing_is_kept_with_kernels_of_a_folder);
    suite_add_tcase(suite, tests);
    return suite;
}
