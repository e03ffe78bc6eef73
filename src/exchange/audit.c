#include "exchange/private_internal.h"

#include <stdlib.h>

enum {
    LISTS_AT_ONCE = 8,
    ROUNDS_MAX = 3,
};

static const struct keel_error no_error;

enum keel_status keel_audit_init(struct keel_audit *audit,
                                 const struct keel_exchange_config *config)
{
    *audit = (struct keel_audit){0};
    audit->found = calloc(2, sizeof(*audit->found));
    audit->orders = calloc(2, sizeof(*audit->orders));
    if (audit->found == NULL || audit->orders == NULL)
        return KEEL_FULL;
    return keel_glance_init(&audit->glance, config->check_period_ms, config->seed);
}

void keel_audit_deinit(struct keel_audit *audit)
{
    keel_glance_deinit(&audit->glance);
    free(audit->found);
    free(audit->orders);
    audit->found = NULL;
    audit->orders = NULL;
}

static int64_t venue_now_ms(const struct keel_private *exchange)
{
    return keel_session_venue_time_ms(exchange->session);
}

static void finish(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;
    uint64_t differences = exchange->differences - audit->differences_old;
    struct keel_result result = {.fate = KEEL_ACCEPTED, .error = audit->error};

    audit->step = KEEL_AUDIT_IDLE;
    if (!audit->has_caller)
        return;
    audit->has_caller = false;
    if (result.error.status == KEEL_OK)
        keel_fail(&result.error, KEEL_OK, "%llu differences", (unsigned long long)differences);
    else
        result.fate = KEEL_FATE_FAILED;
    if (audit->on_result != NULL)
        audit->on_result(audit->user, &result);
}

static enum keel_status ask_session(struct keel_private *exchange,
                                    const struct keel_command *command, struct keel_error *error)
{
    struct keel_call *call = keel_calls_take(&exchange->calls, KEEL_CALL_AUDIT, NULL, NULL);

    if (call == NULL)
        return keel_fail(error, KEEL_FULL, "%d calls wait for an answer, the most there are",
                         KEEL_CALLS_MAX);
    call->plan = exchange->audit.turn;
    enum keel_status status = keel_session_command(exchange->session, command,
                                                   keel_calls_token(&exchange->calls, call), error);
    if (status != KEEL_OK)
        keel_calls_release(&exchange->calls, call);
    return status;
}

static enum keel_status ask(struct keel_private *exchange, const struct keel_command *command)
{
    struct keel_audit *audit = &exchange->audit;
    struct keel_error error;
    enum keel_status status;

    if (audit->in_cycle) {
        status = keel_session_load(exchange->session, command, &error);
    } else {
        status = ask_session(exchange, command, &error);
    }
    if (status == KEEL_OK) {
        audit->outstanding++;
        return KEEL_OK;
    }
    audit->refused = true;
    audit->error = error;
    return status;
}

/* The first page of a history since then, in windows that the venue allows. */
static void begin_page(const struct keel_private *exchange, int64_t since_ms,
                       struct keel_page *page)
{
    int64_t span_ms = exchange->venue->history_span_ms;

    page->start_time_ms = since_ms;
    page->limit = exchange->venue->page_limit; /* a full page is known by its size */
    if (span_ms > 0 && since_ms + span_ms < venue_now_ms(exchange))
        page->end_time_ms = since_ms + span_ms;
}

/* Those that an earlier life traded, while it is being caught up with, and the active ones. */
static keel_market_id market_at(const struct keel_private *exchange, int32_t index)
{
    const struct keel_leftover *leftover = &exchange->leftover;

    if (index < leftover->market_count)
        return leftover->markets[index];
    index -= leftover->market_count;
    return index < keel_session_active_count(exchange->session)
               ? keel_session_active_at(exchange->session, index)
               : KEEL_NO_MARKET;
}

static bool list_next_market(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;
    struct keel_command command = {.kind = KEEL_LOAD_EXECUTIONS};

    command.page.market = market_at(exchange, audit->market_next);
    if (command.page.market == KEEL_NO_MARKET)
        return false;
    begin_page(exchange, audit->since_ms, &command.page);
    if (ask(exchange, &command) != KEEL_OK)
        return false;
    audit->market_next++;
    return true;
}

/* After a loss of power the journal may lack intents, too: the venue knows the orders. */
static bool list_next_orders(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;
    struct keel_command command = {.kind = KEEL_LOAD_ORDERS};
    int32_t families = exchange->venue->conditional_apart ? 2 : 1;

    if (!audit->lists_orders)
        return false;
    command.page.market = market_at(exchange, audit->orders_next / families);
    if (command.page.market == KEEL_NO_MARKET)
        return false;
    command.page.family =
        audit->orders_next % families == 1 ? KEEL_FAMILY_CONDITIONAL : KEEL_FAMILY_REGULAR;
    begin_page(exchange, audit->since_ms, &command.page);
    if (ask(exchange, &command) != KEEL_OK)
        return false;
    audit->orders_next++;
    return true;
}

static bool list_income(struct keel_private *exchange)
{
    struct keel_command command = {.kind = KEEL_LOAD_INCOME};

    /* On spot the streams tell what moves a wallet; what they missed is a wallet that differs. */
    if (exchange->audit.income_listed || exchange->venue->product == KEEL_PRODUCT_SPOT)
        return false;
    begin_page(exchange, exchange->audit.since_ms, &command.page);
    if (ask(exchange, &command) != KEEL_OK)
        return false;
    exchange->audit.income_listed = true;
    return true;
}

bool keel_audit_is_loaded(const struct keel_private *exchange, enum keel_command_kind kind)
{
    const struct keel_load *loads = exchange->venue->loads;

    for (int i = 0; i < KEEL_LOADS_MAX && loads[i].command != KEEL_COMMAND_NONE; i++) {
        if (loads[i].command == kind)
            return true;
    }
    return false;
}

static void look_at(struct keel_private *exchange, enum keel_command_kind kind)
{
    if (keel_audit_is_loaded(exchange, kind))
        (void)ask(exchange, &(struct keel_command){.kind = kind});
}

static void begin_looking(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;

    audit->step = KEEL_AUDIT_LOOKING;
    audit->found[0].count = audit->found[0].more = 0;
    audit->found[1].count = audit->found[1].more = 0;
    audit->orders[audit->round % 2].count = 0;
    look_at(exchange, KEEL_LOAD_BALANCES);
    look_at(exchange, KEEL_LOAD_POSITIONS);
    /* A reload has just merged them. */
    if (audit->has_caller) {
        look_at(exchange, KEEL_LOAD_OPEN_ORDERS);
        look_at(exchange, KEEL_LOAD_CONDITIONAL_ORDERS);
    }
    if (audit->outstanding == 0)
        finish(exchange);
}

static void pause_round(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;

    audit->step = KEEL_AUDIT_PAUSED;
    audit->due_ns = exchange->now_ns + KEEL_AUDIT_GRACE_MS * INT64_C(1000000);
}

static void continue_listing(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;

    while (!audit->refused && audit->outstanding < LISTS_AT_ONCE &&
           (list_income(exchange) || list_next_market(exchange) || list_next_orders(exchange)))
        continue;
    if (audit->outstanding > 0)
        return;
    if (audit->in_cycle) {
        audit->step = KEEL_AUDIT_IDLE;
        keel_session_caught_up(exchange->session);
    } else if (audit->refused) {
        finish(exchange);
    } else {
        begin_looking(exchange);
    }
}

static void begin_listing(struct keel_private *exchange, int64_t since_ms)
{
    struct keel_audit *audit = &exchange->audit;

    audit->step = KEEL_AUDIT_LISTING;
    audit->since_ms = since_ms;
    audit->market_next = 0;
    audit->orders_next = 0;
    audit->income_listed = false;
    audit->outstanding = 0;
    audit->again = false;
    audit->refused = false;
    continue_listing(exchange);
}

static const struct keel_position *find_position(const struct keel_private *exchange,
                                                 const struct keel_difference *difference)
{
    return keel_account_find_position(exchange->account, difference->market, difference->side);
}

/* Nothing listed explains it: theirs is the truth. */
static void report_found(struct keel_private *exchange, const struct keel_differences *found)
{
    for (int32_t i = 0; i < found->count; i++) {
        const struct keel_difference *difference = &found->at[i];
        const struct keel_position *position = find_position(exchange, difference);
        struct keel_error error;
        if (keel_books_heal(exchange->books, difference,
                            position != NULL ? position->entry_price : KEEL_DECIMAL_ABSENT,
                            &error) != KEEL_OK)
            keel_private_log(exchange, KEEL_LOG_ERROR, "%s", error.message);
        keel_private_report_difference(exchange, difference);
    }
}

/* The venue's own word on each of them heals it. */
static void report_orders(struct keel_private *exchange, const struct keel_discrepancies *orders)
{
    for (int32_t i = 0; i < orders->count; i++) {
        keel_private_report_difference(exchange, &orders->at[i].difference);
        if (exchange->missing_count < KEEL_OPEN_ORDERS_MAX)
            exchange->missing[exchange->missing_count++] = orders->at[i].order;
    }
}

static void judge_look(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;
    struct keel_discrepancies *orders = &audit->orders[audit->round % 2];
    int32_t count = audit->found[0].count + audit->found[1].count + orders->count;

    if (audit->refused) {
        finish(exchange);
        return;
    }
    if ((count > 0 || audit->again) && audit->round + 1 < ROUNDS_MAX) {
        audit->round++;
        pause_round(exchange);
        return;
    }
    report_found(exchange, &audit->found[0]);
    report_found(exchange, &audit->found[1]);
    keel_discrepancies_confirm(orders, &audit->orders[(audit->round + 1) % 2]);
    report_orders(exchange, orders);
    finish(exchange);
}

/* The page after this one; false when the list is at its end. */
static bool next_page(const struct keel_private *exchange, const struct keel_report *report,
                      struct keel_command *next)
{
    const struct keel_page *page = &report->command->page;
    int32_t limit = page->limit > 0 ? page->limit : exchange->venue->page_limit;
    const struct keel_events *events = report->events;
    const char *last = NULL;

    *next = *report->command;
    for (int32_t i = 0; i < events->count; i++) {
        if (events->at[i].kind == KEEL_EVENT_EXECUTION)
            last = events->at[i].execution.trade_id;
        else if (events->at[i].kind == KEEL_EVENT_ORDER)
            last = events->at[i].order.order_id;
    }
    if (limit > 0 && events->count >= limit) {
        /* What came since moves rows on to the next page: some come twice, none is missed. */
        if (next->kind == KEEL_LOAD_INCOME || exchange->venue->pages_by_number) {
            next->page.page = (page->page == 0 ? 1 : page->page) + 1;
            return true;
        }
        /* From the last one known, it included: ids need not be consecutive. */
        if (last == NULL || strcmp(last, page->from_id) == 0)
            return false;
        next->page.start_time_ms = next->page.end_time_ms = 0;
        memcpy(next->page.from_id, last, sizeof(next->page.from_id));
        return true;
    }
    if (page->end_time_ms == 0)
        return false;
    next->page.page = 0;
    next->page.end_time_ms = 0;
    begin_page(exchange, page->end_time_ms, &next->page);
    return true;
}

static void end_list(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_command next;

    if (!exchange->audit.refused && next_page(exchange, report, &next))
        (void)ask(exchange, &next);
    continue_listing(exchange);
}

static void end_look(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_audit *audit = &exchange->audit;
    enum keel_command_kind kind = report->command->kind;
    bool orders = kind == KEEL_LOAD_OPEN_ORDERS || kind == KEEL_LOAD_CONDITIONAL_ORDERS;
    int which = kind == KEEL_LOAD_BALANCES ? 0 : 1;

    if (!audit->refused && orders)
        keel_statement_compare(exchange->account, report->events, report->asked_ms,
                               &audit->orders[audit->round % 2]);
    else if (!audit->refused)
        keel_books_compare(exchange->books, report->events, &audit->found[which]);
    if (audit->outstanding == 0)
        judge_look(exchange);
}

void keel_audit_on_reply(struct keel_private *exchange, const struct keel_report *report)
{
    struct keel_audit *audit = &exchange->audit;

    if (audit->outstanding == 0)
        return;
    audit->outstanding--;
    if (report->fate != KEEL_ACCEPTED) {
        audit->refused = true;
        audit->error = *report->error;
    }
    if (audit->step == KEEL_AUDIT_LISTING)
        end_list(exchange, report);
    else if (audit->step == KEEL_AUDIT_LOOKING)
        end_look(exchange, report);
}

static void begin(struct keel_private *exchange)
{
    exchange->audit.turn++;
    exchange->audit.in_cycle = false;
    exchange->audit.lists_orders = false;
    exchange->audit.again = false;
    exchange->audit.refused = false;
    exchange->audit.round = 0;
    exchange->audit.orders[1].count = 0;
    exchange->audit.error = no_error;
    exchange->audit.outstanding = 0;
    exchange->audit.differences_old = exchange->differences;
}

enum keel_status keel_audit_begin(struct keel_private *exchange, keel_on_result on_result,
                                  void *user, struct keel_error *error)
{
    struct keel_audit *audit = &exchange->audit;

    if (!keel_account_is_fresh(exchange->account))
        return keel_fail(error, KEEL_STALE, "the account is not live: it is being reconciled");
    if (audit->has_caller)
        return keel_fail(error, KEEL_FULL, "a comparison with the venue is under way");
    enum keel_status status = keel_session_check_room(
        exchange->session, &(struct keel_command){.kind = KEEL_LOAD_EXECUTIONS}, error);
    if (status != KEEL_OK)
        return status;
    if (exchange->calls.count + LISTS_AT_ONCE > KEEL_CALLS_MAX)
        return keel_fail(error, KEEL_FULL, "%d calls wait for an answer, the most there are",
                         exchange->calls.count);
    /* One of our own that is under way gives way: this one asks for more. */
    begin(exchange);
    audit->has_caller = true;
    audit->on_result = on_result;
    audit->user = user;
    begin_listing(exchange, audit->books_since_ms);
    return KEEL_OK;
}

void keel_audit_catch_up(struct keel_private *exchange, int64_t since_ms)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    if (view.steps_back != exchange->audit.steps_back)
        keel_account_forget_times(exchange->account);
    exchange->audit.steps_back = view.steps_back;
    begin(exchange);
    exchange->audit.in_cycle = true;
    exchange->audit.lists_orders =
        exchange->leftover.complete_ms != 0 && view.state == KEEL_SESSION_LOADING;
    begin_listing(exchange, since_ms);
}

void keel_audit_look(struct keel_private *exchange)
{
    bool again = exchange->audit.again; /* a fill was too young to be booked: it is looked for */

    begin(exchange);
    exchange->audit.again = again;
    begin_looking(exchange);
}

void keel_audit_abandon(struct keel_private *exchange, const struct keel_error *error)
{
    struct keel_audit *audit = &exchange->audit;

    if (audit->step == KEEL_AUDIT_IDLE)
        return;
    audit->turn++;
    audit->outstanding = 0;
    audit->error = *error;
    finish(exchange);
}

bool keel_audit_is_young(struct keel_private *exchange, int64_t time_ms)
{
    bool young = time_ms > venue_now_ms(exchange) - KEEL_AUDIT_GRACE_MS;

    exchange->audit.again = exchange->audit.again || young;
    return young;
}

int64_t keel_audit_told_ms(const struct keel_private *exchange, int64_t heard_ms)
{
    const struct keel_glance *glance = &exchange->audit.glance;
    bool compared = glance->period_ms > 0 && glance->agreed_ms != 0;

    return compared && glance->agreed_ms < heard_ms ? glance->agreed_ms : heard_ms;
}

int64_t keel_audit_deadline_ns(const struct keel_private *exchange)
{
    const struct keel_audit *audit = &exchange->audit;
    int64_t glance_ns = keel_glance_deadline_ns(exchange);

    return audit->step == KEEL_AUDIT_PAUSED && audit->due_ns < glance_ns ? audit->due_ns
                                                                         : glance_ns;
}

void keel_audit_tick(struct keel_private *exchange)
{
    struct keel_audit *audit = &exchange->audit;

    if (audit->step == KEEL_AUDIT_PAUSED && exchange->now_ns >= audit->due_ns)
        begin_listing(exchange, audit->books_since_ms);
    keel_glance_tick(exchange);
}
