"""Loads Antiphon for long with a mixture of all that clients do and watches its memory. Run it by `scripts/bench soak`.

Subscribers come and go while messages are published at a rate, others stop reading until they are dropped, and others
lose their connection, come back and recover what they missed. Memory and open files are sampled all the while.
Exit code: 0 memory and files stay level and no message was missed, 1 not.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter

from load import JEMALLOC, PORT, SERVERS, TOP, Target, command, running, show, show_targets, usage
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URL = f"ws://127.0.0.1:{PORT}/ws/p2p-fog"
SLOW_READERS = 4
RECOVERING = 10
PER_SECOND = 20


def client(**options):
    return connect(URL, compression=None, ping_interval=None, max_size=None, **options)


async def send(socket, **message):
    await socket.send(json.dumps(message))


async def publisher(seen):
    """Publishes small messages for those that recover and large ones for those that do not read."""
    large = "x" * 16_384
    async with client() as socket:

        async def answers():
            async for _ in socket:
                pass

        reading = asyncio.create_task(answers())
        try:
            while True:
                seen["published"] += 1
                await send(socket, type="publish", topic="recovering", data={"number": seen["published"]}, ack=False)
                await send(socket, type="publish", topic="bulk", data={"filling": large}, ack=False)
                await asyncio.sleep(1 / PER_SECOND)
        finally:
            reading.cancel()


async def slow_reader(seen):
    """Does not read for a while, then reads up to where the server closed the connection, if it did."""
    while True:
        async with client(max_queue=1) as socket:
            await send(socket, type="subscribe", topic="bulk")
            await asyncio.sleep(random.uniform(20, 40))
            try:
                async with asyncio.timeout(10):
                    async for _ in socket:
                        pass
            except TimeoutError:
                seen["slow readers kept"] += 1
            except ConnectionClosed:
                pass
        if socket.close_code is not None and socket.close_code not in (1000, 1006):
            seen[f"slow readers closed with {socket.close_code}"] += 1


async def recovering(seen):
    """Comes back again and again and must get every message once and in order."""
    position = None
    while True:
        async with client() as socket:
            since = {"since": position} if position else {"recover": True}
            await send(socket, type="subscribe", topic="recovering", **since)
            until = time.monotonic() + random.uniform(1, 5)
            async for text in socket:
                message = json.loads(text)
                data = message["data"]
                if data.get("type") == "subscription_response":
                    if position is None:
                        position = {"epoch": data["epoch"], "offset": data["offset"]}
                    elif data["recovered"]:
                        seen["recoveries"] += 1
                    else:
                        seen["failed recoveries"] += 1
                        position = {"epoch": data["epoch"], "offset": data["offset"]}
                elif message.get("topic") == "recovering":
                    if message["offset"] != position["offset"] + 1:
                        seen["gaps"] += 1
                    position = {"epoch": message["epoch"], "offset": message["offset"]}
                if time.monotonic() > until:
                    break
        await asyncio.sleep(random.uniform(0, 2))


async def sample(pid, samples):
    started = time.monotonic()
    while True:
        samples.append((time.monotonic() - started, *usage(pid)))
        await asyncio.sleep(5)


async def soak(process, seconds, options):
    """The samples, what was seen, what the steady load reported, and the open files before and after."""
    seen, samples = Counter(), []
    _, files_before = usage(process.pid)
    steady = await asyncio.create_subprocess_exec(
        *command("steady", SERVERS["antiphon"], process, "--seconds", seconds, "--connections", options.connections,
                 "--rate", options.rate, "--churn", options.churn),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    workers = [publisher(seen), sample(process.pid, samples)]
    workers += [slow_reader(seen) for _ in range(SLOW_READERS)] + [recovering(seen) for _ in range(RECOVERING)]
    tasks = [asyncio.create_task(worker) for worker in workers]
    try:
        ended = asyncio.create_task(steady.communicate())
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()  # None ends but by an error.
        output, _ = await ended
    finally:
        if steady.returncode is None:
            steady.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if steady.returncode != 0:
        sys.exit("the steady load ended with an error")
    await asyncio.sleep(10)
    return samples, seen, json.loads(output), files_before, usage(process.pid)[1]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="how long (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=500, help="subscribers (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=50, help="messages per second to them (default: %(default)s)")
    parser.add_argument("--churn", type=float, default=20, help="of them replaced per second (default: %(default)s)")
    options = parser.parse_args()
    with running(SERVERS["antiphon"]) as process:
        samples, seen, steady, files_before, files_after = asyncio.run(soak(process, options.minutes * 60, options))

    # Memory still grows to its level in the first third.
    level = [(t, rss) for t, rss, _ in samples if t >= min(options.minutes * 20, 600)]
    if len(level) < 3:
        sys.exit("too short to say anything: give more minutes")
    slope = statistics.linear_regression(*zip(*level)).slope
    mean = statistics.mean(rss for _, rss in level)
    window = level[-1][0] - level[0][0]
    measured = steady["measurement"]
    print(f"Antiphon's allocator: {JEMALLOC.name if JEMALLOC else 'that of glibc'}\n")
    rows = [(f"{t / 60:.1f} min", [rss / 2**20, files]) for t, rss, files in samples[:: max(1, len(samples) // 12)]]
    show("Resident memory and open files", ["MiB", "files"], rows)
    counts = {"deliveries": measured["deliveries"], "connections replaced": steady["replaced"], **seen}
    show("What happened", ["times"], [(name, [count]) for name, count in counts.items()])
    show("Latency", ["p50 ms", "p99 ms"], [("steady subscribers", [measured["p50"], measured["p99"]])])
    # In a short run a slope is mostly noise: half a percent is allowed at least.
    allowed = max(1, 0.5 * 600 / window)
    targets = [
        Target("growth of resident memory, % in ten minutes", 100 * slope * 600 / mean, round(allowed, 2), True),
        # What is opened when it is first used, such as a reader of the database, stays open.
        Target("open files more than before", files_after - files_before, 2, True),
        Target("messages that steady subscribers missed", measured["lost"] + measured["duplicates"], 0, True),
        Target("steady subscribers that were closed", measured["closed"], 0, True),
        Target("recoveries that failed or had gaps", seen["failed recoveries"] + seen["gaps"], 0, True),
        Target("recoveries", seen["recoveries"], 1),
    ]
    show_targets(targets)
    whole = {"samples": samples, "seen": seen, "steady": steady, "targets": [vars(t) for t in targets]}
    (TOP / ".build/bench/soak.json").write_text(json.dumps(whole, indent=1))
    sys.exit(0 if all(t.reached for t in targets) else 1)


if __name__ == "__main__":
    main()
