/* Compiled programs, kept for those who want the same one again: trainers, self-tests, probes and predictors of a
 * device. A program is known by all that its compiler was given, so a changed kernel file is another program. */
#ifndef EPOCL_DEVICE_PROGRAM_CACHE_H
#define EPOCL_DEVICE_PROGRAM_CACHE_H

#include "device/opencl.h"

/* Programs kept; of more, the one unused for longest goes. Whoever uses one has a reference of his own. */
enum { PROGRAM_CACHE_CAPACITY = 32 };

/* May be used from any thread. */
typedef struct program_cache program_cache;

epocl_status program_cache_create(program_cache **cache);

/* One holder more; the last one's release ends it and gives its programs back. NULL is accepted. */
program_cache *program_cache_hold(program_cache *cache);
void program_cache_release(program_cache *cache);

/* The program of `count` texts and the compiler's options, with a reference for the caller; NULL where there is none.
 */
epocl_status program_cache_find(program_cache *cache, const char *const *texts, size_t count, const char *options,
                                cl_program *program);

/* Keeps a program, with a reference of the cache's own. */
epocl_status program_cache_keep(program_cache *cache, const char *const *texts, size_t count, const char *options,
                                cl_program program);

#endif
