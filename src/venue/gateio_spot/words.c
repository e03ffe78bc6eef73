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
        {{"DONE", 4},        KEEL_WITHDRAWAL_DONE    },
        {{"CANCEL", 6},      KEEL_WITHDRAWAL_CANCELED},
        {{"FAIL", 4},        KEEL_WITHDRAWAL_REJECTED},
        {{"INVALID", 7},     KEEL_WITHDRAWAL_REJECTED},
        {{"REJECT", 6},      KEEL_WITHDRAWAL_REJECTED},
        {{"REQUEST", 7},     KEEL_WITHDRAWAL_PENDING },
        {{"CANCELPEND", 10}, KEEL_WITHDRAWAL_PENDING },
        {{"FVERIFY", 7},     KEEL_WITHDRAWAL_PENDING },
        {{"LOCKED", 6},      KEEL_WITHDRAWAL_PENDING },
        {{"MANUAL", 6},      KEEL_WITHDRAWAL_PENDING },
        {{"VERIFY", 6},      KEEL_WITHDRAWAL_PENDING },
        {{"REVIEW", 6},      KEEL_WITHDRAWAL_PENDING },
        {{"DMOVE", 5},       KEEL_WITHDRAWAL_PENDING },
        {{"PROCES", 6},      KEEL_WITHDRAWAL_PENDING },
        {{"EXTPEND", 7},     KEEL_WITHDRAWAL_PENDING },
        {{"PEND", 4},        KEEL_WITHDRAWAL_PENDING },
        {{"SPLITPEND", 9},   KEEL_WITHDRAWAL_PENDING },
        {{"BCODE", 5},       KEEL_WITHDRAWAL_DONE    },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (keel_str_equals(word, words[i].word))
            return words[i].status;
    }
    return KEEL_WITHDRAWAL_STATUS_NONE;
}

#define OTHER   KEEL_GATEIO_SPOT_ENTRY_OTHER
#define FUTURES KEEL_GATEIO_SPOT_ENTRY_FUTURES

/* "AccountBook type", "AccountBook code": what changes a spot account that trades. */
static const struct {
    const char *type, *code;
    enum keel_gateio_spot_entry entry;
} entries[] = {
    {"perp_in",         "701",  FUTURES},
    {"perp_out",        "702",  FUTURES},
    {"futures_in",      "701",  FUTURES}, /* the same two in older books */
    {"futures_out",     "702",  FUTURES},
    {"new_order",       "101",  OTHER  },
    {"order_fill",      "102",  OTHER  },
    {"cancel_order",    "103",  OTHER  },
    {"order_rej",       "116",  OTHER  },
    {"order_fee",       "151",  OTHER  },
    {"system_fee",      "152",  OTHER  },
    {"new_order",       "171",  OTHER  },
    {"cancel_order",    "172",  OTHER  },
    {"withdraw",        "4",    OTHER  },
    {"cancel_withdraw", "104",  OTHER  },
    {"withdraw_rej",    "113",  OTHER  },
    {"deposit",         "110",  OTHER  },
    {"deposit_rej",     "112",  OTHER  },
    {"referral_rebate", "109",  OTHER  },
    {"u_rebate",        "191",  OTHER  },
    {"airdrop",         "404",  OTHER  },
    {"margin_in",       "601",  OTHER  },
    {"margin_out",      "602",  OTHER  },
    {"lending_in",      "603",  OTHER  },
    {"lending_out",     "604",  OTHER  },
    {"delivery_in",     "703",  OTHER  },
    {"delivery_out",    "704",  OTHER  },
    {"subaccount_trf",  "1401", OTHER  },
    {"options_in",      "1603", OTHER  },
    {"options_out",     "1604", OTHER  },
    {"quant_in",        "1701", OTHER  },
    {"quant_out",       "1702", OTHER  },
};

enum keel_gateio_spot_entry keel_gateio_spot_parse_entry(keel_str type, keel_str code)
{
    enum keel_gateio_spot_entry by_type = KEEL_GATEIO_SPOT_ENTRY_NONE;
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (keel_str_equals(code, keel_str_from(entries[i].code)))
            return entries[i].entry;
        if (keel_str_equals(type, keel_str_from(entries[i].type)))
            by_type = entries[i].entry;
    }
    return by_type;
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
