#include "paper/gateio/record.h"

#include "paper/gateio/contracts.h"

#include <stdlib.h>
#include <string.h>

enum {
    SIDES = KEEL_SHORT - KEEL_NET + 1,
};

static size_t row_count(const struct gateio_record *record)
{
    return ((size_t)record->accounts + 1) * (GATEIO_CONTRACTS + 1) * SIDES;
}

static size_t index_of(int account, keel_market_id market, enum keel_position_side side)
{
    size_t row = (size_t)account * (GATEIO_CONTRACTS + 1) + market;
    return row * SIDES + (size_t)(side - KEEL_NET);
}

bool gateio_record_init(struct gateio_record *record, int accounts)
{
    *record = (struct gateio_record){.accounts = accounts};
    record->lives = calloc(row_count(record), sizeof(*record->lives));
    record->positions = calloc(row_count(record), sizeof(*record->positions));
    return record->lives && record->positions;
}

void gateio_record_deinit(struct gateio_record *record)
{
    paper_table_clear(&record->notes);
    paper_table_clear(&record->trigger_notes);
    paper_table_clear(&record->closes);
    paper_table_clear(&record->forced);
    free(record->lives);
    free(record->positions);
}

void gateio_record_clear(struct gateio_record *record)
{
    paper_table_clear(&record->notes);
    paper_table_clear(&record->trigger_notes);
    paper_table_clear(&record->closes);
    paper_table_clear(&record->forced);
    memset(record->lives, 0, row_count(record) * sizeof(*record->lives));
    memset(record->positions, 0, row_count(record) * sizeof(*record->positions));
}

/* --- Notes -------------------------------------------------------------------------------------
 */

struct gateio_order_note *gateio_record_add_note(struct gateio_record *record, int64_t order_id)
{
    struct gateio_order_note *note =
        paper_table_add(&record->notes, sizeof(struct gateio_order_note));
    note->order_id = order_id;
    return note;
}

struct gateio_order_note *gateio_record_note(const struct gateio_record *record, int64_t order_id)
{
    static struct gateio_order_note none;
    int64_t low = 0, high = record->notes.count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        struct gateio_order_note *note = record->notes.rows[middle];
        if (note->order_id == order_id)
            return note;
        if (note->order_id < order_id)
            low = middle + 1;
        else
            high = middle;
    }
    none = (struct gateio_order_note){0};
    return &none;
}

struct gateio_trigger_note *gateio_record_add_trigger_note(struct gateio_record *record, int64_t id)
{
    struct gateio_trigger_note *note =
        paper_table_add(&record->trigger_notes, sizeof(struct gateio_trigger_note));
    note->id = id;
    return note;
}

const struct gateio_trigger_note *gateio_record_trigger_note(const struct gateio_record *record,
                                                             int64_t id)
{
    static const struct gateio_trigger_note none;
    for (int64_t i = record->trigger_notes.count - 1; i >= 0; i--) {
        const struct gateio_trigger_note *note = record->trigger_notes.rows[i];
        if (note->id == id)
            return note;
    }
    return &none;
}

/* --- The life of a position --------------------------------------------------------------------
 */

struct gateio_life *gateio_record_life(const struct gateio_record *record, int account,
                                       keel_market_id market, enum keel_position_side side)
{
    return &record->lives[index_of(account, market, side)];
}

static void add_to(keel_decimal *sum, keel_decimal amount)
{
    *sum = keel_decimal_add(*sum, amount);
}

static keel_decimal share(keel_decimal whole, keel_decimal part, keel_decimal of)
{
    return keel_decimal_mul_div(whole, part, of, KEEL_ROUND_HALF_EVEN);
}

static void begin_life(struct gateio_life *life, int64_t time_ms)
{
    *life = (struct gateio_life){
        .open_time_ms = time_ms,
        .history_pnl = life->history_pnl,
        .last_close_pnl = life->last_close_pnl,
        .update_id = life->update_id,
    };
}

static const struct gateio_position_close *
end_life(struct gateio_record *record, struct gateio_life *life, const struct paper_trade *trade)
{
    keel_decimal total = keel_decimal_add(keel_decimal_sub(life->pnl, life->fees), life->funding);
    life->close_time_ms = trade->time_ms;
    life->last_close_pnl = total;
    add_to(&life->history_pnl, total);
    struct gateio_position_close *close =
        paper_table_add(&record->closes, sizeof(struct gateio_position_close));
    *close = (struct gateio_position_close){.account = trade->account,
                                            .market = trade->market,
                                            .side = trade->position_side,
                                            .was_long = trade->side == KEEL_SELL,
                                            .cause = trade->cause,
                                            .order_id = trade->order_id,
                                            .life = *life};
    (void)keel_str_copy(keel_str_from(trade->client_id), close->text, KEEL_CLIENT_ID_SIZE);
    return close;
}

/* What the trade closes ends the old life, what it opens begins or prolongs one. */
static const struct gateio_position_close *add_trade(struct gateio_record *record,
                                                     const struct paper_trade *trade)
{
    struct gateio_life *life =
        gateio_record_life(record, trade->account, trade->market, trade->position_side);
    const struct gateio_position_close *close = NULL;
    bool buys = trade->side == KEEL_BUY;
    bool opposite =
        buys ? keel_decimal_is_negative(life->quantity) : keel_decimal_is_positive(life->quantity);
    keel_decimal closing = KEEL_DECIMAL_ZERO;
    if (opposite) {
        closing = keel_decimal_min(trade->quantity, keel_decimal_abs(life->quantity));
        add_to(&life->quantity, buys ? closing : keel_decimal_neg(closing));
        add_to(&life->closed, closing);
        add_to(&life->closed_quote, share(trade->quote, closing, trade->quantity));
        add_to(&life->pnl, trade->realized_pnl);
        add_to(&life->fees, share(trade->fee, closing, trade->quantity));
        if (keel_decimal_is_zero(life->quantity))
            close = end_life(record, life, trade);
    }
    keel_decimal opening = keel_decimal_sub(trade->quantity, closing);
    if (keel_decimal_is_zero(opening))
        return close;
    if (keel_decimal_is_zero(life->quantity))
        begin_life(life, trade->time_ms);
    add_to(&life->quantity, buys ? opening : keel_decimal_neg(opening));
    add_to(&life->opened, opening);
    add_to(&life->opened_quote, share(trade->quote, opening, trade->quantity));
    add_to(&life->fees, share(trade->fee, opening, trade->quantity));
    life->quantity_max = keel_decimal_max(life->quantity_max, keel_decimal_abs(life->quantity));
    return close;
}

/* --- Forced orders -----------------------------------------------------------------------------
 */

static struct gateio_forced *find_forced(struct gateio_record *record, int64_t order_id)
{
    for (int64_t i = record->forced.count - 1; i >= 0; i--) {
        struct gateio_forced *row = record->forced.rows[i];
        if (row->order.id == order_id)
            return row;
    }
    return NULL;
}

/* The row as it was told last is the position before: the engine tells of orders first. */
static struct gateio_forced *begin_forced(struct gateio_record *record,
                                          const struct paper_engine *engine,
                                          const struct paper_order *order)
{
    struct paper_ticker ticker;
    paper_engine_get_ticker(engine, order->market, &ticker);
    struct gateio_forced *row = paper_table_add(&record->forced, sizeof(struct gateio_forced));
    *row = (struct gateio_forced){
        .account = order->account,
        .market = order->market,
        .cause = order->cause,
        .position =
            record->positions[index_of(order->account, order->market, order->position_side)],
        .mark_price = ticker.mark_price,
    };
    return row;
}

static const struct gateio_forced *add_forced(struct gateio_record *record,
                                              const struct paper_engine *engine,
                                              const struct paper_order *order, int64_t time_ms)
{
    struct gateio_forced *row = find_forced(record, order->id);
    if (!row)
        row = begin_forced(record, engine, order);
    row->order = *order;
    row->time_ms = time_ms;
    row->done = order->status != PAPER_ORDER_NEW && order->status != PAPER_ORDER_PARTIALLY_FILLED;
    return row->done ? row : NULL;
}

/* --- Events ------------------------------------------------------------------------------------
 */

/* Of two legs, the one whose row says that it was paid: the engine tells of each by itself. */
static void note_funding(struct gateio_record *record, const struct paper_engine *engine,
                         const struct paper_event *event)
{
    for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
        struct paper_position position;
        paper_engine_get_leg(engine, event->account, event->as.update.market, side, &position);
        gateio_record_life(record, event->account, event->as.update.market, side)->funding =
            position.funding;
    }
}

static void note_account(struct gateio_record *record, const struct paper_engine *engine,
                         const struct paper_event *event)
{
    const struct paper_account_event *update = &event->as.update;
    for (int i = 0; i < update->position_count; i++) {
        const struct paper_position *row = &update->positions[i];
        record->positions[index_of(event->account, row->market, row->side)] = *row;
    }
    if (update->reason == PAPER_REASON_FUNDING && update->market != KEEL_NO_MARKET)
        note_funding(record, engine, event);
}

struct gateio_recorded gateio_record_event(struct gateio_record *record,
                                           const struct paper_engine *engine,
                                           const struct paper_event *event)
{
    struct gateio_recorded recorded = {0};
    if (event->kind == PAPER_EVENT_ACCOUNT)
        note_account(record, engine, event);
    if (event->kind != PAPER_EVENT_ORDER)
        return recorded;
    const struct paper_order_event *told = &event->as.order;
    if (told->filled)
        recorded.close = add_trade(record, &told->trade);
    if (told->order.cause != KEEL_CAUSE_USER)
        recorded.forced = add_forced(record, engine, &told->order, event->time_ms);
    return recorded;
}
