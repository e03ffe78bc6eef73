#include "session/settle.h"

enum {
    /* The venue's clock against ours, and a fill's time against its order's. */
    LIST_MARGIN_MS = 5000,
    /* How long what left a wallet may be missing from the venue's lists. */
    WALLET_LAG_MS = 60000,
};

/* What tells of each write; nothing tells of a read. */
static const enum keel_command_kind questions[KEEL_COMMAND_KINDS] = {
    [KEEL_PLACE_ORDER] = KEEL_QUERY_ORDER,      [KEEL_AMEND_ORDER] = KEEL_QUERY_ORDER,
    [KEEL_CANCEL_ORDER] = KEEL_QUERY_ORDER,     [KEEL_CANCEL_ALL] = KEEL_LOAD_OPEN_ORDERS,
    [KEEL_SET_LEVERAGE] = KEEL_LOAD_LEVERAGE,   [KEEL_SET_MARGIN_MODE] = KEEL_LOAD_LEVERAGE,
    [KEEL_ADJUST_MARGIN] = KEEL_LOAD_POSITIONS, [KEEL_SET_HEDGE_MODE] = KEEL_LOAD_MODES,
    [KEEL_SET_MULTI_ASSET] = KEEL_LOAD_MODES,   [KEEL_TRANSFER] = KEEL_LOAD_TRANSFERS,
    [KEEL_WITHDRAW] = KEEL_LOAD_WITHDRAWALS,    [KEEL_CANCEL_WITHDRAWAL] = KEEL_LOAD_WITHDRAWALS,
};

/* Does the order bear one of the ids? */
static bool is_named(const char *order_id, const char *client_id, const char *wanted_order_id,
                     const char *wanted_client_id)
{
    if (wanted_order_id[0] != '\0' && strcmp(order_id, wanted_order_id) == 0)
        return true;
    return wanted_client_id[0] != '\0' && strcmp(client_id, wanted_client_id) == 0;
}

/* The order that is asked about: by its ids, for a list has others. */
static struct keel_order_ref refer(const struct keel_doubt *unsettled)
{
    const struct keel_command *write = unsettled->write;
    struct keel_order_ref ref = write->kind == KEEL_AMEND_ORDER ? write->amend.order : write->order;

    if (write->kind != KEEL_PLACE_ORDER)
        return ref;
    bool conditional =
        unsettled->venue->conditional_apart && keel_order_type_is_conditional(write->place.type);
    ref = (struct keel_order_ref){
        .market = write->place.market,
        .family = conditional ? KEEL_FAMILY_CONDITIONAL : KEEL_FAMILY_REGULAR,
    };
    memcpy(ref.client_id, write->place.client_id, sizeof(ref.client_id));
    (void)keel_str_copy(keel_str_from(unsettled->order_id), ref.order_id, sizeof(ref.order_id));
    return ref;
}

static const struct keel_order *find_order(const struct keel_doubt *unsettled,
                                           const struct keel_command *question,
                                           const struct keel_events *events)
{
    struct keel_order_ref ref = refer(unsettled);

    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_order *order = &events->at[i].order;
        if (events->at[i].kind == KEEL_EVENT_ORDER &&
            (question->kind == KEEL_QUERY_ORDER ||
             is_named(order->order_id, order->client_id, ref.order_id, ref.client_id)))
            return order;
    }
    return NULL;
}

static bool has_execution(const struct keel_doubt *unsettled, const struct keel_events *events)
{
    struct keel_order_ref ref = refer(unsettled);

    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_execution *execution = &events->at[i].execution;
        if (events->at[i].kind == KEEL_EVENT_EXECUTION &&
            is_named(execution->order_id, execution->client_id, ref.order_id, ref.client_id))
            return true;
    }
    return false;
}

/* The answer has no such order. */
static bool is_absent(const struct keel_command *question, const struct keel_outcome *outcome,
                      const struct keel_order *order)
{
    if (question->kind == KEEL_QUERY_ORDER)
        return outcome->not_found;
    return outcome->fate == KEEL_ACCEPTED && order == NULL;
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

static enum keel_fate judge_place(const struct keel_doubt *unsettled,
                                  const struct keel_command *question,
                                  const struct keel_outcome *outcome,
                                  const struct keel_events *events, bool proof)
{
    if (question->kind == KEEL_LOAD_EXECUTIONS) {
        if (outcome->fate != KEEL_ACCEPTED)
            return KEEL_FATE_UNKNOWN;
        return has_execution(unsettled, events) ? KEEL_ACCEPTED : KEEL_FATE_NONE;
    }
    const struct keel_order *order = find_order(unsettled, question, events);
    if (is_absent(question, outcome, order))
        return proof ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    return order->status == KEEL_ORDER_REJECTED ? KEEL_FATE_REJECTED : KEEL_ACCEPTED;
}

static enum keel_fate judge_cancel(const struct keel_doubt *unsettled,
                                   const struct keel_command *question,
                                   const struct keel_outcome *outcome,
                                   const struct keel_events *events, bool proof)
{
    const struct keel_order *order = find_order(unsettled, question, events);

    if (is_absent(question, outcome, order))
        return proof ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    if (order->status == KEEL_ORDER_CANCELED)
        return KEEL_ACCEPTED;
    /* It ended in another way: there was nothing left to cancel. */
    if (!keel_order_is_open(order))
        return KEEL_FATE_REJECTED;
    return judge_wish(false, proof);
}

static enum keel_fate judge_amend(const struct keel_doubt *unsettled,
                                  const struct keel_command *question,
                                  const struct keel_outcome *outcome,
                                  const struct keel_events *events, bool proof)
{
    const struct keel_amend *amend = &unsettled->write->amend;
    const struct keel_order *order = find_order(unsettled, question, events);

    if (is_absent(question, outcome, order))
        return proof ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
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

static enum keel_fate judge_setting(const struct keel_doubt *unsettled,
                                    const struct keel_command *question,
                                    const struct keel_outcome *outcome,
                                    const struct keel_events *events, bool proof)
{
    bool fulfilled = false;

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++)
        fulfilled = fulfilled || is_set(unsettled->write, &events->at[i]);
    return judge_wish(fulfilled, proof);
}

static enum keel_fate judge_cancel_all(const struct keel_doubt *unsettled,
                                       const struct keel_command *question,
                                       const struct keel_outcome *outcome,
                                       const struct keel_events *events, bool proof)
{
    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    return judge_wish(!has_open_order_of(events, unsettled->write->order.market), proof);
}

/* The position as read now holds the margin that it has; which part of it this write moved cannot
 * be told. Once it can no longer take effect, what was read is the truth. */
static enum keel_fate judge_margin(const struct keel_doubt *unsettled,
                                   const struct keel_command *question,
                                   const struct keel_outcome *outcome,
                                   const struct keel_events *events, bool proof)
{
    (void)unsettled;
    (void)question;
    (void)events;
    return outcome->fate == KEEL_ACCEPTED && proof ? KEEL_ACCEPTED : KEEL_FATE_UNKNOWN;
}

static const struct keel_withdrawal *find_withdrawal(const struct keel_command *write,
                                                     const struct keel_events *events)
{
    bool by_id = write->kind == KEEL_CANCEL_WITHDRAWAL;

    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_withdrawal *row = &events->at[i].withdrawal;
        if (events->at[i].kind == KEEL_EVENT_WITHDRAWAL &&
            strcmp(by_id ? row->id : row->client_id,
                   by_id ? write->withdrawal_id : write->withdrawal.client_id) == 0)
            return row;
    }
    return NULL;
}

/* One that the venue lists was asked for there, whatever becomes of it; one that it refused was not
 * carried out. */
static enum keel_fate judge_withdrawal(const struct keel_doubt *unsettled,
                                       const struct keel_command *question,
                                       const struct keel_outcome *outcome,
                                       const struct keel_events *events, bool proof)
{
    const struct keel_withdrawal *row = find_withdrawal(unsettled->write, events);

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    if (row != NULL && row->status == KEEL_WITHDRAWAL_REJECTED)
        return KEEL_FATE_REJECTED;
    return judge_wish(row != NULL, proof);
}

static enum keel_fate judge_withdrawal_cancel(const struct keel_doubt *unsettled,
                                              const struct keel_command *question,
                                              const struct keel_outcome *outcome,
                                              const struct keel_events *events, bool proof)
{
    const struct keel_withdrawal *row = find_withdrawal(unsettled->write, events);

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED || row == NULL)
        return KEEL_FATE_UNKNOWN;
    switch (row->status) {
    case KEEL_WITHDRAWAL_CANCELED: return KEEL_ACCEPTED;
    case KEEL_WITHDRAWAL_DONE:
    case KEEL_WITHDRAWAL_REJECTED: return KEEL_FATE_REJECTED; /* nothing was left to cancel */
    case KEEL_WITHDRAWAL_PENDING: return judge_wish(false, proof);
    case KEEL_WITHDRAWAL_STATUS_NONE: break;
    }
    return KEEL_FATE_UNKNOWN;
}

static bool is_transfer_of(const struct keel_doubt *unsettled, const struct keel_event *event)
{
    const struct keel_transfer_request *wanted = &unsettled->write->transfer;
    const struct keel_wallet_transfer *row = &event->transfer;

    return event->kind == KEEL_EVENT_TRANSFER && row->from == wanted->from &&
           row->to == wanted->to && strcmp(row->asset, wanted->asset) == 0 &&
           keel_decimal_equals(row->amount, wanted->amount) &&
           row->time_ms >= unsettled->sent_time_ms - LIST_MARGIN_MS;
}

/* A transfer bears no id of ours: it is told by its ends, asset, amount and time, if one alone
 * fits. Two that fit prove nothing of either. */
static enum keel_fate judge_transfer(const struct keel_doubt *unsettled,
                                     const struct keel_command *question,
                                     const struct keel_outcome *outcome,
                                     const struct keel_events *events, bool proof)
{
    int32_t count = 0;
    bool done = false;

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++) {
        if (!is_transfer_of(unsettled, &events->at[i]))
            continue;
        count++;
        done = events->at[i].transfer.done;
    }
    if (count == 0)
        return judge_wish(false, proof);
    return count == 1 && done ? KEEL_ACCEPTED : KEEL_FATE_UNKNOWN;
}

typedef enum keel_fate judge(const struct keel_doubt *unsettled,
                             const struct keel_command *question,
                             const struct keel_outcome *outcome, const struct keel_events *events,
                             bool proof);

static judge *const judges[KEEL_COMMAND_KINDS] = {
    [KEEL_PLACE_ORDER] = judge_place,       [KEEL_AMEND_ORDER] = judge_amend,
    [KEEL_CANCEL_ORDER] = judge_cancel,     [KEEL_CANCEL_ALL] = judge_cancel_all,
    [KEEL_SET_LEVERAGE] = judge_setting,    [KEEL_SET_MARGIN_MODE] = judge_setting,
    [KEEL_ADJUST_MARGIN] = judge_margin,    [KEEL_SET_HEDGE_MODE] = judge_setting,
    [KEEL_SET_MULTI_ASSET] = judge_setting, [KEEL_TRANSFER] = judge_transfer,
    [KEEL_WITHDRAW] = judge_withdrawal,     [KEEL_CANCEL_WITHDRAWAL] = judge_withdrawal_cancel,
};

/* An order that was placed before may be of any age; one that we placed is not older than its
 * request. */
static void ask_list(const struct keel_doubt *unsettled, enum keel_command_kind kind,
                     struct keel_command *question)
{
    struct keel_order_ref ref = refer(unsettled);

    question->kind = kind;
    question->page.market = ref.market;
    question->page.family = ref.family;
    question->page.limit = unsettled->venue->page_limit;
    if (unsettled->write->kind == KEEL_PLACE_ORDER)
        question->page.start_time_ms = unsettled->sent_time_ms - LIST_MARGIN_MS;
}

static void ask_wallet(const struct keel_doubt *unsettled, struct keel_page *page)
{
    const struct keel_command *write = unsettled->write;

    if (write->kind == KEEL_CANCEL_WITHDRAWAL) {
        memcpy(page->from_id, write->withdrawal_id, sizeof(page->from_id));
        return;
    }
    page->start_time_ms = unsettled->sent_time_ms - LIST_MARGIN_MS;
    if (write->kind == KEEL_WITHDRAW) {
        memcpy(page->asset, write->withdrawal.asset, sizeof(page->asset));
        memcpy(page->client_id, write->withdrawal.client_id, sizeof(page->client_id));
        return;
    }
    memcpy(page->asset, write->transfer.asset, sizeof(page->asset));
    page->from = write->transfer.from;
    page->to = write->transfer.to;
    page->limit = unsettled->venue->page_limit;
}

void keel_settle_ask(const struct keel_doubt *unsettled, enum keel_evidence evidence,
                     struct keel_command *question)
{
    const struct keel_command *write = unsettled->write;

    KEEL_ASSERT(keel_command_is_write(write->kind));
    *question = (struct keel_command){.kind = questions[write->kind]};
    switch (evidence) {
    case KEEL_EVIDENCE_ITSELF:
        if (question->kind == KEEL_QUERY_ORDER)
            question->order = refer(unsettled);
        else if (question->kind == KEEL_LOAD_WITHDRAWALS || question->kind == KEEL_LOAD_TRANSFERS)
            ask_wallet(unsettled, &question->page);
        else if (write->kind == KEEL_CANCEL_ALL && write->order.family == KEEL_FAMILY_CONDITIONAL)
            question->kind = KEEL_LOAD_CONDITIONAL_ORDERS;
        return;
    case KEEL_EVIDENCE_OPEN:
        question->kind = refer(unsettled).family == KEEL_FAMILY_CONDITIONAL
                             ? KEEL_LOAD_CONDITIONAL_ORDERS
                             : KEEL_LOAD_OPEN_ORDERS;
        return;
    case KEEL_EVIDENCE_ORDERS: ask_list(unsettled, KEEL_LOAD_ORDERS, question); return;
    case KEEL_EVIDENCE_EXECUTIONS: ask_list(unsettled, KEEL_LOAD_EXECUTIONS, question); return;
    case KEEL_EVIDENCE_NONE:
    case KEEL_EVIDENCES: break;
    }
    KEEL_ASSERT(false && "no such evidence");
}

enum keel_fate keel_settle_judge(const struct keel_doubt *unsettled,
                                 const struct keel_command *question,
                                 const struct keel_outcome *outcome,
                                 const struct keel_events *events, bool proof)
{
    KEEL_ASSERT(keel_command_is_write(unsettled->write->kind));
    return judges[unsettled->write->kind](unsettled, question, outcome, events, proof);
}

/* Has the venue forgotten by then what our id named? */
static bool is_forgotten(const struct keel_doubt *unsettled, const struct keel_command *question,
                         int64_t asked_time_ms)
{
    int64_t life_ms = unsettled->venue->client_id_life_ms;

    return life_ms > 0 && question->order.order_id[0] == '\0' &&
           asked_time_ms >= unsettled->sent_time_ms + life_ms - LIST_MARGIN_MS;
}

enum keel_evidence keel_settle_next(const struct keel_doubt *unsettled,
                                    const struct keel_command *question,
                                    enum keel_evidence evidence, int64_t asked_time_ms)
{
    bool placed = unsettled->write->kind == KEEL_PLACE_ORDER;

    switch (evidence) {
    case KEEL_EVIDENCE_ITSELF:
        if (is_forgotten(unsettled, question, asked_time_ms))
            return KEEL_EVIDENCE_ORDERS;
        return placed ? KEEL_EVIDENCE_EXECUTIONS : KEEL_EVIDENCE_NONE;
    case KEEL_EVIDENCE_OPEN: return KEEL_EVIDENCE_ORDERS;
    case KEEL_EVIDENCE_ORDERS: return placed ? KEEL_EVIDENCE_EXECUTIONS : KEEL_EVIDENCE_NONE;
    case KEEL_EVIDENCE_NONE:
    case KEEL_EVIDENCE_EXECUTIONS:
    case KEEL_EVIDENCES: break;
    }
    return KEEL_EVIDENCE_NONE;
}

int64_t keel_settle_lag_ms(enum keel_command_kind write)
{
    return write == KEEL_WITHDRAW || write == KEEL_TRANSFER ? WALLET_LAG_MS : 0;
}

enum keel_fate keel_settle_absent(const struct keel_doubt *unsettled)
{
    /* What is not there could not be cancelled or amended. */
    return unsettled->write->kind == KEEL_PLACE_ORDER ? KEEL_FATE_FAILED : KEEL_FATE_REJECTED;
}

static int64_t time_of(const struct keel_event *event)
{
    if (event->kind == KEEL_EVENT_EXECUTION)
        return event->execution.time_ms;
    return event->order.create_time_ms;
}

/* Some venues list the oldest first, others the newest. Never the same page again. */
static void next_page(struct keel_page *page, int64_t first_ms, int64_t last_ms)
{
    int64_t end_ms = page->end_time_ms;

    if (first_ms <= last_ms)
        page->start_time_ms = last_ms > page->start_time_ms ? last_ms : page->start_time_ms + 1;
    else
        page->end_time_ms = end_ms == 0 || last_ms < end_ms ? last_ms : end_ms - 1;
}

bool keel_settle_next_page(const struct keel_doubt *unsettled, const struct keel_command *question,
                           const struct keel_events *events, struct keel_command *next)
{
    const struct keel_event *first = NULL, *last = NULL;
    int32_t rows = 0, limit = unsettled->venue->page_limit;

    if (question->kind != KEEL_LOAD_ORDERS && question->kind != KEEL_LOAD_EXECUTIONS)
        return false;
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        if (event->kind != KEEL_EVENT_ORDER && event->kind != KEEL_EVENT_EXECUTION)
            continue;
        first = first == NULL ? event : first;
        last = event;
        rows++;
    }
    *next = *question;
    if (last == NULL || rows < limit || limit == 0)
        return false;
    next_page(&next->page, time_of(first), time_of(last));
    return true;
}

static bool shows(const struct keel_order_request *place, const struct keel_event *event,
                  const char *order_id)
{
    const struct keel_order *order = &event->order;
    const struct keel_execution *execution = &event->execution;

    if (event->kind == KEEL_EVENT_ORDER)
        return order->market == place->market && order->status != KEEL_ORDER_REJECTED &&
               is_named(order->order_id, order->client_id, order_id, place->client_id);
    return event->kind == KEEL_EVENT_EXECUTION && execution->market == place->market &&
           is_named(execution->order_id, execution->client_id, order_id, place->client_id);
}

bool keel_settle_shows(const struct keel_command *placing, const struct keel_events *events,
                       char order_id[KEEL_ORDER_ID_SIZE])
{
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        if (!shows(&placing->place, event, order_id))
            continue;
        const char *told =
            event->kind == KEEL_EVENT_ORDER ? event->order.order_id : event->execution.order_id;
        if (told[0] != '\0')
            memcpy(order_id, told, KEEL_ORDER_ID_SIZE);
        return true;
    }
    return false;
}
