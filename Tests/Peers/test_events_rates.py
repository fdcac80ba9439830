"""How much a client may send: whatever it sends, and on whatever way."""

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from events_client import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Client,
    call,
    checked,
    farewell,
    frame,
    opened,
    publish,
)


def ended(raw):
    """The close code, the code in the goodbye, and how many pongs came before."""
    pongs, messages = 0, []
    while True:
        opcode, payload = raw.frame()
        if opcode == PONG:
            pongs += 1
        elif opcode == TEXT:
            messages.append(checked(payload))
        elif opcode == CLOSE:
            return int.from_bytes(payload[:2], "big"), farewell(messages), pongs


@pytest.fixture
def strict(start_events):
    return start_events("events.max_messages_per_second=50").url


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_a_flood_of_control_frames_closes_the_connection(strict, opcode):
    with opened(strict) as raw, Client(strict) as other:
        started = time.monotonic()
        with contextlib.suppress(ConnectionError):
            raw.send(frame("x", opcode) * 20_000)
        code, said, pongs = ended(raw)
        assert (code, said) == (4429, 4429)
        # Two seconds' worth at once, and what the seconds have brought since.
        assert pongs <= 100 + 50 * (time.monotonic() - started) + 1
        assert other.until_pong() == []


def test_a_flood_of_tiny_parts_closes_the_connection(strict):
    with opened(strict) as raw, Client(strict) as other:
        with contextlib.suppress(ConnectionError):
            raw.send(frame('{"a":"', TEXT, final=False) + frame("x", CONTINUATION, final=False) * 20_000)
        assert ended(raw)[:2] == (4429, 4429)
        assert other.until_pong() == []


def test_a_large_message_in_parts_of_a_usual_size_is_no_flood(strict):
    with opened(strict) as raw:
        parts = [frame("x" * 4096, CONTINUATION, final=False)] * 200
        raw.send(frame('{"type":"ping","pad":"', TEXT, final=False) + b"".join(parts) + frame('"}', CONTINUATION))
        assert raw.message()["type"] == "pong"


def test_compressed_messages_count_by_what_they_become(start_events):
    server = start_events("websocket.compression=true", "events.max_bytes_per_second=1MiB")
    with Client(server.url, compression="deflate") as client, Client(server.url) as other:
        text = json.dumps({"type": "pong", "pad": "x" * 1_000_000})
        with contextlib.suppress(Exception):
            # A thousand bytes each on the wire.
            for _ in range(20):
                client.send(text)
        code, messages = client.until_closed()
        assert code == 4429 and farewell(messages) == 4429
        assert other.until_pong() == []


def test_a_flood_over_http_is_told_when_to_come_back_and_does_not_slow_another(start_events, antiphon, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    a, b = (
        {"Authorization": "Bearer " + antiphon("keys", "add", name, "--data-dir", folder, "--json").succeeded().json["key"]}
        for name in ("a", "b")
    )  # fmt: skip
    url = start_events("auth.required=true", "events.max_messages_per_second=5", folder=folder).url

    def flood(path):
        status, head, body = call(url, path, {"data": {}}, a)
        return status, head["retry-after"], body

    for path in ["/publish/flooded", "/broadcast/flooded"]:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(flood, [path] * 100))
        refused = [answer for answer in answers if answer[0] == 429]
        assert {status for status, _, _ in answers} <= {200, 429} and len(refused) > 10
        for _, after, body in refused:
            assert 1 <= int(after) <= 2 and body["metadata"]["error_code"] == "RATE_LIMITED", body
    for number in range(8):
        publish(url, "calm", {"n": number}, headers=b)
    time.sleep(int(refused[-1][1]))
    publish(url, "flooded", {}, headers=a)


def test_connections_and_requests_with_the_same_key_share_what_they_may_send(start_events, antiphon, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    key = antiphon("keys", "add", "a", "--data-dir", folder, "--json").succeeded().json["key"]
    headers = {"Authorization": f"Bearer {key}"}
    url = start_events("auth.required=true", "events.max_messages_per_second=1", folder=folder).url
    with Client(url, additional_headers=headers) as one, Client(url, additional_headers=headers) as two:
        started = time.monotonic()
        while call(url, "/publish/a", {"data": {}}, headers)[0] != 429:
            started = time.monotonic()
        # Each of them is within its limit, so they have to wait and are not closed. There is not enough for one message,
        # so the second has to wait for more than a second.
        one.send({"type": "ping"})
        two.send({"type": "ping"})
        assert one.next()["type"] == two.next()["type"] == "pong"
        assert time.monotonic() - started > 1


def test_the_trigger_for_measurements_goes_no_faster_than_its_client_may(start_events):
    url = start_events("events.benchmark_trigger=true", "events.max_messages_per_second=100").url
    with Client(url) as client:
        started = time.monotonic()
        status, _, body = call(url, "/broadcast", {"topic": "training", "count": 300})
        assert status == 200 and body["count"] == 300
        assert time.monotonic() - started > 0.9
        assert [client.next()["data"]["seq"] for _ in range(300)] == list(range(300))
