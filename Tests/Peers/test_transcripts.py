"""Where the program writes transcripts, how it cuts subtitles, and the names of languages it knows."""

import re
import shutil
import subprocess

import pytest

CUE = re.compile(r"(\d\d):(\d\d):(\d\d)[.,](\d{3}) --> (\d\d):(\d\d):(\d\d)[.,](\d{3})")


@pytest.fixture(scope="module")
def short(antiphon, tmp_path_factory):
    """A recording that is transcribed at once."""
    path = tmp_path_factory.mktemp("short") / "short.wav"
    antiphon("say", "No matter. Try again.", "-o", path).succeeded()
    return path


@pytest.fixture
def two(short, tmp_path):
    """Two recordings in a folder of their own."""
    paths = [tmp_path / "one.wav", tmp_path / "two.flac.wav"]
    for path in paths:
        shutil.copy(short, path)
    return paths


def seconds(parts):
    hours, minutes, rest, milliseconds = map(int, parts)
    return hours * 3600 + minutes * 60 + rest + milliseconds / 1000


def test_subtitles_are_short_enough_to_read(antiphon, two_cities):
    text = antiphon("transcribe", two_cities, "--format", "srt").succeeded().out
    for block in text.strip().split("\n\n"):
        _, times, *lines = block.split("\n")
        parts = CUE.fullmatch(times).groups()
        assert 0 < seconds(parts[4:]) - seconds(parts[:4]) <= 7.001
        assert 1 <= len(lines) <= 2
        assert all(0 < len(line) <= 42 for line in lines)


def test_the_layout_of_subtitles_can_be_set(antiphon, short):
    command = ("transcribe", short, "--format", "vtt", "--lines", 1, "--line-length", 12, "--longest-cue", "3s")
    blocks = antiphon(*command).succeeded().out.strip().split("\n\n")[1:]
    assert len(blocks) > 1
    assert all(len(block.split("\n")) == 2 and len(block.split("\n")[1]) <= 12 for block in blocks)
    antiphon("transcribe", short, "--lines", 0).refused("--lines", statuses=[2])


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_subtitles_of_several_recordings_are_files_beside_them(antiphon, two, tmp_path, format):
    run = antiphon("transcribe", *two, "--format", format).succeeded()
    assert not run.out
    made = [tmp_path / f"one.{format}", tmp_path / f"two.flac.{format}"]
    for path in made:
        assert CUE.search(path.read_text())
    # They are not replaced unawares.
    made[0].write_text("mine")
    antiphon("transcribe", *two, "--format", format).refused_in_one_line(made[0].name, "--force", statuses=[2])
    assert made[0].read_text() == "mine"
    antiphon("transcribe", *two, "--format", format, "--force").succeeded()
    assert CUE.search(made[0].read_text())


@pytest.mark.parametrize("format, ending", [("srt", "srt"), ("text", "txt"), ("json", "json")])
def test_a_folder_gets_a_file_for_each_recording(antiphon, two, tmp_path, format, ending):
    folder = tmp_path / "out"
    antiphon("transcribe", *two, "--format", format, "-o", f"{folder}/").refused("folder", statuses=[2])
    folder.mkdir()
    antiphon("transcribe", *two, "--format", format, "-o", folder).succeeded()
    assert sorted(path.name for path in folder.iterdir()) == [f"one.{ending}", f"two.flac.{ending}"]
    assert all("matter" in path.read_text().lower() for path in folder.iterdir())


def test_a_file_is_named_and_its_name_decides_the_format(antiphon, short, tmp_path):
    out = tmp_path / "a.vtt"
    out.write_text("before")
    antiphon("transcribe", short, "-o", out).succeeded()
    assert out.read_text().startswith("WEBVTT")
    both = tmp_path / "both.txt"
    antiphon("transcribe", short, short, "-o", both).succeeded()
    assert both.read_text().count("==>") == 2


def test_destinations_that_would_surprise_are_refused(antiphon, short, two, tmp_path):
    antiphon("transcribe", *two, "--format", "srt", "-o", tmp_path / "a.srt").refused("folder", statuses=[2])
    antiphon("transcribe", two[0], "--format", "text", "-o", two[0]).refused("recordings", statuses=[2])
    twin = tmp_path / "one.mp3"
    shutil.copy(short, twin)
    antiphon("transcribe", two[0], twin, "--format", "srt").refused("one.mp3", statuses=[2])
    antiphon("transcribe", "-", "-").refused("standard input", statuses=[2])
    antiphon("transcribe", "-", short, "--format", "srt").refused("-o", statuses=[2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.mp3", "one.wav", "two.flac.wav"]


def test_standard_input_is_transcribed(antiphon, short):
    with short.open("rb") as recording:
        run = subprocess.run(
            [antiphon.binary, "transcribe", "-", "--format", "srt", "--models", antiphon.models],
            stdin=recording,
            capture_output=True,
            timeout=120,
        )
    assert run.returncode == 0, run.stderr
    assert b"matter" in run.stdout.lower() and b" --> " in run.stdout
    antiphon("transcribe", "-").refused("standard input", statuses=[2])


@pytest.mark.parametrize("name", ["English", "eng", "EN", "en_US", "auto", ""])
def test_a_language_goes_by_many_names(antiphon, short, name):
    assert "matter" in antiphon("transcribe", short, "--language", name).succeeded().out.lower()


@pytest.mark.parametrize("name", ["xx", "englich", "../etc"])
def test_a_name_of_no_language_is_refused(antiphon, short, name):
    antiphon("transcribe", short, "--language", name).refused_in_one_line("--language", name, statuses=[2])
