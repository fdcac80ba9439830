"""What Prometheus is told of the events API."""

import urllib.request

from events_client import Client, Raw, call, eventually, frame, opened, publish
from prometheus_client.parser import text_string_to_metric_families


def samples(url):
    """The value of every sample by its name and its labels, written as in the text."""
    text = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            values[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return values


def published(values):
    return [values[f'events_published_total{{outcome="{word}"}}'] for word in ("published", "duplicate", "refused")]


def closed(values, code):
    return values[f'websocket_connections_closed_total{{code="{code}"}}']


def test_connections_are_counted_with_the_code_they_end_with(start_events):
    url = start_events().url
    before = samples(url)
    assert before["websocket_connections"] == 0
    assert closed(before, 1000) == closed(before, "other") == 0
    with Client(url) as first, Client(url):
        during = samples(url)
        assert during["websocket_connections"] == 2
        assert during["websocket_connections_opened_total"] == 2
        first.until_pong()
        assert samples(url)["websocket_messages_received_total"] == 1
    with opened(url) as raw:
        raw.send(frame(b"\x00", opcode=2))
        assert raw.until_closed()[0] == 1003
    with opened(url) as raw:
        # A code that nobody knows has no series of its own.
        raw.send(frame(b"\x0f\xa0", opcode=8))
        assert raw.until_closed()[0] == 4000
    after = eventually(lambda: (now := samples(url))["websocket_connections"] == 0 and now)
    assert [closed(after, code) for code in (1000, 1003, "other")] == [2, 1, 1]
    assert after["websocket_connections_opened_total"] == 4
    assert sum(value for name, value in after.items() if name.startswith("websocket_connections_closed_total")) == 4


def test_publications_and_deliveries_are_counted(start_events):
    url = start_events("events.heartbeat=1h").url
    with Client(url) as plain, Client(url) as positioned, Client(url, compression="deflate") as compressed:
        clients = [plain, positioned, compressed]
        for client in clients:
            client.subscribe("counted", recover=client is positioned)
        start = samples(url)
        # Each follows three topics without asking.
        assert start["events_subscriptions"] == 12
        for number in range(5):
            publish(url, "counted", {"number": number}, key=f"{number}")
        assert publish(url, "counted", {"number": 0}, key="0")["duplicate"] is True
        publish(url, "unheard", {})
        assert call(url, "/publish/counted", {"data": {}, "type": "custom", "key": "x" * 10_000})[0] == 422
        for client in clients:
            assert len(client.until_pong()) == 5
        end = samples(url)
        assert published(end) == [6, 1, 1]
        assert end["events_deliveries_total"] - start["events_deliveries_total"] == 15
        assert end["events_dropped_total"] == 0
        assert end["events_topics"] == start["events_topics"] + 1
        assert end["events_history_bytes"] > start["events_history_bytes"]
        passes = end["events_fanout_seconds_count"] - start["events_fanout_seconds_count"]
        assert 1 <= passes <= 15
        assert end["events_fanout_seconds_sum"] > start["events_fanout_seconds_sum"]
        plain.unsubscribe("counted")
        assert samples(url)["events_subscriptions"] == 11
    eventually(lambda: samples(url)["events_subscriptions"] == 0)


def test_messages_that_a_slow_reader_did_not_get_are_counted(start_events):
    url = start_events("websocket.queue_bytes=64KiB").url
    with Raw(url, receive_buffer=4096) as slow:
        slow.open()
        assert slow.message()["type"] == "connection_established"
        slow.send(frame('{"type":"subscribe","topic":"flood"}'))
        assert slow.message()["data"]["type"] == "subscription_response"

        def flood():
            publish(url, "flood", {"filling": "x" * 50_000})
            return samples(url)["events_dropped_total"] >= 1

        eventually(flood)
        eventually(lambda: closed(samples(url), 1013) == 1)


def test_every_metric_says_what_it_is_and_belongs_to_antiphon(start_events):
    url = start_events('listeners=[{"port": 0, "apis": ["speech", "openai", "events"]}]').url
    publish(url, "told", {"type": "x", "data": {}})
    text = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    families = list(text_string_to_metric_families(text))
    assert [family.name for family in families if not family.documentation] == []
    names = {family.name for family in families}
    assert "antiphon_build_info" in names
    old = {family.name for family in families if family.documentation.startswith("Old name of")}
    assert {name for name in names - old if not name.startswith(("antiphon_", "process_"))} == set()
    # The old names hold what the new ones do.
    assert old and all("antiphon_" + name in names for name in old)
    assert samples(url)["events_topics"] == samples(url)["antiphon_events_topics"]
