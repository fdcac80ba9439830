"""The server at the level of HTTP: the lines of the guide, and requests that are wrong in every way."""

import http.client
import io
import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import wave
from pathlib import Path

import pytest

from events_client import eventually

JSON = {"content-type": "application/json"}


def request(url, path, body=None, headers=None, method=None):
    """Status, headers and body of the answer."""
    wanted = urllib.request.Request(url + path, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(wanted, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


def form(*parts, boundary="=-peer-="):
    """A form of (name, value) and (name, value, file name), and its headers."""
    body = b""
    for name, value, *filename in parts:
        value = value if isinstance(value, bytes) else value.encode()
        ending = f'; filename="{filename[0]}"' if filename else ""
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'.encode()
        body += value + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), {"content-type": f"multipart/form-data; boundary={boundary}"}


def connect(url):
    address = urllib.parse.urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=20)


def raw(url, text):
    """The status line of the answer to what is sent as it is; empty when the connection was just closed."""
    with connect(url) as connection:
        try:
            connection.sendall(text if isinstance(text, bytes) else text.encode())
            return connection.makefile("rb").readline().decode()
        except ConnectionError:
            return ""


@pytest.fixture(autouse=True)
def the_next_request_is_served(server):
    yield
    status, _, body = request(server, "/health")
    assert status == 200
    assert json.loads(body)["status"] == "healthy"


# The guide.


def test_health(server):
    status, headers, body = request(server, "/health")
    health = json.loads(body)
    assert status == 200
    assert headers["x-request-id"]
    assert health["data"]["version"] and health["data"]["ready"] is True
    assert {engine["role"] for engine in health["data"]["engines"]} >= {"recognizer", "synthesizer"}


def test_voices(server):
    status, _, body = request(server, "/tts/voices")
    assert status == 200
    assert "joe" in {voice["id"] for voice in json.loads(body)}


def test_configuration_is_valid(server):
    status, _, body = request(server, "/config/validation")
    assert status == 200
    assert json.loads(body)["valid"] is True


def test_speech(server):
    status, headers, body = request(server, "/tts", b'{"text": "Hello there.", "voice_id": "default"}', JSON)
    assert status == 200
    assert headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(body)) as speech:
        assert any(speech.readframes(48_000))


def test_speech_for_clients_of_openai(server):
    body = json.dumps({"model": "tts-1", "input": "Hello there.", "voice": "alloy"}).encode()
    for path in ["/v1/audio/speech", "/tts/v1/audio/speech"]:
        status, headers, sound = request(server, path, body, JSON)
        assert status == 200
        assert headers["content-type"] == "audio/mpeg"
        assert sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0


def test_conversation(server, beckett):
    status, headers, body = request(server, "/conversation", *form(("audio_file", beckett.read_bytes(), "a.wav")))
    assert status == 200
    assert headers["content-type"] == "audio/wav"
    assert "no matter" in headers["x-transcription"].lower()
    for name in ["x-session-id", "x-processing-time", "x-request-id", "content-disposition"]:
        assert headers[name], name
    with wave.open(io.BytesIO(body)) as answer:
        assert any(answer.readframes(48_000))


# Requests that are wrong.

POSTS_OF_JSON = ["/tts", "/v1/audio/speech", "/v1/chat/completions", "/tts/voices/validate"]
POSTS_OF_FORMS = ["/stt", "/conversation", "/v1/audio/transcriptions", "/v1/audio/translations"]


def refused(answer, *statuses):
    status, headers, body = answer
    assert status in (statuses or range(400, 500)), (status, body)
    assert headers["x-request-id"]
    refusal = json.loads(body)
    assert refusal.get("error"), refusal
    for inside in ["Fatal", "/Sources/", ".swift", "Optional("]:
        assert inside not in body.decode()


@pytest.mark.parametrize("path", POSTS_OF_JSON)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"\xff\xfe",
        b'{"input": 7}',
        b"[" * 100_000,
        b'{"a":' * 10_000,
        b"{}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bad_json(server, path, body):
    refused(request(server, path, body, JSON, method="POST"))


@pytest.mark.parametrize("path", POSTS_OF_JSON)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ";", "a" * 300]
)
def test_json_under_another_name(server, path, kind):
    body = b'{"text": "Hi.", "input": "Hi.", "model": "m", "messages": []}'
    refused(request(server, path, body, {"content-type": kind}), 415)


@pytest.mark.parametrize("path", POSTS_OF_FORMS)
@pytest.mark.parametrize(
    "kind, body",
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b""),
        ("multipart/form-data; boundary=" + "b" * 100, b""),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"--b--\r\n"),
        ("multipart/form-data; boundary=b", b"no boundary at all"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--b--\r\n"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 5000 + b"\r\nx\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 300 + b"--b--\r\n",
        ),
        ("multipart/form-data; boundary=b", b"--b garbage\r\n\r\n--b--\r\n"),
    ],
)
def test_bad_forms(server, path, kind, body):
    refused(request(server, path, body, {"content-type": kind}, method="POST"))


@pytest.mark.parametrize("path", POSTS_OF_FORMS)
def test_missing_and_repeated_fields(server, path, beckett):
    sound = beckett.read_bytes()
    openai = path.startswith("/v1")
    name = "file" if openai else "audio_file"
    model = [("model", "whisper-1")] if openai else []
    refused(request(server, path, *form(*model)))
    refused(request(server, path, *form((name, "RIFF, says the text"), *model)))
    refused(request(server, path, *form((name, b"", "a.wav"), *model)))
    refused(request(server, path, *form((name, b"this is not sound", "../../etc/passwd"), *model)))
    two = form((name, sound, "a.wav"), (name, sound, "b.wav"), *model)
    refused(request(server, path, *two), 400 if openai else 422)
    if openai:
        refused(request(server, path, *form((name, sound, "a.wav"))))


@pytest.mark.parametrize("path", ["/stt", "/conversation"])
def test_no_body_is_a_missing_recording(server, path):
    status, headers, body = request(server, path, method="POST")
    refusal = json.loads(body)
    assert status == 422, body
    assert refusal["detail"][0]["type"] == "missing" and refusal["detail"][0]["loc"] == ["body", "audio_file"]
    assert re.fullmatch("[0-9a-f]{8}", refusal["metadata"]["request_id"])
    assert len(headers["x-request-id"]) > 8


NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "....//x",
    "nobody\u0000",
    "a" * 5000,
    "joe\n",
    "\u202ejoe",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:20]))
def test_names_are_never_paths(server, name):
    speech = {"model": name[:200], "input": "Hi.", "voice": name}
    refused(request(server, "/v1/audio/speech", json.dumps(speech).encode(), JSON))
    refused(request(server, "/v1/audio/speech", json.dumps({**speech, "voice": {"id": name}}).encode(), JSON))
    for fields in [
        {"voice_id": name}, {"predefined_voice_id": name, "voice_mode": "predefined"},
        {"reference_audio_filename": name, "voice_mode": "clone"},
    ]:  # fmt: skip
        refused(request(server, "/tts", json.dumps({"text": "Hi.", **fields}).encode(), JSON))
    for path in ["/tts/voices/", "/v1/models/"]:
        refused(request(server, path + urllib.parse.quote(name, safe="")), 404, 400, 414, 431)


def test_an_unknown_path_and_method(server):
    for path in ["/nothing", "/v1/nothing", "/v1/audio", "/tts/v1/nothing", "/%", "/../etc/passwd", "/a" * 2000]:
        refused(request(server, path), 404)
    status, headers, _ = request(server, "/v1/audio/speech", method="DELETE")
    assert status == 405 and headers["allow"] == "POST"


def test_what_can_be_got_can_be_asked_for_without_its_body(server):
    for path in ["/health", "/tts/voices", "/v1/models"]:
        status, headers, body = request(server, path, method="HEAD")
        assert status == 200 and headers["content-type"] == "application/json" and body == b""


# What goes wrong below the requests.


def test_a_slow_body_holds_nobody_up(server):
    head = b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 62\r\n\r\n"
    body = b'{"model": "tts-1", "input": "Hello there.", "voice": "alloy"}\n'
    slow = [connect(server) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(head + body[:10])
        started = time.monotonic()
        assert request(server, "/health")[0] == 200
        assert time.monotonic() - started < 5
        for offset in range(10, 62, 13):
            slow[0].sendall(body[offset : offset + 13])
            time.sleep(0.05)
        assert slow[0].makefile("rb").readline().startswith(b"HTTP/1.1 200")
    finally:
        for connection in slow:
            connection.close()


def test_clients_that_go_away_early(server, beckett):
    body, headers = form(("file", beckett.read_bytes(), "a.wav"), ("model", "whisper-1"))
    head = (
        "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: {headers['content-type']}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    for sent in [b"P", head[:30], head, head + body[:1000], head + body[:-1], head + body]:
        for ending in ["close", "reset"]:
            connection = connect(server)
            if ending == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(sent)
            connection.close()
    long = json.dumps({"model": "m", "voice": "alloy", "input": "One sentence of many. " * 500}).encode()
    for _ in range(5):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server).netloc, timeout=20)
        connection.request("POST", "/v1/audio/speech", long, JSON)
        assert connection.getresponse().read(100)
        connection.close()


def metric(url, series):
    """The value of a series such as `a_total{b="c"}`, 0 before there is one."""
    _, _, body = request(url, "/metrics")
    lines = [line for line in body.decode().splitlines() if line.startswith(series + " ")]
    return float(lines[0].split()[1]) if lines else 0


@pytest.mark.parametrize("path", ["/tts", "/v1/audio/speech"])
def test_what_clients_have_asked_for_that_are_gone_is_not_spoken(server, path):
    text = "This sentence has no comma and no clause and many words so that it takes its time to be spoken as a whole."
    fields = {"text": text, "voice_id": "default"} if path == "/tts" else {"model": "m", "input": text}
    body = json.dumps(fields).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    waiting, calls = 'engine_calls_waiting{engine="piper"}', 'engine_call_duration_seconds_count{engine="piper"}'
    clients = [connect(server) for _ in range(14)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    eventually(lambda: metric(server, waiting) >= 5)
    for client in clients:
        client.close()
    spoken = metric(server, calls)
    eventually(lambda: metric(server, waiting) == 0)
    # The one that ran, and one that may have begun before the resets arrived.
    assert metric(server, calls) - spoken <= 2


def test_the_answer_names_who_speaks(server):
    for voice, speaker in [("joe", "piper/joe"), ("default", "piper/joe"), ("espeak-ng/de", "espeak-ng/de")]:
        body = json.dumps({"text": "Hello there.", "voice_id": voice}).encode()
        status, headers, _ = request(server, "/tts", body, {**JSON, "Origin": server})
        assert status == 200
        assert headers["x-voice"] == speaker and headers["x-engine"] == speaker.split("/")[0]
        assert {"x-voice", "x-engine"} <= set(headers["access-control-expose-headers"].split(", "))
    body = json.dumps({"model": "m", "input": "Hello there.", "voice": "alloy"}).encode()
    assert request(server, "/v1/audio/speech", body, JSON)[1]["x-engine"] == "piper"


def test_a_named_voice_whose_engine_is_not_there_is_not_spoken_by_another(
    antiphon, start_server, tmp_path, monkeypatch
):
    # Without its models, piper cannot be used; espeak-ng needs none.
    monkeypatch.setattr(antiphon, "models", tmp_path)
    for failover, status in [("false", 503), ("true", 200)]:
        _, url = start_server(tmp_path / failover, f"speech.voice_failover={failover}")
        for path, fields in [
            ("/tts", {"text": "Hi.", "voice_id": "joe"}),
            ("/v1/audio/speech", {"model": "m", "input": "Hi.", "voice": "joe"}),
        ]:
            answer, headers, body = request(url, path, json.dumps(fields).encode(), JSON)
            assert answer == status, body
            if status == 503:
                assert b"piper/joe" in body and b"engine piper" in body
            else:
                assert headers["x-engine"] == "espeak-ng"
        status_of_others, headers, _ = request(url, "/tts", b'{"text": "Hi.", "voice_id": "default"}', JSON)
        assert status_of_others == 200 and headers["x-engine"] == "espeak-ng"
        listed = {voice["id"] for voice in json.loads(request(url, "/tts/voices")[2])}
        assert "joe" not in listed and "de" in listed


def test_the_responder_of_the_settings_answers(start_server, tmp_path, beckett):
    _, url = start_server(tmp_path, 'conversation.responders=["echo"]')
    status, headers, echoed = request(url, "/conversation", *form(("audio_file", beckett.read_bytes(), "a.wav")))
    assert status == 200 and headers["x-voice"] == "piper/joe"
    spoken = request(url, "/stt", *form(("audio_file", echoed, "a.wav")))[2]
    # What it heard comes back, and can be understood again.
    assert "no matter" in json.loads(spoken)["text"].lower()


def test_too_many_and_too_long_headers(server):
    many = "".join(f"X-{number}: y\r\n" for number in range(10_000))
    for headers in [many, f"X: {'y' * 1_000_000}\r\n", f"{'x' * 100_000}: y\r\n"]:
        status = raw(server, f"GET /health HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
        assert not status or status.split()[1] in ("400", "413", "431"), status


@pytest.mark.parametrize(
    "garbage",
    [
        b"zz\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nhello\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n", b"\x00\x01\x02\xff" * 100,
    ],
    ids=lambda garbage: repr(garbage[:8]),
)  # fmt: skip
def test_garbage_instead_of_chunks(server, garbage):
    head = b"POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    status = raw(server, head + garbage)
    assert not status or status.split()[1][0] == "4", status


@pytest.mark.parametrize(
    "text",
    [
        "\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x00" * 1000,
        "GET /health HTTP/1.1\r\nHost\r\n\r\n", "\x16\x03\x01\x02\x00",
        "POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2\r\n\r\nab",
        "POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"GET /{'a' * 100_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=lambda text: repr(text[:30]),
)  # fmt: skip
def test_what_is_not_http(server, text):
    # An unfinished request may be waited for: the client ends its side, so that there is always an answer or an end.
    with connect(server) as connection:
        try:
            connection.sendall(text.encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            status = connection.makefile("rb").readline().decode()
        except ConnectionError:
            status = ""
    assert not status or status.split()[1][0] in "345", status


@pytest.mark.parametrize("upgrade", ["websocket", "h2c", "nonsense"])
def test_an_upgrade_that_is_not_on_offer(server, upgrade):
    status = raw(server, f"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\n\r\n")
    assert status.startswith("HTTP/1.1 200")
    body = '{"model": "tts-1", "input": "Hi.", "voice": "alloy"}'
    status = raw(
        server,
        f"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}",
    )
    assert status.startswith("HTTP/1.1 200")


def test_one_connection_serves_good_and_bad_requests_in_turn(server):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server).netloc, timeout=20)
    good = b'{"model": "tts-1", "input": "Hi.", "voice": "alloy"}'
    for body, status in [(b"{", 400), (good, 200), (b"[]", 400), (good, 200)]:
        connection.request("POST", "/v1/audio/speech", body, JSON)
        response = connection.getresponse()
        assert response.status == status
        assert response.read()


# What belongs to a connection.


def head_of(reader):
    """The status line and the fields of an answer."""
    lines = []
    while (line := reader.readline()) not in (b"\r\n", b""):
        lines.append(line.decode().strip().lower())
    return lines


def test_a_client_that_asks_before_it_sends_is_told_to(server):
    body = b'{"text": "Hello.", "voice_id": "default"}'
    with connect(server) as connection:
        connection.sendall(
            b"POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            + b"Content-Length: %d\r\n\r\n" % len(body)
        )
        reader = connection.makefile("rb")
        assert head_of(reader) == ["http/1.1 100 continue"]
        connection.sendall(body)
        assert head_of(reader)[0] == "http/1.1 200 ok"


@pytest.mark.parametrize("more", ["", "Connection: keep-alive\r\n"])
def test_a_client_of_http_1_0_gets_no_chunks_and_the_end_of_the_connection(server, more):
    body = '{"text": "Hello.", "voice_id": "default", "output_format": "mp3"}'
    for request_line, body in [("GET /health", ""), ("POST /tts", body)]:
        with connect(server) as connection:
            connection.sendall(
                f"{request_line} HTTP/1.0\r\nContent-Type: application/json\r\n{more}"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            reader = connection.makefile("rb")
            head = head_of(reader)
            assert head[0] == "http/1.0 200 ok", head
            assert "connection: close" in head
            assert not any(line.startswith("transfer-encoding") for line in head)
            content = reader.read()
            assert content.startswith(b"{") if not body else content[:2] in (b"ID", b"\xff\xfb", b"\xff\xf3"), content[:9]


def test_a_client_that_takes_nothing_of_its_answer_is_given_up(start_server, tmp_path):
    process, url = start_server(tmp_path, "http.idle_timeout=1s", "speech.synthesizers=espeak-ng")
    text = "And so the long procession went on, past the river and the mill, into the hills. " * 1000
    body = json.dumps({"text": text, "voice_id": "default"}).encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        address = urllib.parse.urlsplit(url)
        connection.connect((address.hostname, address.port))
        connection.settimeout(60)
        connection.sendall(
            b"POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + b"Content-Length: %d\r\n\r\n" % len(body)
            + body
        )
        # The server's end of the connection is gone, though nothing was read here.
        port = connection.getsockname()[1]
        ends = Path(f"/proc/{process.pid}/net/tcp")
        eventually(lambda: f":{port:04X} 01 " not in ends.read_text(), timeout=60)
    process.terminate()
    assert process.wait(timeout=40) == 0


STALLED = b"POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"


def connect(url: str) -> socket.socket:
    address = urllib.parse.urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def test_a_client_that_stops_in_the_middle_of_a_body_is_given_up(start_server, tmp_path):
    process, url = start_server(tmp_path, "http.request_timeout=1s")
    for before in (b"", b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        with connect(url) as connection:
            connection.sendall(before + STALLED)
            connection.makefile("rb").read()
    process.terminate()
    assert process.wait(timeout=40) == 0


def test_a_server_that_is_told_to_stop_again_ends_at_once(start_server, tmp_path):
    process, url = start_server(tmp_path)
    with connect(url) as connection:
        # Half a request, for the rest of which it waits; that it says when it has read so far.
        connection.sendall(STALLED[:-1].replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        process.terminate()
        # A signal right behind the first means no more than that one.
        process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        process.terminate()
        assert process.wait(timeout=5) == 128 + signal.SIGTERM
    assert "told to stop once more" in (tmp_path / "server.log").read_text()


def test_json_deep_in_itself_is_refused_at_once(server):
    deep = "[" * 400 + ",".join(["{}"] * 1500) + "]" * 400
    body = f'{{"text": {deep}, "voice_id": "default"}}'
    status, _, answer = request(server, "/tts", body.encode(), JSON)
    assert status == 422 and "deeper than 32 levels at byte 40" in json.loads(answer)["error"]


def test_a_fault_says_what_was_sent_and_what_was_expected(server):
    status, _, answer = request(server, "/tts", b'{"text": "", "voice_id": "default", "chunk_size": 49}', JSON)
    faults = {fault["loc"][-1]: fault for fault in json.loads(answer)["detail"]}
    assert status == 422
    assert faults["text"]["ctx"] == {"min_length": 1} and faults["text"]["input"] == ""
    assert faults["chunk_size"]["ctx"] == {"ge": 50} and faults["chunk_size"]["input"] == 49
    status, _, answer = request(server, "/tts", b'{"text": "x",}', JSON)
    fault = json.loads(answer)["detail"][0]
    assert (status, fault["type"], fault["loc"]) == (422, "json_invalid", ["body", 13])


def test_an_encoded_body_is_refused(server):
    body, headers = form(("text", "Hello."))
    for path, body, headers in [("/tts", b"{}", JSON), ("/stt", body, headers)]:
        status, _, answer = request(server, path, body, headers | {"content-encoding": "gzip"})
        assert status == 415 and "gzip" in json.loads(answer)["error"]


@pytest.mark.parametrize("name", ["English", "eng", "EN", "en_US", "auto", ""])
def test_a_language_goes_by_many_names(server, beckett, name):
    body, headers = form(("audio_file", beckett.read_bytes(), "q.wav"), ("language", name))
    assert request(server, "/stt", body, headers)[0] == 200


def test_a_name_of_no_language_is_refused(server, beckett):
    body, headers = form(("audio_file", beckett.read_bytes(), "q.wav"), ("language", "englich"))
    status, _, answer = request(server, "/stt", body, headers)
    assert status == 422 and "“englich”" in json.dumps(json.loads(answer), ensure_ascii=False)
    body = json.dumps({"text": "Hello.", "voice_id": "default", "language": "englich"}).encode()
    assert request(server, "/tts", body, JSON)[0] == 422


def test_a_language_that_nobody_understands_is_refused(server, beckett):
    body, headers = form(("audio_file", beckett.read_bytes(), "q.wav"), ("language", "de"))
    status, _, answer = request(server, "/stt", body, headers)
    assert status == 422 and "“de”" in json.loads(answer)["error"]


def test_a_server_that_loads_its_engines_is_ready_when_it_has(start_server, tmp_path):
    process, url = start_server(tmp_path)
    metrics = request(url, "/metrics")[2].decode()
    for engine in ("piper", "moonshine"):
        assert re.search(rf'^antiphon_engine_call_duration_seconds_count{{[^}}]*"{engine}"', metrics, re.M), metrics
    process.terminate()
    assert process.wait(timeout=40) == 0
