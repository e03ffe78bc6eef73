#include "core/books_state.h"

/* Trades ------------------------------------------------------------------------------------- */

static uint32_t hash_trade(const struct keel_book_trade *trade)
{
    return keel_index_hash(trade->market, trade->taken, trade->trade_id);
}

struct keel_book_trade *keel_books_find_trade(const struct keel_books *books,
                                              const struct keel_execution *execution)
{
    uint32_t hash = keel_index_hash(execution->market, execution->side, execution->trade_id);
    uint32_t cursor = 0, slot;
    while ((slot = keel_index_next(&books->by_trade, hash, &cursor)) != 0) {
        struct keel_book_trade *trade = &books->trades[slot];
        if (trade->market == execution->market && trade->taken == execution->side &&
            strcmp(trade->trade_id, execution->trade_id) == 0)
            return trade;
    }
    return NULL;
}

void keel_books_add_trade(struct keel_books *books, const struct keel_book_trade *trade)
{
    int32_t slot = books->newest_trade == books->trades_max ? 1 : books->newest_trade + 1;
    struct keel_book_trade *place = &books->trades[slot];
    if (books->trade_count == books->trades_max) {
        books->forgotten_ms = keel_later_ms(books->forgotten_ms, place->time_ms);
        keel_index_remove(&books->by_trade, hash_trade(place), (uint32_t)slot);
    } else {
        books->trade_count++;
    }
    *place = *trade;
    books->newest_trade = slot;
    keel_index_add(&books->by_trade, hash_trade(trade), (uint32_t)slot);
}

/* Fills -------------------------------------------------------------------------------------- */

/* What a fill does to a position, by arithmetic from what was there before it. */
struct effect {
    keel_decimal quantity, cost; /* afterwards */
    keel_decimal cash;           /* of the part that is booked */
    keel_decimal closed;         /* how much of it closes, not negative */
    keel_decimal pnl;            /* of that, by our own arithmetic */
    keel_decimal excess;         /* what an order that only closes cannot have had from us */
};

static keel_decimal signed_quantity(const struct keel_execution *execution)
{
    return execution->side == KEEL_BUY ? execution->quantity
                                       : keel_decimal_neg(execution->quantity);
}

/* A share of the cost goes with the share that is closed; all of it with the last. */
static keel_decimal cost_of_share(const struct keel_book_position *position, keel_decimal closed)
{
    keel_decimal size = keel_decimal_abs(position->quantity);
    if (keel_decimal_equals(closed, size))
        return position->cost;
    return keel_decimal_mul_div(position->cost, closed, size, KEEL_ROUND_HALF_EVEN);
}

static struct effect open_effect(const struct keel_book_position *position, keel_decimal quantity,
                                 keel_decimal price)
{
    keel_decimal paid = keel_decimal_mul(quantity, price, KEEL_ROUND_HALF_EVEN);
    return (struct effect){.quantity = keel_decimal_add(position->quantity, quantity),
                           .cost = keel_decimal_add(position->cost, paid),
                           .cash = keel_decimal_neg(paid),
                           .pnl = KEEL_DECIMAL_ZERO};
}

/* quantity is signed against the position's. */
static struct effect close_effect(const struct keel_book_position *position, keel_decimal quantity,
                                  keel_decimal price, bool only_closes)
{
    keel_decimal size = keel_decimal_abs(position->quantity), fill = keel_decimal_abs(quantity);
    keel_decimal closed = keel_decimal_min(size, fill);
    keel_decimal rest = keel_decimal_sub(fill, closed);
    bool sells = keel_decimal_is_negative(quantity);
    keel_decimal signed_closed = sells ? keel_decimal_neg(closed) : closed;
    keel_decimal signed_rest = sells ? keel_decimal_neg(rest) : rest;

    keel_decimal removed = cost_of_share(position, closed);
    keel_decimal received =
        keel_decimal_neg(keel_decimal_mul(signed_closed, price, KEEL_ROUND_HALF_EVEN));
    struct effect effect = {.quantity = keel_decimal_add(position->quantity, signed_closed),
                            .cost = keel_decimal_sub(position->cost, removed),
                            .cash = received,
                            .closed = closed,
                            .pnl = keel_decimal_sub(received, removed)};
    if (only_closes) {
        effect.excess = rest;
        return effect;
    }
    keel_decimal paid = keel_decimal_mul(signed_rest, price, KEEL_ROUND_HALF_EVEN);
    keel_add_to(&effect.quantity, signed_rest);
    keel_add_to(&effect.cost, paid);
    effect.cash = keel_decimal_sub(effect.cash, paid);
    return effect;
}

static struct effect effect_of(const struct keel_book_position *position,
                               const struct keel_execution *execution, bool only_closes)
{
    keel_decimal quantity = signed_quantity(execution);
    bool opens =
        keel_decimal_is_zero(position->quantity) || keel_same_sign(position->quantity, quantity);
    if (!opens || only_closes) {
        struct keel_book_position flat = *position;
        if (opens) /* it closes, and there is nothing of ours that it could close */
            flat.quantity = flat.cost = KEEL_DECIMAL_ZERO;
        struct effect effect = close_effect(&flat, quantity, execution->price, only_closes);
        if (opens) {
            effect.quantity = position->quantity;
            effect.cost = position->cost;
        }
        return effect;
    }
    return open_effect(position, quantity, execution->price);
}

static bool effect_fits(const struct effect *effect)
{
    return keel_decimal_is_valid(effect->quantity) && keel_decimal_is_valid(effect->cost) &&
           keel_decimal_is_valid(effect->cash) && keel_decimal_is_valid(effect->pnl);
}

static struct keel_difference difference_of(enum keel_difference_kind kind,
                                            const struct keel_execution *execution,
                                            keel_decimal ours, keel_decimal venues)
{
    struct keel_difference difference = {.kind = kind,
                                         .market = execution->market,
                                         .side = execution->position_side,
                                         .ours = ours,
                                         .venues = venues,
                                         .time_ms = execution->time_ms};
    memcpy(difference.id, execution->trade_id, sizeof(difference.id));
    return difference;
}

/* A unit of the venue's last decimal; with a rounded entry price, one more for each unit closed. */
static keel_decimal find_allowance(const struct keel_books *books, keel_decimal closed,
                                   bool entry_is_rounded)
{
    keel_decimal unit = KEEL_DECIMAL_ONE;
    for (int i = 0; i < books->money_digits; i++)
        unit = keel_decimal_from_raw(keel_decimal_raw(unit) / 10);
    if (!entry_is_rounded)
        return unit;
    return keel_decimal_add(unit, keel_decimal_mul(closed, unit, KEEL_ROUND_UP));
}

/* Does the told profit follow from our books? */
static bool pnl_agrees(const struct keel_books *books, const struct keel_book_position_slot *book,
                       const struct effect *effect, keel_decimal told)
{
    keel_decimal allowed = find_allowance(books, effect->closed, book->taken_over);
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(told, effect->pnl));
    return keel_decimal_is_valid(gap) && keel_decimal_compare(gap, allowed) <= 0;
}

/* Left as it is when the venue and our books agree. */
static void judge(const struct keel_books *books, const struct keel_book_position_slot *book,
                  const struct keel_execution *execution, const struct effect *effect,
                  struct keel_difference *difference)
{
    if (keel_decimal_is_positive(effect->excess)) {
        /* The venue had at least the fill's size, on the side that the fill closes. */
        keel_decimal implied = keel_decimal_neg(signed_quantity(execution));
        *difference =
            difference_of(KEEL_DIFFERENCE_POSITION, execution, book->shown.quantity, implied);
    } else if (keel_decimal_is_valid(execution->realized_pnl) &&
               !pnl_agrees(books, book, effect, execution->realized_pnl)) {
        *difference =
            difference_of(KEEL_DIFFERENCE_PNL, execution, effect->pnl, execution->realized_pnl);
    }
}

static void book_pnl(struct keel_book_position_slot *book, struct keel_book_wallet_slot *wallet,
                     keel_decimal pnl)
{
    keel_add_to(&book->shown.realized_pnl, pnl);
    keel_add_to(&wallet->shown.wallet, pnl);
    keel_add_to(&wallet->shown.realized_pnl, pnl);
}

/* The places that a fill changes, found before anything is changed. */
struct places {
    struct keel_book_position_slot *position;
    struct keel_book_wallet_slot *wallet, *fee_wallet; /* fee_wallet NULL: no fee told */
    /* Balances and positions are read one after the other, and trading goes on meanwhile: the first
     * statement of the wallet may have what that of the position has not. */
    bool in_wallet;
};

static enum keel_status find_places(struct keel_books *books,
                                    const struct keel_execution *execution, struct places *places,
                                    struct keel_error *error)
{
    places->position = keel_books_take_position(books, execution->market, execution->position_side);
    places->wallet =
        keel_books_take_wallet(books, keel_books_settle_asset(books, execution->market));
    places->fee_wallet = keel_execution_has_fee(execution)
                             ? keel_books_take_wallet(books, execution->fee_asset)
                             : NULL;
    if (places->position && places->wallet &&
        (places->fee_wallet || !keel_execution_has_fee(execution))) {
        places->in_wallet =
            execution->time_ms != 0 && execution->time_ms <= places->wallet->start_ms;
        return KEEL_OK;
    }
    return keel_fail(error, KEEL_FULL, "%s: no room for another position or asset in the books",
                     keel_books_symbol(books, execution->market));
}

static void touch(struct keel_books *books, const struct places *places,
                  const struct keel_execution *execution)
{
    int64_t time_ms = execution->time_ms;
    int64_t *last_ms = &books->last_execution_ms[execution->market];
    struct keel_book_position *position = &places->position->shown;
    *last_ms = keel_later_ms(*last_ms, time_ms);
    position->update_time_ms = keel_later_ms(position->update_time_ms, time_ms);
    places->wallet->shown.update_time_ms =
        keel_later_ms(places->wallet->shown.update_time_ms, time_ms);
    if (places->fee_wallet)
        places->fee_wallet->shown.update_time_ms =
            keel_later_ms(places->fee_wallet->shown.update_time_ms, time_ms);
}

static keel_decimal cut(const struct keel_books *books, keel_decimal amount)
{
    return keel_decimal_round_to_digits(amount, books->money_digits, KEEL_ROUND_DOWN);
}

static keel_decimal profit_to_book(const struct keel_books *books,
                                   const struct keel_execution *execution,
                                   const struct effect *effect)
{
    if (keel_decimal_is_valid(execution->realized_pnl))
        return execution->realized_pnl;
    return cut(books, effect->pnl);
}

/* Is the average price of what is held none that the venue can write? */
static bool has_rounded_entry(const struct keel_books *books,
                              const struct keel_book_position_slot *book)
{
    const struct keel_book_position *held = &book->shown;
    keel_decimal entry =
        cut(books, keel_decimal_div(held->cost, held->quantity, KEEL_ROUND_HALF_EVEN));
    keel_decimal cost = keel_decimal_mul(entry, held->quantity, KEEL_ROUND_HALF_EVEN);
    return book->taken_over || !keel_decimal_equals(cost, held->cost);
}

/* How far the profit that we book may be from one that the venue keeps to itself. */
static keel_decimal slack_of(const struct keel_books *books,
                             const struct keel_book_position_slot *book,
                             const struct keel_execution *execution, const struct effect *effect)
{
    if (keel_decimal_is_valid(execution->realized_pnl) || keel_decimal_is_zero(effect->closed) ||
        keel_decimal_is_zero(book->shown.quantity))
        return KEEL_DECIMAL_ZERO;
    bool rounded = has_rounded_entry(books, book);
    if (!rounded && keel_decimal_equals(cut(books, effect->pnl), effect->pnl))
        return KEEL_DECIMAL_ZERO;
    return find_allowance(books, effect->closed, rounded);
}

static void move_position(struct keel_book_position_slot *book, const struct effect *effect)
{
    if (keel_decimal_is_zero(effect->quantity) ||
        !keel_same_sign(effect->quantity, book->shown.quantity))
        book->taken_over = false; /* nothing is left of what we did not see bought */
    book->shown.quantity = effect->quantity;
    book->shown.cost = effect->cost;
    keel_add_to(&book->cash, effect->cash);
    keel_add_to(&book->computed_pnl, effect->pnl);
}

static void commit(struct keel_books *books, const struct keel_execution *execution,
                   const struct effect *effect, const struct places *places)
{
    struct keel_book_position_slot *book = places->position;
    struct keel_book_trade trade = {
        .market = execution->market,
        .taken = execution->side,
        .side = execution->position_side,
        .booked_pnl = profit_to_book(books, execution, effect),
        .slack = places->in_wallet ? KEEL_DECIMAL_ZERO : slack_of(books, book, execution, effect),
        .pnl_told = keel_decimal_is_valid(execution->realized_pnl),
        .fee_told = keel_decimal_is_valid(execution->fee),
        .time_ms = execution->time_ms};
    memcpy(trade.trade_id, execution->trade_id, sizeof(trade.trade_id));
    move_position(book, effect);
    if (!places->in_wallet)
        book_pnl(book, places->wallet, trade.booked_pnl);
    keel_add_to(&places->wallet->slack, trade.slack);
    if (!places->in_wallet && places->fee_wallet)
        keel_books_take_fee(places->fee_wallet, execution->fee);
    touch(books, places, execution);
    keel_books_add_trade(books, &trade);
    books->counters.executions++;
}

/* A wallet that overflowed is one that can no longer be told. */
static bool places_fit(const struct places *places)
{
    return keel_decimal_is_valid(places->wallet->shown.wallet) &&
           keel_decimal_is_valid(places->position->cash) &&
           (!places->fee_wallet || keel_decimal_is_valid(places->fee_wallet->shown.wallet));
}

static enum keel_status book_new(struct keel_books *books, const struct keel_execution *execution,
                                 bool reduce_only, struct keel_booked *booked,
                                 struct keel_error *error)
{
    struct places places;
    enum keel_status status = find_places(books, execution, &places, error);
    if (status != KEEL_OK)
        return status;
    if (execution->time_ms <= places.position->start_ms && execution->time_ms != 0)
        return KEEL_OK; /* in the first statement already */

    bool only_closes =
        keel_order_only_closes(reduce_only, false, execution->position_side, execution->side);
    struct effect effect = effect_of(&places.position->shown, execution, only_closes);
    if (!effect_fits(&effect))
        return keel_fail(error, KEEL_OVERFLOW, "%s: execution %s does not fit into the books",
                         keel_books_symbol(books, execution->market), execution->trade_id);
    judge(books, places.position, execution, &effect, &booked->difference);
    commit(books, execution, &effect, &places);
    booked->changed = true;
    if (!places_fit(&places))
        return keel_fail(error, KEEL_BROKEN, "%s: the books overflowed at execution %s",
                         keel_books_symbol(books, execution->market), execution->trade_id);
    return KEEL_OK;
}

/* A fuller statement of a fill that is booked: the venue's profit takes the place of ours. */
static enum keel_status complete(struct keel_books *books, struct keel_book_trade *trade,
                                 const struct keel_execution *execution, struct keel_booked *booked,
                                 struct keel_error *error)
{
    struct keel_execution placed = *execution;
    struct places places;
    placed.position_side = trade->side;
    enum keel_status status = find_places(books, &placed, &places, error);
    if (status != KEEL_OK)
        return status;
    if (!trade->pnl_told && keel_decimal_is_valid(execution->realized_pnl)) {
        keel_decimal missing = keel_decimal_sub(execution->realized_pnl, trade->booked_pnl);
        struct effect effect = {.pnl = trade->booked_pnl, .closed = execution->quantity};
        if (!pnl_agrees(books, places.position, &effect, execution->realized_pnl))
            booked->difference = difference_of(KEEL_DIFFERENCE_PNL, &placed, trade->booked_pnl,
                                               execution->realized_pnl);
        book_pnl(places.position, places.wallet, missing);
        trade->booked_pnl = execution->realized_pnl;
        keel_add_to(&places.wallet->slack, keel_decimal_neg(trade->slack));
        trade->slack = KEEL_DECIMAL_ZERO;
        trade->pnl_told = booked->changed = true;
    }
    if (!trade->fee_told && keel_execution_has_fee(execution)) {
        keel_books_take_fee(places.fee_wallet, execution->fee);
        trade->fee_told = booked->changed = true;
    }
    books->counters.duplicates += !booked->changed;
    return KEEL_OK;
}

static enum keel_status check_execution(const struct keel_books *books,
                                        const struct keel_execution *execution,
                                        struct keel_error *error)
{
    if (!keel_books_know_market(books, execution->market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", execution->market);
    if (execution->trade_id[0] != '\0' && keel_decimal_is_positive(execution->quantity) &&
        keel_decimal_is_positive(execution->price) && execution->side != KEEL_SIDE_NONE)
        return KEEL_OK;
    return keel_fail(error, KEEL_MALFORMED,
                     "%s: an execution without a trade id, side, price or quantity",
                     keel_books_symbol(books, execution->market));
}

/* A difference is large, and most fills have none: its kind alone says so. */
static void begin_booking(struct keel_booked *booked)
{
    booked->changed = false;
    booked->difference.kind = KEEL_DIFFERENCE_NONE;
}

enum keel_status keel_books_apply_execution(struct keel_books *books,
                                            const struct keel_execution *execution,
                                            bool reduce_only, struct keel_booked *booked,
                                            struct keel_error *error)
{
    begin_booking(booked);
    enum keel_status status = check_execution(books, execution, error);
    if (status != KEEL_OK || !books->started)
        return status;
    struct keel_book_trade *known = keel_books_find_trade(books, execution);
    bool spot = keel_books_is_spot(books, execution->market);
    if (known && spot)
        return keel_books_complete_trade(books, known, execution, booked, error);
    if (spot)
        return keel_books_trade(books, execution, booked, error);

    struct keel_execution placed;
    if (execution->position_side == KEEL_POSITION_SIDE_NONE) {
        placed = *execution;
        placed.position_side = KEEL_NET;
        execution = &placed;
    }
    status = known ? complete(books, known, execution, booked, error)
                   : book_new(books, execution, reduce_only, booked, error);
    books->counters.differences += booked->difference.kind != KEEL_DIFFERENCE_NONE;
    return status;
}

bool keel_books_know_execution(const struct keel_books *books,
                               const struct keel_execution *execution)
{
    return execution->time_ms <= books->start_ms || execution->time_ms <= books->forgotten_ms ||
           keel_books_find_trade(books, execution);
}

enum keel_status keel_books_list_execution(struct keel_books *books,
                                           const struct keel_execution *execution, bool reduce_only,
                                           struct keel_booked *booked, struct keel_error *error)
{
    begin_booking(booked);
    bool known = keel_books_know_execution(books, execution);
    if (known && !keel_books_find_trade(books, execution))
        return KEEL_OK; /* before our time, or so long ago that the books forgot it */
    enum keel_status status =
        keel_books_apply_execution(books, execution, reduce_only, booked, error);
    if (status != KEEL_OK || known || !booked->changed)
        return status;

    books->counters.differences += booked->difference.kind == KEEL_DIFFERENCE_NONE;
    booked->difference =
        difference_of(KEEL_DIFFERENCE_EXECUTION, execution, KEEL_DECIMAL_ZERO, execution->quantity);
    return KEEL_OK;
}
