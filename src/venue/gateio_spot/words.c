#include "venue/gateio_spot/words.h"

#define IS(text, literal)                                                                          \
    ((text).size == sizeof(literal) - 1 && memcmp((text).data, literal, sizeof(literal) - 1) == 0)

enum keel_order_status keel_gateio_spot_parse_status(keel_str status, keel_str finish_as,
                                                     bool has_fill)
{
    if (IS(status, "open"))
        return has_fill ? KEEL_ORDER_PARTIALLY_FILLED : KEEL_ORDER_NEW;
    if (IS(status, "closed") || IS(finish_as, "filled"))
        return KEEL_ORDER_FILLED;
    if (!IS(status, "cancelled") && status.size > 0)
        return KEEL_ORDER_STATUS_NONE;
    /* Everything but the user's own wish is the venue's doing. */
    return IS(finish_as, "cancelled") || finish_as.size == 0 ? KEEL_ORDER_CANCELED
                                                             : KEEL_ORDER_EXPIRED;
}

enum keel_withdrawal_status keel_gateio_spot_parse_withdrawal(keel_str word)
{
    static const struct {
        keel_str word;
        enum keel_withdrawal_status status;
    } words[] = {
        {{"DONE", 4},      KEEL_WITHDRAWAL_DONE    },
        {{"CANCEL", 6},    KEEL_WITHDRAWAL_CANCELED},
        {{"FAIL", 4},      KEEL_WITHDRAWAL_REJECTED},
        {{"INVALID", 7},   KEEL_WITHDRAWAL_REJECTED},
        {{"REQUEST", 7},   KEEL_WITHDRAWAL_PENDING },
        {{"MANUAL", 6},    KEEL_WITHDRAWAL_PENDING },
        {{"VERIFY", 6},    KEEL_WITHDRAWAL_PENDING },
        {{"REVIEW", 6},    KEEL_WITHDRAWAL_PENDING },
        {{"DMOVE", 5},     KEEL_WITHDRAWAL_PENDING },
        {{"PROCES", 6},    KEEL_WITHDRAWAL_PENDING },
        {{"EXTPEND", 7},   KEEL_WITHDRAWAL_PENDING },
        {{"PEND", 4},      KEEL_WITHDRAWAL_PENDING },
        {{"SPLITPEND", 9}, KEEL_WITHDRAWAL_PENDING },
        {{"BCODE", 5},     KEEL_WITHDRAWAL_DONE    },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (keel_str_equals(word, words[i].word))
            return words[i].status;
    }
    return KEEL_WITHDRAWAL_STATUS_NONE;
}

keel_str keel_gateio_spot_wallet_word(enum keel_wallet wallet)
{
    switch (wallet) {
    case KEEL_WALLET_SPOT: return KEEL_STR("spot");
    case KEEL_WALLET_FUTURES: return KEEL_STR("futures");
    case KEEL_WALLET_NONE:
    case KEEL_WALLET_FUNDING: break;
    }
    return KEEL_STR("");
}
