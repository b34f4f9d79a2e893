/* Numbers of the command line, compared with what the C library makes of them. */
#include "base/number.h"

#include "fuzz/support/target.h"
#include "fuzz/support/words.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether `text` is nothing but characters of `set`, and at least one. */
static bool is_made_of(const char *text, const char *set) {
    return *text && text[strspn(text, set)] == '\0';
}

static void expect_whole(const char *text) {
    uint64_t value = 7;
    errno = 0;
    const unsigned long long expected = strtoull(text, NULL, 10);
    const bool is_right = is_made_of(text, "0123456789") && errno == 0;
    EXPECT(number_whole(text, strlen(text), &value) == is_right);
    EXPECT(value == (is_right ? expected : 7));
}

/* strtod() takes more than a decimal number: blanks before it, NaN, infinity, hexadecimal. */
static void expect_real(const char *text) {
    double value = 0;
    char *end = NULL;
    const double expected = strtod(text, &end);
    const bool is_right = is_made_of(text, "0123456789+-.eE") && *end == '\0' && isfinite(expected);
    EXPECT(number_real(text, &value) == is_right);
    if (is_right) EXPECT(memcmp(&value, &expected, sizeof value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    char *text = word_copy(bytes, byte_count);
    expect_whole(text);
    expect_real(text);
    free(text);
    return 0;
}
