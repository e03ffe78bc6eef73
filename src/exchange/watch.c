#include "exchange/watch.h"

#include "core/margin.h"

#include <stdio.h>

enum {
    FORCED_SPAN_MS = 60 * 1000, /* one liquidation: its orders, and what it cost */
    SUSPICION_MS = 10 * 1000,   /* in which the order of a listed cost is found */
};

#define MS_NS INT64_C(1000000)

void keel_watch_init(struct keel_watch *watch, const struct keel_exchange_config *config)
{
    watch->bounds = (struct keel_warning_bounds){
        .margin_ratio = config->margin_ratio_warning,
        .liquidation_distance = config->liquidation_distance_warning,
        .hysteresis = config->warning_hysteresis,
        .liquidation_price = config->liquidation_price_warning,
        .adl_rank = config->adl_rank_warning,
        .funding_ms = config->funding_warning_ms,
        .age_ms = config->mark_age_max_ms,
    };
    watch->due_ns = INT64_MAX;
}

/* Telling. */

static void emit(struct keel_private *exchange, const struct keel_risk_event *event)
{
    static const char *const words[] = {
        [KEEL_RISK_MARGIN_RATIO] = "margin ratio above the bound",
        [KEEL_RISK_LIQUIDATION_DISTANCE] = "liquidation nearer than the bound",
        [KEEL_RISK_CLEARED] = "back inside the bounds",
        [KEEL_RISK_VENUE_MARGIN_CALL] = "the venue calls for margin",
        [KEEL_RISK_LIQUIDATED] = "liquidated by the venue",
        [KEEL_RISK_DELEVERAGED] = "deleveraged by the venue",
        [KEEL_RISK_SETTLED] = "settled by the venue",
        [KEEL_RISK_TAKEN_OVER] = "taken over by the insurance fund",
        [KEEL_RISK_ADL_RANK] = "near the front of those who are deleveraged",
        [KEEL_RISK_FUNDING_NEAR] = "funding is to be paid soon",
        [KEEL_RISK_STALE] = "what is known of it is old",
        [KEEL_RISK_LEVERAGE] = "leverage above what its notional allows",
        [KEEL_RISK_LIQUIDATION_PRICE] = "the venue states another liquidation price",
    };
    char ratio[KEEL_DECIMAL_TEXT_SIZE], price[KEEL_DECIMAL_TEXT_SIZE];
    char figure[KEEL_DECIMAL_TEXT_SIZE], bound[KEEL_DECIMAL_TEXT_SIZE];
    char crossing[2 * KEEL_DECIMAL_TEXT_SIZE + 16] = "";

    keel_decimal_format(event->margin_ratio, ratio);
    keel_decimal_format(event->liquidation_price, price);
    keel_decimal_format(event->figure, figure);
    keel_decimal_format(event->bound, bound);
    if (event->kind == KEEL_RISK_CLEARED)
        snprintf(crossing, sizeof(crossing), ", %s", keel_risk_event_kind_name(event->cleared));
    else if (keel_decimal_is_valid(event->bound))
        snprintf(crossing, sizeof(crossing), ", %s against %s", figure, bound);
    keel_private_log(exchange, event->kind == KEEL_RISK_CLEARED ? KEEL_LOG_INFO : KEEL_LOG_WARNING,
                     "%s: %s%s: margin ratio %s, liquidation price %s",
                     keel_private_symbol(exchange, event->market), words[event->kind], crossing,
                     ratio, price);
    if (exchange->handlers.on_risk != NULL)
        exchange->handlers.on_risk(exchange->handlers.user, event);
}

static struct keel_risk_event make_event(enum keel_risk_event_kind kind, keel_market_id market,
                                         enum keel_position_side side)
{
    return (struct keel_risk_event){
        .kind = kind,
        .market = market,
        .side = side,
        .margin_ratio = KEEL_DECIMAL_ABSENT,
        .liquidation_price = KEEL_DECIMAL_ABSENT,
        .liquidation_distance = KEEL_DECIMAL_ABSENT,
        .bound = KEEL_DECIMAL_ABSENT,
        .figure = KEEL_DECIMAL_ABSENT,
    };
}

static void fill_risk(const struct keel_risk *risk, struct keel_risk_event *event)
{
    event->margin_ratio = risk->margin_ratio;
    event->liquidation_price = risk->liquidation_price;
    event->liquidation_distance = risk->liquidation_distance;
    event->age_ms = risk->age_ms;
}

static const struct keel_bracket *find_bracket(const struct keel_private *exchange,
                                               const struct keel_risk *risk)
{
    const struct keel_brackets *brackets =
        keel_account_find_brackets(exchange->account, risk->position.market);

    return brackets != NULL ? keel_brackets_find(brackets, risk->notional) : NULL;
}

/* What was crossed, and by what. */
static void fill_crossing(const struct keel_watch *watch, const struct keel_private *exchange,
                          const struct keel_risk *risk, const struct keel_warning_figures *figures,
                          struct keel_risk_event *event)
{
    const struct keel_bracket *bracket = find_bracket(exchange, risk);

    switch (event->kind) {
    case KEEL_RISK_MARGIN_RATIO:
        event->figure = risk->margin_ratio;
        event->bound = watch->bounds.margin_ratio;
        return;
    case KEEL_RISK_LIQUIDATION_DISTANCE:
        event->figure = risk->liquidation_distance;
        event->bound = watch->bounds.liquidation_distance;
        return;
    case KEEL_RISK_ADL_RANK:
        event->figure = keel_decimal_from_int(figures->adl_rank);
        event->bound = keel_decimal_from_int(watch->bounds.adl_rank);
        return;
    case KEEL_RISK_FUNDING_NEAR:
        event->figure = keel_decimal_from_int(figures->funding_ms);
        event->bound = keel_decimal_from_int(watch->bounds.funding_ms);
        return;
    case KEEL_RISK_STALE:
        event->figure = keel_decimal_from_int(figures->age_ms);
        event->bound = keel_decimal_from_int(watch->bounds.age_ms);
        return;
    case KEEL_RISK_LEVERAGE:
        event->figure = keel_decimal_from_int(risk->leverage);
        event->bound =
            bracket != NULL ? keel_decimal_from_int(bracket->leverage_max) : KEEL_DECIMAL_ABSENT;
        return;
    case KEEL_RISK_LIQUIDATION_PRICE:
        event->figure = risk->position.venue_liquidation_price;
        event->bound = watch->bounds.liquidation_price;
        return;
    case KEEL_RISK_CLEARED:
    case KEEL_RISK_VENUE_MARGIN_CALL:
    case KEEL_RISK_LIQUIDATED:
    case KEEL_RISK_DELEVERAGED:
    case KEEL_RISK_SETTLED:
    case KEEL_RISK_TAKEN_OVER: return;
    }
}

static void tell(const struct keel_watch *watch, struct keel_private *exchange,
                 const struct keel_risk *risk, const struct keel_warning_figures *figures,
                 const struct keel_warning_step *steps, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        struct keel_risk_event event =
            make_event(steps[i].kind, risk->position.market, risk->position.side);
        event.cleared = steps[i].cleared;
        fill_risk(risk, &event);
        fill_crossing(watch, exchange, risk, figures, &event);
        emit(exchange, &event);
    }
}

/* Warnings. */

/* The cap that the venue told, else that of the brackets. */
static keel_decimal find_cap(const struct keel_private *exchange, const struct keel_risk *risk)
{
    keel_market_id market = risk->position.market;
    const struct keel_brackets *brackets = keel_account_find_brackets(exchange->account, market);
    struct keel_leverage told;

    if (keel_account_get_leverage(exchange->account, market, exchange->now_ns, &told) != KEEL_OK ||
        told.leverage == 0)
        return KEEL_DECIMAL_ABSENT;
    if (keel_decimal_is_valid(told.notional_max))
        return told.notional_max;
    return brackets != NULL ? keel_brackets_notional_max(brackets, told.leverage)
                            : KEEL_DECIMAL_ABSENT;
}

static void fill_funding(const struct keel_private *exchange, const struct keel_position *position,
                         struct keel_warning_figures *figures)
{
    int64_t received_ns;
    const struct keel_mark *mark =
        keel_account_find_mark(exchange->account, position->market, &received_ns);

    figures->funding_ms = -1;
    if (mark == NULL || mark->funding_time_ms == 0 || !keel_decimal_is_valid(mark->funding_rate))
        return;
    figures->funding_ms = mark->funding_time_ms - keel_private_venue_time_ms(exchange);
    figures->funding_paid = keel_decimal_is_negative(position->quantity)
                                ? keel_decimal_is_negative(mark->funding_rate)
                                : keel_decimal_is_positive(mark->funding_rate);
}

/* What follows from old data is not known: the warnings of it stay as they are. */
static struct keel_warning_figures find_figures(const struct keel_private *exchange,
                                                const struct keel_risk *risk)
{
    struct keel_warning_figures figures = {
        .margin_ratio = risk->stale ? KEEL_DECIMAL_ABSENT : risk->margin_ratio,
        .liquidation_distance = risk->stale ? KEEL_DECIMAL_ABSENT : risk->liquidation_distance,
        .notional = risk->stale ? KEEL_DECIMAL_ABSENT : risk->notional,
        .notional_cap = find_cap(exchange, risk),
        .adl_rank = risk->stale ? -1 : risk->position.adl_rank,
        .age_ms = risk->age_ms,
        .now_ms = exchange->now_ns / MS_NS,
    };

    fill_funding(exchange, &risk->position, &figures);
    return figures;
}

static void take_sooner(int64_t *due_ns, int64_t other_ns)
{
    if (other_ns < *due_ns)
        *due_ns = other_ns;
}

/* When time alone brings the next warning: the data grows old, the payment comes near. */
static void plan_look(struct keel_watch *watch, const struct keel_private *exchange,
                      const struct keel_warning_figures *figures)
{
    int64_t to_stale_ms = watch->bounds.age_ms - figures->age_ms + 1;
    int64_t to_funding_ms = figures->funding_ms - watch->bounds.funding_ms;

    if (to_stale_ms > 0)
        take_sooner(&watch->due_ns, exchange->now_ns + to_stale_ms * MS_NS);
    if (watch->bounds.funding_ms > 0 && to_funding_ms > 0)
        take_sooner(&watch->due_ns, exchange->now_ns + to_funding_ms * MS_NS);
}

/* Only what has just been stated is compared: the venue's price of a cross position moves with the
 * others' marks, and is not told again each time. */
static void compare_price(struct keel_watch *watch, struct keel_private *exchange,
                          const struct keel_risk *risk, keel_decimal stated)
{
    const struct keel_warning_figures figures = {0};
    struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX];
    struct keel_warning *warning = &watch->warnings[risk->position.market][risk->position.side];

    if (risk->stale || !keel_decimal_is_valid(stated))
        return;
    int32_t count = keel_warning_compare(warning, &watch->bounds, risk->liquidation_price, stated,
                                         risk->mark_price, steps);
    tell(watch, exchange, risk, &figures, steps, count);
}

static void look_at(struct keel_watch *watch, struct keel_private *exchange,
                    const struct keel_position *position)
{
    struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX];
    struct keel_risk risk;
    struct keel_error error;
    bool *stated = &watch->stated[position->market][position->side];
    keel_decimal price = *stated ? position->venue_liquidation_price : KEEL_DECIMAL_ABSENT;

    if (keel_account_read_risk(exchange->account, position->market, position->side,
                               exchange->now_ns, true, &risk, &error) != KEEL_OK)
        return;
    struct keel_warning_figures figures = find_figures(exchange, &risk);
    struct keel_warning *warning = &watch->warnings[position->market][position->side];
    int32_t count = keel_warning_update(warning, &watch->bounds, &figures, steps);

    *stated = false;
    plan_look(watch, exchange, &figures);
    tell(watch, exchange, &risk, &figures, steps, count);
    compare_price(watch, exchange, &risk, price);
}

/* Handlers may change the account, so each position is found anew by its place. */
static void look(struct keel_watch *watch, struct keel_private *exchange)
{
    const struct keel_position *position = NULL;
    int32_t count = keel_account_position_count(exchange->account);

    watch->due = false;
    watch->due_ns = INT64_MAX;
    for (int32_t i = 0; i < count && exchange->was_live; i++) {
        position = keel_account_next_position(exchange->account, position);
        if (position == NULL)
            return;
        look_at(watch, exchange, position);
    }
}

static void forget(struct keel_watch *watch, struct keel_private *exchange,
                   const struct keel_position *position)
{
    struct keel_warning_step steps[KEEL_WARNING_STEPS_MAX];
    int32_t count = keel_warning_end(&watch->warnings[position->market][position->side], steps);

    for (int32_t i = 0; i < count; i++) {
        struct keel_risk_event event = make_event(steps[i].kind, position->market, position->side);
        event.cleared = steps[i].cleared;
        emit(exchange, &event);
    }
}

/* What the venue does. */

static void on_margin_call(struct keel_private *exchange, const struct keel_margin_call *call)
{
    struct keel_risk_event event =
        make_event(KEEL_RISK_VENUE_MARGIN_CALL, call->market, call->side);
    struct keel_risk risk;
    struct keel_error error;

    if (keel_account_read_risk(exchange->account, call->market, call->side, exchange->now_ns, true,
                               &risk, &error) == KEEL_OK)
        fill_risk(&risk, &event);
    emit(exchange, &event);
}

static void tell_forced(struct keel_watch *watch, struct keel_private *exchange,
                        keel_market_id market, enum keel_position_side side, enum keel_cause cause,
                        int64_t time_ms)
{
    static const enum keel_risk_event_kind kinds[] = {
        [KEEL_CAUSE_LIQUIDATION] = KEEL_RISK_LIQUIDATED,
        [KEEL_CAUSE_DELEVERAGING] = KEEL_RISK_DELEVERAGED,
        [KEEL_CAUSE_SETTLEMENT] = KEEL_RISK_SETTLED,
        [KEEL_CAUSE_INSURANCE] = KEEL_RISK_TAKEN_OVER,
    };
    struct keel_risk_event event =
        make_event(kinds[cause], market, side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : side);

    watch->forced_ms[market] = time_ms;
    emit(exchange, &event);
}

/* Fills of the order that say themselves that it was the venue's. */
static int32_t count_forced_fills(const struct keel_private *exchange, keel_market_id market,
                                  const char *order_id)
{
    const struct keel_execution *fill = NULL;
    int32_t count = 0;

    while ((fill = keel_account_next_execution(exchange->account, market, fill)) != NULL)
        count += fill->cause != KEEL_CAUSE_USER && strcmp(fill->order_id, order_id) == 0;
    return count;
}

/* The venue closes in several fills; it is told once, with the order that does it. */
static void on_forced_order(struct keel_watch *watch, struct keel_private *exchange,
                            const struct keel_applied *applied)
{
    const struct keel_order *order = applied->order;
    bool by_fills =
        !applied->caused && order->cause != KEEL_CAUSE_USER &&
        count_forced_fills(exchange, order->market, order->order_id) > 0; /* and told with them */

    if (order->cause == KEEL_CAUSE_USER || !applied->created || by_fills)
        return;
    tell_forced(watch, exchange, order->market, order->position_side, order->cause,
                order->update_time_ms);
}

/* Where nothing has told of the order, the first fill of it does: of what happened without a
 * stream, the list of executions may be all that is told. */
static void on_forced_fill(struct keel_watch *watch, struct keel_private *exchange,
                           const struct keel_applied *applied)
{
    const struct keel_execution *fill = applied->execution;

    if (!applied->created || fill->cause == KEEL_CAUSE_USER || applied->order != NULL ||
        count_forced_fills(exchange, fill->market, fill->order_id) > 1)
        return;
    tell_forced(watch, exchange, fill->market, fill->position_side, fill->cause, fill->time_ms);
}

/* What a liquidation cost is listed before the order that made it is found: which leg it was, the
 * order says. */
static void on_income(struct keel_watch *watch, const struct keel_private *exchange,
                      const struct keel_income *income)
{
    keel_market_id market = income->market;

    if (income->kind != KEEL_INCOME_INSURANCE_CLEAR || market == KEEL_NO_MARKET ||
        income->time_ms - watch->forced_ms[market] < FORCED_SPAN_MS)
        return;
    watch->suspects += watch->suspected[market].due_ns == 0;
    watch->suspected[market] = (struct keel_suspicion){
        .due_ns = exchange->now_ns + SUSPICION_MS * MS_NS, .income_ms = income->time_ms};
    take_sooner(&watch->due_ns, watch->suspected[market].due_ns);
}

/* No order was found: what it cost is all that tells of it. */
static void look_at_suspicion(struct keel_watch *watch, struct keel_private *exchange,
                              keel_market_id market)
{
    struct keel_suspicion suspicion = watch->suspected[market];
    enum keel_position_side side =
        exchange->modes.hedge == KEEL_ON ? KEEL_POSITION_SIDE_NONE : KEEL_NET;

    if (suspicion.due_ns == 0)
        return;
    if (suspicion.due_ns > exchange->now_ns) {
        take_sooner(&watch->due_ns, suspicion.due_ns);
        return;
    }
    watch->suspected[market] = (struct keel_suspicion){0};
    watch->suspects--;
    if (suspicion.income_ms - watch->forced_ms[market] < FORCED_SPAN_MS)
        return;
    watch->forced_ms[market] = suspicion.income_ms;
    struct keel_risk_event event = make_event(KEEL_RISK_LIQUIDATED, market, side);
    emit(exchange, &event);
}

static void look_at_suspicions(struct keel_watch *watch, struct keel_private *exchange)
{
    for (int32_t market = 1; market <= KEEL_MARKETS_MAX && watch->suspects > 0; market++)
        look_at_suspicion(watch, exchange, (keel_market_id)market);
}

static void on_position(struct keel_watch *watch, struct keel_private *exchange,
                        const struct keel_event *event, const struct keel_applied *applied)
{
    watch->due = true;
    if (applied->ended)
        forget(watch, exchange, applied->position);
    else if (event->kind == KEEL_EVENT_POSITION &&
             keel_decimal_is_valid(event->position.venue_liquidation_price))
        watch->stated[applied->position->market][applied->position->side] = true;
}

void keel_watch_on_applied(struct keel_watch *watch, struct keel_private *exchange,
                           const struct keel_event *event, const struct keel_applied *applied)
{
    if (applied->kind == KEEL_EVENT_POSITION && applied->position != NULL)
        on_position(watch, exchange, event, applied);
    else if (applied->kind == KEEL_EVENT_ORDER && applied->order != NULL)
        on_forced_order(watch, exchange, applied);
    else if (applied->kind == KEEL_EVENT_EXECUTION && applied->execution != NULL)
        on_forced_fill(watch, exchange, applied);
    else if (applied->kind == KEEL_EVENT_MARGIN_CALL)
        on_margin_call(exchange, &event->margin_call);
    else if (applied->kind == KEEL_EVENT_INCOME)
        on_income(watch, exchange, &event->income);
    if (applied->kind == KEEL_EVENT_MARK || applied->kind == KEEL_EVENT_BALANCE ||
        applied->kind == KEEL_EVENT_LEVERAGE || applied->kind == KEEL_EVENT_BRACKETS)
        watch->due = true;
}

/* What a first load or a reload stated was not compared then: nothing was fresh. */
void keel_watch_on_state(struct keel_watch *watch, struct keel_private *exchange)
{
    const struct keel_position *position = NULL;
    int32_t count = keel_account_position_count(exchange->account);

    watch->due = true;
    for (int32_t i = 0; i < count && keel_account_is_fresh(exchange->account); i++) {
        position = keel_account_next_position(exchange->account, position);
        if (position == NULL)
            return;
        watch->stated[position->market][position->side] = true;
    }
}

int64_t keel_watch_deadline_ns(const struct keel_watch *watch, const struct keel_private *exchange)
{
    return watch->due ? exchange->now_ns : watch->due_ns;
}

void keel_watch_tick(struct keel_watch *watch, struct keel_private *exchange)
{
    if (exchange->now_ns < keel_watch_deadline_ns(watch, exchange))
        return;
    look(watch, exchange);
    look_at_suspicions(watch, exchange);
}
