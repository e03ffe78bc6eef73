#include "paper/server_state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { LINGER_MS = 1000 };

static bool make_room(struct paper_connection *connection, size_t size)
{
    if (connection->out_sent > 0 && connection->out_sent == connection->out_size)
        connection->out_sent = connection->out_size = 0;
    size_t needed = connection->out_size + size;
    if (needed <= connection->out_capacity)
        return true;
    if (needed - connection->out_sent > PAPER_UNSENT_MAX)
        return false;
    size_t capacity = connection->out_capacity > 0 ? connection->out_capacity : 4096;
    while (capacity < needed)
        capacity *= 2;
    char *out = realloc(connection->out, capacity);
    if (!out)
        return false;
    connection->out = out;
    connection->out_capacity = capacity;
    return true;
}

void paper_connection_put(struct paper_connection *connection, keel_str text)
{
    if (connection->doomed || connection->cutting)
        return;
    if (!make_room(connection, text.size)) {
        connection->doomed = true;
        return;
    }
    if (text.size > 0)
        memcpy(connection->out + connection->out_size, text.data, text.size);
    connection->out_size += text.size;
}

void paper_connection_cut_after(struct paper_connection *connection, size_t unsent, size_t bytes)
{
    if (bytes == PAPER_UNCUT)
        return;
    if (connection->out_size - connection->out_sent > unsent + bytes)
        connection->out_size = connection->out_sent + unsent + bytes;
    connection->cutting = true;
}

size_t paper_connection_unsent(const struct paper_connection *connection)
{
    return connection->out_size - connection->out_sent;
}

/* Closing at once, with bytes of the client unread, would make the kernel throw our answer away. */
static void linger(struct paper_connection *connection, uv_os_fd_t fd)
{
    int64_t now_ms = paper_server_now_ms();
    if (connection->linger_until_ms == 0) {
        connection->linger_until_ms = now_ms + LINGER_MS;
        shutdown(fd, SHUT_WR);
    }
    connection->doomed = now_ms >= connection->linger_until_ms;
}

/* MSG_NOSIGNAL is why this does not go through libuv: its writes raise SIGPIPE in a process that we
 * do not own. */
void paper_connection_flush(struct paper_connection *connection)
{
    uv_os_fd_t fd;
    if (connection->doomed || uv_fileno((uv_handle_t *)&connection->tcp, &fd) != 0)
        return;
    if (connection->held_until_ms != 0 && paper_server_now_ms() < connection->held_until_ms)
        return;
    while (connection->out_sent < connection->out_size) {
        ssize_t sent = send(fd, connection->out + connection->out_sent,
                            connection->out_size - connection->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            connection->doomed = errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
        connection->out_sent += (size_t)sent;
    }
    connection->out_sent = connection->out_size = 0;
    if (connection->cutting)
        connection->doomed = true;
    else if (connection->ending)
        linger(connection, fd);
}
