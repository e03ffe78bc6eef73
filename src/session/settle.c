#include "session/settle.h"

enum {
    /* The venue's clock against ours, and a fill's time against its order's. */
    EXECUTIONS_MARGIN_MS = 5000,
};

static void refer_to_placed(const struct keel_order_request *place, struct keel_order_ref *ref)
{
    *ref = (struct keel_order_ref){
        .market = place->market,
        .family = keel_order_type_is_conditional(place->type) ? KEEL_FAMILY_CONDITIONAL
                                                              : KEEL_FAMILY_REGULAR,
    };
    memcpy(ref->client_id, place->client_id, sizeof(ref->client_id));
}

/* What tells of each write; nothing tells of a read. */
static const enum keel_command_kind questions[KEEL_COMMAND_KINDS] = {
    [KEEL_PLACE_ORDER] = KEEL_QUERY_ORDER,      [KEEL_AMEND_ORDER] = KEEL_QUERY_ORDER,
    [KEEL_CANCEL_ORDER] = KEEL_QUERY_ORDER,     [KEEL_CANCEL_ALL] = KEEL_LOAD_OPEN_ORDERS,
    [KEEL_SET_LEVERAGE] = KEEL_LOAD_LEVERAGE,   [KEEL_SET_MARGIN_MODE] = KEEL_LOAD_LEVERAGE,
    [KEEL_ADJUST_MARGIN] = KEEL_LOAD_POSITIONS, [KEEL_SET_HEDGE_MODE] = KEEL_LOAD_MODES,
    [KEEL_SET_MULTI_ASSET] = KEEL_LOAD_MODES,
};

static const struct keel_order *find_order(const struct keel_events *events)
{
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].kind == KEEL_EVENT_ORDER)
            return &events->at[i].order;
    }
    return NULL;
}

static bool has_execution_of(const struct keel_events *events, const char *client_id)
{
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        if (event->kind == KEEL_EVENT_EXECUTION &&
            strcmp(event->execution.client_id, client_id) == 0)
            return true;
    }
    return false;
}

static bool has_open_order_of(const struct keel_events *events, keel_market_id market)
{
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        if (event->kind == KEEL_EVENT_ORDER && event->order.market == market &&
            keel_order_is_open(&event->order))
            return true;
    }
    return false;
}

/* A wish that the answer shows fulfilled has happened; one that it does not, and that can no longer
 * take effect, has failed. */
static enum keel_fate judge_wish(bool fulfilled, bool proof)
{
    if (fulfilled)
        return KEEL_ACCEPTED;
    return proof ? KEEL_FATE_FAILED : KEEL_FATE_UNKNOWN;
}

static enum keel_fate judge_place(const struct keel_command *write,
                                  const struct keel_command *question,
                                  const struct keel_outcome *outcome,
                                  const struct keel_events *events, bool proof)
{
    if (question->kind == KEEL_LOAD_EXECUTIONS) {
        if (outcome->fate != KEEL_ACCEPTED)
            return KEEL_FATE_UNKNOWN;
        return has_execution_of(events, write->place.client_id) ? KEEL_ACCEPTED : KEEL_FATE_FAILED;
    }
    if (outcome->not_found)
        return proof ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;

    const struct keel_order *order = find_order(events);
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    return order->status == KEEL_ORDER_REJECTED ? KEEL_FATE_REJECTED : KEEL_ACCEPTED;
}

static enum keel_fate judge_cancel(const struct keel_command *write,
                                   const struct keel_command *question,
                                   const struct keel_outcome *outcome,
                                   const struct keel_events *events, bool proof)
{
    const struct keel_order *order = find_order(events);

    (void)write;
    (void)question;
    if (outcome->not_found)
        return proof ? KEEL_FATE_REJECTED : KEEL_FATE_UNKNOWN;
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    if (order->status == KEEL_ORDER_CANCELED)
        return KEEL_ACCEPTED;
    /* It ended in another way: there was nothing left to cancel. */
    if (!keel_order_is_open(order))
        return KEEL_FATE_REJECTED;
    return judge_wish(false, proof);
}

static enum keel_fate judge_amend(const struct keel_command *write,
                                  const struct keel_command *question,
                                  const struct keel_outcome *outcome,
                                  const struct keel_events *events, bool proof)
{
    const struct keel_amend *amend = &write->amend;
    const struct keel_order *order = find_order(events);

    (void)question;
    if (outcome->not_found)
        return proof ? KEEL_FATE_REJECTED : KEEL_FATE_UNKNOWN;
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    return judge_wish(keel_decimal_equals(order->price, amend->price) &&
                          keel_decimal_equals(order->quantity, amend->quantity),
                      proof);
}

static bool is_set(const struct keel_command *write, const struct keel_event *event)
{
    if (write->kind == KEEL_SET_LEVERAGE)
        return event->kind == KEEL_EVENT_LEVERAGE &&
               event->leverage.market == write->leverage.market &&
               event->leverage.leverage == write->leverage.leverage;
    if (write->kind == KEEL_SET_MARGIN_MODE)
        return event->kind == KEEL_EVENT_LEVERAGE &&
               event->leverage.market == write->margin_mode.market &&
               event->leverage.margin_mode == write->margin_mode.mode;

    enum keel_switch wanted = write->enable ? KEEL_ON : KEEL_OFF;
    return event->kind == KEEL_EVENT_MODES &&
           (write->kind == KEEL_SET_HEDGE_MODE ? event->modes.hedge : event->modes.multi_asset) ==
               wanted;
}

static enum keel_fate judge_setting(const struct keel_command *write,
                                    const struct keel_command *question,
                                    const struct keel_outcome *outcome,
                                    const struct keel_events *events, bool proof)
{
    bool fulfilled = false;

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++)
        fulfilled = fulfilled || is_set(write, &events->at[i]);
    return judge_wish(fulfilled, proof);
}

static enum keel_fate judge_cancel_all(const struct keel_command *write,
                                       const struct keel_command *question,
                                       const struct keel_outcome *outcome,
                                       const struct keel_events *events, bool proof)
{
    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    return judge_wish(!has_open_order_of(events, write->order.market), proof);
}

/* The position as read now holds the margin that it has; which part of it this write moved cannot
 * be told. Once it can no longer take effect, what was read is the truth. */
static enum keel_fate judge_margin(const struct keel_command *write,
                                   const struct keel_command *question,
                                   const struct keel_outcome *outcome,
                                   const struct keel_events *events, bool proof)
{
    (void)write;
    (void)question;
    (void)events;
    return outcome->fate == KEEL_ACCEPTED && proof ? KEEL_ACCEPTED : KEEL_FATE_UNKNOWN;
}

static enum keel_fate (*const judges[KEEL_COMMAND_KINDS])(const struct keel_command *write,
                                                          const struct keel_command *question,
                                                          const struct keel_outcome *outcome,
                                                          const struct keel_events *events,
                                                          bool proof) = {
    [KEEL_PLACE_ORDER] = judge_place,       [KEEL_AMEND_ORDER] = judge_amend,
    [KEEL_CANCEL_ORDER] = judge_cancel,     [KEEL_CANCEL_ALL] = judge_cancel_all,
    [KEEL_SET_LEVERAGE] = judge_setting,    [KEEL_SET_MARGIN_MODE] = judge_setting,
    [KEEL_ADJUST_MARGIN] = judge_margin,    [KEEL_SET_HEDGE_MODE] = judge_setting,
    [KEEL_SET_MULTI_ASSET] = judge_setting,
};

void keel_settle_ask(const struct keel_command *write, int64_t sent_time_ms, bool executions,
                     struct keel_command *question)
{
    KEEL_ASSERT(keel_command_is_write(write->kind));
    *question = (struct keel_command){.kind = questions[write->kind]};

    if (executions) {
        question->kind = KEEL_LOAD_EXECUTIONS;
        question->page.market = write->place.market;
        question->page.start_time_ms = sent_time_ms - EXECUTIONS_MARGIN_MS;
    } else if (write->kind == KEEL_PLACE_ORDER) {
        refer_to_placed(&write->place, &question->order);
    } else if (write->kind == KEEL_AMEND_ORDER) {
        question->order = write->amend.order;
    } else if (write->kind == KEEL_CANCEL_ORDER) {
        question->order = write->order;
    } else if (write->kind == KEEL_CANCEL_ALL && write->order.family == KEEL_FAMILY_CONDITIONAL) {
        question->kind = KEEL_LOAD_CONDITIONAL_ORDERS;
    }
}

enum keel_fate keel_settle_judge(const struct keel_command *write,
                                 const struct keel_command *question,
                                 const struct keel_outcome *outcome,
                                 const struct keel_events *events, bool proof)
{
    KEEL_ASSERT(keel_command_is_write(write->kind));
    return judges[write->kind](write, question, outcome, events, proof);
}

bool keel_settle_shows(const struct keel_command *placing, const struct keel_events *events)
{
    const struct keel_order_request *place = &placing->place;

    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_order *order = &events->at[i].order;
        if (events->at[i].kind == KEEL_EVENT_ORDER && order->market == place->market &&
            order->status != KEEL_ORDER_REJECTED && strcmp(order->client_id, place->client_id) == 0)
            return true;
    }
    return false;
}
