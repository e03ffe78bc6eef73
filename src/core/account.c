#include "core/account.h"

#include "base/memory.h"
#include "core/account_state.h"
#include "core/margin.h"

#include <stdlib.h>

/* Life -------------------------------------------------------------------------------------- */

static int32_t or_default(int32_t value, int32_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void fill_defaults(struct keel_account_config *config)
{
    config->open_orders_max = or_default(config->open_orders_max, KEEL_OPEN_ORDERS_MAX);
    config->completed_orders_max =
        or_default(config->completed_orders_max, KEEL_COMPLETED_ORDERS_MAX);
    config->completed_orders_market_max =
        or_default(config->completed_orders_market_max, KEEL_COMPLETED_ORDERS_MARKET_MAX);
    config->executions_max = or_default(config->executions_max, KEEL_EXECUTIONS_MAX);
    config->positions_max = or_default(config->positions_max, KEEL_POSITIONS_MAX);
    config->assets_max = or_default(config->assets_max, KEEL_ASSETS_MAX);
    if (config->mark_age_max_ms <= 0)
        config->mark_age_max_ms = KEEL_MARK_AGE_MAX_MS;
    if (!keel_decimal_is_positive(config->high_risk_ratio))
        config->high_risk_ratio = keel_decimal_from_raw((keel_int128)700000000000000000);
    if (config->settle_asset[0] == '\0')
        memcpy(config->settle_asset, "USDT", sizeof("USDT"));
}

static bool init_parts(struct keel_account *account)
{
    const struct keel_account_config *config = &account->config;
    account->terms = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*account->terms));
    account->live = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*account->live));
    account->live_at = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*account->live_at));
    account->gone = keel_new_array((size_t)config->positions_max, sizeof(*account->gone));
    account->missing = keel_new_array((size_t)config->open_orders_max, sizeof(*account->missing));
    return account->terms && account->live && account->live_at && account->gone &&
           account->missing &&
           keel_orders_init(&account->orders, config->open_orders_max, config->completed_orders_max,
                            config->completed_orders_market_max) &&
           keel_executions_init(&account->executions, config->executions_max) &&
           keel_positions_init(&account->positions, config->positions_max) &&
           keel_balances_init(&account->balances, config->assets_max);
}

struct keel_account *keel_account_new(const struct keel_account_config *config)
{
    struct keel_account *account = config->markets ? calloc(1, sizeof(*account)) : NULL;
    if (!account)
        return NULL;
    account->config = *config;
    account->stale_since_ns = INT64_MAX;
    fill_defaults(&account->config);
    if (!init_parts(account)) {
        keel_account_free(account);
        return NULL;
    }
    return account;
}

void keel_account_free(struct keel_account *account)
{
    if (!account)
        return;
    keel_orders_deinit(&account->orders);
    keel_executions_deinit(&account->executions);
    keel_positions_deinit(&account->positions);
    keel_balances_deinit(&account->balances);
    free(account->terms);
    free(account->live);
    free(account->live_at);
    free(account->gone);
    free(account->missing);
    free(account);
}

/* Live markets ------------------------------------------------------------------------------ */

static bool market_is_live(const struct keel_account *account, keel_market_id market)
{
    if (account->orders.markets[market].open.count > 0)
        return true;
    for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
        const struct keel_leg *leg = keel_positions_leg(&account->positions, market, side);
        if (leg->slot != 0 || leg->unsettled_count != 0)
            return true;
    }
    return false;
}

static void remove_live(struct keel_account *account, keel_market_id market)
{
    int32_t at = account->live_at[market] - 1;
    keel_market_id last = account->live[--account->live_count];
    account->live[at] = last;
    account->live_at[last] = at + 1;
    account->live_at[market] = 0;
}

/* After whatever may have changed it. */
static void update_live(struct keel_account *account, keel_market_id market)
{
    bool live = market_is_live(account, market), listed = account->live_at[market] != 0;
    if (live && !listed) {
        account->live[account->live_count++] = market;
        account->live_at[market] = account->live_count;
    } else if (!live && listed) {
        remove_live(account, market);
    }
}

/* After the market's mark price, its brackets or one of its positions changed. */
static void value_positions(struct keel_account *account, keel_market_id market)
{
    const struct keel_terms *terms = &account->terms[market];
    for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
        struct keel_position_slot *slot = keel_positions_find(&account->positions, market, side);
        if (slot)
            keel_positions_value(slot, keel_terms_mark_price(terms), &terms->brackets);
    }
}

/* The settle asset gets its number with the first fact about its market. */
static enum keel_status intern_asset(struct keel_account *account, keel_market_id market,
                                     struct keel_error *error)
{
    struct keel_terms *terms = &account->terms[market];
    if (terms->asset != 0)
        return KEEL_OK;
    const struct keel_market *rules = keel_markets_get(account->config.markets, market);
    const char *asset = rules->settle[0] != '\0' ? rules->settle : account->config.settle_asset;
    terms->asset = keel_balances_intern(&account->balances, asset);
    if (terms->asset == 0)
        return keel_fail(error, KEEL_FULL, "%s: %d assets are known, the bound is %d",
                         rules->symbol, account->balances.count, account->balances.max);
    return KEEL_OK;
}

/* Facts that are about one market: it must be in the table. */
static enum keel_status check_market(struct keel_account *account, keel_market_id market,
                                     struct keel_error *error)
{
    if (!keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "market %d is not among the %d known", market,
                         keel_markets_count(account->config.markets));
    return intern_asset(account, market, error);
}

/* Orders ------------------------------------------------------------------------------------ */

static enum keel_order_family family_of(const struct keel_order *order)
{
    if (order->family != KEEL_FAMILY_NONE)
        return order->family;
    return keel_order_type_is_conditional(order->type) ? KEEL_FAMILY_CONDITIONAL
                                                       : KEEL_FAMILY_REGULAR;
}

/* A market order is valued as the venue takes its margin: a buy at the best ask, a sell at the best
 * bid and never below the mark price, with a slip. Absent without any price. */
static keel_decimal market_order_price(const struct keel_terms *terms, enum keel_side side)
{
    keel_decimal mark = keel_terms_have_mark(terms) ? terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
    keel_decimal best = KEEL_DECIMAL_ABSENT;
    if (terms->book_told)
        best = side == KEEL_BUY ? terms->book_top.ask_price : terms->book_top.bid_price;
    if (!keel_decimal_is_positive(best))
        best = mark;
    if (side == KEEL_SELL)
        return keel_margin_order_price(side, best, mark, best);
    const keel_decimal slip = keel_decimal_from_raw((keel_int128)1000500000000000000);
    return keel_decimal_mul(best, slip, KEEL_ROUND_UP);
}

keel_decimal keel_account_reserve_price(const struct keel_account *account, keel_market_id market,
                                        enum keel_side side, keel_decimal price)
{
    const struct keel_terms *terms = &account->terms[market];
    if (!keel_decimal_is_positive(price))
        return market_order_price(terms, side);
    keel_decimal mark = keel_terms_have_mark(terms) ? terms->mark.mark_price : KEEL_DECIMAL_ABSENT;
    keel_decimal last = terms->book_told ? terms->book_top.bid_price : mark;
    return keel_margin_order_price(side, price, mark, last);
}

static bool mentions(const struct keel_account *account, enum keel_snapshot_kind kind)
{
    return account->snapshot.kind == kind;
}

static enum keel_snapshot_kind orders_snapshot(enum keel_order_family family)
{
    return family == KEEL_FAMILY_CONDITIONAL ? KEEL_SNAPSHOT_CONDITIONAL_ORDERS
                                             : KEEL_SNAPSHOT_ORDERS;
}

/* An order that we hear of when it is over may have fills that came before it. */
static enum keel_status add_earlier_fills(struct keel_account *account,
                                          struct keel_order_slot *slot, struct keel_error *error)
{
    const struct keel_execution *execution = NULL;
    while ((execution = keel_executions_next(&account->executions, slot->order.market,
                                             execution)) != NULL) {
        struct keel_order_change change;
        if (slot->order.order_id[0] == '\0' ||
            strcmp(execution->order_id, slot->order.order_id) != 0)
            continue;
        enum keel_status status =
            keel_orders_add_fill(&account->orders, slot, execution->quantity, execution->price,
                                 execution->time_ms, &change, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

static void tell_order(const struct keel_order_change *change, struct keel_applied *applied)
{
    applied->changed = change->changed;
    applied->created = change->created;
    applied->ended = change->ended;
    applied->order = &change->slot->order;
    applied->cause = change->slot->order.cause;
}

static struct keel_order_ref ref_of(const struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = order->family};
    memcpy(ref.order_id, order->order_id, sizeof(ref.order_id));
    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    return ref;
}

/* A word from before the open orders were listed, on an order that was not among them. */
static bool was_unlisted(const struct keel_account *account, const struct keel_order_change *change,
                         const struct keel_order *update)
{
    return change->created && !change->ended &&
           update->update_time_ms <= account->listed_ms[update->family];
}

/* A stream's late word on an order that may be over and forgotten: it counts as open, so that no
 * margin is believed free, and the venue is to be asked. */
static void doubt_order(struct keel_account *account, struct keel_order_slot *slot,
                        struct keel_applied *applied)
{
    slot->unconfirmed = true;
    account->missing[0] = ref_of(&slot->order);
    applied->missing = account->missing;
    applied->missing_count = 1;
}

static enum keel_status apply_order(struct keel_account *account, const struct keel_event *event,
                                    enum keel_source source, struct keel_applied *applied,
                                    struct keel_error *error)
{
    struct keel_order update = event->order;
    update.family = family_of(&update);
    if (update.update_time_ms == 0)
        update.update_time_ms = event->time_ms;
    if (update.position_side == KEEL_POSITION_SIDE_NONE && account->modes.hedge != KEEL_ON)
        update.position_side = KEEL_NET;
    if (update.order_id[0] == '\0' && update.client_id[0] == '\0')
        return keel_fail(error, KEEL_MALFORMED, "%s: an order without any id",
                         keel_account_symbol(account, update.market));

    struct keel_order_change change;
    enum keel_status status =
        keel_orders_merge(&account->orders, &update,
                          keel_decimal_is_positive(update.price)
                              ? update.price
                              : market_order_price(&account->terms[update.market], update.side),
                          &change, error);
    if (status != KEEL_OK)
        return status;
    if (mentions(account, orders_snapshot(update.family)))
        change.slot->generation = account->generation;
    if (change.created && change.ended)
        status = add_earlier_fills(account, change.slot, error);
    account->counters.older += change.older;
    update_live(account, update.market);
    tell_order(&change, applied);
    bool doubtful = change.doubtful || was_unlisted(account, &change, &update);
    if (doubtful && source == KEEL_SOURCE_STREAM)
        doubt_order(account, change.slot, applied);
    return status;
}

/* Executions -------------------------------------------------------------------------------- */

static enum keel_status check_execution(const struct keel_account *account,
                                        const struct keel_execution *execution,
                                        struct keel_error *error)
{
    if (execution->trade_id[0] != '\0' && keel_decimal_is_positive(execution->quantity) &&
        keel_decimal_is_positive(execution->price) && execution->side != KEEL_SIDE_NONE)
        return KEEL_OK;
    return keel_fail(error, KEEL_MALFORMED,
                     "%s: an execution without a trade id, side, price or quantity",
                     keel_account_symbol(account, execution->market));
}

static enum keel_position_side leg_of(const struct keel_account *account,
                                      const struct keel_execution *execution,
                                      const struct keel_order_slot *slot)
{
    if (execution->position_side != KEEL_POSITION_SIDE_NONE)
        return execution->position_side;
    if (slot && slot->order.position_side != KEEL_POSITION_SIDE_NONE)
        return slot->order.position_side;
    return account->modes.hedge == KEEL_ON ? KEEL_POSITION_SIDE_NONE : KEEL_NET;
}

/* A listed execution is history: the position's statement contains it, or a snapshot will say so.
 */
static void keep_unsettled(struct keel_account *account, const struct keel_execution *execution,
                           enum keel_source source)
{
    if (source != KEEL_SOURCE_STREAM || execution->position_side == KEEL_POSITION_SIDE_NONE)
        return;
    keel_decimal quantity =
        execution->side == KEEL_BUY ? execution->quantity : keel_decimal_neg(execution->quantity);
    keel_positions_add_fill(&account->positions, execution->market, execution->position_side,
                            quantity, execution->cause, execution->time_ms);
}

static enum keel_status add_execution(struct keel_account *account,
                                      const struct keel_execution *told, uint32_t hash,
                                      enum keel_source source, struct keel_applied *applied,
                                      struct keel_error *error)
{
    struct keel_execution execution = *told;
    struct keel_order_slot *slot =
        keel_orders_find(&account->orders, execution.market, KEEL_FAMILY_REGULAR,
                         execution.order_id, execution.client_id);
    execution.position_side = leg_of(account, &execution, slot);
    if (slot && execution.client_id[0] == '\0')
        memcpy(execution.client_id, slot->order.client_id, sizeof(execution.client_id));

    if (slot) {
        struct keel_order_change change;
        enum keel_status status =
            keel_orders_add_fill(&account->orders, slot, execution.quantity, execution.price,
                                 execution.time_ms, &change, error);
        if (status != KEEL_OK)
            return status;
        applied->order = &slot->order;
        applied->ended = change.ended;
    }
    keep_unsettled(account, &execution, source);
    applied->execution = keel_executions_add(&account->executions, &execution, hash);
    applied->changed = applied->created = true;
    applied->cause = execution.cause;
    update_live(account, execution.market);
    return KEEL_OK;
}

static enum keel_status apply_execution(struct keel_account *account,
                                        const struct keel_event *event, enum keel_source source,
                                        struct keel_applied *applied, struct keel_error *error)
{
    const struct keel_execution *told = &event->execution;
    enum keel_status status = check_execution(account, told, error);
    if (status != KEEL_OK)
        return status;
    uint32_t hash;
    struct keel_execution *known =
        keel_executions_find(&account->executions, told->market, told->trade_id, &hash);
    if (!known)
        return add_execution(account, told, hash, source, applied, error);

    applied->execution = known;
    applied->cause = known->cause;
    applied->changed = keel_execution_complete(known, told);
    account->counters.duplicates += !applied->changed;
    return KEEL_OK;
}

/* Positions and balances -------------------------------------------------------------------- */

static enum keel_cause cause_of(const struct keel_account *account,
                                const struct keel_position *position)
{
    const struct keel_leg *leg =
        keel_positions_leg(&account->positions, position->market, position->side);
    return leg->cause_time_ms == position->update_time_ms ? leg->cause : KEEL_CAUSE_USER;
}

static void tell_position(const struct keel_account *account,
                          const struct keel_position_change *change, struct keel_applied *applied)
{
    applied->changed = change->changed;
    applied->created = change->opened;
    applied->ended = change->ended;
    applied->position = change->position;
    applied->previous_quantity = change->previous_quantity;
    if (change->changed)
        applied->cause = cause_of(account, change->position);
}

/* The statement of a position tells its market's margin mode, too. */
static void learn_margin_mode(struct keel_account *account, const struct keel_position *position,
                              int64_t now_ns, struct keel_applied *applied)
{
    struct keel_terms *terms = &account->terms[position->market];
    if (position->margin_mode == KEEL_MARGIN_MODE_NONE ||
        position->margin_mode == terms->margin_mode)
        return;
    struct keel_leverage told = {.margin_mode = position->margin_mode,
                                 .notional_max = KEEL_DECIMAL_ABSENT};
    applied->changed_outside =
        keel_terms_set_leverage(terms, &told, position->update_time_ms, now_ns).outside;
}

static enum keel_status check_position(const struct keel_account *account,
                                       const struct keel_position *position,
                                       struct keel_error *error)
{
    if (keel_decimal_is_valid(position->quantity) && position->side != KEEL_POSITION_SIDE_NONE)
        return KEEL_OK;
    return keel_fail(error, KEEL_MALFORMED, "%s: a position without a side or quantity",
                     keel_account_symbol(account, position->market));
}

static enum keel_status apply_position(struct keel_account *account, const struct keel_event *event,
                                       int64_t now_ns, struct keel_applied *applied,
                                       struct keel_error *error)
{
    struct keel_position update = event->position;
    enum keel_status status = check_position(account, &update, error);
    if (status != KEEL_OK)
        return status;
    if (update.update_time_ms == 0)
        update.update_time_ms = event->time_ms;
    if (update.margin_mode == KEEL_MARGIN_MODE_NONE)
        update.margin_mode = account->terms[update.market].margin_mode;

    struct keel_position_change change;
    status =
        keel_positions_merge(&account->positions, &update, account->generation, &change, error);
    if (status != KEEL_OK)
        return status;
    account->counters.older += change.older;
    if (!change.older)
        learn_margin_mode(account, &event->position, now_ns, applied);
    if (change.changed)
        value_positions(account, update.market);
    update_live(account, update.market);
    tell_position(account, &change, applied);
    return KEEL_OK;
}

static enum keel_status apply_balance(struct keel_account *account, const struct keel_event *event,
                                      struct keel_applied *applied, struct keel_error *error)
{
    struct keel_balance update = event->balance;
    if (update.asset[0] == '\0' || !keel_decimal_is_valid(update.wallet))
        return keel_fail(error, KEEL_MALFORMED, "a balance without an asset or a wallet");
    if (update.update_time_ms == 0)
        update.update_time_ms = event->time_ms;

    int32_t asset;
    bool older;
    enum keel_status status = keel_balances_merge(&account->balances, &update, account->generation,
                                                  &asset, &applied->changed, &older, error);
    if (status != KEEL_OK)
        return status;
    account->counters.older += older;
    applied->balance = &account->balances.at[asset].balance;
    return KEEL_OK;
}

/* Terms and prices -------------------------------------------------------------------------- */

static enum keel_status apply_mark(struct keel_account *account, const struct keel_event *event,
                                   enum keel_source source, int64_t now_ns,
                                   struct keel_applied *applied, struct keel_error *error)
{
    const struct keel_mark *mark = &event->mark;
    if (!keel_decimal_is_positive(mark->mark_price)) {
        char price[KEEL_DECIMAL_TEXT_SIZE];
        keel_decimal_format(mark->mark_price, price);
        return keel_fail(error, KEEL_MALFORMED, "%s: a mark price of %s",
                         keel_account_symbol(account, mark->market), price);
    }
    applied->changed = keel_terms_set_mark(&account->terms[mark->market], mark, source, now_ns);
    account->counters.older += !applied->changed;
    if (applied->changed && account->live_at[mark->market] != 0)
        value_positions(account, mark->market);
    return KEEL_OK;
}

static void apply_book_top(struct keel_account *account, const struct keel_event *event,
                           struct keel_applied *applied)
{
    const struct keel_book_top *book_top = &event->book_top;
    applied->changed = keel_terms_set_book_top(&account->terms[book_top->market], book_top);
    account->counters.older += !applied->changed;
}

static void apply_leverage(struct keel_account *account, const struct keel_event *event,
                           int64_t now_ns, struct keel_applied *applied)
{
    struct keel_terms_change change = keel_terms_set_leverage(
        &account->terms[event->leverage.market], &event->leverage, event->time_ms, now_ns);
    applied->changed = change.changed;
    applied->changed_outside = change.outside;
    account->counters.older += change.older;
}

static void apply_fees(struct keel_account *account, const struct keel_event *event,
                       struct keel_applied *applied)
{
    struct keel_terms *terms = &account->terms[event->fees.market];
    applied->changed = !terms->fees_told ||
                       !keel_decimal_equals(terms->fees.maker, event->fees.maker) ||
                       !keel_decimal_equals(terms->fees.taker, event->fees.taker);
    terms->fees = event->fees;
    terms->fees_told = true;
}

static bool apply_switch(enum keel_switch *known, enum keel_switch *expected, enum keel_switch told,
                         bool *outside)
{
    enum keel_switch before = *known;
    if (told == KEEL_SWITCH_NONE)
        return false;
    *known = told;
    if (told == *expected)
        *expected = KEEL_SWITCH_NONE;
    else
        *outside |= before != KEEL_SWITCH_NONE && before != told;
    return before != told;
}

static void apply_modes(struct keel_account *account, const struct keel_event *event,
                        struct keel_applied *applied)
{
    const struct keel_modes *told = &event->modes;
    struct keel_modes *known = &account->modes, *expected = &account->modes_expected;
    bool *outside = &applied->changed_outside;
    applied->changed = apply_switch(&known->hedge, &expected->hedge, told->hedge, outside);
    applied->changed |=
        apply_switch(&known->multi_asset, &expected->multi_asset, told->multi_asset, outside);
    applied->changed |=
        apply_switch(&known->can_trade, &expected->can_trade, told->can_trade, outside);
    account->modes_changed |= applied->changed_outside;
}

/* A contract size that changes turns every quantity into another one: entries wait until the
 * caller has seen it. */
static enum keel_status apply_market(struct keel_account *account, const struct keel_event *event,
                                     struct keel_applied *applied, struct keel_error *error)
{
    struct keel_markets *markets = account->config.markets;
    keel_market_id market =
        keel_markets_find_venue_symbol(markets, keel_str_from(event->market->venue_symbol));
    const struct keel_market *known = keel_markets_get(markets, market);
    bool resized = known && keel_decimal_is_positive(known->contract_size) &&
                   !keel_decimal_equals(known->contract_size, event->market->contract_size);
    enum keel_status status = keel_markets_put(markets, event->market, &applied->market, error);
    if (status != KEEL_OK)
        return status;
    applied->changed = true;
    applied->created = market == KEEL_NO_MARKET;
    applied->changed_outside = resized;
    account->terms[applied->market].changed_outside |= resized;
    return KEEL_OK;
}

static enum keel_status apply_brackets(struct keel_account *account, const struct keel_event *event,
                                       struct keel_applied *applied, struct keel_error *error)
{
    keel_market_id market = event->brackets.market;
    enum keel_status status =
        keel_terms_set_brackets(&account->terms[market], event->brackets.table,
                                keel_account_symbol(account, market), error);
    applied->changed = status == KEEL_OK;
    value_positions(account, market);
    return status;
}

/* Snapshots --------------------------------------------------------------------------------- */

static void begin_snapshot(struct keel_account *account, const struct keel_event *event)
{
    account->snapshot = event->snapshot;
    account->snapshot_time_ms = event->time_ms;
    account->generation++;
}

static bool is_covered(const struct keel_account *account, keel_market_id market)
{
    return account->snapshot.market == KEEL_NO_MARKET || account->snapshot.market == market;
}

/* What the stream told after the snapshot was asked for may well be missing from it. */
static bool is_newer_than_snapshot(const struct keel_account *account, int64_t time_ms)
{
    return account->snapshot_time_ms != 0 && time_ms > account->snapshot_time_ms;
}

static void remove_unmentioned_positions(struct keel_account *account)
{
    account->gone_count = 0;
    for (int32_t number = account->positions.count; number >= 1; number--) {
        struct keel_position_slot *slot = &account->positions.at[number];
        struct keel_position *position = &slot->position;
        keel_market_id market = position->market;
        if (slot->generation == account->generation || !is_covered(account, market) ||
            is_newer_than_snapshot(account, position->update_time_ms))
            continue;
        position->quantity = KEEL_DECIMAL_ZERO;
        account->gone[account->gone_count++] = *position;
        keel_positions_remove(&account->positions, slot);
        update_live(account, market);
    }
}

/* Fills that happened before a complete snapshot was asked for are in it, flat legs too. */
static void settle_fills(struct keel_account *account)
{
    for (int32_t i = account->live_count - 1; i >= 0; i--) {
        keel_market_id market = account->live[i];
        if (!is_covered(account, market))
            continue;
        for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++)
            keel_positions_settle(keel_positions_leg(&account->positions, market, side),
                                  account->snapshot_time_ms);
        update_live(account, market);
    }
}

static void remove_unmentioned_balances(struct keel_account *account)
{
    for (int32_t number = 1; number <= account->balances.count; number++) {
        struct keel_balance_slot *slot = &account->balances.at[number];
        if (slot->generation == account->generation ||
            is_newer_than_snapshot(account, slot->balance.update_time_ms))
            continue;
        slot->told = false;
        slot->balance.wallet = slot->balance.cross_wallet = KEEL_DECIMAL_ABSENT;
        slot->balance.available = slot->balance.locked = KEEL_DECIMAL_ABSENT;
    }
}

static void note_listing(struct keel_account *account)
{
    enum keel_order_family family = account->snapshot.kind == KEEL_SNAPSHOT_ORDERS
                                        ? KEEL_FAMILY_REGULAR
                                        : KEEL_FAMILY_CONDITIONAL;
    if (account->snapshot.market == KEEL_NO_MARKET)
        account->listed_ms[family] = account->snapshot_time_ms;
}

/* A pending order is none that the venue has told of: its own reply, or the query that follows an
 * unknown outcome, settles it. */
static void list_missing_orders(struct keel_account *account)
{
    struct keel_order_slot *slots = account->orders.at;
    for (uint32_t number = account->orders.open.first; number != 0;
         number = slots[number].next_all) {
        struct keel_order_slot *slot = &slots[number];
        const struct keel_order *order = &slot->order;
        if (slot->generation == account->generation || !is_covered(account, order->market) ||
            !mentions(account, orders_snapshot(order->family)) ||
            order->status == KEEL_ORDER_PENDING ||
            is_newer_than_snapshot(account, order->update_time_ms))
            continue;
        slot->unconfirmed = true;
        account->missing[account->missing_count++] = ref_of(order);
    }
}

static enum keel_status end_snapshot(struct keel_account *account, const struct keel_event *event,
                                     struct keel_applied *applied, struct keel_error *error)
{
    enum keel_snapshot_kind kind = account->snapshot.kind;
    if (kind == KEEL_SNAPSHOT_NONE || kind != event->snapshot.kind)
        return keel_fail(error, KEEL_MALFORMED, "a snapshot of kind %d ends, of kind %d began",
                         event->snapshot.kind, kind);
    account->gone_count = account->missing_count = 0;
    switch (kind) {
    case KEEL_SNAPSHOT_NONE: break;
    case KEEL_SNAPSHOT_BALANCES: remove_unmentioned_balances(account); break;
    case KEEL_SNAPSHOT_POSITIONS:
        remove_unmentioned_positions(account);
        settle_fills(account);
        break;
    case KEEL_SNAPSHOT_ORDERS:
    case KEEL_SNAPSHOT_CONDITIONAL_ORDERS:
        list_missing_orders(account);
        note_listing(account);
        break;
    }
    account->snapshot.kind = KEEL_SNAPSHOT_NONE;
    applied->gone = account->gone;
    applied->gone_count = account->gone_count;
    applied->missing = account->missing;
    applied->missing_count = account->missing_count;
    applied->changed = account->gone_count > 0;
    return KEEL_OK;
}

/* Apply ------------------------------------------------------------------------------------- */

static keel_market_id market_of(const struct keel_event *event)
{
    switch (event->kind) {
    case KEEL_EVENT_ORDER: return event->order.market;
    case KEEL_EVENT_EXECUTION: return event->execution.market;
    case KEEL_EVENT_POSITION: return event->position.market;
    case KEEL_EVENT_LEVERAGE: return event->leverage.market;
    case KEEL_EVENT_MARK: return event->mark.market;
    case KEEL_EVENT_BOOK_TOP: return event->book_top.market;
    case KEEL_EVENT_INCOME: return event->income.market;
    case KEEL_EVENT_MARGIN_CALL: return event->margin_call.market;
    case KEEL_EVENT_BRACKETS: return event->brackets.market;
    case KEEL_EVENT_FEES: return event->fees.market;
    case KEEL_EVENT_SNAPSHOT_BEGIN:
    case KEEL_EVENT_SNAPSHOT_END: return event->snapshot.market;
    case KEEL_EVENT_NONE:
    case KEEL_EVENT_BALANCE:
    case KEEL_EVENT_MODES:
    case KEEL_EVENT_MARKET:
    case KEEL_EVENT_RATE_LIMIT:
    case KEEL_EVENT_SERVER_TIME:
    case KEEL_EVENT_STREAM_KEY:
    case KEEL_EVENT_STREAM_EXPIRED:
    case KEEL_EVENT_SUBSCRIBED:
    case KEEL_EVENT_REFUSED:
    case KEEL_EVENT_WITHDRAWAL:
    case KEEL_EVENT_DEPOSIT:
    case KEEL_EVENT_TRANSFER:
    case KEEL_EVENT_NETWORK:
    case KEEL_EVENT_UNKNOWN: return KEEL_NO_MARKET;
    }
    return KEEL_NO_MARKET;
}

static bool needs_market(enum keel_event_kind kind)
{
    switch (kind) {
    case KEEL_EVENT_ORDER:
    case KEEL_EVENT_EXECUTION:
    case KEEL_EVENT_POSITION:
    case KEEL_EVENT_LEVERAGE:
    case KEEL_EVENT_MARK:
    case KEEL_EVENT_BOOK_TOP:
    case KEEL_EVENT_MARGIN_CALL:
    case KEEL_EVENT_BRACKETS:
    case KEEL_EVENT_FEES: return true;
    case KEEL_EVENT_NONE:
    case KEEL_EVENT_BALANCE:
    case KEEL_EVENT_INCOME:
    case KEEL_EVENT_MODES:
    case KEEL_EVENT_MARKET:
    case KEEL_EVENT_RATE_LIMIT:
    case KEEL_EVENT_SERVER_TIME:
    case KEEL_EVENT_STREAM_KEY:
    case KEEL_EVENT_STREAM_EXPIRED:
    case KEEL_EVENT_SUBSCRIBED:
    case KEEL_EVENT_REFUSED:
    case KEEL_EVENT_WITHDRAWAL:
    case KEEL_EVENT_DEPOSIT:
    case KEEL_EVENT_TRANSFER:
    case KEEL_EVENT_NETWORK:
    case KEEL_EVENT_SNAPSHOT_BEGIN:
    case KEEL_EVENT_SNAPSHOT_END:
    case KEEL_EVENT_UNKNOWN: return false;
    }
    return false;
}

static enum keel_status apply(struct keel_account *account, const struct keel_event *event,
                              enum keel_source source, int64_t now_ns, struct keel_applied *applied,
                              struct keel_error *error)
{
    switch (event->kind) {
    case KEEL_EVENT_ORDER: return apply_order(account, event, source, applied, error);
    case KEEL_EVENT_EXECUTION: return apply_execution(account, event, source, applied, error);
    case KEEL_EVENT_BALANCE: return apply_balance(account, event, applied, error);
    case KEEL_EVENT_POSITION: return apply_position(account, event, now_ns, applied, error);
    case KEEL_EVENT_LEVERAGE: apply_leverage(account, event, now_ns, applied); return KEEL_OK;
    case KEEL_EVENT_MARK: return apply_mark(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_BOOK_TOP: apply_book_top(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_MODES: apply_modes(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_MARKET: return apply_market(account, event, applied, error);
    case KEEL_EVENT_BRACKETS: return apply_brackets(account, event, applied, error);
    case KEEL_EVENT_FEES: apply_fees(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_SNAPSHOT_BEGIN: begin_snapshot(account, event); return KEEL_OK;
    case KEEL_EVENT_SNAPSHOT_END: return end_snapshot(account, event, applied, error);
    case KEEL_EVENT_UNKNOWN: account->counters.unknown++; return KEEL_OK;
    case KEEL_EVENT_INCOME:      /* wallets come as balances; incomes feed the books */
    case KEEL_EVENT_MARGIN_CALL: /* the venue's word on what risk computes */
    case KEEL_EVENT_NONE:
    case KEEL_EVENT_RATE_LIMIT: /* these are the session's */
    case KEEL_EVENT_SERVER_TIME:
    case KEEL_EVENT_STREAM_KEY:
    case KEEL_EVENT_STREAM_EXPIRED:
    case KEEL_EVENT_SUBSCRIBED:
    case KEEL_EVENT_REFUSED:
    case KEEL_EVENT_WITHDRAWAL: /* these are their callers' */
    case KEEL_EVENT_DEPOSIT:
    case KEEL_EVENT_TRANSFER:
    case KEEL_EVENT_NETWORK: return KEEL_OK;
    }
    return KEEL_OK;
}

enum keel_status keel_account_apply(struct keel_account *account, const struct keel_event *event,
                                    enum keel_source source, int64_t now_ns,
                                    struct keel_applied *applied, struct keel_error *error)
{
    *applied = (struct keel_applied){
        .kind = event->kind, .market = market_of(event), .previous_quantity = KEEL_DECIMAL_ZERO};
    enum keel_status status = KEEL_OK;
    if (needs_market(event->kind))
        status = check_market(account, applied->market, error);
    if (status == KEEL_OK)
        status = apply(account, event, source, now_ns, applied, error);
    if (status == KEEL_OK)
        account->counters.changes += applied->changed;
    return status;
}

/* What the owner did ------------------------------------------------------------------------ */

static enum keel_order_family family_of_request(const struct keel_order_request *request)
{
    return keel_order_type_is_conditional(request->type) ? KEEL_FAMILY_CONDITIONAL
                                                         : KEEL_FAMILY_REGULAR;
}

/* Member by member: an order is large, and clearing it first takes longer than the rest. */
static void fill_pending_order(const struct keel_account *account,
                               const struct keel_order_request *request, struct keel_order *order)
{
    order->market = request->market;
    order->side = request->side;
    order->position_side = request->position_side;
    if (order->position_side == KEEL_POSITION_SIDE_NONE && account->modes.hedge != KEEL_ON)
        order->position_side = KEEL_NET;
    order->type = request->type;
    order->time_in_force = request->time_in_force;
    order->status = KEEL_ORDER_PENDING;
    order->family = family_of_request(request);
    order->cause = KEEL_CAUSE_USER;
    order->trigger_source = request->trigger_source;
    order->reduce_only = request->reduce_only;
    order->close_position = request->close_position;
    order->order_id[0] = order->child_order_id[0] = '\0';
    memcpy(order->client_id, request->client_id, sizeof(order->client_id));
    order->price = request->price;
    order->trigger_price = request->trigger_price;
    order->average_price = KEEL_DECIMAL_ABSENT;
    order->quantity = request->quantity;
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->create_time_ms = order->update_time_ms = 0;
}

bool keel_account_client_id_is_taken(const struct keel_account *account, keel_market_id market,
                                     const char *client_id)
{
    return keel_orders_client_id_is_open(&account->orders, market, client_id);
}

static enum keel_status hold_order(struct keel_account *account,
                                   const struct keel_order_request *request,
                                   struct keel_error *error)
{
    enum keel_status status = check_market(account, request->market, error);
    if (status != KEEL_OK)
        return status;
    if (request->client_id[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "an order cannot be held without a client id");
    if (keel_account_client_id_is_taken(account, request->market, request->client_id))
        return keel_fail(error, KEEL_CLIENT_ID, "client id %s is that of an order still open",
                         request->client_id);

    struct keel_order order;
    struct keel_order_change change;
    fill_pending_order(account, request, &order);
    keel_decimal price = keel_account_reserve_price(account, order.market, order.side, order.price);
    status = keel_orders_create(&account->orders, &order, price, &change, error);
    if (status == KEEL_OK)
        update_live(account, order.market);
    return status;
}

static struct keel_order_slot *find_slot(const struct keel_account *account,
                                         const struct keel_order_ref *ref)
{
    if (!keel_account_knows_market(account, ref->market))
        return NULL;
    const struct keel_orders *orders = &account->orders;
    if (ref->family != KEEL_FAMILY_NONE)
        return keel_orders_find(orders, ref->market, ref->family, ref->order_id, ref->client_id);
    struct keel_order_slot *slot =
        keel_orders_find(orders, ref->market, KEEL_FAMILY_REGULAR, ref->order_id, ref->client_id);
    return slot ? slot
                : keel_orders_find(orders, ref->market, KEEL_FAMILY_CONDITIONAL, ref->order_id,
                                   ref->client_id);
}

/* An order that is no longer there takes nothing. */
static enum keel_status hold_amendment(struct keel_account *account, const struct keel_amend *amend,
                                       struct keel_error *error)
{
    struct keel_order_slot *slot = find_slot(account, &amend->order);
    if (!slot)
        return KEEL_OK;
    return keel_orders_hold_amendment(&account->orders, slot, amend->price, amend->quantity, error);
}

static void release_amendment(struct keel_account *account, const struct keel_amend *amend)
{
    struct keel_order_slot *slot = find_slot(account, &amend->order);
    if (slot)
        keel_orders_release_amendment(&account->orders, slot, amend->price, amend->quantity);
}

static enum keel_switch switch_for(bool enable)
{
    return enable ? KEEL_ON : KEEL_OFF;
}

/* What a settings command asks for; with `asks` false, that it no longer does. */
static void expect_setting(struct keel_account *account, const struct keel_command *command,
                           bool asks)
{
    struct keel_modes *modes = &account->modes_expected;
    if (command->kind == KEEL_SET_LEVERAGE)
        account->terms[command->leverage.market].leverage_expected =
            asks ? command->leverage.leverage : 0;
    else if (command->kind == KEEL_SET_MARGIN_MODE)
        account->terms[command->margin_mode.market].margin_mode_expected =
            asks ? command->margin_mode.mode : KEEL_MARGIN_MODE_NONE;
    else if (command->kind == KEEL_SET_HEDGE_MODE)
        modes->hedge = asks ? switch_for(command->enable) : KEEL_SWITCH_NONE;
    else if (command->kind == KEEL_SET_MULTI_ASSET)
        modes->multi_asset = asks ? switch_for(command->enable) : KEEL_SWITCH_NONE;
}

enum keel_status keel_account_hold(struct keel_account *account, const struct keel_command *command,
                                   struct keel_error *error)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return hold_order(account, &command->place, error);
    if (command->kind == KEEL_AMEND_ORDER)
        return hold_amendment(account, &command->amend, error);
    if (command->kind == KEEL_SET_LEVERAGE || command->kind == KEEL_SET_MARGIN_MODE) {
        enum keel_status status =
            check_market(account,
                         command->kind == KEEL_SET_LEVERAGE ? command->leverage.market
                                                            : command->margin_mode.market,
                         error);
        if (status != KEEL_OK)
            return status;
    }
    expect_setting(account, command, true);
    return KEEL_OK;
}

static bool release_order(struct keel_account *account, const struct keel_order_request *request,
                          int64_t time_ms)
{
    struct keel_order_slot *slot = keel_orders_find(
        &account->orders, request->market, family_of_request(request), "", request->client_id);
    if (!slot || slot->order.status != KEEL_ORDER_PENDING)
        return false;
    keel_orders_end(&account->orders, slot, KEEL_ORDER_REJECTED, time_ms);
    update_live(account, request->market);
    return true;
}

bool keel_account_release(struct keel_account *account, const struct keel_command *command,
                          int64_t time_ms)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return release_order(account, &command->place, time_ms);
    if (command->kind == KEEL_AMEND_ORDER)
        release_amendment(account, &command->amend);
    else
        expect_setting(account, command, false);
    return true;
}

bool keel_account_drop_order(struct keel_account *account, const struct keel_order_ref *ref,
                             enum keel_order_status status, int64_t time_ms)
{
    struct keel_order_slot *slot = find_slot(account, ref);
    if (!slot || !keel_order_is_open(&slot->order))
        return false;
    keel_orders_end(&account->orders, slot, status, time_ms);
    update_live(account, slot->order.market);
    return true;
}

void keel_account_set_fresh(struct keel_account *account, bool fresh, int64_t now_ns)
{
    if (account->fresh && !fresh)
        account->stale_since_ns = now_ns;
    account->fresh = fresh;
}

bool keel_account_is_fresh(const struct keel_account *account)
{
    return account->fresh;
}

void keel_account_set_state(struct keel_account *account, enum keel_account_state state)
{
    account->state = state;
}

enum keel_account_state keel_account_state(const struct keel_account *account)
{
    return account->state;
}

void keel_account_accept(struct keel_account *account, keel_market_id market)
{
    if (market != KEEL_NO_MARKET) {
        account->terms[market].changed_outside = false;
        return;
    }
    account->modes_changed = false;
    for (int32_t id = 1; id <= keel_markets_count(account->config.markets); id++)
        account->terms[id].changed_outside = false;
}

/* Reads ------------------------------------------------------------------------------------- */

struct keel_modes keel_account_modes(const struct keel_account *account)
{
    return account->modes;
}

bool keel_account_modes_changed(const struct keel_account *account, keel_market_id market)
{
    return account->modes_changed ||
           (keel_account_knows_market(account, market) && account->terms[market].changed_outside);
}

struct keel_account_counters keel_account_counters(const struct keel_account *account)
{
    return account->counters;
}

struct keel_markets *keel_account_markets(const struct keel_account *account)
{
    return account->config.markets;
}

static bool may_read(const struct keel_account *account, bool stale_too)
{
    return account->fresh || stale_too;
}

enum keel_status keel_account_get_order(const struct keel_account *account,
                                        const struct keel_order_ref *ref, bool stale_too,
                                        struct keel_order *order)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_order *known = keel_account_find_order(account, ref);
    if (!known)
        return KEEL_NOT_FOUND;
    *order = *known;
    return KEEL_OK;
}

enum keel_status keel_account_get_position(const struct keel_account *account,
                                           keel_market_id market, enum keel_position_side side,
                                           bool stale_too, struct keel_position *position)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_position *known = keel_account_find_position(account, market, side);
    if (!known)
        return KEEL_NO_POSITION;
    *position = *known;
    return KEEL_OK;
}

enum keel_status keel_account_get_balance(const struct keel_account *account, keel_str asset,
                                          bool stale_too, struct keel_balance *balance)
{
    if (!may_read(account, stale_too))
        return KEEL_STALE;
    const struct keel_balance *known = keel_account_find_balance(account, asset);
    if (!known)
        return KEEL_NOT_FOUND;
    *balance = *known;
    return KEEL_OK;
}

enum keel_status keel_account_get_leverage(const struct keel_account *account,
                                           keel_market_id market, int64_t now_ns,
                                           struct keel_leverage *leverage)
{
    if (!keel_account_knows_market(account, market))
        return KEEL_SYMBOL_UNKNOWN;
    const struct keel_terms *terms = &account->terms[market];
    if (terms->leverage == 0 && terms->margin_mode == KEEL_MARGIN_MODE_NONE)
        return KEEL_NOT_LOADED;
    *leverage = (struct keel_leverage){
        .market = market,
        .leverage = terms->leverage,
        .leverage_max = keel_brackets_leverage_max(&terms->brackets),
        .margin_mode = terms->margin_mode,
        .notional_max = terms->notional_max_told
                            ? terms->notional_max
                            : keel_brackets_notional_max(&terms->brackets, terms->leverage),
        .age_ms = (now_ns - terms->confirmed_ns) / 1000000,
    };
    return KEEL_OK;
}

const struct keel_order *keel_account_find_order(const struct keel_account *account,
                                                 const struct keel_order_ref *ref)
{
    const struct keel_order_slot *slot = find_slot(account, ref);
    return slot ? &slot->order : NULL;
}

const struct keel_position *keel_account_find_position(const struct keel_account *account,
                                                       keel_market_id market,
                                                       enum keel_position_side side)
{
    if (!keel_account_knows_market(account, market))
        return NULL;
    const struct keel_position_slot *slot = keel_positions_find(&account->positions, market, side);
    return slot ? &slot->position : NULL;
}

const struct keel_balance *keel_account_find_balance(const struct keel_account *account,
                                                     keel_str asset)
{
    int32_t number = keel_balances_find(&account->balances, asset);
    const struct keel_balance_slot *slot = &account->balances.at[number];
    return number != 0 && slot->told ? &slot->balance : NULL;
}

const struct keel_mark *keel_account_find_mark(const struct keel_account *account,
                                               keel_market_id market, int64_t *received_ns)
{
    if (!keel_account_knows_market(account, market) ||
        !keel_terms_have_mark(&account->terms[market]))
        return NULL;
    if (received_ns)
        *received_ns = account->terms[market].mark_received_ns;
    return &account->terms[market].mark;
}

const struct keel_book_top *keel_account_find_book_top(const struct keel_account *account,
                                                       keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || !account->terms[market].book_told)
        return NULL;
    return &account->terms[market].book_top;
}

const struct keel_brackets *keel_account_find_brackets(const struct keel_account *account,
                                                       keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || account->terms[market].brackets.count == 0)
        return NULL;
    return &account->terms[market].brackets;
}

const struct keel_fees *keel_account_find_fees(const struct keel_account *account,
                                               keel_market_id market)
{
    if (!keel_account_knows_market(account, market) || !account->terms[market].fees_told)
        return NULL;
    return &account->terms[market].fees;
}

/* An order that the account handed out is the first member of its slot. */
static const struct keel_order_slot *slot_of(const struct keel_order *order)
{
    return (const struct keel_order_slot *)order;
}

bool keel_account_order_is_unconfirmed(const struct keel_account *account,
                                       const struct keel_order *order)
{
    struct keel_order_ref ref = ref_of(order);
    const struct keel_order_slot *slot = find_slot(account, &ref);
    return slot && slot->unconfirmed && keel_order_is_open(&slot->order);
}

const struct keel_order *keel_account_next_open_order(const struct keel_account *account,
                                                      keel_market_id market,
                                                      const struct keel_order *after)
{
    const struct keel_order_slot *slot =
        keel_orders_next_open(&account->orders, market, slot_of(after));
    return slot ? &slot->order : NULL;
}

const struct keel_order *keel_account_next_completed_order(const struct keel_account *account,
                                                           keel_market_id market,
                                                           const struct keel_order *after)
{
    const struct keel_order_slot *slot =
        keel_orders_next_completed(&account->orders, market, slot_of(after));
    return slot ? &slot->order : NULL;
}

const struct keel_execution *keel_account_next_execution(const struct keel_account *account,
                                                         keel_market_id market,
                                                         const struct keel_execution *after)
{
    return keel_executions_next(&account->executions, market, after);
}

const struct keel_position *keel_account_next_position(const struct keel_account *account,
                                                       const struct keel_position *after)
{
    const struct keel_positions *positions = &account->positions;
    ptrdiff_t number = 1;
    if (after)
        number = (const struct keel_position_slot *)after - positions->at + 1;
    return number <= positions->count ? &positions->at[number].position : NULL;
}

const struct keel_balance *keel_account_next_balance(const struct keel_account *account,
                                                     const struct keel_balance *after)
{
    const struct keel_balances *balances = &account->balances;
    ptrdiff_t number = 1;
    if (after)
        number = (const struct keel_balance_slot *)after - balances->at + 1;
    while (number <= balances->count && !balances->at[number].told)
        number++;
    return number <= balances->count ? &balances->at[number].balance : NULL;
}

int32_t keel_account_open_order_count(const struct keel_account *account)
{
    return account->orders.open.count;
}

int32_t keel_account_completed_order_count(const struct keel_account *account)
{
    return account->orders.completed.count;
}

int32_t keel_account_position_count(const struct keel_account *account)
{
    return account->positions.count;
}

keel_decimal keel_account_resting_reduce_only(const struct keel_account *account,
                                              keel_market_id market, enum keel_position_side leg,
                                              enum keel_side side)
{
    if (!keel_account_knows_market(account, market))
        return KEEL_DECIMAL_ZERO;
    const struct keel_resting *resting = &account->orders.markets[market].resting[leg];
    return side == KEEL_BUY ? resting->buys.claim : resting->sells.claim;
}

keel_decimal keel_account_expected_quantity(const struct keel_account *account,
                                            keel_market_id market, enum keel_position_side leg)
{
    const struct keel_position *position = keel_account_find_position(account, market, leg);
    keel_decimal quantity = position ? position->quantity : KEEL_DECIMAL_ZERO;
    if (!keel_account_knows_market(account, market))
        return quantity;
    return keel_decimal_add(
        quantity, keel_leg_unsettled(keel_positions_leg(&account->positions, market, leg)));
}

static enum keel_status audit_values(const struct keel_account *account, struct keel_error *error)
{
    for (int32_t number = 1; number <= account->positions.count; number++) {
        const struct keel_position_slot *kept = &account->positions.at[number];
        const struct keel_terms *terms = &account->terms[kept->position.market];
        struct keel_position_slot fresh = *kept;
        keel_positions_value(&fresh, keel_terms_mark_price(terms), &terms->brackets);
        if (!keel_decimal_equals(fresh.value, kept->value) ||
            !keel_decimal_equals(fresh.maintenance, kept->maintenance))
            return keel_fail(error, KEEL_BROKEN, "%s: its position has the value of another mark",
                             keel_account_symbol(account, kept->position.market));
    }
    return KEEL_OK;
}

enum keel_status keel_account_audit(const struct keel_account *account, struct keel_error *error)
{
    enum keel_status status = keel_orders_audit(&account->orders, error);
    if (status == KEEL_OK)
        status = keel_positions_audit(&account->positions, error);
    if (status == KEEL_OK)
        status = audit_values(account, error);
    if (status != KEEL_OK)
        return status;
    for (int32_t market = 1; market <= keel_markets_count(account->config.markets); market++) {
        bool live = market_is_live(account, (keel_market_id)market);
        if (live != (account->live_at[market] != 0))
            return keel_fail(error, KEEL_BROKEN, "%s: live is %d, listed as %d",
                             keel_account_symbol(account, (keel_market_id)market), live, !live);
    }
    return KEEL_OK;
}
