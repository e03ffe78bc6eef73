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

/* A word of the venue, which needs no encoding; left out when empty. */
static inline void keel_binance_write_word(struct keel_binance_encoder *encoder, keel_str name,
                                           keel_str word)
{
    if (word.size == 0)
        return;
    char *at = keel_writer_take(&encoder->writer, name.size + word.size + 1);
    if (!at)
        return;
    memcpy(at, name.data, name.size);
    memcpy(at + name.size, word.data, word.size);
    at[name.size + word.size] = '&';
}

/* The same for any other text: encoded before it is signed (2.1). */
static inline void keel_binance_write_text(struct keel_binance_encoder *encoder, keel_str name,
                                           keel_str value)
{
    if (keel_binance_is_plain(value)) {
        keel_binance_write_word(encoder, name, value);
        return;
    }
    keel_write(&encoder->writer, name);
    keel_write_percent(&encoder->writer, value);
    keel_write_char(&encoder->writer, '&');
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
    keel_write(&encoder->writer, name);
    keel_write_int(&encoder->writer, value);
    keel_write_char(&encoder->writer, '&');
}

static inline enum keel_status keel_binance_refuse_digits(keel_str name, keel_decimal value,
                                                          int digits, struct keel_error *error)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(value, text);
    return keel_fail(error, KEEL_INVALID, "%.*s is %s, and the market has %d decimals",
                     (int)name.size - 1, name.data, text, digits);
}

/* Left out when absent; refused when it has more digits than the market's grid, because the venue
 * would refuse it too (-1111), and a digit dropped here would be another order. */
static inline enum keel_status keel_binance_write_decimal(struct keel_binance_encoder *encoder,
                                                          keel_str name, keel_decimal value,
                                                          int digits)
{
    if (!keel_decimal_is_valid(value))
        return KEEL_OK;
    if (!keel_decimal_fits_digits(value, digits))
        return keel_binance_refuse_digits(name, value, digits, encoder->error);
    keel_write(&encoder->writer, name);
    keel_write_decimal(&encoder->writer, value);
    keel_write_char(&encoder->writer, '&');
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
