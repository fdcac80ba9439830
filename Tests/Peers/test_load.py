"""Many clients at once: every one of them gets an answer."""

import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families


def upload(url, recording, path="/stt"):
    """The status of an upload, and the advice when to try again."""
    boundary = "load"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="audio_file"; filename="q.wav"\r\n\r\n'
    body = head.encode() + recording + f"\r\n--{boundary}--\r\n".encode()
    request = urllib.request.Request(
        f"{url}{path}", body, {"content-type": f"multipart/form-data; boundary={boundary}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=300) as response:
            assert path != "/stt" or b"no matter" in response.read().lower()
            return response.status, None
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers["retry-after"]


@pytest.mark.heavy
def test_of_two_hundred_uploads_at_once_none_is_lost(server, beckett):
    recording = beckett.read_bytes()
    with ThreadPoolExecutor(200) as clients:
        answers = list(clients.map(lambda _: upload(server, recording), range(200)))
    assert {status for status, _ in answers} <= {200, 503}, answers
    assert any(status == 200 for status, _ in answers)
    assert all(int(advice) >= 1 for status, advice in answers if status == 503)


def test_the_metrics_are_in_the_format_of_prometheus(server, beckett):
    assert upload(server, beckett.read_bytes())[0] == 200
    assert upload(server, beckett.read_bytes(), path="/conversation")[0] == 200
    text = urllib.request.urlopen(f"{server}/metrics", timeout=10).read().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    for name in [
        "http_request_duration_seconds", "engine_call_duration_seconds", "engine_calls_waiting",
        "turn_transcription_seconds", "turn_first_audio_seconds",
        "process_resident_memory_bytes",
    ]:  # fmt: skip
        assert families[name].samples, name
    routes = {sample.labels["route"] for sample in families["http_request_duration_seconds"].samples}
    assert "/stt" in routes
