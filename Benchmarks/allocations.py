"""Counts what the server allocates for a message and compares it with what it may: `scripts/bench allocations`.

Counts hardly vary from run to run or from machine to machine, unlike times, so a regression of one allocation in a
hundred deliveries is seen. Exits with 1 when something is above its threshold in Benchmarks/thresholds.json.
"""

import argparse
import http.client
import json
import os
import select
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import load

SOURCE = load.TOP / "Benchmarks/Fanout/allocations.c"
LIBRARY = load.TOP / ".build/bench/liballocations.so"
THRESHOLDS = load.TOP / "Benchmarks/thresholds.json"
SUBSCRIBERS = 200
ROUNDS = 5
PATIENCE = 60
MARK = b'"seq":'
# What is delivered is made of some of these; `%d` is the message's number.
DATA = (
    '{"seq":%d,"session_id":"7d5f2b1e-training","progress":0.4242,"current_epoch":17,"loss":0.173205,'
    '"metrics":{"accuracy":0.9321},"estimated_time_remaining":-1,"note":"' + "x" * 150 + '"}'
)


class Counter:
    """Counts the allocations of the processes started with its `environment`."""

    def __init__(self):
        LIBRARY.parent.mkdir(parents=True, exist_ok=True)
        compile = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]
        # Made beside its place, so that no process that has it loses it.
        fresh = LIBRARY.with_suffix(f".{os.getpid()}")
        subprocess.run([*compile, fresh, SOURCE], check=True)
        fresh.replace(LIBRARY)
        self.file = tempfile.NamedTemporaryFile(prefix="antiphon-allocations-")
        self.file.write(bytes(16))
        self.file.flush()
        self.environment = {
            "LD_PRELOAD": str(LIBRARY),
            "COUNT_ALLOCATIONS_IN": self.file.name,
            # As many loops on every machine, for each has its share in a message's costs.
            "NIO_SINGLETON_GROUP_LOOP_COUNT": "2",
        }

    def read(self):
        """Calls and bytes until now."""
        return struct.unpack("QQ", os.pread(self.file.fileno(), 16, 0))


@dataclass
class Case:
    name: str
    title: str
    burst: int = 1
    positioned: bool = False


CASES = [
    Case("plain", "plain, one at a time"),
    Case("plain_burst", "plain, eight at a time", burst=8),
    Case("positioned", "with recovery, one at a time", positioned=True),
    Case("positioned_burst", "with recovery, eight at a time", burst=8, positioned=True),
]


def frame(message):
    """A frame as a client sends it. The mask is zero, which leaves the payload as it is."""
    payload = message.encode()
    length = struct.pack("!B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    return b"\x81" + length + bytes(4) + payload


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(
        b"GET /ws/p2p-fog HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    until(connection, b"connection_established")
    return connection


def until(connection, words):
    received = b""
    while words not in received:
        if not (part := connection.recv(65536)):
            raise load.LoadFailed(f"the server closed a connection before it said {words!r}: {received!r:.500}")
        received += part


class Audience:
    """Subscribers to one topic, and a publisher who knows when all have got what it published."""

    def __init__(self, port, case):
        self.topic = f"allocations/{case.name}"
        self.publisher = connect(port)
        self.subscribers = {}
        self.tails = {}
        self.epoll = select.epoll()
        recover = ',"recover":true' if case.positioned else ""
        for _ in range(SUBSCRIBERS):
            connection = connect(port)
            connection.sendall(frame(f'{{"type":"subscribe","topic":"{self.topic}"{recover}}}'))
            until(connection, b"subscription_response")
            self.subscribers[connection.fileno()] = connection
            self.epoll.register(connection.fileno(), select.EPOLLIN)
        self.published = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.epoll.close()
        for connection in [self.publisher, *self.subscribers.values()]:
            connection.close()

    def publish(self, count):
        """Publishes so many messages in one go and waits until every subscriber has them."""
        frames = b""
        for _ in range(count):
            frames += frame(
                f'{{"type":"publish","topic":"{self.topic}","message_type":"training_progress",'
                f'"data":{DATA % self.published},"ack":false}}'
            )
            self.published += 1
        self.publisher.sendall(frames)
        awaited = count * SUBSCRIBERS
        deadline = time.monotonic() + PATIENCE
        while awaited > 0:
            if time.monotonic() > deadline:
                raise load.LoadFailed(f"{awaited} deliveries did not come")
            for number, _ in self.epoll.poll(1):
                received = self.subscribers[number].recv(1 << 18)
                if not received:
                    raise load.LoadFailed("the server closed a connection")
                # A mark may be cut in two.
                text = self.tails.get(number, b"") + received
                awaited -= text.count(MARK)
                self.tails[number] = text[1 - len(MARK) :]
        if awaited:
            raise load.LoadFailed(f"there were {-awaited} deliveries too many")


def measure(port, counter, publications):
    """The allocations of each case, as the file of thresholds has them: medians of some rounds."""
    results = {}
    for case in CASES:
        with Audience(port, case) as audience:

            def publish(count):
                for _ in range(count // case.burst):
                    audience.publish(case.burst)

            results[case.name] = rounds(publish, counter, publications, deliveries=SUBSCRIBERS)
        idle(port)
    http_connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def post(count):
        for number in range(count):
            body = f'{{"type":"training_progress","data":{DATA % number}}}'
            http_connection.request("POST", "/publish/allocations/http", body, {"content-type": "application/json"})
            answer = http_connection.getresponse()
            if answer.status != 200 or not json.load(answer)["success"]:
                raise load.LoadFailed(f"publishing over HTTP was answered with {answer.status}")

    results["http"] = rounds(post, counter, publications)
    http_connection.close()
    return results


def idle(port):
    """Waits until the server has no connections left: taking them down allocates too."""
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/stats")
        statistics = json.load(connection.getresponse())
        connection.close()
        if statistics["total_connections"] == 0:
            return
        if time.monotonic() > deadline:
            raise load.LoadFailed("the server keeps connections that are closed")
        time.sleep(0.05)


def rounds(publish, counter, publications, deliveries=0):
    count = max(8, publications // ROUNDS // 8 * 8)
    # Buffers grow and the history fills.
    publish(count)
    samples = []
    for _ in range(ROUNDS):
        before = counter.read()
        publish(count)
        after = counter.read()
        samples.append([(late - early) / count for early, late in zip(before, after)])
    allocations, size = (statistics.median(values) for values in zip(*samples))
    if not deliveries:
        return {"allocations_per_publish": round(allocations, 2), "bytes_per_publish": round(size, 1)}
    return {
        "allocations_per_publish": round(allocations, 2),
        "allocations_per_delivery": round(allocations / deliveries, 4),
        "bytes_per_delivery": round(size / deliveries, 2),
    }


def thresholds(build):
    """What the cases of a build (`release` or `debug`) may take, and the share by which they may be above it."""
    known = json.loads(THRESHOLDS.read_text())[build]
    return known["cases"], known["allowance"]


def exceeded(results, build):
    """A sentence for each figure above its threshold and the allowance."""
    cases, allowance = thresholds(build)
    if missing := results.keys() ^ cases.keys():
        return [f"{THRESHOLDS.name} and what is measured differ in {', '.join(sorted(missing))}"]
    return [
        f"{case}: {figure.replace('_', ' ')} are {value:g}, and may be {cases[case][figure]:g} and {allowance:.0%} more"
        for case, figures in results.items()
        for figure, value in figures.items()
        if value > cases[case][figure] * (1 + allowance)
    ]


def update(results, build):
    known = json.loads(THRESHOLDS.read_text()) if THRESHOLDS.exists() else {}
    version = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True).stdout
    allowance = known.get(build, {}).get("allowance", 0.1)
    known[build] = {"swift": version.split("Swift version ")[1].split()[0], "allowance": allowance, "cases": results}
    THRESHOLDS.write_text(json.dumps(known, indent=4) + "\n")


def report(results, build):
    cases = thresholds(build)[0] if THRESHOLDS.exists() and build in json.loads(THRESHOLDS.read_text()) else {}
    titles = {case.name: case.title for case in CASES} | {"http": "over HTTP, nobody subscribed"}
    for unit in ["allocations_per_publish", "allocations_per_delivery", "bytes_per_delivery", "bytes_per_publish"]:
        rows = [
            (titles[case], [figures[unit], cases.get(case, {}).get(unit, float("nan"))])
            for case, figures in results.items()
            if unit in figures
        ]
        load.show(unit.replace("_", " ").capitalize(), ["measured", "threshold"], rows)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench allocations", description=__doc__)
    parser.add_argument("--publications", type=int, default=2000, help="messages published in each case")
    parser.add_argument("--build", choices=["release", "debug"], default="release", help="which build to measure")
    parser.add_argument("--update", action="store_true", help="write what is measured as the new thresholds")
    options = parser.parse_args()
    counter = Counter()
    server = load.Server("antiphon", "Antiphon", environment=counter.environment)
    # A sign of life to everyone in the midst would be counted.
    with load.running(server, ["events.heartbeat=1h", "websocket.ping_interval=1h"], options.build):
        results = measure(load.PORT, counter, options.publications)
    report(results, options.build)
    if options.update:
        return update(results, options.build)
    if excess := exceeded(results, options.build):
        sys.exit("\n".join(excess))


if __name__ == "__main__":
    try:
        main()
    except load.LoadFailed as failure:
        sys.exit(f"scripts/bench allocations: {failure}")
