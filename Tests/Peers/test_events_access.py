"""Who may do what with the events API."""

import contextlib

import pytest
from events_client import (
    BINARY,
    CLOSE,
    SETTINGS,
    Client,
    Raw,
    call,
    connections,
    data_of,
    eventually,
    farewell,
    frame,
    get,
    handshake,
    opened,
    publish,
    strict,
)
from websockets.exceptions import InvalidStatus


@pytest.fixture(scope="module")
def guarded(start_server, antiphon, tmp_path_factory):
    """The URL of a server that asks for keys, a key for it, and a function that runs a command for keys."""
    folder = tmp_path_factory.mktemp("guarded") / "data"
    folder.mkdir()

    def keys(*arguments):
        return antiphon("keys", *arguments, "--data-dir", folder).succeeded()

    key = keys("add", "peer", "--json").json["key"]
    process, url = start_server(folder, *SETTINGS, "auth.required=true")
    yield url, key, keys
    process.terminate()
    assert process.wait(timeout=40) == 0


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def token_for(url, key, **wanted):
    status, _, body = call(url, "/auth/token", wanted, bearer(key))
    assert status == 200, body
    assert set(body) == {"token", "expires_at", "expires_in", "publish", "subscribe", "presence"}, body
    return body["token"]


def refusal(url, path="/ws", **options):
    """The status of a refused upgrade."""
    with pytest.raises(InvalidStatus) as refusal:
        Client(url, path, **options)
    response = refusal.value.response
    assert strict(response.body)["error"]
    return response.status_code


def test_without_a_key_nobody_gets_in(guarded):
    url, key, _ = guarded
    assert refusal(url) == 401
    assert refusal(url, additional_headers=bearer("nonsense")) == 401
    assert refusal(url, additional_headers=bearer(key + "x")) == 401
    assert refusal(url, subprotocols=["antiphon", "bearer.nonsense"]) == 401
    assert refusal(url, "/ws?access_token=nonsense") == 401
    for method, path in [
        ("POST", "/publish/a"), ("POST", "/broadcast/a"), ("POST", "/broadcast"), ("POST", "/auth/token"),
        ("GET", "/stats"), ("GET", "/history/a"), ("GET", "/presence/a"), ("GET", "/state/a"),
    ]:  # fmt: skip
        assert call(url, path, {"data": {}} if method == "POST" else None)[0] == 401, path


def test_a_key_opens_in_either_header_and_never_in_the_address(guarded):
    url, key, _ = guarded
    for headers in [bearer(key), {"X-API-Key": key}]:
        with Client(url, additional_headers=headers) as client:
            report = publish(url, "training", {"n": 1}, headers=headers)
            assert report["targeted"] >= 1
            assert client.next()["data"] == {"n": 1}
    assert refusal(url, f"/ws?access_token={key}") == 401


def test_a_token_opens_in_all_its_ways(guarded):
    url, key, _ = guarded
    token = token_for(url, key, ttl=60)
    with Client(url, subprotocols=["antiphon", f"bearer.{token}"]) as client:
        assert client.socket.subprotocol == "antiphon"
    with Client(url, f"/ws?access_token={token}"):
        pass
    with Client(url, additional_headers=bearer(token)):
        pass
    with Client(url, additional_headers=bearer(key), subprotocols=["antiphon"]) as client:
        assert client.socket.subprotocol == "antiphon"


def test_a_token_says_how_long_it_holds_and_makes_no_others(guarded):
    url, key, _ = guarded
    status, _, body = call(url, "/auth/token", {"ttl": 60}, bearer(key))
    assert status == 200 and body["expires_in"] == 60
    assert [body[action] for action in ("publish", "subscribe", "presence")] == [["*"]] * 3
    status, _, limited = call(url, "/auth/token", {"ttl": 60, "subscribe": ["chat/*"]}, bearer(key))
    assert [limited[action] for action in ("publish", "subscribe", "presence")] == [[], ["chat/*"], []]
    assert call(url, "/auth/token", {"ttl": 60}, bearer(body["token"]))[0] in (401, 403)
    for ttl in [-1, 0, "an hour", []]:
        assert call(url, "/auth/token", {"ttl": ttl}, bearer(key))[0] in (400, 422), ttl
    status, _, body = call(url, "/auth/token", {"ttl": 10**12}, bearer(key))
    assert status in (400, 422) or body["expires_in"] < 10**12
    for pattern in [5, "chat/*", ["a/*/b"], [5]]:
        assert call(url, "/auth/token", {"ttl": 60, "subscribe": pattern}, bearer(key))[0] in (400, 422), pattern


def test_a_token_with_a_letter_changed_is_worth_nothing(guarded):
    url, key, _ = guarded
    token = token_for(url, key, ttl=60)
    for place in [0, len(token) // 2, len(token) - 4]:
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert refusal(url, f"/ws?access_token={changed}") == 401


def test_a_token_allows_what_it_says_and_nothing_else(guarded):
    url, key, _ = guarded
    token = token_for(
        url, key, ttl=60, name="Ann", subscribe=["chat/*"], publish=["chat/a"], presence=["chat/a"]
    )  # fmt: skip
    with Client(url, additional_headers=bearer(token)) as client:
        client.subscribe("chat/a", presence=True)
        client.subscribe("chat/b")
        client.send({"type": "publish", "topic": "chat/a", "data": {"n": 1}})
        assert {"n": 1} in data_of(client.until_pong())
        for message in [
            {"type": "subscribe", "topic": "secret"},
            {"type": "subscribe", "topic": "*"},
            {"type": "subscribe", "topic": "chat"},
            {"type": "subscribe", "topic": "training"},
            {"type": "subscribe", "topic": "chat/b", "presence": True},
            {"type": "publish", "topic": "chat/b", "data": {}},
            {"type": "publish", "topic": "secret", "data": {}},
            {"type": "presence", "topic": "chat/b"},
            {"type": "history", "topic": "secret"},
        ]:
            assert client.refused(message) == "forbidden", message
        present = client.command("presence", "chat/a", "presence_response")["members"]
        assert present == [{"connection_id": client.id, "name": "Ann"}]
        for topic in ["training", "secret"]:
            publish(url, topic, {}, headers=bearer(key))
        assert client.until_pong() == []
        assert call(url, "/publish/secret", {"data": {}}, bearer(token))[0] == 403
        assert call(url, "/publish/chat/a", {"data": {}}, bearer(token))[0] == 200
        for path in ["/history/secret", "/state/secret", "/presence/chat/b"]:
            assert call(url, path, headers=bearer(token))[0] == 403, path


def test_a_token_that_expires_closes_its_connection(guarded):
    url, key, _ = guarded
    token = token_for(url, key, ttl=5)
    with Client(url, f"/ws?access_token={token}") as client:
        code, messages = client.until_closed()
        assert code == 4401 and farewell(messages) == 4401
    assert refusal(url, f"/ws?access_token={token}") == 401


def test_a_key_that_is_revoked_closes_its_connections(guarded):
    url, key, keys = guarded
    other = keys("add", "other", "--json").json
    eventually(lambda: call(url, "/stats", headers=bearer(other["key"]))[0] == 200)
    token = token_for(url, other["key"], ttl=600)
    with (
        Client(url, additional_headers=bearer(key)) as staying,
        Client(url, additional_headers=bearer(other["key"])) as direct,
        Client(url, f"/ws?access_token={token}") as by_token,
    ):
        keys("revoke", other["id"])
        for client in [direct, by_token]:
            code, messages = client.until_closed()
            assert code == 4401 and farewell(messages) == 4401
        assert staying.until_pong() == []
    assert refusal(url, additional_headers=bearer(other["key"])) == 401
    assert refusal(url, f"/ws?access_token={token}") == 401


def test_pages_of_other_origins_are_kept_out(events, guarded):
    assert refusal(events, origin="https://elsewhere.example") == 403
    assert refusal(events, origin="null") == 403
    url, key, _ = guarded
    assert refusal(url, origin="https://elsewhere.example", additional_headers=bearer(key)) == 403
    for origin in [events, "http://localhost:3000"]:
        with Client(events, origin=origin) as client:
            assert client.until_pong() == []
    with Raw(events) as raw:
        raw.send(handshake(host="elsewhere.example"))
        assert raw.response()[0] in (403, 421)


def test_an_origin_that_the_settings_allow_gets_in(start_events):
    server = start_events('http.cors_origins=["https://pages.example"]')
    with Client(server.url, origin="https://pages.example") as client:
        assert client.until_pong() == []
    assert refusal(server.url, origin="https://pages.example.elsewhere.example") == 403


def test_two_connections_with_the_same_key_are_welcome(guarded):
    url, key, _ = guarded
    with Client(url, additional_headers=bearer(key)) as one, Client(url, additional_headers=bearer(key)) as two:
        publish(url, "training", {"n": 1}, headers=bearer(key))
        assert one.next()["data"] == two.next()["data"] == {"n": 1}


def test_past_the_limit_of_a_credential_the_newer_connection_takes_the_place_of_the_older(
    start_events, antiphon, tmp_path
):
    folder = tmp_path / "data"
    folder.mkdir()
    keys = [
        antiphon("keys", "add", name, "--data-dir", folder, "--json").succeeded().json["key"] for name in ("a", "b")
    ]
    server = start_events("auth.required=true", "events.max_connections_per_credential=1", folder=folder)
    with (
        Client(server.url, additional_headers=bearer(keys[1])) as other,
        Client(server.url, additional_headers=bearer(keys[0])) as older,
        Client(server.url, additional_headers=bearer(keys[0])) as newer,
    ):
        code, messages = older.until_closed()
        assert code == 4409 and farewell(messages) == 4409
        assert newer.until_pong() == [] and other.until_pong() == []


@pytest.mark.parametrize("limit", ["websocket.max_connections", "websocket.max_connections_per_address"])
def test_past_the_limit_of_connections_a_further_one_is_refused(start_events, limit):
    server = start_events(f"{limit}=3")
    clients = [Client(server.url) for _ in range(3)]
    assert refusal(server.url) in (429, 503)
    assert get(server.url, "/health")["connected_clients"] == 3
    for client in clients:
        assert client.until_pong() == []
        client.socket.close()
    eventually(lambda: connections(server.url) == 0)
    with Client(server.url) as client:
        assert client.until_pong() == []


def test_a_client_that_says_too_much_is_closed(start_events):
    server = start_events("events.max_messages_per_second=10")
    with opened(server.url) as raw, Client(server.url) as other:
        # What is past the limit may have nobody to read it any more.
        with contextlib.suppress(ConnectionError):
            raw.send(frame('{"type":"pong"}') * 5000)
        code, messages = raw.until_closed()
        assert code == 4429 and farewell(messages) == 4429
        assert other.until_pong() == []


def test_a_frame_of_every_kind_after_the_close_is_ignored(events):
    with opened(events) as raw:
        raw.send(frame(b"\x03\xe8", CLOSE) + frame('{"type":"ping"}') + frame(b"\x00", BINARY) + b"\xff" * 100)
        assert raw.until_closed() == (1000, [])
