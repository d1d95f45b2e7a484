"""What is kept on this machine of jobs: paid answers stay for as long as their generations may need them."""

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from connecting import Connect
from emulators.server import Emulator, emulating
from facts import called, finished
from heygen_calls import ARIA, CREATE
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.providers.local.provider import LocalProvider
from soundstage.providers.port import KeepsJobs, Provider
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access, Settings
from tone import ToneProvider

YEAR = 365 * 86_400.0
VOICES = {"heygen": ARIA, "speechgen": "speechgen:en-US-Neural2-A"}
ORDERS = {"heygen": CREATE, "speechgen": "POST /text-to-speech"}


@pytest.fixture(params=sorted(VOICES))
def emulator(request: pytest.FixtureRequest) -> Generator[Emulator]:
    with emulating(request.param, pace=100) as started:
        yield started


def provided(emulator: Emulator, settings: Settings) -> Provider:
    access, folder = Access(emulator.base_url, emulator.key), settings.home / "jobs"
    if emulator.provider == "heygen":
        return HeyGenProvider(access, folder, listing_seconds=0.2)
    return SpeechGenProvider(access, folder)


def aged(folder: Path, seconds: float) -> None:
    at = time.time() - seconds
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (at, at))


async def test_a_paid_answer_outlives_any_time_and_any_clock_while_its_generation_is_unfinished(
    connect: Connect, settings: Settings, emulator: Emulator, tmp_path: Path
) -> None:
    in_the_way = settings.home / "assets"
    settings.home.mkdir()
    in_the_way.write_text("in the way", encoding="utf-8")
    async with connect([provided(emulator, settings)]) as client:
        begun = await called(
            client, "synthesize_speech", voice_id=VOICES[emulator.provider], text="Dear.", wait_seconds=20
        )
        assert begun["provider_status"] == "asset_not_kept"
    [job] = (settings.home / "jobs").iterdir()
    aged(job, YEAR)
    stray = settings.home / "jobs" / "gen_nobodys"
    for folder, age in ((stray, YEAR), (stray.with_name("gen_young"), 0.0)):
        folder.mkdir()
        aged(folder, age)
    in_the_way.unlink()
    # What another provider makes has the folders looked through before the waiting generation is seen to.
    tone = ToneProvider(tmp_path)
    tone.finish.set()
    async with connect([tone, unlisted(emulator, settings)]) as client:
        await finished(client, await called(client, "synthesize_speech", voice_id="tone:low", text="Hi."))
        assert job.is_dir()
        assert not stray.exists()
        assert stray.with_name("gen_young").is_dir()
    async with connect([provided(emulator, settings)]) as client:
        done = await finished(client, begun)
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert len(emulator.control.ledger(ORDERS[emulator.provider])) == 1
    assert not job.exists()


def unlisted(emulator: Emulator, settings: Settings) -> Provider:
    """The provider with another account, which advances nothing that is there."""
    access, folder = Access(emulator.base_url, "another"), settings.home / "jobs"
    return HeyGenProvider(access, folder) if emulator.provider == "heygen" else SpeechGenProvider(access, folder)


async def test_the_engine_lets_old_folders_go_but_for_those_of_jobs_that_are_awaited(tmp_path: Path) -> None:
    local = LocalProvider(tmp_path / "work", tmp_path / "voices")
    assert isinstance(local, KeepsJobs)
    for name, age in (("speech-old", YEAR), ("speech-awaited", YEAR), ("speech-young", 60.0)):
        (tmp_path / "work" / name).mkdir(parents=True)
        aged(tmp_path / "work" / name, age)
    await local.sweep({"speech-awaited"})
    assert {folder.name for folder in (tmp_path / "work").iterdir()} == {"speech-awaited", "speech-young"}
