#include "paper/gateio/streams.h"

/* --- One push ----------------------------------------------------------------------------------
 */

void gateio_send_push(struct paper_gateio *gateio, const struct gateio_push *push, int64_t now_ms)
{
    struct keel_writer json;
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        if (!gateio_stream_wants(stream, push->channel, push->account, push->market))
            continue;
        gateio_begin_push(gateio, &json, gateio_channel_name(push->channel), "update", now_ms);
        if (!push->alone)
            keel_json_open_array(&json, "result");
        push->put(&json, gateio, push, gateio_form_of_stream(stream));
        if (!push->alone)
            keel_json_close_array(&json);
        gateio_end_push(stream, &json);
    }
}

/* --- Orders and trades -------------------------------------------------------------------------
 */

static void put_order(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct gateio_push *push, struct gateio_form form)
{
    gateio_put_order(json, NULL, gateio, push->row, form);
}

static void put_user_trade(struct keel_writer *json, const struct paper_gateio *gateio,
                           const struct gateio_push *push, struct gateio_form form)
{
    const struct paper_trade *trade = push->row;
    const struct paper_order *order = push->more;
    char text[KEEL_CLIENT_ID_SIZE];
    keel_decimal size =
        trade->side == KEEL_BUY ? trade->quantity : keel_decimal_neg(trade->quantity);

    gateio_order_text(gateio, order, text);
    keel_json_open_object(json, NULL);
    gateio_put_int_text(json, "id", trade->id);
    keel_json_put_int(json, "create_time", trade->time_ms / 1000);
    keel_json_put_int(json, "create_time_ms", trade->time_ms);
    keel_json_put_string(json, "contract", gateio_contract_get(trade->market)->name);
    gateio_put_int_text(json, "order_id", trade->order_id);
    gateio_put_size(json, "size", trade->market, size, form);
    keel_json_put_decimal(json, "price", trade->price);
    keel_json_put_text(json, "role", trade->maker ? "maker" : "taker");
    keel_json_put_text(json, "text", text);
    gateio_put_number(json, "fee", trade->fee);
    gateio_put_number(json, "point_fee", KEEL_DECIMAL_ZERO);
    keel_json_close_object(json);
}

/* An order that never rests is told when it is done, not when it comes. */
static bool is_told(const struct paper_order_event *event)
{
    return event->kind != PAPER_EXECUTION_NEW ||
           (event->order.type == KEEL_LIMIT && event->order.time_in_force != KEEL_IOC &&
            event->order.time_in_force != KEEL_FOK);
}

/* The order's push before that of its trade, or behind it: the venue promises neither. */
static bool is_order_first(const struct paper_gateio *gateio, const struct paper_order *order)
{
    return gateio_chance(gateio, (uint64_t)order->id, 0) % 2 == 0;
}

static void send_order_event(struct paper_gateio *gateio, const struct paper_event *event,
                             int64_t now_ms)
{
    const struct paper_order_event *told = &event->as.order;
    const struct gateio_push order = {
        .channel = GATEIO_CHANNEL_ORDERS,
        .account = event->account,
        .market = event->market,
        .row = &told->order,
        .put = put_order,
    };
    const struct gateio_push trade = {
        .channel = GATEIO_CHANNEL_USERTRADES,
        .account = event->account,
        .market = event->market,
        .row = &told->trade,
        .more = &told->order,
        .put = put_user_trade,
    };
    bool order_first = is_order_first(gateio, &told->order);
    if (is_told(told) && order_first)
        gateio_send_push(gateio, &order, now_ms);
    if (told->filled)
        gateio_send_push(gateio, &trade, now_ms);
    if (is_told(told) && !order_first)
        gateio_send_push(gateio, &order, now_ms);
}

static void put_trigger(struct keel_writer *json, const struct paper_gateio *gateio,
                        const struct gateio_push *push, struct gateio_form form)
{
    gateio_put_trigger(json, NULL, gateio, push->row, form);
}

static void send_trigger(struct paper_gateio *gateio, const struct paper_event *event,
                         int64_t now_ms)
{
    const struct gateio_push push = {
        .channel = GATEIO_CHANNEL_AUTOORDERS,
        .account = event->account,
        .market = event->market,
        .row = &event->as.conditional,
        .put = put_trigger,
    };
    gateio_send_push(gateio, &push, now_ms);
}

/* --- Positions and balances --------------------------------------------------------------------
 */

static void put_position(struct keel_writer *json, const struct paper_gateio *gateio,
                         const struct gateio_push *push, struct gateio_form form)
{
    gateio_put_position(json, NULL, gateio, push->row, form);
}

/* Numbered whether anybody listens or not: who does can tell what he has missed. */
static void send_position(struct paper_gateio *gateio, const struct paper_position *position,
                          int64_t now_ms)
{
    const struct gateio_push push = {
        .channel = GATEIO_CHANNEL_POSITIONS,
        .account = position->account,
        .market = position->market,
        .row = position,
        .put = put_position,
    };
    gateio_record_life(&gateio->record, position->account, position->market, position->side)
        ->update_id++;
    gateio_send_push(gateio, &push, now_ms);
}

static void send_leverage(struct paper_gateio *gateio, const struct paper_event *event,
                          int64_t now_ms)
{
    struct paper_account account;
    struct paper_position position;
    paper_engine_get_account(gateio->engine, event->account, &account);
    enum keel_position_side last = account.hedge_mode ? KEEL_SHORT : KEEL_NET;
    for (enum keel_position_side side = account.hedge_mode ? KEEL_LONG : KEEL_NET; side <= last;
         side++) {
        paper_engine_get_leg(gateio->engine, event->account, event->market, side, &position);
        send_position(gateio, &position, now_ms);
    }
}

static void put_ledger(struct keel_writer *json, const struct paper_gateio *gateio,
                       const struct gateio_push *push, struct gateio_form form)
{
    gateio_put_ledger(json, gateio, push->row, *(const keel_decimal *)push->more, form);
}

/* The ledger's rows since the last time, one push each. An account's first row is its deposit,
 * which was made before anybody could listen. */
static void send_balances(struct paper_gateio *gateio, int account, int64_t now_ms)
{
    struct gateio_account *kept = &gateio->accounts[account];
    const struct paper_query query = {.account = account};
    const struct paper_income *income = kept->told;

    while ((income = paper_engine_next_income(gateio->engine, &query, income))) {
        const struct gateio_push push = {
            .channel = GATEIO_CHANNEL_BALANCES,
            .account = account,
            .row = income,
            .more = &kept->told_balance,
            .put = put_ledger,
        };
        bool first = !kept->told;
        kept->told_balance = keel_decimal_add(kept->told_balance, income->amount);
        kept->told = income;
        if (!first)
            gateio_send_push(gateio, &push, now_ms);
    }
}

static void send_account(struct paper_gateio *gateio, const struct paper_event *event,
                         int64_t now_ms)
{
    const struct paper_account_event *update = &event->as.update;
    for (int i = 0; i < update->position_count; i++)
        send_position(gateio, &update->positions[i], now_ms);
    send_balances(gateio, event->account, now_ms);
}

/* --- What ended --------------------------------------------------------------------------------
 */

static void put_liquidation(struct keel_writer *json, const struct paper_gateio *gateio,
                            const struct gateio_push *push, struct gateio_form form)
{
    (void)gateio;
    gateio_put_liquidation(json, push->row, form);
}

static void put_deleveraging(struct keel_writer *json, const struct paper_gateio *gateio,
                             const struct gateio_push *push, struct gateio_form form)
{
    (void)gateio;
    gateio_put_deleveraging(json, push->row, form);
}

static void put_close(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct gateio_push *push, struct gateio_form form)
{
    gateio_put_position_close(json, gateio, push->row, form);
}

static void send_recorded(struct paper_gateio *gateio, const struct gateio_recorded *recorded,
                          int64_t now_ms)
{
    const struct gateio_forced *forced = recorded->forced;
    const struct gateio_position_close *close = recorded->close;
    if (forced) {
        bool deleveraged = forced->cause == KEEL_CAUSE_DELEVERAGING;
        const struct gateio_push push = {
            .channel = deleveraged ? GATEIO_CHANNEL_AUTO_DELEVERAGES : GATEIO_CHANNEL_LIQUIDATES,
            .account = forced->account,
            .market = forced->market,
            .row = forced,
            .put = deleveraged ? put_deleveraging : put_liquidation,
        };
        gateio_send_push(gateio, &push, now_ms);
    }
    if (close) {
        const struct gateio_push push = {
            .channel = GATEIO_CHANNEL_POSITION_CLOSES,
            .account = close->account,
            .market = close->market,
            .row = close,
            .put = put_close,
        };
        gateio_send_push(gateio, &push, now_ms);
    }
}

void gateio_publish_private(struct paper_gateio *gateio, const struct paper_event *event,
                            const struct gateio_recorded *recorded, int64_t now_ms)
{
    switch (event->kind) {
    case PAPER_EVENT_TRADE:
    case PAPER_EVENT_TICKER:
    case PAPER_EVENT_FORCE_ORDER:
    case PAPER_EVENT_MARGIN_CALL: break; /* this venue has no such push */
    case PAPER_EVENT_ORDER: send_order_event(gateio, event, now_ms); break;
    case PAPER_EVENT_CONDITIONAL: send_trigger(gateio, event, now_ms); break;
    case PAPER_EVENT_ACCOUNT: send_account(gateio, event, now_ms); break;
    case PAPER_EVENT_LEVERAGE: send_leverage(gateio, event, now_ms); break;
    }
    send_recorded(gateio, recorded, now_ms);
}

void gateio_reset_feed(struct paper_gateio *gateio)
{
    for (int account = 1; account <= gateio->keys->count; account++) {
        gateio->accounts[account].told = NULL;
        gateio->accounts[account].told_balance = KEEL_DECIMAL_ZERO;
    }
}

/* --- Ranks -------------------------------------------------------------------------------------
 */

/* 1 goes first, 5 last; 6 has no position. The engine counts from 0, and 4 goes first. */
static int8_t rank_of(const struct paper_position *position)
{
    return (int8_t)(keel_decimal_is_zero(position->quantity) ? 6 : 5 - position->adl_rank);
}

static void put_rank(struct keel_writer *json, const struct paper_gateio *gateio,
                     const struct gateio_push *push, struct gateio_form form)
{
    (void)gateio, (void)form;
    const struct paper_position *position = push->row;
    keel_json_open_object(json, NULL);
    keel_json_put_string(json, "contract", gateio_contract_get(position->market)->name);
    keel_json_put_text(json, "mode", gateio_mode_of(position));
    keel_json_put_int(json, "rank_division", rank_of(position));
    keel_json_put_int(json, "time_ms", *(const int64_t *)push->more);
    keel_json_put_int(json, "user_id", gateio_user_id(position->account));
    keel_json_close_object(json);
}

static bool has_rank(const struct gateio_subscription *subscription, int market)
{
    return subscription->channel == GATEIO_CHANNEL_POSITION_ADL_RANK &&
           (subscription->market == KEEL_NO_MARKET || subscription->market == market);
}

void gateio_begin_ranks(const struct paper_gateio *gateio, struct gateio_subscription *subscription)
{
    for (int market = 1; market <= GATEIO_CONTRACTS; market++) {
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
            struct paper_position position;
            if (!has_rank(subscription, market))
                continue;
            paper_engine_get_leg(gateio->engine, subscription->account, (keel_market_id)market,
                                 side, &position);
            subscription->ranks[market][side - KEEL_NET] = rank_of(&position);
        }
    }
}

static void send_rank(struct paper_gateio *gateio, struct gateio_stream *stream,
                      const struct paper_position *position, int64_t now_ms)
{
    const struct gateio_push push = {.row = position, .more = &now_ms};
    struct keel_writer json;
    gateio_begin_push(gateio, &json, gateio_channel_name(GATEIO_CHANNEL_POSITION_ADL_RANK),
                      "update", now_ms);
    keel_json_open_array(&json, "result");
    put_rank(&json, gateio, &push, gateio_form_of_stream(stream));
    keel_json_close_array(&json);
    gateio_end_push(stream, &json);
}

static void send_rank_if_other(struct paper_gateio *gateio, struct gateio_stream *stream,
                               struct gateio_subscription *subscription, keel_market_id market,
                               enum keel_position_side side, int64_t now_ms)
{
    struct paper_position position;
    int8_t *told = &subscription->ranks[market][side - KEEL_NET];
    paper_engine_get_leg(gateio->engine, subscription->account, market, side, &position);
    if (*told == rank_of(&position))
        return;
    *told = rank_of(&position);
    send_rank(gateio, stream, &position, now_ms);
}

void gateio_send_ranks(struct paper_gateio *gateio, struct gateio_stream *stream,
                       struct gateio_subscription *subscription, int64_t now_ms)
{
    for (int market = 1; market <= GATEIO_CONTRACTS; market++) {
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
            if (has_rank(subscription, market))
                send_rank_if_other(gateio, stream, subscription, (keel_market_id)market, side,
                                   now_ms);
        }
    }
}
