"""A module imports only from floors below its own, as the table in ARCHITECTURE.md has them."""

import json
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
IMPORT = re.compile(r"^(?:@\w+(?:\(\w+\))? +)*(?:(?:public|package|internal|private|fileprivate) +)?import +(?:\w+ +)?(\w+)", re.M)


def floors() -> dict[str, int]:
    """The floor of each module, by the table. What is declared of C libraries lies below all others."""
    found = {}
    for floor, names in re.findall(r"^\| (\d|–) \| (`.+?) \| ", (TOP / "ARCHITECTURE.md").read_text(), re.M):
        for name in re.findall(r"`(\w+)`", names):
            found[name] = -1 if floor == "–" else int(floor)
    return found


def edges() -> list[tuple[str, str, str]]:
    """Who depends on whom among our own modules, and where it says so."""
    done = subprocess.run(
        ["swift", "package", "dump-package"], cwd=TOP, capture_output=True, text=True, timeout=120, check=True
    )
    targets = [target for target in json.loads(done.stdout)["targets"] if target["type"] in ("regular", "executable")]
    found = []
    for target in targets:
        if not (target.get("path") or f"Sources/{target['name']}").startswith("Sources/"):
            continue
        found += [
            (target["name"], dependency["byName"][0], "Package.swift")
            for dependency in target["dependencies"]
            if "byName" in dependency
        ]
    for file in (TOP / "Sources").rglob("*.swift"):
        module = module_of(file)
        found += [(module, name, str(file.relative_to(TOP))) for name in IMPORT.findall(file.read_text())]
    return found


def module_of(file: Path) -> str:
    parts = file.relative_to(TOP / "Sources").parts
    return parts[0] if parts[0] == "antiphon" else parts[1]


def upward(edges, floors) -> list[str]:
    """The edges that do not go down."""
    return [
        f"{where}: {module} (floor {floors[module]}) imports {name} (floor {floors[name]})"
        for module, name, where in edges
        if name in floors and floors[name] >= floors[module]
    ]


def test_every_module_imports_only_from_floors_below():
    assert upward(edges(), floors()) == []


def test_every_module_stands_in_the_table():
    names = {module_of(file) for file in (TOP / "Sources").rglob("*.swift")}
    names |= {folder.name for folder in (TOP / "Sources/System").iterdir()}
    assert names == set(floors())


@pytest.mark.parametrize(
    "line",
    ["import Conversation", "public import Conversation", "@testable import Conversation", "internal import struct Conversation.Session"],
)
def test_an_import_that_goes_up_is_found(line):
    (name,) = IMPORT.findall(f"import Foundation\n{line}\n".replace("import Foundation\n", ""))
    assert upward([("Audio", name, "Audio.swift")], floors()) != []
