#!/usr/bin/env python3
"""Runs the keel program for real, against its own paper venue.

    test_cli.py KEEL [unittest options]
"""
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

KEEL = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build/keel"
SYMBOL = "BTC/USDT:USDT"
PRICE = "20000"
TIMEOUT = 60
HOME = tempfile.TemporaryDirectory(prefix="keel-cli-")  # nobody's own configuration is read

DONE, REJECTED, USAGE, REFUSED, UNKNOWN, NOT_CONNECTED, INTERNAL, CONFIG = range(8)

ORDER_FIELDS = {
    "symbol", "order_id", "client_order_id", "side", "position_side", "type", "time_in_force",
    "status", "price", "average_price", "trigger_price", "quantity", "filled_quantity",
    "remaining_quantity", "reduce_only", "close_position", "create_time_ms", "update_time_ms"}
EXECUTION_FIELDS = {
    "symbol", "trade_id", "order_id", "client_order_id", "side", "price", "quantity", "fee",
    "fee_asset", "realized_pnl", "maker", "time_ms"}
POSITION_FIELDS = {
    "source", "age_ms", "contracts", "symbol", "side", "position_side", "quantity", "entry_price", "mark_price",
    "liquidation_price", "unrealized_pnl", "realized_pnl", "margin", "margin_mode", "leverage",
    "margin_ratio", "roe_percent", "notional", "maintenance_margin", "adl_rank", "update_time_ms"}
BALANCE_FIELDS = {
    "asset", "wallet", "available", "locked", "total", "unrealized_pnl", "update_time_ms", "source",
    "age_ms"}


class Answer:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    def __repr__(self):
        return f"exit {self.code}\nout: {self.out}\nerr: {self.err}"

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self):
        return json.loads(self.err)["error"]


def clean_environment():
    kept = {name: value for name, value in os.environ.items()
            if not re.search(r"_API_(KEY|SECRET)$|^KEEL_|^XDG_CONFIG_HOME$", name)}
    kept["HOME"] = HOME.name
    return kept


def run(*words, env=None, text=None):
    process = subprocess.run([KEEL, *words], env=env or clean_environment(), input=text,
                             capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return Answer(process)


class Paper:
    """A paper venue that stands still until it is moved."""

    def __init__(self, *options):
        self.ready_path = os.path.join(HOME.name, f"ready-{time.monotonic_ns()}")
        self.process = subprocess.Popen(
            [KEEL, "paper", "--speed", "manual", "--ready", self.ready_path, *options],
            env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.ready = json.loads(self.line)
        self.url = self.ready["venues"]["binance"]["rest"]
        self.account = self.ready["accounts"][0]
        self.env = clean_environment()
        self.env["BINANCE_API_KEY"] = self.account["api_key"]
        self.env["BINANCE_API_SECRET"] = self.account["api_secret"]
        self.env["KEEL_URL"] = self.url

    def control(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def price(self, price):
        self.control("/paper/price", {"symbol": "BTCUSDT", "price": price})

    def keel(self, *words):
        return run(*words, env=self.env)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, out, err


class Trading(unittest.TestCase):
    """Each test has the venue as at the start."""

    @classmethod
    def setUpClass(cls):
        cls.paper = Paper()

    @classmethod
    def tearDownClass(cls):
        code, _, err = cls.paper.stop()
        assert code == DONE, err

    def setUp(self):
        self.paper.control("/paper/reset", {})
        self.paper.price(PRICE)

    def tearDown(self):
        self.assertTrue(self.paper.control("/paper/audit")["conserved"])

    def keel(self, *words, code=DONE):
        answer = self.paper.keel(*words)
        self.assertEqual(answer.code, code, answer)
        for secret in (self.paper.account["api_secret"], self.paper.account["api_key"]):
            self.assertNotIn(secret, answer.out + answer.err)
        if code != DONE:
            self.assertEqual(answer.out, "", answer)
            self.assertNotEqual(answer.err, "")
        return answer

    def buy(self, quantity="0.01"):
        answer = self.keel("order", "buy", quantity, "BTC/USDT", "--type", "market", "--json")
        return answer.lines[0]

    def open_orders(self):
        """But for how old they are, which each reading says anew."""
        return [{name: value for name, value in order.items() if name != "age_ms"}
                for order in self.keel("orders", "--json").lines]

    def test_a_fresh_account_has_its_deposit_and_nothing_else(self):
        balances = self.keel("balances", "--json").lines
        usdt = [balance for balance in balances if balance["asset"] == "USDT"]
        self.assertEqual(len(usdt), 1)
        self.assertEqual(usdt[0]["wallet"], "10000")
        self.assertEqual(usdt[0]["total"], "10000")
        self.assertEqual(usdt[0]["unrealized_pnl"], "0")
        self.assertLessEqual(set(usdt[0]), BALANCE_FIELDS)
        self.assertEqual(self.keel("positions", "--json").out, "")
        self.assertEqual(self.keel("orders", "--json").out, "")

    def test_a_limit_order_rests_and_can_be_cancelled_by_either_id(self):
        placed = self.keel("order", "buy", "0.01", "BTC/USDT", "--price", "19000", "--tif", "gtx",
                           "--client-id", "my-1", "--json").lines[0]
        self.assertLessEqual(set(placed), ORDER_FIELDS)
        self.assertEqual((placed["symbol"], placed["status"], placed["type"]),
                         (SYMBOL, "new", "limit"))
        self.assertEqual((placed["side"], placed["position_side"], placed["time_in_force"]),
                         ("buy", "net", "gtx"))
        self.assertEqual((placed["price"], placed["quantity"], placed["remaining_quantity"]),
                         ("19000", "0.01", "0.01"))
        self.assertEqual(placed["client_order_id"], "my-1")
        self.assertEqual([order["order_id"] for order in self.open_orders()],
                         [placed["order_id"]])
        gone = self.keel("cancel", "BTCUSDT", placed["order_id"], "--json").lines[0]
        self.assertEqual(gone["status"], "canceled")
        self.assertEqual(self.open_orders(), [])
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000", "--client-id", "my-2")
        self.keel("cancel", SYMBOL, "--client-id", "my-2")
        self.assertEqual(self.open_orders(), [])

    def test_a_market_order_makes_a_position_with_all_its_figures(self):
        order = self.buy()
        self.assertEqual((order["status"], order["filled_quantity"]), ("filled", "0.01"))
        position = self.keel("positions", "--json").lines[0]
        self.assertLessEqual(set(position), POSITION_FIELDS)
        self.assertEqual((position["symbol"], position["side"], position["position_side"]),
                         (SYMBOL, "long", "net"))
        self.assertEqual(position["quantity"], "0.01")
        self.assertEqual(position["margin_mode"], "cross")
        self.assertIsInstance(position["leverage"], int)
        for name in ("entry_price", "mark_price", "unrealized_pnl", "margin", "margin_ratio",
                     "roe_percent", "notional", "maintenance_margin"):
            self.assertRegex(position[name], r"^-?\d+(\.\d+)?$", name)
        risk = self.keel("risk", "BTC/USDT", "--json").lines[0]
        self.assertFalse(risk["high_risk"])
        self.assertIn("margin_ratio", risk)

    def test_executions_carry_their_fee_with_and_without_a_symbol(self):
        order = self.buy()
        executions = self.keel("executions", "BTC/USDT", "--json").lines
        self.assertGreater(len(executions), 0)
        for execution in executions:
            self.assertLessEqual(set(execution), EXECUTION_FIELDS)
            self.assertEqual(execution["order_id"], order["order_id"])
            self.assertEqual((execution["side"], execution["fee_asset"], execution["maker"]),
                             ("buy", "USDT", False))
        self.assertEqual(self.keel("executions", "--json").lines, executions)

    def test_completed_orders_come_from_the_history_and_one_order_by_its_id(self):
        order = self.buy()
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000")
        done = self.keel("orders", "BTC/USDT", "--completed", "--json").lines
        self.assertEqual([one["order_id"] for one in done], [order["order_id"]])
        one = self.keel("orders", "BTC/USDT", "--id", order["order_id"], "--json").lines
        self.assertEqual(one[0]["client_order_id"], order["client_order_id"])
        error = self.paper.keel("orders", "BTC/USDT", "--id", "999999999999", "--json")
        self.assertEqual(error.code, REJECTED, error)

    def test_a_position_closes_in_part_and_whole_and_never_by_default(self):
        self.buy("0.02")
        self.keel("close", "BTC/USDT", code=USAGE)
        self.keel("close", "BTC/USDT", "--all", "--quantity", "0.01", code=USAGE)
        self.keel("close", "BTC/USDT", "--quantity", "0", code=USAGE)
        self.keel("close", "BTC/USDT", "--quantity", "0.5", code=REFUSED)
        lines = self.keel("close", "BTC/USDT", "--quantity", "0.005", "--json").lines
        self.assertTrue(lines[0]["reduce_only"])
        self.assertEqual(lines[-1], {"symbol": SYMBOL, "remaining": "0.015"})
        lines = self.keel("close", "BTC/USDT", "--all", "--json").lines
        self.assertEqual(lines[-1], {"symbol": SYMBOL, "remaining": "0"})
        self.assertEqual(self.keel("positions", "--json").out, "")
        self.keel("close", "BTC/USDT", "--all", code=REFUSED)
        self.keel("risk", "BTC/USDT", code=REFUSED)

    def test_leverage_and_margin_mode_are_read_and_set(self):
        before = self.keel("leverage", "BTC/USDT", "--json").lines[0]
        self.assertGreater(before["leverage_max"], 20)
        after = self.keel("leverage", "BTC/USDT", "7", "--json").lines[0]
        self.assertEqual((after["symbol"], after["leverage"]), (SYMBOL, 7))
        self.assertEqual(self.keel("leverage", "BTC/USDT", "--json").lines[0]["leverage"], 7)
        self.keel("leverage", "BTC/USDT", "500", code=REFUSED)
        self.keel("leverage", "BTC/USDT", "0", code=USAGE)
        mode = self.keel("margin-mode", "BTC/USDT", "isolated", "--json").lines[0]
        self.assertEqual(mode["margin_mode"], "isolated")
        mode = self.keel("margin-mode", "BTC/USDT", "--json").lines[0]
        self.assertEqual(mode["margin_mode"], "isolated")
        self.keel("margin-mode", "BTC/USDT", "both", code=USAGE)

    def test_margin_moves_to_and_from_an_isolated_position(self):
        self.keel("margin-mode", SYMBOL, "isolated")
        self.keel("leverage", SYMBOL, "5")
        self.keel("margin", SYMBOL, "add", "10", code=REFUSED)  # to no position
        self.buy("0.01")
        before = float(self.keel("positions", "--json").lines[0]["margin"])
        request = self.keel("margin", SYMBOL, "add", "3", "--dry-run", "--json").lines[0]
        self.assertIn("amount=3&type=1", request["query"] + request["body"])
        for words, margin in ((("add", "12.5"), before + 12.5), (("take", "2.5"), before + 10)):
            row = self.keel("margin", SYMBOL, *words, "--json").lines[0]
            self.assertAlmostEqual(float(row["margin"]), margin, 8)
            self.assertEqual((row["symbol"], row["quantity"]), (SYMBOL, "0.01"))
        self.assertIn("is possible", self.keel("margin", SYMBOL, "take", "11", code=REFUSED).err)
        self.assertIn("neither add nor take", self.keel("margin", SYMBOL, "put", "1",
                                                        code=USAGE).err)
        self.assertIn("above zero", self.keel("margin", SYMBOL, "add", "-1", code=USAGE).err)

    def test_hedge_mode_is_read_and_set_while_the_account_is_flat(self):
        self.assertIs(self.keel("hedge-mode", "--json").lines[0]["hedge_mode"], False)
        self.keel("hedge-mode", "on", "--dry-run")
        self.assertIs(self.keel("hedge-mode", "--json").lines[0]["hedge_mode"], False)
        self.assertIs(self.keel("hedge-mode", "on", "--json").lines[0]["hedge_mode"], True)
        for side, leg in (("buy", "long"), ("sell", "short")):
            self.keel("order", side, "0.01", SYMBOL, "--type", "market", "--position-side", leg)
        legs = self.keel("positions", "--json").lines
        self.assertEqual(sorted(leg["position_side"] for leg in legs), ["long", "short"])
        self.assertIn("(2)", self.keel("hedge-mode", "off", code=REFUSED).err)
        self.assertIn("neither on nor off", self.keel("hedge-mode", "yes", code=USAGE).err)

    def test_a_countdown_ends_orders_that_nobody_keeps(self):
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000")
        self.assertEqual(self.keel("countdown", SYMBOL, "600", "--json").lines,
                         [{"symbol": SYMBOL, "timeout_s": 600}])
        self.keel("countdown", SYMBOL, "0")
        self.assertEqual(len(self.open_orders()), 1)
        self.keel("countdown", SYMBOL, "1")
        end = time.monotonic() + TIMEOUT
        while self.open_orders() and time.monotonic() < end:
            time.sleep(0.2)
        self.assertEqual(self.open_orders(), [])
        self.keel("countdown", SYMBOL, "soon", code=USAGE)

    def test_cancel_all_takes_conditional_orders_too(self):
        self.buy()
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000")
        stop = self.keel("order", "sell", SYMBOL, "--type", "stop-market", "--trigger", "18000",
                         "--close-position", "--json").lines[0]
        self.assertEqual((stop["type"], stop["trigger_price"], stop["close_position"]),
                         ("stop_market", "18000", True))
        self.assertEqual(len(self.open_orders()), 2)
        self.keel("cancel", SYMBOL, stop["order_id"])
        self.assertEqual(len(self.open_orders()), 1)
        self.keel("order", "sell", "0.01", SYMBOL, "--type", "stop_market", "--trigger", "18000",
                  "--reduce-only")
        self.assertEqual(self.keel("cancel-all", SYMBOL, "--json").lines[0]["fate"], "accepted")
        self.assertEqual(self.open_orders(), [])

    def test_a_dry_run_shows_the_request_and_sends_nothing(self):
        self.buy("0.02")
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000", "--client-id", "stays")
        before = self.open_orders()
        leverage = self.keel("leverage", SYMBOL, "--json").lines[0]["leverage"]
        runs = (
            (("order", "buy", "0.01", SYMBOL, "--price", "18000"), "POST", "/fapi/v1/order"),
            (("close", SYMBOL, "--all"), "POST", "/fapi/v1/order"),
            (("cancel", SYMBOL, "--client-id", "stays"), "DELETE", "/fapi/v1/order"),
            (("cancel-all", SYMBOL), "DELETE", "/fapi/v1/allOpenOrders"),
            (("leverage", SYMBOL, "3"), "POST", "/fapi/v1/leverage"),
            (("margin-mode", "ETHUSDT", "isolated"), "POST", "/fapi/v1/marginType"))
        for words, method, path in runs:
            request = self.keel(*words, "--dry-run", "--json").lines[0]
            self.assertEqual((request["method"], request["path"]), (method, path))
            self.assertRegex(request["query"] + request["body"], "symbol=(BTC|ETH)USDT")
            self.assertNotRegex(request["query"] + request["body"], r"signature=[0-9a-f]")
        self.assertEqual(self.open_orders(), before)
        self.assertEqual(self.keel("leverage", SYMBOL, "--json").lines[0]["leverage"], leverage)
        self.assertEqual(self.keel("positions", "--json").lines[0]["quantity"], "0.02")

    def test_the_gate_refuses_before_anything_leaves(self):
        cases = (
            (("order", "buy", "0.0055", SYMBOL, "--price", "19000"), "quantity_step"),
            (("order", "buy", "0.001", SYMBOL, "--price", "19000.001"), "price_tick"),
            (("order", "buy", "0.001", SYMBOL, "--price", "10000"), "notional_min"),
            (("order", "sell", "0.01", SYMBOL, "--price", "21000", "--reduce-only"),
             "reduce_only"),
            (("order", "buy", "0.01", "NONE/USDT", "--price", "19000"), "symbol_unknown"))
        for words, status in cases:
            answer = self.keel(*words, "--json", code=REFUSED)
            self.assertEqual(answer.error["status"], status, answer)
            self.assertRegex(answer.error["message"], r"\w")
        self.assertEqual(self.open_orders(), [])

    def test_people_get_aligned_tables(self):
        self.buy()
        lines = self.keel("positions").out.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertEqual(len(lines[0].rstrip()), len(lines[1].rstrip()))
        self.assertEqual(self.keel("orders").out, "no orders\n")
        self.assertIn("has_credentials", self.keel("stats").out)
        self.assertNotIn("\x1b", self.keel("balances").out)

    def test_statistics_count_what_there_is(self):
        self.buy()
        self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000")
        stats = self.keel("stats", "--json").lines[0]
        self.assertTrue(stats["has_credentials"])
        self.assertEqual((stats["state"], stats["positions"], stats["open_orders"]),
                         ("live", 1, 1))
        self.assertEqual(stats["differences"], 0)

    def test_watch_tells_what_happens_and_ends_at_ctrl_c(self):
        watch = subprocess.Popen([KEEL, "watch", "BTC/USDT", "--json"], env=self.paper.env,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        events = []
        while not any(event.get("state") == "live" for event in events):
            events.append(json.loads(watch.stdout.readline()))
        order = self.buy()
        wanted = {"order", "execution", "position", "balance"}
        while not wanted <= {event["event"] for event in events}:
            events.append(json.loads(watch.stdout.readline()))
        executions = [event for event in events if event["event"] == "execution"]
        self.assertEqual(executions[0]["order_id"], order["order_id"])
        for event in events:
            if event["event"] in ("order", "position", "balance"):
                self.assertIn(event["source"], ("stream", "snapshot", "none"), event)
                self.assertIsInstance(event["age_ms"], int)
        watch.send_signal(signal.SIGINT)
        _, err = watch.communicate(timeout=TIMEOUT)
        self.assertEqual((watch.returncode, err), (DONE, ""))

    def test_a_wrong_key_is_rejected_and_a_dead_port_is_not_connected(self):
        env = dict(self.paper.env, BINANCE_API_SECRET="0" * 64)
        answer = run("balances", "--json", env=env)
        self.assertEqual(answer.code, REJECTED, answer)
        self.assertIn("-1022", answer.err)
        env = dict(self.paper.env, KEEL_URL="http://127.0.0.1:1")
        answer = run("balances", env=env)
        self.assertEqual(answer.code, NOT_CONNECTED, answer)

    def test_orders_leave_by_stream_where_they_are_told_to(self):
        self.paper.control("/paper/fault", {"action": "503-unavailable", "method": "POST",
                                            "path": "/fapi/v1/order"})
        answer = self.keel("order", "buy", "0.01", "BTC/USDT", "--type", "market",
                           "--order-entry", "stream", "--json")
        self.assertEqual(answer.lines[0]["status"], "filled")
        # What was not asked for by request is still waiting for one.
        self.keel("order", "buy", "0.01", "BTC/USDT", "--type", "market", code=NOT_CONNECTED)
        error = self.paper.keel("order", "buy", "0.01", "BTC/USDT", "--type", "market",
                                "--order-entry", "pigeon")
        self.assertEqual(error.code, USAGE)
        self.assertIn("--order-entry: 'pigeon'", error.err)

    def test_a_journal_keeps_what_was_traded(self):
        path = os.path.join(HOME.name, f"journal-{time.monotonic_ns()}.db")
        self.keel("order", "buy", "0.01", "BTC/USDT", "--type", "market", "--journal", path)
        self.keel("order", "buy", "0.01", "BTC/USDT", "--price", "19000", "--journal", path)
        orders = self.keel("journal", "orders", "--journal", path, "--json").lines
        self.assertEqual([(row["type"], row["quantity"], row["state"]) for row in orders],
                         [("market", "0.01", "accepted"), ("limit", "0.01", "accepted")])
        self.assertIs(orders[0]["reduce_only"], False)
        answer = self.keel("journal", "executions", "--journal", path, "--csv")
        names, row = answer.out.splitlines()[:2]
        execution = dict(zip(names.split(","), row.split(",")))
        self.assertEqual((execution["symbol"], execution["side"]), ("BTC/USDT:USDT", "buy"))
        self.assertEqual(execution["order_id"], orders[0]["order_id"])
        since = str(orders[1]["time_ms"] + 1)
        answer = self.keel("journal", "orders", "--journal", path, "--since", since, "--json")
        self.assertEqual(answer.lines, [])
        answer = self.keel("orders", "--unknown", "--journal", path)
        self.assertIn("nothing is unsettled", answer.out + answer.err)

    def test_an_order_without_a_verdict_is_unknown_and_found_again(self):
        path = os.path.join(HOME.name, f"journal-{time.monotonic_ns()}.db")
        self.paper.control("/paper/fault", {"action": "503-unknown", "executed": True, "times": 1,
                                            "method": "POST", "path": "/fapi/v1/order"})
        answer = self.keel("order", "buy", "0.01", "BTC/USDT", "--price", "19000",
                           "--journal", path, code=UNKNOWN)
        self.assertTrue(answer.err.startswith("keel: outcome unknown: "), answer.err)
        self.keel("orders", "--unknown", "--journal", path)
        intents = self.keel("journal", "orders", "--journal", path, "--json").lines
        orders = self.keel("orders", "BTC/USDT", "--json").lines
        self.assertEqual([row["state"] for row in intents], ["accepted"])
        self.assertEqual([row["client_order_id"] for row in orders],
                         [intents[0]["client_order_id"]])

    def test_a_journal_in_use_refuses_a_second_trader_and_can_be_read(self):
        path = os.path.join(HOME.name, f"journal-{time.monotonic_ns()}.db")
        words = ("order", "buy", "0.01", "BTC/USDT", "--price", "19000", "--journal", path)
        self.keel(*words)
        with open(path + "-lock", "r+", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            answer = self.keel(*words, code=CONFIG)
            self.assertIn("in use by another process", answer.err)
            self.assertEqual(len(self.keel("journal", "orders", "--journal", path,
                                           "--json").lines), 1)
            self.keel("orders", "--unknown", "--journal", path)
        answer = self.paper.keel("journal", "orders", "--journal", path + ".none")
        self.assertEqual(answer.code, USAGE, answer)
        answer = self.paper.keel("journal", "orders", "--journal", "none")
        self.assertEqual(answer.code, CONFIG, answer)

    def test_an_account_of_the_file_has_a_journal_of_its_own(self):
        path = os.path.join(HOME.name, f"accounts-{time.monotonic_ns()}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"[desk]\napi_key = {self.paper.account['api_key']}\n"
                       f"api_secret = {self.paper.account['api_secret']}\n"
                       f"url = {self.paper.url}\n")
        os.chmod(path, 0o600)
        env = clean_environment()
        env.pop("XDG_STATE_HOME", None)
        journal = os.path.join(HOME.name, ".local/state/keel/desk.db")
        order = ("order", "buy", "0.01", "BTC/USDT", "--price", "19000", "--config", path)
        self.assertEqual(run(*order, "--journal", "none", env=env).code, DONE)
        self.assertEqual(run(*order, "--dry-run", env=env).code, DONE)
        self.assertFalse(os.path.exists(journal))
        answer = run(*order, env=env)
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(os.stat(journal).st_mode & 0o777, 0o600)
        answer = run("journal", "orders", "--config", path, "--json", env=env)
        self.assertEqual(len(answer.lines), 1)

    def test_an_account_comes_from_a_file_that_only_its_owner_can_read(self):
        path = os.path.join(HOME.name, "accounts.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"# two accounts\n[one]\nvenue = binance\n"
                       f"api_key = {self.paper.account['api_key']}\n"
                       f"api_secret={self.paper.account['api_secret']}\n"
                       f"url = {self.paper.url}\nsymbols = BTC/USDT, ETH/USDT\n\n"
                       f"[two]\nvenue = binance\n")
        os.chmod(path, 0o600)
        env = clean_environment()
        answer = run("balances", "--config", path, "--account", "one", "--json", env=env)
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(answer.lines[0]["wallet"], "10000")
        answer = run("balances", "--config", path, env=env)
        self.assertEqual(answer.code, CONFIG, answer)
        answer = run("balances", "--config", path, "--account", "two", env=env)
        self.assertEqual(answer.code, CONFIG, answer)
        answer = run("balances", "--config", path, "--account", "three", env=env)
        self.assertEqual(answer.code, CONFIG, answer)
        os.chmod(path, 0o644)
        answer = run("balances", "--config", path, "--account", "one", env=env)
        self.assertEqual(answer.code, CONFIG, answer)
        self.assertIn("0644", answer.err)
        self.assertIn(f"chmod 600 {path}", answer.err)


    def test_numbers_in_a_wrong_form_are_named_and_the_nearest_of_the_grid_are_told(self):
        for number, why in (("1,5", "is not a number"), ("0x1", "is not a number"),
                            ("nan", "is not a number"), (" 1", "is not a number"),
                            (".5", "is not a number"), ("", "is not a number"),
                            ("-0", "not above zero"), ("1" * 40, "is too large"),
                            ("1e400", "is too large"), ("0." + "0" * 30 + "1", "more than 18")):
            answer = self.keel("order", "buy", number, SYMBOL, "--price", "19000", code=USAGE)
            self.assertIn(why, answer.err, number)
        answer = self.keel("order", "buy", "0.0105", SYMBOL, "--price", "19000", code=REFUSED)
        self.assertIn("nearest 0.01 and 0.011", answer.err)
        request = self.keel("order", "buy", "1e-2", SYMBOL, "--price", "19000", "--dry-run",
                            "--json").lines[0]
        self.assertIn("quantity=0.01&", request["body"])

    def test_open_orders_are_oldest_first_and_can_be_limited(self):
        def order(*words):
            return self.keel("order", *words, "--json").lines[0]

        ids = [order("buy", "0.01", SYMBOL, "--price", str(19000 - i))["order_id"]
               for i in range(3)]
        stop = order("sell", "0.01", SYMBOL, "--type", "stop_market", "--trigger", "18000")
        ids.append(stop["order_id"])

        def listed(*words):
            return [one["order_id"] for one in self.keel("orders", *words, "--json").lines]

        self.assertEqual(listed(), ids)
        self.assertEqual(listed("--limit", "2"), ids[-2:])
        self.assertEqual(listed("--conditional"), ids[-1:])
        self.assertEqual(listed("--since", str(stop["create_time_ms"] + 1)), [])
        self.keel("orders", "--limit", "none", code=USAGE)
        self.keel("orders", SYMBOL, "--completed", "--id", ids[0], code=USAGE)
        self.keel("cancel", SYMBOL, ids[-1])
        self.assertEqual(listed(SYMBOL, "--completed"), [])
        self.assertEqual(listed(SYMBOL, "--completed", "--conditional"), ids[-1:])

    def test_an_interrupted_order_is_unknown_and_an_interrupted_read_is_nothing(self):
        def interrupt(path, method, *words):
            self.paper.control("/paper/fault", {"action": "delay", "of": "reply", "ms": 20000,
                                                "path": path, "method": method})
            process = subprocess.Popen([KEEL, *words], env=self.paper.env, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while self.paper.control("/paper/fault")["faults"][0]["struck"] == 0:
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=TIMEOUT)
            self.paper.control("/paper/fault", method="DELETE")
            return process.returncode, err

        code, err = interrupt("/fapi/v1/order", "POST", "order", "buy", "0.01", SYMBOL,
                              "--type", "market")
        self.assertEqual(code, UNKNOWN)
        self.assertIn("interrupted", err)
        code, err = interrupt("/fapi/v1/allOrders", "GET", "orders", SYMBOL, "--completed")
        self.assertEqual((code, err), (-signal.SIGINT, ""))

    def test_what_a_venue_wants_of_a_client_id_is_shown(self):
        answer = self.paper.keel("order", "buy", "0.01", SYMBOL, "--price", "19000",
                                 "--client-id", "no spaces")
        self.assertEqual(answer.code, REFUSED, answer)
        self.assertRegex(answer.err, "no spaces is not in the form that binance takes: as keel-")


class Output(unittest.TestCase):
    """An answer that nobody could read is no success, and a stream that is closed no other file."""

    def run_with(self, redirection, *words, env=None):
        return subprocess.run(["sh", "-c", f'exec "$0" "$@" {redirection}', KEEL, *words],
                              env=env or clean_environment(), capture_output=True, text=True,
                              timeout=TIMEOUT, check=False)

    def test_an_output_that_cannot_be_written_is_an_error(self):
        for words in (("--help",), ("version", "--json"), ("order", "--help")):
            answer = self.run_with(">/dev/full", *words)
            self.assertEqual(answer.returncode, INTERNAL, (words, answer))
            self.assertIn("standard output could not be written", answer.stderr)
        self.assertEqual(self.run_with(">/dev/full", "nothing").returncode, USAGE)
        answer = self.run_with(">/dev/full", "paper")
        self.assertEqual(answer.returncode, INTERNAL, answer)

    def test_closed_streams_are_nobodys_sockets(self):
        paper = Paper()
        for redirection, code in (("<&-", DONE), ("2>&-", DONE), (">&-", INTERNAL),
                                  ("<&- 2>&-", DONE)):
            answer = self.run_with(redirection, "balances", env=paper.env)
            self.assertEqual(answer.returncode, code, (redirection, answer))
        answer = self.run_with(">/dev/full", "watch", "BTC/USDT", env=paper.env)
        self.assertEqual(answer.returncode, INTERNAL, answer)
        paper.stop()

    def test_a_reader_that_goes_ends_the_demo_and_so_does_ctrl_c(self):
        answer = subprocess.run(["sh", "-c", '"$0" demo --speed max | head -n 1', KEEL],
                                env=clean_environment(), capture_output=True, text=True,
                                timeout=TIMEOUT, check=False)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        demo = subprocess.Popen([KEEL, "demo"], env=clean_environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while "limit order" not in demo.stdout.readline():
            self.assertIsNone(demo.poll())
        demo.send_signal(signal.SIGINT)
        _, err = demo.communicate(timeout=TIMEOUT)
        self.assertEqual((demo.returncode, err), (-signal.SIGINT, ""))


class PaperVenue(unittest.TestCase):
    def test_its_ready_line_is_in_the_file_too_and_keys_follow_from_the_seed(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            paper = Paper("--seed", "5", "--accounts", "3", "--balance", "250.5")
            with open(paper.ready_path, encoding="utf-8") as file:
                self.assertEqual(file.read(), paper.line)
            self.assertEqual(len(paper.ready["accounts"]), 3)
            again = Paper("--seed", "5")
            self.assertEqual(again.account, paper.account)
            self.assertNotEqual(again.url, paper.url)
            again.stop()
            balance = paper.keel("balances", "--json").lines[0]
            self.assertEqual(balance["wallet"], "250.5")
            self.assertEqual(paper.stop(how), (DONE, "", ""))

    def test_it_serves_every_venue_or_those_that_are_named(self):
        for words, venues in (((), {"binance", "gateio"}),
                              (("--venue", "gateio"), {"gateio"}),
                              (("--venue", "gateio,binance"), {"binance", "gateio"})):
            paper = subprocess.Popen([KEEL, "paper", "--speed", "manual", *words],
                                     stdout=subprocess.PIPE, text=True)
            ready = json.loads(paper.stdout.readline())
            self.assertLessEqual(venues, set(ready["venues"]))
            self.assertEqual("binance" in ready["venues"], "binance" in venues)
            paper.send_signal(signal.SIGTERM)
            paper.communicate()
            self.assertEqual(paper.returncode, 0)

    def test_wrong_options_are_usage_errors(self):
        cases = (
            ("--speed", "fast"), ("--speed", "0"), ("--speed", "-3"), ("--seed", "x"),
            ("--accounts", "0"), ("--balance", "-1"), ("--balance", "much"),
            ("--listen", "nowhere"), ("--prices", "/nonexistent.csv"), ("--wrong", "1"),
            ("--ready", "/nonexistent/ready"), ("--venue", "nowhere"),
            ("--venue", "binance,binance"), ("extra",))
        for words in cases:
            answer = run("paper", *words)
            self.assertEqual(answer.code, USAGE, (words, answer))
            self.assertRegex(answer.err, r"^keel: .+\n$")
            self.assertEqual(answer.out, "")


class CommandLine(unittest.TestCase):
    def fails(self, code, *words, env=None):
        answer = run(*words, env=env)
        self.assertEqual(answer.code, code, (words, answer))
        self.assertEqual(answer.out, "")
        self.assertRegex(answer.err, r"^keel: .+\n$")
        return answer.err

    def test_every_command_has_help(self):
        listed = run("--help")
        self.assertEqual(listed.code, DONE)
        names = re.findall(r"^  ([a-z-]+)  +\S", listed.out.split("Commands:")[1].split("\n\n")[0],
                           re.MULTILINE)
        self.assertGreater(len(names), 25)
        for name in names:
            answer = run(name, "--help")
            self.assertEqual(answer.code, DONE)
            for part in ("Usage: keel " + name, "Options:", "Example:", "Exit codes:"):
                self.assertIn(part, answer.out)
            self.assertLessEqual(max(map(len, answer.out.splitlines())), 100, name)

    def test_usage_errors_name_the_nearest_right_word(self):
        self.assertIn("did you mean balances?", self.fails(USAGE, "balancs"))
        self.assertIn("balances?", run("balancs", "--json").error["message"])
        self.assertIn("watches no price", self.fails(USAGE, "order", "buy", "1", "X", "--price", "1",
                                                     "--trigger-source", "mark"))
        self.assertIn("--prices: /none.csv: No such file", self.fails(USAGE, "paper", "--prices",
                                                                      "/none.csv"))
        self.assertIn("--type stop_market", self.fails(USAGE, "order", "buy", "1", "X", "--price",
                                                       "1", "--trigger", "2"))
        self.assertIn("did you mean --price?", self.fails(USAGE, "order", "buy", "1", "X", "--pirce=3"))
        self.assertIn("no option --price", self.fails(USAGE, "balances", "--price", "3"))
        self.assertIn("--venue needs a value", self.fails(USAGE, "balances", "--venue"))
        self.assertIn("takes no value", self.fails(USAGE, "balances", "--json=yes"))
        self.assertIn("twice", self.fails(USAGE, "balances", "--url", "a", "--url", "b"))
        self.assertIn("does not take", self.fails(USAGE, "version", "more"))
        self.fails(USAGE, "balances", "--venue", "nowhere")
        self.assertEqual(run().code, USAGE)

    def test_an_order_says_how_much_of_what_and_at_which_price(self):
        self.assertIn("--type market", self.fails(USAGE, "order", "buy", "1", "BTC/USDT"))
        self.assertIn("how much", self.fails(USAGE, "order", "buy", "BTC/USDT"))
        self.fails(USAGE, "order", "hold", "1", "BTC/USDT", "--price", "1")
        self.fails(USAGE, "order", "buy", "0", "BTC/USDT", "--price", "1")
        self.fails(USAGE, "order", "buy", "-1", "BTC/USDT", "--price", "1")
        self.fails(USAGE, "order", "buy", "1", "BTC/USDT", "--price", "cheap")
        self.fails(USAGE, "order", "buy", "1", "BTC/USDT", "--price", "1", "--tif", "soon")
        self.fails(USAGE, "order", "buy", "1", "BTC/USDT", "--type", "wish")
        self.fails(USAGE, "cancel", "BTC/USDT")
        self.fails(USAGE, "cancel", "BTC/USDT", "1", "--client-id", "x")

    def test_credentials_are_missed_and_half_of_them_too(self):
        self.assertIn("BINANCE_API_KEY", self.fails(CONFIG, "balances"))
        half = dict(clean_environment(), BINANCE_API_KEY="abc-half")
        self.assertNotIn("abc-half", self.fails(CONFIG, "balances", env=half))
        self.assertIn("BINANCE_API_SECRET", self.fails(CONFIG, "balances", env=half))
        error = run("balances", "--json").error
        self.assertEqual(error["status"], "config")

    def test_a_configuration_that_cannot_be_read_is_named_by_line(self):
        path = os.path.join(HOME.name, "wrong.conf")
        cases = (
            ("[a]\napi_kye = hidden-value\n", ":2: unknown key 'api_kye'"),
            ("api_key = hidden-value\n", ":1: a key before"),
            ("[a]\nhidden-value\n", ":2: expected"),
            ("[a\n", ":1: a section"),
            ("[a]\n[a]\n", ":2: section [a] comes twice"),
            ("[a]\nvenue = binance\nvenue = binance\n", ":3: venue comes twice"),
            ("[a]\napi_key =\n", ":2: api_key has no value"),
            ("[a]\nvenue = nowhere\n", "unknown venue"),
            ("[a]\napi_key = hidden-value\n", "only one of"),
            ("[a]\norder_entry = pigeon\n", "not requests or stream"),
            ("# nothing\n", "has no account"),
            ("[a]\nwithdraw_to = USDT TRX\napi_key = k\napi_secret = s\n", "[a] withdraw_to"),
            ("[a]\ndemo_venue = maybe\n", "not true or false"))
        for text, message in cases:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o600)
            err = self.fails(CONFIG, "balances", "--config", path)
            self.assertIn(message, err)
            self.assertNotIn("hidden-value", err)
        self.fails(CONFIG, "balances", "--config", "/nonexistent.conf")

    def test_version_prints_itself(self):
        self.assertRegex(run("version").out, r"^keel \d+\.\d+\.\d+\n$")
        self.assertEqual(run("--version").out, run("version").out)
        self.assertEqual(run("-V").out, run("version").out)
        self.assertRegex(run("version", "--json").lines[0]["version"], r"^\d+\.\d+\.\d+$")


class Codec(unittest.TestCase):
    def decode(self, kind, text, *words):
        return run("decode", "--venue", "binance", "--as", kind, *words, "-", text=text)

    def encode(self, command, *words, env=None):
        return run("encode", "--venue", "binance", "--time", "1700000000000", *words,
                   json.dumps(command), env=env)

    def test_a_payload_becomes_events_with_the_same_fields(self):
        mark = ('{"e":"markPriceUpdate","E":1562305380000,"s":"BTCUSDT","p":"11794.15",'
                '"i":"11784.6","P":"11784.2","r":"0.00038167","T":1562306400000}')
        answer = self.decode("stream", mark)
        self.assertEqual(answer.code, DONE, answer)
        self.assertEqual(answer.lines, [{
            "event": "mark", "symbol": SYMBOL, "mark_price": "11794.15", "index_price": "11784.6",
            "funding_rate": "0.00038167", "funding_time_ms": 1562306400000,
            "time_ms": 1562305380000}])
        several = self.decode("stream", mark + "\n\n" + mark + "\n")
        self.assertEqual(len(several.lines), 2)
        spread = json.dumps(json.loads(mark), indent=2)
        self.assertEqual(self.decode("stream", spread).lines, answer.lines)

    def test_an_error_says_what_it_means_for_an_order(self):
        answer = self.decode("error", '{"code":-2019,"msg":"Margin is insufficient."}')
        self.assertEqual(answer.lines[0]["venue_code"], -2019)
        self.assertEqual(answer.lines[0]["fate"], "rejected")
        answer = self.decode("error", '{"code":-1007,"msg":"Timeout waiting for response."}',
                             "--http-status", "408")
        self.assertEqual(answer.lines[0]["fate"], "unknown")

    def test_what_cannot_be_read_is_a_usage_error(self):
        self.assertEqual(self.decode("stream", '{"e":"markPriceUpdate"').code, USAGE)
        self.assertEqual(self.decode("orders", "").code, USAGE)
        self.assertEqual(self.decode("nothing", "{}").code, USAGE)
        self.assertEqual(run("decode", "--as", "orders", "/nonexistent").code, USAGE)
        self.assertEqual(run("decode", "-").code, USAGE)

    def test_a_command_becomes_a_request_and_is_signed_with_credentials(self):
        command = {"command": "place_order", "symbol": SYMBOL, "side": "buy", "type": "limit",
                   "quantity": "0.01", "price": "20000"}
        plain = self.encode(command).lines[0]
        self.assertEqual((plain["method"], plain["path"], plain["query"]),
                         ("POST", "/fapi/v1/order", ""))
        for part in ("symbol=BTCUSDT", "side=BUY", "type=LIMIT", "quantity=0.01", "price=20000",
                     "timestamp=1700000000000"):
            self.assertIn(part, plain["body"].split("&"))
        self.assertNotIn("signature", plain["body"])
        env = dict(clean_environment(), BINANCE_API_KEY="key-of-mine", BINANCE_API_SECRET="word")
        signed = self.encode(command, env=env)
        self.assertRegex(signed.lines[0]["body"], r"&signature=[0-9a-f]{64}$")
        self.assertNotIn("key-of-mine", signed.out)

    def test_a_symbol_may_be_written_three_ways(self):
        bodies = {self.encode({"command": "set_leverage", "symbol": symbol, "leverage": 5}).out
                  for symbol in (SYMBOL, "BTC/USDT", "BTCUSDT")}
        self.assertEqual(len(bodies), 1)

    def test_every_kind_of_command_is_encoded(self):
        order = {"symbol": SYMBOL, "order_id": "7"}
        commands = (
            dict(order, command="amend_order", side="buy", quantity="0.02", price="19000"),
            dict(order, command="cancel_order"), dict(order, command="query_order"),
            dict(order, command="cancel_order", family="conditional"),
            {"command": "cancel_all", "symbol": SYMBOL},
            {"command": "set_margin_mode", "symbol": SYMBOL, "margin_mode": "isolated"},
            {"command": "adjust_margin", "symbol": SYMBOL, "amount": "10"},
            {"command": "set_hedge_mode", "enable": True},
            {"command": "set_multi_asset", "enable": False},
            {"command": "load_time"}, {"command": "load_markets"}, {"command": "load_modes"},
            {"command": "load_balances"}, {"command": "load_positions"},
            {"command": "load_leverage"}, {"command": "load_brackets"},
            {"command": "load_fees", "symbol": SYMBOL}, {"command": "load_marks"},
            {"command": "load_marks", "symbol": SYMBOL},
            {"command": "load_open_orders"}, {"command": "load_conditional_orders"},
            {"command": "load_orders", "symbol": SYMBOL, "limit": 5},
            {"command": "load_executions", "symbol": SYMBOL, "start_time_ms": 1},
            {"command": "load_income", "income_type": "funding"},
            {"command": "open_stream_key"}, {"command": "renew_stream_key"},
            {"command": "close_stream_key"})
        for command in commands:
            answer = self.encode(command)
            self.assertEqual(answer.code, DONE, (command, answer))
            self.assertEqual(set(answer.lines[0]), {"method", "path", "query", "body"})

    def test_a_member_that_is_wrong_is_named(self):
        command = {"command": "set_leverage", "symbol": SYMBOL, "leverage": 5}
        cases = (
            (dict(command, levrage=5), "levrage"), (dict(command, price="5"), "price"),
            ({"command": "set_leverage", "symbol": SYMBOL}, "needs leverage"),
            (dict(command, command="jump"), "jump"), (dict(command, symbol="???"), "???"),
            ({"command": "place_order", "symbol": SYMBOL, "side": "hold", "type": "limit"}, "hold"),
            ({"command": "cancel_order", "symbol": SYMBOL}, "order_id"))
        for command, word in cases:
            answer = self.encode(command)
            self.assertEqual(answer.code, USAGE, (command, answer))
            self.assertIn(word, answer.err)
        self.assertEqual(run("encode", '{"command":').code, USAGE)
        self.assertEqual(run("encode", '{"command":"load_time","command":"load_time"}').code, USAGE)


class Demo(unittest.TestCase):
    def test_the_books_agree_and_the_money_is_conserved(self):
        begin = time.monotonic()
        answer = run("demo", "--json", "--speed", "max")
        self.assertEqual(answer.code, DONE, answer)
        self.assertLess(time.monotonic() - begin, 30)
        end = answer.lines[-1]
        self.assertEqual((end["differences"], end["conserved"]), (0, True))
        for name in ("orders", "fills"):
            self.assertGreater(end[name], 0)
        for name in ("fees", "funding", "realized_pnl"):
            self.assertRegex(end[name], r"^-?\d+(\.\d+)?$")
        told = " ".join(row.get("what", "") for row in answer.lines)
        for part in ("leverage", "limit order", "market order", "MARGIN WARNING", "funding",
                     "reduce-only", "close"):
            self.assertIn(part, told)
        self.assertIn("March 2023", end["prices"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
