#include "paper/binance/words.h"

#define COUNT(words) (sizeof(words) / sizeof((words)[0]))

static const char *const sides[] = {[KEEL_BUY] = "BUY", [KEEL_SELL] = "SELL"};

static const char *const position_sides[] = {
    [KEEL_NET] = "BOTH",
    [KEEL_LONG] = "LONG",
    [KEEL_SHORT] = "SHORT",
};

static const char *const order_types[] = {
    [KEEL_LIMIT] = "LIMIT",
    [KEEL_MARKET] = "MARKET",
    [KEEL_STOP_LIMIT] = "STOP",
    [KEEL_STOP_MARKET] = "STOP_MARKET",
    [KEEL_TAKE_PROFIT_LIMIT] = "TAKE_PROFIT",
    [KEEL_TAKE_PROFIT_MARKET] = "TAKE_PROFIT_MARKET",
    [KEEL_TRAILING_STOP] = "TRAILING_STOP_MARKET",
    [KEEL_LIQUIDATION] = "LIQUIDATION",
};

static const char *const times_in_force[] = {
    [KEEL_GTC] = "GTC", [KEEL_IOC] = "IOC", [KEEL_FOK] = "FOK",
    [KEEL_GTX] = "GTX", [KEEL_GTD] = "GTD", [KEEL_RPI] = "RPI",
};

static const char *const order_statuses[] = {
    [PAPER_ORDER_NEW] = "NEW",           [PAPER_ORDER_PARTIALLY_FILLED] = "PARTIALLY_FILLED",
    [PAPER_ORDER_FILLED] = "FILLED",     [PAPER_ORDER_CANCELED] = "CANCELED",
    [PAPER_ORDER_EXPIRED] = "EXPIRED",   [PAPER_ORDER_EXPIRED_IN_MATCH] = "EXPIRED_IN_MATCH",
    [PAPER_ORDER_REJECTED] = "REJECTED",
};

static const char *const executions[] = {
    [PAPER_EXECUTION_NEW] = "NEW",
    [PAPER_EXECUTION_TRADE] = "TRADE",
    [PAPER_EXECUTION_CANCELED] = "CANCELED",
    [PAPER_EXECUTION_EXPIRED] = "EXPIRED",
    [PAPER_EXECUTION_AMENDMENT] = "AMENDMENT",
    [PAPER_EXECUTION_CALCULATED] = "CALCULATED",
};

static const char *const algo_statuses[] = {
    [PAPER_CONDITIONAL_NEW] = "NEW",
    [PAPER_CONDITIONAL_TRIGGERING] = "TRIGGERING",
    [PAPER_CONDITIONAL_TRIGGERED] = "TRIGGERED",
    [PAPER_CONDITIONAL_FINISHED] = "FINISHED",
    [PAPER_CONDITIONAL_CANCELED] = "CANCELED",
    [PAPER_CONDITIONAL_REJECTED] = "REJECTED",
    [PAPER_CONDITIONAL_EXPIRED] = "EXPIRED",
};

static const char *const working_types[] = {
    [KEEL_TRIGGER_LAST] = "CONTRACT_PRICE",
    [KEEL_TRIGGER_MARK] = "MARK_PRICE",
};

static const char *const self_trades[] = {
    [PAPER_SELF_TRADE_NONE] = "NONE",
    [PAPER_SELF_TRADE_EXPIRE_TAKER] = "EXPIRE_TAKER",
    [PAPER_SELF_TRADE_EXPIRE_MAKER] = "EXPIRE_MAKER",
    [PAPER_SELF_TRADE_EXPIRE_BOTH] = "EXPIRE_BOTH",
};

static const char *const price_matches[] = {
    [PAPER_PRICE_MATCH_NONE] = "NONE",
    [PAPER_PRICE_MATCH_OPPONENT] = "OPPONENT",
    [PAPER_PRICE_MATCH_OPPONENT_5] = "OPPONENT_5",
    [PAPER_PRICE_MATCH_OPPONENT_10] = "OPPONENT_10",
    [PAPER_PRICE_MATCH_OPPONENT_20] = "OPPONENT_20",
    [PAPER_PRICE_MATCH_QUEUE] = "QUEUE",
    [PAPER_PRICE_MATCH_QUEUE_5] = "QUEUE_5",
    [PAPER_PRICE_MATCH_QUEUE_10] = "QUEUE_10",
    [PAPER_PRICE_MATCH_QUEUE_20] = "QUEUE_20",
};

static const char *const incomes[] = {
    [KEEL_INCOME_FUNDING] = "FUNDING_FEE",
    [KEEL_INCOME_REALIZED_PNL] = "REALIZED_PNL",
    [KEEL_INCOME_COMMISSION] = "COMMISSION",
    [KEEL_INCOME_TRANSFER] = "TRANSFER",
    [KEEL_INCOME_INSURANCE_CLEAR] = "INSURANCE_CLEAR",
};

static const char *const reasons[] = {
    [PAPER_REASON_ORDER] = "ORDER",
    [PAPER_REASON_DEPOSIT] = "DEPOSIT",
    [PAPER_REASON_FUNDING] = "FUNDING_FEE",
    [PAPER_REASON_MARGIN_TRANSFER] = "MARGIN_TRANSFER",
    [PAPER_REASON_MARGIN_MODE] = "MARGIN_TYPE_CHANGE",
    [PAPER_REASON_INSURANCE_CLEAR] = "INSURANCE_CLEAR",
    [PAPER_REASON_WITHDRAWAL] = "WITHDRAW",
};

static const char *word(const char *const *words, size_t count, size_t at)
{
    return at < count && words[at] ? words[at] : "";
}

static int find(const char *const *words, size_t count, keel_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i] && keel_str_equals(text, keel_str_from(words[i])))
            return (int)i;
    }
    return -1;
}

/* The place of the text among the words, or zero. */
static int find_or_none(const char *const *words, size_t count, keel_str text)
{
    int at = find(words, count, text);
    return at < 0 ? 0 : at;
}

const char *binance_side_word(enum keel_side side)
{
    return word(sides, COUNT(sides), side);
}

const char *binance_position_side_word(enum keel_position_side side)
{
    return word(position_sides, COUNT(position_sides), side);
}

const char *binance_order_type_word(enum keel_order_type type)
{
    return word(order_types, COUNT(order_types), type);
}

/* A market order has none of its own; the venue shows GTC for it. */
const char *binance_time_in_force_word(enum keel_time_in_force time_in_force)
{
    return time_in_force == KEEL_TIME_IN_FORCE_NONE
               ? "GTC"
               : word(times_in_force, COUNT(times_in_force), time_in_force);
}

const char *binance_order_status_word(enum paper_order_status status)
{
    return word(order_statuses, COUNT(order_statuses), status);
}

const char *binance_execution_word(enum paper_execution_kind kind)
{
    return word(executions, COUNT(executions), kind);
}

const char *binance_algo_status_word(enum paper_conditional_status status)
{
    return word(algo_statuses, COUNT(algo_statuses), status);
}

const char *binance_working_type_word(enum keel_trigger_source source)
{
    return source == KEEL_TRIGGER_SOURCE_NONE ? "CONTRACT_PRICE"
                                              : word(working_types, COUNT(working_types), source);
}

const char *binance_self_trade_word(enum paper_self_trade mode)
{
    return mode == PAPER_SELF_TRADE_DEFAULT ? "EXPIRE_MAKER"
                                            : word(self_trades, COUNT(self_trades), mode);
}

const char *binance_price_match_word(enum paper_price_match match)
{
    return word(price_matches, COUNT(price_matches), match);
}

const char *binance_income_word(enum keel_income_kind kind)
{
    return word(incomes, COUNT(incomes), kind);
}

const char *binance_reason_word(enum paper_account_reason reason)
{
    return word(reasons, COUNT(reasons), reason);
}

enum keel_side binance_read_side(keel_str text)
{
    return (enum keel_side)find_or_none(sides, COUNT(sides), text);
}

enum keel_position_side binance_read_position_side(keel_str text)
{
    return (enum keel_position_side)find_or_none(position_sides, COUNT(position_sides), text);
}

/* LIQUIDATION is the venue's own: nobody can ask for it. */
enum keel_order_type binance_read_order_type(keel_str text)
{
    return (enum keel_order_type)find_or_none(order_types, KEEL_LIQUIDATION, text);
}

enum keel_time_in_force binance_read_time_in_force(keel_str text)
{
    return (enum keel_time_in_force)find_or_none(times_in_force, COUNT(times_in_force), text);
}

enum keel_trigger_source binance_read_working_type(keel_str text)
{
    return (enum keel_trigger_source)find_or_none(working_types, COUNT(working_types), text);
}

enum paper_self_trade binance_read_self_trade(keel_str text)
{
    return (enum paper_self_trade)find_or_none(self_trades, COUNT(self_trades), text);
}

enum keel_income_kind binance_read_income(keel_str text)
{
    return (enum keel_income_kind)find_or_none(incomes, COUNT(incomes), text);
}

int binance_read_price_match(keel_str text)
{
    return find(price_matches, COUNT(price_matches), text);
}
