"""Compares the fan-out of messages over WebSocket with that of other servers. Run it by `scripts/bench fanout`.

The metric is deliveries per second of the server's time on the processor, which other work on the machine changes
least. Every ratio is the median of the ratios of the rounds; in a round all servers are measured one after another.
Exit code: 0 every target was reached, 1 one was not.
"""

import argparse
import json
import sys
from contextlib import redirect_stdout

from load import JEMALLOC, SERVERS, TOP, LoadFailed, Target, load, median, running, show, show_targets

PARTS = ("thousand", "ten-thousand", "stalled", "capacity", "churn")
# Rival, messages outstanding, and the ratio of deliveries per CPU-second that is wanted.
RATIOS = {
    "thousand": [
        ("fastapi_list", 1, 1.6), ("fastapi_per_recipient", 1, 3), ("socketify", 1, 0.95),
        ("fastapi_list", 8, 10), ("fastapi_per_recipient", 8, 10), ("nats", 8, 1.5), ("socketify", 8, 0.95),
    ],
    "ten-thousand": [("socketify", 1, 0.9), ("socketify", 4, 0.9)],
}  # fmt: skip
WHAT = {1: "one outstanding", 4: "four outstanding", 8: "eight outstanding"}


def note(text):
    print(text, file=sys.stderr, flush=True)


def attempt(results, part, name, kind, *arguments):
    """One measurement of one server, appended to its results; a failure is a result too."""
    note(f"  {part}: {SERVERS[name].title}")
    try:
        with running(SERVERS[name]) as process:
            found = load(kind, SERVERS[name], process, *arguments)
    except LoadFailed as failure:
        note(f"  {failure}")
        found = {"failure": str(failure)}
    results.setdefault(part, {}).setdefault(name, []).append(found)


def rate(report, outstanding):
    """Deliveries per CPU-second; NaN if there are none."""
    for run in report.get("runs", []):
        if run["outstanding"] == outstanding and not run["stopped"] and run["server_seconds"] > 0:
            return run["deliveries"] / run["server_seconds"]
    return float("nan")


def per_connection(report):
    """Resident bytes that an idle connection takes."""
    if "runs" not in report:
        return float("nan")
    return (report["resident_idle"] - report["resident_before"]) / report["connections"]


def throughput(title, part, results, targets):
    """The tables and targets of a part in which all servers publish to the same number of subscribers."""
    found = results[part]
    windows = sorted({run["outstanding"] for reports in found.values() for r in reports for run in r.get("runs", [])})
    for window in windows:
        rows = []
        for name, reports in found.items():
            runs = [run for r in reports for run in r.get("runs", []) if run["outstanding"] == window]
            if not runs:
                rows.append((SERVERS[name].title, ["failed"] + [float("nan")] * 5))
                continue
            rows.append((SERVERS[name].title, [
                median(rate(r, window) for r in reports),
                median(run["deliveries"] / run["seconds"] for run in runs),
                median(run["p50"] for run in runs),
                median(run["p99"] for run in runs),
                median(100 * run["server_seconds"] / run["seconds"] for run in runs),
                median(100 * run["client_busy"] for run in runs),
            ]))  # fmt: skip
            for run in runs:
                if run["lost"] or run["duplicates"] or run["closed"] or run["stopped"]:
                    note(f"  {SERVERS[name].title}, {WHAT[window]}: not every delivery arrived: {run}")
                    if name == "antiphon":
                        lost = max(1, run["lost"])
                        targets.append(Target(f"{title}, {WHAT[window]}: deliveries lost", lost, 0, True))
        columns = ["deliveries per CPU-second", "deliveries/s", "p50 ms", "p99 ms", "CPU %", "load busy %"]
        show(f"{title}, {WHAT[window]}", columns, rows)
    for rival, window, bound in RATIOS[part]:
        if rival in found:
            pairs = zip(found["antiphon"], found[rival])
            ratio = median(rate(ours, window) / rate(theirs, window) for ours, theirs in pairs)
            targets.append(Target(f"{title}, {WHAT[window]}: ratio to {SERVERS[rival].title}", ratio, bound))


def memory(results, targets):
    found = results["ten-thousand"]
    rows = [
        (SERVERS[name].title, [
            median(per_connection(r) / 1024 for r in reports),
            median(r.get("resident_before", float("nan")) / 2**20 for r in reports),
            median(r.get("connect_seconds", float("nan")) for r in reports),
        ])
        for name, reports in found.items()
    ]  # fmt: skip
    columns = ["KiB per idle connection", "MiB before", "seconds to connect all"]
    show("10,000 connections, memory", columns, rows)
    targets.append(Target("KiB per idle connection", rows[0][1][0], 6, True))


def stalled(results, targets):
    rows = []
    for name, (found, *_) in results["stalled"].items():
        rounds = found if isinstance(found, list) else []
        full = [r for r in rounds if r.get("with") and not r["with"]["stopped"]]
        change = median(r["with"]["p99"] / r["without"]["p99"] for r in full)
        rows.append((SERVERS[name].title, [
            median(r["without"]["p99"] for r in rounds),
            median(r["with"]["p99"] for r in full),
            "yes" if len(full) == len(rounds) > 0 else "NO, they stopped",
            "closed" if full and all(r["evicted"] for r in full) else "kept",
        ]))  # fmt: skip
        if name == "antiphon":
            targets.append(Target("p99 with one stalled reader, ratio to without", change, 1.1, True))
    columns = ["p99 ms without", "p99 ms with", "all others served", "the stalled connection is"]
    show("One of 1,000 readers stops reading", columns, rows)


def capacity(results, targets):
    found = results["capacity"]["antiphon"][0]
    runs = found.get("runs", [])
    faults = ("lost", "closed", "duplicates", "stopped")
    whole = bool(runs) and not any(run[fault] for run in runs for fault in faults)
    served = found["connections"] if whole else 0
    targets.append(Target("connections on one process, each with every delivery", served, 19_000))
    if runs:
        first = runs[0]
        row = [first["deliveries"] / first["seconds"], first["p50"], first["p99"], found["connect_seconds"]]
        columns = ["deliveries/s", "p50 ms", "p99 ms", "seconds to connect all", "MiB"]
        show("19,000 connections on one process", columns, [("Antiphon", [*row, found["resident_idle"] / 2**20])])


def churn(results, targets):
    found = results["churn"]["antiphon"][0]
    what = "resident memory after connects and disconnects, ratio to"
    if "rounds" not in found:
        targets.append(Target(f"{what} before", float("nan"), 1.05, True))
        return
    before, after = found["resident_before"], found["resident_after"]
    rows = [("before", float("nan"), before)]
    rows += [(f"round {i + 1}", r["connected"], r["disconnected"]) for i, r in enumerate(found["rounds"])]
    rows += [("15 s later", float("nan"), after)]
    rows = [(name, [connected / 2**20, disconnected / 2**20]) for name, connected, disconnected in rows]
    show("5,000 connects and disconnects, resident MiB", ["connected", "disconnected"], rows)
    targets.append(Target(f"{what} before", after / before, 1.05, True))
    targets.append(Target(f"{what} after the first", after / found["rounds"][0]["disconnected"], 1.05, True))
    kept = found["open_files_after"] - found["open_files_before"]
    targets.append(Target("open files more than before", kept, 0, True))


def measure(options, names):
    results = {}
    quick = options.quick
    seconds, warm_up = ("2", "0.5") if quick else ("5", "1")
    timing = ["--seconds", seconds, "--warm-up", warm_up]

    for number in range(1 if quick else options.rounds):
        note(f"round {number + 1}")
        # No server is always measured first.
        for name in names[number % len(names):] + names[: number % len(names)]:
            if "thousand" in options.part:
                attempt(results, "thousand", name, "measure", *timing, "--outstanding", 1, "--outstanding", 8)
            if "ten-thousand" in options.part and name != "fastapi_per_recipient":
                many = ["--connections", 10_000, "--outstanding", 1, "--outstanding", 4]
                attempt(results, "ten-thousand", name, "measure", *timing, *many)
    if "stalled" in options.part:
        attempt(results, "stalled", "antiphon", "stall", "--rounds", 1 if quick else 7)
        if "fastapi_list" in names:
            # Larger messages fill a socket sooner.
            attempt(results, "stalled", "fastapi_list", "stall", "--rounds", 1, "--messages", 1000, "--size", 8192)
    if "capacity" in options.part:
        attempt(results, "capacity", "antiphon", "measure", *timing, "--connections", 19_000, "--outstanding", 1)
    if "churn" in options.part:
        attempt(results, "churn", "antiphon", "churn", "--rounds", 3 if quick else 10)
    # Tables list the servers in one order.
    return {part: {n: found[n] for n in SERVERS if n in found} for part, found in results.items()}


def report(results, targets):
    """Prints the tables of what was measured and fills the targets."""
    print(f"Antiphon's allocator: {JEMALLOC.name if JEMALLOC else 'that of glibc'}\n")
    if "thousand" in results:
        throughput("1,000 connections", "thousand", results, targets)
    if "ten-thousand" in results:
        throughput("10,000 connections", "ten-thousand", results, targets)
        memory(results, targets)
    for part, show_part in (("stalled", stalled), ("capacity", capacity), ("churn", churn)):
        if part in results:
            show_part(results, targets)
    show_targets(targets)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, to see whether all works")
    parser.add_argument("--only", metavar="RIVAL", choices=[n for n in SERVERS if n != "antiphon"], action="append",
                        help="compare with this one only (may be given several times): %(choices)s")  # fmt: skip
    parser.add_argument("--part", choices=PARTS, action="append", help="measure only this (may be given several times)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the comparisons (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print all results as JSON instead of tables")
    options = parser.parse_args()
    options.part = options.part or PARTS
    names = [n for n in SERVERS if n == "antiphon" or not options.only or n in options.only]

    results = measure(options, names)
    targets = []
    with redirect_stdout(sys.stderr if options.json else sys.stdout):
        report(results, targets)

    whole = {
        "allocator": JEMALLOC.name if JEMALLOC else "glibc",
        "results": results,
        "targets": [{**vars(t), "reached": t.reached} for t in targets],
    }
    file = TOP / ".build/bench/fanout.json"
    file.write_text(json.dumps(whole, indent=1))
    if options.json:
        print(json.dumps(whole, indent=1))
    sys.exit(0 if all(t.reached for t in targets) else 1)


if __name__ == "__main__":
    main()
