"""The libraries in programs of others: the example that uses them, and a package of its own that depends on this one."""

import json
import re
import subprocess
import wave

import pytest
from conftest import TOP

PROGRAM = TOP / ".build/debug/embedding"
PRODUCTS = {"Audio", "Conversation", "Events", "Speech", "WebSocket"}


def run(*arguments, cwd=TOP, timeout=300):
    done = subprocess.run([*map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_the_example_publishes_follows_speaks_and_converses(tmp_path):
    file = tmp_path / "hello.wav"
    said = run(PROGRAM, file).splitlines()
    events = [line.split(" ", 3) for line in said if line.startswith("event ")]
    kinds = ["training_started", "training_progress", "training_progress", "training_completed"]
    assert [kind for _, _, kind, _ in events] == kinds
    assert [int(offset) for _, offset, _, _ in events] == [1, 2, 3, 4]
    assert [json.loads(data).get("progress") for *_, data in events] == [None, 0.5, 1, None]
    with wave.open(str(file)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert 1 < seconds < 6 and re.search(rf"spoken \d+ Hz, {seconds:.1f} s", "\n".join(said))
    assert "answer You wrote: Is anybody there? outcome completed with sound: true" in said


def test_without_a_file_the_example_says_how_it_is_called():
    done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "usage: embedding FILE.wav\n")


def test_the_libraries_are_products_that_the_readme_names():
    package = (TOP / "Package.swift").read_text()
    assert set(re.findall(r'\.library\(name: "(\w+)"', package)) == PRODUCTS
    # Swift refuses to build dependencies that have such flags.
    assert "unsafeFlags" not in package
    named = (TOP / "README.md").read_text()
    assert all(f"`{product}`" in named for product in PRODUCTS)


@pytest.mark.long
def test_a_package_of_its_own_builds_with_a_product_and_runs(tmp_path):
    (tmp_path / "Sources/tone").mkdir(parents=True)
    (tmp_path / "Package.swift").write_text(
        f"""// swift-tools-version: 6.2
import PackageDescription
let package = Package(
    name: "tone",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "antiphon", path: "{TOP}")],
    targets: [.executableTarget(name: "tone", dependencies: [.product(name: "Audio", package: "antiphon")])]
)
"""
    )
    (tmp_path / "Sources/tone/main.swift").write_text(
        """import Audio
let sound = PCM((0..<8000).map { $0 % 100 < 50 ? 0.25 : -0.25 }, sampleRate: 8000)
print(try AudioEncoder.encodeWhole(sound, as: .wav).count)
"""
    )
    assert run("swift", "run", "--quiet", cwd=tmp_path).split()[-1] == str(44 + 2 * 8000)
