#include "core/orders.h"

#include "base/memory.h"

#include <stdlib.h>

bool keel_orders_init(struct keel_orders *orders, int32_t open_max, int32_t completed_max,
                      int32_t completed_market_max)
{
    int32_t slots = open_max + completed_max + 1;
    *orders = (struct keel_orders){.open_max = open_max,
                                   .completed_max = completed_max,
                                   .completed_market_max = completed_market_max,
                                   .free = 1};
    orders->at = keel_new_array((size_t)slots + 1, sizeof(*orders->at));
    orders->markets = keel_new_array(KEEL_MARKETS_MAX + 1, sizeof(*orders->markets));
    if (!orders->at || !orders->markets || !keel_index_init(&orders->by_order_id, slots) ||
        !keel_index_init(&orders->by_client_id, slots))
        return false;
    for (uint32_t slot = 1; slot < (uint32_t)slots; slot++)
        orders->at[slot].next_all = slot + 1;
    return true;
}

void keel_orders_deinit(struct keel_orders *orders)
{
    free(orders->at);
    free(orders->markets);
    keel_index_deinit(&orders->by_order_id);
    keel_index_deinit(&orders->by_client_id);
}

static uint32_t slot_number(const struct keel_orders *orders, const struct keel_order_slot *slot)
{
    return slot ? (uint32_t)(slot - orders->at) : 0;
}

/* Lists ------------------------------------------------------------------------------------- */

static void append_all(struct keel_orders *orders, struct keel_order_list *list, uint32_t number)
{
    struct keel_order_slot *slot = &orders->at[number];
    slot->next_all = 0;
    slot->previous_all = list->last;
    if (list->last != 0)
        orders->at[list->last].next_all = number;
    else
        list->first = number;
    list->last = number;
    list->count++;
}

static void remove_all(struct keel_orders *orders, struct keel_order_list *list, uint32_t number)
{
    const struct keel_order_slot *slot = &orders->at[number];
    if (slot->previous_all != 0)
        orders->at[slot->previous_all].next_all = slot->next_all;
    else
        list->first = slot->next_all;
    if (slot->next_all != 0)
        orders->at[slot->next_all].previous_all = slot->previous_all;
    else
        list->last = slot->previous_all;
    list->count--;
}

static void append_in_market(struct keel_orders *orders, struct keel_order_list *list,
                             uint32_t number)
{
    struct keel_order_slot *slot = &orders->at[number];
    slot->next_in_market = 0;
    slot->previous_in_market = list->last;
    if (list->last != 0)
        orders->at[list->last].next_in_market = number;
    else
        list->first = number;
    list->last = number;
    list->count++;
}

static void remove_in_market(struct keel_orders *orders, struct keel_order_list *list,
                             uint32_t number)
{
    const struct keel_order_slot *slot = &orders->at[number];
    if (slot->previous_in_market != 0)
        orders->at[slot->previous_in_market].next_in_market = slot->next_in_market;
    else
        list->first = slot->next_in_market;
    if (slot->next_in_market != 0)
        orders->at[slot->next_in_market].previous_in_market = slot->previous_in_market;
    else
        list->last = slot->previous_in_market;
    list->count--;
}

static void link_open(struct keel_orders *orders, uint32_t number)
{
    const struct keel_order *order = &orders->at[number].order;
    struct keel_market_orders *market = &orders->markets[order->market];
    append_all(orders, &orders->open, number);
    append_in_market(orders, &market->open, number);
    if (order->family == KEEL_FAMILY_REGULAR)
        market->regular_open++;
}

static void unlink_open(struct keel_orders *orders, uint32_t number)
{
    const struct keel_order *order = &orders->at[number].order;
    struct keel_market_orders *market = &orders->markets[order->market];
    remove_all(orders, &orders->open, number);
    remove_in_market(orders, &market->open, number);
    if (order->family == KEEL_FAMILY_REGULAR)
        market->regular_open--;
}

/* Ids --------------------------------------------------------------------------------------- */

static uint32_t hash_order_id(const struct keel_order *order)
{
    return keel_index_hash(order->market, order->family, order->order_id);
}

/* Not of the family, so that one search tells whether either has an open order of that id. */
static uint32_t hash_client_id(keel_market_id market, const char *id)
{
    return keel_index_hash(market, KEEL_FAMILY_NONE, id);
}

static void index_ids(struct keel_orders *orders, uint32_t number)
{
    const struct keel_order *order = &orders->at[number].order;
    if (order->order_id[0] != '\0')
        keel_index_add(&orders->by_order_id, hash_order_id(order), number);
    if (order->client_id[0] != '\0')
        keel_index_add(&orders->by_client_id, hash_client_id(order->market, order->client_id),
                       number);
}

/* The order as it was when its ids were indexed. */
static void unindex_ids(struct keel_orders *orders, const struct keel_order *order, uint32_t number)
{
    if (order->order_id[0] != '\0')
        keel_index_remove(&orders->by_order_id, hash_order_id(order), number);
    if (order->client_id[0] != '\0')
        keel_index_remove(&orders->by_client_id, hash_client_id(order->market, order->client_id),
                          number);
}

static struct keel_order_slot *find_by_order_id(const struct keel_orders *orders,
                                                keel_market_id market,
                                                enum keel_order_family family, const char *id)
{
    uint32_t hash = keel_index_hash(market, family, id), cursor = 0, number;
    while ((number = keel_index_next(&orders->by_order_id, hash, &cursor)) != 0) {
        struct keel_order_slot *slot = &orders->at[number];
        if (slot->order.market == market && slot->order.family == family &&
            strcmp(slot->order.order_id, id) == 0)
            return slot;
    }
    return NULL;
}

/* A client id may come again once its order is done, so the open one is meant; and if the venue's
 * id is known, not an order that has another. */
static struct keel_order_slot *find_by_client_id(const struct keel_orders *orders,
                                                 keel_market_id market,
                                                 enum keel_order_family family, const char *id,
                                                 const char *order_id)
{
    struct keel_order_slot *completed = NULL;
    uint32_t hash = hash_client_id(market, id), cursor = 0, number;
    while ((number = keel_index_next(&orders->by_client_id, hash, &cursor)) != 0) {
        struct keel_order_slot *slot = &orders->at[number];
        const struct keel_order *order = &slot->order;
        if (order->market != market || order->family != family || strcmp(order->client_id, id) != 0)
            continue;
        if (order_id[0] != '\0' && order->order_id[0] != '\0')
            continue;
        if (keel_order_is_open(order))
            return slot;
        if (!completed || completed->order.update_time_ms <= order->update_time_ms)
            completed = slot;
    }
    return completed;
}

struct keel_order_slot *keel_orders_find(const struct keel_orders *orders, keel_market_id market,
                                         enum keel_order_family family, const char *order_id,
                                         const char *client_id)
{
    struct keel_order_slot *slot = NULL;
    if (order_id[0] != '\0')
        slot = find_by_order_id(orders, market, family, order_id);
    if (!slot && client_id[0] != '\0')
        slot = find_by_client_id(orders, market, family, client_id, order_id);
    return slot;
}

bool keel_orders_client_id_is_open(const struct keel_orders *orders, keel_market_id market,
                                   const char *client_id)
{
    uint32_t hash = hash_client_id(market, client_id), cursor = 0, number;
    while ((number = keel_index_next(&orders->by_client_id, hash, &cursor)) != 0) {
        const struct keel_order *order = &orders->at[number].order;
        if (keel_order_is_open(order) && order->market == market &&
            strcmp(order->client_id, client_id) == 0)
            return true;
    }
    return false;
}

/* Slots ------------------------------------------------------------------------------------- */

static void drop_completed(struct keel_orders *orders, uint32_t number)
{
    struct keel_order_slot *slot = &orders->at[number];
    struct keel_market_orders *market = &orders->markets[slot->order.market];
    if (slot->order.update_time_ms > market->forgotten_ms)
        market->forgotten_ms = slot->order.update_time_ms;
    remove_all(orders, &orders->completed, number);
    remove_in_market(orders, &market->completed, number);
    unindex_ids(orders, &slot->order, number);
    slot->next_all = orders->free;
    orders->free = number;
}

static void link_completed(struct keel_orders *orders, uint32_t number)
{
    struct keel_order_list *market = &orders->markets[orders->at[number].order.market].completed;
    if (market->count >= orders->completed_market_max)
        drop_completed(orders, market->first);
    else if (orders->completed.count >= orders->completed_max)
        drop_completed(orders, orders->completed.first);
    append_all(orders, &orders->completed, number);
    append_in_market(orders, market, number);
}

/* Sums -------------------------------------------------------------------------------------- */

enum keel_position_side keel_order_leg_of(enum keel_side side, bool only_closes)
{
    if (side == KEEL_SIDE_NONE)
        return KEEL_POSITION_SIDE_NONE;
    return (side == KEEL_BUY) != only_closes ? KEEL_LONG : KEEL_SHORT;
}

static keel_decimal positive_or_zero(keel_decimal value)
{
    return keel_decimal_is_positive(value) ? value : KEEL_DECIMAL_ZERO;
}

static keel_decimal notional_of(keel_decimal price, keel_decimal quantity)
{
    return keel_decimal_is_valid(price) ? keel_decimal_mul(price, quantity, KEEL_ROUND_UP)
                                        : KEEL_DECIMAL_ZERO;
}

/* What an amendment on its way may make of it. */
static void add_amendment(const struct keel_order_slot *slot, bool only_closes,
                          struct keel_side_sums *sums)
{
    keel_decimal rest =
        positive_or_zero(keel_decimal_sub(slot->amended_quantity, slot->order.filled_quantity));
    if (only_closes) {
        sums->claim = keel_decimal_max(sums->claim, rest);
        return;
    }
    keel_decimal notional = notional_of(slot->amended_price, rest);
    sums->quantity = keel_decimal_max(sums->quantity, rest);
    sums->notional = keel_decimal_is_valid(notional) && keel_decimal_is_valid(sums->notional)
                         ? keel_decimal_max(sums->notional, notional)
                         : KEEL_DECIMAL_ABSENT;
}

/* An order by a quote amount: what is left of it, and what that is in base at the price that it is
 * valued at. */
static void add_quote(const struct keel_order_slot *slot, struct keel_side_sums *sums)
{
    const struct keel_order *order = &slot->order;
    keel_decimal spent =
        keel_decimal_mul(order->average_price, order->filled_quantity, KEEL_ROUND_DOWN);
    keel_decimal rest = order->quote_quantity;
    if (keel_decimal_is_valid(spent))
        rest = positive_or_zero(keel_decimal_sub(rest, spent));
    keel_decimal quantity = keel_decimal_div(rest, slot->reserve_price, KEEL_ROUND_UP);
    sums->notional = rest;
    sums->quantity = keel_decimal_is_valid(quantity) ? quantity : KEEL_DECIMAL_ZERO;
}

/* What the order puts into the sums: one that may open its notional and quantity, one that may only
 * close its claim. An untriggered conditional order puts in nothing: the venue takes its margin
 * when it triggers. */
static struct keel_side_sums sums_of(const struct keel_order_slot *slot)
{
    const struct keel_order *order = &slot->order;
    struct keel_side_sums sums = {KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO, KEEL_DECIMAL_ZERO};
    if (order->family != KEEL_FAMILY_REGULAR || !keel_order_is_open(order))
        return sums;
    keel_decimal remaining = positive_or_zero(keel_order_remaining(order));
    bool only_closes = keel_order_only_closes(order->reduce_only, order->close_position,
                                              order->position_side, order->side);
    if (only_closes) {
        sums.claim = remaining;
    } else if (keel_decimal_is_positive(order->quote_quantity) &&
               !keel_decimal_is_valid(order->quantity)) {
        add_quote(slot, &sums);
    } else {
        sums.quantity = remaining;
        sums.notional = notional_of(slot->reserve_price, remaining);
    }
    if (keel_decimal_is_valid(slot->amended_quantity))
        add_amendment(slot, only_closes, &sums);
    return sums;
}

static struct keel_side_sums *side_of(struct keel_orders *orders, const struct keel_order *order)
{
    struct keel_resting *resting = &orders->markets[order->market].resting[order->position_side];
    return order->side == KEEL_BUY ? &resting->buys : &resting->sells;
}

static struct keel_side_sums add_sums(const struct keel_side_sums *a,
                                      const struct keel_side_sums *b)
{
    return (struct keel_side_sums){keel_decimal_add(a->notional, b->notional),
                                   keel_decimal_add(a->quantity, b->quantity),
                                   keel_decimal_add(a->claim, b->claim)};
}

static struct keel_side_sums subtract_sums(const struct keel_side_sums *a,
                                           const struct keel_side_sums *b)
{
    return (struct keel_side_sums){keel_decimal_sub(a->notional, b->notional),
                                   keel_decimal_sub(a->quantity, b->quantity),
                                   keel_decimal_sub(a->claim, b->claim)};
}

static bool sums_fit(const struct keel_side_sums *sums)
{
    return keel_decimal_is_valid(sums->notional) && keel_decimal_is_valid(sums->quantity) &&
           keel_decimal_is_valid(sums->claim);
}

/* Puts what the slot adds now in place of what it added before. The leg, and so the place, may
 * become known only now. */
static bool replace_sums(struct keel_orders *orders, const struct keel_order_slot *before,
                         const struct keel_order_slot *slot)
{
    struct keel_side_sums *from = side_of(orders, &before->order);
    struct keel_side_sums *to = side_of(orders, &slot->order);
    struct keel_side_sums rest = subtract_sums(from, &before->sums);
    struct keel_side_sums sum = add_sums(from == to ? &rest : to, &slot->sums);
    if (!sums_fit(&sum))
        return false;
    *from = rest;
    *to = sum;
    return true;
}

/* Merging ----------------------------------------------------------------------------------- */

static bool is_done(enum keel_order_status status)
{
    switch (status) {
    case KEEL_ORDER_STATUS_NONE:
    case KEEL_ORDER_PENDING:
    case KEEL_ORDER_NEW:
    case KEEL_ORDER_PARTIALLY_FILLED: return false;
    case KEEL_ORDER_FILLED:
    case KEEL_ORDER_CANCELED:
    case KEEL_ORDER_EXPIRED:
    case KEEL_ORDER_REJECTED: return true;
    }
    return false;
}

static bool is_less(keel_decimal a, keel_decimal b)
{
    return keel_decimal_is_valid(a) && keel_decimal_is_valid(b) && keel_decimal_compare(a, b) < 0;
}

/* A done order has all that it will ever be told but fills; an open one takes facts that are not
 * older than what it knows. */
static bool is_older(const struct keel_order *known, const struct keel_order *update)
{
    if (is_done(update->status) && !is_done(known->status))
        return false;
    if (is_less(known->filled_quantity, update->filled_quantity))
        return false;
    return is_done(known->status) || update->status == KEEL_ORDER_PENDING ||
           update->update_time_ms < known->update_time_ms ||
           is_less(update->filled_quantity, known->filled_quantity);
}

static void take_text(char *known, const char *told, size_t size)
{
    if (told[0] != '\0' && known[0] == '\0')
        memcpy(known, told, size);
}

static void take_decimal(keel_decimal *known, keel_decimal told)
{
    if (keel_decimal_is_valid(told))
        *known = told;
}

static void take_names(struct keel_order *order, const struct keel_order *update)
{
    take_text(order->order_id, update->order_id, sizeof(order->order_id));
    take_text(order->client_id, update->client_id, sizeof(order->client_id));
    take_text(order->child_order_id, update->child_order_id, sizeof(order->child_order_id));
    if (order->create_time_ms == 0)
        order->create_time_ms = update->create_time_ms;
    if (order->cause == KEEL_CAUSE_USER)
        order->cause = update->cause;
    if (order->position_side == KEEL_POSITION_SIDE_NONE)
        order->position_side = update->position_side;
}

/* What an order is from its first day on: whoever tells it first tells it for good. */
static void take_identity(struct keel_order *order, const struct keel_order *update)
{
    take_names(order, update);
    if (order->side == KEEL_SIDE_NONE)
        order->side = update->side;
    if (order->type == KEEL_ORDER_TYPE_NONE)
        order->type = update->type;
    if (order->time_in_force == KEEL_TIME_IN_FORCE_NONE)
        order->time_in_force = update->time_in_force;
    if (order->trigger_source == KEEL_TRIGGER_SOURCE_NONE)
        order->trigger_source = update->trigger_source;
    if (!keel_decimal_is_valid(order->quantity))
        order->quantity = update->quantity;
}

/* What the venue may change of an open order. A quantity may shrink without our command. */
static void take_terms(struct keel_order *order, const struct keel_order *update)
{
    if (update->side != KEEL_SIDE_NONE)
        order->side = update->side;
    if (update->type != KEEL_ORDER_TYPE_NONE)
        order->type = update->type;
    if (update->time_in_force != KEEL_TIME_IN_FORCE_NONE)
        order->time_in_force = update->time_in_force;
    if (update->trigger_source != KEEL_TRIGGER_SOURCE_NONE)
        order->trigger_source = update->trigger_source;
    order->reduce_only |= update->reduce_only;
    order->close_position |= update->close_position;
    take_decimal(&order->price, update->price);
    take_decimal(&order->trigger_price, update->trigger_price);
    take_decimal(&order->quantity, update->quantity);
    if (keel_decimal_is_positive(update->quote_quantity))
        order->quote_quantity = update->quote_quantity;
}

static void take_fill(struct keel_order *order, const struct keel_order *update)
{
    bool told = keel_decimal_is_valid(update->filled_quantity);
    bool known = keel_decimal_is_valid(order->filled_quantity);
    if (!told || is_less(update->filled_quantity, order->filled_quantity))
        return;
    if (!known || is_less(order->filled_quantity, update->filled_quantity))
        order->filled_quantity = update->filled_quantity;
    if (keel_decimal_is_positive(update->average_price))
        order->average_price = update->average_price;
}

static bool is_full(const struct keel_order *order)
{
    return order->family == KEEL_FAMILY_REGULAR && keel_decimal_is_positive(order->quantity) &&
           keel_decimal_is_valid(order->filled_quantity) &&
           keel_decimal_compare(order->filled_quantity, order->quantity) >= 0;
}

static enum keel_order_status merge_status(const struct keel_order *order,
                                           enum keel_order_status known,
                                           enum keel_order_status told)
{
    if (is_full(order))
        return KEEL_ORDER_FILLED;
    if (is_done(known))
        return known;
    if (is_done(told))
        return told;
    if (keel_decimal_is_positive(order->filled_quantity))
        return KEEL_ORDER_PARTIALLY_FILLED;
    return told == KEEL_ORDER_STATUS_NONE ? known : told;
}

/* The update has been found not to be older. */
static void merge_order(struct keel_order *order, const struct keel_order *update)
{
    enum keel_order_status known = order->status;
    bool newer = update->update_time_ms >= order->update_time_ms;
    take_names(order, update);
    if (update->reason[0] != '\0')
        memcpy(order->reason, update->reason, sizeof(order->reason));
    if (!is_done(known) && newer)
        take_terms(order, update);
    take_fill(order, update);
    order->status = merge_status(order, known, update->status);
    if (newer)
        order->update_time_ms = update->update_time_ms;
}

static bool orders_equal(const struct keel_order *a, const struct keel_order *b)
{
    return a->status == b->status && a->update_time_ms == b->update_time_ms &&
           keel_decimal_equals(a->filled_quantity, b->filled_quantity) &&
           keel_decimal_equals(a->quantity, b->quantity) &&
           keel_decimal_equals(a->price, b->price) &&
           keel_decimal_equals(a->average_price, b->average_price) &&
           keel_decimal_equals(a->trigger_price, b->trigger_price) &&
           a->create_time_ms == b->create_time_ms && a->cause == b->cause && a->type == b->type &&
           a->time_in_force == b->time_in_force && a->position_side == b->position_side &&
           a->reduce_only == b->reduce_only && a->close_position == b->close_position &&
           strcmp(a->reason, b->reason) == 0 && strcmp(a->order_id, b->order_id) == 0 &&
           strcmp(a->client_id, b->client_id) == 0 &&
           strcmp(a->child_order_id, b->child_order_id) == 0;
}

static bool ids_equal(const struct keel_order *a, const struct keel_order *b)
{
    return (a->order_id[0] == '\0') == (b->order_id[0] == '\0') &&
           (a->client_id[0] == '\0') == (b->client_id[0] == '\0');
}

/* Brings sums, indexes and lists up to what the slot has become; if its sums do not fit, it is as
 * it was. Slots are changed in place: a copy back of what was just written would wait for the
 * writes.
 */
static enum keel_status settle(struct keel_orders *orders, struct keel_order_slot *slot,
                               const struct keel_order_slot *before,
                               struct keel_order_change *change, struct keel_error *error)
{
    slot->sums = sums_of(slot);
    if (!replace_sums(orders, before, slot)) {
        *slot = *before;
        return keel_fail(error, KEEL_OVERFLOW, "order %s: its notional does not fit",
                         slot->order.client_id);
    }
    uint32_t number = slot_number(orders, slot);
    bool ends = keel_order_is_open(&before->order) && !keel_order_is_open(&slot->order);
    if (!ids_equal(&before->order, &slot->order)) {
        unindex_ids(orders, &before->order, number);
        index_ids(orders, number);
    }
    if (ends) {
        unlink_open(orders, number);
        link_completed(orders, number);
    }
    change->changed = true;
    change->ended = ends;
    return KEEL_OK;
}

static keel_decimal price_to_reserve(const struct keel_order *order, keel_decimal otherwise)
{
    return keel_decimal_is_positive(order->price) ? order->price : otherwise;
}

/* Is the order as an amendment wants it? */
static bool is_amended(const struct keel_order_slot *slot, keel_decimal price,
                       keel_decimal quantity)
{
    return keel_decimal_is_valid(quantity) && keel_decimal_equals(slot->order.price, price) &&
           keel_decimal_equals(slot->order.quantity, quantity);
}

static void start_slot(struct keel_order_slot *slot, const struct keel_order *order,
                       keel_decimal reserve_price)
{
    slot->order = *order;
    slot->reserve_price = reserve_price;
    slot->amended_price = slot->amended_quantity = KEEL_DECIMAL_ABSENT;
    slot->executed_quantity = slot->executed_cost = KEEL_DECIMAL_ZERO;
    slot->received_ns = 0;
    slot->generation = 0;
    slot->unconfirmed = false;
    if (!keel_decimal_is_valid(slot->order.filled_quantity))
        slot->order.filled_quantity = KEEL_DECIMAL_ZERO;
    slot->order.status = merge_status(&slot->order, KEEL_ORDER_STATUS_NONE, order->status);
    slot->sums = sums_of(slot);
}

enum keel_status keel_orders_create(struct keel_orders *orders, const struct keel_order *update,
                                    keel_decimal reserve_price, struct keel_order_change *change,
                                    struct keel_error *error)
{
    if (keel_order_is_open(update) && orders->open.count >= orders->open_max)
        return keel_fail(error, KEEL_FULL, "order %s: %d orders are open, the bound is %d",
                         update->client_id, orders->open.count, orders->open_max);
    uint32_t number = orders->free;
    struct keel_order_slot *slot = &orders->at[number];
    uint32_t next_free = slot->next_all;
    start_slot(slot, update, reserve_price);
    struct keel_side_sums *sums = side_of(orders, &slot->order);
    struct keel_side_sums sum = add_sums(sums, &slot->sums);
    if (!sums_fit(&sum)) /* the slot stays free */
        return keel_fail(error, KEEL_OVERFLOW, "order %s: its notional does not fit",
                         update->client_id);

    *sums = sum;
    orders->free = next_free;
    bool open = keel_order_is_open(&slot->order);
    index_ids(orders, number);
    if (open)
        link_open(orders, number);
    else
        link_completed(orders, number);
    *change =
        (struct keel_order_change){.slot = slot, .changed = true, .created = true, .ended = !open};
    return KEEL_OK;
}

enum keel_status keel_orders_merge(struct keel_orders *orders, const struct keel_order *update,
                                   keel_decimal reserve_price, struct keel_order_change *change,
                                   struct keel_error *error)
{
    struct keel_order_slot *slot = keel_orders_find(orders, update->market, update->family,
                                                    update->order_id, update->client_id);
    *change = (struct keel_order_change){.slot = slot};
    if (!slot) {
        int64_t forgotten_ms = orders->markets[update->market].forgotten_ms;
        enum keel_status status = keel_orders_create(orders, update, reserve_price, change, error);
        change->doubtful = status == KEEL_OK && !change->ended && forgotten_ms != 0 &&
                           update->update_time_ms <= forgotten_ms;
        return status;
    }

    change->first = slot->order.status == KEEL_ORDER_PENDING;
    slot->unconfirmed = false;
    const struct keel_order_slot before = *slot;
    change->older = is_older(&slot->order, update);
    if (change->older)
        take_identity(&slot->order, update);
    else
        merge_order(&slot->order, update);
    slot->reserve_price = price_to_reserve(&slot->order, slot->reserve_price);
    if (is_amended(slot, slot->amended_price, slot->amended_quantity))
        slot->amended_price = slot->amended_quantity = KEEL_DECIMAL_ABSENT;
    if (orders_equal(&before.order, &slot->order)) {
        *slot = before;
        return KEEL_OK;
    }
    return settle(orders, slot, &before, change, error);
}

void keel_orders_name(struct keel_orders *orders, struct keel_order_slot *slot,
                      const char order_id[KEEL_ORDER_ID_SIZE])
{
    uint32_t number = slot_number(orders, slot);
    if (order_id[0] == '\0' || slot->order.order_id[0] != '\0')
        return;
    unindex_ids(orders, &slot->order, number);
    memcpy(slot->order.order_id, order_id, KEEL_ORDER_ID_SIZE);
    index_ids(orders, number);
}

enum keel_status keel_orders_add_fill(struct keel_orders *orders, struct keel_order_slot *slot,
                                      keel_decimal quantity, keel_decimal price, int64_t time_ms,
                                      struct keel_order_change *change, struct keel_error *error)
{
    *change = (struct keel_order_change){.slot = slot};
    keel_decimal cost = keel_decimal_mul(price, quantity, KEEL_ROUND_HALF_EVEN);
    keel_decimal executed_quantity = keel_decimal_add(slot->executed_quantity, quantity);
    keel_decimal executed_cost = keel_decimal_add(slot->executed_cost, cost);
    if (!keel_decimal_is_valid(executed_quantity) || !keel_decimal_is_valid(executed_cost))
        return keel_fail(error, KEEL_OVERFLOW, "order %s: its executions do not fit",
                         slot->order.client_id);
    if (!is_less(slot->order.filled_quantity, executed_quantity)) {
        slot->executed_quantity = executed_quantity;
        slot->executed_cost = executed_cost;
        return KEEL_OK;
    }

    const struct keel_order_slot before = *slot;
    struct keel_order *order = &slot->order;
    slot->executed_quantity = executed_quantity;
    slot->executed_cost = executed_cost;
    order->filled_quantity = executed_quantity;
    order->average_price = keel_decimal_div(executed_cost, executed_quantity, KEEL_ROUND_HALF_EVEN);
    order->status = merge_status(order, order->status, KEEL_ORDER_STATUS_NONE);
    if (order->update_time_ms < time_ms)
        order->update_time_ms = time_ms;
    return settle(orders, slot, &before, change, error);
}

enum keel_status keel_orders_hold_amendment(struct keel_orders *orders,
                                            struct keel_order_slot *slot, keel_decimal price,
                                            keel_decimal quantity, struct keel_error *error)
{
    const struct keel_order_slot before = *slot;
    struct keel_order_change change;
    if (!keel_order_is_open(&slot->order) || is_amended(slot, price, quantity))
        return KEEL_OK;
    slot->amended_price = price;
    slot->amended_quantity = quantity;
    return settle(orders, slot, &before, &change, error);
}

void keel_orders_release_amendment(struct keel_orders *orders, struct keel_order_slot *slot,
                                   keel_decimal price, keel_decimal quantity)
{
    const struct keel_order_slot before = *slot;
    struct keel_order_change change;
    if (!keel_order_is_open(&slot->order) || !keel_decimal_equals(slot->amended_price, price) ||
        !keel_decimal_equals(slot->amended_quantity, quantity))
        return; /* a later one has taken its place, and holds what it needs */
    slot->amended_price = slot->amended_quantity = KEEL_DECIMAL_ABSENT;
    enum keel_status settled = settle(orders, slot, &before, &change, NULL);
    KEEL_ASSERT(settled == KEEL_OK); /* less than before: it fits */
}

void keel_orders_end(struct keel_orders *orders, struct keel_order_slot *slot,
                     enum keel_order_status status, int64_t time_ms)
{
    KEEL_ASSERT(is_done(status) && keel_order_is_open(&slot->order));
    const struct keel_order_slot before = *slot;
    struct keel_order_change change;
    slot->order.status = status;
    slot->unconfirmed = false;
    if (slot->order.update_time_ms < time_ms)
        slot->order.update_time_ms = time_ms;
    enum keel_status settled = settle(orders, slot, &before, &change, NULL);
    KEEL_ASSERT(settled == KEEL_OK); /* what an order put into the sums always comes out again */
}

/* Lists for readers -------------------------------------------------------------------------- */

const struct keel_order_slot *keel_orders_next_open(const struct keel_orders *orders,
                                                    keel_market_id market,
                                                    const struct keel_order_slot *after)
{
    uint32_t number;
    if (market == KEEL_NO_MARKET)
        number = after ? after->next_all : orders->open.first;
    else
        number = after ? after->next_in_market : orders->markets[market].open.first;
    return number == 0 ? NULL : &orders->at[number];
}

const struct keel_order_slot *keel_orders_next_completed(const struct keel_orders *orders,
                                                         keel_market_id market,
                                                         const struct keel_order_slot *after)
{
    uint32_t number;
    if (market == KEEL_NO_MARKET)
        number = after ? after->previous_all : orders->completed.last;
    else
        number = after ? after->previous_in_market : orders->markets[market].completed.last;
    return number == 0 ? NULL : &orders->at[number];
}

/* Audit ------------------------------------------------------------------------------------- */

static bool sums_equal(const struct keel_side_sums *a, const struct keel_side_sums *b)
{
    return keel_decimal_equals(a->notional, b->notional) &&
           keel_decimal_equals(a->quantity, b->quantity) && keel_decimal_equals(a->claim, b->claim);
}

static enum keel_status audit_sums(const struct keel_resting *counted,
                                   const struct keel_resting *kept, keel_market_id market,
                                   struct keel_error *error)
{
    for (int leg = 0; leg < KEEL_LEGS; leg++) {
        if (!sums_equal(&counted[leg].buys, &kept[leg].buys) ||
            !sums_equal(&counted[leg].sells, &kept[leg].sells))
            return keel_fail(error, KEEL_BROKEN,
                             "market %d: what is reserved is not what its open orders add up to",
                             market);
    }
    return KEEL_OK;
}

static enum keel_status audit_market(const struct keel_orders *orders, keel_market_id market,
                                     struct keel_error *error)
{
    const struct keel_market_orders *kept = &orders->markets[market];
    struct keel_resting counted[KEEL_LEGS] = {0};
    const struct keel_order_slot *slot = NULL;
    int32_t count = 0;
    while ((slot = keel_orders_next_open(orders, market, slot)) != NULL) {
        struct keel_resting *leg = &counted[slot->order.position_side];
        struct keel_side_sums *side = slot->order.side == KEEL_BUY ? &leg->buys : &leg->sells;
        *side = add_sums(side, &slot->sums);
        count++;
    }
    if (count != kept->open.count)
        return keel_fail(error, KEEL_BROKEN, "market %d: %d open orders are counted as %d", market,
                         count, kept->open.count);
    return audit_sums(counted, kept->resting, market, error);
}

static enum keel_status audit_slot(const struct keel_orders *orders,
                                   const struct keel_order_slot *slot, struct keel_error *error)
{
    const struct keel_order *order = &slot->order;
    if (order->order_id[0] != '\0' &&
        find_by_order_id(orders, order->market, order->family, order->order_id) != slot)
        return keel_fail(error, KEEL_BROKEN, "order %s is not found by its id", order->order_id);
    if (!keel_order_is_open(order))
        return keel_fail(error, KEEL_BROKEN, "order %s is %s and among the open", order->order_id,
                         keel_order_status_name(order->status));
    return KEEL_OK;
}

enum keel_status keel_orders_audit(const struct keel_orders *orders, struct keel_error *error)
{
    const struct keel_order_slot *slot = NULL;
    while ((slot = keel_orders_next_open(orders, KEEL_NO_MARKET, slot)) != NULL) {
        enum keel_status status = audit_slot(orders, slot, error);
        if (status != KEEL_OK)
            return status;
    }
    for (int market = 1; market <= KEEL_MARKETS_MAX; market++) {
        enum keel_status status = audit_market(orders, (keel_market_id)market, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}
