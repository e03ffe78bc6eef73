/* reads.c - what is known of the account, copied for the caller. */
#include "exchange/private_internal.h"

#include <string.h>

const struct keel_markets *keel_private_markets(const struct keel_private *exchange)
{
    return exchange->markets;
}

const struct keel_venue *keel_private_venue(const struct keel_private *exchange)
{
    return exchange->venue;
}

void keel_private_connection(const struct keel_private *exchange,
                             struct keel_connection *connection)
{
    static const enum keel_connection_state states[KEEL_SESSION_STATES] = {
        [KEEL_SESSION_IDLE] = KEEL_CONNECTION_IDLE,
        [KEEL_SESSION_LOADING] = KEEL_CONNECTION_LOADING,
        [KEEL_SESSION_LIVE] = KEEL_CONNECTION_LIVE,
        [KEEL_SESSION_RECONCILING] = KEEL_CONNECTION_RECONCILING,
        [KEEL_SESSION_CLOSED] = KEEL_CONNECTION_CLOSED,
    };
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    *connection = (struct keel_connection){
        .state = states[view.state],
        .rest = view.rest,
        .user_stream = view.streams[KEEL_STREAM_USER],
        .market_stream = view.streams[KEEL_STREAM_MARKET],
        .stream_age_ms = view.heard_ns == 0 ? -1 : (exchange->now_ns - view.heard_ns) / 1000000,
        .clock_offset_ms = view.clock_offset_ms,
        .reconnects = view.reconnects,
        .last_error = exchange->last_error,
    };
}

static int32_t count_balances(const struct keel_private *exchange)
{
    int32_t count = 0;

    for (const struct keel_balance *at = NULL;
         (at = keel_account_next_balance(exchange->account, at)) != NULL;)
        count++;
    return count;
}

void keel_private_statistics(const struct keel_private *exchange,
                             struct keel_statistics *statistics)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    *statistics = (struct keel_statistics){
        .balances = count_balances(exchange),
        .open_orders = keel_account_open_order_count(exchange->account),
        .completed_orders = keel_account_completed_order_count(exchange->account),
        .executions = (int32_t)exchange->executions,
        .unsettled = view.unsettled,
        .has_credentials = exchange->has_credentials,
        .messages = view.messages,
        .events = exchange->events,
        .duplicates = (uint64_t)keel_account_counters(exchange->account).duplicates,
        .unknown_events = exchange->unknown_events,
        .differences = exchange->differences,
    };
    keel_private_connection(exchange, &statistics->connection);
}

static enum keel_status check_fresh(const struct keel_private *exchange, bool stale_ok,
                                    struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(exchange, error);

    if (status != KEEL_OK)
        return status;
    if (!stale_ok && !keel_account_is_fresh(exchange->account))
        return keel_fail(error, KEEL_STALE, "the account is not live: what is known may be old");
    return KEEL_OK;
}

/* What a list says of its items: copied all the same when stale ones are wanted. */
static bool may_copy(const struct keel_private *exchange, bool stale_ok, enum keel_status *status)
{
    *status = check_fresh(exchange, false, NULL);
    return *status == KEEL_OK || (*status == KEEL_STALE && stale_ok);
}

enum keel_status keel_private_balance(const struct keel_private *exchange, keel_str asset,
                                      bool stale_ok, struct keel_balance *balance,
                                      struct keel_error *error)
{
    enum keel_status status = check_fresh(exchange, stale_ok, error);

    if (status != KEEL_OK)
        return status;
    status =
        keel_account_get_balance(exchange->account, asset, exchange->now_ns, stale_ok, balance);
    if (status != KEEL_OK)
        return keel_fail(error, status, "no balance of %.*s", KEEL_STR_ARGS(asset));
    return KEEL_OK;
}

size_t keel_private_balances(const struct keel_private *exchange, bool stale_ok,
                             struct keel_balance *balances, size_t max, enum keel_status *status)
{
    size_t count = 0;

    if (!may_copy(exchange, stale_ok, status))
        return 0;
    for (const struct keel_balance *at = NULL;
         (at = keel_account_next_balance(exchange->account, at)) != NULL; count++) {
        if (count < max)
            keel_account_read_balance(exchange->account, at, exchange->now_ns, &balances[count]);
    }
    return count;
}

size_t keel_private_open_orders(const struct keel_private *exchange, keel_market_id market,
                                bool stale_ok, struct keel_order *orders, size_t max,
                                enum keel_status *status)
{
    size_t count = 0;

    if (!may_copy(exchange, stale_ok, status))
        return 0;
    for (const struct keel_order *at = NULL;
         (at = keel_account_next_open_order(exchange->account, market, at)) != NULL; count++) {
        if (count < max)
            keel_account_read_order(at, exchange->now_ns, &orders[count]);
    }
    return count;
}

size_t keel_private_completed_orders(const struct keel_private *exchange, keel_market_id market,
                                     struct keel_order *orders, size_t max)
{
    const struct keel_order *at = NULL;
    size_t total = 0, index = 0;

    while ((at = keel_account_next_completed_order(exchange->account, market, at)) != NULL)
        total++;
    size_t kept = total < max ? total : max;
    while (index < kept &&
           (at = keel_account_next_completed_order(exchange->account, market, at)) != NULL)
        keel_account_read_order(at, exchange->now_ns, &orders[kept - 1 - index++]);
    return total;
}

size_t keel_private_executions(const struct keel_private *exchange, keel_market_id market,
                               struct keel_execution *executions, size_t max)
{
    const struct keel_execution *at = NULL;
    size_t total = 0, index = 0;

    while ((at = keel_account_next_execution(exchange->account, market, at)) != NULL)
        total++;
    size_t kept = total < max ? total : max;
    while (index < kept &&
           (at = keel_account_next_execution(exchange->account, market, at)) != NULL)
        keel_account_read_execution(exchange->account, at, exchange->now_ns,
                                    &executions[kept - 1 - index++]);
    return total;
}

enum keel_status keel_private_fees(const struct keel_private *exchange, keel_market_id market,
                                   struct keel_fees *fees, struct keel_error *error)
{
    const struct keel_fees *known = keel_account_find_fees(exchange->account, market);

    if (known == NULL)
        return keel_fail(error, KEEL_NOT_LOADED, "the fees of %s were never loaded",
                         keel_private_symbol(exchange, market));
    *fees = *known;
    return KEEL_OK;
}

size_t keel_private_books(const struct keel_private *exchange, struct keel_book_balance *balances,
                          size_t max)
{
    size_t count = 0;

    for (const struct keel_book_wallet *at = NULL;
         (at = keel_books_next_wallet(exchange->books, at)) != NULL; count++) {
        if (count >= max)
            continue;
        balances[count] = (struct keel_book_balance){
            .wallet = at->wallet,
            .traded = at->traded,
            .realized_pnl = at->realized_pnl,
            .funding = at->funding,
            .fees = at->fees,
            .transfers = at->transfers,
            .other = at->other,
        };
        memcpy(balances[count].asset, at->asset, sizeof(at->asset));
    }
    return count;
}
