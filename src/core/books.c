#include "core/books.h"

#include "base/memory.h"
#include "core/books_state.h"

#include <stdlib.h>

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
    books->money_digits = or_default(config->money_digits, KEEL_BOOKS_MONEY_DIGITS);
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

/* Start -------------------------------------------------------------------------------------- */

static enum keel_status start_balance(struct keel_books *books, const struct keel_balance *balance,
                                      struct keel_error *error)
{
    struct keel_book_wallet_slot *wallet = keel_books_take_wallet(books, balance->asset);
    if (!wallet)
        return keel_fail(error, KEEL_FULL, "%s: no room for another asset in the books",
                         balance->asset);
    wallet->shown.wallet = wallet->start = balance->wallet;
    /* The row itself may tell how new it is: later than when it was asked for. */
    wallet->start_ms = keel_later_ms(books->start_ms, balance->update_time_ms);
    wallet->shown.update_time_ms = wallet->start_ms;
    return KEEL_OK;
}

static enum keel_status start_position(struct keel_books *books,
                                       const struct keel_position *position,
                                       struct keel_error *error)
{
    if (!keel_decimal_is_valid(position->quantity) || keel_decimal_is_zero(position->quantity))
        return KEEL_OK;
    struct keel_book_position_slot *book =
        keel_books_take_position(books, position->market, position->side);
    if (!book)
        return keel_fail(error, KEEL_FULL, "%s: no room for another position in the books",
                         keel_books_symbol(books, position->market));
    keel_decimal cost =
        keel_decimal_mul(position->quantity, position->entry_price, KEEL_ROUND_HALF_EVEN);
    if (!keel_decimal_is_valid(cost))
        return keel_fail(error, KEEL_MALFORMED, "%s: a position without an entry price",
                         keel_books_symbol(books, position->market));
    book->shown.quantity = position->quantity;
    book->shown.cost = cost;
    book->cash = keel_decimal_neg(cost);
    book->start_ms = keel_later_ms(books->start_ms, position->update_time_ms);
    book->shown.update_time_ms = book->start_ms;
    book->taken_over = true;
    return KEEL_OK;
}

enum keel_status keel_books_start(struct keel_books *books, const struct keel_events *events,
                                  int64_t time_ms, struct keel_error *error)
{
    books->start_ms = keel_later_ms(books->start_ms, time_ms);
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        enum keel_status status = KEEL_OK;
        if (event->kind == KEEL_EVENT_BALANCE)
            status = start_balance(books, &event->balance, error);
        else if (event->kind == KEEL_EVENT_POSITION &&
                 keel_books_know_market(books, event->position.market))
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

/* Reading ------------------------------------------------------------------------------------ */

const struct keel_book_position *keel_books_find_position(const struct keel_books *books,
                                                          keel_market_id market,
                                                          enum keel_position_side side)
{
    int32_t at = keel_books_know_market(books, market) ? books->position_at[market][side] : 0;
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
        number = (const struct keel_book_position_slot *)after - books->positions + 1;
    return number <= books->position_count ? &books->positions[number].shown : NULL;
}

const struct keel_book_wallet *keel_books_next_wallet(const struct keel_books *books,
                                                      const struct keel_book_wallet *after)
{
    ptrdiff_t number = 1;
    if (after)
        number = (const struct keel_book_wallet_slot *)after - books->wallets + 1;
    return number <= books->assets.count ? &books->wallets[number].shown : NULL;
}

keel_decimal keel_book_position_entry_price(const struct keel_book_position *position)
{
    return keel_decimal_div(position->cost, position->quantity, KEEL_ROUND_HALF_EVEN);
}

int64_t keel_books_last_execution_ms(const struct keel_books *books, keel_market_id market)
{
    return keel_books_know_market(books, market) ? books->last_execution_ms[market] : 0;
}

struct keel_books_counters keel_books_counters(const struct keel_books *books)
{
    return books->counters;
}

/* Audit -------------------------------------------------------------------------------------- */

/* Cash and cost are two sides of each fill, so what is left of them is the profit. */
static enum keel_status audit_position(const struct keel_books *books,
                                       const struct keel_book_position_slot *book,
                                       struct keel_error *error)
{
    const struct keel_book_position *shown = &book->shown;
    if (keel_decimal_is_zero(shown->quantity) != keel_decimal_is_zero(shown->cost))
        return keel_fail(error, KEEL_BROKEN,
                         "%s: what is flat has a cost, or what is held has none",
                         keel_books_symbol(books, shown->market));
    if (!keel_decimal_equals(keel_decimal_add(book->cash, shown->cost), book->computed_pnl))
        return keel_fail(error, KEEL_BROKEN, "%s: cash and cost are not the profit",
                         keel_books_symbol(books, shown->market));
    return KEEL_OK;
}

static enum keel_status audit_wallet(const struct keel_book_wallet_slot *wallet,
                                     struct keel_error *error)
{
    const struct keel_book_wallet *shown = &wallet->shown;
    keel_decimal sum = keel_decimal_add(wallet->start, shown->realized_pnl);
    keel_add_to(&sum, shown->traded);
    sum = keel_decimal_sub(sum, shown->fees);
    keel_add_to(&sum, shown->funding);
    keel_add_to(&sum, shown->transfers);
    keel_add_to(&sum, shown->other);
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
