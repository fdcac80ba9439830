"""OpenAI's own client, unmodified, against the server."""

import base64
import json
import re
import time

import openai
import pytest


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def client_of(url: str, key: str = "none") -> openai.OpenAI:
    return openai.OpenAI(base_url=url + "/v1", api_key=key, max_retries=0, timeout=60)


@pytest.fixture(scope="module")
def client(server):
    return client_of(server)


# Speech.

TEXT = "Hello! It is good to see you. How are you?"
SIGNS = {
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "opus": (b"OggS",),
    "aac": (b"\xff\xf1", b"\xff\xf9"),
    "flac": (b"fLaC",),
    "wav": (b"RIFF",),
}


def speak(client, **more):
    return client.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": TEXT, **more})


@pytest.mark.parametrize("name", SIGNS)
def test_speech_in_every_format(client, name):
    assert speak(client, response_format=name).content.startswith(SIGNS[name])


@pytest.mark.parametrize("name", ["mp3", "opus", "flac", "wav"])
def test_what_is_spoken_can_be_transcribed(client, name):
    sound = speak(client, response_format=name).content
    # The name of the file lies, as it often does.
    heard = client.audio.transcriptions.create(model="whisper-1", file=("speech.bin", sound)).text
    # The words are never spoken twice in exactly the same way, so one of them may be misheard.
    assert len(set(words(heard).split()) & set(words(TEXT).split())) >= 7, heard


def test_raw_speech_has_24000_samples_a_second(client):
    raw = speak(client, response_format="pcm").content
    assert len(raw) % 2 == 0
    assert 1 < len(raw) / 48_000 < 10
    wav = speak(client, response_format="wav").content
    assert int.from_bytes(wav[24:28], "little") == 24_000
    # The same words are never spoken twice in exactly the same time.
    assert 0.8 < (len(wav) - 44) / len(raw) < 1.25


def test_speech_is_faster_when_asked(client):
    slow = speak(client, response_format="pcm", speed=1).content
    fast = speak(client, response_format="pcm", speed=2).content
    assert 0.35 < len(fast) / len(slow) < 0.7


def test_speech_comes_before_it_is_all_made(client):
    text = "This is one sentence of many, and it goes on for a while. " * 20
    started = time.monotonic()
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="coral", input=text, response_format="pcm", instructions="Be cheerful."
    ) as response:
        assert response.headers["content-type"] == "audio/pcm"
        chunks = response.iter_bytes()
        next(chunks)
        first = time.monotonic() - started
        rest = sum(len(chunk) for chunk in chunks)
    assert rest > 48_000 * 20
    assert first < (time.monotonic() - started) / 3


def test_speech_as_events(client):
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="nova", input=TEXT, response_format="mp3", stream_format="sse"
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert sound.startswith(SIGNS["mp3"])
    assert events[-1]["type"] == "speech.audio.done"
    usage = events[-1]["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0


def test_every_voice_of_openai_and_of_the_list_speaks(client):
    listed = client.get("/audio/voices", cast_to=object)
    assert listed["voices"] and all(voice["id"] and voice["name"] for voice in listed["voices"])
    for voice in ["ash", "marin", {"id": "cedar"}, listed["voices"][0]["id"], {"id": listed["voices"][-1]["id"]}]:
        assert speak(client, voice=voice, input="Hi.").content, voice


# Transcription.


def transcribe(client, path, **more):
    with path.open("rb") as file:
        return client.audio.transcriptions.create(**{"model": "whisper-1", "file": file, **more})


def test_a_transcript_as_an_object(client, beckett):
    transcript = transcribe(client, beckett)
    assert "no matter" in words(transcript.text)
    assert transcript.usage.type == "duration"
    assert 9 < transcript.usage.seconds < 12


@pytest.mark.parametrize("name", ["English", "eng", "EN", "en_US", "auto", ""])
def test_a_language_goes_by_many_names(client, beckett, name):
    assert "matter" in transcribe(client, beckett, language=name).text


@pytest.mark.parametrize("name, start", [("text", "Ever"), ("srt", "1\n00:00:0"), ("vtt", "WEBVTT\n\n00:00:0")])
def test_a_transcript_as_text(client, beckett, name, start):
    transcript = transcribe(client, beckett, response_format=name)
    assert transcript.startswith(start)
    assert "no matter" in words(transcript)


def test_a_transcript_with_times(client, beckett):
    transcript = transcribe(
        client, beckett, response_format="verbose_json", timestamp_granularities=["segment", "word"], language="en"
    )
    assert transcript.language == "english"
    assert 9 < transcript.duration < 12
    assert words(" ".join(segment.text for segment in transcript.segments)) == words(transcript.text)
    assert words(" ".join(word.word for word in transcript.words)) == words(transcript.text)
    end = 0
    for word in transcript.words:
        assert end <= word.start <= word.end <= transcript.duration
        end = word.end


def test_speakers_are_not_invented(client, beckett):
    with pytest.raises(openai.BadRequestError) as refusal:
        transcribe(client, beckett, model="gpt-4o-transcribe-diarize", response_format="diarized_json")
    assert refusal.value.param in ("model", "response_format")
    assert "gpt-4o-transcribe-diarize" not in {model.id for model in client.models.list()}


def test_named_speakers_have_no_effect(client, beckett):
    names = ["agent", "customer"]
    assert transcribe(client, beckett, extra_body={"known_speaker_names": names, "known_speaker_references": names}).text


def test_what_the_recogniser_does_not_tell_is_null(client, beckett):
    segment = transcribe(client, beckett, response_format="verbose_json").segments[0]
    assert segment.text and segment.avg_logprob is None and segment.no_speech_prob is None


def test_a_model_that_is_an_engine_chooses_it(client):
    for name in ("piper", "espeak-ng"):
        with client.audio.speech.with_streaming_response.create(model=name, input="Hello.", voice="alloy") as answer:
            assert answer.headers["x-engine"] == name
            assert answer.read()
    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.speech.create(model="piper", input="Hello.", voice="espeak-ng/de")
    assert refusal.value.param == "voice"
    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.speech.create(model="moonshine", input="Hello.", voice="alloy")
    assert refusal.value.param == "model"


def test_a_transcript_as_a_stream(client, two_cities):
    events, times = [], []
    started = time.monotonic()
    for event in transcribe(client, two_cities, model="gpt-4o-transcribe", stream=True, include=["logprobs"]):
        events.append(event)
        times.append(time.monotonic() - started)
    assert [event.type for event in events] == ["transcript.text.delta"] * (len(events) - 1) + ["transcript.text.done"]
    assert len(events) > 2
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    assert "best of times" in words(events[-1].text)
    assert times[0] < times[-1] * 0.9, "all of it came at the end"


def test_a_translation_of_english(client, beckett):
    with beckett.open("rb") as file, pytest.deprecated_call():
        translation = client.audio.translations.create(
            model="whisper-1", file=file, response_format="verbose_json", extra_body={"language": "en"}
        )
    assert translation.language == "english"
    assert "no matter" in words(translation.text)


# Models.


def test_models_are_listed_and_found(client):
    models = client.models.list().data
    assert {"tts-1", "whisper-1"} <= {model.id for model in models}
    for model in models:
        assert client.models.retrieve(model.id) == model


# Chat.

QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is two plus three?"}]


def test_chat_with_the_responder(client):
    answer = client.chat.completions.create(model="antiphon", messages=QUESTION)
    assert "5" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens

    chunks = list(
        client.chat.completions.create(
            model="antiphon", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert "5" in text
    assert chunks[-1].usage.total_tokens > 0


@pytest.fixture(scope="module")
def spoken_question(client):
    """The question of the chats as a message that is sound."""
    sound = client.audio.speech.create(
        model="piper", input="What is two plus three?", voice="alloy", response_format="wav"
    ).read()
    part = {"type": "input_audio", "input_audio": {"data": base64.b64encode(sound).decode(), "format": "wav"}}
    return [{"role": "user", "content": [part]}]


def test_a_chat_is_heard(client, spoken_question):
    answer = client.chat.completions.create(model="antiphon", messages=spoken_question)
    assert "5" in answer.choices[0].message.content

    broken = [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}]}]
    with pytest.raises(openai.BadRequestError) as refusal:
        client.chat.completions.create(model="antiphon", messages=broken)
    assert refusal.value.param == "messages.0.content.0.input_audio.data"


@pytest.mark.parametrize("name, sign", [("wav", b"RIFF"), ("mp3", b"\xff"), ("flac", b"fLaC"), ("pcm16", b"")])
def test_a_chat_is_answered_with_sound(client, spoken_question, name, sign):
    answer = client.chat.completions.create(
        model="antiphon",
        messages=spoken_question,
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": name},
    ).choices[0].message
    assert answer.content is None and "5" in answer.audio.transcript
    assert answer.audio.expires_at > time.time()
    sound = base64.b64decode(answer.audio.data)
    assert sound.startswith(sign) and len(sound) > 4000

    # What was said before is known by its id.
    more = [*spoken_question, {"role": "assistant", "audio": {"id": answer.audio.id}}, *QUESTION[1:]]
    assert "5" in client.chat.completions.create(model="antiphon", messages=more).choices[0].message.content
    more[1]["audio"]["id"] = "audio_unknown"
    with pytest.raises(openai.BadRequestError) as refusal:
        client.chat.completions.create(model="antiphon", messages=more)
    assert refusal.value.param == "messages.1.audio.id"


def test_a_chat_is_answered_with_a_stream_of_sound(client, spoken_question):
    wish = {"model": "antiphon", "messages": spoken_question, "stream": True, "modalities": ["text", "audio"]}
    chunks = list(client.chat.completions.create(**wish, audio={"voice": "alloy", "format": "pcm16"}))
    deltas = [json.loads(chunk.model_dump_json())["choices"][0]["delta"] for chunk in chunks]
    heard = [delta["audio"] for delta in deltas if delta.get("audio")]
    assert len({audio["id"] for audio in heard}) == 1
    assert "5" in "".join(audio.get("transcript") or "" for audio in heard)
    sound = b"".join(base64.b64decode(audio["data"]) for audio in heard if audio.get("data"))
    assert len(sound) > 24_000 and len(sound) % 2 == 0
    assert heard[-1]["expires_at"] > time.time()
    assert chunks[-1].choices[0].finish_reason == "stop"
    with pytest.raises(openai.BadRequestError) as refusal:
        list(client.chat.completions.create(**wish, audio={"voice": "alloy", "format": "wav"}))
    assert refusal.value.param == "audio.format"


def test_a_model_server_is_asked_what_was_heard(start_server, tmp_path, model_server, spoken_question):
    process, url = start_server(tmp_path, f"model.url={model_server}/v1", "model.name=smollm2")
    client = client_of(url)
    wish = {"model": "antiphon", "messages": spoken_question, "max_tokens": 8}
    assert client.chat.completions.create(**wish).choices[0].message.content
    answer = client.chat.completions.create(
        **wish, modalities=["text", "audio"], audio={"voice": "alloy", "format": "wav"}
    ).choices[0].message
    assert answer.audio.transcript and base64.b64decode(answer.audio.data).startswith(b"RIFF")
    process.kill()


def test_chat_with_the_model_server(start_server, tmp_path, model_server):
    process, url = start_server(tmp_path, f"model.url={model_server}/v1", "model.name=smollm2")
    client = client_of(url)
    answer = client.chat.completions.create(model="antiphon", messages=QUESTION, max_tokens=8)
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 8

    chunks = list(client.chat.completions.create(model="smollm2", messages=QUESTION, max_tokens=8, stream=True))
    assert len(chunks) > 3
    assert chunks[-1].choices[0].finish_reason

    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="smollm2", messages=[{"role": "user"}])
    process.kill()


def test_chat_with_a_model_server_that_is_away(start_server, tmp_path, closed_port):
    process, url = start_server(tmp_path, f"model.url=http://127.0.0.1:{closed_port}/v1")
    with pytest.raises(openai.InternalServerError) as caught:
        client_of(url).chat.completions.create(model="any", messages=QUESTION)
    assert caught.value.status_code == 502
    assert "model.url" in caught.value.message
    process.kill()


# Errors.


@pytest.mark.parametrize(
    "fields",
    [
        {"speed": 9}, {"voice": ""}, {"input": ""}, {"input": "a" * 100_001}, {"model": ""}, {"response_format": "midi"}, {"stream_format": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_speech_is_a_bad_request(client, fields):
    with pytest.raises(openai.BadRequestError) as caught:
        speak(client, **fields)
    assert caught.value.param == next(iter(fields))
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id
    assert caught.value.body["message"]


@pytest.mark.parametrize("voice", ["nobody", "../../etc/passwd", {"id": "nobody"}], ids=str)
def test_a_voice_that_is_not_there_is_not_found(client, voice):
    with pytest.raises(openai.NotFoundError) as caught:
        speak(client, voice=voice)
    assert caught.value.param == "voice"
    assert caught.value.body["message"]


def test_a_short_wav_file_states_its_length_and_a_long_one_when_asked(client):
    def stated(answer):
        return int.from_bytes(answer.content[40:44], "little"), len(answer.content) - 44

    size, length = stated(speak(client, input="Hi.", response_format="wav"))
    assert size == length
    text = "One sentence is here. Another one follows."
    assert stated(speak(client, input=text, response_format="wav"))[0] == 2**32 - 1
    size, length = stated(speak(client, input=text, response_format="wav", extra_body={"stream": False}))
    assert size == length > 48_000


@pytest.mark.parametrize(
    "fields",
    [
        {"file": ("empty.wav", b"")}, {"file": ("text.wav", b"this is not sound" * 100)}, {"language": "tlh"},
        {"language": "englich"},
        {"temperature": 3}, {"response_format": "midi"}, {"timestamp_granularities": ["letter"]}, {"model": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_transcription_is_a_bad_request(client, beckett, fields):
    with pytest.raises(openai.BadRequestError) as caught:
        transcribe(client, beckett, **fields)
    assert caught.value.param == next(iter(fields))


def test_bad_chats_and_unknown_things(client):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="any", messages=[])
    assert caught.value.param == "messages"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such-model")
    with pytest.raises(openai.NotFoundError):
        client.get("/nothing", cast_to=object)
    with pytest.raises(openai.APIStatusError) as caught:
        client.post("/models", cast_to=object)
    assert caught.value.status_code == 405


def test_a_key_is_needed_where_it_is_asked_for(antiphon, start_server, tmp_path):
    key = antiphon("keys", "add", "peer", "--data-dir", tmp_path, "--json").succeeded().json["key"]
    process, url = start_server(tmp_path, "auth.required=true")
    with pytest.raises(openai.AuthenticationError):
        client_of(url, "wrong").models.list()
    with pytest.raises(openai.AuthenticationError):
        speak(client_of(url, "wrong"))
    assert client_of(url, key).models.list().data
    process.kill()


def test_a_listener_that_goes_away_leaves_the_server_in_order(client):
    text = "This is one sentence of many, and it goes on for a while. " * 100
    for _ in range(5):
        with client.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input=text) as response:
            next(response.iter_bytes())
    started = time.monotonic()
    assert speak(client, input="Hi.").content
    assert time.monotonic() - started < 20
