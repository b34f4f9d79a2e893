/* One line for each `Suite *NAME_suite(void)` of this folder, in the order they run: KERNEL_SUITE(NAME) if it tests
 * kernels alone, which the test beds Oclgrind and rusticl run as well, otherwise SUITE(NAME), for PoCL only. */
KERNEL_SUITE(batch)
KERNEL_SUITE(products)
SUITE(waits)
SUITE(clblast)
SUITE(choice)
SUITE(devices)
SUITE(training)
SUITE(conduct)
SUITE(profile)
SUITE(speed)
SUITE(threads)
SUITE(checkpoint)
