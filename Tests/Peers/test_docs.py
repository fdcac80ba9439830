"""The pages for people: `/docs` of every kind of listener, with a form for each route, and `/`."""

import json
import re
import shutil
import struct
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

import pytest
from events_client import call
from test_wire import form

PAGES = Path(__file__).with_name("pages")
MODULES = ["form.js", "markup.js", "request.js", "send.js", "voices.js"]
ACCEPTED = {"/tts", "/stt", "/tts/voices", "/v1/audio/transcriptions", "/publish/a/%C3%BC%20b", "/v1/models", "/metrics"}
VOID = {"meta", "input", "img", "br", "link"}
# Half a second of 16 kHz, in a WAV file.
SILENCE = b"RIFF\xa4\x3e\x00\x00WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data\x80\x3e\x00\x00" + bytes(16000)
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture(scope="module")
def listeners(start_server, tmp_path_factory):
    """The URLs of the APIs, each on a port of its own."""
    started = {}
    for api in ("speech", "openai", "events"):
        listener = json.dumps([{"port": 0, "apis": [api]}])
        started[api] = start_server(tmp_path_factory.mktemp(api), f"listeners={listener}", "speech.preload=false")
    yield {api: url for api, (_, url) in started.items()}
    for process, _ in started.values():
        process.terminate()
    assert [process.wait(timeout=40) for process, _ in started.values()] == [0, 0, 0]


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.status, answer.headers, answer.read().decode(), answer.url


class Page(HTMLParser):
    """A page as a reader of HTML sees it, whose elements must be closed in the order they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], {}
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        for _, index in self.open:
            self.texts[index] = self.texts.get(index, "") + data

    def all(self, tag, within=None):
        return [
            (index, attributes)
            for index, (name, attributes, parents) in enumerate(self.elements)
            if name == tag and (within is None or within in [number for _, number in parents])
        ]


@pytest.mark.parametrize("api", ["speech", "openai", "events"])
def test_a_bare_address_leads_to_a_page_whose_links_and_modules_are_there(listeners, api):
    url = listeners[api]
    status, headers, text, landed = fetch(url + "/")
    assert status == 200 and headers["content-type"] == "text/html; charset=utf-8"
    assert urllib.parse.urlsplit(landed).path == ("/" if api == "speech" else "/docs")
    for path in {urllib.parse.urlsplit(landed).path, "/docs"}:
        status, headers, text, _ = fetch(url + path)
        page = Page(text)
        nonce = re.search(r"script-src 'nonce-([0-9a-z]+)'", headers["content-security-policy"])[1]
        assert all(attributes["nonce"] == nonce for tag in ("script", "style") for _, attributes in page.all(tag))
        assert [tag for tag, attributes, _ in page.elements if "src" in attributes or "style" in attributes] == []
        assert not [name for _, attributes, _ in page.elements for name in attributes if name.startswith("on")]
        links = [attributes["href"] for _, attributes in page.all("a")]
        imported = re.findall(r'^import .* from "(.*)";$', text, re.M)
        assert links and imported
        for link in links + imported:
            assert link.startswith("./") and fetch(urllib.parse.urljoin(url + path, link))[0] == 200, link
        labels = {attributes["for"] for _, attributes in page.all("label")}
        for tag in ("input", "select", "textarea"):
            assert {attributes["id"] for _, attributes in page.all(tag)} <= labels
    for module in MODULES:
        _, headers, text, _ = fetch(f"{url}/docs/{module}")
        assert headers["content-type"] == "text/javascript; charset=utf-8"
        assert all(name in MODULES for name in re.findall(r'^import .* from "\./(.*)";$', text, re.M))
    assert call(url, "/docs/other.js")[0] == 404
    assert call(url, "/docs/..%2fdocs.html")[0] == 404


@pytest.mark.parametrize("api", ["speech", "openai", "events"])
def test_what_a_port_has_is_described_there(listeners, api):
    url = listeners[api]
    paths = call(url, "/openapi.json")[2]["paths"]
    assert {"/", "/docs", "/docs/{module}", "/openapi.json", "/health", "/metrics"} <= set(paths)
    assert paths["/metrics"]["get"]["security"][1:] == [{"bearer": ["metrics"]}, {"apiKey": ["metrics"]}]
    assert "antiphon_build_info" in fetch(url + "/metrics")[2]
    assert list(paths["/"]["get"]["responses"]) == (["200"] if api == "speech" else ["307"])
    # What is described is there: no path is unknown to the port.
    for path, item in paths.items():
        for method in item:
            known = path.replace("{module}", "form.js").replace("{id}", "joe").replace("{name}", "joe")
            status, _, body = call(url, known, {} if method == "post" else None, method=method.upper())
            assert status != 405 and not (status == 404 and "Not Found" in json.dumps(body)), path
    assert ("/v1/models" in paths) == (api == "openai") and ("/tts" in paths) == (api == "speech")


def test_metrics_that_are_off_are_not_described(start_server, tmp_path):
    process, url = start_server(tmp_path, "telemetry.metrics=false", "speech.preload=false")
    assert "/metrics" not in call(url, "/openapi.json")[2]["paths"]
    assert call(url, "/metrics")[0] == 404
    process.terminate()
    assert process.wait(timeout=40) == 0


@pytest.fixture(scope="module")
def modules(listeners, tmp_path_factory):
    """A folder with the modules as the server gives them."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "package.json").write_text('{"type": "module"}')
    for module in MODULES:
        (folder / module).write_text(fetch(f"{listeners['events']}/docs/{module}")[2])
    return folder


def node(*arguments, stdin=""):
    done = subprocess.run(["node", *arguments], input=stdin, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_node
def test_scripts_are_well_formed_and_their_parts_do_what_they_say(listeners, modules, tmp_path):
    node(PAGES / "pure.mjs", modules)
    for module in MODULES:
        node("--check", modules / module)
    (script,) = re.findall(r"<script[^>]*>(.*?)</script>", fetch(listeners["events"] + "/docs")[2], re.S)
    (tmp_path / "docs.mjs").write_text(script)
    node("--check", tmp_path / "docs.mjs")
    for name in ["conversation", "line", "microphone", "page", "playback", "sessions", "speak", "turns"]:
        (tmp_path / f"{name}.mjs").write_text(fetch(listeners["speech"] + f"/page/{name}.js")[2])
        node("--check", tmp_path / f"{name}.mjs")


@needs_node
@pytest.mark.parametrize("api", ["speech", "openai", "events"])
def test_every_route_has_a_form_whose_request_the_server_takes(listeners, modules, api):
    url = listeners[api]
    document = fetch(url + "/openapi.json")[2]
    made = json.loads(node(PAGES / "forms.mjs", modules, stdin=document))
    page = Page(made["html"])
    routes = {
        f"{method.upper()} {path}": operation
        for path, item in json.loads(document)["paths"].items()
        for method, operation in item.items()
    }
    forms = {attributes["aria-label"]: index for index, attributes in page.all("form")}
    assert set(forms) == set(routes)
    assert len({attributes["id"] for _, attributes, _ in page.elements if "id" in attributes}) == len(
        [attributes for _, attributes, _ in page.elements if "id" in attributes]
    )
    for name, index in forms.items():
        labels = {attributes["for"] for _, attributes in page.all("label", index)}
        fields = [one for tag in ("input", "select", "textarea") for _, one in page.all(tag, index)]
        assert {one["id"] for one in fields} == labels, name
        (button,) = [attributes for _, attributes in page.all("button", index) if attributes["type"] == "submit"]
        assert button["aria-label"] == f"Execute {name}"
        assert [attributes for _, attributes in page.all("div", index) if attributes.get("role") == "status"]
        body = json.dumps(routes[name].get("requestBody", {}))
        if "application/json" in body or "CreateSpeech" in body:
            ((text, _),) = page.all("textarea", index)
            json.loads(page.texts[text])
        if "multipart" in body or "CreateTranscription" in body:
            assert [one for one in fields if one.get("type") == "file"], name
    # What is code in a description is code in the page.
    assert page.all("code") and "`" not in "".join(
        page.texts.get(index, "") for tag in ("p", "td", "li") for index, _ in page.all(tag)
    )
    for one in made["requests"]:
        assert one["url"].startswith("./") and "{" not in one["url"], one
        assert one["headers"].get("Authorization") == ("Bearer secret" if one["takesKey"] else None)
        if one["isSocket"]:
            continue
        path, headers, body = one["url"][1:], dict(one["headers"]), one.get("body", "").encode() or None
        if "fields" in one:
            assert [value for _, value in one["fields"]].count("FILE") == 1, one
            body, kind = form(*((name, SILENCE, "a.wav") if value == "FILE" else (name, value) for name, value in one["fields"]))
            headers.update(kind)
        status = sent(url, one["method"], path, headers, body)
        # A name that nobody has is 404, what is silence or names no model is 400 or 422, a token where nobody needs one is 409,
        # and measuring is off.
        assert status in {200, 307, 400, 404, 409, 422} or path == "/broadcast" and status == 403, (one, status)
        if path in ACCEPTED:
            assert status == 200, one


def sent(url, method, path, headers, body):
    asked = urllib.request.Request(url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_voices_have_names_and_languages_and_the_natural_one_comes_first(listeners):
    status, _, bare = call(listeners["speech"], "/tts/voices")
    assert status == 200
    assert all(set(voice) == {"id", "name", "type", "path", "language"} for voice in bare)
    assert all(isinstance(value, str) and value for voice in bare for value in voice.values())
    names = {voice["id"]: voice["name"] for voice in bare}
    assert names["joe"] == "Joe" and names["en-us"] == "English (America)"
    assert [voice["name"].lower() for voice in bare] == sorted(voice["name"].lower() for voice in bare)
    preferred = call(listeners["speech"], "/tts/voices?format=envelope")[2]["data"]["voices"]
    assert preferred[0]["id"] == "joe" and preferred[0]["languages"][0] == "en-US"
    assert {voice["id"] for voice in preferred} == set(names)
