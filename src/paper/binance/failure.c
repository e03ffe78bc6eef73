#include "paper/binance/failure.h"

#include "paper/binance/streams.h"

int binance_account_of(const struct paper_dialect *dialect,
                       const struct paper_http_request *request)
{
    const struct paper_binance *binance = (const struct paper_binance *)dialect;
    const struct paper_key *key =
        paper_keys_find(binance->keys, paper_request_header(request, "x-mbx-apikey"));
    return key ? key->account : 0;
}

/* The first "e" of a payload names it; the dialect writes its frames without white space. */
static keel_str event_of(keel_str payload)
{
    static const char mark[] = "\"e\":\"";
    const size_t mark_size = sizeof(mark) - 1;
    const char *at = memmem(payload.data, payload.size, mark, mark_size);
    if (!at)
        return (keel_str){0};
    at += mark_size;
    const char *end = memchr(at, '"', (size_t)(payload.data + payload.size - at));
    return (keel_str){at, end ? (size_t)(end - at) : 0};
}

/* A connection with a listen key among its subscriptions is a user's. */
void binance_describe_frame(const struct paper_stream *base, keel_str payload,
                            struct paper_fault_subject *subject)
{
    const struct binance_stream *stream = (const struct binance_stream *)base;
    *subject = (struct paper_fault_subject){.stream = PAPER_STREAM_MARKET};
    if (payload.size > 0)
        subject->event = event_of(payload);
    for (int i = 0; i < stream->base.subscription_count && subject->account == 0; i++)
        subject->account = stream->base.subscriptions[i].account;
    if (subject->account != 0 || stream->entry == BINANCE_ENTRY_PRIVATE)
        subject->stream = PAPER_STREAM_USER;
    if (stream->entry == BINANCE_ENTRY_API)
        subject->stream = PAPER_STREAM_API;
}

static void answer(struct paper_response *response, int status, int code, const char *text)
{
    response->status = status;
    binance_put_error(&response->body, NULL, code, text);
}

static void answer_in_words(struct paper_response *response, const char *text)
{
    response->status = 503;
    response->content_type = "text/plain;charset=UTF-8";
    keel_write(&response->body, keel_str_from(text));
}

static void answer_limited(struct paper_response *response, int status, int64_t retry_after_s,
                           const char *text)
{
    keel_write_format(&response->headers, "Retry-After: %lld\r\n", (long long)retry_after_s);
    answer(response, status, -1003, text);
}

static void answer_banned(struct paper_response *response, int64_t retry_after_s, int64_t now_ms)
{
    char text[BINANCE_MESSAGE_SIZE];
    struct keel_writer writer;
    long long until_ms = now_ms + retry_after_s * 1000;
    keel_writer_init(&writer, text, sizeof(text));
    keel_write_format(&writer,
                      "Way too many requests; IP banned until %lld. Please use the websocket for "
                      "live updates to avoid bans.",
                      until_ms);
    answer_limited(response, 418, retry_after_s, text);
}

void binance_fail(struct paper_dialect *dialect, const struct paper_fault_rule *rule,
                  int64_t now_ms, struct paper_response *response)
{
    (void)dialect;
    switch (rule->action) {
    case PAPER_FAULT_UNKNOWN:
        answer_in_words(response, "Unknown error, please check your request or try again later.");
        return;
    case PAPER_FAULT_UNAVAILABLE: answer_in_words(response, "Service Unavailable."); return;
    case PAPER_FAULT_INTERNAL:
        answer(response, 503, -1001,
               "Internal error; unable to process your request. Please try again.");
        return;
    case PAPER_FAULT_THROTTLED:
        answer(response, 503, -1008,
               "Request throttled by system-level protection. Reduce-only/close-position orders "
               "are exempt. Please try again.");
        return;
    case PAPER_FAULT_TIMEOUT:
        answer(response, 408, -1007,
               "Timeout waiting for response from backend server. Send status unknown; execution "
               "status unknown.");
        return;
    case PAPER_FAULT_LIMITED:
        answer_limited(response, 429, rule->retry_after_s,
                       "Too many requests. Please use the websocket for live updates to avoid "
                       "polling the API.");
        return;
    case PAPER_FAULT_BANNED: answer_banned(response, rule->retry_after_s, now_ms); return;
    case PAPER_FAULT_NONE:
    case PAPER_FAULT_DELAY:
    case PAPER_FAULT_DROP:
    case PAPER_FAULT_DUPLICATE:
    case PAPER_FAULT_REORDER:
    case PAPER_FAULT_SILENCE:
    case PAPER_FAULT_CUT:
    case PAPER_FAULT_REFUSE:
    case PAPER_FAULT_EXPIRE_KEY:
    case PAPER_FAULT_CLOCK: return; /* not answers */
    }
}

void binance_expire_key(struct paper_dialect *dialect, int account, int notices, int64_t now_ms)
{
    struct paper_binance *binance = (struct paper_binance *)dialect;
    for (int i = 1; i <= binance->keys->count; i++) {
        if (account == 0 || account == i)
            binance_lose_listen_key(binance, i, notices, now_ms);
    }
}
