"""The commands of README, each run as it is printed, by somebody who is in some folder and has the program on PATH."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TOP

# What other tests run, or what takes minutes: the build, and programs that build themselves first.
ELSEWHERE = {
    "scripts/demo",
    "scripts/test",
    "swift build -c release",
    "Examples/training-progress",  # test_example.py
}
SERVER = "antiphon serve"

# Brings the loopback interface of a new network up, where the standard ports are free whatever else runs here, and runs
# what follows in it.
IN_A_NETWORK_OF_ITS_OWN = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def blocks() -> list[str]:
    """The commands in the blocks of README, comments included, lines that go on joined."""
    found = []
    for block in re.findall(r"^```sh\n(.*?)^```", (TOP / "README.md").read_text(), re.S | re.M):
        found += [line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip()]
    return found


def bare(command: str) -> str:
    """A command without its comment, its words separated by single spaces."""
    return shlex.join(shlex.split(command, comments=True)) if "$" not in command else command


def inline() -> list[str]:
    """The commands in the text of README: what stands between back-ticks and begins with the program's name."""
    text = re.sub(r"^```.*?^```", "", (TOP / "README.md").read_text(), flags=re.S | re.M)
    found = [" ".join(span.split()) for span in re.findall(r"`(antiphon [^`]+)`", text)]
    return [command for command in dict.fromkeys(found) if command != SERVER]


@pytest.fixture(scope="module")
def runs(antiphon, tmp_path_factory):
    """What became of each command: its exit status and what it printed. All run in one shell, as they would be typed; the
    server runs beside the others."""
    folder = tmp_path_factory.mktemp("readme")
    home, bin, results = folder / "home", folder / "bin", folder / "results"
    for made in (home, bin, results):
        made.mkdir()
    (bin / "antiphon").symlink_to(antiphon.binary)
    # An answer that is an error is one for curl.
    (home / ".curlrc").write_text("fail\nsilent\nshow-error\nmax-time = 60\n")
    commands = [command for command in blocks() if bare(command) not in ELSEWHERE]
    script = ["trap 'kill $server 2>/dev/null; wait $server' EXIT"]
    commands += inline()
    # Other servers take the place of the first when everything else has been run.
    commands.sort(key=lambda command: command.startswith(f"{SERVER} ") and bare(command) != SERVER)
    for number, command in enumerate(commands):
        out = f"{results}/{number}"
        if command.startswith(SERVER):
            if bare(command) != SERVER:
                script += ["kill $server; wait $server"]
            script += [
                f"{bare(command)} >{out}.out 2>{out}.err &",
                "server=$!",
                # Until it is ready, or has ended.
                "until curl localhost:8004/health 2>/dev/null | grep -q '\"ready\":true'; do",
                "  kill -0 $server || exit 1; read -t 0.1 <> <(:)",
                "done",
                f"echo 0 >{out}.status",
            ]
        else:
            script += [f"{{ {command}\n}} >{out}.out 2>{out}.err </dev/null; echo $? >{out}.status"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTIPHON_")}
    environment["HOME"] = str(home)
    environment["PATH"] = f"{bin}:{Path(sys.executable).parent}:{environment['PATH']}"
    if antiphon.models != TOP / "models":
        environment["ANTIPHON_MODELS_PATH"] = str(antiphon.models)
    network = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    network += [sys.executable, "-c", IN_A_NETWORK_OF_ITS_OWN]
    if subprocess.run([*network, "true"], capture_output=True).returncode != 0:
        pytest.skip("no network of its own to be had, and the standard ports may be taken")
    work = folder / "somewhere"
    work.mkdir()
    done = subprocess.run(
        [*network, "bash", "-c", "\n".join(script)], cwd=work, env=environment, capture_output=True, text=True, timeout=300
    )
    ended = {}
    for number, command in enumerate(commands):
        status = results / f"{number}.status"
        said = [
            (results / f"{number}.{kind}").read_text(errors="replace") if (results / f"{number}.{kind}").exists() else ""
            for kind in ("out", "err")
        ]
        ended[command] = (int(status.read_text()) if status.exists() else None, *said)
    assert all(status is not None for status, *_ in ended.values()), (done.stdout, done.stderr, ended)
    return ended, work


def test_every_command_of_the_readme_runs_as_printed(runs):
    ended, _ = runs
    assert len(ended) > 12
    failed = {command: rest for command, (status, *rest) in ended.items() if status != 0}
    assert not failed
    # A command that warns does not work as printed.
    warned = {command: err for command, (_, _, err) in ended.items() if "cannot be used" in err or "missing" in err}
    assert not warned


def test_the_list_of_commands_that_are_run_elsewhere_is_true():
    assert ELSEWHERE <= {bare(command) for command in blocks()}


def test_they_do_what_the_readme_says(runs):
    ended, folder = runs

    def said(beginning: str) -> str:
        [out] = [out for command, (_, out, _) in ended.items() if command.startswith(beginning)]
        return out.lower()

    for name, signs in {
        "hello.wav": (b"RIFF",),
        "answer.wav": (b"RIFF",),
        "a.mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
        "q.flac": (b"fLaC",),
    }.items():
        assert (folder / name).read_bytes().startswith(signs), name
    assert "there" in said("curl localhost:8004/stt")
    assert re.search("answer:.* (4|four)", said("antiphon talk"))
    assert "piper/joe" in said("antiphon voices")
    assert "✗" not in "".join(line for line in said("antiphon engines").splitlines() if "openai" not in line)
