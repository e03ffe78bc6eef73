#include "net/multi.h"

#include <stdlib.h>

enum {
    KEEL_IDLE_CONNECTIONS_MAX = 32, /* more are closed, the oldest first */
};

struct keel_multi {
    CURLM *curl;
    uv_loop_t *loop;
    uv_timer_t timer;
};

/* A socket that libcurl wants to be told of. */
struct watch {
    uv_poll_t poll;
    struct keel_multi *multi;
    curl_socket_t fd;
};

/* Copied out first: removing a handle frees its message. */
static void report_done(struct keel_multi *multi)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi->curl, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        struct keel_transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        transfer->on_done(transfer, code);
    }
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct keel_multi *multi = watch->multi;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;

    int running;
    curl_multi_socket_action(multi->curl, watch->fd, flags, &running); /* may end the watch */
    report_done(multi);
}

static void on_timeout(uv_timer_t *timer)
{
    struct keel_multi *multi = timer->data;
    int running;
    curl_multi_socket_action(multi->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    report_done(multi);
}

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_watch(struct watch *watch)
{
    uv_poll_stop(&watch->poll); /* now, not when the close is done: the descriptor may be reused */
    uv_close((uv_handle_t *)&watch->poll, free_watch);
}

static struct watch *begin_watch(struct keel_multi *multi, curl_socket_t fd)
{
    struct watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;

    *watch = (struct watch){.multi = multi, .fd = fd};
    if (uv_poll_init_socket(multi->loop, &watch->poll, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    curl_multi_assign(multi->curl, fd, watch);
    return watch;
}

/* Never answers -1: libcurl would give up every transfer for good. One whose socket cannot be
 * watched ends by its own timeout. */
static int set_watch(CURL *easy, curl_socket_t fd, int what, void *user, void *socket)
{
    (void)easy;
    struct watch *watch = socket;
    if (what == CURL_POLL_REMOVE) {
        if (watch)
            end_watch(watch);
        return 0;
    }
    if (!watch)
        watch = begin_watch(user, fd);
    if (!watch)
        return 0;

    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&watch->poll, events, on_socket);
    return 0;
}

static int set_timer(CURLM *curl, long timeout_ms, void *user)
{
    (void)curl;
    struct keel_multi *multi = user;
    if (timeout_ms < 0) {
        uv_timer_stop(&multi->timer);
        return 0;
    }
    uv_update_time(multi->loop); /* the loop may have slept in a call of its owner */
    uv_timer_start(&multi->timer, on_timeout, (uint64_t)timeout_ms, 0);
    return 0;
}

static void free_multi(uv_handle_t *handle)
{
    free(handle->data);
}

struct keel_multi *keel_multi_new(uv_loop_t *loop)
{
    struct keel_multi *multi = calloc(1, sizeof(*multi));
    if (!multi)
        return NULL;
    multi->curl = curl_multi_init();
    if (!multi->curl) {
        free(multi);
        return NULL;
    }

    multi->loop = loop;
    uv_timer_init(loop, &multi->timer);
    multi->timer.data = multi;
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, set_watch);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)KEEL_IDLE_CONNECTIONS_MAX);
    curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return multi;
}

void keel_multi_free(struct keel_multi *multi)
{
    if (!multi)
        return;
    curl_multi_cleanup(multi->curl);
    uv_timer_stop(&multi->timer);
    uv_close((uv_handle_t *)&multi->timer, free_multi);
}

enum keel_status keel_multi_add(struct keel_multi *multi, struct keel_transfer *transfer)
{
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    return curl_multi_add_handle(multi->curl, transfer->easy) == CURLM_OK ? KEEL_OK : KEEL_IO;
}

void keel_multi_remove(struct keel_multi *multi, struct keel_transfer *transfer)
{
    curl_multi_remove_handle(multi->curl, transfer->easy);
}
