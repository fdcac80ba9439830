"""Clients of the events API that are silent, slow, or gone."""

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from events_client import (
    CLOSE,
    SOON,
    TEXT,
    Client,
    Raw,
    call,
    checked,
    connections,
    data_of,
    eventually,
    farewell,
    frame,
    get,
    handshake,
    opened,
    publish,
    within,
)
from websockets.exceptions import ConnectionClosed


def test_a_browser_that_only_listens_stays_connected(start_events):
    server = start_events("events.liveness=5s", "events.cleanup=1s", "websocket.ping_interval=1s")
    # The library answers the protocol's pings as a browser does; the pings of the application stay without an answer.
    with Client(server.url) as client:
        with pytest.raises(TimeoutError):
            client.next(timeout=12)
        publish(server.url, "training", {"n": 1})
        assert client.next()["data"] == {"n": 1}


def test_a_client_without_pongs_that_still_talks_stays_connected(start_events):
    server = start_events("events.liveness=5s", "events.cleanup=1s")
    with opened(server.url) as raw:
        raw.socket.settimeout(0.5)
        ends = time.monotonic() + 12
        while time.monotonic() < ends:
            raw.send(frame('{"type":"pong"}'))
            with pytest.raises(TimeoutError):
                raw.message()
        raw.socket.settimeout(SOON)
        raw.send(frame('{"type":"ping"}'))
        assert raw.message()["type"] == "pong"


def test_a_client_that_answers_nothing_is_told_goodbye_and_closed(start_events):
    server = start_events("events.liveness=2s", "events.cleanup=1s", "websocket.ping_interval=1s")
    started = time.monotonic()
    with opened(server.url) as raw:
        code, messages = raw.until_closed()
        assert code == 4408 and farewell(messages) == 4408
        assert 1.5 < time.monotonic() - started < 60
    eventually(lambda: connections(server.url) == 0)


def test_a_connection_that_ends_on_both_sides_at_once_leaves_no_trace(start_events):
    server = start_events("events.liveness=2s", "events.cleanup=1s", "websocket.ping_interval=1s")
    for _ in range(2):
        silent = [opened(server.url) for _ in range(20)]
        for number, raw in enumerate(silent):
            code, _ = raw.until_closed()
            assert code == 4408
            # The server waits for the end now; a client may end politely, rudely, or twice.
            if number % 2:
                raw.send(frame(b"\x03\xe8", CLOSE) * 2)
                raw.close()
            else:
                raw.reset()
        eventually(lambda: connections(server.url) == 0)
        assert get(server.url, "/stats")["channel_stats"] == {}


@pytest.mark.parametrize("topic, keeps_its_connection", [("training/stuck", True), ("orders", False)])
def test_a_reader_that_is_stuck_holds_nobody_up(start_events, topic, keeps_its_connection):
    server = start_events("websocket.queue_bytes=65536")
    stuck = Raw(server.url, receive_buffer=4096).open()
    stuck.message()
    stuck.send(frame(json.dumps({"type": "subscribe", "topic": topic})))
    assert stuck.message()["data"]["success"] is True
    # Together more than the kernel and the server keep for one connection.
    count, filler = 1500, "x" * 8192
    with Client(server.url) as client:
        client.subscribe(topic)
        slowest = 0
        for number in range(count):
            started = time.monotonic()
            publish(server.url, topic, {"n": number, "filler": filler})
            assert client.next()["data"]["n"] == number
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 5
        assert client.ask({"type": "ping"})["type"] == "pong"
        if not keeps_its_connection:
            eventually(lambda: connections(server.url) == 1)
    received, code = [], None
    try:
        stuck.send(frame('{"type":"ping"}'))
        for _ in within():
            opcode, payload = stuck.frame()
            if opcode == CLOSE:
                code = int.from_bytes(payload[:2], "big")
                break
            message = checked(payload) if opcode == TEXT else {"type": None}
            if message["type"] == "pong":
                code = "open"
                break
            if message["type"] == "custom":
                received.append(message["data"]["n"])
    except (EOFError, ConnectionError):
        pass
    stuck.close()
    assert received == sorted(set(received)) and len(received) < count
    if keeps_its_connection:
        # It lost the oldest and has the newest.
        assert code == "open" and received[-1] == count - 1
    else:
        assert code in (1013, None)


def test_clients_that_leave_during_a_broadcast_take_nothing_from_the_others(events, topic):
    staying = [Client(events) for _ in range(10)]
    leaving = [opened(events) for _ in range(20)]
    for client in staying:
        client.subscribe(topic)
    for raw in leaving:
        raw.send(frame(json.dumps({"type": "subscribe", "topic": topic})))
        assert raw.message()["data"]["success"] is True
    for number in range(40):
        if number % 2 == 0:
            leaver = leaving.pop()
            leaver.reset() if number % 4 else leaver.close()
        publish(events, topic, {"n": number})
    for client in staying:
        assert [data["n"] for data in data_of(client.until_pong())] == list(range(40))
        client.socket.close()
    eventually(lambda: topic not in get(events, "/stats")["channel_stats"])


def test_a_client_that_vanishes_during_the_handshake_leaves_nothing(start_events):
    server = start_events()
    request = handshake()
    for cut in [1, 20, len(request) // 2, len(request) - 1, len(request)]:
        for _ in range(10):
            raw = Raw(server.url)
            raw.send(request[:cut])
            raw.reset()
            raw = Raw(server.url)
            raw.send(request[:cut])
            raw.close()
    with Client(server.url) as client:
        eventually(lambda: connections(server.url) == 1)
        assert get(server.url, "/stats")["channel_stats"] == {"training": 1, "models": 1, "system": 1}
        assert publish(server.url, "training", {})["targeted"] == 1
        assert client.next()["type"] == "custom"


def test_a_server_that_ends_says_goodbye_to_everybody_and_ends_soon(start_events):
    server = start_events()
    sockets = [opened(server.url) for _ in range(200)]
    server.process.terminate()
    started = time.monotonic()
    for number, raw in enumerate(sockets):
        # Every tenth does not answer the close, which must not hold the others up.
        code, messages = raw.until_closed()
        assert code in (1001, 1012), (number, code, messages)
        assert farewell(messages) == code
        if number % 10:
            raw.send(frame(code.to_bytes(2, "big"), CLOSE))
            raw.close()
    assert server.process.wait(timeout=20) == 0
    assert time.monotonic() - started < 20
    for raw in sockets:
        raw.close()


@pytest.mark.parametrize("durable", [False, True])
def test_what_was_acknowledged_before_a_shutdown_is_received_before_the_goodbye(start_events, durable):
    settings = ["events.durable_topics=last/*"] if durable else []
    server = start_events(*settings)
    acknowledged = [0, 0, 0]

    def publish(number):
        with Client(server.url) as publisher:
            try:
                for count in itertools.count(1):
                    publisher.send({"type": "publish", "topic": "last/words", "data": {"from": number, "n": count}})
                    for _ in within():
                        reply = publisher.next()
                        if reply["data"].get("type") == "publish_response":
                            break
                        if reply["type"] in ("error", "connection_closed"):
                            return
                    acknowledged[number] = count
            except ConnectionClosed:
                pass

    with Client(server.url) as follower, ThreadPoolExecutor(3) as pool:
        follower.subscribe("last/words")
        publishers = [pool.submit(publish, number) for number in range(3)]
        try:
            eventually(lambda: min(acknowledged) >= 50, timeout=120)
        except AssertionError:
            # The publishers go on as long as there is a server.
            server.kill()
            raise
        server.process.terminate()
        code, messages = follower.until_closed(60)
        for publisher in publishers:
            publisher.result(timeout=60)
    assert code == 1001 and farewell(messages) == 1001
    received = [message["data"] for message in messages if message["type"] == "custom"]
    for number in range(3):
        own = [data["n"] for data in received if data["from"] == number]
        assert own == list(range(1, len(own) + 1))
        # The answer to the last one may not have come.
        assert len(own) >= acknowledged[number]
    assert server.process.wait(timeout=40) == 0


def test_a_server_that_stops_takes_nothing_more(start_events):
    server = start_events()
    with Raw(server.url) as silent, Client(server.url) as follower:
        # One that does not answer the close frame holds the shutdown up.
        silent.open()
        server.process.terminate()
        assert follower.until_closed(60)[0] == 1001
        statuses = set()
        try:
            for _ in within():
                statuses.add(call(server.url, "/publish/late", {"data": {}})[0])
        except OSError:
            pass
    assert statuses <= {503}, statuses
    assert server.process.wait(timeout=40) == 0
