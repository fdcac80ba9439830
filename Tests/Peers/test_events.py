"""The events API, as its clients see it: sockets that subscribe, and publishers on either side."""

import http.client
import itertools
import json
import time
import urllib.parse
import uuid

import pytest
from events_client import (
    CLOSE,
    TEXT,
    Client,
    age,
    call,
    checked,
    connections,
    data_of,
    eventually,
    frame,
    get,
    opened,
    publish,
)

FEATURES = [
    "real_time_training_updates", "model_lifecycle_events", "p2p_network_status",
    "fog_computing_metrics", "topic_subscriptions", "connection_health_monitoring",
]  # fmt: skip

TYPES = [
    "connection_established", "connection_closed", "ping", "pong",
    "training_started", "training_progress", "training_completed", "training_error",
    "model_created", "model_updated", "model_deleted", "status_update", "error",
    "p2p_status", "p2p_peer_update", "fog_resources", "fog_marketplace", "custom",
]  # fmt: skip

APPLICATION_TYPES = [type for type in TYPES if type not in ("connection_established", "connection_closed")]


# The connection.


def test_the_welcome_is_the_first_message(client):
    welcome = client.welcome
    assert welcome["type"] == "connection_established"
    assert list(welcome["data"]) == ["connection_id", "server_time", "features"]
    assert welcome["data"]["connection_id"] == client.id
    assert welcome["data"]["features"] == FEATURES
    assert abs(age(welcome["data"]["server_time"])) < 5


def test_every_connection_has_its_own_identifier(events):
    clients = [Client(events) for _ in range(10)]
    assert len({client.id for client in clients}) == 10
    for client in clients:
        client.socket.close()


@pytest.mark.parametrize(
    "path, own, others", [("/ws", "training models system", "p2p fog"), ("/ws/p2p-fog", "p2p fog", "training models")]
)
def test_an_endpoint_brings_its_own_topics_and_no_others(events, path, own, others):
    with Client(events, path) as client:
        for topic in [*others.split(), *own.split()]:
            publish(events, topic, {"to": topic}, type="status_update")
        assert [client.next()["data"]["to"] for _ in own.split()] == own.split()
        assert client.until_pong() == []


def test_a_message_is_compact_json_with_its_keys_in_order(events):
    data = {"session_id": "s/1", "progress": 0.5, "text": "Grüße, 世界 🙂", "n": None, "list": [1, True, {"a": ""}]}
    with Client(events) as client:
        publish(events, "training", data, type="training_progress")
        text = client.text()
    message = checked(text)
    assert list(message) == ["type", "data", "timestamp", "connection_id", "target_connections"]
    assert message["type"] == "training_progress" and message["connection_id"] == client.id
    assert message["data"] == data
    assert text == json.dumps(message, separators=(",", ":"), ensure_ascii=False)


def test_a_ping_is_answered(client):
    pong = client.ask({"type": "ping"})
    assert pong["type"] == "pong" and list(pong["data"]) == ["server_time"]
    assert pong["connection_id"] == client.id


def test_a_pong_and_other_messages_of_the_application_are_not_answered(client):
    for message in [
        {"type": "pong"},
        {},
        *({"type": type, "data": {}} for type in APPLICATION_TYPES if type != "ping"),
    ]:
        client.send(message)
    assert client.until_pong() == []


def test_the_heartbeat_comes_at_its_interval(start_events):
    server = start_events("events.heartbeat=1s")
    with Client(server.url) as client:
        times = []
        for _ in range(4):
            beat = checked(client.text())
            times.append(time.monotonic())
            assert beat["type"] == "ping" and list(beat["data"]) == ["server_time"]
            assert beat["connection_id"] == client.id
        assert 2 < times[-1] - times[0] < 20


def test_after_the_welcome_nothing_comes_but_what_is_published_and_heartbeats(events):
    with Client(events) as client:
        publish(events, "training", {"n": 1})
        assert client.next()["data"] == {"n": 1}
        client.send({"type": "ping"})
        assert client.next()["type"] == "pong"


def test_timestamps_are_utc_whatever_the_zone_of_the_machine(start_events):
    server = start_events(environment={"TZ": "Asia/Kathmandu"})
    with Client(server.url) as client:
        client.subscribe("zone", recover=True)
        publish(server.url, "zone", {})
        message = client.next()
        pong = client.ask({"type": "ping"})
    for timestamp in [
        client.welcome["timestamp"], client.welcome["data"]["server_time"],
        message["timestamp"], pong["timestamp"], pong["data"]["server_time"],
        get(server.url, "/history/zone")["messages"][0]["timestamp"],
    ]:  # fmt: skip
        assert -5 < age(timestamp) < 60, timestamp


# Subscriptions.


def test_a_client_can_subscribe_and_unsubscribe(events, client, topic):
    publish(events, topic, {"n": 0})
    assert client.until_pong() == []
    response = client.ask({"type": "subscribe", "topic": topic})
    assert response["type"] == "custom" and response["connection_id"] == client.id
    assert response["data"] == {"type": "subscription_response", "topic": topic, "success": True}
    publish(events, topic, {"n": 1}, type="model_updated")
    message = client.next()
    assert (message["type"], message["data"]) == ("model_updated", {"n": 1})
    response = client.ask({"type": "unsubscribe", "topic": topic})
    assert response["data"] == {"type": "unsubscription_response", "topic": topic, "success": True}
    publish(events, topic, {"n": 2})
    assert client.until_pong() == []


def test_a_client_that_says_channel_is_also_answered_in_its_own_way(events, client, topic):
    assert client.ask({"type": "subscribe", "channel": topic})["data"] == {
        "type": "subscription_response", "topic": topic, "success": True,
    }  # fmt: skip
    assert client.text() == json.dumps({"type": "subscription_confirmed", "channel": topic}, separators=(",", ":"))
    publish(events, topic, {"n": 1})
    assert client.next()["data"] == {"n": 1}
    assert client.ask({"type": "unsubscribe", "channel": topic})["data"]["type"] == "unsubscription_response"
    assert client.text() == json.dumps({"type": "unsubscription_confirmed", "channel": topic}, separators=(",", ":"))
    publish(events, topic, {"n": 2})
    assert client.until_pong() == []


def test_to_subscribe_twice_and_to_unsubscribe_what_is_not_subscribed_is_no_fault(events, client, topic):
    client.unsubscribe(topic)
    client.subscribe(topic)
    client.subscribe(topic)
    assert publish(events, topic, {"n": 1})["targeted"] == 1
    assert data_of(client.until_pong()) == [{"n": 1}]
    client.unsubscribe(topic)
    assert publish(events, topic, {"n": 2})["targeted"] == 0
    assert client.until_pong() == []


def test_an_automatic_topic_can_be_left(events, client):
    client.unsubscribe("training")
    publish(events, "training", {})
    publish(events, "models", {"n": 1})
    assert data_of(client.until_pong()) == [{"n": 1}]


def test_a_prefix_stands_for_every_topic_below_it(events, client, topic):
    client.subscribe(f"{topic}/*")
    for name in ["a", "a/b", "c"]:
        publish(events, f"{topic}/{name}", {"in": name})
    publish(events, topic, {"in": "the prefix itself"})
    publish(events, topic + "s/a", {"in": "another"})
    assert data_of(client.until_pong()) == [{"in": "a"}, {"in": "a/b"}, {"in": "c"}]
    client.unsubscribe(f"{topic}/*")
    publish(events, f"{topic}/a", {})
    assert client.until_pong() == []


def test_a_star_stands_for_every_topic(events, client, topic):
    client.subscribe("*")
    for name in [topic, "training", "p2p"]:
        publish(events, name, {"in": name, "by": topic})
    assert data_of(client.until_pong()) == [{"in": name, "by": topic} for name in [topic, "training", "p2p"]]


def test_a_message_that_matches_two_subscriptions_comes_once(events, client, topic):
    client.subscribe(f"{topic}/*")
    client.subscribe(f"{topic}/a")
    assert publish(events, f"{topic}/a", {"n": 1})["targeted"] == 1
    assert data_of(client.until_pong()) == [{"n": 1}]


@pytest.mark.parametrize(
    "filter, passing",
    [
        ({"types": ["training_started", "training_completed"]}, [0, 3]),
        ({"data": {"session": "a"}}, [0, 1]),
        ({"data": {"session": "b", "n": 3}}, [3]),
        ({"types": ["training_progress"], "data": {"session": "b"}}, [2]),
        ({"data": {"session": "nobody"}}, []),
    ],
)
def test_a_filter_lets_only_through_what_matches(events, client, topic, filter, passing):
    client.subscribe(topic, filter=filter)
    kinds = ["training_started", "training_progress", "training_progress", "training_completed"]
    for number, kind in enumerate(kinds):
        publish(events, topic, {"n": number, "session": "ab"[number // 2]}, type=kind)
    assert [data["n"] for data in data_of(client.until_pong())] == passing


# Publishing.


def test_a_publisher_gets_a_report(events, topic):
    subscribers = [Client(events) for _ in range(3)]
    for subscriber in subscribers:
        subscriber.subscribe(topic)
    report = publish(events, topic, {"n": 1})
    assert {key: report[key] for key in ("targeted", "queued", "dropped", "duplicate")} == {
        "targeted": 3, "queued": 3, "dropped": 0, "duplicate": False,
    }  # fmt: skip
    subscribers.pop().socket.close()
    eventually(lambda: get(events, "/stats")["channel_stats"].get(topic) == 2)
    again = publish(events, topic, {"n": 2})
    assert (again["targeted"], again["queued"], again["dropped"]) == (2, 2, 0)
    assert again["offset"] == report["offset"] + 1 and again["epoch"] == report["epoch"]
    for subscriber in subscribers:
        assert data_of(subscriber.until_pong()) == [{"n": 1}, {"n": 2}]
        subscriber.socket.close()
    eventually(lambda: topic not in get(events, "/stats")["channel_stats"])
    nobody = publish(events, topic, {"n": 3})
    assert (nobody["targeted"], nobody["queued"], nobody["dropped"]) == (0, 0, 0)


def test_a_client_publishes_over_its_socket(events, client, topic):
    with Client(events) as subscriber:
        subscriber.subscribe(topic)
        report = client.publish(topic, {"n": 1}, message_type="fog_resources")
        assert list(report) == ["type", "topic", "success", "epoch", "offset", "targeted", "duplicate"]
        assert report["targeted"] == 1 and report["duplicate"] is False
        message = subscriber.next()
        assert (message["type"], message["data"]) == ("fog_resources", {"n": 1})
        assert message["connection_id"] == subscriber.id
        assert client.publish(topic, {"n": 2})["offset"] == report["offset"] + 1
        assert subscriber.next()["type"] == "custom"
        client.send({"type": "publish", "topic": topic, "data": {"n": 3}, "ack": False})
        assert client.until_pong() == []
        assert subscriber.next()["data"] == {"n": 3}


def test_a_publisher_that_is_subscribed_receives_its_own_message(client, topic):
    client.subscribe(topic)
    client.send({"type": "publish", "topic": topic, "data": {"n": 1}})
    received = client.until_pong()
    assert {"n": 1} in data_of(received) and len(received) == 2


@pytest.mark.parametrize("where", ["header", "body"])
def test_a_repeated_publish_over_http_is_known_again(events, client, topic, where):
    client.subscribe(topic)
    key = str(uuid.uuid4())
    more = {"headers": {"Idempotency-Key": key}} if where == "header" else {"key": key}
    first = publish(events, topic, {"n": 1}, **more)
    second = publish(events, topic, {"n": 1}, **more)
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert (second["offset"], second["epoch"]) == (first["offset"], first["epoch"])
    assert publish(events, topic, {"n": 2})["offset"] == first["offset"] + 1
    assert data_of(client.until_pong()) == [{"n": 1}, {"n": 2}]


def test_a_repeated_publish_over_a_socket_is_known_again(events, client, topic):
    with Client(events) as subscriber:
        subscriber.subscribe(topic)
        first = client.publish(topic, {"n": 1}, key="k")
        second = client.publish(topic, {"n": 1}, key="k")
        assert (first["duplicate"], second["duplicate"]) == (False, True)
        assert second["offset"] == first["offset"]
        assert client.publish(topic, {"n": 2}, key="l")["duplicate"] is False
        assert data_of(subscriber.until_pong()) == [{"n": 1}, {"n": 2}]


def test_every_recipient_gets_a_copy_with_its_own_identifier_and_the_rest_alike(events, topic):
    clients = [Client(events) for _ in range(20)]
    for client in clients:
        client.subscribe(topic)
    publish(events, topic, {"n": 1, "text": "é"})
    texts = [client.text() for client in clients]
    assert [checked(text)["connection_id"] for text in texts] == [client.id for client in clients]
    assert len({text.replace(client.id, "") for text, client in zip(texts, clients)}) == 1
    for client in clients:
        client.socket.close()


@pytest.mark.parametrize("type", APPLICATION_TYPES)
def test_every_type_of_application_can_be_published(events, client, topic, type):
    client.subscribe(topic)
    status, _, body = call(events, f"/publish/{topic}", {"type": type, "data": {"n": 1}})
    if type in ("ping", "pong", "error"):
        # They belong to the connection; to refuse them is right too.
        assert status in (200, 400, 403, 422), body
    else:
        assert status == 200, body
        assert [(m["type"], m["data"]) for m in client.until_pong()] == [(type, {"n": 1})]


ODDITIES = {
    "NaN": b'{"type":"training_progress","data":{"loss":NaN}}',
    "Infinity": b'{"type":"training_progress","data":{"loss":-Infinity}}',
    "a number without end": b'{"data":{"n":1e999}}',
    "a number of a thousand digits": b'{"data":{"n":' + b"9" * 1000 + b"}}",
    "a small number": b'{"data":{"n":1e-400}}',
    "half a surrogate": b'{"data":{"s":"\\ud800"}}',
    "a zero character": b'{"data":{"s":"\\u0000"}}',
    "a key twice": b'{"data":{"a":1,"a":2}}',
    "bytes that are not UTF-8": b'{"data":{"s":"\xff\xfe"}}',
    "depth": b'{"data":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    "separators of lines": '{"data":{"s":"\u2028\u2029\\u007f"}}'.encode(),
    "an empty body": b"",
    "a list": b"[]",
    "data that is no object": b'{"type":"custom","data":[1]}',
    "an unknown type": b'{"type":"nonsense","data":{}}',
    "a type that is no string": b'{"type":{},"data":{}}',
    "text after it": b'{"data":{}} {}',
}
REFUSED = {
    "NaN", "Infinity", "bytes that are not UTF-8", "an empty body", "a list", "data that is no object",
    "an unknown type", "a type that is no string", "text after it", "depth", "a number without end",
    "a number of a thousand digits",
}  # fmt: skip


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_payload_is_refused_or_delivered_as_json_and_nobody_is_dropped(events, topic, name):
    clients = [Client(events) for _ in range(3)]
    for client in clients:
        client.subscribe(topic)
    status, _, body = call(events, f"/publish/{topic}", ODDITIES[name])
    if name in REFUSED:
        assert status in (400, 413, 422), body
    assert status in (200, 400, 413, 422), body
    publish(events, topic, {"after": True})
    for client in clients:
        # The client finds out whether what it got is JSON.
        received = data_of(client.until_pong())
        assert len(received) == (2 if status == 200 else 1) and received[-1] == {"after": True}
        if name == "half a surrogate":
            assert status == 200 and received[0] == {"s": "\ufffd"}
        client.socket.close()


def test_a_client_that_publishes_what_is_not_json_drops_nobody(events, client, topic):
    with Client(events) as subscriber:
        subscriber.subscribe(topic)
        assert client.refused(f'{{"type":"publish","topic":"{topic}","data":{{"loss":NaN}}}}') == "invalid_json"
        client.publish(topic, {"after": True})
        assert data_of(subscriber.until_pong()) == [{"after": True}]


@pytest.mark.parametrize("name", ["", "a" * 5000, "a/%2A/b", "%2A", "a/%2A", "%00", "a%0Ab"])
def test_a_message_goes_to_one_topic_with_a_proper_name(events, name):
    status, _, body = call(events, f"/publish/{name}", {"data": {}})
    assert status in (400, 404, 414, 422), body


# What a client says wrongly.


@pytest.mark.parametrize(
    "text", ["nonsense", "", "{", '{"type":"ping"', '{"a":NaN}', "{'type':'ping'}", '{"type":"ping"}x']
)
def test_what_is_not_json_is_said_to_be_so(client, text):
    client.send(text)
    assert client.next()["data"] == {"error": "Invalid JSON"}
    assert client.until_pong() == []


@pytest.mark.parametrize("text", ["[1]", "null", '"ping"', "7", "true"])
def test_what_is_not_an_object_is_refused(client, text):
    assert client.refused(text) == "not_an_object"


@pytest.mark.parametrize("type", ["nonsense", "", None, 5, ["ping"], {}, "PING", "ping "])
def test_an_unknown_type_is_refused(client, type):
    assert client.refused({"type": type}) == "unknown_type"


@pytest.mark.parametrize("command", ["subscribe", "unsubscribe", "publish", "presence", "history"])
def test_a_command_without_a_topic_is_refused(client, command):
    assert client.refused({"type": command, "data": {}}) == "missing_topic"
    assert client.refused({"type": command, "topic": "", "data": {}}) in ("missing_topic", "invalid_topic")


@pytest.mark.parametrize("command", ["subscribe", "publish"])
@pytest.mark.parametrize(
    "name", [5, True, [], {"a": 1}, "a" * 10_000, "a\u0000b", "a\nb", "a/*/b", "*/a"], ids=lambda name: repr(name)[:12]
)
def test_a_topic_with_an_improper_name_is_refused(client, command, name):
    assert client.refused({"type": command, "topic": name, "data": {}}) == "invalid_topic"


@pytest.mark.parametrize("name", ["*", "training/*"])
def test_a_client_publishes_to_one_topic_only(client, name):
    assert client.refused({"type": "publish", "topic": name, "data": {}}) == "invalid_topic"


@pytest.mark.parametrize("data", [[], "text", 7, True])
def test_data_must_be_an_object(client, topic, data):
    assert client.refused({"type": "publish", "topic": topic, "data": data}) == "invalid_data"


@pytest.mark.parametrize("type", ["nonsense", 7, [], "subscribe"])
def test_the_type_of_a_published_message_must_be_known(client, topic, type):
    message = {"type": "publish", "topic": topic, "message_type": type, "data": {}}
    assert client.refused(message) in ("unknown_type", "invalid_data")


@pytest.mark.parametrize(
    "since",
    [
        5,
        "x",
        [],
        {},
        {"epoch": 5, "offset": 0},
        {"epoch": "e", "offset": -1},
        {"epoch": "e", "offset": "0"},
        {"epoch": "e"},
    ],
)
def test_a_position_must_be_one(client, topic, since):
    assert client.refused({"type": "subscribe", "topic": topic, "since": since}) == "invalid_data"
    assert client.refused({"type": "history", "topic": topic, "since": since}) == "invalid_data"


@pytest.mark.parametrize("filter", [5, [], {"types": "custom"}, {"types": [5]}, {"data": [1]}])
def test_a_filter_must_be_one(client, topic, filter):
    assert client.refused({"type": "subscribe", "topic": topic, "filter": filter}) == "invalid_data"


def test_a_refused_command_changes_nothing(events, client, topic):
    client.refused({"type": "subscribe", "topic": topic, "filter": 5})
    publish(events, topic, {})
    assert client.until_pong() == []


def test_a_binary_frame_closes_the_connection_and_leaves_no_trace(events, topic):
    before = connections(events)
    client = Client(events)
    client.subscribe(topic)
    client.socket.send(b'{"type":"ping"}')
    code, _ = client.until_closed()
    assert code == 1003
    eventually(lambda: connections(events) <= before)
    assert topic not in get(events, "/stats")["channel_stats"]


def test_text_that_is_not_utf8_closes_the_connection(events):
    with opened(events) as raw:
        raw.send(frame(b'{"type":"\xff"}', TEXT))
        assert raw.until_closed()[0] == 1007


def test_a_frame_without_a_mask_closes_the_connection(events):
    with opened(events) as raw:
        raw.send(b'\x81\x0f{"type":"ping"}')
        assert raw.until_closed()[0] == 1002


def test_a_close_is_answered_with_a_close(events):
    with opened(events) as raw:
        raw.send(frame(b"\x03\xe8", CLOSE))
        assert raw.until_closed() == (1000, [])


def test_a_message_in_parts_is_one_message(events):
    with opened(events) as raw:
        raw.send(frame('{"ty', TEXT, final=False) + frame('pe":', 0, final=False) + frame('"ping"}', 0))
        assert raw.message()["type"] == "pong"


# Health, statistics and broadcasts.


def test_health_and_statistics_count(start_events, topic):
    server = start_events()
    health = get(server.url, "/health")
    assert health["status"] == "healthy" and health["ready"] is True
    assert (health["connected_clients"], health["active_channels"]) == (0, 0)
    assert health["cluster"]["state"] == "standalone"
    with Client(server.url), Client(server.url) as client, Client(server.url, "/ws/p2p-fog"):
        client.subscribe(topic)
        health = get(server.url, "/health")
        assert (health["connected_clients"], health["active_channels"]) == (3, 6)
        stats = get(server.url, "/stats")
        assert (stats["total_connections"], stats["active_channels"]) == (3, 6)
        counts = {"training": 2, "models": 2, "system": 2, "p2p": 1, "fog": 1, topic: 1}
        assert stats["channel_stats"] == counts
        assert set(stats["channels"]) == set(counts)
    eventually(lambda: connections(server.url) == 0)
    assert get(server.url, "/stats")["channel_stats"] == {}


def test_a_broadcast_to_a_channel(events, topic):
    with Client(events) as one, Client(events) as two:
        for client in [one, two]:
            client.subscribe(topic)
        body = {"type": "status_update", "data": {"n": 1}}
        status, _, answer = call(events, f"/broadcast/{topic}", body)
        assert status == 200 and answer == {"success": True, "channel": topic, "client_count": 2}
        for client in [one, two]:
            assert [(m["type"], m["data"]) for m in client.until_pong()] == [("status_update", {"n": 1})]


TRIGGER = {"target": "new", "topic": "training", "type": "training_progress", "count": 3, "interval_ms": 0, "data": {}}


def trigger(url, topic, count=1, interval=0, data=None):
    """Has the server publish by itself. Status, header fields and body of the answer."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    body = {**TRIGGER, "topic": topic, "count": count, "interval_ms": interval, "data": data or {}}
    connection.request(
        "POST", "/broadcast", json.dumps(body), {"Content-Type": "application/json", "Connection": "close"}
    )
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content
    assert int(response.headers["content-length"]) == len(content)
    connection.close()


def test_the_trigger_for_measurements_is_guarded(events):
    status, _, body = call(events, "/broadcast", TRIGGER)
    assert status == 403 and body["error"]


def test_the_trigger_for_measurements_counts_and_tells_the_time(start_events):
    server = start_events("events.benchmark_trigger=true")
    with Client(server.url) as client, Client(server.url, "/ws/p2p-fog") as other:
        started = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        trigger(server.url, "training", count=50, data={"session_id": "s", "metrics": {"a": 1}})
        ended = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        messages = client.next_of(50)
        assert client.until_pong() == [] and other.until_pong() == []
    assert [message["data"]["seq"] for message in messages] == list(range(50))
    times = [message["data"]["sent_ns"] for message in messages]
    assert all(type(time) is int for time in times)
    assert times == sorted(times) and started <= times[0] and times[-1] <= ended
    for message in messages:
        assert message["type"] == "training_progress"
        assert message["data"]["session_id"] == "s" and message["data"]["metrics"] == {"a": 1}


def test_the_trigger_for_measurements_keeps_its_interval(start_events):
    server = start_events("events.benchmark_trigger=true")
    with Client(server.url) as client:
        trigger(server.url, "training", count=5, interval=200)
        times = [message["data"]["sent_ns"] for message in client.next_of(5)]
        assert 0.7 < (times[-1] - times[0]) / 1e9 < 15
