"""What the server acknowledged is still there after it was killed in the middle of its work."""

import signal
import sqlite3
import threading
import urllib.request

import pytest


def conversation(url, recording):
    """One spoken turn; the identifier of its session, which the server gives with the answer's head."""
    boundary = "durability"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="audio_file"; filename="q.wav"\r\n\r\n'.encode()
        + recording
        + f"\r\n--{boundary}--\r\n".encode()
    )
    request = urllib.request.Request(
        f"{url}/conversation", body, {"content-type": f"multipart/form-data; boundary={boundary}"}
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        return response.headers["x-session-id"]


def killed_under_load(start_server, folder, recording, acknowledged):
    """Starts the server, has four clients talk to it, and kills it once it has acknowledged three turns."""
    process, url = start_server(folder, "speech.synthesizers=[espeak-ng]")
    enough = threading.Semaphore(0)
    lock = threading.Lock()

    def talk():
        while True:
            try:
                session = conversation(url, recording)
            except OSError:
                return
            with lock:
                acknowledged.append(session)
            enough.release()

    clients = [threading.Thread(target=talk) for _ in range(4)]
    for client in clients:
        client.start()
    for _ in range(3):
        assert enough.acquire(timeout=60), "no turn was acknowledged"
    process.send_signal(signal.SIGKILL)
    process.wait()
    for client in clients:
        client.join()


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.long)])
def test_no_acknowledged_turn_is_lost(start_server, antiphon, tmp_path, kills):
    antiphon("say", "What time is it?", "-o", tmp_path / "q.wav").succeeded()
    recording = (tmp_path / "q.wav").read_bytes()
    acknowledged = []
    for _ in range(kills):
        killed_under_load(start_server, tmp_path / "data", recording, acknowledged)
    assert len(acknowledged) >= 3 * kills
    with sqlite3.connect(tmp_path / "data/antiphon.sqlite") as database:
        stored = dict(database.execute("SELECT session_id, transcript FROM turns"))
        messages = dict(database.execute("SELECT session_id, count(*) FROM messages GROUP BY 1"))
    for session in acknowledged:
        assert stored[session].strip()
        assert messages[session] == 2
