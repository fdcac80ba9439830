"""What API keys are for: every route needs a scope, and says in the description which."""

import pytest
from events_client import Client, call
from websockets.exceptions import InvalidStatus

SCOPES = ["speech", "chat", "events", "metrics", "configuration", "administration"]
USUAL = SCOPES[:-1]
OPEN = {"/", "/docs", "/docs/form.js", "/health", "/openapi.json", "/page/turns.js"}


@pytest.fixture(scope="module")
def guarded(start_server, antiphon, tmp_path_factory):
    """The URL of a server with all APIs that asks for keys, and keys for it: one for each scope, and one for topics."""
    folder = tmp_path_factory.mktemp("scopes") / "data"
    folder.mkdir()

    def make(name, *arguments):
        return antiphon("keys", "add", name, *arguments, "--data-dir", folder, "--json").succeeded().json["key"]

    keys = {scope: make(scope, "--scope", scope) for scope in SCOPES}
    keys["training"] = make("training", "--publish", "training/*")
    process, url = start_server(
        folder,
        'listeners=[{"port": 0, "apis": ["speech", "openai", "events"]}]',
        "speech.preload=false",
        "auth.required=true",
    )
    yield url, keys
    process.terminate()
    assert process.wait(timeout=40) == 0


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def operations(url):
    """Method, path and scopes of every operation that the server describes."""
    status, _, document = call(url, "/openapi.json")
    assert status == 200
    for path, item in document["paths"].items():
        for method, operation in item.items():
            scopes = {
                scope for way in operation["security"] for name in ("bearer", "apiKey") for scope in way.get(name, [])
            }
            assert scopes <= set(SCOPES), (path, scopes)
            assert {} in operation["security"], path
            path = path.replace("page/{module}", "page/turns.js").replace("{module}", "form.js").replace("{", "").replace("}", "")
            yield method.upper(), path, scopes


def ask(url, method, path, key=None):
    """The status, and what is said of it."""
    body = {} if method == "POST" else None
    status, _, answer = call(url, path, body, bearer(key) if key else None, method)
    error = (answer or {}).get("error") if isinstance(answer, dict) else None
    return status, error["message"] if isinstance(error, dict) else error or ""


def test_every_route_is_for_the_scopes_that_the_description_says_and_for_no_others(guarded):
    url, keys = guarded
    found = list(operations(url))
    assert len(found) > 35
    for method, path, scopes in found:
        assert bool(scopes) == (path not in OPEN), path
        assert ask(url, method, path)[0] == (401 if scopes else 200), path
        for scope in SCOPES:
            key = keys[scope]
            status, message = ask(url, method, path, key)
            if not scopes:
                assert status == 200, (scope, path)
            elif scope in scopes:
                assert status != 401 and "not for" not in message, (scope, method, path, message)
            else:
                assert status == 403, (scope, method, path, status)
                assert f"not for {' or '.join(sorted(scopes, key=SCOPES.index))}" in message, message
                assert "antiphon keys add NAME --scope" in message, message


def test_a_key_that_is_limited_to_topics_opens_topics_and_nothing_else(guarded):
    url, keys = guarded
    key = keys["training"]
    assert call(url, "/publish/training/run", {"data": {}}, bearer(key))[0] == 200
    assert call(url, "/publish/elsewhere", {"data": {}}, bearer(key))[0] == 403
    for method, path in [
        ("POST", "/tts"), ("POST", "/stt"), ("POST", "/conversation"), ("GET", "/v1/models"), ("GET", "/metrics"),
        ("POST", "/v1/audio/speech"), ("POST", "/v1/chat/completions"), ("GET", "/config/current"), ("GET", "/info"),
    ]:  # fmt: skip
        assert ask(url, method, path, key)[0] == 403, path
    with pytest.raises(InvalidStatus) as refusal:
        Client(url, additional_headers=bearer(keys["speech"]))
    assert refusal.value.response.status_code == 403


def test_the_refusal_to_a_client_of_openai_is_in_its_shape(guarded):
    url, keys = guarded
    status, _, body = call(url, "/v1/chat/completions", {"messages": []}, bearer(keys["metrics"]))
    assert status == 403 and set(body) == {"error"}
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["type"] == "permission_error" and "chat" in body["error"]["message"]


def test_scopes_can_be_given_in_every_usual_way_and_are_listed(antiphon, tmp_path):
    def keys(*arguments):
        return antiphon("keys", *arguments, "--data-dir", tmp_path)

    for name, arguments, scopes in [
        ("usual", [], USUAL),
        ("one", ["--scope", "speech"], ["speech"]),
        ("two", ["--scope", "chat", "--scope", "speech"], ["speech", "chat"]),
        ("list", ["--scope", "metrics,configuration"], ["metrics", "configuration"]),
        ("spaced", ["--scope", "Speech, chat"], ["speech", "chat"]),
        ("topics", ["--publish", "a/*"], ["events", "publish:a/*"]),
        ("both", ["--scope", "speech", "--subscribe", "b"], ["speech", "events", "subscribe:b"]),
        ("events", ["--scope", "events", "--publish", "c"], ["events", "publish:c"]),
        ("all", ["--scope", ",".join(SCOPES)], SCOPES),
    ]:
        made = keys("add", name, *arguments, "--json").succeeded().json
        assert made["scopes"] == scopes, name
        (listed,) = [key for key in keys("list", "--json").succeeded().json if key["name"] == name]
        assert listed["scopes"] == scopes and "key" not in listed
        (line,) = [line for line in keys("list").succeeded().out.splitlines() if f" {name} " in f"{line} "]
        assert ",".join(scopes) in line
    for wrong in ["speach", "", "speech,", "speech;chat"]:
        keys("add", "wrong", "--scope", wrong).refused("administration", statuses=(2,))
    antiphon("token", "--key", "one", "--data-dir", tmp_path).refused("--scope events", statuses=(2,))


def test_a_name_is_taken_once(antiphon, tmp_path):
    def keys(*arguments):
        return antiphon("keys", *arguments, "--data-dir", tmp_path)

    keys("add", "job").succeeded()
    keys("add", "job").refused_in_one_line("job", "revoke", statuses=(1,))
    assert len(keys("list", "--json").succeeded().json) == 1
    keys("revoke", "job", "--all").succeeded()
    keys("add", "job").succeeded()
    keys("revoke", "nobody", "--all").refused("nobody")


def test_the_status_is_asked_where_the_settings_say(antiphon, closed_port, tmp_path):
    file = tmp_path / "antiphon.yaml"
    file.write_text(f"bind: 0.0.0.0\nlisteners:\n  - {{ port: {closed_port}, apis: [speech] }}\n")
    antiphon("status", "--config", file).refused(f"http://127.0.0.1:{closed_port} does not answer", statuses=(2,))
    listeners = f'listeners=[{{"port": {closed_port}, "apis": ["speech"], "bind": "::1"}}]'
    antiphon("status", "--set", listeners).refused(f"http://[::1]:{closed_port} does not answer", statuses=(2,))
    antiphon("status", "--set", listeners, "127.0.0.1:1").refused("http://127.0.0.1:1 ", statuses=(2,))
    antiphon("status", "--set", listeners.replace(str(closed_port), "0")).refused("address", statuses=(2,))
