// ccxt's gate, REST and streams, lives a spot life on the paper venue. Its numbers, keel's and the
// venue's own audit must agree.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import ccxt from "ccxt";

import { negate, product, same, sum } from "./decimal.mjs";
import { keel as keelOf, startPaper } from "./paper.mjs";
import { place } from "./place.mjs";
import { Watch } from "./watch.mjs";

const BTC = "BTC/USDT";
const TRON = "TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh";

let paper;
let exchange;
let watcher;

const keel = (...words) => keelOf(paper, 0, "--venue=gateio-spot", ...words);

function newClient() {
    const { api_key, api_secret } = paper.accounts[0];
    const client = new ccxt.pro.gate({
        apiKey: api_key,
        secret: api_secret,
        options: { defaultType: "spot", fetchMarkets: { types: ["spot"] } },
    });
    place(client.urls.api, paper);
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
    const response = await fetch(`${paper.url}/paper/${path}`, {
        method: "POST",
        body: JSON.stringify({ venue: "gateio", ...body }),
    });
    assert.equal(response.status, 200, await response.text());
}

// The venue's own rows, whose digits no float has touched.
async function rows(method, parameters = {}) {
    return exchange[method](parameters);
}

before(async () => {
    paper = await startPaper("--seed", "7", "--accounts", "2", "--balance", "10000");
    exchange = newClient();
    watcher = newClient();
    await watcher.loadHttpProxyAgent(); // ccxt's own preparation for sockets without TLS
    await paper.setPrice("BTC_USDT", "20000");
});

after(async () => {
    await watcher?.close();
    await exchange?.close();
    assert.equal(await paper?.stop(), 0, "keel paper ends cleanly on SIGTERM");
    setTimeout(() => process.exit(), 1000).unref();
});

describe("ccxt gate spot", () => {
    let orders, trades, balances, resting;

    it("loads the pairs, with their grids and fees", async () => {
        const markets = await exchange.loadMarkets();
        assert.equal(markets[BTC].spot, true);
        assert.equal(markets[BTC].precision.price, 0.1);
        assert.equal(markets[BTC].precision.amount, 0.000001);
        assert.equal(markets[BTC].limits.cost.min, 3);
        assert.equal(markets[BTC].taker, 0.002);
        assert.equal((await exchange.fetchTradingFee(BTC)).taker, 0.002);
        const [fees] = await keel("fees", BTC);
        assert.equal(fees.taker, "0.002");
    });

    it("reads the balance that keel reads", async () => {
        assert.equal((await exchange.fetchBalance()).USDT.total, 10000);
        const [ours] = await keel("balances");
        assert.equal(ours.asset, "USDT");
        assert.equal(ours.wallet, "10000");
    });

    it("reads the market", async () => {
        assert.equal((await exchange.fetchTicker(BTC)).last, 20000);
        assert.equal((await exchange.fetchOrderBook(BTC, 5)).bids.length, 5);
        assert.ok((await exchange.fetchTrades(BTC)).length > 0);
        assert.ok((await exchange.fetchOHLCV(BTC, "1m")).length > 0);
        assert.equal((await exchange.fetchCurrencies()).USDT.networks.TRC20.withdraw, true);
    });

    it("opens its streams", async () => {
        await watcher.loadMarkets();
        orders = new Watch(watcher.watchOrders.bind(watcher), BTC);
        trades = new Watch(watcher.watchMyTrades.bind(watcher), BTC);
        balances = new Watch(watcher.watchBalance.bind(watcher));
        await new Promise((resolve) => setTimeout(resolve, 1000));
    });

    it("buys for a sum, and pays its fee in what it receives", async () => {
        const bought = await exchange.createMarketBuyOrderWithCost(BTC, 1000);
        assert.equal(bought.status, "closed");
        await trades.until("the fill", (trade) => trade.order === bought.id && trade.fee.currency === "BTC");
        await orders.until("the order's end", (order) => order.id === bought.id && order.status === "closed");
        await balances.until("the coins", (balance) => balance.BTC?.total > 0.0498);
        const sold = await exchange.createOrder(BTC, "market", "sell", 0.01);
        assert.equal(sold.filled, 0.01);
        await trades.until("the sale", (trade) => trade.order === sold.id && trade.fee.currency === "USDT");
    });

    it("rests, amends and cancels", async () => {
        resting = await exchange.createOrder(BTC, "limit", "buy", 0.01, 19000, { clientOrderId: "t-rest" });
        assert.equal(resting.status, "open");
        await orders.until("the order", (order) => order.id === resting.id && order.status === "open");
        const [ours] = await keel("orders");
        assert.equal(ours.order_id, resting.id);
        assert.equal(ours.client_order_id, "t-rest");
        assert.equal(ours.price, "19000");
        const amended = await exchange.editOrder(resting.id, BTC, "limit", "buy", 0.02, 18900);
        assert.equal(amended.id, resting.id);
        assert.equal(amended.amount, 0.02);
        const [locked] = (await keel("balances")).filter((row) => row.asset === "USDT");
        assert.equal(locked.locked, "378");
        assert.equal((await exchange.fetchOpenOrders(BTC)).length, 1);
        await exchange.cancelOrder(resting.id, BTC);
        await orders.until("the cancellation", (order) => order.id === resting.id && order.status === "canceled");
        assert.equal((await exchange.fetchOrder(resting.id, BTC)).status, "canceled");
        assert.deepEqual(await keel("orders"), []);
    });

    it("is refused with the venue's own words", async () => {
        await assert.rejects(exchange.createOrder(BTC, "limit", "buy", 10, 19000), ccxt.InsufficientFunds);
        await assert.rejects(
            exchange.createOrder(BTC, "limit", "buy", 0.01, 30000, { postOnly: true }),
            ccxt.OrderImmediatelyFillable,
        );
        await assert.rejects(exchange.fetchOrder("7", BTC), ccxt.OrderNotFound);
        await assert.rejects(exchange.createOrder(BTC, "limit", "buy", 0.0001, 19000), ccxt.BadRequest);
    });

    it("stops, and keel sees the stop wait and fire", async () => {
        const stop = await exchange.createOrder(BTC, "limit", "sell", 0.01, 18000, { stopLossPrice: 18500 });
        const open = await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
        assert.deepEqual(open.map((order) => order.id), [stop.id]);
        const [ours] = await keel("orders");
        assert.equal(ours.order_id, stop.id);
        assert.equal(ours.type, "stop_limit");
        assert.equal(ours.trigger_price, "18500");
        await paper.setPrice("BTC_USDT", "18500");
        const fired = await eventually("the stop", async () => {
            const order = await exchange.fetchOrder(stop.id, BTC, { trigger: true });
            return order.status === "closed" && order;
        });
        const sold = await exchange.fetchOrder(String(fired.info.fired_order_id), BTC);
        assert.equal(sold.filled, 0.01);
        const taken = await exchange.createOrder(BTC, "limit", "sell", 0.01, 21000, { takeProfitPrice: 21000 });
        await exchange.cancelOrder(taken.id, BTC, { trigger: true });
        assert.deepEqual(await exchange.fetchOpenOrders(BTC, undefined, undefined, { trigger: true }), []);
    });

    it("orders by the socket", async () => {
        const placed = await watcher.createOrderWs(BTC, "limit", "buy", 0.01, 17000);
        assert.equal(placed.status, "open");
        const [ours] = await keel("orders");
        assert.equal(ours.order_id, placed.id);
        assert.equal((await watcher.editOrderWs(placed.id, BTC, "limit", "buy", 0.02, 17000)).amount, 0.02);
        assert.equal((await watcher.fetchOrderWs(placed.id, BTC)).amount, 0.02);
        assert.equal((await watcher.cancelOrderWs(placed.id, BTC)).status, "canceled");
    });

    it("watches the market", async () => {
        const book = new Watch(watcher.watchOrderBook.bind(watcher), BTC);
        const ticker = new Watch(watcher.watchTicker.bind(watcher), BTC);
        const print = new Watch(watcher.watchTrades.bind(watcher), BTC);
        await new Promise((resolve) => setTimeout(resolve, 500));
        for (let price = 18600; price < 18620; price++)
            await paper.setPrice("BTC_USDT", String(price));
        await print.until("a trade", (trade) => trade.symbol === BTC);
        await ticker.until("the price", (row) => row.last >= 18600);
        for (let price = 18620; price < 18640; price++) {
            await paper.setPrice("BTC_USDT", String(price));
            await new Promise((resolve) => setTimeout(resolve, 120));
        }
        await book.until("the book", (row) => row.bids.length > 0 && row.bids[0][0] < row.asks[0][0]);
    });

    it("moves money between its wallets, in and out", async () => {
        await exchange.transfer("USDT", 100, "spot", "swap");
        await exchange.transfer("USDT", 40, "swap", "spot");
        await assert.rejects(exchange.transfer("USDT", 1e6, "spot", "swap"), ccxt.InsufficientFunds);
        await control("deposit", { account: 1, asset: "ETH", amount: "2" });
        await eventually("the deposit", async () => (await exchange.fetchBalance()).ETH?.free === 2);
        assert.equal((await exchange.fetchDeposits("ETH"))[0].status, "ok");
        assert.match((await exchange.fetchDepositAddress("USDT", { network: "TRC20" })).address, /^T/);
        const fees = await exchange.fetchDepositWithdrawFees(["USDT"]);
        assert.equal(fees.USDT.networks.TRC20.withdraw.fee, 1);
        const asked = await exchange.withdraw("USDT", 50, TRON, undefined, { network: "TRC20", withdraw_order_id: "w-1" });
        assert.equal(asked.status, "pending");
        const [found] = await exchange.fetchWithdrawals("USDT");
        assert.equal(found.id, asked.id);
        assert.equal(found.amount + found.fee.cost, 50);
        const [ours] = await keel("withdrawals", "USDT");
        assert.equal(ours.withdrawal_id ?? ours.id, asked.id);
        await control("withdrawal", { id: asked.id, status: "done" });
        assert.equal((await exchange.fetchWithdrawals("USDT"))[0].status, "ok");
    });

    it("agrees with keel and the audit to the last digit", async () => {
        const accounts = await rows("privateSpotGetAccounts");
        const fills = await rows("privateSpotGetMyTrades");
        const ours = await keel("balances");
        const executions = await keel("executions", BTC);
        const { conserved, venues } = await paper.audit();
        const books = venues.gateio.spot.assets;
        assert.equal(conserved, true);
        for (const row of accounts) {
            const mine = ours.find((balance) => balance.asset === row.currency);
            const total = sum([row.available, row.locked]);
            assert.equal(same(mine.wallet), total, row.currency);
            const others = row.currency === "USDT" ? "10000" : "0"; // the second account's
            assert.equal(same(books[row.currency].accounts), sum([total, others]), row.currency);
            assert.equal(books[row.currency].difference, "0");
        }
        for (const currency of ["BTC", "USDT"]) {
            const fees = sum(fills.filter((fill) => fill.fee_currency === currency).map((fill) => fill.fee));
            const told = sum(executions.filter((row) => row.fee_asset === currency).map((row) => row.fee));
            assert.equal(told, fees, `fees in ${currency}`);
            const sentOut = currency === "USDT" ? "1" : "0"; // what the withdrawal cost
            assert.equal(same(books[currency].fees), sum([fees, sentOut]));
        }
        const bought = sum(fills.map((fill) => (fill.side === "buy" ? fill.amount : negate(fill.amount))));
        const paid = sum(fills.map((fill) => product(fill.side === "buy" ? negate(fill.price) : fill.price, fill.amount)));
        const coins = sum(fills.filter((fill) => fill.fee_currency === "BTC").map((fill) => negate(fill.fee)));
        const dollars = sum(fills.filter((fill) => fill.fee_currency === "USDT").map((fill) => negate(fill.fee)));
        assert.equal(same(ours.find((row) => row.asset === "BTC").wallet), sum([bought, coins]));
        const moved = ["10000", "-100", "40", "-50"]; // what was there; to futures and back; sent out
        assert.equal(same(ours.find((row) => row.asset === "USDT").wallet), sum([...moved, paid, dollars]));
        assert.equal(books.USDT.futures, "60");
    });

    it("closes its streams", () => {
        for (const watch of [orders, trades, balances]) {
            watch.running = false;
            assert.equal(watch.failure, null);
        }
    });
});
