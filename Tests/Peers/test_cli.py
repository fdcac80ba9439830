"""The program at the command line: what it makes, and how it refuses."""

import array
import contextlib
import math
import os
import re
import signal
import subprocess
import wave
from pathlib import Path

import pytest
from events_client import within


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


# Help and usage.


@pytest.mark.parametrize("command", [[], *([name] for name in ("talk", "say", "transcribe", "voices", "engines"))])
def test_help_is_on_standard_output(antiphon, command):
    run = antiphon(*command, "--help").succeeded()
    assert "usage" in run.out.lower()
    assert not run.err


@pytest.mark.parametrize("arguments", [["sing"], ["say", "Hello.", "--loudly"], ["say"], ["transcribe"], ["talk"]])
def test_wrong_usage_ends_with_2(antiphon, arguments):
    antiphon(*arguments).refused(statuses=[2])


# Speaking and listening.

# How the files of a format begin.
SIGNS = {
    "wav": (b"RIFF",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "flac": (b"fLaC",),
    "opus": (b"OggS",),
}


@pytest.mark.parametrize("extension", ["wav", "mp3", "flac", "opus"])
def test_what_is_said_can_be_transcribed(antiphon, extension, tmp_path):
    spoken = tmp_path / f"spoken.{extension}"
    antiphon("say", "It is good to say hello to you. How are you?", "-o", spoken).succeeded()
    assert spoken.read_bytes().startswith(SIGNS[extension])
    heard = words(antiphon("transcribe", spoken).succeeded().out)
    assert "hello" in heard
    assert "how are you" in heard


def test_a_wav_is_readable_by_others_and_has_a_plausible_length(antiphon, tmp_path):
    antiphon("say", "Hello! It is good to see you. How are you?", "-o", tmp_path / "spoken.wav").succeeded()
    with wave.open(str(tmp_path / "spoken.wav"), "rb") as spoken:
        assert spoken.getsampwidth() == 2
        assert 1 < spoken.getnframes() / spoken.getframerate() < 10


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_text_is_refused(antiphon, text, tmp_path):
    antiphon("say", text, "-o", tmp_path / "out.wav").refused("text", statuses=[2])
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize("text", ["…", "日本語", "👍🏽", "\u202e\u0007\u0001", "a" * 3000])
def test_unusual_text_never_crashes(antiphon, text, tmp_path):
    run = antiphon("say", text, "-o", tmp_path / "out.wav", timeout=300)
    assert run.status in (0, 1, 2)
    if run.status == 0:
        wave.open(str(tmp_path / "out.wav"), "rb").close()
    else:
        assert run.err.strip()


@pytest.mark.parametrize("voice", ["nobody", "../x", "../../etc/passwd", "/etc/passwd", "", "a" * 5000, "joe\nname"])
def test_an_unknown_voice_is_refused(antiphon, voice, tmp_path):
    antiphon("say", "Hello.", "--voice", voice, "-o", tmp_path / "out.wav").refused("voice", statuses=[2])
    assert not (tmp_path / "out.wav").exists()


def open_files(program: subprocess.Popen) -> str:
    """What the process has open, one after another."""
    files = []
    for descriptor in Path(f"/proc/{program.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            files.append(os.readlink(descriptor))
    return "\n".join(files)


def test_an_interrupted_program_leaves_the_file_that_was_there_and_nothing_else(antiphon, tmp_path):
    out = tmp_path / "out.wav"
    out.write_bytes(b"the one before")
    text = "And so the long procession went on, past the river and the mill, into the hills. " * 30
    program = subprocess.Popen(
        [antiphon.binary, "say", text, "-o", out, "--models", antiphon.models],
        # Whatever runs the tests may have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in within(60):
        if str(tmp_path) in open_files(program):
            break
        assert program.poll() is None
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=30) == -signal.SIGINT
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]
    assert out.read_bytes() == b"the one before"


def test_a_pipe_gets_the_sound_and_stays_a_pipe(antiphon, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    try:
        antiphon("say", "Hello.", "--format", "wav", "-o", pipe).succeeded()
        assert reader.communicate(timeout=30)[0].startswith(b"RIFF")
    finally:
        reader.kill()
    assert pipe.is_fifo()


def test_a_full_device_is_a_failure_and_stays_a_device(antiphon):
    antiphon("say", "Hello.", "--format", "wav", "-o", "/dev/full").refused_in_one_line("/dev/full", statuses=[1])
    assert Path("/dev/full").is_char_device()


def test_a_link_stays_one(antiphon, tmp_path):
    link = tmp_path / "link.wav"
    link.symlink_to("target.wav")
    (tmp_path / "target.wav").write_bytes(b"")
    antiphon("say", "Hello.", "-o", link).succeeded()
    assert link.is_symlink()
    assert (tmp_path / "target.wav").read_bytes().startswith(b"RIFF")


def test_an_output_in_a_missing_folder_is_refused(antiphon, tmp_path):
    antiphon("say", "Hello.", "-o", tmp_path / "missing/out.wav").refused_in_one_line("out.wav")


# Transcripts and their formats.


def test_a_recording_is_transcribed(antiphon, beckett):
    heard = words(antiphon("transcribe", beckett).succeeded().out)
    assert "ever tried" in heard
    assert "no matter" in heard


def test_several_recordings_are_all_transcribed(antiphon, beckett, two_cities):
    heard = words(antiphon("transcribe", beckett, two_cities).succeeded().out)
    assert heard.index("no matter") < heard.index("best of times")


def test_a_transcript_as_json(antiphon, beckett):
    transcript = antiphon("transcribe", beckett, "--format", "json").succeeded().json
    assert "no matter" in words(transcript["text"])
    assert transcript["segments"]
    end = 0
    for segment in transcript["segments"]:
        assert segment["text"].strip()
        assert end <= segment["start"] < segment["end"]
        end = segment["end"]
    assert end < 10.5


TIMES = {
    "srt": r"\d+\n(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n.+",
    "vtt": r"(?:.+\n)?(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})\n.+",
}


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_a_transcript_as_subtitles(antiphon, two_cities, format):
    text = antiphon("transcribe", two_cities, "--format", format).succeeded().out
    blocks = [block.strip() for block in text.strip().split("\n\n")]
    if format == "vtt":
        assert blocks.pop(0).startswith("WEBVTT")
    assert len(blocks) > 1
    end = 0
    for number, block in enumerate(blocks, 1):
        cue = re.fullmatch(TIMES[format], block, re.DOTALL)
        assert cue, block
        if format == "srt":
            assert block.startswith(f"{number}\n")
        times = [int(part) for part in cue.groups()]
        begin, until = (((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (times[:4], times[4:]))
        assert end <= begin < until
        end = until
    assert end < 45_000
    assert "best of times" in words(text)


def test_an_unknown_format_is_refused(antiphon, beckett):
    antiphon("transcribe", beckett, "--format", "pdf").refused("pdf", statuses=[2])


# Files that are no recordings.


@pytest.fixture(
    params=["missing", "folder", "text", "empty", "cut in its header", "without samples", "unreadable", "noise bytes"]
)
def no_recording(request, beckett, tmp_path):
    path = tmp_path / "no_recording.wav"
    content = beckett.read_bytes()
    if request.param == "folder":
        path.mkdir()
    elif request.param == "text":
        path.write_text("This is no recording.\n" * 200)
    elif request.param == "empty":
        path.touch()
    elif request.param == "cut in its header":
        path.write_bytes(content[:30])
    elif request.param == "without samples":
        path.write_bytes(content[:44])
    elif request.param == "unreadable":
        path.symlink_to("/proc/self/mem")  # Opens, and fails when read; for root as well.
    elif request.param == "noise bytes":
        path.write_bytes(bytes(number * 7919 % 251 for number in range(5000)))
    return path


@pytest.mark.parametrize("command", ["transcribe", "talk"])
def test_a_file_that_is_no_recording_is_refused(antiphon, command, no_recording, tmp_path):
    output = ["-o", tmp_path / "out.wav"] if command == "talk" else []
    antiphon(command, no_recording, *output).refused_in_one_line("no_recording.wav")
    assert not (tmp_path / "out.wav").exists()


def test_a_recording_cut_short_is_used_or_refused(antiphon, beckett, tmp_path):
    cut = tmp_path / "cut.wav"
    cut.write_bytes(beckett.read_bytes()[:100_001])
    run = antiphon("transcribe", cut)
    if run.status == 0:
        assert "ever" in words(run.out)
    else:
        run.refused_in_one_line("cut.wav")


def test_one_bad_file_among_good_ones_is_named(antiphon, beckett, tmp_path):
    (tmp_path / "bad.wav").write_text("no")
    run = antiphon("transcribe", beckett, tmp_path / "bad.wav")
    assert run.status in (1, 2)
    assert "bad.wav" in run.err


# Voices and engines.


def entries(document, name):
    """The list in a JSON answer that is either the list itself or an object with it under `name`."""
    found = document[name] if isinstance(document, dict) else document
    assert found and isinstance(found, list)
    return found


def test_the_voices_are_listed_and_speak(antiphon, tmp_path):
    voices = entries(antiphon("voices", "--json").succeeded().json, "voices")
    names = [voice["name"] for voice in voices]
    assert len(set(names)) == len(names)
    assert "joe" in names
    one_of_each_engine = {voice["engine"]: voice["name"] for voice in voices}
    for name in one_of_each_engine.values():
        antiphon("say", "Hello.", "--voice", name, "-o", tmp_path / "out.wav").succeeded()
        with wave.open(str(tmp_path / "out.wav"), "rb") as spoken:
            assert any(spoken.readframes(spoken.getnframes())), name


def test_every_engine_is_available_with_the_models(antiphon):
    engines = entries(antiphon("engines", "--json").succeeded().json, "engines")
    assert [engine["name"] for engine in engines if not engine["available"]] == []


def test_engines_without_their_models_say_why(antiphon):
    engines = entries(antiphon("engines", "--json", "--models", "/nonexistent").succeeded().json, "engines")
    for engine in engines:
        assert isinstance(engine["available"], bool)
        if engine["name"] not in ("espeak-ng", "energy"):
            assert engine["available"] is False, engine
        assert engine["available"] or engine["reason"].strip()


def test_transcribing_without_models_is_refused(antiphon, beckett):
    antiphon("transcribe", beckett, "--models", "/nonexistent").refused_in_one_line("/nonexistent")


# Settings.


def test_a_misspelt_section_is_refused_in_an_old_file_too(antiphon, tmp_path):
    old = tmp_path / "config.yaml"
    old.write_text("server: {port: 8004}\nspeach: {speed: 2}\n")
    antiphon("config", "validate", "--config", old).refused("config.yaml:2:1", "speach", "speech", statuses=[2])
    old.write_text("server: {port: 8004}\nmiddleware: {timing: {enabled: true}, invalid_middleware: true}\n")
    antiphon("config", "validate", "--config", old).refused("invalid_middleware", statuses=[2])
    old.write_text("server: {port: 8004}\nmiddleware: {timing: {enabled: true}, logging: {enabled: true}}\n")
    antiphon("config", "validate", "--config", old).succeeded()


def test_a_voice_that_is_not_there_is_refused_when_settings_are_checked(antiphon):
    antiphon("config", "validate", "--set", "speech.voice=nobody").refused("speech.voice", "nobody", statuses=[2])
    antiphon("config", "validate", "--set", "speech.voice=joe").succeeded()


def test_sound_is_as_the_settings_say(antiphon, tmp_path):
    out = tmp_path / "out"
    antiphon("say", "Hello.", "-o", out, "--set", "speech.format=flac").succeeded()
    assert out.read_bytes().startswith(b"fLaC")
    antiphon("say", "Hello.", "-o", f"{out}.wav", "--set", "speech.sample_rate=8000").succeeded()
    with wave.open(f"{out}.wav") as sound:
        assert sound.getframerate() == 8000
    antiphon("say", "Hello.", "-o", out, "--set", "speech.max_text_length=5").refused("5", statuses=[2])


# How it ends.


def test_a_sound_that_only_one_of_two_detectors_hears_holds_nobody_up(antiphon, tmp_path):
    # At 7.4 kHz the conversion for whole recordings lets more through than that of a live stream.
    rate = 44_100
    beep = [int(400 * math.sin(2 * math.pi * 7_350 * index / rate)) for index in range(rate * 3 // 10)]
    silence = [0] * rate
    path = tmp_path / "beep.wav"
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(array.array("h", silence + beep + silence).tobytes())
    antiphon("talk", path, "--set", "speech.voice_activity=energy").refused(statuses=[1])


def test_it_ends_without_taking_apart_the_libraries_that_engines_still_use(antiphon, tmp_path):
    # Models are freed on the threads of their engines, perhaps while the program ends already; handlers that run then
    # free the same things a second time. Whether they run is told by one more library.
    source = tmp_path / "handler.c"
    source.write_text(
        "#include <unistd.h>\n"
        '__attribute__((destructor)) static void end(void) { write(2, "handlers ran", 12); }\n'
    )
    library = tmp_path / "handler.so"
    subprocess.run(["clang", "-shared", "-fPIC", "-o", library, source], check=True)
    loaded = dict(os.environ, LD_PRELOAD=str(library))
    for arguments, status in [(["--version"], 0), (["sing"], 2)]:
        run = subprocess.run([antiphon.binary, *arguments], env=loaded, capture_output=True, text=True, timeout=60)
        assert run.returncode == status
        assert run.stdout or run.stderr
        assert "handlers ran" not in run.stderr


def test_output_that_cannot_be_written_is_a_failure(antiphon):
    with open("/dev/full", "wb") as full:
        run = subprocess.run([antiphon.binary, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert run.returncode == 1
    assert "No space left" in run.stderr
