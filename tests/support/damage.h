/* Damage to a small valid file, for tests of what reads it. */
#ifndef EPOCL_TESTS_DAMAGE_H
#define EPOCL_TESTS_DAMAGE_H

#include <stddef.h>

typedef void damage_trial(const unsigned char *bytes, size_t byte_count);

/* Tries the file cut to every length below its own. */
void damage_each_length(const unsigned char *bytes, size_t byte_count, damage_trial *try_cut);

/* Tries the file with each byte changed in turn: each of its bits flipped; 0, 0xff and what means something in JSON
 * in its place. */
void damage_each_byte(const unsigned char *bytes, size_t byte_count, damage_trial *try_changed);

#endif
