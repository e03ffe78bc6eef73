#include "engine_helper.h"
#include "paper/path.h"

static const char header[] = "open_time_ms,open,high,low,close,volume\n";

static void a_candle_is_followed_through_its_extremes_in_the_order_of_its_colour(void **state)
{
    (void)state;
    struct paper_path path;
    char csv[256];
    (void)snprintf(csv, sizeof(csv), "%s60000,100,110,90,105,1\n120000,105,120,80,85,1\n", header);
    assert_int_equal(paper_path_load(&path, keel_str_from(csv), NULL), KEEL_OK);
    assert_false(keel_decimal_is_valid(paper_path_price(&path, 59999)));
    /* Rising: open, low at a third, high at two thirds, close. */
    assert_decimal(paper_path_price(&path, 60000), "100");
    assert_decimal(paper_path_price(&path, 70000), "95");
    assert_decimal(paper_path_price(&path, 80000), "90");
    assert_decimal(paper_path_price(&path, 100000), "110");
    assert_decimal(paper_path_price(&path, 115000), "105");
    /* Falling: the high comes first. */
    assert_decimal(paper_path_price(&path, 140000), "120");
    assert_decimal(paper_path_price(&path, 160000), "80");
    assert_decimal(paper_path_price(&path, 175000), "85");
    assert_decimal(paper_path_price(&path, 900000), "85");
    assert_int_equal(paper_path_end_ms(&path), 180000);
    paper_path_free(&path);
}

static void a_bad_file_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *message;
    } cases[] = {
        {"",                                                  "0 candles"},
        {"60000,100,110,90,105,1\n",                          "1 candles"},
        {"60000,100,110,90,105,1\n60000,100,110,90,105,1\n",  "line 3"   },
        {"60000,100,110,90,105,1\n120000,100,99,90,95,1\n",   "line 3"   },
        {"60000,100,110,90,x,1\n120000,100,110,90,95,1\n",    "line 2"   },
        {"sixty,100,110,90,100,1\n120000,100,110,90,95,1\n",  "line 2"   },
        {"60000,100,110,-90,105,1\n120000,100,110,90,95,1\n", "line 2"   },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paper_path path;
        struct keel_error error;
        char csv[256];
        (void)snprintf(csv, sizeof(csv), "%s%s", header, cases[i].rows);
        assert_int_equal(paper_path_load(&path, keel_str_from(csv), &error), KEEL_MALFORMED);
        assert_non_null(strstr(error.message, cases[i].message));
        assert_int_equal(path.count, 0);
    }
    struct paper_path path;
    assert_int_equal(paper_path_load(&path, KEEL_STR("time,price\n1,2\n"), NULL), KEEL_MALFORMED);
}

static void market_time_begins_with_the_candles_and_moves_the_mark(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(1, "10000", "0");
    char csv[256];
    (void)snprintf(csv, sizeof(csv),
                   "%s1678320000000,21700.03,21710,21690,21705,1\n"
                   "1678320060000,21705,21800,21700,21790,1\n",
                   header);
    assert_int_equal(paper_engine_load_candles(engine, BTC, keel_str_from(csv), NULL), KEEL_OK);
    assert_int_equal(paper_engine_market_time_ms(engine), INT64_C(1678320000000));
    assert_int_equal(paper_engine_market_end_ms(engine), INT64_C(1678320120000));
    assert_decimal(position_of(engine, 1, BTC).mark_price, "21700");
    const struct paper_order *order = place_limit(engine, 1, BTC, KEEL_BUY, "0.01", "21690.1");
    paper_engine_advance(engine, NOW_MS, 19999);
    assert_int_equal(order->status, PAPER_ORDER_NEW);
    paper_engine_advance(engine, NOW_MS, 1);
    assert_int_equal(order->status, PAPER_ORDER_FILLED);
    paper_engine_advance(engine, NOW_MS, 1000000);
    assert_decimal(position_of(engine, 1, BTC).mark_price, "21790");
    end(engine);
}

static void a_symbol_without_a_file_walks_on_its_grid_or_stands_still(void **state)
{
    (void)state;
    struct paper_config config = {
        .seed = 3, .accounts = 1, .deposit = dec("1"), .insurance = dec("0")};
    struct paper_engine *engine = paper_engine_new(&config, NOW_MS);
    paper_engine_advance(engine, NOW_MS, 3600 * 1000);
    const keel_market_id count = (keel_market_id)paper_instrument_count();
    for (keel_market_id id = 1; id <= count; id++) {
        const struct paper_instrument *instrument = paper_instrument_get(id);
        keel_decimal mark = position_of(engine, 1, id).mark_price;
        assert_true(keel_decimal_is_multiple(mark, instrument->price_tick));
        assert_false(keel_decimal_equals(mark, instrument->start_price));
    }
    end(engine);
    engine = new_engine(1, "1", "0");
    paper_engine_advance(engine, NOW_MS, 3600 * 1000);
    assert_decimal(position_of(engine, 1, BTC).mark_price, "60000");
    end(engine);
}

static void funding_is_paid_by_longs_to_shorts_every_eight_hours(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "50000", "0");
    assert_int_equal(paper_engine_set_margin_mode(engine, NOW_MS, 2, BTC, KEEL_ISOLATED), PAPER_OK);
    trade_at(engine, BTC, KEEL_BUY, "0.5", "60000");
    set_price(engine, BTC, "59000");
    struct paper_ticker ticker;
    paper_engine_get_ticker(engine, BTC, &ticker);
    assert_decimal(ticker.funding_rate, "0.0001");
    assert_int_equal(ticker.funding_ms, PAPER_FUNDING_MS);
    paper_engine_advance(engine, NOW_MS, PAPER_FUNDING_MS - 1);
    assert_decimal(account_of(engine, 1).wallet, "49985");
    drain(engine);
    paper_engine_advance(engine, NOW_MS + 5, 1);
    assert_decimal(account_of(engine, 1).wallet, "49982.05");
    assert_decimal(position_of(engine, 2, BTC).isolated_wallet, "1502.95");
    struct paper_event event;
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.as.update.reason, PAPER_REASON_FUNDING);
    assert_int_equal(event.as.update.position_count, 0);
    assert_decimal(event.as.update.balance_change, "-2.95");
    assert_true(paper_engine_next_event(engine, &event));
    assert_int_equal(event.account, 2);
    assert_int_equal(event.as.update.position_count, 1);
    struct paper_query query = {.account = 1, .market = BTC, .start_ms = NOW_MS + 5};
    const struct paper_income *income = paper_engine_next_income(engine, &query, NULL);
    assert_int_equal(income->kind, KEEL_INCOME_FUNDING);
    assert_decimal(income->amount, "-2.95");
    assert_int_equal(income->trade_id, 0);
    struct paper_audit audit;
    paper_engine_audit(engine, &audit);
    assert_decimal(audit.funding, "0");
    end(engine);
}

static void a_file_with_funding_rates_names_the_rate(void **state)
{
    (void)state;
    static const char csv[] = "open_time_ms,open,high,low,close,funding_rate\n"
                              "1678320000000,0.5,0.6,0.4,0.5,0.0001\n"
                              "1678348800000,0.5,0.6,0.4,0.5,-0.00219\n";
    keel_market_id xrp = paper_instrument_find(KEEL_STR("XRPUSDT"));
    struct paper_engine *engine = new_engine(1, "10000", "0");
    assert_int_equal(paper_engine_load_candles(engine, xrp, keel_str_from(csv), NULL), KEEL_OK);
    struct paper_ticker ticker;
    paper_engine_get_ticker(engine, xrp, &ticker);
    assert_decimal(ticker.funding_rate, "-0.00219");
    place_limit(engine, 1, xrp, KEEL_BUY, "1000", "0.5001");
    paper_engine_advance(engine, NOW_MS, PAPER_FUNDING_MS);
    struct paper_query query = {.account = 1, .market = xrp};
    const struct paper_income *income = NULL, *last = NULL;
    while ((income = paper_engine_next_income(engine, &query, income)) != NULL)
        last = income;
    assert_int_equal(last->kind, KEEL_INCOME_FUNDING);
    assert_decimal(last->amount, "1.095");
    end(engine);
}

static keel_str read_recorded(char *buffer, size_t buffer_size)
{
    FILE *file = fopen(KEEL_TEST_FIXTURES "/../../data/btcusdt-2023-03.csv", "rb");
    assert_non_null(file);
    keel_str csv = {buffer, fread(buffer, 1, buffer_size, file)};
    (void)fclose(file);
    return csv;
}

static char recorded[1 << 20];

static void the_recorded_path_touches_its_extremes(void **state)
{
    (void)state;
    struct paper_path path;
    keel_str csv = read_recorded(recorded, sizeof(recorded));
    assert_int_equal(paper_path_load(&path, csv, NULL), KEEL_OK);
    assert_int_equal(path.count, 6 * 24 * 60);
    keel_decimal low = path.candles[0].open, high = low;
    for (int64_t at = paper_path_begin_ms(&path); at < paper_path_end_ms(&path);
         at += PAPER_STEP_MS) {
        low = keel_decimal_min(low, paper_path_price(&path, at));
        high = keel_decimal_max(high, paper_path_price(&path, at));
    }
    assert_decimal(low, "19565.4");
    assert_decimal(high, "26375.5");
    paper_path_free(&path);
}

static void the_recorded_fall_liquidates_a_long_and_the_rise_a_short(void **state)
{
    (void)state;
    struct paper_engine *engine = new_engine(2, "3000", "100000");
    keel_str csv = read_recorded(recorded, sizeof(recorded));
    assert_int_equal(paper_engine_load_candles(engine, BTC, csv, NULL), KEEL_OK);
    place_market(engine, 1, BTC, KEEL_BUY, "2");
    paper_engine_advance(engine, NOW_MS, INT64_C(48) * 3600 * 1000);
    assert_decimal(position_of(engine, 1, BTC).quantity, "0");
    place_market(engine, 2, BTC, KEEL_SELL, "1");
    paper_engine_advance(engine, NOW_MS, INT64_C(96) * 3600 * 1000);
    assert_decimal(position_of(engine, 2, BTC).quantity, "0");
    assert_int_equal(paper_engine_market_time_ms(engine), paper_engine_market_end_ms(engine));
    end(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_candle_is_followed_through_its_extremes_in_the_order_of_its_colour),
        cmocka_unit_test(a_bad_file_is_refused_with_its_line),
        cmocka_unit_test(market_time_begins_with_the_candles_and_moves_the_mark),
        cmocka_unit_test(a_symbol_without_a_file_walks_on_its_grid_or_stands_still),
        cmocka_unit_test(funding_is_paid_by_longs_to_shorts_every_eight_hours),
        cmocka_unit_test(a_file_with_funding_rates_names_the_rate),
        cmocka_unit_test(the_recorded_path_touches_its_extremes),
        cmocka_unit_test(the_recorded_fall_liquidates_a_long_and_the_rise_a_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
