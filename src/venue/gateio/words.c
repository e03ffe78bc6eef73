#include "venue/gateio/words.h"

#include "venue/gateio/decoder.h"

#define IS KEEL_GATEIO_IS

enum keel_time_in_force keel_gateio_parse_time_in_force(keel_str word)
{
    if (IS(word, "gtc"))
        return KEEL_GTC;
    if (IS(word, "ioc"))
        return KEEL_IOC;
    if (IS(word, "poc"))
        return KEEL_GTX;
    return IS(word, "fok") ? KEEL_FOK : KEEL_TIME_IN_FORCE_NONE;
}

enum keel_order_status keel_gateio_parse_finish(keel_str word)
{
    static const keel_str ended_by_the_venue[] = {
        {"ioc",                 3 },
        {"fok",                 3 },
        {"poc",                 3 },
        {"stp",                 3 },
        {"reduce_only",         11},
        {"reduce_out",          10},
        {"position_closed",     15},
        {"liquidated",          10},
        {"liquidate_cancelled", 19},
        {"auto_deleveraged",    16},
        {"small",               5 },
        {"depth_not_enough",    16},
        {"trader_not_enough",   17},
        {"expired",             7 },
    };
    if (IS(word, "filled"))
        return KEEL_ORDER_FILLED;
    if (IS(word, "cancelled"))
        return KEEL_ORDER_CANCELED;
    for (size_t i = 0; i < sizeof(ended_by_the_venue) / sizeof(ended_by_the_venue[0]); i++) {
        if (keel_str_equals(word, ended_by_the_venue[i]))
            return KEEL_ORDER_EXPIRED;
    }
    return KEEL_ORDER_STATUS_NONE;
}

enum keel_position_side keel_gateio_parse_mode(keel_str word)
{
    if (IS(word, "single"))
        return KEEL_NET;
    if (IS(word, "dual_long"))
        return KEEL_LONG;
    return IS(word, "dual_short") ? KEEL_SHORT : KEEL_POSITION_SIDE_NONE;
}

enum keel_market_status keel_gateio_parse_market_status(keel_str word)
{
    if (IS(word, "trading"))
        return KEEL_MARKET_TRADING;
    if (IS(word, "delisting"))
        return KEEL_MARKET_REDUCE_ONLY;
    if (IS(word, "prelaunch") || IS(word, "suspended"))
        return KEEL_MARKET_HALTED;
    return IS(word, "delisted") ? KEEL_MARKET_DELISTED : KEEL_MARKET_NONE;
}

enum keel_income_kind keel_gateio_parse_income(keel_str word)
{
    if (IS(word, "fund"))
        return KEEL_INCOME_FUNDING;
    if (IS(word, "pnl"))
        return KEEL_INCOME_REALIZED_PNL;
    if (IS(word, "fee"))
        return KEEL_INCOME_COMMISSION;
    return IS(word, "dnw") ? KEEL_INCOME_TRANSFER : KEEL_INCOME_OTHER;
}

enum keel_cause keel_gateio_find_cause(keel_str text)
{
    if (keel_str_starts_with(text, KEEL_STR("t-")))
        return KEEL_CAUSE_USER;
    if (keel_str_starts_with(text, KEEL_STR("liq")) ||
        keel_str_starts_with(text, KEEL_STR("hedge-liq-")) || IS(text, "pm_liquidate") ||
        IS(text, "comb_margin_liquidate") || IS(text, "scm_liquidate"))
        return KEEL_CAUSE_LIQUIDATION;
    if (IS(text, "auto_deleveraging"))
        return KEEL_CAUSE_DELEVERAGING;
    if (IS(text, "insurance"))
        return KEEL_CAUSE_INSURANCE;
    return IS(text, "clear") ? KEEL_CAUSE_SETTLEMENT : KEEL_CAUSE_USER;
}

keel_str keel_gateio_time_in_force_word(enum keel_time_in_force time_in_force)
{
    switch (time_in_force) {
    case KEEL_GTC: return KEEL_STR("gtc");
    case KEEL_IOC: return KEEL_STR("ioc");
    case KEEL_FOK: return KEEL_STR("fok");
    case KEEL_GTX: return KEEL_STR("poc");
    case KEEL_GTD:
    case KEEL_RPI:
    case KEEL_TIME_IN_FORCE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_gateio_income_word(enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_FUNDING: return KEEL_STR("fund");
    case KEEL_INCOME_REALIZED_PNL: return KEEL_STR("pnl");
    case KEEL_INCOME_COMMISSION: return KEEL_STR("fee");
    case KEEL_INCOME_TRANSFER: return KEEL_STR("dnw");
    case KEEL_INCOME_INSURANCE_CLEAR:
    case KEEL_INCOME_OTHER: break;
    }
    return KEEL_STR("");
}
