#include "paper/control.h"

#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>

static const long long day_ms = 24LL * 60 * 60 * 1000;

bool paper_control_owns_path(keel_str path)
{
    return keel_str_starts_with(path, KEEL_STR("/paper/"));
}

KEEL_PRINTF(3, 4)
static void refuse(struct paper_response *response, int status, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);

    response->status = status;
    keel_json_open_object(&response->body, NULL);
    keel_json_put_text(&response->body, "error", message);
    keel_json_close_object(&response->body);
}

/* The members that the two calls with a body have; a member that is neither is a mistake. */
struct wish {
    keel_str symbol;
    keel_decimal price;
    int64_t ms;
    bool has_ms;
};

static bool read_wish(keel_str body, struct wish *wish, struct paper_response *response)
{
    struct keel_json json;
    struct keel_error error;
    keel_str key;

    *wish = (struct wish){.price = KEEL_DECIMAL_ABSENT};
    keel_json_init(&json, body);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (keel_str_equals(key, KEEL_STR("symbol")))
            keel_json_read_string(&json, NULL, &wish->symbol);
        else if (keel_str_equals(key, KEEL_STR("price")))
            keel_json_read_decimal(&json, &wish->price);
        else if (keel_str_equals(key, KEEL_STR("ms")))
            wish->has_ms = keel_json_read_int(&json, &wish->ms);
        else
            keel_json_fail(&json, "a member that is not known");
    }
    if (keel_json_finish(&json, &error) == KEEL_OK)
        return true;
    refuse(response, 400, "the body is not the JSON that is wanted: %s", error.message);
    return false;
}

static void set_price(struct paper_venue *venue, const struct paper_http_request *request,
                      int64_t now_ms, struct paper_response *response)
{
    struct wish wish;
    if (!read_wish(request->body, &wish, response))
        return;
    if (!paper_venue_trades(venue, wish.symbol)) {
        refuse(response, 400, "symbol: there is no '%.*s'", KEEL_STR_ARGS(wish.symbol));
        return;
    }
    if (!keel_decimal_is_positive(wish.price)) {
        refuse(response, 400, "price: a positive number is needed");
        return;
    }
    if (paper_venue_set_price(venue, now_ms, wish.symbol, wish.price) != PAPER_OK) {
        refuse(response, 400, "price: outside the limits of %.*s", KEEL_STR_ARGS(wish.symbol));
        return;
    }
    keel_json_open_object(&response->body, NULL);
    keel_json_put_string(&response->body, "symbol", wish.symbol);
    keel_json_put_decimal(&response->body, "price", wish.price);
    keel_json_close_object(&response->body);
}

static void advance(struct paper_venue *venue, const struct paper_http_request *request,
                    int64_t now_ms, struct paper_response *response)
{
    struct wish wish;
    if (!read_wish(request->body, &wish, response))
        return;
    if (!wish.has_ms || wish.ms < 0 || wish.ms > PAPER_ADVANCE_MAX_DAYS * day_ms) {
        refuse(response, 400, "ms: a whole number from 0 to %lld is needed",
               PAPER_ADVANCE_MAX_DAYS * day_ms);
        return;
    }
    paper_venue_advance(venue, now_ms, wish.ms);
    keel_json_open_object(&response->body, NULL);
    keel_json_put_int(&response->body, "market_time_ms", paper_venue_market_time_ms(venue));
    keel_json_close_object(&response->body);
}

static void put_books(struct keel_writer *json, const char *name, const struct paper_audit *audit)
{
    keel_json_open_object(json, name);
    keel_json_put_bool(json, "conserved", audit->conserved);
    keel_json_put_text(json, "broken", audit->broken);
    keel_json_put_decimal(json, "deposits", audit->deposits);
    keel_json_put_decimal(json, "wallets", audit->wallets);
    keel_json_put_decimal(json, "unrealized_pnl", audit->unrealized);
    keel_json_put_decimal(json, "background", audit->background);
    keel_json_put_decimal(json, "insurance_fund", audit->insurance);
    keel_json_put_decimal(json, "fees", audit->fees);
    keel_json_put_decimal(json, "funding", audit->funding);
    keel_json_put_decimal(json, "rounding", audit->rounding);
    keel_json_put_decimal(json, "difference", audit->difference);
    keel_json_put_int(json, "checks", audit->checks);
    keel_json_close_object(json);
}

static void put_audit(struct paper_venue *venue, const struct paper_http_request *request,
                      int64_t now_ms, struct paper_response *response)
{
    (void)request, (void)now_ms;
    struct keel_writer *json = &response->body;

    keel_json_open_object(json, NULL);
    keel_json_put_bool(json, "conserved", paper_venue_is_conserved(venue));
    keel_json_put_int(json, "market_time_ms", paper_venue_market_time_ms(venue));
    keel_json_open_object(json, "venues");
    for (int i = 0; i < paper_venue_count(venue); i++) {
        struct paper_audit audit;
        paper_engine_audit(paper_venue_engine_at(venue, i), &audit);
        put_books(json, paper_venue_name_at(venue, i), &audit);
    }
    keel_json_close_object(json);
    keel_json_close_object(json);
}

static void reset(struct paper_venue *venue, const struct paper_http_request *request,
                  int64_t now_ms, struct paper_response *response)
{
    (void)request;
    if (!paper_venue_reset(venue, now_ms)) {
        refuse(response, 500, "out of memory: not every venue was reset");
        return;
    }
    keel_json_open_object(&response->body, NULL);
    keel_json_put_bool(&response->body, "reset", true);
    keel_json_close_object(&response->body);
}

static void list_faults(struct paper_venue *venue, const struct paper_http_request *request,
                        int64_t now_ms, struct paper_response *response)
{
    (void)request, (void)now_ms;
    paper_faults_write(paper_venue_faults(venue), &response->body);
}

static void add_fault(struct paper_venue *venue, const struct paper_http_request *request,
                      int64_t now_ms, struct paper_response *response)
{
    struct keel_error error;
    if (paper_faults_add(paper_venue_faults(venue), request->body, now_ms, &error) != KEEL_OK) {
        refuse(response, 400, "%s", error.message);
        return;
    }
    list_faults(venue, request, now_ms, response);
}

static void clear_faults(struct paper_venue *venue, const struct paper_http_request *request,
                         int64_t now_ms, struct paper_response *response)
{
    paper_faults_clear(paper_venue_faults(venue));
    list_faults(venue, request, now_ms, response);
}

static const struct {
    const char *name, *method;
    void (*run)(struct paper_venue *venue, const struct paper_http_request *request, int64_t now_ms,
                struct paper_response *response);
} calls[] = {
    {"price",   "POST",   set_price   },
    {"advance", "POST",   advance     },
    {"reset",   "POST",   reset       },
    {"audit",   "GET",    put_audit   },
    {"fault",   "GET",    list_faults },
    {"fault",   "POST",   add_fault   },
    {"fault",   "DELETE", clear_faults},
};

void paper_control_handle(struct paper_venue *venue, const struct paper_http_request *request,
                          int64_t now_ms, struct paper_response *response)
{
    keel_str name = {request->path.data + 7, request->path.size - 7}; /* after "/paper/" */
    const char *method = NULL;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (!keel_str_equals(name, keel_str_from(calls[i].name)))
            continue;
        method = calls[i].method;
        if (keel_str_equals(request->method, keel_str_from(method))) {
            calls[i].run(venue, request, now_ms, response);
            return;
        }
    }
    if (!method)
        refuse(response, 404,
               "there is no %.*s; there are POST price, advance, reset, fault, GET audit, fault "
               "and DELETE fault",
               KEEL_STR_ARGS(request->path));
    else if (keel_str_equals(name, KEEL_STR("fault")))
        refuse(response, 405, "/paper/fault is called by GET, POST or DELETE");
    else
        refuse(response, 405, "%.*s is called by %s", KEEL_STR_ARGS(request->path), method);
}
