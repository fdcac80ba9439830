"""Requests made up from the server's own description, right ones and wrong ones, and answers compared with it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

# A description cannot say that a file must be sound or that a voice must be there, so requests that fit it may be
# refused; some that do not fit it are accepted on purpose, such as null for a field that may be left out. GET of
# /tts/voices/validate is that of a voice with this name.
LEFT_OUT = "positive_data_acceptance,negative_data_rejection,allow_header_conformance"


# Who asks for a WebSocket without the handshake is refused, and a topic may have more characters than the description says.
EVENTS_LEFT_OUT = LEFT_OUT + ",unsupported_method"


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_are_as_described(server, seed, tmp_path):
    run(f"{server}/openapi.json", LEFT_OUT, seed, tmp_path)


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_about_events_are_as_described(events, seed, tmp_path):
    # `/` is redirected, and the redirection followed, so that the answer is the page's.
    run(f"{events}/openapi.json", EVENTS_LEFT_OUT, seed, tmp_path, "--exclude-path", "/")


def run(url, left_out, seed, tmp_path, *more):
    command = [Path(sys.executable).with_name("schemathesis"), "run", url]
    options = ["--exclude-checks", left_out, "--max-examples", "20", "--seed", str(seed), "--continue-on-failure"]
    done = subprocess.run([*command, *options, *more, "--no-color"], cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
