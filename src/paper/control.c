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

/* The members that the calls with a body have; a member that is none of them is a mistake. */
struct wish {
    keel_str symbol, venue, asset, network, id, status;
    keel_decimal price, amount;
    int64_t ms, account;
    bool has_ms;
};

static bool read_word(struct keel_json *json, keel_str key, struct wish *wish)
{
    const struct {
        keel_str name;
        keel_str *value;
    } words[] = {
        {KEEL_STR("symbol"),  &wish->symbol },
        {KEEL_STR("venue"),   &wish->venue  },
        {KEEL_STR("asset"),   &wish->asset  },
        {KEEL_STR("network"), &wish->network},
        {KEEL_STR("id"),      &wish->id     },
        {KEEL_STR("status"),  &wish->status },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!keel_str_equals(key, words[i].name))
            continue;
        if (keel_json_peek(json) == KEEL_JSON_NUMBER)
            keel_json_raw(json, words[i].value);
        else
            keel_json_read_string(json, NULL, words[i].value);
        return true;
    }
    return false;
}

static bool read_wish(keel_str body, struct wish *wish, struct paper_response *response)
{
    struct keel_json json;
    struct keel_error error;
    keel_str key;

    *wish = (struct wish){.price = KEEL_DECIMAL_ABSENT, .amount = KEEL_DECIMAL_ABSENT};
    keel_json_init(&json, body);
    keel_json_enter_object(&json);
    while (keel_json_next_key(&json, &key)) {
        if (read_word(&json, key, wish))
            continue;
        if (keel_str_equals(key, KEEL_STR("price")))
            keel_json_read_decimal(&json, &wish->price);
        else if (keel_str_equals(key, KEEL_STR("amount")))
            keel_json_read_decimal(&json, &wish->amount);
        else if (keel_str_equals(key, KEEL_STR("account")))
            keel_json_read_int(&json, &wish->account);
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

/* Of each asset that moved at all. */
static void put_coins(struct keel_writer *json, const struct paper_spot_audit *audit)
{
    keel_json_open_object(json, "spot");
    keel_json_put_bool(json, "conserved", audit->conserved);
    keel_json_put_text(json, "broken", audit->broken);
    keel_json_put_int(json, "checks", audit->checks);
    keel_json_open_object(json, "assets");
    for (int id = 1; id <= audit->asset_count; id++) {
        const struct paper_spot_sums *sums = &audit->assets[id];
        if (keel_decimal_is_zero(sums->outside) && keel_decimal_is_zero(sums->background))
            continue;
        keel_json_open_object(json, paper_asset_get((paper_asset_id)id)->code);
        keel_json_put_decimal(json, "accounts", sums->accounts);
        keel_json_put_decimal(json, "fees", sums->fees);
        keel_json_put_decimal(json, "background", sums->background);
        keel_json_put_decimal(json, "futures", sums->futures);
        keel_json_put_decimal(json, "outside", sums->outside);
        keel_json_put_decimal(json, "difference", sums->difference);
        keel_json_close_object(json);
    }
    keel_json_close_object(json);
    keel_json_close_object(json);
}

static void put_books(struct keel_writer *json, const char *name, const struct paper_audit *audit,
                      const struct paper_spot_audit *coins)
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
    put_coins(json, coins);
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
        struct paper_spot_audit coins;
        paper_engine_audit(paper_venue_engine_at(venue, i), &audit);
        paper_spot_audit(paper_venue_spot_at(venue, i), &coins);
        put_books(json, paper_venue_name_at(venue, i), &audit, &coins);
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

/* --- Wallets -----------------------------------------------------------------------------------
 */

/* The spot side of the venue that is named, or of the first. */
static struct paper_spot *find_spot(struct paper_venue *venue, const struct wish *wish,
                                    struct paper_response *response)
{
    char name[32];
    if (wish->venue.size == 0)
        return paper_venue_spot_at(venue, 0);
    struct paper_spot *spot =
        keel_str_copy(wish->venue, name, sizeof(name)) ? paper_venue_spot_of(venue, name) : NULL;
    if (!spot)
        refuse(response, 400, "venue: '%.*s' is not served", KEEL_STR_ARGS(wish->venue));
    return spot;
}

static void deposit(struct paper_venue *venue, const struct paper_http_request *request,
                    int64_t now_ms, struct paper_response *response)
{
    struct wish wish;
    const struct paper_deposit *row = NULL;
    struct paper_spot *spot =
        read_wish(request->body, &wish, response) ? find_spot(venue, &wish, response) : NULL;
    if (!spot)
        return;
    paper_asset_id asset = paper_asset_find(wish.asset);
    if (wish.account < 1 || wish.account > paper_venue_keys(venue)->count)
        refuse(response, 400, "account: a number from 1 to %d is needed",
               paper_venue_keys(venue)->count);
    else if (asset == PAPER_NO_ASSET)
        refuse(response, 400, "asset: there is no '%.*s'", KEEL_STR_ARGS(wish.asset));
    else if (paper_asset_find_network(paper_asset_get(asset), wish.network) < 0)
        refuse(response, 400, "network: %.*s does not come by '%.*s'", KEEL_STR_ARGS(wish.asset),
               KEEL_STR_ARGS(wish.network));
    else if (paper_spot_deposit(spot, paper_venue_clock_ms(venue, now_ms), (int)wish.account, asset,
                                wish.network, wish.amount, &row) != PAPER_SPOT_OK)
        refuse(response, 400, "amount: a positive number of at most 8 decimals is needed");
    if (response->status != 200 || !row)
        return;
    paper_venue_drain(venue, now_ms);
    keel_json_open_object(&response->body, NULL);
    keel_json_put_int(&response->body, "id", row->id);
    keel_json_put_text(&response->body, "status", "pending");
    keel_json_put_text(&response->body, "address", row->address);
    keel_json_put_text(&response->body, "transaction", row->transaction);
    keel_json_close_object(&response->body);
}

static const char *const withdrawal_words[] = {
    [PAPER_WITHDRAWAL_REQUESTED] = "requested",   [PAPER_WITHDRAWAL_REVIEWING] = "reviewing",
    [PAPER_WITHDRAWAL_PROCESSING] = "processing", [PAPER_WITHDRAWAL_DONE] = "done",
    [PAPER_WITHDRAWAL_FAILED] = "failed",         [PAPER_WITHDRAWAL_REJECTED] = "rejected",
    [PAPER_WITHDRAWAL_CANCELED] = "canceled",
};

static enum paper_withdrawal_status read_status(keel_str word)
{
    for (int i = PAPER_WITHDRAWAL_REQUESTED; i <= PAPER_WITHDRAWAL_CANCELED; i++)
        if (keel_str_equals(word, keel_str_from(withdrawal_words[i])))
            return (enum paper_withdrawal_status)i;
    return PAPER_WITHDRAWAL_NONE;
}

/* As the venue tells it, with its letter before the number, or without. */
static int64_t read_id(keel_str text)
{
    int64_t id = 0;
    for (size_t i = 0; i < text.size && i < 19; i++)
        if (text.data[i] >= '0' && text.data[i] <= '9')
            id = id * 10 + (text.data[i] - '0');
    return id;
}

static void force_withdrawal(struct paper_venue *venue, const struct paper_http_request *request,
                             int64_t now_ms, struct paper_response *response)
{
    struct wish wish;
    struct paper_spot *spot =
        read_wish(request->body, &wish, response) ? find_spot(venue, &wish, response) : NULL;
    if (!spot)
        return;
    int64_t id = read_id(wish.id);
    enum paper_withdrawal_status status = read_status(wish.status);
    if (status == PAPER_WITHDRAWAL_NONE)
        refuse(response, 400,
               "status: requested, reviewing, processing, done, failed, rejected or canceled is "
               "needed");
    else if (!paper_spot_find_withdrawal(spot, 0, id, KEEL_STR("")) || id == 0)
        refuse(response, 400, "id: there is no withdrawal '%.*s'", KEEL_STR_ARGS(wish.id));
    else if (paper_spot_force_withdrawal(spot, paper_venue_clock_ms(venue, now_ms), id, status) !=
             PAPER_SPOT_OK)
        refuse(response, 400, "status: the withdrawal is over");
    if (response->status != 200)
        return;
    paper_venue_drain(venue, now_ms);
    keel_json_open_object(&response->body, NULL);
    keel_json_put_int(&response->body, "id", id);
    keel_json_put_string(&response->body, "status", wish.status);
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
    {"price",      "POST",   set_price       },
    {"advance",    "POST",   advance         },
    {"reset",      "POST",   reset           },
    {"audit",      "GET",    put_audit       },
    {"deposit",    "POST",   deposit         },
    {"withdrawal", "POST",   force_withdrawal},
    {"fault",      "GET",    list_faults     },
    {"fault",      "POST",   add_fault       },
    {"fault",      "DELETE", clear_faults    },
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
        refuse(
            response, 404,
            "there is no %.*s; there are POST price, advance, reset, deposit, withdrawal, fault, "
            "GET audit, fault and DELETE fault",
            KEEL_STR_ARGS(request->path));
    else if (keel_str_equals(name, KEEL_STR("fault")))
        refuse(response, 405, "/paper/fault is called by GET, POST or DELETE");
    else
        refuse(response, 405, "%.*s is called by %s", KEEL_STR_ARGS(request->path), method);
}
