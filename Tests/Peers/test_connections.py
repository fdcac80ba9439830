"""Connections: how many there may be, what becomes of those that stay or drip, and in which order a server stops."""

import json
import resource
import select
import socket
import subprocess
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from events_client import Client, eventually, farewell
from test_wire import form, head_of, request

EVENTS = 'listeners=[{"port": 0, "apis": ["speech", "openai", "events"]}]'


def connect(url, source="127.0.0.1"):
    address = urllib.parse.urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30, source_address=(source, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection, path="/health", more=""):
    """The status and the fields of the answer to a request on a connection that stays open; its body is read."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
    reader = connection.makefile("rb")
    status, *lines = head_of(reader)
    fields = dict(line.split(": ", 1) for line in lines)
    reader.read(int(fields["content-length"]))
    return int(status.split()[1]), fields


def is_closed(connection):
    """Whether the server has ended the connection. Nothing is on its way but that."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    finally:
        connection.settimeout(30)


def seconds_used(process):
    """The time that a process has spent on a processor."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def opened_files(process):
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def ends_well(process, folder):
    process.terminate()
    assert process.wait(timeout=40) == 0
    text = (folder / "server.log").read_text()
    assert "Fatal error" not in text and "Program crashed" not in text, text[-4000:]
    return text


# Few open files.


def test_idle_connections_cannot_use_up_a_small_limit_of_open_files(start_server, tmp_path):
    process, url = start_server(tmp_path, EVENTS, "speech.synthesizers=espeak-ng", open_files=256)
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(url)) for _ in range(300)]
        # Those that were there first have made room for the others.
        eventually(lambda: is_closed(idle[0]))
        assert opened_files(process) < 250
        before, started = seconds_used(process), time.monotonic()
        for _ in range(5):
            assert request(url, "/health")[0] == 200
            time.sleep(0.2)
        body = json.dumps({"text": "Hello there.", "voice_id": "default"}).encode()
        status, _, sound = request(url, "/tts", body, {"content-type": "application/json"})
        assert status == 200 and len(sound) > 20_000
        with Client(url) as follower:
            follower.subscribe("test/few")
        assert seconds_used(process) - before < 0.5 * (time.monotonic() - started) + 0.5
        assert ask(idle[-1])[0] == 200
    assert request(url, "/health")[0] == 200
    assert "http.max_connections" in ends_well(process, tmp_path)


def test_a_server_without_a_descriptor_for_a_connection_waits_and_says_so_once(start_server, tmp_path):
    process, url = start_server(tmp_path, "speech.preload=false")
    with connect(url) as kept, ExitStack() as stack:
        assert ask(kept)[0] == 200
        limits = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (opened_files(process), limits[1]))
        for _ in range(20):
            stack.enter_context(connect(url))
        log = tmp_path / "server.log"
        eventually(lambda: "no connection can be accepted" in log.read_text())
        before = seconds_used(process)
        time.sleep(1)
        assert seconds_used(process) - before < 0.3
        # Who has a connection is served meanwhile.
        assert ask(kept)[0] == 200
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, limits)
        assert request(url, "/health")[0] == 200
        # A descriptor that the server had open for a moment when the limit was set may let one in between.
        text = log.read_text()
        said = text.count("no connection can be accepted")
        assert said == text.count("connections are accepted again") and said <= 2, text
    ends_well(process, tmp_path)


@pytest.mark.parametrize("key", ["http.max_connections", "websocket.max_connections"])
def test_more_connections_than_open_files_are_refused_with_the_remedy(antiphon, tmp_path, key):
    done = subprocess.run(
        [antiphon.binary, "serve", "--data-dir", tmp_path, "--set", f"{key}=1000"],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, (256, 256)),
    )
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(word in done.stderr for word in (key, "256", "ulimit -n")), done.stderr


# Answers that come before their requests.


def head(path, length, method="POST", more="content-type: application/json\r\n"):
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{more}Content-Length: {length}\r\n\r\n".encode()


EARLY = {
    "an unknown path": (head("/nothing", 1000), 404),
    "an unknown method": (head("/tts", 1000, "DELETE"), 405),
    "a GET with a body": (head("/health", 1000, "GET"), 200),
    "an encoding": (head("/tts", 1000, more="content-type: application/json\r\ncontent-encoding: gzip\r\n"), 415),
    "a body too large": (head("/tts", 10**12), 413),
    "a foreign origin": (head("/tts", 1000, more="origin: https://evil.example\r\n"), 403),
    "a handshake with a body": (
        head("/ws", 1000, "GET", "connection: upgrade\r\nupgrade: websocket\r\n"), 404
    ),
    "HTTP/1.0": (head("/nothing", 1000).replace(b"HTTP/1.1", b"HTTP/1.0"), 404),
    "chunks": (
        b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 404
    ),
    "what is no HTTP": (b"nonsense\r\n\r\n", 400),
    "the client's wish": (head("/health", 0, "GET", "connection: close\r\n"), 200),
}  # fmt: skip


def drip(url, sent):
    """The status of the answer, and for how long the server let the client send bytes behind it."""
    with connect(url) as connection:
        connection.sendall(sent)
        reader = connection.makefile("rb")
        status, *fields = head_of(reader)
        assert "connection: close" in fields, fields
        # All of the answer is there, and its end, whatever is still sent.
        connection.sendall(b"a")
        rest = reader.read()
        length = next((int(field.split(": ")[1]) for field in fields if field.startswith("content-length")), len(rest))
        assert len(rest) == length, rest
        started = time.monotonic()
        try:
            while time.monotonic() - started < 30:
                connection.sendall(b"a")
                time.sleep(0.1)
        except ConnectionError:
            pass
        return int(status.split()[1]), time.monotonic() - started


def test_a_body_that_drips_behind_its_answer_holds_no_connection(server):
    with ThreadPoolExecutor(len(EARLY)) as pool:
        drips = {name: pool.submit(drip, server, sent) for name, (sent, _) in EARLY.items()}
    for name, (_, status) in EARLY.items():
        found, seconds = drips[name].result()
        assert (name, found) == (name, status)
        assert seconds < 15, (name, seconds)


def test_the_answer_to_a_body_that_is_too_large_is_not_lost(server):
    with connect(server) as connection:
        body = b"x" * (26 * 1_048_576)
        connection.sendall(head("/tts", len(body)) + body)
        assert head_of(connection.makefile("rb"))[0].split()[1] == "413"


def test_a_small_body_that_nobody_wanted_costs_no_connection(server):
    with connect(server) as connection:
        for _ in range(3):
            connection.sendall(head("/nothing", 5) + b"hello")
            reader = connection.makefile("rb")
            status, *fields = head_of(reader)
            assert status.split()[1] == "404" and "connection: close" not in fields
            reader.read(next(int(field.split(": ")[1]) for field in fields if field.startswith("content-length")))
        assert ask(connection)[0] == 200


def test_a_body_that_drips_has_a_limit_of_time_in_all(start_server, tmp_path):
    process, url = start_server(tmp_path, "http.request_timeout=1s", "speech.preload=false")
    with connect(url) as connection:
        connection.sendall(head("/tts", 1000) + b"{")
        started = time.monotonic()
        # A byte comes long before the time between two is over.
        while not select.select([connection], [], [], 0.2)[0]:
            assert time.monotonic() - started < 20
            connection.sendall(b" ")
        status, *fields = head_of(connection.makefile("rb"))
        assert status.split()[1] == "408" and "connection: close" in fields
    ends_well(process, tmp_path)


# Limits.


@pytest.fixture
def small_server(start_server, tmp_path):
    """Two addresses of a server for four connections, three of them from one address."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [each.getsockname()[1] for each in (one, other)]
    listeners = [{"port": ports[0], "apis": ["speech"]}, {"port": ports[1], "apis": ["speech"]}]
    limits = ("http.max_connections=4", "http.max_connections_per_address=3")
    process, _ = start_server(tmp_path, "listeners=" + json.dumps(listeners), *limits, "speech.preload=false")
    yield tuple(f"http://127.0.0.1:{port}" for port in ports)
    ends_well(process, tmp_path)


HALF = b"POST /tts HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"


def busy(url, source="127.0.0.1"):
    """A connection with half a request, of which the server has taken note."""
    connection = connect(url, source)
    connection.sendall(HALF)
    assert head_of(connection.makefile("rb"))[0] == "http/1.1 100 continue"
    return connection


def test_the_longest_idle_connection_makes_room_over_all_listeners(small_server):
    first, second = small_server
    with ExitStack() as stack:

        def idle(url, source):
            connection = stack.enter_context(connect(url, source))
            assert ask(connection)[0] == 200
            return connection

        old = idle(first, "127.0.0.2")
        own = [idle(url, "127.0.0.3") for url in (first, second, first)]
        # There are four. The next one of this address takes the place of its oldest, of another that of the oldest.
        idle(second, "127.0.0.3")
        eventually(lambda: is_closed(own[0]))
        assert not is_closed(old)
        idle(second, "127.0.0.4")
        eventually(lambda: is_closed(old))
        assert not any(is_closed(connection) for connection in own[1:])


def test_probes_are_answered_when_all_places_are_taken(small_server):
    first, second = small_server
    with ExitStack() as stack:
        taken = [stack.enter_context(busy(url, f"127.0.0.{2 + number}")) for number, url in
                 enumerate((first, second, first, second))]  # fmt: skip
        for url in small_server:
            with connect(url) as probe:
                status, fields = ask(probe)
                assert (status, fields["connection"]) == (200, "close")
                eventually(lambda: is_closed(probe))
            with connect(url) as other:
                status, fields = ask(other, "/v1/models")
                assert (status, fields["connection"]) == (503, "close")
                assert int(fields["retry-after"]) > 0
        assert not any(is_closed(connection) for connection in taken)
        # Those who hold the places in reserve without a word make room for each other.
        silent = [stack.enter_context(connect(first)) for _ in range(50)]
        eventually(lambda: is_closed(silent[0]))

        def is_answered():
            # While all of them are being set up, one more is refused.
            try:
                with connect(second) as probe:
                    return ask(probe)[0] == 200
            except (ConnectionError, ValueError):
                return False

        eventually(is_answered)

    def is_served():
        # Until those that ended are taken away, one more is refused.
        try:
            with connect(first) as connection:
                return ask(connection)[1].get("connection") is None
        except (ConnectionError, ValueError):
            return False

    eventually(is_served)


def test_half_sent_requests_beyond_all_limits_do_not_end_the_listener(small_server):
    first, second = small_server
    with ExitStack() as stack:
        for number in range(60):
            connection = stack.enter_context(connect(first, f"127.0.0.{2 + number % 3}"))
            try:
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ")
            except ConnectionError:
                pass
    for url in small_server:

        def is_answered():
            try:
                with connect(url) as probe:
                    return ask(probe)[0] == 200
            except (ConnectionError, ValueError):
                return False

        eventually(is_answered)


def test_an_address_has_no_more_than_its_connections(small_server):
    first, second = small_server
    with ExitStack() as stack:
        for url in (first, second, first):
            stack.enter_context(busy(url, "127.0.0.2"))
        with connect(first, "127.0.0.2") as connection:
            assert ask(connection, "/v1/models")[0] == 503
        with connect(first, "127.0.0.3") as connection:
            status, fields = ask(connection)
            assert status == 200 and "connection" not in fields


# Proxies.


def test_a_server_without_keys_refuses_proxies_that_it_does_not_know(server, start_server, tmp_path):
    status, _, answer = request(server, "/health", headers={"X-Forwarded-For": "203.0.113.9"})
    assert status == 403 and "http.trusted_proxies" in json.loads(answer)["error"]
    process, url = start_server(tmp_path, "http.trusted_proxies=127.0.0.0/8", "speech.preload=false")
    assert request(url, "/health", headers={"X-Forwarded-For": "203.0.113.9"})[0] == 200
    assert request(url, "/health", headers={"Forwarded": "for=203.0.113.9", "X-Forwarded-For": "1.1.1.1"})[0] == 400
    ends_well(process, tmp_path)


def test_clients_behind_a_proxy_have_limits_of_their_own(start_events):
    server = start_events("http.trusted_proxies=127.0.0.1", "websocket.max_connections_per_address=1")

    def client(address):
        return Client(server.url, additional_headers={"X-Forwarded-For": address})

    with client("203.0.113.9"), client("203.0.113.10"):
        with pytest.raises(Exception, match="429"):
            client("203.0.113.9")
    assert server.stop() == 0


def test_who_is_refused_is_not_told_to_send_a_body_first(start_server, antiphon, tmp_path):
    key = antiphon("keys", "add", "one", "--data-dir", tmp_path, "--json").succeeded().json["key"]
    process, url = start_server(tmp_path, "auth.required=true", "speech.preload=false")
    with connect(url) as refused:
        refused.sendall(HALF)
        assert head_of(refused.makefile("rb"))[0].startswith("http/1.1 401")
    allowed = HALF.replace(b"Host:", f"Authorization: Bearer {key}\r\nHost:".encode())
    with connect(url) as connection:
        connection.sendall(allowed.replace(b"/tts", b"/nowhere"))
        assert head_of(connection.makefile("rb"))[0].startswith("http/1.1 404")
    with connect(url) as connection:
        reader = connection.makefile("rb")
        connection.sendall(allowed)
        assert head_of(reader)[0] == "http/1.1 100 continue"
        connection.sendall(b"not JSON!")
        assert head_of(reader)[0].startswith("http/1.1 4")
    ends_well(process, tmp_path)


# The order in which a server stops.


def test_a_turn_that_ends_while_the_server_stops_is_stored_and_reaches_who_follows(start_server, tmp_path, beckett):
    settings = (EVENTS, "events.durable_topics=session/*", "speech.synthesizers=espeak-ng")
    process, url = start_server(tmp_path, *settings)
    body, headers = form(("audio_file", beckett.read_bytes(), "a.wav"))
    with Client(url) as follower, connect(url) as turn:
        follower.subscribe("session/*")
        turn.sendall(
            f"POST /conversation HTTP/1.1\r\nHost: localhost\r\nContent-Type: {headers['content-type']}\r\n"
            f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        )
        reader = turn.makefile("rb")
        assert head_of(reader) == ["http/1.1 100 continue"]
        turn.sendall(body[:1000])
        process.terminate()
        # The listener is closed when it is told to stop, and the turn has not begun by then.
        eventually(lambda: "told to stop" in (tmp_path / "server.log").read_text())
        turn.sendall(body[1000:])
        status, *fields = head_of(reader)
        assert status.split()[1] == "200" and "connection: close" in fields
        session = next(field.split(": ")[1] for field in fields if field.startswith("x-session-id"))
        assert len(reader.read()) > 20_000
        code, messages = follower.until_closed(60)
    assert code == 1001 and farewell(messages) == 1001
    told = [message["data"] for message in messages if message["type"] == "custom"]
    assert [data["number"] for data in told] == list(range(1, len(told) + 1))
    assert {data["session"] for data in told} == {session}
    kinds = [data["type"] for data in told]
    assert kinds[:2] == ["turn_started", "transcript"]
    assert kinds[-2:] == ["speaking_started", "turn_ended"]
    assert {"answer_text", "segment"} < set(kinds)
    ended = told[-1]
    assert ended["outcome"] == "completed" and ended["heard"]
    assert process.wait(timeout=40) == 0
    _, url = start_server(tmp_path, *settings)
    status, _, history = request(url, f"/history/session/{session}/turn")
    assert status == 200
    kept = [message["data"] for message in json.loads(history)["messages"]]
    assert [data for data in kept if data["type"] == "turn_ended"] == [ended]
