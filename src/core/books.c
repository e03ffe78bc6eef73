#include "core/books.h"

#include "base/memory.h"
#include "core/balances.h"
#include "core/index.h"
#include "core/orders.h"

#include <stdlib.h>

enum {
    VENUE_DIGITS = 8, /* where the venue cuts amounts */
};

struct book_position {
    struct keel_book_position shown; /* first: its address is the slot's */
    keel_decimal cash;               /* received less paid for it; see audit */
    keel_decimal computed_pnl;       /* by our own arithmetic */
    int64_t start_ms;                /* fills up to it are in the first statement */
    bool taken_over;                 /* its cost comes from an entry price that the venue rounded */
};

struct book_wallet {
    struct keel_book_wallet shown; /* first */
    keel_decimal start;            /* what the first statement said */
    int64_t start_ms;              /* what happened up to it is in the first statement */
};

struct book_trade {
    keel_market_id market;
    enum keel_position_side side;
    char trade_id[KEEL_ORDER_ID_SIZE];
    keel_decimal booked_pnl;
    bool pnl_told, fee_told;
    int64_t time_ms;
};

/* One payment, of which the stream and the list may both tell. */
struct book_income {
    keel_market_id market;
    enum keel_income_kind kind;
    int32_t asset;
    keel_decimal amount;
    char id[KEEL_ORDER_ID_SIZE];
    bool streamed, listed;
    int64_t time_ms;
};

struct keel_books {
    const struct keel_markets *markets;
    bool started;
    int64_t start_ms;

    struct book_position *positions; /* 1 to position_count */
    int32_t positions_max, position_count;
    int32_t (*position_at)[KEEL_LEGS]; /* by market and leg; 0: never held */
    int64_t *last_execution_ms;        /* by market */

    struct book_wallet *wallets; /* by asset number */
    struct keel_balances assets; /* for its numbers alone */

    struct book_trade *trades; /* a ring: slots 1 to trades_max */
    struct keel_index by_trade;
    int32_t trades_max, trade_count, newest_trade;
    int64_t forgotten_ms; /* the time of the newest trade that made room */

    struct book_income *incomes; /* a ring */
    int32_t incomes_max, income_count, newest_income;

    struct keel_books_counters counters;
};

/* Life -------------------------------------------------------------------------------------- */

static int32_t or_default(int32_t value, int32_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static bool allocate(struct keel_books *books, int32_t assets_max)
{
    books->positions = keel_new_array((size_t)books->positions_max + 1, sizeof(*books->positions));
    books->position_at = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*books->position_at));
    books->last_execution_ms =
        keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*books->last_execution_ms));
    books->wallets = keel_new_array((size_t)assets_max + 1, sizeof(*books->wallets));
    books->trades = keel_new_array((size_t)books->trades_max + 1, sizeof(*books->trades));
    books->incomes = keel_new_array((size_t)books->incomes_max + 1, sizeof(*books->incomes));
    return books->positions && books->position_at && books->last_execution_ms && books->wallets &&
           books->trades && books->incomes && keel_balances_init(&books->assets, assets_max) &&
           keel_index_init(&books->by_trade, books->trades_max);
}

struct keel_books *keel_books_new(const struct keel_books_config *config)
{
    struct keel_books *books = config->markets ? calloc(1, sizeof(*books)) : NULL;
    if (!books)
        return NULL;
    books->markets = config->markets;
    books->trades_max = or_default(config->trades_max, KEEL_BOOKS_TRADES_MAX);
    books->incomes_max = or_default(config->incomes_max, KEEL_BOOKS_INCOMES_MAX);
    books->positions_max = or_default(config->positions_max, KEEL_BOOKS_POSITIONS_MAX);
    books->forgotten_ms = INT64_MIN;
    if (!allocate(books, or_default(config->assets_max, KEEL_BOOKS_ASSETS_MAX))) {
        keel_books_free(books);
        return NULL;
    }
    return books;
}

void keel_books_free(struct keel_books *books)
{
    if (!books)
        return;
    free(books->positions);
    free(books->position_at);
    free(books->last_execution_ms);
    free(books->wallets);
    free(books->trades);
    free(books->incomes);
    keel_balances_deinit(&books->assets);
    keel_index_deinit(&books->by_trade);
    free(books);
}

/* Places ------------------------------------------------------------------------------------- */

static bool knows_market(const struct keel_books *books, keel_market_id market)
{
    return market != KEEL_NO_MARKET && market <= keel_markets_count(books->markets);
}

static const char *symbol_of(const struct keel_books *books, keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(books->markets, market);
    return rules ? rules->symbol : "?";
}

static const char *settle_asset(const struct keel_books *books, keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(books->markets, market);
    return rules && rules->settle[0] != '\0' ? rules->settle : "USDT";
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* NULL: full. */
static struct book_position *take_position(struct keel_books *books, keel_market_id market,
                                           enum keel_position_side side)
{
    int32_t *at = &books->position_at[market][side];
    if (*at == 0) {
        if (books->position_count == books->positions_max)
            return NULL;
        *at = ++books->position_count;
        books->positions[*at] = (struct book_position){
            .shown = {.market = market, .side = side},
              .start_ms = books->start_ms
        };
    }
    return &books->positions[*at];
}

/* NULL: full. */
static struct book_wallet *take_wallet(struct keel_books *books, const char *asset)
{
    int32_t number = keel_balances_intern(&books->assets, asset);
    if (number == 0)
        return NULL;
    struct book_wallet *wallet = &books->wallets[number];
    if (wallet->shown.asset[0] == '\0')
        memcpy(wallet->shown.asset, asset, strlen(asset) + 1);
    wallet->start_ms = later(wallet->start_ms, books->start_ms);
    return wallet;
}

static void add_to(keel_decimal *sum, keel_decimal value)
{
    *sum = keel_decimal_add(*sum, value);
}

/* Start -------------------------------------------------------------------------------------- */

static enum keel_status start_balance(struct keel_books *books, const struct keel_balance *balance,
                                      struct keel_error *error)
{
    struct book_wallet *wallet = take_wallet(books, balance->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         balance->asset);
    wallet->shown.wallet = wallet->start = balance->wallet;
    /* The row itself may tell how new it is: later than when it was asked for. */
    wallet->start_ms = later(books->start_ms, balance->update_time_ms);
    wallet->shown.update_time_ms = wallet->start_ms;
    return KEEL_OK;
}

static enum keel_status start_position(struct keel_books *books,
                                       const struct keel_position *position,
                                       struct keel_error *error)
{
    if (!keel_decimal_is_valid(position->quantity) || keel_decimal_is_zero(position->quantity))
        return KEEL_OK;
    struct book_position *book = take_position(books, position->market, position->side);
    if (!book)
        return keel_fail(error, KEEL_FULL, "%s: no room for another position in the books",
                         symbol_of(books, position->market));
    keel_decimal cost =
        keel_decimal_mul(position->quantity, position->entry_price, KEEL_ROUND_HALF_EVEN);
    if (!keel_decimal_is_valid(cost))
        return keel_fail(error, KEEL_MALFORMED, "%s: a position without an entry price",
                         symbol_of(books, position->market));
    book->shown.quantity = position->quantity;
    book->shown.cost = cost;
    book->cash = keel_decimal_neg(cost);
    book->start_ms = later(books->start_ms, position->update_time_ms);
    book->shown.update_time_ms = book->start_ms;
    book->taken_over = true;
    return KEEL_OK;
}

enum keel_status keel_books_start(struct keel_books *books, const struct keel_events *events,
                                  int64_t time_ms, struct keel_error *error)
{
    books->start_ms = later(books->start_ms, time_ms);
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        enum keel_status status = KEEL_OK;
        if (event->kind == KEEL_EVENT_BALANCE)
            status = start_balance(books, &event->balance, error);
        else if (event->kind == KEEL_EVENT_POSITION && knows_market(books, event->position.market))
            status = start_position(books, &event->position, error);
        if (status != KEEL_OK)
            return status;
    }
    books->started = true;
    return KEEL_OK;
}

bool keel_books_started(const struct keel_books *books)
{
    return books->started;
}

/* Trades ------------------------------------------------------------------------------------- */

static uint32_t hash_trade(keel_market_id market, const char *trade_id)
{
    return keel_index_hash(market, 0, trade_id);
}

static struct book_trade *find_trade(const struct keel_books *books, keel_market_id market,
                                     const char *trade_id)
{
    uint32_t hash = hash_trade(market, trade_id), cursor = 0, slot;
    while ((slot = keel_index_next(&books->by_trade, hash, &cursor)) != 0) {
        struct book_trade *trade = &books->trades[slot];
        if (trade->market == market && strcmp(trade->trade_id, trade_id) == 0)
            return trade;
    }
    return NULL;
}

static void add_trade(struct keel_books *books, const struct book_trade *trade)
{
    int32_t slot = books->newest_trade == books->trades_max ? 1 : books->newest_trade + 1;
    struct book_trade *place = &books->trades[slot];
    if (books->trade_count == books->trades_max) {
        books->forgotten_ms = later(books->forgotten_ms, place->time_ms);
        keel_index_remove(&books->by_trade, hash_trade(place->market, place->trade_id),
                          (uint32_t)slot);
    } else {
        books->trade_count++;
    }
    *place = *trade;
    books->newest_trade = slot;
    keel_index_add(&books->by_trade, hash_trade(trade->market, trade->trade_id), (uint32_t)slot);
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

static bool same_sign(keel_decimal a, keel_decimal b)
{
    return keel_decimal_is_negative(a) == keel_decimal_is_negative(b);
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
    add_to(&effect.quantity, signed_rest);
    add_to(&effect.cost, paid);
    effect.cash = keel_decimal_sub(effect.cash, paid);
    return effect;
}

static struct effect effect_of(const struct keel_book_position *position,
                               const struct keel_execution *execution, bool only_closes)
{
    keel_decimal quantity = signed_quantity(execution);
    bool opens =
        keel_decimal_is_zero(position->quantity) || same_sign(position->quantity, quantity);
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

/* Does the told profit follow from our books? */
static bool pnl_agrees(const struct book_position *book, const struct effect *effect,
                       keel_decimal told)
{
    const keel_decimal unit = keel_decimal_from_raw(10000000000);
    keel_decimal allowed = unit;
    if (book->taken_over)
        allowed = keel_decimal_add(unit, keel_decimal_mul(effect->closed, unit, KEEL_ROUND_UP));
    keel_decimal gap = keel_decimal_abs(keel_decimal_sub(told, effect->pnl));
    return keel_decimal_is_valid(gap) && keel_decimal_compare(gap, allowed) <= 0;
}

static struct keel_difference judge(const struct book_position *book,
                                    const struct keel_execution *execution,
                                    const struct effect *effect)
{
    if (keel_decimal_is_positive(effect->excess)) {
        /* The venue had at least the fill's size, on the side that the fill closes. */
        keel_decimal implied = keel_decimal_neg(signed_quantity(execution));
        return difference_of(KEEL_DIFFERENCE_POSITION, execution, book->shown.quantity, implied);
    }
    if (keel_decimal_is_valid(execution->realized_pnl) &&
        !pnl_agrees(book, effect, execution->realized_pnl))
        return difference_of(KEEL_DIFFERENCE_PNL, execution, effect->pnl, execution->realized_pnl);
    return (struct keel_difference){.kind = KEEL_DIFFERENCE_NONE};
}

static void book_pnl(struct book_position *book, struct book_wallet *wallet, keel_decimal pnl)
{
    add_to(&book->shown.realized_pnl, pnl);
    add_to(&wallet->shown.wallet, pnl);
    add_to(&wallet->shown.realized_pnl, pnl);
}

static void book_fee(struct book_wallet *wallet, keel_decimal fee)
{
    KEEL_ASSERT(wallet);
    wallet->shown.wallet = keel_decimal_sub(wallet->shown.wallet, fee);
    add_to(&wallet->shown.fees, fee);
}

static bool has_fee(const struct keel_execution *execution)
{
    return keel_decimal_is_valid(execution->fee) && execution->fee_asset[0] != '\0';
}

/* The places that a fill changes, found before anything is changed. */
struct places {
    struct book_position *position;
    struct book_wallet *wallet, *fee_wallet; /* fee_wallet NULL: no fee told */
    /* Balances and positions are read one after the other, and trading goes on meanwhile: the first
     * statement of the wallet may have what that of the position has not. */
    bool in_wallet;
};

static enum keel_status find_places(struct keel_books *books,
                                    const struct keel_execution *execution, struct places *places,
                                    struct keel_error *error)
{
    places->position = take_position(books, execution->market, execution->position_side);
    places->wallet = take_wallet(books, settle_asset(books, execution->market));
    places->fee_wallet = has_fee(execution) ? take_wallet(books, execution->fee_asset) : NULL;
    if (places->position && places->wallet && (places->fee_wallet || !has_fee(execution))) {
        places->in_wallet =
            execution->time_ms != 0 && execution->time_ms <= places->wallet->start_ms;
        return KEEL_OK;
    }
    return keel_fail(error, KEEL_FULL, "%s: no room for another position or asset in the books",
                     symbol_of(books, execution->market));
}

static void touch(struct keel_books *books, const struct places *places,
                  const struct keel_execution *execution)
{
    int64_t time_ms = execution->time_ms;
    int64_t *last_ms = &books->last_execution_ms[execution->market];
    struct keel_book_position *position = &places->position->shown;
    *last_ms = later(*last_ms, time_ms);
    position->update_time_ms = later(position->update_time_ms, time_ms);
    places->wallet->shown.update_time_ms = later(places->wallet->shown.update_time_ms, time_ms);
    if (places->fee_wallet)
        places->fee_wallet->shown.update_time_ms =
            later(places->fee_wallet->shown.update_time_ms, time_ms);
}

static keel_decimal profit_to_book(const struct keel_execution *execution,
                                   const struct effect *effect)
{
    if (keel_decimal_is_valid(execution->realized_pnl))
        return execution->realized_pnl;
    return keel_decimal_round_to_digits(effect->pnl, VENUE_DIGITS, KEEL_ROUND_DOWN);
}

static void move_position(struct book_position *book, const struct effect *effect)
{
    if (keel_decimal_is_zero(effect->quantity) ||
        !same_sign(effect->quantity, book->shown.quantity))
        book->taken_over = false; /* nothing is left of what we did not see bought */
    book->shown.quantity = effect->quantity;
    book->shown.cost = effect->cost;
    add_to(&book->cash, effect->cash);
    add_to(&book->computed_pnl, effect->pnl);
}

static void commit(struct keel_books *books, const struct keel_execution *execution,
                   const struct effect *effect, const struct places *places)
{
    struct book_position *book = places->position;
    struct book_trade trade = {.market = execution->market,
                               .side = execution->position_side,
                               .booked_pnl = profit_to_book(execution, effect),
                               .pnl_told = keel_decimal_is_valid(execution->realized_pnl),
                               .fee_told = keel_decimal_is_valid(execution->fee),
                               .time_ms = execution->time_ms};
    memcpy(trade.trade_id, execution->trade_id, sizeof(trade.trade_id));
    move_position(book, effect);
    if (!places->in_wallet)
        book_pnl(book, places->wallet, trade.booked_pnl);
    if (!places->in_wallet && places->fee_wallet)
        book_fee(places->fee_wallet, execution->fee);
    touch(books, places, execution);
    add_trade(books, &trade);
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
                         symbol_of(books, execution->market), execution->trade_id);
    booked->difference = judge(places.position, execution, &effect);
    commit(books, execution, &effect, &places);
    booked->changed = true;
    if (!places_fit(&places))
        return keel_fail(error, KEEL_BROKEN, "%s: the books overflowed at execution %s",
                         symbol_of(books, execution->market), execution->trade_id);
    return KEEL_OK;
}

/* A fuller statement of a fill that is booked: the venue's profit takes the place of ours. */
static enum keel_status complete(struct keel_books *books, struct book_trade *trade,
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
        if (!pnl_agrees(places.position, &effect, execution->realized_pnl))
            booked->difference = difference_of(KEEL_DIFFERENCE_PNL, &placed, trade->booked_pnl,
                                               execution->realized_pnl);
        book_pnl(places.position, places.wallet, missing);
        trade->booked_pnl = execution->realized_pnl;
        trade->pnl_told = booked->changed = true;
    }
    if (!trade->fee_told && has_fee(execution)) {
        book_fee(places.fee_wallet, execution->fee);
        trade->fee_told = booked->changed = true;
    }
    books->counters.duplicates += !booked->changed;
    return KEEL_OK;
}

static enum keel_status check_execution(const struct keel_books *books,
                                        const struct keel_execution *execution,
                                        struct keel_error *error)
{
    if (!knows_market(books, execution->market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no market %d", execution->market);
    if (execution->trade_id[0] != '\0' && keel_decimal_is_positive(execution->quantity) &&
        keel_decimal_is_positive(execution->price) && execution->side != KEEL_SIDE_NONE)
        return KEEL_OK;
    return keel_fail(error, KEEL_MALFORMED,
                     "%s: an execution without a trade id, side, price or quantity",
                     symbol_of(books, execution->market));
}

enum keel_status keel_books_apply_execution(struct keel_books *books,
                                            const struct keel_execution *execution,
                                            bool reduce_only, struct keel_booked *booked,
                                            struct keel_error *error)
{
    *booked = (struct keel_booked){.changed = false};
    enum keel_status status = check_execution(books, execution, error);
    if (status != KEEL_OK || !books->started)
        return status;
    struct book_trade *known = find_trade(books, execution->market, execution->trade_id);
    if (known)
        return complete(books, known, execution, booked, error);

    struct keel_execution placed = *execution;
    if (placed.position_side == KEEL_POSITION_SIDE_NONE)
        placed.position_side = KEEL_NET;
    status = book_new(books, &placed, reduce_only, booked, error);
    books->counters.differences += booked->difference.kind != KEEL_DIFFERENCE_NONE;
    return status;
}

bool keel_books_know_execution(const struct keel_books *books,
                               const struct keel_execution *execution)
{
    return execution->time_ms <= books->start_ms || execution->time_ms <= books->forgotten_ms ||
           find_trade(books, execution->market, execution->trade_id);
}

enum keel_status keel_books_list_execution(struct keel_books *books,
                                           const struct keel_execution *execution, bool reduce_only,
                                           struct keel_booked *booked, struct keel_error *error)
{
    *booked = (struct keel_booked){.changed = false};
    bool known = keel_books_know_execution(books, execution);
    if (known && !find_trade(books, execution->market, execution->trade_id))
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

/* Incomes ------------------------------------------------------------------------------------ */

/* Profit and commission rows repeat what the executions said. */
static bool moves_wallet(enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_REALIZED_PNL:
    case KEEL_INCOME_COMMISSION: return false;
    case KEEL_INCOME_OTHER:
    case KEEL_INCOME_FUNDING:
    case KEEL_INCOME_TRANSFER:
    case KEEL_INCOME_INSURANCE_CLEAR: return true;
    }
    return false;
}

static bool same_payment(const struct book_income *known, const struct book_income *told)
{
    int64_t gap = known->time_ms - told->time_ms;
    return known->kind == told->kind && known->asset == told->asset &&
           keel_decimal_equals(known->amount, told->amount) &&
           (known->market == told->market || known->market == KEEL_NO_MARKET ||
            told->market == KEEL_NO_MARKET) &&
           gap <= KEEL_INCOME_WINDOW_MS && gap >= -KEEL_INCOME_WINDOW_MS;
}

/* The same statement again: by its id or, in the stream, which has none, by all that it says. */
static bool is_repeat(const struct book_income *known, const struct book_income *told)
{
    if (told->id[0] != '\0')
        return known->kind == told->kind && known->asset == told->asset &&
               strcmp(known->id, told->id) == 0;
    return known->streamed && known->time_ms == told->time_ms && known->market == told->market &&
           same_payment(known, told);
}

/* The other statement of the payment, which each has only once. */
static bool is_other_half(const struct book_income *known, const struct book_income *told)
{
    bool free = told->id[0] != '\0' ? known->id[0] == '\0' : !known->streamed;
    return free && same_payment(known, told);
}

static struct book_income *
find_income(const struct keel_books *books, const struct book_income *told,
            bool (*matches)(const struct book_income *, const struct book_income *))
{
    int32_t slot = books->newest_income;
    for (int32_t i = 0; i < books->income_count; i++) {
        if (matches(&books->incomes[slot], told))
            return &books->incomes[slot];
        slot = slot == 1 ? books->incomes_max : slot - 1;
    }
    return NULL;
}

static void add_income(struct keel_books *books, const struct book_income *income)
{
    int32_t slot = books->newest_income == books->incomes_max ? 1 : books->newest_income + 1;
    if (books->income_count < books->incomes_max)
        books->income_count++;
    books->incomes[slot] = *income;
    books->newest_income = slot;
}

static keel_decimal *category_of(struct keel_book_wallet *wallet, enum keel_income_kind kind)
{
    switch (kind) {
    case KEEL_INCOME_FUNDING: return &wallet->funding;
    case KEEL_INCOME_TRANSFER: return &wallet->transfers;
    case KEEL_INCOME_OTHER:
    case KEEL_INCOME_INSURANCE_CLEAR:
    case KEEL_INCOME_REALIZED_PNL:
    case KEEL_INCOME_COMMISSION: break;
    }
    return &wallet->other;
}

/* In hedge mode the row does not say which leg paid, so it is shown with the leg that has one. */
static void show_funding(struct keel_books *books, const struct keel_income *income)
{
    if (income->kind != KEEL_INCOME_FUNDING || !knows_market(books, income->market))
        return;
    for (int leg = KEEL_NET; leg <= KEEL_SHORT; leg++) {
        int32_t at = books->position_at[income->market][leg];
        if (at == 0)
            continue;
        add_to(&books->positions[at].shown.funding, income->amount);
        return;
    }
}

static enum keel_status book_income(struct keel_books *books, const struct keel_income *income,
                                    struct book_wallet *wallet, const struct book_income *entry,
                                    struct keel_error *error)
{
    keel_decimal sum = keel_decimal_add(wallet->shown.wallet, income->amount);
    if (!keel_decimal_is_valid(sum))
        return keel_fail(error, KEEL_OVERFLOW, "%s: an income of kind %s does not fit",
                         income->asset, income->name);
    wallet->shown.wallet = sum;
    add_to(category_of(&wallet->shown, income->kind), income->amount);
    wallet->shown.update_time_ms = later(wallet->shown.update_time_ms, income->time_ms);
    show_funding(books, income);
    add_income(books, entry);
    books->counters.incomes++;
    return KEEL_OK;
}

static struct book_income entry_of(const struct keel_books *books, const struct keel_income *income)
{
    struct book_income entry = {
        .market = income->market,
        .kind = income->kind,
        .asset = keel_balances_find(&books->assets, keel_str_from(income->asset)),
        .amount = income->amount,
        .streamed = income->id[0] == '\0',
        .listed = income->id[0] != '\0',
        .time_ms = income->time_ms};
    memcpy(entry.id, income->id, sizeof(entry.id));
    return entry;
}

enum keel_status keel_books_apply_income(struct keel_books *books, const struct keel_income *income,
                                         struct keel_booked *booked, struct keel_error *error)
{
    *booked = (struct keel_booked){.changed = false};
    if (income->asset[0] == '\0' || !keel_decimal_is_valid(income->amount))
        return keel_fail(error, KEEL_MALFORMED, "an income without an asset or an amount");
    if (!books->started || !moves_wallet(income->kind))
        return KEEL_OK;
    struct book_wallet *wallet = take_wallet(books, income->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         income->asset);
    if (income->time_ms <= wallet->start_ms)
        return KEEL_OK;

    struct book_income entry = entry_of(books, income);
    if (find_income(books, &entry, is_repeat)) {
        books->counters.duplicates++;
        return KEEL_OK;
    }
    struct book_income *half = find_income(books, &entry, is_other_half);
    if (half) {
        half->streamed |= entry.streamed;
        half->listed |= entry.listed;
        if (entry.id[0] != '\0')
            memcpy(half->id, entry.id, sizeof(half->id));
        return KEEL_OK;
    }
    enum keel_status status = book_income(books, income, wallet, &entry, error);
    booked->changed = status == KEEL_OK;
    return status;
}

enum keel_status keel_books_list_income(struct keel_books *books, const struct keel_income *income,
                                        struct keel_booked *booked, struct keel_error *error)
{
    enum keel_status status = keel_books_apply_income(books, income, booked, error);
    if (status != KEEL_OK || !booked->changed)
        return status;
    booked->difference = (struct keel_difference){.kind = KEEL_DIFFERENCE_INCOME,
                                                  .market = income->market,
                                                  .ours = KEEL_DECIMAL_ZERO,
                                                  .venues = income->amount,
                                                  .time_ms = income->time_ms};
    memcpy(booked->difference.asset, income->asset, sizeof(booked->difference.asset));
    memcpy(booked->difference.id, income->id, sizeof(booked->difference.id));
    books->counters.differences++;
    return KEEL_OK;
}

/* Comparing ---------------------------------------------------------------------------------- */

static void add_difference(struct keel_differences *differences,
                           const struct keel_difference *difference)
{
    if (differences->count < KEEL_DIFFERENCES_MAX)
        differences->at[differences->count++] = *difference;
    else
        differences->more++;
}

/* Does a statement speak of what we booked last? Its row may say so, or when it was asked for. */
static bool is_recent(int64_t row_ms, int64_t asked_ms, int64_t booked_ms)
{
    if (row_ms == 0 && asked_ms == 0)
        return true;
    return row_ms >= booked_ms || (asked_ms != 0 && asked_ms >= booked_ms);
}

static int64_t row_time_ms(const struct keel_event *row)
{
    int64_t time_ms = row->kind == KEEL_EVENT_POSITION ? row->position.update_time_ms
                                                       : row->balance.update_time_ms;
    return time_ms != 0 ? time_ms : row->time_ms;
}

static void compare_position(const struct keel_books *books, keel_market_id market,
                             enum keel_position_side side, keel_decimal theirs, int64_t row_ms,
                             int64_t asked_ms, struct keel_differences *differences)
{
    const struct keel_book_position *position = keel_books_find_position(books, market, side);
    keel_decimal ours = position ? position->quantity : KEEL_DECIMAL_ZERO;
    if (keel_decimal_equals(ours, theirs) ||
        (position && !is_recent(row_ms, asked_ms, position->update_time_ms)))
        return;
    struct keel_difference difference = {.kind = KEEL_DIFFERENCE_POSITION,
                                         .market = market,
                                         .side = side,
                                         .ours = ours,
                                         .venues = theirs,
                                         .time_ms = row_ms != 0 ? row_ms : asked_ms};
    add_difference(differences, &difference);
}

static void compare_wallet(const struct keel_books *books, const char *asset, keel_decimal theirs,
                           int64_t row_ms, int64_t asked_ms, struct keel_differences *differences)
{
    const struct keel_book_wallet *wallet = keel_books_find_wallet(books, keel_str_from(asset));
    keel_decimal ours = wallet ? wallet->wallet : KEEL_DECIMAL_ZERO;
    if (keel_decimal_equals(ours, theirs) ||
        (wallet && !is_recent(row_ms, asked_ms, wallet->update_time_ms)))
        return;
    struct keel_difference difference = {.kind = KEEL_DIFFERENCE_WALLET,
                                         .ours = ours,
                                         .venues = theirs,
                                         .time_ms = row_ms != 0 ? row_ms : asked_ms};
    memcpy(difference.asset, asset, strlen(asset) + 1);
    add_difference(differences, &difference);
}

/* The rows of one snapshot, and when it was asked for. */
struct span {
    const struct keel_event *at;
    int32_t count;
    struct keel_snapshot snapshot;
    int64_t asked_ms;
};

static bool span_has_position(const struct span *span, keel_market_id market,
                              enum keel_position_side side)
{
    for (int32_t i = 0; i < span->count; i++) {
        const struct keel_event *row = &span->at[i];
        if (row->kind == KEEL_EVENT_POSITION && row->position.market == market &&
            row->position.side == side)
            return true;
    }
    return false;
}

static bool span_has_asset(const struct span *span, const char *asset)
{
    for (int32_t i = 0; i < span->count; i++) {
        const struct keel_event *row = &span->at[i];
        if (row->kind == KEEL_EVENT_BALANCE && strcmp(row->balance.asset, asset) == 0)
            return true;
    }
    return false;
}

/* What a complete snapshot leaves out is nothing there. */
static void compare_left_out(const struct keel_books *books, const struct span *span,
                             struct keel_differences *differences)
{
    const struct keel_book_position *position = NULL;
    const struct keel_book_wallet *wallet = NULL;
    if (span->snapshot.kind == KEEL_SNAPSHOT_POSITIONS) {
        while ((position = keel_books_next_position(books, position)) != NULL) {
            bool covered = span->snapshot.market == KEEL_NO_MARKET ||
                           span->snapshot.market == position->market;
            if (covered && !span_has_position(span, position->market, position->side))
                compare_position(books, position->market, position->side, KEEL_DECIMAL_ZERO, 0,
                                 span->asked_ms, differences);
        }
    }
    if (span->snapshot.kind == KEEL_SNAPSHOT_BALANCES) {
        while ((wallet = keel_books_next_wallet(books, wallet)) != NULL) {
            if (!span_has_asset(span, wallet->asset))
                compare_wallet(books, wallet->asset, KEEL_DECIMAL_ZERO, 0, span->asked_ms,
                               differences);
        }
    }
}

static void compare_span(const struct keel_books *books, const struct span *span,
                         struct keel_differences *differences)
{
    for (int32_t i = 0; i < span->count; i++) {
        const struct keel_event *row = &span->at[i];
        if (row->kind == KEEL_EVENT_POSITION && knows_market(books, row->position.market))
            compare_position(books, row->position.market, row->position.side,
                             row->position.quantity, row_time_ms(row), span->asked_ms, differences);
        else if (row->kind == KEEL_EVENT_BALANCE)
            compare_wallet(books, row->balance.asset, row->balance.wallet, row_time_ms(row),
                           span->asked_ms, differences);
    }
    compare_left_out(books, span, differences);
}

void keel_books_compare(const struct keel_books *books, const struct keel_events *events,
                        struct keel_differences *differences)
{
    differences->count = differences->more = 0;
    struct span span = {.at = NULL};
    for (int32_t i = 0; i < events->count && books->started; i++) {
        const struct keel_event *event = &events->at[i];
        if (event->kind == KEEL_EVENT_SNAPSHOT_BEGIN)
            span = (struct span){event + 1, 0, event->snapshot, event->time_ms};
        if (event->kind != KEEL_EVENT_SNAPSHOT_END || !span.at)
            continue;
        span.count = (int32_t)(event - span.at);
        compare_span(books, &span, differences);
        span.at = NULL;
    }
}

/* Healing ------------------------------------------------------------------------------------ */

static enum keel_status heal_position(struct keel_books *books,
                                      const struct keel_difference *difference,
                                      keel_decimal entry_price, struct keel_error *error)
{
    struct book_position *book = take_position(books, difference->market, difference->side);
    if (!book)
        return keel_fail(error, KEEL_FULL, "%s: no room for another position in the books",
                         symbol_of(books, difference->market));
    struct keel_book_position *shown = &book->shown;
    keel_decimal theirs = difference->venues, cost = KEEL_DECIMAL_ABSENT;
    if (keel_decimal_is_zero(theirs))
        cost = KEEL_DECIMAL_ZERO;
    else if (keel_decimal_is_valid(entry_price))
        cost = keel_decimal_mul(theirs, entry_price, KEEL_ROUND_HALF_EVEN);
    else if (same_sign(theirs, shown->quantity))
        cost = keel_decimal_mul_div(shown->cost, theirs, shown->quantity, KEEL_ROUND_HALF_EVEN);
    if (!keel_decimal_is_valid(cost))
        return keel_fail(error, KEEL_INVALID, "%s: taking over a position needs its entry price",
                         symbol_of(books, difference->market));
    book->cash = keel_decimal_sub(book->cash, keel_decimal_sub(cost, shown->cost));
    shown->quantity = theirs;
    shown->cost = cost;
    shown->update_time_ms = later(shown->update_time_ms, difference->time_ms);
    book->taken_over = !keel_decimal_is_zero(theirs);
    return KEEL_OK;
}

static enum keel_status heal_wallet(struct keel_books *books,
                                    const struct keel_difference *difference,
                                    struct keel_error *error)
{
    struct book_wallet *wallet = take_wallet(books, difference->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         difference->asset);
    struct keel_book_wallet *shown = &wallet->shown;
    add_to(&shown->other, keel_decimal_sub(difference->venues, shown->wallet));
    shown->wallet = difference->venues;
    shown->update_time_ms = later(shown->update_time_ms, difference->time_ms);
    return KEEL_OK;
}

enum keel_status keel_books_heal(struct keel_books *books, const struct keel_difference *difference,
                                 keel_decimal entry_price, struct keel_error *error)
{
    enum keel_status status = KEEL_INVALID;
    if (difference->kind == KEEL_DIFFERENCE_POSITION && knows_market(books, difference->market))
        status = heal_position(books, difference, entry_price, error);
    else if (difference->kind == KEEL_DIFFERENCE_WALLET)
        status = heal_wallet(books, difference, error);
    else
        return keel_fail(error, KEEL_INVALID, "a difference of kind %s is not healed by hand",
                         keel_difference_kind_name(difference->kind));
    books->counters.differences += status == KEEL_OK;
    return status;
}

/* Reading ------------------------------------------------------------------------------------ */

const struct keel_book_position *keel_books_find_position(const struct keel_books *books,
                                                          keel_market_id market,
                                                          enum keel_position_side side)
{
    int32_t at = knows_market(books, market) ? books->position_at[market][side] : 0;
    return at == 0 ? NULL : &books->positions[at].shown;
}

const struct keel_book_wallet *keel_books_find_wallet(const struct keel_books *books,
                                                      keel_str asset)
{
    int32_t number = keel_balances_find(&books->assets, asset);
    return number == 0 ? NULL : &books->wallets[number].shown;
}

const struct keel_book_position *keel_books_next_position(const struct keel_books *books,
                                                          const struct keel_book_position *after)
{
    ptrdiff_t number = 1;
    if (after)
        number = (const struct book_position *)after - books->positions + 1;
    return number <= books->position_count ? &books->positions[number].shown : NULL;
}

const struct keel_book_wallet *keel_books_next_wallet(const struct keel_books *books,
                                                      const struct keel_book_wallet *after)
{
    ptrdiff_t number = 1;
    if (after)
        number = (const struct book_wallet *)after - books->wallets + 1;
    return number <= books->assets.count ? &books->wallets[number].shown : NULL;
}

keel_decimal keel_book_position_entry_price(const struct keel_book_position *position)
{
    return keel_decimal_div(position->cost, position->quantity, KEEL_ROUND_HALF_EVEN);
}

int64_t keel_books_last_execution_ms(const struct keel_books *books, keel_market_id market)
{
    return knows_market(books, market) ? books->last_execution_ms[market] : 0;
}

struct keel_books_counters keel_books_counters(const struct keel_books *books)
{
    return books->counters;
}

/* Audit -------------------------------------------------------------------------------------- */

/* Cash and cost are two sides of each fill, so what is left of them is the profit. */
static enum keel_status audit_position(const struct keel_books *books,
                                       const struct book_position *book, struct keel_error *error)
{
    const struct keel_book_position *shown = &book->shown;
    if (keel_decimal_is_zero(shown->quantity) != keel_decimal_is_zero(shown->cost))
        return keel_fail(error, KEEL_BROKEN,
                         "%s: what is flat has a cost, or what is held has none",
                         symbol_of(books, shown->market));
    if (!keel_decimal_equals(keel_decimal_add(book->cash, shown->cost), book->computed_pnl))
        return keel_fail(error, KEEL_BROKEN, "%s: cash and cost are not the profit",
                         symbol_of(books, shown->market));
    return KEEL_OK;
}

static enum keel_status audit_wallet(const struct book_wallet *wallet, struct keel_error *error)
{
    const struct keel_book_wallet *shown = &wallet->shown;
    keel_decimal sum = keel_decimal_add(wallet->start, shown->realized_pnl);
    sum = keel_decimal_sub(sum, shown->fees);
    add_to(&sum, shown->funding);
    add_to(&sum, shown->transfers);
    add_to(&sum, shown->other);
    if (keel_decimal_equals(sum, shown->wallet))
        return KEEL_OK;
    return keel_fail(error, KEEL_BROKEN, "%s: the wallet is not the sum of its parts",
                     shown->asset);
}

enum keel_status keel_books_audit(const struct keel_books *books, struct keel_error *error)
{
    for (int32_t i = 1; i <= books->position_count; i++) {
        enum keel_status status = audit_position(books, &books->positions[i], error);
        if (status != KEEL_OK)
            return status;
    }
    for (int32_t i = 1; i <= books->assets.count; i++) {
        enum keel_status status = audit_wallet(&books->wallets[i], error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

const char *keel_difference_kind_name(enum keel_difference_kind kind)
{
    switch (kind) {
    case KEEL_DIFFERENCE_NONE: return "none";
    case KEEL_DIFFERENCE_EXECUTION: return "execution";
    case KEEL_DIFFERENCE_INCOME: return "income";
    case KEEL_DIFFERENCE_POSITION: return "position";
    case KEEL_DIFFERENCE_WALLET: return "wallet";
    case KEEL_DIFFERENCE_ORDER: return "order";
    case KEEL_DIFFERENCE_PNL: return "pnl";
    }
    return "none";
}
