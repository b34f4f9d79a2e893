/* A table to train on, and what tests of tables do with the program. All functions end the test on failure. */
#ifndef EPOCL_TESTS_COMMAND_FLATS_H
#define EPOCL_TESTS_COMMAND_FLATS_H

#include "command/fixture.h"

#include <stdbool.h>

enum { FLATS = 300, NEW_FLATS = 50 };

/* Writes flats of a city, `first` and those after it: the price follows from area, kind and quarter, and the class
 * `dear` from the price; `rooms` is of no use. Other than in order, there is one more column that nobody needs. */
void flats_write(const char *name, bool in_order, size_t first, size_t count);

/* A checked fixture, beside fixture_remove(): that of fixture_create() with flats.csv, and new.csv and turned.csv of
 * the flats after those. */
void flats_create(void);

#define FLAT_TABLE "train", "@flats.csv", "--ignore", "nr", "--quiet"

/* Runs epocl, which must end well. */
void train_words(const char *const *words);
#define train(...) train_words((const char *const[]){__VA_ARGS__, NULL})

/* The same; what it printed, for free(). */
char *output_words(const char *const *words);
#define output(...) output_words((const char *const[]){__VA_ARGS__, NULL})

#endif
