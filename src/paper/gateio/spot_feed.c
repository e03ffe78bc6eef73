#include "paper/gateio/spot.h"
#include "paper/gateio/streams.h"

/* --- Orders and trades -------------------------------------------------------------------------
 */

/* "put" when it comes, "finish" when it ends, "update" between. */
static const char *event_of(const struct paper_spot_order_event *told)
{
    switch (told->kind) {
    case PAPER_SPOT_ACCEPTED:
    case PAPER_SPOT_TRIGGERED: return "put";
    case PAPER_SPOT_AMENDED: return "update";
    case PAPER_SPOT_TRADED: return gateio_spot_is_open(&told->order) ? "update" : "finish";
    case PAPER_SPOT_CANCELED:
    case PAPER_SPOT_EXPIRED: return "finish";
    }
    return "update";
}

static void put_order(struct keel_writer *json, const struct paper_gateio *gateio,
                      const struct gateio_push *push, struct gateio_form form)
{
    const struct paper_spot_order_event *told = push->row;
    keel_json_open_object(json, NULL);
    gateio_put_spot_order_members(json, gateio, &told->order, form);
    keel_json_put_int(json, "user", gateio_user_id(told->order.account));
    keel_json_put_text(json, "event", event_of(told));
    keel_json_put_bool(json, "auto_borrow", false);
    keel_json_put_bool(json, "auto_repay", false);
    keel_json_close_object(json);
}

static void put_fill(struct keel_writer *json, const struct paper_gateio *gateio,
                     const struct gateio_push *push, struct gateio_form form)
{
    const struct paper_spot_order_event *told = push->row;
    (void)form;
    gateio_put_spot_fill(json, gateio, &told->trade);
}

static void put_trigger(struct keel_writer *json, const struct paper_gateio *gateio,
                        const struct gateio_push *push, struct gateio_form form)
{
    const struct paper_spot_order_event *told = push->row;
    (void)form;
    gateio_put_spot_trigger_push(json, gateio, &told->order);
}

static void send_order(struct paper_gateio *gateio, struct gateio_push *push, int64_t now_ms)
{
    push->put = put_order;
    push->channel = GATEIO_CHANNEL_SPOT_ORDERS;
    gateio_send_push(gateio, push, now_ms);
    push->channel = GATEIO_CHANNEL_SPOT_ORDERS_V2;
    gateio_send_push(gateio, push, now_ms);
}

static void send_fill(struct paper_gateio *gateio, struct gateio_push *push, int64_t now_ms)
{
    push->put = put_fill;
    push->channel = GATEIO_CHANNEL_SPOT_USERTRADES;
    gateio_send_push(gateio, push, now_ms);
}

static void send_trigger(struct paper_gateio *gateio, struct gateio_push *push, int64_t now_ms)
{
    push->put = put_trigger;
    push->channel = GATEIO_CHANNEL_SPOT_PRICEORDERS;
    push->alone = true;
    gateio_send_push(gateio, push, now_ms);
    push->alone = false;
}

/* A trigger order is told on its own channel until it is fired; from then on it is an order. The
 * order's push comes before that of its trade, or behind it: the venue promises neither. */
static void send_order_event(struct paper_gateio *gateio, const struct paper_spot_event *event,
                             int64_t now_ms)
{
    const struct paper_spot_order_event *told = &event->as.order;
    struct gateio_push push = {.account = event->account, .market = event->market, .row = told};
    bool fired = told->order.working_time_ms != 0;
    bool order_first = gateio_chance(gateio, (uint64_t)told->order.id, 0) % 2 == 0;
    if (gateio_is_trigger(&told->order) && (!fired || told->kind == PAPER_SPOT_TRIGGERED))
        send_trigger(gateio, &push, now_ms);
    if (gateio_is_trigger(&told->order) && !fired)
        return;
    if (told->kind == PAPER_SPOT_TRADED && !order_first)
        send_fill(gateio, &push, now_ms);
    send_order(gateio, &push, now_ms);
    if (told->kind == PAPER_SPOT_TRADED && order_first)
        send_fill(gateio, &push, now_ms);
}

/* --- Balances ----------------------------------------------------------------------------------
 */

static const char *change_type(enum paper_spot_reason reason)
{
    switch (reason) {
    case PAPER_SPOT_REASON_ORDER_PLACED: return "order-create";
    case PAPER_SPOT_REASON_FILL: return "order-match";
    case PAPER_SPOT_REASON_ORDER_AMENDED: return "order-update";
    case PAPER_SPOT_REASON_ORDER_ENDED: return "order-cancel";
    case PAPER_SPOT_REASON_DEPOSIT: return "deposit";
    case PAPER_SPOT_REASON_WITHDRAWAL:
    case PAPER_SPOT_REASON_WITHDRAWAL_DONE:
    case PAPER_SPOT_REASON_WITHDRAWAL_RETURNED: return "withdraw";
    case PAPER_SPOT_REASON_TRANSFER: return "transfer";
    }
    return "unknown";
}

static void put_balance(struct keel_writer *json, const struct paper_spot_change *row)
{
    keel_decimal held = keel_decimal_add(row->locked, row->withdrawing);
    keel_decimal held_change = keel_decimal_add(row->locked_change, row->withdrawing_change);
    keel_json_open_object(json, NULL);
    gateio_put_int_text(json, "timestamp", row->time_ms / 1000);
    gateio_put_int_text(json, "timestamp_ms", row->time_ms);
    gateio_put_int_text(json, "user", gateio_user_id(row->account));
    keel_json_put_text(json, "currency", paper_asset_get(row->asset)->code);
    keel_json_put_decimal(json, "change", keel_decimal_add(row->free_change, held_change));
    keel_json_put_decimal(json, "total", keel_decimal_add(row->free, held));
    keel_json_put_decimal(json, "available", row->free);
    keel_json_put_decimal(json, "freeze", held);
    keel_json_put_decimal(json, "freeze_change", held_change);
    keel_json_put_text(json, "change_type", change_type(row->reason));
    keel_json_close_object(json);
}

static void put_balances(struct keel_writer *json, const struct paper_gateio *gateio,
                         const struct gateio_push *push, struct gateio_form form)
{
    const struct paper_spot_balances_event *told = push->row;
    (void)gateio;
    (void)form;
    for (int i = 0; i < told->count; i++)
        put_balance(json, &told->rows[i]);
}

static void send_balances(struct paper_gateio *gateio, const struct paper_spot_event *event,
                          int64_t now_ms)
{
    const struct gateio_push push = {
        .channel = GATEIO_CHANNEL_SPOT_BALANCES,
        .account = event->account,
        .row = &event->as.balances,
        .put = put_balances,
    };
    gateio_send_push(gateio, &push, now_ms);
}

/* --- Events ------------------------------------------------------------------------------------
 */

static void send_quotes(struct paper_gateio *gateio, const struct paper_spot_event *event,
                        int64_t now_ms)
{
    for (struct gateio_stream *stream = gateio->streams; stream; stream = stream->next) {
        for (int i = 0; i < stream->subscription_count; i++)
            gateio_publish_pair_quote(gateio, stream, &stream->subscriptions[i], event, now_ms);
    }
}

void gateio_publish_spot(struct paper_dialect *dialect, const struct paper_spot_event *event,
                         int64_t now_ms)
{
    struct paper_gateio *gateio = (struct paper_gateio *)dialect;
    struct paper_tape *tape = &gateio->pair_tapes[event->market];
    switch (event->kind) {
    case PAPER_SPOT_EVENT_ORDER: send_order_event(gateio, event, now_ms); return;
    case PAPER_SPOT_EVENT_BALANCES: send_balances(gateio, event, now_ms); return;
    case PAPER_SPOT_EVENT_WITHDRAWAL: /* the venue has no channel for these: balances tell */
    case PAPER_SPOT_EVENT_DEPOSIT: return;
    case PAPER_SPOT_EVENT_TRADE:
        paper_tape_add_trade(tape, &event->as.trade, event->time_ms);
        break;
    case PAPER_SPOT_EVENT_TICKER:
        paper_tape_set_ticker(tape, &event->as.ticker, event->time_ms);
        break;
    }
    send_quotes(gateio, event, now_ms);
}
