#!/usr/bin/env python3
"""kill -9 at many moments of live trading; afterwards the journal must say what the venue says.

    kill.py TRADER SHIM [--moments N] [--faulty-moments N] [--seed S]

A paper venue runs throughout, in the end one that itself goes wrong: replies and connections are
lost, answers say nothing, events come late, twice or never. A trader trades on it with a journal
and is killed: at a random time, or by the shim inside one of its writes and sends, before it, with
half of its bytes out, or right after it. Then the next one starts with the same journal. In the end
one more settles what is open, and the books are compared: every intent that was accepted is one
order at the venue and no other is; every execution and every funding that the venue lists is in the
journal once, and no other is. Under the shim a trader that sends an order before its intent was
written ends at once with a code of its own.
"""
import argparse
import collections
import decimal
import hashlib
import hmac
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

SYMBOL = "BTCUSDT"
LIFE_S = 20
FAULTS = (
    *({"action": action, "executed": executed, "method": method, "path": path, "probability": 0.02}
      for action in ("503-unknown", "408") for executed in (True, False)
      for method, path in (("POST", "/fapi/v1/order"), ("POST", "/fapi/v1/algoOrder"),
                           ("PUT", "/fapi/v1/order"), ("DELETE", "/fapi/v1/order"))),
    {"action": "cut", "of": "request", "byte": 100, "path": "/fapi/v1/order", "probability": 0.02},
    {"action": "cut", "of": "reply", "path": "/fapi/v1/order", "probability": 0.02},
    {"action": "cut", "of": "reply", "byte": 200, "path": "/fapi/v1/*", "probability": 0.01},
    {"action": "503-internal", "path": "/fapi/v1/*", "probability": 0.01},
    {"action": "delay", "of": "reply", "ms": 120, "path": "/fapi/v1/*", "probability": 0.05},
    {"action": "drop", "stream": "user", "probability": 0.02},
    {"action": "duplicate", "stream": "user", "probability": 0.05},
    {"action": "reorder", "stream": "user", "probability": 0.05},
    {"action": "delay", "of": "frame", "ms": 80, "stream": "user", "probability": 0.02},
    {"action": "cut", "of": "frame", "byte": 20, "stream": "user", "probability": 0.002},
)


class Venue:
    def __init__(self, trader, faults):
        self.process = subprocess.Popen([trader, "paper", *faults], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.url = "http://" + ready["listen"]
        self.key = ready["accounts"][0]["api_key"]
        self.secret = ready["accounts"][0]["api_secret"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)

    def end_faults(self):
        request = urllib.request.Request(f"{self.url}/paper/fault", method="DELETE")
        urllib.request.urlopen(request, timeout=20).close()

    def get(self, path, **params):
        params["timestamp"] = int(time.time() * 1000)
        text = urllib.parse.urlencode(params)
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        request = urllib.request.Request(f"{self.url}{path}?{text}&signature={signature}",
                                         headers={"X-MBX-APIKEY": self.key})
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def pages(self, path, parameter, field):
        """Every row of a history, by ascending id."""
        rows, since = {}, 1
        while True:
            page = self.get(path, symbol=SYMBOL, limit=1000, **{parameter: since})
            new = {int(row[field]): row for row in page if int(row[field]) not in rows}
            rows.update(new)
            if not new:
                return list(rows.values())
            since = max(new)

    def income(self, kind):
        rows, page = [], 1
        while True:
            more = self.get("/fapi/v1/income", incomeType=kind, startTime=1, limit=1000, page=page)
            rows += more
            page += 1
            if not more:
                return rows


class Lives:
    def __init__(self, options, venue, journal):
        self.options, self.venue, self.journal = options, venue, journal
        self.random = random.Random(options.seed)
        self.count = 0
        self.deaths = collections.Counter()

    def start(self, commands, **more):
        self.count += 1
        environment = dict(os.environ, KEEL_TEST_KEY=self.venue.key,
                           KEEL_TEST_SECRET=self.venue.secret, **more)
        return subprocess.Popen(
            [self.options.trader, "trade", self.venue.url, str(self.journal),
             str(self.options.seed * 1000 + self.count), str(commands)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process, how):
        try:
            _, errors = process.communicate(timeout=LIFE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            how += " (late)"
        if process.returncode == -signal.SIGKILL:
            self.deaths[how] += 1
            return True
        if process.returncode != 0:
            sys.exit(f"life {self.count} ({how}) ended with {process.returncode}: {errors}")
        return False

    def die_in_a_call(self):
        when = self.random.choice(["before", "half", "after"])
        # Mostly while trading; some while a start recovers.
        at = self.random.randrange(1, 80) if self.random.random() < 0.2 \
            else self.random.randrange(40, 800)
        process = self.start(100000, LD_PRELOAD=self.options.shim, KEEL_TEST_KILL_AT=str(at),
                             KEEL_TEST_KILL_WHEN=when)
        return self.end(process, f"{when} a write or send")

    def die_at_a_time(self):
        process = self.start(100000)
        time.sleep(self.random.uniform(0.02, 0.9))
        process.kill()
        return self.end(process, "at a random time")

    def settle(self):
        """The last life. Answers when it began: the venue's market goes on after it has ended."""
        began_ms = int(time.time() * 1000)
        process = self.start(0)
        if self.end(process, "settling"):
            sys.exit("the last life did not settle")
        return began_ms


def read(journal, sql):
    database = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    rows = [dict(row) for row in database.execute(sql)]
    database.close()
    return rows


def same(a, b):
    return decimal.Decimal(a) == decimal.Decimal(b)


def is_hidden(row, intents):
    """A leverage that another one of ours may have replaced: what the venue shows tells nothing of
    it, and unknown is the truth."""
    return row["command"] == "set_leverage" and row["state"] == "unknown" and any(
        other["command"] == "set_leverage" and other["state"] == "accepted"
        and other["leverage"] != row["leverage"] and other["expires_ms"] > row["time_ms"]
        for other in intents)


def compare_orders(venue, journal, problems):
    intents = read(journal, "SELECT * FROM intents")
    listed = venue.pages("/fapi/v1/allOrders", "orderId", "orderId")
    algos = venue.pages("/fapi/v1/allAlgoOrders", "algoId", "algoId")
    orders = [(row["clientOrderId"], row["status"]) for row in listed] \
        + [(row["clientAlgoId"], row["algoStatus"]) for row in algos]
    known = collections.Counter(client_id for client_id, _ in orders)
    places = {row["client_id"]: row for row in intents if row["command"] == "place_order"}
    for client_id, count in known.items():
        if count > 1:
            problems.append(f"{client_id}: {count} orders at the venue")
        if client_id not in places:
            problems.append(f"{client_id}: an order at the venue without an intent")
    for client_id, row in places.items():
        there = client_id in known
        if (row["state"] == "accepted") != there:
            problems.append(f"{row['type']} {client_id} is {row['state']} in the journal and "
                            f"{'there' if there else 'not there'} at the venue")
    statuses = dict(orders)
    for row in intents:
        if row["state"] in ("open", "unknown") and not is_hidden(row, intents):
            problems.append(f"{row['command']} {row['number']} is {row['state']}")
        if row["command"] == "cancel_order" and row["state"] == "accepted" \
                and statuses.get(row["client_id"]) != "CANCELED":
            problems.append(f"{row['client_id']}: cancelled here, "
                            f"{statuses.get(row['client_id'])} there")
    return intents, orders


def compare_executions(venue, journal, until_ms, problems):
    kept = {row["trade_id"]: row for row in read(journal, "SELECT * FROM executions")}
    listed = {str(row["id"]): row
              for row in venue.pages("/fapi/v1/userTrades", "fromId", "id")}
    for trade_id in listed.keys() - kept.keys():
        if listed[trade_id]["time"] >= until_ms:
            continue
        problems.append(f"execution {trade_id} is not in the journal: {listed[trade_id]}")
    for trade_id in kept.keys() - listed.keys():
        problems.append(f"execution {trade_id} is in the journal alone")
    for trade_id in listed.keys() & kept.keys():
        mine, theirs = kept[trade_id], listed[trade_id]
        for ours, name in (("price", "price"), ("quantity", "qty"), ("fee", "commission"),
                           ("realized_pnl", "realizedPnl")):
            if mine[ours] is not None and not same(mine[ours], theirs[name]):
                problems.append(f"execution {trade_id}: {ours} {mine[ours]}, not {theirs[name]}")
        if mine["order_id"] != str(theirs["orderId"]):
            problems.append(f"execution {trade_id}: order {mine['order_id']}")
    return listed


def take_same(unnamed, row):
    for theirs in unnamed:
        if theirs["time"] == row["time_ms"] and same(row["amount"], theirs["income"]):
            unnamed.remove(theirs)
            return theirs
    return None


def compare_funding(venue, journal, until_ms, problems):
    kept = read(journal, "SELECT * FROM incomes WHERE kind = 'funding'")
    listed = {str(row["tranId"]): row for row in venue.income("FUNDING_FEE")}
    times = collections.Counter(row["id"] for row in kept)
    for row_id, count in times.items():
        if count > 1 and row_id is not None:
            problems.append(f"funding {row_id} is in the journal {count} times")
    for row_id in listed.keys() - times.keys():
        if listed[row_id]["time"] >= until_ms:
            continue
        problems.append(f"funding {row_id} is not in the journal: {listed[row_id]}")
    # What the stream told during the last life has no id yet: no listing has come after it.
    unnamed = [listed[row_id] for row_id in listed.keys() - times.keys()
               if listed[row_id]["time"] >= until_ms]
    for row in kept:
        theirs = take_same(unnamed, row) if row["id"] is None else listed.get(row["id"])
        if theirs is None:
            problems.append(f"funding {row['id']} of {row['amount']} at {row['time_ms']} is in the "
                            "journal alone")
        elif not same(row["amount"], theirs["income"]) or row["asset"] != theirs["asset"]:
            problems.append(f"funding {row['id']}: {row['amount']}, not {theirs['income']}")
    return listed


def run(options, moments, faults):
    """So many deaths; how many problems there are in the end, and how many executions and fundings."""
    with tempfile.TemporaryDirectory() as folder:
        journal = pathlib.Path(folder) / "main.db"
        script = pathlib.Path(folder) / "faults"
        script.write_text("".join(json.dumps(fault) + "\n" for fault in faults), encoding="ascii")
        venue = Venue(options.trader, [str(script)] if faults else [])
        lives = Lives(options, venue, journal)
        began = time.monotonic()
        died = 0
        while died < moments:
            at_a_time = lives.random.random() < 0.25
            died += lives.die_at_a_time() if at_a_time else lives.die_in_a_call()
        venue.end_faults()
        until_ms = lives.settle()
        problems = []
        intents, orders = compare_orders(venue, journal, problems)
        executions = compare_executions(venue, journal, until_ms, problems)
        fundings = compare_funding(venue, journal, until_ms, problems)
        took_s = time.monotonic() - began
        venue.close()

    states = collections.Counter(row["state"] for row in intents)
    print(f"kill: {died} deaths in {took_s:.0f} s{', under faults' if faults else ''}: "
          f"{dict(lives.deaths)}")
    print(f"kill: {len(intents)} intents {dict(states)}, {len(orders)} orders, "
          f"{len(executions)} executions, {len(fundings)} fundings")
    for problem in problems[:20]:
        print("kill:", problem)
    return len(problems), len(executions), len(fundings)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("trader")
    parser.add_argument("shim")
    parser.add_argument("--moments", type=int, default=500)
    parser.add_argument("--faulty-moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.shim = str(pathlib.Path(options.shim).resolve())

    phases = ((options.moments, ()), (options.faulty_moments, FAULTS))
    counts = [run(options, moments, faults) for moments, faults in phases if moments > 0]
    problems, executions, fundings = (sum(column) for column in zip(*counts))
    if not executions or not fundings:
        sys.exit("kill: nothing was proved")
    if problems:
        sys.exit(f"kill: {problems} problems (--seed {options.seed})")


main()
