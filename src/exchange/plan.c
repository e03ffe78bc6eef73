#include "exchange/plan.h"

#include "core/orders.h"
#include "exchange/closing.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND_NS INT64_C(1000000000)

enum plan_step {
    PLAN_FREE,
    PLAN_CLEARING,
    PLAN_PLACING,
    PLAN_WAITING,
    PLAN_LOOKING,
};

/* What a call of a plan is about, but for its orders. */
enum {
    PART_CLEARING = -1,
    PART_LOOKING = -2,
};

struct keel_plan {
    enum plan_step step;
    bool at_market, forced;
    bool extended; /* of the wait, once */
    keel_market_id market;
    enum keel_position_side side;
    keel_decimal price;
    keel_decimal target; /* what is to be left of the position, without its sign */
    struct keel_order orders[KEEL_CLOSE_ORDERS_MAX];
    int32_t order_count;
    int32_t attempt_first; /* the attempt's first order */
    int32_t attempts;
    int32_t answers;     /* what was asked for and has no verdict */
    enum keel_fate fate; /* the worst of this attempt */
    struct keel_error error;
    keel_decimal size, claimed; /* when the attempt began, without sign */
    struct keel_order cleared[KEEL_PLAN_CLEARED_MAX];
    int32_t cleared_count;
    int64_t due_ns;
    keel_on_close on_close;
    void *user;
};

static const struct keel_error no_error;

enum keel_status keel_plans_init(struct keel_plans *plans)
{
    plans->count = 0;
    plans->at = calloc(KEEL_PLANS_MAX, sizeof(*plans->at));
    return plans->at != NULL ? KEEL_OK : KEEL_FULL;
}

void keel_plans_deinit(struct keel_plans *plans)
{
    free(plans->at);
    plans->at = NULL;
}

bool keel_plans_is_closing(const struct keel_plans *plans, keel_market_id market,
                           enum keel_position_side side)
{
    for (int i = 0; i < KEEL_PLANS_MAX && plans->count > 0; i++) {
        const struct keel_plan *plan = &plans->at[i];
        if (plan->step != PLAN_FREE && plan->market == market && plan->side == side)
            return true;
    }
    return false;
}

static struct keel_plan *take_plan(struct keel_plans *plans)
{
    for (int i = 0; i < KEEL_PLANS_MAX; i++) {
        if (plans->at[i].step == PLAN_FREE)
            return &plans->at[i];
    }
    return NULL;
}

static keel_decimal signed_size(const struct keel_private *exchange, const struct keel_plan *plan)
{
    return keel_account_expected_quantity(exchange->account, plan->market, plan->side);
}

static keel_decimal size_of(const struct keel_private *exchange, const struct keel_plan *plan)
{
    return keel_decimal_abs(signed_size(exchange, plan));
}

static enum keel_side closing_side(const struct keel_private *exchange,
                                   const struct keel_plan *plan)
{
    return keel_decimal_is_negative(signed_size(exchange, plan)) ? KEEL_BUY : KEEL_SELL;
}

static keel_decimal claimed_of(const struct keel_private *exchange, const struct keel_plan *plan)
{
    return keel_account_resting_reduce_only(exchange->account, plan->market, plan->side,
                                            closing_side(exchange, plan));
}

static bool is_own(const struct keel_plan *plan, const struct keel_order *order)
{
    for (int32_t i = 0; i < plan->order_count; i++) {
        if (strcmp(plan->orders[i].client_id, order->client_id) == 0)
            return true;
    }
    return false;
}

static void refer_to(const struct keel_order *order, struct keel_order_ref *ref)
{
    *ref = (struct keel_order_ref){.market = order->market, .family = order->family};
    memcpy(ref->order_id, order->order_id, sizeof(ref->order_id));
    memcpy(ref->client_id, order->client_id, sizeof(ref->client_id));
}

static void refresh_order(const struct keel_private *exchange, struct keel_order *order)
{
    struct keel_order_ref ref = {.market = order->market, .family = KEEL_FAMILY_REGULAR};

    memcpy(ref.client_id, order->client_id, sizeof(ref.client_id));
    const struct keel_order *known = keel_account_find_order(exchange->account, &ref);
    if (known != NULL)
        *order = *known;
}

/* Endings. */

static bool is_closed(const struct keel_private *exchange, const struct keel_plan *plan)
{
    return keel_account_is_fresh(exchange->account) &&
           keel_decimal_compare(size_of(exchange, plan), plan->target) <= 0;
}

/* What was in the way and is not any more goes back to what the position has left for it. */
static void replace_cleared(struct keel_private *exchange, struct keel_plan *plan)
{
    const struct keel_market *rules = keel_markets_get(exchange->markets, plan->market);

    if (!keel_decimal_is_positive(plan->target))
        return;
    for (int32_t i = 0; i < plan->cleared_count; i++) {
        const struct keel_order *was = &plan->cleared[i];
        struct keel_order_request order = keel_order_request_init();
        struct keel_error error;
        keel_decimal room = keel_decimal_sub(size_of(exchange, plan), claimed_of(exchange, plan));
        order.market = plan->market;
        order.side = was->side;
        order.position_side = was->position_side;
        order.type = was->type;
        order.time_in_force = was->time_in_force;
        order.reduce_only = was->reduce_only;
        order.price = was->price;
        order.quantity =
            keel_decimal_round_to_step(keel_decimal_min(keel_order_remaining(was), room),
                                       rules->quantity_step, KEEL_ROUND_DOWN);
        if (keel_decimal_is_positive(order.quantity) &&
            keel_private_place_order(exchange, &order, NULL, NULL, &error) != KEEL_OK)
            keel_private_log(exchange, KEEL_LOG_WARNING, "not put back after a close: %s",
                             error.message);
    }
}

static void finish(struct keel_plans *plans, struct keel_private *exchange, struct keel_plan *plan,
                   enum keel_fate fate)
{
    struct keel_order orders[KEEL_CLOSE_ORDERS_MAX];
    struct keel_close_result result = {
        .fate = fate,
        .error = plan->error,
        .orders = orders,
        .order_count = (size_t)plan->order_count,
        .remaining = keel_account_is_fresh(exchange->account) ? size_of(exchange, plan)
                                                              : KEEL_DECIMAL_ABSENT,
    };
    keel_on_close on_close = plan->on_close;
    void *user = plan->user;

    if (result.error.status == KEEL_OK || is_closed(exchange, plan))
        result.error = no_error;
    for (int32_t i = 0; i < plan->order_count; i++)
        refresh_order(exchange, &plan->orders[i]);
    memcpy(orders, plan->orders, sizeof(orders));
    if (fate != KEEL_FATE_UNKNOWN)
        replace_cleared(exchange, plan);
    plan->step = PLAN_FREE;
    plans->count--;
    if (on_close != NULL)
        on_close(user, &result);
}

static void finish_short(struct keel_plans *plans, struct keel_private *exchange,
                         struct keel_plan *plan)
{
    char left[KEEL_DECIMAL_TEXT_SIZE], target[KEEL_DECIMAL_TEXT_SIZE];

    if (plan->error.status == KEEL_OK) {
        keel_decimal_format(size_of(exchange, plan), left);
        keel_decimal_format(plan->target, target);
        keel_fail(&plan->error, KEEL_CLOSE,
                  "%s: %s of the position are left after %d attempts, not %s",
                  keel_private_symbol(exchange, plan->market), left, (int)plan->attempts, target);
    }
    finish(plans, exchange, plan, plan->fate);
}

/* Attempts. */

static bool stands_in_the_way(const struct keel_plan *plan, const struct keel_order *order,
                              enum keel_side side)
{
    enum keel_position_side leg =
        order->position_side == KEEL_POSITION_SIDE_NONE ? KEEL_NET : order->position_side;

    return order->family == KEEL_FAMILY_REGULAR && leg == plan->side && order->side == side &&
           keel_order_is_open(order) && !is_own(plan, order) &&
           keel_order_only_closes(order->reduce_only, order->close_position, order->position_side,
                                  order->side);
}

static enum keel_status ask(struct keel_plans *plans, struct keel_private *exchange,
                            struct keel_plan *plan, const struct keel_command *command,
                            int32_t part, struct keel_error *error)
{
    struct keel_call *call;
    enum keel_status status =
        keel_private_submit(exchange, command, KEEL_CALL_CLOSE, NULL, NULL, &call, error);

    if (status != KEEL_OK)
        return status;
    call->plan = (int32_t)(plan - plans->at);
    call->part = part;
    plan->answers++;
    return KEEL_OK;
}

/* Cancels the newest claims first, as many as leave room for what is to be closed. */
static enum keel_status clear_claims(struct keel_plans *plans, struct keel_private *exchange,
                                     struct keel_plan *plan, keel_decimal excess,
                                     struct keel_error *error)
{
    enum keel_side side = closing_side(exchange, plan);
    const struct keel_order *found[KEEL_PLAN_CLEARED_MAX] = {NULL};
    int32_t count = 0;

    for (const struct keel_order *at = NULL;
         (at = keel_account_next_open_order(exchange->account, plan->market, at)) != NULL;) {
        if (stands_in_the_way(plan, at, side))
            found[count++ % KEEL_PLAN_CLEARED_MAX] = at;
    }
    while (count > 0 && keel_decimal_is_positive(excess) &&
           plan->cleared_count < KEEL_PLAN_CLEARED_MAX) {
        const struct keel_order *order = found[--count % KEEL_PLAN_CLEARED_MAX];
        struct keel_command command = {.kind = KEEL_CANCEL_ORDER};
        struct keel_order was = *order;
        refer_to(&was, &command.order);
        enum keel_status status = ask(plans, exchange, plan, &command, PART_CLEARING, error);
        if (status != KEEL_OK)
            return status;
        plan->cleared[plan->cleared_count++] = was;
        excess = keel_decimal_sub(excess, keel_order_remaining(&was));
    }
    return KEEL_OK;
}

static void make_order(const struct keel_private *exchange, const struct keel_plan *plan,
                       keel_decimal quantity, struct keel_order_request *order)
{
    *order = keel_order_request_init();
    order->market = plan->market;
    order->side = closing_side(exchange, plan);
    order->position_side = plan->side;
    order->type = plan->at_market ? KEEL_MARKET : KEEL_LIMIT;
    order->time_in_force = plan->at_market ? KEEL_TIME_IN_FORCE_NONE : KEEL_GTC;
    /* In hedge mode the side of the leg says it, and the venue refuses the flag. */
    order->reduce_only = plan->side == KEEL_NET;
    order->forced = plan->forced;
    order->quantity = quantity;
    order->price = plan->price;
}

static enum keel_status place_part(struct keel_plans *plans, struct keel_private *exchange,
                                   struct keel_plan *plan, keel_decimal quantity,
                                   struct keel_error *error)
{
    struct keel_order_request request;
    struct keel_command command;

    if (plan->order_count == KEEL_CLOSE_ORDERS_MAX)
        return keel_fail(error, KEEL_FULL, "%s: the close needs more than %d orders",
                         keel_private_symbol(exchange, plan->market), KEEL_CLOSE_ORDERS_MAX);
    make_order(exchange, plan, quantity, &request);
    enum keel_status status = keel_private_prepare_order(exchange, &request, &command, error);
    if (status == KEEL_OK)
        status = ask(plans, exchange, plan, &command, plan->order_count, error);
    if (status != KEEL_OK)
        return status;
    struct keel_order *order = &plan->orders[plan->order_count++];
    *order = keel_order_init();
    order->market = plan->market;
    memcpy(order->client_id, command.place.client_id, sizeof(order->client_id));
    refresh_order(exchange, order);
    return KEEL_OK;
}

static enum keel_status place_orders(struct keel_plans *plans, struct keel_private *exchange,
                                     struct keel_plan *plan, struct keel_error *error)
{
    keel_decimal parts[KEEL_CLOSE_ORDERS_MAX];
    keel_decimal quantity = keel_decimal_sub(size_of(exchange, plan), plan->target);
    int32_t count = 0;

    plan->step = PLAN_PLACING;
    plan->attempt_first = plan->order_count;
    plan->due_ns = INT64_MAX;
    enum keel_status status = keel_closing_split(keel_markets_get(exchange->markets, plan->market),
                                                 plan->at_market, quantity, parts, &count, error);
    for (int32_t i = 0; i < count && status == KEEL_OK; i++)
        status = place_part(plans, exchange, plan, parts[i], error);
    return status;
}

/* Something could not be asked for: nothing was, or what was is waited for. */
static void note_refusal(struct keel_plan *plan, const struct keel_error *error)
{
    plan->fate = KEEL_FATE_FAILED;
    plan->error = *error;
}

static enum keel_status begin_attempt(struct keel_plans *plans, struct keel_private *exchange,
                                      struct keel_plan *plan, struct keel_error *error)
{
    plan->attempts++;
    plan->fate = KEEL_ACCEPTED;
    plan->error = no_error;
    plan->size = size_of(exchange, plan);
    plan->claimed = claimed_of(exchange, plan);
    plan->step = PLAN_CLEARING;
    plan->due_ns = INT64_MAX;

    keel_decimal quantity = keel_decimal_sub(plan->size, plan->target);
    keel_decimal excess = keel_decimal_sub(keel_decimal_add(quantity, plan->claimed), plan->size);
    enum keel_status status = KEEL_OK;
    if (keel_decimal_is_positive(excess))
        status = clear_claims(plans, exchange, plan, excess, error);
    if (status == KEEL_OK && plan->answers == 0)
        status = place_orders(plans, exchange, plan, error);
    return status;
}

static void go_on(struct keel_plans *plans, struct keel_private *exchange, struct keel_plan *plan,
                  enum keel_status (*next)(struct keel_plans *plans, struct keel_private *exchange,
                                           struct keel_plan *plan, struct keel_error *error))
{
    struct keel_error error;

    if (next(plans, exchange, plan, &error) == KEEL_OK)
        return;
    note_refusal(plan, &error);
    if (plan->answers == 0)
        finish_short(plans, exchange, plan);
}

/* Looking. */

/* No order of the attempt may still fill, and what they filled is in the position. */
static bool is_attempt_over(struct keel_private *exchange, struct keel_plan *plan)
{
    keel_decimal filled = KEEL_DECIMAL_ZERO;
    bool open = false;

    for (int32_t i = plan->attempt_first; i < plan->order_count; i++) {
        struct keel_order *order = &plan->orders[i];
        refresh_order(exchange, order);
        open = open || keel_order_is_open(order);
        if (keel_decimal_is_valid(order->filled_quantity))
            filled = keel_decimal_add(filled, order->filled_quantity);
    }
    return !open && keel_account_is_fresh(exchange->account) &&
           keel_decimal_compare(size_of(exchange, plan), keel_decimal_sub(plan->size, filled)) <= 0;
}

static bool is_settled(const struct keel_private *exchange, struct keel_plan *plan)
{
    bool settled = true;

    for (int32_t i = plan->attempt_first; i < plan->order_count; i++) {
        refresh_order(exchange, &plan->orders[i]);
        settled = settled && plan->orders[i].status != KEEL_ORDER_PENDING;
    }
    return settled;
}

static bool was_refused(const struct keel_plan *plan)
{
    return plan->fate == KEEL_FATE_REJECTED;
}

static void look_at_venue(struct keel_plans *plans, struct keel_private *exchange,
                          struct keel_plan *plan)
{
    struct keel_command command = {.kind = KEEL_LOAD_POSITIONS};
    struct keel_error error;

    plan->step = PLAN_LOOKING;
    plan->due_ns = INT64_MAX;
    enum keel_status status = ask(plans, exchange, plan, &command, PART_LOOKING, &error);
    command.kind = KEEL_LOAD_OPEN_ORDERS;
    if (status == KEEL_OK && was_refused(plan))
        status = ask(plans, exchange, plan, &command, PART_LOOKING, &error);
    if (status != KEEL_OK && plan->answers == 0)
        finish_short(plans, exchange, plan);
}

static bool is_connection_closed(const struct keel_private *exchange)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    return view.state == KEEL_SESSION_CLOSED;
}

/* While the account is being reconciled there is nothing to see: that may take a while longer. */
static bool is_late(const struct keel_private *exchange, struct keel_plan *plan)
{
    if (exchange->now_ns < plan->due_ns)
        return false;
    if (keel_account_is_fresh(exchange->account) || plan->extended)
        return true;
    plan->extended = true;
    plan->due_ns = exchange->now_ns + KEEL_PLAN_UNKNOWN_S * SECOND_NS;
    return false;
}

/* The attempt's orders have their verdicts: is it over, and what came of it? */
static void look_at_attempt(struct keel_plans *plans, struct keel_private *exchange,
                            struct keel_plan *plan)
{
    bool late = is_late(exchange, plan);

    if (is_connection_closed(exchange)) {
        finish(plans, exchange, plan, plan->fate);
        return;
    }
    if (plan->fate == KEEL_FATE_UNKNOWN) {
        if (is_settled(exchange, plan)) {
            plan->fate = KEEL_ACCEPTED;
            plan->error = no_error;
            plan->due_ns = exchange->now_ns + KEEL_PLAN_PATIENCE_S * SECOND_NS;
        } else if (late) {
            finish(plans, exchange, plan, KEEL_FATE_UNKNOWN);
        }
        return;
    }
    if (plan->fate == KEEL_FATE_FAILED) {
        finish_short(plans, exchange, plan);
        return;
    }
    if (!plan->at_market && plan->fate == KEEL_ACCEPTED) {
        finish(plans, exchange, plan, KEEL_ACCEPTED); /* its orders rest */
        return;
    }
    bool over = is_attempt_over(exchange, plan);
    if (over && is_closed(exchange, plan))
        finish(plans, exchange, plan, KEEL_ACCEPTED);
    else if (over || late || was_refused(plan))
        look_at_venue(plans, exchange, plan);
}

static bool was_any_filled(const struct keel_plan *plan)
{
    for (int32_t i = plan->attempt_first; i < plan->order_count; i++) {
        if (keel_decimal_is_positive(plan->orders[i].filled_quantity))
            return true;
    }
    return false;
}

/* The venue has told what is there. An attempt more, if there is reason to expect more of it. */
static void look_again(struct keel_plans *plans, struct keel_private *exchange,
                       struct keel_plan *plan)
{
    bool over = is_attempt_over(exchange, plan) || was_refused(plan);
    bool news = was_any_filled(plan) || !keel_decimal_equals(size_of(exchange, plan), plan->size) ||
                !keel_decimal_equals(claimed_of(exchange, plan), plan->claimed);

    if (is_closed(exchange, plan))
        finish(plans, exchange, plan, KEEL_ACCEPTED);
    else if (over && news && plan->attempts < KEEL_PLAN_ATTEMPTS_MAX &&
             plan->order_count < KEEL_CLOSE_ORDERS_MAX && keel_account_is_fresh(exchange->account))
        go_on(plans, exchange, plan, begin_attempt);
    else
        finish_short(plans, exchange, plan);
}

static void look_at_plan(struct keel_plans *plans, struct keel_private *exchange,
                         struct keel_plan *plan)
{
    if (plan->answers > 0)
        return;
    switch (plan->step) {
    case PLAN_FREE: return;
    case PLAN_CLEARING:
        if (is_closed(exchange, plan))
            finish(plans, exchange, plan, KEEL_ACCEPTED);
        else
            go_on(plans, exchange, plan, place_orders);
        return;
    case PLAN_PLACING:
        plan->step = PLAN_WAITING;
        plan->due_ns =
            exchange->now_ns + SECOND_NS * (plan->fate == KEEL_FATE_UNKNOWN ? KEEL_PLAN_UNKNOWN_S
                                                                            : KEEL_PLAN_PATIENCE_S);
        look_at_attempt(plans, exchange, plan);
        return;
    case PLAN_WAITING: look_at_attempt(plans, exchange, plan); return;
    case PLAN_LOOKING: look_again(plans, exchange, plan); return;
    }
}

void keel_plans_look(struct keel_plans *plans, struct keel_private *exchange)
{
    for (int i = 0; i < KEEL_PLANS_MAX && plans->count > 0; i++) {
        if (plans->at[i].step != PLAN_FREE)
            look_at_plan(plans, exchange, &plans->at[i]);
    }
}

int64_t keel_plans_deadline_ns(const struct keel_plans *plans)
{
    int64_t due_ns = INT64_MAX;

    for (int i = 0; i < KEEL_PLANS_MAX && plans->count > 0; i++) {
        const struct keel_plan *plan = &plans->at[i];
        if (plan->step == PLAN_WAITING && plan->due_ns < due_ns)
            due_ns = plan->due_ns;
    }
    return due_ns;
}

void keel_plans_on_result(struct keel_plans *plans, struct keel_private *exchange,
                          struct keel_call *call, const struct keel_result *result)
{
    struct keel_plan *plan = &plans->at[call->plan];
    int32_t part = call->part;

    keel_calls_release(&exchange->calls, call);
    plan->answers--;
    if (part < 0)
        return; /* what became of it shows in the account */
    if (result->order != NULL)
        plan->orders[part] = *result->order;
    if (keel_fate_worse(plan->fate, result->fate) != plan->fate) {
        plan->fate = result->fate;
        plan->error = result->error;
    }
}

enum keel_status keel_plans_begin(struct keel_plans *plans, struct keel_private *exchange,
                                  const struct keel_close_request *request, keel_decimal quantity,
                                  keel_on_close on_close, void *user, struct keel_error *error)
{
    struct keel_plan *plan = take_plan(plans);
    struct keel_error refusal;

    if (plan == NULL)
        return keel_fail(error, KEEL_FULL, "%d closes are under way, the most there are",
                         KEEL_PLANS_MAX);
    *plan = (struct keel_plan){
        .at_market = !keel_decimal_is_valid(request->price),
        .forced = request->forced,
        .market = request->market,
        .side = request->side,
        .price = request->price,
        .on_close = on_close,
        .user = user,
    };
    plan->target = keel_decimal_sub(size_of(exchange, plan), quantity);
    if (keel_decimal_is_negative(plan->target))
        plan->target = KEEL_DECIMAL_ZERO;
    plans->count++;
    enum keel_status status = begin_attempt(plans, exchange, plan, &refusal);
    if (status == KEEL_OK)
        return KEEL_OK;
    if (plan->answers > 0) {
        note_refusal(plan, &refusal); /* a part is on its way: this is part of how it ended */
        return KEEL_OK;
    }
    plan->step = PLAN_FREE;
    plans->count--;
    if (error != NULL)
        *error = refusal;
    return status;
}
