"""Submissions whose answer was lost: the job is looked for, late enough, and made again only if there is none."""

import time
from collections.abc import Collection, Generator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from connecting import Connect
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished
from following import speak, status
from hedra_calls import STOCK_VOICE, SWIFT
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.port import SpeechWork, Submission, Work
from soundstage.settings import Access
from tone import ToneProvider

ORDER = "POST /generations"


class FindingTone(ToneProvider):
    """Implements `soundstage.providers.port.FindsJobs`: `begins` says whether a lost submission began a job.

    `lost_at` and `sought_at` are when it lost an answer and was asked for a job.
    """

    begins = True

    def __init__(self, folder: Path, **facts: Any) -> None:
        super().__init__(folder, repeats=0, **facts)
        self.lost_at: list[float] = []
        self.sought_at: list[float] = []

    async def prepare(self, work: Work) -> Submission:
        return Submission((await super().prepare(work)).send, {"text": work.fields["text"]})

    async def _submit(self, work: Work) -> str:
        try:
            return await super()._submit(work)
        finally:
            self.lost_at.append(anyio.current_time())

    async def find(self, trace: Mapping[str, object], taken: Collection[str], _: float) -> str:
        self.sought_at.append(anyio.current_time())
        if not self.begins:
            return ""
        job_id = f"found-{len(taken)}"
        self.adopt(job_id, SpeechWork("", "low", trace))
        return job_id


async def test_a_job_whose_id_was_lost_is_found_and_not_made_again(connect: Connect, tmp_path: Path) -> None:
    tone = FindingTone(tmp_path)
    tone.finish.set()
    async with connect([tone]) as client:
        done = await finished(client, await speak(client, "vague"))
    assert done["status"] == "succeeded"
    assert len(tone.submitted) == 1


async def test_what_is_proved_not_to_have_begun_is_submitted_again_but_not_for_ever(
    connect: Connect, tmp_path: Path
) -> None:
    tone = FindingTone(tmp_path)
    tone.begins = False
    async with connect([tone]) as client:
        done = await finished(client, await speak(client, "vague"))
    assert done["status"] == "needs_attention"
    assert len(tone.submitted) == 4


async def test_a_submission_that_a_dead_server_took_with_it_is_looked_for(
    connect: Connect, tmp_path: Path
) -> None:
    first = FindingTone(tmp_path)
    first.accept = anyio.Event()
    async with connect([first]) as client:
        begun = await speak(client)
        await first.submitting.wait()
    second = FindingTone(tmp_path)
    second.finish.set()
    async with connect([second]) as client:
        assert (await finished(client, begun))["status"] == "succeeded"
    assert second.submitted == []


async def test_each_loss_is_looked_into_when_its_listing_time_has_passed(connect: Connect, tmp_path: Path) -> None:
    tone = FindingTone(tmp_path, listing_seconds=0.3)
    tone.begins = False
    async with connect([tone]) as client:
        await finished(client, await speak(client, "vague"))
    assert len(tone.lost_at) == 4
    assert all(sought - lost >= 0.3 for lost, sought in zip(tone.lost_at, tone.sought_at, strict=True))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """By how many seconds the clock on the wall is wrong: a list of one."""
    wrong = [0.0]
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + wrong[0])
    return wrong


@pytest.fixture
def hedra() -> Generator[Emulator]:
    """A Hedra that never answers an order, and is slow to list it."""
    rule = Rule(match=ORDER, do="drop", when="after")
    with emulating("hedra", switches={"scripts": {"*": SWIFT}, "list_delay": 2.0}, rules=[rule]) as emulator:
        yield emulator


async def lost(client: Client, begun: dict[str, Any]) -> None:
    """Return when the answer is known to be lost."""
    with anyio.fail_after(20):
        while (await status(client, begun, wait_seconds=0.1)).get("provider_status") != "outcome_unknown":
            pass


@pytest.mark.parametrize("hour", [3600.0, -3600.0], ids=["ahead", "back"])
async def test_a_clock_that_is_set_while_a_job_is_looked_for_hurries_nothing(
    connect: Connect, tmp_path: Path, hedra: Emulator, clock: list[float], hour: float
) -> None:
    provider = HedraProvider(Access(hedra.base_url, hedra.key), tmp_path, listing_seconds=3.0)
    async with connect([provider]) as client:
        begun = await called(client, "synthesize_speech", voice_id=f"hedra:{STOCK_VOICE}", text="Once.")
        await lost(client, begun)
        clock[0] = hour
        done = await finished(client, begun)
    assert done["status"] == "succeeded"
    assert len(hedra.control.ledger(ORDER)) == 1


async def test_a_process_that_takes_a_lost_job_over_counts_its_own_time(
    connect: Connect, tmp_path: Path, clock: list[float]
) -> None:
    first = FindingTone(tmp_path, listing_seconds=600.0)
    async with connect([first]) as client:
        begun = await speak(client, "vague")
        await lost(client, begun)
    assert first.sought_at == []
    clock[0] = 3600.0
    second = FindingTone(tmp_path, listing_seconds=0.5)
    second.finish.set()
    began = anyio.current_time()
    async with connect([second]) as client:
        assert (await finished(client, begun))["status"] == "succeeded"
    assert second.sought_at[0] - began >= 0.5


class ListingTone(FindingTone):
    """Shows two jobs that equal orders began, the first of them to both who look for one at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.finish.set()
        self._both_look = anyio.Event()

    async def find(self, trace: Mapping[str, object], taken: Collection[str], _: float) -> str:
        job_id = await super().find(trace, taken, _)
        if len(self.sought_at) == 2:
            self._both_look.set()
        await self._both_look.wait()
        return job_id


async def test_a_job_that_was_found_for_an_equal_order_meanwhile_leaves_another(
    connect: Connect, tmp_path: Path
) -> None:
    tone = ListingTone(tmp_path)
    async with connect([tone]) as client:
        with anyio.fail_after(20):
            takes = [await speak(client, "vague", idempotency_key=f"take {number}") for number in range(2)]
            done = [await finished(client, one) for one in takes]
    assert [one["status"] for one in done] == ["succeeded"] * 2
    assert len(tone.submitted) == 2
    assert len(tone.sought_at) == 3


async def test_equal_orders_that_are_lost_at_once_are_each_found_once(
    connect: Connect, tmp_path: Path, hedra: Emulator
) -> None:
    provider = HedraProvider(Access(hedra.base_url, hedra.key), tmp_path, listing_seconds=3.0)
    speech = {"voice_id": f"hedra:{STOCK_VOICE}", "text": "A take."}
    async with connect([provider]) as client:
        takes = [
            await called(client, "synthesize_speech", **speech, idempotency_key=f"take {number}")
            for number in range(5)
        ]
        done = [await finished(client, one) for one in takes]
    assert [(one["status"], one["charged"]) for one in done] == [("succeeded", "yes")] * 5
    assert len(hedra.control.ledger(ORDER)) == 5
