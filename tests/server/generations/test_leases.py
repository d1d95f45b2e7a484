"""A generation that another process has taken over: what is done for it here stops, and nobody asks twice."""

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from connecting import Connect
from facts import called, finished
from soundstage.generations.store import LEASE_SECONDS
from soundstage.providers.port import Standing
from soundstage.settings import Settings
from tone import ToneProvider


class WorkingTone(ToneProvider):
    """Beeps in this very process, and counts how often it is asked after a job."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.abandoned: list[str] = []
        self.stopped = anyio.Event()
        self.polls = 0

    async def poll(self, job_id: str) -> Standing:
        self.polls += 1
        return await super().poll(job_id)

    async def abandon(self, job_id: str) -> None:
        self.abandoned.append(job_id)
        self.stopped.set()

    async def undo(self, generation_id: str) -> None:
        """Nothing stays of what it stops."""


@pytest.fixture
def tone(tmp_path: Path) -> WorkingTone:
    return WorkingTone(tmp_path)


def take_over(settings: Settings) -> None:
    """Lease everything to a process that is not there, as one does that found the lease run out."""
    with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
        db.execute("UPDATE generations SET lease_owner = 'other', lease_until = unixepoch() + ?", (LEASE_SECONDS,))


async def test_work_that_another_process_has_taken_over_is_stopped_and_not_asked_after(
    connect: Connect, settings: Settings, tone: WorkingTone
) -> None:
    async with connect([tone]) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="low")
        while not tone.polls:
            await called(client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.1)
        take_over(settings)
        with anyio.fail_after(60):
            await tone.stopped.wait()
        polls = tone.polls
        still = await called(client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=2)
    assert tone.abandoned == [f"job-1-{id(tone)}"]
    assert tone.polls == polls
    assert (still["status"], tone.released) == ("processing", [])


async def test_a_job_that_began_while_another_process_took_over_is_stopped(
    connect: Connect, settings: Settings, tone: WorkingTone
) -> None:
    tone.accept = anyio.Event()
    async with connect([tone]) as client:
        await called(client, "synthesize_speech", text="hi", voice_id="low")
        await tone.submitting.wait()
        take_over(settings)
        tone.accept.set()
        with anyio.fail_after(60):
            await tone.stopped.wait()
    assert tone.abandoned == [f"job-1-{id(tone)}"]
    assert tone.polls == 0


async def test_what_is_kept_for_a_job_elsewhere_stays_for_whoever_took_it_over(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path)
    async with connect([tone]) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="low", wait_seconds=1)
        take_over(settings)
        await called(client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=1)
        with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
            db.execute("UPDATE generations SET lease_until = 0")
        tone.finish.set()
        assert (await finished(client, begun))["status"] == "succeeded"
    assert len(tone.submitted) == 1


async def test_what_this_process_takes_up_again_during_its_own_step_is_not_forgotten(
    connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    tone = ToneProvider(tmp_path)
    tone.accept = anyio.Event()
    tone.finish.set()
    async with connect([tone]) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="low")
        await tone.submitting.wait()
        with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
            # Another process took it over, put it back and gave it back.
            db.execute("UPDATE generations SET state = 'queued', repeats = 1, lease_owner = '', lease_until = 0")
        with anyio.fail_after(30), closing(sqlite3.connect(settings.home / "state.db")) as db:
            while not db.execute("SELECT 1 FROM generations WHERE lease_owner != ''").fetchall():
                await called(
                    client, "get_generation_status", generation_id=begun["generation_id"], wait_seconds=0.1
                )
        tone.accept.set()
        with anyio.fail_after(30):
            done = await finished(client, begun)
    assert done["status"] == "succeeded"


async def test_a_job_that_began_while_its_generation_was_given_up_elsewhere_goes_on(
    connect: Connect, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tone = ToneProvider(tmp_path, repeats=0)
    tone.accept = anyio.Event()
    tone.finish.set()
    async with connect([tone]) as client:
        begun = await called(client, "synthesize_speech", text="hi", voice_id="low")
        await tone.submitting.wait()
        with closing(sqlite3.connect(settings.home / "state.db")) as db, db:
            db.execute("UPDATE generations SET state = 'needs_attention', lease_owner = 'other'")
        tone.accept.set()
        with anyio.fail_after(30):
            while (found := await called(client, "get_generation_status", generation_id=begun["generation_id"]))[
                "status"
            ] != "succeeded":
                pass
    assert found["charged"] == "yes"
    assert len(tone.submitted) == 1
    assert f"job-1-{id(tone)}" in caplog.text
