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


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_are_as_described(server, seed, tmp_path):
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{server}/openapi.json"]
    options = ["--exclude-checks", LEFT_OUT, "--max-examples", "20", "--seed", str(seed), "--continue-on-failure"]
    done = subprocess.run([*command, *options, "--no-color"], cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
