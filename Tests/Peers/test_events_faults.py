"""The events API when clients, the network and the machine misbehave."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from events_client import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    SETTINGS,
    SOON,
    TEXT,
    Client,
    Raw,
    call,
    code_of,
    connections,
    eventually,
    frame,
    get,
    handshake,
    opened,
    publish,
    within,
)
from websockets.exceptions import ConnectionClosed

PING_MESSAGE = '{"type":"ping"}'


def answers(client, within=SOON):
    """The client is served, and without delay."""
    started = time.monotonic()
    assert client.until_pong() == []
    assert time.monotonic() - started < within


# Too much at once.


@pytest.fixture(scope="module")
def small(start_server, tmp_path_factory):
    """The URL of a server that takes messages of 64 KiB at most, compressed ones too."""
    folder = tmp_path_factory.mktemp("small")
    process, url = start_server(folder, *SETTINGS, "websocket.max_message_bytes=65536", "websocket.compression=true")
    yield url
    with Client(url) as client:
        answers(client)
    process.terminate()
    assert process.wait(timeout=40) == 0


def padded(size):
    """A ping of so many bytes."""
    return '{"type":"ping","pad":"' + "x" * (size - 24) + '"}'


def test_a_message_of_the_largest_size_is_taken(small):
    with Client(small) as client:
        client.send(padded(65536))
        assert client.next()["type"] == "pong"


def test_a_larger_message_closes_the_connection(small):
    with Client(small) as client, Client(small) as other:
        client.send(padded(65537))
        assert client.until_closed()[0] == 1009
        answers(other)


def test_a_message_that_is_too_large_in_all_its_parts_closes_the_connection(small):
    with opened(small) as raw:
        raw.send(frame("x" * 30_000, TEXT, final=False))
        raw.send(frame("x" * 30_000, CONTINUATION, final=False))
        raw.send(frame("x" * 30_000, CONTINUATION))
        assert raw.until_closed()[0] == 1009


@pytest.mark.parametrize("length", [65537, 2**31, 2**62])
def test_a_frame_that_only_claims_to_be_large_closes_the_connection(small, length):
    with opened(small) as raw:
        raw.send(frame("x", TEXT, length=length))
        assert raw.until_closed()[0] == 1009


def test_a_length_past_what_the_protocol_knows_closes_the_connection(small):
    with opened(small) as raw:
        raw.send(frame("x", TEXT, length=2**63 + 1))
        assert raw.until_closed()[0] in (1002, 1009)


def test_a_message_of_thousands_of_empty_parts_is_answered_or_refused(small):
    with opened(small) as raw, Client(small) as other:
        with contextlib.suppress(ConnectionError):
            raw.send(frame(PING_MESSAGE, TEXT, final=False) + frame("", CONTINUATION, final=False) * 20_000)
            answers(other)
            raw.send(frame("", CONTINUATION))
        opcode, payload = raw.frame()
        if opcode == CLOSE:
            assert int.from_bytes(payload[:2], "big") in (1002, 1008, 1009)
        elif (message := json.loads(payload))["type"] == "connection_closed":
            # As many small parts as two seconds' worth of messages.
            assert message["data"]["code"] == 4429
        else:
            assert message["type"] == "pong"
        answers(other)


def test_a_small_message_that_unpacks_to_a_large_one_closes_the_connection(small):
    with Client(small, compression="deflate") as client, Client(small) as other:
        assert "permessage-deflate" in client.socket.response.headers["Sec-WebSocket-Extensions"]
        client.send(padded(50_000_000))
        assert client.until_closed()[0] == 1009
        answers(other)


def test_compressed_messages_work_both_ways(small):
    with Client(small, compression="deflate") as client:
        for number in range(20):
            client.subscribe("compressed")
            publish(small, "compressed", {"n": number, "pad": "y" * 5000})
            assert client.next()["data"] == {"n": number, "pad": "y" * 5000}


@pytest.mark.parametrize("depth", [10_000, 100_000])
@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
def test_deep_json_is_refused_and_nothing_breaks(events, depth, opening, closing):
    middle = "1" if closing == "}" else ""
    deep = opening * depth + middle + closing * depth
    for text in [deep, '{"type":"publish","topic":"deep","data":{"a":' + deep + "}}", opening * depth]:
        with Client(events) as client:
            client.send(text)
            try:
                answer = client.next()
            except ConnectionClosed as end:
                # It may be too long before it is too deep.
                assert end.rcvd.code == 1009 and len(text) > 60_000
            else:
                assert code_of(answer) in ("invalid_json", "invalid_data", "not_an_object")
                answers(client)
        assert call(events, "/publish/deep", text.encode())[0] in (400, 413, 422)


@pytest.fixture(scope="module")
def patient(start_server, tmp_path_factory):
    """The URL of a server that lets every client talk as much as it likes."""
    process, url = start_server(tmp_path_factory.mktemp("patient"), *SETTINGS, "events.max_messages_per_second=1000000")
    yield url
    process.terminate()
    assert process.wait(timeout=40) == 0


@pytest.mark.parametrize("topics", [20_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_thousands_of_topics_on_one_connection_meet_a_limit(patient, topics):
    with opened(patient) as raw, Client(patient) as other:
        other.subscribe("others")
        sent = threading.Thread(
            target=lambda: raw.send(
                b"".join(frame(f'{{"type":"subscribe","topic":"many/{number}"}}') for number in range(topics))
                + frame(PING_MESSAGE)
            )
        )
        sent.start()
        codes, granted, slowest = set(), 0, 0
        raw.socket.settimeout(600)
        for count in itertools.count(1):
            message = raw.message()
            if message["type"] == "pong":
                break
            if message["type"] == "error":
                codes.add(code_of(message))
            else:
                granted += message["data"]["success"]
            if count % 2000 == 0:
                started = time.monotonic()
                publish(patient, "others", {"n": count})
                assert other.next()["data"] == {"n": count}
                slowest = max(slowest, time.monotonic() - started)
        sent.join()
        assert codes == {"too_many_topics"} and 0 < granted < topics
        assert slowest < 30
        assert get(patient, "/stats")["channel_stats"]["others"] == 1
    eventually(lambda: not any(name.startswith("many/") for name in get(patient, "/stats")["channels"]))


def test_thousands_of_pings_are_answered_without_piling_up(patient):
    with opened(patient) as raw, Client(patient) as other:
        for _ in range(100):
            raw.send(frame("beat", PING) * 100)
        answers(other)
        raw.send(frame(PING_MESSAGE))
        pongs = 0
        for _ in within():
            received = raw.frame()
            if received[0] == TEXT:
                break
            assert received == (PONG, b"beat")
            pongs += 1
        # Only the last of several pings needs an answer.
        assert 1 <= pongs <= 10_000


# Slow and half-open.


def test_a_head_that_drips_is_cut_off(start_events):
    server = start_events("http.request_timeout=2s")
    raws = [Raw(server.url) for _ in range(20)]
    started = time.monotonic()
    for raw in raws:
        raw.send("GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        raw.socket.settimeout(0.2)
    answer = None
    while answer is None:
        assert time.monotonic() - started < 10, "the slow client was never cut off"
        try:
            for raw in raws:
                raw.send("x")
            answer = raws[0].socket.recv(4096)
        except TimeoutError:
            pass
        except ConnectionError:
            answer = b""
    assert not answer or answer.startswith(b"HTTP/1.1 408"), answer
    assert time.monotonic() - started > 1
    with Client(server.url) as client:
        answers(client)
    for raw in raws:
        raw.close()


def test_frames_that_drip_hold_nobody_up_and_are_understood(events):
    raws = [opened(events) for _ in range(50)]
    data = frame(PING_MESSAGE)
    with Client(events) as client:
        for place in range(len(data)):
            for raw in raws:
                raw.send(data[place : place + 1])
            answers(client)
    for raw in raws:
        assert raw.message()["type"] == "pong"
        raw.close()


FROZEN_CLIENT = """
import sys
from events_client import Client
client = Client(sys.argv[1])
client.subscribe(sys.argv[2], presence=True)
print(client.id, flush=True)
print(client.until_closed(timeout=120)[0], flush=True)
"""


def test_a_client_that_freezes_is_noticed(start_events):
    server = start_events("websocket.ping_interval=1s", "websocket.ping_timeout=5s")
    with Client(server.url) as watcher:
        watcher.subscribe("frozen", presence=True)
        watcher.until_pong()
        frozen = subprocess.Popen(
            [sys.executable, "-c", FROZEN_CLIENT, server.url, "frozen"],
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, PYTHONPATH=os.path.dirname(__file__)),
        )
        try:
            identifier = frozen.stdout.readline().strip()
            joined = watcher.next()["data"]
            assert (joined["type"], joined["member"]["connection_id"]) == ("presence_joined", identifier)
            frozen.send_signal(signal.SIGSTOP)
            left = watcher.next()["data"]
            assert (left["type"], left["member"]["connection_id"]) == ("presence_left", identifier)
            eventually(lambda: connections(server.url) == 1)
            frozen.send_signal(signal.SIGCONT)
            assert frozen.stdout.readline().strip() == "4408"
        finally:
            frozen.kill()
            frozen.wait()


def test_a_client_that_never_answers_the_close_is_let_go(events):
    before = connections(events)
    with opened(events) as raw:
        raw.send(frame(b"\0", BINARY))
        assert raw.until_closed()[0] == 1003
        # The server ends the connection by itself.
        eventually(lambda: connections(events) <= before)
        assert raw.socket.recv(1) == b""


@pytest.mark.heavy
def test_five_thousand_connections_that_end_at_once_take_nothing_from_another(start_events):
    server = start_events(
        "http.max_connections=8000",
        "http.max_connections_per_address=8000",
        "websocket.max_connections=8000",
        "websocket.max_connections_per_address=8000",
        "websocket.ping_interval=1h",
    )
    crowd = [opened(server.url) for _ in range(5000)]
    assert connections(server.url) == 5000
    done = threading.Event()
    published = []

    def write():
        while not done.is_set():
            publish(server.url, "news", {"n": len(published)})
            published.append(None)

    with Client(server.url) as client:
        client.subscribe("news")
        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(20):
                assert client.next()["data"] == {"n": number}
            for number, raw in enumerate(crowd):
                raw.reset() if number % 2 else raw.close()
            for number in range(20, 200):
                assert client.next()["data"] == {"n": number}
            eventually(lambda: connections(server.url) == 1, timeout=60)
        finally:
            done.set()
            writer.join()
        rest = client.until_pong()
        assert [message["data"]["n"] for message in rest] == list(range(200, len(published)))
        counts = {"training": 1, "models": 1, "system": 1, "news": 1}
        assert get(server.url, "/stats")["channel_stats"] == counts


# The machine.

DURABLE = 'events.durable_topics=["orders/*"]'


def killed_under_load(start_events, folder, topic, acknowledged):
    """Starts the server, publishes from four clients, and kills it in the middle; adds what was acknowledged."""
    server = start_events(DURABLE, folder=folder)
    numbers = itertools.count()
    enough = threading.Semaphore(0)

    def write(client):
        while True:
            number = next(numbers)
            try:
                report = client.publish(topic, {"n": number}) if client else publish(server.url, topic, {"n": number})
            except (OSError, http.client.HTTPException, ConnectionClosed):
                # Nothing but the end of the server excuses this.
                server.process.wait(timeout=30)
                return
            acknowledged[number] = report
            enough.release()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, client) for client in (None, None, Client(server.url), Client(server.url))]
        try:
            for _ in range(40):
                assert enough.acquire(timeout=60), "too few were acknowledged"
        finally:
            server.kill()
    for writer in writers:
        writer.result()


def recovered(url, topic, epoch):
    """What a client that starts from the beginning receives: number by offset."""
    with Client(url) as client:
        response = client.subscribe(topic, since={"epoch": epoch, "offset": 0})
        assert response["recovered"] is True, response
        messages = client.until_pong(timeout=60)
    offsets = [message["offset"] for message in messages]
    assert offsets == list(range(1, len(messages) + 1))
    assert {message["epoch"] for message in messages} <= {epoch}
    return {message["offset"]: message["data"]["n"] for message in messages}


@pytest.mark.parametrize("kills", [10, pytest.param(30, marks=pytest.mark.heavy)])
def test_what_was_acknowledged_on_a_durable_topic_survives_a_kill(start_events, tmp_path, kills):
    folder = tmp_path / "durable"
    rounds = {}
    for kill in range(kills):
        topic = f"orders/{kill}"
        killed_under_load(start_events, folder, topic, rounds.setdefault(topic, {}))
    server = start_events(DURABLE, folder=folder)
    for topic, acknowledged in rounds.items():
        (epoch,) = {report["epoch"] for report in acknowledged.values()}
        found = recovered(server.url, topic, epoch)
        for number, report in acknowledged.items():
            assert found.get(report["offset"]) == number, (topic, number, report)
        after = publish(server.url, topic, {"n": -1})
        assert (after["epoch"], after["offset"]) == (epoch, len(found) + 1)
    assert server.stop() == 0


def all_by_http(url, topic, epoch):
    """What the history has from the beginning, read a page at a time."""
    offset, messages = 0, []
    while True:
        page = get(url, f"/history/{topic}?epoch={epoch}&offset={offset}&limit=37")
        assert page["recovered"] is True and page["epoch"] == epoch
        messages += page["messages"]
        if not page["messages"]:
            assert offset == page["offset"]
            return {message["offset"]: message["data"]["n"] for message in messages}
        offset = page["messages"][-1]["offset"]


def test_what_was_acknowledged_on_a_durable_topic_is_there_whatever_else_is_published(start_events, tmp_path):
    folder, topic = tmp_path / "durable", "orders/1"
    settings = [DURABLE, "events.max_history_bytes=64KiB", "events.cleanup=1s"]
    server = start_events(*settings, folder=folder)
    with Client(server.url) as client, Client(server.url) as other:
        reports = []
        for number in range(200):
            reports.append(client.publish(topic, {"n": number, "pad": "x" * 20_000}))
            other.publish("others", {"pad": "y" * 5000})
    (epoch,) = {report["epoch"] for report in reports}
    expected = {report["offset"]: number for number, report in enumerate(reports)}

    def check(url):
        assert get(url, "/stats")["history_bytes"] < 100_000
        assert all_by_http(url, topic, epoch) == expected
        newest = get(url, f"/history/{topic}?limit=90")["messages"]
        assert [message["offset"] for message in newest] == list(range(len(expected) - 89, len(expected) + 1))
        assert recovered(url, topic, epoch) == expected
        with Client(url) as client:
            history = client.command("history", topic, "history_response", since={"epoch": epoch, "offset": 3}, limit=5)
            assert [message["offset"] for message in history["messages"]] == [4, 5, 6, 7, 8]

    check(server.url)
    server.kill()
    server = start_events(*settings, folder=folder)
    check(server.url)
    # Who recovers while others publish misses nothing, and gets nothing twice.
    with Client(server.url) as client, ThreadPoolExecutor(1) as pool:
        writing = pool.submit(lambda: [publish(server.url, topic, {"n": n}) for n in range(200, 230)])
        assert client.subscribe(topic, since={"epoch": epoch, "offset": 0})["recovered"] is True
        messages = client.next_of(230)
        writing.result()
    assert [message["data"]["n"] for message in messages] == list(range(230))
    assert server.stop() == 0


def test_a_topic_that_is_not_durable_says_so_after_a_restart(start_events, tmp_path):
    folder = tmp_path / "volatile"
    server = start_events(DURABLE, folder=folder)
    lost = publish(server.url, "chat", {"n": 1})
    kept = publish(server.url, "orders/1", {"n": 2}, state_key="a")
    again = publish(server.url, "orders/1", {"n": 3}, key="once")
    assert server.stop() == 0
    server = start_events(DURABLE, folder=folder)
    with Client(server.url) as client:
        response = client.subscribe("chat", since={"epoch": lost["epoch"], "offset": lost["offset"]})
        assert response["recovered"] is False and response["epoch"] != lost["epoch"]
        response = client.subscribe("orders/1", since={"epoch": kept["epoch"], "offset": kept["offset"]})
        assert response["recovered"] is True and response["epoch"] == kept["epoch"]
        (message,) = client.until_pong()
        assert message["data"] == {"n": 3} and message["offset"] == again["offset"]


# One port for sockets and requests.


def request(path, headers="", method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"


def test_a_connection_that_has_served_requests_can_be_upgraded(events):
    with Raw(events) as raw:
        for _ in range(2):
            raw.send(request("/health"))
            status, _, body = raw.response()
            assert status == 200 and json.loads(body)["status"] == "healthy"
        raw.open()
        assert raw.message()["type"] == "connection_established"
        raw.send(frame(PING_MESSAGE))
        assert raw.message()["type"] == "pong"


def test_frames_that_come_with_the_request_are_not_lost(events):
    with Raw(events) as raw:
        raw.send(handshake() + frame(PING_MESSAGE) + frame("beat", PING))
        assert raw.response()[0] == 101
        received = [raw.frame() for _ in range(3)]
        assert (PONG, b"beat") in received
        types = [json.loads(payload)["type"] for opcode, payload in received if opcode == TEXT]
        assert types == ["connection_established", "pong"]


UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = "Sec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize(
    "text, statuses",
    [
        (request("/ws"), (400, 426)),
        (request("/nothing", UPGRADE + KEY + VERSION), (404,)),
        (request("/health", UPGRADE + KEY + VERSION), (200, 400)),
        (request("/ws", UPGRADE + KEY), (400, 426)),
        (request("/ws", UPGRADE + KEY + "Sec-WebSocket-Version: 12\r\n"), (400, 426)),
        (request("/ws", UPGRADE + VERSION), (400,)),
        (request("/ws", UPGRADE + VERSION + "Sec-WebSocket-Key: short\r\n"), (400,)),
        (request("/ws", "Connection: close\r\nUpgrade: websocket\r\n" + KEY + VERSION), (400, 426)),
        (request("/ws", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), (400, 426)),
        (request("/ws", UPGRADE + KEY + VERSION, method="POST"), (400, 404, 405)),
        (request("/ws", UPGRADE + KEY + VERSION + "Content-Length: 3\r\n") + "abc", (400,)),
        (request("/ws", UPGRADE + KEY + VERSION + "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n", (400,)),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value),
)
def test_an_upgrade_that_is_refused_gets_an_answer_and_the_port_goes_on(events, text, statuses):
    with Raw(events) as raw:
        raw.send(text)
        status, fields, body = raw.response()
        assert status in statuses, (status, body)
        if status >= 400:
            assert json.loads(body)["error"]
        if status == 426:
            assert fields["upgrade"] == "websocket"
        # Either the connection ends or it serves the next request.
        if fields.get("connection", "").lower() == "close":
            assert raw.socket.recv(1) == b""
        else:
            raw.send(request("/health"))
            assert raw.response()[0] == 200
    assert get(events, "/health")["status"] == "healthy"
    with Client(events) as client:
        answers(client)


def test_the_upgrade_is_granted_in_unusual_spelling(events):
    with Raw(events) as raw:
        raw.send(
            "GET /ws?x=1 HTTP/1.1\r\nhOST: LOCALHOST\r\nconnection: keep-alive, UPGRADE\r\nupgrade: WebSocket\r\n"
            "SEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
        )
        status, fields, _ = raw.response()
        assert status == 101 and fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert raw.message()["type"] == "connection_established"


@pytest.mark.parametrize(
    "data",
    [
        frame("x", TEXT, rsv=4), frame("x", 3), frame("x", 11), frame("x" * 126, PING), frame("", PING, final=False),
        frame("x", CONTINUATION), frame("x", TEXT, final=False) + frame("x", TEXT), frame("x", CLOSE),
        frame(b"\x03\xee", CLOSE),
        b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100,
    ],
    ids=lambda data: repr(data[:10]),
)  # fmt: skip
def test_what_is_not_the_protocol_closes_that_connection_only(events, data):
    with opened(events) as raw, Client(events) as other:
        raw.send(data)
        assert raw.until_closed()[0] == 1002
        answers(other)


def test_plain_requests_and_sockets_go_on_side_by_side(events):
    with Client(events) as client, ThreadPoolExecutor(8) as pool:
        client.subscribe("side")
        statuses = list(pool.map(lambda n: call(events, "/publish/side", {"data": {"n": n}})[0], range(200)))
        assert set(statuses) == {200}
        assert sorted(message["data"]["n"] for message in client.until_pong()) == list(range(200))
