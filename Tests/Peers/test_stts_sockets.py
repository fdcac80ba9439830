"""The sockets of the STTS server, as its clients use them: raw PCM in, JSON out, with real engines."""

import asyncio
import base64
import io
import json
import os
import time
import urllib.error
import urllib.request
import wave

import pytest
import websockets

numpy = pytest.importorskip("numpy")
pytestmark = pytest.mark.heavy

RATE = 16_000
SOON = 30


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    process, url = start_server(tmp_path_factory.mktemp("sockets"), "conversation.max_sessions=6")
    yield url
    assert process.poll() is None


def url(server, path):
    return server.replace("http://", "ws://") + path


def resampled(path):
    with wave.open(str(path)) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)
        rate = file.getframerate()
    wanted = numpy.arange(0, len(samples) - 1, rate / RATE)
    return numpy.interp(wanted, numpy.arange(len(samples)), samples).astype(numpy.int16)


@pytest.fixture(scope="module")
def tried(beckett):
    """ "Ever tried." and silence."""
    return numpy.concatenate([resampled(beckett)[: int(1.45 * RATE)], silence(2.5)])


def silence(seconds):
    return numpy.zeros(int(seconds * RATE), numpy.int16)


async def speak(socket, samples, size=683, speed=1.0):
    """Sends samples in frames of a size, in real time."""
    start, sent = time.monotonic(), 0
    for first in range(0, len(samples), size):
        await socket.send(samples[first : first + size].tobytes())
        sent += size
        wait = start + sent / RATE / speed - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)


async def until(socket, kind, seen=None):
    """The next message of a kind; those before it are added to `seen`."""
    async with asyncio.timeout(SOON):
        while True:
            message = json.loads(await socket.recv())
            if seen is not None:
                seen.append(message)
            if message["type"] == kind:
                return message


async def ready(socket):
    return await until(socket, "ready")


def run(work):
    return asyncio.run(asyncio.wait_for(work, 90))


async def ended(socket):
    """The code with which the server closes."""
    async with asyncio.timeout(SOON):
        async for _ in socket:
            pass
    return socket.close_code


def test_a_turn_in_the_first_version(server, tried):
    async def work():
        async with websockets.connect(url(server, "/ws/conversation")) as socket:
            assert (await ready(socket))["config"]["response_mode"] == "echo"
            speaking = asyncio.create_task(speak(socket, tried))
            seen = []
            audio = await until(socket, "response_audio", seen)
            await until(socket, "conversation_state", seen)
            await speaking
            kinds = [message["type"] for message in seen]
            assert kinds[:4] == ["conversation_state", "conversation_state", "transcription", "speaking"]
            assert [seen[0]["events"], seen[1]["events"]] == [["speech_start"], ["speech_end"]]
            heard = seen[2]
            assert "tried" in heard["text"].lower() and heard["partial"] is False
            assert heard["segments"][0]["text"] == heard["text"] and 0.5 < heard["timing"]["duration"] < 1.6
            assert audio["response_text"] == heard["text"]
            with wave.open(io.BytesIO(base64.b64decode(audio["audio_data"]))) as file:
                assert file.getframerate() == audio["sample_rate"] == 24_000
                assert abs(file.getnframes() / 24 - audio["duration_ms"]) < 1
            await socket.send(json.dumps({"action": "stats"}))
            assert (await until(socket, "statistics"))["data"]["total_exchanges"] == 1
            await socket.send(json.dumps({"action": "stop"}))
            await until(socket, "conversation_stopped")
            assert await ended(socket) == 1000

    run(work())


@pytest.mark.parametrize("size", [1, 128, 480, 683, 4096])
def test_the_size_of_the_frames_changes_nothing(server, tried, size):
    async def work():
        async with websockets.connect(url(server, "/ws/conversation/v2"), compression=None) as socket:
            assert (await ready(socket))["config"]["stt_available"] is True
            speaking = asyncio.create_task(speak(socket, tried, size))
            seen = []
            await until(socket, "audio_response", seen)
            await speaking
            kinds = [(message["type"], message.get("event")) for message in seen]
            assert kinds.count(("speech_event", "speech_start")) == kinds.count(("speech_event", "speech_end")) == 1
            texts = [message["text"] for message in seen if message["type"] == "transcription"]
            assert [text.strip(" .").lower() for text in texts] == ["ever tried"]
            order = [kind for kind, _ in kinds]
            assert order.index("transcription") < order.index("response_text") < order.index("audio_response")

    run(work())


def test_a_silent_client_gets_nothing_of_another(server, tried):
    async def work():
        async with (
            websockets.connect(url(server, "/ws/conversation/v2")) as loud,
            websockets.connect(url(server, "/ws/conversation/v2")) as quiet,
        ):
            await ready(loud)
            await ready(quiet)
            await asyncio.gather(
                speak(loud, tried), speak(quiet, silence(3)), until(loud, "audio_response")
            )
            await quiet.send(json.dumps({"action": "ping"}))
            seen = []
            await until(quiet, "pong", seen)
            assert [message["type"] for message in seen] == ["pong"]

    run(work())


def test_speaking_over_an_answer_ends_it(server, tried):
    async def work():
        path = "/ws/conversation?response_mode=responder"
        async with websockets.connect(url(server, path)) as socket:
            await ready(socket)
            await socket.send(json.dumps({"action": "text", "text": "Tell me a story about yourself please."}))
            await until(socket, "speaking")
            speaking = asyncio.create_task(speak(socket, tried))
            seen = []
            await until(socket, "interrupted", seen)
            start = next(m for m in seen if m["type"] == "conversation_state" and m["events"] == ["speech_start"])
            assert start["is_speaking"] is True
            assert seen[-1]["leaked_ms"] >= 0 and seen[-1]["heard_ms"] >= 0
            assert "tried" in (await until(socket, "transcription"))["text"].lower()
            await speaking

    run(work())


def test_a_held_answer_is_resumed_after_a_cough(server):
    async def work():
        path = "/ws/conversation?interruption=two_step&response_mode=echo"
        text = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen."
        rng = numpy.random.default_rng(1)
        noise = (rng.normal(0, 6000, int(0.15 * RATE)) * numpy.hanning(int(0.15 * RATE))).astype(numpy.int16)
        async with websockets.connect(url(server, path)) as socket:
            await ready(socket)
            await socket.send(json.dumps({"action": "text", "text": text}))
            await until(socket, "speaking")
            await speak(socket, numpy.concatenate([silence(0.2), noise, silence(2)]))
            await socket.send(json.dumps({"action": "ping"}))
            seen = []
            await until(socket, "pong", seen)
            kinds = [message["type"] for message in seen if message["type"] in ("paused", "resumed", "interrupted")]
            # A cough is either not taken for speech at all, or the answer goes on after it.
            assert kinds in ([], ["paused", "resumed"])

    run(work())


def test_transcripts_come_while_the_user_speaks(server, tried):
    async def work():
        async with websockets.connect(url(server, "/ws/transcribe?language=en")) as socket:
            await ready(socket)
            speaking = asyncio.create_task(speak(socket, tried, 1365))
            seen = []
            while True:
                await until(socket, "transcription", seen)
                if seen[-1]["final"]:
                    break
            await speaking
            assert seen[0]["partial"] is True and seen[0]["language"] == "en"
            assert seen[-1]["partial"] is False and "tried" in seen[-1]["text"].lower()
            assert seen[-1]["stream_end"] > seen[-1]["stream_start"]
            await socket.send(json.dumps({"action": "clear"}))
            await until(socket, "cleared")
            await socket.send(json.dumps({"action": "ping"}))
            await until(socket, "pong")

    run(work())


def test_the_test_socket_says_what_arrived(server):
    async def work():
        async with websockets.connect(url(server, "/ws/conversation/test")) as socket:
            await ready(socket)
            await socket.send("hello")
            assert (await until(socket, "echo"))["message"] == "Echo: hello"
            await socket.send(b"12345")
            assert (await until(socket, "audio_received"))["bytes_count"] == 5

    run(work())


@pytest.mark.parametrize("path", ["/ws/conversation", "/ws/conversation/custom", "/ws/transcribe"])
def test_what_cannot_be_meant_is_told_and_the_socket_stays_open(server, path):
    async def work():
        async with websockets.connect(url(server, path)) as socket:
            await ready(socket)
            for message in ("nope", "[]", '{"audio_data": 5}', '{"audio_data": "AAA"}', '{"audio_data":"AAAA","sample_rate":7}'):
                await socket.send(message)
                assert (await until(socket, "error"))["message"]
            await socket.send('{"action": "nothing known"}')
            await socket.send(b"\x01")
            await socket.send(json.dumps({"action": "ping"}))
            seen = []
            await until(socket, "pong", seen)
            assert [message["type"] for message in seen] == ["pong"]

    run(work())


def test_an_unknown_mode_is_an_error_and_a_known_one_answers(server):
    async def work():
        async with websockets.connect(url(server, "/ws/conversation")) as socket:
            await ready(socket)
            await socket.send(json.dumps({"action": "change_response_mode", "mode": "sing"}))
            assert "template" in (await until(socket, "error"))["message"]
            await socket.send(json.dumps({"action": "change_response_mode", "mode": "template"}))
            await until(socket, "mode_changed")
            await socket.send(json.dumps({"action": "text", "text": "hello"}))
            assert (await until(socket, "response_audio"))["response_text"] != "hello"
            await socket.send(json.dumps({"action": "settings", "turn_policy": "server_vad", "silence_ms": 700}))
            assert (await until(socket, "settings_changed"))["config"]["silence_ms"] == 700
            await socket.send(json.dumps({"action": "settings", "silence_ms": 7}))
            assert "silence_ms" in (await until(socket, "error"))["message"]

    run(work())


@pytest.mark.parametrize(
    "path",
    [
        "/ws/conversation?pause_aggressiveness=9",
        "/ws/conversation?response_mode=sing",
        "/ws/conversation/v2?interruption=perhaps",
        "/ws/transcribe?sample_rate=100",
    ],
)
def test_a_query_that_cannot_be_meant_refuses_the_handshake(server, path):
    async def work():
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await websockets.connect(url(server, path))
        assert refusal.value.response.status_code == 403
        assert path.split("?")[1].split("=")[0] in refusal.value.response.body.decode()

    run(work())


def test_past_the_limit_of_conversations_the_handshake_is_refused_and_the_others_go_on(server):
    async def work():
        sockets = [await websockets.connect(url(server, "/ws/conversation")) for _ in range(6)]
        for socket in sockets:
            await ready(socket)
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await websockets.connect(url(server, "/ws/conversation"))
        assert refusal.value.response.status_code == 503 and refusal.value.response.headers["Retry-After"]
        for socket in sockets:
            await socket.send(json.dumps({"action": "ping"}))
            await until(socket, "pong")
            await socket.close()
        async with asyncio.timeout(SOON):
            while status(server)["data"]["active_conversations"] > 0:
                await asyncio.sleep(0.05)
        async with websockets.connect(url(server, "/ws/conversation")) as socket:
            await ready(socket)

    run(work())


def status(server):
    with urllib.request.urlopen(server + "/ws/conversation/status", timeout=10) as answer:
        return json.load(answer)


def test_a_client_that_vanishes_leaves_nothing_behind(server, tried):
    async def work():
        socket = await websockets.connect(url(server, "/ws/conversation"))
        await ready(socket)
        speaking = asyncio.create_task(speak(socket, tried))
        await until(socket, "speaking")
        socket.transport.abort()
        speaking.cancel()
        async with asyncio.timeout(SOON):
            while status(server)["data"]["active_conversations"] > 0:
                await asyncio.sleep(0.05)

    run(work())


def test_the_companions_say_what_there_is(server):
    def get(path):
        with urllib.request.urlopen(server + path, timeout=10) as answer:
            return json.load(answer)

    assert get("/ws/conversation/status")["stt_available"] is True
    assert get("/ws/conversation/config")["pause_detection"]["sample_rate"] == RATE
    info = get("/ws/conversation/migration-info")
    assert len(info["migration_info"]["changes"]) == 7 and len(info["migration_info"]["breaking_changes"]) == 4
    request = urllib.request.Request(server + "/ws/conversation/reload", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["status"] == "success"
    with pytest.raises(urllib.error.HTTPError) as refusal:
        get("/ws/conversation")
    assert refusal.value.code == 426


def test_a_recorded_conversation_is_replayed_with_other_settings(antiphon, start_server, tmp_path, tried):
    folder = tmp_path / "recorded"
    _, url_ = start_server(folder, "recording.mode=consent", "recording.max_duration=3s")

    async def work():
        async with websockets.connect(url(url_, "/ws/conversation?record=true")) as socket:
            assert (await ready(socket))["config"]["recording"] is True
            await asyncio.gather(speak(socket, tried), until(socket, "response_audio"))
            await socket.send(json.dumps({"action": "stop"}))
            await ended(socket)
        async with websockets.connect(url(url_, "/ws/conversation")) as socket:
            assert (await ready(socket))["config"]["recording"] is False

    run(work())
    (recording,) = (folder / "recordings").iterdir()
    header = json.loads((recording / "recording.json").read_text())
    assert header["consent"] is True and header["session"] == recording.name
    assert (recording / "user.flac").stat().st_size > 10_000 and (recording / "answer.flac").stat().st_size > 1000
    for name in (recording, recording.name):
        replayed = antiphon("replay", name, "--json", "--set", f"recording.folder={folder / 'recordings'}").succeeded().json
        adaptive, fixed = replayed["policies"]
        assert [adaptive["policy"], fixed["policy"]] == ["adaptive", "server_vad"]
        assert "tried" in adaptive["turns"][0]["transcript"].lower()
        assert adaptive["silence_p50_ms"] < fixed["silence_p50_ms"]
        assert replayed["replay_seconds"] < 10 * replayed["duration_seconds"]
    table = antiphon("replay", recording).succeeded().out
    assert "adaptive, interruption two_step" in table and "1 turns, 0 cut off" in table
    with wave.open(io.BytesIO(flac(antiphon, recording / "user.flac", tmp_path))) as file:
        assert file.getnframes() == 3 * RATE
    antiphon("replay", tmp_path).refused("no recording")
    antiphon("replay", "nobody").refused("no recording")


def flac(antiphon, path, folder):
    """The sound of a FLAC file as WAV."""
    soundfile = pytest.importorskip("soundfile")
    samples, rate = soundfile.read(path, dtype="int16")
    soundfile.write(folder / "as.wav", samples, rate, subtype="PCM_16")
    return (folder / "as.wav").read_bytes()


def test_a_recording_that_is_too_old_is_deleted(start_server, tmp_path):
    folder = tmp_path / "recordings"
    for name, age in (("old", 7200), ("new", 60)):
        (folder / name).mkdir(parents=True)
        (folder / name / "recording.json").write_text("{}")
        (folder / name / "events.jsonl").write_text("")
        when = time.time() - age
        os.utime(folder / name / "events.jsonl", (when, when))
    start_server(tmp_path / "server", f"recording.folder={folder}", "recording.keep=1h")
    deadline = time.monotonic() + SOON
    while (folder / "old").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [path.name for path in folder.iterdir()] == ["new"]


def test_a_client_that_never_reads_is_dropped_and_the_others_go_on(start_server, tmp_path):
    _, base = start_server(tmp_path / "slow", "websocket.ping_interval=1s", "websocket.ping_timeout=2s")

    async def work():
        # One message lies in the client's queue; then it reads nothing from the network.
        deaf = await websockets.connect(url(base, "/ws/conversation"), max_queue=1, ping_interval=None)
        async with websockets.connect(url(base, "/ws/conversation")) as other:
            await ready(other)
            for _ in range(20):
                await deaf.send(json.dumps({"action": "text", "text": "One two three four five six seven eight."}))
            async with asyncio.timeout(SOON):
                while status(base)["data"]["active_conversations"] > 1:
                    await other.send(json.dumps({"action": "ping"}))
                    await until(other, "pong")
                    await asyncio.sleep(0.2)
            await other.send(json.dumps({"action": "text", "text": "hello"}))
            assert (await until(other, "response_audio"))["response_text"] == "hello"
        deaf.transport.abort()

    run(work())


def test_settings_change_in_the_middle_of_an_utterance(server, tried):
    async def work():
        async with websockets.connect(url(server, "/ws/conversation?turn_policy=manual")) as socket:
            await ready(socket)
            await speak(socket, tried[: int(2.5 * RATE)])
            await socket.send(json.dumps({"action": "ping"}))
            seen = []
            await until(socket, "pong", seen)
            assert "transcription" not in [message["type"] for message in seen], "nobody said that it is over"
            await socket.send(json.dumps({"action": "settings", "turn_policy": "adaptive"}))
            await asyncio.gather(speak(socket, silence(1)), until(socket, "response_audio"))
            await socket.send(json.dumps({"action": "settings", "turn_policy": "manual"}))
            await until(socket, "settings_changed")
            await speak(socket, tried[: int(1.5 * RATE)])
            await socket.send(json.dumps({"action": "end_utterance"}))
            assert "tried" in (await until(socket, "transcription"))["text"].lower()

    run(work())


@pytest.mark.long
def test_four_hours_of_silence_take_no_memory_and_the_next_words_are_heard(start_server, tmp_path, tried):
    process, base = start_server(tmp_path / "quiet")

    def resident():
        with open(f"/proc/{process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096

    async def work():
        async with websockets.connect(url(base, "/ws/conversation"), compression=None, max_queue=None) as socket:
            await ready(socket)
            part = silence(20).tobytes()
            await socket.send(part)
            before = resident()
            for _ in range(4 * 180):
                await socket.send(part)
            await socket.send(json.dumps({"action": "ping"}))
            async with asyncio.timeout(1800):
                while json.loads(await socket.recv())["type"] != "pong":
                    pass
            assert resident() - before < 64 << 20
            await asyncio.gather(speak(socket, tried), until(socket, "response_audio"))

    asyncio.run(work())
