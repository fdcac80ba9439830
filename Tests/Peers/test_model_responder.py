"""A spoken turn answered by a language model behind the OpenAI chat API: a real one, and ones that fail.

What a model says differs from run to run: these tests look at the shape and the times of a turn, not at its meaning.
"""

import os
import re
import subprocess
import urllib.request
import wave

import pytest
from conftest import TOP

# The parts of the wait between the end of the user's speech and the first sound of the answer, in order.
PARTS = ["endpointing_ms", "transcription_ms", "first_token_ms", "first_sentence_ms", "synthesis_ms"]


def talk(antiphon, recording, *options, out):
    return antiphon("talk", recording, *options, "-o", out, "--json")


def model(url):
    return ("--responder", "model", "--model-url", url, "--model", "smollm2")


def assert_whole_turn(record, out):
    assert record["turn"]["state"] == "completed"
    assert record["transcript"].strip()
    assert record["answer"].strip()
    timings = record["timings"]
    for name in [*PARTS, "first_audio_ms", "total_ms"]:
        assert timings[name] >= 0, name
    assert sum(timings[name] for name in PARTS) == pytest.approx(timings["first_audio_ms"], abs=1)
    assert timings["first_audio_ms"] <= timings["total_ms"]
    with wave.open(str(out), "rb") as answer:
        assert answer.getnframes() / answer.getframerate() > 0.3
        assert any(answer.readframes(answer.getnframes())), "the answer is silent"


def tokens_made(url) -> int:
    metrics = urllib.request.urlopen(url + "/metrics", timeout=10).read().decode()
    return int(float(re.search(r"^llamacpp:tokens_predicted_total (\S+)$", metrics, re.MULTILINE)[1]))


def test_a_model_answers_a_spoken_turn(antiphon, beckett, model_server, tmp_path):
    before = tokens_made(model_server)
    run = talk(antiphon, beckett, *model(model_server), out=tmp_path / "out.wav").succeeded()
    assert_whole_turn(run.json, tmp_path / "out.wav")
    assert run.json["responder"] == "model"
    assert not run.json.get("handedOver")
    assert run.json["timings"]["first_token_ms"] > 0
    assert tokens_made(model_server) > before


def test_a_base_url_with_v1_and_slash_is_the_same(antiphon, beckett, model_server, tmp_path):
    run = talk(antiphon, beckett, *model(model_server + "/v1/"), out=tmp_path / "out.wav").succeeded()
    assert run.json["responder"] == "model"


@pytest.mark.heavy
@pytest.mark.parametrize("turns", [2, pytest.param(10, marks=pytest.mark.long)])
def test_turns_in_a_row_all_complete(antiphon, beckett, model_server, tmp_path, turns):
    for turn in range(turns):
        out = tmp_path / f"{turn}.wav"
        assert_whole_turn(talk(antiphon, beckett, *model(model_server), out=out).succeeded().json, out)


def test_a_tool_call_goes_through_the_model_server_and_back(model_server):
    """No command has tools yet, so the test of the module is run against the server of these tests."""
    command = ["swift", "test", "--skip-build", "--filter", "SessionToolTests"]
    environment = {**os.environ, "ANTIPHON_MODEL_SERVER": model_server}
    run = subprocess.run(command, cwd=TOP, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    assert re.search("goes through a real model server and back.* passed", run.stdout), run.stdout[-3000:]


@pytest.fixture(params=["closed port", "500", "404", "not an event stream", "not JSON", "nothing said"])
def failing_url(request, closed_port, http_server):
    """The base URL of a model server that gives no answer, each in its own way."""
    return {
        "closed port": lambda: f"http://127.0.0.1:{closed_port}",
        "500": lambda: http_server(500, "application/json", b'{"error": {"message": "out of memory"}}'),
        "404": lambda: http_server(404, "application/json", b'{"error": {"message": "no such model"}}'),
        "not an event stream": lambda: http_server(200, "text/html", b"<html><body>Welcome!</body></html>"),
        "not JSON": lambda: http_server(200, "text/event-stream", b"data: {]\n\ndata: [DONE]\n\n"),
        "nothing said": lambda: http_server(200, "text/event-stream", b"data: [DONE]\n\n"),
    }[request.param]()


def test_the_script_answers_when_the_model_fails(antiphon, beckett, failing_url, tmp_path):
    run = talk(antiphon, beckett, *model(failing_url), "--responder", "script", out=tmp_path / "out.wav").succeeded()
    assert_whole_turn(run.json, tmp_path / "out.wav")
    assert run.json["responder"] == "script"
    assert "model" in str(run.json["handedOver"])


def test_a_failing_model_alone_ends_the_turn_with_one_clear_line(antiphon, beckett, failing_url, tmp_path):
    talk(antiphon, beckett, *model(failing_url), out=tmp_path / "out.wav").refused_in_one_line("model", statuses=[1])
