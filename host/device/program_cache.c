#include "device/program_cache.h"
#include "base/checked.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

typedef struct kept_program {
    char *key; /* options and texts, one after the other, terminators included */
    size_t key_bytes;
    cl_program program; /* NULL: an empty place */
    uint64_t last_use;
} kept_program;

struct program_cache {
    atomic_size_t holder_count;
    pthread_mutex_t lock; /* of all that follows */
    uint64_t use_count;
    kept_program kept[PROGRAM_CACHE_CAPACITY];
};

epocl_status program_cache_create(program_cache **cache) {
    const epocl_status status = allocate(1, sizeof **cache, "a program cache", cache);
    if (status != EPOCL_OK) return status;
    atomic_init(&(*cache)->holder_count, 1);
    pthread_mutex_init(&(*cache)->lock, NULL);
    return EPOCL_OK;
}

program_cache *program_cache_hold(program_cache *cache) {
    if (cache) atomic_fetch_add(&cache->holder_count, 1);
    return cache;
}

static void drop(kept_program *kept) {
    if (kept->program) clReleaseProgram(kept->program);
    free(kept->key);
    *kept = (kept_program){0};
}

void program_cache_release(program_cache *cache) {
    if (!cache || atomic_fetch_sub(&cache->holder_count, 1) > 1) return;
    for (size_t i = 0; i < PROGRAM_CACHE_CAPACITY; i++) drop(&cache->kept[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

/* A key's parts: the options, then each text. */
static const char *key_part(const char *const *texts, const char *options, size_t i) {
    return i == 0 ? options : texts[i - 1];
}

/* Whether `kept` was made of these. */
static bool is_same(const kept_program *kept, const char *const *texts, size_t count, const char *options) {
    size_t place = 0;
    if (!kept->program) return false;
    for (size_t i = 0; i <= count; i++) {
        const char *text = key_part(texts, options, i);
        const size_t bytes = strlen(text) + 1;
        if (bytes > kept->key_bytes - place || memcmp(kept->key + place, text, bytes) != 0) return false;
        place += bytes;
    }
    return place == kept->key_bytes;
}

static epocl_status make_key(const char *const *texts, size_t count, const char *options, kept_program *kept) {
    size_t place = 0;
    kept->key_bytes = strlen(options) + 1;
    for (size_t i = 0; i < count; i++) kept->key_bytes += strlen(texts[i]) + 1;
    const epocl_status status = allocate(kept->key_bytes, 1, "a program's text", &kept->key);
    for (size_t i = 0; i <= count && status == EPOCL_OK; i++) {
        const char *text = key_part(texts, options, i);
        const size_t bytes = strlen(text) + 1;
        memcpy(kept->key + place, text, bytes);
        place += bytes;
    }
    return status;
}

epocl_status program_cache_find(program_cache *cache, const char *const *texts, size_t count, const char *options,
                                cl_program *program) {
    epocl_status status = EPOCL_OK;
    *program = NULL;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < PROGRAM_CACHE_CAPACITY; i++) {
        kept_program *kept = &cache->kept[i];
        if (!is_same(kept, texts, count, options)) continue;
        CL_TRY(clRetainProgram(kept->program));
        kept->last_use = ++cache->use_count;
        *program = kept->program;
        break;
    }
cleanup:
    pthread_mutex_unlock(&cache->lock);
    return status;
}

epocl_status program_cache_keep(program_cache *cache, const char *const *texts, size_t count, const char *options,
                                cl_program program) {
    epocl_status status = EPOCL_OK;
    kept_program made = {0};
    TRY(make_key(texts, count, options, &made));
    CL_TRY(clRetainProgram(program));
    made.program = program;
    pthread_mutex_lock(&cache->lock);
    kept_program *oldest = &cache->kept[0]; /* an empty place was never used */
    for (size_t i = 1; i < PROGRAM_CACHE_CAPACITY; i++)
        if (cache->kept[i].last_use < oldest->last_use) oldest = &cache->kept[i];
    drop(oldest);
    made.last_use = ++cache->use_count;
    *oldest = made;
    made = (kept_program){0};
    pthread_mutex_unlock(&cache->lock);
cleanup:
    free(made.key);
    return status;
}
