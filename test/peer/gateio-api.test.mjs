// The gateio-api client, REST and WebSocket API, trades on the paper venue; keel sees the same.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { RestClient, WebsocketAPIClient } from "gateio-api";

import { product, same } from "./decimal.mjs";
import { keel as keelOf, startPaper } from "./paper.mjs";

const CONTRACT = "0.0001"; // BTC a contract
const CONTRACT_NAME = "BTC_USDT";

let paper;
let rest;
let socket;

const keel = (...words) => keelOf(paper, 0, "--venue=gateio", ...words);

before(async () => {
    paper = await startPaper("--seed", "11", "--balance", "5000");
    await paper.setPrice(CONTRACT_NAME, "20000");
    const { api_key, api_secret } = paper.accounts[0];
    rest = new RestClient({ apiKey: api_key, apiSecret: api_secret, baseUrl: `${paper.url}/api/v4` });
    socket = new WebsocketAPIClient({
        apiKey: api_key,
        apiSecret: api_secret,
        wsUrl: `${paper.url.replace("http", "ws")}/v4/ws/usdt`,
    });
});

after(async () => {
    socket?.getWSClient().closeAll(true);
    assert.equal(await paper?.stop(), 0, "keel paper ends cleanly on SIGTERM");
    setTimeout(() => process.exit(), 1000).unref();
});

describe("gateio-api", () => {
    it("reads the account that keel reads", async () => {
        const account = await rest.getFuturesAccount({ settle: "usdt" });
        const [ours] = await keel("balances");
        assert.equal(same(account.total), ours.wallet);
    });

    it("sets leverage, and keel sees it", async () => {
        const position = await rest.updateFuturesLeverage({ settle: "usdt", contract: CONTRACT_NAME, leverage: "5" });
        assert.equal(position.leverage, "5");
        const [ours] = await keel("leverage", CONTRACT_NAME);
        assert.equal(Number(ours.leverage), 5);
    });

    it("places an order that is found by its text, and cancels it", async () => {
        const placed = await rest.submitFuturesOrder({
            settle: "usdt", contract: CONTRACT_NAME, size: 50, price: "19000", tif: "gtc", text: "t-peer.1",
        });
        assert.equal(placed.status, "open");
        const found = await rest.getFuturesOrder({ settle: "usdt", order_id: "t-peer.1" });
        assert.equal(String(found.id), String(placed.id));
        const [ours] = await keel("orders", CONTRACT_NAME);
        assert.equal(ours.client_order_id, "t-peer.1");
        assert.equal(ours.quantity, product("50", CONTRACT));
        // By its text: an id beyond 2^53 has lost digits in this client.
        const cancelled = await rest.cancelFuturesOrder({ settle: "usdt", order_id: "t-peer.1" });
        assert.equal(cancelled.finish_as, "cancelled");
        assert.deepEqual(await keel("orders", CONTRACT_NAME), []);
    });

    it("buys over the socket, and closes by REST", async () => {
        await socket.submitNewFuturesOrder({ contract: CONTRACT_NAME, size: 10, price: "0", tif: "ioc", text: "t-peer.2" });
        let positions = [];
        for (let attempt = 0; attempt < 50 && positions.length === 0; attempt++)
            positions = await keel("positions");
        assert.equal(positions[0].quantity, product("10", CONTRACT));
        const [theirs] = await rest.getFuturesPositions({ settle: "usdt", holding: true });
        assert.equal(theirs.size, 10);
        assert.equal(same(theirs.entry_price), positions[0].entry_price);

        await rest.submitFuturesOrder({
            settle: "usdt", contract: CONTRACT_NAME, size: 0, price: "0", tif: "ioc", close: true, text: "t-peer.3",
        });
        assert.deepEqual(await keel("positions"), []);
        const trades = await rest.getFuturesTradingHistory({ settle: "usdt", contract: CONTRACT_NAME });
        const ours = await keel("executions", CONTRACT_NAME);
        assert.deepEqual(trades.map((trade) => same(trade.fee)).sort(), ours.map((row) => same(row.fee)).sort());
        assert.equal((await paper.audit()).conserved, true);
    });
});
