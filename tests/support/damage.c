#include "support/damage.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A copy that ends where the memory ends, so that AddressSanitizer sees a step beyond it. */
static unsigned char *copy(const unsigned char *bytes, size_t byte_count) {
    unsigned char *copied = malloc(byte_count ? byte_count : 1);
    ck_assert_ptr_nonnull(copied);
    memcpy(copied, bytes, byte_count);
    return copied;
}

void damage_each_length(const unsigned char *bytes, size_t byte_count, damage_trial *try_cut) {
    for (size_t length = 0; length < byte_count; length++) {
        unsigned char *cut = copy(bytes, length);
        try_cut(cut, length);
        free(cut);
    }
}

void damage_each_byte(const unsigned char *bytes, size_t byte_count, damage_trial *try_changed) {
    static const unsigned char values[] = {'\0', 0xff, '"', '\\', '{', '}', '[', ']',
                                           ',',  ':',  '-', '.',  'e', '0', '9', ' '};
    unsigned char *changed = copy(bytes, byte_count);
    for (size_t place = 0; place < byte_count; place++) {
        const unsigned char kept = changed[place];
        for (int bit = 0; bit < 8; bit++) {
            changed[place] = (unsigned char)(kept ^ 1 << bit);
            try_changed(changed, byte_count);
        }
        for (size_t i = 0; i < sizeof values; i++) {
            changed[place] = values[i];
            if (values[i] != kept) try_changed(changed, byte_count);
        }
        changed[place] = kept;
    }
    free(changed);
}
