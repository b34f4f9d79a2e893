/* Small problems to train on, for tests of whole runs. */
#ifndef EPOCL_TESTS_PROBLEM_H
#define EPOCL_TESTS_PROBLEM_H

#include "device/harness.h"
#include "model/network.h"
#include "training/trainer.h"

/* Matmul providers, and two in resident plans: tile of work-groups, plain of items; what a test loops over. */
extern const char *const problem_providers[];
enum { PROBLEM_PROVIDERS = 6 };

/* Options for one of them, for "items of tiles", for "merged", which is of plain, or "merged blocks", or for another
 * matmul, such as "auto". */
epocl_options problem_options(const char *provider, size_t batch_size, float learning_rate);
bool problem_is_resident(const char *provider);

/* Random 8-bit inputs, and a network fresh from options with two hidden layers, by default of 21 and 18 units. */
enum { PROBLEM_SAMPLES = 300, PROBLEM_INPUTS = 30, PROBLEM_CLASSES = 4 };
void problem_create(epocl_dataset **data, epocl_network **network);
void problem_create_of(const size_t hidden[2], epocl_dataset **data, epocl_network **network);

/* Trains `network` in place for some epochs; the result is the last one's. */
epocl_epoch_result problem_train(epocl_network *network, const epocl_dataset *data, const epocl_options *options,
                                 size_t epoch_count);

/* Whether weights and biases are the same, bit for bit. */
bool same_parameters(const epocl_network *a, const epocl_network *b);

#endif
