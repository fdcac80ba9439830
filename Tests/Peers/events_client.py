"""A client of the events API that checks every message it receives, and one that does only what it is told."""

import base64
import json
import os
import re
import socket
import struct
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

# How a server is started that has the events API and no other. The later of two assignments holds, so this replaces the
# listeners of the other tests.
SETTINGS = ('listeners=[{"port": 0, "apis": ["events"]}]', "speech.preload=false")

# A limit for what should be immediate, on a slow machine that runs other tests too; only what fails takes that long.
SOON = 60
# The longest that a loop over what others send may go on, however much comes.
WHOLE = 240

KEYS = ["type", "data", "timestamp", "connection_id", "target_connections"]
POSITION = ["topic", "offset", "epoch"]
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def strict(text):
    """JSON as the standard has it: no NaN and no Infinity."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON: {text!r:.500}")

    return json.loads(text, parse_constant=refuse)


def checked(text):
    """A message of the server, once its form is found right."""
    message = strict(text)
    if list(message) == ["type", "channel"]:
        return message
    extra = [key for key in ("state_key", "remove") if key in message]
    assert list(message) in (KEYS, KEYS + POSITION + extra), text
    assert TIMESTAMP.fullmatch(message["timestamp"]), text
    assert IDENTIFIER.fullmatch(message["connection_id"]), text
    assert isinstance(message["data"], dict), text
    assert message["target_connections"] is None, text
    return message


def age(timestamp):
    """How many seconds ago, taking the timestamp as UTC."""
    then = datetime.fromisoformat(timestamp).replace(tzinfo=UTC)
    return (datetime.now(UTC) - then).total_seconds()


def code_of(message):
    """The code of an error message."""
    assert message["type"] == "error", message
    if message["data"] == {"error": "Invalid JSON"}:
        return "invalid_json"
    assert list(message["data"]) == ["error", "code"], message
    assert len(message["data"]["error"].split()) > 1, message
    return message["data"]["code"]


def data_of(messages):
    return [message["data"] for message in messages]


# HTTP.


def call(url, path, body=None, headers=None, method=None, timeout=30):
    """Status, headers and the object in the body of the answer; None for a body that is not JSON."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    sent = {"content-type": "application/json"} if body is not None else {}
    request = urllib.request.Request(url + path, body, {**sent, **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status, head, content = response.status, response.headers, response.read()
    except urllib.error.HTTPError as refusal:
        status, head, content = refusal.code, refusal.headers, refusal.read()
    try:
        return status, head, strict(content)
    except ValueError:
        return status, head, None


def get(url, path, headers=None):
    status, _, body = call(url, path, headers=headers)
    assert status == 200, (path, status, body)
    return body


def publish(url, topic, data, type="custom", headers=None, **more):
    """Publishes over HTTP; the report."""
    status, _, body = call(url, f"/publish/{topic}", {"type": type, "data": data, **more}, headers)
    assert status == 200, (status, body)
    assert body["success"] is True and body["topic"] == topic, body
    return body


def eventually(condition, timeout=SOON):
    """Waits for what the server does not announce: until the condition returns something true, which is returned."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {timeout} s: {condition()}"
        time.sleep(0.02)
    return found


def within(seconds=WHOLE):
    """Turns of a loop that waits for something; fails when it is not left in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
    raise AssertionError(f"not within {seconds} s")


def connections(url, headers=None):
    """How many connections the server says it has."""
    return get(url, "/stats", headers)["total_connections"]


# Clients.


class Client:
    """A connection by the library that also answers pings, as a browser does. It has read the welcome."""

    def __init__(self, url, path="/ws", **options):
        self.socket = connect(
            "ws" + url.removeprefix("http") + path,
            **{
                "compression": None,
                "legacy": True,  # without a `with` statement
                "proxy": None,
                "open_timeout": SOON,
                "close_timeout": SOON,
                "ping_interval": None,
                "max_size": 2**25,
                # It reads, and so answers pings, whether or not the test takes what it has read.
                "max_queue": None,
                **options,
            },
        )
        self.welcome = self.next()
        self.id = self.welcome["connection_id"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def text(self, timeout=SOON) -> str:
        text = self.socket.recv(timeout)
        assert isinstance(text, str), text
        return text

    def next(self, timeout=SOON):
        """The next message that is not a heartbeat."""
        deadline = time.monotonic() + timeout
        for _ in within():
            message = checked(self.text(max(0, deadline - time.monotonic())))
            if message["type"] != "ping":
                return message

    def next_of(self, count, timeout=SOON):
        return [self.next(timeout) for _ in range(count)]

    def send(self, message):
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def ask(self, message):
        """Sends, and returns the next message."""
        self.send(message)
        return self.next()

    def command(self, type, topic, reply, **more):
        """Sends a command for a topic; the data of its reply."""
        answer = self.ask({"type": type, "topic": topic, **more})
        assert answer["type"] == "custom" and answer["data"].get("type") == reply, answer
        assert answer["data"]["topic"] == topic and answer["connection_id"] == self.id, answer
        return answer["data"]

    def subscribe(self, topic, **more):
        data = self.command("subscribe", topic, "subscription_response", **more)
        assert data["success"] is True, data
        return data

    def unsubscribe(self, topic):
        data = self.command("unsubscribe", topic, "unsubscription_response")
        assert data["success"] is True, data
        return data

    def publish(self, topic, data, **more):
        report = self.command("publish", topic, "publish_response", data=data, **more)
        assert report["success"] is True, report
        return report

    def refused(self, message):
        """Sends what should be refused; the code. The connection must go on."""
        code = code_of(self.ask(message))
        assert self.until_pong() == []
        return code

    def until_pong(self, timeout=SOON):
        """All that was on its way: what comes before the answer to a ping."""
        self.send({"type": "ping"})
        messages = []
        for _ in within():
            message = self.next(timeout)
            if message["type"] == "pong":
                return messages
            messages.append(message)

    def until_closed(self, timeout=SOON):
        """The close code and what came before; 1006 when the connection just broke."""
        messages = []
        deadline = time.monotonic() + timeout
        try:
            for _ in within():
                messages.append(self.next(max(0, deadline - time.monotonic())))
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006, messages


def farewell(messages):
    """The code in the goodbye, which is the last message."""
    assert messages and messages[-1]["type"] == "connection_closed", messages[-3:]
    assert list(messages[-1]["data"]) == ["code", "reason"] and messages[-1]["data"]["reason"], messages[-1]
    return messages[-1]["data"]["code"]


CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def handshake(path="/ws", host="localhost", headers=""):
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"
    ).encode()


def frame(payload, opcode=TEXT, final=True, rsv=0, length=None):
    """A frame as a client sends it. The mask is zero, which leaves the payload as it is."""
    payload = payload.encode() if isinstance(payload, str) else payload
    length = len(payload) if length is None else length
    first = (0x80 if final else 0) | rsv << 4 | opcode
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + bytes(4) + payload


class Raw:
    """A connection on which only happens what the test does: it answers no ping, and reads when told to."""

    def __init__(self, url, receive_buffer=None):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.socket()
        self.socket.settimeout(SOON)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((address.hostname, address.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends the connection with a TCP reset and nothing else."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def fill(self):
        received = self.socket.recv(65536)
        if not received:
            raise EOFError
        self.buffer += received

    def take(self, count):
        for _ in within():
            if len(self.buffer) >= count:
                break
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def response(self):
        """The status, the header fields and the body of an HTTP answer."""
        for _ in within():
            if b"\r\n\r\n" in self.buffer:
                break
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        status = int(status.split()[1])
        return status, fields, b"" if status == 101 else self.take(int(fields.get("content-length", 0)))

    def open(self, path="/ws", **options):
        """Asks for the upgrade, which is granted."""
        self.send(handshake(path, **options))
        status, fields, body = self.response()
        assert status == 101, (status, fields, body)
        return self

    def frame(self):
        """The opcode and payload of the next frame."""
        first, second = self.take(2)
        length = second & 0x7F
        assert second < 0x80, "the server masked a frame"
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        return first & 15, self.take(length)

    def message(self):
        """The next text message that is not a heartbeat; pings are left without an answer."""
        for _ in within():
            opcode, payload = self.frame()
            if opcode == TEXT and (message := checked(payload))["type"] != "ping":
                return message
            assert opcode in (TEXT, PING), (opcode, payload)

    def until_closed(self, timeout=SOON):
        """The close code and the text messages before; None for the code when the connection just ended."""
        messages = []
        deadline = time.monotonic() + timeout
        try:
            for _ in within():
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                opcode, payload = self.frame()
                if opcode == CLOSE:
                    return struct.unpack("!H", payload[:2])[0] if payload else 1005, messages
                if opcode == TEXT:
                    messages.append(checked(payload))
        except (EOFError, ConnectionError):
            return None, messages


def opened(url, path="/ws", **options):
    """A raw connection after its welcome."""
    raw = Raw(url).open(path, **options)
    assert raw.message()["type"] == "connection_established"
    return raw
