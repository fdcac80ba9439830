"""The OpenAI plugins of agent frameworks, unmodified, against the server."""

import asyncio
import re
import wave

import pytest

pytestmark = pytest.mark.heavy

TEXT = "Hello! It is good to see you. How are you?"


def words(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


# LiveKit.


@pytest.mark.parametrize("model", ["tts-1", "gpt-4o-mini-tts"])
@pytest.mark.parametrize("response_format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_livekit_speaks(server, model, response_format):
    from livekit.plugins import openai

    async def run():
        tts = openai.TTS(
            model=model, voice="alloy", base_url=server + "/v1", api_key="none", response_format=response_format
        )
        tts.prewarm()
        async with tts.synthesize(TEXT) as stream:
            frames = [event.frame async for event in stream]
        await tts.aclose()
        return frames

    frames = asyncio.run(run())
    assert {frame.sample_rate for frame in frames} == {24_000}
    assert 1.5 < sum(frame.duration for frame in frames) < 8
    assert any(any(frame.data) for frame in frames), "the speech is silent"


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-mini-transcribe"])
def test_livekit_hears(server, beckett, model):
    from livekit import rtc
    from livekit.plugins import openai

    with wave.open(str(beckett), "rb") as file:
        frame = rtc.AudioFrame(
            data=file.readframes(file.getnframes()),
            sample_rate=file.getframerate(),
            num_channels=file.getnchannels(),
            samples_per_channel=file.getnframes(),
        )

    async def run():
        stt = openai.STT(model=model, base_url=server + "/v1", api_key="none", use_realtime=False)
        event = await stt.recognize(frame)
        await stt.aclose()
        return event.alternatives[0]

    heard = asyncio.run(run())
    assert "no matter" in words(heard.text)
    assert str(heard.language).startswith("en")


def test_livekit_asks(server):
    from livekit.agents import llm
    from livekit.plugins import openai

    async def run():
        model = openai.LLM(model="gpt-4o", base_url=server + "/v1", api_key="none")
        context = llm.ChatContext.empty()
        context.add_message(role="system", content="Be brief.")
        context.add_message(role="user", content="What is two plus three?")
        async with model.chat(chat_ctx=context) as stream:
            chunks = [chunk async for chunk in stream]
        await model.aclose()
        return "".join(chunk.delta.content or "" for chunk in chunks if chunk.delta)

    answer = asyncio.run(run())
    assert "5" in answer or "five" in answer


# Pipecat.


async def run_pipecat(service, frames, kinds):
    """Sends frames through a pipeline of one service and returns those of `kinds` that come out."""
    from pipecat.frames.frames import EndFrame
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineWorker
    from pipecat.processors.frame_processor import FrameProcessor
    from pipecat.workers.runner import WorkerRunner

    found = []

    class Collector(FrameProcessor):
        async def process_frame(self, frame, direction):
            await super().process_frame(frame, direction)
            if isinstance(frame, kinds):
                found.append(frame)
            await self.push_frame(frame, direction)

    worker = PipelineWorker(Pipeline([service, Collector()]))
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await worker.queue_frames([*frames, EndFrame()])
    await asyncio.wait_for(runner.run(), timeout=60)
    return found


def test_pipecat_speaks(server):
    from pipecat.frames.frames import ErrorFrame, TTSAudioRawFrame, TTSSpeakFrame
    from pipecat.services.openai.tts import OpenAITTSService

    async def run():
        service = OpenAITTSService(
            api_key="none", base_url=server + "/v1", settings=OpenAITTSService.Settings(voice="nova")
        )
        return await run_pipecat(service, [TTSSpeakFrame(TEXT)], (TTSAudioRawFrame, ErrorFrame))

    frames = asyncio.run(run())
    assert not [frame for frame in frames if isinstance(frame, ErrorFrame)]
    assert {frame.sample_rate for frame in frames} == {24_000}
    assert 1.5 < sum(len(frame.audio) for frame in frames) / 48_000 < 8


def test_pipecat_hears(server, beckett):
    from pipecat.frames.frames import (
        ErrorFrame,
        InputAudioRawFrame,
        TranscriptionFrame,
        VADUserStartedSpeakingFrame,
        VADUserStoppedSpeakingFrame,
    )
    from pipecat.services.openai.stt import OpenAISTTService

    with wave.open(str(beckett), "rb") as file:
        rate, channels = file.getframerate(), file.getnchannels()
        sound = InputAudioRawFrame(file.readframes(file.getnframes()), rate, channels)

    async def run():
        service = OpenAISTTService(
            api_key="none",
            base_url=server + "/v1",
            sample_rate=rate,
            settings=OpenAISTTService.Settings(model="gpt-4o-transcribe"),
        )
        speech = [VADUserStartedSpeakingFrame(), sound, VADUserStoppedSpeakingFrame()]
        return await run_pipecat(service, speech, (TranscriptionFrame, ErrorFrame))

    frames = asyncio.run(run())
    assert not [frame for frame in frames if isinstance(frame, ErrorFrame)]
    assert "no matter" in words(" ".join(frame.text for frame in frames))
