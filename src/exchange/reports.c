#include "core/positions.h"
#include "exchange/private_internal.h"

#include <stdarg.h>
#include <stdio.h>

/* Further back than the venue's stream may lag behind what it was heard of last. */
#define GAP_MARGIN_MS      (INT64_C(60) * 1000)
#define COMPLETE_PERIOD_NS (INT64_C(60) * 1000 * 1000 * 1000)

/* Telling. */

void keel_private_log(struct keel_private *exchange, enum keel_log_level level, const char *format,
                      ...)
{
    char message[512];
    va_list arguments;

    if (exchange->handlers.on_log == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    exchange->handlers.on_log(exchange->handlers.user, level, exchange->tag, message);
}

const char *keel_private_symbol(const struct keel_private *exchange, keel_market_id market)
{
    const struct keel_market *rules = keel_markets_get(exchange->markets, market);

    return rules != NULL ? rules->symbol : "";
}

void keel_private_report_difference(struct keel_private *exchange,
                                    const struct keel_difference *difference)
{
    char ours[KEEL_DECIMAL_TEXT_SIZE], venues[KEEL_DECIMAL_TEXT_SIZE];

    exchange->differences++;
    keel_record_difference(exchange, difference);
    keel_decimal_format(difference->ours, ours);
    keel_decimal_format(difference->venues, venues);
    keel_private_log(exchange, KEEL_LOG_WARNING, "difference: %s %s%s%s: ours %s, the venue's %s",
                     keel_difference_kind_name(difference->kind),
                     keel_private_symbol(exchange, difference->market), difference->asset,
                     difference->id, ours, venues);
    if (exchange->handlers.on_difference != NULL)
        exchange->handlers.on_difference(exchange->handlers.user, difference);
}

static void tell_connection(struct keel_private *exchange)
{
    struct keel_connection connection;

    if (exchange->handlers.on_connection == NULL)
        return;
    keel_private_connection(exchange, &connection);
    exchange->handlers.on_connection(exchange->handlers.user, &connection);
}

/* An invariant does not hold, or what must be kept cannot be. */
void keel_private_halt(struct keel_private *exchange, const struct keel_error *error)
{
    keel_account_set_state(exchange->account, KEEL_ACCOUNT_STATE_HALTED);
    exchange->last_error = *error;
    keel_private_log(exchange, KEEL_LOG_ERROR, "halted: %s", error->message);
    tell_connection(exchange);
}

static void note_failure(struct keel_private *exchange, enum keel_status status,
                         const struct keel_error *error)
{
    if (status == KEEL_BROKEN) {
        keel_private_halt(exchange, error);
        return;
    }
    keel_private_log(exchange, KEEL_LOG_ERROR, "%s", error->message);
}

/* Facts. */

static void book(struct keel_private *exchange, enum keel_status status,
                 const struct keel_booked *booked, const struct keel_error *error)
{
    if (status != KEEL_OK)
        note_failure(exchange, status, error);
    else if (booked->difference.kind != KEEL_DIFFERENCE_NONE)
        keel_private_report_difference(exchange, &booked->difference);
}

static void book_execution(struct keel_private *exchange, const struct keel_execution *execution,
                           const struct keel_order *order, enum keel_source source)
{
    struct keel_booked booked;
    struct keel_error error;
    bool reduce_only = order != NULL && order->reduce_only;
    enum keel_status status;

    if (!keel_books_started(exchange->books) || execution->position_side == KEEL_POSITION_SIDE_NONE)
        return; /* of a leg that its order will tell, or the list of executions */
    if (source == KEEL_SOURCE_STREAM)
        status =
            keel_books_apply_execution(exchange->books, execution, reduce_only, &booked, &error);
    else if (keel_audit_is_young(exchange, execution->time_ms))
        return;
    else
        status =
            keel_books_list_execution(exchange->books, execution, reduce_only, &booked, &error);
    book(exchange, status, &booked, &error);
}

/* In hedge mode a fill that came before its order may have been of an unknown leg. What is booked
 * already is not booked again. */
static void book_earlier_fills(struct keel_private *exchange, const struct keel_order *order)
{
    const struct keel_execution *execution = NULL;

    while ((execution = keel_account_next_execution(exchange->account, order->market, execution)) !=
           NULL) {
        if (order->order_id[0] != '\0' && strcmp(execution->order_id, order->order_id) == 0)
            book_execution(exchange, execution, order, execution->source);
    }
}

static bool is_remembered(const struct keel_private *exchange, const char *order_id)
{
    for (int32_t i = 0; i < exchange->missing_count; i++) {
        if (strcmp(exchange->missing[i].order_id, order_id) == 0)
            return true;
    }
    return false;
}

/* A list may tell of a fill that closed something, by an order that nothing has told of: whether
 * the venue made it, the order says. */
static void ask_whose(struct keel_private *exchange, const struct keel_execution *fill)
{
    bool closes = fill->closes == KEEL_ON || (keel_decimal_is_valid(fill->realized_pnl) &&
                                              !keel_decimal_is_zero(fill->realized_pnl));

    if (!closes || fill->cause != KEEL_CAUSE_USER || fill->order_id[0] == '\0' ||
        exchange->missing_count == KEEL_OPEN_ORDERS_MAX || is_remembered(exchange, fill->order_id))
        return;
    struct keel_order_ref *ref = &exchange->missing[exchange->missing_count++];
    *ref = (struct keel_order_ref){.market = fill->market, .family = KEEL_FAMILY_REGULAR};
    memcpy(ref->order_id, fill->order_id, sizeof(ref->order_id));
}

/* The journal learns the cause of fills that it has without one. */
static void record_cause(struct keel_private *exchange, const struct keel_order *order)
{
    const struct keel_execution *fill = NULL;

    while ((fill = keel_account_next_execution(exchange->account, order->market, fill)) != NULL) {
        if (strcmp(fill->order_id, order->order_id) == 0)
            keel_record_execution(exchange, fill);
    }
}

static void apply_fill(struct keel_private *exchange, const struct keel_event *event,
                       const struct keel_applied *applied, enum keel_source source)
{
    struct keel_execution execution = event->execution;

    if (applied->execution != NULL) {
        execution.position_side = applied->execution->position_side;
        execution.cause = applied->execution->cause;
    }
    if (applied->created && applied->order == NULL && source != KEEL_SOURCE_STREAM)
        ask_whose(exchange, &execution);
    exchange->executions += applied->created ? 1 : 0;
    if (applied->created)
        keel_record_execution(exchange, &execution);
    book_execution(exchange, &execution, applied->order, source);
}

static void tell_income(struct keel_private *exchange, const struct keel_income *income)
{
    struct keel_event event = {.kind = KEEL_EVENT_INCOME, .time_ms = income->time_ms};
    struct keel_applied applied = {
        .kind = KEEL_EVENT_INCOME, .market = income->market, .changed = true};

    event.income = *income;
    exchange->ops->on_applied(exchange, &event, &applied);
}

static void book_income(struct keel_private *exchange, const struct keel_income *income,
                        enum keel_source source)
{
    struct keel_booked booked = {0};
    struct keel_error error;
    enum keel_status status;

    /* Of a time before the books, too, and before a list may be judged by it: the journal knows its
     * own again. */
    keel_record_income(exchange, income);
    if (!keel_books_started(exchange->books))
        return;
    if (source == KEEL_SOURCE_STREAM)
        status = keel_books_apply_income(exchange->books, income, &booked, &error);
    else if (keel_audit_is_young(exchange, income->time_ms))
        return;
    else
        status = keel_books_list_income(exchange->books, income, &booked, &error);
    book(exchange, status, &booked, &error);
    if (!booked.changed)
        return;
    tell_income(exchange, income);
    if (income->kind != KEEL_INCOME_FUNDING)
        return;
    exchange->fundings++;
    if (exchange->handlers.on_funding != NULL)
        exchange->handlers.on_funding(exchange->handlers.user, income);
}

/* Orders that a snapshot did not mention, or a stream tells of too late, are asked for, each;
 * settling what is still under way in our name is the session's. */
static void remember_missing(struct keel_private *exchange, const struct keel_applied *applied)
{
    for (int32_t i = 0; i < applied->missing_count; i++) {
        if (exchange->missing_count < KEEL_OPEN_ORDERS_MAX)
            exchange->missing[exchange->missing_count++] = applied->missing[i];
    }
}

static void tell_gone(struct keel_private *exchange, const struct keel_event *event,
                      const struct keel_applied *applied)
{
    int32_t count = applied->gone_count;

    KEEL_ASSERT(count <= KEEL_POSITIONS_MAX);
    if (count == 0)
        return;
    memcpy(exchange->gone, applied->gone, (size_t)count * sizeof(*exchange->gone));
    for (int32_t i = 0; i < count; i++) {
        struct keel_applied flat = {
            .kind = KEEL_EVENT_POSITION,
            .market = exchange->gone[i].market,
            .changed = true,
            .ended = true,
            .position = &exchange->gone[i],
            .previous_quantity = exchange->gone[i].quantity,
        };
        exchange->gone[i].quantity = KEEL_DECIMAL_ZERO;
        exchange->ops->on_applied(exchange, event, &flat);
    }
}

static void activate(struct keel_private *exchange, const struct keel_applied *applied)
{
    bool held = (applied->kind == KEEL_EVENT_INCOME && applied->market != KEEL_NO_MARKET) ||
                (applied->kind == KEEL_EVENT_ORDER && applied->order != NULL &&
                 keel_order_is_open(applied->order)) ||
                (applied->kind == KEEL_EVENT_POSITION && !applied->ended && applied->changed) ||
                applied->kind == KEEL_EVENT_EXECUTION;

    if (held && !keel_session_is_active(exchange->session, applied->market))
        keel_session_activate(exchange->session, applied->market);
}

static void tell_balance(struct keel_private *exchange, const struct keel_balance *known)
{
    struct keel_balance balance;

    keel_account_read_balance(exchange->account, known, exchange->now_ns, &balance);
    exchange->handlers.on_balance(exchange->handlers.user, &balance);
}

static void tell(struct keel_private *exchange, const struct keel_event *event,
                 const struct keel_applied *applied)
{
    const struct keel_handlers *handlers = &exchange->handlers;

    if (applied->kind == KEEL_EVENT_ORDER && applied->order != NULL && handlers->on_order != NULL)
        handlers->on_order(handlers->user, applied->order);
    else if (applied->kind == KEEL_EVENT_EXECUTION && applied->created &&
             handlers->on_execution != NULL)
        handlers->on_execution(handlers->user, applied->execution);
    else if (applied->kind == KEEL_EVENT_BALANCE && applied->balance != NULL &&
             handlers->on_balance != NULL)
        tell_balance(exchange, applied->balance);
    exchange->ops->on_applied(exchange, event, applied);
}

static void tell_unknown(struct keel_private *exchange, const struct keel_event *event)
{
    exchange->unknown_events++;
    keel_private_log(exchange, KEEL_LOG_DEBUG, "not known: %.*s",
                     KEEL_STR_ARGS(event->unknown.word));
    if (exchange->handlers.on_unknown != NULL)
        exchange->handlers.on_unknown(exchange->handlers.user, event->unknown.word,
                                      event->unknown.message);
}

static void apply_event(struct keel_private *exchange, const struct keel_event *event,
                        enum keel_source source)
{
    struct keel_applied applied;
    struct keel_error error;
    enum keel_status status =
        keel_account_apply(exchange->account, event, source, exchange->now_ns, &applied, &error);

    exchange->events++;
    if (status != KEEL_OK) {
        note_failure(exchange, status, &error);
        return;
    }
    activate(exchange, &applied);
    remember_missing(exchange, &applied);
    if (event->kind == KEEL_EVENT_EXECUTION) {
        apply_fill(exchange, event, &applied, source);
    } else if (event->kind == KEEL_EVENT_ORDER && applied.created && applied.order != NULL &&
               exchange->modes.hedge == KEEL_ON) {
        book_earlier_fills(exchange, applied.order);
    } else if (event->kind == KEEL_EVENT_INCOME) {
        book_income(exchange, &event->income, source);
    } else if (event->kind == KEEL_EVENT_BALANCE && applied.changed && applied.balance != NULL) {
        keel_record_balance(exchange, applied.balance);
    } else if (event->kind == KEEL_EVENT_MODES) {
        exchange->modes = keel_account_modes(exchange->account);
    } else if (event->kind == KEEL_EVENT_NETWORK) {
        keel_wallet_learn(&exchange->wallet, &event->network);
    } else if (event->kind == KEEL_EVENT_UNKNOWN) {
        tell_unknown(exchange, event);
    } else if (event->kind == KEEL_EVENT_SNAPSHOT_END) {
        tell_gone(exchange, event, &applied);
    }
    if (applied.caused)
        record_cause(exchange, applied.order);
    if (applied.changed_outside)
        keel_private_log(exchange, KEEL_LOG_WARNING,
                         "%s changed from outside: entries stop until it is accepted",
                         applied.market != KEEL_NO_MARKET
                             ? keel_private_symbol(exchange, applied.market)
                             : "a mode of the account");
    /* The venue's own warning changes nothing here, and is no less a warning for that. */
    if (applied.changed || event->kind == KEEL_EVENT_MARGIN_CALL)
        tell(exchange, event, &applied);
}

static void apply_events(struct keel_private *exchange, const struct keel_report *report)
{
    const struct keel_events *events = report->events;

    for (int32_t i = 0; i < events->count; i++)
        apply_event(exchange, &events->at[i], report->source);
}

/* Results. */

static const struct keel_order *find_order_of(const struct keel_private *exchange,
                                              const struct keel_command *command)
{
    struct keel_order_ref ref;

    switch ((int)command->kind) {
    case KEEL_PLACE_ORDER:
        ref = (struct keel_order_ref){.market = command->place.market};
        memcpy(ref.client_id, command->place.client_id, sizeof(ref.client_id));
        return keel_account_find_order(exchange->account, &ref);
    case KEEL_AMEND_ORDER: return keel_account_find_order(exchange->account, &command->amend.order);
    case KEEL_CANCEL_ORDER:
    case KEEL_QUERY_ORDER: return keel_account_find_order(exchange->account, &command->order);
    }
    return NULL;
}

static keel_market_id market_of_setting(const struct keel_command *command)
{
    if (command->kind == KEEL_SET_LEVERAGE)
        return command->leverage.market;
    return command->kind == KEEL_SET_MARGIN_MODE ? command->margin_mode.market : KEEL_NO_MARKET;
}

void keel_private_answer(struct keel_private *exchange, struct keel_call *call,
                         const struct keel_result *result)
{
    keel_on_result on_result = call->on_result;
    void *user = call->user;

    (void)exchange;
    keel_calls_release(&exchange->calls, call);
    if (on_result != NULL)
        on_result(user, result);
}

static void end_cancel_all(struct keel_private *exchange, struct keel_call *call,
                           struct keel_result *result)
{
    if (keel_fate_worse(call->worst, result->fate) != call->worst) {
        call->worst = result->fate;
        call->error = result->error;
    }
    if (--call->parts > 0)
        return;
    result->fate = call->worst;
    result->error = call->error;
    result->order = NULL;
    keel_private_answer(exchange, call, result);
}

enum keel_status keel_private_query_order(struct keel_private *exchange, struct keel_call *call,
                                          enum keel_order_family family, struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_QUERY_ORDER, .order = call->order};

    command.order.family = family;
    return keel_session_command(exchange->session, &command,
                                keel_calls_token(&exchange->calls, call), error);
}

static void end_get_order(struct keel_private *exchange, struct keel_call *call,
                          struct keel_result *result, bool not_found)
{
    if (not_found && call->both) {
        call->both = false;
        if (keel_private_query_order(exchange, call, KEEL_FAMILY_CONDITIONAL, &result->error) ==
            KEEL_OK)
            return;
        result->fate = KEEL_FATE_FAILED;
    } else if (not_found) {
        result->error.status = KEEL_NOT_FOUND;
    }
    keel_private_answer(exchange, call, result);
}

static bool is_pending(const struct keel_private *exchange, const struct keel_order_ref *ref)
{
    const struct keel_order *order = keel_account_find_order(exchange->account, ref);

    return order != NULL && order->status == KEEL_ORDER_PENDING;
}

static void tell_order(struct keel_private *exchange, const struct keel_order *order)
{
    if (order != NULL && exchange->handlers.on_order != NULL)
        exchange->handlers.on_order(exchange->handlers.user, order);
}

static void end_missing(struct keel_private *exchange, struct keel_call *call,
                        const struct keel_result *result, bool not_found)
{
    struct keel_order_ref ref = call->order;

    exchange->missing_asked--;
    keel_calls_release(&exchange->calls, call);
    if (not_found && !is_pending(exchange, &ref)) {
        if (keel_account_drop_order(exchange->account, &ref, KEEL_ORDER_CANCELED,
                                    keel_session_venue_time_ms(exchange->session)))
            tell_order(exchange, keel_account_find_order(exchange->account, &ref));
    } else if (result->fate != KEEL_ACCEPTED && !not_found) {
        keel_private_log(exchange, KEEL_LOG_WARNING, "order %s%s%s is unconfirmed: %s",
                         ref.order_id, ref.order_id[0] != '\0' ? " " : "", ref.client_id,
                         result->error.message);
    }
}

static void dispatch(struct keel_private *exchange, struct keel_call *call,
                     struct keel_result *result, const struct keel_report *report)
{
    switch (call->kind) {
    case KEEL_CALL_COMMAND: keel_private_answer(exchange, call, result); return;
    case KEEL_CALL_CANCEL_ALL: end_cancel_all(exchange, call, result); return;
    case KEEL_CALL_GET_ORDER: end_get_order(exchange, call, result, report->not_found); return;
    case KEEL_CALL_MISSING: end_missing(exchange, call, result, report->not_found); return;
    case KEEL_CALL_AUDIT: {
        bool current = call->plan == exchange->audit.turn;
        keel_calls_release(&exchange->calls, call);
        if (current)
            keel_audit_on_reply(exchange, report);
        return;
    }
    case KEEL_CALL_GLANCE: {
        int32_t turn = call->plan;
        keel_calls_release(&exchange->calls, call);
        keel_glance_on_reply(exchange, report, turn);
        return;
    }
    case KEEL_CALL_CLOSE: exchange->ops->on_result(exchange, call, result); return;
    case KEEL_CALL_FREE: return;
    }
}

/* What came to nothing gives back what it held; the venue's own word on the order stands. */
static void release_held(struct keel_private *exchange, const struct keel_report *report)
{
    bool nothing = report->fate == KEEL_FATE_REJECTED || report->fate == KEEL_FATE_FAILED ||
                   keel_report_is_closed(report);

    if (report->fate == KEEL_ACCEPTED)
        keel_account_note_accepted(exchange->account, report->command);
    if (!nothing || !keel_command_is_write(report->command->kind))
        return;
    if (!keel_account_release(exchange->account, report->command,
                              keel_session_venue_time_ms(exchange->session)))
        return;
    if (report->command->kind == KEEL_PLACE_ORDER)
        tell_order(exchange, find_order_of(exchange, report->command));
}

static void fill_wallet(const struct keel_report *report, struct keel_result *result)
{
    enum keel_command_kind kind = report->command->kind;
    bool withdraws = kind == KEEL_WITHDRAW || kind == KEEL_CANCEL_WITHDRAWAL;
    for (int32_t i = 0; i < report->events->count; i++) {
        const struct keel_event *event = &report->events->at[i];
        if (withdraws && event->kind == KEEL_EVENT_WITHDRAWAL)
            result->withdrawal = &event->withdrawal;
        else if (kind == KEEL_TRANSFER && event->kind == KEEL_EVENT_TRANSFER)
            result->transfer = &event->transfer;
    }
}

/* What a compared list tells of positions as they are known hides nothing: the venue's liquidation
 * price and rank, which no stream has. */
static void apply_restatements(struct keel_private *exchange, const struct keel_report *report)
{
    for (int32_t i = 0; i < report->events->count; i++) {
        const struct keel_event *event = &report->events->at[i];
        if (event->kind != KEEL_EVENT_POSITION)
            continue;
        const struct keel_position *known = keel_account_find_position(
            exchange->account, event->position.market, event->position.side);
        if (known != NULL && keel_position_restates(known, &event->position))
            apply_event(exchange, event, report->source);
    }
}

/* A list that is held against what the stream told: merged, it would hide what was not told. */
static bool is_compared(const struct keel_call *call, enum keel_command_kind kind)
{
    bool orders = kind == KEEL_LOAD_OPEN_ORDERS || kind == KEEL_LOAD_CONDITIONAL_ORDERS;

    if (call == NULL)
        return false;
    return call->kind == KEEL_CALL_GLANCE || (call->kind == KEEL_CALL_AUDIT && orders);
}

static void handle_result(struct keel_private *exchange, const struct keel_report *report)
{
    const struct keel_command *command = report->command;
    struct keel_leverage leverage;
    struct keel_call *call = keel_calls_find(&exchange->calls, report->token);

    if (is_compared(call, command->kind))
        apply_restatements(exchange, report);
    else
        apply_events(exchange, report);
    release_held(exchange, report);
    keel_record_verdict(exchange, report, find_order_of(exchange, command));
    if (report->fate != KEEL_ACCEPTED && keel_command_is_write(command->kind))
        keel_private_log(exchange, KEEL_LOG_WARNING, "%s %s: %s",
                         keel_command_kind_name(command->kind), keel_fate_name(report->fate),
                         report->error->message);
    if (call == NULL)
        return;

    struct keel_result result = {.command = command->kind, .fate = report->fate};
    result.error.status = KEEL_OK;
    if (report->error->status != KEEL_OK)
        result.error = *report->error;
    result.order = find_order_of(exchange, command);
    fill_wallet(report, &result);
    if (market_of_setting(command) != KEEL_NO_MARKET &&
        keel_account_get_leverage(exchange->account, market_of_setting(command), exchange->now_ns,
                                  &leverage) == KEEL_OK)
        result.leverage = &leverage;
    if (!keel_command_is_write(command->kind))
        result.events = report->events;
    dispatch(exchange, call, &result, report);
}

static void handle_settled(struct keel_private *exchange, const struct keel_report *report)
{
    apply_events(exchange, report);
    release_held(exchange, report);
    keel_record_verdict(exchange, report, find_order_of(exchange, report->command));
    if (keel_report_is_closed(report))
        keel_private_log(exchange, KEEL_LOG_WARNING, "%s", report->error->message);
    else
        keel_private_log(exchange, report->fate == KEEL_ACCEPTED ? KEEL_LOG_INFO : KEEL_LOG_WARNING,
                         "%s, unknown before, is %s", keel_command_kind_name(report->command->kind),
                         keel_fate_name(report->fate));
    if (exchange->handlers.on_settled == NULL)
        return;
    struct keel_result result = {.command = report->command->kind,
                                 .fate = report->fate,
                                 .error = *report->error,
                                 .order = find_order_of(exchange, report->command)};
    fill_wallet(report, &result);
    exchange->handlers.on_settled(exchange->handlers.user, &result);
}

/* Loads. */

static void activate_symbols(struct keel_private *exchange)
{
    for (int32_t i = 0; i < exchange->symbol_count; i++) {
        struct keel_error error;
        keel_market_id market =
            keel_markets_find(exchange->markets, keel_str_from(exchange->symbols[i]));
        keel_fail(&error, KEEL_SYMBOL_UNKNOWN, "no market is called %s", exchange->symbols[i]);
        if (market == KEEL_NO_MARKET)
            keel_session_refuse(exchange->session, "symbols", &error);
        else
            keel_session_activate(exchange->session, market);
    }
}

void keel_private_know_markets(struct keel_private *exchange)
{
    struct keel_error error;

    activate_symbols(exchange);
    if (keel_leftover_adopt(exchange, &error) != KEEL_OK)
        keel_session_refuse(exchange->session, "unsettled orders", &error);
}

/* The books begin with the first snapshot, and are compared with each later one. */
static void begin_books(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_error error;
    enum keel_status status =
        keel_books_start(exchange->books, report->events, report->asked_ms, &error);

    if (status != KEEL_OK)
        note_failure(exchange, status, &error);
    /* What happened between the listing before them and their beginning, the stream alone told: it
     * belongs in the journal, though not in the books. */
    exchange->audit.books_since_ms =
        exchange->complete_ms != 0 && exchange->complete_ms < report->asked_ms
            ? exchange->complete_ms
            : report->asked_ms;
}

static void handle_events(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_session_view view;
    enum keel_command_kind kind =
        report->command != NULL ? report->command->kind : KEEL_COMMAND_NONE;

    apply_events(exchange, report);
    if (kind == KEEL_COMMAND_NONE)
        return;
    keel_session_view(exchange->session, &view);
    if (view.state == KEEL_SESSION_LOADING && kind == KEEL_LOAD_MARKETS)
        keel_private_know_markets(exchange);
    if (view.state == KEEL_SESSION_LOADING &&
        (kind == KEEL_LOAD_BALANCES || kind == KEEL_LOAD_POSITIONS))
        begin_books(exchange, report);
    if (kind == KEEL_LOAD_EXECUTIONS || kind == KEEL_LOAD_ORDERS || kind == KEEL_LOAD_INCOME)
        keel_audit_on_reply(exchange, report);
}

static void ask_missing(struct keel_private *exchange)
{
    struct keel_error error;

    while (exchange->missing_count > 0 && exchange->missing_asked < KEEL_MISSING_AT_ONCE) {
        const struct keel_order_ref *ref = &exchange->missing[exchange->missing_count - 1];
        struct keel_call *call = keel_calls_take(&exchange->calls, KEEL_CALL_MISSING, NULL, NULL);
        if (call == NULL)
            return;
        call->order = *ref;
        if (keel_private_query_order(exchange, call, ref->family, &error) != KEEL_OK) {
            keel_calls_release(&exchange->calls, call);
            return;
        }
        exchange->missing_count--;
        exchange->missing_asked++;
    }
}

static void handle_catch_up(struct keel_private *exchange)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    int64_t now_ms = keel_session_venue_time_ms(exchange->session);
    int64_t known_ms = now_ms - (exchange->now_ns - view.heard_ns) / 1000000;
    if (view.state == KEEL_SESSION_LOADING)
        known_ms = exchange->leftover.complete_ms != 0 ? exchange->leftover.complete_ms : now_ms;
    exchange->complete_ms = now_ms;
    known_ms = keel_audit_told_ms(exchange, known_ms);
    keel_audit_catch_up(exchange, known_ms - GAP_MARGIN_MS);
}

/* States. */

static void log_live(struct keel_private *exchange)
{
    int32_t balances = 0;

    for (const struct keel_balance *at = NULL;
         (at = keel_account_next_balance(exchange->account, at)) != NULL;)
        balances++;
    char positions[32] = "";
    if (exchange->venue->product == KEEL_PRODUCT_FUTURES)
        snprintf(positions, sizeof(positions), "positions %d, ",
                 keel_account_position_count(exchange->account));
    keel_private_log(
        exchange, KEEL_LOG_INFO, "%s: balances %d, open orders %d, %sactive markets %d of %d",
        exchange->was_live ? "reconciled" : "initialised", balances,
        keel_account_open_order_count(exchange->account), positions,
        keel_session_active_count(exchange->session), keel_markets_count(exchange->markets));
}

static void handle_live(struct keel_private *exchange)
{
    bool again = exchange->was_live;

    keel_leftover_forget(&exchange->leftover);
    keel_record_complete(exchange, exchange->complete_ms != 0
                                       ? exchange->complete_ms
                                       : keel_session_venue_time_ms(exchange->session));
    keel_account_set_fresh(exchange->account, exchange->has_credentials, exchange->now_ns);
    log_live(exchange);
    exchange->was_live = true;
    keel_glance_begin(exchange, exchange->complete_ms != 0
                                    ? exchange->complete_ms
                                    : keel_session_venue_time_ms(exchange->session));
    exchange->ops->on_state(exchange);
    tell_connection(exchange);
    if (again && exchange->has_credentials)
        keel_audit_look(exchange);
}

static void handle_not_live(struct keel_private *exchange, const struct keel_report *report,
                            enum keel_session_state state)
{
    keel_account_set_fresh(exchange->account, false, exchange->now_ns);
    keel_glance_end(exchange);
    if (report->error->status != KEEL_OK) {
        exchange->last_error = *report->error;
        keel_private_log(exchange, state == KEEL_SESSION_CLOSED ? KEEL_LOG_ERROR : KEEL_LOG_WARNING,
                         "%s", report->error->message);
    }
    if (state != KEEL_SESSION_LOADING)
        keel_audit_abandon(exchange,
                           report->error->status != KEEL_OK
                               ? report->error
                               : &(struct keel_error){.status = KEEL_FAILED, .message = "stopped"});
    exchange->ops->on_state(exchange);
    tell_connection(exchange);
}

static void handle_state(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    if (view.state == KEEL_SESSION_LIVE)
        handle_live(exchange);
    else
        handle_not_live(exchange, report, view.state);
}

static void handle_warning(struct keel_private *exchange, const struct keel_report *report)
{
    exchange->last_error = *report->error;
    keel_private_log(exchange, KEEL_LOG_WARNING, "%s", report->error->message);
}

/* Up to when the stream was heard of, all is recorded: a next life lists from there. */
static void mark_complete(struct keel_private *exchange)
{
    struct keel_session_view view;

    if (exchange->records.at == NULL ||
        exchange->now_ns - exchange->complete_told_ns < COMPLETE_PERIOD_NS)
        return;
    keel_session_view(exchange->session, &view);
    int64_t now_ms = keel_session_venue_time_ms(exchange->session);
    int64_t quiet_ms = (exchange->now_ns - view.heard_ns) / 1000000;
    if (view.state == KEEL_SESSION_LIVE)
        keel_record_complete(exchange, keel_audit_told_ms(exchange, now_ms - quiet_ms));
}

void keel_private_pull_reports(struct keel_private *exchange)
{
    struct keel_report report;

    exchange->in_input = true;
    while (keel_session_next_report(exchange->session, &report)) {
        switch (report.kind) {
        case KEEL_REPORT_STATE: handle_state(exchange, &report); break;
        case KEEL_REPORT_EVENTS: handle_events(exchange, &report); break;
        case KEEL_REPORT_RESULT: handle_result(exchange, &report); break;
        case KEEL_REPORT_SETTLED: handle_settled(exchange, &report); break;
        case KEEL_REPORT_CATCH_UP: handle_catch_up(exchange); break;
        case KEEL_REPORT_WARNING: handle_warning(exchange, &report); break;
        case KEEL_REPORT_NONE: break;
        }
    }
    if (exchange->missing_count > 0)
        ask_missing(exchange);
    exchange->ops->on_turn(exchange);
    mark_complete(exchange);
    exchange->in_input = false;
}
