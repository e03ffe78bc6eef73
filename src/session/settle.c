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

/* Rows that tell of just such a change, since the write left. Those of other writes of ours that
 * wanted the same are among them. */
static enum keel_fate judge_rows(const struct keel_doubt *unsettled, int32_t rows, bool whole,
                                 bool proof)
{
    if (rows > unsettled->rivals)
        return KEEL_ACCEPTED;
    return proof && whole && rows == 0 ? KEEL_FATE_FAILED : KEEL_FATE_UNKNOWN;
}

/* It is not there yet, by the venue's clock. */
static bool is_before(const struct keel_doubt *unsettled, int64_t time_ms)
{
    return time_ms + unsettled->clock_error_ms < unsettled->sent_time_ms;
}

static bool is_amendment(const struct keel_doubt *unsettled, const struct keel_event *event)
{
    const struct keel_amend *amend = &unsettled->write->amend;
    const struct keel_amendment *row = &event->amendment;

    return event->kind == KEEL_EVENT_AMENDMENT && keel_decimal_equals(row->price, amend->price) &&
           keel_decimal_equals(row->quantity, amend->quantity) &&
           is_named(row->order_id, row->client_id, amend->order.order_id, amend->order.client_id) &&
           !is_before(unsettled, row->time_ms);
}

/* The newest come first, and of a full page the rest may be missing. */
static enum keel_fate judge_amendments(const struct keel_doubt *unsettled,
                                       const struct keel_outcome *outcome,
                                       const struct keel_events *events, bool proof)
{
    bool whole = events->count < unsettled->venue->amendments.page_limit;
    int32_t rows = 0;

    if (outcome->not_found && proof)
        return KEEL_FATE_NONE;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++) {
        rows += is_amendment(unsettled, &events->at[i]) ? 1 : 0;
        whole = whole || is_before(unsettled, events->at[i].time_ms);
    }
    return judge_rows(unsettled, rows, whole, proof);
}

static bool is_amended(const struct keel_amend *amend, const struct keel_order *order)
{
    return keel_decimal_equals(order->price, amend->price) &&
           keel_decimal_equals(order->quantity, amend->quantity);
}

static enum keel_fate judge_amend(const struct keel_doubt *unsettled,
                                  const struct keel_command *question,
                                  const struct keel_outcome *outcome,
                                  const struct keel_events *events, bool proof)
{
    const struct keel_amend *amend = &unsettled->write->amend;
    const struct keel_order *order = find_order(unsettled, question, events);

    if (question->kind == KEEL_LOAD_AMENDMENTS)
        return judge_amendments(unsettled, outcome, events, proof);
    if (is_absent(question, outcome, order))
        return proof ? KEEL_FATE_NONE : KEEL_FATE_UNKNOWN;
    if (outcome->fate != KEEL_ACCEPTED || order == NULL)
        return KEEL_FATE_UNKNOWN;
    if (is_amended(amend, order) || !proof)
        return judge_wish(is_amended(amend, order), false);
    if (unsettled->venue->amendments.page_limit > 0)
        return KEEL_FATE_NONE; /* it may have been amended again: the history tells */
    return unsettled->overtaken ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
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
    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    return judge_wish(keel_settle_is_fulfilled(unsettled->write, events),
                      proof && !unsettled->overtaken);
}

/* Does an open order tell of a cancel-all? One that was there before it left does; one that came
 * after it does not. */
static bool is_older(const struct keel_doubt *unsettled, const struct keel_order *order)
{
    return order->create_time_ms != 0 && is_before(unsettled, order->create_time_ms);
}

static bool is_younger(const struct keel_doubt *unsettled, const struct keel_order *order)
{
    return order->create_time_ms > unsettled->sent_time_ms + unsettled->clock_error_ms;
}

static enum keel_fate judge_cancel_all(const struct keel_doubt *unsettled,
                                       const struct keel_command *question,
                                       const struct keel_outcome *outcome,
                                       const struct keel_events *events, bool proof)
{
    bool doubtful = false;

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_order *order = &events->at[i].order;
        if (events->at[i].kind != KEEL_EVENT_ORDER || !keel_order_is_open(order) ||
            order->market != unsettled->write->order.market)
            continue;
        if (is_older(unsettled, order))
            return judge_wish(false, proof);
        doubtful = doubtful || !is_younger(unsettled, order);
    }
    return doubtful ? KEEL_FATE_UNKNOWN : KEEL_ACCEPTED;
}

static bool is_margin_change(const struct keel_doubt *unsettled, const struct keel_event *event)
{
    const struct keel_margin_adjustment *margin = &unsettled->write->margin;
    const struct keel_margin_change *row = &event->margin_change;

    return event->kind == KEEL_EVENT_MARGIN_CHANGE && row->by_user &&
           row->market == margin->market && row->side == margin->side &&
           keel_decimal_equals(row->amount, margin->amount) && !is_before(unsettled, row->time_ms);
}

static enum keel_fate judge_margin_changes(const struct keel_doubt *unsettled,
                                           const struct keel_events *events, bool proof)
{
    int32_t rows = 0;

    for (int32_t i = 0; i < events->count; i++)
        rows += is_margin_change(unsettled, &events->at[i]) ? 1 : 0;
    return judge_rows(unsettled, rows, events->count < unsettled->venue->margin_changes.page_limit,
                      proof);
}

/* Without a history: the position's own margin then and now. It proves something only if nothing
 * else has moved it, and then it has moved by just the amount, or not at all. */
static enum keel_fate judge_wallet(const struct keel_doubt *unsettled,
                                   const struct keel_position *position)
{
    const struct keel_margin_adjustment *margin = &unsettled->write->margin;
    bool same = keel_decimal_equals(position->quantity, margin->quantity_before) &&
                keel_decimal_is_valid(margin->wallet_before);

    if (!same || unsettled->overtaken || unsettled->rivals > 0)
        return KEEL_FATE_UNKNOWN;
    if (keel_decimal_equals(position->isolated_wallet, margin->wallet_before))
        return KEEL_FATE_FAILED;
    return keel_decimal_equals(position->isolated_wallet,
                               keel_decimal_add(margin->wallet_before, margin->amount))
               ? KEEL_ACCEPTED
               : KEEL_FATE_UNKNOWN;
}

static enum keel_fate judge_margin(const struct keel_doubt *unsettled,
                                   const struct keel_command *question,
                                   const struct keel_outcome *outcome,
                                   const struct keel_events *events, bool proof)
{
    const struct keel_margin_adjustment *margin = &unsettled->write->margin;

    if (outcome->fate != KEEL_ACCEPTED)
        return KEEL_FATE_UNKNOWN;
    if (question->kind == KEEL_LOAD_MARGIN_CHANGES)
        return judge_margin_changes(unsettled, events, proof);
    for (int32_t i = 0; proof && i < events->count; i++) {
        const struct keel_position *position = &events->at[i].position;
        if (events->at[i].kind == KEEL_EVENT_POSITION && position->market == margin->market &&
            position->side == margin->side)
            return judge_wallet(unsettled, position);
    }
    return KEEL_FATE_UNKNOWN;
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

/* Later than that it was another one's. */
static int64_t end_of_transfer(const struct keel_doubt *unsettled)
{
    return unsettled->sent_time_ms + keel_settle_lag_ms(unsettled->venue, KEEL_TRANSFER);
}

static bool is_transfer_of(const struct keel_doubt *unsettled, const struct keel_event *event)
{
    const struct keel_transfer_request *wanted = &unsettled->write->transfer;
    const struct keel_wallet_transfer *row = &event->transfer;

    return event->kind == KEEL_EVENT_TRANSFER && row->from == wanted->from &&
           row->to == wanted->to && strcmp(row->asset, wanted->asset) == 0 &&
           keel_decimal_equals(row->amount, wanted->amount) &&
           !is_before(unsettled, row->time_ms) && row->time_ms <= end_of_transfer(unsettled);
}

/* A transfer bears no id of ours: it is told by its ends, asset, amount and time, if there are just
 * as many rows as there were such transfers of ours. More or fewer prove nothing; nor does a list
 * of which a part is missing or not understood. */
static enum keel_fate judge_transfer(const struct keel_doubt *unsettled,
                                     const struct keel_command *question,
                                     const struct keel_outcome *outcome,
                                     const struct keel_events *events, bool proof)
{
    bool understood = true, done = true;
    int32_t count = 0;

    (void)question;
    if (outcome->fate != KEEL_ACCEPTED || outcome->partial)
        return KEEL_FATE_UNKNOWN;
    for (int32_t i = 0; i < events->count; i++) {
        understood = understood && events->at[i].kind != KEEL_EVENT_UNKNOWN;
        if (!is_transfer_of(unsettled, &events->at[i]))
            continue;
        count++;
        done = done && events->at[i].transfer.done;
    }
    if (count == 0)
        return judge_wish(false, proof && understood);
    return count == unsettled->rivals + 1 && done ? KEEL_ACCEPTED : KEEL_FATE_UNKNOWN;
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
    page->end_time_ms = end_of_transfer(unsettled);
    page->from = write->transfer.from;
    page->to = write->transfer.to;
    page->limit = unsettled->venue->page_limit;
}

static void ask_margin(const struct keel_doubt *unsettled, struct keel_command *question)
{
    if (unsettled->venue->margin_changes.page_limit == 0)
        return;
    question->kind = KEEL_LOAD_MARGIN_CHANGES;
    question->page.market = unsettled->write->margin.market;
    question->page.start_time_ms = unsettled->sent_time_ms - LIST_MARGIN_MS;
    question->page.limit = unsettled->venue->margin_changes.page_limit;
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
        else if (write->kind == KEEL_ADJUST_MARGIN)
            ask_margin(unsettled, question);
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
    case KEEL_EVIDENCE_CHANGES:
        question->kind = KEEL_LOAD_AMENDMENTS;
        question->order = refer(unsettled);
        return;
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

bool keel_settle_is_lost(const struct keel_doubt *unsettled, const struct keel_outcome *outcome,
                         bool proof)
{
    enum keel_command_kind kind = unsettled->write->kind;
    bool change = kind == KEEL_AMEND_ORDER || kind == KEEL_CANCEL_ALL ||
                  kind == KEEL_ADJUST_MARGIN || judges[kind] == judge_setting;

    return change && proof && outcome->fate == KEEL_ACCEPTED;
}

/* What a command sets of a market, and the other value that it was sent with. */
static bool read_settings(const struct keel_command *command, struct keel_leverage *settings)
{
    switch ((int)command->kind) {
    case KEEL_SET_LEVERAGE:
        *settings = (struct keel_leverage){.market = command->leverage.market,
                                           .leverage = command->leverage.leverage,
                                           .margin_mode = command->leverage.mode};
        return true;
    case KEEL_SET_MARGIN_MODE:
        *settings = (struct keel_leverage){.market = command->margin_mode.market,
                                           .leverage = command->margin_mode.leverage,
                                           .margin_mode = command->margin_mode.mode};
        return true;
    }
    return false;
}

static bool set_same_market(const struct keel_command *a, const struct keel_command *b)
{
    struct keel_leverage one, other;

    return read_settings(a, &one) && read_settings(b, &other) && one.market == other.market;
}

static bool set_both_alike(const struct keel_command *a, const struct keel_command *b)
{
    struct keel_leverage one, other;

    return read_settings(a, &one) && read_settings(b, &other) && one.leverage == other.leverage &&
           one.margin_mode == other.margin_mode;
}

bool keel_settle_concern_same(const struct keel_venue *venue, const struct keel_command *a,
                              const struct keel_command *b)
{
    const struct keel_order_ref *order = &b->amend.order;

    if (a->kind != b->kind)
        return venue->sets_mode_with_leverage && set_same_market(a, b);
    switch ((int)a->kind) {
    case KEEL_AMEND_ORDER:
        return a->amend.order.market == order->market &&
               is_named(a->amend.order.order_id, a->amend.order.client_id, order->order_id,
                        order->client_id);
    case KEEL_SET_LEVERAGE:
    case KEEL_SET_MARGIN_MODE: return set_same_market(a, b);
    case KEEL_ADJUST_MARGIN:
        return a->margin.market == b->margin.market && a->margin.side == b->margin.side;
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET: return true;
    }
    return false;
}

bool keel_settle_want_same(const struct keel_command *a, const struct keel_command *b)
{
    if (a->kind != b->kind)
        return set_both_alike(a, b);
    switch ((int)a->kind) {
    case KEEL_AMEND_ORDER:
        return keel_decimal_equals(a->amend.price, b->amend.price) &&
               keel_decimal_equals(a->amend.quantity, b->amend.quantity);
    case KEEL_SET_LEVERAGE: return a->leverage.leverage == b->leverage.leverage;
    case KEEL_SET_MARGIN_MODE: return a->margin_mode.mode == b->margin_mode.mode;
    case KEEL_ADJUST_MARGIN: return keel_decimal_equals(a->margin.amount, b->margin.amount);
    case KEEL_SET_HEDGE_MODE:
    case KEEL_SET_MULTI_ASSET: return a->enable == b->enable;
    case KEEL_TRANSFER:
        return a->transfer.from == b->transfer.from && a->transfer.to == b->transfer.to &&
               strcmp(a->transfer.asset, b->transfer.asset) == 0 &&
               keel_decimal_equals(a->transfer.amount, b->transfer.amount);
    }
    return false;
}

bool keel_settle_is_fulfilled(const struct keel_command *write, const struct keel_events *events)
{
    const struct keel_order_ref *ref = &write->amend.order;

    for (int32_t i = 0; i < events->count; i++) {
        const struct keel_event *event = &events->at[i];
        const struct keel_order *order = &event->order;
        if (write->kind != KEEL_AMEND_ORDER && is_set(write, event))
            return true;
        if (write->kind == KEEL_AMEND_ORDER && event->kind == KEEL_EVENT_ORDER &&
            is_named(order->order_id, order->client_id, ref->order_id, ref->client_id) &&
            is_amended(&write->amend, order))
            return true;
    }
    return false;
}

bool keel_settle_is_outlived(const struct keel_doubt *unsettled, int64_t asked_time_ms)
{
    const struct keel_venue *venue = unsettled->venue;
    int64_t life_ms = 0;

    if (unsettled->write->kind == KEEL_AMEND_ORDER)
        life_ms = venue->amendments.life_ms;
    else if (unsettled->write->kind == KEEL_ADJUST_MARGIN)
        life_ms = venue->margin_changes.life_ms;
    return life_ms > 0 && asked_time_ms >= unsettled->sent_time_ms + life_ms - LIST_MARGIN_MS;
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
    bool told =
        unsettled->write->kind == KEEL_AMEND_ORDER && unsettled->venue->amendments.page_limit > 0;

    switch (evidence) {
    case KEEL_EVIDENCE_ITSELF:
        if (told)
            return KEEL_EVIDENCE_CHANGES;
        if (is_forgotten(unsettled, question, asked_time_ms))
            return KEEL_EVIDENCE_ORDERS;
        return placed ? KEEL_EVIDENCE_EXECUTIONS : KEEL_EVIDENCE_NONE;
    case KEEL_EVIDENCE_OPEN: return KEEL_EVIDENCE_ORDERS;
    case KEEL_EVIDENCE_ORDERS: return placed ? KEEL_EVIDENCE_EXECUTIONS : KEEL_EVIDENCE_NONE;
    case KEEL_EVIDENCE_NONE:
    case KEEL_EVIDENCE_EXECUTIONS:
    case KEEL_EVIDENCE_CHANGES:
    case KEEL_EVIDENCES: break;
    }
    return KEEL_EVIDENCE_NONE;
}

int64_t keel_settle_lag_ms(const struct keel_venue *venue, enum keel_command_kind write)
{
    bool moves = write == KEEL_WITHDRAW || write == KEEL_TRANSFER;

    return moves ? venue->receive_window_max_ms + WALLET_LAG_MS : 0;
}

enum keel_fate keel_settle_absent(const struct keel_doubt *unsettled, int64_t asked_time_ms)
{
    int64_t life_ms = unsettled->venue->unfilled_life_ms;

    /* What is not there could not be cancelled or amended. */
    if (unsettled->write->kind != KEEL_PLACE_ORDER)
        return KEEL_FATE_REJECTED;
    bool forgotten =
        life_ms > 0 && asked_time_ms >= unsettled->sent_time_ms + life_ms - LIST_MARGIN_MS;
    return forgotten ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
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
    if (unsettled->venue->pages_by_number)
        next->page.page = (next->page.page == 0 ? 1 : next->page.page) + 1;
    else
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
