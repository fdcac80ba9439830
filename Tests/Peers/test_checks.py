"""What is checked before a port is opened, networks that need no key, and the log of accesses."""

import json
import signal
import urllib.error
import urllib.request

import pytest
from conftest import log_of

EVERYWHERE = 'listeners=[{"port": 0, "apis": ["events"], "bind": "0.0.0.0"}]'
WRONG = [
    ("conversation.responders=model", "model.url"),
    ("conversation.responders=nobody", "nobody"),
    ("conversation.script=/nowhere/script.yaml", "/nowhere/script.yaml"),
    ("conversation.script=/etc/passwd", "/etc/passwd"),
    ("http.max_connections=100000", "http.max_connections"),
    ("storage.path=/etc", "storage.path"),
    ("storage.path=/etc/passwd/antiphon.sqlite", "storage.path"),
    ("model.url=http://127.0.0.1:99999/v1", "model.url"),
    ("bind=999.1.1.1", "bind"),
    ("bind=192.0.2.1", "192.0.2.1"),
    ("bind=no-such-host.invalid", "no-such-host.invalid"),
    ("speech.voice=nobody", "speech.voice"),
    ("speech.recognizers=nobody", "nobody"),
    ("cluster.redis=http://127.0.0.1", "cluster.redis"),
    ("auth.trusted_networks=0.0.0.0/0", "auth.trusted_networks"),
    ("http=3", "http.max_headers"),
]


@pytest.mark.parametrize("assignment, named", WRONG)
def test_serve_and_validate_refuse_the_same_settings(antiphon, tmp_path, assignment, named):
    for command in (["config", "validate"], ["serve"]):
        arguments = [*command, "--data-dir", tmp_path, "--set", 'listeners=[{"port": 0, "apis": ["events"]}]']
        if assignment.startswith("storage.path="):
            arguments[len(command) : len(command) + 2] = []
        run = antiphon(*arguments, "--set", assignment)
        run.refused(named, statuses=[2])
        assert "root:" not in run.err


def test_keys_are_not_left_out_for_everybody(antiphon, tmp_path):
    wrong = ["--data-dir", tmp_path, "--set", EVERYWHERE, "--set", "auth.required=false"]
    for command in (["config", "validate"], ["serve"]):
        antiphon(*command, *wrong).refused("auth.required", "auth.trusted_networks", statuses=[2])
    antiphon("config", "validate", *wrong, "--set", "auth.trusted_networks=10.0.0.0/8").succeeded()
    # A name that begins as an address of this machine does.
    named = ["--data-dir", tmp_path, "--set", EVERYWHERE.replace("0.0.0.0", "127.example.invalid")]
    antiphon("config", "validate", *named, "--set", "auth.required=false").refused("auth.required", statuses=[2])


def status(url, **fields):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=fields), timeout=60).status
    except urllib.error.HTTPError as error:
        return error.code


def test_clients_of_a_trusted_network_need_no_key(start_server, tmp_path):
    networks = "auth.trusted_networks=10.0.0.0/8,127.0.0.1"
    process, url = start_server(
        tmp_path, EVERYWHERE, "auth.required=false", networks, "http.cors_origins=https://known.example"
    )
    url = url.replace("0.0.0.0", "127.0.0.1")
    assert status(url + "/stats") == 200
    assert status(url + "/stats", authorization="Bearer unused") == 200
    assert status(url + "/stats", **{"x-forwarded-for": "10.0.0.1"}) == 401
    # A page of a stranger may have given its name the server's address.
    for host, expected in [("rebound.example", 401), ("known.example", 200), ("192.0.2.7:8", 200), ("[fd00::1]:8", 200)]:
        assert status(url + "/stats", host=host) == expected, host
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert "stopped" in log_of(tmp_path).splitlines()[-1]


def test_each_request_is_logged_at_its_end(start_server, tmp_path):
    settings = ["logging.access=true", "logging.format=json", "logging.level=warning"]
    process, url = start_server(tmp_path, 'listeners=[{"port": 0, "apis": ["events"]}]', *settings)
    request = urllib.request.Request(url + "/stats?who=me", headers={"x-request-id": "access-1"})
    size = len(urllib.request.urlopen(request, timeout=60).read())
    head = urllib.request.Request(url + "/health", method="HEAD", headers={"x-request-id": "access-2"})
    urllib.request.urlopen(head, timeout=60).close()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    lines = [json.loads(line) for line in log_of(tmp_path).splitlines() if line.startswith("{")]
    for line in (line for line in lines if line["message"] == "access"):
        assert isinstance(line["ms"], float | int)
    [record] = [line for line in lines if line.get("request_id") == "access-1"]
    assert (record["method"], record["path"], record["status"], record["bytes"]) == ("GET", "/stats", 200, size)
    assert record["client"] == "127.0.0.1" and "key" not in record
    [record] = [line for line in lines if line.get("request_id") == "access-2"]
    assert (record["method"], record["status"], record["bytes"]) == ("HEAD", 200, 0)
    assert "who=me" not in log_of(tmp_path)


def test_status_says_degraded(start_server, antiphon, tmp_path):
    (tmp_path / "models").mkdir()
    engines = ["speech.synthesizers=piper,espeak-ng", "speech.recognizers=moonshine,openai"]
    engines += ["speech.openai.url=http://127.0.0.1:9", "speech.openai.recognition_model=any"]
    _, url = start_server(tmp_path, *engines, models=tmp_path / "models")
    told = antiphon("status", url).out
    assert "is degraded" in told and "piper (synthesizer)" in told
