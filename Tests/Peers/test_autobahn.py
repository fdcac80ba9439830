"""The WebSocket protocol, by Autobahn's test suite."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from events_client import Client

HERE = Path(__file__).parent / "autobahn"
SUITE = Path(__file__).resolve().parents[2] / ".build/autobahn"


@pytest.fixture(scope="module")
def suite():
    """The command that runs the suite."""
    command = SUITE / "bin/wstest"
    if not command.is_file():
        pytest.skip("Autobahn's suite needs Python 2.7 with pip; with one, scripts/test installs it")
    return command


@pytest.fixture
def echo(start_events):
    """The address of an endpoint that sends every message back."""
    # The largest message of the suite has 16 MiB.
    server = start_events(
        "events.echo=true", "websocket.compression=true", "websocket.max_message_bytes=17MiB",
        "events.max_messages_per_second=1000000", "events.max_bytes_per_second=10GiB",
    )  # fmt: skip
    with Client(server.url) as client:
        assert client.until_pong() == []
    return server.url.replace("http", "ws", 1) + "/ws/echo"


def run(suite, echo, cases, folder, timeout):
    """Runs the cases; what is wrong, by case, and how many cases there were."""
    folder.mkdir()
    spec = json.loads((HERE / "spec.json").read_text())
    spec["outdir"] = str(folder)
    spec["cases"] = cases
    spec["servers"][0]["url"] = echo
    (folder / "spec.json").write_text(json.dumps(spec))
    with (folder / "log").open("w") as log:
        subprocess.run(
            [suite, "--mode", "fuzzingclient", "--spec", folder / "spec.json"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=dict(os.environ, PYTHONUSERBASE=str(SUITE)),
            timeout=timeout,
            check=True,
        )
    (results,) = json.loads((folder / "index.json").read_text()).values()
    wrong = {}
    for case, result in results.items():
        if {result["behavior"], result["behaviorClose"]} - {"OK", "INFORMATIONAL"}:
            report = json.loads((folder / result["reportfile"]).read_text())
            words = {key: report[key] for key in ("behavior", "behaviorClose", "expectation", "result", "resultClose")}
            wrong[case] = words
    return wrong, len(results)


def passes(suite, echo, folder, *groups, timeout):
    """Runs each group of cases in a process of its own, all at once; how many cases there were."""
    with ThreadPoolExecutor(len(groups)) as pool:
        runs = [
            pool.submit(run, suite, echo, cases, folder / f"group-{number}", timeout)
            for number, cases in enumerate(groups)
        ]
    outcomes = [run.result() for run in runs]
    wrong = {case: words for found, _ in outcomes for case, words in found.items()}
    assert not wrong, json.dumps(wrong, indent=2)
    return sum(count for _, count in outcomes)


def test_the_protocol(suite, echo, tmp_path):
    cases = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]
    assert passes(suite, echo, tmp_path, cases, timeout=300) == 247


@pytest.mark.heavy
def test_messages_that_are_large_or_compressed(suite, echo, tmp_path):
    # Of the compressed ones each kind once: of little text, of much, and in frames of many sizes.
    sizes = (1, 6, 11)
    compressed = [f"{group}.{kind}.{size}" for group, kinds in ((12, 5), (13, 7)) for kind in range(1, kinds + 1) for size in sizes]
    assert passes(suite, echo, tmp_path, ["9.*"], compressed, timeout=600) == 54 + 36


@pytest.mark.long
def test_all_large_and_compressed_messages(suite, echo, tmp_path):
    assert passes(suite, echo, tmp_path, ["9.*", "12.*"], ["13.*"], timeout=1800) == 54 + 216
