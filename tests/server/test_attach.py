"""What was made although its answer was lost: the user finds it at the provider, and its generation goes on."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from connecting import Connect
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished
from named_tone import KnownTone
from serving import furnished
from soundstage.app import create_studio
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.port import SpeechWork
from soundstage.settings import Access, Settings
from soundstage.studio import LiveStudio
from soundstage_tools.errors import BadRequest, NotConfigured, NotFound
from soundstage_tools.results import GenerationKind
from tone import ToneProvider

LOST = "vague"


@pytest.fixture
def tone(tmp_path: Path) -> KnownTone:
    return KnownTone(tmp_path)


@asynccontextmanager
async def studio(settings: Settings, *served: ToneProvider) -> AsyncGenerator[LiveStudio]:
    made = create_studio(settings, served, adopts=False)
    async with made.running():
        yield made


async def test_a_generation_goes_on_from_the_job_that_the_user_found(
    connect: Connect, settings: Settings, tone: KnownTone
) -> None:
    async with connect([tone]) as client:
        lost = await finished(client, await called(client, "synthesize_speech", text=LOST, voice_id="low"))
        assert (lost["status"], lost["charged"]) == ("needs_attention", "unknown")
        assert f"`soundstage attach {lost['generation_id']} ITS_ID`" in lost["next_step"]
        tone.adopt("found", SpeechWork("", "low", {"text": LOST}))
        async with studio(settings, tone) as one:
            await one.attach(lost["generation_id"], "found")
            with pytest.raises(BadRequest, match="needs_no_attention"):
                await one.attach(lost["generation_id"], "found")
        # The server that is there goes on with it by itself.
        lost["status"] = "processing"
        done = await finished(client, lost)
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert "error" not in done
    assert done["assets"]
    assert len(tone.submitted) == 1


async def test_what_is_attached_costs_nothing_where_nothing_is_charged(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = KnownTone(tmp_path, charges=False)
    async with connect([tone]) as client:
        lost = await finished(client, await called(client, "synthesize_speech", text=LOST, voice_id="low"))
        tone.adopt("found", SpeechWork("", "low", {"text": LOST}))
        async with studio(settings, tone) as one:
            await one.attach(lost["generation_id"], "found")
        done = await finished(client, {**lost, "status": "processing"})
    assert (done["status"], done["charged"]) == ("succeeded", "no")


async def test_what_needs_attention_is_carried_over_to_the_key_that_is_set_now(
    connect: Connect, settings: Settings, tone: KnownTone, tmp_path: Path
) -> None:
    async with connect([tone]) as client:
        lost = await finished(client, await called(client, "synthesize_speech", text=LOST, voice_id="low"))
    theirs = KnownTone(tmp_path, "theirs")
    theirs.adopt("found", SpeechWork("", "low", {"text": LOST}))
    async with studio(settings, theirs) as one:
        [told] = await one.generations([lost["generation_id"]])
        assert "soundstage attach" in told.next_step
        await one.attach(lost["generation_id"], "found")
    async with connect([theirs]) as client:
        done = await finished(client, {**lost, "status": "processing"})
    assert (done["status"], done["charged"]) == ("succeeded", "yes")


async def test_the_job_of_another_or_none_changes_nothing(
    connect: Connect, settings: Settings, tone: KnownTone
) -> None:
    async with connect([tone]) as client:
        lost = await finished(client, await called(client, "synthesize_speech", text=LOST, voice_id="low"))
        tone.finish = anyio.Event()
        await called(client, "synthesize_speech", text="other", voice_id="low", wait_seconds=1)
        async with studio(settings, tone) as one:
            with pytest.raises(BadRequest, match="job_taken"):
                await one.attach(lost["generation_id"], f"job-2-{id(tone)}")
            with pytest.raises(NotFound, match="unknown_job"):
                await one.attach(lost["generation_id"], "none")
            with pytest.raises(NotFound, match="unknown_generation"):
                await one.attach("gen_none", "none")
        still = await called(client, "get_generation_status", generation_id=lost["generation_id"])
    assert (still["status"], still["error"]) == (lost["status"], lost["error"])


async def test_only_a_server_with_a_key_can_look_for_the_job(
    connect: Connect, settings: Settings, tone: KnownTone, tmp_path: Path
) -> None:
    async with connect([tone]) as client:
        lost = await finished(client, await called(client, "synthesize_speech", text=LOST, voice_id="low"))
        assert "soundstage attach" in lost["next_step"]
    without = KnownTone(tmp_path, "none", serves=frozenset[str](), missing=("an API key; set TONE_API_KEY",))
    async with studio(settings, without) as one:
        with pytest.raises(NotConfigured, match="an API key; set TONE_API_KEY"):
            await one.attach(lost["generation_id"], "found")
        [told] = await one.generations([lost["generation_id"]])
        assert "soundstage attach" not in told.next_step
    unnamed = ToneProvider(tmp_path, names_jobs=frozenset[GenerationKind]({"speech"}))
    async with studio(settings, unnamed) as one:
        with pytest.raises(BadRequest, match="not_supported"):
            await one.attach(lost["generation_id"], "found")
        [told] = await one.generations([lost["generation_id"]])
        assert "soundstage attach" not in told.next_step


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", switches={"processing_polls": 1}) as emulator:
        yield emulator


def run(folder: Path, emulator: Emulator, *words: str) -> subprocess.CompletedProcess[str]:
    told = {"SOUNDSTAGE_HOME": str(folder / "home"), "SOUNDSTAGE_INPUT_ROOTS": str(furnished(folder))}
    return subprocess.run(
        [sys.executable, "-m", "soundstage", *words],
        capture_output=True,
        text=True,
        cwd=folder / "workspace",
        env={**os.environ, **emulator.environment, **told},
        check=False,
    )


def test_a_clone_whose_answer_was_lost_is_attached_on_the_command_line(
    tmp_path: Path, speechgen: Emulator
) -> None:
    furnished(tmp_path)
    speechgen.control.add_rules(Rule(match="POST /voice-clone", nth=(1,), do="drop", when="after"))
    words = ("call", "clone_voice", "audio=voice-sample.mp3", "name=Me", "provider=speechgen", "consent=true")
    called_ = run(tmp_path, speechgen, *words, "--json")
    lost = json.loads(called_.stdout)
    assert (called_.returncode, lost["status"]) == (1, "needs_attention")
    wrong = run(tmp_path, speechgen, "attach", lost["generation_id"], "vm_none")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("unknown_job: ")
    [model] = speechgen.control.created()
    done = run(tmp_path, speechgen, "attach", lost["generation_id"], model["created"]["id"], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["voice_id"].startswith("speechgen:")
    assert len(speechgen.control.ledger("POST /voice-clone")) == 1


def test_speech_that_goes_by_no_id_is_not_said_to_be_attachable(tmp_path: Path, speechgen: Emulator) -> None:
    speechgen.control.add_rules(Rule(match="POST /text-to-speech", do="drop", when="after"))
    words = ("call", "synthesize_speech", "voice_id=speechgen:en-US-Neural2-A", "text=Hello.", "--json")
    lost = json.loads(run(tmp_path, speechgen, *words).stdout)
    assert lost["status"] == "needs_attention"
    assert "attach" not in lost["next_step"]
    assert run(tmp_path, speechgen, "attach", lost["generation_id"], "vm_1").stderr.startswith("unknown_job: ")


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra") as emulator:
        yield emulator


async def test_hedra_names_its_generations_of_the_right_kind_alone(tmp_path: Path, hedra: Emulator) -> None:
    provider = HedraProvider(Access(hedra.base_url, hedra.key), tmp_path)
    work = SpeechWork("gen_1", "f412c62f-e94f-41c0-bfc6-97f63289941c", {"text": "Hello."})
    async with provider.running():
        submission = await provider.prepare(work)
        job_id = await submission.send()
        assert await provider.job_named("speech", job_id, submission.trace) == job_id
        assert await provider.job_named("speech", job_id.upper(), submission.trace) == job_id
        for name in (str(uuid.UUID(int=7)), "../voices"):
            with pytest.raises(NotFound, match="unknown_job"):
                await provider.job_named("speech", name, submission.trace)
        with pytest.raises(NotFound, match="unknown_job"):
            await provider.job_named("avatar_video", job_id, submission.trace)


async def test_a_generation_of_hedras_that_another_order_began_is_refused(tmp_path: Path, hedra: Emulator) -> None:
    provider = HedraProvider(Access(hedra.base_url, hedra.key), tmp_path)
    voice = "f412c62f-e94f-41c0-bfc6-97f63289941c"
    async with provider.running():
        ours = await provider.prepare(SpeechWork("gen_1", voice, {"text": "Ours."}))
        theirs = await (await provider.prepare(SpeechWork("gen_2", voice, {"text": "Theirs."}))).send()
        with pytest.raises(NotFound, match="unknown_job"):
            await provider.job_named("speech", theirs, ours.trace)
        hedra.control.switch(list_delay=3600.0)
        unlisted = await ours.send()
        assert await provider.job_named("speech", unlisted, ours.trace) == unlisted
