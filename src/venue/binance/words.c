#include "venue/binance/words.h"

#define IS KEEL_BINANCE_IS

enum keel_side keel_binance_parse_side(keel_str word)
{
    if (IS(word, "BUY"))
        return KEEL_BUY;
    return IS(word, "SELL") ? KEEL_SELL : KEEL_SIDE_NONE;
}

enum keel_position_side keel_binance_parse_position_side(keel_str word)
{
    if (IS(word, "BOTH"))
        return KEEL_NET;
    if (IS(word, "LONG"))
        return KEEL_LONG;
    return IS(word, "SHORT") ? KEEL_SHORT : KEEL_POSITION_SIDE_NONE;
}

enum keel_order_type keel_binance_parse_order_type(keel_str word)
{
    if (IS(word, "LIMIT"))
        return KEEL_LIMIT;
    if (IS(word, "MARKET"))
        return KEEL_MARKET;
    if (IS(word, "STOP_MARKET"))
        return KEEL_STOP_MARKET;
    if (IS(word, "TAKE_PROFIT_MARKET"))
        return KEEL_TAKE_PROFIT_MARKET;
    if (IS(word, "STOP"))
        return KEEL_STOP_LIMIT;
    if (IS(word, "TAKE_PROFIT"))
        return KEEL_TAKE_PROFIT_LIMIT;
    if (IS(word, "TRAILING_STOP_MARKET"))
        return KEEL_TRAILING_STOP;
    return IS(word, "LIQUIDATION") ? KEEL_LIQUIDATION : KEEL_ORDER_TYPE_NONE;
}

enum keel_time_in_force keel_binance_parse_time_in_force(keel_str word)
{
    if (IS(word, "GTC"))
        return KEEL_GTC;
    if (IS(word, "IOC"))
        return KEEL_IOC;
    if (IS(word, "FOK"))
        return KEEL_FOK;
    if (IS(word, "GTX"))
        return KEEL_GTX;
    if (IS(word, "GTD"))
        return KEEL_GTD;
    if (IS(word, "RPI"))
        return KEEL_RPI;
    /* Good till the position is gone: the venue's own way to end a close-all order. */
    return IS(word, "GTE_GTC") ? KEEL_GTC : KEEL_TIME_IN_FORCE_NONE;
}

enum keel_order_status keel_binance_parse_order_status(keel_str word)
{
    if (IS(word, "NEW"))
        return KEEL_ORDER_NEW;
    if (IS(word, "PARTIALLY_FILLED"))
        return KEEL_ORDER_PARTIALLY_FILLED;
    if (IS(word, "FILLED"))
        return KEEL_ORDER_FILLED;
    if (IS(word, "CANCELED"))
        return KEEL_ORDER_CANCELED;
    if (IS(word, "EXPIRED") || IS(word, "EXPIRED_IN_MATCH"))
        return KEEL_ORDER_EXPIRED;
    if (IS(word, "REJECTED"))
        return KEEL_ORDER_REJECTED;
    return IS(word, "NEW_INSURANCE") || IS(word, "NEW_ADL") ? KEEL_ORDER_NEW
                                                            : KEEL_ORDER_STATUS_NONE;
}

enum keel_binance_execution_type keel_binance_parse_execution_type(keel_str word)
{
    if (IS(word, "TRADE"))
        return KEEL_BINANCE_TRADE;
    if (IS(word, "NEW"))
        return KEEL_BINANCE_NEW;
    if (IS(word, "CANCELED"))
        return KEEL_BINANCE_CANCELED;
    /* "TRADE_PREVENTION" is the spot spelling of an order ended by self-trade prevention. */
    if (IS(word, "EXPIRED") || IS(word, "TRADE_PREVENTION"))
        return KEEL_BINANCE_EXPIRED;
    if (IS(word, "AMENDMENT"))
        return KEEL_BINANCE_AMENDMENT;
    if (IS(word, "CALCULATED"))
        return KEEL_BINANCE_CALCULATED;
    return IS(word, "REJECTED") ? KEEL_BINANCE_REJECTED : KEEL_BINANCE_EXECUTION_NONE;
}

enum keel_trigger_source keel_binance_parse_working_type(keel_str word)
{
    if (IS(word, "CONTRACT_PRICE"))
        return KEEL_TRIGGER_LAST;
    return IS(word, "MARK_PRICE") ? KEEL_TRIGGER_MARK : KEEL_TRIGGER_SOURCE_NONE;
}

/* Three spellings: positionRisk and ACCOUNT_UPDATE, symbolConfig and requests, MARGIN_CALL. */
enum keel_margin_mode keel_binance_parse_margin_mode(keel_str word)
{
    if (IS(word, "cross") || IS(word, "CROSSED") || IS(word, "CROSS"))
        return KEEL_CROSS;
    return IS(word, "isolated") || IS(word, "ISOLATED") ? KEEL_ISOLATED : KEEL_MARGIN_MODE_NONE;
}

enum keel_market_status keel_binance_parse_market_status(keel_str word)
{
    if (IS(word, "TRADING"))
        return KEEL_MARKET_TRADING;
    if (IS(word, "PENDING_TRADING") || IS(word, "PRE_DELIVERING") || IS(word, "DELIVERING") ||
        IS(word, "PRE_SETTLE") || IS(word, "SETTLING"))
        return KEEL_MARKET_HALTED;
    return IS(word, "DELIVERED") || IS(word, "CLOSE") ? KEEL_MARKET_DELISTED : KEEL_MARKET_NONE;
}

enum keel_income_kind keel_binance_parse_income(keel_str word)
{
    static const struct {
        keel_str word;
        enum keel_income_kind kind;
    } words[] = {
        {{"FUNDING_FEE", 11},                 KEEL_INCOME_FUNDING        },
        {{"SPECIAL_FUNDING_FEE", 19},         KEEL_INCOME_FUNDING        },
        {{"REALIZED_PNL", 12},                KEEL_INCOME_REALIZED_PNL   },
        {{"COMMISSION", 10},                  KEEL_INCOME_COMMISSION     },
        {{"INSURANCE_CLEAR", 15},             KEEL_INCOME_INSURANCE_CLEAR},
        {{"TRANSFER", 8},                     KEEL_INCOME_TRANSFER       },
        {{"INTERNAL_TRANSFER", 17},           KEEL_INCOME_TRANSFER       },
        {{"CROSS_COLLATERAL_TRANSFER", 25},   KEEL_INCOME_TRANSFER       },
        {{"STRATEGY_UMFUTURES_TRANSFER", 27}, KEEL_INCOME_TRANSFER       },
        {{"COIN_SWAP_DEPOSIT", 17},           KEEL_INCOME_TRANSFER       },
        {{"COIN_SWAP_WITHDRAW", 18},          KEEL_INCOME_TRANSFER       },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (keel_str_equals(word, words[i].word))
            return words[i].kind;
    }
    return KEEL_INCOME_OTHER;
}

enum keel_income_kind keel_binance_parse_reason(keel_str word)
{
    if (IS(word, "DEPOSIT") || IS(word, "WITHDRAW") || IS(word, "WITHDRAW_REJECT") ||
        IS(word, "ADMIN_DEPOSIT") || IS(word, "ADMIN_WITHDRAW") || IS(word, "ASSET_TRANSFER") ||
        IS(word, "MARGIN_TRANSFER"))
        return KEEL_INCOME_TRANSFER;
    return keel_binance_parse_income(word);
}

enum keel_cause keel_binance_find_cause(keel_str client_id, keel_str status, keel_str type,
                                        enum keel_binance_execution_type execution)
{
    if (keel_str_starts_with(client_id, KEEL_STR("autoclose-")))
        return KEEL_CAUSE_LIQUIDATION;
    if (keel_str_starts_with(client_id, KEEL_STR("adl_autoclose")))
        return KEEL_CAUSE_DELEVERAGING;
    if (keel_str_starts_with(client_id, KEEL_STR("settlement_autoclose-")) ||
        keel_str_starts_with(client_id, KEEL_STR("delivery_autoclose-")) ||
        keel_str_starts_with(client_id, KEEL_STR("delivery-")))
        return KEEL_CAUSE_SETTLEMENT;
    if (IS(status, "NEW_INSURANCE"))
        return KEEL_CAUSE_INSURANCE;
    if (IS(status, "NEW_ADL"))
        return KEEL_CAUSE_DELEVERAGING;
    return execution == KEEL_BINANCE_CALCULATED || IS(type, "LIQUIDATION") ? KEEL_CAUSE_LIQUIDATION
                                                                           : KEEL_CAUSE_USER;
}

keel_str keel_binance_side_word(enum keel_side side)
{
    switch (side) {
    case KEEL_BUY: return KEEL_STR("BUY");
    case KEEL_SELL: return KEEL_STR("SELL");
    case KEEL_SIDE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_position_side_word(enum keel_position_side side)
{
    switch (side) {
    case KEEL_NET: return KEEL_STR("BOTH");
    case KEEL_LONG: return KEEL_STR("LONG");
    case KEEL_SHORT: return KEEL_STR("SHORT");
    case KEEL_POSITION_SIDE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_order_type_word(enum keel_order_type type)
{
    switch (type) {
    case KEEL_LIMIT: return KEEL_STR("LIMIT");
    case KEEL_MARKET: return KEEL_STR("MARKET");
    case KEEL_STOP_LIMIT: return KEEL_STR("STOP");
    case KEEL_STOP_MARKET: return KEEL_STR("STOP_MARKET");
    case KEEL_TAKE_PROFIT_LIMIT: return KEEL_STR("TAKE_PROFIT");
    case KEEL_TAKE_PROFIT_MARKET: return KEEL_STR("TAKE_PROFIT_MARKET");
    case KEEL_TRAILING_STOP: return KEEL_STR("TRAILING_STOP_MARKET");
    case KEEL_LIQUIDATION:
    case KEEL_ORDER_TYPE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_time_in_force_word(enum keel_time_in_force time_in_force)
{
    switch (time_in_force) {
    case KEEL_GTC: return KEEL_STR("GTC");
    case KEEL_IOC: return KEEL_STR("IOC");
    case KEEL_FOK: return KEEL_STR("FOK");
    case KEEL_GTX: return KEEL_STR("GTX");
    case KEEL_GTD: return KEEL_STR("GTD");
    case KEEL_RPI: return KEEL_STR("RPI");
    case KEEL_TIME_IN_FORCE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_working_type_word(enum keel_trigger_source source)
{
    switch (source) {
    case KEEL_TRIGGER_LAST: return KEEL_STR("CONTRACT_PRICE");
    case KEEL_TRIGGER_MARK: return KEEL_STR("MARK_PRICE");
    case KEEL_TRIGGER_SOURCE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_margin_mode_word(enum keel_margin_mode mode)
{
    switch (mode) {
    case KEEL_CROSS: return KEEL_STR("CROSSED");
    case KEEL_ISOLATED: return KEEL_STR("ISOLATED");
    case KEEL_MARGIN_MODE_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_price_match_word(enum keel_price_match match)
{
    switch (match) {
    case KEEL_MATCH_OPPONENT: return KEEL_STR("OPPONENT");
    case KEEL_MATCH_OPPONENT_5: return KEEL_STR("OPPONENT_5");
    case KEEL_MATCH_OPPONENT_10: return KEEL_STR("OPPONENT_10");
    case KEEL_MATCH_OPPONENT_20: return KEEL_STR("OPPONENT_20");
    case KEEL_MATCH_QUEUE: return KEEL_STR("QUEUE");
    case KEEL_MATCH_QUEUE_5: return KEEL_STR("QUEUE_5");
    case KEEL_MATCH_QUEUE_10: return KEEL_STR("QUEUE_10");
    case KEEL_MATCH_QUEUE_20: return KEEL_STR("QUEUE_20");
    case KEEL_PRICE_MATCH_NONE: break;
    }
    return KEEL_STR("");
}

keel_str keel_binance_income_word(enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_FUNDING: return KEEL_STR("FUNDING_FEE");
    case KEEL_INCOME_REALIZED_PNL: return KEEL_STR("REALIZED_PNL");
    case KEEL_INCOME_COMMISSION: return KEEL_STR("COMMISSION");
    case KEEL_INCOME_TRANSFER: return KEEL_STR("TRANSFER");
    case KEEL_INCOME_INSURANCE_CLEAR: return KEEL_STR("INSURANCE_CLEAR");
    case KEEL_INCOME_OTHER: break;
    }
    return KEEL_STR("");
}
