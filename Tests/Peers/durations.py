"""How long the tests of each file took, against what is written down for it, and each heavy test by itself."""

import tomllib
from collections import defaultdict
from pathlib import Path

BUDGETS = Path(__file__).with_name("budgets.toml")


def budgets() -> dict[str, float]:
    return tomllib.loads(BUDGETS.read_text())["seconds"]


def report(terminal):
    """Writes the table at the end of a run."""
    tests = defaultdict(float)
    heavy = set()
    for reports in terminal.stats.values():
        for done in reports:
            # Set-up and end of shared servers belong to the test that needed them first or last.
            if hasattr(done, "duration") and hasattr(done, "nodeid"):
                tests[done.nodeid] += done.duration
                if "heavy" in done.keywords:
                    heavy.add(done.nodeid)
    files = defaultdict(float)
    for node, seconds in tests.items():
        files[file_of(node)] += seconds
    allowed = budgets()
    terminal.section("seconds of tests, by file and of each that is heavy")
    for name, seconds in sorted(files.items(), key=lambda item: -item[1]):
        over = seconds > allowed.get(name, float("inf"))
        terminal.line(f"{seconds:7.1f} of {allowed.get(name, 0):4.0f}  {name}{'  over its budget' if over else ''}")
        for node in sorted(node for node in tests if node in heavy and file_of(node) == name):
            terminal.line(f"{tests[node]:7.1f}            {node.partition('::')[2]}")
    terminal.line(f"{sum(files.values()):7.1f} of {sum(allowed.values()):4.0f}  together")


def file_of(node: str) -> str:
    return node.partition("::")[0].rpartition("/")[2]
