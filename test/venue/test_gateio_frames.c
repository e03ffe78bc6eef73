/* Other clients' frames (fixture/gateio/frames.json) beside keel's own, of futures and of spot:
 * each signature is the one that keel makes of the same bytes, and each frame is compared with
 * keel's for the same wish, or named with the reason why keel makes it in another way. */
#include "gateio_fixtures.h"
#include "lines.h"
#include "venue/gateio/sign.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const int64_t now_ms = 1700000000000;

static struct {
    struct keel_markets *contracts, *pairs;
    struct keel_keys keys;
    struct keel_stream_request stream;
    struct keel_frame frame;
    struct keel_error error;
} fixture;

/* clang-format off */

/* Orders of futures, in keel's words. */
static const struct {
    const char *name; /* of the case */
    const char *command;
} calls[] = {
    {"ccxt ws request: createOrderWs limit",
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.0003','price':'58000','client_order_id':'t-1'}"},
    {"ccxt ws request: createOrderWs market",
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'market','quantity':'0.0003','client_order_id':'t-95626b50b459bfa2'}"},
    {"ccxt ws request: createOrderWs post only",
     "{'command':'place_order','symbol':'BTC_USDT','side':'sell','type':'limit','quantity':'0.0003','price':'58000','time_in_force':'gtx','client_order_id':'t-291d6aaf34c48d65'}"},
    {"documentation: futures.order_place",
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.001','price':'31503.28','time_in_force':'gtc','client_order_id':'t-my-custom-id'}"},
    {"ccxt ws request: editOrderWs",
     "{'command':'amend_order','symbol':'BTC_USDT','order_id':'12345','side':'buy','quantity':'0.0004','price':'57000'}"},
    {"ccxt ws request: editOrderWs sell",
     "{'command':'amend_order','symbol':'BTC_USDT','order_id':'12345','side':'sell','quantity':'0.0004','price':'57000'}"},
    {"gateio-api ws request: futures.order_place",
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.001','price':'50000','client_order_id':'t-my-custom-id'}"},
    {"ccxt ws request: cancelOrderWs",
     "{'command':'cancel_order','symbol':'BTC_USDT','order_id':'12345'}"},
    {"gateio-api ws request: futures.order_cancel",
     "{'command':'cancel_order','symbol':'BTC_USDT','order_id':'74046514'}"},
};

/* Frames that open one of keel's streams. Where others follow one market keel follows all of the
 * account's: then its own payload stands here. */
static const struct {
    const char *name;
    const struct keel_venue *venue;
    enum keel_stream_kind kind;
    const char *payload;
} openings[] = {
    {"documentation: futures.login", &keel_venue_gateio, KEEL_STREAM_ORDERS, NULL},
    {"ccxt ws request: watchOrders all swap", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"ccxt ws request: watchOrders swap", &keel_venue_gateio, KEEL_STREAM_USER, "[\"20011\",\"!all\"]"},
    {"ccxt ws request: watchMyTrades swap", &keel_venue_gateio, KEEL_STREAM_USER, "[\"20011\",\"!all\"]"},
    {"ccxt ws request: watchMyLiquidations", &keel_venue_gateio, KEEL_STREAM_USER, "[\"20011\",\"!all\"]"},
    {"ccxt ws request: watchPositions", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"ccxt ws request: watchBalance swap", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.orders", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.autoorders", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"documentation: subscribe futures.orders", &keel_venue_gateio, KEEL_STREAM_USER, "[\"20011\",\"!all\"]"},
    {"gateio-api ws request: subscribe futures.tickers", &keel_venue_gateio, KEEL_STREAM_MARKET, NULL},
    {"ccxt ws request: watchBidsAsks swap", &keel_venue_gateio, KEEL_STREAM_BOOK, NULL},
    {"gateio-api ws request: subscribe futures.balances", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.usertrades", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.positions", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.position_closes", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.liquidates", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.auto_deleverages", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.reduce_risk_limits", &keel_venue_gateio, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe futures.book_ticker", &keel_venue_gateio, KEEL_STREAM_BOOK, NULL},
    {"ccxt ws request: watchOrders all spot", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"ccxt ws request: watchOrders spot", &keel_venue_gateio_spot, KEEL_STREAM_USER, "[\"!all\"]"},
    {"ccxt ws request: watchMyTrades all spot", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"ccxt ws request: watchMyTrades spot", &keel_venue_gateio_spot, KEEL_STREAM_USER, "[\"!all\"]"},
    {"ccxt ws request: watchBalance spot", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe spot.orders", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe spot.usertrades", &keel_venue_gateio_spot, KEEL_STREAM_USER, "[\"!all\"]"},
    {"gateio-api ws request: subscribe spot.balances", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"gateio-api ws request: subscribe spot.priceorders", &keel_venue_gateio_spot, KEEL_STREAM_USER, NULL},
    {"ccxt ws request: watchTicker spot", &keel_venue_gateio_spot, KEEL_STREAM_MARKET, NULL},
    {"ccxt ws request: watchBidsAsks spot", &keel_venue_gateio_spot, KEEL_STREAM_BOOK, NULL},
};

static const struct {
    const char *name, *reason;
} other_ways[] = {
    {"ccxt ws request: authenticate futures", "keel's login has no req_param, another of the forms that the venue takes"},
    {"gateio-api ws request: futures.login", "the same"},
    {"ccxt ws request: authenticate spot", "keel enters spot orders by request"},
    {"ccxt ws request: createOrderWs spot", "the same"},
    {"ccxt ws request: createOrderWs spot market buy", "the same"},
    {"ccxt ws request: createOrderWs spot IOC", "the same"},
    {"ccxt ws request: editOrderWs spot", "the same"},
    {"ccxt ws request: cancelOrderWs spot", "the same"},
    {"ccxt ws request: cancelAllOrdersWs spot", "the same"},
    {"ccxt ws request: fetchOrderWs spot", "the same"},
    {"gateio-api ws request: spot.login", "the same"},
    {"gateio-api ws request: spot.order_place", "the same"},
    {"gateio-api ws request: spot.order_place of a list", "the same"},
    {"gateio-api ws request: spot.order_amend", "the same"},
    {"gateio-api ws request: spot.order_cancel", "the same"},
    {"gateio-api ws request: spot.order_cancel_ids", "the same"},
    {"gateio-api ws request: spot.order_cancel_cp", "the same"},
    {"gateio-api ws request: spot.order_status", "the same"},
    {"gateio-api ws request: spot.order_list", "the same"},
    {"gateio-api ws request: futures.order_amend", "an amendment of keel's says both price and quantity"},
    {"gateio-api ws request: futures.order_cancel_ids", "keel cancels one by one: each has a fate of its own"},
    {"gateio-api ws request: futures.order_batch_place", "keel places one by one, too"},
    {"ccxt ws request: createOrdersWs", "the same"},
    {"ccxt ws request: cancelAllOrdersWs", "by request"},
    {"gateio-api ws request: futures.order_cancel_cp", "the same"},
    {"ccxt ws request: fetchOrderWs", "reads go by request"},
    {"ccxt ws request: fetchClosedOrdersWs", "the same"},
    {"gateio-api ws request: futures.order_status", "the same"},
    {"gateio-api ws request: futures.order_list", "the same"},
    {"ccxt ws request: watchTrades swap", "keel reads nobody else's trades"},
    {"ccxt ws request: watchTrades spot", "the same"},
    {"gateio-api ws request: subscribe futures.trades", "the same"},
    {"ccxt ws request: watchOHLCV swap", "keel draws no candles"},
    {"ccxt ws request: watchOHLCV spot", "the same"},
    {"gateio-api ws request: subscribe futures.candlesticks", "the same"},
    {"ccxt ws request: watchOrderBook swap", "keel reads the best prices alone"},
    {"ccxt ws request: watchOrderBook spot", "the same"},
    {"gateio-api ws request: subscribe futures.order_book", "the same"},
    {"gateio-api ws request: subscribe futures.order_book_update", "the same"},
    {"gateio-api ws request: subscribe spot.order_book_update", "the same"},
};

/* What others send besides: ids, the signature where the login had it, and what the venue does not
 * read. */
static const char *const noise[] = {"id=", "payload.req_id=", "payload.timestamp=", "payload.api_key=",
                                    "payload.signature=", "payload.req_header.",
                                    "payload.req_param.settle=", "payload.req_param.currency_pair=",
                                    "payload.req_param.account=", "payload.req_param.textIsRequired="};
static const char *const noise_of_cancelling[] = {"payload.req_param.contract="};

/* What keel says besides: its id, its key at the login, what the venue takes for granted, when it is
 * too late. */
static const char *const besides[] = {"id=", "payload=[]", "payload.req_id=", "payload.req_param.tif=gtc",
                                      "payload.req_header.x-gate-exptime=", "payload.api_key=",
                                      "payload.signature="};
/* clang-format on */

struct recorded {
    keel_str name, path, frame;
};

/* What stands in a frame; what is not there is empty. */
struct parts {
    keel_str channel, event, time, api_key, signature, parameters;
};

/* --- Signatures --------------------------------------------------------------------------------
 */

static void read_members(struct keel_json *json, struct parts *parts)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        bool is_key =
            keel_str_equals(key, KEEL_STR("KEY")) || keel_str_equals(key, KEEL_STR("api_key"));
        bool is_signature =
            keel_str_equals(key, KEEL_STR("SIGN")) || keel_str_equals(key, KEEL_STR("signature"));
        if (is_key)
            keel_json_read_string(json, NULL, &parts->api_key);
        else if (is_signature)
            keel_json_read_string(json, NULL, &parts->signature);
        else if (keel_str_equals(key, KEEL_STR("channel")))
            keel_json_read_string(json, NULL, &parts->channel);
        else if (keel_str_equals(key, KEEL_STR("event")))
            keel_json_read_string(json, NULL, &parts->event);
        else if (keel_str_equals(key, KEEL_STR("req_param")))
            keel_json_raw(json, &parts->parameters);
        else if (keel_str_equals(key, KEEL_STR("time")))
            keel_json_raw(json, &parts->time);
        else if (keel_json_peek(json) == KEEL_JSON_OBJECT)
            read_members(json, parts);
        else
            keel_json_skip(json);
    }
}

static struct parts read_parts(keel_str frame)
{
    struct keel_json json;
    struct parts parts = {0};
    keel_json_init(&json, frame);
    read_members(&json, &parts);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    return parts;
}

/* Whether it was signed with our secret, and so could be checked. */
static bool check_signature(const struct recorded *recorded, const struct parts *parts)
{
    char signature[KEEL_GATEIO_SIGNATURE_SIZE + 1];
    struct keel_writer writer;
    if (!keel_str_equals(parts->api_key, KEEL_STR("key")))
        return false;
    assert_true(keel_str_equals(parts->time, KEEL_STR("1700000000")));
    keel_writer_init(&writer, signature, sizeof(signature));
    if (keel_str_equals(parts->event, KEEL_STR("api")))
        keel_gateio_sign_call(&fixture.keys, parts->channel, parts->parameters, now_ms / 1000,
                              &writer);
    else
        keel_gateio_sign_channel(&fixture.keys, parts->channel, parts->event, now_ms / 1000,
                                 &writer);
    if (!keel_str_equals(keel_writer_text(&writer), parts->signature))
        fail_msg("%.*s: keel signs %s", KEEL_STR_ARGS(recorded->name), signature);
    return true;
}

/* --- Comparing ---------------------------------------------------------------------------------
 */

/* `payload`: what keel says in the place of theirs; NULL: the same. */
static void check_theirs(const struct recorded *recorded, const char *theirs, const char *ours,
                         const char *payload, bool cancels)
{
    while (*theirs != '\0') {
        keel_str line = next_line(&theirs);
        if (has_line(ours, line) || begins_as_one_of(line, noise, COUNT(noise)) ||
            (payload && keel_str_starts_with(line, KEEL_STR("payload="))) ||
            (cancels && begins_as_one_of(line, noise_of_cancelling, COUNT(noise_of_cancelling))))
            continue;
        fail_msg("%.*s: keel does not say %.*s", KEEL_STR_ARGS(recorded->name),
                 KEEL_STR_ARGS(line));
    }
}

static void check_ours(const struct recorded *recorded, const char *ours, const char *theirs,
                       const char *payload)
{
    char own_payload[128];
    snprintf(own_payload, sizeof(own_payload), "payload=%s", payload ? payload : "");
    while (*ours != '\0') {
        keel_str line = next_line(&ours);
        if (has_line(theirs, line) || begins_as_one_of(line, besides, COUNT(besides)) ||
            (payload && keel_str_equals(line, keel_str_from(own_payload))))
            continue;
        fail_msg("%.*s: keel alone says %.*s", KEEL_STR_ARGS(recorded->name), KEEL_STR_ARGS(line));
    }
}

static void compare(const struct recorded *recorded, keel_str own, const char *payload,
                    bool cancels)
{
    char theirs[LINES_SIZE], ours[LINES_SIZE];
    write_json_lines(recorded->frame, theirs);
    write_json_lines(own, ours);
    check_theirs(recorded, theirs, ours, payload, cancels);
    check_ours(recorded, ours, theirs, payload);
}

/* The time of the documentation's frames is another. */
static int64_t time_of(const struct parts *parts)
{
    struct keel_json json;
    int64_t time_s = 0;
    keel_json_init(&json, parts->time);
    assert_true(keel_json_read_int(&json, &time_s));
    return time_s * 1000;
}

/* --- keel's own --------------------------------------------------------------------------------
 */

static int compare_call(const struct recorded *recorded, const struct parts *parts)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        const struct keel_modes modes = {KEEL_OFF, KEEL_OFF, KEEL_ON};
        struct keel_command command;
        char text[512];
        if (!keel_str_equals(recorded->name, keel_str_from(calls[i].name)))
            continue;
        snprintf(text, sizeof(text), "%s", calls[i].command);
        for (char *at = text; *at != '\0'; at++)
            *at = *at == '\'' ? '"' : *at;
        if (keel_venue_parse_command(&keel_venue_gateio, keel_str_from(text), fixture.contracts,
                                     &command, &fixture.error) != KEEL_OK ||
            keel_venue_gateio.encode_frame(&command, fixture.contracts, &modes, &fixture.keys,
                                           time_of(parts), 2000, 17, &fixture.frame,
                                           &fixture.error) != KEEL_OK)
            fail_msg("%s: %s", text, fixture.error.message);
        compare(recorded, (keel_str){fixture.frame.text, fixture.frame.size}, NULL,
                command.kind == KEEL_CANCEL_ORDER);
        return 1;
    }
    return 0;
}

static void open_stream(const struct keel_venue *venue, enum keel_stream_kind kind, int64_t time_ms)
{
    const struct keel_markets *markets =
        venue == &keel_venue_gateio ? fixture.contracts : fixture.pairs;
    const keel_market_id active[] = {keel_markets_find(markets, KEEL_STR("BTC_USDT"))};
    assert_int_not_equal(active[0], KEEL_NO_MARKET);
    const struct keel_stream_wish wish = {
        .kind = kind,
        .stream_key = KEEL_STR("20011"),
        .keys = &fixture.keys,
        .time_ms = time_ms,
        .markets = markets,
        .active = active,
        .active_count = 1,
    };
    assert_int_equal(venue->open_stream(&wish, &fixture.stream, &fixture.error), KEEL_OK);
}

/* The frame of this channel among those that open the stream. */
static keel_str find_frame(const struct recorded *recorded, keel_str channel)
{
    const char *at = fixture.stream.frames;
    while (*at != '\0') {
        keel_str frame = next_line(&at);
        if (keel_str_equals(read_parts(frame).channel, channel))
            return frame;
    }
    fail_msg("%.*s: keel opens no stream with it", KEEL_STR_ARGS(recorded->name));
    return (keel_str){0};
}

static int compare_opening(const struct recorded *recorded, const struct parts *parts)
{
    for (size_t i = 0; i < COUNT(openings); i++) {
        if (!keel_str_equals(recorded->name, keel_str_from(openings[i].name)))
            continue;
        open_stream(openings[i].venue, openings[i].kind, time_of(parts));
        assert_true(keel_str_equals(recorded->path, keel_str_from(fixture.stream.path)));
        keel_str own = find_frame(recorded, parts->channel);
        compare(recorded, own, openings[i].payload, false);
        return 1;
    }
    return 0;
}

/* --- All cases ---------------------------------------------------------------------------------
 */

struct tally {
    size_t calls, openings, other, signatures;
};

static int count_other_ways(const struct recorded *recorded)
{
    int count = 0;
    for (size_t i = 0; i < COUNT(other_ways); i++) {
        assert_true(strlen(other_ways[i].reason) > 0);
        count += keel_str_equals(recorded->name, keel_str_from(other_ways[i].name));
    }
    return count;
}

static void read_recorded(struct keel_json *json, struct recorded *recorded)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (keel_str_equals(key, KEEL_STR("name")))
            keel_json_read_string(json, NULL, &recorded->name);
        else if (keel_str_equals(key, KEEL_STR("path")))
            keel_json_read_string(json, NULL, &recorded->path);
        else if (keel_str_equals(key, KEEL_STR("frame")))
            keel_json_raw(json, &recorded->frame);
        else
            keel_json_skip(json);
    }
}

static void check_case(struct keel_json *json, struct tally *tally)
{
    struct recorded recorded = {0};
    read_recorded(json, &recorded);
    struct parts parts = read_parts(recorded.frame);
    int called = compare_call(&recorded, &parts), opened = compare_opening(&recorded, &parts);
    int other = count_other_ways(&recorded);
    if (called + opened + other != 1)
        fail_msg("%.*s: compared %d times, and %d reasons why not", KEEL_STR_ARGS(recorded.name),
                 called + opened, other);
    tally->signatures += check_signature(&recorded, &parts);
    tally->calls += (size_t)called;
    tally->openings += (size_t)opened;
    tally->other += (size_t)other;
}

static void check_cases(struct keel_json *json, struct tally *tally)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (!keel_str_equals(key, KEEL_STR("frames"))) {
            keel_json_skip(json);
            continue;
        }
        keel_json_enter_array(json);
        while (keel_json_next_element(json))
            check_case(json, tally);
    }
}

static void frames_are_those_of_other_clients(void **state)
{
    (void)state;
    struct tally tally = {0};
    struct keel_json json;
    keel_str text = read_fixture(KEEL_TEST_FIXTURES "/gateio/frames.json");
    keel_json_init(&json, text);
    check_cases(&json, &tally);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    free_fixture(text);
    assert_int_equal(tally.calls, COUNT(calls));
    assert_int_equal(tally.openings, COUNT(openings));
    assert_int_equal(tally.other, COUNT(other_ways));
    assert_true(tally.signatures > 50);
}

static int set_up(void **state)
{
    (void)state;
    struct keel_market pair;
    keel_market_id id;
    fixture.contracts = make_gate_markets();
    put_gate_market(fixture.contracts, "BTC_USDT", "0.01", "0.0001", "0.0001");
    fixture.pairs = keel_markets_new();
    assert_non_null(fixture.pairs);
    assert_true(keel_venue_gateio_spot.name_market(KEEL_STR("BTC_USDT"), &pair));
    assert_int_equal(keel_markets_put(fixture.pairs, &pair, &id, NULL), KEEL_OK);
    keel_venue_gateio.set_keys(&fixture.keys, KEEL_STR("key"), KEEL_STR("secret"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    keel_markets_free(fixture.contracts);
    keel_markets_free(fixture.pairs);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_other_clients),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
