"""Measures the server over HTTP against a FastAPI server in the same run. Run it by `scripts/bench serving`.

The servers run on the first core, the load (wrk) on the second. Everything stays on this machine, and every run has an
end: the load of each lasts `--seconds`.
"""

import argparse
import http.client
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
RIVAL = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/health")
async def health():
    return {"status": "healthy", "version": "2.1.0", "architecture": "library_integration_v2",
            "components": {"tts_loaded": True, "stt_loaded": True, "config_manager": True},
            "features": {"library_integration": True, "adapter_pattern": True, "middleware_pipeline": True}}
"""


def pinned(core, *command, **options):
    return subprocess.Popen(["taskset", "-c", str(core), *map(str, command)], **options)


def wait_for(url):
    for _ in range(200):
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} does not answer")


def wrk(url, connections, seconds, script=None):
    """Requests per second, median and 99th percentile in milliseconds, and errors."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    if script:
        command += ["-s", script]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}

    def percentile(name):
        value, suffix = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * unit[suffix]

    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return {
        "requests/s": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
        "p50 ms": percentile(50),
        "p99 ms": percentile(99),
        "refused": float(failed.group(1)) if failed else 0,
    }


def post(url, body, timeout=120):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=timeout) as response:
        response.read(1)
        first = time.perf_counter()
        response.read()
    return (first - started) * 1000


def resident(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def serve(data, *settings):
    options = [x for s in settings for x in ("--set", s)]
    process = pinned(
        0, TOP / ".build/release/antiphon", "serve", "--port", "speech=18004", "--data-dir", data, *options,
        "--set", "listeners=[{port: 18004, apis: [speech, openai]}]", "--set", "logging.level=error",
        stdout=subprocess.DEVNULL, cwd=TOP,
    )  # fmt: skip
    wait_for("http://127.0.0.1:18004/health")
    return process


def show(title, rows):
    columns = list(next(iter(rows.values())))
    print(f"### {title}\n\n| | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for name, values in rows.items():
        print(f"| {name} | " + " | ".join(f"{values[c]:.3g}" if values[c] < 100 else f"{values[c]:.0f}" for c in columns) + " |")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    seconds = parser.parse_args().seconds
    environment = TOP / ".build/bench/rival"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/pip", "-q", "install", "fastapi==0.121.2", "uvicorn[standard]==0.38.0"], check=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "rival.py").write_text(RIVAL)
        tts = folder / "tts.lua"
        tts.write_text('wrk.method="POST"; wrk.headers["content-type"]="application/json"\n'
                       'wrk.body=\'{"text":"Yes.","voice_id":"default"}\'')

        rival = pinned(0, environment / "bin/uvicorn", "rival:app", "--port", "18005", "--log-level", "error", cwd=folder)
        wait_for("http://127.0.0.1:18005/health")
        theirs = wrk("http://127.0.0.1:18005/health", 64, seconds)
        rival.terminate()
        rival.wait()

        idle = serve(folder / "idle", "speech.preload=false")
        memory = resident(idle)
        ours = wrk("http://127.0.0.1:18004/health", 64, seconds)
        idle.terminate()
        idle.wait()
        show("GET /health, 64 connections", {"Antiphon": ours, "FastAPI and uvicorn": theirs,
             "ratio": {c: ours[c] / theirs[c] if theirs[c] else 0 for c in ours}})
        print(f"Resident memory of the idle server without engines: {memory:.1f} MB\n")

        # espeak-ng makes "Yes." in about 0.3 ms, so what is left is the serving.
        free = serve(folder / "free", "speech.synthesizers=[espeak-ng]", "speech.queue_capacity=64")
        post("http://127.0.0.1:18004/tts", {"text": "Yes.", "voice_id": "default"})
        show("POST /tts with espeak-ng", {f"{n} connection{'s'[:n > 1]}": wrk("http://127.0.0.1:18004/tts", n, seconds, tts)
             for n in (1, 16)})
        free.terminate()
        free.wait()

        real = serve(folder / "real")
        speech = {"model": "tts-1", "input": "Hello there. How are you?", "voice": "alloy"}
        post("http://127.0.0.1:18004/v1/audio/speech", speech)
        firsts = sorted(post("http://127.0.0.1:18004/v1/audio/speech", speech) for _ in range(20))
        show("POST /v1/audio/speech with piper, milliseconds to the first byte", {"mp3": {"p50": firsts[10], "p95": firsts[18]}})
        text = "This sentence is one of many in a long text that takes a while to be spoken. " * 40

        def speak():
            try:
                post("http://127.0.0.1:18004/tts", {"text": text, "voice_id": "default"}, 600)
            except (OSError, http.client.HTTPException):
                pass  # The server is stopped before the text is over.

        loads = [threading.Thread(target=speak) for _ in range(3)]
        for load in loads:
            load.start()
        time.sleep(0.3)
        # Both cores are free to the server here: what is measured is whether speaking holds up other requests.
        subprocess.run(["taskset", "-apc", "0,1", str(real.pid)], stdout=subprocess.DEVNULL)
        show("GET /health, 1 connection, while three long texts are spoken", {"Antiphon": wrk("http://127.0.0.1:18004/health", 1, seconds)})
        real.kill()
        real.wait()


if __name__ == "__main__":
    main()
