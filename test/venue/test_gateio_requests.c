/* Other clients' requests (fixture/gateio/requests.json) beside keel's own for the same wish, of
 * futures and of spot: the same method, path, query and body, whatever the order of their members.
 * Each request is compared, or named with the reason why keel makes it in another way. */
#include "gateio_fixtures.h"
#include "lines.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const int64_t now_ms = 1700000000000;

static struct {
    struct keel_markets *contracts, *pairs;
    struct keel_keys keys;
    struct keel_request request;
    struct keel_error error;
} fixture;

/* clang-format off */

/* Of futures: the wish in keel's words, in hedge mode where it says so. */
static const struct {
    const char *name; /* of the case */
    bool hedge;
    const char *command;
} futures_wishes[] = {
    {"ccxt request: addMargin swap", false,
     "{'command':'adjust_margin','symbol':'BTC_USDT','amount':'1'}"},
    {"ccxt request: reduceMargin swap", false,
     "{'command':'adjust_margin','symbol':'BTC_USDT','amount':'-1'}"},
    {"gateio-api request: updateDualModePositionMargin", true,
     "{'command':'adjust_margin','symbol':'BTC_USDT','amount':'1','position_side':'long'}"},
    {"ccxt request: cancelAllOrders swap trigger", false,
     "{'command':'cancel_all','symbol':'BTC_USDT','family':'conditional'}"},
    {"ccxt request: cancelOrder swap", false,
     "{'command':'cancel_order','symbol':'BTC_USDT','order_id':'d82cc6af-b131-4398-b269-ddbafa760a19'}"},
    {"gateio-api request: cancelFuturesOrder", false,
     "{'command':'cancel_order','symbol':'BTC_USDT','order_id':'15675394'}"},
    {"ccxt request: closePosition swap", false,
     "{'command':'place_order','symbol':'XRP_USDT','side':'sell','type':'market','close_position':true}"},
    {"gateio-api request: submitFuturesOrder close", true,
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','position_side':'short','type':'market','close_position':true}"},
    {"ccxt request: fetchBalance swap", false, "{'command':'load_balances'}"},
    {"gateio-api request: getFuturesAccount", false, "{'command':'open_stream_key'}"},
    {"ccxt request: fetchClosedOrders swap", false,
     "{'command':'load_orders','symbol':'LTC_USDT'}"},
    {"ccxt request: fetchClosedOrders swap since", false,
     "{'command':'load_orders','symbol':'LTC_USDT','start_time_ms':1727504130000}"},
    {"ccxt request: fetchClosedOrders swap trigger", false,
     "{'command':'load_orders','symbol':'BTC_USDT','family':'conditional'}"},
    {"ccxt request: fetchFundingHistory swap", false,
     "{'command':'load_income','symbol':'BTC_USDT','income_type':'funding','start_time_ms':1672527600000}"},
    {"ccxt request: fetchMarketLeverageTiers", false,
     "{'command':'load_brackets','symbol':'BTC_USDT'}"},
    {"ccxt request: fetchLeverageTiers swap", false, "{'command':'load_markets'}"},
    {"ccxt request: fetchMyTrades swap no since", false,
     "{'command':'load_executions','symbol':'LTC_USDT','limit':10}"},
    {"ccxt request: fetchOpenOrders swap", false,
     "{'command':'load_open_orders','symbol':'LTC_USDT'}"},
    {"ccxt request: fetchOrder swap trigger", false,
     "{'command':'query_order','symbol':'BTC_USDT','family':'conditional','order_id':'d82cc6af-b131-4398-b269-ddbafa760a19'}"},
    {"ccxt request: fetchPositions one symbol", false, "{'command':'load_positions'}"},
    {"ccxt request: fetchTicker swap", false, "{'command':'load_marks','symbol':'BTC_USDT'}"},
    {"ccxt request: fetchTime", false, "{'command':'load_time'}"},
    {"ccxt request: implicit dual_comp leverage", true,
     "{'command':'set_leverage','symbol':'BTC_USDT','leverage':10,'margin_mode':'cross'}"},
    {"gateio-api request: updateFuturesLeverage", false,
     "{'command':'set_leverage','symbol':'BTC_USDT','leverage':10,'margin_mode':'cross'}"},
    {"ccxt request: setLeverage cross by marginMode", false,
     "{'command':'set_margin_mode','symbol':'BTC_USDT','leverage':20,'margin_mode':'cross'}"},
    {"gateio-api request: getFuturesUserTradingFees", false,
     "{'command':'load_fees','symbol':'BTC_USDT'}"},
    {"ccxt request: swap FOK", false,
     "{'command':'place_order','symbol':'BTC_USDT','side':'sell','type':'limit','quantity':'0.0003','price':'60500','time_in_force':'fok'}"},
    {"ccxt request: swap client order id with prefix", false,
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.0001','price':'50000','client_order_id':'t-my-id'}"},
    {"ccxt request: swap edit amount and price", false,
     "{'command':'amend_order','symbol':'LTC_USDT','order_id':'436539451847','side':'buy','quantity':'0.2','price':'54'}"},
    {"ccxt request: swap edit sell order", false,
     "{'command':'amend_order','symbol':'LTC_USDT','order_id':'436745134770','side':'sell','quantity':'0.2','price':'101'}"},
    {"gateio-api request: updateFuturesOrder", false,
     "{'command':'amend_order','symbol':'BTC_USDT','order_id':'15675394','side':'buy','quantity':'0.01','price':'54321'}"},
    {"ccxt request: swap limit buy", false,
     "{'command':'place_order','symbol':'LTC_USDT','side':'buy','type':'limit','quantity':'0.1','price':'50'}"},
    {"ccxt request: swap market buy", false,
     "{'command':'place_order','symbol':'XRP_USDT','side':'buy','type':'market','quantity':'10'}"},
    {"ccxt request: swap post only", false,
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.0003','price':'58000','time_in_force':'gtx'}"},
    {"ccxt request: swap stop loss sell on mark price", false,
     "{'command':'place_order','symbol':'BTC_USDT','side':'sell','type':'stop_market','quantity':'0.0002','trigger_price':'55000','trigger_source':'mark','reduce_only':true}"},
    {"ccxt request: swap trigger limit buy", false,
     "{'command':'place_order','symbol':'LTC_USDT','side':'buy','type':'stop_limit','quantity':'0.1','price':'70','trigger_price':'90'}"},
    {"ccxt request: cancelAllOrders swap", false,
     "{'command':'cancel_all','symbol':'BTC_USDT'}"},
    {"ccxt request: cancelOrder swap trigger", false,
     "{'command':'cancel_order','symbol':'BTC_USDT','family':'conditional','order_id':'12345'}"},
    {"ccxt request: fetchOrder swap", false,
     "{'command':'query_order','symbol':'BTC_USDT','order_id':'12345'}"},
    {"ccxt request: fetchOpenOrders swap trigger", false,
     "{'command':'load_conditional_orders','symbol':'BTC_USDT'}"},
    {"ccxt request: swap limit buy reduce only", false,
     "{'command':'place_order','symbol':'BTC_USDT','side':'buy','type':'limit','quantity':'0.0001','price':'50000','reduce_only':true}"},
    {"gateio-api request: setFuturesOrderCancelCountdown", false,
     "{'command':'set_countdown','symbol':'BTC_USDT','timeout':30}"},
};

/* Of spot and its wallet. */
static const struct spot_wish {
    const char *name;
    enum keel_command_kind kind;
    const char *symbol;
    enum keel_order_family family;
    const char *order_id, *client_id;
    enum keel_side side;
    enum keel_order_type type;
    enum keel_time_in_force time_in_force;
    const char *quantity, *quote_quantity, *price, *trigger_price;
    int64_t start_time_ms, end_time_ms;
    int32_t page, limit, timeout_s;
    const char *asset, *amount, *network, *address;
    enum keel_wallet from, to;
} spot_wishes[] = {
    {.name = "ccxt request: fetchBalance spot", .kind = KEEL_LOAD_BALANCES},
    {.name = "ccxt request: fetchTime", .kind = KEEL_LOAD_TIME},
    {"ccxt request: fetchTicker spot", KEEL_LOAD_MARKS, .symbol = "BTC/USDT"},
    {"ccxt request: fetchTradingFee spot", KEEL_LOAD_FEES, .symbol = "BTC/USDT"},
    {"ccxt request: cancelOrder spot", KEEL_CANCEL_ORDER, .symbol = "BTC/USDT",
     .order_id = "d82cc6af-b131-4398-b269-ddbafa760a19"},
    {"gateio-api request: cancelSpotOrder", KEEL_CANCEL_ORDER, .symbol = "BTC/USDT",
     .order_id = "95282841887"},
    {"ccxt request: cancelOrder spot trigger", KEEL_CANCEL_ORDER, .symbol = "BTC/USDT",
     .family = KEEL_FAMILY_CONDITIONAL, .order_id = "12345"},
    {"ccxt request: cancelAllOrders spot", KEEL_CANCEL_ALL, .symbol = "BTC/USDT"},
    {"ccxt request: cancelAllOrders spot trigger", KEEL_CANCEL_ALL, .symbol = "BTC/USDT",
     .family = KEEL_FAMILY_CONDITIONAL},
    {"ccxt request: fetchOrder spot", KEEL_QUERY_ORDER, .symbol = "BTC/USDT", .order_id = "12345"},
    {"ccxt request: fetchOrder spot by client id", KEEL_QUERY_ORDER, .symbol = "BTC/USDT",
     .client_id = "t-abc"},
    {"ccxt request: fetchOrder spot trigger", KEEL_QUERY_ORDER, .symbol = "BTC/USDT",
     .family = KEEL_FAMILY_CONDITIONAL, .order_id = "d82cc6af-b131-4398-b269-ddbafa760a19"},
    {"ccxt request: fetchClosedOrders spot limit since until", KEEL_LOAD_ORDERS, .symbol = "LTC/USDT",
     .start_time_ms = 1727308800000, .end_time_ms = 1727316000000, .limit = 1000},
    {"gateio-api request: getSpotOrders finished", KEEL_LOAD_ORDERS, .symbol = "BTC/USDT",
     .start_time_ms = 1699990000000, .end_time_ms = 1700000000000},
    {"ccxt request: fetchClosedOrders spot trigger", KEEL_LOAD_ORDERS, .symbol = "BTC/USDT",
     .family = KEEL_FAMILY_CONDITIONAL},
    {"ccxt request: fetchOpenOrders spot trigger", KEEL_LOAD_CONDITIONAL_ORDERS, .symbol = "BTC/USDT"},
    {"ccxt request: fetchMyTrades spot", KEEL_LOAD_EXECUTIONS, .symbol = "LTC/USDT",
     .start_time_ms = 1699457638000, .limit = 5},
    {"gateio-api request: getSpotTradingHistory", KEEL_LOAD_EXECUTIONS, .symbol = "BTC/USDT", .limit = 10},
    {"ccxt request: spot limit buy", KEEL_PLACE_ORDER, .symbol = "LTC/USDT", .side = KEEL_BUY,
     .type = KEEL_LIMIT, .quantity = "0.1", .price = "50"},
    {"ccxt request: spot limit buy FOK", KEEL_PLACE_ORDER, .symbol = "LTC/USDT", .side = KEEL_BUY,
     .type = KEEL_LIMIT, .time_in_force = KEEL_FOK, .quantity = "0.1", .price = "50"},
    {"ccxt request: spot limit sell IOC", KEEL_PLACE_ORDER, .symbol = "LTC/USDT", .side = KEEL_SELL,
     .type = KEEL_LIMIT, .time_in_force = KEEL_IOC, .quantity = "0.1", .price = "60"},
    {"ccxt request: spot market sell", KEEL_PLACE_ORDER, .symbol = "BTC/USDT", .side = KEEL_SELL,
     .type = KEEL_MARKET, .quantity = "0.001"},
    {"ccxt request: spot market buy by cost, createMarketBuyOrderRequiresPrice=false", KEEL_PLACE_ORDER,
     .symbol = "BTC/USDT", .side = KEEL_BUY, .type = KEEL_MARKET, .quote_quantity = "5"},
    {"ccxt request: spot market buy with cost method", KEEL_PLACE_ORDER, .symbol = "BTC/USDT",
     .side = KEEL_BUY, .type = KEEL_MARKET, .quote_quantity = "5"},
    {"ccxt request: spot post only with client id", KEEL_PLACE_ORDER, .symbol = "BTC/USDT",
     .client_id = "t-abc", .side = KEEL_BUY, .type = KEEL_LIMIT, .time_in_force = KEEL_GTX,
     .quantity = "0.001", .price = "50000"},
    {"gateio-api request: submitSpotOrder", KEEL_PLACE_ORDER, .symbol = "BTC/USDT",
     .client_id = "t-abc", .side = KEEL_BUY, .type = KEEL_LIMIT, .quantity = "0.001", .price = "45000"},
    {"ccxt request: spot stop loss limit sell", KEEL_PLACE_ORDER, .symbol = "LTC/USDT", .side = KEEL_SELL,
     .type = KEEL_STOP_LIMIT, .quantity = "0.1", .price = "44", .trigger_price = "45"},
    {"gateio-api request: submitSpotPriceTriggerOrder", KEEL_PLACE_ORDER, .symbol = "BTC/USDT",
     .side = KEEL_SELL, .type = KEEL_STOP_LIMIT, .quantity = "0.001", .price = "49900",
     .trigger_price = "50000"},
    {"ccxt request: spot take profit limit sell", KEEL_PLACE_ORDER, .symbol = "LTC/USDT",
     .side = KEEL_SELL, .type = KEEL_TAKE_PROFIT_LIMIT, .quantity = "0.1", .price = "70",
     .trigger_price = "69"},
    {"ccxt request: spot trigger market buy by cost", KEEL_PLACE_ORDER, .symbol = "LTC/USDT",
     .side = KEEL_BUY, .type = KEEL_STOP_MARKET, .quote_quantity = "5", .trigger_price = "60"},
    {"ccxt request: spot edit amount and price", KEEL_AMEND_ORDER, .symbol = "LTC/USDT",
     .order_id = "12345", .quantity = "0.2", .price = "51"},
    {"gateio-api request: submitSpotCountdownOrders", KEEL_SET_COUNTDOWN, .symbol = "BTC/USDT",
     .timeout_s = 30},
    {"ccxt request: fetchLedger spot", KEEL_LOAD_TRANSFERS, .asset = "USDT", .limit = 10},
    {"gateio-api request: getSpotAccountBook", KEEL_LOAD_TRANSFERS, .asset = "USDT", .page = 1, .limit = 10},
    {"ccxt request: transfer spot to swap", KEEL_TRANSFER, .asset = "USDT", .amount = "10",
     .from = KEEL_WALLET_SPOT, .to = KEEL_WALLET_FUTURES},
    {"ccxt request: transfer swap to spot", KEEL_TRANSFER, .asset = "USDT", .amount = "1",
     .from = KEEL_WALLET_FUTURES, .to = KEEL_WALLET_SPOT},
    {"ccxt request: withdraw SOL", KEEL_WITHDRAW, .asset = "USDT", .amount = "5", .network = "SOL",
     .address = "Xoz7xtobD2Rm8aYXH6VHmE4rnePTXevbHcWQ3RRo3adC"},
    {"ccxt request: withdraw ERC20", KEEL_WITHDRAW, .asset = "USDT", .amount = "12", .network = "ETH",
     .address = "0x52908400098527886E0F7030069857D2E4169EE7"},
    {"gateio-api request: submitWithdrawal", KEEL_WITHDRAW, .client_id = "order_123", .asset = "USDT",
     .amount = "10", .network = "TRX", .address = "TEe8JxcJWPsF24K4wu71X6maCtxqsxfOp2"},
    {"gateio-api request: cancelWithdrawal", KEEL_CANCEL_WITHDRAWAL, .order_id = "210496"},
    {.name = "ccxt request: fetchWithdrawals", .kind = KEEL_LOAD_WITHDRAWALS},
    {"gateio-api request: getWithdrawalRecords", KEEL_LOAD_WITHDRAWALS, .asset = "USDT", .limit = 10},
    {"ccxt request: fetchDeposits since", KEEL_LOAD_DEPOSITS, .asset = "USDT",
     .start_time_ms = 1700000000000, .end_time_ms = 1702592000000, .limit = 10},
    {"gateio-api request: getDepositRecords", KEEL_LOAD_DEPOSITS, .asset = "USDT", .limit = 10},
    {.name = "ccxt request: fetchDepositWithdrawFees", .kind = KEEL_LOAD_NETWORKS},
    {"gateio-api request: getWithdrawalStatus", KEEL_LOAD_NETWORKS, .asset = "USDT"},
};

static const struct {
    const char *name, *reason;
} other_ways[] = {
    {"ccxt request: cancelOrders swap", "keel cancels one by one: each has a fate of its own"},
    {"gateio-api request: batchCancelFuturesOrders", "the same"},
    {"ccxt request: cancelOrders spot", "the same"},
    {"gateio-api request: batchCancelSpotOrders", "the same"},
    {"ccxt request: swap batch create", "keel places one by one: each has a fate of its own"},
    {"gateio-api request: submitFuturesBatchOrders", "the same"},
    {"ccxt request: spot batch create", "the same"},
    {"gateio-api request: submitSpotBatchOrders", "the same"},
    {"gateio-api request: batchUpdateFuturesOrders", "keel amends one by one"},
    {"gateio-api request: batchUpdateSpotOrders", "the same"},
    {"gateio-api request: cancelAllFuturesOrders", "keel cancels both sides of a market"},
    {"gateio-api request: cancelSpotOpenOrders", "the same"},
    {"ccxt request: swap close dual long side", "close goes with one-way mode, auto_size with hedge mode: never both"},
    {"gateio-api request: submitFuturesPriceTriggeredOrder", "no conditional order of keel's opens by the name of a closing one"},
    {"gateio-api request: updateSpotOrder", "an amendment of keel's says both price and quantity"},
    {"gateio-api request: updateFuturesPriceTriggeredOrder close", "keel cancels a conditional order and places it again"},
    {"ccxt request: fetchBalance unified", "keel trades classic accounts"},
    {"ccxt request: cancelOrder unified spot", "the same"},
    {"ccxt request: fetchMyTrades unified spot", "the same"},
    {"ccxt request: fetchOpenOrders unified spot", "the same"},
    {"ccxt request: unified account spot limit buy", "the same"},
    {"ccxt request: spot limit buy of a cross margin account", "keel borrows nothing"},
    {"ccxt request: transfer spot to margin", "the same"},
    {"ccxt request: spot limit buy iceberg", "keel hides no part of an order"},
    {"ccxt request: fetchOpenOrders spot", "open_orders knows no pair: those of one are asked of /spot/orders"},
    {"gateio-api request: getSpotOpenOrders", "keel asks for as many as one answer can have"},
    {"gateio-api request: getFuturesOrders", "keel asks for the open ones as many as one answer can have"},
    {"ccxt request: fetchOrderTrades spot", "keel reads a market's executions, which bear their order's id"},
    {"ccxt request: fetchPosition swap", "keel reads all positions at once: none is overlooked"},
    {"gateio-api request: getFuturesPosition", "the same"},
    {"gateio-api request: getFuturesPositions", "the same; a flat one has its leverage and margin mode"},
    {"ccxt request: implicit dual_comp positions", "the same"},
    {"gateio-api request: getFuturesContractLeverage", "the same"},
    {"ccxt request: implicit positions cross_mode", "leverage and margin mode are set in one call"},
    {"ccxt request: implicit set_leverage", "the same"},
    {"ccxt request: setPositionMode hedge off", "set_position_mode, which supersedes it"},
    {"ccxt request: setPositionMode hedge on", "the same"},
    {"ccxt request: fetchPositionsHistory since until", "keel's books keep what was closed"},
    {"ccxt request: implicit auto_deleverages", "executions bear their cause, and a stream tells it"},
    {"gateio-api request: getFuturesAutoDeleveragingHistory", "the same"},
    {"gateio-api request: getFuturesLiquidationHistory", "the same"},
    {"gateio-api request: listFuturesADLRiskStates", "a position has its rank"},
    {"ccxt request: fetchFundingRateHistory since until", "the income has what was paid; the coming rate is with the marks"},
    {"ccxt request: fetchOrderBook spot", "the stream of best prices"},
    {"gateio-api request: getSpotFeeRates", "/wallet/fee, which has them, too"},
    {"gateio-api request: getBalances", "each account has its own balances"},
    {"ccxt request: fetchDepositAddress TRC20", "keel asks for no address to deposit to"},
};

/* What others send besides: the venue does not read it, or takes it for granted. */
static const char *const noise_of_futures[] = {"currency_pair=", "account=futures", "marginMode="};
static const char *const noise_of_spot[] = {"account=spot", "account=normal",
                                            "createMarketBuyOrderRequiresPrice=",
                                            "trigger.expiration="};

/* What keel says besides: what the venue takes for granted or does not read, how much it wants at
 * once, and how long a condition stands. */
static const char *const besides[] = {"contract=", "tif=gtc", "initial.tif=gtc", "time_in_force=gtc", "limit=",
                                      "trigger.expiration="};
/* clang-format on */

static void write_query_lines(keel_str query, char lines[LINES_SIZE])
{
    struct keel_writer writer;
    keel_writer_init(&writer, lines, LINES_SIZE);
    for (size_t i = 0; i < query.size; i++)
        keel_write_char(&writer, query.data[i] == '&' ? '\n' : query.data[i]);
    if (query.size > 0)
        keel_write_char(&writer, '\n');
    assert_false(writer.full);
}

/* --- One case ----------------------------------------------------------------------------------
 */

struct recorded {
    keel_str name, method, path, query, body;
    bool is_signed, is_spot;
};

/* An empty value says nothing. */
static bool is_noise(const struct recorded *recorded, keel_str line)
{
    if (line.data[line.size - 1] == '=')
        return true;
    if (recorded->is_spot)
        return begins_as_one_of(line, noise_of_spot, COUNT(noise_of_spot));
    return begins_as_one_of(line, noise_of_futures, COUNT(noise_of_futures));
}

/* Wherever it stands: ccxt puts the parameters of an amendment into the query and the body. */
static void check_theirs(const struct recorded *recorded, const char *theirs, const char *query,
                         const char *body)
{
    while (*theirs != '\0') {
        keel_str line = next_line(&theirs);
        if (!has_line(query, line) && !has_line(body, line) && !is_noise(recorded, line))
            fail_msg("%.*s: keel does not send %.*s", KEEL_STR_ARGS(recorded->name),
                     KEEL_STR_ARGS(line));
    }
}

static void check_ours(const struct recorded *recorded, const char *ours, const char *theirs)
{
    while (*ours != '\0') {
        keel_str line = next_line(&ours);
        if (!has_line(theirs, line) && !begins_as_one_of(line, besides, COUNT(besides)))
            fail_msg("%.*s: keel alone sends %.*s", KEEL_STR_ARGS(recorded->name),
                     KEEL_STR_ARGS(line));
    }
}

static void compare(const struct recorded *recorded)
{
    static const char *const methods[] = {
        [KEEL_HTTP_GET] = "GET",       [KEEL_HTTP_POST] = "POST",   [KEEL_HTTP_PUT] = "PUT",
        [KEEL_HTTP_DELETE] = "DELETE", [KEEL_HTTP_PATCH] = "PATCH",
    };
    const struct keel_request *request = &fixture.request;
    char query[LINES_SIZE], body[LINES_SIZE], our_query[LINES_SIZE], our_body[LINES_SIZE];
    if (!keel_str_equals(recorded->method, keel_str_from(methods[request->method])) ||
        !keel_str_equals(recorded->path, keel_str_from(request->path)))
        fail_msg("%.*s: %s %s", KEEL_STR_ARGS(recorded->name), methods[request->method],
                 request->path);
    assert_int_equal(request->body_size > 0, recorded->body.size > 0);
    write_query_lines(recorded->query, query);
    write_json_lines(recorded->body, body);
    write_query_lines((keel_str){request->query, request->query_size}, our_query);
    write_json_lines((keel_str){request->body, request->body_size}, our_body);
    check_theirs(recorded, query, our_query, our_body);
    check_theirs(recorded, body, our_query, our_body);
    check_ours(recorded, our_query, query);
    check_ours(recorded, our_body, body);
}

/* gateio-api signs what is public, too. */
static void check_headers(const struct recorded *recorded)
{
    const struct keel_request *request = &fixture.request;
    assert_true(request->json || request->body_size == 0);
    assert_true(recorded->is_signed || !request->needs_key);
    assert_int_equal(request->needs_key, strstr(request->headers, "SIGN: ") != NULL);
    assert_int_equal(request->needs_key,
                     strstr(request->headers, "Timestamp: 1700000000\n") != NULL);
}

/* --- keel's own --------------------------------------------------------------------------------
 */

static void parse_futures(const char *wish, bool hedge, struct keel_modes *modes,
                          struct keel_command *command)
{
    char text[512];
    snprintf(text, sizeof(text), "%s", wish);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    *modes = (struct keel_modes){hedge ? KEEL_ON : KEEL_OFF, KEEL_OFF, KEEL_ON};
    if (keel_venue_parse_command(&keel_venue_gateio, keel_str_from(text), fixture.contracts,
                                 command, &fixture.error) != KEEL_OK)
        fail_msg("%s: %s", text, fixture.error.message);
}

static keel_decimal parse_or_absent(const char *text)
{
    return text ? keel_decimal_from_text(text) : KEEL_DECIMAL_ABSENT;
}

static void copy_if_any(const char *text, char *buffer, size_t size)
{
    if (text)
        assert_true(keel_str_copy(keel_str_from(text), buffer, size));
}

static void fill_place(const struct spot_wish *wish, keel_market_id pair,
                       struct keel_order_request *place)
{
    *place = keel_order_request_init();
    place->market = pair;
    place->side = wish->side;
    place->type = wish->type;
    place->time_in_force = wish->time_in_force;
    place->quantity = parse_or_absent(wish->quantity);
    place->quote_quantity = parse_or_absent(wish->quote_quantity);
    place->price = parse_or_absent(wish->price);
    place->trigger_price = parse_or_absent(wish->trigger_price);
    copy_if_any(wish->client_id, place->client_id, sizeof(place->client_id));
}

static void fill_order(const struct spot_wish *wish, keel_market_id pair,
                       struct keel_order_ref *order)
{
    order->market = pair;
    order->family = wish->family;
    copy_if_any(wish->order_id, order->order_id, sizeof(order->order_id));
    copy_if_any(wish->client_id, order->client_id, sizeof(order->client_id));
}

static void fill_amend(const struct spot_wish *wish, keel_market_id pair, struct keel_amend *amend)
{
    fill_order(wish, pair, &amend->order);
    amend->quantity = parse_or_absent(wish->quantity);
    amend->price = parse_or_absent(wish->price);
}

static void fill_page(const struct spot_wish *wish, keel_market_id pair, struct keel_page *page)
{
    page->market = pair;
    page->family = wish->family;
    page->start_time_ms = wish->start_time_ms;
    page->end_time_ms = wish->end_time_ms;
    page->page = wish->page;
    page->limit = wish->limit;
    copy_if_any(wish->asset, page->asset, sizeof(page->asset));
}

static void fill_transfer(const struct spot_wish *wish, struct keel_transfer_request *transfer)
{
    transfer->from = wish->from;
    transfer->to = wish->to;
    transfer->amount = parse_or_absent(wish->amount);
    copy_if_any(wish->asset, transfer->asset, sizeof(transfer->asset));
}

static void fill_withdrawal(const struct spot_wish *wish,
                            struct keel_withdrawal_request *withdrawal)
{
    withdrawal->amount = parse_or_absent(wish->amount);
    copy_if_any(wish->asset, withdrawal->asset, sizeof(withdrawal->asset));
    copy_if_any(wish->network, withdrawal->network, sizeof(withdrawal->network));
    copy_if_any(wish->address, withdrawal->address, sizeof(withdrawal->address));
    copy_if_any(wish->client_id, withdrawal->client_id, sizeof(withdrawal->client_id));
}

static struct keel_command make_spot(const struct spot_wish *wish)
{
    struct keel_command command = {.kind = wish->kind};
    keel_market_id pair = wish->symbol
                              ? keel_markets_find(fixture.pairs, keel_str_from(wish->symbol))
                              : KEEL_NO_MARKET;
    switch ((int)wish->kind) {
    case KEEL_PLACE_ORDER: fill_place(wish, pair, &command.place); return command;
    case KEEL_AMEND_ORDER: fill_amend(wish, pair, &command.amend); return command;
    case KEEL_CANCEL_ORDER:
    case KEEL_CANCEL_ALL:
    case KEEL_QUERY_ORDER: fill_order(wish, pair, &command.order); return command;
    case KEEL_TRANSFER: fill_transfer(wish, &command.transfer); return command;
    case KEEL_WITHDRAW: fill_withdrawal(wish, &command.withdrawal); return command;
    case KEEL_CANCEL_WITHDRAWAL:
        copy_if_any(wish->order_id, command.withdrawal_id, sizeof(command.withdrawal_id));
        return command;
    case KEEL_SET_COUNTDOWN:
        command.countdown.market = pair;
        command.countdown.timeout_s = wish->timeout_s;
        return command;
    case KEEL_LOAD_FEES:
    case KEEL_LOAD_MARKS:
    case KEEL_LOAD_CONDITIONAL_ORDERS: command.market = pair; return command;
    }
    fill_page(wish, pair, &command.page);
    return command;
}

static void encode(const struct keel_venue *venue, const struct keel_command *command,
                   const struct keel_modes *modes)
{
    const struct keel_markets *markets =
        venue == &keel_venue_gateio ? fixture.contracts : fixture.pairs;
    if (venue->encode(command, markets, modes, &fixture.keys, now_ms, 2000, &fixture.request,
                      &fixture.error) != KEEL_OK)
        fail_msg("%s", fixture.error.message);
}

/* --- All cases ---------------------------------------------------------------------------------
 */

static int compare_futures(struct recorded *recorded)
{
    for (size_t i = 0; i < COUNT(futures_wishes); i++) {
        struct keel_command command;
        struct keel_modes modes;
        if (!keel_str_equals(recorded->name, keel_str_from(futures_wishes[i].name)))
            continue;
        parse_futures(futures_wishes[i].command, futures_wishes[i].hedge, &modes, &command);
        encode(&keel_venue_gateio, &command, &modes);
        recorded->is_spot = false;
        compare(recorded);
        check_headers(recorded);
        return 1;
    }
    return 0;
}

static int compare_spot(struct recorded *recorded)
{
    for (size_t i = 0; i < COUNT(spot_wishes); i++) {
        struct keel_modes modes = {0};
        if (!keel_str_equals(recorded->name, keel_str_from(spot_wishes[i].name)))
            continue;
        struct keel_command command = make_spot(&spot_wishes[i]);
        encode(&keel_venue_gateio_spot, &command, &modes);
        recorded->is_spot = true;
        compare(recorded);
        check_headers(recorded);
        return 1;
    }
    return 0;
}

static int count_other_ways(const struct recorded *recorded)
{
    int count = 0;
    for (size_t i = 0; i < COUNT(other_ways); i++) {
        assert_true(strlen(other_ways[i].reason) > 0);
        count += keel_str_equals(recorded->name, keel_str_from(other_ways[i].name));
    }
    return count;
}

static void read_recorded(struct keel_json *json, struct keel_arena *arena,
                          struct recorded *recorded)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        keel_str *value = keel_str_equals(key, KEEL_STR("name"))     ? &recorded->name
                          : keel_str_equals(key, KEEL_STR("method")) ? &recorded->method
                          : keel_str_equals(key, KEEL_STR("path"))   ? &recorded->path
                          : keel_str_equals(key, KEEL_STR("query"))  ? &recorded->query
                          : keel_str_equals(key, KEEL_STR("body"))   ? &recorded->body
                                                                     : NULL;
        if (value)
            assert_true(keel_json_read_string(json, arena, value));
        else if (keel_str_equals(key, KEEL_STR("signed")))
            assert_true(keel_json_read_bool(json, &recorded->is_signed));
        else
            keel_json_skip(json);
    }
}

struct tally {
    size_t futures, spot, other;
};

/* In one table at least, and not as another way if it is compared. */
static void check_case(struct keel_json *json, struct tally *tally)
{
    static char memory[8192];
    struct keel_arena arena;
    struct recorded recorded = {0};
    keel_arena_init(&arena, memory, sizeof(memory));
    read_recorded(json, &arena, &recorded);
    int futures = compare_futures(&recorded), spot = compare_spot(&recorded);
    int other = count_other_ways(&recorded);
    if ((futures + spot > 0) == (other > 0) || other > 1)
        fail_msg("%.*s: compared %d times, and %d reasons why not", KEEL_STR_ARGS(recorded.name),
                 futures + spot, other);
    tally->futures += (size_t)futures;
    tally->spot += (size_t)spot;
    tally->other += (size_t)other;
}

static void check_cases(struct keel_json *json, struct tally *tally)
{
    keel_str key;
    keel_json_enter_object(json);
    while (keel_json_next_key(json, &key)) {
        if (!keel_str_equals(key, KEEL_STR("requests"))) {
            keel_json_skip(json);
            continue;
        }
        keel_json_enter_array(json);
        while (keel_json_next_element(json))
            check_case(json, tally);
    }
}

static void requests_are_those_of_other_clients(void **state)
{
    (void)state;
    struct tally tally = {0};
    keel_str text = read_fixture(KEEL_TEST_FIXTURES "/gateio/requests.json");
    struct keel_json json;
    keel_json_init(&json, text);
    check_cases(&json, &tally);
    assert_int_equal(keel_json_finish(&json, NULL), KEEL_OK);
    free_fixture(text);
    assert_int_equal(tally.futures, COUNT(futures_wishes));
    assert_int_equal(tally.spot, COUNT(spot_wishes));
    assert_int_equal(tally.other, COUNT(other_ways));
}

static void put_pair(const char *name, const char *tick, const char *step)
{
    struct keel_market market;
    keel_market_id id;
    assert_true(keel_venue_gateio_spot.name_market(keel_str_from(name), &market));
    market.price_tick = keel_decimal_from_text(tick);
    market.quantity_step = keel_decimal_from_text(step);
    assert_int_equal(keel_markets_put(fixture.pairs, &market, &id, NULL), KEEL_OK);
}

static int set_up(void **state)
{
    (void)state;
    fixture.contracts = make_gate_markets();
    fixture.pairs = keel_markets_new();
    assert_non_null(fixture.pairs);
    put_pair("BTC_USDT", "0.1", "0.000001");
    put_pair("LTC_USDT", "0.01", "0.001");
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
        cmocka_unit_test(requests_are_those_of_other_clients),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
