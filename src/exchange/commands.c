/* commands.c - what the caller wants done: checked, held and queued, or refused at once. */
#include "exchange/private_internal.h"

#include <stdio.h>
#include <string.h>

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

enum keel_status keel_private_refuse_client_id(const struct keel_private *exchange,
                                               const char *client_id, struct keel_error *error)
{
    char example[KEEL_CLIENT_ID_SIZE];

    exchange->venue->make_client_id(1, example);
    return keel_fail(error, KEEL_CLIENT_ID, "client id %s is not in the form that %s takes: as %s",
                     client_id, exchange->venue->name, example);
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
        return keel_private_refuse_client_id(exchange, place->client_id, error);
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

void keel_private_answer_locals(struct keel_private *exchange)
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
