/* The venue's arithmetic of margin, on the numbers of its documentation and of recorded payloads.
 */
#include "gateio_helper.h"

#include "paper/margin.h"

enum {
    BTC = 1,
    LTC = 8,
};

#define POSITION "/futures/usdt/positions/"

struct tier {
    const char *limit, *rate;
    int leverage_max;
};

/* Deductions as in the documentation: d_k = d_(k-1) + limit_(k-1) * (r_k - r_(k-1)). */
static void set_tiers(struct paper_instrument *instrument, const struct tier *tiers, int count)
{
    keel_decimal floor = KEEL_DECIMAL_ZERO, deduction = KEEL_DECIMAL_ZERO, rate = KEEL_DECIMAL_ZERO;
    instrument->brackets.count = count;
    for (int i = 0; i < count; i++) {
        keel_decimal next = keel_decimal_from_text(tiers[i].rate);
        deduction = keel_decimal_add(
            deduction, keel_decimal_mul(floor, keel_decimal_sub(next, rate), KEEL_ROUND_DOWN));
        rate = next;
        instrument->brackets.at[i] = (struct keel_bracket){
            .notional_floor = floor,
            .notional_cap = keel_decimal_from_text(tiers[i].limit),
            .maintenance_ratio = rate,
            .maintenance_amount = deduction,
            .leverage_max = tiers[i].leverage_max,
        };
        floor = keel_decimal_from_text(tiers[i].limit);
    }
}

/* The venue's instruments, of which a test may change one. */
static struct paper_instrument table[GATEIO_CONTRACTS];
static const struct paper_instruments set = {table, GATEIO_CONTRACTS};

static struct paper_instrument *changed(keel_market_id market)
{
    memcpy(table, gateio_instruments()->at, sizeof(table));
    return &table[market - 1];
}

static struct paper_engine *open_engine(const char *deposit)
{
    struct paper_config config = paper_gateio_rules((struct paper_config){
        .seed = 7,
        .accounts = 1,
        .deposit = keel_decimal_from_text(deposit),
        .manual = true,
        .market_time_ms = GATE_START_MS,
    });
    config.rules.instruments = &set;
    struct paper_engine *engine = paper_engine_new(&config, GATE_START_MS);
    assert_non_null(engine);
    return engine;
}

static void move_to(struct paper_engine *engine, keel_market_id market, const char *price)
{
    assert_int_equal(
        paper_engine_set_price(engine, GATE_START_MS, market, keel_decimal_from_text(price)),
        PAPER_OK);
}

/* A resting order that the price then passes: it fills whole, at its own price. */
static void fill_at(struct paper_engine *engine, keel_market_id market, const char *quantity,
                    const char *price, const char *before, const char *after)
{
    struct paper_order_request request = paper_order_request_init();
    bool sells = quantity[0] == '-';
    request.market = market;
    request.side = sells ? KEEL_SELL : KEEL_BUY;
    request.type = KEEL_LIMIT;
    request.time_in_force = KEEL_GTC;
    request.quantity = keel_decimal_from_text(quantity + sells);
    request.price = keel_decimal_from_text(price);
    move_to(engine, market, before);
    assert_int_equal(paper_engine_place_order(engine, GATE_START_MS, 1, &request, false, NULL),
                     PAPER_OK);
    move_to(engine, market, after);
}

static void isolate(struct paper_engine *engine, keel_market_id market, int leverage)
{
    assert_int_equal(paper_engine_set_margin_mode(engine, GATE_START_MS, 1, market, KEEL_ISOLATED),
                     PAPER_OK);
    assert_int_equal(paper_engine_set_leverage(engine, GATE_START_MS, 1, market, leverage),
                     PAPER_OK);
}

static void close_engine(struct paper_engine *engine)
{
    struct paper_audit audit;
    paper_engine_audit(engine, &audit);
    if (!audit.conserved)
        fail_msg("money was made or lost: %s", audit.broken);
    paper_engine_free(engine);
}

static void expect(keel_decimal value, int digits, const char *expected)
{
    char text[KEEL_DECIMAL_TEXT_SIZE];
    (void)keel_decimal_format(keel_decimal_round_to_digits(value, digits, KEEL_ROUND_HALF_EVEN),
                              text);
    assert_string_equal(text, expected);
}

static struct paper_position view_of(const struct paper_engine *engine, keel_market_id market)
{
    struct paper_position position;
    paper_engine_get_position(engine, 1, market, &position);
    return position;
}

/* --- Recorded: one contract of LTC_USDT, bought at 74.35 with leverage 5 ------------------------
 */

static void an_isolated_position_is_as_it_was_recorded(void **state)
{
    struct gate *gate = *state;
    assert_int_equal(gate_send(gate, "POST", POSITION "LTC_USDT/leverage", "leverage=5", ""), 200);
    gate_set_price(gate, "LTC_USDT", "74.34");
    assert_int_equal(gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"0\","
                                      "\"tif\":\"ioc\"}"),
                     201);
    assert_value(gate, "fill_price", "74.35");
    gate_set_price(gate, "LTC_USDT", "74.43");
    assert_int_equal(gate_get(gate, POSITION "LTC_USDT", ""), 200);
    assert_value(gate, "entry_price", "74.35");
    assert_value(gate, "value", "7.443");
    assert_value(gate, "margin", "1.49257625");
    assert_value(gate, "initial_margin", "1.49257625");
    assert_value(gate, "maintenance_margin", "0.08001225"); /* 7.443 * (0.01 + 0.00075) */
    assert_value(gate, "unrealised_pnl", "0.008");
    assert_value(gate, "realised_pnl", "-0.0037175");
    assert_value(gate, "pnl_fee", "-0.0037175");
    assert_value(gate, "liq_price", "60.069989891332");
    assert_value(gate, "leverage", "5");
    assert_value(gate, "cross_leverage_limit", "0");
    assert_value(gate, "pos_margin_mode", "isolated");
    assert_value(gate, "maintenance_rate", "0.01");
    assert_value(gate, "adl_ranking", "1");
    expect(paper_margin_bankruptcy_price(gate->engine, 1, LTC, KEEL_NET), 4, "59.4688");
}

static void a_fee_is_the_user_s_rate_of_the_value(void **state)
{
    struct gate *gate = *state;
    gate_set_price(gate, "LTC_USDT", "68.41");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_int_equal(gate_get(gate, "/futures/usdt/my_trades", ""), 200);
    assert_value(gate, "price", "68.42");
    assert_value(gate, "fee", "0.003421");
}

/* --- Worked examples ---------------------------------------------------------------------------
 */

static const struct tier plain[] = {
    {"1000000", "0.004", 100}
};

static void a_plain_isolated_long(void **state)
{
    (void)state;
    set_tiers(changed(BTC), plain, 1);
    struct paper_engine *engine = open_engine("1000");
    isolate(engine, BTC, 10);
    fill_at(engine, BTC, "0.01", "50000", "50001", "49999");
    struct paper_position position = view_of(engine, BTC);
    expect(position.isolated_wallet, 8, "50.375");
    expect(position.liquidation_price, 4, "45177.0912");
    expect(paper_margin_bankruptcy_price(engine, 1, BTC, KEEL_NET), 4, "44996.2472");
    close_engine(engine);
}

static void a_plain_isolated_short(void **state)
{
    (void)state;
    set_tiers(changed(BTC), plain, 1);
    struct paper_engine *engine = open_engine("1000");
    isolate(engine, BTC, 10);
    fill_at(engine, BTC, "-0.01", "50000", "49999", "50001");
    struct paper_position position = view_of(engine, BTC);
    expect(position.isolated_wallet, 8, "50.375");
    expect(position.liquidation_price, 4, "54777.3078");
    expect(paper_margin_bankruptcy_price(engine, 1, BTC, KEEL_NET), 4, "54996.2528");
    close_engine(engine);
}

static void a_cross_position_is_backed_by_the_balance(void **state)
{
    (void)state;
    struct paper_instrument *instrument = changed(BTC);
    instrument->maker_fee = KEEL_DECIMAL_ZERO;
    set_tiers(instrument, plain, 1);
    struct paper_engine *engine = open_engine("100");
    fill_at(engine, BTC, "0.01", "50000", "50001", "49999");
    expect(view_of(engine, BTC).backing, 8, "100");
    expect(view_of(engine, BTC).liquidation_price, 4, "40190.9068");
    close_engine(engine);
}

/* Recorded: 22 contracts sold at 42022.975, the balance to eight digits. */
static void a_cross_short_is_as_it_was_recorded(void **state)
{
    static const struct tier tiers[] = {
        {"1000000", "0.005", 100}
    };
    (void)state;
    struct paper_instrument *instrument = changed(BTC);
    instrument->maker_fee = KEEL_DECIMAL_ZERO;
    instrument->price_tick = keel_decimal_from_text("0.01");
    set_tiers(instrument, tiers, 1);
    struct paper_engine *engine = open_engine("449.97558760");
    fill_at(engine, BTC, "-0.0011", "42022.97", "42022", "42023");
    fill_at(engine, BTC, "-0.0011", "42022.98", "42022", "42023");
    expect(view_of(engine, BTC).entry_price, 8, "42022.975");
    expect(view_of(engine, BTC).quantity, 8, "-0.0022");
    expect(view_of(engine, BTC).liquidation_price, 2, "245147.73");
    close_engine(engine);
}

static const struct tier recorded_tiers[] = {
    {"20000",  "0.01",  50},
    {"30000",  "0.013", 40},
    {"50000",  "0.015", 35},
    {"70000",  "0.02",  30},
    {"100000", "0.025", 25},
};

static void each_slice_is_charged_at_its_own_rate(void **state)
{
    (void)state;
    struct paper_instrument *instrument = changed(LTC);
    instrument->price_tick = instrument->price_min = keel_decimal_from_text("0.00001");
    instrument->quantity_step = keel_decimal_from_text("100");
    instrument->quantity_max = keel_decimal_from_text("10000000");
    set_tiers(instrument, recorded_tiers, 5);
    expect(paper_instrument_maintenance(instrument, keel_decimal_from_int(45000)), 8, "555");

    struct paper_engine *engine = open_engine("10000");
    isolate(engine, LTC, 25);
    fill_at(engine, LTC, "4500000", "0.01", "0.01001", "0.00999");
    move_to(engine, LTC, "0.01");
    struct paper_position position = view_of(engine, LTC);
    expect(position.isolated_wallet, 8, "1833.75");
    expect(position.maintenance_margin, 8, "588.75"); /* 555, and 33.75 to close */
    expect(position.liquidation_price, 8, "0.00971891");
    close_engine(engine);
}

static void tiers_have_the_documented_deductions(void **state)
{
    static const char *const deductions[] = {"0", "60", "120", "370", "720"};
    struct gate *gate = *state;
    struct paper_http_request request = gate_request("GET", "/api/v4/futures/usdt/risk_limit_tiers",
                                                     "contract=LTC_USDT&limit=1", "");
    gate_handle(gate, &request);
    for (size_t i = 0; i < 5; i++) {
        char mark[128];
        (void)snprintf(mark, sizeof(mark), "\"leverage_max\":\"%d\",\"deduction\":\"%s\"",
                       recorded_tiers[i].leverage_max, deductions[i]);
        assert_has(gate, mark);
    }
    assert_has(gate, "{\"tier\":1,\"risk_limit\":\"20000\",\"initial_rate\":\"0.02\","
                     "\"maintenance_rate\":\"0.01\",");
}

static void funding_is_paid_from_the_position_s_margin(void **state)
{
    struct gate *gate = *state;
    assert_int_equal(gate_send(gate, "POST", POSITION "BTC_USDT/leverage", "leverage=10", ""), 200);
    gate_set_price(gate, "BTC_USDT", "49999.9");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_value(gate, "fill_price", "50000");
    gate_set_price(gate, "BTC_USDT", "50000");
    int64_t market_ms = paper_engine_market_time_ms(gate->engine);
    paper_engine_advance(gate->engine, gate->now_ms,
                         PAPER_FUNDING_MS - market_ms % PAPER_FUNDING_MS);
    gate_drain(gate);
    assert_int_equal(gate_get(gate, POSITION "BTC_USDT", ""), 200);
    assert_value(gate, "margin", "50.325"); /* 50.375 less 0.05 */
    assert_value(gate, "pnl_fund", "-0.05");
    assert_value(gate, "realised_pnl", "-0.3");
    assert_int_equal(gate_get(gate, "/futures/usdt/account_book", "type=fund&from=1600000000"),
                     200);
    assert_has(gate, "\"change\":\"-0.05\",\"balance\":\"99999.7\",\"type\":\"fund\"");
}

/* 22.307 for 3 contracts; a third is 7.435666666666..., sold for 7.44. The margin of what is left
 * is two thirds of 22.307/5 + 22.307*0.00075. Funding at the mark is 0.2 * 74.3971 * 0.0001. */
static void amounts_have_twelve_decimals(void **state)
{
    struct gate *gate = *state;
    assert_int_equal(gate_send(gate, "POST", POSITION "LTC_USDT/leverage", "leverage=5", ""), 200);
    gate_set_price(gate, "LTC_USDT", "74.34");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_set_price(gate, "LTC_USDT", "74.35");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":2,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_set_price(gate, "LTC_USDT", "74.41");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":-1,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_value(gate, "fill_price", "74.4");
    assert_int_equal(gate_get(gate, POSITION "LTC_USDT", ""), 200);
    assert_value(gate, "entry_price", "74.356666666667");
    assert_value(gate, "pnl_pnl", "0.004333333333");
    assert_value(gate, "margin", "2.985420166667");
    gate_set_price(gate, "LTC_USDT", "74.3971");
    int64_t market_ms = paper_engine_market_time_ms(gate->engine);
    paper_engine_advance(gate->engine, gate->now_ms,
                         PAPER_FUNDING_MS - market_ms % PAPER_FUNDING_MS);
    gate_drain(gate);
    assert_int_equal(gate_get(gate, POSITION "LTC_USDT", ""), 200);
    assert_value(gate, "pnl_fund", "-0.001487942");
}

/* --- Liquidation -------------------------------------------------------------------------------
 */

static void a_position_is_liquidated_at_its_price_and_closed_at_the_bankruptcy_price(void **state)
{
    struct gate *gate = *state;
    assert_int_equal(gate_send(gate, "POST", POSITION "LTC_USDT/leverage", "leverage=5", ""), 200);
    gate_set_price(gate, "LTC_USDT", "74.34");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"73\",\"text\":\"t-o\"}");
    gate_send(gate, "DELETE", "/futures/usdt/orders/t-o", "", "");
    gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":-1,\"price\":\"80\",\"text\":\"t-p\"}");
    gate_set_price(gate, "LTC_USDT", "60.07");
    assert_int_equal(gate_get(gate, POSITION "LTC_USDT", ""), 200);
    assert_value(gate, "size", "1");
    gate_set_price(gate, "LTC_USDT", "60.06");
    assert_int_equal(gate_get(gate, POSITION "LTC_USDT", ""), 200);
    assert_value(gate, "size", "0");
    assert_int_equal(gate_get(gate, "/futures/usdt/liquidates", "contract=LTC_USDT"), 200);
    assert_value(gate, "size", "1");
    assert_value(gate, "leverage", "5");
    assert_value(gate, "margin", "1.49257625");
    assert_value(gate, "entry_price", "74.35");
    assert_value(gate, "order_price", "59.47");
    assert_value(gate, "left", "0");
    assert_int_equal(gate_get(gate, "/futures/usdt/position_close", ""), 200);
    assert_value(gate, "side", "long");
    assert_value(gate, "long_price", "74.35");
    assert_has(gate, "\"max_size\":\"1\",\"accum_size\":\"1\"");
    assert_int_equal(gate_get(gate, "/futures/usdt/orders", "status=finished&limit=1"), 200);
    assert_value(gate, "finish_as", "filled"); /* the venue's own order has ended as any */
    assert_has(gate, "\"is_liq\":true,\"text\":\"liq-");
    assert_int_equal(gate_get(gate, "/futures/usdt/orders/t-p", ""), 200);
    assert_value(gate, "finish_as", "liquidated"); /* cancelled because of it */
}

/* 0.5 BTC at 100 times: the fund of 1,000 cannot bear the 5,000 that the fall costs. */
static void who_is_deleveraged_loses_his_orders(void **state)
{
    struct gate *gate = *state;
    gate_set_price(gate, "BTC_USDT", "60000");
    assert_int_equal(gate_send(gate, "POST", POSITION "BTC_USDT/leverage", "leverage=100", ""),
                     200);
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":5000,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_send_as(gate, 2, "POST", "/futures/usdt/orders", "",
                 "{\"contract\":\"BTC_USDT\",\"size\":-5000,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_send_as(gate, 2, "POST", "/futures/usdt/orders", "",
                 "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"40000\",\"text\":\"t-b\"}");
    gate_send_as(gate, 2, "POST", "/futures/usdt/orders", "",
                 "{\"contract\":\"LTC_USDT\",\"size\":1,\"price\":\"70\",\"text\":\"t-l\"}");
    gate_set_price(gate, "BTC_USDT", "50000");
    assert_int_equal(gate_send_as(gate, 2, "GET", "/futures/usdt/auto_deleverages", "", ""), 200);
    assert_value(gate, "trade_size", "5000");
    assert_value(gate, "position_size", "0");
    assert_int_equal(gate_send_as(gate, 2, "GET", "/futures/usdt/orders/t-b", "", ""), 200);
    assert_value(gate, "status", "finished");
    assert_value(gate, "finish_as", "auto_deleveraged");
    assert_int_equal(gate_send_as(gate, 2, "GET", "/futures/usdt/orders/t-l", "", ""), 200);
    assert_value(gate, "status", "open");
}

/* --- Leverage and margin -----------------------------------------------------------------------
 */

static void another_leverage_makes_the_margin_anew(void **state)
{
    struct gate *gate = *state;
    const char *path = POSITION "BTC_USDT/leverage";
    assert_int_equal(gate_send(gate, "POST", path, "leverage=10", ""), 200);
    gate_set_price(gate, "BTC_USDT", "49999.9");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_int_equal(gate_send(gate, "POST", path, "leverage=5", ""), 200);
    assert_value(gate, "margin", "100.375");
    assert_int_equal(gate_send(gate, "POST", path, "leverage=20", ""), 200);
    assert_value(gate, "margin", "25.375");
    gate_set_price(gate, "BTC_USDT", "49000");
    assert_refused(gate, "LIQUIDATE_IMMEDIATELY", gate_send(gate, "POST", path, "leverage=50", ""));
    gate_send(gate, "POST", path, "leverage=1", "");
    assert_value(gate, "margin", "500.375");
}

static void leverage_0_is_cross_with_its_own_limit(void **state)
{
    struct gate *gate = *state;
    const char *path = POSITION "BTC_USDT/leverage";
    assert_int_equal(
        gate_send(gate, "POST", path, "cross_leverage_limit=20&leverage=0&marginMode=cross", ""),
        200);
    assert_value(gate, "leverage", "0");
    assert_value(gate, "cross_leverage_limit", "20");
    assert_value(gate, "lever", "20");
    assert_value(gate, "risk_limit", "40000000");
    assert_int_equal(gate_send(gate, "POST", path, "leverage=0", ""), 200);
    assert_value(gate, "cross_leverage_limit", "0");
    assert_value(gate, "lever", "200");
    assert_value(gate, "risk_limit", "500000");
    assert_int_equal(gate_send(gate, "POST", path, "", "{\"leverage\":\"25\"}"), 200);
    assert_value(gate, "leverage", "25");
    assert_value(gate, "cross_leverage_limit", "0");
    assert_refused(gate, "LEVERAGE_TOO_HIGH", gate_send(gate, "POST", path, "leverage=201", ""));
    assert_refused(gate, "LEVERAGE_TOO_LOW", gate_send(gate, "POST", path, "leverage=-1", ""));
    assert_refused(gate, "LEVERAGE_TOO_LOW", gate_send(gate, "POST", path, "leverage=0.5", ""));
    assert_refused(gate, "MISSING_REQUIRED_PARAM",
                   gate_get(gate, "/futures/usdt/get_leverage/BTC_USDT", ""));
    assert_int_equal(gate_get(gate, "/futures/usdt/get_leverage/BTC_USDT",
                              "pos_margin_mode=cross&dual_side=dual_long"),
                     200);
    assert_string_equal(gate_body(gate), "{\"Lever\":\"25\"}");
}

static void a_position_may_not_exceed_what_the_leverage_allows(void **state)
{
    struct gate *gate = *state;
    gate_send(gate, "POST", POSITION "LTC_USDT/leverage", "leverage=50", "");
    assert_value(gate, "risk_limit", "20000");
    assert_refused(gate, "RISK_LIMIT_EXCEEDED",
                   gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":2600,\"price\":\"80\"}"));
    assert_int_equal(gate_order(gate, "{\"contract\":\"LTC_USDT\",\"size\":2400,\"price\":\"80\","
                                      "\"text\":\"t-a\"}"),
                     201);
    assert_int_equal(
        gate_send(gate, "POST", POSITION "LTC_USDT/risk_limit", "risk_limit=50000", ""), 200);
    assert_value(gate, "leverage", "35");
    assert_refused(
        gate, "RISK_LIMIT_TOO_HIGH",
        gate_send(gate, "POST", POSITION "LTC_USDT/risk_limit", "risk_limit=2500001", ""));
}

static void the_mode_does_not_change_under_a_position_or_orders(void **state)
{
    struct gate *gate = *state;
    const char *path = POSITION "cross_mode";
    assert_refused(gate, "NO_CHANGE",
                   gate_send(gate, "POST", path, "contract=BTC_USDT&mode=CROSS", ""));
    assert_int_equal(gate_post(gate, path, "{\"mode\":\"ISOLATED\",\"contract\":\"BTC_USDT\"}"),
                     200);
    assert_value(gate, "leverage", "10");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"59000\"}");
    assert_refused(gate, "ORDER_PENDING",
                   gate_send(gate, "POST", path, "contract=BTC_USDT&mode=CROSS", ""));
    gate_send(gate, "DELETE", "/futures/usdt/orders", "", "");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":1,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_refused(gate, "POSITION_HOLDING",
                   gate_send(gate, "POST", POSITION "BTC_USDT/leverage", "leverage=0", ""));
}

static void margin_goes_in_and_comes_out(void **state)
{
    struct gate *gate = *state;
    const char *path = POSITION "BTC_USDT/margin";
    assert_refused(gate, "POSITION_CROSS_MARGIN", gate_send(gate, "POST", path, "change=1", ""));
    gate_send(gate, "POST", POSITION "BTC_USDT/leverage", "leverage=10", "");
    assert_refused(gate, "POSITION_EMPTY", gate_send(gate, "POST", path, "change=1", ""));
    gate_set_price(gate, "BTC_USDT", "49999.9");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_int_equal(gate_send(gate, "POST", path, "change=10", ""), 200);
    assert_value(gate, "margin", "60.375");
    assert_int_equal(gate_send(gate, "POST", path, "", "{\"change\":\"-9\"}"), 200);
    assert_value(gate, "margin", "51.375");
    assert_refused(gate, "REMOVE_TOO_MUCH", gate_send(gate, "POST", path, "change=-2", ""));
    assert_refused(gate, "INSUFFICIENT_AVAILABLE",
                   gate_send(gate, "POST", path, "change=1000000", ""));
    assert_refused(gate, "MISSING_REQUIRED_PARAM", gate_send(gate, "POST", path, "", ""));
}

/* --- Two positions a contract ------------------------------------------------------------------
 */

static void dual_mode_holds_a_long_and_a_short(void **state)
{
    struct gate *gate = *state;
    const char *both = "/futures/usdt/dual_comp/positions/BTC_USDT";
    assert_refused(gate, "POSITION_DUAL_MODE", gate_get(gate, both, ""));
    assert_int_equal(gate_send(gate, "POST", "/futures/usdt/dual_mode", "dual_mode=true", ""), 200);
    assert_value(gate, "in_dual_mode", "true");
    assert_value(gate, "position_mode", "dual");
    assert_refused(
        gate, "NO_CHANGE",
        gate_post(gate, "/futures/usdt/set_position_mode", "{\"position_mode\":\"dual\"}"));
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":9,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-4,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_int_equal(gate_get(gate, both, ""), 200);
    assert_has(gate, "[{\"user\":20011,\"contract\":\"BTC_USDT\",\"size\":9,");
    assert_has(gate, "\"mode\":\"dual_long\"");
    assert_has(gate, ",{\"user\":20011,\"contract\":\"BTC_USDT\",\"size\":-4,");
    assert_has(gate, "\"mode\":\"dual_short\"");
    assert_refused(gate, "POSITION_DUAL_MODE", gate_get(gate, POSITION "BTC_USDT", ""));
    assert_int_equal(gate_get(gate, "/futures/usdt/positions", "holding=true"), 200);
    assert_has(gate, "dual_short");
    assert_int_equal(gate_send(gate, "POST", POSITION "BTC_USDT/set_leverage",
                               "leverage=20&margin_mode=cross&dual_side=dual_short", ""),
                     200);
    assert_value(gate, "mode", "dual_short");
    assert_value(gate, "size", "-4");
    assert_refused(
        gate, "POSITION_HOLDING",
        gate_post(gate, "/futures/usdt/set_position_mode", "{\"position_mode\":\"single\"}"));
}

static void in_dual_mode_the_sign_and_reduce_only_name_the_side(void **state)
{
    struct gate *gate = *state;
    const char *both = "/futures/usdt/dual_comp/positions/BTC_USDT";
    gate_post(gate, "/futures/usdt/set_position_mode", "{\"position_mode\":\"dual\"}");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":9,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-4,\"price\":\"0\",\"tif\":\"ioc\"}");
    assert_int_equal(gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-2,\"price\":\"0\","
                                      "\"tif\":\"ioc\",\"reduce_only\":true}"),
                     201);
    assert_int_equal(gate_get(gate, both, ""), 200);
    assert_has(gate, "\"size\":7,");
    assert_has(gate, "\"size\":-4,");
    assert_refused(gate, "REDUCE_EXCEEDED",
                   gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":5,\"price\":\"0\","
                                    "\"tif\":\"ioc\",\"reduce_only\":true}"));
    assert_refused(gate, "POSITION_DUAL_MODE",
                   gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":0,\"price\":\"0\","
                                    "\"tif\":\"ioc\",\"close\":true}"));
    assert_int_equal(gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":0,\"price\":\"0\","
                                      "\"tif\":\"ioc\",\"auto_size\":\"close_short\","
                                      "\"reduce_only\":true}"),
                     201);
    assert_int_equal(gate_get(gate, both, ""), 200);
    assert_has(gate, "\"size\":7,");
    assert_has(gate, "\"size\":0,");
    assert_int_equal(gate_get(gate, "/futures/usdt/position_close", ""), 200);
    assert_value(gate, "side", "short");
    assert_value(gate, "accum_size", "4");
}

static void in_dual_mode_each_side_has_its_own_margin(void **state)
{
    struct gate *gate = *state;
    const char *both = "/futures/usdt/dual_comp/positions/BTC_USDT";
    char path[96];
    gate_post(gate, "/futures/usdt/set_position_mode", "{\"position_mode\":\"dual\"}");
    (void)snprintf(path, sizeof(path), "%s/leverage", both);
    assert_int_equal(gate_send(gate, "POST", path, "leverage=10", ""), 200);
    gate_set_price(gate, "BTC_USDT", "49999.9");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":100,\"price\":\"0\",\"tif\":\"ioc\"}");
    gate_set_price(gate, "BTC_USDT", "50000.1");
    gate_order(gate, "{\"contract\":\"BTC_USDT\",\"size\":-100,\"price\":\"0\",\"tif\":\"ioc\"}");
    (void)snprintf(path, sizeof(path), "%s/margin", both);
    assert_int_equal(gate_send(gate, "POST", path, "change=1&dual_side=dual_short", ""), 200);
    assert_has(gate, "\"margin\":\"50.375\",\"entry_price\":\"50000\"");
    assert_has(gate, "\"margin\":\"51.375\",\"entry_price\":\"50000\"");
    assert_has(gate, "\"liq_price\":\"45131.744040150565\"");
    gate_set_price(gate, "BTC_USDT", "45100");
    assert_int_equal(gate_get(gate, both, ""), 200);
    assert_has(gate, "\"size\":0,");
    assert_has(gate, "\"size\":-100,");
}

#define gate_test(test) cmocka_unit_test_setup_teardown(test, gate_set_up, gate_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        gate_test(an_isolated_position_is_as_it_was_recorded),
        gate_test(a_fee_is_the_user_s_rate_of_the_value),
        cmocka_unit_test(a_plain_isolated_long),
        cmocka_unit_test(a_plain_isolated_short),
        cmocka_unit_test(a_cross_position_is_backed_by_the_balance),
        cmocka_unit_test(a_cross_short_is_as_it_was_recorded),
        cmocka_unit_test(each_slice_is_charged_at_its_own_rate),
        gate_test(tiers_have_the_documented_deductions),
        gate_test(funding_is_paid_from_the_position_s_margin),
        gate_test(amounts_have_twelve_decimals),
        gate_test(a_position_is_liquidated_at_its_price_and_closed_at_the_bankruptcy_price),
        gate_test(who_is_deleveraged_loses_his_orders),
        gate_test(another_leverage_makes_the_margin_anew),
        gate_test(leverage_0_is_cross_with_its_own_limit),
        gate_test(a_position_may_not_exceed_what_the_leverage_allows),
        gate_test(the_mode_does_not_change_under_a_position_or_orders),
        gate_test(margin_goes_in_and_comes_out),
        gate_test(dual_mode_holds_a_long_and_a_short),
        gate_test(in_dual_mode_the_sign_and_reduce_only_name_the_side),
        gate_test(in_dual_mode_each_side_has_its_own_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
