"""Listeners that speak TLS: certificates as openssl makes them, and clients that check them."""

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.parse
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import TOP, log_of
from events_client import SOON, Client, eventually, farewell, frame, handshake

EVENTS = 'listeners=[{"port": 0, "apis": ["events"]}]'
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclass
class Certificate:
    """The files of a certificate and its key."""

    file: Path
    key: Path

    @property
    def settings(self):
        return f"tls.certificate={self.file}", f"tls.key={self.key}"

    @property
    def serial(self):
        return ssl._ssl._test_decode_cert(str(self.file))["serialNumber"]


NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def self_signed(folder, name, days=100):
    made = Certificate(folder / f"{name}.pem", folder / f"{name}-key.pem")
    files = ["-keyout", made.key, "-out", made.file]
    openssl("req", "-x509", *NEW_KEY, "-nodes", "-subj", f"/CN={name}", "-addext", NAMES, "-days", days, *files)
    return made


def expired(folder, issuer):
    """A certificate whose time was over long ago."""
    made = Certificate(folder / "expired.pem", folder / "expired-key.pem")
    request, rules = folder / "expired.csr", folder / "expired.cnf"
    openssl("req", *NEW_KEY, "-nodes", "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
    (folder / "index.txt").write_text("")
    rules.write_text(
        f"[ca]\ndefault_ca=own\n[own]\nnew_certs_dir={folder}\ndatabase={folder}/index.txt\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
    )
    dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"]
    signer = ["-cert", issuer.file, "-keyfile", issuer.key]
    openssl("ca", "-batch", "-notext", "-config", rules, *signer, *dates, "-in", request, "-out", made.file)
    return made


@dataclass
class Made:
    """What openssl has made: an authority that clients trust, a certificate of it with the one between, and others."""

    folder: Path
    root: Certificate
    chain: Certificate
    other: Certificate


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    root = self_signed(folder, "authority")
    between = Certificate(folder / "between.pem", folder / "between-key.pem")
    leaf = Certificate(folder / "leaf.pem", folder / "leaf-key.pem")
    for certificate, issuer, extension in (
        (between, root, "basicConstraints=critical,CA:TRUE"),
        (leaf, between, NAMES),
    ):
        request, extensions = folder / "request", folder / "extensions"
        extensions.write_text(extension)
        name = f"/CN={certificate.file.stem}"
        openssl("req", *NEW_KEY, "-nodes", "-subj", name, "-keyout", certificate.key, "-out", request)
        signer = ["-CA", issuer.file, "-CAkey", issuer.key, "-CAcreateserial", "-extfile", extensions]
        openssl("x509", "-req", "-in", request, *signer, "-days", "90", "-out", certificate.file)
    chain = Certificate(folder / "chain.pem", leaf.key)
    chain.file.write_text(leaf.file.read_text() + between.file.read_text())
    return Made(folder, root, chain, self_signed(folder, "other"))


@pytest.fixture(scope="session")
def trust(made):
    """A client's context, which trusts the authority and nobody else."""
    return ssl.create_default_context(cafile=made.root.file)


@pytest.fixture(scope="session")
def secure(start_server, made, tmp_path_factory):
    """The URL of a server with all APIs over TLS, which must outlive its tests and end well."""
    folder = tmp_path_factory.mktemp("secure")
    apis = 'listeners=[{"port": 0, "apis": ["events", "openai", "speech"]}]'
    settings = [*made.chain.settings, "speech.preload=false", "speech.synthesizers=espeak-ng"]
    process, url = start_server(folder, apis, *settings)
    yield url
    ends_well(process, folder)


def ends_well(process, folder):
    process.terminate()
    assert process.wait(timeout=40) == 0, log_of(folder)
    text = (folder / "server.log").read_text()
    assert "Fatal error" not in text and "Program crashed" not in text, text[-4000:]
    return text


def opened(url, context=None):
    """A connection: of TCP alone, or with a handshake."""
    address = urllib.parse.urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), timeout=SOON)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(connection, server_hostname="localhost") if context else connection


def ask(url, path, context, body=None, method=None):
    """Status and body of an answer."""
    address = urllib.parse.urlsplit(url)
    connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=SOON, context=context)
    fields = {"content-type": "application/json"} if body is not None else {}
    content = json.dumps(body) if body is not None else None
    connection.request(method or ("GET" if body is None else "POST"), path, content, fields)
    answer = connection.getresponse()
    status, content = answer.status, answer.read()
    connection.close()
    return status, content


def health(connection):
    """The status of the answer to a request on a connection that stays open."""
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def is_closed(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "60", *map(str, arguments)], capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


# What clients see.


def test_a_page_is_read_over_tls_by_clients_that_check_the_certificate(secure, trust, made):
    assert secure.startswith("https://")
    status, body = ask(secure, "/health", trust)
    assert status == 200 and json.loads(body)["ready"] is True
    address = secure.replace("127.0.0.1", "localhost")
    for more in ([], ["--http1.0"], ["--tls-max", "1.2"], ["--tlsv1.3"]):
        # A client of HTTP/1.0 reads to the end of the connection, which TLS must announce.
        status, body, errors = curl(*more, "--cacert", made.root.file, address + "/openapi.json")
        assert (status, errors) == (0, ""), (more, errors)
        assert json.loads(body)["paths"]
    assert curl(address + "/health")[0] == 60
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(secure, "/health", ssl.create_default_context())


def test_protocols_and_versions_are_agreed_upon(secure, made):
    context = ssl.create_default_context(cafile=made.root.file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with opened(secure, context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert connection.version() == "TLSv1.3"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="(?i)version|protocol"):
        opened(secure, old)
    # Nor ciphers of TLS 1.2 that do not prove what they decrypt.
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    with pytest.raises(ssl.SSLError, match="(?i)handshake"):
        opened(secure, old)


def test_requests_follow_each_other_on_one_connection_and_large_ones_pass(secure, trust, made):
    address = urllib.parse.urlsplit(secure)
    connection = http.client.HTTPSConnection(address.hostname, address.port, timeout=SOON, context=trust)
    text = "Hello there. " * 20
    for _ in range(2):
        connection.request("POST", "/tts", json.dumps({"text": text, "voice_id": "default"}), {"content-type": "application/json"})
        sound = connection.getresponse()
        assert sound.status == 200 and len(sound.read()) > 100_000
    connection.close()
    # A body that is refused before it has come in full: the answer arrives, whatever is still sent.
    body = made.folder / "large"
    body.write_bytes(b"x" * (26 << 20))
    target = ["--cacert", made.root.file, secure.replace("127.0.0.1", "localhost") + "/tts"]
    status, body, errors = curl("-H", "content-type: application/json", "-H", "expect:", "-w", "%{http_code}",
                                "--data-binary", f"@{body}", *target)  # fmt: skip
    assert status == 0 and body.endswith(b"413"), (status, body[-200:], errors)


def test_a_client_that_goes_away_in_any_way_leaves_the_server_well(secure, trust):
    for how in range(4):
        connection = opened(secure, trust)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"\r\n" * (how % 2))
        if how < 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    connection = opened(secure, trust)
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    # The end is announced, and answered.
    assert b"200 OK" in b"".join(iter(lambda: connection.recv(65536), b""))
    connection.unwrap().close()
    assert ask(secure, "/health", trust)[0] == 200


def test_http_in_the_clear_is_told_what_is_wrong(secure, trust):
    status, body, errors = curl("-w", " %{http_code}", secure.replace("https", "http") + "/health")
    assert status == 0, errors
    assert b"https://" in body and body.endswith(b"400")
    for bytes_ in (b"\x00" * 100, b"\x16\x03\x01\x00\x05hello", b"\x16" + b"A" * 50_000, b"\r\n"):
        with opened(secure) as connection:
            connection.sendall(bytes_)
            eventually(lambda: is_closed(connection))
    with opened(secure) as connection:
        connection.sendall(b"POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 500_000)
        assert connection.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"
    assert ask(secure, "/health", trust)[0] == 200


# WebSockets.


def follower(url, trust, **options):
    return Client(url, ssl=trust, server_hostname="localhost", **options)


def test_topics_are_followed_over_wss(secure, trust, topic):
    with follower(secure, trust) as one, follower(secure, trust) as other, follower(secure, trust) as publisher:
        for client in (one, other):
            client.subscribe(topic)
        texts = ["a", "é" * 1000, "x" * 900_000] + [str(number) for number in range(200)]
        for text in texts:
            publisher.publish(topic, {"text": text})
        for client in (one, other):
            assert [message["data"]["text"] for message in client.next_of(len(texts))] == texts
        status, report = ask(secure, f"/publish/{topic}", trust, {"type": "custom", "data": {"text": "over HTTP"}})
        assert status == 200 and json.loads(report)["success"] is True
        assert one.next()["data"] == {"text": "over HTTP"}


def test_frames_behind_the_handshake_are_not_lost(secure, trust):
    with opened(secure, trust) as connection:
        # In the same record as the request for the upgrade.
        connection.sendall(handshake() + frame('{"type":"ping"}') + frame('{"type":"ping"}'))
        received = b""
        while received.count(b'"pong"') < 2:
            more = connection.recv(65536)
            assert more, received
            received += more
    assert received.startswith(b"HTTP/1.1 101")


def test_frames_that_break_rules_are_closed_with_the_reason(secure, trust):
    with opened(secure, trust) as connection:
        connection.sendall(handshake() + b"\xff\x80" + bytes(4))
        received = b""
        while more := connection.recv(65536):
            received += more
    # The last frame is a close frame with 1002.
    assert b"\x03\xea" in received[-130:]


def test_a_reader_that_does_not_read_holds_nobody_up(start_events, made, trust):
    url = start_events(*made.chain.settings, "websocket.queue_bytes=256KiB", "events.max_bytes_per_second=1GB").url
    with follower(url, trust) as publisher, follower(url, trust) as reader, opened(url, trust) as silent:
        reader.subscribe("test/slow")
        silent.sendall(handshake() + frame('{"type":"subscribe","topic":"test/slow"}'))
        eventually(lambda: json.loads(ask(url, "/stats", trust)[1])["total_connections"] == 3)
        for number in range(60):
            publisher.publish("test/slow", {"number": number, "text": "x" * 200_000})
            assert reader.next()["data"]["number"] == number


def test_compressed_messages_pass(start_events, made, trust):
    url = start_events(*made.chain.settings, "websocket.compression=true").url
    with follower(url, trust, compression="deflate") as client:
        client.subscribe("test/compressed")
        client.publish("test/compressed", {"text": "x" * 100_000})
        assert client.next()["data"]["text"] == "x" * 100_000


def test_one_server_has_listeners_with_tls_and_without(start_server, made, trust, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [each.getsockname()[1] for each in (one, other)]
    listeners = [{"port": ports[0], "apis": ["events"]}, {"port": ports[1], "apis": ["events"], "tls": False}]
    settings = ["listeners=" + json.dumps(listeners), *made.chain.settings, "speech.preload=false"]
    process, _ = start_server(tmp_path, *settings)
    with follower(f"https://127.0.0.1:{ports[0]}", trust) as one, Client(f"http://127.0.0.1:{ports[1]}") as other:
        for client in (one, other):
            client.subscribe("test/both")
        for number, publisher in enumerate((one, other)):
            publisher.publish("test/both", {"n": number})
            assert [client.next()["data"]["n"] for client in (one, other)] == [number] * 2
    ends_well(process, tmp_path)


def test_websockets_take_no_place_of_requests_and_are_said_goodbye_to(start_events, made, trust):
    server = start_events(*made.chain.settings, "http.max_connections=4", "drain.timeout=1h")
    with ExitStack() as stack:
        clients = [stack.enter_context(follower(server.url, trust)) for _ in range(12)]
        for client in clients:
            client.subscribe("test/many")
        status, body = ask(server.url, "/publish/test/many", trust, {"type": "custom", "data": {"n": 1}})
        assert status == 200
        # Four connections that are idle, with those of WebSockets past them.
        idle = [stack.enter_context(opened(server.url, trust)) for _ in range(4)]
        assert [health(connection) for connection in idle] == [200] * 4
        server.process.terminate()
        for client in clients:
            code, messages = client.until_closed()
            assert code == 1001 and farewell(messages) == 1001
            assert [message["data"] for message in messages if message["type"] == "custom"] == [{"n": 1}]
        assert server.process.wait(timeout=30) == 0


# Handshakes that are not done.


def test_a_handshake_that_is_not_done_is_given_up(start_server, made, trust, tmp_path):
    settings = [*made.chain.settings, "http.request_timeout=1s", "http.max_connections=8", "speech.preload=false"]
    process, url = start_server(tmp_path, EVENTS, *settings)
    hello = ssl.MemoryBIO()
    client = trust.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    record = hello.read()
    # Done, but without a request: that is an idle connection, which may stay.
    idle = opened(url, trust)
    with ExitStack() as stack:
        begun = [stack.enter_context(opened(url)) for _ in range(4)]
        started = time.monotonic()
        for connection, sent in zip(begun, (b"", record[:3], record[:-1], record), strict=True):
            connection.sendall(sent)
        for connection in begun:
            while connection.recv(65536):
                pass
        assert 0.5 < time.monotonic() - started < 20
    assert health(idle) == 200
    # A head that has begun has its limit, inside as outside.
    idle.sendall(b"GET /health HT")
    assert b"408" in idle.recv(65536)
    idle.close()
    ends_well(process, tmp_path)


def test_handshakes_that_are_not_done_make_room(start_server, made, trust, tmp_path):
    settings = [*made.chain.settings, "http.max_connections=4", "speech.preload=false"]
    process, url = start_server(tmp_path, EVENTS, *settings)
    with ExitStack() as stack:
        silent = [stack.enter_context(opened(url)) for _ in range(20)]
        for connection in silent[10:]:
            connection.sendall(b"\x16\x03\x01")
        # One that comes while others are still on their way out finds a place for probes only.
        eventually(lambda: ask(url, "/stats", trust)[0] == 200)
        # The same when the handshake is done and nothing is asked, though the clients do not agree to the end.
        idle = [stack.enter_context(opened(url, trust)) for _ in range(20)]
        assert health(idle[-1]) == 200
        eventually(lambda: ask(url, "/stats", trust)[0] == 200)
    ends_well(process, tmp_path)


# Certificates that change.


def seen(url):
    """The serial number of the certificate that a new connection gets."""
    context = ssl._create_unverified_context()
    with opened(url, context) as connection:
        der = connection.getpeercert(binary_form=True)
    found = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-serial"], input=der, capture_output=True)
    return found.stdout.decode().strip().partition("=")[2]


def test_a_new_certificate_is_taken_up_and_a_broken_one_is_not(start_server, tmp_path):
    used = self_signed(tmp_path, "used")
    first = used.serial
    process, url = start_server(tmp_path, EVENTS, *used.settings, "speech.preload=false")
    log = tmp_path / "server.log"
    assert seen(url) == first
    with opened(url, ssl._create_unverified_context()) as kept:
        new = self_signed(tmp_path, "new")
        used.file.write_text(new.file.read_text())
        # Only half of it is there.
        process.send_signal(signal.SIGHUP)
        left = eventually(lambda: re.search(r"WARNING.*the certificate was left as it is.*\n", log.read_text()))
        assert "tls.key" in left[0]
        assert seen(url) == first
        used.key.write_text(new.key.read_text())
        process.send_signal(signal.SIGHUP)
        eventually(lambda: "certificate read again" in log.read_text())
        assert seen(url) == new.serial != first
        used.file.write_text("nonsense")
        process.send_signal(signal.SIGHUP)
        eventually(lambda: log.read_text().count("the certificate was left as it is") == 2)
        assert seen(url) == new.serial
        # Whoever is connected stays so.
        assert health(kept) == 200
    text = ends_well(process, tmp_path)
    secrets = [line for line in new.key.read_text().splitlines() if not line.startswith("-")]
    assert not any(line in text for line in secrets)


def wrong_settings(made, folder):
    """What is wrong, its settings, and what is said."""
    chain, other = made.chain, made.other
    encrypted, old = folder / "encrypted.pem", folder / "old.pem"
    openssl("pkey", "-in", chain.key, "-aes256", "-passout", "pass:word", "-out", encrypted)
    openssl("ec", "-in", chain.key, "-aes256", "-passout", "pass:word", "-out", old)
    turned, text, empty = folder / "turned.pem", folder / "text.pem", folder / "empty.pem"
    certificates = re.findall("-----BEGIN.*?END CERTIFICATE-----\n", chain.file.read_text(), re.DOTALL)
    turned.write_text("".join(reversed(certificates)))
    text.write_text("the quick brown fox\n")
    empty.write_text("")
    return {
        "certificate alone": ([f"tls.certificate={chain.file}"], ["tls.key"]),
        "key alone": ([f"tls.key={chain.key}"], ["tls.certificate"]),
        "no certificate": (['listeners=[{"port": 0, "apis": ["events"], "tls": true}]'], ["tls: true", "tls.certificate"]),
        "not made together": (
            [f"tls.certificate={chain.file}", f"tls.key={other.key}"], ["tls.key", str(other.key), "together"]
        ),
        "a passphrase": ([f"tls.certificate={chain.file}", f"tls.key={encrypted}"], ["tls.key", "openssl pkey"]),
        "a passphrase, as of old": ([f"tls.certificate={chain.file}", f"tls.key={old}"], ["tls.key", "openssl pkey"]),
        "the wrong order": ([f"tls.certificate={turned}", f"tls.key={chain.key}"], ["tls.certificate", "first"]),
        "text": ([f"tls.certificate={text}", f"tls.key={chain.key}"], ["tls.certificate", str(text)]),
        "a text for a key": ([f"tls.certificate={chain.file}", f"tls.key={text}"], ["tls.key", str(text)]),
        "a key for a certificate": ([f"tls.certificate={chain.key}", f"tls.key={chain.key}"], ["tls.certificate"]),
        "no file": ([f"tls.certificate={folder}/none.pem", f"tls.key={chain.key}"], ["tls.certificate", "none.pem"]),
        "a folder": ([f"tls.certificate={chain.file}", f"tls.key={folder}"], ["tls.key", "folder"]),
        "nothing": ([f"tls.certificate={chain.file}", f"tls.key={empty}"], ["tls.key", "empty"]),
        "a device": ([f"tls.certificate={chain.file}", "tls.key=/dev/zero"], ["tls.key", "/dev/zero"]),
    }  # fmt: skip


def test_files_that_cannot_be_used_are_refused_with_the_remedy(antiphon, made, tmp_path):
    secrets = [line for line in made.chain.key.read_text().splitlines() if not line.startswith("-")]
    for name, (settings, words) in wrong_settings(made, tmp_path).items():
        arguments = ["--data-dir", tmp_path, "--set", EVENTS]
        arguments += [word for setting in settings for word in ("--set", setting)]
        run = antiphon("config", "validate", *arguments).refused_in_one_line(*words, statuses=[2])
        assert not any(line in run.err for line in secrets) and "quick brown" not in run.err, name
    # The last one, also by serve.
    antiphon("serve", *arguments).refused(*words, statuses=[2])


def test_certificates_that_end_are_noticed(antiphon, start_server, made, tmp_path):
    soon, over = self_signed(tmp_path, "soon", days=13), expired(tmp_path, made.root)
    for certificate, state, words in (
        (made.chain, "valid", None), (soon, "ends_soon", "ends on"), (over, "expired", "has expired")
    ):  # fmt: skip
        arguments = [word for setting in (EVENTS, *certificate.settings) for word in ("--set", setting)]
        told = antiphon("config", "validate", "--data-dir", tmp_path, *arguments, "--json").succeeded().json
        assert told["certificate"]["state"] == state and told["valid"] is True
        assert told["certificate"]["file"] == str(certificate.file)
        assert [words in warning for warning in told["warnings"]] == ([True] if words else [])
        run = antiphon("config", "validate", "--data-dir", tmp_path, *arguments).succeeded()
        assert ("tls.certificate" in run.err) == (words is not None)
    plain = antiphon("config", "validate", "--data-dir", tmp_path, "--set", EVENTS, "--json").succeeded().json
    assert plain["certificate"] is None
    process, _ = start_server(tmp_path, EVENTS, *over.settings, "speech.preload=false")
    assert "has expired on 2020-02-01" in ends_well(process, tmp_path)


def test_the_commands_of_the_documentation_make_a_certificate_that_clients_accept(start_server, tmp_path):
    text = (TOP / "docs/tls.md").read_text()
    commands = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "openssl" in block]
    assert len(commands) == 2
    for block in commands:
        done = subprocess.run(["bash", "-ec", block], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    files = Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")
    process, url = start_server(tmp_path / "server", EVENTS, *files.settings, "speech.preload=false")
    context = ssl.create_default_context(cafile=tmp_path / "authority.pem")
    # What Python 3.13 asks for as well.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    assert ask(url, "/health", context)[0] == 200
    ends_well(process, tmp_path / "server")


def test_status_speaks_tls(antiphon, start_server, made, tmp_path, closed_port):
    listeners = 'listeners=[{"port": %d, "apis": ["events"]}]' % closed_port
    used = self_signed(tmp_path, "used")
    process, url = start_server(tmp_path, listeners, *used.settings, "speech.preload=false")
    told = [word for setting in (listeners, "bind=127.0.0.1", *used.settings) for word in ("--set", setting)]
    assert f"https://127.0.0.1:{closed_port} is healthy" in antiphon("status", *told).succeeded().out
    # By its address alone, whose certificate nobody has vouched for.
    antiphon("status", url).refused_in_one_line("certificate", "--insecure", statuses=[2])
    antiphon("status", url, "--insecure").succeeded()
    antiphon("status", url, *told).succeeded()
    other = [word for setting in (listeners, "bind=127.0.0.1", *made.other.settings) for word in ("--set", setting)]
    antiphon("status", *other).refused("certificate", statuses=[2])
    ends_well(process, tmp_path)
