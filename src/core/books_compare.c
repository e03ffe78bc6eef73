#include "core/books_state.h"

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

/* What the venue rounded otherwise than we did is settled by what it states. */
static bool settle_slack(struct keel_books *books, const char *asset, keel_decimal theirs)
{
    struct keel_book_wallet_slot *wallet = keel_books_take_wallet(books, asset);
    keel_decimal gap = keel_decimal_sub(theirs, wallet ? wallet->shown.wallet : theirs);
    if (!wallet || !keel_decimal_is_valid(gap) ||
        keel_decimal_compare(keel_decimal_abs(gap), wallet->slack) > 0)
        return false;
    keel_add_to(&wallet->shown.realized_pnl, gap);
    wallet->shown.wallet = theirs;
    wallet->slack = KEEL_DECIMAL_ZERO;
    return true;
}

static void compare_wallet(struct keel_books *books, const char *asset, keel_decimal theirs,
                           int64_t row_ms, int64_t asked_ms, struct keel_differences *differences)
{
    const struct keel_book_wallet *wallet = keel_books_find_wallet(books, keel_str_from(asset));
    keel_decimal ours = wallet ? wallet->wallet : KEEL_DECIMAL_ZERO;
    if (keel_decimal_equals(ours, theirs) ||
        (wallet && !is_recent(row_ms, asked_ms, wallet->update_time_ms)) ||
        (wallet && settle_slack(books, wallet->asset, theirs)))
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
static void compare_left_out(struct keel_books *books, const struct span *span,
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

static void compare_span(struct keel_books *books, const struct span *span,
                         struct keel_differences *differences)
{
    for (int32_t i = 0; i < span->count; i++) {
        const struct keel_event *row = &span->at[i];
        if (row->kind == KEEL_EVENT_POSITION && keel_books_know_market(books, row->position.market))
            compare_position(books, row->position.market, row->position.side,
                             row->position.quantity, row_time_ms(row), span->asked_ms, differences);
        else if (row->kind == KEEL_EVENT_BALANCE)
            compare_wallet(books, row->balance.asset, row->balance.wallet, row_time_ms(row),
                           span->asked_ms, differences);
    }
    compare_left_out(books, span, differences);
}

void keel_books_compare(struct keel_books *books, const struct keel_events *events,
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
    struct keel_book_position_slot *book =
        keel_books_take_position(books, difference->market, difference->side);
    if (!book)
        return keel_fail(error, KEEL_FULL, "%s: no room for another position in the books",
                         keel_books_symbol(books, difference->market));
    struct keel_book_position *shown = &book->shown;
    keel_decimal theirs = difference->venues, cost = KEEL_DECIMAL_ABSENT;
    if (keel_decimal_is_zero(theirs))
        cost = KEEL_DECIMAL_ZERO;
    else if (keel_decimal_is_valid(entry_price))
        cost = keel_decimal_mul(theirs, entry_price, KEEL_ROUND_HALF_EVEN);
    else if (keel_same_sign(theirs, shown->quantity))
        cost = keel_decimal_mul_div(shown->cost, theirs, shown->quantity, KEEL_ROUND_HALF_EVEN);
    if (!keel_decimal_is_valid(cost))
        return keel_fail(error, KEEL_INVALID, "%s: taking over a position needs its entry price",
                         keel_books_symbol(books, difference->market));
    book->cash = keel_decimal_sub(book->cash, keel_decimal_sub(cost, shown->cost));
    shown->quantity = theirs;
    shown->cost = cost;
    shown->update_time_ms = keel_later_ms(shown->update_time_ms, difference->time_ms);
    book->taken_over = !keel_decimal_is_zero(theirs);
    return KEEL_OK;
}

static enum keel_status heal_wallet(struct keel_books *books,
                                    const struct keel_difference *difference,
                                    struct keel_error *error)
{
    struct keel_book_wallet_slot *wallet = keel_books_take_wallet(books, difference->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         difference->asset);
    struct keel_book_wallet *shown = &wallet->shown;
    keel_add_to(&shown->other, keel_decimal_sub(difference->venues, shown->wallet));
    shown->wallet = difference->venues;
    wallet->slack = KEEL_DECIMAL_ZERO;
    shown->update_time_ms = keel_later_ms(shown->update_time_ms, difference->time_ms);
    return KEEL_OK;
}

enum keel_status keel_books_heal(struct keel_books *books, const struct keel_difference *difference,
                                 keel_decimal entry_price, struct keel_error *error)
{
    enum keel_status status = KEEL_INVALID;
    if (difference->kind == KEEL_DIFFERENCE_POSITION &&
        keel_books_know_market(books, difference->market))
        status = heal_position(books, difference, entry_price, error);
    else if (difference->kind == KEEL_DIFFERENCE_WALLET)
        status = heal_wallet(books, difference, error);
    else
        return keel_fail(error, KEEL_INVALID, "a difference of kind %s is not healed by hand",
                         keel_difference_kind_name(difference->kind));
    books->counters.differences += status == KEEL_OK;
    return status;
}
