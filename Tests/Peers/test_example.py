"""The example that shows on a page how a training goes, as a browser and as a client of the events API see it."""

import os
import re
import signal
import subprocess
import threading
import urllib.request

import pytest
from conftest import TOP
from events_client import SOON, Client, call, checked, eventually, farewell, get, within

PROGRAM = TOP / ".build/debug/training-progress"


class Training:
    """A running example."""

    def __init__(self, *arguments):
        assert os.access(PROGRAM, os.X_OK), f"{PROGRAM} is not built: run swift build"
        self.process = subprocess.Popen(
            [PROGRAM, "--port", "0", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # One that hangs fails the tests instead of holding them up.
        self.limit = threading.Timer(120, self.process.kill)
        self.limit.start()
        line = self.process.stdout.readline()
        found = re.search(r"(http://127\.0\.0\.1:\d+)/", line)
        assert found, (line, self.process.poll())
        self.url = found[1]

    def end(self):
        """Waits for the end; the exit code and what was said."""
        out, err = self.process.communicate()
        self.limit.cancel()
        assert not re.search("Fatal error|Program crashed|Sanitizer", err), err
        return self.process.returncode, out

    def kill(self):
        self.limit.cancel()
        status = self.process.poll()
        self.process.kill()
        # Shown when the test fails.
        print("the training ended with", status, self.process.communicate()[1][-4000:])

    def follow(self):
        """A client that gets all messages about trainings, those from before it came as well."""
        client = Client(self.url)
        self.subscribe(client)
        # Before the answer the client follows training as everybody does, without positions.
        for _ in within():
            message = checked(client.text())
            if message["type"] == "error":
                # On a busy machine the client may be there before the first message, when there is no epoch yet.
                self.subscribe(client)
            elif message["data"].get("type") == "subscription_response":
                return client

    def subscribe(self, client):
        epoch = get(self.url, "/history/training")["epoch"]
        client.send({"type": "subscribe", "topic": "training", "since": {"epoch": epoch, "offset": 0}})


@pytest.fixture
def start():
    started = []

    def start(*arguments) -> Training:
        started.append(Training(*arguments))
        return started[-1]

    yield start
    for training in started:
        training.kill()


def positioned(client):
    """The messages with a position, in the order of their coming, until the last word of a training."""
    messages = []
    for _ in within():
        message = checked(client.text(60))
        if "offset" in message:
            messages.append(message)
            if message["type"] in ("training_completed", "training_error"):
                return messages


def test_a_training_is_followed_from_its_beginning_to_its_end(start):
    epochs = 60
    training = start("--once", "--epochs", epochs)
    with training.follow() as client:
        code, rest = client.until_closed(60)
    # The order of two topics is not told.
    messages = [message for message in rest if "offset" in message]
    assert [message["offset"] for message in messages] == list(range(1, epochs + 3))
    assert {message["data"]["session_id"] for message in messages} == {"two-moons-1"}
    assert [message["state_key"] for message in messages] == ["two-moons-1"] * (epochs + 2)

    first, *between, last = messages
    assert first["type"] == "training_started"
    assert list(first["data"]) == ["session_id", "parameters", "estimated_duration", "model_type"]
    assert first["data"]["parameters"]["epochs"] == epochs and first["data"]["estimated_duration"] is None

    data = [message["data"] for message in between]
    assert {message["type"] for message in between} == {"training_progress"}
    assert list(data[0]) == [
        "session_id", "progress", "current_epoch", "loss", "metrics", "estimated_time_remaining",
    ]  # fmt: skip
    assert [one["current_epoch"] for one in data] == list(range(1, epochs + 1))
    assert [one["progress"] for one in data] == [epoch / epochs for epoch in range(1, epochs + 1)]
    assert all(one["estimated_time_remaining"] >= 0 for one in data)
    assert data[-1]["estimated_time_remaining"] == 0
    # It really learns.
    assert data[-1]["loss"] < data[0]["loss"] / 2
    assert data[-1]["metrics"]["validation_accuracy"] > 0.85

    assert last["type"] == "training_completed" and last["remove"] is True
    assert list(last["data"]) == ["session_id", "results", "model_path", "final_metrics"]
    assert last["data"]["final_metrics"]["loss"] == data[-1]["loss"]

    models = [message["data"] for message in rest if message["type"] == "model_created"]
    assert [list(model) for model in models] == [["model_id", "model_info", "created_at"]]
    # The program ends with the training, and says goodbye.
    assert code == 1001 and farewell(rest) == 1001
    status, out = training.end()
    assert status == 0 and "two-moons-1 is trained" in out


def test_who_comes_late_sees_where_the_training_is(start):
    training = start("--epochs", 100_000)
    seen = eventually(lambda: [entry for entry in get(training.url, "/state/training")["entries"]
                               if entry["type"] == "training_progress"])  # fmt: skip
    with Client(training.url) as client:
        client.send({"type": "subscribe", "topic": "training", "state": True, "recover": True})
        for _ in within():
            message = checked(client.text())
            if message["data"].get("type") == "state_snapshot":
                break
        (entry,) = message["data"]["entries"]
        assert entry["key"] == "two-moons-1" and entry["type"] == "training_progress"
        assert entry["offset"] >= seen[0]["offset"]
        following = next(message for message in iter(lambda: checked(client.text()), None) if "offset" in message)
        assert following["offset"] == entry["offset"] + 1
        assert following["data"]["current_epoch"] == entry["data"]["current_epoch"] + 1


def test_who_stops_it_stops_the_training(start):
    training = start("--epochs", 100_000)
    with training.follow() as client:
        client.text()
        training.process.send_signal(signal.SIGINT)
        last = positioned(client)[-1]
        assert last["type"] == "training_error"
        assert list(last["data"]) == ["session_id", "error", "traceback"]
        assert "stopped in epoch" in last["data"]["error"]
        assert client.until_closed(60)[0] == 1001
    assert training.end()[0] == 0


def test_a_page_can_ask_for_another_training(start):
    training = start("--epochs", 2)
    with training.follow() as client:
        assert positioned(client)[-1]["data"]["session_id"] == "two-moons-1"
        client.send({"type": "custom", "data": {"action": "something else"}})
        client.send({"type": "custom", "data": {"action": "train"}})
        assert [message["data"]["session_id"] for message in positioned(client)] == ["two-moons-2"] * 4


def test_the_page_is_whole_and_for_this_machine_only(start):
    training = start("--epochs", 100_000)
    with urllib.request.urlopen(training.url + "/", timeout=SOON) as answer:
        page = answer.read().decode()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert "new WebSocket(" in page and "/ws" in page
    # Nothing comes from anywhere else.
    assert not re.search(r"(src|href)=[\"'](?!data:)|@import|https?://", page)
    assert call(training.url, "/", headers={"host": "example.com"})[0] == 421
    assert call(training.url, "/", headers={"origin": "http://example.com"})[0] == 403


def test_a_port_that_is_taken_is_named(start):
    training = start("--epochs", 100_000)
    port = training.url.rsplit(":", 1)[1]
    refused = subprocess.run([PROGRAM, "--port", port], capture_output=True, text=True, timeout=SOON)
    assert refused.returncode == 1 and f"Port {port}" in refused.stderr and "--port" in refused.stderr


@pytest.mark.parametrize("arguments", [["--epochs", "0"], ["--port", "70000"], ["--epochs", "many"]])
def test_wrong_arguments_are_refused(arguments):
    refused = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=SOON)
    assert refused.returncode == 64 and arguments[0] in refused.stderr
