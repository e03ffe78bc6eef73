#include "paper/server_state.h"

#include <stdio.h>
#include <stdlib.h>

enum { BACKLOG = 128 };

int64_t paper_server_now_ms(void)
{
    uv_timeval64_t now;
    uv_gettimeofday(&now);
    return now.tv_sec * 1000 + now.tv_usec / 1000;
}

const char *paper_server_authority(const struct paper_server *server)
{
    return server->authority;
}

/* --- The life of a connection ------------------------------------------------------------------
 */

static void finish_if_last(struct paper_server *server)
{
    if (server->handle_count > 0 || !server->closing)
        return;
    void (*closed)(void *user) = server->closed;
    void *user = server->user;
    free(server->response.headers.data);
    free(server->response.body.data);
    free(server);
    if (closed)
        closed(user);
}

static void on_connection_closed(uv_handle_t *handle)
{
    struct paper_connection *connection = (struct paper_connection *)handle;
    struct paper_server *server = connection->server;
    free(connection->inbox.text);
    free(connection->out);
    free(connection);
    server->handle_count--;
    finish_if_last(server);
}

static void close_connection(struct paper_connection *connection)
{
    struct paper_server *server = connection->server;
    if (uv_is_closing((uv_handle_t *)&connection->tcp))
        return;
    if (connection->stream)
        paper_venue_close_stream(server->venue, connection->stream);
    connection->stream = NULL;
    if (connection->frames)
        wslay_event_context_free(connection->frames);
    connection->frames = NULL;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    server->connection_count--;
    uv_close((uv_handle_t *)&connection->tcp, on_connection_closed);
}

/* --- The socket --------------------------------------------------------------------------------
 */

static void listen_or_not(struct paper_server *server, int64_t now_ms);

void paper_server_flush(struct paper_server *server)
{
    struct paper_stream *stream;
    struct paper_frame frame;
    int64_t now_ms = paper_server_now_ms();

    listen_or_not(server, now_ms);
    while ((stream = paper_venue_next_ready(server->venue))) {
        struct paper_connection *connection = stream->owner;
        while (connection && paper_venue_next_frame(server->venue, stream, now_ms, &frame))
            paper_connection_send(connection, &frame);
        if (connection && stream->closed)
            connection->ending = true;
    }
    struct paper_connection *next;
    for (struct paper_connection *connection = server->connections; connection; connection = next) {
        next = connection->next;
        if (connection->out_sent < connection->out_size || connection->ending ||
            connection->cutting)
            paper_connection_flush(connection);
        if (connection->doomed)
            close_connection(connection);
    }
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct paper_connection *connection = (struct paper_connection *)handle;
    (void)suggested;
    *buffer = uv_buf_init(connection->server->read_buffer, PAPER_READ_SIZE);
}

static void on_read(uv_stream_t *handle, ssize_t size, const uv_buf_t *buffer)
{
    struct paper_connection *connection = (struct paper_connection *)handle;
    struct paper_server *server = connection->server;

    if (size < 0) {
        close_connection(connection);
        return;
    }
    if (size == 0 || connection->ending || connection->cutting)
        return;
    keel_str bytes = {buffer->base, (size_t)size};
    if (connection->stream)
        paper_connection_read_frames(connection, bytes);
    else
        paper_connection_read_requests(connection, bytes);
    paper_server_flush(server);
}

static void read_address(struct paper_connection *connection)
{
    struct sockaddr_storage peer;
    int size = sizeof(peer);
    (void)keel_str_copy(KEEL_STR("?"), connection->address, sizeof(connection->address));
    if (uv_tcp_getpeername(&connection->tcp, (struct sockaddr *)&peer, &size) != 0)
        return;
    if (peer.ss_family == AF_INET6)
        uv_ip6_name((struct sockaddr_in6 *)&peer, connection->address, sizeof(connection->address));
    else
        uv_ip4_name((struct sockaddr_in *)&peer, connection->address, sizeof(connection->address));
}

static void link_connection(struct paper_server *server, struct paper_connection *connection)
{
    connection->next = server->connections;
    if (server->connections)
        server->connections->previous = connection;
    server->connections = connection;
    server->connection_count++;
}

static void on_connection(uv_stream_t *handle, int status)
{
    struct paper_server *server = (struct paper_server *)handle;
    struct paper_connection *connection = status == 0 ? calloc(1, sizeof(*connection)) : NULL;
    if (!connection)
        return;
    connection->server = server;
    if (uv_tcp_init(handle->loop, &connection->tcp) != 0) {
        free(connection);
        return;
    }
    server->handle_count++;
    link_connection(server, connection);
    paper_connection_begin_requests(connection);
    if (uv_accept(handle, (uv_stream_t *)&connection->tcp) != 0 ||
        server->connection_count > PAPER_CONNECTIONS_MAX) {
        close_connection(connection);
        return;
    }
    read_address(connection);
    uv_tcp_nodelay(&connection->tcp, 1);
    if (uv_read_start((uv_stream_t *)&connection->tcp, on_allocate, on_read) != 0)
        close_connection(connection);
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

/* "127.0.0.1:0", "[::1]:0" */
static enum keel_status read_listen(const char *listen, struct sockaddr_storage *address,
                                    struct keel_error *error)
{
    char host[PAPER_PEER_SIZE];
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    keel_str name = {listen, colon ? (size_t)(colon - listen) : 0};

    if (!colon || colon[1] == '\0' || *end != '\0' || port < 0 || port > 65535)
        return keel_fail(error, KEEL_CONFIG, "listen: '%s' is not ADDRESS:PORT", listen);
    if (name.size >= 2 && name.data[0] == '[' && name.data[name.size - 1] == ']')
        name = (keel_str){name.data + 1, name.size - 2};
    if (keel_str_equals(name, KEEL_STR("localhost")))
        name = KEEL_STR("127.0.0.1");
    if (!keel_str_copy(name, host, sizeof(host)) ||
        (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)address) != 0 &&
         uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)address) != 0))
        return keel_fail(error, KEEL_CONFIG, "listen: '%s' is no address of this machine", listen);
    return KEEL_OK;
}

static void write_authority(struct paper_server *server)
{
    struct sockaddr_storage *bound = &server->address;
    char host[PAPER_PEER_SIZE - 16] = "";
    int size = sizeof(*bound);

    if (uv_tcp_getsockname(&server->tcp, (struct sockaddr *)bound, &size) != 0)
        return;
    if (bound->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)bound;
        uv_ip6_name(in6, host, sizeof(host));
        snprintf(server->authority, sizeof(server->authority), "[%s]:%u", host,
                 (unsigned)ntohs(in6->sin6_port));
        return;
    }
    const struct sockaddr_in *in = (const struct sockaddr_in *)bound;
    uv_ip4_name(in, host, sizeof(host));
    snprintf(server->authority, sizeof(server->authority), "%s:%u", host,
             (unsigned)ntohs(in->sin_port));
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct paper_server *server = (struct paper_server *)handle;
    server->gone = true;
    server->handle_count--;
    finish_if_last(server);
}

static void stop_listening(struct paper_server *server)
{
    server->listening = false;
    uv_close((uv_handle_t *)&server->tcp, on_listener_closed);
}

/* An error of libuv's; the handle is then still to be closed if server->listening. */
static int begin_listening(struct paper_server *server)
{
    int result = uv_tcp_init(server->loop, &server->tcp);
    if (result != 0)
        return result;
    server->handle_count++;
    server->listening = true;
    server->gone = false;
    result = uv_tcp_bind(&server->tcp, (struct sockaddr *)&server->address, 0);
    return result == 0 ? uv_listen((uv_stream_t *)&server->tcp, BACKLOG, on_connection) : result;
}

/* A refused connection needs a port on which nobody listens. Should another process take it
 * meanwhile, the next turn tries again. */
static void listen_or_not(struct paper_server *server, int64_t now_ms)
{
    bool refuses = paper_venue_refuses(server->venue, now_ms);
    if (server->closing)
        return;
    bool failed = !refuses && server->gone && begin_listening(server) != 0;
    if ((refuses || failed) && server->listening)
        stop_listening(server);
}

static bool take_memory(struct paper_server *server)
{
    char *headers = malloc(PAPER_RESPONSE_HEADERS_SIZE);
    char *body = malloc(PAPER_RESPONSE_SIZE);
    if (!headers || !body) {
        free(headers);
        free(body);
        return false;
    }
    keel_writer_init(&server->response.headers, headers, PAPER_RESPONSE_HEADERS_SIZE);
    keel_writer_init(&server->response.body, body, PAPER_RESPONSE_SIZE);
    return true;
}

static enum keel_status start(struct paper_server *server, const char *listen,
                              struct keel_error *error)
{
    enum keel_status status = read_listen(listen, &server->address, error);
    if (status != KEEL_OK)
        return status;
    int result = begin_listening(server);
    if (result != 0)
        return keel_fail(error, KEEL_IO, "listen: %s: %s", listen, uv_strerror(result));
    write_authority(server);
    return KEEL_OK;
}

struct paper_server *paper_server_open(struct uv_loop_s *loop, struct paper_venue *venue,
                                       const char *listen, struct keel_error *error)
{
    struct paper_server *server = calloc(1, sizeof(*server));
    if (!server || !take_memory(server)) {
        free(server);
        keel_fail(error, KEEL_FULL, "out of memory");
        return NULL;
    }
    server->venue = venue;
    server->loop = loop;
    if (start(server, listen, error) == KEEL_OK)
        return server;
    paper_server_close(server, NULL, NULL);
    return NULL;
}

void paper_server_close(struct paper_server *server, void (*closed)(void *user), void *user)
{
    server->closing = true;
    server->closed = closed;
    server->user = user;
    while (server->connections)
        close_connection(server->connections);
    if (server->listening)
        stop_listening(server);
    else
        finish_if_last(server);
}
