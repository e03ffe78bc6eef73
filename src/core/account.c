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
    config->assets_max =
        or_default(config->assets_max,
                   config->product == KEEL_PRODUCT_SPOT ? KEEL_SPOT_ASSETS_MAX : KEEL_ASSETS_MAX);
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
void keel_account_update_live(struct keel_account *account, keel_market_id market)
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
void keel_account_value_positions(struct keel_account *account, keel_market_id market)
{
    const struct keel_terms *terms = &account->terms[market];
    for (enum keel_position_side side = KEEL_NET; side <= KEEL_SHORT; side++) {
        struct keel_position_slot *slot = keel_positions_find(&account->positions, market, side);
        if (slot)
            keel_positions_value(slot, keel_terms_mark_price(terms), &terms->brackets,
                                 terms->closing_fee_ratio);
    }
}

static int32_t number_of(struct keel_account *account, const char *asset)
{
    return keel_balances_intern(&account->balances, asset);
}

/* The market's assets get their numbers with the first fact about it. */
static enum keel_status intern_assets(struct keel_account *account, keel_market_id market,
                                      struct keel_error *error)
{
    struct keel_terms *terms = &account->terms[market];
    if (terms->asset != 0)
        return KEEL_OK;
    const struct keel_market *rules = keel_markets_get(account->config.markets, market);
    bool spot = account->config.product == KEEL_PRODUCT_SPOT;
    const char *settle = rules->settle[0] != '\0' ? rules->settle : account->config.settle_asset;
    terms->base_asset = spot ? number_of(account, rules->base) : 0;
    terms->asset = number_of(account, spot ? rules->quote : settle);
    terms->closing_fee_ratio = rules->closing_fee_ratio;
    if (terms->asset != 0 && (terms->base_asset != 0 || !spot))
        return KEEL_OK;
    terms->asset = 0;
    return keel_fail(error, KEEL_FULL, "%s: %d assets are known, the bound is %d", rules->symbol,
                     account->balances.count, account->balances.max);
}

/* Facts that are about one market: it must be in the table. */
enum keel_status keel_account_check_market(struct keel_account *account, keel_market_id market,
                                           struct keel_error *error)
{
    if (!keel_account_knows_market(account, market))
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "market %d is not among the %d known", market,
                         keel_markets_count(account->config.markets));
    return intern_assets(account, market, error);
}

/* What the owner did ------------------------------------------------------------------------ */

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
    order->family = keel_account_family(account, request->type);
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
    order->quote_quantity = request->quote_quantity;
    order->filled_quantity = KEEL_DECIMAL_ZERO;
    order->create_time_ms = order->update_time_ms = order->age_ms = 0;
    order->reason[0] = '\0';
    order->source = KEEL_SOURCE_NONE;
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
    enum keel_status status = keel_account_check_market(account, request->market, error);
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
    keel_decimal valued = order.price;
    if (account->config.one_family && !keel_decimal_is_positive(valued))
        valued = order.trigger_price;
    keel_decimal price = keel_account_reserve_price(account, order.market, order.side, valued);
    status = keel_orders_create(&account->orders, &order, price, &change, error);
    if (status == KEEL_OK)
        keel_account_update_live(account, order.market);
    return status;
}

/* An order that is no longer there takes nothing. */
static enum keel_status hold_amendment(struct keel_account *account, const struct keel_amend *amend,
                                       struct keel_error *error)
{
    struct keel_order_slot *slot = keel_account_find_slot(account, &amend->order);
    if (!slot)
        return KEEL_OK;
    return keel_orders_hold_amendment(&account->orders, slot, amend->price, amend->quantity, error);
}

static void release_amendment(struct keel_account *account, const struct keel_amend *amend)
{
    struct keel_order_slot *slot = keel_account_find_slot(account, &amend->order);
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
    if (command->kind == KEEL_TRANSFER || command->kind == KEEL_WITHDRAW)
        return keel_account_hold_wallet(account, command, error);
    if (command->kind == KEEL_SET_LEVERAGE || command->kind == KEEL_SET_MARGIN_MODE) {
        enum keel_status status = keel_account_check_market(account,
                                                            command->kind == KEEL_SET_LEVERAGE
                                                                ? command->leverage.market
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
    struct keel_order_slot *slot =
        keel_orders_find(&account->orders, request->market,
                         keel_account_family(account, request->type), "", request->client_id);
    if (!slot || slot->order.status != KEEL_ORDER_PENDING)
        return false;
    keel_orders_end(&account->orders, slot, KEEL_ORDER_REJECTED, time_ms);
    keel_account_update_live(account, request->market);
    return true;
}

bool keel_account_release(struct keel_account *account, const struct keel_command *command,
                          int64_t time_ms)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return release_order(account, &command->place, time_ms);
    if (command->kind == KEEL_AMEND_ORDER)
        release_amendment(account, &command->amend);
    else if (command->kind == KEEL_TRANSFER || command->kind == KEEL_WITHDRAW)
        keel_account_release_wallet(account, command);
    else
        expect_setting(account, command, false);
    return true;
}

bool keel_account_drop_order(struct keel_account *account, const struct keel_order_ref *ref,
                             enum keel_order_status status, int64_t time_ms)
{
    struct keel_order_slot *slot = keel_account_find_slot(account, ref);
    if (!slot || !keel_order_is_open(&slot->order))
        return false;
    keel_orders_end(&account->orders, slot, status, time_ms);
    keel_account_update_live(account, slot->order.market);
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

/* What was asked for and not got is no longer waited for. */
static void accept_terms(struct keel_terms *terms)
{
    if (terms->changed_outside)
        terms->leverage_expected = 0;
    terms->changed_outside = false;
}

void keel_account_accept(struct keel_account *account, keel_market_id market)
{
    if (market != KEEL_NO_MARKET) {
        accept_terms(&account->terms[market]);
        return;
    }
    account->modes_changed = false;
    for (int32_t id = 1; id <= keel_markets_count(account->config.markets); id++)
        accept_terms(&account->terms[id]);
}

/* Audit ------------------------------------------------------------------------------------- */

static enum keel_status audit_values(const struct keel_account *account, struct keel_error *error)
{
    for (int32_t number = 1; number <= account->positions.count; number++) {
        const struct keel_position_slot *kept = &account->positions.at[number];
        const struct keel_terms *terms = &account->terms[kept->position.market];
        struct keel_position_slot fresh = *kept;
        keel_positions_value(&fresh, keel_terms_mark_price(terms), &terms->brackets,
                             terms->closing_fee_ratio);
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
