/* writer.h - writes text into a buffer of fixed size: JSON, queries, request lines.
 *
 * Pure, no allocation. What does not fit is not written and makes `full` stick; the caller asks
 * once, at the end. The text always has a closing zero byte outside its size. */
#ifndef KEEL_WRITER_H
#define KEEL_WRITER_H

#include "keel/decimal.h"

struct keel_writer {
    char *data;
    size_t size; /* bytes written */
    size_t capacity;
    bool full;
    bool comma; /* JSON: a comma is due before the next value */
};

void keel_writer_init(struct keel_writer *writer, char *buffer, size_t buffer_size);
keel_str keel_writer_text(const struct keel_writer *writer);

/* Room for so many more bytes, to be written by the caller; NULL if they do not fit, and from then
 * on nothing does: text with a hole in it would be worse than text that ends. Inline, as what
 * writes text is: an order has forty pieces. */
static inline char *keel_writer_take(struct keel_writer *writer, size_t size)
{
    if (writer->full || size > writer->capacity - writer->size) {
        writer->full = true;
        return NULL;
    }
    char *room = writer->data + writer->size;
    writer->size += size;
    writer->data[writer->size] = '\0';
    return room;
}

/* Plain text. */
static inline void keel_write(struct keel_writer *writer, keel_str text)
{
    char *room = keel_writer_take(writer, text.size);
    if (room && text.size > 0)
        memcpy(room, text.data, text.size);
}

static inline void keel_write_char(struct keel_writer *writer, char c)
{
    char *room = keel_writer_take(writer, 1);
    if (room)
        *room = c;
}

void keel_write_int(struct keel_writer *writer, int64_t value);
void keel_write_decimal(struct keel_writer *writer, keel_decimal value);
void keel_write_fixed(struct keel_writer *writer, keel_decimal value, int digits);
void keel_write_hex(struct keel_writer *writer, const unsigned char *bytes, size_t size);
KEEL_PRINTF(2, 3) void keel_write_format(struct keel_writer *writer, const char *format, ...);

/* Percent-encodes all but the unreserved characters of RFC 3986. */
void keel_write_percent(struct keel_writer *writer, keel_str text);

/* JSON. Commas come by themselves; a key is NULL inside an array and at the top. */
void keel_json_open_object(struct keel_writer *writer, const char *key);
void keel_json_close_object(struct keel_writer *writer);
void keel_json_open_array(struct keel_writer *writer, const char *key);
void keel_json_close_array(struct keel_writer *writer);
void keel_json_put_string(struct keel_writer *writer, const char *key, keel_str value);
void keel_json_put_text(struct keel_writer *writer, const char *key, const char *value);
void keel_json_put_int(struct keel_writer *writer, const char *key, int64_t value);
void keel_json_put_bool(struct keel_writer *writer, const char *key, bool value);
void keel_json_put_null(struct keel_writer *writer, const char *key);
/* As a string, as venues carry money; the member is left out when the value is absent. */
void keel_json_put_decimal(struct keel_writer *writer, const char *key, keel_decimal value);
void keel_json_put_fixed(struct keel_writer *writer, const char *key, keel_decimal value,
                         int digits);
/* Bytes that are JSON already. */
void keel_json_put_raw(struct keel_writer *writer, const char *key, keel_str json);

#endif
