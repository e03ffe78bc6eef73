/* What an exchange wants kept, and how the next life takes it up. */
#include "scripted_venue.h"

static const char not_found[] = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
static const char order_found[] =
    "{\"orderId\":77,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"keel-5\","
    "\"price\":\"19000\",\"avgPrice\":\"0.00\",\"origQty\":\"0.01\",\"executedQty\":\"0\","
    "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,\"closePosition\":false,"
    "\"side\":\"BUY\",\"positionSide\":\"BOTH\",\"stopPrice\":\"0\",\"workingType\":"
    "\"CONTRACT_PRICE\",\"origType\":\"LIMIT\",\"time\":1699999990000,"
    "\"updateTime\":1699999990000}";
static const char trade[] =
    "[{\"symbol\":\"ETHUSDT\",\"id\":901,\"orderId\":88,\"side\":\"BUY\",\"price\":\"1000\","
    "\"qty\":\"0.5\",\"realizedPnl\":\"0\",\"quoteQty\":\"500\",\"commission\":\"0.2\","
    "\"commissionAsset\":\"USDT\",\"time\":1699999995000,\"positionSide\":\"BOTH\","
    "\"maker\":false,\"buyer\":true}]";

static struct keel_exchange_config journalled_config(struct venue *venue)
{
    struct keel_exchange_config config = scripted_config(venue);
    config.symbols = scripted_symbols;
    config.symbol_count = 2;
    config.client_id_first = 10;
    config.recovery.numbers_end = 10010;
    return config;
}

/* An order that was on its way, so long before this life began. */
static struct keel_intent make_intent(int64_t age_ms)
{
    struct keel_intent intent = {.number = 5,
                                 .time_ms = WALL_MS - age_ms,
                                 .expires_ms = WALL_MS - age_ms + 2000,
                                 .symbol = "BTC/USDT:USDT",
                                 .command = {.kind = KEEL_PLACE_ORDER}};
    struct keel_order_request *place = &intent.command.place;
    *place = keel_order_request_init();
    place->side = KEEL_BUY;
    place->position_side = KEEL_NET;
    place->type = KEEL_LIMIT;
    place->quantity = dec("0.01");
    place->price = dec("19000");
    strcpy(place->client_id, "keel-5");
    return intent;
}

static struct venue *new_recovering_venue(const struct keel_intent *intent)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    config.recovery.unsettled = intent;
    config.recovery.unsettled_count = 1;
    return new_venue_with(&config, venue);
}

static struct venue *new_journalled_venue(void)
{
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    return new_venue_with(&config, venue);
}

/* A live one whose risks can be read. */
static struct venue *new_trading_venue(void)
{
    struct venue *venue = new_journalled_venue();
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    send_mark(venue, "BTCUSDT", "20000.0");
    settle(venue);
    return venue;
}

static const struct keel_record *find_record(const struct venue *venue, enum keel_record_kind kind)
{
    for (int i = 0; i < venue->record_count && i < RECORDED_MAX; i++) {
        if (venue->records[i].kind == kind)
            return &venue->records[i];
    }
    return NULL;
}

static int32_t unsettled(const struct venue *venue)
{
    struct keel_statistics statistics;
    keel_private_statistics(venue->base, &statistics);
    return statistics.unsettled;
}

static void place(struct venue *venue, struct outcome *outcome)
{
    struct keel_error error = {0};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    if (keel_futures_place_order(venue->futures, &request, note_result, outcome, &error) != KEEL_OK)
        fail_msg("%s", error.message);
}

static void an_intent_comes_right_before_its_request(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome outcome = {0};
    struct keel_effect effect;
    place(venue, &outcome);

    assert_true(keel_private_next_effect(venue->base, &effect));
    assert_int_equal(effect.kind, KEEL_EFFECT_RECORD);
    const struct keel_intent *intent = &effect.record->intent;
    assert_int_equal(effect.record->kind, KEEL_RECORD_INTENT);
    assert_int_equal(intent->command.kind, KEEL_PLACE_ORDER);
    assert_string_equal(intent->symbol, "BTC/USDT:USDT");
    assert_int_equal(intent->time_ms, venue->wall_ms);
    assert_true(intent->expires_ms >= intent->time_ms + 2000);
    uint64_t number = intent->number;
    assert_true(keel_private_next_effect(venue->base, &effect));
    assert_int_equal(effect.kind, KEEL_EFFECT_REQUEST);
    see(venue, &effect);
    settle(venue);

    const struct keel_record *verdict = find_record(venue, KEEL_RECORD_OUTCOME);
    assert_non_null(verdict);
    assert_int_equal(verdict->verdict.number, number);
    assert_int_equal(verdict->verdict.fate, KEEL_ACCEPTED);
    assert_string_equal(verdict->verdict.order_id, "1001");
    free_venue(venue);
}

static void without_a_journal_nothing_is_recorded(void **state)
{
    (void)state;
    struct venue *venue = new_live_venue();
    struct outcome outcome = {0};
    place(venue, &outcome);
    settle(venue);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    assert_int_equal(venue->record_count, 0);
    free_venue(venue);
}

static void an_unknown_order_is_recorded_as_unknown_and_then_as_what_it_is(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct outcome outcome = {0};
    add_rule(venue, "POST", "/order", RULE_LOST, 0, NULL, 1);
    add_rule(venue, "GET", "/order", RULE_REPLY, 400, not_found, 0);
    place(venue, &outcome);
    settle(venue);
    const struct keel_record *verdict = find_record(venue, KEEL_RECORD_OUTCOME);
    assert_non_null(verdict);
    assert_int_equal(verdict->verdict.fate, KEEL_FATE_UNKNOWN);
    advance(venue, 10000);
    verdict = &venue->records[venue->record_count - 1];
    assert_int_equal(verdict->kind, KEEL_RECORD_OUTCOME);
    assert_int_equal(verdict->verdict.fate, KEEL_FATE_FAILED);
    free_venue(venue);
}

static void b05_an_order_of_an_earlier_life_is_asked_for_before_the_account_is_live(void **state)
{
    (void)state;
    struct keel_intent intent = make_intent(10000);
    struct venue *venue = new_recovering_venue(&intent);
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 0);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    assert_int_equal(unsettled(venue), 1);
    assert_string_equal(param(last_seen(venue, "GET", "/order"), "origClientOrderId"), "keel-5");

    answer_held(venue, 200, order_found);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(unsettled(venue), 0);
    const struct keel_record *verdict = find_record(venue, KEEL_RECORD_OUTCOME);
    assert_non_null(verdict);
    assert_int_equal(verdict->verdict.number, 5);
    assert_int_equal(verdict->verdict.fate, KEEL_ACCEPTED);
    assert_string_equal(verdict->verdict.order_id, "77");
    assert_int_equal(count_seen(venue, "POST", "/order"), 0);
    free_venue(venue);
}

static void a_start_that_failed_asks_again_when_it_is_tried_again(void **state)
{
    (void)state;
    struct keel_intent intent = make_intent(10000);
    struct venue *venue = new_recovering_venue(&intent);
    struct keel_error error;
    add_rule(venue, "GET", "/order", RULE_HOLD, 0, NULL, 0);
    start(venue);
    settle(venue);
    keel_private_stop(venue->base);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_CLOSED);

    drop_rules(venue);
    add_rule(venue, "GET", "/order", RULE_REPLY, 200, order_found, 0);
    assert_int_equal(keel_private_start(venue->base, &error), KEEL_OK);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(find_record(venue, KEEL_RECORD_OUTCOME)->verdict.fate, KEEL_ACCEPTED);
    free_venue(venue);
}

static void an_order_that_never_arrived_is_failed_and_holds_nothing(void **state)
{
    (void)state;
    struct keel_intent intent = make_intent(10000);
    struct venue *venue = new_recovering_venue(&intent);
    enum keel_status status;
    add_rule(venue, "GET", "/order", RULE_REPLY, 400, not_found, 0);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    const struct keel_record *verdict = find_record(venue, KEEL_RECORD_OUTCOME);
    assert_non_null(verdict);
    assert_int_equal(verdict->verdict.fate, KEEL_FATE_FAILED);
    assert_int_equal(keel_private_open_orders(venue->base, KEEL_NO_MARKET, false, NULL, 0, &status),
                     0);
    free_venue(venue);
}

static void an_order_that_may_still_arrive_is_not_given_up(void **state)
{
    (void)state;
    struct keel_intent intent = make_intent(100);
    struct venue *venue = new_recovering_venue(&intent);
    add_rule(venue, "GET", "/order", RULE_REPLY, 400, not_found, 0);
    start(venue);
    settle(venue);
    assert_true(count_seen(venue, "GET", "/order") > 0);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 1500);
    assert_null(find_record(venue, KEEL_RECORD_OUTCOME));
    advance(venue, 6000);
    const struct keel_record *verdict = find_record(venue, KEEL_RECORD_OUTCOME);
    assert_non_null(verdict);
    assert_int_equal(verdict->verdict.fate, KEEL_FATE_FAILED);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    free_venue(venue);
}

static void an_order_that_cannot_be_settled_stays_unknown_in_a_live_account(void **state)
{
    (void)state;
    struct keel_intent intent = make_intent(10000);
    struct venue *venue = new_recovering_venue(&intent);
    enum keel_status status;
    add_rule(venue, "GET", "/order", RULE_REPLY, 500, "{}", 0);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    advance(venue, 20000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(unsettled(venue), 1);
    assert_null(find_record(venue, KEEL_RECORD_OUTCOME));
    /* Its margin is held: it counts as open. */
    assert_int_equal(keel_private_open_orders(venue->base, KEEL_NO_MARKET, false, NULL, 0, &status),
                     1);
    free_venue(venue);
}

static void what_happened_meanwhile_is_recorded_before_the_account_is_live(void **state)
{
    (void)state;
    static const char symbols[][KEEL_SYMBOL_SIZE] = {"ETH/USDT:USDT", "GONE/USDT:USDT"};
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    config.symbol_count = 1; /* the other is the journal's alone */
    config.recovery.complete_ms = WALL_MS - 600000;
    config.recovery.symbols = symbols;
    config.recovery.symbol_count = 2;
    new_venue_with(&config, venue);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, trade, 1);
    start(venue);
    settle(venue);

    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    const struct keel_record *record = find_record(venue, KEEL_RECORD_EXECUTION);
    assert_non_null(record);
    assert_string_equal(record->execution.trade_id, "901");
    assert_string_equal(record->symbol, "ETH/USDT:USDT");
    char since[32];
    snprintf(since, sizeof(since), "%lld", (long long)(WALL_MS - 660000));
    assert_string_equal(param(last_seen(venue, "GET", "/userTrades"), "startTime"), since);
    /* A venue's own size of a page is another: one that is full would pass for the last. */
    assert_string_equal(param(last_seen(venue, "GET", "/userTrades"), "limit"), "1000");
    assert_string_equal(param(last_seen(venue, "GET", "/income"), "limit"), "1000");
    record = find_record(venue, KEEL_RECORD_COMPLETE);
    assert_non_null(record);
    assert_int_equal(record->complete_ms, WALL_MS);
    assert_int_equal(venue->difference_count, 0);
    free_venue(venue);
}

/* Binance refuses more than a day of spot's history at once, and more than a week of futures'. */
static void a_long_absence_is_listed_in_spans_that_the_venue_allows(void **state)
{
    (void)state;
    static const char symbols[][KEEL_SYMBOL_SIZE] = {"ETH/USDT:USDT"};
    static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    struct keel_venue spans = *config.venue;
    int listed = 0;
    spans.history_span_ms = keel_venue_binance_spot.history_span_ms;
    config.venue = &spans;
    config.recovery.complete_ms = WALL_MS - 5 * day_ms / 2;
    config.recovery.symbols = symbols;
    config.recovery.symbol_count = 1;
    new_venue_with(&config, venue);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    for (int i = 0; i < venue->seen_count; i++) {
        const struct seen *seen = &venue->seen[i];
        if (!strstr(seen->path, "/userTrades") || !strstr(seen->text, "endTime="))
            continue;
        int64_t start_ms = strtoll(param(seen, "startTime"), NULL, 10);
        assert_int_equal(strtoll(param(seen, "endTime"), NULL, 10) - start_ms, day_ms);
        listed++;
    }
    assert_true(listed >= 2);
    assert_true(keel_venue_binance.history_span_ms < 7 * day_ms);
    assert_true(keel_venue_gateio.history_span_ms < 30 * day_ms);
    assert_true(keel_venue_gateio_spot.history_span_ms < 30 * day_ms);
    free_venue(venue);
}

/* The catching up takes long: what is paid meanwhile, only the stream could have told. */
static void what_was_paid_between_the_catching_up_and_the_first_balances_is_recorded(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    struct outcome outcome = {0};
    struct keel_error error;
    char rows[512];
    config.recovery.complete_ms = WALL_MS - 600000;
    new_venue_with(&config, venue);
    add_rule(venue, "GET", "/income", RULE_HOLD, 0, NULL, 1);
    start(venue);
    settle(venue);
    int64_t caught_up_ms = venue->wall_ms;
    advance(venue, 2000);
    snprintf(rows, sizeof(rows),
             "[{\"symbol\":\"BTCUSDT\",\"incomeType\":\"FUNDING_FEE\",\"income\":\"-4\","
             "\"asset\":\"USDT\",\"info\":\"\",\"time\":%lld,\"tranId\":9,\"tradeId\":\"\"}]",
             (long long)venue->wall_ms);
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LOADING);
    answer_held(venue, 200, NULL);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);

    add_rule(venue, "GET", "/income", RULE_REPLY, 200, rows, 1);
    assert_int_equal(keel_private_reconcile(venue->base, note_result, &outcome, &error), KEEL_OK);
    advance(venue, 20000);
    assert_int_equal(outcome.fate, KEEL_ACCEPTED);
    int64_t since_ms = atoll(param(last_seen(venue, "GET", "/income"), "startTime"));
    assert_true(since_ms <= caught_up_ms);
    const struct keel_record *record = find_record(venue, KEEL_RECORD_INCOME);
    assert_non_null(record);
    assert_decimal(record->income.amount, "-4");
    free_venue(venue);
}

/* From the last id on, Gate lists what came before it: the later spans would never be asked for. */
static void a_full_page_is_followed_by_its_next_number_and_then_by_the_next_span(void **state)
{
    (void)state;
    static const char symbols[][KEEL_SYMBOL_SIZE] = {"ETH/USDT:USDT"};
    static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    struct keel_venue paged = *config.venue;
    char start_text[32] = "", end_text[32] = "";
    int second_count = 0, next_count = 0;
    paged.history_span_ms = day_ms;
    paged.page_limit = 1;
    paged.pages_by_number = true;
    config.venue = &paged;
    config.symbol_count = 1;
    config.recovery.complete_ms = WALL_MS - 3 * day_ms / 2;
    config.recovery.symbols = symbols;
    config.recovery.symbol_count = 1;
    new_venue_with(&config, venue);
    add_rule(venue, "GET", "/userTrades", RULE_REPLY, 200, trade, 1);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    for (int i = 0; i < venue->seen_count; i++) {
        const struct seen *seen = &venue->seen[i];
        if (!strstr(seen->path, "/userTrades") || !strstr(seen->text, "ETHUSDT"))
            continue;
        const char *since = param(seen, "startTime");
        if (start_text[0] == '\0') {
            copy_param(seen, "startTime", start_text, sizeof(start_text));
            copy_param(seen, "endTime", end_text, sizeof(end_text));
        } else if (strstr(seen->text, "page=2") && strcmp(since, start_text) == 0) {
            assert_string_equal(param(seen, "endTime"), end_text);
            second_count++;
        }
        next_count += strcmp(param(seen, "startTime"), end_text) == 0;
    }
    assert_int_equal(second_count, 1);
    assert_true(next_count >= 1);
    assert_true(keel_venue_gateio.pages_by_number && keel_venue_gateio_spot.pages_by_number);
    assert_false(keel_venue_binance.pages_by_number || keel_venue_binance_spot.pages_by_number);
    free_venue(venue);
}

static void the_orders_of_the_time_that_the_journal_may_lack_are_listed(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    char rows[1024];
    config.recovery.complete_ms = WALL_MS - 3600000;
    venue = new_venue_with(&config, venue);
    snprintf(rows, sizeof(rows), "[%s]", order_found);
    add_rule(venue, "GET", "/allOrders", RULE_REPLY, 200, "[]", 0);
    add_rule(venue, "GET", "/allOrders", RULE_REPLY, 200, rows, 1);
    add_rule(venue, "GET", "/openOrders", RULE_REPLY, 200, rows, 0);
    start(venue);
    settle(venue);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/allOrders"), 2); /* a market each */
    assert_int_equal(count_seen(venue, "GET", "/allAlgoOrders"), 2);
    assert_string_equal(param(last_seen(venue, "GET", "/allOrders"), "startTime"), "1699996340000");
    assert_true(venue->order_count > 0);
    assert_string_equal(venue->orders[0].client_id, "keel-5");

    close_stream(venue, KEEL_STREAM_USER, "reset by peer");
    advance(venue, 2000);
    assert_int_equal(state_of(venue), KEEL_CONNECTION_LIVE);
    assert_int_equal(count_seen(venue, "GET", "/allOrders"), 2);
    free_venue(venue);
}

static void numbers_are_kept_before_they_are_used(void **state)
{
    (void)state;
    struct venue *venue = alloc_venue();
    struct keel_exchange_config config = journalled_config(venue);
    struct outcome outcome = {0};
    config.recovery.numbers_end = 11; /* one: the order's name; its intent needs another */
    new_venue_with(&config, venue);
    start(venue);
    settle(venue);
    send_mark(venue, "BTCUSDT", "20000.0");
    settle(venue);
    place(venue, &outcome);
    struct keel_effect effect;
    int kept_at = -1, left_at = -1;
    for (int i = 0; keel_private_next_effect(venue->base, &effect); i++) {
        if (effect.kind == KEEL_EFFECT_RECORD && effect.record->kind == KEEL_RECORD_NUMBERS) {
            assert_int_equal(effect.record->numbers_end, 10011);
            kept_at = i;
        } else if (effect.kind == KEEL_EFFECT_REQUEST) {
            left_at = i;
        }
    }
    assert_true(kept_at >= 0 && kept_at < left_at);
    free_venue(venue);
}

static void a_record_that_cannot_be_kept_halts_the_account(void **state)
{
    (void)state;
    struct venue *venue = new_trading_venue();
    struct keel_error error = {.status = KEEL_IO, .message = "disk full"};
    struct keel_order_request request = limit_order(venue, "BTCUSDT", KEEL_BUY, "0.01", "19000");
    keel_private_halt(venue->base, &error);
    assert_int_equal(keel_futures_place_order(venue->futures, &request, NULL, NULL, &error),
                     KEEL_ACCOUNT_HALTED);
    assert_true(has_log(venue, "halted: disk full"));
    free_venue(venue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intent_comes_right_before_its_request),
        cmocka_unit_test(without_a_journal_nothing_is_recorded),
        cmocka_unit_test(an_unknown_order_is_recorded_as_unknown_and_then_as_what_it_is),
        cmocka_unit_test(b05_an_order_of_an_earlier_life_is_asked_for_before_the_account_is_live),
        cmocka_unit_test(a_start_that_failed_asks_again_when_it_is_tried_again),
        cmocka_unit_test(an_order_that_never_arrived_is_failed_and_holds_nothing),
        cmocka_unit_test(an_order_that_may_still_arrive_is_not_given_up),
        cmocka_unit_test(an_order_that_cannot_be_settled_stays_unknown_in_a_live_account),
        cmocka_unit_test(what_happened_meanwhile_is_recorded_before_the_account_is_live),
        cmocka_unit_test(a_long_absence_is_listed_in_spans_that_the_venue_allows),
        cmocka_unit_test(what_was_paid_between_the_catching_up_and_the_first_balances_is_recorded),
        cmocka_unit_test(a_full_page_is_followed_by_its_next_number_and_then_by_the_next_span),
        cmocka_unit_test(the_orders_of_the_time_that_the_journal_may_lack_are_listed),
        cmocka_unit_test(numbers_are_kept_before_they_are_used),
        cmocka_unit_test(a_record_that_cannot_be_kept_halts_the_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
