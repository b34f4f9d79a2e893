/* One SUITE(NAME) line for each `Suite *NAME_suite(void)` of this folder, in the order they run. */
SUITE(layer)
SUITE(opencl_calls)
SUITE(allocations)
SUITE(writes)
SUITE(order)
