#include "core/account_apply.h"

/* Orders ------------------------------------------------------------------------------------ */

static enum keel_order_family family_of(const struct keel_account *account,
                                        const struct keel_order *order)
{
    if (order->family != KEEL_FAMILY_NONE)
        return order->family;
    return keel_account_family(account, order->type);
}

/* Nor is the leg told of every fill: it is its order's. */
static void place_earlier_fills(struct keel_account *account, const struct keel_order *order)
{
    const struct keel_execution *execution = NULL;
    uint32_t hash;
    while ((execution = keel_executions_next(&account->executions, order->market, execution)) !=
           NULL) {
        if (order->order_id[0] != '\0' && strcmp(execution->order_id, order->order_id) == 0 &&
            execution->position_side == KEEL_POSITION_SIDE_NONE)
            keel_executions_find(&account->executions, execution, &hash)->position_side =
                order->position_side;
    }
}

/* Not every venue's list of fills says that the venue made them: their order does. */
static bool tell_cause(struct keel_account *account, const struct keel_order *order)
{
    const struct keel_execution *execution = NULL;
    uint32_t hash;
    bool told = false;
    while ((execution = keel_executions_next(&account->executions, order->market, execution)) !=
           NULL) {
        if (order->order_id[0] == '\0' || strcmp(execution->order_id, order->order_id) != 0 ||
            execution->cause != KEEL_CAUSE_USER)
            continue;
        keel_executions_find(&account->executions, execution, &hash)->cause = order->cause;
        told = true;
    }
    return told;
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

/* Not every venue names the leg of an order: then side and flags do. */
static enum keel_position_side leg_of_order(const struct keel_account *account,
                                            const struct keel_order *order)
{
    if (order->position_side != KEEL_POSITION_SIDE_NONE)
        return order->position_side;
    if (account->modes.hedge != KEEL_ON)
        return KEEL_NET;
    return keel_order_leg_of(order->side, order->reduce_only || order->close_position);
}

static void note_order(struct keel_order_slot *slot, enum keel_source source, int64_t now_ns)
{
    slot->order.source = source;
    slot->order.age_ms = 0;
    slot->received_ns = now_ns;
}

static void tell_order(const struct keel_order_change *change, struct keel_applied *applied)
{
    applied->changed = change->changed;
    applied->created = change->created;
    applied->ended = change->ended;
    applied->order = &change->slot->order;
    applied->cause = change->slot->order.cause;
}

/* A word from before the open orders were listed, on an order that was not among them. */
static bool was_unlisted(const struct keel_account *account, const struct keel_order_change *change,
                         const struct keel_order *update)
{
    return (change->created || change->first) && !change->ended &&
           update->update_time_ms <= account->listed_ms[update->family];
}

/* The late word of a stream, or of the reply to its placing, on an order that may be over and
 * forgotten: it counts as open, so that no margin is believed free, and the venue is to be asked.
 */
static void doubt_order(struct keel_account *account, struct keel_order_slot *slot,
                        struct keel_applied *applied)
{
    slot->unconfirmed = true;
    account->missing[0] = keel_order_ref_of(&slot->order);
    applied->missing = account->missing;
    applied->missing_count = 1;
}

/* A conditional order without a price is valued where it triggers, if the venue holds anything for
 * it by then. */
static keel_decimal price_to_reserve(const struct keel_account *account,
                                     const struct keel_order *order)
{
    if (keel_decimal_is_positive(order->price))
        return order->price;
    return keel_account_reserve_price(account, order->market, order->side,
                                      account->config.one_family ? order->trigger_price
                                                                 : KEEL_DECIMAL_ABSENT);
}

static enum keel_status apply_order(struct keel_account *account, const struct keel_event *event,
                                    enum keel_source source, int64_t now_ns,
                                    struct keel_applied *applied, struct keel_error *error)
{
    struct keel_order update = event->order;
    update.family = family_of(account, &update);
    if (update.update_time_ms == 0)
        update.update_time_ms = event->time_ms;
    update.position_side = leg_of_order(account, &update);
    if (update.order_id[0] == '\0' && update.client_id[0] == '\0')
        return keel_fail(error, KEEL_MALFORMED, "%s: an order without any id",
                         keel_account_symbol(account, update.market));

    struct keel_order_change change;
    enum keel_status status = keel_orders_merge(&account->orders, &update,
                                                price_to_reserve(account, &update), &change, error);
    if (status != KEEL_OK)
        return status;
    bool listed = keel_account_reads_snapshot(account, keel_orders_snapshot_kind(update.family));
    if (listed)
        change.slot->generation = account->generation;
    if (!change.older)
        note_order(change.slot, source, now_ns);
    if (change.created && change.ended)
        status = add_earlier_fills(account, change.slot, error);
    if (change.created && account->modes.hedge == KEEL_ON)
        place_earlier_fills(account, &change.slot->order);
    if (change.created && change.slot->order.cause != KEEL_CAUSE_USER)
        applied->caused = tell_cause(account, &change.slot->order);
    account->counters.older += change.older;
    keel_account_update_live(account, update.market);
    tell_order(&change, applied);
    bool doubtful = change.doubtful || was_unlisted(account, &change, &update);
    if (doubtful && !listed && (source == KEEL_SOURCE_STREAM || change.first))
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
    if (account->modes.hedge != KEEL_ON)
        return KEEL_NET;
    return execution->closes == KEEL_SWITCH_NONE
               ? KEEL_POSITION_SIDE_NONE
               : keel_order_leg_of(execution->side, execution->closes == KEEL_ON);
}

/* A listed execution is history: the position's statement contains it, or a snapshot will say so.
 */
static void keep_unsettled(struct keel_account *account, const struct keel_execution *execution,
                           enum keel_source source)
{
    if (source != KEEL_SOURCE_STREAM || execution->position_side == KEEL_POSITION_SIDE_NONE ||
        account->config.product == KEEL_PRODUCT_SPOT)
        return;
    keel_decimal quantity =
        execution->side == KEEL_BUY ? execution->quantity : keel_decimal_neg(execution->quantity);
    keel_positions_add_fill(&account->positions, execution->market, execution->position_side,
                            quantity, execution->cause, execution->time_ms);
}

static enum keel_status add_to_order(struct keel_account *account, struct keel_order_slot *slot,
                                     const struct keel_execution *told, enum keel_source source,
                                     int64_t now_ns, struct keel_applied *applied,
                                     struct keel_error *error)
{
    struct keel_order_change change;
    keel_orders_name(&account->orders, slot, told->order_id);
    enum keel_status status = keel_orders_add_fill(&account->orders, slot, told->quantity,
                                                   told->price, told->time_ms, &change, error);
    if (status != KEEL_OK)
        return status;
    applied->order = &slot->order;
    applied->ended = change.ended;
    if (change.changed)
        note_order(slot, source, now_ns);
    return KEEL_OK;
}

/* Completed in its place in the ring: it is copied once. */
static enum keel_status add_execution(struct keel_account *account,
                                      const struct keel_execution *told, uint32_t hash,
                                      enum keel_source source, int64_t now_ns,
                                      struct keel_applied *applied, struct keel_error *error)
{
    struct keel_order_slot *slot = keel_orders_find(
        &account->orders, told->market, KEEL_FAMILY_REGULAR, told->order_id, told->client_id);
    enum keel_status status =
        slot ? add_to_order(account, slot, told, source, now_ns, applied, error) : KEEL_OK;
    if (status != KEEL_OK)
        return status;

    struct keel_execution *execution =
        keel_executions_add(&account->executions, told, hash, now_ns);
    execution->source = source;
    execution->age_ms = 0;
    execution->position_side = leg_of(account, told, slot);
    if (slot && execution->cause == KEEL_CAUSE_USER)
        execution->cause = slot->order.cause;
    if (slot && execution->client_id[0] == '\0')
        memcpy(execution->client_id, slot->order.client_id, sizeof(execution->client_id));
    keep_unsettled(account, execution, source);
    applied->execution = execution;
    applied->changed = applied->created = true;
    applied->cause = execution->cause;
    keel_account_update_live(account, execution->market);
    return KEEL_OK;
}

static enum keel_status apply_execution(struct keel_account *account,
                                        const struct keel_event *event, enum keel_source source,
                                        int64_t now_ns, struct keel_applied *applied,
                                        struct keel_error *error)
{
    const struct keel_execution *told = &event->execution;
    enum keel_status status = check_execution(account, told, error);
    if (status != KEEL_OK)
        return status;
    uint32_t hash;
    struct keel_execution *known = keel_executions_find(&account->executions, told, &hash);
    if (!known)
        return add_execution(account, told, hash, source, now_ns, applied, error);

    struct keel_execution repeat = *told;
    repeat.position_side = leg_of(account, told, NULL);
    applied->execution = known;
    applied->cause = known->cause;
    applied->changed = keel_execution_complete(known, &repeat);
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

static void note_position(struct keel_account *account, const struct keel_position *update,
                          int64_t now_ns)
{
    struct keel_position_slot *slot =
        keel_positions_find(&account->positions, update->market, update->side);
    if (!slot)
        return;
    slot->position.source = update->source;
    slot->received_ns = now_ns;
}

static enum keel_status apply_position(struct keel_account *account, const struct keel_event *event,
                                       enum keel_source source, int64_t now_ns,
                                       struct keel_applied *applied, struct keel_error *error)
{
    struct keel_position update = event->position;
    enum keel_status status = check_position(account, &update, error);
    if (status != KEEL_OK)
        return status;
    if (update.update_time_ms == 0)
        update.update_time_ms = event->time_ms;
    if (update.margin_mode == KEEL_MARGIN_MODE_NONE)
        update.margin_mode = account->terms[update.market].margin_mode;

    update.source = source;
    update.age_ms = 0;
    struct keel_position_change change;
    status =
        keel_positions_merge(&account->positions, &update, account->generation, &change, error);
    if (status != KEEL_OK)
        return status;
    account->counters.older += change.older;
    if (!change.older && !change.ended)
        note_position(account, &update, now_ns);
    if (!change.older)
        learn_margin_mode(account, &event->position, now_ns, applied);
    if (change.changed)
        keel_account_value_positions(account, update.market);
    keel_account_update_live(account, update.market);
    tell_position(account, &change, applied);
    return KEEL_OK;
}

static enum keel_status apply_balance(struct keel_account *account, const struct keel_event *event,
                                      enum keel_source source, int64_t now_ns,
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
    struct keel_balance_slot *slot = &account->balances.at[asset];
    account->counters.older += older;
    applied->balance = &slot->balance;
    if (older)
        return KEEL_OK;
    slot->balance.source = source;
    slot->received_ns = now_ns;
    if (applied->changed && account->wallet_hold_count > 0)
        keel_account_drop_counted_holds(account, asset);
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
    case KEEL_EVENT_AMENDMENT:
    case KEEL_EVENT_MARGIN_CHANGE:
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
    case KEEL_EVENT_AMENDMENT:
    case KEEL_EVENT_MARGIN_CHANGE:
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
    case KEEL_EVENT_ORDER: return apply_order(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_EXECUTION:
        return apply_execution(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_BALANCE: return apply_balance(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_POSITION: return apply_position(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_LEVERAGE:
        keel_account_apply_leverage(account, event, now_ns, applied);
        return KEEL_OK;
    case KEEL_EVENT_MARK:
        return keel_account_apply_mark(account, event, source, now_ns, applied, error);
    case KEEL_EVENT_BOOK_TOP: keel_account_apply_book_top(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_MODES: keel_account_apply_modes(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_MARKET: return keel_account_apply_market(account, event, applied, error);
    case KEEL_EVENT_BRACKETS: return keel_account_apply_brackets(account, event, applied, error);
    case KEEL_EVENT_FEES: keel_account_apply_fees(account, event, applied); return KEEL_OK;
    case KEEL_EVENT_SNAPSHOT_BEGIN: keel_account_begin_snapshot(account, event); return KEEL_OK;
    case KEEL_EVENT_SNAPSHOT_END: return keel_account_end_snapshot(account, event, applied, error);
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
    case KEEL_EVENT_NETWORK:
    case KEEL_EVENT_AMENDMENT: /* what was, not what is */
    case KEEL_EVENT_MARGIN_CHANGE: return KEEL_OK;
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
        status = keel_account_check_market(account, applied->market, error);
    if (status == KEEL_OK)
        status = apply(account, event, source, now_ns, applied, error);
    if (status == KEEL_OK)
        account->counters.changes += applied->changed;
    return status;
}
