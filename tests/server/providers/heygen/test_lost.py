"""Answers of HeyGen's that were lost while it was speaking: nothing is paid twice."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from mcp import Client

from connecting import Connect
from emulators.chaos import Rule
from emulators.server import Emulator, emulating
from facts import called, finished
from following import status
from heygen_calls import ARIA, CREATE, provided, spoken
from soundstage.app import create_server, create_studio
from soundstage.providers.heygen.provider import PART_SECONDS, HeyGenProvider
from soundstage.providers.port import SpeechWork, Submission, Work
from soundstage.settings import Access, Settings
from soundstage_tools.errors import OutcomeUnknown

ANSWER = "answer-0-of-1.json"


async def begun(client: Client, text: str) -> dict[str, Any]:
    return await called(client, "synthesize_speech", text=text, voice_id=ARIA)


async def told(client: Client, generation: dict[str, Any], status: str) -> None:
    """Return when the generation has this provider_status."""
    while generation.get("provider_status") != status:
        generation = await called(
            client, "get_generation_status", generation_id=generation["generation_id"], wait_seconds=0.1
        )


@pytest.fixture
def unhurried() -> Generator[Emulator]:
    with emulating("heygen") as emulator:
        yield emulator


async def test_an_order_whose_answer_is_lost_is_not_sent_again_while_it_may_be_spoken(
    settings: Settings, tmp_path: Path, unhurried: Emulator
) -> None:
    """All is faster by a hundredfold: HeyGen speaks on for 3 s, and its answer is awaited for 1.8 s."""
    unhurried.control.switch(processing=3.0)
    access = Access(unhurried.base_url, unhurried.key)
    usual = HeyGenProvider(access, tmp_path)
    scale = 100
    provider = HeyGenProvider(
        access,
        tmp_path,
        part_seconds=PART_SECONDS / scale,
        listing_seconds=usual.profile.listing_seconds / scale,
    )
    async with Client(create_server(settings, [provider])) as client:
        assert (await spoken(client))["status"] == "succeeded"
    first, again = unhurried.control.ledger(CREATE)
    assert (first["cached"], again["cached"]) == (False, True)
    assert len(unhurried.control.created()) == 1


async def test_a_lost_order_that_was_stopped_counts_as_in_flight_while_it_may_be_spoken(
    connect: Connect, tmp_path: Path, unhurried: Emulator
) -> None:
    unhurried.control.switch(processing=3.0)
    access = Access(unhurried.base_url, unhurried.key)
    provider = HeyGenProvider(access, tmp_path / "jobs", part_seconds=1.0, listing_seconds=5.0)
    most = provider.profile.max_in_flight
    async with connect([provider]) as client:
        lost = [await begun(client, f"Number {n} is lost.") for n in range(most)]
        for one in lost:
            await told(client, one, "outcome_unknown")
            stopped = await called(client, "cancel_generation", generation_id=one["generation_id"])
            assert (stopped["status"], stopped["charged"]) == ("canceled", "unknown")
        unhurried.control.switch(processing=0.0)
        others = [await begun(client, f"Number {n} is another.") for n in range(most)]
        assert {(await finished(client, one))["status"] for one in others} == {"succeeded"}
    assert len(unhurried.control.ledger(CREATE)) == 2 * most
    assert unhurried.control.peak_in_flight("one@example.invalid") == most


async def test_a_clock_that_is_set_forward_does_not_make_it_be_sent_again_sooner(
    settings: Settings, tmp_path: Path, unhurried: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried.control.switch(processing=3.0)
    access = Access(unhurried.base_url, unhurried.key)
    provider = HeyGenProvider(access, tmp_path, part_seconds=1.0, listing_seconds=3.0)
    async with Client(create_server(settings, [provider])) as client:
        begun = await called(client, "synthesize_speech", text="Hello.", voice_id=ARIA)
        with anyio.fail_after(20):
            while (await status(client, begun, wait_seconds=0.1)).get("provider_status") != "outcome_unknown":
                pass
        true = time.time
        monkeypatch.setattr(time, "time", lambda: true() + 3600.0)
        assert (await finished(client, begun))["status"] == "succeeded"
    assert len(unhurried.control.created()) == 1


async def test_an_answer_for_which_no_file_can_be_made_may_be_charged(tmp_path: Path, heygen: Emulator) -> None:
    provider = provided(heygen, tmp_path)
    async with provider.running():
        submission = await provider.prepare(SpeechWork("gen_one", "en-US-AriaNeural", {"text": "Hello."}))
        (tmp_path / "jobs" / "gen_one" / f"{ANSWER}.part").mkdir()
        with pytest.raises(OutcomeUnknown):
            await submission.send()
    assert len(heygen.control.created()) == 1


async def test_what_cannot_be_kept_is_not_ordered_for_ever(
    settings: Settings, tmp_path: Path, heygen: Emulator
) -> None:
    class Full(HeyGenProvider):
        """Its folders take an order, and no answer."""

        async def prepare(self, work: Work) -> Submission:
            submission = await super().prepare(work)
            (tmp_path / work.generation_id / f"{ANSWER}.part").mkdir(exist_ok=True)
            return submission

    provider = Full(Access(heygen.base_url, heygen.key), tmp_path, listing_seconds=0.2)
    async with Client(create_server(settings, [provider])) as client:
        ended = await spoken(client)
    assert (ended["status"], ended["charged"]) == ("needs_attention", "unknown")
    assert len(heygen.control.ledger(CREATE)) == 1 + provider.profile.repeats
    assert len(heygen.control.created()) == 1


async def test_a_link_that_has_expired_is_renewed_from_the_cache(client: Client, heygen: Emulator) -> None:
    heygen.control.add_rules(Rule(match="GET /media/*", do="expired"))
    begun = await called(client, "synthesize_speech", voice_id=ARIA, text="Hello, world!")
    await anyio.to_thread.run_sync(heygen.control.wait_for, CREATE, 2)
    heygen.control.clear_rules()
    done = await finished(client, begun)
    first, again = heygen.control.ledger(CREATE)
    assert (done["status"], done["charged"]) == ("succeeded", "yes")
    assert first["json"] == again["json"]
    assert (first["cached"], again["cached"]) == (False, True)


async def test_a_link_that_stays_expired_is_told_as_that_and_can_be_tried_once_more(
    client: Client, heygen: Emulator, provider: HeyGenProvider, settings: Settings
) -> None:
    heygen.control.add_rules(Rule(match="GET /media/*", do="expired"))
    ended = await spoken(client)
    assert (ended["status"], ended["error"]["code"]) == ("needs_attention", "result_missing")
    assert "links have expired" in ended["error"]["message"]
    assert len(heygen.control.ledger(CREATE)) == 1 + provider.profile.repeats
    heygen.control.clear_rules()
    studio = create_studio(settings, [provided(heygen, settings.home)], adopts=False)
    async with studio.running():
        await studio.attach(ended["generation_id"])
    done = await finished(client, {**ended, "status": "processing"})
    assert done["status"] == "succeeded"
    assert len(heygen.control.created()) == 1


async def test_a_part_that_is_here_is_not_fetched_again(
    settings: Settings, provider: HeyGenProvider, heygen: Emulator
) -> None:
    settings.home.mkdir()
    in_the_way = settings.home / "assets"
    in_the_way.write_text("in the way", encoding="utf-8")
    async with Client(create_server(settings, [provider])) as client:
        begun = await called(client, "synthesize_speech", voice_id=ARIA, text="Hello, world!")
        await told(client, begun, "asset_not_kept")
        heygen.control.add_rules(Rule(match="GET /media/*", do="expired"))
        in_the_way.unlink()
        assert (await finished(client, begun))["status"] == "succeeded"
    assert len(heygen.control.ledger("GET /media/*")) == 1
    assert len(heygen.control.ledger(CREATE)) == 1
