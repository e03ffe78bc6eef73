#include "exchange/plan.h"
#include "exchange/private_internal.h"
#include "exchange/watch.h"

#include <stdlib.h>

struct keel_futures {
    struct keel_private base; /* orders and balances; first, so both have one address */
    struct keel_watch watch;
    struct keel_plans plans;
};

/* Facts. */

static void log_position(struct keel_futures *futures, const struct keel_position *position)
{
    struct keel_private *base = &futures->base;
    char size[KEEL_DECIMAL_TEXT_SIZE], pnl[KEEL_DECIMAL_TEXT_SIZE], margin[KEEL_DECIMAL_TEXT_SIZE];
    struct keel_risk risk = {.unrealized_pnl = KEEL_DECIMAL_ABSENT, .margin = KEEL_DECIMAL_ABSENT};
    struct keel_error error;

    if (base->handlers.on_log == NULL)
        return;
    /* A log line is no place to fail: a figure that is not known is printed as absent. */
    if (keel_account_read_risk(base->account, position->market, position->side, base->now_ns, true,
                               &risk, &error) != KEEL_OK)
        risk.unrealized_pnl = risk.margin = KEEL_DECIMAL_ABSENT;
    keel_decimal_format(keel_decimal_abs(position->quantity), size);
    keel_decimal_format(risk.unrealized_pnl, pnl);
    keel_decimal_format(risk.margin, margin);
    keel_private_log(base, KEEL_LOG_INFO, "position updated: %s %s size %s PnL %s margin %s",
                     keel_private_symbol(base, position->market), keel_position_direction(position),
                     size, pnl, margin);
}

static void on_position(struct keel_futures *futures, const struct keel_position *position)
{
    const struct keel_handlers *handlers = &futures->base.handlers;

    log_position(futures, position);
    if (handlers->on_position != NULL)
        handlers->on_position(handlers->user, position);
}

static void on_applied(struct keel_private *base, const struct keel_event *event,
                       const struct keel_applied *applied)
{
    struct keel_futures *futures = (struct keel_futures *)base; /* only our ops lead here */
    struct keel_applied told = *applied;
    struct keel_position position;

    if (applied->kind == KEEL_EVENT_POSITION && applied->position != NULL) {
        position = *applied->position; /* handlers may change the account */
        told.position = &position;
        on_position(futures, &position);
    } else if (applied->kind == KEEL_EVENT_MARK && base->handlers.on_mark != NULL) {
        base->handlers.on_mark(base->handlers.user, &event->mark);
    }
    keel_watch_on_applied(&futures->watch, base, event, &told);
}

static void on_result(struct keel_private *base, struct keel_call *call,
                      const struct keel_result *result)
{
    struct keel_futures *futures = (struct keel_futures *)base; /* only our ops lead here */

    keel_plans_on_result(&futures->plans, base, call, result);
}

/* Turns. */

static void on_state(struct keel_private *base)
{
    struct keel_futures *futures = (struct keel_futures *)base; /* only our ops lead here */

    keel_watch_on_state(&futures->watch, base);
}

static void on_turn(struct keel_private *base)
{
    struct keel_futures *futures = (struct keel_futures *)base; /* only our ops lead here */

    if (futures->plans.count > 0)
        keel_plans_look(&futures->plans, base);
}

static void on_tick(struct keel_private *base)
{
    struct keel_futures *futures = (struct keel_futures *)base; /* only our ops lead here */

    keel_watch_tick(&futures->watch, base);
}

static int64_t deadline_ns(const struct keel_private *base)
{
    const struct keel_futures *futures = (const struct keel_futures *)base; /* as above */
    int64_t watch_ns = keel_watch_deadline_ns(&futures->watch, base);
    int64_t plans_ns = keel_plans_deadline_ns(&futures->plans);

    return watch_ns < plans_ns ? watch_ns : plans_ns;
}

static const struct keel_private_ops ops = {
    .on_applied = on_applied,
    .on_result = on_result,
    .on_state = on_state,
    .on_turn = on_turn,
    .on_tick = on_tick,
    .deadline_ns = deadline_ns,
};

/* A life. */

struct keel_futures *keel_futures_new(const struct keel_exchange_config *config,
                                      struct keel_error *error)
{
    struct keel_futures *futures = calloc(1, sizeof(*futures));

    if (futures == NULL) {
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    keel_watch_init(&futures->watch, config);
    enum keel_status status = keel_plans_init(&futures->plans);
    if (status != KEEL_OK)
        keel_fail(error, status, "out of memory");
    if (status != KEEL_OK ||
        keel_private_init(&futures->base, &ops, KEEL_PRODUCT_FUTURES, config, error) != KEEL_OK) {
        keel_futures_free(futures);
        return NULL;
    }
    return futures;
}

void keel_futures_free(struct keel_futures *futures)
{
    if (futures == NULL)
        return;
    keel_private_deinit(&futures->base);
    keel_plans_deinit(&futures->plans);
    free(futures);
}

struct keel_private *keel_futures_base(struct keel_futures *futures)
{
    return &futures->base;
}

/* Reads. */

static enum keel_position_side side_or_net(enum keel_position_side side)
{
    return side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : side;
}

static enum keel_status check_market(const struct keel_futures *futures, keel_market_id market,
                                     struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(&futures->base, error);

    if (status != KEEL_OK)
        return status;
    if (keel_markets_get(futures->base.markets, market) == NULL)
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "no such market");
    return KEEL_OK;
}

static enum keel_status explain(const struct keel_futures *futures, keel_market_id market,
                                enum keel_status status, struct keel_error *error)
{
    const char *symbol = keel_private_symbol(&futures->base, market);

    if (status == KEEL_NO_POSITION)
        return keel_fail(error, status, "%s: no position", symbol);
    if (status == KEEL_STALE)
        return keel_fail(error, status, "%s: the account is not live: what is known may be old",
                         symbol);
    return status;
}

enum keel_status keel_futures_position(const struct keel_futures *futures, keel_market_id market,
                                       enum keel_position_side side, bool stale_ok,
                                       struct keel_position *position, struct keel_error *error)
{
    enum keel_status status = check_market(futures, market, error);

    if (status != KEEL_OK)
        return status;
    status = keel_account_get_position(futures->base.account, market, side_or_net(side),
                                       futures->base.now_ns, stale_ok, position);
    return explain(futures, market, status, error);
}

size_t keel_futures_positions(const struct keel_futures *futures, bool stale_ok,
                              struct keel_position *positions, size_t max, enum keel_status *status)
{
    const struct keel_account *account = futures->base.account;
    size_t count = 0;

    *status = keel_private_check_credentials(&futures->base, NULL);
    if (*status == KEEL_OK && !keel_account_is_fresh(account))
        *status = KEEL_STALE;
    if (*status != KEEL_OK && !(*status == KEEL_STALE && stale_ok))
        return 0;
    for (const struct keel_position *at = NULL;
         (at = keel_account_next_position(account, at)) != NULL; count++) {
        if (count < max)
            keel_account_read_position(at, futures->base.now_ns, &positions[count]);
    }
    return count;
}

enum keel_status keel_futures_risk(const struct keel_futures *futures, keel_market_id market,
                                   enum keel_position_side side, bool stale_ok,
                                   struct keel_risk *risk, struct keel_error *error)
{
    enum keel_status status = check_market(futures, market, error);

    if (status != KEEL_OK)
        return status;
    return keel_account_read_risk(futures->base.account, market, side_or_net(side),
                                  futures->base.now_ns, stale_ok, risk, error);
}

enum keel_status keel_futures_leverage(const struct keel_futures *futures, keel_market_id market,
                                       struct keel_leverage *leverage, struct keel_error *error)
{
    struct keel_leverage known;
    enum keel_status status = check_market(futures, market, error);

    if (status != KEEL_OK)
        return status;
    status = keel_account_get_leverage(futures->base.account, market, futures->base.now_ns, &known);
    if (status != KEEL_OK)
        return keel_fail(error, status, "%s: its leverage was never loaded: set it first",
                         keel_private_symbol(&futures->base, market));
    *leverage = known;
    return KEEL_OK;
}

enum keel_status keel_futures_margin(const struct keel_futures *futures, keel_market_id market,
                                     bool stale_ok, struct keel_margin_info *info,
                                     struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(&futures->base, error);

    if (status != KEEL_OK)
        return status;
    return keel_account_read_margin(futures->base.account, market, futures->base.now_ns, stale_ok,
                                    info, error);
}

static void add_risk(const struct keel_futures *futures, const struct keel_position *position,
                     struct keel_futures_statistics *statistics)
{
    struct keel_risk risk;
    struct keel_error error;
    enum keel_status status =
        keel_account_read_risk(futures->base.account, position->market, position->side,
                               futures->base.now_ns, true, &risk, &error);
    bool missing = status != KEEL_OK || !keel_decimal_is_valid(risk.unrealized_pnl) ||
                   !keel_decimal_is_valid(risk.margin);

    statistics->positions++;
    if (status == KEEL_OK) {
        statistics->high_risk_positions += risk.high_risk ? 1 : 0;
        statistics->stale = statistics->stale || risk.stale;
        if (risk.age_ms > statistics->age_ms)
            statistics->age_ms = risk.age_ms;
    }
    if (missing && statistics->missing_symbol[0] == '\0')
        keel_str_copy(keel_str_from(keel_private_symbol(&futures->base, position->market)),
                      statistics->missing_symbol, sizeof(statistics->missing_symbol));
    statistics->unrealized_pnl = keel_decimal_add(
        statistics->unrealized_pnl, missing ? KEEL_DECIMAL_ABSENT : risk.unrealized_pnl);
    statistics->margin_used =
        keel_decimal_add(statistics->margin_used, missing ? KEEL_DECIMAL_ABSENT : risk.margin);
}

void keel_futures_statistics(const struct keel_futures *futures,
                             struct keel_futures_statistics *statistics)
{
    *statistics = (struct keel_futures_statistics){
        .unrealized_pnl = KEEL_DECIMAL_ZERO,
        .margin_used = KEEL_DECIMAL_ZERO,
        .stale = !keel_account_is_fresh(futures->base.account),
    };
    keel_private_statistics(&futures->base, &statistics->base);
    for (const struct keel_position *at = NULL;
         (at = keel_account_next_position(futures->base.account, at)) != NULL;)
        add_risk(futures, at, statistics);
}

void keel_futures_books(const struct keel_futures *futures, struct keel_books_summary *summary)
{
    const struct keel_private *base = &futures->base;
    struct keel_books_counters counters = keel_books_counters(base->books);
    const struct keel_book_wallet *wallet =
        keel_books_find_wallet(base->books, keel_str_from(base->settle_asset));

    *summary = (struct keel_books_summary){
        .executions = (int32_t)counters.executions,
        .fundings = (int32_t)base->fundings,
        .fees = wallet != NULL ? wallet->fees : KEEL_DECIMAL_ZERO,
        .funding = wallet != NULL ? wallet->funding : KEEL_DECIMAL_ZERO,
        .realized_pnl = wallet != NULL ? wallet->realized_pnl : KEEL_DECIMAL_ZERO,
        .wallet = wallet != NULL ? wallet->wallet : KEEL_DECIMAL_ABSENT,
    };
}

/* Commands. */

enum keel_status keel_futures_set_mark(struct keel_futures *futures, keel_market_id market,
                                       keel_decimal mark_price, struct keel_error *error)
{
    struct keel_private *base = &futures->base;
    struct keel_applied applied;
    struct keel_event event = {
        .kind = KEEL_EVENT_MARK,
        .time_ms = keel_private_venue_time_ms(base),
    };

    event.mark = (struct keel_mark){
        .market = market,
        .mark_price = mark_price,
        .index_price = KEEL_DECIMAL_ABSENT,
        .funding_rate = KEEL_DECIMAL_ABSENT,
        .time_ms = event.time_ms,
    };
    enum keel_status status = keel_account_apply(base->account, &event, KEEL_SOURCE_CALLER,
                                                 base->now_ns, &applied, error);
    if (status == KEEL_OK)
        futures->watch.due = true;
    return status;
}

enum keel_status keel_futures_set_leverage(struct keel_futures *futures, keel_market_id market,
                                           int32_t leverage, keel_on_result on_answer, void *user,
                                           struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_SET_LEVERAGE};
    int32_t other;

    /* A venue that sets both at once is told the other as it is, or is wanted to be. */
    keel_account_get_wishes(futures->base.account, market, &other, &command.leverage.mode);
    command.leverage.market = market;
    command.leverage.leverage = leverage;
    return keel_private_submit(&futures->base, &command, KEEL_CALL_COMMAND, on_answer, user, NULL,
                               error);
}

enum keel_status keel_futures_set_margin_mode(struct keel_futures *futures, keel_market_id market,
                                              enum keel_margin_mode mode, keel_on_result on_answer,
                                              void *user, struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_SET_MARGIN_MODE};
    enum keel_margin_mode other;

    keel_account_get_wishes(futures->base.account, market, &command.margin_mode.leverage, &other);
    command.margin_mode.market = market;
    command.margin_mode.mode = mode;
    return keel_private_submit(&futures->base, &command, KEEL_CALL_COMMAND, on_answer, user, NULL,
                               error);
}

enum keel_status keel_futures_set_hedge_mode(struct keel_futures *futures, bool enable,
                                             keel_on_result on_answer, void *user,
                                             struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_SET_HEDGE_MODE, .enable = enable};

    return keel_private_submit(&futures->base, &command, KEEL_CALL_COMMAND, on_answer, user, NULL,
                               error);
}

void keel_futures_accept_modes(struct keel_futures *futures, keel_market_id market)
{
    if (market <= keel_markets_count(futures->base.markets))
        keel_account_accept(futures->base.account, market);
}

enum keel_status keel_futures_adjust_margin(struct keel_futures *futures, keel_market_id market,
                                            enum keel_position_side side, keel_decimal amount,
                                            keel_on_result on_answer, void *user,
                                            struct keel_error *error)
{
    struct keel_command command = {
        .kind = KEEL_ADJUST_MARGIN,
        .margin = {.market = market,
                   .side = side_or_net(side),
                   .amount = amount,
                   .quantity_before = KEEL_DECIMAL_ABSENT,
                   .wallet_before = KEEL_DECIMAL_ABSENT},
    };
    const struct keel_position *position =
        keel_account_find_position(futures->base.account, market, command.margin.side);

    if (position != NULL) {
        command.margin.quantity_before = position->quantity;
        command.margin.wallet_before = position->isolated_wallet;
    }
    return keel_private_submit(&futures->base, &command, KEEL_CALL_COMMAND, on_answer, user, NULL,
                               error);
}

enum keel_status keel_futures_place_order(struct keel_futures *futures,
                                          const struct keel_order_request *request,
                                          keel_on_result on_answer, void *user,
                                          struct keel_error *error)
{
    return keel_private_place_order(&futures->base, request, on_answer, user, error);
}

static enum keel_status refuse_more(const struct keel_futures *futures,
                                    const struct keel_close_request *request, keel_decimal size,
                                    struct keel_error *error)
{
    char asked[KEEL_DECIMAL_TEXT_SIZE], held[KEEL_DECIMAL_TEXT_SIZE];

    keel_decimal_format(request->quantity, asked);
    keel_decimal_format(size, held);
    return keel_fail(error, KEEL_CLOSE, "%s: to close %s is more than the position of %s",
                     keel_private_symbol(&futures->base, request->market), asked, held);
}

/* How much is to be closed. */
static enum keel_status check_close(const struct keel_futures *futures,
                                    const struct keel_close_request *request,
                                    enum keel_position_side side, keel_decimal *quantity,
                                    struct keel_error *error)
{
    const struct keel_private *base = &futures->base;
    const char *symbol = keel_private_symbol(base, request->market);
    const struct keel_position *position =
        keel_account_find_position(base->account, request->market, side);

    if (!request->forced && !keel_account_is_fresh(base->account))
        return explain(futures, request->market, KEEL_STALE, error);
    if (request->all && keel_decimal_is_valid(request->quantity))
        return keel_fail(error, KEEL_INVALID, "%s: all, or a quantity: not both", symbol);
    if (!request->all && !keel_decimal_is_positive(request->quantity))
        return keel_fail(error, KEEL_INVALID, "%s: a quantity to close is positive", symbol);
    if (position == NULL)
        return explain(futures, request->market, KEEL_NO_POSITION, error);
    if (keel_plans_is_closing(&futures->plans, request->market, side))
        return keel_fail(error, KEEL_CLOSE, "%s: a close of this position is under way", symbol);

    keel_decimal size = keel_decimal_abs(position->quantity);
    *quantity = request->all ? size : request->quantity;
    if (keel_decimal_compare(*quantity, size) > 0)
        return refuse_more(futures, request, size, error);
    return KEEL_OK;
}

enum keel_status keel_futures_close_position(struct keel_futures *futures,
                                             const struct keel_close_request *request,
                                             keel_on_close on_close, void *user,
                                             struct keel_error *error)
{
    struct keel_close_request sided = *request;
    keel_decimal quantity = KEEL_DECIMAL_ABSENT;
    enum keel_status status = check_market(futures, request->market, error);

    sided.side = side_or_net(request->side);
    if (status == KEEL_OK)
        status = check_close(futures, request, sided.side, &quantity, error);
    if (status != KEEL_OK)
        return status;
    return keel_plans_begin(&futures->plans, &futures->base, &sided, quantity, on_close, user,
                            error);
}
