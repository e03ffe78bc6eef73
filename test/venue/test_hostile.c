/* Messages that no venue documents: of each reply and of each frame every member is spoilt in every
 * way, one at a time. Whatever comes is an error that names the member, or is told without it; it
 * is never another number than the venue wrote, and a write is never taken for done. */
#include "event_text.h"
#include "fixtures.h"

enum {
    EVENTS_MAX = 2048,
    TEXT_SIZE = 16384,
};

/* A reply that is in order, or a frame where there is no command. A name that is spoilt is followed
 * by what becomes of it: '!' it must be there, '#' it is a number, '@' it is a time, '?' it is a
 * word and may be missing. */
struct good {
    const struct keel_venue *venue;
    enum keel_command_kind kind;
    const char *body, *members;
};

/* clang-format off */
static const struct good goods[] = {
    {&keel_venue_binance, KEEL_PLACE_ORDER,
     "{\"orderId\":55,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"keel-1\","
     "\"price\":\"61234.5\",\"avgPrice\":\"0.00\",\"origQty\":\"0.05\",\"executedQty\":\"0.01\","
     "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"reduceOnly\":false,\"side\":\"BUY\","
     "\"positionSide\":\"BOTH\",\"stopPrice\":\"0\",\"updateTime\":1761900000000}",
     "orderId! symbol! status! side! clientOrderId? price# avgPrice# origQty# executedQty# "
     "timeInForce? type? positionSide? stopPrice# updateTime@"},
    {&keel_venue_binance, KEEL_QUERY_ORDER,
     "{\"algoId\":9,\"clientAlgoId\":\"keel-2\",\"symbol\":\"BTCUSDT\",\"algoStatus\":\"NEW\","
     "\"orderType\":\"STOP_MARKET\",\"side\":\"SELL\",\"quantity\":\"0.5\",\"triggerPrice\":\"100\","
     "\"actualOrderId\":\"\",\"createTime\":1761900000000,\"updateTime\":1761900000001}",
     "algoId! symbol! algoStatus! side! clientAlgoId? orderType? quantity# triggerPrice# "
     "createTime@ updateTime@"},
    {&keel_venue_binance, KEEL_LOAD_EXECUTIONS,
     "[{\"symbol\":\"BTCUSDT\",\"id\":27,\"orderId\":35,\"side\":\"BUY\",\"price\":\"36567.10\","
     "\"qty\":\"0.010\",\"realizedPnl\":\"0\",\"commission\":\"0.14\",\"commissionAsset\":\"USDT\","
     "\"time\":1699972836419,\"positionSide\":\"BOTH\",\"maker\":false}]",
     "symbol! id! side! price!# qty!# orderId? realizedPnl# commission# commissionAsset? time@"},
    {&keel_venue_binance, KEEL_LOAD_BALANCES,
     "[{\"asset\":\"USDT\",\"balance\":\"-12.5\",\"crossWalletBalance\":\"-12.5\","
     "\"crossUnPnl\":\"1.5\",\"availableBalance\":\"3\",\"updateTime\":1761900000000}]",
     "asset! balance!# crossWalletBalance# crossUnPnl# availableBalance# updateTime@"},
    {&keel_venue_binance, KEEL_LOAD_POSITIONS,
     "[{\"symbol\":\"BTCUSDT\",\"positionSide\":\"BOTH\",\"positionAmt\":\"-0.5\","
     "\"entryPrice\":\"60000\",\"breakEvenPrice\":\"59990\",\"markPrice\":\"61000\","
     "\"unRealizedProfit\":\"-500\",\"liquidationPrice\":\"90000\",\"isolatedMargin\":\"0\","
     "\"isolatedWallet\":\"0\",\"notional\":\"-30500\",\"updateTime\":1761900000000}]",
     "symbol! positionAmt!# positionSide? entryPrice# breakEvenPrice# markPrice# "
     "unRealizedProfit# liquidationPrice# isolatedMargin# isolatedWallet# notional# updateTime@"},
    {&keel_venue_binance, KEEL_LOAD_LEVERAGE,
     "[{\"symbol\":\"BTCUSDT\",\"marginType\":\"CROSSED\",\"leverage\":20,"
     "\"maxNotionalValue\":\"1000000\"}]",
     "symbol! marginType? leverage# maxNotionalValue#"},
    {&keel_venue_binance, KEEL_LOAD_BRACKETS,
     "[{\"symbol\":\"BTCUSDT\",\"brackets\":[{\"bracket\":1,\"initialLeverage\":75,"
     "\"notionalCap\":10000,\"notionalFloor\":0,\"maintMarginRatio\":0.005,\"cum\":0.5}]}]",
     "symbol! initialLeverage!# notionalCap!# notionalFloor!# maintMarginRatio!# cum#"},
    {&keel_venue_binance, KEEL_LOAD_MARKS,
     "[{\"symbol\":\"BTCUSDT\",\"markPrice\":\"61233.45\",\"indexPrice\":\"61230.11\","
     "\"lastFundingRate\":\"-0.0001\",\"nextFundingTime\":1761903600000,\"time\":1761900000000}]",
     "symbol! markPrice!# indexPrice# lastFundingRate# nextFundingTime@ time@"},
    {&keel_venue_binance, KEEL_LOAD_FEES,
     "{\"symbol\":\"BTCUSDT\",\"makerCommissionRate\":\"-0.0002\","
     "\"takerCommissionRate\":\"0.0004\"}",
     "makerCommissionRate!# takerCommissionRate!#"},
    {&keel_venue_binance, KEEL_LOAD_INCOME,
     "[{\"symbol\":\"BTCUSDT\",\"incomeType\":\"FUNDING_FEE\",\"income\":\"-1.53\","
     "\"asset\":\"USDT\",\"time\":1761900000000,\"tranId\":9689322393001,\"tradeId\":\"\"}]",
     "incomeType! income!# asset! time@ tranId?"},
    {&keel_venue_binance, KEEL_LOAD_TIME, "{\"serverTime\":1761900000000}", "serverTime!@"},
    {&keel_venue_binance, KEEL_LOAD_AMENDMENTS,
     "[{\"symbol\":\"BTCUSDT\",\"orderId\":9,\"clientOrderId\":\"keel-1\",\"time\":1629184560899,"
     "\"amendment\":{\"price\":{\"before\":\"30004\",\"after\":\"30003.2\"},"
     "\"origQty\":{\"before\":\"1\",\"after\":\"2\"},\"count\":3}}]",
     "time!@ after!#"},
    {&keel_venue_binance, KEEL_LOAD_MARGIN_CHANGES,
     "[{\"symbol\":\"BTCUSDT\",\"type\":1,\"deltaType\":\"USER_ADJUST\",\"amount\":\"23.5\","
     "\"asset\":\"USDT\",\"time\":1578047897183,\"positionSide\":\"BOTH\"}]",
     "type!# amount!# time!@ deltaType? positionSide?"},

    {&keel_venue_binance_spot, KEEL_PLACE_ORDER,
     "{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"keel-1\","
     "\"transactTime\":1761900000123,\"price\":\"20000\",\"origQty\":\"0.5\","
     "\"executedQty\":\"0.25\",\"cummulativeQuoteQty\":\"5000\",\"status\":\"PARTIALLY_FILLED\","
     "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"BUY\"}",
     "symbol! orderId! status! side! clientOrderId? transactTime@ price# origQty# executedQty# "
     "cummulativeQuoteQty# timeInForce? type?"},
    {&keel_venue_binance_spot, KEEL_LOAD_EXECUTIONS,
     "[{\"symbol\":\"BTCUSDT\",\"id\":28457,\"orderId\":100,\"price\":\"4.001\",\"qty\":\"12\","
     "\"commission\":\"10.1\",\"commissionAsset\":\"BNB\",\"time\":1499865549590,"
     "\"isBuyer\":true,\"isMaker\":false}]",
     "symbol! id! isBuyer! price!# qty!# orderId? commission# commissionAsset? time@"},
    {&keel_venue_binance_spot, KEEL_LOAD_BALANCES,
     "{\"canTrade\":true,\"updateTime\":1761900000000,\"balances\":[{\"asset\":\"BTC\","
     "\"free\":\"4723846.89\",\"locked\":\"0.5\"}]}",
     "balances! asset! free!# locked!# updateTime@"},
    {&keel_venue_binance_spot, KEEL_LOAD_WITHDRAWALS,
     "[{\"id\":\"b6ae\",\"amount\":\"8.91\",\"transactionFee\":\"0.004\",\"coin\":\"USDT\","
     "\"status\":6,\"address\":\"0x94\",\"applyTime\":\"2019-10-12 11:12:02\",\"network\":\"ETH\"}]",
     "id! amount!# coin! transactionFee# status# address? network?"},
    {&keel_venue_binance_spot, KEEL_LOAD_DEPOSITS,
     "[{\"id\":\"769800519366885376\",\"amount\":\"0.001\",\"coin\":\"BNB\",\"network\":\"BNB\","
     "\"status\":1,\"insertTime\":1661493146000}]",
     "amount!# coin! status# insertTime@ id?"},

    {&keel_venue_gateio, KEEL_PLACE_ORDER,
     "{\"id\":74046514,\"create_time\":1681195484.462,\"update_time\":1681195484.5,"
     "\"status\":\"open\",\"contract\":\"BTC_USDT\",\"size\":\"10\",\"left\":\"4\","
     "\"price\":\"31503.3\",\"tif\":\"gtc\",\"fill_price\":\"31500\",\"text\":\"t-k1\"}",
     "id! status! contract! size!# left# price# fill_price# create_time@ update_time@ tif? text?"},
    {&keel_venue_gateio, KEEL_LOAD_EXECUTIONS,
     "[{\"id\":121234231,\"create_time\":1514764800.123,\"contract\":\"BTC_USDT\","
     "\"order_id\":\"218\",\"size\":\"-100\",\"price\":\"100.123\",\"text\":\"t-1\",\"fee\":\"0.01\","
     "\"role\":\"taker\",\"close_size\":\"0\"}]",
     "id! contract! size!# price!# fee# close_size# create_time@ order_id? role? text?"},
    {&keel_venue_gateio, KEEL_LOAD_BALANCES,
     "{\"user\":20011,\"currency\":\"USDT\",\"total\":\"-1000.25\",\"available\":\"940.204\","
     "\"unrealised_pnl\":\"0.0038\"}",
     "total!# available# unrealised_pnl# currency?"},
    {&keel_venue_gateio, KEEL_LOAD_POSITIONS,
     "[{\"contract\":\"BTC_USDT\",\"size\":\"-7\",\"leverage\":\"3\",\"mode\":\"single\","
     "\"entry_price\":\"60000.5\",\"mark_price\":\"61000\",\"liq_price\":\"80000\","
     "\"margin\":\"20\",\"unrealised_pnl\":\"-0.7\",\"value\":\"42.7\",\"update_time\":1684994406}]",
     "contract! size!# leverage# entry_price# mark_price# liq_price# margin# unrealised_pnl# "
     "value# update_time@ mode?"},
    {&keel_venue_gateio, KEEL_LOAD_BRACKETS,
     "[{\"tier\":1,\"risk_limit\":\"20000\",\"maintenance_rate\":\"0.01\",\"leverage_max\":\"50\","
     "\"deduction\":\"1.5\",\"contract\":\"BTC_USDT\"}]",
     "risk_limit!# maintenance_rate!# leverage_max!# deduction# contract?"},
    {&keel_venue_gateio, KEEL_LOAD_MARKS,
     "[{\"contract\":\"BTC_USDT\",\"last\":\"30000\",\"mark_price\":\"30000.12\","
     "\"index_price\":\"30001\",\"funding_rate\":\"-0.0001\"}]",
     "contract! mark_price# index_price# funding_rate#"},
    {&keel_venue_gateio, KEEL_LOAD_FEES,
     "{\"BTC_USDT\":{\"taker_fee\":\"0.00025\",\"maker_fee\":\"-0.00010\"}}",
     "taker_fee!# maker_fee!#"},
    {&keel_venue_gateio, KEEL_LOAD_INCOME,
     "[{\"time\":1682294400.123,\"change\":\"-1.5\",\"balance\":\"4.59\",\"type\":\"fund\","
     "\"contract\":\"BTC_USDT\",\"trade_id\":\"1\",\"id\":\"1\"}]",
     "change!# type! time@ contract? id?"},
    {&keel_venue_gateio, KEEL_LOAD_CONDITIONAL_ORDERS,
     "[{\"id\":1432329,\"status\":\"open\",\"create_time\":1514764800,\"trigger\":{\"price_type\":0,"
     "\"price\":\"3000\",\"rule\":1},\"initial\":{\"contract\":\"BTC_USDT\",\"size\":100,"
     "\"price\":\"5.03\",\"tif\":\"gtc\",\"text\":\"t-1\"}}]",
     "id! status! contract! size!# create_time@ rule# tif? text?"},

    {&keel_venue_gateio_spot, KEEL_PLACE_ORDER,
     "{\"id\":\"1852\",\"text\":\"t-abc\",\"create_time_ms\":1710488334073,"
     "\"update_time_ms\":1710488334074,\"status\":\"open\",\"currency_pair\":\"BTC_USDT\","
     "\"type\":\"limit\",\"side\":\"buy\",\"amount\":\"0.001\",\"price\":\"65000\","
     "\"time_in_force\":\"gtc\",\"left\":\"0.0005\",\"filled_amount\":\"0.0005\","
     "\"filled_total\":\"32.5\",\"avg_deal_price\":\"65000\"}",
     "id! currency_pair! status! side! amount# price# left# filled_amount# avg_deal_price# "
     "create_time_ms@ update_time_ms@ type? time_in_force? text?"},
    {&keel_venue_gateio_spot, KEEL_LOAD_EXECUTIONS,
     "[{\"id\":\"5736713\",\"create_time_ms\":\"1548000000123.456\",\"currency_pair\":\"BTC_USDT\","
     "\"side\":\"buy\",\"role\":\"taker\",\"amount\":\"0.5\",\"price\":\"300\",\"order_id\":\"8\","
     "\"fee\":\"0.01\",\"fee_currency\":\"BTC\"}]",
     "id! currency_pair! side! amount!# price!# fee# create_time_ms@ order_id? fee_currency?"},
    {&keel_venue_gateio_spot, KEEL_LOAD_BALANCES,
     "[{\"currency\":\"BTC\",\"available\":\"968.8\",\"locked\":\"0.5\",\"update_id\":98}]",
     "currency! available!# locked!#"},
    {&keel_venue_gateio_spot, KEEL_LOAD_CONDITIONAL_ORDERS,
     "[{\"market\":\"BTC_USDT\",\"id\":12,\"status\":\"open\",\"ctime\":1616397800,\"trigger\":{"
     "\"price\":\"100\",\"rule\":\">=\"},\"put\":{\"type\":\"limit\",\"side\":\"buy\","
     "\"amount\":\"2.5\",\"time_in_force\":\"gtc\"}}]",
     "market! id! status! side! amount# ctime@ rule? type?"},
    {&keel_venue_gateio_spot, KEEL_LOAD_WITHDRAWALS,
     "[{\"id\":\"w210\",\"timestamp\":\"1542000000\",\"currency\":\"ETH\",\"address\":\"1HkxtBA\","
     "\"amount\":\"222.61\",\"fee\":\"0.01\",\"status\":\"DONE\",\"chain\":\"ETH\"}]",
     "id! currency! amount!# fee# timestamp@ address? chain?"},

    /* Frames. */
    {&keel_venue_binance, KEEL_COMMAND_NONE,
     "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1,\"o\":{\"s\":\"BTCUSDT\",\"c\":\"keel-1\",\"S\":\""
     "SELL\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"0.5\",\"p\":\"9910\",\"ap\":\"9910\",\"sp\""
     ":\"0\",\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"i\":8886774,\"l\":\"0.2\",\"z\":\"0."
     "2\",\"L\":\"9910\",\"N\":\"USDT\",\"n\":\"0.4\",\"T\":1568879465651,\"t\":77,\"m\":true,"
     "\"R\":false,\"ps\":\"BOTH\",\"rp\":\"-1.5\"}}",
     "s! S! X! i! q# p# ap# sp# l!# z# L!# n# rp# T@ c? x? f? N? t? ps?"},
    {&keel_venue_binance, KEEL_COMMAND_NONE,
     "{\"e\":\"ACCOUNT_UPDATE\",\"E\":1,\"T\":1564745798938,\"a\":{\"m\":\"FUNDING_FEE\",\"B\""
     ":[{\"a\":\"USDT\",\"wb\":\"122624.1\",\"cw\":\"100.1\",\"bc\":\"-50.1\"}],\"P\":[{\"s\":"
     "\"BTCUSDT\",\"pa\":\"-20\",\"ep\":\"6563.6\",\"bep\":\"6560\",\"cr\":\"0\",\"up\":\"2850"
     ".2\",\"mt\":\"isolated\",\"iw\":\"13200.7\",\"ps\":\"BOTH\"}]}}",
     "s! wb!# cw# bc# pa!# ep# bep# cr# up# iw# T@ m? mt? ps?"},
    {&keel_venue_binance, KEEL_COMMAND_NONE,
     "{\"e\":\"ALGO_UPDATE\",\"T\":1750515742297,\"E\":1,\"o\":{\"caid\":\"keel-2\",\"aid\":21"
     "48719,\"at\":\"CONDITIONAL\",\"o\":\"STOP_MARKET\",\"s\":\"BTCUSDT\",\"S\":\"SELL\",\"ps"
     "\":\"BOTH\",\"f\":\"GTC\",\"q\":\"0.01\",\"X\":\"NEW\",\"ai\":\"\",\"tp\":\"750\",\"p\":"
     "\"0\",\"wt\":\"CONTRACT_PRICE\"}}",
     "aid! s! S! X! q# tp# p# T@ caid? f? ai? wt? ps?"},
    {&keel_venue_binance, KEEL_COMMAND_NONE,
     "{\"e\":\"markPriceUpdate\",\"E\":1562305380000,\"s\":\"BTCUSDT\",\"p\":\"11794.15\",\"i"
     "\":\"11784.62\",\"P\":\"11784.25\",\"r\":\"0.00038167\",\"T\":1562306400000}",
     "s! p!# i# r# T@ E@"},
    {&keel_venue_binance_spot, KEEL_COMMAND_NONE,
     "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1,\"s\":\"BTCUSDT\",\"c"
     "\":\"keel-1\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"0.5\",\"p\":\"20000\","
     "\"P\":\"0\",\"C\":\"\",\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"r\":\"NONE\",\"i\":4"
     "293153,\"l\":\"0.25\",\"z\":\"0.25\",\"L\":\"20000\",\"n\":\"0.00025\",\"N\":\"BTC\",\"T"
     "\":1761900000120,\"t\":28457,\"m\":true,\"O\":1761900000000,\"Z\":\"5000\",\"Q\":\"0\"}}",
     "s! S! X! i! t! l!# L!# q# p# P# z# n# Z# Q# T@ O@ c? f? N? C?"},
    {&keel_venue_binance_spot, KEEL_COMMAND_NONE,
     "{\"subscriptionId\":0,\"event\":{\"e\":\"outboundAccountPosition\",\"E\":1,\"u\":1564034"
     "571073,\"B\":[{\"a\":\"ETH\",\"f\":\"10000.5\",\"l\":\"0.5\"}]}}",
     "a! f!# l!# u@"},
    {&keel_venue_binance_spot, KEEL_COMMAND_NONE,
     "{\"subscriptionId\":0,\"event\":{\"e\":\"balanceUpdate\",\"E\":1,\"a\":\"BTC\",\"d\":\"-"
     "100.5\",\"T\":1573200697068}}",
     "a! d!# T@"},
    {&keel_venue_gateio, KEEL_COMMAND_NONE,
     "{\"time\":1545459681,\"channel\":\"futures.orders\",\"event\":\"update\",\"result\":[{\""
     "contract\":\"BTC_USDT\",\"create_time_ms\":1628736847325,\"fill_price\":40000.4,\"finish"
     "_as\":\"filled\",\"id\":4872460,\"left\":0,\"price\":40000.4,\"size\":-1,\"status\":\"fi"
     "nished\",\"text\":\"t-k1\",\"tif\":\"gtc\",\"is_reduce_only\":false,\"update_time\":1628"
     "736848000}]}",
     "contract! id! status! size!# left# price# fill_price# create_time_ms@ update_time@ tif? text?"},
    {&keel_venue_gateio, KEEL_COMMAND_NONE,
     "{\"time\":1543205083,\"channel\":\"futures.usertrades\",\"event\":\"update\",\"result\":"
     "[{\"id\":\"3335259\",\"create_time_ms\":1628736848321,\"contract\":\"BTC_USDT\",\"order_"
     "id\":\"4872460\",\"size\":1,\"price\":\"40000.4\",\"role\":\"maker\",\"text\":\"t-k1\","
     "\"fee\":-0.0009}]}",
     "contract! id! size!# price!# fee# create_time_ms@ order_id? role? text?"},
    {&keel_venue_gateio, KEEL_COMMAND_NONE,
     "{\"time\":1588212926,\"channel\":\"futures.positions\",\"event\":\"update\",\"result\":["
     "{\"contract\":\"BTC_USDT\",\"cross_leverage_limit\":0,\"entry_price\":40000.36,\"leverag"
     "e\":10,\"liq_price\":0.03,\"margin\":49.9,\"mode\":\"single\",\"size\":3,\"time_ms\":162"
     "8736848321}]}",
     "contract! size!# leverage# entry_price# margin# liq_price# time_ms@ mode?"},
    {&keel_venue_gateio, KEEL_COMMAND_NONE,
     "{\"time\":1541505434,\"channel\":\"futures.balances\",\"event\":\"update\",\"result\":[{"
     "\"balance\":9.998,\"change\":-0.002,\"text\":\"BTC_USDT:3914424\",\"time_ms\":1547199246"
     "123,\"type\":\"fund\",\"currency\":\"usdt\"}]}",
     "type! balance!# change!# time_ms@ text?"},
    {&keel_venue_gateio_spot, KEEL_COMMAND_NONE,
     "{\"time\":1694655225,\"channel\":\"spot.orders\",\"event\":\"update\",\"result\":[{\"id"
     "\":\"399123456\",\"text\":\"t-k1\",\"create_time_ms\":\"1694655225315\",\"update_time_ms"
     "\":\"1694655225315\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"side\":\"sell\""
     ",\"amount\":\"0.5\",\"price\":\"26253.3\",\"time_in_force\":\"gtc\",\"left\":\"0.5\",\"f"
     "illed_total\":\"0\",\"avg_deal_price\":\"0\",\"status\":\"open\",\"finish_as\":\"open\"}"
     "]}",
     "id! currency_pair! side! status! amount# left# price# filled_total# avg_deal_price# create_time_ms@ update_time_ms@ time_in_force? text?"},
    {&keel_venue_gateio_spot, KEEL_COMMAND_NONE,
     "{\"time\":1605176741,\"channel\":\"spot.usertrades\",\"event\":\"update\",\"result\":[{"
     "\"id\":5736713,\"order_id\":\"30784428\",\"currency_pair\":\"BTC_USDT\",\"create_time_ms"
     "\":\"1605176741123.456\",\"side\":\"sell\",\"amount\":\"1.5\",\"role\":\"taker\",\"price"
     "\":\"10000\",\"fee\":\"0.002\",\"fee_currency\":\"USDT\",\"text\":\"t-k1\"}]}",
     "id! currency_pair! side! amount!# price!# fee# create_time_ms@ order_id? fee_currency? text?"},
    {&keel_venue_gateio_spot, KEEL_COMMAND_NONE,
     "{\"time\":1605248616,\"channel\":\"spot.balances\",\"event\":\"update\",\"result\":[{\"t"
     "imestamp_ms\":\"1605248616763\",\"currency\":\"USDT\",\"change\":\"100\",\"total\":\"103"
     "2951.3\",\"available\":\"1022943.3\",\"freeze\":\"5\",\"change_type\":\"deposit\"}]}",
     "currency! total!# available# freeze# change# timestamp_ms@ change_type?"},
};
/* clang-format on */

static struct bench {
    struct keel_event events[EVENTS_MAX];
    char arena[65536];
    char body[TEXT_SIZE], text[TEXT_SIZE], plain[TEXT_SIZE];
    struct keel_markets *markets;
    struct keel_outcome outcome;
    enum keel_status status;
} bench;

static bool names_gate(const struct keel_venue *venue)
{
    return venue == &keel_venue_gateio || venue == &keel_venue_gateio_spot;
}

static struct keel_markets *make_markets(const struct keel_venue *venue)
{
    struct keel_markets *markets = keel_markets_new();
    struct keel_market market;
    keel_market_id id;
    keel_str name = names_gate(venue) ? KEEL_STR("BTC_USDT") : KEEL_STR("BTCUSDT");
    assert_non_null(markets);
    assert_true(venue->name_market(name, &market));
    assert_int_equal(keel_markets_put(markets, &market, &id, NULL), KEEL_OK);
    return markets;
}

/* What comes of it in words, "" with an error; the bytes end where the memory that they are in
 * does, so that a sanitizer sees a step too far. */
static const char *decode(const struct good *good, const char *body, char *text)
{
    size_t size = strlen(body);
    char *exact = malloc(size > 0 ? size : 1);
    struct keel_arena arena;
    struct keel_writer writer;
    struct keel_events events = {bench.events, 0, EVENTS_MAX};
    struct keel_command command = {.kind = good->kind};
    command.market = command.order.market = 1;
    assert_non_null(exact);
    memcpy(exact, body, size);
    const struct keel_reply reply = {
        .http_status = 200, .body = {exact, size}
    };
    keel_arena_init(&arena, bench.arena, sizeof(bench.arena));
    if (good->kind == KEEL_LOAD_CONDITIONAL_ORDERS)
        command.order.family = KEEL_FAMILY_CONDITIONAL;
    bench.outcome = (struct keel_outcome){.fate = KEEL_FATE_NONE};
    if (good->kind == KEEL_COMMAND_NONE)
        bench.status = good->venue->decode_stream(reply.body, bench.markets, &arena, &events,
                                                  &bench.outcome.error);
    else
        bench.status = good->venue->decode_reply(&command, &reply, bench.markets, &arena, &events,
                                                 &bench.outcome);
    if (bench.status != KEEL_OK)
        assert_int_equal(events.count, 0);
    keel_writer_init(&writer, text, TEXT_SIZE);
    write_events(&writer, &events, bench.markets);
    if (bench.status != KEEL_OK && keel_command_is_write(good->kind))
        assert_int_equal(bench.outcome.fate, KEEL_FATE_UNKNOWN);
    if (bench.status != KEEL_OK)
        assert_int_not_equal(bench.outcome.fate, KEEL_ACCEPTED);
    free(exact);
    return text;
}

struct spot {
    size_t name, value, end; /* of a member, in the body */
};

static struct spot find_spot(const char *body, const char *name)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "\"%s\":", name);
    const char *at = strstr(body, mark);
    if (!at)
        fail_msg("no %s in %s", name, body);
    const char *value = at + strlen(mark), *end = value;
    if (*value == '"')
        end = strchr(value + 1, '"') + 1;
    else if (*value == '[')
        end = strrchr(value, ']') + 1;
    else
        end += strcspn(value, ",}]");
    return (struct spot){(size_t)(at - body), (size_t)(value - body), (size_t)(end - body)};
}

static const char *put_member(const struct good *good, const char *name, const char *value)
{
    struct spot spot = find_spot(good->body, name);
    snprintf(bench.body, sizeof(bench.body), "%.*s%s%s", (int)spot.value, good->body, value,
             good->body + spot.end);
    return bench.body;
}

static const char *leave_out(const struct good *good, const char *name)
{
    struct spot spot = find_spot(good->body, name);
    bool comma_after = good->body[spot.end] == ',';
    bool comma_before = !comma_after && spot.name > 0 && good->body[spot.name - 1] == ',';
    snprintf(bench.body, sizeof(bench.body), "%.*s%s", (int)(spot.name - (comma_before ? 1 : 0)),
             good->body, good->body + spot.end + (comma_after ? 1 : 0));
    return bench.body;
}

static const char *put_twice(const struct good *good, const char *name, const char *other)
{
    struct spot spot = find_spot(good->body, name);
    snprintf(bench.body, sizeof(bench.body), "%.*s,\"%s\":%s%s", (int)spot.end, good->body, name,
             other, good->body + spot.end);
    return bench.body;
}

static void expect_named(const struct good *good, const char *name, const char *what)
{
    char mark[64];
    snprintf(mark, sizeof(mark), "in \"%s\"", name);
    if (bench.status != KEEL_MALFORMED || !strstr(bench.outcome.error.message, mark))
        fail_msg("%s %s, %s %s: %s %s", good->venue->name, keel_command_kind_name(good->kind), name,
                 what, bench.status == KEEL_OK ? bench.text : bench.outcome.error.message,
                 bench.body);
}

static void expect_refused(const struct good *good, const char *name, const char *what)
{
    if (bench.status != KEEL_MALFORMED)
        fail_msg("%s %s, %s %s: %s", good->venue->name, keel_command_kind_name(good->kind), name,
                 what, bench.text);
}

static bool is_number(const char *marks)
{
    return strpbrk(marks, "#@") != NULL;
}

static void spoil_number(const struct good *good, const char *name)
{
    static const char *const never[] = {
        "\"x\"",     "true",
        "\"0x10\"",  "\"1,5\"",
        "\" 1\"",    "\"NaN\"",
        "\"1e400\"", "1e400",
        "\"--1\"",   "99999999999999999999999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        decode(good, put_member(good, name, never[i]), bench.text);
        expect_named(good, name, never[i]);
    }
}

static void spoil(const struct good *good, const char *name, const char *marks)
{
    bool needed = strchr(marks, '!') != NULL, number = is_number(marks);
    decode(good, put_member(good, name, "{\"a\":1}"), bench.text);
    expect_named(good, name, "is an object");
    if (strcmp(name, "balances") != 0) {
        decode(good, put_member(good, name, "[1]"), bench.text);
        expect_named(good, name, "is an array");
    }
    if (number)
        spoil_number(good, name);
    decode(good, leave_out(good, name), bench.text);
    if (needed)
        expect_refused(good, name, "left out");
    decode(good, put_member(good, name, "null"), bench.text);
    if (needed)
        expect_refused(good, name, "is null");
}

/* Calls `visit` for each name of good->members. */
static void each_member(const struct good *good,
                        void (*visit)(const struct good *good, const char *name, const char *marks))
{
    char names[1024];
    snprintf(names, sizeof(names), "%s", good->members);
    for (char *name = strtok(names, " "); name; name = strtok(NULL, " ")) {
        size_t size = strcspn(name, "!#@?");
        char marks[4];
        snprintf(marks, sizeof(marks), "%s", name + size);
        name[size] = '\0';
        visit(good, name, marks);
    }
}

static void each_good(void (*visit)(const struct good *good, const char *name, const char *marks))
{
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        bench.markets = make_markets(goods[i].venue);
        decode(&goods[i], goods[i].body, bench.plain);
        if (bench.status != KEEL_OK || bench.plain[0] == '\0' || strstr(bench.plain, "unknown"))
            fail_msg("%s %s: %s%s", goods[i].venue->name, keel_command_kind_name(goods[i].kind),
                     bench.plain, bench.outcome.error.message);
        each_member(&goods[i], visit);
        keel_markets_free(bench.markets);
    }
}

static void a_member_of_another_kind_is_an_error_that_names_it(void **state)
{
    (void)state;
    each_good(spoil);
}

/* Of two times, either will do. */
static void check_twice(const struct good *good, const char *name, const char *marks)
{
    if (!strchr(marks, '#'))
        return;
    decode(good, put_twice(good, name, "17"), bench.text);
    expect_named(good, name, "stands twice");
}

static void a_number_that_stands_twice_is_none(void **state)
{
    (void)state;
    each_good(check_twice);
}

/* The same value in another form: with an exponent, and as a bare number. */
static void check_forms(const struct good *good, const char *name, const char *marks)
{
    struct spot spot = find_spot(good->body, name);
    bool quoted = good->body[spot.value] == '"';
    char value[64], other[96];
    if (!is_number(marks))
        return;
    snprintf(value, sizeof(value), "%.*s", (int)(spot.end - spot.value - (quoted ? 2 : 0)),
             good->body + spot.value + quoted);
    snprintf(other, sizeof(other), quoted ? "%s" : "\"%s\"", value);
    if (strcmp(decode(good, put_member(good, name, other), bench.text), bench.plain) != 0)
        fail_msg("%s as %s: %s%s", name, other, bench.text, bench.outcome.error.message);
    snprintf(other, sizeof(other), "\"%se0\"", value);
    decode(good, put_member(good, name, other), bench.text);
    if (bench.status == KEEL_OK && strcmp(bench.text, bench.plain) != 0)
        fail_msg("%s as %s: %s", name, other, bench.text);
}

static void a_number_is_the_same_in_each_of_its_forms(void **state)
{
    (void)state;
    each_good(check_forms);
}

static void what_is_cut_off_or_is_no_json_yields_nothing(void **state)
{
    (void)state;
    static const char *const pages[] = {
        "", " ", "<html><body>502 Bad Gateway</body></html>", "ok", "null", "true", "5", "\"\"",
    };
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        bench.markets = make_markets(goods[i].venue);
        for (size_t cut = 0; cut < strlen(goods[i].body); cut++) {
            snprintf(bench.body, sizeof(bench.body), "%.*s", (int)cut, goods[i].body);
            decode(&goods[i], bench.body, bench.text);
            expect_refused(&goods[i], bench.body, "cut off");
        }
        for (size_t page = 0; page < sizeof(pages) / sizeof(pages[0]); page++) {
            decode(&goods[i], pages[page], bench.text);
            expect_refused(&goods[i], pages[page], "in the place of an answer");
        }
        keel_markets_free(bench.markets);
    }
}

/* What follows the last row of a full list would seem not to be there: a position flat, an order
 * done. */
static void a_list_that_may_have_been_cut_is_an_error(void **state)
{
    (void)state;
    static const enum keel_command_kind kinds[] = {KEEL_LOAD_POSITIONS, KEEL_LOAD_LEVERAGE};
    static const char row[] = "{\"contract\":\"BTC_USDT\",\"size\":\"0\",\"leverage\":\"3\"}";
    static char list[1000 * sizeof(row) + 2];
    struct good good = {.venue = &keel_venue_gateio};
    bench.markets = make_markets(good.venue);
    for (size_t i = 0; i < 2 * 2; i++) {
        size_t size = 0, rows = i < 2 ? 999 : 1000;
        for (size_t at = 0; at < rows; at++)
            size += (size_t)snprintf(list + size, sizeof(list) - size, "%c%s", at == 0 ? '[' : ',',
                                     row);
        snprintf(list + size, sizeof(list) - size, "]");
        good.kind = kinds[i % 2];
        decode(&good, list, bench.text);
        assert_int_equal(bench.status, rows < 1000 ? KEEL_OK : KEEL_MALFORMED);
    }
    assert_non_null(strstr(bench.outcome.error.message, "more may follow"));
    keel_markets_free(bench.markets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_of_another_kind_is_an_error_that_names_it),
        cmocka_unit_test(a_number_that_stands_twice_is_none),
        cmocka_unit_test(a_number_is_the_same_in_each_of_its_forms),
        cmocka_unit_test(what_is_cut_off_or_is_no_json_yields_nothing),
        cmocka_unit_test(a_list_that_may_have_been_cut_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
