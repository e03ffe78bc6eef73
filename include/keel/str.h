/* str.h - a borrowed run of bytes: a slice of a message, a name, a word.
 *
 * Pure. Not terminated by a zero byte unless said so; the bytes belong to somebody else. */
#ifndef KEEL_STR_H
#define KEEL_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct keel_str {
    const char *data;
    size_t size;
} keel_str;

/* A value written down: C and C++ spell it differently. */
#if defined(__cplusplus)
#define KEEL_VALUE(type, ...) (type{__VA_ARGS__})
#else
#define KEEL_VALUE(type, ...) ((type){__VA_ARGS__})
#endif

/* A slice of a literal, and the two halves of printf's "%.*s". */
#define KEEL_STR(literal)  KEEL_VALUE(keel_str, "" literal, sizeof(literal) - 1)
#define KEEL_STR_ARGS(str) (int)(str).size, (str).data

static inline keel_str keel_str_from(const char *text)
{
    return KEEL_VALUE(keel_str, text, strlen(text));
}

static inline bool keel_str_equals(keel_str a, keel_str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool keel_str_starts_with(keel_str text, keel_str prefix)
{
    return text.size >= prefix.size &&
           (prefix.size == 0 || memcmp(text.data, prefix.data, prefix.size) == 0);
}

/* Copies text into buffer with a closing zero byte. False, and an empty buffer, if it does not fit:
 * a name that was cut short is another name. */
static inline bool keel_str_copy(keel_str text, char *buffer, size_t buffer_size)
{
    bool fits = text.size < buffer_size;
    if (fits && text.size > 0)
        memcpy(buffer, text.data, text.size);
    buffer[fits ? text.size : 0] = '\0';
    return fits;
}

#endif
