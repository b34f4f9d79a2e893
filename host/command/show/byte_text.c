#include "command/show/byte_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char encoded_key[] = "percent_encoded";
static const char hexadecimal[] = "0123456789ABCDEF";

static json_t *encode(const char *text) {
    json_t *object = NULL;
    char *encoded = malloc(3 * strlen(text) + 1), *end = encoded;
    if (!encoded) return NULL;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c > 0x20 && *c < 0x7f && *c != '%') {
            *end++ = (char)*c;
            continue;
        }
        *end++ = '%';
        *end++ = hexadecimal[*c >> 4];
        *end++ = hexadecimal[*c & 15];
    }
    *end = '\0';
    object = json_pack("{ss}", encoded_key, encoded);
    free(encoded);
    return object;
}

json_t *byte_text_json(const char *text) {
    if (!text) return json_null();
    json_t *string = json_string(text);
    if (string) return string;
    /* It is no UTF-8, or memory was missing: asked once more, where there is memory for it unlooked at. */
    json_t *unchecked = json_string_nocheck(text);
    if (!unchecked) return NULL;
    json_decref(unchecked);
    string = json_string(text);
    return string ? string : encode(text);
}

/* The value of a digit; -1 for what is none. NUL is none. */
static int digit_of(char c) {
    const char *place = c ? strchr(hexadecimal, c) : NULL;
    return place ? (int)(place - hexadecimal) : -1;
}

static json_t *decode(const char *encoded) {
    json_t *string = NULL;
    char *text = malloc(strlen(encoded) + 1), *end = text;
    if (!text) return NULL;
    for (; *encoded; encoded++) {
        int byte = (unsigned char)*encoded;
        if (byte == '%') {
            const int high = digit_of(encoded[1]), low = high < 0 ? -1 : digit_of(encoded[2]);
            byte = low < 0 ? 0 : 16 * high + low;
            encoded += 2;
        }
        if (byte == 0) goto cleanup; /* no end of a text, nor an escape that is none */
        *end++ = (char)byte;
    }
    *end = '\0';
    string = json_string_nocheck(text);
cleanup:
    free(text);
    return string;
}

json_t *byte_text_read(const json_t *value) {
    const char *text = json_string_value(value);
    const char *encoded = json_string_value(json_object_get(value, encoded_key));
    if (text) return strlen(text) == json_string_length(value) ? json_string(text) : NULL;
    return encoded && json_object_size(value) == 1 ? decode(encoded) : NULL;
}
