#include "venue/gateio/reply.h"

#include "venue/gateio/errors.h"
#include "venue/gateio/markets.h"
#include "venue/gateio/orders.h"
#include "venue/gateio/positions.h"

#define IS KEEL_GATEIO_IS

enum {
    ROWS_MAX = 1000, /* in one list: what goes on after it is not told */
    US_IN_MS = 1000,
};

static void decode_time(struct keel_gateio_decoder *decoder, struct keel_json *json)
{
    int64_t time_ms = 0;
    keel_str key;
    if (!keel_json_enter_object(json))
        return;
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "server_time"))
            keel_gateio_read_time(json, &time_ms);
        else
            keel_json_skip(json);
    }
    if (time_ms <= 0)
        keel_json_fail(json, "the server's time is missing");
    keel_gateio_add_event(decoder, KEEL_EVENT_SERVER_TIME, time_ms)->server_time_ms = time_ms;
}

/* A list that is as long as it can be may have been cut. */
static void decode_whole_list(struct keel_gateio_decoder *decoder, struct keel_json *json,
                              keel_gateio_row_decoder decode_row)
{
    if (keel_gateio_decode_rows(decoder, json, decode_row) >= ROWS_MAX)
        keel_json_fail(json, "a list is as long as it can be: more may follow");
}

static void decode_snapshot(struct keel_gateio_decoder *decoder, struct keel_json *json,
                            enum keel_snapshot_kind kind, keel_market_id market,
                            keel_gateio_row_decoder decode_row)
{
    struct keel_snapshot snapshot = {kind, market};
    keel_gateio_add_event(decoder, KEEL_EVENT_SNAPSHOT_BEGIN, 0)->snapshot = snapshot;
    decode_whole_list(decoder, json, decode_row);
    keel_gateio_add_event(decoder, KEEL_EVENT_SNAPSHOT_END, 0)->snapshot = snapshot;
}

/* Lists come with the newest row first; what happened first shall be told first. The rows before an
 * id are asked for from the newest on, and stay as they are, so that the last of them is where the
 * next page begins. */
static void decode_history(struct keel_gateio_decoder *decoder, struct keel_json *json,
                           const struct keel_command *command, keel_gateio_row_decoder decode_row)
{
    int32_t first = decoder->events->count;
    keel_gateio_decode_rows(decoder, json, decode_row);
    if (command->page.from_id[0] == '\0')
        keel_gateio_reverse_events(decoder->events, first);
}

/* An answer may leave out what was asked for: the venue has confirmed the command's own. */
static void confirm_setting(struct keel_gateio_decoder *decoder, const struct keel_command *command)
{
    struct keel_leverage leverage = {.notional_max = KEEL_DECIMAL_ABSENT};
    if (command->kind == KEEL_SET_HEDGE_MODE)
        keel_gateio_add_event(decoder, KEEL_EVENT_MODES, 0)->modes =
            (struct keel_modes){.hedge = command->enable ? KEEL_ON : KEEL_OFF};
    if (command->kind == KEEL_SET_LEVERAGE) {
        leverage.market = command->leverage.market;
        leverage.leverage = command->leverage.leverage;
        leverage.margin_mode = command->leverage.mode;
    } else if (command->kind == KEEL_SET_MARGIN_MODE) {
        leverage.market = command->margin_mode.market;
        leverage.leverage = command->margin_mode.leverage;
        leverage.margin_mode = command->margin_mode.mode;
    } else {
        return;
    }
    keel_gateio_add_event(decoder, KEEL_EVENT_LEVERAGE, 0)->leverage = leverage;
}

static bool is_conditional(const struct keel_command *command)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return keel_order_type_is_conditional(command->place.type);
    return command->kind != KEEL_AMEND_ORDER && command->order.family == KEEL_FAMILY_CONDITIONAL;
}

static void decode_orders(struct keel_gateio_decoder *decoder, struct keel_json *json,
                          const struct keel_command *command)
{
    keel_gateio_row_decoder decode_row =
        is_conditional(command) ? keel_gateio_decode_trigger_order : keel_gateio_decode_order;
    if (command->kind == KEEL_LOAD_ORDERS)
        decode_history(decoder, json, command, keel_gateio_decode_any_order);
    else if (command->kind == KEEL_PLACE_ORDER && is_conditional(command))
        keel_gateio_decode_placed_trigger(decoder, json, &command->place);
    else
        keel_gateio_decode_rows(decoder, json, decode_row);
}

static void decode_body(struct keel_gateio_decoder *decoder, struct keel_json *json,
                        const struct keel_command *command)
{
    switch (command->kind) {
    case KEEL_PLACE_ORDER:
    case KEEL_AMEND_ORDER:
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL:
    case KEEL_QUERY_ORDER:
    case KEEL_LOAD_ORDERS: decode_orders(decoder, json, command); break;
    case KEEL_LOAD_OPEN_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_ORDERS, command->market,
                        keel_gateio_decode_order);
        break;
    case KEEL_LOAD_CONDITIONAL_ORDERS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_CONDITIONAL_ORDERS, command->market,
                        keel_gateio_decode_trigger_order);
        break;
    case KEEL_LOAD_BALANCES:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_BALANCES, KEEL_NO_MARKET,
                        keel_gateio_decode_balance);
        break;
    case KEEL_LOAD_POSITIONS:
        decode_snapshot(decoder, json, KEEL_SNAPSHOT_POSITIONS, KEEL_NO_MARKET,
                        keel_gateio_decode_position);
        break;
    case KEEL_LOAD_LEVERAGE: decode_whole_list(decoder, json, keel_gateio_decode_leverage); break;
    case KEEL_SET_LEVERAGE:
    case KEEL_SET_MARGIN_MODE:
        keel_gateio_decode_rows(decoder, json, keel_gateio_decode_leverage);
        break;
    case KEEL_ADJUST_MARGIN:
        keel_gateio_decode_rows(decoder, json, keel_gateio_decode_position);
        break;
    case KEEL_SET_HEDGE_MODE:
    case KEEL_LOAD_MODES: keel_gateio_decode_modes(decoder, json); break;
    case KEEL_LOAD_TIME: decode_time(decoder, json); break;
    case KEEL_LOAD_MARKETS: keel_gateio_decode_contracts(decoder, json); break;
    case KEEL_LOAD_BRACKETS: keel_gateio_decode_tiers(decoder, json, command->market); break;
    case KEEL_LOAD_FEES: keel_gateio_decode_fees(decoder, json); break;
    case KEEL_LOAD_MARKS: keel_gateio_decode_rows(decoder, json, keel_gateio_decode_ticker); break;
    case KEEL_LOAD_EXECUTIONS:
        decode_history(decoder, json, command, keel_gateio_decode_trade);
        break;
    case KEEL_LOAD_INCOME: decode_history(decoder, json, command, keel_gateio_decode_income); break;
    case KEEL_OPEN_STREAM_KEY: keel_gateio_decode_user(decoder, json); break;
    case KEEL_SET_COUNTDOWN:
    case KEEL_SET_MULTI_ASSET:
    case KEEL_RENEW_STREAM_KEY:
    case KEEL_CLOSE_STREAM_KEY:
    case KEEL_TRANSFER:
    case KEEL_WITHDRAW:
    case KEEL_CANCEL_WITHDRAWAL:
    case KEEL_LOAD_NETWORKS:
    case KEEL_LOAD_WITHDRAWALS:
    case KEEL_LOAD_DEPOSITS:
    case KEEL_LOAD_TRANSFERS:
    case KEEL_LOAD_AMENDMENTS:
    case KEEL_LOAD_MARGIN_CHANGES:
    case KEEL_COMMAND_NONE:
    case KEEL_COMMAND_KINDS: keel_json_skip(json); break;
    }
}

/* What an accepted reply must have told: a write whose answer says nothing has no verdict. Rows of
 * a list may be none; moved margin is in the position that the answer tells. */
static bool is_complete(const struct keel_gateio_decoder *decoder,
                        const struct keel_command *command, keel_str body)
{
    bool is_list = body.size > 0 && body.data[0] == '[';
    if (decoder->events->count > decoder->first)
        return true;
    if (command->kind == KEEL_CANCEL_ALL)
        return is_list;
    return !keel_command_is_write(command->kind) && command->kind != KEEL_QUERY_ORDER &&
           command->kind != KEEL_OPEN_STREAM_KEY;
}

static enum keel_status decode_accepted(const struct keel_command *command, keel_str body,
                                        struct keel_gateio_decoder *decoder,
                                        struct keel_error *error)
{
    struct keel_json json;
    keel_json_init(&json, body);
    decode_body(decoder, &json, command);
    if (!json.mistake && !is_complete(decoder, command, body))
        keel_json_fail(&json, "the answer does not say what became of the command");
    return keel_gateio_decoder_finish(decoder, &json, error);
}

/* When the venue took the request in: what it answers is not older. */
static int64_t read_time_ms(const struct keel_reply *reply)
{
    int64_t time_us = keel_gateio_read_limit(reply, "X-In-Time", "x_in_time");
    return time_us > 0 ? time_us / US_IN_MS : 0;
}

enum keel_status keel_gateio_decode_reply(const struct keel_command *command,
                                          const struct keel_reply *reply,
                                          const struct keel_markets *markets,
                                          struct keel_arena *arena, struct keel_events *events,
                                          struct keel_outcome *outcome)
{
    struct keel_gateio_decoder decoder;
    struct keel_gateio_message message = {0};
    bool succeeded = reply->http_status >= 200 && reply->http_status < 300;

    memset(outcome, 0, sizeof(*outcome));
    outcome->usage_count = keel_gateio_read_usage(command->kind, reply, outcome->usage);
    keel_gateio_decoder_init(&decoder, markets, arena, events, reply->body);
    decoder.time_ms = read_time_ms(reply);
    /* A label is an error whatever the status; lists have none, and may be long. */
    if (!succeeded || (reply->body.size > 0 && reply->body.data[0] == '{'))
        message = keel_gateio_read_message(reply->body, arena);
    if (!succeeded || message.found) {
        keel_gateio_judge(command, reply, &message, outcome);
        if (outcome->already_so)
            confirm_setting(&decoder, command);
        return decoder.full ? KEEL_FULL : KEEL_OK;
    }

    enum keel_status status = decode_accepted(command, reply->body, &decoder, &outcome->error);
    outcome->fate = KEEL_ACCEPTED;
    if (status != KEEL_OK)
        outcome->fate = keel_command_is_write(command->kind) ? KEEL_FATE_UNKNOWN : KEEL_FATE_FAILED;
    return status;
}
