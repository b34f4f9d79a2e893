/* One SUITE(NAME) line for each `Suite *NAME_suite(void)` of this folder, in the order they run. */
SUITE(words)
SUITE(run_folder)
SUITE(cpu_baseline)
SUITE(usage)
SUITE(bad_input)
SUITE(runs)
SUITE(interrupted)
SUITE(self_test)
