#include "paper/server_state.h"

/* RFC 6455 5.2: whole, unmasked, of a text or a ping. wslay is not asked: it would copy it. */
static void put_frame(struct paper_connection *connection, int opcode, keel_str payload)
{
    unsigned char head[10] = {(unsigned char)(0x80 | opcode)};
    size_t size = 2;
    if (payload.size < 126) {
        head[1] = (unsigned char)payload.size;
    } else if (payload.size < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(payload.size >> 8);
        head[3] = (unsigned char)payload.size;
        size = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)payload.size >> (56 - 8 * i));
        size = 10;
    }
    paper_connection_put(connection, (keel_str){(const char *)head, size});
    paper_connection_put(connection, payload);
}

static void put_close(struct paper_connection *connection, int code)
{
    if (wslay_event_queue_close(connection->frames, (uint16_t)code, NULL, 0) != 0 ||
        wslay_event_send(connection->frames) != 0)
        connection->doomed = true;
    connection->ending = true;
}

void paper_connection_send(struct paper_connection *connection, const struct paper_frame *frame)
{
    size_t unsent = paper_connection_unsent(connection);
    switch (frame->kind) {
    case PAPER_FRAME_TEXT: put_frame(connection, WSLAY_TEXT_FRAME, frame->payload); break;
    case PAPER_FRAME_PING: put_frame(connection, WSLAY_PING, frame->payload); break;
    case PAPER_FRAME_PONG: put_frame(connection, WSLAY_PONG, frame->payload); break;
    case PAPER_FRAME_CLOSE: put_close(connection, frame->close_code); break;
    }
    paper_connection_cut_after(connection, unsent, frame->cut);
}

static ssize_t take_input(wslay_event_context_ptr context, uint8_t *buffer, size_t size, int flags,
                          void *user)
{
    struct paper_connection *connection = user;
    (void)flags;
    size_t taken = size < connection->input.size ? size : connection->input.size;
    if (taken == 0) {
        wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(buffer, connection->input.data, taken);
    connection->input.data += taken;
    connection->input.size -= taken;
    return (ssize_t)taken;
}

static ssize_t put_output(wslay_event_context_ptr context, const uint8_t *data, size_t size,
                          int flags, void *user)
{
    struct paper_connection *connection = user;
    (void)flags;
    if (!paper_venue_mutes(connection->server->venue, connection->stream, paper_server_now_ms()))
        paper_connection_put(connection, (keel_str){(const char *)data, size});
    if (!connection->doomed)
        return (ssize_t)size;
    wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void on_message(wslay_event_context_ptr context,
                       const struct wslay_event_on_msg_recv_arg *message, void *user)
{
    struct paper_connection *connection = user;
    struct paper_frame frame = {
        .payload = {(const char *)message->msg, message->msg_length}
    };
    (void)context;
    switch (message->opcode) {
    case WSLAY_PING: frame.kind = PAPER_FRAME_PING; break; /* wslay has queued the pong */
    case WSLAY_PONG: frame.kind = PAPER_FRAME_PONG; break;
    case WSLAY_CONNECTION_CLOSE: frame.kind = PAPER_FRAME_CLOSE; break;
    case WSLAY_TEXT_FRAME:
    case WSLAY_BINARY_FRAME: frame.kind = PAPER_FRAME_TEXT; break;
    default: return; /* an opcode that wslay refuses by itself */
    }
    paper_venue_receive(connection->server->venue, connection->stream, &frame,
                        paper_server_now_ms());
}

bool paper_connection_begin_frames(struct paper_connection *connection)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = take_input,
        .send_callback = put_output,
        .on_msg_recv_callback = on_message,
    };
    if (wslay_event_context_server_init(&connection->frames, &callbacks, connection) != 0)
        return false;
    wslay_event_config_set_max_recv_msg_length(connection->frames, PAPER_MESSAGE_SIZE_MAX);
    return true;
}

void paper_connection_read_frames(struct paper_connection *connection, keel_str bytes)
{
    connection->input = bytes;
    if (wslay_event_recv(connection->frames) != 0 || wslay_event_send(connection->frames) != 0)
        connection->doomed = true;
    if (!wslay_event_want_read(connection->frames) && !wslay_event_want_write(connection->frames))
        connection->ending = true;
}
