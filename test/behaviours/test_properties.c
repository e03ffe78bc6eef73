/* What must never happen again, whatever the order in which things arrive and however often. */
#include "../exchange/scripted_venue.h"
#include "exchange/private_internal.h"

#include <malloc.h>

enum { TEXT_SIZE = 2048 };

/* Every order of a handful of things: Heap's algorithm, one step a call. */
struct shuffle {
    int at[8], count, turns[8], i;
};

static struct shuffle begin_shuffle(int count)
{
    struct shuffle shuffle = {.count = count, .i = 1};
    for (int i = 0; i < count; i++)
        shuffle.at[i] = i;
    return shuffle;
}

static bool next_order(struct shuffle *shuffle)
{
    while (shuffle->i < shuffle->count && shuffle->turns[shuffle->i] >= shuffle->i)
        shuffle->turns[shuffle->i++] = 0;
    if (shuffle->i >= shuffle->count)
        return false;
    int from = shuffle->i % 2 == 0 ? 0 : shuffle->turns[shuffle->i];
    int kept = shuffle->at[from];
    shuffle->at[from] = shuffle->at[shuffle->i];
    shuffle->at[shuffle->i] = kept;
    shuffle->turns[shuffle->i]++;
    shuffle->i = 1;
    return true;
}

/* B14: a position is opened, and closed by reduce-only fills. */

struct frames {
    char at[8][TEXT_SIZE];
    int count;
};

static void add_frame(struct frames *frames, const char *text)
{
    snprintf(frames->at[frames->count++], TEXT_SIZE, "%s", text);
}

static void wait_ms(struct venue *venue, int64_t ms)
{
    set_time(venue, venue->now_ns + ms * 1000000);
}

/* An order of so much that fills whole, and what the position is then. */
static void add_fill(struct venue *venue, struct frames *frames, long long id, const char *side,
                     const char *quantity, bool reduce_only, const char *position)
{
    struct fill fill = {"BTCUSDT", "by-hand", id,      id,  side, "MARKET", "FILLED",   quantity,
                        "0",       quantity,  "20000", "0", "0",  "0",      reduce_only};
    fill.filled = quantity;
    wait_ms(venue, 1);
    add_frame(frames, fill_text(venue, &fill));
    add_frame(frames, account_text(venue, "10000", "BTCUSDT", position,
                                   position[0] == '0' && position[1] == '\0' ? "0" : "20000",
                                   "cross", "0"));
}

static void fill_frames(struct venue *venue, struct frames *frames, bool is_long)
{
    frames->count = 0;
    add_fill(venue, frames, 71, is_long ? "BUY" : "SELL", "0.5", false, is_long ? "0.5" : "-0.5");
    add_fill(venue, frames, 72, is_long ? "SELL" : "BUY", "0.3", true, is_long ? "0.2" : "-0.2");
    add_fill(venue, frames, 73, is_long ? "SELL" : "BUY", "0.2", true, "0");
}

static keel_decimal quantity_of(const struct venue *venue)
{
    struct keel_position position;
    enum keel_status status = keel_futures_position(venue->futures, market_of(venue, "BTCUSDT"),
                                                    KEEL_NET, true, &position, NULL);
    return status == KEEL_OK || status == KEEL_STALE ? position.quantity : KEEL_DECIMAL_ZERO;
}

static keel_decimal booked_of(const struct venue *venue)
{
    const struct keel_book_position *booked =
        keel_books_find_position(venue->base->books, market_of(venue, "BTCUSDT"), KEEL_NET);
    return booked != NULL ? booked->quantity : KEEL_DECIMAL_ZERO;
}

/* On the other side than the position ever was: nothing but a reduce-only fill could have done
 * it. */
static bool is_turned(keel_decimal quantity, bool is_long)
{
    return is_long ? keel_decimal_is_negative(quantity) : keel_decimal_is_positive(quantity);
}

static void check_side(const struct venue *venue, const struct shuffle *order, int step,
                       bool is_long)
{
    if (is_turned(quantity_of(venue), is_long) || is_turned(booked_of(venue), is_long))
        fail_msg("turned over by step %d of %d %d %d %d %d %d", step, order->at[0], order->at[1],
                 order->at[2], order->at[3], order->at[4], order->at[5]);
}

static void deliver(struct venue *venue, const struct frames *frames, const struct shuffle *order,
                    bool is_long, bool twice)
{
    for (int step = 0; step < frames->count; step++) {
        send_frame(venue, KEEL_STREAM_USER, frames->at[order->at[step]]);
        check_side(venue, order, step, is_long);
        if (!twice)
            continue;
        send_frame(venue, KEEL_STREAM_USER, frames->at[order->at[step]]);
        send_frame(venue, KEEL_STREAM_USER, frames->at[order->at[step / 2]]); /* and an old one */
        check_side(venue, order, step, is_long);
    }
}

static void try_orders_of(bool is_long, bool twice)
{
    struct shuffle order = begin_shuffle(6);
    static struct frames frames;
    do {
        struct venue *venue = new_live_venue();
        advance(venue, 1000);
        fill_frames(venue, &frames, is_long);
        deliver(venue, &frames, &order, is_long, twice);
        assert_int_equal(venue->execution_count, 3);
        assert_decimal(quantity_of(venue), "0");
        free_venue(venue);
    } while (next_order(&order));
}

static void b14_no_order_of_arrival_lets_a_reduce_only_fill_turn_a_position_over(void **state)
{
    (void)state;
    try_orders_of(true, true);
    try_orders_of(false, false);
}

/* B15: the venue shrinks an order while it fills. */

static struct keel_order_request take_profit(const struct venue *venue, const char *quantity)
{
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_SELL, quantity, "20500");
    request.reduce_only = true;
    return request;
}

static const struct keel_order *only_order(const struct venue *venue)
{
    return keel_account_next_open_order(venue->base->account, KEEL_NO_MARKET, NULL);
}

static const struct {
    const char *quantity, *filled;
} shrinks[] = {
    {"0.5",  "0.1" },
    {"0.4",  "0.1" },
    {"0.4",  "0.2" },
    {"0.3",  "0.2" },
    {"0.25", "0.24"},
};
enum { SHRINKS = sizeof(shrinks) / sizeof(shrinks[0]) };

static void write_shrinks(struct venue *venue, const char *client_id, struct frames *frames)
{
    frames->count = 0;
    for (int i = 0; i < SHRINKS; i++) {
        struct fill fill = {
            "BTCUSDT", client_id, 1001, 80 + i, "SELL", "LIMIT", "PARTIALLY_FILLED", "", "20500",
            "0.04",    "20500",   "",   "0",    "0",    true};
        fill.quantity = shrinks[i].quantity;
        fill.filled = shrinks[i].filled;
        wait_ms(venue, 1);
        add_frame(frames, fill_text(venue, &fill));
    }
}

static void check_shrunk(const struct venue *venue, int newest, keel_decimal *filled)
{
    const struct keel_order *order = only_order(venue);
    assert_non_null(order);
    assert_decimal(order->quantity, shrinks[newest].quantity);
    assert_false(keel_decimal_compare(order->filled_quantity, *filled) < 0);
    *filled = order->filled_quantity;
}

static void b15_an_orders_quantity_is_what_the_venue_said_last_in_any_order_of_arrival(void **state)
{
    (void)state;
    struct shuffle order = begin_shuffle(SHRINKS);
    static struct frames frames;
    do {
        struct venue *venue = new_live_venue();
        struct keel_error error = {0};
        char client_id[48];
        keel_decimal filled = KEEL_DECIMAL_ZERO;
        advance(venue, 1000);
        send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
        struct keel_order_request request = take_profit(venue, "0.5");
        assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                         KEEL_OK);
        settle(venue);
        copy_param(last_seen(venue, "POST", "/order"), "newClientOrderId", client_id,
                   sizeof(client_id));
        write_shrinks(venue, client_id, &frames);
        for (int step = 0, newest = -1; step < SHRINKS; step++) {
            newest = order.at[step] > newest ? order.at[step] : newest;
            send_frame(venue, KEEL_STREAM_USER, frames.at[order.at[step]]);
            send_frame(venue, KEEL_STREAM_USER, frames.at[order.at[step / 2]]);
            check_shrunk(venue, newest, &filled);
        }
        assert_decimal(only_order(venue)->filled_quantity, "0.24");
        assert_int_equal(venue->execution_count, SHRINKS);
        free_venue(venue);
    } while (next_order(&order));
}

/* B15: a stop for whatever the position is then has no quantity, and is one order for all that. */

static const char *close_all_text(const struct venue *venue, const char *client_id)
{
    static char text[TEXT_SIZE];
    snprintf(text, sizeof(text),
             "{\"algoId\":2001,\"clientAlgoId\":\"%s\",\"algoType\":\"CONDITIONAL\","
             "\"orderType\":\"STOP_MARKET\",\"symbol\":\"BTCUSDT\",\"side\":\"SELL\","
             "\"positionSide\":\"BOTH\",\"timeInForce\":\"GTE_GTC\",\"quantity\":\"0.000\","
             "\"algoStatus\":\"NEW\",\"triggerPrice\":\"19000.00\",\"price\":\"0.00\","
             "\"workingType\":\"MARK_PRICE\",\"closePosition\":true,\"reduceOnly\":true,"
             "\"createTime\":%lld,\"updateTime\":%lld}",
             client_id, (long long)venue->wall_ms, (long long)venue->wall_ms);
    return text;
}

static void check_close_all(const struct venue *venue, const char *client_id)
{
    const struct keel_order *order = only_order(venue);
    assert_non_null(order);
    assert_string_equal(order->client_id, client_id);
    assert_true(order->close_position);
    assert_false(keel_decimal_is_valid(order->quantity)); /* of its own kind: not zero */
    assert_true(keel_order_is_open(order));
    assert_null(keel_account_next_open_order(venue->base->account, KEEL_NO_MARKET, order));
    assert_int_equal(order->family, KEEL_FAMILY_CONDITIONAL);
}

static struct keel_order_request close_all_stop(const struct venue *venue)
{
    struct keel_order_request request = keel_order_request_init();
    request.market = market_of(venue, "BTCUSDT");
    request.side = KEEL_SELL;
    request.type = KEEL_STOP_MARKET;
    request.trigger_price = dec("19000");
    request.trigger_source = KEEL_TRIGGER_MARK;
    request.close_position = true;
    return request;
}

static void b15_a_close_all_order_is_found_again_by_a_new_life_and_stays(void **state)
{
    (void)state;
    static char list[TEXT_SIZE + 2];
    struct venue *venue = new_venue();
    snprintf(list, sizeof(list), "[%s]", close_all_text(venue, "keel-9"));
    add_rule(venue, "GET", "/openAlgoOrders", RULE_REPLY, 200, list, 0);
    start(venue);
    check_close_all(venue, "keel-9");
    for (int i = 0; i < 3; i++) { /* and by each snapshot after it */
        advance(venue, 1000);
        close_stream(venue, KEEL_STREAM_USER, "reset by peer");
        advance(venue, 5000);
        assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
        check_close_all(venue, "keel-9");
    }
    assert_int_equal(count_seen(venue, "POST", "/algoOrder"), 0);
    assert_int_equal(count_seen(venue, "DELETE", "/algoOrder"), 0);
    free_venue(venue);
}

/* Killed between the sending and the answer: the next life finds the one that is there. */
static void b15_a_close_all_order_on_its_way_is_found_by_the_next_life(void **state)
{
    (void)state;
    struct keel_intent intent = {.number = 5,
                                 .time_ms = WALL_MS - 10000,
                                 .expires_ms = WALL_MS - 8000,
                                 .symbol = "BTC/USDT:USDT",
                                 .command = {.kind = KEEL_PLACE_ORDER}};
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.client_id_first = 10;
    config.recovery.numbers_end = 10010;
    intent.command.place = keel_order_request_init();
    intent.command.place.side = KEEL_SELL;
    intent.command.place.position_side = KEEL_NET;
    intent.command.place.type = KEEL_STOP_MARKET;
    intent.command.place.trigger_price = dec("19000");
    intent.command.place.close_position = true;
    strcpy(intent.command.place.client_id, "keel-5");
    config.recovery.unsettled = &intent;
    config.recovery.unsettled_count = 1;
    new_venue_with(&config, venue);

    add_rule(venue, "GET", "/algoOrder", RULE_REPLY, 200, close_all_text(venue, "keel-5"), 0);
    static char list[TEXT_SIZE + 2];
    snprintf(list, sizeof(list), "[%s]", close_all_text(venue, "keel-5"));
    add_rule(venue, "GET", "/openAlgoOrders", RULE_REPLY, 200, list, 0);
    start(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    check_close_all(venue, "keel-5");
    assert_string_equal(param(last_seen(venue, "GET", "/algoOrder"), "clientAlgoId"), "keel-5");
    assert_int_equal(count_seen(venue, "POST", "/algoOrder"), 0);
    free_venue(venue);
}

static void b15_a_close_all_order_that_was_lost_holds_no_quantity_and_is_settled(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error = {0};
    char client_id[48];
    static char text[TEXT_SIZE];
    advance(venue, 1000);
    send_account(venue, "10000", "BTCUSDT", "0.5", "20000");
    send_mark(venue, "BTCUSDT", "20000");
    add_rule(venue, "POST", "/algoOrder", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/algoOrder", RULE_HOLD, 0, NULL, 0);
    struct keel_order_request request = close_all_stop(venue);
    if (keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error) !=
        KEEL_OK)
        fail_msg("%s", error.message);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_FATE_UNKNOWN);
    copy_param(last_seen(venue, "POST", "/algoOrder"), "clientAlgoId", client_id,
               sizeof(client_id));
    check_close_all(venue, client_id);
    advance(venue, 1000);
    snprintf(text, sizeof(text), "%s", close_all_text(venue, client_id));
    answer_held(venue, 200, text);
    settle(venue);
    check_close_all(venue, client_id);
    assert_true(has_log(venue, "place_order, unknown before, is accepted"));
    free_venue(venue);
}

/* B03: on its way when the line went, and without an id of the venue's. */
static void
b03_an_order_on_its_way_through_a_reconnect_is_asked_for_and_never_given_up(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    struct keel_error error = {0};
    static char text[TEXT_SIZE];
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    add_rule(venue, "GET", "/v1/order", RULE_NOT_SENT, 0, NULL, 0);
    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 1);
    assert_int_equal(
        keel_futures_place_order(venue->futures, &request, note_result, &outcome, &error), KEEL_OK);
    settle(venue);
    struct seen placed = *last_seen(venue, "POST", "/order");
    for (int i = 0; i < 5; i++) { /* no snapshot mentions it */
        close_stream(venue, KEEL_STREAM_USER, "reset by peer");
        advance(venue, 60000);
        assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
        assert_non_null(only_order(venue));
        assert_int_equal(only_order(venue)->status, KEEL_ORDER_PENDING);
    }
    snprintf(text, sizeof(text), "%s", order_reply(venue, &placed, "FILLED", "0.01", "19000"));
    add_rule(venue, "GET", "/v1/order", RULE_REPLY, 200, text, 0);
    advance(venue, 40000);
    assert_true(has_log(venue, "place_order, unknown before, is accepted"));
    assert_int_equal(venue->orders[venue->order_count - 1].status, KEEL_ORDER_FILLED);
    assert_int_equal(count_seen(venue, "POST", "/order"), 1);
    free_venue(venue);
}

static const char *trade_row(const struct venue *venue, long long id, long long order_id,
                             const char *side, const char *quantity)
{
    static char text[512];
    snprintf(text, sizeof(text),
             "{\"symbol\":\"BTCUSDT\",\"id\":%lld,\"orderId\":%lld,\"side\":\"%s\",\"price\":"
             "\"20000\",\"qty\":\"%s\",\"realizedPnl\":\"0\",\"quoteQty\":\"2000\","
             "\"commission\":\"0\",\"commissionAsset\":\"USDT\",\"time\":%lld,\"buyer\":true,"
             "\"maker\":false,\"positionSide\":\"BOTH\"}",
             id, order_id, side, quantity, (long long)venue->wall_ms);
    return text;
}

static const char *position_row(const struct venue *venue, const char *quantity)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"%s\","
             "\"entryPrice\":\"20000\",\"breakEvenPrice\":\"20000\",\"markPrice\":\"20000\","
             "\"unRealizedProfit\":\"0\",\"liquidationPrice\":\"0\",\"isolatedMargin\":\"0\","
             "\"notional\":\"10000\",\"marginAsset\":\"USDT\",\"isolatedWallet\":\"0\","
             "\"initialMargin\":\"500\",\"maintMargin\":\"8\",\"positionInitialMargin\":\"500\","
             "\"openOrderInitialMargin\":\"0\",\"adl\":1,\"bidNotional\":\"0\","
             "\"askNotional\":\"0\",\"updateTime\":%lld}]",
             quantity, (long long)venue->wall_ms);
    return text;
}

/* B04: no name resolves and no connection is made for ten minutes, while orders fill. */
static void b04_after_an_outage_the_position_is_the_venues_and_every_fill_is_there(void **state)
{
    (void)state;
    enum { ORDERS = 6 };
    struct venue *venue = new_live_venue();
    struct outcome outcomes[ORDERS] = {{0}};
    static char trades[ORDERS * 512 + 2], orders[ORDERS][TEXT_SIZE];
    struct keel_error error = {0};
    struct seen placed[ORDERS];

    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, ORDERS);
    for (int i = 0; i < ORDERS; i++) {
        struct keel_order_request request =
            limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "20000");
        assert_int_equal(
            keel_futures_place_order(venue->futures, &request, note_result, &outcomes[i], &error),
            KEEL_OK);
        settle(venue);
        placed[i] = *last_seen(venue, "POST", "/order");
    }
    add_rule(venue, "GET", "/v1/order", RULE_NOT_SENT, 0, NULL, 0);
    add_rule(venue, "POST", "/listenKey", RULE_NOT_SENT, 0, NULL, 0);
    venue->streams_refused = true;
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    close_stream(venue, KEEL_STREAM_MARKET, "reset by peer");
    advance(venue, 5 * 60 * 1000);
    strcpy(trades, "[");
    for (int i = 0; i < ORDERS; i++) {
        const char *reply = order_reply(venue, &placed[i], "FILLED", "0.01", "20000");
        assert_true(keel_str_copy(keel_str_from(reply), orders[i], TEXT_SIZE));
        snprintf(trades + strlen(trades), sizeof(trades) - strlen(trades), "%s%s", i > 0 ? "," : "",
                 trade_row(venue, 901 + i, 1001 + i, "BUY", "0.01"));
    }
    strcat(trades, "]");
    advance(venue, 5 * 60 * 1000);
    struct keel_statistics statistics;
    keel_private_statistics(venue->base, &statistics);
    assert_int_equal(statistics.unsettled, ORDERS); /* so many errors, and not one is given up */

    drop_rules(venue);
    venue->streams_refused = false;
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, trades, 1); /* BTCUSDT comes first */
    add_rule(venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, position_row(venue, "0.06"), 0);
    add_rule(venue, "GET", "/v1/order", RULE_HOLD, 0, NULL, 0);
    for (int i = 0; i < 1200 && (venue->held_count > 0 || statistics.unsettled > 0); i++) {
        advance(venue, 100);
        while (venue->held_count > 0) {
            int order = 0;
            while (strcmp(param(&placed[order], "newClientOrderId"), "") == 0 ||
                   strstr(venue->held[0].text, param(&placed[order], "newClientOrderId")) == NULL)
                order++;
            answer_held(venue, 200, orders[order]);
        }
        keel_private_statistics(venue->base, &statistics);
    }
    advance(venue, 60000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(statistics.unsettled, 0);
    assert_decimal(quantity_of(venue), "0.06");
    assert_decimal(booked_of(venue), "0.06");
    assert_int_equal(venue->execution_count, ORDERS);
    assert_null(only_order(venue));
    assert_int_equal(count_seen(venue, "POST", "/order"), ORDERS);
    free_venue(venue);
}

/* B12: between the new stream and the snapshot taken after it nothing is read, and nothing that
 * adds risk leaves. */
static void b12_after_a_gap_nothing_is_true_until_the_snapshot_is_merged(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct keel_balance balance;
    struct keel_error error = {0};
    struct keel_order_request entry = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");

    advance(venue, 1000);
    add_rule(venue, "GET", "/v3/balance", RULE_HOLD, 0, NULL, 0);
    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 3000);
    assert_true(venue->streams[KEEL_STREAM_USER] != 0); /* the stream is there, its snapshot not */
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL),
                     KEEL_STALE);
    enum keel_status status = keel_futures_place_order(venue->futures, &entry, NULL, NULL, &error);
    assert_int_equal(status, KEEL_STALE);
    send_frame(venue, KEEL_STREAM_USER,
               account_text(venue, "9000", "BTCUSDT", "0", "0", "cross", "0"));
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL),
                     KEEL_STALE);
    while (venue->held_count > 0)
        answer_held(venue, 200, NULL);
    advance(venue, 3000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(keel_private_balance(venue->base, KEEL_STR("USDT"), false, &balance, NULL),
                     KEEL_OK);
    assert_decimal(balance.wallet, "9000"); /* the stream's word is newer than the snapshot's */
    assert_int_equal(keel_futures_place_order(venue->futures, &entry, NULL, NULL, &error), KEEL_OK);
    free_venue(venue);
}

/* B09: the key is rotated ten thousand times. In each turn one fill comes by the old stream, and
 * two between the streams, of which only the list tells. */

enum { LISTED = 9 }; /* trades: those of the last three turns */

struct rotation {
    struct venue *venue;
    long long next_id;
    char rows[LISTED][512], list[LISTED * 512 + 2], position[1024];
};

/* It is in the venue's list from now on. */
static long long trade(struct rotation *rotation, const char *side)
{
    long long id = rotation->next_id++, first = id < LISTED ? 1 : id - LISTED + 1;
    size_t size = 0;
    snprintf(rotation->rows[id % LISTED], sizeof(rotation->rows[0]), "%s",
             trade_row(rotation->venue, id, id, side, "0.1"));
    for (long long at = first; at <= id; at++)
        size += (size_t)snprintf(rotation->list + size, sizeof(rotation->list) - size, "%c%s",
                                 at == first ? '[' : ',', rotation->rows[at % LISTED]);
    rotation->list[size] = ']';
    rotation->list[size + 1] = '\0';
    return id;
}

static void trade_by_stream(struct rotation *rotation, const char *side)
{
    long long id = trade(rotation, side);
    send_fill(rotation->venue,
              &(struct fill){"BTCUSDT", "by-hand", id, id, side, "MARKET", "FILLED", "0.1", "0",
                             "0.1", "20000", "0.1", "0", "0", false});
}

static void rotate(struct rotation *rotation, bool buys)
{
    struct venue *venue = rotation->venue;
    uint32_t old = venue->streams[KEEL_STREAM_USER];
    const char *side = buys ? "BUY" : "SELL", *other = buys ? "SELL" : "BUY";

    venue->seen_count = 0;
    advance(venue, 60000);
    trade_by_stream(rotation, side);
    send_account(venue, "10000", "BTCUSDT", buys ? "0.1" : "0", buys ? "20000" : "0");
    wait_ms(venue, 2);
    send_frame(venue, KEEL_STREAM_USER,
               "{\"e\":\"listenKeyExpired\",\"E\":1700000000000,\"listenKey\":\"key-one\"}");
    assert_int_equal(state_of(venue), KEEL_CONNECTION_RECONCILING);
    (void)trade(rotation, other);
    (void)trade(rotation, side);
    wait_ms(venue, 2);
    snprintf(rotation->position, sizeof(rotation->position), "%s",
             buys ? position_row(venue, "0.1") : "[]");
    for (int i = 0; i < 100 && state_of(venue) != KEEL_CONNECTION_LIVE; i++)
        advance(venue, 100);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_not_equal(venue->streams[KEEL_STREAM_USER], old);
}

static void b09_ten_thousand_rotations_lose_nothing_and_leave_nothing(void **state)
{
    (void)state;
    enum { ROTATIONS = 10000, WARM = 2500 };
    static struct rotation rotation;
    struct keel_books_summary books;
    struct keel_connection connection;
    size_t used = 0;

    rotation =
        (struct rotation){.venue = new_live_venue(), .next_id = 1, .position = "[]", .list = "[]"};
    add_rule(rotation.venue, "GET", "/userTrades", RULE_REPLY, 200, rotation.list, 0);
    add_rule(rotation.venue, "GET", "/v3/positionRisk", RULE_REPLY, 200, rotation.position, 0);
    for (int i = 0; i < ROTATIONS; i++) {
        rotate(&rotation, i % 2 == 0);
        if (i == WARM)
            used = mallinfo2().uordblks;
    }
    struct venue *venue = rotation.venue;
    struct outcome outcome = {0};
    struct keel_error error = {0};
    advance(venue, 60000);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 60000);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(venue->execution_count, rotation.next_id - 1);
    keel_futures_books(venue->futures, &books);
    assert_int_equal(books.executions, rotation.next_id - 1);
    assert_decimal(books.wallet, "10000");
    assert_decimal(booked_of(venue), "0");
    assert_decimal(quantity_of(venue), "0");
    keel_private_connection(venue->base, &connection);
    assert_int_equal(connection.reconnects, ROTATIONS);
    assert_int_equal(connection.clock_offset_ms, 0);
    assert_int_equal(mallinfo2().uordblks, used);
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            b03_an_order_on_its_way_through_a_reconnect_is_asked_for_and_never_given_up),
        cmocka_unit_test(b04_after_an_outage_the_position_is_the_venues_and_every_fill_is_there),
        cmocka_unit_test(b09_ten_thousand_rotations_lose_nothing_and_leave_nothing),
        cmocka_unit_test(b12_after_a_gap_nothing_is_true_until_the_snapshot_is_merged),
        cmocka_unit_test(b14_no_order_of_arrival_lets_a_reduce_only_fill_turn_a_position_over),
        cmocka_unit_test(
            b15_an_orders_quantity_is_what_the_venue_said_last_in_any_order_of_arrival),
        cmocka_unit_test(b15_a_close_all_order_is_found_again_by_a_new_life_and_stays),
        cmocka_unit_test(b15_a_close_all_order_on_its_way_is_found_by_the_next_life),
        cmocka_unit_test(b15_a_close_all_order_that_was_lost_holds_no_quantity_and_is_settled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
