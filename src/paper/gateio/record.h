/* record.h - what the venue tells of the past that the engine does not keep.
 *
 * Pure. Fed by the engine's events, in order: texts that orders were given, positions that were
 * closed, liquidated or deleveraged. Memory grows until reset, as the engine's. */
#ifndef PAPER_GATEIO_RECORD_H
#define PAPER_GATEIO_RECORD_H

#include "paper/engine.h"
#include "paper/table.h"

enum {
    GATEIO_AMEND_TEXT_SIZE = 64,
};

/* What was said with an order, beside what the engine knows. Zero where nothing was. */
struct gateio_order_note {
    int64_t order_id;
    bool is_close;
    bool at_market; /* its price was 0 */
    bool by_stream; /* placed over the WebSocket */
    keel_decimal iceberg;
    char amend_text[GATEIO_AMEND_TEXT_SIZE];
    char channel_id[GATEIO_AMEND_TEXT_SIZE];
};

/* The same of a trigger order. */
struct gateio_trigger_note {
    int64_t id;
    bool by_index; /* it watches the index, which is the mark here */
    char order_type[32], auto_size[16];
};

/* A position from its first fill to its last. */
struct gateio_life {
    keel_decimal quantity;                                   /* signed, now */
    keel_decimal opened, opened_quote, closed, closed_quote; /* quantity and quote of its fills */
    keel_decimal quantity_max;
    keel_decimal pnl, fees, funding;
    int64_t open_time_ms, close_time_ms;
    keel_decimal history_pnl, last_close_pnl; /* of those before it */
    int64_t update_id;                        /* of the position's row: grows with each push */
};

struct gateio_position_close {
    int account;
    keel_market_id market;
    enum keel_position_side side;
    bool was_long;
    enum keel_cause cause;
    struct gateio_life life;
    int64_t order_id;               /* that closed it, */
    char text[KEEL_CLIENT_ID_SIZE]; /* and its client id */
};

/* A liquidation or a deleveraging, as one order of the venue's carried it out. */
struct gateio_forced {
    int account;
    keel_market_id market;
    enum keel_cause cause;
    struct paper_order order;       /* as it ended */
    struct paper_position position; /* as it was before */
    keel_decimal mark_price;
    bool done; /* the order has ended */
    int64_t time_ms;
};

struct gateio_record {
    int accounts;
    struct paper_table notes, trigger_notes, closes, forced;
    struct gateio_life *lives;        /* by account, market and side */
    struct paper_position *positions; /* the rows as they were told last */
};

/* False: out of memory. */
bool gateio_record_init(struct gateio_record *record, int accounts);
void gateio_record_deinit(struct gateio_record *record);
void gateio_record_clear(struct gateio_record *record);

/* The note of an order just placed: it is kept in the order of ids. */
struct gateio_order_note *gateio_record_add_note(struct gateio_record *record, int64_t order_id);

/* A note of zeroes, kept by nobody, if there is none. */
struct gateio_order_note *gateio_record_note(const struct gateio_record *record, int64_t order_id);

struct gateio_trigger_note *gateio_record_add_trigger_note(struct gateio_record *record,
                                                           int64_t id);
const struct gateio_trigger_note *gateio_record_trigger_note(const struct gateio_record *record,
                                                             int64_t id);

struct gateio_life *gateio_record_life(const struct gateio_record *record, int account,
                                       keel_market_id market, enum keel_position_side side);

/* True when the event closed a position: it is the last row of record->closes, and when a forced
 * order ended it is the last row of record->forced. */
struct gateio_recorded {
    const struct gateio_position_close *close; /* NULL: none */
    const struct gateio_forced *forced;
};
struct gateio_recorded gateio_record_event(struct gateio_record *record,
                                           const struct paper_engine *engine,
                                           const struct paper_event *event);

#endif
