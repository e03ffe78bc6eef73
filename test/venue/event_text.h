/* event_text.h - events as text, one a line, for tests: "order market=BTC/USDT:USDT side=buy …".
 *
 * What is absent, empty or zero by default is left out, so that a line shows what was told. */
#ifndef KEEL_TEST_VENUE_EVENT_TEXT_H
#define KEEL_TEST_VENUE_EVENT_TEXT_H

#include "base/writer.h"
#include "keel/event.h"

struct event_text {
    const struct keel_markets *markets;
    struct keel_writer *writer;
};

static void put_text(struct event_text *text, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    keel_write_char(text->writer, ' ');
    keel_write(text->writer, keel_str_from(name));
    keel_write_char(text->writer, '=');
    keel_write(text->writer, keel_str_from(value));
}

static void put_word(struct event_text *text, const char *name, const char *word)
{
    if (strcmp(word, "none") != 0)
        put_text(text, name, word);
}

static void put_decimal(struct event_text *text, const char *name, keel_decimal value)
{
    char buffer[KEEL_DECIMAL_TEXT_SIZE];
    if (!keel_decimal_is_valid(value))
        return;
    keel_decimal_format(value, buffer);
    put_text(text, name, buffer);
}

static void put_int(struct event_text *text, const char *name, int64_t value, int64_t none)
{
    if (value == none)
        return;
    keel_write_char(text->writer, ' ');
    keel_write(text->writer, keel_str_from(name));
    keel_write_char(text->writer, '=');
    keel_write_int(text->writer, value);
}

static void put_market(struct event_text *text, keel_market_id id)
{
    const struct keel_market *market = keel_markets_get(text->markets, id);
    put_text(text, "market", market ? market->symbol : "");
}

static void put_flag(struct event_text *text, const char *name, bool value)
{
    put_text(text, name, value ? "yes" : "");
}

static void put_switch(struct event_text *text, const char *name, enum keel_switch value)
{
    static const char *const words[] = {"", "off", "on"};
    put_text(text, name, words[value]);
}

static void put_withdrawal(struct event_text *text, const struct keel_withdrawal *withdrawal)
{
    put_text(text, "id", withdrawal->id);
    put_text(text, "client_id", withdrawal->client_id);
    put_word(text, "status", keel_withdrawal_status_name(withdrawal->status));
    put_text(text, "word", withdrawal->word);
    put_text(text, "asset", withdrawal->asset);
    put_text(text, "network", withdrawal->network);
    put_text(text, "address", withdrawal->address);
    put_text(text, "memo", withdrawal->memo);
    put_text(text, "txid", withdrawal->txid);
    put_decimal(text, "amount", withdrawal->amount);
    put_decimal(text, "fee", withdrawal->fee);
    put_int(text, "time", withdrawal->time_ms, 0);
    put_int(text, "done", withdrawal->done_ms, 0);
}

static void put_deposit(struct event_text *text, const struct keel_deposit *deposit)
{
    put_text(text, "id", deposit->id);
    put_flag(text, "credited", deposit->credited);
    put_text(text, "word", deposit->word);
    put_text(text, "asset", deposit->asset);
    put_text(text, "network", deposit->network);
    put_text(text, "address", deposit->address);
    put_text(text, "txid", deposit->txid);
    put_decimal(text, "amount", deposit->amount);
    put_int(text, "time", deposit->time_ms, 0);
}

static void put_amendment(struct event_text *text, const struct keel_amendment *amendment)
{
    put_market(text, amendment->market);
    put_text(text, "id", amendment->order_id);
    put_text(text, "client", amendment->client_id);
    put_decimal(text, "price", amendment->price);
    put_decimal(text, "quantity", amendment->quantity);
    put_int(text, "time", amendment->time_ms, 0);
}

static void put_margin_change(struct event_text *text, const struct keel_margin_change *change)
{
    put_market(text, change->market);
    put_word(text, "side", keel_position_side_name(change->side));
    put_flag(text, "by_user", change->by_user);
    put_decimal(text, "amount", change->amount);
    put_int(text, "time", change->time_ms, 0);
}

static void put_transfer(struct event_text *text, const struct keel_wallet_transfer *transfer)
{
    put_text(text, "id", transfer->id);
    put_word(text, "from", keel_wallet_name(transfer->from));
    put_word(text, "to", keel_wallet_name(transfer->to));
    put_text(text, "asset", transfer->asset);
    put_decimal(text, "amount", transfer->amount);
    put_flag(text, "done", transfer->done);
    put_int(text, "time", transfer->time_ms, 0);
}

static void put_network(struct event_text *text, const struct keel_network *network)
{
    put_text(text, "asset", network->asset);
    put_text(text, "network", network->network);
    put_flag(text, "can_deposit", network->can_deposit);
    put_flag(text, "can_withdraw", network->can_withdraw);
    put_flag(text, "needs_memo", network->needs_memo);
    put_decimal(text, "fee", network->withdrawal_fee);
    put_decimal(text, "min", network->withdrawal_min);
    put_decimal(text, "max", network->withdrawal_max);
    put_decimal(text, "step", network->withdrawal_step);
}

static void put_order(struct event_text *text, const struct keel_order *order)
{
    put_market(text, order->market);
    put_text(text, "id", order->order_id);
    put_text(text, "client_id", order->client_id);
    put_text(text, "child_id", order->child_order_id);
    put_word(text, "family", keel_order_family_name(order->family));
    put_word(text, "side", keel_side_name(order->side));
    put_word(text, "position_side", keel_position_side_name(order->position_side));
    put_word(text, "type", keel_order_type_name(order->type));
    put_word(text, "time_in_force", keel_time_in_force_name(order->time_in_force));
    put_word(text, "status", keel_order_status_name(order->status));
    put_word(text, "cause",
             order->cause == KEEL_CAUSE_USER ? "none" : keel_cause_name(order->cause));
    put_decimal(text, "price", order->price);
    put_decimal(text, "trigger_price", order->trigger_price);
    put_word(text, "trigger_source", keel_trigger_source_name(order->trigger_source));
    put_decimal(text, "average_price", order->average_price);
    put_decimal(text, "quantity", order->quantity);
    put_decimal(text, "quote_quantity", order->quote_quantity);
    put_decimal(text, "filled", order->filled_quantity);
    put_flag(text, "reduce_only", order->reduce_only);
    put_flag(text, "close_position", order->close_position);
    put_text(text, "reason", order->reason);
    put_int(text, "create_time", order->create_time_ms, 0);
    put_int(text, "update_time", order->update_time_ms, 0);
}

static void put_execution(struct event_text *text, const struct keel_execution *execution)
{
    put_market(text, execution->market);
    put_text(text, "trade_id", execution->trade_id);
    put_text(text, "order_id", execution->order_id);
    put_text(text, "client_id", execution->client_id);
    put_word(text, "side", keel_side_name(execution->side));
    put_word(text, "position_side", keel_position_side_name(execution->position_side));
    put_word(text, "cause",
             execution->cause == KEEL_CAUSE_USER ? "none" : keel_cause_name(execution->cause));
    put_switch(text, "closes", execution->closes);
    put_flag(text, "maker", execution->maker);
    put_decimal(text, "price", execution->price);
    put_decimal(text, "quantity", execution->quantity);
    put_decimal(text, "quote_quantity", execution->quote_quantity);
    put_decimal(text, "fee", execution->fee);
    put_text(text, "fee_asset", execution->fee_asset);
    put_decimal(text, "realized_pnl", execution->realized_pnl);
    put_int(text, "time", execution->time_ms, 0);
}

static void put_balance(struct event_text *text, const struct keel_balance *balance,
                        keel_decimal told_pnl)
{
    put_text(text, "asset", balance->asset);
    put_decimal(text, "wallet", balance->wallet);
    put_decimal(text, "cross_wallet", balance->cross_wallet);
    put_decimal(text, "available", balance->available);
    put_decimal(text, "locked", balance->locked);
    put_decimal(text, "told_pnl", told_pnl);
    put_int(text, "update_time", balance->update_time_ms, 0);
}

static void put_position(struct event_text *text, const struct keel_position *position,
                         const struct keel_position_told *told)
{
    put_market(text, position->market);
    put_word(text, "side", keel_position_side_name(position->side));
    put_word(text, "margin_mode", keel_margin_mode_name(position->margin_mode));
    put_decimal(text, "quantity", position->quantity);
    put_decimal(text, "entry_price", position->entry_price);
    put_decimal(text, "break_even_price", position->break_even_price);
    put_decimal(text, "realized_pnl", position->realized_pnl);
    put_decimal(text, "isolated_wallet", position->isolated_wallet);
    put_decimal(text, "liquidation_price", position->venue_liquidation_price);
    put_int(text, "adl_rank", position->adl_rank, -1);
    put_int(text, "update_time", position->update_time_ms, 0);
    put_decimal(text, "told_mark_price", told->mark_price);
    put_decimal(text, "told_notional", told->notional);
    put_decimal(text, "told_unrealized_pnl", told->unrealized_pnl);
    put_decimal(text, "told_isolated_margin", told->isolated_margin);
    put_decimal(text, "told_initial_margin", told->initial_margin);
    put_decimal(text, "told_maintenance_margin", told->maintenance_margin);
    put_int(text, "told_leverage", told->leverage, 0);
}

static void put_leverage(struct event_text *text, const struct keel_leverage *leverage)
{
    put_market(text, leverage->market);
    put_int(text, "leverage", leverage->leverage, 0);
    put_int(text, "leverage_max", leverage->leverage_max, 0);
    put_word(text, "margin_mode", keel_margin_mode_name(leverage->margin_mode));
    put_decimal(text, "notional_max", leverage->notional_max);
}

static void put_mark(struct event_text *text, const struct keel_mark *mark)
{
    put_market(text, mark->market);
    put_decimal(text, "mark_price", mark->mark_price);
    put_decimal(text, "index_price", mark->index_price);
    put_decimal(text, "funding_rate", mark->funding_rate);
    put_int(text, "funding_time", mark->funding_time_ms, 0);
    put_int(text, "time", mark->time_ms, 0);
}

static void put_book_top(struct event_text *text, const struct keel_book_top *top)
{
    put_market(text, top->market);
    put_decimal(text, "bid_price", top->bid_price);
    put_decimal(text, "bid_quantity", top->bid_quantity);
    put_decimal(text, "ask_price", top->ask_price);
    put_decimal(text, "ask_quantity", top->ask_quantity);
    put_int(text, "time", top->time_ms, 0);
}

static void put_income(struct event_text *text, const struct keel_income *income)
{
    put_market(text, income->market);
    put_text(text, "kind", keel_income_kind_name(income->kind));
    put_text(text, "name", income->name);
    put_text(text, "asset", income->asset);
    put_decimal(text, "amount", income->amount);
    put_text(text, "id", income->id);
    put_text(text, "trade_id", income->trade_id);
    put_int(text, "time", income->time_ms, 0);
}

static void put_margin_call(struct event_text *text, const struct keel_margin_call *call)
{
    put_market(text, call->market);
    put_word(text, "side", keel_position_side_name(call->side));
    put_decimal(text, "quantity", call->quantity);
    put_decimal(text, "mark_price", call->mark_price);
    put_decimal(text, "unrealized_pnl", call->unrealized_pnl);
    put_decimal(text, "maintenance_margin", call->maintenance_margin);
}

static void put_instrument(struct event_text *text, const struct keel_market *market)
{
    static const char *const statuses[] = {"none", "trading", "reduce_only", "halted", "delisted"};
    put_text(text, "symbol", market->symbol);
    put_text(text, "venue_symbol", market->venue_symbol);
    put_text(text, "base", market->base);
    put_text(text, "quote", market->quote);
    put_text(text, "settle", market->settle);
    put_word(text, "status", statuses[market->status]);
    put_flag(text, "perpetual", market->perpetual);
    put_decimal(text, "price_tick", market->price_tick);
    put_decimal(text, "price_min", market->price_min);
    put_decimal(text, "price_max", market->price_max);
    put_decimal(text, "quantity_step", market->quantity_step);
    put_decimal(text, "quantity_min", market->quantity_min);
    put_decimal(text, "quantity_max", market->quantity_max);
    put_decimal(text, "market_quantity_step", market->market_quantity_step);
    put_decimal(text, "market_quantity_min", market->market_quantity_min);
    put_decimal(text, "market_quantity_max", market->market_quantity_max);
    put_decimal(text, "notional_min", market->notional_min);
    put_decimal(text, "price_up_ratio", market->price_up_ratio);
    put_decimal(text, "price_down_ratio", market->price_down_ratio);
    put_decimal(text, "contract_size", market->contract_size);
    put_decimal(text, "liquidation_fee_ratio", market->liquidation_fee_ratio);
    put_int(text, "open_orders_max", market->open_orders_max, 0);
    put_int(text, "price_digits", market->price_digits, -1);
    put_int(text, "quantity_digits", market->quantity_digits, -1);
}

static void put_brackets(struct event_text *text, keel_market_id market,
                         const struct keel_brackets *brackets)
{
    put_market(text, market);
    for (int32_t i = 0; i < brackets->count; i++) {
        const struct keel_bracket *bracket = &brackets->at[i];
        put_decimal(text, "floor", bracket->notional_floor);
        put_decimal(text, "cap", bracket->notional_cap);
        put_decimal(text, "ratio", bracket->maintenance_ratio);
        put_decimal(text, "amount", bracket->maintenance_amount);
        put_int(text, "leverage_max", bracket->leverage_max, 0);
    }
}

static void put_value(struct event_text *text, const struct keel_event *event)
{
    static const char *const snapshots[] = {"none", "balances", "positions", "orders",
                                            "conditional_orders"};
    char word[128];
    switch (event->kind) {
    case KEEL_EVENT_ORDER: put_order(text, &event->order); break;
    case KEEL_EVENT_EXECUTION: put_execution(text, &event->execution); break;
    case KEEL_EVENT_BALANCE: put_balance(text, &event->balance, event->told_pnl); break;
    case KEEL_EVENT_POSITION: put_position(text, &event->position, &event->told); break;
    case KEEL_EVENT_LEVERAGE: put_leverage(text, &event->leverage); break;
    case KEEL_EVENT_MARK: put_mark(text, &event->mark); break;
    case KEEL_EVENT_BOOK_TOP: put_book_top(text, &event->book_top); break;
    case KEEL_EVENT_INCOME: put_income(text, &event->income); break;
    case KEEL_EVENT_MARGIN_CALL: put_margin_call(text, &event->margin_call); break;
    case KEEL_EVENT_MODES:
        put_switch(text, "hedge", event->modes.hedge);
        put_switch(text, "multi_asset", event->modes.multi_asset);
        put_switch(text, "can_trade", event->modes.can_trade);
        break;
    case KEEL_EVENT_MARKET: put_instrument(text, event->market); break;
    case KEEL_EVENT_BRACKETS:
        put_brackets(text, event->brackets.market, event->brackets.table);
        break;
    case KEEL_EVENT_FEES:
        put_market(text, event->fees.market);
        put_decimal(text, "maker", event->fees.maker);
        put_decimal(text, "taker", event->fees.taker);
        break;
    case KEEL_EVENT_RATE_LIMIT:
        put_text(text, "kind", event->rate_limit.kind == KEEL_LIMIT_WEIGHT ? "weight" : "orders");
        put_int(text, "interval", event->rate_limit.interval_ms, 0);
        put_int(text, "limit", event->rate_limit.limit, 0);
        put_int(text, "used", event->rate_limit.used, -1);
        break;
    case KEEL_EVENT_SERVER_TIME: put_int(text, "time", event->server_time_ms, 0); break;
    case KEEL_EVENT_STREAM_KEY:
        keel_str_copy(event->stream_key, word, sizeof(word));
        put_text(text, "key", word);
        break;
    case KEEL_EVENT_SUBSCRIBED: put_int(text, "id", event->subscription_id, 0); break;
    case KEEL_EVENT_REFUSED:
        keel_str_copy(event->refusal, word, sizeof(word));
        put_text(text, "words", word);
        break;
    case KEEL_EVENT_WITHDRAWAL: put_withdrawal(text, &event->withdrawal); break;
    case KEEL_EVENT_DEPOSIT: put_deposit(text, &event->deposit); break;
    case KEEL_EVENT_TRANSFER: put_transfer(text, &event->transfer); break;
    case KEEL_EVENT_NETWORK: put_network(text, &event->network); break;
    case KEEL_EVENT_AMENDMENT: put_amendment(text, &event->amendment); break;
    case KEEL_EVENT_MARGIN_CHANGE: put_margin_change(text, &event->margin_change); break;
    case KEEL_EVENT_SNAPSHOT_BEGIN:
    case KEEL_EVENT_SNAPSHOT_END:
        put_text(text, "of", snapshots[event->snapshot.kind]);
        put_market(text, event->snapshot.market);
        break;
    case KEEL_EVENT_UNKNOWN:
        put_text(text, "kind", keel_unknown_kind_name(event->unknown.kind));
        keel_str_copy(event->unknown.word, word, sizeof(word));
        put_text(text, "word", word);
        break;
    case KEEL_EVENT_STREAM_EXPIRED:
    case KEEL_EVENT_NONE: break;
    }
}

static void write_events(struct keel_writer *writer, const struct keel_events *events,
                         const struct keel_markets *markets)
{
    struct event_text text = {markets, writer};
    for (int32_t i = 0; i < events->count; i++) {
        keel_write(writer, keel_str_from(keel_event_kind_name(events->at[i].kind)));
        put_int(&text, "at", events->at[i].time_ms, 0);
        put_value(&text, &events->at[i]);
        keel_write_char(writer, '\n');
    }
}

#endif
