#!/usr/bin/env python3
"""Lives a whole life on the paper venue, and looks for the API secret in all that is left of it.

    test_secrets.py KEEL TRADER [unittest options]

Orders, refusals, faults, wrong keys, dry runs, logs, journals, and core dumps of processes that
crash while they trade. Looked for are the secret, what HMAC makes of it (its padded blocks and the
hash states after them, which sign as well as the secret does), in parts, in either order of bytes.
The paper venue itself is the one that gives the secret out: it shows that what is looked for would
be found.
"""
import base64
import glob
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

KEEL = os.path.abspath(sys.argv.pop(1))
TRADER = os.path.abspath(sys.argv.pop(1))
SYMBOL = "BTC/USDT:USDT"
TIMEOUT = 60
PART = 16  # bytes of the secret that no chance brings together
HOME = tempfile.TemporaryDirectory(prefix="keel-secrets-")
RUNS_A_MINUTE = 8  # a start has a weight
JOURNAL = ("--journal", os.path.join(HOME.name, "main.db"))
CONFIG, DONE = 7, 0


def compress(state, block):
    """One round of SHA-256 (FIPS 180-4)."""
    def rotate(word, by):
        return (word >> by | word << (32 - by)) & 0xffffffff
    words = list(struct.unpack(">16I", block))
    for i in range(16, 64):
        a, b = words[i - 15], words[i - 2]
        words.append((words[i - 16] + words[i - 7]
                      + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3)
                      + (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10)) & 0xffffffff)
    a, b, c, d, e, f, g, h = state
    for word, constant in zip(words, ROUNDS):
        first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g)
                 + constant + word) & 0xffffffff
        second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (first + second) & 0xffffffff, a, b, c, (d + first) & 0xffffffff, \
            e, f, g
    return [(x + y) & 0xffffffff for x, y in zip(state, (a, b, c, d, e, f, g, h))]


def integer_root(number, degree):
    low, high = 0, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle ** degree <= number else (low, middle - 1)
    return low


PRIMES = [n for n in range(2, 312) if all(n % d for d in range(2, int(n ** 0.5) + 1))]
ROUNDS = [integer_root(prime << 96, 3) & 0xffffffff for prime in PRIMES[:64]]
START = [integer_root(prime << 64, 2) & 0xffffffff for prime in PRIMES[:8]]


def swap(data):
    return b"".join(data[i:i + 4][::-1] for i in range(0, len(data), 4))


class Hunt:
    """Knows what the secret may look like."""

    def __init__(self, secret):
        key = secret.encode()
        assert len(key) == 64  # HMAC's block: the key as it is
        inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5c))
        states = [struct.pack(f"{order}8I", *compress(START, block))
                  for block in (inner, outer) for order in "<>"]
        wholes = {"the secret": key, "its inner block": inner, "its outer block": outer,
                  "the inner state": states[0] + states[1], "the outer state": states[2] + states[3],
                  "the secret in base64": base64.b64encode(key),
                  "the secret in hexadecimal": key.hex().encode()}
        self.parts = []
        for name, whole in wholes.items():
            for at in range(0, len(whole) - PART + 1, PART):
                part = whole[at:at + PART]
                self.parts += [(name, part), (name + ", its words swapped", swap(part))]

    def find(self, data):
        return sorted({name for name, part in self.parts if part in data})


def clean_environment():
    kept = {name: value for name, value in os.environ.items()
            if not re.search(r"_API_(KEY|SECRET)$|^KEEL_|^XDG_", name)}
    kept["HOME"] = HOME.name
    return kept


def allow_cores():
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def raise_core_limit(process):
    """A keel forbids its own core dumps; who runs it may allow them again, if he may."""
    try:
        resource.prlimit(process.pid, resource.RLIMIT_CORE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (PermissionError, ValueError):
        pass


def is_dumped_here(process):
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="ascii").strip()
    return resource.prlimit(process.pid, resource.RLIMIT_CORE)[0] != 0 \
        and not pattern.startswith(("|", "/"))


def crash(process, folder, how):
    """Lets it die and reads what is then left of its memory: the system's core dump, or where there
    is none the debugger's, which leaves out the same pages. None: there is neither."""
    debugger = shutil.which("gcore")
    if not is_dumped_here(process) and debugger is not None:
        subprocess.run([debugger, "-o", os.path.join(folder, "core"), str(process.pid)],
                       capture_output=True, timeout=TIMEOUT, check=False)
    process.send_signal(how)
    process.wait(timeout=TIMEOUT)
    cores = glob.glob(os.path.join(folder, "*core*"))
    return b"".join(pathlib.Path(core).read_bytes() for core in cores) if cores else None


class Paper:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [KEEL, "paper", "--speed", "manual"], env=clean_environment(), cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=allow_cores)
        ready = json.loads(self.process.stdout.readline())
        self.url = ready["venues"]["binance"]["rest"]
        self.key, self.secret = (ready["accounts"][0][name] for name in ("api_key", "api_secret"))
        self.begin()

    def begin(self):
        """As at the start, with all of the rate limits' budget."""
        self.control("/paper/reset", {})
        self.control("/paper/price", {"symbol": "BTCUSDT", "price": "20000"})

    def control(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:
            return reply.read()

    def stop(self):
        self.process.terminate()
        return self.process.communicate(timeout=TIMEOUT)


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.join(HOME.name, "work")
        os.mkdir(cls.folder)
        cls.paper = Paper(cls.folder)
        cls.hunt = Hunt(cls.paper.secret)
        cls.environment = clean_environment()
        cls.environment.update(BINANCE_API_KEY=cls.paper.key, BINANCE_API_SECRET=cls.paper.secret,
                               KEEL_URL=cls.paper.url)

    @classmethod
    def tearDownClass(cls):
        _, errors = cls.paper.stop()
        found = cls.hunt.find(errors.encode())
        assert not found, found

    def setUp(self):
        self.paper.control("/paper/fault", method="DELETE")
        self.paper.begin()
        self.runs = 0

    def assert_clean(self, data, what):
        self.assertEqual(self.hunt.find(data), [], what)

    def keel(self, *words, environment=None, code=None):
        self.runs += 1
        if self.runs % RUNS_A_MINUTE == 0:
            self.paper.begin()
        process = subprocess.run([KEEL, *words], env=environment or self.environment,
                                 cwd=self.folder, capture_output=True, timeout=TIMEOUT, check=False)
        self.assert_clean(process.stdout + process.stderr, words)
        if code is not None:
            self.assertEqual(process.returncode, code, (words, process.stderr))
        return process

    def assert_files_clean(self):
        """All that keel wrote: journals with their logs, whatever else it leaves at home."""
        names = [os.path.join(folder, name)
                 for folder, _, files in os.walk(HOME.name) for name in files]
        kinds = {pathlib.Path(name).name.rpartition(".")[2] for name in names}
        for name in names:
            if not name.endswith("given.conf"):  # which its owner wrote
                self.assert_clean(pathlib.Path(name).read_bytes(), name)
        return kinds

    def test_what_is_looked_for_would_be_found(self):
        for data in (self.paper.secret, self.paper.secret[16:32], self.paper.secret[5:]):
            self.assertTrue(self.hunt.find(data.encode()))
        self.assertEqual(self.hunt.find(self.paper.key.encode()), [])

    def test_no_command_says_it(self):
        for words in (("balances",), ("positions",), ("risk",), ("orders",), ("stats",),
                      ("executions",), ("orders", "--unknown"), ("orders", "--completed"),
                      ("order", "buy", "0.01", SYMBOL, "--type", "market"),
                      ("order", "buy", "0.01", SYMBOL, "--price", "19000", "--client-id", "one"),
                      ("cancel", SYMBOL, "--client-id", "one"),
                      ("order", "sell", "0.01", SYMBOL, "--type", "stop_market", "--trigger",
                       "18000", "--reduce-only"),
                      ("cancel-all", SYMBOL), ("leverage", SYMBOL, "7"), ("leverage", SYMBOL),
                      ("margin-mode", "ETHUSDT", "isolated"), ("close", SYMBOL, "--all"),
                      ("version",), ("stats", "--verbose")):
            for more in ((), ("--json",)):
                self.keel(*words, *more)

    def test_no_dry_run_shows_it(self):
        for words in (("order", "buy", "0.01", SYMBOL, "--price", "19000"),
                      ("order", "sell", "0.01", SYMBOL, "--type", "stop_market", "--trigger",
                       "18000"),
                      ("cancel-all", SYMBOL), ("leverage", SYMBOL, "3"),
                      ("margin-mode", "ETHUSDT", "isolated")):
            self.keel(*words, "--dry-run", code=DONE)
            self.keel(*words, "--dry-run", "--json", "--verbose", code=DONE)

    def test_no_mistake_tells_it(self):
        for words in (("order", "buy", "0.0055", SYMBOL, "--price", "19000"),
                      ("order", "buy", "1000", SYMBOL, "--type", "market"),
                      ("order", "buy", "0.01", "NONE/USDT", "--price", "19000"),
                      ("cancel", SYMBOL, "--client-id", "nobody"), ("close", SYMBOL, "--all"),
                      ("order", "buy"), ("balancs",), ("leverage", SYMBOL, "1000")):
            self.assertNotEqual(self.keel(*words, "--verbose").returncode, DONE)
        wrong = dict(self.environment, BINANCE_API_KEY="0" * 64)
        self.assertNotEqual(self.keel("balances", "--verbose", environment=wrong).returncode, DONE)
        half = dict(self.environment)
        del half["BINANCE_API_KEY"]
        self.keel("balances", environment=half, code=CONFIG)
        away = dict(self.environment, KEEL_URL="http://127.0.0.1:9")
        self.assertNotEqual(self.keel("balances", environment=away).returncode, DONE)

    def test_a_wrong_secret_is_not_repeated_either(self):
        for wrong in ("f00d" * 16, self.paper.secret[:-1] + "~", "short secret"):
            environment = dict(self.environment, BINANCE_API_SECRET=wrong)
            process = self.keel("balances", "--verbose", environment=environment)
            self.assertNotEqual(process.returncode, DONE)
            self.assertNotIn(wrong.encode(), process.stdout + process.stderr)

    def test_no_configuration_file_is_quoted(self):
        path = os.path.join(HOME.name, "given.conf")
        good = f"[main]\nvenue = binance\nurl = {self.paper.url}\napi_key = {self.paper.key}\n"
        secret = f"api_secret = {self.paper.secret}\n"
        for text in (good + secret, good + secret.replace("=", ""), good + secret + secret,
                     good + secret.replace("api_secret", "secret"), secret + good,
                     good + f"[{self.paper.secret}\n", secret.replace(" = ", " == "),
                     good + f"{self.paper.secret} = 1\n"):
            pathlib.Path(path).write_text(text, encoding="ascii")
            os.chmod(path, 0o600)
            self.keel("balances", "--config", path, "--verbose", environment=clean_environment())
        os.chmod(path, 0o644)
        self.keel("balances", "--config", path, environment=clean_environment(), code=CONFIG)

    def test_no_fault_brings_it_out(self):
        for fault in ({"action": "503-unknown", "executed": True}, {"action": "503-unknown", "executed": False},
                      {"action": "cut", "of": "reply", "byte": 10}, {"action": "503-internal"}, {"action": "429"}):
            self.paper.control("/paper/fault",
                               dict(fault, method="POST", path="/fapi/v1/order", times=1))
            self.keel("order", "buy", "0.01", SYMBOL, "--price", "19000", "--verbose", *JOURNAL)
        self.keel("orders", "--unknown", "--json", *JOURNAL)
        for what in ("orders", "executions", "funding", "differences"):
            for form in ("--json", "--csv"):
                self.keel("journal", what, form, *JOURNAL, code=DONE)

    def test_no_journal_holds_it(self):
        self.keel("order", "buy", "0.01", SYMBOL, "--type", "market", *JOURNAL, code=DONE)
        self.assertIn("db", self.assert_files_clean())

    def start(self, *words, environment=None):
        return subprocess.Popen(words, env=environment or self.environment, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=allow_cores)

    def forget_cores(self):
        for core in glob.glob(os.path.join(self.folder, "*core*")):
            os.unlink(core)

    def await_in_memory(self, process):
        """Until it is live: its sockets are open, and it has had time to sign."""
        for _ in range(200):
            links = glob.glob(f"/proc/{process.pid}/fd/*")
            sockets = sum(1 for link in links if "socket" in os.readlink(link))
            if sockets >= 3:
                break
            time.sleep(0.02)
        time.sleep(0.3)
        self.assertIsNone(process.poll())

    def assert_environment_clean(self, process):
        words = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
        self.assert_clean(words, "the environment of a running process")

    def assert_core_clean(self, core, what):
        self.addCleanup(self.forget_cores)
        if core is None:
            print(f"secrets: no core dump of {what} here", file=sys.stderr)
            return
        self.assertIn(b"BTCUSDT", core)  # its memory is in there
        self.assert_clean(core, f"a core dump of {what}")

    def test_a_watching_program_that_crashes_leaves_no_core_dump(self):
        process = self.start(KEEL, "watch", "--verbose")
        self.await_in_memory(process)
        self.assert_environment_clean(process)
        process.send_signal(signal.SIGSEGV)
        output = process.communicate(timeout=TIMEOUT)
        self.assert_clean(b"".join(output), "watch")
        self.assertEqual(glob.glob(os.path.join(self.folder, "*core*")), [])

    def test_a_core_dump_of_a_watching_program_has_it_not(self):
        process = self.start(KEEL, "watch")
        self.await_in_memory(process)
        raise_core_limit(process)
        self.assert_core_clean(crash(process, self.folder, signal.SIGSEGV), "keel watch")
        process.communicate()

    def test_a_core_dump_of_a_program_with_an_order_under_way_has_it_not(self):
        self.paper.control("/paper/fault", {"action": "delay", "of": "reply", "ms": 8000, "method": "POST",
                                            "path": "/fapi/v1/order", "times": 1})
        process = self.start(KEEL, "order", "buy", "0.01", SYMBOL, "--price", "19000", *JOURNAL)
        self.await_in_memory(process)
        self.assert_environment_clean(process)
        raise_core_limit(process)
        self.assert_core_clean(crash(process, self.folder, signal.SIGABRT), "keel order")
        process.communicate()
        self.assertIn("db-wal", self.assert_files_clean())  # as the crash has left it

    def test_a_core_dump_of_another_program_with_the_library_has_it_not(self):
        environment = dict(clean_environment(), KEEL_TEST_KEY=self.paper.key,
                           KEEL_TEST_SECRET=self.paper.secret)
        journal = os.path.join(HOME.name, "trader.db")
        process = self.start(TRADER, "trade", self.paper.url, journal, "1", "100000",
                             environment=environment)
        self.assertEqual(process.stdout.readline(), b"live\n")
        time.sleep(1)
        self.assertIsNone(process.poll(), process.stderr)
        self.assert_core_clean(crash(process, self.folder, signal.SIGSEGV), "a trader")
        process.communicate()
        self.assert_files_clean()

    def test_the_venue_that_gave_it_out_has_it_in_its_own_core_dump(self):
        """So a core dump is one, and the hunt finds what is in it."""
        folder = os.path.join(HOME.name, "venue")
        os.mkdir(folder)
        other = Paper(folder)
        core = crash(other.process, folder, signal.SIGSEGV)
        other.process.communicate()
        if core is not None:
            self.assertIn("the secret", Hunt(other.secret).find(core))
        shutil.rmtree(folder)


if __name__ == "__main__":
    unittest.main()
