"""Engines of a running server that the machine fails: no file descriptors are left, or the model files change."""

import contextlib
import http.client
import io
import json
import os
import random
import resource
import shutil
import urllib.parse
import wave

import pytest
from test_wire import JSON, form

TEXT = "The weather is nice today, and tomorrow it will rain."


class Caller:
    """A connection that was made in good time, so that its requests need no descriptor of the server's."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        self.ask("GET", "/config/validation")

    def ask(self, method, path, body=None, headers=None):
        """Status and body of the answer."""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def speak(self, voice):
        """Status and length of the sound in samples; the body when there is none."""
        body = json.dumps({"text": TEXT, "voice_id": voice}).encode()
        status, sound = self.ask("POST", "/tts", body, JSON)
        if status != 200:
            return status, sound
        with wave.open(io.BytesIO(sound)) as speech:
            return status, len(speech.readframes(10_000_000)) // 2

    def hear(self, recording):
        """Status and body of a transcription."""
        return self.ask("POST", "/stt", *form(("audio_file", recording.read_bytes(), "a.wav")))


@contextlib.contextmanager
def no_descriptors(process, limit):
    """The process can open nothing: its limit is the lowest number not in use, or `limit`."""
    used = set(map(int, os.listdir(f"/proc/{process.pid}/fd")))
    soft, hard = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    lowest = next(number for number in range(soft) if number not in used)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (limit or lowest, hard))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (soft, hard))


def check(status, sound, whole):
    """The sound is about as long as it was; no engine says the same twice in quite the same time."""
    assert status == 200, sound
    assert 0.8 * whole < sound < 1.25 * whole, f"{sound} samples instead of {whole}"


@pytest.fixture(scope="module")
def words(beckett, tmp_path_factory):
    """"Ever tried. Ever failed." in three seconds."""
    with wave.open(str(beckett)) as recording:
        part = tmp_path_factory.mktemp("words") / "words.wav"
        with wave.open(str(part), "wb") as file:
            file.setparams(recording.getparams())
            file.writeframes(recording.readframes(3 * recording.getframerate()))
    return part


VOICES = ["espeak-ng/en-us", "joe", "espeak-ng/de", "espeak-ng/en-us"]


# With a limit of 3 not even a thread with descriptors of its own can open anything. Only engines that are loaded bear
# it when that is so for them from one moment to the next.
@pytest.mark.parametrize("limit", [None, 3])
def test_without_descriptors_speech_is_whole_or_refused(start_server, server, tmp_path, words, limit):
    whole = {voice: Caller(server).speak(voice)[1] for voice in VOICES}
    process, url = start_server(tmp_path)
    callers = [Caller(url) for _ in range(2)]
    if limit:
        # The German voice is not loaded.
        check(*callers[0].speak("joe"), whole["joe"])
        check(*callers[0].speak("espeak-ng/en-us"), whole["espeak-ng/en-us"])
        assert callers[0].hear(words)[0] == 200
    with no_descriptors(process, limit):
        for voice in VOICES:
            status, sound = callers[0].speak(voice)
            if status < 500:
                check(status, sound, whole[voice])
        status, answer = callers[1].hear(words)
        assert status >= 500 or (status == 200 and b"ever tried" in answer.lower()), answer
    assert process.poll() is None, process.returncode
    for voice in VOICES:
        check(*callers[0].speak(voice), whole[voice])
    for caller in callers:
        status, answer = caller.hear(words)
        assert status == 200 and b"ever tried" in answer.lower(), answer


FILES = [
    "moonshine/lib/libmoonshine.so",
    "moonshine/moonshine_voice.libs/libonnxruntime-13ab8084.so.1",
    "moonshine/tiny-en/decoder_model_merged.ort",
    "moonshine/tiny-en/encoder_model.ort",
    "moonshine/tiny-en/tokenizer.bin",
    "piper/en_US-joe-medium/model.onnx",
    "piper/en_US-joe-medium/tokens.txt",
    "sherpa-onnx/lib/libonnxruntime.so",
    "sherpa-onnx/lib/libsherpa-onnx-c-api.so",
    "silero/silero_vad.onnx",
]


# The folders of each engine's files.
NEEDED = {"moonshine": ("moonshine/",), "piper": ("piper/", "sherpa-onnx/")}


def damage(path, chance):
    """Does something to a file that nobody should."""
    kind = chance.randrange(6)
    if kind == 0:
        os.truncate(path, 0)
    elif kind == 1:
        os.truncate(path, chance.randrange(path.stat().st_size))
    elif kind == 2:
        with path.open("r+b") as file:
            file.seek(chance.randrange(path.stat().st_size))
            file.write(b"damaged")
    elif kind == 3:
        other = path.with_name("other")
        other.write_bytes(chance.randbytes(path.stat().st_size // 100))
        other.rename(path)
    elif kind == 4:
        path.unlink()
    else:
        path.unlink()
        path.mkdir()


def mend(path, whole):
    if path.is_dir():
        path.rmdir()
    shutil.copyfile(whole, path)


def check_rounds(start_server, models, folder, words, rounds):
    """Damages files under a server that has loaded them, and now and then under one that is to load them."""
    copy = folder / "models"
    shutil.copytree(models, copy)
    process, url = start_server(folder / "server", models=copy)
    caller = Caller(url)
    whole = {voice: caller.speak(voice)[1] for voice in VOICES[:2]}
    assert b"ever tried" in caller.hear(words)[1].lower()
    for number in range(rounds):
        chance = random.Random(number)
        damaged = chance.sample(FILES, chance.randrange(1, 4))
        for name in damaged:
            damage(copy / name, chance)
        said = f"round {number}: {damaged}"
        voice = VOICES[number % 2]
        check(*caller.speak(voice), whole[voice])
        status, answer = caller.hear(words)
        assert status == 200 and b"ever tried" in answer.lower(), f"{said}: {answer}"
        if number % 10 == 0:
            beginner, other_url = start_server(folder / f"server-{number}", models=copy)
            other = Caller(other_url)
            for status, answer in [*map(other.speak, whole), other.hear(words)]:
                assert status == 200 or status >= 500, f"{said}: {answer}"
            status, answer = other.ask("GET", "/health")
            facts = json.loads(answer)["data"]
            for engine in facts["engines"] + facts["missing_engines"]:
                is_whole = not any(name.startswith(NEEDED.get(engine["name"], ())) for name in damaged)
                assert engine["available"] == is_whole, f"{said}: {answer}"
            beginner.terminate()
            assert beginner.wait(timeout=40) == 0, said
        assert process.poll() is None, f"{said}: {process.returncode}"
        for name in damaged:
            mend(copy / name, models / name)
    process.terminate()
    assert process.wait(timeout=40) == 0


def test_model_files_that_change_while_the_server_runs(start_server, models, tmp_path, words):
    check_rounds(start_server, models, tmp_path, words, rounds=10)


@pytest.mark.long
def test_model_files_that_change_for_long(start_server, models, tmp_path, words):
    check_rounds(start_server, models, tmp_path, words, rounds=200)
