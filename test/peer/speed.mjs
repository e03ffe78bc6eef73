// speed.mjs - the same work by ccxt and by keel, timed in one run on one machine.
//
//     node speed.mjs [BENCH]      BENCH is build/bench/keel-bench unless told
//
// Both read the same bytes and do what they do with them on a live account: ccxt through the handler
// of its own socket, keel through its own; each order is built, checked and signed, up to the bytes
// that would leave. Medians of batches, after a warm-up that lets V8 compile what is hot.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import ccxt from "ccxt";

import { startPaper } from "./paper.mjs";
import { place } from "./place.mjs";

const BENCH = process.argv[2] ?? fileURLToPath(new URL("../../build/bench/keel-bench", import.meta.url));
const BATCHES = 301;
const WARM_UP = 100;
const BATCH = 32;
const SYMBOL = "BTC/USDT:USDT";
const SOCKET = "wss://127.0.0.1/fx"; // nothing connects; by "fx" ccxt tells Gate.io's futures
const ENDLESS = { tradesLimit: 1e6 };
const LEFT = new Error("the request has left");

const lines = (...words) => execFileSync(BENCH, words, { encoding: "utf8" }).trim().split("\n");
const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];

// Another number in place of the last one behind `name`.
function renumber(text, name, number) {
    const at = text.lastIndexOf(name) + name.length;
    return text.slice(0, at) + text.slice(at).replace(/^\d+/, number);
}

async function timeBatches(one) {
    const times = [];
    for (let batch = 0; batch < WARM_UP + BATCHES; batch++) {
        const ns = await one(batch);
        if (batch >= WARM_UP)
            times.push(ns / BATCH);
    }
    return median(times);
}

// ccxt's own socket client, which is fed instead of connected. No event is like one before: each
// has a number of its own behind `name`, and `check` finds the last of a batch in the account.
function timeEvents(exchange, text, name, check) {
    const client = exchange.client(SOCKET);
    let number = 50_000_000;
    return timeBatches(() => {
        const texts = Array.from({ length: BATCH }, () => renumber(text, name, ++number));
        const start = process.hrtime.bigint();
        for (const data of texts)
            client.onMessage({ data });
        const ns = Number(process.hrtime.bigint() - start);
        check(number);
        return ns;
    });
}

function timeOrders(exchange, amount) {
    let left;
    exchange.fetch = async (url, method, headers, body) => {
        left = { at: process.hrtime.bigint(), text: `${url} ${body ?? ""} ${JSON.stringify(headers)}` };
        throw LEFT;
    };
    return timeBatches(async () => {
        let ns = 0;
        for (let i = 0; i < BATCH; i++) {
            const start = process.hrtime.bigint();
            await assert.rejects(exchange.createOrder(SYMBOL, "limit", "buy", amount, 30050.1), LEFT);
            ns += Number(left.at - start);
        }
        assert.match(left.text, /signature=[0-9a-f]{64}|"SIGN":"[0-9a-f]{128}"/);
        return ns;
    });
}

async function timeBinance(paper, keys, payloads) {
    const exchange = new ccxt.pro.binanceusdm({ ...keys, options: ENDLESS });
    place(exchange.urls.api, paper);
    await exchange.loadMarkets();
    exchange.client(SOCKET).subscriptions = { future: true };
    return {
        order_rest: await timeOrders(exchange, 0.005),
        order_event: await timeEvents(exchange, payloads.order_event, '"t":', (number) =>
            assert.equal(exchange.myTrades.at(-1).id, String(number))),
        account_event: await timeEvents(exchange, payloads.account_event, '"wb":"', (number) => {
            assert.equal(exchange.balance.future.USDT.total, Number(`${number}.54321098`));
            assert.equal(exchange.positions.future.length, 3);
        }),
    };
}

async function timeGate(paper, keys, payloads) {
    const exchange = new ccxt.pro.gate({
        ...keys,
        options: {
            ...ENDLESS,
            defaultType: "swap",
            fetchMarkets: { types: ["swap"] },
            watchPositions: { fetchPositionsSnapshot: false },
        },
    });
    place(exchange.urls.api, paper);
    await exchange.loadMarkets();
    exchange.setPositionsCache(exchange.client(SOCKET), "swap");
    return {
        order_rest_gateio: await timeOrders(exchange, 5),
        order_event_gateio: await timeEvents(exchange, payloads.order_event_gateio, '"left":"', (number) =>
            assert.equal(exchange.orders.at(-1).remaining, number)),
        trade_event_gateio: await timeEvents(exchange, payloads.trade_event_gateio, '"id":"', (number) =>
            assert.equal(exchange.myTrades.at(-1).id, String(number))),
        position_event_gateio: await timeEvents(exchange, payloads.position_event_gateio, '"size":"', (number) =>
            assert.equal(exchange.positions.swap[0].contracts, number)),
    };
}

async function timeBoth() {
    const payloads = Object.fromEntries(lines("--payloads").map((line) => line.split(/ (.*)/, 2)));
    const paper = await startPaper();
    try {
        const { api_key: apiKey, api_secret: secret } = paper.accounts[0];
        const keys = { apiKey, secret, enableRateLimit: false };
        return {
            ...(await timeBinance(paper, keys, payloads)),
            ...(await timeGate(paper, keys, payloads)),
        };
    } finally {
        await paper.stop();
    }
}

const theirs = await timeBoth();
const ours = Object.fromEntries(lines(...Object.keys(theirs)).map((line) => line.split(" ")));

console.log(`# ccxt ${ccxt.version} on node ${process.version}; median ns of one`);
console.log(`${"".padEnd(24)}${"ccxt".padStart(10)}${"keel".padStart(10)}${"ratio".padStart(8)}`);
for (const [name, ns] of Object.entries(theirs))
    console.log(name.padEnd(24) + ns.toFixed().padStart(10) + ours[name].padStart(10) +
        (ns / ours[name]).toFixed(1).padStart(8));
process.exit(); // ccxt keeps timers
