// ccxt's gate, REST and streams, lives a futures life on the paper venue. Its numbers, keel's and the
// venue's own audit must agree. Amounts are contracts there and base units in keel.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import ccxt from "ccxt";

import { negate, product, same, sum } from "./decimal.mjs";
import { keel as keelOf, startPaper } from "./paper.mjs";
import { place } from "./place.mjs";
import { Watch } from "./watch.mjs";

const BTC = "BTC/USDT:USDT";
const CONTRACT = "0.0001"; // BTC a contract

let paper;
let exchange;
let watcher;

const keel = (account, ...words) => keelOf(paper, account, "--venue=gateio", ...words);

function newClient() {
    const { api_key, api_secret } = paper.accounts[0];
    const client = new ccxt.pro.gate({
        apiKey: api_key,
        secret: api_secret,
        options: { defaultType: "swap", fetchMarkets: { types: ["swap"] } },
    });
    place(client.urls.api, paper);
    // ccxt tells futures from spot by two letters of the live host's name.
    client.urls.api.swap.usdt += "?fx";
    return client;
}

before(async () => {
    paper = await startPaper("--seed", "7", "--accounts", "2", "--balance", "10000");
    exchange = newClient();
    watcher = newClient();
    await watcher.loadHttpProxyAgent(); // ccxt's own preparation for sockets without TLS
    const { user } = await exchange.privateFuturesGetSettleAccounts({ settle: "usdt" });
    watcher.uid = user; // Gate's private channels are asked for by it
});

after(async () => {
    await watcher?.close();
    await exchange?.close();
    assert.equal(await paper?.stop(), 0, "keel paper ends cleanly on SIGTERM");
    setTimeout(() => process.exit(), 1000).unref();
});

describe("ccxt gate", () => {
    let orders, trades, positions, balances;

    it("loads the contracts, with their size", async () => {
        const markets = await exchange.loadMarkets();
        assert.equal(markets[BTC].contract, true);
        assert.equal(markets[BTC].contractSize, Number(CONTRACT));
        assert.equal(markets[BTC].precision.amount, 1);
    });

    it("reads the balance that keel reads", async () => {
        const balance = await exchange.fetchBalance({ type: "swap" });
        assert.equal(balance.USDT.total, 10000);
        const [ours] = (await keel(0, "balances")).filter((row) => row.asset === "USDT");
        assert.equal(ours.wallet, "10000");
    });

    it("sets leverage, and keel sees it isolated", async () => {
        await exchange.setLeverage(10, BTC);
        const [ours] = await keel(0, "leverage", BTC);
        assert.equal(Number(ours.leverage), 10);
        assert.equal(ours.margin_mode, "isolated");
    });

    it("opens its streams", async () => {
        await paper.setPrice("BTC_USDT", "20000");
        await watcher.loadMarkets();
        orders = new Watch(watcher.watchOrders.bind(watcher), BTC);
        trades = new Watch(watcher.watchMyTrades.bind(watcher), BTC);
        positions = new Watch(watcher.watchPositions.bind(watcher), [BTC]);
        balances = new Watch(watcher.watchBalance.bind(watcher), { type: "swap", settle: "usdt" });
        await new Promise((resolve) => setTimeout(resolve, 1500));
        for (const watch of [orders, trades, positions, balances])
            assert.equal(watch.failure, null);
    });

    it("places, amends, finds and cancels a limit order", async () => {
        const placed = await exchange.createOrder(BTC, "limit", "buy", 100, 19000);
        assert.equal(placed.status, "open");
        assert.equal(placed.amount, 100);
        await orders.until("the new order", (order) => order.id === placed.id && order.status === "open");

        const amended = await exchange.editOrder(placed.id, BTC, "limit", "buy", 120, 19100);
        assert.equal(amended.id, placed.id);
        assert.equal(amended.price, 19100);
        assert.equal(amended.amount, 120);
        const [resting] = await exchange.fetchOpenOrders(BTC);
        assert.equal(resting.id, placed.id);

        const [ours] = await keel(0, "orders", BTC);
        assert.equal(ours.order_id, placed.id);
        assert.equal(ours.price, "19100");
        assert.equal(ours.quantity, product("120", CONTRACT));
        assert.equal(ours.status, "new");

        await exchange.cancelOrder(placed.id, BTC);
        assert.equal((await exchange.fetchOrder(placed.id, BTC)).status, "canceled");
        await orders.until("its end", (order) => order.id === placed.id && order.status === "canceled");
        assert.deepEqual(await exchange.fetchOpenOrders(BTC), []);
        assert.deepEqual(await keel(0, "orders", BTC), []);
    });

    it("places and cancels over the socket, too", async () => {
        const placed = await watcher.createOrderWs(BTC, "limit", "buy", 30, 18000);
        const [ours] = await keel(0, "orders", BTC);
        assert.equal(ours.order_id, placed.id);
        assert.equal(ours.quantity, product("30", CONTRACT));
        await watcher.cancelOrderWs(placed.id, BTC);
        assert.deepEqual(await keel(0, "orders", BTC), []);
    });

    it("buys at market, and three books show the position", async () => {
        const bought = await exchange.createOrder(BTC, "market", "buy", 200);
        assert.equal(bought.status, "closed");
        assert.equal(bought.filled, 200);
        await trades.until("the fill", (trade) => trade.order === bought.id);
        const streamed = await positions.until("the position", (position) => position.contracts === 200);
        assert.equal(streamed.side, "long");
        await balances.until("the fee", (balance) => balance.USDT?.total < 10000);

        const [theirs] = (await exchange.fetchPositions([BTC])).filter((position) => position.contracts);
        const [ours] = await keel(0, "positions");
        assert.equal(theirs.contracts, 200);
        assert.equal(theirs.side, "long");
        assert.equal(theirs.marginMode, "isolated");
        assert.equal(ours.quantity, product("200", CONTRACT));
        assert.equal(ours.side, "long");
        assert.equal(ours.leverage, 10);
        assert.equal(Number(ours.entry_price), theirs.entryPrice);
        assert.equal(Number(ours.mark_price), theirs.markPrice);
        assert.equal(Number(ours.unrealized_pnl), theirs.unrealizedPnl);
        assert.ok(Math.abs(Number(ours.liquidation_price) - theirs.liquidationPrice) < 0.1,
            `${ours.liquidation_price} and ${theirs.liquidationPrice}`);
    });

    it("has a trigger order that fires", async () => {
        const stop = await exchange.createOrder(BTC, "market", "sell", 100, undefined, {
            stopLossPrice: 19500,
            reduceOnly: true,
        });
        const waiting = await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
        assert.deepEqual(waiting.map((order) => order.id), [stop.id]);
        const [ours] = await keel(0, "orders", BTC);
        assert.equal(ours.type, "stop_market");
        assert.equal(ours.trigger_price, "19500");

        await paper.setPrice("BTC_USDT", "19400");
        await positions.until("half of the position", (position) => position.contracts === 100);
        assert.deepEqual(await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true }), []);
    });

    it("refuses a reduce-only order that would open", async () => {
        await assert.rejects(
            exchange.createOrder(BTC, "limit", "buy", 100, 19000, { reduceOnly: true }),
            /INCREASE_POSITION|REDUCE/,
        );
    });

    it("takes a profit with a reduce-only order", async () => {
        const profit = await exchange.createOrder(BTC, "limit", "sell", 40, 21000, { reduceOnly: true });
        await paper.setPrice("BTC_USDT", "21010");
        await orders.until("the profit", (order) => order.id === profit.id && order.status === "closed");
        const [position] = (await exchange.fetchPositions([BTC])).filter((each) => each.contracts);
        assert.equal(position.contracts, 60);
    });

    it("pays funding", async () => {
        await paper.advance(8 * 60 * 60 * 1000);
        const book = await exchange.privateFuturesGetSettleAccountBook({ settle: "usdt", type: "fund" });
        assert.equal(book.length, 1);
        assert.ok(Number(book[0].change) < 0, "a long pays at a positive rate");
    });

    it("closes, and all books agree to the last digit", async () => {
        const closed = await exchange.createOrder(BTC, "market", "sell", 60, undefined, { reduceOnly: true });
        assert.equal(closed.status, "closed");
        assert.deepEqual((await exchange.fetchPositions([BTC])).filter((position) => position.contracts), []);
        assert.deepEqual(await keel(0, "positions"), []);

        const theirs = await exchange.fetchMyTrades(BTC);
        const ours = await keel(0, "executions", BTC);
        assert.deepEqual(
            theirs.map((trade) => [trade.id, trade.order, trade.side, same(trade.info.price),
                product(same(trade.info.size).replace("-", ""), CONTRACT), same(trade.info.fee)]).sort(),
            ours.map((execution) => [execution.trade_id, execution.order_id, execution.side, same(execution.price),
                same(execution.quantity), same(execution.fee)]).sort(),
        );
        assert.equal(new Set(theirs.map((trade) => trade.id)).size, theirs.length);
        for (const trade of theirs)
            assert.ok(trades.seen.some((seen) => seen.id === trade.id), `the stream told of trade ${trade.id}`);

        const book = await exchange.privateFuturesGetSettleAccountBook({ settle: "usdt", limit: 1000 });
        const { total } = await exchange.privateFuturesGetSettleAccounts({ settle: "usdt" });
        assert.equal(same(total), sum(book.map((row) => row.change)));
        const fees = book.filter((row) => row.type === "fee").map((row) => row.change);
        assert.equal(sum(fees), sum(theirs.map((trade) => negate(trade.info.fee))));
        const [balance] = (await keel(0, "balances")).filter((row) => row.asset === "USDT");
        assert.equal(balance.wallet, same(total));

        const audit = await paper.audit();
        assert.equal(audit.conserved, true);
    });
});
