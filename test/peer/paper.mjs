// paper.mjs - starts `keel paper` for a test, and asks keel's command line about an account there.
import { spawn, execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const KEEL = fileURLToPath(new URL("../../build/keel", import.meta.url));
const run = promisify(execFile);

export async function startPaper(...options) {
    const child = spawn(KEEL, ["paper", "--listen", "127.0.0.1:0", "--speed", "manual", ...options], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const ready = JSON.parse(line);
    const rest = ready.venues.binance.rest;
    const url = `http://${ready.listen}`;

    async function control(method, path, body) {
        const reply = await fetch(`${url}/paper/${path}`, {
            method,
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        if (!reply.ok)
            throw new Error(`/paper/${path}: ${reply.status} ${await reply.text()}`);
        return reply.json();
    }

    return {
        ...ready,
        rest,
        url,
        setPrice: (symbol, price) => control("POST", "price", { symbol, price: String(price) }),
        advance: (ms) => control("POST", "advance", { ms }),
        audit: () => control("GET", "audit"),
        async stop() {
            child.kill("SIGTERM");
            const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
            return code;
        },
    };
}

// One `keel … --json` command of an account: the objects that it prints, one a line. A first word
// "--venue=NAME" chooses another venue than Binance's futures.
export async function keel(paper, account, ...words) {
    const { api_key, api_secret } = paper.accounts[account];
    const venue = words[0].startsWith("--venue=") ? [words.shift()] : [];
    const { stdout } = await run(KEEL, [...words, ...venue, "--json", "--url", paper.url], {
        env: {
            ...process.env,
            BINANCE_API_KEY: api_key,
            BINANCE_API_SECRET: api_secret,
            GATEIO_API_KEY: api_key,
            GATEIO_API_SECRET: api_secret,
        },
    });
    return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// A signed request by hand, with room for mistakes: `spoil` changes the query after signing.
export async function rawRequest(paper, account, method, path, parameters, { secret, spoil } = {}) {
    const { api_key, api_secret } = paper.accounts[account];
    const query = new URLSearchParams(parameters).toString();
    const signature = createHmac("sha256", secret ?? api_secret).update(query).digest("hex");
    const sent = spoil ? spoil(query) : query;
    const reply = await fetch(`${paper.rest}${path}?${sent}&signature=${signature}`, {
        method,
        headers: { "X-MBX-APIKEY": api_key },
    });
    return { status: reply.status, body: await reply.json() };
}
