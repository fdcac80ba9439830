"""Several servers that are one through Redis, and what happens when a part of it fails."""

import contextlib
import shutil
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from events_client import SETTINGS, Client, call, eventually, get, publish, within

# How long a node may need to find out that another one, or Redis, is gone or back.
LATE = 60


class Redis:
    """A Redis of our own that keeps its data when it is stopped."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.process = None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [
                "redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder,
                "--save", "", "--appendonly", "yes", "--appendfsync", "no", "--daemonize", "no",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                break
        else:
            raise AssertionError("Redis did not start:\n" + "".join(said))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None


def new_redis(folder):
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Redis(folder, port).start()


@pytest.fixture
def redis(tmp_path):
    redis = new_redis(tmp_path / "redis")
    yield redis
    redis.stop()


@pytest.fixture(scope="module")
def nodes(start_server, tmp_path_factory):
    """The URLs of three nodes that are one; the tests of this module that break nothing share them."""
    folder = tmp_path_factory.mktemp("cluster")
    redis = new_redis(folder / "redis")
    servers = [start_server(folder / name, *SETTINGS, f"cluster.redis={redis.url}") for name in ("a", "b", "c")]
    yield [url for _, url in servers]
    for process, _ in servers:
        process.terminate()
    for process, _ in servers:
        assert process.wait(timeout=40) == 0
    redis.stop()


def test_settings_that_redis_cannot_carry_are_refused_at_the_start(antiphon, tmp_path):
    settings = [*SETTINGS, "cluster.redis=redis://127.0.0.1:1", "websocket.max_message_bytes=32MiB"]
    words = [word for setting in settings for word in ("--set", setting)]
    run = antiphon("serve", "--data-dir", tmp_path / "data", *words)
    run.refused_in_one_line("websocket.max_message_bytes", "cluster.redis", statuses=(2,))


class Gate:
    """Passes connections on to a port, until it is shut."""

    def __init__(self, port):
        self.target = port
        self.lock = threading.Lock()
        self.sockets = set()
        self.is_open = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                inner, _ = self.listener.accept()
                with self.lock:
                    if not self.is_open:
                        inner.close()
                        continue
                    try:
                        outer = socket.create_connection(("127.0.0.1", self.target))
                    except OSError:
                        inner.close()
                        continue
                    self.sockets |= {inner, outer}
                for ends in [(inner, outer), (outer, inner)]:
                    threading.Thread(target=self.pump, args=ends, daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def shut(self):
        with self.lock:
            self.is_open = False
            for end in self.sockets:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self.sockets.clear()

    def open(self):
        self.is_open = True


@pytest.fixture
def gate(redis):
    gate = Gate(redis.port)
    yield gate
    gate.shut()
    gate.listener.close()


def state(url):
    return get(url, "/health")["cluster"]["state"]


def wait_for_state(url, wanted):
    eventually(lambda: state(url) == wanted, timeout=LATE)


def members(url, topic):
    return {member["connection_id"] for member in get(url, f"/presence/{topic}")["members"]}


def numbers(messages):
    return [message["data"]["n"] for message in messages]


# A cluster that works.


def test_every_node_says_that_it_is_connected(nodes):
    for url in nodes:
        wait_for_state(url, "connected")


def test_what_is_published_on_one_node_reaches_the_subscribers_of_all(nodes, topic):
    clients = [Client(url) for url in nodes]
    for client in clients:
        client.subscribe(topic)
    count = 0
    for url in nodes:
        publish(url, topic, {"n": count}, type="fog_marketplace")
        count += 1
    clients[0].send({"type": "publish", "topic": topic, "data": {"n": count}, "ack": False})
    count += 1
    for client in clients:
        messages = client.next_of(count)
        assert sorted(numbers(messages)) == list(range(count))
        assert {message["connection_id"] for message in messages} == {client.id}
        client.socket.close()


def test_prefixes_and_filters_hold_on_all_nodes(nodes, topic):
    with Client(nodes[1]) as client:
        client.subscribe(f"{topic}/*", filter={"data": {"kind": "good"}})
        for number, kind in enumerate(["bad", "good", "bad", "good"]):
            publish(nodes[0], f"{topic}/{number}", {"n": number, "kind": kind})
        assert sorted(numbers(client.next_of(2))) == [1, 3]


def test_all_nodes_see_the_messages_of_a_topic_in_one_order(nodes, topic):
    clients = [Client(url) for url in nodes]
    # A topic has its common epoch from its first message on.
    publish(nodes[0], topic, {"n": -1, "writer": -1})
    starts = [client.subscribe(topic, recover=True) for client in clients]
    assert len({(start["epoch"], start["offset"]) for start in starts}) == 1

    def write(writer):
        return [publish(nodes[writer % 2], topic, {"n": number, "writer": writer}) for number in range(50)]

    with ThreadPoolExecutor(4) as pool:
        reports = [report for written in pool.map(write, range(4)) for report in written]
    first = starts[0]["offset"] + 1
    assert sorted(report["offset"] for report in reports) == list(range(first, first + 200))
    seen = [client.next_of(200) for client in clients]
    for messages in seen:
        assert [message["offset"] for message in messages] == list(range(first, first + 200))
        assert [message["data"] for message in messages] == [message["data"] for message in seen[0]]
        for writer in range(4):
            assert numbers(m for m in messages if m["data"]["writer"] == writer) == list(range(50))
    for client in clients:
        client.socket.close()


def test_what_was_missed_is_recovered_on_another_node(nodes, topic):
    with Client(nodes[0]) as client:
        client.subscribe(topic, recover=True)
        publish(nodes[0], topic, {"n": 0})
        seen = client.next()
    for number in range(1, 6):
        publish(nodes[number % 3], topic, {"n": number})
    for url in nodes[1:]:
        with Client(url) as client:
            since = {"epoch": seen["epoch"], "offset": seen["offset"]}
            assert client.subscribe(topic, since=since)["recovered"] is True
            assert numbers(client.next_of(5)) == [1, 2, 3, 4, 5]
            history = client.command("history", topic, "history_response", since=since)
            assert numbers(history["messages"]) == [1, 2, 3, 4, 5]


def test_recovery_on_another_node_while_others_publish_has_no_gap_and_no_repetition(nodes, topic):
    start = publish(nodes[0], topic, {"n": 0})
    enough = threading.Event()

    def write():
        number = 1
        while not enough.is_set() and number < 200:
            publish(nodes[0], topic, {"n": number})
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        offset = start["offset"]
        for turn in range(10):
            with Client(nodes[turn % 3]) as client:
                since = {"epoch": start["epoch"], "offset": offset}
                assert client.subscribe(topic, since=since)["recovered"] is True
                messages = client.next_of(10)
            assert [message["offset"] for message in messages] == list(range(offset + 1, offset + 11))
            offset += 10
    finally:
        enough.set()
        writer.join()


def test_a_publish_that_is_repeated_on_another_node_is_known_again(nodes, topic):
    with Client(nodes[2]) as client:
        client.subscribe(topic)
        first = publish(nodes[0], topic, {"n": 1}, key="once")
        second = publish(nodes[1], topic, {"n": 1}, key="once")
        assert (first["duplicate"], second["duplicate"]) == (False, True)
        assert first["offset"] == second["offset"]
        publish(nodes[1], topic, {"n": 2})
        assert numbers(client.next_of(2)) == [1, 2]


def test_presence_is_shared(nodes, topic):
    with Client(nodes[0]) as ada, Client(nodes[1]) as bob:
        ada.subscribe(topic, presence=True)
        ada.until_pong()
        bob.subscribe(topic, presence=True)
        joined = ada.next()["data"]
        assert (joined["type"], joined["member"]["connection_id"]) == ("presence_joined", bob.id)
        for url in nodes:
            eventually(lambda url=url: members(url, topic) == {ada.id, bob.id})
        bob.socket.close()
        left = ada.next()["data"]
        assert (left["type"], left["member"]["connection_id"]) == ("presence_left", bob.id)
        for url in nodes:
            eventually(lambda url=url: members(url, topic) == {ada.id})


def test_the_state_of_a_topic_is_shared(nodes, topic):
    publish(nodes[0], topic, {"n": 1}, state_key="a")
    publish(nodes[1], topic, {"n": 2}, state_key="b")
    publish(nodes[2], topic, {"n": 3}, state_key="a")
    publish(nodes[0], topic, {}, state_key="b", remove=True)
    for url in nodes:
        with Client(url) as client:
            client.subscribe(topic, state=True)
            (entry,) = client.next()["data"]["entries"]
            assert (entry["key"], entry["data"]) == ("a", {"n": 3})


# A cluster of which a part fails.


def start_nodes(start_events, *urls):
    servers = [start_events(f"cluster.redis={url}") for url in urls]
    for server in servers:
        wait_for_state(server.url, "connected")
    return servers


def test_a_node_that_is_killed_disappears_from_presence(start_events, redis):
    one, two = start_nodes(start_events, redis.url, redis.url)
    with Client(one.url) as ada, contextlib.closing(Client(two.url).socket) as socket_of_bob:
        ada.subscribe("room", presence=True)
        ada.until_pong()
        socket_of_bob.send('{"type":"subscribe","topic":"room","presence":true}')
        bob = ada.next()["data"]["member"]["connection_id"]
        assert members(one.url, "room") == {ada.id, bob}
        two.kill()
        left = ada.next(timeout=LATE)["data"]
        assert (left["type"], left["member"]["connection_id"]) == ("presence_left", bob)
        assert members(one.url, "room") == {ada.id}
        # The other node goes on, and a third can join.
        (three,) = start_nodes(start_events, redis.url)
        publish(three.url, "training", {"n": 1})
        assert ada.next()["data"] == {"n": 1}


def test_without_redis_each_node_goes_on_by_itself_and_finds_back(start_events, redis):
    one, two = start_nodes(start_events, redis.url, redis.url)
    with Client(one.url) as ada, Client(two.url) as bob:
        publish(one.url, "training", {"n": 0})
        assert ada.next()["data"] == bob.next()["data"] == {"n": 0}
        redis.stop()
        for server in [one, two]:
            wait_for_state(server.url, "degraded")
        for server, client in [(one, ada), (two, bob)]:
            assert call(server.url, "/health")[0] == 200
            for number in range(5):
                publish(server.url, "training", {"at": server.url, "n": number})
            assert [client.next()["data"] for _ in range(5)] == [{"at": server.url, "n": n} for n in range(5)]
            client.subscribe("another")
        redis.start()
        for server in [one, two]:
            wait_for_state(server.url, "connected")
        publish(one.url, "another", {"n": "from one"})
        publish(two.url, "training", {"n": "from two"})
        for client in [ada, bob]:
            # What the other node published meanwhile may be handed in, once.
            received = []
            for _ in within():
                if {"n": "from one"} in received and {"n": "from two"} in received:
                    break
                received.append(client.next()["data"])
            assert len({str(data) for data in received}) == len(received)
            client.until_pong()


def test_a_node_that_was_cut_off_catches_up(start_events, redis, gate):
    one, two = start_nodes(start_events, redis.url, f"redis://127.0.0.1:{gate.port}")
    with Client(two.url) as client:
        start = client.subscribe("news", recover=True)
        publish(one.url, "news", {"n": 0})
        assert client.next()["data"] == {"n": 0}
        gate.shut()
        wait_for_state(two.url, "degraded")
        assert state(one.url) == "connected"
        for number in range(1, 21):
            publish(one.url, "news", {"n": number})
        client.subscribe("local")
        publish(two.url, "local", {"n": "local"})
        assert client.next()["data"] == {"n": "local"}
        gate.open()
        messages = client.next_of(20, timeout=LATE)
        assert numbers(messages) == list(range(1, 21))
        assert [message["offset"] for message in messages] == [start["offset"] + 2 + n for n in range(20)]
        wait_for_state(two.url, "connected")
        publish(one.url, "news", {"n": 21})
        assert numbers([client.next()]) == [21]
        assert client.until_pong() == []


def test_a_redis_that_freezes_stops_nobody(start_events, redis):
    one, two = start_nodes(start_events, redis.url, redis.url)
    with Client(one.url) as ada, Client(two.url) as bob:
        for client in [ada, bob]:
            client.subscribe("news", recover=True)
        frozen, thawed = threading.Event(), threading.Event()
        answered, refused = [], []

        def write(writer):
            number = 0
            while not thawed.is_set():
                content = {"writer": writer, "n": number}
                # Every publish is answered, one way or the other, and soon.
                status, _, body = call(one.url, "/publish/news", {"data": content}, timeout=LATE)
                assert status in (200, 503), body
                (answered if status == 200 else refused).append(content)
                number += 1
                if number > 20 and not frozen.is_set():
                    redis.process.send_signal(signal.SIGSTOP)
                    frozen.set()
                # A measure of what is enough, not of time.
                thawed.wait(0.02)

        with ThreadPoolExecutor(4) as pool:
            writers = [pool.submit(write, writer) for writer in range(4)]
            try:
                assert frozen.wait(timeout=LATE)
                wait_for_state(one.url, "degraded")
                while_frozen = len(answered) + len(refused)
                eventually(lambda: len(answered) + len(refused) > while_frozen + 8, timeout=LATE)
                assert bob.socket.ping().wait(timeout=15)
            finally:
                redis.process.send_signal(signal.SIGCONT)
                thawed.set()
        for writer in writers:
            writer.result()
        for server in [one, two]:
            wait_for_state(server.url, "connected")
        publish(one.url, "news", {"n": "last"})
        seen = []
        for _ in within():
            if {"n": "last"} in seen:
                break
            seen.append(ada.next(timeout=LATE)["data"])
        # The publisher's own node delivered all that it acknowledged, and nothing twice.
        assert len({str(data) for data in seen}) == len(seen)
        assert not [content for content in answered if content not in seen]
        there = []
        for _ in within():
            if {"n": "last"} in there:
                break
            there.append(bob.next(timeout=LATE)["data"])
        assert len({str(data) for data in there}) == len(there)


def test_a_node_that_starts_without_redis_serves_and_joins_when_there_is_one(start_events, tmp_path):
    redis = new_redis(tmp_path / "late")
    redis.stop()
    one = start_events(f"cluster.redis={redis.url}")
    two = start_events(f"cluster.redis={redis.url}")
    try:
        with Client(one.url) as ada, Client(two.url) as bob:
            assert state(one.url) == "degraded"
            publish(one.url, "training", {"n": 0})
            assert ada.next()["data"] == {"n": 0}
            redis.start()
            for server in [one, two]:
                wait_for_state(server.url, "connected")
            publish(one.url, "training", {"n": 1})
            for _ in within():
                if bob.next()["data"] == {"n": 1}:
                    break
            assert ada.next()["data"] == {"n": 1}
    finally:
        redis.stop()


def test_a_topic_does_not_reach_the_nodes_of_another_cluster(start_events, redis, tmp_path):
    other = new_redis(tmp_path / "other")
    try:
        one, two = start_nodes(start_events, redis.url, other.url)
        with Client(two.url) as client:
            publish(one.url, "training", {"n": 1})
            publish(two.url, "training", {"n": 2})
            assert client.next()["data"] == {"n": 2}
            assert client.until_pong() == []
    finally:
        other.stop()
