// ccxt's binance, REST and streams, lives a spot life on the paper venue. Its numbers and the
// venue's own audit must agree.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import ccxt from "ccxt";

import { startPaper } from "./paper.mjs";

const BTC = "BTC/USDT";
const ADDRESS = "TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh";

let paper;
let exchange;
let watcher;

// Points every address of ccxt at the paper venue.
function newClient() {
    const { api_key, api_secret } = paper.accounts[0];
    const client = new ccxt.pro.binance({ apiKey: api_key, secret: api_secret, options: { fetchMarkets: { types: ["spot"] } } });
    const spot = paper.venues["binance-spot"];
    const api = client.urls.api;
    for (const [name, url] of Object.entries(api))
        if (typeof url === "string")
            api[name] = url.replace(/^https:\/\/[^/]+/, paper.rest);
    api.ws.spot = `${spot.stream}/ws`;
    api.ws["ws-api"].spot = spot.ws_api;
    return client;
}

async function eventually(what, ask) {
    const end = Date.now() + 15_000;
    while (Date.now() < end) {
        const found = await ask();
        if (found)
            return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`never: ${what}`);
}

async function control(path, body) {
    const response = await fetch(`${paper.rest}${path}`, { method: "POST", body: JSON.stringify(body) });
    assert.equal(response.status, 200, await response.text());
}

before(async () => {
    paper = await startPaper("--seed", "7", "--accounts", "2", "--balance", "10000");
    exchange = newClient();
    watcher = newClient();
    await watcher.loadHttpProxyAgent();
    await paper.setPrice("BTCUSDT", "20000");
});

after(async () => {
    await watcher?.close();
    await exchange?.close();
    assert.equal(await paper?.stop(), 0, "keel paper ends cleanly on SIGTERM");
    setTimeout(() => process.exit(), 1000).unref();
});

describe("ccxt binance spot", () => {
    let resting;

    it("loads the markets, with their grids and networks", async () => {
        const markets = await exchange.loadMarkets();
        assert.equal(markets[BTC].spot, true);
        assert.equal(markets[BTC].precision.price, 0.01);
        assert.equal(markets[BTC].precision.amount, 0.00001);
        assert.equal(markets[BTC].limits.cost.min, 5);
        assert.equal(exchange.currencies.USDT.networks.TRC20.fee, 1);
    });

    it("reads the market", async () => {
        assert.equal((await exchange.fetchTicker(BTC)).last, 20000);
        assert.equal((await exchange.fetchOrderBook(BTC, 5)).bids.length, 5);
        assert.ok((await exchange.fetchTrades(BTC)).length > 0);
        assert.ok((await exchange.fetchOHLCV(BTC, "1m")).length > 0);
        assert.equal((await exchange.fetchTradingFees())[BTC].taker, 0.001);
    });

    it("trades, and pays its fee in what it receives", async () => {
        const bought = await exchange.createOrder(BTC, "market", "buy", 0.1);
        assert.equal(bought.status, "closed");
        assert.equal(bought.filled, 0.1);
        const balance = await exchange.fetchBalance();
        assert.equal(balance.BTC.free, 0.0999);
        const trades = await exchange.fetchMyTrades(BTC);
        assert.ok(trades.every((trade) => trade.fee.currency === "BTC"));
        const spent = await exchange.createMarketBuyOrderWithCost(BTC, 100);
        assert.ok(spent.cost <= 100 && spent.cost > 99);
    });

    it("hears of its orders and balances", async () => {
        await watcher.loadMarkets();
        const orders = watcher.watchOrders(BTC);
        const balances = watcher.watchBalance();
        await new Promise((resolve) => setTimeout(resolve, 1000));
        resting = await exchange.createOrder(BTC, "limit", "buy", 0.01, 19000, { clientOrderId: "resting-1" });
        assert.equal(resting.status, "open");
        const [told] = await orders;
        assert.equal(told.clientOrderId, "resting-1");
        assert.equal(told.status, "open");
        assert.equal((await balances).USDT.used, 190);
    });

    it("cancels, replaces and stops", async () => {
        const replaced = await exchange.editOrder(resting.id, BTC, "limit", "buy", 0.02, 18900);
        assert.equal(replaced.amount, 0.02);
        const stop = await exchange.createOrder(BTC, "limit", "sell", 0.01, 18000, { stopLossPrice: 18500 });
        assert.deepEqual((await exchange.fetchOpenOrders(BTC)).map((order) => order.id).sort(), [replaced.id, stop.id].sort());
        await paper.setPrice("BTCUSDT", "18500");
        await eventually("the stop's fill", async () => (await exchange.fetchOrder(stop.id, BTC)).status === "closed");
        assert.equal((await exchange.fetchOrder(replaced.id, BTC)).status, "closed");
        await assert.rejects(exchange.cancelAllOrders(BTC), ccxt.OrderNotFound);
        await assert.rejects(exchange.createOrder(BTC, "limit", "buy", 10, 18000), ccxt.InsufficientFunds);
        await assert.rejects(exchange.createOrder(BTC, "limit", "buy", 0.01, 30000, { postOnly: true }), ccxt.OrderImmediatelyFillable);
    });

    it("orders by the socket", async () => {
        const placed = await watcher.createOrderWs(BTC, "limit", "buy", 0.01, 17000);
        assert.equal(placed.status, "open");
        assert.equal((await watcher.cancelOrderWs(placed.id, BTC)).status, "canceled");
    });

    it("watches the market", async () => {
        const book = await watcher.watchOrderBook(BTC);
        assert.ok(book.bids.length > 0);
        const ticker = watcher.watchTicker(BTC);
        await paper.setPrice("BTCUSDT", "18600");
        assert.ok((await ticker).last > 0);
    });

    it("moves money between its wallets, in and out", async () => {
        await exchange.transfer("USDT", 100, "spot", "future");
        const [moved] = await exchange.fetchTransfers("USDT", undefined, undefined, { fromAccount: "spot", toAccount: "future" });
        assert.equal(moved.amount, 100);
        await control("/paper/deposit", { account: 1, asset: "ETH", amount: "2" });
        await eventually("the deposit", async () => (await exchange.fetchBalance()).ETH.free === 2);
        assert.equal((await exchange.fetchDeposits("ETH"))[0].status, "ok");
        const asked = await exchange.withdraw("USDT", 50, ADDRESS, undefined, { network: "TRC20", withdrawOrderId: "w-1" });
        const [found] = await exchange.fetchWithdrawals("USDT");
        assert.equal(found.id, asked.id);
        assert.equal(found.amount + found.fee.cost, 50);
        await control("/paper/withdrawal", { id: asked.id, status: "done" });
        assert.equal((await exchange.fetchWithdrawals("USDT"))[0].status, "ok");
        const { conserved, venues } = await paper.audit();
        assert.equal(conserved, true);
        assert.equal(venues.binance.spot.assets.USDT.futures, "100");
    });
});
