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
from pathlib import Path

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


# With a limit of 3 not even a thread with descriptors of its own can open anything.
@pytest.mark.parametrize("limit", [None, 3])
def test_without_descriptors_speech_is_whole_or_refused(start_server, server, tmp_path, beckett, limit):
    whole = {voice: Caller(server).speak(voice)[1] for voice in ["joe", "espeak-ng/en-us", "espeak-ng/de"]}
    process, url = start_server(tmp_path)
    callers = [Caller(url) for _ in range(3)]

    def check(status, got, voice):
        # A voice of piper varies a little in its length; the other engine's does not at all.
        assert 0.8 * whole[voice] < got < 1.25 * whole[voice], f"{voice}: {got} samples instead of {whole[voice]}"
        assert voice == "joe" or got == whole[voice], f"{voice}: {got} samples instead of {whole[voice]}"

    # The German voice is not loaded before the shortage.
    order = ["espeak-ng/en-us", "joe", "espeak-ng/de", "espeak-ng/en-us", "joe"]
    with no_descriptors(process, limit):
        for voice in order:
            status, got = callers[0].speak(voice)
            assert status == 200 or status >= 500, got
            if status == 200:
                check(status, got, voice)
        for caller in callers[1:]:
            status, got = caller.hear(beckett)
            assert (status == 200 and b"fail better" in got.lower()) or status >= 500, got
    assert process.poll() is None
    for voice in order:
        for status, got in [callers[0].speak(voice)]:
            assert status == 200, got
            check(status, got, voice)
    for caller in callers:
        status, got = caller.hear(beckett)
        assert status == 200 and b"fail better" in got.lower(), got
