"""What the peer tests share: the built program, its models, and the servers it talks to."""

import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import durations
import events_client
import pytest

TOP = Path(__file__).resolve().parents[2]


def pytest_addoption(parser):
    parser.addoption("--heavy", action="store_true", help="also run the tests marked heavy")
    parser.addoption("--long", action="store_true", help="also run the tests marked long")
    parser.addoption("--match", metavar="REGEX", help="run only the tests whose name matches")


def pytest_configure(config):
    config.addinivalue_line("markers", "heavy: takes minutes or more packages; runs with --heavy only")
    config.addinivalue_line("markers", "long: takes many minutes; runs with --long only")


def pytest_collection_modifyitems(config, items):
    match = config.getoption("--match")
    if match:
        left_out = [item for item in items if not re.search(match, item.nodeid)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    for marker, option in (("heavy", "--full"), ("long", "--long")):
        if config.getoption(f"--{marker}"):
            continue
        for item in items:
            # Not `item.keywords`, which holds the names of files, classes and parameters too.
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{marker}; runs with scripts/test {option}"))


def pytest_terminal_summary(terminalreporter):
    durations.report(terminalreporter)


@dataclass
class Run:
    """One finished run of the program."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    def succeeded(self) -> "Run":
        assert self.status == 0, f"exit {self.status}\n{self.out}\n{self.err}"
        return self

    def refused(self, *words: str, statuses=(1, 2)) -> "Run":
        """The program refused in a way a person understands: a message with `words`, and nothing of its inside."""
        assert self.status in statuses, f"exit {self.status}\n{self.out}\n{self.err}"
        assert self.err.strip(), "refused without a message"
        for word in words:
            assert word.lower() in self.err.lower(), self.err
        return self

    def refused_in_one_line(self, *words: str, statuses=(1, 2)) -> "Run":
        self.refused(*words, statuses=statuses)
        assert len(self.err.strip().splitlines()) == 1, self.err
        return self


class Antiphon:
    """The built program. Every run is checked for crashes and has a limit of time."""

    def __init__(self, binary: Path, models: Path):
        self.binary = binary
        self.models = models

    def __call__(self, *arguments, timeout: float = 120) -> Run:
        done = subprocess.run(
            [self.binary, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            cwd=TOP,
            env=dict(os.environ, ANTIPHON_MODELS_PATH=str(self.models)),
        )
        run = Run(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
        # Negative: ended by a signal; 128 and above: a shell's word for the same.
        assert 0 <= run.status < 128, f"crashed with {run.status}: {arguments}\n{run.err}"
        for sign in ("Fatal error", "Stack dump", "Program crashed"):
            assert sign not in run.err, run.err
        return run


@pytest.fixture(scope="session")
def antiphon(models) -> Antiphon:
    binary = Path(os.environ.get("ANTIPHON_BIN") or TOP / ".build/debug/antiphon").absolute()
    assert os.access(binary, os.X_OK), f"{binary} is not built: run swift build, or set ANTIPHON_BIN"
    return Antiphon(binary, models)


@pytest.fixture(scope="session")
def start_server(antiphon):
    """Starts servers on free ports of this machine: `start_server(folder, "key=value", …)` returns process and URL.

    A server keeps its data and its log in the folder, and is ended with the tests at the latest. `environment` is what
    it finds in its environment besides that of the tests, `models` another folder of models, `open_files` how many files
    it may have open.
    """
    processes = []

    def start(
        folder: Path,
        *settings: str,
        environment: dict | None = None,
        models: Path | None = None,
        open_files: int | None = None,
    ) -> tuple[subprocess.Popen, str]:
        folder.mkdir(parents=True, exist_ok=True)
        assignments = ['listeners=[{"port": 0, "apis": ["speech", "openai"]}]', "bind=127.0.0.1", *settings]
        with (folder / "server.log").open("a") as log:
            process = subprocess.Popen(
                [antiphon.binary, "serve", "--data-dir", folder, "--models", models or antiphon.models]
                + [word for assignment in assignments for word in ("--set", assignment)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=folder,
                env=dict(os.environ, **(environment or {})),
                preexec_fn=open_files and partial(resource.setrlimit, resource.RLIMIT_NOFILE, (open_files, open_files)),
            )
        processes.append(process)
        # A server that never gets ready fails the tests instead of holding them up.
        stop = threading.Timer(300, process.kill)
        stop.start()
        # Whether a certificate is the right one, the tests of certificates say.
        unverified = ssl._create_unverified_context()
        try:
            url = next(
                (found[1] for line in process.stdout if (found := re.search(r"(https?://[\d.]+:\d+)", line))), None
            )
            assert url, f"the server did not start:\n{log_of(folder)}"
            for _ in events_client.within(300):
                if json.load(urllib.request.urlopen(url + "/health", timeout=120, context=unverified))["ready"]:
                    break
                time.sleep(0.05)
        finally:
            stop.cancel()
        # Nobody reads what it says later, which must not stop it.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        return process, url

    yield start
    for process in processes:
        process.kill()
        process.wait()


def log_of(folder: Path) -> str:
    return (folder / "server.log").read_text()[-4000:]


@pytest.fixture(scope="session")
def server(start_server, tmp_path_factory):
    """The URL of a server with the standard settings. It must outlive all tests and end when it is told to."""
    folder = tmp_path_factory.mktemp("server")
    process, url = start_server(folder)
    yield url
    assert process.poll() is None, f"the server ended with {process.returncode}:\n{log_of(folder)}"
    process.terminate()
    assert process.wait(timeout=40) == 0, log_of(folder)
    for sign in ("Fatal error", "Program crashed"):
        assert sign not in (folder / "server.log").read_text(), log_of(folder)


@dataclass
class EventsServer:
    """A running server with the events API."""

    process: subprocess.Popen
    url: str
    folder: Path

    def stop(self, timeout: float = 40) -> int:
        """Tells it to end and waits until it has; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=timeout)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def check_log(self):
        text = (self.folder / "server.log").read_text(errors="replace")
        for sign in ("Fatal error", "Program crashed", "Stack dump", "Sanitizer"):
            assert sign not in text, text[-4000:]


@pytest.fixture
def start_events(start_server, tmp_path):
    """Starts servers with the events API: `start_events("key=value", …)`; they end with the test, and well."""
    servers = []

    def start(*settings: str, folder: Path | None = None, environment: dict | None = None) -> EventsServer:
        folder = folder or tmp_path / f"server-{len(servers)}"
        process, url = start_server(folder, *events_client.SETTINGS, *settings, environment=environment)
        servers.append(EventsServer(process, url, folder))
        return servers[-1]

    yield start
    ended = [(server, server.process.poll()) for server in servers]
    for server, status in ended:
        if status is None:
            server.process.kill()
            server.process.wait()
    for server, status in ended:
        # What still ran, or was told or made to end by the test.
        assert status in (None, 0, -signal.SIGKILL), f"the server ended with {status}:\n{log_of(server.folder)}"
        server.check_log()


@pytest.fixture(scope="session")
def events(start_server, tmp_path_factory):
    """The URL of a server of events with the standard settings. It must outlive all tests and end when told to."""
    folder = tmp_path_factory.mktemp("events")
    process, url = start_server(folder, *events_client.SETTINGS)
    server = EventsServer(process, url, folder)
    yield url
    assert process.poll() is None, f"the server ended with {process.returncode}:\n{log_of(folder)}"
    assert server.stop() == 0, log_of(folder)
    server.check_log()


@pytest.fixture
def client(events):
    """A connection to that server, which must go on serving others whatever the test does."""
    with events_client.Client(events) as client:
        yield client
    with events_client.Client(events) as client:
        assert client.until_pong() == []


@pytest.fixture
def topic():
    """A topic of this test alone."""
    return f"test/{uuid.uuid4()}"


@pytest.fixture(scope="session")
def models() -> Path:
    folder = Path(os.environ.get("ANTIPHON_MODELS_PATH") or TOP / "models").absolute()
    assert (folder / "samples/beckett.wav").is_file(), f"{folder} has no models: run scripts/setup"
    return folder


@pytest.fixture(scope="session")
def beckett(models) -> Path:
    """Ten seconds: "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better." """
    return models / "samples/beckett.wav"


@pytest.fixture(scope="session")
def two_cities(models) -> Path:
    """Forty-four seconds: "It was the best of times, it was the worst of times" and on."""
    return models / "samples/two_cities.wav"


@pytest.fixture(scope="session")
def model_server(tmp_path_factory):
    """The base URL of a real language model behind the OpenAI chat API."""
    log = tmp_path_factory.mktemp("model_server") / "log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("model_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    # A server that never gets ready fails the tests instead of holding them up.
    stop = threading.Timer(120, server.kill)
    stop.start()
    url = server.stdout.readline().strip()
    stop.cancel()
    try:
        assert url.startswith("http://127.0.0.1:"), f"the model server did not start:\n{log.read_text()[-2000:]}"
        yield url
    finally:
        server.stdin.close()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def closed_port() -> int:
    """A loopback port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def http_server():
    """Starts servers that give every POST the same reply, and returns the base URL."""
    servers = []

    def start(status: int, content_type: str, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
