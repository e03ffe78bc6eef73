/* The words of the vocabulary: one table an enum, so that a word is written once for both ways. */
#include "keel/command.h"

/* The word at an enum's value; a value outside of the enum, which only forgotten memory has, reads
 * as the zero value. */
static const char *get_word(const char *const *words, size_t count, unsigned value)
{
    return words[value < count ? value : 0];
}

static unsigned find_word(const char *const *words, size_t count, keel_str word)
{
    for (unsigned value = 0; value < count; value++) {
        if (keel_str_equals(word, keel_str_from(words[value])))
            return value;
    }
    return 0;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const side_words[] = {
    [KEEL_SIDE_NONE] = "none",
    [KEEL_BUY] = "buy",
    [KEEL_SELL] = "sell",
};

static const char *const position_side_words[] = {
    [KEEL_POSITION_SIDE_NONE] = "none",
    [KEEL_NET] = "net",
    [KEEL_LONG] = "long",
    [KEEL_SHORT] = "short",
};

static const char *const order_type_words[] = {
    [KEEL_ORDER_TYPE_NONE] = "none",
    [KEEL_LIMIT] = "limit",
    [KEEL_MARKET] = "market",
    [KEEL_STOP_LIMIT] = "stop_limit",
    [KEEL_STOP_MARKET] = "stop_market",
    [KEEL_TAKE_PROFIT_LIMIT] = "take_profit_limit",
    [KEEL_TAKE_PROFIT_MARKET] = "take_profit_market",
    [KEEL_TRAILING_STOP] = "trailing_stop",
    [KEEL_LIQUIDATION] = "liquidation",
};

static const char *const time_in_force_words[] = {
    [KEEL_TIME_IN_FORCE_NONE] = "none",
    [KEEL_GTC] = "gtc",
    [KEEL_IOC] = "ioc",
    [KEEL_FOK] = "fok",
    [KEEL_GTX] = "gtx",
    [KEEL_GTD] = "gtd",
    [KEEL_RPI] = "rpi",
};

static const char *const order_status_words[] = {
    [KEEL_ORDER_STATUS_NONE] = "none", [KEEL_ORDER_PENDING] = "pending",
    [KEEL_ORDER_NEW] = "new",          [KEEL_ORDER_PARTIALLY_FILLED] = "partially_filled",
    [KEEL_ORDER_FILLED] = "filled",    [KEEL_ORDER_CANCELED] = "canceled",
    [KEEL_ORDER_EXPIRED] = "expired",  [KEEL_ORDER_REJECTED] = "rejected",
};

static const char *const fate_words[] = {
    [KEEL_FATE_NONE] = "none",         [KEEL_ACCEPTED] = "accepted",
    [KEEL_FATE_REJECTED] = "rejected", [KEEL_FATE_FAILED] = "failed",
    [KEEL_FATE_UNKNOWN] = "unknown",
};

static const char *const cause_words[] = {
    [KEEL_CAUSE_USER] = "user",
    [KEEL_CAUSE_LIQUIDATION] = "liquidation",
    [KEEL_CAUSE_DELEVERAGING] = "deleveraging",
    [KEEL_CAUSE_SETTLEMENT] = "settlement",
    [KEEL_CAUSE_INSURANCE] = "insurance",
};

static const char *const order_family_words[] = {
    [KEEL_FAMILY_NONE] = "none",
    [KEEL_FAMILY_REGULAR] = "regular",
    [KEEL_FAMILY_CONDITIONAL] = "conditional",
};

static const char *const trigger_source_words[] = {
    [KEEL_TRIGGER_SOURCE_NONE] = "none",
    [KEEL_TRIGGER_LAST] = "last",
    [KEEL_TRIGGER_MARK] = "mark",
};

static const char *const price_match_words[] = {
    [KEEL_PRICE_MATCH_NONE] = "none",         [KEEL_MATCH_OPPONENT] = "opponent",
    [KEEL_MATCH_OPPONENT_5] = "opponent_5",   [KEEL_MATCH_OPPONENT_10] = "opponent_10",
    [KEEL_MATCH_OPPONENT_20] = "opponent_20", [KEEL_MATCH_QUEUE] = "queue",
    [KEEL_MATCH_QUEUE_5] = "queue_5",         [KEEL_MATCH_QUEUE_10] = "queue_10",
    [KEEL_MATCH_QUEUE_20] = "queue_20",
};

static const char *const source_words[] = {
    [KEEL_SOURCE_NONE] = "",
    [KEEL_SOURCE_SNAPSHOT] = "snapshot",
    [KEEL_SOURCE_STREAM] = "stream",
    [KEEL_SOURCE_CALLER] = "caller",
    [KEEL_SOURCE_COMPUTED] = "computed",
};

static const char *const margin_mode_words[] = {
    [KEEL_MARGIN_MODE_NONE] = "none",
    [KEEL_CROSS] = "cross",
    [KEEL_ISOLATED] = "isolated",
};

static const char *const income_kind_words[] = {
    [KEEL_INCOME_OTHER] = "other",
    [KEEL_INCOME_FUNDING] = "funding",
    [KEEL_INCOME_REALIZED_PNL] = "realized_pnl",
    [KEEL_INCOME_COMMISSION] = "commission",
    [KEEL_INCOME_TRANSFER] = "transfer",
    [KEEL_INCOME_INSURANCE_CLEAR] = "insurance_clear",
};

static const char *const event_kind_words[] = {
    [KEEL_EVENT_NONE] = "none",
    [KEEL_EVENT_ORDER] = "order",
    [KEEL_EVENT_EXECUTION] = "execution",
    [KEEL_EVENT_BALANCE] = "balance",
    [KEEL_EVENT_POSITION] = "position",
    [KEEL_EVENT_LEVERAGE] = "leverage",
    [KEEL_EVENT_MARK] = "mark",
    [KEEL_EVENT_BOOK_TOP] = "book_top",
    [KEEL_EVENT_INCOME] = "income",
    [KEEL_EVENT_MARGIN_CALL] = "margin_call",
    [KEEL_EVENT_MODES] = "modes",
    [KEEL_EVENT_MARKET] = "market",
    [KEEL_EVENT_BRACKETS] = "brackets",
    [KEEL_EVENT_FEES] = "fees",
    [KEEL_EVENT_RATE_LIMIT] = "rate_limit",
    [KEEL_EVENT_SERVER_TIME] = "server_time",
    [KEEL_EVENT_STREAM_KEY] = "stream_key",
    [KEEL_EVENT_STREAM_EXPIRED] = "stream_expired",
    [KEEL_EVENT_SUBSCRIBED] = "subscribed",
    [KEEL_EVENT_REFUSED] = "refused",
    [KEEL_EVENT_WITHDRAWAL] = "withdrawal",
    [KEEL_EVENT_DEPOSIT] = "deposit",
    [KEEL_EVENT_TRANSFER] = "transfer",
    [KEEL_EVENT_NETWORK] = "network",
    [KEEL_EVENT_AMENDMENT] = "amendment",
    [KEEL_EVENT_MARGIN_CHANGE] = "margin_change",
    [KEEL_EVENT_SNAPSHOT_BEGIN] = "snapshot_begin",
    [KEEL_EVENT_SNAPSHOT_END] = "snapshot_end",
    [KEEL_EVENT_UNKNOWN] = "unknown",
};

static const char *const wallet_words[] = {
    [KEEL_WALLET_NONE] = "none",
    [KEEL_WALLET_SPOT] = "spot",
    [KEEL_WALLET_FUTURES] = "futures",
    [KEEL_WALLET_FUNDING] = "funding",
};

static const char *const withdrawal_status_words[] = {
    [KEEL_WITHDRAWAL_STATUS_NONE] = "none",  [KEEL_WITHDRAWAL_PENDING] = "pending",
    [KEEL_WITHDRAWAL_DONE] = "done",         [KEEL_WITHDRAWAL_CANCELED] = "canceled",
    [KEEL_WITHDRAWAL_REJECTED] = "rejected",
};

static const char *const unknown_kind_words[] = {
    [KEEL_UNKNOWN_MESSAGE] = "message",
    [KEEL_UNKNOWN_WORD] = "word",
    [KEEL_UNKNOWN_MARKET] = "market",
    [KEEL_UNKNOWN_FOREIGN] = "foreign",
};

static const char *const command_kind_words[] = {
    [KEEL_COMMAND_NONE] = "none",
    [KEEL_PLACE_ORDER] = "place_order",
    [KEEL_AMEND_ORDER] = "amend_order",
    [KEEL_CANCEL_ORDER] = "cancel_order",
    [KEEL_CANCEL_ALL] = "cancel_all",
    [KEEL_SET_LEVERAGE] = "set_leverage",
    [KEEL_SET_MARGIN_MODE] = "set_margin_mode",
    [KEEL_ADJUST_MARGIN] = "adjust_margin",
    [KEEL_SET_HEDGE_MODE] = "set_hedge_mode",
    [KEEL_SET_MULTI_ASSET] = "set_multi_asset",
    [KEEL_TRANSFER] = "transfer",
    [KEEL_WITHDRAW] = "withdraw",
    [KEEL_CANCEL_WITHDRAWAL] = "cancel_withdrawal",
    [KEEL_QUERY_ORDER] = "query_order",
    [KEEL_LOAD_TIME] = "load_time",
    [KEEL_LOAD_MARKETS] = "load_markets",
    [KEEL_LOAD_MODES] = "load_modes",
    [KEEL_LOAD_BALANCES] = "load_balances",
    [KEEL_LOAD_POSITIONS] = "load_positions",
    [KEEL_LOAD_LEVERAGE] = "load_leverage",
    [KEEL_LOAD_BRACKETS] = "load_brackets",
    [KEEL_LOAD_FEES] = "load_fees",
    [KEEL_LOAD_MARKS] = "load_marks",
    [KEEL_LOAD_OPEN_ORDERS] = "load_open_orders",
    [KEEL_LOAD_CONDITIONAL_ORDERS] = "load_conditional_orders",
    [KEEL_LOAD_ORDERS] = "load_orders",
    [KEEL_LOAD_EXECUTIONS] = "load_executions",
    [KEEL_LOAD_INCOME] = "load_income",
    [KEEL_LOAD_AMENDMENTS] = "load_amendments",
    [KEEL_LOAD_MARGIN_CHANGES] = "load_margin_changes",
    [KEEL_LOAD_NETWORKS] = "load_networks",
    [KEEL_LOAD_WITHDRAWALS] = "load_withdrawals",
    [KEEL_LOAD_DEPOSITS] = "load_deposits",
    [KEEL_LOAD_TRANSFERS] = "load_transfers",
    [KEEL_OPEN_STREAM_KEY] = "open_stream_key",
    [KEEL_RENEW_STREAM_KEY] = "renew_stream_key",
    [KEEL_CLOSE_STREAM_KEY] = "close_stream_key",
    [KEEL_SET_COUNTDOWN] = "set_countdown",
};

const char *keel_wallet_name(enum keel_wallet wallet)
{
    return get_word(wallet_words, COUNT(wallet_words), (unsigned)wallet);
}

enum keel_wallet keel_wallet_parse(keel_str word)
{
    return (enum keel_wallet)find_word(wallet_words, COUNT(wallet_words), word);
}

const char *keel_withdrawal_status_name(enum keel_withdrawal_status status)
{
    return get_word(withdrawal_status_words, COUNT(withdrawal_status_words), (unsigned)status);
}

const char *keel_side_name(enum keel_side side)
{
    return get_word(side_words, COUNT(side_words), (unsigned)side);
}

enum keel_side keel_side_parse(keel_str word)
{
    return (enum keel_side)find_word(side_words, COUNT(side_words), word);
}

const char *keel_position_side_name(enum keel_position_side position_side)
{
    return get_word(position_side_words, COUNT(position_side_words), (unsigned)position_side);
}

enum keel_position_side keel_position_side_parse(keel_str word)
{
    return (enum keel_position_side)find_word(position_side_words, COUNT(position_side_words),
                                              word);
}

const char *keel_order_type_name(enum keel_order_type order_type)
{
    return get_word(order_type_words, COUNT(order_type_words), (unsigned)order_type);
}

enum keel_order_type keel_order_type_parse(keel_str word)
{
    return (enum keel_order_type)find_word(order_type_words, COUNT(order_type_words), word);
}

const char *keel_time_in_force_name(enum keel_time_in_force time_in_force)
{
    return get_word(time_in_force_words, COUNT(time_in_force_words), (unsigned)time_in_force);
}

enum keel_time_in_force keel_time_in_force_parse(keel_str word)
{
    return (enum keel_time_in_force)find_word(time_in_force_words, COUNT(time_in_force_words),
                                              word);
}

const char *keel_order_status_name(enum keel_order_status order_status)
{
    return get_word(order_status_words, COUNT(order_status_words), (unsigned)order_status);
}

enum keel_order_status keel_order_status_parse(keel_str word)
{
    return (enum keel_order_status)find_word(order_status_words, COUNT(order_status_words), word);
}

const char *keel_fate_name(enum keel_fate fate)
{
    return get_word(fate_words, COUNT(fate_words), (unsigned)fate);
}

const char *keel_cause_name(enum keel_cause cause)
{
    return get_word(cause_words, COUNT(cause_words), (unsigned)cause);
}

const char *keel_order_family_name(enum keel_order_family family)
{
    return get_word(order_family_words, COUNT(order_family_words), (unsigned)family);
}

enum keel_order_family keel_order_family_parse(keel_str word)
{
    return (enum keel_order_family)find_word(order_family_words, COUNT(order_family_words), word);
}

const char *keel_trigger_source_name(enum keel_trigger_source source)
{
    return get_word(trigger_source_words, COUNT(trigger_source_words), (unsigned)source);
}

enum keel_trigger_source keel_trigger_source_parse(keel_str word)
{
    return (enum keel_trigger_source)find_word(trigger_source_words, COUNT(trigger_source_words),
                                               word);
}

const char *keel_price_match_name(enum keel_price_match match)
{
    return get_word(price_match_words, COUNT(price_match_words), (unsigned)match);
}

enum keel_price_match keel_price_match_parse(keel_str word)
{
    return (enum keel_price_match)find_word(price_match_words, COUNT(price_match_words), word);
}

const char *keel_margin_mode_name(enum keel_margin_mode mode)
{
    return get_word(margin_mode_words, COUNT(margin_mode_words), (unsigned)mode);
}

enum keel_margin_mode keel_margin_mode_parse(keel_str word)
{
    return (enum keel_margin_mode)find_word(margin_mode_words, COUNT(margin_mode_words), word);
}

const char *keel_source_name(enum keel_source source)
{
    return get_word(source_words, COUNT(source_words), (unsigned)source);
}

const char *keel_income_kind_name(enum keel_income_kind kind)
{
    return get_word(income_kind_words, COUNT(income_kind_words), (unsigned)kind);
}

enum keel_income_kind keel_income_kind_parse(keel_str word)
{
    return (enum keel_income_kind)find_word(income_kind_words, COUNT(income_kind_words), word);
}

const char *keel_event_kind_name(enum keel_event_kind kind)
{
    return get_word(event_kind_words, COUNT(event_kind_words), (unsigned)kind);
}

const char *keel_unknown_kind_name(enum keel_unknown_kind kind)
{
    return get_word(unknown_kind_words, COUNT(unknown_kind_words), (unsigned)kind);
}

const char *keel_command_kind_name(enum keel_command_kind kind)
{
    return get_word(command_kind_words, COUNT(command_kind_words), (unsigned)kind);
}

enum keel_command_kind keel_command_kind_parse(keel_str word)
{
    return (enum keel_command_kind)find_word(command_kind_words, COUNT(command_kind_words), word);
}

keel_market_id keel_command_market(const struct keel_command *command)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER: return command->place.market;
    case KEEL_AMEND_ORDER: return command->amend.order.market;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL: return command->order.market;
    case KEEL_SET_LEVERAGE: return command->leverage.market;
    case KEEL_SET_MARGIN_MODE: return command->margin_mode.market;
    case KEEL_ADJUST_MARGIN: return command->margin.market;
    case KEEL_SET_COUNTDOWN: return command->countdown.market;
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_COMMAND_NONE:
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET:
    case KEEL_QUERY_ORDER:
    case KEEL_LOAD_TIME:
    case KEEL_LOAD_MARKETS:
    case KEEL_LOAD_MODES:
    case KEEL_LOAD_BALANCES:
    case KEEL_LOAD_POSITIONS:
    case KEEL_LOAD_LEVERAGE:
    case KEEL_LOAD_BRACKETS:
    case KEEL_LOAD_FEES:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_OPEN_ORDERS:
    case KEEL_LOAD_CONDITIONAL_ORDERS:
    case KEEL_LOAD_ORDERS:
    case KEEL_LOAD_EXECUTIONS:
    case KEEL_LOAD_INCOME:
    case KEEL_LOAD_AMENDMENTS:
    case KEEL_LOAD_MARGIN_CHANGES:
    case KEEL_OPEN_STREAM_KEY:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_COMMAND_KINDS: return KEEL_NO_MARKET;
    }
    return KEEL_NO_MARKET;
}

struct keel_order_request keel_order_request_init(void)
{
    return (struct keel_order_request){
        .quantity = KEEL_DECIMAL_ABSENT,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .callback_percent = KEEL_DECIMAL_ABSENT,
    };
}

struct keel_order keel_order_init(void)
{
    return (struct keel_order){
        .price = KEEL_DECIMAL_ABSENT,
        .trigger_price = KEEL_DECIMAL_ABSENT,
        .average_price = KEEL_DECIMAL_ABSENT,
        .quantity = KEEL_DECIMAL_ABSENT,
        .quote_quantity = KEEL_DECIMAL_ABSENT,
        .filled_quantity = KEEL_DECIMAL_ABSENT,
    };
}

enum keel_side keel_side_opposite(enum keel_side side)
{
    switch (side) {
    case KEEL_BUY: return KEEL_SELL;
    case KEEL_SELL: return KEEL_BUY;
    case KEEL_SIDE_NONE: return KEEL_SIDE_NONE;
    }
    return KEEL_SIDE_NONE;
}

const char *keel_position_direction(const struct keel_position *position)
{
    if (keel_decimal_is_positive(position->quantity))
        return "long";
    return keel_decimal_is_negative(position->quantity) ? "short" : "flat";
}
