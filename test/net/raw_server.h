/* raw_server.h - a TCP server of a test: bytes in, bytes out, and a mind to misbehave.
 *
 * A thread accepts; each connection has a thread of its own, which runs the test's function and
 * then closes. Counts what came whole. */
#ifndef KEEL_TEST_RAW_SERVER_H
#define KEEL_TEST_RAW_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RAW_CONNECTIONS_MAX = 512, RAW_REQUEST_SIZE = 16384 };

struct raw_server;

struct raw_connection {
    struct raw_server *server;
    int fd;
    int number; /* from 1 */
    pthread_t thread;
};

typedef void (*raw_serve)(struct raw_connection *connection);

struct raw_server {
    int listener;
    int port;
    raw_serve serve;
    void *user;
    pthread_t thread;
    struct raw_connection connections[RAW_CONNECTIONS_MAX];
    int connection_count;
    atomic_int heads;    /* requests whose headers came whole */
    atomic_int requests; /* requests that came whole */
};

static inline bool raw_send(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static inline bool raw_send_text(int fd, const char *text)
{
    return raw_send(fd, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static inline bool raw_reply(int fd, const char *format, ...)
{
    char body[4096], reply[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(body, sizeof(body), format, arguments);
    va_end(arguments);
    snprintf(reply, sizeof(reply),
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
             strlen(body), body);
    return raw_send_text(fd, reply);
}

static inline bool raw_read(int fd, char *buffer, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(fd, buffer, size, 0);
        if (got <= 0)
            return false;
        buffer += got;
        size -= (size_t)got;
    }
    return true;
}

/* The headers of one request, byte by byte so that nothing of the next one is taken. */
static inline bool raw_read_head(struct raw_connection *connection, char head[RAW_REQUEST_SIZE])
{
    size_t size = 0;
    while (size < RAW_REQUEST_SIZE - 1 && raw_read(connection->fd, head + size, 1)) {
        head[++size] = '\0';
        if (size < 4 || strcmp(head + size - 4, "\r\n\r\n") != 0)
            continue;
        atomic_fetch_add(&connection->server->heads, 1);
        return true;
    }
    return false;
}

/* One whole request, as text: its headers and its body. */
static inline bool raw_read_request(struct raw_connection *connection, char text[RAW_REQUEST_SIZE])
{
    if (!raw_read_head(connection, text))
        return false;
    const char *length = strcasestr(text, "\r\nContent-Length:");
    size_t head_size = strlen(text);
    size_t body_size = length ? strtoul(length + 17, NULL, 10) : 0;
    if (head_size + body_size >= RAW_REQUEST_SIZE)
        return false;
    if (!raw_read(connection->fd, text + head_size, body_size))
        return false;
    text[head_size + body_size] = '\0';
    atomic_fetch_add(&connection->server->requests, 1);
    return true;
}

static inline void *raw_connection_main(void *argument)
{
    struct raw_connection *connection = argument;
    connection->server->serve(connection);
    shutdown(connection->fd, SHUT_RDWR); /* closed when the server stops: no number comes twice */
    return NULL;
}

static inline void *raw_accept_main(void *argument)
{
    struct raw_server *server = argument;
    while (server->connection_count < RAW_CONNECTIONS_MAX) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        struct raw_connection *connection = &server->connections[server->connection_count++];
        *connection =
            (struct raw_connection){.server = server, .fd = fd, .number = server->connection_count};
        pthread_create(&connection->thread, NULL, raw_connection_main, connection);
    }
    return NULL;
}

static inline int raw_listen(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 16) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    *port = ntohs(address.sin_port);
    return fd;
}

static inline void raw_server_start(struct raw_server *server, raw_serve serve, void *user)
{
    memset(server, 0, sizeof(*server));
    server->serve = serve;
    server->user = user;
    server->listener = raw_listen(&server->port);
    pthread_create(&server->thread, NULL, raw_accept_main, server);
}

/* From now on connections are refused; those that are there stay. */
static inline void raw_server_stop_listening(struct raw_server *server)
{
    if (server->listener < 0)
        return;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    server->listener = -1;
}

static inline void raw_server_stop(struct raw_server *server)
{
    raw_server_stop_listening(server);
    for (int i = 0; i < server->connection_count; i++) {
        shutdown(server->connections[i].fd, SHUT_RDWR);
        pthread_join(server->connections[i].thread, NULL);
        close(server->connections[i].fd);
    }
}

/* A port on which nobody listens. */
static inline int raw_dead_port(void)
{
    int port;
    close(raw_listen(&port));
    return port;
}

#endif
