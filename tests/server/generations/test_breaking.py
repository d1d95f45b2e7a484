"""A step that breaks in a way that nobody foresaw: what may be paid is never said to have failed."""

from pathlib import Path

import pytest

from connecting import Connect
from facts import finished
from following import speak
from soundstage.providers.port import Work
from tone import ToneProvider


class BreakingTone(ToneProvider):
    """Takes the work, and breaks before it has told so."""

    async def _submit(self, work: Work) -> str:
        await super()._submit(work)
        raise RuntimeError("secret")


async def test_what_broke_after_it_was_asked_for_needs_attention(connect: Connect, tmp_path: Path) -> None:
    tone = BreakingTone(tmp_path)
    async with connect([tone]) as client:
        ended = await finished(client, await speak(client))
        again = await finished(client, await speak(client))
    assert (ended["status"], ended["charged"]) == ("needs_attention", "unknown")
    assert ended["error"]["code"] == "internal_error"
    assert again["generation_id"] == ended["generation_id"]
    assert len(tone.submitted) == 1
    assert tone.released == []


async def test_what_broke_where_nothing_is_charged_has_failed_and_is_released(
    connect: Connect, tmp_path: Path
) -> None:
    tone = BreakingTone(tmp_path, charges=False)
    async with connect([tone]) as client:
        ended = await finished(client, await speak(client))
    assert (ended["status"], ended["charged"]) == ("failed", "no")
    assert tone.released == [ended["generation_id"]]


class ClingingTone(ToneProvider):
    """Breaks where it is to let go of its work too."""

    async def release(self, job_id: str) -> None:
        await super().release(job_id)
        raise RuntimeError("secret")


async def test_a_release_that_breaks_ends_nothing_else(connect: Connect, tmp_path: Path) -> None:
    breaking, tone = ClingingTone(tmp_path, name="breaking", charges=False), ToneProvider(tmp_path)
    tone.finish.set()
    async with connect([tone, breaking]) as client:
        ended = await finished(client, await speak(client, "bug", voice_id="breaking:low"))
        done = await finished(client, await speak(client))
    assert ended["status"] == "failed"
    assert done["status"] == "succeeded"
    assert breaking.released


@pytest.mark.parametrize("charges", [True, False])
async def test_what_broke_on_its_way_needs_attention_where_it_is_paid_for(
    connect: Connect, tmp_path: Path, *, charges: bool
) -> None:
    tone = ToneProvider(tmp_path, charges=charges)
    async with connect([tone]) as client:
        ended = await finished(client, await speak(client, "bug"))
    assert ended["status"] == ("needs_attention" if charges else "failed")
    assert bool(tone.released) is not charges
