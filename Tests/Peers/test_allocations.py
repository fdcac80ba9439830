"""What a message costs in allocations, against the thresholds of the debug build in Benchmarks/thresholds.json.

Benchmarks/allocations.py measures; it does the same for the release build.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Benchmarks"))
import allocations  # noqa: E402

SETTINGS = [
    # A sign of life to everyone in the midst would be counted.
    "events.heartbeat=1h", "websocket.ping_interval=1h", "events.max_messages_per_second=1000000",
    "websocket.max_connections_per_address=1000",
]  # fmt: skip


def test_one_more_allocation_for_each_delivery_is_above_the_threshold():
    cases, allowance = allocations.thresholds("debug")
    for case in allocations.CASES:
        assert cases[case.name]["allocations_per_delivery"] * allowance < 1, case.name


@pytest.mark.heavy
def test_a_message_takes_no_more_allocations_than_it_did(start_events):
    counter = allocations.Counter()
    server = start_events(*SETTINGS, environment=counter.environment)
    results = allocations.measure(urlsplit(server.url).port, counter, publications=400)
    assert not allocations.exceeded(results, "debug"), results
