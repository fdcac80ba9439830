"""Every file of tests says what it may take."""

from pathlib import Path

import durations


def test_every_file_of_tests_has_a_budget():
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert files == set(durations.budgets())
