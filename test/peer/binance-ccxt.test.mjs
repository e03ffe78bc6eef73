// ccxt's binanceusdm, REST and streams, lives a futures life on the paper venue. Its numbers,
// keel's and the venue's own audit must agree.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import ccxt from "ccxt";

import { negate, product, same, sum } from "./decimal.mjs";
import { keel, rawRequest, startPaper } from "./paper.mjs";
import { Watch } from "./watch.mjs";

const BTC = "BTC/USDT:USDT";

let paper;
let exchange;
let watcher;

// Points every REST address of ccxt at the paper venue, and its sockets too.
function redirect(client) {
    const ws = paper.venues.binance.stream;
    const api = client.urls.api;
    for (const [name, url] of Object.entries(api))
        if (typeof url === "string")
            api[name] = url.replace(/^https:\/\/[^/]+/, paper.rest);
    for (const [name, url] of Object.entries(api.ws))
        if (typeof url === "string")
            api.ws[name] = url.replace(/^wss:\/\/[^/]+/, ws);
    api.ws["ws-api"].future = paper.venues.binance.ws_api;
    return client;
}

function newClient() {
    const { api_key, api_secret } = paper.accounts[0];
    return redirect(new ccxt.pro.binanceusdm({ apiKey: api_key, secret: api_secret }));
}

before(async () => {
    paper = await startPaper("--seed", "7", "--accounts", "2", "--balance", "10000");
    exchange = newClient();
    watcher = newClient();
    await watcher.loadHttpProxyAgent(); // ccxt's own preparation for sockets without TLS
});

after(async () => {
    await watcher?.close();
    await exchange?.close();
    assert.equal(await paper?.stop(), 0, "keel paper ends cleanly on SIGTERM");
    // ccxt renews its listen key from a timer that its close does not stop: end in spite of it.
    setTimeout(() => process.exit(), 1000).unref();
});

describe("ccxt binanceusdm", () => {
    let orders, trades, positions, balances;

    it("loads the markets, with their grids", async () => {
        const markets = await exchange.loadMarkets();
        assert.ok(Object.keys(markets).length >= 20);
        assert.equal(markets[BTC].contract, true);
        assert.equal(markets[BTC].precision.price, 0.1);
        assert.equal(markets[BTC].precision.amount, 0.001);
        assert.equal(markets[BTC].contractSize, 1);
    });

    it("reads the balance that keel reads", async () => {
        const balance = await exchange.fetchBalance();
        assert.equal(balance.USDT.total, 10000);
        const [ours] = (await keel(paper, 0, "balances")).filter((row) => row.asset === "USDT");
        assert.equal(ours.wallet, "10000");
    });

    it("sets leverage and margin mode, and keel sees them", async () => {
        assert.equal(Number((await exchange.setLeverage(10, BTC)).leverage), 10);
        await exchange.setMarginMode("isolated", BTC);
        const [ours] = await keel(paper, 0, "leverage", BTC);
        assert.equal(Number(ours.leverage), 10);
        assert.equal(ours.margin_mode, "isolated");
    });

    it("opens its streams", async () => {
        await paper.setPrice("BTCUSDT", "20000");
        await watcher.loadMarkets();
        orders = new Watch(watcher.watchOrders.bind(watcher), BTC);
        trades = new Watch(watcher.watchMyTrades.bind(watcher), BTC);
        positions = new Watch(watcher.watchPositions.bind(watcher), [BTC]);
        balances = new Watch(watcher.watchBalance.bind(watcher));
        await new Promise((resolve) => setTimeout(resolve, 1500));
        for (const watch of [orders, trades, positions, balances])
            assert.equal(watch.failure, null);
    });

    it("places, amends, finds and cancels a limit order", async () => {
        const placed = await exchange.createOrder(BTC, "limit", "buy", 0.01, 19000);
        assert.equal(placed.status, "open");
        assert.equal(placed.amount, 0.01);
        await orders.until("the new order", (order) => order.id === placed.id && order.status === "open");

        const amended = await exchange.editOrder(placed.id, BTC, "limit", "buy", 0.012, 19100);
        assert.equal(amended.id, placed.id);
        assert.equal(amended.price, 19100);
        assert.equal(amended.amount, 0.012);
        const [resting] = await exchange.fetchOpenOrders(BTC);
        assert.equal(resting.id, placed.id);
        assert.equal(resting.price, 19100);

        const [ours] = await keel(paper, 0, "orders", BTC);
        assert.equal(ours.order_id, placed.id);
        assert.equal(ours.price, "19100");
        assert.equal(ours.quantity, "0.012");
        assert.equal(ours.status, "new");

        await exchange.cancelOrder(placed.id, BTC);
        assert.equal((await exchange.fetchOrder(placed.id, BTC)).status, "canceled");
        await orders.until("its end", (order) => order.id === placed.id && order.status === "canceled");
        assert.deepEqual(await exchange.fetchOpenOrders(BTC), []);
        assert.deepEqual(await keel(paper, 0, "orders", BTC), []);
    });

    it("buys at market, and three books show the position", async () => {
        const bought = await exchange.createOrder(BTC, "market", "buy", 0.02);
        assert.equal(bought.status, "closed");
        assert.equal(bought.filled, 0.02);
        await trades.until("the fill", (trade) => trade.order === bought.id);
        const streamed = await positions.until("the position", (position) => position.contracts === 0.02);
        assert.equal(streamed.side, "long");
        await balances.until("the fee", (balance) => balance.USDT.total < 10000);

        const [theirs] = await exchange.fetchPositions([BTC]);
        const [ours] = await keel(paper, 0, "positions");
        assert.equal(theirs.contracts, 0.02);
        assert.equal(theirs.side, "long");
        assert.equal(theirs.marginMode, "isolated");
        assert.equal(ours.quantity, "0.02");
        assert.equal(ours.side, "long");
        assert.equal(ours.leverage, 10);
        assert.equal(Number(ours.entry_price), theirs.entryPrice);
        assert.equal(Number(ours.mark_price), theirs.markPrice);
        assert.equal(Number(ours.unrealized_pnl), theirs.unrealizedPnl);
        assert.ok(Math.abs(Number(ours.liquidation_price) - theirs.liquidationPrice) < 0.1);
    });

    it("has a stop that triggers", async () => {
        const stop = await exchange.createOrder(BTC, "market", "sell", 0.01, undefined, {
            stopLossPrice: 19500,
            reduceOnly: true,
        });
        const waiting = await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
        assert.deepEqual(waiting.map((order) => order.id), [stop.id]);
        const [ours] = await keel(paper, 0, "orders", BTC);
        assert.equal(ours.type, "stop_market");
        assert.equal(ours.trigger_price, "19500");

        await paper.setPrice("BTCUSDT", "19400");
        await positions.until("half of the position", (position) => position.contracts === 0.01);
        assert.deepEqual(await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true }), []);
    });

    it("refuses a reduce-only order that would open", async () => {
        await assert.rejects(
            exchange.createOrder(BTC, "limit", "buy", 0.01, 19000, { reduceOnly: true }),
            (error) => error instanceof ccxt.OperationRejected || /-2022/.test(error.message),
        );
    });

    it("takes a profit with a reduce-only order", async () => {
        const profit = await exchange.createOrder(BTC, "limit", "sell", 0.004, 21000, { reduceOnly: true });
        assert.equal(profit.reduceOnly, true);
        await paper.setPrice("BTCUSDT", "21010");
        await orders.until("the profit", (order) => order.id === profit.id && order.status === "closed");
        const [position] = await exchange.fetchPositions([BTC]);
        assert.equal(position.contracts, 0.006);
    });

    it("pays funding", async () => {
        await paper.advance(8 * 60 * 60 * 1000);
        const paid = await exchange.fetchFundingHistory(BTC);
        assert.equal(paid.length, 1);
        assert.ok(paid[0].amount < 0, "a long pays at a positive rate");
    });

    it("closes, and all books agree to the last digit", async () => {
        const closed = await exchange.createOrder(BTC, "market", "sell", 0.006, undefined, { reduceOnly: true });
        assert.equal(closed.status, "closed");
        assert.deepEqual((await exchange.fetchPositions([BTC])).filter((position) => position.contracts), []);
        assert.deepEqual(await keel(paper, 0, "positions"), []);

        const theirs = await exchange.fetchMyTrades(BTC);
        const ours = await keel(paper, 0, "executions", BTC);
        const key = (trade) => trade.id;
        assert.deepEqual(
            theirs.map((trade) => [trade.id, trade.order, trade.side, same(trade.info.price), same(trade.info.qty),
                same(trade.info.commission), same(trade.info.realizedPnl)]).sort(),
            ours.map((execution) => [execution.trade_id, execution.order_id, execution.side, same(execution.price),
                same(execution.quantity), same(execution.fee), same(execution.realized_pnl)]).sort(),
        );
        assert.equal(new Set(theirs.map(key)).size, theirs.length);
        for (const trade of theirs)
            assert.ok(trades.seen.some((seen) => seen.id === trade.id), `the stream told of trade ${trade.id}`);

        // Every fee is the taker's or the maker's rate of its value.
        for (const trade of theirs) {
            const rate = trade.takerOrMaker === "maker" ? "0.0002" : "0.0005";
            const exact = product(product(trade.info.price, trade.info.qty), rate);
            assert.ok(Math.abs(Number(exact) - Number(trade.info.commission)) <= 1e-8);
        }

        const income = await exchange.fapiPrivateGetIncome({ limit: 1000 });
        const wallet = (await exchange.fapiPrivateV3GetAccount()).totalWalletBalance;
        assert.equal(same(wallet), sum(income.map((row) => row.income)));

        const funding = income.filter((row) => row.incomeType === "FUNDING_FEE").map((row) => row.income);
        const fromTrades = sum([
            "10000",
            ...theirs.map((trade) => trade.info.realizedPnl),
            ...theirs.map((trade) => negate(trade.info.commission)),
            ...funding,
        ]);
        assert.equal(fromTrades, same(wallet));
        const [balance] = (await keel(paper, 0, "balances")).filter((row) => row.asset === "USDT");
        assert.equal(balance.wallet, same(wallet));
        await balances.until("the last balance", (seen) => seen.USDT.total === Number(wallet));

        const { conserved, venues } = await paper.audit();
        const audit = venues.binance;
        assert.equal(conserved, true);
        assert.equal(
            sum([audit.wallets, audit.unrealized_pnl, audit.background, audit.insurance_fund, audit.fees,
                audit.funding, audit.rounding]),
            same(audit.deposits),
        );
    });

    it("finds its whole history", async () => {
        const all = await exchange.fetchOrders(BTC);
        assert.equal(all.length, 5);
        assert.deepEqual(all.map((order) => order.status), ["canceled", "closed", "closed", "closed", "closed"]);
        for (const order of all)
            assert.equal((await exchange.fetchOrder(order.id, BTC)).id, order.id);
    });
});

describe("the venue's strictness", () => {
    const order = () => ({
        symbol: "BTCUSDT", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: "0.01", price: "19000",
        timestamp: Date.now(),
    });

    async function refuses(parameters, options, code) {
        const reply = await rawRequest(paper, 1, "POST", "/fapi/v1/order", parameters, options);
        assert.equal(reply.body.code, code, JSON.stringify(reply));
        assert.equal(reply.status, 400);
    }

    it("refuses a wrong secret", () => refuses(order(), { secret: "not the secret" }, -1022));
    it("refuses a byte changed after signing", () =>
        refuses(order(), { spoil: (query) => query.replace("quantity=0.01", "quantity=0.02") }, -1022));
    it("refuses parameters in another order than signed", () =>
        refuses(order(), { spoil: (query) => query.split("&").reverse().join("&") }, -1022));
    it("refuses a missing parameter", () => {
        const parameters = order();
        delete parameters.quantity;
        return refuses(parameters, {}, -1102);
    });
    it("refuses an old timestamp", () => refuses({ ...order(), timestamp: Date.now() - 6000 }, {}, -1021));
    it("refuses a timestamp of the future", () => refuses({ ...order(), timestamp: Date.now() + 5000 }, {}, -1021));
    it("sent none of these to the engine", async () => {
        const reply = await rawRequest(paper, 1, "GET", "/fapi/v1/openOrders", { timestamp: Date.now() });
        assert.deepEqual(reply.body, []);
    });
    it("takes the same order when nothing is wrong", async () => {
        const reply = await rawRequest(paper, 1, "POST", "/fapi/v1/order", order());
        assert.equal(reply.status, 200);
        assert.equal(reply.body.status, "NEW");
    });
});
