"""What a client of the events API can still learn of what it missed: messages, members and the state of a topic."""

import json
import threading

from events_client import (
    Client,
    age,
    call,
    checked,
    data_of,
    frame,
    get,
    opened,
    publish,
)

# Recovery.


def test_a_subscriber_for_recovery_is_told_its_position_and_that_of_every_message(events, client, topic):
    report = publish(events, topic, {"n": 0})
    response = client.subscribe(topic, recover=True)
    assert (response["epoch"], response["offset"]) == (report["epoch"], report["offset"])
    publish(events, topic, {"n": 1})
    text = client.text()
    message = checked(text)
    assert list(message)[5:] == ["topic", "offset", "epoch"]
    assert message["topic"] == topic and message["offset"] == report["offset"] + 1
    assert message["epoch"] == report["epoch"]
    assert text == json.dumps(message, separators=(",", ":"), ensure_ascii=False)


def test_a_subscriber_that_did_not_ask_for_recovery_gets_five_keys(events, client, topic):
    with Client(events) as other:
        other.subscribe(topic, recover=True)
        client.subscribe(topic)
        publish(events, topic, {})
        assert len(client.next()) == 5
        assert len(other.next()) == 8


def test_what_was_missed_is_recovered_in_order(events, topic):
    with Client(events) as client:
        start = client.subscribe(topic, recover=True)
        for number in range(5):
            publish(events, topic, {"n": number})
        seen = client.next_of(5)[-1]
    for number in range(5, 12):
        publish(events, topic, {"n": number})
    with Client(events) as client:
        response = client.subscribe(topic, since={"epoch": seen["epoch"], "offset": seen["offset"]})
        assert response["recovered"] is True and response["epoch"] == start["epoch"]
        publish(events, topic, {"n": 12})
        missed = client.until_pong()
        assert [message["data"]["n"] for message in missed] == list(range(5, 13))
        assert [message["offset"] for message in missed] == [seen["offset"] + 1 + n for n in range(8)]
        assert {message["topic"] for message in missed} == {topic}


def test_when_nothing_was_missed_nothing_comes(events, client, topic):
    report = publish(events, topic, {"n": 1})
    response = client.subscribe(topic, since={"epoch": report["epoch"], "offset": report["offset"]})
    assert response["recovered"] is True and response["offset"] == report["offset"]
    assert client.until_pong() == []


def test_recovery_from_another_epoch_is_said_to_be_incomplete(events, client, topic):
    report = publish(events, topic, {"n": 1})
    response = client.subscribe(topic, since={"epoch": "another", "offset": report["offset"]})
    assert response["recovered"] is False
    assert (response["epoch"], response["offset"]) == (report["epoch"], report["offset"])


def test_recovery_of_more_than_there_is_is_said_to_be_incomplete(start_events, topic):
    server = start_events("events.history_count=10")
    reports = [publish(server.url, topic, {"n": number}) for number in range(15)]
    with Client(server.url) as client:
        for number in [0, 3]:
            since = {"epoch": reports[number]["epoch"], "offset": reports[number]["offset"]}
            response = client.subscribe(topic, since=since)
            assert response["recovered"] is False and response["offset"] == reports[-1]["offset"]
            # It may be given what there is, but nothing that looks like all.
            assert {data["n"] for data in data_of(client.until_pong())} <= set(range(5, 15))
            assert client.command("history", topic, "history_response", since=since)["recovered"] is False
            client.unsubscribe(topic)
        since = {"epoch": reports[4]["epoch"], "offset": reports[4]["offset"]}
        assert client.subscribe(topic, since=since)["recovered"] is True
        assert [data["n"] for data in data_of(client.until_pong())] == list(range(5, 15))


def test_recovery_while_others_publish_has_no_gap_and_no_repetition(events, topic):
    start = publish(events, topic, {"n": 0})
    enough = threading.Event()

    def write():
        number = 1
        while not enough.is_set() and number < 200:
            publish(events, topic, {"n": number})
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        position = {"epoch": start["epoch"], "offset": start["offset"]}
        for _ in range(10):
            with Client(events) as client:
                assert client.subscribe(topic, since=position)["recovered"] is True
                messages = client.next_of(10)
            assert [m["offset"] for m in messages] == [position["offset"] + 1 + n for n in range(10)]
            assert [m["data"]["n"] for m in messages] == [m["offset"] - start["offset"] for m in messages]
            position["offset"] = messages[-1]["offset"]
    finally:
        enough.set()
        writer.join()


def test_the_history_of_a_topic_can_be_read(events, client, topic):
    reports = [publish(events, topic, {"n": number}, type="model_created") for number in range(5)]
    since = {"epoch": reports[1]["epoch"], "offset": reports[1]["offset"]}
    history = client.command("history", topic, "history_response", since=since)
    assert history["recovered"] is True and history["offset"] == reports[-1]["offset"]
    assert history["epoch"] == since["epoch"]
    for message, number in zip(history["messages"], [2, 3, 4], strict=True):
        assert message["type"] == "model_created" and message["data"] == {"n": number}
        assert message["offset"] == reports[number]["offset"] and abs(age(message["timestamp"])) < 60
    limited = client.command("history", topic, "history_response", since=since, limit=2)
    assert [message["data"]["n"] for message in limited["messages"]] == [2, 3]
    over_http = get(events, f"/history/{topic}?epoch={since['epoch']}&offset={since['offset']}&limit=2")
    assert over_http["messages"] == limited["messages"] and over_http["recovered"] is True
    assert (over_http["topic"], over_http["epoch"]) == (topic, since["epoch"])
    other = get(events, f"/history/{topic}?epoch=another&offset={since['offset']}")
    assert other["recovered"] is False
    for query in ["offset=-1", "offset=x", "limit=-1", "limit=x"]:
        assert call(events, f"/history/{topic}?epoch={since['epoch']}&{query}")[0] in (400, 422), query


# Presence and state.


def members(answer):
    return {member["connection_id"] for member in answer["members"]}


def test_members_of_a_topic_see_each_other(events, topic):
    ada = Client(events)
    ada.subscribe(topic, presence=True)
    ada.until_pong()
    bob = Client(events)
    bob.subscribe(topic, presence=True)
    joined = ada.next()
    member = {"connection_id": bob.id, "name": None}
    assert joined["type"] == "custom"
    assert joined["data"] == {"type": "presence_joined", "topic": topic, "member": member}
    bystander = Client(events)
    bystander.subscribe(topic)
    assert ada.until_pong() == []
    present = bystander.command("presence", topic, "presence_response")
    assert members(present) == {ada.id, bob.id} and member in present["members"]
    assert members(get(events, f"/presence/{topic}")) == {ada.id, bob.id}
    bob.socket.close()
    assert ada.next()["data"] == {"type": "presence_left", "topic": topic, "member": member}
    assert members(get(events, f"/presence/{topic}")) == {ada.id}
    assert bystander.until_pong() == []
    ada.unsubscribe(topic)
    assert members(get(events, f"/presence/{topic}")) == set()
    for client in [ada, bystander]:
        client.socket.close()


def test_a_member_that_just_vanishes_has_left(events, topic):
    with Client(events) as ada:
        ada.subscribe(topic, presence=True)
        raw = opened(events)
        raw.send(frame(json.dumps({"type": "subscribe", "topic": topic, "presence": True})))
        assert ada.next()["data"]["type"] == "presence_joined"
        raw.reset()
        assert ada.next()["data"]["type"] == "presence_left"


def test_the_state_of_a_topic_is_the_last_message_of_each_key(events, client, topic):
    publish(events, topic, {"v": 1}, type="p2p_status", state_key="a")
    publish(events, topic, {"v": 2}, type="p2p_status", state_key="b")
    publish(events, topic, {"v": 3}, type="fog_resources", state_key="a")
    publish(events, topic, {"v": 4}, state_key="c")
    publish(events, topic, {"v": 5})
    last = publish(events, topic, {}, state_key="c", remove=True)
    client.subscribe(topic, state=True)
    snapshot = client.next()["data"]
    assert list(snapshot) == ["type", "topic", "epoch", "offset", "entries"]
    assert snapshot["type"] == "state_snapshot" and snapshot["topic"] == topic
    assert (snapshot["epoch"], snapshot["offset"]) == (last["epoch"], last["offset"])
    entries = {entry["key"]: entry for entry in snapshot["entries"]}
    assert {key: (entry["type"], entry["data"]) for key, entry in entries.items()} == {
        "a": ("fog_resources", {"v": 3}), "b": ("p2p_status", {"v": 2}),
    }  # fmt: skip
    assert entries["a"]["offset"] == last["offset"] - 3 and abs(age(entries["a"]["timestamp"])) < 60
    over_http = get(events, f"/state/{topic}")
    assert over_http["topic"] == topic and over_http["entries"] == snapshot["entries"]
    publish(events, topic, {"v": 6}, state_key="b")
    assert client.next()["data"] == {"v": 6}
    assert {entry["key"]: entry["data"] for entry in get(events, f"/state/{topic}")["entries"]}["b"] == {"v": 6}


def test_the_state_of_a_topic_without_any_is_empty(events, client, topic):
    client.subscribe(topic, state=True)
    assert client.next()["data"]["entries"] == []
    assert get(events, f"/state/{topic}")["entries"] == []


def test_a_snapshot_and_the_changes_after_it_fit_while_others_publish(events, topic):
    start = publish(events, topic, {"v": 0}, state_key="counter")
    enough = threading.Event()

    def write():
        number = 1
        while not enough.is_set() and number < 5000:
            publish(events, topic, {"v": number}, state_key="counter")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(10):
            with Client(events) as client:
                client.subscribe(topic, state=True, recover=True)
                snapshot = client.next()["data"]
                assert snapshot["type"] == "state_snapshot"
                changes = client.next_of(10)
            (entry,) = snapshot["entries"]
            assert entry["offset"] == snapshot["offset"] == start["offset"] + entry["data"]["v"]
            assert [m["offset"] for m in changes] == [snapshot["offset"] + 1 + n for n in range(10)]
            assert [m["data"]["v"] for m in changes] == [entry["data"]["v"] + 1 + n for n in range(10)]
    finally:
        enough.set()
        writer.join()
