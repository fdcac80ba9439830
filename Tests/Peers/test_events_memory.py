"""What the events API keeps of what is published when there is little memory, and for whom."""

import json

import pytest
from events_client import Client, Raw, call, code_of, connections, eventually, frame, get, publish

DURABLE = ('events.durable_topics=["orders/*"]', "events.history_bytes=64KiB", "events.max_history_bytes=128KiB")


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def test_one_key_does_not_take_the_memory_of_others(start_events, antiphon, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()

    def key(name):
        return antiphon("keys", "add", name, "--json", "--data-dir", folder).succeeded().json["key"]

    quiet, loud = key("quiet"), key("loud")
    server = start_events(
        "auth.required=true",
        "events.max_history_bytes=256KiB",
        "events.max_history_bytes_per_credential=128KiB",
        "events.max_state_bytes_per_credential=32KiB",
        folder=folder,
    )
    for number in range(20):
        publish(server.url, "quiet", {"n": number, "pad": "x" * 1000}, headers=bearer(quiet))
    with Client(server.url, additional_headers=bearer(loud)) as client:
        for number in range(400):
            client.publish(f"loud/{number % 150}", {"n": number, "pad": "y" * 2000})
        # The token of a key counts for the key.
        _, _, token = call(server.url, "/auth/token", {}, bearer(loud))
        for number in range(60):
            publish(server.url, f"loud/token/{number}", {"pad": "y" * 2000}, headers=bearer(token["token"]))
        assert get(server.url, "/stats", bearer(quiet))["history_bytes"] < 200_000
        history = get(server.url, "/history/quiet", bearer(quiet))["messages"]
        assert [message["data"]["n"] for message in history] == list(range(20))
        # States as well: what there is no room for is refused.
        answers = [
            client.ask({"type": "publish", "topic": "loud/1", "data": {"pad": "z" * 1000}, "state_key": f"k{number}"})
            for number in range(40)
        ]
        assert answers[0]["data"]["success"] is True and code_of(answers[-1]) == "no_space"
        status, _, body = call(
            server.url, "/publish/loud/1", {"data": {"pad": "z" * 1000}, "state_key": "new"}, bearer(loud)
        )
        assert status == 507 and "remove an entry" in body["error"], body
        removed = client.publish("loud/1", {}, state_key="k0", remove=True)
        assert removed["success"] is True
        client.publish("loud/1", {"pad": "z" * 1000}, state_key="new")
    publish(server.url, "quiet", {}, headers=bearer(quiet), state_key="mine")


def test_states_have_a_limit_together(start_events):
    server = start_events("events.max_state_bytes=16KiB", "events.max_history_bytes=1MiB")
    for topic in ("a", "b"):
        publish(server.url, topic, {"pad": "x" * 6000}, state_key="k")
    status, _, body = call(server.url, "/publish/c", {"data": {"pad": "x" * 6000}, "state_key": "k"})
    assert status == 507, body
    # What adds to no state is taken.
    publish(server.url, "c", {"pad": "x" * 6000})


def test_durable_topics_leave_memory_to_others(start_events):
    server = start_events('events.durable_topics=["orders/*"]', "events.max_durable_history_bytes=64KiB")
    for number in range(100):
        publish(server.url, "orders/1", {"n": number, "pad": "x" * 2000})
    assert get(server.url, "/stats")["history_bytes"] < 70_000
    history = get(server.url, "/history/orders/1")["messages"]
    assert [message["data"]["n"] for message in history] == list(range(100))


def large(server, count):
    """Publishes so many large messages to a durable topic; the last report."""
    return [publish(server.url, "orders/1", {"n": n, "pad": "x" * 200_000}) for n in range(count)][-1]


def recovering(server, epoch, **options):
    """A raw connection with a small buffer that wants all messages, and reads none."""
    raw = Raw(server.url, receive_buffer=4096).open("/ws", **options)
    since = {"epoch": epoch, "offset": 0}
    raw.send(frame(json.dumps({"type": "subscribe", "topic": "orders/1", "since": since})))
    return raw


def test_who_recovers_slowly_gets_everything_in_order(start_events):
    server = start_events(*DURABLE)
    epoch = large(server, 40)["epoch"]
    with recovering(server, epoch) as raw:
        # It has more to read than waits for it, and more comes.
        for n in range(40, 50):
            publish(server.url, "orders/1", {"n": n})
        messages = []
        while len(messages) < 50:
            message = raw.message()
            if message.get("topic") == "orders/1":
                messages.append((message["offset"], message["data"]["n"]))
        assert messages == [(n + 1, n) for n in range(50)]
        raw.send(frame('{"type":"ping"}'))
        assert raw.message()["type"] == "pong"


@pytest.mark.heavy
def test_who_recovers_and_never_reads_does_not_stay(start_events):
    server = start_events(*DURABLE, "websocket.ping_interval=1s", "websocket.ping_timeout=1s")
    epoch = large(server, 40)["epoch"]
    with recovering(server, epoch):
        eventually(lambda: connections(server.url) == 1)
        eventually(lambda: connections(server.url) == 0)
