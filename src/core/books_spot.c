#include "core/books_state.h"

/* One asset that a fill moves. */
struct movement {
    struct keel_book_wallet_slot *wallet;
    keel_decimal amount; /* signed: positive comes in */
    bool in_wallet;      /* its first statement has the fill already */
};

enum {
    BASE,
    QUOTE,
    FEE,
    MOVEMENTS,
};

static keel_decimal paid_in_quote(const struct keel_execution *execution)
{
    if (keel_decimal_is_positive(execution->quote_quantity))
        return execution->quote_quantity;
    return keel_decimal_mul(execution->price, execution->quantity, KEEL_ROUND_HALF_EVEN);
}

/* The places of a fill, found before anything is changed. A fill without a fee has no third. */
static enum keel_status find_movements(struct keel_books *books,
                                       const struct keel_execution *execution,
                                       struct movement movements[MOVEMENTS],
                                       struct keel_error *error)
{
    const struct keel_market *rules = keel_markets_get(books->markets, execution->market);
    bool buys = execution->side == KEEL_BUY, has_fee = keel_execution_has_fee(execution);
    keel_decimal quote = paid_in_quote(execution);
    const char *assets[MOVEMENTS] = {rules->base, rules->quote,
                                     has_fee ? execution->fee_asset : NULL};
    const keel_decimal amounts[MOVEMENTS] = {
        buys ? execution->quantity : keel_decimal_neg(execution->quantity),
        buys ? keel_decimal_neg(quote) : quote,
        has_fee ? execution->fee : KEEL_DECIMAL_ZERO,
    };

    for (int i = 0; i < MOVEMENTS; i++) {
        movements[i] = (struct movement){.amount = amounts[i]};
        if (!assets[i])
            continue;
        movements[i].wallet = keel_books_take_wallet(books, assets[i]);
        if (!movements[i].wallet)
            return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                             assets[i]);
        movements[i].in_wallet =
            execution->time_ms != 0 && execution->time_ms <= movements[i].wallet->start_ms;
    }
    return KEEL_OK;
}

static bool movement_fits(const struct movement *movement)
{
    return !movement->wallet || keel_decimal_is_valid(keel_decimal_add(
                                    movement->wallet->shown.wallet, movement->amount));
}

static void touch(struct keel_book_wallet_slot *wallet, int64_t time_ms)
{
    wallet->shown.update_time_ms = keel_later_ms(wallet->shown.update_time_ms, time_ms);
}

static void move(const struct movement *movement, int64_t time_ms)
{
    struct keel_book_wallet *shown = &movement->wallet->shown;
    if (movement->in_wallet)
        return;
    keel_add_to(&shown->wallet, movement->amount);
    keel_add_to(&shown->traded, movement->amount);
    touch(movement->wallet, time_ms);
}

static void pay(const struct movement *fee, int64_t time_ms)
{
    if (!fee->wallet || fee->in_wallet)
        return;
    keel_books_take_fee(fee->wallet, fee->amount);
    touch(fee->wallet, time_ms);
}

static void remember(struct keel_books *books, const struct keel_execution *execution)
{
    struct keel_book_trade trade = {.market = execution->market,
                                    .taken = execution->side,
                                    .side = KEEL_NET,
                                    .booked_pnl = KEEL_DECIMAL_ZERO,
                                    .pnl_told = true,
                                    .fee_told = keel_decimal_is_valid(execution->fee),
                                    .time_ms = execution->time_ms};
    int64_t *last_ms = &books->last_execution_ms[execution->market];
    memcpy(trade.trade_id, execution->trade_id, sizeof(trade.trade_id));
    keel_books_add_trade(books, &trade);
    *last_ms = keel_later_ms(*last_ms, execution->time_ms);
    books->counters.executions++;
}

enum keel_status keel_books_trade(struct keel_books *books, const struct keel_execution *execution,
                                  struct keel_booked *booked, struct keel_error *error)
{
    struct movement movements[MOVEMENTS];
    enum keel_status status = find_movements(books, execution, movements, error);
    if (status != KEEL_OK)
        return status;
    if (movements[BASE].in_wallet && movements[QUOTE].in_wallet)
        return KEEL_OK; /* in the first statement already */
    for (int i = 0; i < MOVEMENTS; i++) {
        if (!movement_fits(&movements[i]))
            return keel_fail(error, KEEL_OVERFLOW, "%s: execution %s does not fit into the books",
                             keel_books_symbol(books, execution->market), execution->trade_id);
    }
    move(&movements[BASE], execution->time_ms);
    move(&movements[QUOTE], execution->time_ms);
    pay(&movements[FEE], execution->time_ms);
    remember(books, execution);
    booked->changed = true;
    return KEEL_OK;
}

enum keel_status keel_books_complete_trade(struct keel_books *books, struct keel_book_trade *trade,
                                           const struct keel_execution *execution,
                                           struct keel_booked *booked, struct keel_error *error)
{
    struct movement movements[MOVEMENTS];
    enum keel_status status = find_movements(books, execution, movements, error);
    if (status != KEEL_OK)
        return status;
    if (!trade->fee_told && movements[FEE].wallet) {
        pay(&movements[FEE], execution->time_ms);
        trade->fee_told = booked->changed = true;
    }
    books->counters.duplicates += !booked->changed;
    return KEEL_OK;
}
