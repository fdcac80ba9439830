"""What somebody meets who has just built the program: other folders, missing models, slips of the keyboard."""

import ctypes
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import TOP, log_of
from events_client import within


def run(program, *arguments, cwd, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def models_of(shown: str) -> str:
    """The line of `config show` with the folder of models."""
    return re.search(r"^models:\n  path: (.*)$", shown, re.M)[1]


# Models from any folder.


@pytest.fixture
def installed(antiphon, tmp_path):
    """A copy of the program in a prefix of its own."""
    (tmp_path / "prefix/bin").mkdir(parents=True)
    program = tmp_path / "prefix/bin/antiphon"
    try:
        os.link(antiphon.binary.resolve(), program)
    except OSError:
        shutil.copy2(antiphon.binary, program)
    return program


def test_models_are_found_in_the_tree_that_a_link_leads_to(antiphon, tmp_path):
    if TOP not in antiphon.binary.resolve().parents or antiphon.models != TOP / "models":
        pytest.skip("the program was not built in this tree")
    link = tmp_path / "antiphon"
    link.symlink_to(antiphon.binary)
    shown = run(link, "config", "show", cwd=tmp_path).stdout
    assert models_of(shown) == f"{TOP}/models  # default, found beside the program"
    assert "✗ piper" not in run(link, "engines", cwd=tmp_path).stdout


@pytest.mark.parametrize("place", ["prefix/bin/models", "prefix/share/antiphon/models"])
def test_models_are_found_beside_the_program(installed, tmp_path, place):
    (tmp_path / place).mkdir(parents=True)
    assert models_of(run(installed, "config", "show", cwd=tmp_path).stdout).startswith(str(tmp_path / place))
    # The working directory's own, and what settings say, come first.
    elsewhere = run(installed, "config", "show", cwd=tmp_path, ANTIPHON_MODELS_PATH="/elsewhere").stdout
    assert models_of(elsewhere).startswith("/elsewhere ")
    (tmp_path / "models").mkdir()
    assert models_of(run(installed, "config", "show", cwd=tmp_path).stdout) == "models"


# What is missing.


def test_an_engine_that_stands_in_is_named_with_the_remedy(antiphon, tmp_path):
    said = antiphon("say", "Hello.", "-o", tmp_path / "a.wav", "--models", tmp_path).succeeded()
    assert re.search(r"espeak-ng speaks, since piper cannot be used: .*scripts/setup", said.err)
    assert not antiphon("say", "Hello.", "-o", tmp_path / "a.wav").succeeded().err
    # Who asks for the other engine misses nothing.
    told = ["--voice", "espeak-ng/en-us", "--models", tmp_path]
    assert not antiphon("say", "Hello.", "-o", tmp_path / "a.wav", *told).succeeded().err


def test_voices_lists_only_what_can_be_used(antiphon, tmp_path):
    listed = antiphon("voices", "--models", tmp_path).succeeded()
    assert "piper" not in listed.out and "espeak-ng/de" in listed.out
    assert "scripts/setup" in listed.err
    antiphon("say", "Hello.", "--voice", "jo", "-o", tmp_path / "a.wav", "--models", tmp_path).refused("espeak-ng/")
    refused = antiphon("say", "Hello.", "--voice", "jo", "-o", tmp_path / "a.wav", "--models", tmp_path)
    assert "piper/joe" not in refused.err


def test_a_server_names_what_is_missing_and_offers_the_rest(start_server, tmp_path):
    (tmp_path / "models").mkdir()
    process, url = start_server(tmp_path, models=tmp_path / "models")

    def get(path: str):
        return json.load(urllib.request.urlopen(url + path, timeout=30))

    health = get("/health")["data"]
    assert {engine["name"] for engine in health["engines"]} == {"espeak-ng"}
    assert {engine["name"] for engine in health["missing_engines"]} == {"piper", "moonshine"}
    names = {model["id"] for model in get("/v1/models")["data"]}
    assert names >= {"tts-1", "espeak-ng"} and not names & {"piper", "moonshine", "whisper-1"}
    voices = get("/tts/voices")
    assert voices and "joe" not in {voice["id"] for voice in voices}
    assert get("/tts/voices/joe")["exists"] is False
    assert "piper" not in str(get("/v1/audio/voices"))
    for path in ("/tts/voices/jo", "/v1/models/piper"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            get(path)
        assert refusal.value.code == 404 and b"piper/joe" not in refusal.value.read()
    log = (tmp_path / "server.log").read_text()
    for engine in ("piper", "moonshine", "silero"):
        [line] = [line for line in log.splitlines() if "an engine of the settings" in line and f"engine={engine}" in line]
        assert "scripts/setup" in line
    assert "engine=energy" not in log and "engine=espeak-ng" not in log


# Slips.


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["serv"], ["serv", "did you mean antiphon serve?"]),
        (["trasncribe", "a.wav"], ["did you mean antiphon transcribe?"]),
        (["config", "valdate"], ["did you mean antiphon config validate?", "antiphon config --help"]),
        (["help", "voice"], ["did you mean antiphon voices?"]),
        (["sing"], ["no command", "antiphon --help"]),
        (["say", "Hello.", "--voise", "joe"], ["--voise", "--voice"]),
        (["serve", "--hots", "::1"], ["--hots", "--host"]),
        (["say", "Hello", "there,", "it's", "me"], ["quotes", "antiphon say 'Hello there, it'\\''s me'"]),
    ],
)
def test_what_was_probably_meant(antiphon, arguments, words):
    antiphon(*arguments).refused(*words, statuses=[2])


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "b.srt.bak"])
def test_a_transcript_of_unknown_kind_is_refused(antiphon, beckett, tmp_path, name):
    antiphon("transcribe", beckett, "-o", tmp_path / name).refused_in_one_line(name, ".srt", "--format", statuses=[2])
    assert not (tmp_path / name).exists()


def test_a_kind_that_is_named_may_have_any_file(antiphon, beckett, tmp_path):
    (tmp_path / "v1.2").mkdir()
    antiphon("transcribe", beckett, "-o", tmp_path / "v1.2").succeeded()
    assert (tmp_path / "v1.2/beckett.txt").read_text().strip()
    antiphon("transcribe", beckett, "-o", tmp_path / "a.log", "--format", "text").succeeded()
    assert "no matter" in (tmp_path / "a.log").read_text()


def test_a_token_says_which_key_it_needs(antiphon, tmp_path):
    antiphon("token", "--data-dir", tmp_path).refused_in_one_line("API key", "antiphon keys add", statuses=[2])
    for name in ("first", "second"):
        antiphon("keys", "add", name, "--data-dir", tmp_path).succeeded()
    antiphon("token", "--data-dir", tmp_path).refused_in_one_line("--key", "first", "second", statuses=[2])
    antiphon("token", "--key", "third", "--data-dir", tmp_path).refused_in_one_line("third", "keys list", statuses=[2])
    antiphon("token", "--key", "first", "--data-dir", tmp_path).succeeded()


def test_times_name_their_unit_and_loading_is_apart(antiphon, beckett, tmp_path):
    said = antiphon("say", "Hello.", "-o", tmp_path / "a.wav", "--json").succeeded().json
    assert set(said) == {"file", "voice", "duration_seconds", "load_ms", "first_audio_ms", "total_ms"}
    assert said["load_ms"] > 0 and 0 < said["first_audio_ms"] <= said["total_ms"]
    turn = antiphon("talk", beckett, "--json").succeeded().json
    assert turn["load_ms"] > 0
    assert all(name.endswith("_ms") for name in [*turn["timings"], *turn["playback"]])


def test_progress_stays_on_one_line_of_a_terminal_and_out_of_files(antiphon, beckett, tmp_path):
    path = tmp_path / ("a long name " * 9 + ".wav")
    path.symlink_to(beckett)
    assert not antiphon("transcribe", path).succeeded().err
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    process = subprocess.Popen(
        [antiphon.binary, "transcribe", path, "--models", antiphon.models],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            shown += os.read(master, 65536)
        except OSError:  # How the end of a terminal shows itself.
            break
    os.close(master)
    assert process.wait(timeout=60) == 0
    lines = shown.decode().split("\r\x1b[K")
    assert len(lines) > 3 and lines[-1] == ""
    assert "\n" not in shown.decode()
    assert max(map(len, lines)) <= 59 and any("of 10 s" in line for line in lines)


# What the engines' libraries write.


def engine_threads(pid: int) -> list[int]:
    """The threads whose standard error is a pipe: those that have descriptors of their own."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            if os.readlink(task / "fd/2").startswith("pipe:"):
                found.append(int(task.name))
        except FileNotFoundError:
            continue  # The thread has ended.
    return found


def test_what_engines_write_is_counted_and_words_of_users_stay_out(antiphon, start_server, tmp_path):
    secret = "日本語 ω"
    assert not antiphon("say", f"Hello. {secret}", "-o", tmp_path / "a.wav").succeeded().err
    settings = ["logging.level=debug", "logging.format=json", "speech.recognizers=moonshine"]
    process, url = start_server(tmp_path, "speech.voice_activity=energy", "speech.synthesizers=piper", *settings)

    def speak():
        body = json.dumps({"input": f"Hello. {secret}", "model": "tts-1", "voice": "joe"}).encode()
        request = urllib.request.Request(f"{url}/v1/audio/speech", body, {"content-type": "application/json"})
        urllib.request.urlopen(request, timeout=60).read()

    def lines() -> list[dict]:
        return [json.loads(line) for line in (tmp_path / "server.log").read_text().splitlines()]

    speak()
    # As a library would on any of its threads, whatever this version of it has to say about the text.
    for thread in engine_threads(process.pid):
        with open(f"/proc/{process.pid}/task/{thread}/fd/2", "w") as output:
            output.write(f"Skip unknown phonemes. {secret}\n")
    speak()
    written = [line for line in lines() if line.get("engine") == "piper" and "standard error" in line["message"]]
    assert written and all(int(line["bytes"]) > 30 and "hidden" in line["text"] for line in written)
    assert not any(character in json.dumps(lines(), ensure_ascii=False) for character in "日本語ω")


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_last_words_of_a_crash_on_an_engines_thread_reach_standard_error(start_server, tmp_path, number):
    # Without the report that the Swift runtime makes of a crash, which takes long for a program with debug information.
    process, _ = start_server(
        tmp_path,
        "speech.voice_activity=energy",
        "speech.synthesizers=espeak-ng",
        environment={"SWIFT_BACKTRACE": "enable=no"},
    )
    for _ in within(30):
        threads = engine_threads(process.pid)
        if threads:
            break
    with open(f"/proc/{process.pid}/task/{threads[0]}/fd/2", "w") as output:
        output.write("terminate called after throwing an instance\n")
    # Linux's tgkill: the signal to one thread, as if it had come from there.
    assert ctypes.CDLL(None, use_errno=True).syscall(234, process.pid, threads[0], int(number)) == 0
    assert process.wait(timeout=60) == -number
    assert "terminate called after throwing an instance" in log_of(tmp_path)
