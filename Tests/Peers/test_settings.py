"""Every key of the settings changes what the program does: that is seen here, or in a test that is named here."""

import contextlib
import json
import re
import signal
import socket
import sqlite3
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import TOP
from events_client import BINARY, CLOSE, SOON, TEXT, Client, Raw, call, connections, eventually, frame, get, opened
from events_client import publish, within
from test_cluster import new_redis, wait_for_state
from test_wire import form, request

# Where a key is changed in another file: the file, below Tests, and the name of the test, which names the key or has a
# server that was started with it.
ELSEWHERE = {
    "audio.max_duration": ("SpeechAPITests/TranscriptionTests.swift", "a recording that is too large or too long is 413"),
    "auth.max_token_ttl": ("ServingTests/Access/AccessCheckTests.swift", "a token is made as asked"),
    "auth.trusted_networks": ("Peers/test_checks.py", "test_clients_of_a_trusted_network_need_no_key"),
    "logging.access": ("Peers/test_checks.py", "test_each_request_is_logged_at_its_end"),
    "auth.required": ("Peers/test_openai.py", "test_a_key_is_needed_where_it_is_asked_for"),
    "auth.token_ttl": ("ServingTests/Access/AccessCheckTests.swift", "a token is made as asked"),
    "cluster.redis": ("Peers/test_cluster.py", "test_what_is_published_on_one_node_reaches_the_subscribers_of_all"),
    "conversation.answer_timeout": (
        "SpeechAPITests/ConversationTests.swift",
        "an answer that does not come in time is a gateway timeout",
    ),
    "conversation.idle_timeout": (
        "SpeechAPITests/ConversationTests.swift",
        "how long a conversation waits is in the settings",
    ),
    "conversation.max_sessions": ("SpeechAPITests/ConversationTests.swift", "past the most conversations it is 503"),
    "conversation.resume_timeout": (
        "SpeechAPITests/ConversationTests.swift",
        "how long a conversation waits is in the settings",
    ),
    "conversation.answer_ahead": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.hold_window": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.idle_prompt": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.idle_prompt_after": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.interruption": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.longest_utterance": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "conversation.playback_lead": ("ServingTests/TurnTakingSettingsTests.swift", "how turns are taken is in the settings"),
    "recording.folder": ("Peers/test_stts_sockets.py", "test_a_recorded_conversation_is_replayed_with_other_settings"),
    "recording.keep": ("Peers/test_stts_sockets.py", "test_a_recording_that_is_too_old_is_deleted"),
    "recording.max_duration": ("Peers/test_stts_sockets.py", "test_a_recorded_conversation_is_replayed_with_other_settings"),
    "recording.mode": ("Peers/test_stts_sockets.py", "test_a_recorded_conversation_is_replayed_with_other_settings"),
    "events.benchmark_trigger": ("Peers/test_events.py", "test_the_trigger_for_measurements_counts_and_tells_the_time"),
    "events.cleanup": ("Peers/test_events_clients.py", "test_a_client_without_pongs_that_still_talks_stays_connected"),
    "events.durable_topics": (
        "Peers/test_events_clients.py",
        "test_what_was_acknowledged_before_a_shutdown_is_received_before_the_goodbye",
    ),
    "events.heartbeat": ("Peers/test_events.py", "test_the_heartbeat_comes_at_its_interval"),
    "events.history_count": (
        "Peers/test_events_recovery.py",
        "test_recovery_of_more_than_there_is_is_said_to_be_incomplete",
    ),
    "events.liveness": ("Peers/test_events_clients.py", "test_a_client_without_pongs_that_still_talks_stays_connected"),
    "events.max_bytes_per_second": ("Peers/test_events_rates.py", "test_compressed_messages_count_by_what_they_become"),
    "events.max_connections_per_credential": (
        "Peers/test_events_access.py",
        "test_past_the_limit_of_a_credential_the_newer_connection_takes_the_place_of_the_older",
    ),
    "events.max_durable_history_bytes": (
        "Peers/test_events_memory.py",
        "test_durable_topics_leave_memory_to_others",
    ),
    "events.max_history_bytes_per_credential": (
        "Peers/test_events_memory.py",
        "test_one_key_does_not_take_the_memory_of_others",
    ),
    "events.max_messages_per_second": ("Peers/test_events_access.py", "test_a_client_that_says_too_much_is_closed"),
    "events.max_state_bytes": ("Peers/test_events_memory.py", "test_states_have_a_limit_together"),
    "events.max_state_bytes_per_credential": (
        "Peers/test_events_memory.py",
        "test_one_key_does_not_take_the_memory_of_others",
    ),
    "http.cors_origins": ("Peers/test_events_access.py", "test_an_origin_that_the_settings_allow_gets_in"),
    "http.idle_timeout": ("Peers/test_wire.py", "test_a_client_that_takes_nothing_of_its_answer_is_given_up"),
    "http.max_body_bytes": ("SpeechAPITests/SynthesisTests.swift", "a body larger than the settings allow is 413"),
    "http.max_connections": (
        "Peers/test_events_faults.py",
        "test_five_thousand_connections_that_end_at_once_take_nothing_from_another",
    ),
    "http.max_connections_per_address": (
        "Peers/test_connections.py",
        "test_an_address_has_no_more_than_its_connections",
    ),
    "http.max_upload_bytes": (
        "SpeechAPITests/TranscriptionTests.swift",
        "a recording that is too large or too long is 413",
    ),
    "http.request_timeout": ("Peers/test_wire.py", "test_a_client_that_stops_in_the_middle_of_a_body_is_given_up"),
    "http.trusted_proxies": (
        "Peers/test_connections.py",
        "test_a_server_without_keys_refuses_proxies_that_it_does_not_know",
    ),
    "speech.format": (
        "SpeechAPITests/SynthesisTests.swift",
        "format, rate and speed come from the settings when the request does not say",
    ),
    "speech.max_text_length": ("SpeechAPITests/SynthesisTests.swift", "a missing, wrong or overlong text is 422"),
    "speech.sample_rate": (
        "SpeechAPITests/SynthesisTests.swift",
        "format, rate and speed come from the settings when the request does not say",
    ),
    "speech.speed": (
        "SpeechAPITests/SynthesisTests.swift",
        "format, rate and speed come from the settings when the request does not say",
    ),
    "speech.voice": ("SpeechAPITests/VoiceTests.swift", "the usual voice is that of the settings, else the first"),
    "speech.voice_activity": (
        "Peers/test_cli.py",
        "test_a_sound_that_only_one_of_two_detectors_hears_holds_nobody_up",
    ),
    "speech.voice_failover": (
        "SpeechAPITests/NamedVoiceTests.swift",
        "the setting for fail-over decides at once what happens to a named voice",
    ),
    "speech.voice_map": (
        "SpeechAPITests/VoiceTests.swift",
        "a name of the settings leads to a voice, with and without an ending",
    ),
    "tls.certificate": ("Peers/test_tls.py", "test_a_page_is_read_over_tls_by_clients_that_check_the_certificate"),
    "tls.key": ("Peers/test_tls.py", "test_a_page_is_read_over_tls_by_clients_that_check_the_certificate"),
    "websocket.compression": ("Peers/test_events_faults.py", "test_compressed_messages_work_both_ways"),
    "websocket.max_connections": (
        "Peers/test_events_access.py",
        "test_past_the_limit_of_connections_a_further_one_is_refused",
    ),
    "websocket.max_connections_per_address": (
        "Peers/test_events_access.py",
        "test_past_the_limit_of_connections_a_further_one_is_refused",
    ),
    "websocket.max_message_bytes": ("Peers/test_events_faults.py", "test_a_message_of_the_largest_size_is_taken"),
    "websocket.ping_interval": ("Peers/test_events_faults.py", "test_a_client_that_freezes_is_noticed"),
    "websocket.ping_timeout": ("Peers/test_events_faults.py", "test_a_client_that_freezes_is_noticed"),
    "websocket.queue_bytes": (
        "Peers/test_events_metrics.py",
        "test_messages_that_a_slow_reader_did_not_get_are_counted",
    ),
}

# The keys whose effect is seen in this file, filled by `sees`.
HERE = set()


def sees(*keys):
    """Marks a test that sees the effect of these keys."""
    assert not HERE & set(keys), keys
    HERE.update(keys)
    return lambda test: test


@pytest.fixture(scope="session")
def keys(antiphon):
    """The paths of all keys."""

    def leaves(value, path=""):
        for name, inner in value.items():
            if isinstance(inner, dict) and f"{path}{name}" != "speech.voice_map":
                yield from leaves(inner, f"{path}{name}.")
            else:
                yield path + name

    return set(leaves(antiphon("config", "show", "--json").succeeded().json))


def test_every_key_has_a_test_that_changes_it(keys):
    assert not HERE & set(ELSEWHERE)
    assert keys - HERE - set(ELSEWHERE) == set(), "keys without a test; see the head of this file"
    assert (HERE | set(ELSEWHERE)) - keys == set(), "tests of keys that are gone"
    for key, (file, test) in ELSEWHERE.items():
        text = (TOP / "Tests" / file).read_text()
        # A parametrised or shared setting may be written in parts.
        assert key in text or key.rpartition(".")[2] in text, (key, file)
        assert test in text, (file, test)


def test_every_key_is_read_outside_the_settings(keys):
    properties = {}
    for file in (TOP / "Sources/Base/Settings/Keys").glob("*.swift"):
        for name, path in re.findall(r'public let (\w+) = SettingKey\(\s*"([\w.]+)"', file.read_text()):
            properties[path] = name
    assert set(properties) == keys
    sources = [
        # A chain of members may be broken before a dot.
        re.sub(r"\s+\.", ".", file.read_text())
        for file in (TOP / "Sources").rglob("*.swift")
        if "Sources/Base/Settings/" not in str(file)
    ]
    for path, name in properties.items():
        section = path.rpartition(".")[0]
        direct = re.compile(rf"\.{re.escape(section)}\.{name}\b" if section else rf"[sS]ettings\.{name}\b")
        # A section that was given a name, and the key asked of it.
        section_alone = re.compile(rf"= [\w.]*[sS]ettings(\.current)?\.{re.escape(section)}(?![\w.])") if section else None
        assert any(
            direct.search(text) or (section_alone and section_alone.search(text) and f".{name}" in text)
            for text in sources
        ), f"nothing reads {path}"


def assignments(**settings):
    """Arguments that set keys."""
    return [word for key, value in settings.items() for word in ("--set", f"{key.replace('__', '.')}={value}")]


# A server that is told much.


@pytest.fixture(scope="module")
def told(start_server, antiphon, tmp_path_factory):
    """The URL and the folder of a server with settings of its own."""
    folder = tmp_path_factory.mktemp("told")
    script = folder / "script.yaml"
    script.write_text((TOP / "Sources/Core/Dialogue/Resources/assistant.yaml").read_text().replace("Hello", "Ahoy"))
    # A conversation that ended two hours ago, in a database as the program makes it.
    antiphon("keys", "add", "somebody", "--data-dir", folder).succeeded()
    with sqlite3.connect(folder / "antiphon.sqlite") as database:
        database.execute(
            """INSERT INTO sessions (id, created_at, ended_at, api, language, metadata)
            VALUES ('old', 1000 * (unixepoch() - 7300), 1000 * (unixepoch() - 7200), 'speech', 'en', '{}')"""
        )
    process, url = start_server(
        folder,
        'listeners=[{"port": 0, "apis": ["events", "openai", "speech"]}]',
        "bind=127.0.0.2",
        f"conversation.script={script}",
        "events.cleanup=1s",
        "events.echo=true",
        "events.history_age=1s",
        "events.max_subscriptions=5",
        "events.max_topics=20",
        'events.state_topics=["kept/*"]',
        "http.max_header_bytes=2KiB",
        "http.max_headers=20",
        "logging.format=json",
        "logging.level=debug",
        "speech.preload=false",
        "storage.keep_sessions=1h",
        "telemetry.metrics=false",
        "websocket.close_timeout=1s",
    )
    yield url, folder
    process.terminate()
    assert process.wait(timeout=40) == 0


@sees("bind", "listeners", "telemetry.metrics")
def test_it_listens_where_it_is_told_and_serves_what_it_is_told(told, server):
    url, _ = told
    assert urllib.parse.urlsplit(url).hostname == "127.0.0.2"
    assert urllib.parse.urlsplit(server).hostname == "127.0.0.1"
    assert call(url, "/stats")[0] == call(url, "/v1/models")[0] == call(url, "/info")[0] == 200
    assert call(server, "/stats")[0] == 404
    assert call(url, "/metrics")[0] == 404
    with urllib.request.urlopen(server + "/metrics", timeout=30) as metrics:
        assert metrics.status == 200


@sees("conversation.script")
def test_the_script_of_the_settings_answers(told, server):
    def answer(url):
        status, _, body = call(url, "/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello!"}]})
        assert status == 200, body
        return body["choices"][0]["message"]["content"]

    assert {answer(told[0]) for _ in range(10)} != {answer(server) for _ in range(10)}
    assert any("Ahoy" in answer(told[0]) for _ in range(20))


@sees("logging.format", "logging.level")
def test_the_log_is_written_as_it_is_told(told):
    url, folder = told
    get(url, "/health")
    lines = (folder / "server.log").read_text().splitlines()
    assert {json.loads(line)["level"] for line in lines} >= {"debug"}


@sees("http.max_header_bytes", "http.max_headers")
def test_heads_of_requests_have_the_limits_of_the_settings(told, server):
    for headers in [{"X-Long": "x" * 4000}, {f"X-{number}": "1" for number in range(40)}]:
        assert call(server, "/health", headers=headers)[0] == 200
        assert call(told[0], "/health", headers=headers)[0] in (400, 431)


@sees("events.max_subscriptions", "events.max_topics", "events.state_topics")
def test_topics_have_the_limits_of_the_settings(told):
    url, _ = told
    publish(url, "kept/one", {}, state_key="k")
    status, _, body = call(url, "/publish/other", {"type": "custom", "data": {}, "state_key": "k"})
    assert len(get(url, "/state/kept/one")["entries"]) == 1
    assert status != 200 or get(url, "/state/other")["entries"] == []
    with Client(url) as client:
        answers = [client.ask({"type": "subscribe", "topic": f"followed/{number}"}) for number in range(6)]
        assert "error" in [answer["type"] for answer in answers]
    statuses = [call(url, f"/publish/many/{number}", {"type": "custom", "data": {}})[0] for number in range(30)]
    assert statuses[0] == 200 and set(statuses) != {200}


@sees("events.history_age")
def test_a_history_forgets_what_is_older_than_the_settings_say(told, events):
    # There may be no room for a topic until others have been forgotten.
    body = {"type": "custom", "data": {"n": 1}}
    eventually(lambda: call(told[0], "/publish/kept/two", body)[0] == 200)
    publish(events, "settings/aged", {"n": 1})
    eventually(lambda: get(told[0], "/history/kept/two")["messages"] == [])
    assert len(get(events, "/history/settings/aged")["messages"]) == 1


@sees("events.echo")
def test_the_echo_is_there_when_the_settings_say_so(told, events):
    raw = Raw(told[0]).open("/ws/echo")
    raw.send(frame("hello"))
    for _ in within(SOON):
        if raw.frame() == (TEXT, b"hello"):
            break
    raw.close()
    assert call(events, "/ws/echo")[0] == 404


@sees("websocket.close_timeout")
def test_a_client_that_does_not_answer_a_close_frame_has_the_time_of_the_settings(told):
    with opened(told[0]) as raw:
        raw.send(frame(b"\x00", BINARY))
        for _ in within(SOON):
            if raw.frame()[0] == CLOSE:
                break
        # Less than the five seconds that it has otherwise.
        raw.socket.settimeout(4)
        with contextlib.suppress(ConnectionError):
            assert raw.socket.recv(100) == b""


@sees("storage.keep_sessions")
def test_conversations_are_kept_as_long_as_the_settings_say(told):
    def kept():
        with sqlite3.connect(told[1] / "antiphon.sqlite") as database:
            return database.execute("SELECT count(*) FROM sessions WHERE id = 'old'").fetchone()[0]

    eventually(lambda: kept() == 0)


@sees("speech.preload")
def test_engines_are_loaded_at_once_or_when_they_are_needed(other, server):
    def loaded(url):
        with urllib.request.urlopen(url + "/metrics", timeout=30) as metrics:
            text = metrics.read().decode()
        return any(
            float(value) > 0 for value in re.findall(r'^\w*engine_call\w*_count\{[^}]*moonshine[^}]*\} (\S+)$', text, re.M)
        )

    eventually(lambda: loaded(server), timeout=60)
    # Nobody has sent it a recording.
    assert not loaded(other[0])


# Another one.


@pytest.fixture(scope="module")
def other(start_server, tmp_path_factory):
    """The URL and the process of a server with other settings of its own."""
    process, url = start_server(
        tmp_path_factory.mktemp("other"),
        'listeners=[{"port": 0, "apis": ["events", "openai", "speech"]}]',
        'conversation.responders=["echo"]',
        "drain.timeout=1s",
        "events.history_bytes=2KiB",
        "events.max_history_bytes=8KiB",
        'events.progress_topics=["own/*"]',
        "speech.preload=false",
        "speech.queue_capacity=1",
        "speech.subtitles.line_length=12",
        "speech.subtitles.lines=1",
        "speech.subtitles.longest_cue=2s",
        'speech.synthesizers=["espeak-ng"]',
        "websocket.queue_bytes=64KiB",
    )
    yield url, process


@sees("conversation.responders")
def test_those_of_the_settings_answer(other):
    status, _, body = call(
        other[0], "/v1/chat/completions", {"messages": [{"role": "user", "content": "What is two plus two?"}]}
    )
    assert status == 200 and "two plus two" in body["choices"][0]["message"]["content"]


@sees("speech.subtitles.line_length", "speech.subtitles.lines", "speech.subtitles.longest_cue")
def test_subtitles_are_as_short_as_the_settings_say(other, beckett):
    body, headers = form(("file", beckett.read_bytes(), "a.wav"), ("model", "whisper-1"), ("response_format", "vtt"))
    _, _, text = request(other[0], "/v1/audio/transcriptions", body, headers)
    cues = [cue.split("\n") for cue in text.decode().strip().split("\n\n")[1:]]
    assert len(cues) > 3
    for times, *lines in cues:
        assert len(lines) == 1 and (len(lines[0]) <= 12 or " " not in lines[0]), lines
        begin, end = (60 * int(m) + float(s) for m, s in re.findall(r"(\d\d):(\d\d\.\d{3})", times))
        assert 0 < end - begin <= 2.001, times


@sees("speech.synthesizers")
def test_those_of_the_settings_speak(other, antiphon):
    voices = antiphon("voices", "--json", "--set", "speech.synthesizers=espeak-ng").succeeded().out
    assert "espeak-ng" in voices and "piper" not in voices
    assert {engine["name"] for engine in get(other[0], "/health")["data"]["engines"]} == {"espeak-ng", "moonshine"}


@sees("speech.queue_capacity")
def test_an_engine_has_the_queue_of_the_settings(other):
    body = {"text": "The procession went on, past the mill and into the hills. " * 20, "voice_id": "default"}

    def speak(_):
        request = urllib.request.Request(
            other[0] + "/tts", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            assert refusal.headers["Retry-After"]
            return refusal.code

    def refused():
        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(speak, range(8)))
        assert statuses <= {200, 503}
        return 503 in statuses

    eventually(refused, timeout=60)


@sees("events.history_bytes", "events.max_history_bytes")
def test_histories_have_the_sizes_of_the_settings(other, events):
    for url in [other[0], events]:
        for number in range(3):
            publish(url, "settings/long", {"n": number, "filler": "x" * 900})
    assert len(get(events, "/history/settings/long")["messages"]) == 3
    assert 1 <= len(get(other[0], "/history/settings/long")["messages"]) < 3
    for number in range(12):
        publish(other[0], f"settings/{number}", {"filler": "x" * 1200})
    kept = [get(other[0], f"/history/settings/{number}")["messages"] for number in range(12)]
    assert sum(map(len, kept)) < 12


@sees("events.progress_topics")
def test_slow_readers_of_the_topics_of_the_settings_keep_their_connection(other):
    url = other[0]
    with Raw(url, receive_buffer=4096) as slow:
        slow.open()
        slow.message()
        slow.send(frame('{"type":"subscribe","topic":"own/flood"}'))
        assert slow.message()["data"]["type"] == "subscription_response"

        def dropped():
            publish(url, "own/flood", {"filling": "x" * 50_000})
            with urllib.request.urlopen(url + "/metrics", timeout=30) as metrics:
                found = re.search(r"^(?:antiphon_)?events_dropped_total (\S+)$", metrics.read().decode(), re.M)
            return found and float(found[1]) >= 1

        eventually(dropped)
        assert connections(url) == 1


@sees("drain.timeout")
def test_a_server_that_is_told_to_stop_waits_as_long_as_the_settings_say(other):
    url, process = other
    address = urllib.parse.urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        # A request that has begun and never ends; the usual time would be half a minute.
        connection.sendall(b"POST /tts HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


@sees("cluster.prefix")
def test_what_is_kept_in_redis_begins_with_the_prefix(start_events, tmp_path):
    redis = new_redis(tmp_path / "redis")
    try:
        server = start_events(f"cluster.redis={redis.url}", "cluster.prefix=mine:")
        wait_for_state(server.url, "connected")
        publish(server.url, "settings/shared", {"n": 1})
        with socket.create_connection(("127.0.0.1", redis.port), timeout=SOON) as connection:
            connection.sendall(b"KEYS *\r\n")
            lines = connection.recv(65536).decode().split("\r\n")
        names = [line for line in lines if line and line[0] not in "*$"]
        assert names and all(name.startswith("mine:") for name in names), names
    finally:
        redis.stop()


# Other servers.


@pytest.fixture
def recorder():
    """A server that answers as OpenAI's does and keeps what it is asked: the URL, the requests and what was heard."""
    requests, heard = [], ["What time is it?"]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, self.headers["Authorization"], body))
            kind, answer = {
                "/v1/audio/speech": ("audio/pcm", b"\x00\x10\x00\xf0" * 6000),
                "/v1/audio/transcriptions": ("application/json", json.dumps({"text": heard[0]}).encode()),
                "/v1/chat/completions": (
                    "text/event-stream",
                    b'data: {"choices":[{"delta":{"content":"It is noon."}}]}\n\ndata: [DONE]\n\n',
                ),
            }[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", requests, heard
    server.shutdown()
    server.server_close()


@sees("speech.openai.url", "speech.openai.key", "speech.openai.synthesis_model", "speech.openai.voice")
def test_speech_is_asked_of_the_server_of_the_settings(antiphon, recorder, tmp_path):
    url, requests, _ = recorder
    antiphon(
        "say", "Hello.", "-o", tmp_path / "a.wav",
        *assignments(
            speech__synthesizers="openai", speech__openai__url=url, speech__openai__key="sk-1",
            speech__openai__synthesis_model="m1", speech__openai__voice="v1",
        ),
    ).succeeded()  # fmt: skip
    ((path, key, body),) = requests
    assert (path, key) == ("/v1/audio/speech", "Bearer sk-1")
    assert (json.loads(body)["model"], json.loads(body)["voice"]) == ("m1", "v1")


@sees("speech.recognizers", "speech.openai.recognition_model")
def test_a_transcript_is_asked_of_the_server_of_the_settings(antiphon, recorder, beckett):
    url, requests, heard = recorder
    heard[0] = "Something else."
    run = antiphon(
        "transcribe", beckett,
        *assignments(
            speech__recognizers="openai", speech__openai__url=url, speech__openai__recognition_model="m2"
        ),
    ).succeeded()  # fmt: skip
    assert "Something else." in run.out
    assert all(path == "/v1/audio/transcriptions" and b"m2" in body for path, _, body in requests)


@sees(
    "conversation.min_silence",
    "conversation.silence",
    "conversation.silence_unfinished",
    "conversation.turn_policy",
    "model.key",
    "model.max_tokens",
    "model.name",
    "model.system_prompt",
    "model.temperature",
    "model.url",
)
@pytest.mark.parametrize(
    "policy, words, shortest, silence, unfinished",
    [
        ("adaptive", "What time is it?", 900, 300, 1500),
        ("adaptive", "I wonder", 300, 900, 1500),
        ("adaptive", "I wonder and", 300, 700, 1500),
        ("server_vad", "I wonder and", 300, 800, 4000),
    ],
)
def test_a_turn_is_held_as_the_settings_say(
    antiphon, recorder, beckett, tmp_path, policy, words, shortest, silence, unfinished
):
    url, requests, heard = recorder
    heard[0] = words
    run = antiphon(
        "talk", beckett, "--json",
        *assignments(
            speech__recognizers="openai", speech__openai__url=url, speech__synthesizers="espeak-ng",
            conversation__turn_policy=policy, conversation__min_silence=f"{shortest}ms",
            conversation__silence=f"{silence}ms", conversation__silence_unfinished=f"{unfinished}ms",
            conversation__responders="model", model__url=url, model__name="m3", model__key="sk-2",
            model__system_prompt="Be brief.", model__temperature=0.5, model__max_tokens=7,
        ),
    ).succeeded()  # fmt: skip
    assert run.json["transcript"] == words and run.json["answer"] == "It is noon."
    assert run.json["responder"] == "model" and run.json["handedOver"] == []
    expected = {"What time is it?": shortest, "I wonder": silence, "I wonder and": unfinished}[words]
    if policy == "server_vad":
        expected = silence
    assert expected <= run.json["timings"]["endpointing_ms"] < expected + 600
    (asked,) = [(key, json.loads(body)) for path, key, body in requests if path == "/v1/chat/completions"]
    assert asked[0] == "Bearer sk-2"
    assert [asked[1][name] for name in ("model", "temperature", "max_tokens")] == ["m3", 0.5, 7]
    assert asked[1]["messages"][0] == {"role": "system", "content": "Be brief."}


# Files.


@sees("models.path", "storage.path")
def test_files_are_where_the_settings_say(antiphon, tmp_path):
    def available(*arguments):
        engines = antiphon("engines", "--json", *arguments).succeeded().json
        return next(engine["available"] for engine in engines if engine["name"] == "moonshine")

    assert available() and not available("--set", "models.path=/nonexistent")
    path = tmp_path / "elsewhere/keys.sqlite"
    antiphon("keys", "add", "somebody", "--set", f"storage.path={path}").succeeded()
    assert path.is_file()
