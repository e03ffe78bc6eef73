#include "venue/gateio/entry.h"

#include "base/json.h"
#include "venue/gateio/decoder.h"
#include "venue/gateio/errors.h"
#include "venue/gateio/place.h"

#define IS KEEL_GATEIO_IS

enum {
    MS_IN_S = 1000,
    HTTP_STATUS_MAX = 599,
};

static bool is_conditional(const struct keel_command *command)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return keel_order_type_is_conditional(command->place.type);
    return command->kind == KEEL_CANCEL_ORDER && command->order.family == KEEL_FAMILY_CONDITIONAL;
}

static keel_str find_channel(const struct keel_command *command)
{
    if (is_conditional(command))
        return KEEL_STR("");
    if (command->kind == KEEL_PLACE_ORDER)
        return KEEL_STR("futures.order_place");
    if (command->kind == KEEL_AMEND_ORDER)
        return KEEL_STR("futures.order_amend");
    return command->kind == KEEL_CANCEL_ORDER ? KEEL_STR("futures.order_cancel") : KEEL_STR("");
}

static enum keel_status write_cancel(struct keel_gateio_encoder *encoder,
                                     const struct keel_order_ref *order)
{
    keel_str id;
    enum keel_status status = keel_gateio_find_id(encoder, order, &id);
    if (status != KEEL_OK)
        return status;
    keel_write(&encoder->writer, KEEL_STR("{\"order_id\":\""));
    keel_write(&encoder->writer, id);
    keel_write(&encoder->writer, KEEL_STR("\"}"));
    return KEEL_OK;
}

static enum keel_status write_parameters(struct keel_gateio_encoder *encoder,
                                         const struct keel_command *command)
{
    if (command->kind == KEEL_PLACE_ORDER)
        return keel_gateio_write_order(encoder, &command->place);
    if (command->kind == KEEL_AMEND_ORDER)
        return keel_gateio_write_amend(encoder, &command->amend, true);
    return write_cancel(encoder, &command->order);
}

static void write_head(struct keel_writer *writer, keel_str channel, int64_t time_s, uint64_t id)
{
    keel_write(writer, KEEL_STR("{\"time\":"));
    keel_write_int(writer, time_s);
    keel_write(writer, KEEL_STR(",\"channel\":\""));
    keel_write(writer, channel);
    keel_write(writer, KEEL_STR("\",\"event\":\"api\",\"payload\":{\"req_id\":\""));
    keel_write_int(writer, (int64_t)id);
    keel_write(writer, KEEL_STR("\",\"req_param\":"));
}

static void write_tail(struct keel_writer *writer, int64_t expires_ms)
{
    if (expires_ms != 0) {
        keel_write(writer, KEEL_STR(",\"req_header\":{\"x-gate-exptime\":\""));
        keel_write_int(writer, expires_ms);
        keel_write(writer, KEEL_STR("\"}"));
    }
    keel_write(writer, KEEL_STR("}}"));
}

enum keel_status keel_gateio_encode_frame(const struct keel_command *command,
                                          const struct keel_markets *markets,
                                          const struct keel_modes *modes,
                                          const struct keel_keys *keys, int64_t time_ms,
                                          int64_t receive_window_ms, uint64_t id,
                                          struct keel_frame *frame, struct keel_error *error)
{
    struct keel_gateio_encoder encoder = {.markets = markets, .modes = modes, .error = error};
    keel_str channel = find_channel(command);
    (void)keys; /* the login had them */
    if (channel.size == 0)
        return keel_fail(error, KEEL_UNSUPPORTED, "%s by stream",
                         keel_command_kind_name(command->kind));
    if (id > INT64_MAX)
        return keel_fail(error, KEEL_INVALID, "a frame's id is too large");

    keel_writer_init(&encoder.writer, frame->text, sizeof(frame->text));
    write_head(&encoder.writer, channel, time_ms / MS_IN_S, id);
    enum keel_status status = write_parameters(&encoder, command);
    if (status != KEEL_OK)
        return status;
    write_tail(&encoder.writer, receive_window_ms > 0 ? time_ms + receive_window_ms : 0);
    if (encoder.writer.full)
        return keel_fail(error, KEEL_FULL, "the order does not fit a frame");
    frame->weight = 0;
    frame->order_count = command->kind == KEEL_CANCEL_ORDER ? 0 : 1;
    frame->size = (uint32_t)encoder.writer.size;
    return KEEL_OK;
}

/* Our ids are numbers; anything else answers somebody else. */
static bool parse_id(keel_str text, uint64_t *id)
{
    *id = 0;
    if (text.size == 0 || text.size > KEEL_NUMBER_DIGITS_MAX - 1)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!keel_is_digit(text.data[i]))
            return false;
        *id = *id * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

struct message {
    keel_str request_id, header, data, result, errors;
    enum keel_switch receipt;
};

static void read_text(struct keel_json *json, keel_str *value)
{
    if (keel_json_peek(json) == KEEL_JSON_STRING)
        keel_json_read_string(json, NULL, value);
    else
        keel_json_raw(json, value);
}

static void read_data(struct keel_json *json, struct message *message)
{
    keel_str key;
    if (keel_json_peek(json) != KEEL_JSON_OBJECT) {
        keel_json_skip(json);
        return;
    }
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (IS(key, "result"))
            keel_json_raw(json, &message->result);
        else if (IS(key, "errs") && keel_json_peek(json) == KEEL_JSON_OBJECT)
            keel_json_raw(json, &message->errors);
        else
            keel_json_skip(json);
    }
}

static bool read_message(keel_str bytes, struct message *message)
{
    struct keel_json json;
    keel_str key;
    keel_json_init(&json, bytes);
    if (keel_json_peek(&json) != KEEL_JSON_OBJECT)
        return false;
    keel_json_enter_object(&json);
    while (keel_gateio_next_key(&json, &key)) {
        if (IS(key, "request_id"))
            read_text(&json, &message->request_id);
        else if (IS(key, "ack"))
            keel_gateio_read_switch(&json, &message->receipt);
        else if (IS(key, "header") && keel_json_peek(&json) == KEEL_JSON_OBJECT)
            keel_json_raw(&json, &message->header);
        else if (IS(key, "data"))
            read_data(&json, message);
        else
            keel_json_skip(&json);
    }
    return keel_json_finish(&json, NULL) == KEEL_OK;
}

static bool is_cancel(keel_str header)
{
    keel_str channel = KEEL_STR("\"futures.order_cancel");
    return memmem(header.data, header.size, channel.data, channel.size) != NULL;
}

/* The header goes along in the place of the headers of a reply, which it is but for its form. */
bool keel_gateio_read_answer(keel_str bytes, struct keel_answer *answer)
{
    struct message message = {0};
    uint64_t id;
    if (!read_message(bytes, &message) || message.header.size == 0 ||
        !parse_id(message.request_id, &id))
        return false;
    struct keel_reply reply = {
        .body = message.errors.size > 0 ? message.errors : message.result,
        .headers = message.header,
    };
    int64_t status = keel_gateio_read_limit(&reply, "", "status");
    reply.http_status = status > 0 && status <= HTTP_STATUS_MAX ? (int32_t)status : 0;
    bool refused = message.errors.size > 0 || reply.http_status >= 300;
    /* Without a body the answer says nothing: what can be read of it is that. */
    if (reply.body.size == 0)
        reply.body = KEEL_STR("");

    *answer = (struct keel_answer){
        .id = id,
        .receipt = message.receipt == KEEL_ON && !refused,
        .reply = reply,
    };
    if (!is_cancel(message.header))
        answer->usage_count = keel_gateio_read_usage(KEEL_PLACE_ORDER, &reply, answer->usage);
    return true;
}
