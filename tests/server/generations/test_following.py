"""Generations that are followed and stopped, as an agent does it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from connecting import ERAS, Connect
from facts import called, finished, refusal, text_of
from following import running, speak, status
from soundstage.settings import Settings
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


@pytest.mark.parametrize("mode", ERAS)
async def test_several_are_told_in_the_order_in_which_they_were_asked_after(
    connect: Connect, tone: ToneProvider, mode: str
) -> None:
    async with connect([tone], mode=mode) as client:
        one, two, three = [await speak(client, text) for text in ("one", "two", "three")]
        told = await status(client, two, three, one, three, two)
        alone = await status(client, one)
    ids = [told["generation_id"], *(other["generation_id"] for other in told["others"])]
    assert ids == [two["generation_id"], three["generation_id"], one["generation_id"]]
    assert "others" not in alone


async def test_a_wait_for_any_ends_with_the_first_and_a_wait_for_all_with_the_last(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        slow = await running(client, tone, "slow")
        broken = await speak(client, "fail")
        first = await status(client, slow, broken, wait_seconds=50, wait_for="any")
        assert (first["status"], first["others"][0]["status"]) == ("processing", "failed")
        tone.finish.set()
        last = await status(client, slow, broken, wait_seconds=50)
    assert (last["status"], last["others"][0]["status"]) == ("succeeded", "failed")


async def test_progress_over_several_is_their_mean_and_only_rises(connect: Connect, tone: ToneProvider) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with connect([tone]) as client:
        begun = [await running(client, tone, text) for text in ("one", "two")]
        result = await client.call_tool(
            "get_generation_status",
            {
                "generation_id": begun[0]["generation_id"],
                "also": [begun[1]["generation_id"]],
                "wait_seconds": 1,
            },
            progress_callback=on_progress,
        )
        assert not result.is_error
        assert "Nothing failed" in text_of(result)
        tone.progress = 0.75
        one = await client.call_tool(
            "get_generation_status",
            {
                "generation_id": begun[0]["generation_id"],
                "also": [begun[1]["generation_id"]],
                "wait_seconds": 2,
            },
            progress_callback=on_progress,
        )
        assert not one.is_error
    assert heard[0] == (0.25, 1.0, "0 of 2 ended, about 7 s left")
    assert heard[-1] == (0.75, 1.0, "0 of 2 ended, about 7 s left")


async def test_an_unknown_one_among_several_is_named(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        begun = await speak(client)
        said = await refusal(
            client, "get_generation_status", generation_id=begun["generation_id"], also=["gen_none\n"]
        )
    assert said.startswith("unknown_generation: No generation has the id 'gen_none\\n'")
    assert "list_generations" in said


@pytest.mark.parametrize(
    ("also", "said"),
    [
        (["gen_x"] * 21, "`also` must be a list of up to 20 texts; it has 21."),
        (["x" * 256], "`also` has 256 characters: at most 255 are taken"),
        ("gen_x", "`also` must be a list of up to 20 texts."),
        ([7], "`also` must be a list of up to 20 texts."),
    ],
)
async def test_what_is_no_list_of_handles_is_refused(
    connect: Connect, tone: ToneProvider, also: object, said: str
) -> None:
    async with connect([tone]) as client:
        assert said in await refusal(client, "get_generation_status", generation_id="gen_x", also=also)


async def test_what_is_unfinished_says_what_it_waits_for(connect: Connect, tone: ToneProvider) -> None:
    async with connect([tone]) as client:
        speech = await running(client, tone)
        video = await called(client, "create_avatar_video", audio=speech["generation_id"])
        waiting = await status(client, video)
    assert speech["next_step"].startswith("Nothing failed; still processing: Tone is making it. Call get_gen")
    speaking = f"its speech {speech['generation_id']} comes first, and Tone is making it."
    assert waiting["next_step"].startswith(f"Nothing failed; still processing: {speaking}")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"account": "theirs"}, "another account's key for Tone began it. Start Soundstage with that key."),
        (
            {"account": "", "serves": frozenset[str](), "missing": ("an API key; set TONE_API_KEY",)},
            "Tone lacks an API key; set TONE_API_KEY.",
        ),
        ({"name": "other"}, "no provider tone is installed here."),
    ],
)
async def test_what_this_server_cannot_advance_says_so_and_what_to_set(
    connect: Connect, tmp_path: Path, facts: dict[str, Any], said: str
) -> None:
    ours = ToneProvider(tmp_path, account="ours")
    async with connect([ours]) as client:
        begun = await running(client, ours)
    async with connect([ToneProvider(tmp_path, **facts)]) as client:
        told = await status(client, begun, wait_seconds=1)
        assert (told["status"], told["provider_status"], told["charged"]) == ("processing", "out_of_reach", "yes")
        assert told["next_step"].startswith(f"Nothing failed; still processing, but not by this server: {said}")
        assert "do not ask for it anew" in told["next_step"]
    ours.finish.set()
    async with connect([ours]) as client:
        assert (await finished(client, told))["status"] == "succeeded"


async def test_what_has_begun_is_no_refusal_when_the_store_cannot_be_read_while_it_is_awaited(
    connect: Connect, tone: ToneProvider, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soundstage.generations.sqlite.database.BUSY_SECONDS", 0.05)
    told: list[dict[str, Any]] = []

    async def wait(client: Client) -> None:
        told.append(await speak(client, wait_seconds=2))

    async with connect([tone]) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(wait, client)
        await tone.submitting.wait()
        with closing(sqlite3.connect(settings.home / "state.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with anyio.fail_after(30):
                while not told:
                    await anyio.lowlevel.checkpoint()
        tone.finish.set()
        assert (await finished(client, told[0]))["status"] == "succeeded"
    assert told[0]["status"] in {"queued", "processing"}
    assert len(tone.submitted) == 1
