"""What systemd, or whoever speaks sd_notify(3), is told of the server."""

import re
import signal
import socket
import time

import pytest


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A socket of a service manager and its name for NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        path = str(tmp_path / "notify")
        listener.bind(path if request.param == "path" else "\0" + path)
        listener.settimeout(30)
        yield listener, path if request.param == "path" else "@" + path


def messages(listener):
    """The messages that come, each as its lines."""
    while True:
        yield listener.recv(4096).decode().split("\n")


def test_a_service_manager_is_told_of_start_reload_and_stop(start_server, tmp_path, manager):
    listener, name = manager
    process, _ = start_server(tmp_path / "server", environment={"NOTIFY_SOCKET": name})
    told = messages(listener)
    assert "READY=1" in next(told)
    before = time.monotonic_ns() // 1000
    process.send_signal(signal.SIGHUP)
    reloading = next(told)
    assert reloading[0] == "RELOADING=1"
    # systemd takes a reload only as begun when this is not before its own signal.
    time_of_reload = int(re.fullmatch(r"MONOTONIC_USEC=(\d+)", reloading[1])[1])
    assert before <= time_of_reload <= time.monotonic_ns() // 1000
    assert "READY=1" in next(told)
    process.terminate()
    assert "STOPPING=1" in next(told)
    assert process.wait(timeout=40) == 0


def test_the_watchdog_is_fed_while_the_server_lives(start_server, tmp_path, manager):
    listener, name = manager
    process, _ = start_server(
        tmp_path / "server", environment={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"}
    )
    told = messages(listener)
    first = [next(told) for _ in range(4)]
    assert first.count(["WATCHDOG=1"]) == 3
    process.send_signal(signal.SIGSTOP)
    # What was sent before the stop.
    listener.settimeout(2)
    with pytest.raises(TimeoutError):
        for _ in range(10):
            next(messages(listener))
    process.send_signal(signal.SIGCONT)
    listener.settimeout(30)
    assert next(messages(listener)) == ["WATCHDOG=1"]


def test_the_watchdog_of_another_process_is_left_alone(start_server, tmp_path, manager):
    listener, name = manager
    process, _ = start_server(
        tmp_path / "server",
        environment={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"},
    )
    told = messages(listener)
    assert "READY=1" in next(told)
    process.terminate()
    assert "STOPPING=1" in next(told)
