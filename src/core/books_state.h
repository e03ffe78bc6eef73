/* books_state.h - what the books are made of, for the files that write them: books, books_fills,
 * books_spot, books_incomes, books_compare. Others use books.h. */
#ifndef KEEL_CORE_BOOKS_STATE_H
#define KEEL_CORE_BOOKS_STATE_H

#include "core/balances.h"
#include "core/books.h"
#include "core/index.h"
#include "core/orders.h"

struct keel_book_position_slot {
    struct keel_book_position shown; /* first: its address is the slot's */
    keel_decimal cash;               /* received less paid for it; see audit */
    keel_decimal computed_pnl;       /* by our own arithmetic */
    int64_t start_ms;                /* fills up to it are in the first statement */
    bool taken_over;                 /* its cost comes from an entry price that the venue rounded */
};

struct keel_book_wallet_slot {
    struct keel_book_wallet shown; /* first */
    keel_decimal start;            /* what the first statement said */
    int64_t start_ms;              /* what happened up to it is in the first statement */
    keel_decimal slack;            /* by which the venue may have rounded otherwise than we */
};

struct keel_book_trade {
    keel_market_id market;
    enum keel_side taken; /* who trades with himself has two of one id */
    enum keel_position_side side;
    char trade_id[KEEL_ORDER_ID_SIZE];
    keel_decimal booked_pnl, slack;
    bool pnl_told, fee_told;
    int64_t time_ms;
};

/* One payment, of which the stream and the list may both tell. */
struct keel_book_income {
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
    int money_digits;
    bool started;
    int64_t start_ms;

    struct keel_book_position_slot *positions; /* 1 to position_count */
    int32_t positions_max, position_count;
    int32_t (*position_at)[KEEL_LEGS]; /* by market and leg; 0: never held */
    int64_t *last_execution_ms;        /* by market */

    struct keel_book_wallet_slot *wallets; /* by asset number */
    struct keel_balances assets;           /* for its numbers alone */

    struct keel_book_trade *trades; /* a ring: slots 1 to trades_max */
    struct keel_index by_trade;
    int32_t trades_max, trade_count, newest_trade;
    int64_t forgotten_ms; /* the time of the newest trade that made room */

    struct keel_book_income *incomes; /* a ring */
    int32_t incomes_max, income_count, newest_income;

    struct keel_books_counters counters;
};

static inline bool keel_books_know_market(const struct keel_books *books, keel_market_id market)
{
    return market != KEEL_NO_MARKET && market <= keel_markets_count(books->markets);
}

static inline const char *keel_books_symbol(const struct keel_books *books, keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(books->markets, market);
    return rules ? rules->symbol : "?";
}

static inline const char *keel_books_settle_asset(const struct keel_books *books,
                                                  keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(books->markets, market);
    return rules && rules->settle[0] != '\0' ? rules->settle : "USDT";
}

static inline int64_t keel_later_ms(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline void keel_add_to(keel_decimal *sum, keel_decimal value)
{
    *sum = keel_decimal_add(*sum, value);
}

static inline bool keel_same_sign(keel_decimal a, keel_decimal b)
{
    return keel_decimal_is_negative(a) == keel_decimal_is_negative(b);
}

static inline bool keel_execution_has_fee(const struct keel_execution *execution)
{
    return keel_decimal_is_valid(execution->fee) && execution->fee_asset[0] != '\0';
}

/* NULL: full. */
static inline struct keel_book_position_slot *keel_books_take_position(struct keel_books *books,
                                                                       keel_market_id market,
                                                                       enum keel_position_side side)
{
    int32_t *at = &books->position_at[market][side];
    if (*at == 0) {
        if (books->position_count == books->positions_max)
            return NULL;
        *at = ++books->position_count;
        books->positions[*at] = (struct keel_book_position_slot){
            .shown = {.market = market, .side = side},
              .start_ms = books->start_ms
        };
    }
    return &books->positions[*at];
}

/* NULL: full. */
static inline struct keel_book_wallet_slot *keel_books_take_wallet(struct keel_books *books,
                                                                   const char *asset)
{
    int32_t number = keel_balances_intern(&books->assets, asset);
    if (number == 0)
        return NULL;
    struct keel_book_wallet_slot *wallet = &books->wallets[number];
    if (wallet->shown.asset[0] == '\0')
        memcpy(wallet->shown.asset, asset, strlen(asset) + 1);
    wallet->start_ms = keel_later_ms(wallet->start_ms, books->start_ms);
    return wallet;
}

static inline void keel_books_take_fee(struct keel_book_wallet_slot *wallet, keel_decimal fee)
{
    KEEL_ASSERT(wallet);
    wallet->shown.wallet = keel_decimal_sub(wallet->shown.wallet, fee);
    keel_add_to(&wallet->shown.fees, fee);
}

static inline bool keel_books_is_spot(const struct keel_books *books, keel_market_id market)
{
    return keel_markets_get(books->markets, market)->product == KEEL_PRODUCT_SPOT;
}

/* books_fills.c: the trades that are known. */
struct keel_book_trade *keel_books_find_trade(const struct keel_books *books,
                                              const struct keel_execution *execution);
void keel_books_add_trade(struct keel_books *books, const struct keel_book_trade *trade);

/* books_spot.c: a fill that moves coins, and a fuller statement of one that is booked. KEEL_FULL,
 * KEEL_OVERFLOW; the books are then as they were. */
KEEL_MUST_USE enum keel_status keel_books_trade(struct keel_books *books,
                                                const struct keel_execution *execution,
                                                struct keel_booked *booked,
                                                struct keel_error *error);
KEEL_MUST_USE enum keel_status keel_books_complete_trade(struct keel_books *books,
                                                         struct keel_book_trade *trade,
                                                         const struct keel_execution *execution,
                                                         struct keel_booked *booked,
                                                         struct keel_error *error);

#endif
