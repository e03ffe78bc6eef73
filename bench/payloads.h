/* payloads.h - the messages that the operations are timed with, minified, as the venues send them.
 */
#ifndef BENCH_PAYLOADS_H
#define BENCH_PAYLOADS_H

/* A partial fill of 487 bytes and an account update of 560 bytes with one balance and three
 * positions, minified, as the venue sends them to a one-way account. */
static const char ORDER_EVENT[] =
    "{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":1700000001200,\"E\":1700000001202,\"o\":{\"s\":"
    "\"BTCUSDT\","
    "\"c\":\"bench\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"0.009\",\"p\":\"30123."
    "40\","
    "\"ap\":\"30123.4\",\"sp\":\"0\",\"x\":\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"i\":77120045,"
    "\"l\":\"0.001\",\"z\":\"0.001\",\"L\":\"30123.40\",\"N\":\"USDT\",\"n\":\"0.00602468\","
    "\"T\":1700000001200,\"t\":50000000,\"b\":\"0\",\"a\":\"0\",\"m\":true,\"R\":false,"
    "\"wt\":\"CONTRACT_PRICE\",\"ot\":\"LIMIT\",\"ps\":\"BOTH\",\"cp\":false,\"AP\":\"0\","
    "\"cr\":\"0\",\"pP\":false,\"si\":0,\"ss\":0,\"rp\":\"0\",\"V\":\"EXPIRE_MAKER\"}}";
static const char ACCOUNT_EVENT[] =
    "{\"e\":\"ACCOUNT_UPDATE\",\"T\":1700000001200,\"E\":1700000001202,\"a\":{\"m\":\"ORDER\","
    "\"B\":[{\"a\":\"USDT\",\"wb\":\"9876.54321098\",\"cw\":\"9876.54321098\",\"bc\":\"0\"}],"
    "\"P\":[{\"s\":\"BTCUSDT\",\"pa\":\"0.950\",\"ep\":\"30100.10\",\"bep\":\"30115.100000\","
    "\"cr\":\"12.50000000\",\"up\":\"1.23450000\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"},"
    "{\"s\":\"ETHUSDT\",\"pa\":\"-1.250\",\"ep\":\"1850.25\",\"bep\":\"1849.3\",\"cr\":\"-3."
    "25000000\","
    "\"up\":\"-4.50000000\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"},"
    "{\"s\":\"XRPUSDT\",\"pa\":\"900.0\",\"ep\":\"0.6123000000\",\"bep\":\"0.612606150\",\"cr\":"
    "\"0.00000000\","
    "\"up\":\"0.72000000\",\"mt\":\"cross\",\"iw\":\"0\",\"ps\":\"BOTH\"}]}}";

/* The same of Gate.io: an order's own channel, its trade's, and a position's. */
static const char GATE_ORDER_EVENT[] =
    "{\"time\":1700000001,\"time_ms\":1700000001202,\"channel\":\"futures.orders\",\"event\":"
    "\"update\",\"result\":[{\"tkfr\":0.0005,\"text\":\"t-k2a\",\"user\":\"20011\",\"stp_act\":\"-"
    "\","
    "\"id\":58828270140012048,\"refr\":0,\"is_reduce_only\":false,\"mkfr\":0.0002,"
    "\"stop_loss_price\":\"\",\"is_liq\":false,\"fill_price\":30123.4,\"finish_as\":\"_update\","
    "\"size\":\"1000000\",\"contract\":\"BTC_USDT\",\"stop_profit_price\":\"\",\"create_time_ms\":"
    "1700000001100,\"status\":\"open\",\"price\":30123.4,\"biz_info\":\"-\",\"is_close\":false,"
    "\"left\":\"999999\",\"tif\":\"gtc\",\"finish_time_ms\":1700000001100,\"stp_id\":\"0\","
    "\"update_id\":2,\"iceberg\":\"0\",\"refu\":0,\"finish_time\":1700000001,\"amend_text\":\"-\","
    "\"create_time\":1700000001,\"update_time\":1700000001200}]}";
static const char GATE_TRADE_EVENT[] =
    "{\"time\":1700000001,\"time_ms\":1700000001203,\"channel\":\"futures.usertrades\",\"event\":"
    "\"update\",\"result\":[{\"id\":\"50000000\",\"create_time\":1700000001,\"create_time_ms\":"
    "1700000001200,\"contract\":\"BTC_USDT\",\"order_id\":\"58828270140012048\",\"size\":\"1\","
    "\"price\":\"30123.4\",\"role\":\"maker\",\"text\":\"t-k2a\",\"fee\":0.000602468,\"point_fee\":"
    "0}]}";
static const char GATE_POSITION_EVENT[] =
    "{\"time\":1700000001,\"time_ms\":1700000001204,\"channel\":\"futures.positions\",\"event\":"
    "\"update\",\"result\":[{\"contract\":\"BTC_USDT\",\"cross_leverage_limit\":10,\"entry_price\":"
    "30000.00000001,\"history_pnl\":0,\"history_point\":0,\"last_close_pnl\":0,\"leverage\":0,"
    "\"leverage_max\":100,\"liq_price\":0.1,\"maintenance_rate\":0.005,\"margin\":49.999890611186,"
    "\"mode\":\"single\",\"realised_pnl\":-1.25e-8,\"realised_point\":0,\"risk_limit\":1000000,"
    "\"size\":\"9500\",\"time\":1700000001,\"time_ms\":1700000001200,\"user\":\"20011\",\"update_"
    "id\":"
    "170919}]}";

/* A partial fill where coins are traded: on Binance one report, on Gate.io an order and its trade.
 */
static const char SPOT_ORDER_EVENT[] =
    "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1700000001202,\"s\":"
    "\"BTCUSDT\",\"c\":\"bench\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"1.00000000\","
    "\"p\":\"30123.40000000\",\"P\":\"0.00000000\",\"F\":\"0.00000000\",\"g\":-1,\"C\":\"\",\"x\":"
    "\"TRADE\",\"X\":\"PARTIALLY_FILLED\",\"r\":\"NONE\",\"i\":77120045,\"l\":\"0.00001000\",\"z\":"
    "\"0.00001000\",\"L\":\"30123.40000000\",\"n\":\"0.00000001\",\"N\":\"BTC\",\"T\":"
    "1700000001200,"
    "\"v\":3,\"I\":8641984,\"w\":true,\"m\":true,\"M\":false,\"O\":1700000001100,\"Z\":"
    "\"0.30123400\",\"Y\":\"0.30123400\",\"Q\":\"0.00000000\",\"W\":1700000001100,\"V\":"
    "\"EXPIRE_MAKER\",\"t\":50000000}}";
static const char GATE_SPOT_ORDER_EVENT[] =
    "{\"time\":1700000001,\"time_ms\":1700000001202,\"channel\":\"spot.orders\",\"event\":"
    "\"update\","
    "\"result\":[{\"id\":\"58828270140\",\"text\":\"t-k2a\",\"create_time\":\"1700000001\","
    "\"update_time\":\"1700000001\",\"currency_pair\":\"BTC_USDT\",\"type\":\"limit\",\"account\":"
    "\"spot\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"30123.4\",\"time_in_force\":\"gtc\","
    "\"left\":\"0.999999\",\"filled_total\":\"0.0301234\",\"avg_deal_price\":\"30123.4\",\"fee\":"
    "\"0.000000001\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\",\"gt_fee\":\"0\",\"gt_discount\":"
    "false,\"rebated_fee\":\"0\",\"rebated_fee_currency\":\"USDT\",\"create_time_ms\":"
    "\"1700000001100\",\"update_time_ms\":\"1700000001200\",\"user\":20011,\"event\":\"update\","
    "\"stp_id\":0,\"stp_act\":\"-\",\"finish_as\":\"open\",\"amend_text\":\"-\"}]}";
static const char GATE_SPOT_TRADE_EVENT[] =
    "{\"time\":1700000001,\"time_ms\":1700000001203,\"channel\":\"spot.usertrades\",\"event\":"
    "\"update\",\"result\":[{\"id\":50000000,\"user_id\":20011,\"order_id\":\"58828270140\","
    "\"currency_pair\":\"BTC_USDT\",\"create_time\":1700000001,\"create_time_ms\":"
    "\"1700000001200.123\",\"side\":\"buy\",\"amount\":\"0.000001\",\"role\":\"maker\",\"price\":"
    "\"30123.4\",\"fee\":\"0.000000001\",\"fee_currency\":\"BTC\",\"point_fee\":\"0\",\"gt_fee\":"
    "\"0\","
    "\"text\":\"t-k2a\",\"amend_text\":\"-\"}]}";

#endif
