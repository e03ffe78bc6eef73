#include "exchange/private_internal.h"

#include <stdio.h>
#include <stdlib.h>

static const struct keel_error no_error;

/* A life. */

struct keel_exchange_config keel_exchange_config_init(void)
{
    return (struct keel_exchange_config){
        .margin_ratio_warning = keel_decimal_from_text("0.8"),
        .liquidation_distance_warning = keel_decimal_from_text("0.05"),
        .high_risk_ratio = keel_decimal_from_text("0.7"),
        .warning_hysteresis = keel_decimal_from_text("0.02"),
        .receive_window_ms = 2000,
        .request_timeout_ms = 10000,
        .start_timeout_ms = 30000,
        .check_period_ms = KEEL_GLANCE_PERIOD_MS,
        .mark_age_max_ms = 10000,
        .completed_orders_max = 1000,
    };
}

void keel_private_set_time(struct keel_private *exchange, int64_t now_ns, int64_t wall_ms)
{
    struct keel_session_view view;

    exchange->now_ns = now_ns;
    exchange->wall_ms = wall_ms;
    keel_session_set_time(exchange->session, now_ns, wall_ms);
    if (exchange->in_input)
        return;
    keel_session_check_time(exchange->session);
    keel_session_view(exchange->session, &view);
    if (view.state != KEEL_SESSION_LIVE && keel_account_is_fresh(exchange->account))
        keel_account_set_fresh(exchange->account, false, now_ns);
}

enum keel_status keel_private_start(struct keel_private *exchange, struct keel_error *error)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    if (view.state != KEEL_SESSION_IDLE && view.state != KEEL_SESSION_CLOSED)
        return keel_fail(error, KEEL_CONFIG, "the exchange was started already");
    /* A number from the wall clock in microseconds: greater than any of an earlier process that
     * made fewer than a million ids a second. */
    if (exchange->numbers.next == 0)
        exchange->numbers.next = (uint64_t)exchange->wall_ms * 1000;
    exchange->was_live = false;
    exchange->last_error = no_error;
    keel_session_start(exchange->session);
    if (keel_markets_count(exchange->markets) > 0)
        keel_private_know_markets(exchange);
    keel_private_pull_reports(exchange);
    return KEEL_OK;
}

void keel_private_stop(struct keel_private *exchange)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_stop(exchange->session);
    keel_private_pull_reports(exchange);
}

void keel_private_on_transport(struct keel_private *exchange, uint64_t id,
                               const struct keel_transport *transport)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_transport(exchange->session, id, transport);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_opened(struct keel_private *exchange, uint32_t number)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_opened(exchange->session, number);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_message(struct keel_private *exchange, uint32_t number, keel_str bytes)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_message(exchange->session, number, bytes);
    keel_private_pull_reports(exchange);
}

void keel_private_on_stream_ping(struct keel_private *exchange, uint32_t number)
{
    keel_session_on_stream_ping(exchange->session, number);
}

void keel_private_on_stream_closed(struct keel_private *exchange, uint32_t number,
                                   const char *reason)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_on_stream_closed(exchange->session, number, reason);
    keel_private_pull_reports(exchange);
}

bool keel_private_next_effect(struct keel_private *exchange, struct keel_effect *effect)
{
    return keel_records_next(exchange, effect) ||
           keel_session_next_effect(exchange->session, effect);
}

int64_t keel_private_deadline_ns(const struct keel_private *exchange)
{
    int64_t deadline_ns = keel_session_deadline_ns(exchange->session);
    int64_t extension_ns = exchange->ops->deadline_ns(exchange);

    if (exchange->calls.local_count > 0)
        return exchange->now_ns;
    if (keel_audit_deadline_ns(exchange) < deadline_ns)
        deadline_ns = keel_audit_deadline_ns(exchange);
    return extension_ns < deadline_ns ? extension_ns : deadline_ns;
}

/* What was found here is answered now, outside of the call that asked; else the venue is asked. */
static void answer_local(struct keel_private *exchange, struct keel_call *call)
{
    struct keel_result result = {.command = KEEL_QUERY_ORDER, .fate = KEEL_ACCEPTED};
    struct keel_order order;

    call->local = false;
    if (keel_account_get_order(exchange->account, &call->order, exchange->now_ns, false, &order) ==
        KEEL_OK) {
        result.order = &order;
        keel_private_answer(exchange, call, &result);
        return;
    }
    call->both = call->order.family == KEEL_FAMILY_NONE && exchange->venue->conditional_apart;
    if (call->order.family == KEEL_FAMILY_NONE)
        call->order.family = KEEL_FAMILY_REGULAR;
    if (keel_private_query_order(exchange, call, call->order.family, &result.error) == KEEL_OK)
        return;
    result.fate = KEEL_FATE_FAILED;
    keel_private_answer(exchange, call, &result);
}

static void answer_locals(struct keel_private *exchange)
{
    if (exchange->calls.local_count == 0)
        return;
    exchange->calls.local_count = 0;
    for (int i = 0; i < KEEL_CALLS_MAX; i++) {
        struct keel_call *call = &exchange->calls.at[i];
        if (call->kind == KEEL_CALL_GET_ORDER && call->local)
            answer_local(exchange, call);
    }
}

void keel_private_tick(struct keel_private *exchange)
{
    KEEL_ASSERT(!exchange->in_input);
    keel_session_tick(exchange->session);
    exchange->in_input = true;
    answer_locals(exchange);
    keel_audit_tick(exchange);
    exchange->ops->on_tick(exchange);
    keel_private_pull_reports(exchange);
}

int64_t keel_private_venue_time_ms(const struct keel_private *exchange)
{
    return keel_session_venue_time_ms(exchange->session);
}

/* Reads. */

enum keel_status keel_private_check_credentials(const struct keel_private *exchange,
                                                struct keel_error *error)
{
    if (!exchange->has_credentials)
        return keel_fail(error, KEEL_NOT_LOADED, "no credentials: the account was never loaded");
    return KEEL_OK;
}

const struct keel_markets *keel_private_markets(const struct keel_private *exchange)
{
    return exchange->markets;
}

const struct keel_venue *keel_private_venue(const struct keel_private *exchange)
{
    return exchange->venue;
}

void keel_private_connection(const struct keel_private *exchange,
                             struct keel_connection *connection)
{
    static const enum keel_connection_state states[KEEL_SESSION_STATES] = {
        [KEEL_SESSION_IDLE] = KEEL_CONNECTION_IDLE,
        [KEEL_SESSION_LOADING] = KEEL_CONNECTION_LOADING,
        [KEEL_SESSION_LIVE] = KEEL_CONNECTION_LIVE,
        [KEEL_SESSION_RECONCILING] = KEEL_CONNECTION_RECONCILING,
        [KEEL_SESSION_CLOSED] = KEEL_CONNECTION_CLOSED,
    };
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    *connection = (struct keel_connection){
        .state = states[view.state],
        .rest = view.rest,
        .user_stream = view.streams[KEEL_STREAM_USER],
        .market_stream = view.streams[KEEL_STREAM_MARKET],
        .stream_age_ms = view.heard_ns == 0 ? -1 : (exchange->now_ns - view.heard_ns) / 1000000,
        .clock_offset_ms = view.clock_offset_ms,
        .reconnects = view.reconnects,
        .last_error = exchange->last_error,
    };
}

static int32_t count_balances(const struct keel_private *exchange)
{
    int32_t count = 0;

    for (const struct keel_balance *at = NULL;
         (at = keel_account_next_balance(exchange->account, at)) != NULL;)
        count++;
    return count;
}

void keel_private_statistics(const struct keel_private *exchange,
                             struct keel_statistics *statistics)
{
    struct keel_session_view view;

    keel_session_view(exchange->session, &view);
    *statistics = (struct keel_statistics){
        .balances = count_balances(exchange),
        .open_orders = keel_account_open_order_count(exchange->account),
        .completed_orders = keel_account_completed_order_count(exchange->account),
        .executions = (int32_t)exchange->executions,
        .unsettled = view.unsettled,
        .has_credentials = exchange->has_credentials,
        .messages = view.messages,
        .events = exchange->events,
        .duplicates = (uint64_t)keel_account_counters(exchange->account).duplicates,
        .unknown_events = exchange->unknown_events,
        .differences = exchange->differences,
    };
    keel_private_connection(exchange, &statistics->connection);
}

static enum keel_status check_fresh(const struct keel_private *exchange, bool stale_ok,
                                    struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(exchange, error);

    if (status != KEEL_OK)
        return status;
    if (!stale_ok && !keel_account_is_fresh(exchange->account))
        return keel_fail(error, KEEL_STALE, "the account is not live: what is known may be old");
    return KEEL_OK;
}

/* What a list says of its items: copied all the same when stale ones are wanted. */
static bool may_copy(const struct keel_private *exchange, bool stale_ok, enum keel_status *status)
{
    *status = check_fresh(exchange, false, NULL);
    return *status == KEEL_OK || (*status == KEEL_STALE && stale_ok);
}

enum keel_status keel_private_balance(const struct keel_private *exchange, keel_str asset,
                                      bool stale_ok, struct keel_balance *balance,
                                      struct keel_error *error)
{
    enum keel_status status = check_fresh(exchange, stale_ok, error);

    if (status != KEEL_OK)
        return status;
    status =
        keel_account_get_balance(exchange->account, asset, exchange->now_ns, stale_ok, balance);
    if (status != KEEL_OK)
        return keel_fail(error, status, "no balance of %.*s", KEEL_STR_ARGS(asset));
    return KEEL_OK;
}

size_t keel_private_balances(const struct keel_private *exchange, bool stale_ok,
                             struct keel_balance *balances, size_t max, enum keel_status *status)
{
    size_t count = 0;

    if (!may_copy(exchange, stale_ok, status))
        return 0;
    for (const struct keel_balance *at = NULL;
         (at = keel_account_next_balance(exchange->account, at)) != NULL; count++) {
        if (count < max)
            keel_account_read_balance(exchange->account, at, exchange->now_ns, &balances[count]);
    }
    return count;
}

size_t keel_private_open_orders(const struct keel_private *exchange, keel_market_id market,
                                bool stale_ok, struct keel_order *orders, size_t max,
                                enum keel_status *status)
{
    size_t count = 0;

    if (!may_copy(exchange, stale_ok, status))
        return 0;
    for (const struct keel_order *at = NULL;
         (at = keel_account_next_open_order(exchange->account, market, at)) != NULL; count++) {
        if (count < max)
            keel_account_read_order(at, exchange->now_ns, &orders[count]);
    }
    return count;
}

size_t keel_private_completed_orders(const struct keel_private *exchange, keel_market_id market,
                                     struct keel_order *orders, size_t max)
{
    const struct keel_order *at = NULL;
    size_t total = 0, index = 0;

    while ((at = keel_account_next_completed_order(exchange->account, market, at)) != NULL)
        total++;
    size_t kept = total < max ? total : max;
    while (index < kept &&
           (at = keel_account_next_completed_order(exchange->account, market, at)) != NULL)
        keel_account_read_order(at, exchange->now_ns, &orders[kept - 1 - index++]);
    return total;
}

size_t keel_private_executions(const struct keel_private *exchange, keel_market_id market,
                               struct keel_execution *executions, size_t max)
{
    const struct keel_execution *at = NULL;
    size_t total = 0, index = 0;

    while ((at = keel_account_next_execution(exchange->account, market, at)) != NULL)
        total++;
    size_t kept = total < max ? total : max;
    while (index < kept &&
           (at = keel_account_next_execution(exchange->account, market, at)) != NULL)
        keel_account_read_execution(exchange->account, at, exchange->now_ns,
                                    &executions[kept - 1 - index++]);
    return total;
}

enum keel_status keel_private_fees(const struct keel_private *exchange, keel_market_id market,
                                   struct keel_fees *fees, struct keel_error *error)
{
    const struct keel_fees *known = keel_account_find_fees(exchange->account, market);

    if (known == NULL)
        return keel_fail(error, KEEL_NOT_LOADED, "the fees of %s were never loaded",
                         keel_private_symbol(exchange, market));
    *fees = *known;
    return KEEL_OK;
}

size_t keel_private_books(const struct keel_private *exchange, struct keel_book_balance *balances,
                          size_t max)
{
    size_t count = 0;

    for (const struct keel_book_wallet *at = NULL;
         (at = keel_books_next_wallet(exchange->books, at)) != NULL; count++) {
        if (count >= max)
            continue;
        balances[count] = (struct keel_book_balance){
            .wallet = at->wallet,
            .traded = at->traded,
            .realized_pnl = at->realized_pnl,
            .funding = at->funding,
            .fees = at->fees,
            .transfers = at->transfers,
            .other = at->other,
        };
        memcpy(balances[count].asset, at->asset, sizeof(at->asset));
    }
    return count;
}

/* Commands. */

static enum keel_status check_command(struct keel_private *exchange,
                                      const struct keel_command *command, struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(exchange, error);

    if (status == KEEL_OK)
        status = keel_gate_check(exchange->account, command, exchange->now_ns, error);
    if (status == KEEL_OK && command->kind == KEEL_WITHDRAW)
        status = keel_wallet_check_withdrawal(&exchange->wallet, &command->withdrawal, error);
    return status;
}

static struct keel_call *take_call(struct keel_private *exchange, enum keel_call_kind kind,
                                   keel_on_result on_result, void *user, struct keel_error *error)
{
    struct keel_call *call = keel_calls_take(&exchange->calls, kind, on_result, user);

    if (call == NULL)
        keel_fail(error, KEEL_FULL, "%d calls wait for an answer, the most there are",
                  KEEL_CALLS_MAX);
    return call;
}

/* Everything that can refuse comes before the first change. */
static enum keel_status queue(struct keel_private *exchange, const struct keel_command *command,
                              struct keel_call *call, struct keel_error *error)
{
    enum keel_status status = keel_session_check_room(exchange->session, command, error);

    if (status == KEEL_OK)
        status = keel_account_hold(exchange->account, command, error);
    if (status != KEEL_OK)
        return status;
    status = keel_session_command(exchange->session, command,
                                  keel_calls_token(&exchange->calls, call), error);
    KEEL_ASSERT(status == KEEL_OK);
    return KEEL_OK;
}

enum keel_status keel_private_submit(struct keel_private *exchange,
                                     const struct keel_command *command, enum keel_call_kind kind,
                                     keel_on_result on_result, void *user, struct keel_call **taken,
                                     struct keel_error *error)
{
    enum keel_status status = check_command(exchange, command, error);

    if (status != KEEL_OK)
        return status;
    struct keel_call *call = take_call(exchange, kind, on_result, user, error);
    if (call == NULL)
        return KEEL_FULL;
    status = queue(exchange, command, call, error);
    if (status != KEEL_OK) {
        keel_calls_release(&exchange->calls, call);
        return status;
    }
    if (taken != NULL)
        *taken = call;
    return KEEL_OK;
}

enum keel_status keel_private_prepare_order(struct keel_private *exchange,
                                            const struct keel_order_request *request,
                                            struct keel_command *command, struct keel_error *error)
{
    struct keel_order_request *place = &command->place;

    command->kind = KEEL_PLACE_ORDER;
    *place = *request;
    if (place->position_side == KEEL_POSITION_SIDE_NONE && exchange->modes.hedge != KEEL_ON)
        place->position_side = KEEL_NET;
    if (place->client_id[0] == '\0')
        exchange->venue->make_client_id(keel_numbers_take(&exchange->numbers), place->client_id);
    else if (!exchange->venue->client_id_is_valid(keel_str_from(place->client_id)))
        return keel_fail(error, KEEL_CLIENT_ID, "client id %s is not one of the venue's",
                         place->client_id);
    /* Its marks and settings are wanted from now on, whether or not this order may leave. */
    if (!keel_session_is_active(exchange->session, place->market) &&
        keel_markets_get(exchange->markets, place->market) != NULL)
        keel_session_activate(exchange->session, place->market);
    return KEEL_OK;
}

enum keel_status keel_private_place_order(struct keel_private *exchange,
                                          const struct keel_order_request *request,
                                          keel_on_result on_result, void *user,
                                          struct keel_error *error)
{
    struct keel_command command;
    enum keel_status status = keel_private_prepare_order(exchange, request, &command, error);

    if (status != KEEL_OK)
        return status;
    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

/* Both ids and the family, as far as they are known here. */
static const struct keel_order *complete_ref(const struct keel_private *exchange,
                                             struct keel_order_ref *ref)
{
    const struct keel_order *order = keel_account_find_order(exchange->account, ref);

    if (order == NULL) {
        if (ref->family == KEEL_FAMILY_NONE)
            ref->family = KEEL_FAMILY_REGULAR;
        return NULL;
    }
    ref->market = order->market;
    ref->family = order->family;
    memcpy(ref->order_id, order->order_id, sizeof(ref->order_id));
    memcpy(ref->client_id, order->client_id, sizeof(ref->client_id));
    return order;
}

/* What does not change is taken from the order. */
static enum keel_status prepare_amend(struct keel_private *exchange,
                                      const struct keel_order_ref *ref, keel_decimal quantity,
                                      keel_decimal price, struct keel_command *command,
                                      struct keel_error *error)
{
    *command = (struct keel_command){.kind = KEEL_AMEND_ORDER, .amend.order = *ref};
    const struct keel_order *order = complete_ref(exchange, &command->amend.order);
    if (order == NULL)
        return keel_fail(error, KEEL_NOT_FOUND, "no order %s%s is known here to amend",
                         ref->order_id, ref->client_id);
    command->amend.side = order->side;
    command->amend.quantity = keel_decimal_is_valid(quantity) ? quantity : order->quantity;
    command->amend.price = keel_decimal_is_valid(price) ? price : order->price;
    command->amend.same_price = keel_decimal_equals(command->amend.price, order->price);
    return KEEL_OK;
}

enum keel_status keel_private_amend_order(struct keel_private *exchange,
                                          const struct keel_order_ref *ref, keel_decimal quantity,
                                          keel_decimal price, keel_on_result on_result, void *user,
                                          struct keel_error *error)
{
    struct keel_command command;
    enum keel_status status = prepare_amend(exchange, ref, quantity, price, &command, error);

    if (status != KEEL_OK)
        return status;
    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

enum keel_status keel_private_cancel_order(struct keel_private *exchange,
                                           const struct keel_order_ref *ref,
                                           keel_on_result on_result, void *user,
                                           struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_CANCEL_ORDER};

    command.order = *ref;
    complete_ref(exchange, &command.order);
    return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL, error);
}

enum keel_status keel_private_cancel_all(struct keel_private *exchange, keel_market_id market,
                                         keel_on_result on_result, void *user,
                                         struct keel_error *error)
{
    struct keel_command command = {.kind = KEEL_CANCEL_ALL};
    struct keel_call *call;

    command.order.market = market;
    command.order.family = KEEL_FAMILY_REGULAR;
    if (!exchange->venue->conditional_apart)
        return keel_private_submit(exchange, &command, KEEL_CALL_COMMAND, on_result, user, NULL,
                                   error);
    enum keel_status status = keel_private_submit(exchange, &command, KEEL_CALL_CANCEL_ALL,
                                                  on_result, user, &call, error);
    if (status != KEEL_OK)
        return status;
    command.order.family = KEEL_FAMILY_CONDITIONAL;
    struct keel_error second;
    status = queue(exchange, &command, call, &second);
    if (status == KEEL_OK) {
        call->parts = 2;
    } else {
        /* The first part is on its way: the answer must tell of the other. */
        call->worst = KEEL_FATE_FAILED;
        call->error = second;
    }
    return KEEL_OK;
}

enum keel_status keel_private_get_order(struct keel_private *exchange,
                                        const struct keel_order_ref *ref, keel_on_result on_result,
                                        void *user, struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(exchange, error);

    if (status != KEEL_OK)
        return status;
    if (keel_markets_get(exchange->markets, ref->market) == NULL)
        return keel_fail(error, KEEL_SYMBOL_UNKNOWN, "an order is asked for by its market");
    if (ref->order_id[0] == '\0' && ref->client_id[0] == '\0')
        return keel_fail(error, KEEL_INVALID, "an order is asked for by one of its ids");
    status = keel_session_check_room(exchange->session,
                                     &(struct keel_command){.kind = KEEL_QUERY_ORDER}, error);
    if (status != KEEL_OK)
        return status;

    struct keel_call *call = take_call(exchange, KEEL_CALL_GET_ORDER, on_result, user, error);
    if (call == NULL)
        return KEEL_FULL;
    call->order = *ref;
    call->local = true;
    exchange->calls.local_count++;
    return KEEL_OK;
}

/* A command that may be repeated. */
static enum keel_status ask_venue(struct keel_private *exchange, const struct keel_command *command,
                                  keel_on_result on_result, void *user, struct keel_error *error)
{
    enum keel_status status = keel_session_check_room(exchange->session, command, error);
    if (status != KEEL_OK)
        return status;
    struct keel_call *call = take_call(exchange, KEEL_CALL_COMMAND, on_result, user, error);
    if (call == NULL)
        return KEEL_FULL;
    status = keel_session_command(exchange->session, command,
                                  keel_calls_token(&exchange->calls, call), error);
    KEEL_ASSERT(status == KEEL_OK);
    return KEEL_OK;
}

enum keel_status keel_private_set_countdown(struct keel_private *exchange, keel_market_id market,
                                            int32_t timeout_s, keel_on_result on_result, void *user,
                                            struct keel_error *error)
{
    const struct keel_command command = {
        .kind = KEEL_SET_COUNTDOWN,
        .countdown = {.market = market, .timeout_s = timeout_s},
    };
    if (timeout_s < 0)
        return keel_fail(error, KEEL_INVALID, "a countdown of %d s", (int)timeout_s);
    enum keel_status status = keel_private_check_credentials(exchange, error);
    return status == KEEL_OK ? ask_venue(exchange, &command, on_result, user, error) : status;
}

enum keel_status keel_private_load(struct keel_private *exchange,
                                   const struct keel_command *command, keel_on_result on_result,
                                   void *user, struct keel_error *error)
{
    if (keel_command_is_write(command->kind) || command->kind < KEEL_QUERY_ORDER ||
        command->kind > KEEL_LOAD_TRANSFERS)
        return keel_fail(error, KEEL_INVALID, "%s is not a read",
                         keel_command_kind_name(command->kind));

    enum keel_status status = keel_wallet_check_load(exchange, command->kind, error);
    return status == KEEL_OK ? ask_venue(exchange, command, on_result, user, error) : status;
}

enum keel_status keel_private_reconcile(struct keel_private *exchange, keel_on_result on_result,
                                        void *user, struct keel_error *error)
{
    enum keel_status status = keel_private_check_credentials(exchange, error);

    return status == KEEL_OK ? keel_audit_begin(exchange, on_result, user, error) : status;
}

static void copy_request(const struct keel_request *request, struct keel_encoded *encoded)
{
    static const char *const methods[] = {
        [KEEL_HTTP_GET] = "GET",       [KEEL_HTTP_POST] = "POST",   [KEEL_HTTP_PUT] = "PUT",
        [KEEL_HTTP_DELETE] = "DELETE", [KEEL_HTTP_PATCH] = "PATCH",
    };

    encoded->method = methods[request->method];
    snprintf(encoded->path, sizeof(encoded->path), "%s", request->path);
    snprintf(encoded->query, sizeof(encoded->query), "%s", request->query);
    snprintf(encoded->body, sizeof(encoded->body), "%s", request->body);
    snprintf(encoded->headers, sizeof(encoded->headers), "%s", request->headers);
}

enum keel_status keel_private_dry_run(struct keel_private *exchange,
                                      const struct keel_command *command,
                                      struct keel_encoded *encoded, struct keel_error *error)
{
    struct keel_command trial = *command;
    struct keel_request request;
    uint64_t number_next = exchange->numbers.next;
    enum keel_status status = KEEL_OK;

    if (command->kind == KEEL_PLACE_ORDER)
        status = keel_private_prepare_order(exchange, &command->place, &trial, error);
    else if (command->kind == KEEL_WITHDRAW)
        status = keel_wallet_prepare(exchange, &command->withdrawal, &trial, error);
    else if (command->kind == KEEL_AMEND_ORDER)
        status = prepare_amend(exchange, &command->amend.order, command->amend.quantity,
                               command->amend.price, &trial, error);
    exchange->numbers.next = number_next;
    if (status == KEEL_OK)
        status = check_command(exchange, &trial, error);
    if (status == KEEL_OK)
        status = keel_session_encode(exchange->session, &trial, &request, error);
    if (status == KEEL_OK)
        copy_request(&request, encoded);
    return status;
}

/* Making one. */

static enum keel_status check_config(const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    if (config->venue == NULL)
        return keel_fail(error, KEEL_CONFIG, "no venue");
    if (!keel_decimal_is_positive(config->margin_ratio_warning) ||
        !keel_decimal_is_positive(config->liquidation_distance_warning) ||
        !keel_decimal_is_positive(config->high_risk_ratio) ||
        !keel_decimal_is_valid(config->warning_hysteresis) ||
        keel_decimal_is_negative(config->warning_hysteresis))
        return keel_fail(error, KEEL_CONFIG, "a risk bound is not positive");
    if (config->mark_age_max_ms <= 0)
        return keel_fail(error, KEEL_CONFIG, "a mark age of %lld ms is not positive",
                         (long long)config->mark_age_max_ms);
    if (config->completed_orders_max <= 0)
        return keel_fail(error, KEEL_CONFIG, "a bound of %d completed orders is not positive",
                         (int)config->completed_orders_max);
    if (config->check_period_ms < 0)
        return keel_fail(error, KEEL_CONFIG, "a check every %lld ms is negative",
                         (long long)config->check_period_ms);
    return KEEL_OK;
}

static enum keel_status take_symbols(struct keel_private *exchange,
                                     const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    exchange->symbols = calloc(config->symbol_count + 1, sizeof(*exchange->symbols));
    if (exchange->symbols == NULL)
        return keel_fail(error, KEEL_FULL, "out of memory");
    for (size_t i = 0; i < config->symbol_count; i++) {
        keel_str symbol = keel_str_from(config->symbols[i]);
        if (!keel_str_copy(symbol, exchange->symbols[i], KEEL_SYMBOL_SIZE))
            return keel_fail(error, KEEL_CONFIG, "%s is no symbol", config->symbols[i]);
        if (config->market_count > 0 &&
            keel_markets_find(exchange->markets, symbol) == KEEL_NO_MARKET)
            return keel_fail(error, KEEL_CONFIG, "symbol %s is not among the markets given",
                             config->symbols[i]);
    }
    exchange->symbol_count = (int32_t)config->symbol_count;
    return KEEL_OK;
}

static enum keel_status take_markets(struct keel_private *exchange,
                                     const struct keel_exchange_config *config,
                                     struct keel_error *error)
{
    for (size_t i = 0; i < config->market_count; i++) {
        keel_market_id id;
        enum keel_status status =
            keel_markets_put(exchange->markets, &config->markets[i], &id, error);
        if (status != KEEL_OK)
            return status;
    }
    return KEEL_OK;
}

static struct keel_session *new_session(struct keel_private *exchange,
                                        const struct keel_exchange_config *config,
                                        struct keel_error *error)
{
    struct keel_session_config session = {
        .venue = config->venue,
        .markets = exchange->markets,
        .modes = &exchange->modes,
        .api_key = config->api_key,
        .secret = config->secret,
        .load_markets = config->market_count == 0,
        .numbers = exchange->records.at != NULL ? &exchange->numbers : NULL,
        .recovers = keel_leftover_is_any(&exchange->leftover),
        .book_tops = config->book_tops,
        .order_entry = config->order_entry,
        .receive_window_ms = config->receive_window_ms,
        .request_timeout_ms = config->request_timeout_ms,
        .start_timeout_ms = config->start_timeout_ms,
        .silence_max_ms = config->silence_max_ms,
        .seed = config->seed,
    };

    return keel_session_new(&session, error);
}

static enum keel_status take_parts(struct keel_private *exchange,
                                   const struct keel_exchange_config *config,
                                   struct keel_error *error)
{
    exchange->markets = keel_markets_new();
    if (exchange->markets == NULL)
        return keel_fail(error, KEEL_FULL, "out of memory");
    struct keel_account_config account = {
        .markets = exchange->markets,
        .completed_orders_market_max = config->completed_orders_max,
        .mark_age_max_ms = config->mark_age_max_ms,
        .high_risk_ratio = config->high_risk_ratio,
        .product = config->venue->product,
        .one_family = !config->venue->conditional_apart,
    };
    memcpy(account.settle_asset, exchange->settle_asset, sizeof(account.settle_asset));
    exchange->account = keel_account_new(&account);
    bool spot = config->venue->product == KEEL_PRODUCT_SPOT;
    exchange->books = keel_books_new(&(struct keel_books_config){
        .markets = exchange->markets, .assets_max = spot ? KEEL_SPOT_ASSETS_MAX : 0});
    exchange->missing = calloc(KEEL_OPEN_ORDERS_MAX, sizeof(*exchange->missing));
    exchange->gone = calloc(KEEL_POSITIONS_MAX, sizeof(*exchange->gone));
    if (exchange->account == NULL || exchange->books == NULL || exchange->missing == NULL ||
        exchange->gone == NULL || keel_audit_init(&exchange->audit, config) != KEEL_OK ||
        keel_records_init(exchange, config) != KEEL_OK)
        return keel_fail(error, KEEL_FULL, "out of memory");
    return keel_wallet_init(&exchange->wallet, config, error);
}

static enum keel_status check_product(const struct keel_exchange_config *config,
                                      enum keel_product product, struct keel_error *error)
{
    if (config->venue->product == product)
        return KEEL_OK;
    return keel_fail(error, KEEL_CONFIG, "venue %s trades %s, not %s", config->venue->name,
                     product == KEEL_PRODUCT_SPOT ? "futures" : "spot",
                     product == KEEL_PRODUCT_SPOT ? "spot" : "futures");
}

enum keel_status keel_private_init(struct keel_private *exchange,
                                   const struct keel_private_ops *ops, enum keel_product product,
                                   const struct keel_exchange_config *config,
                                   struct keel_error *error)
{
    const char *kind = product == KEEL_PRODUCT_SPOT ? "spot" : "futures";

    *exchange = (struct keel_private){.ops = ops};
    enum keel_status status = check_config(config, error);
    if (status == KEEL_OK)
        status = check_product(config, product, error);
    if (status != KEEL_OK)
        return status;

    exchange->venue = config->venue;
    exchange->handlers = config->handlers;
    exchange->has_credentials = config->api_key.size > 0;
    snprintf(exchange->tag, sizeof(exchange->tag), "%s_private_%s", config->venue->name, kind);
    keel_str_copy(keel_str_from(config->venue->settle_asset), exchange->settle_asset,
                  sizeof(exchange->settle_asset));
    keel_calls_init(&exchange->calls);
    status = take_parts(exchange, config, error);
    if (status == KEEL_OK)
        status = take_markets(exchange, config, error);
    if (status == KEEL_OK)
        status = take_symbols(exchange, config, error);
    if (status != KEEL_OK)
        return status;
    exchange->session = new_session(exchange, config, error);
    return exchange->session != NULL ? KEEL_OK : KEEL_CONFIG;
}

void keel_private_deinit(struct keel_private *exchange)
{
    keel_session_free(exchange->session);
    keel_audit_deinit(&exchange->audit);
    keel_records_deinit(exchange);
    keel_wallet_deinit(&exchange->wallet);
    keel_books_free(exchange->books);
    keel_account_free(exchange->account);
    keel_markets_free(exchange->markets);
    free(exchange->symbols);
    free(exchange->missing);
    free(exchange->gone);
}
