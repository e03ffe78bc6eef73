/* private.c - the life of a private exchange, and the making of one. */
#include "exchange/private_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct keel_error no_error;

/* A life. */

struct keel_exchange_config keel_exchange_config_init(void)
{
    return (struct keel_exchange_config){
        .margin_ratio_warning = keel_decimal_from_text("0.8"),
        .liquidation_distance_warning = keel_decimal_from_text("0.05"),
        .high_risk_ratio = keel_decimal_from_text("0.7"),
        .warning_hysteresis = keel_decimal_from_text("0.02"),
        .liquidation_price_warning = keel_decimal_from_text("0.01"),
        .adl_rank_warning = 4,
        .funding_warning_ms = INT64_C(5) * 60 * 1000,
        .receive_window_ms = 2000,
        .request_timeout_ms = 10000,
        .start_timeout_ms = 30000,
        .check_period_ms = KEEL_GLANCE_PERIOD_MS,
        .mark_age_max_ms = 10000,
        .completed_orders_max = 1000,
    };
}

void keel_private_set_time(struct keel_private *exchange, int64_t now_ns, int64_t wall_ms)
{
    struct keel_session_view view;

    exchange->now_ns = now_ns;
    exchange->wall_ms = wall_ms;
    keel_session_set_time(exchange->session, now_ns, wall_ms);
    if (exchange->in_input)
        return;
    keel_session_check_time(exchange->session);
    keel_session_view(exchange->session, &view);
    if (view.state != KEEL_SESSION_LIVE && keel_account_is_fresh(exchange->account))
        keel_account_set_fresh(exchange->account, false, now_ns);
}

enum keel_status keel_private_start(struct keel_private *exchange, struct keel_error *error)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    if (view.state != KEEL_SESSION_IDLE && view.state != KEEL_SESSION_CLOSED)
        return keel_fail(error, KEEL_CONFIG, "the exchange was started already");
    /* A number from the wall clock in microseconds: greater than any of an earlier process that
     * made fewer than a million ids a second. */
    if (exchange->numbers.next == 0)
        exchange->numbers.next = (uint64_t)exchange->wall_ms * 1000;
    exchange->was_live = false;
    exchange->last_error = no_error;
    keel_session_start(exchange->session);
    if (keel_markets_count(exchange->markets) > 0)
        keel_private_know_markets(exchange);
    keel_private_pull_reports(exchange);
    return KEEL_OK;
}

void keel_private_stop(struct keel_private *exchange)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_stop(exchange->session);
    keel_private_pull_reports(exchange);
}

void keel_private_on_transport(struct keel_private *exchange, uint64_t id,
                               const struct keel_transport *transport)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_transport(exchange->session, id, transport);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_opened(struct keel_private *exchange, uint32_t number)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_opened(exchange->session, number);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_message(struct keel_private *exchange, uint32_t number, keel_str bytes)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_message(exchange->session, number, bytes);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_ping(struct keel_private *exchange, uint32_t number)
{
    keel_session_on_stream_ping(exchange->session, number);
}

void keel_private_on_stream_closed(struct keel_private *exchange, uint32_t number,
                                   const char *reason)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_closed(exchange->session, number, reason);
    keel_private_pull_reports(exchange);
}

bool keel_private_next_effect(struct keel_private *exchange, struct keel_effect *effect)
{
    return keel_records_next(exchange, effect) ||
           keel_session_next_effect(exchange->session, effect);
}

int64_t keel_private_deadline_ns(const struct keel_private *exchange)
{
    int64_t deadline_ns = keel_session_deadline_ns(exchange->session);
    int64_t extension_ns = exchange->ops->deadline_ns(exchange);

    if (exchange->calls.local_count > 0)
        return exchange->now_ns;
    if (keel_audit_deadline_ns(exchange) < deadline_ns)
        deadline_ns = keel_audit_deadline_ns(exchange);
    return extension_ns < deadline_ns ? extension_ns : deadline_ns;
}

void keel_private_tick(struct keel_private *exchange)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_tick(exchange->session);
    exchange->in_input = true;
    keel_private_answer_locals(exchange);
    keel_audit_tick(exchange);
    exchange->ops->on_tick(exchange);
    keel_private_pull_reports(exchange);
}

int64_t keel_private_venue_time_ms(const struct keel_private *exchange)
{
    return keel_session_venue_time_ms(exchange->session);
}

enum keel_status keel_private_check_credentials(const struct keel_private *exchange,
                                                struct keel_error *error)
{
    if (!exchange->has_credentials)
        return keel_fail(error, KEEL_NOT_LOADED, "no credentials: the account was never loaded");
    return KEEL_OK;
}

/* Making one. */

static enum keel_status check_config(const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    if (config->venue == NULL)
        return keel_fail(error, KEEL_CONFIG, "no venue");
    if (!keel_decimal_is_positive(config->margin_ratio_warning) ||
        !keel_decimal_is_positive(config->liquidation_distance_warning) ||
        !keel_decimal_is_positive(config->high_risk_ratio) ||
        !keel_decimal_is_valid(config->warning_hysteresis) ||
        keel_decimal_is_negative(config->warning_hysteresis) ||
        !keel_decimal_is_valid(config->liquidation_price_warning) ||
        keel_decimal_is_negative(config->liquidation_price_warning))
        return keel_fail(error, KEEL_CONFIG, "a risk bound is not positive");
    if (config->adl_rank_warning < 0 || config->adl_rank_warning > 4)
        return keel_fail(error, KEEL_CONFIG, "a rank of %d is not one of 0 to 4",
                         config->adl_rank_warning);
    if (config->funding_warning_ms < 0)
        return keel_fail(error, KEEL_CONFIG, "a funding warning %lld ms before is none",
                         (long long)config->funding_warning_ms);
    if (config->mark_age_max_ms <= 0)
        return keel_fail(error, KEEL_CONFIG, "a mark age of %lld ms is not positive",
                         (long long)config->mark_age_max_ms);
    if (config->completed_orders_max <= 0)
        return keel_fail(error, KEEL_CONFIG, "a bound of %d completed orders is not positive",
                         (int)config->completed_orders_max);
    if (config->check_period_ms < 0)
        return keel_fail(error, KEEL_CONFIG, "a check every %lld ms is negative",
                         (long long)config->check_period_ms);
    return KEEL_OK;
}

static enum keel_status take_symbols(struct keel_private *exchange,
                                     const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    exchange->symbols = calloc(config->symbol_count + 1, sizeof(*exchange->symbols));
    if (exchange->symbols == NULL)
        return keel_fail(error, KEEL_FULL, "out of memory");
    for (size_t i = 0; i < config->symbol_count; i++) {
        keel_str symbol = keel_str_from(config->symbols[i]);
        if (!keel_str_copy(symbol, exchange->symbols[i], KEEL_SYMBOL_SIZE))
            return keel_fail(error, KEEL_CONFIG, "%s is no symbol", config->symbols[i]);
        if (config->market_count > 0 &&
            keel_markets_find(exchange->markets, symbol) == KEEL_NO_MARKET)
            return keel_fail(error, KEEL_CONFIG, "symbol %s is not among the markets given",
                             config->symbols[i]);
    }
    exchange->symbol_count = (int32_t)config->symbol_count;
    return KEEL_OK;
}

static enum keel_status take_markets(struct keel_private *exchange,
                                     const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    for (size_t i = 0; i < config->market_count; i++) {
        keel_market_id id;
        enum keel_status status =
            keel_markets_put(exchange->markets, &config->markets[i], &id, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

static struct keel_session *new_session(struct keel_private *exchange,
                                        const struct keel_exchange_config *config,
                                        struct keel_error *error)
{
    struct keel_session_config session = {
        .venue = config->venue,
        .markets = exchange->markets,
        .modes = &exchange->modes,
        .api_key = config->api_key,
        .secret = config->secret,
        .load_markets = config->market_count == 0,
        .numbers = exchange->records.at != NULL ? &exchange->numbers : NULL,
        .recovers = keel_leftover_is_any(&exchange->leftover),
        .book_tops = config->book_tops,
        .order_entry = config->order_entry,
        .receive_window_ms = config->receive_window_ms,
        .request_timeout_ms = config->request_timeout_ms,
        .start_timeout_ms = config->start_timeout_ms,
        .silence_max_ms = config->silence_max_ms,
        .seed = config->seed,
    };

    return keel_session_new(&session, error);
}

static enum keel_status take_parts(struct keel_private *exchange,
                                   const struct keel_exchange_config *config,
                                   struct keel_error *error)
{
    exchange->markets = keel_markets_new();
    if (exchange->markets == NULL)
        return keel_fail(error, KEEL_FULL, "out of memory");
    struct keel_account_config account = {
        .markets = exchange->markets,
        .completed_orders_market_max = config->completed_orders_max,
        .mark_age_max_ms = config->mark_age_max_ms,
        .high_risk_ratio = config->high_risk_ratio,
        .product = config->venue->product,
        .one_family = !config->venue->conditional_apart,
    };
    memcpy(account.settle_asset, exchange->settle_asset, sizeof(account.settle_asset));
    exchange->account = keel_account_new(&account);
    bool spot = config->venue->product == KEEL_PRODUCT_SPOT;
    exchange->books = keel_books_new(&(struct keel_books_config){
        .markets = exchange->markets,
        .assets_max = spot ? KEEL_SPOT_ASSETS_MAX : 0,
        .money_digits = config->venue->money_digits,
    });
    exchange->missing = calloc(KEEL_OPEN_ORDERS_MAX, sizeof(*exchange->missing));
    exchange->gone = calloc(KEEL_POSITIONS_MAX, sizeof(*exchange->gone));
    if (exchange->account == NULL || exchange->books == NULL || exchange->missing == NULL ||
        exchange->gone == NULL || keel_audit_init(&exchange->audit, config) != KEEL_OK ||
        keel_records_init(exchange, config) != KEEL_OK)
        return keel_fail(error, KEEL_FULL, "out of memory");
    return keel_wallet_init(&exchange->wallet, config, error);
}

static enum keel_status check_product(const struct keel_exchange_config *config,
                                      enum keel_product product, struct keel_error *error)
{
    if (config->venue->product == product)
        return KEEL_OK;
    return keel_fail(error, KEEL_CONFIG, "venue %s trades %s, not %s", config->venue->name,
                     product == KEEL_PRODUCT_SPOT ? "futures" : "spot",
                     product == KEEL_PRODUCT_SPOT ? "spot" : "futures");
}

enum keel_status keel_private_init(struct keel_private *exchange,
                                   const struct keel_private_ops *ops, enum keel_product product,
                                   const struct keel_exchange_config *config,
                                   struct keel_error *error)
{
    const char *kind = product == KEEL_PRODUCT_SPOT ? "spot" : "futures";

    *exchange = (struct keel_private){.ops = ops};
    enum keel_status status = check_config(config, error);
    if (status == KEEL_OK)
        status = check_product(config, product, error);
    if (status != KEEL_OK)
        return status;

    exchange->venue = config->venue;
    exchange->handlers = config->handlers;
    exchange->has_credentials = config->api_key.size > 0;
    snprintf(exchange->tag, sizeof(exchange->tag), "%s_private_%s", config->venue->name, kind);
    keel_str_copy(keel_str_from(config->venue->settle_asset), exchange->settle_asset,
                  sizeof(exchange->settle_asset));
    keel_calls_init(&exchange->calls);
    status = take_parts(exchange, config, error);
    if (status == KEEL_OK)
        status = take_markets(exchange, config, error);
    if (status == KEEL_OK)
        status = take_symbols(exchange, config, error);
    if (status != KEEL_OK)
        return status;
    exchange->session = new_session(exchange, config, error);
    return exchange->session != NULL ? KEEL_OK : KEEL_CONFIG;
}

void keel_private_deinit(struct keel_private *exchange)
{
    keel_session_free(exchange->session);
    keel_audit_deinit(&exchange->audit);
    keel_records_deinit(exchange);
    keel_wallet_deinit(&exchange->wallet);
    keel_books_free(exchange->books);
    keel_account_free(exchange->account);
    keel_markets_free(exchange->markets);
    free(exchange->symbols);
    free(exchange->missing);
    free(exchange->gone);
}
