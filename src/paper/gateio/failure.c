#include "paper/gateio/gateio_internal.h"

static void answer(struct paper_response *response, int status, const char *label,
                   const char *message)
{
    response->status = status;
    gateio_put_refusal(&response->body, NULL, label, message, false);
}

/* What stands before the venue answers when the venue does not: no JSON, and no word of what became
 * of the call. */
static void answer_from_edge(struct paper_response *response, int status, const char *title)
{
    response->status = status;
    response->content_type = "text/html";
    keel_write_format(&response->body,
                      "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d "
                      "%s</h1></center>\r\n</body>\r\n</html>\r\n",
                      status, title, status, title);
}

static void answer_limited(struct paper_response *response, int64_t retry_after_s, int64_t now_ms)
{
    keel_write_format(&response->headers,
                      "X-Gate-RateLimit-Requests-Remain: 0\r\nX-Gate-RateLimit-Limit: %d\r\n"
                      "X-Gate-RateLimit-Reset-Timestamp: %lld\r\n",
                      GATEIO_CALLS_PER_10_S, (long long)now_ms / 1000 + (long long)retry_after_s);
    answer(response, 429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (311)");
}

void gateio_fail(struct paper_dialect *dialect, const struct paper_fault_rule *rule, int64_t now_ms,
                 struct paper_response *response)
{
    (void)dialect;
    switch (rule->action) {
    case PAPER_FAULT_UNKNOWN: answer_from_edge(response, 502, "Bad Gateway"); return;
    case PAPER_FAULT_TIMEOUT: answer(response, 504, "SERVER_TIMEOUT", "server timeout"); return;
    case PAPER_FAULT_UNAVAILABLE:
        answer_from_edge(response, 503, "Service Temporarily Unavailable");
        return;
    case PAPER_FAULT_INTERNAL: answer(response, 500, "INTERNAL", "Internal server error"); return;
    case PAPER_FAULT_THROTTLED: answer(response, 503, "TOO_BUSY", "server is too busy"); return;
    case PAPER_FAULT_LIMITED: answer_limited(response, rule->retry_after_s, now_ms); return;
    case PAPER_FAULT_BANNED: answer(response, 403, "IP_FORBIDDEN", "IP is forbidden"); return;
    case PAPER_FAULT_NONE:
    case PAPER_FAULT_DELAY:
    case PAPER_FAULT_DROP:
    case PAPER_FAULT_DUPLICATE:
    case PAPER_FAULT_REORDER:
    case PAPER_FAULT_SILENCE:
    case PAPER_FAULT_CUT:
    case PAPER_FAULT_REFUSE:
    case PAPER_FAULT_EXPIRE_KEY:
    case PAPER_FAULT_CLOCK: return;
    }
}
