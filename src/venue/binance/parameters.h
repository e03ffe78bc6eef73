/* parameters.h - how the encoders of requests and of frames write parameters: "name=value&".
 *
 * Pure. Functions of the header itself, because an order's signed bytes are on the hot path. */
#ifndef KEEL_VENUE_BINANCE_PARAMETERS_H
#define KEEL_VENUE_BINANCE_PARAMETERS_H

#include "base/writer.h"
#include "venue/binance/words.h"
#include "venue/venue.h"

/* What every writer of parameters needs. Each parameter is written with a "&" after it, and the
 * last one is taken back: so a name is a literal of a size that the compiler knows. */
struct keel_binance_encoder {
    const struct keel_markets *markets;
    const struct keel_modes *modes;
    struct keel_writer writer; /* into the query or the body */
    struct keel_error *error;
};

/* keel_write without the closing zero byte, which the end of the request gets once. */
static inline void keel_binance_put(struct keel_writer *writer, keel_str text)
{
    if (text.size > writer->capacity - writer->size) {
        writer->full = true;
        return;
    }
    memcpy(writer->data + writer->size, text.data, text.size);
    writer->size += text.size;
}

static inline void keel_binance_put_end(struct keel_writer *writer)
{
    keel_binance_put(writer, KEEL_STR("&"));
}

/* RFC 3986 leaves these as they are; the tilde is left out, because encoding it is allowed too. */
static const bool keel_binance_plain[256] = {
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,
    ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true, ['-'] = true, ['.'] = true,
    ['_'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
    ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true,
    ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true,
    ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true,
    ['X'] = true, ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true, ['c'] = true,
    ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true,
    ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true,
    ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true,
    ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true,
};

static inline bool keel_binance_is_plain(keel_str text)
{
    bool plain = true;
    for (size_t i = 0; i < text.size; i++)
        plain &= keel_binance_plain[(unsigned char)text.data[i]];
    return plain;
}

/* Left out when empty. Encoded before it is signed (2.1). */
static inline void keel_binance_write_text(struct keel_binance_encoder *encoder, keel_str name,
                                           keel_str value)
{
    if (value.size == 0)
        return;
    keel_binance_put(&encoder->writer, name);
    if (keel_binance_is_plain(value))
        keel_binance_put(&encoder->writer, value);
    else
        keel_write_percent(&encoder->writer, value);
    keel_binance_put_end(&encoder->writer);
}

/* The same for words of the venue, which need no encoding. */
static inline void keel_binance_write_word(struct keel_binance_encoder *encoder, keel_str name,
                                           keel_str word)
{
    if (word.size == 0)
        return;
    keel_binance_put(&encoder->writer, name);
    keel_binance_put(&encoder->writer, word);
    keel_binance_put_end(&encoder->writer);
}

static inline void keel_binance_write_flag(struct keel_binance_encoder *encoder, keel_str name,
                                           bool value)
{
    keel_binance_write_word(encoder, name, value ? KEEL_STR("true") : KEEL_STR("false"));
}

/* Left out when zero. */
static inline void keel_binance_write_int(struct keel_binance_encoder *encoder, keel_str name,
                                          int64_t value)
{
    if (value == 0)
        return;
    keel_binance_put(&encoder->writer, name);
    keel_write_int(&encoder->writer, value);
    keel_binance_put_end(&encoder->writer);
}

static inline int keel_binance_count_decimals(keel_str number)
{
    const char *point = memchr(number.data, '.', number.size);
    return point ? (int)(number.data + number.size - point) - 1 : 0;
}

/* Left out when absent; refused when it has more digits than the market's grid, because the venue
 * would refuse it too (-1111), and a digit dropped here would be another order. */
static inline enum keel_status keel_binance_write_decimal(struct keel_binance_encoder *encoder,
                                                          keel_str name, keel_decimal value,
                                                          int digits)
{
    if (!keel_decimal_is_valid(value))
        return KEEL_OK;
    char buffer[KEEL_DECIMAL_TEXT_SIZE];
    keel_str text = {buffer, keel_decimal_format(value, buffer)};
    if (keel_binance_count_decimals(text) > digits)
        return keel_fail(encoder->error, KEEL_INVALID, "%.*s is %s, and the market has %d decimals",
                         (int)name.size - 1, name.data, buffer, digits);
    keel_binance_put(&encoder->writer, name);
    keel_binance_put(&encoder->writer, text);
    keel_binance_put_end(&encoder->writer);
    return KEEL_OK;
}

static inline enum keel_status keel_binance_write_market(struct keel_binance_encoder *encoder,
                                                         keel_market_id id,
                                                         const struct keel_market **market)
{
    *market = keel_markets_get(encoder->markets, id);
    if (!*market)
        return keel_fail(encoder->error, KEEL_INVALID, "the command names no market (%d)", (int)id);
    keel_binance_write_text(encoder, KEEL_STR("symbol="), keel_str_from((*market)->venue_symbol));
    return KEEL_OK;
}

static inline enum keel_status keel_binance_write_symbol(struct keel_binance_encoder *encoder,
                                                         keel_market_id id)
{
    const struct keel_market *market;
    return keel_binance_write_market(encoder, id, &market);
}

static inline enum keel_status
keel_binance_write_symbol_if_any(struct keel_binance_encoder *encoder, keel_market_id id)
{
    return id == KEEL_NO_MARKET ? KEEL_OK : keel_binance_write_symbol(encoder, id);
}

/* Takes the last "&" back and closes the text. */
static inline void keel_binance_finish_parameters(struct keel_writer *writer)
{
    if (writer->size > 0 && !writer->full)
        writer->size--;
    writer->data[writer->size] = '\0';
}

#endif
