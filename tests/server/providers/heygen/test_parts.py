"""A text in parts, asked for once each whatever happens, and the files that come of it."""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client

from emulators import media
from emulators.server import Emulator
from heygen_calls import CREATE, asset, bodies, long_text, provided, spoken
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.providers.port import SpeechWork, Submission
from soundstage_tools.errors import StudioError, Unavailable

WORK = SpeechWork("gen_one", "en-US-AriaNeural", {"text": "Hello, world!"})


async def sent(submission: Submission) -> str:
    while not (job_id := await submission.send()):
        pass
    return job_id


@asynccontextmanager
async def submitted(provider: HeyGenProvider, work: SpeechWork = WORK) -> AsyncGenerator[str]:
    async with provider.running():
        yield await sent(await provider.prepare(work))


async def test_a_long_text_is_spoken_in_parts_one_by_one(heygen: Emulator, client: Client) -> None:
    heygen.control.switch(processing=5)
    text = long_text(5000)
    done = await spoken(client, text=text)
    prompts = [body["prompt"] for body in bodies(heygen)]
    assert len(prompts) >= 5
    assert max(map(len, prompts)) <= 1000
    assert min(map(len, prompts)) >= 500
    assert " ".join(prompts).split() == text.split()
    assert all(prompt.endswith(".") for prompt in prompts)
    assert heygen.control.peak_in_flight("one@example.invalid") == 1
    expected = sum(media.spoken_seconds(prompt) for prompt in prompts)
    told, audio = asset(done, "audio")
    probed = media.probe(audio.read_bytes())
    assert probed is not None
    assert probed.container == "mp3"
    assert probed.seconds == pytest.approx(expected, abs=0.1)
    assert told["duration_seconds"] == pytest.approx(probed.seconds, abs=0.01)
    timings = json.loads(asset(done, "timings")[1].read_text(encoding="utf-8"))
    assert [word["word"] for word in timings["words"]] == text.split()
    moments = [moment for word in timings["words"] for moment in (word["start"], word["end"])]
    assert moments == sorted(moments)
    assert moments[0] == 0
    assert expected - 0.5 < moments[-1] <= timings["duration_seconds"]


async def test_an_answer_that_is_lost_is_had_from_the_cache(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": CREATE, "nth": [1], "do": "drop", "when": "after"})
    assert (await spoken(client))["status"] == "succeeded"
    first, again = heygen.control.ledger(CREATE)
    assert first["json"] == again["json"]
    assert (first["cached"], again["cached"]) == (False, True)
    assert len(heygen.control.created()) == 1
    assert heygen.control.paid() == pytest.approx(media.spoken_seconds("Hello, world!"))


async def test_parts_that_are_there_are_not_asked_for_again(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": CREATE, "nth": [3], "do": "status", "status": 503})
    done = await spoken(client, text=long_text(4500))
    prompts = [body["prompt"] for body in bodies(heygen)]
    assert done["status"] == "succeeded"
    assert prompts[3] == prompts[2]
    assert len(set(prompts)) == len(prompts) - 1
    assert " ".join(dict.fromkeys(prompts)).split() == long_text(4500).split()


async def test_a_part_that_came_too_soon_is_asked_for_later(heygen: Emulator, client: Client) -> None:
    heygen.control.add_rules({"match": CREATE, "nth": [3], "do": "retry_after", "seconds": 1})
    done = await spoken(client, text=long_text(4500))
    prompts = [body["prompt"] for body in bodies(heygen)]
    assert done["status"] == "succeeded"
    assert prompts[3] == prompts[2]
    assert len(set(prompts)) == len(prompts) - 1
    refused, accepted = heygen.control.ledger(CREATE)[2:4]
    assert accepted["at"] >= refused["at"] + 1


@pytest.mark.parametrize("fault", ["corrupt", "truncate", "html"])
async def test_a_damaged_download_is_never_handed_on(
    heygen: Emulator, provider: HeyGenProvider, fault: str
) -> None:
    heygen.control.add_rules({"match": "GET /media/*", "nth": [1], "do": fault, "size": 600, "status": 200})
    async with submitted(provider) as job_id:
        with pytest.raises(Unavailable):
            await provider.fetch(job_id)
        made = await provider.fetch(job_id)
        assert [file.role for file in made.files] == ["audio", "timings"]
        assert made.files[0].duration_seconds == pytest.approx(0.8, abs=0.05)


async def test_a_job_outlives_the_process_and_ends_with_its_release(
    heygen: Emulator, provider: HeyGenProvider, tmp_path: Path
) -> None:
    async with submitted(provider) as job_id:
        assert job_id == "gen_one"
    again = provided(heygen, tmp_path)
    async with again.running():
        assert (await again.poll("gen_one")).state == "done"
        assert len((await again.fetch("gen_one")).files) == 2
        await again.release("gen_one")
        await again.release("gen_one")
        assert (await again.poll("gen_one")).state == "lost"
        with pytest.raises(Unavailable):
            await again.fetch("gen_one")
    assert list((tmp_path / "jobs").iterdir()) == []


async def test_what_was_answered_is_released_by_the_generation_alone(
    heygen: Emulator, provider: HeyGenProvider, tmp_path: Path
) -> None:
    work = SpeechWork("gen_two", "en-US-AriaNeural", {"text": long_text(2500)})
    heygen.control.add_rules({"match": CREATE, "nth": [2], "do": "status", "status": 400})
    async with provider.running():
        with pytest.raises(StudioError):
            await sent(await provider.prepare(work))
        assert "answer-0-of-3.json" in {path.name for path in (tmp_path / "jobs").rglob("*")}
        await provider.release("gen_two")
    assert list((tmp_path / "jobs").iterdir()) == []


async def test_a_job_with_a_part_missing_is_lost(provider: HeyGenProvider, heygen: Emulator) -> None:
    work = SpeechWork("gen_two", "en-US-AriaNeural", {"text": long_text(2500)})
    heygen.control.add_rules({"match": CREATE, "nth": [2], "do": "status", "status": 502})
    async with provider.running():
        submission = await provider.prepare(work)
        with pytest.raises(StudioError):
            await sent(submission)
        assert (await provider.poll("gen_two")).state == "lost"
        before = len(bodies(heygen))
        assert await sent(submission) == "gen_two"
        prompts = [body["prompt"] for body in bodies(heygen)]
        assert prompts[before] == prompts[before - 1]
        assert len(set(prompts)) == len(prompts) - 1
        assert (await provider.poll("gen_two")).state == "done"


@pytest.mark.parametrize(
    "words",
    [
        None,
        [],
        "soon",
        [{"word": "Hello"}],
        [{"word": "Hello", "start": "0", "end": 1}],
        [{"word": 1, "start": 0}],
        [{"word": "Hello", "start": 0, "end": 10**400}],
    ],
)
async def test_words_without_times_make_no_timings(
    heygen: Emulator, provider: HeyGenProvider, words: object
) -> None:
    heygen.control.add_rules(
        {"match": CREATE, "do": "edit", "set_to": {"word_timestamps": words, "duration": 10**400}}
    )
    async with submitted(provider) as job_id:
        made = await provider.fetch(job_id)
    assert [file.role for file in made.files] == ["audio"]


async def test_times_outside_the_audio_are_brought_inside(heygen: Emulator, provider: HeyGenProvider) -> None:
    words = [
        {"word": "<start>", "start": 0.0, "end": 0.0},
        {"word": "world", "start": 0.5, "end": 99.0},
        {"word": "Hello", "start": 0.1, "end": 0.4},
        {"word": "never", "start": 0.7, "end": 0.6},
    ]
    heygen.control.add_rules({"match": CREATE, "do": "edit", "set_to": {"word_timestamps": words}})
    async with submitted(provider) as job_id:
        made = await provider.fetch(job_id)
        timings = json.loads(made.files[1].path.read_text(encoding="utf-8"))
    assert [(word["word"], word["start"]) for word in timings["words"]] == [("Hello", 0.1), ("world", 0.5)]
    assert timings["words"][-1]["end"] == pytest.approx(timings["duration_seconds"], abs=0.001)
    assert timings["duration_seconds"] == pytest.approx(0.8, abs=0.01)


async def test_without_the_codecs_a_long_text_is_spoken_whole(
    heygen: Emulator, provider: HeyGenProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = long_text(2500)
    monkeypatch.setitem(sys.modules, "av", None)
    async with submitted(provider, SpeechWork("gen_three", "en-US-AriaNeural", {"text": text})) as job_id:
        made = await provider.fetch(job_id)
    assert [body["prompt"] for body in bodies(heygen)] == [text]
    assert made.files[0].duration_seconds == media.spoken_seconds(text)
