/* "Did you mean": the known word nearest to one that is not known. */
#ifndef EPOCL_BASE_SUGGEST_H
#define EPOCL_BASE_SUGGEST_H

#include <stddef.h>

typedef struct suggestion {
    const char *word; /* as it was typed                               */
    const char *best; /* nearest candidate so far; NULL for none near  */
    size_t distance;  /* of `best`; only nearer candidates replace it  */
} suggestion;

/* A candidate counts as near up to one edit, and one more for every four letters of the word. */
suggestion suggestion_begin(const char *word);
void suggestion_consider(suggestion *search, const char *candidate);

/* "; did you mean 'PREFIX''BEST'?", or `otherwise` when no candidate was near; in a buffer that the next call on
 * this thread reuses. */
const char *suggestion_text(const suggestion *search, const char *prefix, const char *otherwise);

#endif
