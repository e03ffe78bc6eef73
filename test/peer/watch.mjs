// watch.mjs - collects what one of ccxt's watch methods brings, until it is told to stop.
import assert from "node:assert/strict";

export class Watch {
    constructor(method, ...parameters) {
        this.seen = [];
        this.running = true;
        this.failure = null;
        this.done = (async () => {
            while (this.running) {
                try {
                    const update = await method(...parameters);
                    this.seen.push(...(Array.isArray(update) ? update : [update]).map((item) => structuredClone(item)));
                } catch (error) {
                    if (this.running)
                        this.failure = error;
                    return;
                }
            }
        })();
    }

    async until(what, predicate) {
        const end = Date.now() + 10_000;
        while (Date.now() < end) {
            if (this.failure)
                throw this.failure;
            const found = this.seen.find(predicate);
            if (found)
                return found;
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        assert.fail(`the stream never told of ${what}; it told ${JSON.stringify(this.seen).slice(0, 2000)}`);
    }
}
