/* IDX files as the format is written down, to compare the reader with. */
#ifndef EPOCL_TESTS_FUZZ_IDX_ORACLE_H
#define EPOCL_TESTS_FUZZ_IDX_ORACLE_H

#include "data/dataset.h"

/* Whether these bytes are a whole file of inputs that epocl documents to read; then `dataset` holds exactly them. */
void expect_inputs(const uint8_t *bytes, size_t byte_count, const epocl_dataset *dataset);

/* The same for targets of any number of samples; `dataset` has neither labels nor values when they were refused. */
void expect_targets(const uint8_t *bytes, size_t byte_count, const epocl_dataset *dataset);

#endif
