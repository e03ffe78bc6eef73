/* mortal_proxy.h - stands between a client and a venue, and dies in one request.
 *
 * Passes everything on, streams too, until the request that it waits for comes: then it dies where
 * it was told to, on the connection that the request came by, and lives on. Counts how often that
 * request came. */
#ifndef KEEL_TEST_MORTAL_PROXY_H
#define KEEL_TEST_MORTAL_PROXY_H

#include "../net/raw_server.h"

#include <poll.h>
#include <sched.h>

/* Where it dies, in the life of the request. */
enum death {
    DEATH_NEVER,
    DEATH_AT_ACCEPT, /* of the connection that brings it, before anything was read */
    DEATH_BEFORE_REQUEST,
    DEATH_INSIDE_HEADERS,
    DEATH_AFTER_HEADERS,
    DEATH_INSIDE_BODY,
    DEATH_AFTER_REQUEST, /* and the venue never saw it */
    DEATH_BEFORE_REPLY,  /* the venue has done it */
    DEATH_INSIDE_REPLY_HEADERS,
    DEATH_INSIDE_REPLY_BODY,
};

struct mortal_proxy;

/* The body of an answer in the venue's place; false: it is the venue's to answer. */
typedef bool (*mortal_answer)(struct mortal_proxy *proxy, const char *request, char *body,
                              size_t size);

/* What the thread of a connection does. */
enum mortal_step {
    MORTAL_GONE,
    MORTAL_BUSY,
    MORTAL_IDLE,   /* waits for a request */
    MORTAL_STREAM, /* passes a stream on */
};

struct mortal_proxy {
    struct raw_server server;
    int venue_port;
    mortal_answer answer; /* or NULL */
    atomic_bool enabled;  /* what a setting that is answered here has become */
    char line[96];        /* how the request begins; with / at its end: of any id */
    enum death death;
    atomic_bool armed;
    atomic_int heads, requests;                /* of that request, since it was armed */
    atomic_int steps[RAW_CONNECTIONS_MAX + 1]; /* by the connection's number */
};

static inline int mortal_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        abort();
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

/* The first line of the next request, of which nothing is taken. */
static inline bool mortal_peek(int fd, char line[256])
{
    for (;;) {
        ssize_t size = recv(fd, line, 255, MSG_PEEK);
        if (size <= 0)
            return false;
        line[size] = '\0';
        if (size == 255 || strstr(line, "\r\n") != NULL)
            return true;
        sched_yield();
    }
}

static inline bool mortal_is_meant(const struct mortal_proxy *proxy, const char *line)
{
    size_t size = strlen(proxy->line);
    bool whole = line[size] == ' ' || line[size] == '?' || proxy->line[size - 1] == '/';
    return strncmp(line, proxy->line, size) == 0 && whole;
}

/* Both ways, until one end closes. */
static inline void mortal_pass_stream(int client, int venue)
{
    char bytes[16384];
    struct pollfd ends[2] = {
        {.fd = client, .events = POLLIN},
        {.fd = venue,  .events = POLLIN},
    };
    while (poll(ends, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            if (ends[i].revents == 0)
                continue;
            ssize_t size = recv(ends[i].fd, bytes, sizeof(bytes), 0);
            if (size <= 0 || !raw_send(ends[1 - i].fd, bytes, (size_t)size))
                return;
        }
    }
}

static inline bool mortal_read_reply_head(int venue, char *reply, size_t capacity, size_t *size)
{
    *size = 0;
    while (*size < capacity - 1 && raw_read(venue, reply + *size, 1)) {
        reply[++*size] = '\0';
        if (*size >= 4 && strcmp(reply + *size - 4, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

/* Sends the reply on, as much of it as the death allows. False: dead. */
static inline bool mortal_pass_reply(int client, int venue, enum death death)
{
    static const size_t inside_headers = 20;
    char head[4096];
    size_t head_size;
    if (!mortal_read_reply_head(venue, head, sizeof(head), &head_size))
        return false;
    const char *length = strcasestr(head, "\r\nContent-Length:");
    size_t left = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
    size_t allowed = death == DEATH_INSIDE_REPLY_BODY ? left / 2 : left;
    if (death == DEATH_BEFORE_REPLY ||
        !raw_send(client, head, death == DEATH_INSIDE_REPLY_HEADERS ? inside_headers : head_size) ||
        death == DEATH_INSIDE_REPLY_HEADERS)
        return false;
    while (left > 0) {
        char bytes[16384];
        size_t part = left < sizeof(bytes) ? left : sizeof(bytes);
        if (!raw_read(venue, bytes, part))
            return false;
        size_t sent = part < allowed ? part : allowed;
        if (!raw_send(client, bytes, sent))
            return false;
        left -= part;
        allowed -= sent;
    }
    return death != DEATH_INSIDE_REPLY_BODY;
}

static inline void mortal_read_some(int fd, size_t size)
{
    char bytes[64];
    (void)raw_read(fd, bytes, size);
}

/* Takes one request in. False: dead, or the client is gone. */
static inline bool mortal_read_request(struct raw_connection *connection, char *text, bool meant,
                                       enum death death)
{
    struct mortal_proxy *proxy = connection->server->user;
    if (death == DEATH_BEFORE_REQUEST)
        return false;
    if (death == DEATH_INSIDE_HEADERS) {
        mortal_read_some(connection->fd, 20);
        return false;
    }
    if (!raw_read_head(connection, text))
        return false;
    if (meant)
        atomic_fetch_add(&proxy->heads, 1);
    const char *length = strcasestr(text, "\r\nContent-Length:");
    size_t head_size = strlen(text);
    size_t body_size = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
    if (death == DEATH_AFTER_HEADERS)
        return false;
    if (death == DEATH_INSIDE_BODY) {
        mortal_read_some(connection->fd, body_size / 2 < 64 ? body_size / 2 : 64);
        return false;
    }
    if (head_size + body_size >= RAW_REQUEST_SIZE ||
        !raw_read(connection->fd, text + head_size, body_size))
        return false;
    text[head_size + body_size] = '\0';
    if (meant)
        atomic_fetch_add(&proxy->requests, 1);
    return death != DEATH_AFTER_REQUEST;
}

/* An answer of the proxy's own, to be read as if it were the venue's. -1: there is none. */
static inline int mortal_answer_here(struct mortal_proxy *proxy, const char *request)
{
    char body[1024];
    int ends[2];
    if (proxy->answer == NULL || !proxy->answer(proxy, request, body, sizeof(body)))
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    raw_reply(ends[0], "%s", body);
    close(ends[0]);
    return ends[1];
}

static inline bool mortal_pass_request(struct raw_connection *connection, int venue,
                                       const char *request, enum death death)
{
    int here = mortal_answer_here(connection->server->user, request);
    if (here < 0 && !raw_send_text(venue, request))
        return false;
    bool alive = mortal_pass_reply(connection->fd, here < 0 ? venue : here, death);
    if (here >= 0)
        close(here);
    return alive;
}

static inline void mortal_serve_at(struct raw_connection *connection, int venue)
{
    struct mortal_proxy *proxy = connection->server->user;
    atomic_int *step = &proxy->steps[connection->number];
    char line[256], text[RAW_REQUEST_SIZE];
    for (;;) {
        atomic_store(step, MORTAL_IDLE);
        if (!mortal_peek(connection->fd, line))
            return;
        atomic_store(step, MORTAL_BUSY);
        bool meant = mortal_is_meant(proxy, line);
        enum death death =
            meant && atomic_exchange(&proxy->armed, false) ? proxy->death : DEATH_NEVER;
        if (!mortal_read_request(connection, text, meant, death))
            return;
        if (strcasestr(text, "\r\nUpgrade:") != NULL) {
            atomic_store(step, MORTAL_STREAM);
            if (raw_send_text(venue, text))
                mortal_pass_stream(connection->fd, venue);
            return;
        }
        if (!mortal_pass_request(connection, venue, text, death))
            return;
    }
}

static inline void mortal_serve(struct raw_connection *connection)
{
    struct mortal_proxy *proxy = connection->server->user;
    char line[256];
    if (proxy->death == DEATH_AT_ACCEPT && atomic_load(&proxy->armed) &&
        mortal_peek(connection->fd, line) && mortal_is_meant(proxy, line) &&
        atomic_exchange(&proxy->armed, false))
        return;
    int venue = mortal_connect(proxy->venue_port);
    mortal_serve_at(connection, venue);
    close(venue);
    atomic_store(&proxy->steps[connection->number], MORTAL_GONE);
}

static inline void mortal_proxy_start(struct mortal_proxy *proxy, int venue_port, const char *line,
                                      mortal_answer answer)
{
    memset(proxy, 0, sizeof(*proxy));
    proxy->venue_port = venue_port;
    proxy->answer = answer;
    snprintf(proxy->line, sizeof(proxy->line), "%s", line);
    raw_server_start(&proxy->server, mortal_serve, proxy);
}

/* It dies in the next request that is meant. */
static inline void mortal_proxy_arm(struct mortal_proxy *proxy, enum death death)
{
    proxy->death = death;
    atomic_store(&proxy->heads, 0);
    atomic_store(&proxy->requests, 0);
    atomic_store(&proxy->armed, death != DEATH_NEVER);
}

/* Closes the connections that the client has kept: its next request makes a new one. */
static inline void mortal_proxy_drop_idle(struct mortal_proxy *proxy)
{
    for (int i = 0; i < proxy->server.connection_count; i++) {
        while (atomic_load(&proxy->steps[i + 1]) == MORTAL_BUSY)
            sched_yield();
        if (atomic_load(&proxy->steps[i + 1]) == MORTAL_IDLE)
            shutdown(proxy->server.connections[i].fd, SHUT_RDWR);
    }
}

/* Nobody listens any more. */
static inline void mortal_proxy_refuse(struct mortal_proxy *proxy)
{
    raw_server_stop_listening(&proxy->server);
    mortal_proxy_drop_idle(proxy);
}

static inline void mortal_proxy_stop(struct mortal_proxy *proxy)
{
    raw_server_stop(&proxy->server);
}

#endif
