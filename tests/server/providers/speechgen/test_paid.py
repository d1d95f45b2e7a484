"""Speech that was paid for is kept from its last byte on, and handed on as what it is."""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import Connect
from emulators import media
from emulators.chaos import Rule
from emulators.server import Emulator
from facts import called, finished
from soundstage.providers.port import CloneWork, SpeechWork
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access
from soundstage_tools.errors import OutcomeUnknown, Unavailable

VOICE = "en-US-Neural2-A"
HELLO = "Hello there, and welcome to this place."
SPEAK = "POST /text-to-speech"
WORK = SpeechWork("gen_1", VOICE, {"text": HELLO})
SECONDS = media.spoken_seconds(HELLO)


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    return tmp_path / "jobs"


@pytest.fixture
async def provider(speechgen: Emulator, jobs: Path) -> AsyncGenerator[SpeechGenProvider]:
    provider = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), jobs, look_seconds=0.0)
    async with provider.running():
        yield provider


async def sent(provider: SpeechGenProvider) -> str:
    return await (await provider.prepare(WORK)).send()


async def spoken(connect: Connect, provider: SpeechGenProvider) -> dict[str, Any]:
    client: Client
    async with connect([provider]) as client:
        begun = await called(client, "synthesize_speech", voice_id=f"speechgen:{VOICE}", text=HELLO)
        return await finished(client, begun)


@pytest.mark.parametrize(
    ("told", "warned"),
    [("4200", True), ("0.1", True), (f"{SECONDS + 0.9:g}", False), ("soon", False), ("nan", False), ("-1", False)],
)
async def test_a_wrong_length_in_the_headers_is_told_and_harms_nothing(
    connect: Connect, speechgen: Emulator, jobs: Path, told: str, warned: bool
) -> None:
    provider = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), jobs)
    speechgen.control.add_rules(
        Rule(match=SPEAK, do="wrong_type", value="audio/mpeg", headers={"X-Audio-Duration": told})
    )
    done = await spoken(connect, provider)
    assert done["status"] == "succeeded"
    assert done["assets"][0]["duration_seconds"] == pytest.approx(SECONDS, abs=0.1)
    warnings = [words for words in done.get("warnings", []) if "SpeechGen told of" in words]
    assert [f"{float(told):.1f} s" in words for words in warnings] == ([True] if warned else [])
    assert len(speechgen.control.ledger(SPEAK)) == 1
    assert list(jobs.iterdir()) == []


async def test_a_length_beyond_all_numbers_is_none(connect: Connect, speechgen: Emulator, jobs: Path) -> None:
    provider = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), jobs)
    speechgen.control.switch(speech_answer="json")
    speechgen.control.add_rules(Rule(match=SPEAK, do="edit", set_to={"duration": 10**400}))
    assert (await spoken(connect, provider))["status"] == "succeeded"


@pytest.mark.parametrize("rule", [Rule(do="corrupt"), Rule(do="truncate", size=900)])
async def test_what_cannot_be_decoded_is_damaged_and_stays(
    provider: SpeechGenProvider, speechgen: Emulator, jobs: Path, rule: Rule
) -> None:
    speechgen.control.add_rules(rule.model_copy(update={"match": SPEAK}))
    job_id = await sent(provider)
    for _ in range(2):
        assert (await provider.poll(job_id)).state == "done"
        with pytest.raises(OutcomeUnknown) as caught:
            await provider.fetch(job_id)
        assert caught.value.code == "asset_damaged"
        assert str(jobs / "gen_1" / "speech.mp3") in caught.value.message
        assert (jobs / "gen_1" / "speech.mp3").stat().st_size > 0
    assert len(speechgen.control.ledger(SPEAK)) == 1


async def test_speech_waits_until_it_can_be_measured(
    provider: SpeechGenProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await sent(provider)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/nonexistent/python")
        with pytest.raises(Unavailable) as caught:
            await provider.fetch(job_id)
    assert caught.value.code == "sound_unread"
    [audio] = (await provider.fetch(job_id)).files
    assert audio.duration_seconds == pytest.approx(SECONDS, abs=0.1)


async def test_speech_is_there_though_nothing_could_be_noted_beside_it(
    provider: SpeechGenProvider, jobs: Path
) -> None:
    (jobs / "gen_1" / "answer.json.part").mkdir(parents=True)
    job_id = await sent(provider)
    assert (await provider.poll(job_id)).state == "done"
    made = await provider.fetch(job_id)
    assert (made.files[0].mime_type, made.warnings) == ("audio/mpeg", [])


async def test_a_url_that_could_not_be_noted_is_told_as_lost(
    provider: SpeechGenProvider, speechgen: Emulator, jobs: Path
) -> None:
    (jobs / "gen_1" / "answer.json.part").mkdir(parents=True)
    speechgen.control.switch(speech_answer="json")
    with pytest.raises(OutcomeUnknown) as caught:
        await sent(provider)
    assert "disk" in caught.value.message
    assert list(jobs.iterdir()) == []


async def test_speech_outlives_the_process_that_had_it_made(
    provider: SpeechGenProvider, speechgen: Emulator, jobs: Path
) -> None:
    job_id = await sent(provider)
    again = SpeechGenProvider(Access(speechgen.base_url, speechgen.key), jobs)
    async with again.running():
        assert (await again.poll(job_id)).state == "done"
        first, second = [(await again.fetch(job_id)).files for _ in range(2)]
        assert first == second
        await again.release(job_id)
        assert (await again.poll(job_id)).state == "lost"


@pytest.mark.parametrize(
    ("kind", "mime_type"),
    [("wav", "audio/wav"), ("ogg", "audio/ogg"), ("flac", "audio/flac"), ("m4a", "audio/mp4")],
)
async def test_speech_in_any_format_that_can_be_decoded_is_handed_on(
    provider: SpeechGenProvider, jobs: Path, kind: media.Sound, mime_type: str
) -> None:
    job_id = await sent(provider)
    (jobs / "gen_1" / "speech.mp3").write_bytes(media.sound(kind, SECONDS))
    for _ in range(2):
        [audio] = (await provider.fetch(job_id)).files
        assert audio.mime_type == mime_type
        assert audio.path.read_bytes() == media.sound(kind, SECONDS)
        assert audio.duration_seconds == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("mp3", "audio/mpeg"), ("wav", "audio/wav"), ("ogg", "audio/ogg")]
)
async def test_without_the_codecs_speech_is_what_its_first_bytes_say(
    provider: SpeechGenProvider,
    jobs: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: media.Sound,
    mime_type: str,
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    job_id = await sent(provider)
    (jobs / "gen_1" / "speech.mp3").write_bytes(media.sound(kind, SECONDS))
    [audio] = (await provider.fetch(job_id)).files
    assert (audio.mime_type, audio.duration_seconds) == (mime_type, SECONDS)


@pytest.mark.parametrize("name", ["speech/gen_1", "gen_1"])
async def test_speech_is_released_by_its_job_and_by_its_generation(
    provider: SpeechGenProvider, jobs: Path, name: str
) -> None:
    await sent(provider)
    assert [folder.name for folder in jobs.iterdir()] == ["gen_1"]
    await provider.release(name)
    assert list(jobs.iterdir()) == []


async def test_the_release_of_a_clone_harms_no_speech(
    provider: SpeechGenProvider, jobs: Path, tmp_path: Path
) -> None:
    sample = tmp_path / "sample.mp3"
    sample.write_bytes(media.sound("mp3", 12.0))
    speech = await sent(provider)
    clone = await (await provider.prepare(CloneWork("gen_2", sample, {"name": "Me"}))).send()
    for name in (clone, "gen_2"):
        await provider.release(name)
    assert (await provider.poll(speech)).state == "done"
    assert [folder.name for folder in jobs.iterdir()] == ["gen_1"]
