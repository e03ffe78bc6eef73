/* books.h - the account a second time, fed by executions and incomes alone.
 *
 * Pure; no allocation after new; one owner. The venue states positions and wallets; these books say
 * what they must be, from what happened. Each statement is compared with them before it is merged.
 *
 * A position's cost is kept as a sum, not as a rounded average. The profit and the fee of a fill
 * are the venue's where it tells them, so that wallets agree to the last digit; our own arithmetic
 * checks each told profit and reports one that is off by more than a unit of the last decimal at
 * which the venue cuts. (A position that the books began with, or took over, has the venue's
 * rounded entry price: a unit of its last decimal is allowed for each unit closed.) Where the venue
 * tells no profit, and ours does not come out even, the wallet may differ by as much for each such
 * fill: nobody knows how the venue rounds. No other tolerance: wallets and quantities agree exactly
 * or are reported.
 *
 * On spot there are no positions: a fill moves the wallets of its two assets, and of a third one
 * where the fee is paid in that, by exactly what changed hands.
 *
 * How to compare a snapshot, so that one lost fill is one difference:
 *   1. keel_books_compare. Nothing differs: done.
 *   2. Load the executions and incomes of what differs; give each to keel_books_list_execution and
 *      keel_books_list_income. What was missing is booked and reported.
 *   3. Compare a newer snapshot. What still differs is explained by nothing: report it and give it
 *      to keel_books_heal. */
#ifndef KEEL_CORE_BOOKS_H
#define KEEL_CORE_BOOKS_H

#include "keel/difference.h"
#include "keel/event.h"

enum {
    KEEL_BOOKS_TRADES_MAX = 16384, /* a repeat is known over this span; the oldest makes room */
    KEEL_BOOKS_INCOMES_MAX = 4096,
    KEEL_BOOKS_POSITIONS_MAX = 512, /* positions ever held: KEEL_FULL */
    KEEL_BOOKS_ASSETS_MAX = 64,     /* KEEL_FULL */
    KEEL_DIFFERENCES_MAX = 64,      /* in one comparison; more are counted and come next time */
    KEEL_BOOKS_MONEY_DIGITS = 8,
    KEEL_INCOME_WINDOW_MS = 60000, /* one payment's times in the stream and in the list */
};

struct keel_books;

struct keel_books_config {
    const struct keel_markets *markets;                         /* borrowed; outlives the books */
    int32_t trades_max, incomes_max, positions_max, assets_max; /* 0: the default */
    int32_t money_digits; /* decimals at which the venue cuts amounts; 0: the default */
};

struct keel_differences {
    struct keel_difference at[KEEL_DIFFERENCES_MAX];
    int32_t count;
    int32_t more; /* did not fit; found again by the next comparison */
};

struct keel_book_position {
    keel_market_id market;
    enum keel_position_side side;
    keel_decimal quantity;     /* signed; 0 when flat */
    keel_decimal cost;         /* signed like the quantity: the sum paid for what is held */
    keel_decimal realized_pnl; /* since the books began, before fees */
    keel_decimal funding;      /* received less paid, where told by market */
    int64_t update_time_ms;    /* of the newest execution; of the snapshot at the start */
};

struct keel_book_wallet {
    char asset[KEEL_ASSET_SIZE];
    keel_decimal wallet; /* spot: free and locked */
    /* Since the books began. traded: what executions on spot brought, less what they took. */
    keel_decimal traded, realized_pnl, fees, funding, transfers, other;
    int64_t update_time_ms;
};

/* What booking did. */
struct keel_booked {
    bool changed;                      /* false: known already, or before the books began */
    struct keel_difference difference; /* kind NONE, or what to report */
};

/* NULL: out of memory, or no markets. */
struct keel_books *keel_books_new(const struct keel_books_config *config);
void keel_books_free(struct keel_books *books);

/* The first snapshot: BALANCE and POSITION rows of one or several lists. time_ms is the venue's
 * time when it was asked for: executions up to it, and up to a row's own time, are in it already.
 * Nothing is booked before the first start. KEEL_FULL. */
KEEL_MUST_USE enum keel_status keel_books_start(struct keel_books *books,
                                                const struct keel_events *events, int64_t time_ms,
                                                struct keel_error *error);
bool keel_books_started(const struct keel_books *books);

/* A fill as the stream tells it. reduce_only: its order can only shrink a position (unknown orders:
 * false). Such a fill, and the closing side of a hedge leg, never opens a position: what exceeds
 * ours is a position that we did not know of, and comes as a difference. A fill that is known but
 * now carries the profit or fee that it lacked is completed: changed.
 * KEEL_MALFORMED, KEEL_FULL, KEEL_OVERFLOW; the books are then as they were. */
KEEL_MUST_USE enum keel_status
keel_books_apply_execution(struct keel_books *books, const struct keel_execution *execution,
                           bool reduce_only, struct keel_booked *booked, struct keel_error *error);

/* Money that moved without a fill. REALIZED_PNL and COMMISSION rows follow from fills and change
 * nothing. Two statements of one payment, in the stream (without id) and in the list (with one),
 * are paired by kind, asset, amount, market where told, and time; each pairs once. */
KEEL_MUST_USE enum keel_status keel_books_apply_income(struct keel_books *books,
                                                       const struct keel_income *income,
                                                       struct keel_booked *booked,
                                                       struct keel_error *error);

/* Is it booked, or older than what the books remember? A list may overtake the stream: what is not
 * known yet may be under way, and a caller who waits a moment before listing it reports less. */
bool keel_books_know_execution(const struct keel_books *books,
                               const struct keel_execution *execution);

/* The same for a row of the venue's own list. One that the books lack is booked, and the difference
 * is that it was missing. */
KEEL_MUST_USE enum keel_status
keel_books_list_execution(struct keel_books *books, const struct keel_execution *execution,
                          bool reduce_only, struct keel_booked *booked, struct keel_error *error);
KEEL_MUST_USE enum keel_status keel_books_list_income(struct keel_books *books,
                                                      const struct keel_income *income,
                                                      struct keel_booked *booked,
                                                      struct keel_error *error);

/* Compares a snapshot (SNAPSHOT_BEGIN, rows, SNAPSHOT_END) of positions, of balances or of both;
 * changes nothing but what the venue may have rounded otherwise, which its statement settles. A row
 * older than our newest fill says nothing and is passed over; a position that a complete snapshot
 * leaves out is flat there. *differences is begun anew. */
void keel_books_compare(struct keel_books *books, const struct keel_events *events,
                        struct keel_differences *differences);

/* Takes over the venue's figure, for a POSITION or WALLET difference that nothing explains. A
 * position's cost becomes quantity * entry_price, the venue's; without it, our own average stays.
 * KEEL_INVALID (another kind; a position out of nothing without an entry price), KEEL_FULL. */
KEEL_MUST_USE enum keel_status keel_books_heal(struct keel_books *books,
                                               const struct keel_difference *difference,
                                               keel_decimal entry_price, struct keel_error *error);

/* NULL: never held. */
const struct keel_book_position *keel_books_find_position(const struct keel_books *books,
                                                          keel_market_id market,
                                                          enum keel_position_side side);
const struct keel_book_wallet *keel_books_find_wallet(const struct keel_books *books,
                                                      keel_str asset);

/* One after the other, flat ones too: NULL starts, NULL ends. */
const struct keel_book_position *keel_books_next_position(const struct keel_books *books,
                                                          const struct keel_book_position *after);
const struct keel_book_wallet *keel_books_next_wallet(const struct keel_books *books,
                                                      const struct keel_book_wallet *after);

/* cost / quantity, half to even at the eighteenth decimal; absent when flat. */
keel_decimal keel_book_position_entry_price(const struct keel_book_position *position);

/* The newest fill booked of a market, to ask the venue's list from: its time, 0 if none. */
int64_t keel_books_last_execution_ms(const struct keel_books *books, keel_market_id market);

/* Executions and incomes booked since the start; the differences found by booking and listing. */
struct keel_books_counters {
    int64_t executions, incomes, duplicates, differences;
};
struct keel_books_counters keel_books_counters(const struct keel_books *books);

/* Flat costs nothing, cash and cost and profit add up, wallets are the sum of their parts.
 * KEEL_BROKEN. */
KEEL_MUST_USE enum keel_status keel_books_audit(const struct keel_books *books,
                                                struct keel_error *error);

#endif
