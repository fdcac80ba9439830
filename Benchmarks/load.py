"""Starts the servers that are compared and loads them with `benchmarks fanout`; used by fanout.py and soak.py.

A server runs on the first core and the load on the second. Everything stays on this machine.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
RIVALS = TOP / "Benchmarks/rivals"
ENVIRONMENT = TOP / ".build/rivals"
PORT = 18401
# The server uses it of its own accord where it is installed.
JEMALLOC = next((p for p in (Path("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"),) if p.exists()), None)
ANTIPHON_SETTINGS = [
    f'listeners=[{{"port":{PORT},"apis":["events"]}}]',
    "bind=127.0.0.1",
    "logging.level=error",
    # A connection is one of HTTP only for its handshake, so all other open files are left to WebSockets.
    "http.max_connections=450",
    "websocket.max_connections_per_address=25000",
    "events.max_messages_per_second=1000000",
]


class LoadFailed(Exception):
    """The load could not be put on a server."""


@dataclass
class Server:
    name: str
    title: str
    command: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    load: tuple = ()
    """Arguments by which the load speaks to it."""


def uvicorn(module, title):
    return Server(
        module,
        title,
        [
            ENVIRONMENT / "bin/uvicorn", f"{module}:app", "--port", PORT, "--log-level", "error", "--loop", "uvloop",
            "--http", "httptools", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false",
        ],
    )  # fmt: skip


# uWebSockets of socketify is linked to libuv, which need not be installed: scripts/bench puts it into the environment.
LIBUV = {"LD_LIBRARY_PATH": str(ENVIRONMENT / "libuv/usr/lib/x86_64-linux-gnu")}
SERVERS = {
    server.name: server
    for server in [
        Server(
            "antiphon", "Antiphon",
            load=("--publish-path", "/ws/p2p-fog"),
        ),
        uvicorn("fastapi_list", "FastAPI, list"),
        uvicorn("fastapi_per_recipient", "FastAPI, task per recipient"),
        uvicorn("starlette_list", "Starlette, encoded once"),
        Server("socketify", "socketify", [ENVIRONMENT / "bin/python", "socketify_publish.py", PORT], LIBUV),
        Server(
            "nats", "nats-server",
            [ENVIRONMENT / "bin/nats-server", "-c", "nats.conf", "-a", "127.0.0.1", "-p", PORT + 1],
            {"WEBSOCKET_PORT": str(PORT)}, ("--wire", "nats", "--subscribe-path", "/", "--publish-path", "/"),
        ),
    ]
}  # fmt: skip


@contextmanager
def running(server, settings=(), build="release"):
    """Runs the server on the first core while the block lasts and gives its process."""
    data = tempfile.mkdtemp(prefix="antiphon-bench-")
    command, folder = server.command, RIVALS
    if server.name == "antiphon":
        options = [x for s in [*ANTIPHON_SETTINGS, *settings] for x in ("--set", s)]
        command, folder = [TOP / f".build/{build}/antiphon", "serve", "--data-dir", data, *options], TOP
    log = TOP / f".build/bench/{server.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            ["taskset", "-c", "0", *map(str, command)], cwd=folder, stdout=output, stderr=output,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **server.environment},
        )  # fmt: skip
        try:
            answers(process, server, log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(data, ignore_errors=True)


def answers(process, server, log):
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise LoadFailed(f"{server.title} did not start; see {log}")


def command(kind, server, process, *arguments):
    tool = TOP / ".build/release/benchmarks"
    arguments = [tool, "fanout", kind, "--port", PORT, "--process", process.pid, *server.load, *arguments]
    return ["taskset", "-c", "1", *map(str, arguments)]


def load(kind, server, process, *arguments):
    """Runs one of the sub-commands of `benchmarks fanout` on the second core and gives what it printed."""
    done = subprocess.run(command(kind, server, process, *arguments), capture_output=True, text=True)
    if done.returncode != 0:
        raise LoadFailed(f"{server.title}: {done.stderr.strip() or 'the load ended'}")
    return json.loads(done.stdout)


def usage(pid):
    """Resident bytes and open files of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{pid}/fd"))


def median(values):
    """The median; NaN if there are no values or one is missing."""
    values = list(values)
    return float("nan") if not values or any(v != v for v in values) else statistics.median(values)


@dataclass
class Target:
    name: str
    value: float
    bound: float
    at_most: bool = False

    @property
    def reached(self):
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def show_targets(targets):
    print("### Targets\n\n| | measured | target | |\n|---|---:|---:|---|")
    for target in targets:
        sign, verdict = "≤" if target.at_most else "≥", "reached" if target.reached else "MISSED"
        print(f"| {target.name} | {shown(target.value)} | {sign} {target.bound:g} | {verdict} |")
    print()


def show(title, columns, rows):
    print(f"### {title}\n\n| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, values in rows:
        print(f"| {name} | {' | '.join(map(shown, values))} |")
    print()


def shown(value):
    if isinstance(value, str):
        return value
    if value != value:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
