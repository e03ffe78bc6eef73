#include "venue/gateio/contracts.h"

#include "base/digits.h"

#define IS KEEL_GATEIO_IS

enum {
    CLIENT_ID_SIZE_MAX = 30,
};

static enum keel_status refuse_quantity(keel_decimal quantity, const struct keel_market *market,
                                        struct keel_error *error)
{
    char asked[KEEL_DECIMAL_TEXT_SIZE], below[KEEL_DECIMAL_TEXT_SIZE];
    char above[KEEL_DECIMAL_TEXT_SIZE], size[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal step = market->quantity_step;
    keel_decimal_format(quantity, asked);
    keel_decimal_format(market->contract_size, size);
    keel_decimal_format(keel_decimal_round_to_step(quantity, step, KEEL_ROUND_FLOOR), below);
    keel_decimal_format(keel_decimal_round_to_step(quantity, step, KEEL_ROUND_CEILING), above);
    return keel_fail(error, KEEL_INVALID,
                     "%s: quantity %s is no whole number of contracts of %s: the nearest that fit "
                     "are %s and %s",
                     market->symbol, asked, size, below, above);
}

enum keel_status keel_gateio_to_contracts(keel_decimal quantity, const struct keel_market *market,
                                          keel_decimal *contracts, struct keel_error *error)
{
    if (!keel_decimal_is_multiple(quantity, market->quantity_step))
        return refuse_quantity(quantity, market, error);
    *contracts = quantity;
    if (keel_decimal_equals(market->contract_size, KEEL_DECIMAL_ONE))
        return KEEL_OK;
    *contracts = keel_decimal_div_exact(quantity, market->contract_size);
    /* A grid that is finer than what the quotient can hold has no exact number of contracts. */
    if (!keel_decimal_is_valid(*contracts))
        return refuse_quantity(quantity, market, error);
    return KEEL_OK;
}

enum keel_position_side keel_gateio_leg_of(keel_str auto_size)
{
    if (IS(auto_size, "close_long"))
        return KEEL_LONG;
    return IS(auto_size, "close_short") ? KEEL_SHORT : KEEL_POSITION_SIDE_NONE;
}

void keel_gateio_copy_client_id(struct keel_gateio_decoder *decoder, keel_str text,
                                char client_id[static KEEL_CLIENT_ID_SIZE])
{
    if (keel_str_starts_with(text, KEEL_STR("t-")))
        keel_gateio_copy_text(decoder, text, client_id, KEEL_CLIENT_ID_SIZE);
    else
        client_id[0] = '\0';
}

void keel_gateio_copy_reason(keel_str word, char reason[static KEEL_REASON_SIZE])
{
    if (word.size >= KEEL_REASON_SIZE)
        word.size = KEEL_REASON_SIZE - 1;
    keel_str_copy(word, reason, KEEL_REASON_SIZE);
}

static bool is_id_character(char c)
{
    return keel_is_letter(c) || keel_is_digit(c) || c == '_' || c == '.' || c == '-';
}

bool keel_gateio_client_id_is_valid(keel_str client_id)
{
    if (client_id.size < 3 || client_id.size > CLIENT_ID_SIZE_MAX ||
        !keel_str_starts_with(client_id, KEEL_STR("t-")))
        return false;
    bool valid = true;
    for (size_t i = 2; i < client_id.size; i++)
        valid &= is_id_character(client_id.data[i]);
    return valid;
}

void keel_gateio_make_client_id(uint64_t number, char client_id[KEEL_CLIENT_ID_SIZE])
{
    memcpy(client_id, "t-k", 3);
    *keel_digits_write_base36(client_id + 3, number) = '\0';
}
