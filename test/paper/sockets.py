#!/usr/bin/env python3
"""The paper venue over real sockets, as a stranger's client sees it.

    sockets.py KEEL     KEEL is the program

What is pure is tested in test_binance.c; here: bytes on the wire, connections, hostile input, a
random session whose books must be whole at the end, and a clean end.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.parse

KEEL = None


class Venue:
    """One run of the program."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [KEEL, "paper", "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.host, port = self.ready["listen"].rsplit(":", 1)
        self.port = int(port)
        self.accounts = self.ready["accounts"]
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=10)

    def close(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        with self.process:
            _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors

    def send(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        return answer.status, text, dict(answer.getheaders())

    def call(self, method, path, account=0, **params):
        key = self.accounts[account]
        params["timestamp"] = int(time.time() * 1000)
        text = urllib.parse.urlencode(params)
        signature = hmac.new(key["api_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
        text += "&signature=" + signature
        headers = {"X-MBX-APIKEY": key["api_key"]}
        if method in ("GET", "DELETE"):
            status, body, _ = self.send(method, path + "?" + text, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            status, body, _ = self.send(method, path, text, headers)
        return status, json.loads(body)

    def control(self, name, **members):
        status, body, _ = self.send("POST", "/paper/" + name, json.dumps(members))
        return status, json.loads(body)

    def raw(self):
        return socket.create_connection((self.host, self.port), timeout=10)


class Stream:
    """A WebSocket client of few lines."""

    def __init__(self, venue, path, headers=""):
        self.socket = venue.raw()
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n").encode())
        self.bytes = b""
        head = self.until(b"\r\n\r\n").decode()
        accept = base64.b64encode(hashlib.sha1(
            (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert head.startswith("HTTP/1.1 101 "), head
        assert "Sec-WebSocket-Accept: " + accept in head, head

    def until(self, mark):
        while mark not in self.bytes:
            self.more()
        text, self.bytes = self.bytes.split(mark, 1)
        return text

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise EOFError
        self.bytes += got

    def take(self, size):
        while len(self.bytes) < size:
            self.more()
        taken, self.bytes = self.bytes[:size], self.bytes[size:]
        return taken

    def frame(self):
        first, second = self.take(2)
        size = second & 127
        if size == 126:
            size, = struct.unpack(">H", self.take(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.take(8))
        assert not second & 128, "a server does not mask"
        return first & 15, self.take(size)

    def message(self):
        while True:
            opcode, payload = self.frame()
            if opcode == 1:
                return json.loads(payload)
            if opcode == 8:
                raise EOFError(payload)

    def event(self, name):
        while True:
            message = self.message()
            message = message.get("data", message)
            if message.get("e") == name:
                return message

    def send(self, payload, opcode=1, masked=True, final=True):
        payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        head = bytes([(128 if final else 0) | opcode])
        bit = 128 if masked else 0
        if len(payload) < 126:
            head += bytes([bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", len(payload))
        mask = os.urandom(4) if masked else b""
        body = bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if masked else payload
        self.socket.sendall(head + mask + body)

    def close(self):
        self.socket.close()


class OnTheWire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = Venue("--speed", "manual", "--accounts", "2")

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.venue.close()
        assert code == 0, (code, errors)

    def setUp(self):
        self.venue.control("reset")

    def test_headers_are_those_of_the_venue(self):
        status, body, headers = self.venue.send("GET", "/fapi/v1/time")
        self.assertEqual(status, 200)
        self.assertLess(abs(json.loads(body)["serverTime"] - time.time() * 1000), 2000)
        self.assertEqual(headers["Content-Type"], "application/json;charset=UTF-8")
        self.assertIn("GMT", headers["Date"])
        self.assertEqual(headers["X-MBX-USED-WEIGHT-1M"], "1")

    def test_head_has_no_body_and_options_no_effect(self):
        status, body, headers = self.venue.send("HEAD", "/fapi/v1/time")
        self.assertEqual((status, body, headers["Content-Length"]), (200, "", "28"))
        status, _, headers = self.venue.send("OPTIONS", "/fapi/v1/order")
        self.assertEqual(status, 200)
        self.assertIn("DELETE", headers["Allow"])

    def test_pipelined_requests_are_answered_in_order(self):
        with self.venue.raw() as wire:
            wire.sendall(b"GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n"
                         b"GET /fapi/v1/nope HTTP/1.1\r\nHost: x\r\n\r\n"
                         b"GET /fapi/v1/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            text = b""
            while got := wire.recv(65536):
                text += got
        order = [text.index(part) for part in (b"{}", b"-5000", b"serverTime")]
        self.assertEqual(order, sorted(order))

    def test_a_request_may_come_byte_by_byte(self):
        with self.venue.raw() as wire:
            for byte in b"GET /fapi/v1/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
                wire.sendall(bytes([byte]))
            text = b""
            while got := wire.recv(65536):
                text += got
        self.assertTrue(text.endswith(b"{}"), text)

    def test_an_offer_of_http2_is_not_an_upgrade(self):
        status, body, _ = self.venue.send(
            "GET", "/fapi/v1/ping",
            headers={"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"})
        self.assertEqual((status, body), (200, "{}"))

    def test_an_order_is_told_by_answer_stream_and_query_alike(self):
        key = self.venue.call("POST", "/fapi/v1/listenKey")[1]["listenKey"]
        stream = Stream(self.venue, "/private/ws?listenKey=" + key)
        status, order = self.venue.call(
            "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02",
            newOrderRespType="RESULT")
        self.assertEqual((status, order["status"]), (200, "FILLED"))
        event = stream.event("ORDER_TRADE_UPDATE")["o"]
        self.assertEqual((event["x"], event["i"]), ("NEW", order["orderId"]))
        total = fee = 0
        while event["X"] != "FILLED":
            event = stream.event("ORDER_TRADE_UPDATE")["o"]
            total += round(float(event["l"]) * 1000)
            fee += round(float(event["n"]) * 1e8)
        self.assertEqual(total, 20)
        update = stream.event("ACCOUNT_UPDATE")["a"]
        trades = self.venue.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")[1]
        self.assertEqual(sum(round(float(t["commission"]) * 1e8) for t in trades), fee)
        balance = self.venue.call("GET", "/fapi/v3/balance")[1][0]
        self.assertEqual(balance["balance"], update["B"][0]["wb"])
        position = self.venue.call("GET", "/fapi/v3/positionRisk")[1][0]
        self.assertEqual(position["positionAmt"], update["P"][0]["pa"])
        self.assertEqual(position["entryPrice"], update["P"][0]["ep"])
        queried = self.venue.call("GET", "/fapi/v1/order", symbol="BTCUSDT",
                                  orderId=order["orderId"])[1]
        for field in ("executedQty", "avgPrice", "cumQuote", "status", "clientOrderId"):
            self.assertEqual(queried[field], order[field])
        stream.close()

    def test_two_accounts_trade_with_each_other(self):
        self.venue.call("POST", "/fapi/v1/order", account=1, symbol="BTCUSDT", side="SELL",
                        type="LIMIT", timeInForce="GTC", quantity="0.01", price="60000")
        order = self.venue.call("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY",
                                type="LIMIT", timeInForce="IOC", quantity="0.01", price="60000",
                                newOrderRespType="RESULT")[1]
        self.assertEqual(order["status"], "FILLED")
        maker = self.venue.call("GET", "/fapi/v1/userTrades", account=1, symbol="BTCUSDT")[1][0]
        taker = self.venue.call("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")[1][0]
        self.assertEqual((maker["id"], maker["maker"]), (taker["id"], True))
        self.assertFalse(taker["maker"])

    def test_a_fall_liquidates_and_the_stream_says_so(self):
        key = self.venue.call("POST", "/fapi/v1/listenKey")[1]["listenKey"]
        stream = Stream(self.venue, "/private/stream?listenKey=" + key)
        self.venue.call("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=100)
        self.venue.call("POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="MARKET",
                        quantity="3")
        self.assertEqual(self.venue.control("price", symbol="BTCUSDT", price="56000")[0], 200)
        while True:
            order = stream.event("ORDER_TRADE_UPDATE")["o"]
            if order["c"].startswith("autoclose-"):
                break
        forced = self.venue.call("GET", "/fapi/v1/forceOrders", symbol="BTCUSDT")[1]
        self.assertTrue(forced[0]["clientOrderId"].startswith("autoclose-"))
        self.assertTrue(json.loads(self.venue.send("GET", "/paper/audit")[1])["conserved"])
        stream.close()

    def test_a_ping_is_answered_with_its_payload(self):
        stream = Stream(self.venue, "/market/ws")
        stream.send(b"hello", opcode=9)
        self.assertEqual(stream.frame(), (10, b"hello"))
        stream.close()

    def test_a_message_may_come_in_fragments(self):
        stream = Stream(self.venue, "/stream")
        stream.send(b'{"method":"LIST_SUB', final=False)
        stream.send(b'SCRIPTIONS","id":1}', opcode=0)
        self.assertEqual(stream.message(), {"result": [], "id": 1})
        stream.close()

    def test_a_close_is_answered_with_a_close(self):
        stream = Stream(self.venue, "/ws")
        stream.send(struct.pack(">H", 1000), opcode=8)
        self.assertEqual(stream.frame()[0], 8)
        with self.assertRaises(EOFError):
            stream.frame()
        stream.close()


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = Venue("--speed", "manual")

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.venue.close()
        assert code == 0, (code, errors)

    def answer(self, text):
        with self.venue.raw() as wire:
            try:
                wire.sendall(text)
                wire.shutdown(socket.SHUT_WR)
                got = wire.recv(65536)
            except OSError:
                got = b""
        self.assertEqual(self.venue.send("GET", "/paper/audit")[0], 200)
        return got.split(b"\r\n")[0]

    def test_what_is_no_http_is_refused(self):
        random.seed(1)
        self.assertIn(b"400", self.answer(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"))
        self.assertIn(b"400", self.answer(b"GET\r\n\r\n"))
        for _ in range(200):
            self.answer(random.randbytes(random.randrange(1, 300)))

    def test_bounds_have_their_statuses(self):
        self.assertIn(b"431", self.answer(b"GET / HTTP/1.1\r\nA: " + b"x" * 40000 + b"\r\n\r\n"))
        self.assertIn(b"431", self.answer(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 70 + b"\r\n"))
        self.assertIn(b"431", self.answer(b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\n\r\n"))
        self.assertIn(b"413", self.answer(b"POST /fapi/v1/order HTTP/1.1\r\nContent-Length: 2000000"
                                          b"\r\n\r\n" + b"x" * 2000000))

    def test_a_handshake_without_its_parts_is_refused(self):
        head = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.assertIn(b"400", self.answer(head + b"Sec-WebSocket-Version: 13\r\n\r\n"))
        key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        self.assertIn(b"426", self.answer(head + key + b"Sec-WebSocket-Version: 8\r\n\r\n"))
        self.assertIn(b"404", self.answer(head.replace(b"/ws", b"/no") + key +
                                          b"Sec-WebSocket-Version: 13\r\n\r\n"))

    def test_an_unmasked_frame_ends_the_connection(self):
        stream = Stream(self.venue, "/ws")
        stream.send({"method": "LIST_SUBSCRIPTIONS", "id": 1}, masked=False)
        opcode, payload = stream.frame()
        self.assertEqual((opcode, payload[:2]), (8, struct.pack(">H", 1002)))
        stream.close()

    def test_random_frames_do_no_harm(self):
        random.seed(2)
        for _ in range(100):
            stream = Stream(self.venue, random.choice(["/ws", "/stream?streams=", "/ws-fapi/v1"]))
            try:
                for _ in range(5):
                    stream.socket.sendall(random.randbytes(random.randrange(1, 60)))
            except OSError:
                pass
            stream.close()
        self.assertEqual(self.venue.send("GET", "/paper/audit")[0], 200)

    def test_odd_messages_do_no_harm(self):
        texts = [b"", b"[]", b"{}", b"null", b'{"method":1}', b'{"method":"SUBSCRIBE"}',
                 b'{"method":"SUBSCRIBE","params":{},"id":1}',
                 b'{"method":"SUBSCRIBE","params":["","@","!","a@b@c","' + b"x" * 500 + b'"],"id":1}',
                 b'{"method":"order.place","params":[]}', b'{"id":{"a":[1]},"method":"depth"}',
                 b'{"method":"\\u0000","id":"\\ud800"}', b"[" * 5000, b'{"params":' + b"{" * 5000]
        for path in ("/ws", "/ws-fapi/v1"):
            for text in texts:
                stream = Stream(self.venue, path)
                stream.send(text)
                try:
                    stream.frame()
                except (EOFError, OSError):
                    pass
                stream.close()
        self.assertEqual(self.venue.send("GET", "/paper/audit")[0], 200)

    def test_odd_parameters_do_no_harm(self):
        for query in ("%", "%0", "%zz", "&&&", "=", "a=%00", "symbol=%", "symbol=" + "A" * 20000,
                      "&".join(f"p{i}=1" for i in range(100)), "symbol=BTCUSDT&limit=-1",
                      "symbol=BTCUSDT&limit=999999999999999999999", "symbol=BTCUSDT&interval=1x"):
            for path in ("depth", "klines", "aggTrades", "premiumIndex"):
                status, _, _ = self.venue.send("GET", f"/fapi/v1/{path}?{query}")
                self.assertIn(status, (200, 400))
        self.venue.control("reset")

    def test_more_connections_than_the_bound_are_closed(self):
        wires = [self.venue.raw() for _ in range(200)]
        for wire in wires:
            wire.close()
        self.assertEqual(self.venue.send("GET", "/paper/audit")[0], 200)


class RandomSession(unittest.TestCase):
    def test_the_books_are_whole_after_a_random_session(self):
        venue = Venue("--speed", "manual", "--accounts", "3", "--seed", "5")
        random.seed(5)
        price = 60000
        for step in range(400):
            account = random.randrange(3)
            side = random.choice(["BUY", "SELL"])
            kind = random.randrange(10)
            if kind < 3:
                venue.call("POST", "/fapi/v1/order", account, symbol="BTCUSDT", side=side,
                           type="MARKET", quantity=f"{random.randrange(2, 200) / 1000:.3f}")
            elif kind < 6:
                near = price * (1 + random.uniform(-0.02, 0.02))
                venue.call("POST", "/fapi/v1/order", account, symbol="BTCUSDT", side=side,
                           type="LIMIT", timeInForce=random.choice(["GTC", "IOC", "GTX"]),
                           quantity=f"{random.randrange(2, 200) / 1000:.3f}", price=f"{near:.1f}")
            elif kind == 6:
                stop = price * (0.99 if side == "SELL" else 1.01)
                venue.call("POST", "/fapi/v1/algoOrder", account, algoType="CONDITIONAL",
                           symbol="BTCUSDT", side=side, type="STOP_MARKET",
                           triggerPrice=f"{stop:.1f}", closePosition="true")
            elif kind == 7:
                venue.call("DELETE", "/fapi/v1/allOpenOrders", account, symbol="BTCUSDT")
            elif kind == 8:
                price = price * (1 + random.uniform(-0.03, 0.03))
                venue.control("price", symbol="BTCUSDT", price=f"{price:.1f}")
            else:
                venue.control("advance", ms=random.randrange(0, 12 * 3600 * 1000))
            if step % 100 == 99:
                self.assertTrue(json.loads(venue.send("GET", "/paper/audit")[1])["conserved"])
        audit = json.loads(venue.send("GET", "/paper/audit")[1])
        self.assertEqual((audit["conserved"], audit["venues"]["binance"]["difference"]),
                         (True, "0"))
        code, errors = venue.close()
        self.assertEqual(code, 0, errors)


class Gateio(unittest.TestCase):
    """The other venue of the same process, on the same port."""

    def setUp(self):
        self.venue = Venue("--speed", "manual", "--accounts", "2")
        self.key = self.venue.accounts[0]

    def tearDown(self):
        self.assertTrue(json.loads(self.venue.send("GET", "/paper/audit")[1])["conserved"])
        code, errors = self.venue.close()
        self.assertEqual(code, 0, errors)

    def sign(self, text):
        return hmac.new(self.key["api_secret"].encode(), text.encode(), hashlib.sha512).hexdigest()

    def call(self, method, path, query="", body=None):
        body = "" if body is None else json.dumps(body)
        path = "/api/v4/futures/usdt" + path
        stamp = str(int(time.time()))
        digest = hashlib.sha512(body.encode()).hexdigest()
        headers = {"KEY": self.key["api_key"], "Timestamp": stamp,
                   "Content-Type": "application/json",
                   "SIGN": self.sign(f"{method}\n{path}\n{query}\n{digest}\n{stamp}")}
        target = path + ("?" + query if query else "")
        status, text, _ = self.venue.send(method, target, body or None, headers)
        return status, json.loads(text)

    def open(self, headers=""):
        return Stream(self.venue, "/v4/ws/usdt", headers)

    def follow(self, stream, channel, *payload):
        now = int(time.time())
        sign = self.sign(f"channel={channel}&event=subscribe&time={now}")
        stream.send({"time": now, "channel": channel, "event": "subscribe", "payload": payload,
                     "auth": {"method": "api_key", "KEY": self.key["api_key"], "SIGN": sign}})
        self.assertIsNone(stream.message()["error"])

    def log_in(self, stream):
        now = str(int(time.time()))
        stream.send({"time": int(now), "channel": "futures.login", "event": "api", "payload": {
            "req_id": "in", "api_key": self.key["api_key"], "timestamp": now,
            "signature": self.sign(f"api\nfutures.login\n\n{now}")}})
        answer = stream.message()
        self.assertEqual(answer["header"]["status"], "200")
        return answer["data"]["result"]["uid"]

    def update(self, stream, channel):
        while True:
            message = stream.message()
            if message.get("channel") == channel and message["event"] == "update":
                return message["result"][0]

    def test_an_order_is_told_by_answer_stream_and_query_alike(self):
        stream = self.open()
        uid = self.log_in(stream)
        self.follow(stream, "futures.orders", uid, "!all")
        status, order = self.call("POST", "/orders", body={
            "contract": "BTC_USDT", "size": 3, "price": "59000", "text": "t-a"})
        self.assertEqual(status, 201)
        told = self.update(stream, "futures.orders")
        self.assertEqual((told["id"], told["size"], told["text"]), (order["id"], 3, "t-a"))
        self.assertEqual((told["price"], order["price"]), (59000, "59000"))
        self.assertEqual(str(order["user"]), told["user"])
        asked = self.call("GET", "/orders/t-a")[1]
        self.assertEqual(asked, order)
        stream.close()

    def test_an_order_of_the_stream_is_acknowledged_and_answered(self):
        stream = self.open("X-Gate-Size-Decimal: 1\r\n")
        self.log_in(stream)
        stream.send({"time": int(time.time()), "channel": "futures.order_place", "event": "api",
                     "payload": {"req_id": "1", "req_param": {
                         "contract": "BTC_USDT", "size": "-5", "price": "0", "tif": "ioc"}}})
        ack, result = stream.message(), stream.message()
        self.assertEqual((ack["ack"], result["ack"]), (True, False))
        self.assertEqual(result["data"]["result"]["finish_as"], "filled")
        self.assertEqual(result["data"]["result"]["size"], "-5")
        self.assertEqual(self.call("GET", "/positions/BTC_USDT")[1]["size"], -5)
        stream.close()

    def test_its_books_are_not_those_of_the_other_venue(self):
        self.call("POST", "/orders", body={"contract": "BTC_USDT", "size": 100, "price": "0",
                                           "tif": "ioc"})
        self.assertEqual(self.call("GET", "/positions", "holding=true")[1][0]["size"], 100)
        rows = self.venue.call("GET", "/fapi/v3/positionRisk", symbol="BTCUSDT")[1]
        self.assertEqual([row for row in rows if float(row["positionAmt"]) != 0], [])
        audit = json.loads(self.venue.send("GET", "/paper/audit")[1])
        self.assertTrue(audit["venues"]["binance"]["conserved"])
        self.assertTrue(audit["venues"]["gateio"]["conserved"])

    def test_one_price_is_both_venues(self):
        self.assertEqual(self.venue.control("price", symbol="BTC_USDT", price="51000")[0], 200)
        tickers = self.call("GET", "/tickers", "contract=BTC_USDT")[1]
        self.assertEqual(float(tickers[0]["mark_price"]), 51000)
        index = json.loads(self.venue.send("GET", "/fapi/v1/premiumIndex?symbol=BTCUSDT")[1])
        self.assertEqual(float(index["markPrice"]), 51000)


class Life(unittest.TestCase):
    def test_it_ends_cleanly_with_connections_open(self):
        venue = Venue("--speed", "100")
        streams = [Stream(venue, "/market/ws/btcusdt@markPrice@1s") for _ in range(3)]
        self.assertEqual(streams[0].message()["e"], "markPriceUpdate")
        code, errors = venue.close()
        for stream in streams:
            stream.close()
        self.assertEqual(code, 0, errors)

    def test_no_descriptor_leaks(self):
        venue = Venue("--speed", "manual")
        folder = f"/proc/{venue.process.pid}/fd"
        venue.send("GET", "/fapi/v1/ping")
        before = len(os.listdir(folder))
        for _ in range(50):
            Stream(venue, "/ws").close()
            with venue.raw() as wire:
                wire.sendall(b"GET /fapi/v1/ping HTTP/1.1\r\n\r\n")
                wire.recv(4096)
        for _ in range(100):
            venue.send("GET", "/fapi/v1/ping")
            if len(os.listdir(folder)) <= before:
                break
        self.assertEqual(len(os.listdir(folder)), before)
        self.assertEqual(venue.close()[0], 0)

    def test_the_same_seed_gives_the_same_keys(self):
        first, second, other = (Venue("--seed", seed) for seed in ("3", "3", "4"))
        self.assertEqual(first.accounts, second.accounts)
        self.assertNotEqual(first.accounts, other.accounts)
        for venue in (first, second, other):
            self.assertEqual(venue.close()[0], 0)

    def test_an_address_in_use_is_told(self):
        venue = Venue()
        run = subprocess.run([KEEL, "paper", "--listen", venue.ready["listen"]],
                             capture_output=True, text=True)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("address already in use", run.stderr)
        self.assertEqual(venue.close()[0], 0)

    def test_requests_are_served_while_the_market_runs_as_fast_as_it_can(self):
        venue = Venue("--speed", "max")
        began = time.monotonic()
        first = json.loads(venue.send("GET", "/paper/audit")[1])["market_time_ms"]
        second = json.loads(venue.send("GET", "/paper/audit")[1])["market_time_ms"]
        self.assertLess(time.monotonic() - began, 2)
        self.assertGreaterEqual(second, first)
        self.assertEqual(venue.close()[0], 0)


if __name__ == "__main__":
    KEEL = sys.argv.pop(1)
    unittest.main(verbosity=1)
