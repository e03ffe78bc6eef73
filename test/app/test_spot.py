#!/usr/bin/env python3
"""Runs the keel program on spot accounts and on Gate.io's futures, against its own paper venue.

    test_spot.py KEEL [unittest options]
"""
import json
import os
import pty
import signal
import subprocess
import time
import unittest

from test_cli import DONE, HOME, KEEL, REFUSED, REJECTED, TIMEOUT, UNKNOWN, USAGE, Paper, \
    clean_environment, run

SYMBOL = "BTC/USDT"
PRICE = "20000"
TO = "TXyz1111111111111111111111111111Ab"
WITHDRAW = ("withdraw", "USDT", "50", "--network", "TRX", "--address", TO)


class Account(unittest.TestCase):
    """Each test has the venue as at the start. Without an account of its own it tests nothing."""
    name = venue = path = ""

    @classmethod
    def setUpClass(cls):
        if not cls.name:
            raise unittest.SkipTest("no account")
        cls.paper = Paper()
        cls.config = os.path.join(HOME.name, cls.name + ".conf")
        with open(cls.config, "w", encoding="utf-8") as file:
            os.chmod(cls.config, 0o600)
            file.write(f"[{cls.name}]\nvenue = {cls.venue}\nurl = {cls.paper.url}{cls.path}\n"
                       f"api_key = {cls.paper.account['api_key']}\n"
                       f"api_secret = {cls.paper.account['api_secret']}\n"
                       f"journal = {cls.config}.db\n"
                       f"withdraw_to = USDT TRX {TO}, XRP XRP rAbc 12345\n")

    @classmethod
    def tearDownClass(cls):
        if cls.name:
            code, _, err = cls.paper.stop()
            assert code == DONE, err

    def setUp(self):
        self.paper.control("/paper/reset", {})
        self.paper.price(PRICE)
        if os.path.exists(self.config + ".db"):
            os.remove(self.config + ".db")

    def tearDown(self):
        self.assertTrue(self.paper.control("/paper/audit")["conserved"])

    def words(self, *words):
        return ["--config", self.config, "--account", self.name, *words]

    def keel(self, *words, code=DONE):
        answer = run(*self.words(*words), env=clean_environment())
        self.assertEqual(answer.code, code, answer)
        self.assertNotIn(self.paper.account["api_secret"], answer.out + answer.err)
        return answer

    def rows(self, *words, code=DONE):
        return self.keel(*words, "--json", code=code).lines

    def start(self, *words, **pipes):
        return subprocess.Popen([KEEL, *self.words(*words)], env=clean_environment(),
                                stdout=subprocess.PIPE, text=True, **pipes)


class Spot:
    """What is the same on every spot account."""

    def test_an_order_rests_changes_trades_and_is_found_when_it_is_done(self):
        placed = self.rows("order", "buy", "0.01", SYMBOL, "--price", "19000")[0]
        self.assertEqual((placed["symbol"], placed["status"]), (SYMBOL, "new"))
        usdt = self.rows("balances")[0]
        self.assertEqual((usdt["wallet"], usdt["available"], usdt["locked"]),
                         ("10000", "9810", "190"))
        shown = self.rows("amend", SYMBOL, placed["order_id"], "--quantity", "0.008", "--dry-run")
        self.assertNotIn("signature=", shown[0]["body"].replace("signature=(hidden)", ""))
        self.assertEqual(self.rows("orders")[0]["quantity"], "0.01")
        changed = self.rows("amend", SYMBOL, placed["order_id"], "--quantity", "0.008")[0]
        self.assertEqual((changed["quantity"], changed["price"]), ("0.008", "19000"))
        bought = self.rows("order", "buy", "100", SYMBOL, "--type", "market", "--quote")[0]
        self.assertEqual((bought["status"], bought["type"]), ("filled", "market"))
        self.assertLess(float(bought["filled_quantity"]), 0.005)
        done = self.rows("orders", SYMBOL, "--completed")
        self.assertEqual([order["order_id"] for order in done], [bought["order_id"]])
        trades = self.rows("executions", SYMBOL)
        self.assertEqual({trade["fee_asset"] for trade in trades}, {"BTC"})
        stats = self.rows("stats")[0]
        self.assertEqual((stats["state"], stats["open_orders"], stats["differences"]),
                         ("live", 1, 0))
        self.assertEqual(self.rows("cancel", SYMBOL, placed["order_id"])[0]["status"], "canceled")
        self.assertEqual(self.rows("orders"), [])
        self.assertIn("maker", self.rows("fees", SYMBOL)[0])

    def test_what_spot_has_not_is_said(self):
        for words in (("positions",), ("risk",), ("leverage", SYMBOL), ("close", SYMBOL, "--all"),
                      ("margin-mode", SYMBOL), ("margin", SYMBOL, "add", "1"), ("hedge-mode",),
                      ("order", "sell", "0.001", SYMBOL, "--type", "market", "--reduce-only"),
                      ("order", "buy", "0.01", SYMBOL, "--type", "stop_limit", "--trigger", "21000",
                       "--price", "21000", "--trigger-source", "mark"),
                      ("order", "buy", "1", SYMBOL, "--price", "20000")):
            self.assertRegex(self.keel(*words, code=REFUSED).err, "^keel: .*\n$", words)

    def test_a_transfer_arrives_and_the_journal_tells_of_it(self):
        words = ("transfer", "USDT", "100", "--from", "spot", "--to", "futures")
        self.assertEqual(self.rows(*words, "--dry-run")[0]["method"], "POST")
        self.assertEqual(self.rows("balances")[0]["wallet"], "10000")
        self.assertTrue(self.rows(*words)[0]["done"])
        self.assertEqual(self.rows("balances")[0]["wallet"], "9900")
        row = self.rows("journal", "transfers")[0]
        self.assertEqual((row["command"], row["asset"], row["amount"], row["wallet_from"],
                          row["wallet_to"], row["state"]),
                         ("transfer", "USDT", "100", "spot", "futures", "accepted"))
        self.assertIn("above zero", self.keel(
            "transfer", "USDT", "0", "--from", "spot", "--to", "futures", code=USAGE).err)
        self.assertIn("'bank'", self.keel(
            "transfer", "USDT", "1", "--from", "spot", "--to", "bank", code=USAGE).err)
        self.keel("transfer", "USDT", "20000", "--from", "spot", "--to", "futures", code=REFUSED)

    def wait_for(self, process, text):
        told = ""
        while not told.endswith(text):
            letter = process.stderr.read(1)
            self.assertNotEqual(letter, "", told)
            told += letter
        return told

    def answer(self, text):
        """Withdraws at a terminal where somebody types that."""
        master, slave = pty.openpty()
        process = self.start(*WITHDRAW, stdin=slave, stderr=subprocess.PIPE)
        os.close(slave)
        asked = self.wait_for(process, "Type yes: ")
        self.assertIn(TO, asked)
        self.assertIn("50 USDT", asked)
        os.write(master, text)
        out, err = process.communicate(timeout=TIMEOUT)
        os.close(master)
        return process.returncode, out, err

    def test_the_connection_is_heeded_while_somebody_thinks(self):
        master, slave = pty.openpty()
        process = self.start(*WITHDRAW, "--verbose", stdin=slave, stderr=subprocess.PIPE)
        os.close(slave)
        self.assertIn("its fee of 1 included", self.wait_for(process, "Type yes: "))
        self.paper.control("/paper/fault", {"action": "expire-key", "account": 1, "notices": 1})
        self.wait_for(process, "reconciled: ")
        os.write(master, b"yes\n")
        out, err = process.communicate(timeout=TIMEOUT)
        os.close(master)
        self.assertEqual(process.returncode, DONE, err)
        self.assertIn("pending", out)

    def test_a_withdrawal_leaves_only_after_a_yes(self):
        self.assertIn("--yes", self.keel(*WITHDRAW, code=USAGE).err)
        self.assertEqual(self.rows(*WITHDRAW, "--dry-run")[0]["method"], "POST")
        for text in (b"no\n", b"Yes\n", b"yes please\n", b"\x04"):
            code, out, err = self.answer(text)
            self.assertEqual((code, out), (USAGE, ""), err)
            self.assertIn("nothing was sent", err)
        self.assertEqual(self.rows("withdrawals"), [])
        code, out, err = self.answer(b"yes\n")
        self.assertEqual(code, DONE, err)
        self.assertIn("pending", out)
        self.assertEqual([row["address"] for row in self.rows("withdrawals", "USDT")], [TO])
        row = self.rows("journal", "transfers")[0]
        self.assertEqual((row["command"], row["asset"], row["amount"], row["network"],
                          row["address"], row["state"]),
                         ("withdraw", "USDT", "50", "TRX", TO, "accepted"))

    def test_money_goes_to_no_address_that_differs_by_a_letter(self):
        cases = (("USDT", "TRX", TO[:-1] + "B"), ("USDT", "TRX", TO.lower()), ("USDT", "ETH", TO),
                 ("XRP", "XRP", "rAbc"), ("XRP", "XRP", "rAbc", "--memo", "12346"))
        for asset, network, address, *memo in cases:
            answer = self.keel("withdraw", asset, "50", "--network", network, "--address", address,
                               *memo, "--yes", code=REFUSED)
            self.assertRegex(answer.err, "^keel: .*\n$")
        self.keel("withdraw", "USDT", "1", "--network", "TRX", "--address", TO, "--yes",
                  code=REFUSED)
        self.assertEqual(self.rows("withdrawals"), [])

    def test_a_watcher_hears_of_balances_orders_and_executions(self):
        process = self.start("watch", SYMBOL, "--json", stderr=subprocess.DEVNULL)
        told = []
        while '"state":"live"' not in (told or [""])[-1]:
            told.append(process.stdout.readline())
        self.keel("order", "buy", "200", SYMBOL, "--type", "market", "--quote")
        kinds = set()
        end = time.monotonic() + TIMEOUT
        while not {"balance", "order", "execution"} <= kinds and time.monotonic() < end:
            kinds.add(json.loads(process.stdout.readline())["event"])
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, DONE)

    def test_networks_and_deposits_are_listed(self):
        networks = {(row["asset"], row["network"]): row for row in self.rows("networks")}
        self.assertIn(("XRP", "XRP"), networks)
        self.assertIn("withdrawal_fee", networks["USDT", "TRX"])
        self.assertEqual(self.keel("deposits").out, "no deposits\n")


class BinanceSpot(Spot, Account):
    name, venue, path = "coins", "binance-spot", "/spot"

    def test_a_network_that_needs_a_memo_says_so(self):
        self.assertEqual([row["network"] for row in self.rows("networks") if row["needs_memo"]],
                         ["XRP"])

    def test_a_withdrawal_cannot_be_taken_back_here(self):
        self.assertIn("Binance spot", self.keel("cancel-withdrawal", "1", code=REFUSED).err)

    def test_a_withdrawal_whose_answer_is_lost_is_unknown_and_listed_so(self):
        wallet = "/spot/sapi/v1/capital/withdraw/"
        self.paper.control("/paper/fault", {"action": "503-unknown", "executed": True,
                                            "method": "POST", "path": wallet + "apply", "times": 1})
        self.paper.control("/paper/fault", {"action": "503-unavailable", "method": "GET",
                                            "path": wallet + "history", "times": 0})
        process = self.start(*WITHDRAW, "--yes", stderr=subprocess.PIPE)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, UNKNOWN)
        row = self.rows("orders", "--unknown")[0]
        self.assertEqual((row["command"], row["asset"], row["amount"], row["address"]),
                         ("withdraw", "USDT", "50", TO))
        # The venue can be asked again: then it is known, and it was one.
        self.paper.control("/paper/fault", method="DELETE")
        self.assertEqual(self.rows("orders", "--unknown"), [])
        self.assertEqual([row["amount"] for row in self.rows("withdrawals")], ["49"])


    def test_a_countdown_is_not_had_and_that_is_said(self):
        self.assertIn("set_countdown", self.keel("countdown", SYMBOL, "60", code=REFUSED).err)


class GateioSpot(Spot, Account):
    name, venue = "gate-coins", "gateio-spot"

    def test_a_countdown_is_five_seconds_at_least(self):
        words = ("countdown", SYMBOL)
        self.assertEqual(self.rows(*words, "600", "--dry-run")[0]["body"],
                         '{"timeout":600,"currency_pair":"BTC_USDT"}')
        self.rows("order", "buy", "0.01", SYMBOL, "--price", "19000")
        self.assertEqual(self.rows(*words, "600"), [{"symbol": SYMBOL, "timeout_s": 600}])
        self.assertIn("5 at least", self.keel(*words, "4", code=USAGE).err)
        self.assertEqual(self.rows(*words, "0"), [{"symbol": SYMBOL, "timeout_s": 0}])
        self.assertEqual(len(self.rows("orders")), 1)

    def test_a_withdrawal_is_taken_back_before_it_leaves(self):
        sent = self.rows(*WITHDRAW, "--yes")[0]
        self.assertEqual(self.rows("balances")[0]["available"], "9950")
        words = ("cancel-withdrawal", sent["withdrawal_id"])
        self.assertEqual(self.rows(*words, "--dry-run")[0]["method"], "DELETE")
        self.assertEqual(self.rows(*words)[0]["status"], "canceled")
        self.assertEqual(self.rows("withdrawals")[0]["status"], "canceled")
        self.assertEqual(self.rows("balances")[0]["available"], "10000")
        self.assertIn("not found", self.keel("cancel-withdrawal", "w0", code=REJECTED).err)


class GateioFutures(Account):
    name, venue = "gate", "gateio"

    def test_orders_and_positions_are_told_in_both_units(self):
        self.keel("leverage", SYMBOL, "5")
        order = self.rows("order", "buy", "0.01", SYMBOL, "--type", "market")[0]
        self.assertEqual((order["quantity"], order["contracts"]), ("0.01", "100"))
        position = self.rows("positions")[0]
        self.assertEqual((position["quantity"], position["contracts"]), ("0.01", "100"))
        self.assertEqual(self.rows("executions", SYMBOL)[0]["fee_asset"], "USDT")
        self.assertEqual(self.rows("orders", SYMBOL, "--completed")[0]["status"], "filled")
        self.assertEqual(self.rows("close", SYMBOL, "--all")[-1]["remaining"], "0")

    def test_a_quantity_between_two_contracts_is_refused_with_the_two_that_fit(self):
        error = self.keel("order", "buy", "0.00015", SYMBOL, "--price", "19000", code=REFUSED).err
        self.assertIn("0.0001", error)
        self.assertIn("0.0002", error)

    def test_a_futures_account_names_the_one_that_withdraws(self):
        self.assertIn("transfer", self.keel(*WITHDRAW, "--yes", code=REFUSED).err)
        self.assertIn("spot", self.keel("withdrawals", code=REFUSED).err)


class Demo(unittest.TestCase):
    def test_the_books_agree_on_gateio_too(self):
        answer = run("demo", "--venue", "gateio", "--json", "--speed", "max")
        self.assertEqual(answer.code, DONE, answer)
        end = answer.lines[-1]
        self.assertEqual((end["differences"], end["conserved"]), (0, True))


if __name__ == "__main__":
    unittest.main(verbosity=2)
