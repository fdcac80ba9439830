"""The page at / in Chromium, with a recording as the microphone: talked to, heard, interrupted, and looked at."""

import json
import shutil
import urllib.request
import wave

import pytest
from conftest import TOP
from events_client import within

playwright = pytest.importorskip("playwright.sync_api")
numpy = pytest.importorskip("numpy")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: scripts/setup --for-tests"),
]

RATE = 24_000
ARTEFACTS = TOP / ".build/test"
COUNTING = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen."
STORY = f"{COUNTING} {COUNTING} {COUNTING} And this is the very end of it."


@pytest.fixture(scope="module")
def server(start_server, tmp_path_factory):
    # A busy machine may take its time to tell what somebody says.
    process, url = start_server(tmp_path_factory.mktemp("page"), "conversation.hold_window=5s")
    yield url
    assert process.poll() is None


def spoken(antiphon, text, folder):
    """What a voice says, at the microphone's rate."""
    path = folder / "said.wav"
    antiphon("say", text, "-o", path).succeeded()
    with wave.open(str(path)) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)
        rate = file.getframerate()
    wanted = numpy.arange(0, len(samples) - 1, rate / RATE)
    return numpy.interp(wanted, numpy.arange(len(samples)), samples)


@pytest.fixture
def open_page(server, tmp_path):
    """Opens the page with a recording as the microphone, which begins when the microphone is opened."""
    with playwright.sync_playwright() as driver:
        browsers = []

        def open_(sound, **options):
            path = tmp_path / f"microphone{len(browsers)}.wav"
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, RATE, 0, "NONE", ""))
                file.writeframes(numpy.clip(sound, -32768, 32767).astype(numpy.int16).tobytes())
            browser = driver.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--no-sandbox",
                    "--use-fake-ui-for-media-stream",
                    "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-audio-capture={path}%noloop",
                    "--autoplay-policy=no-user-gesture-required",
                ],
            )
            browsers.append(browser)
            page = browser.new_context(**options).new_page()
            page.problems = []
            page.on("console", lambda said: said.type == "error" and page.problems.append(said.text))
            page.on("pageerror", lambda error: page.problems.append(str(error)))
            page.goto(server)
            until(page, "document.querySelectorAll('#voice option').length > 2")
            return page

        yield open_
        for browser in browsers:
            browser.close()


def silence(seconds):
    return numpy.zeros(int(seconds * RATE))


def until(page, expression, timeout=30):
    """Waits until an expression is true in the page; `wait_for_function` needs what the page's policy forbids."""
    for _ in within(timeout):
        if page.evaluate(f"Boolean({expression})"):
            return
        page.wait_for_timeout(50)


def choose(page, **values):
    page.evaluate(
        """(values) => {
            for (const [id, value] of Object.entries(values)) {
                const field = document.getElementById(id);
                field.value = value;
                field.dispatchEvent(new Event("change"));
            }
        }""",
        values,
    )


def captions(page, who):
    return page.eval_on_selector_all(f"#captions .{who}", "items => items.map((item) => item.textContent)")


def types(page):
    return page.evaluate("window.antiphon.conversation.log.map(({ message }) => message.type)")


def test_what_is_said_appears_and_an_answer_is_heard(open_page, antiphon, tmp_path):
    page = open_page(numpy.concatenate([silence(1), spoken(antiphon, "What time is it?", tmp_path), silence(20)]))
    choose(page, mode="echo")
    page.click("#talk")
    page.wait_for_selector("#captions .user:not(.partial)", timeout=30_000)
    page.evaluate("window.captured = window.antiphon.capture()")
    page.wait_for_selector("#captions .assistant", timeout=30_000)
    until(page, "Number(document.body.dataset.heard) > 300", 30)
    until(page, "document.body.dataset.state === 'listening'", 30)
    assert "what time is it" in captions(page, "user")[-1].lower()
    assert "what time is it" in captions(page, "assistant")[-1].lower()
    peak = page.evaluate("Math.max(...window.captured.flatMap(({ captured }) => [...captured]))")
    assert peak > 0.05
    assert page.get_attribute("#plot", "aria-label").startswith("Turn 1")
    assert page.problems == []


def test_speaking_over_an_answer_ends_it(open_page, antiphon, tmp_path):
    said = spoken(antiphon, "Please stop talking right now.", tmp_path)
    page = open_page(numpy.concatenate([silence(10), said, silence(30)]))
    choose(page, mode="echo")
    page.click("#talk")
    until(page, "document.body.dataset.state === 'listening'", 30)
    page.fill("#words", STORY)
    page.press("#words", "Enter")
    page.wait_for_selector("#captions .assistant.cut", timeout=30_000)
    until(page, "window.antiphon.conversation.captions.some(({ who, text }) => who === 'user' && /stop talking/i.test(text))", 30)
    heard = captions(page, "assistant")[0]
    assert "very end" not in heard
    assert "interrupted" in types(page)


def test_a_listener_s_word_holds_an_answer_which_goes_on_with_the_next_sample(open_page, antiphon, tmp_path):
    said = spoken(antiphon, "Yeah, okay.", tmp_path)
    page = open_page(numpy.concatenate([silence(10), said, silence(40)]))
    choose(page, mode="echo")
    page.click("#talk")
    until(page, "document.body.dataset.state === 'listening'", 30)
    page.evaluate("window.captured = window.antiphon.capture()")
    page.fill("#words", STORY)
    page.press("#words", "Enter")
    until(page, "window.antiphon.conversation.log.some(({ message }) => message.type === 'resumed')", 30)
    until(page, "window.antiphon.conversation.turns.some(({ outcome }) => outcome === 'completed')", 60)
    told = types(page)
    assert told.count("paused") == told.count("resumed") >= 1 and "interrupted" not in told
    # Every sample that was sent was played, once: nothing was lost or repeated while it was held.
    sent = page.evaluate(
        """window.antiphon.conversation.log.map(({ message }) => message)
            .filter(({ type }) => type === "response_audio").reduce((sum, { duration_ms: ms }) => sum + ms, 0)"""
    )
    played = page.evaluate("window.captured.reduce((sum, { captured }) => sum + captured.length, 0)")
    assert abs(played / RATE * 1000 - sent) < 1
    held = page.evaluate(
        """(() => {
            const at = (wanted) => window.antiphon.conversation.log.find(({ message }) => message.type === wanted).at;
            return at("resumed") - at("paused");
        })()"""
    )
    assert held <= 5_500, "no longer than the settings allow"


def test_who_has_no_microphone_is_told_and_can_type(server, tmp_path):
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context().new_page()
        page.goto(server)
        page.click("#talk")
        page.wait_for_selector("#problem:not([hidden])", timeout=30_000)
        assert "type instead" in page.text_content("#problem")
        page.fill("#words", "hello")
        page.press("#words", "Enter")
        page.wait_for_selector("#captions .assistant", timeout=30_000)
        browser.close()


@pytest.mark.parametrize("look, width", [("light", 1000), ("dark", 1000), ("light", 390)])
def test_the_page_is_fit_to_be_seen(open_page, look, width):
    page = open_page(silence(1), color_scheme=look, viewport={"width": width, "height": 900})
    page.fill("#words", "hello")
    page.press("#words", "Enter")
    page.wait_for_selector("#captions .assistant", timeout=30_000)
    page.click("summary:has-text('Voice and turns')")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing is cut off"
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, input, select, textarea")].filter((field) => field.offsetParent
            && !field.labels?.length && !field.textContent.trim() && !field.getAttribute("aria-label")).length"""
    )
    assert unnamed == 0
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"page-{look}-{width}.png", full_page=True)


def test_a_conversation_that_goes_on_is_listed_and_followed(server, open_page):
    page = open_page(silence(1))
    page.fill("#words", "hello")
    page.press("#words", "Enter")
    page.wait_for_selector("#captions .assistant", timeout=30_000)
    # Those of pages that were closed before may take a moment to go.
    for _ in within(30):
        with urllib.request.urlopen(server + "/sessions", timeout=10) as answer:
            if json.load(answer)["count"] == 1:
                break
    page.click("#sessions-box summary")
    page.click("#sessions button")
    until(page, "document.querySelector('#sessions pre')?.textContent.includes('turn_ended')", 30)
