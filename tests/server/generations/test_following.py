"""Generations that are followed, found again and stopped, as an agent does it."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from connecting import ERAS, Connect
from facts import called, facts_of, finished, refusal, text_of
from soundstage.settings import Settings
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


async def speak(client: Client, text: str = "hello", **more: object) -> dict[str, Any]:
    return await called(client, "synthesize_speech", text=text, voice_id="tone:low", **more)


async def status(client: Client, *generations: dict[str, Any], **more: object) -> dict[str, Any]:
    first, *others = [one["generation_id"] for one in generations]
    also = {"also": others} if others else {}
    return await called(client, "get_generation_status", generation_id=first, **also, **more)


async def running(client: Client, tone: ToneProvider, text: str = "hello") -> dict[str, Any]:
    """A generation that its provider is making."""
    begun = await speak(client, text)
    with anyio.fail_after(10):
        while (now := await status(client, begun, wait_seconds=0.1)).get("provider_status") != "beeping":
            pass
    assert tone.submitted
    return now


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
        (["gen_x"] * 21, "`also` must be a list of up to 20 texts, each 1 to 100 characters; it has 21."),
        (["x" * 101], "`also` must be a list of up to 20 texts, each 1 to 100 characters; it has 101."),
        ("gen_x", "`also` must be a list of up to 20 texts, each 1 to 100 characters."),
        ([7], "`also` must be a list of up to 20 texts, each 1 to 100 characters."),
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


async def test_a_cancel_of_what_another_account_pays_for_is_told_at_once_and_done_where_its_key_is(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody is waited for: a wait would never end.
    monkeypatch.setattr("soundstage.studio.CANCEL_SECONDS", math.inf)
    ours = ToneProvider(tmp_path, account="ours")
    async with connect([ours]) as client:
        begun = await running(client, ours)
    async with connect([ToneProvider(tmp_path, account="theirs")]) as client:
        with anyio.fail_after(60):
            told = await called(client, "cancel_generation", generation_id=begun["generation_id"])
    assert (told["status"], told["provider_status"]) == ("processing", "out_of_reach")
    assert told["next_step"].startswith("Nothing failed; it is to be stopped, but not by this server: another")
    async with connect([ours]) as client:
        assert (await finished(client, told))["status"] == "canceled"
    assert ours.released


async def test_each_result_says_whether_it_is_charged(connect: Connect, tmp_path: Path) -> None:
    tone, free = ToneProvider(tmp_path, repeats=0), ToneProvider(tmp_path, name="free", charges=False)
    tone.finish.set()
    free.finish.set()
    async with connect([tone, free]) as client:
        done = await finished(client, await speak(client))
        refused = await finished(client, await speak(client, "refuse"))
        lost = await finished(client, await speak(client, "vague"))
        gift = await finished(client, await called(client, "synthesize_speech", text="hi", voice_id="free:low"))
    assert [one["charged"] for one in (done, refused, lost, gift)] == ["yes", "no", "unknown", "no"]


@pytest.mark.parametrize(
    "arguments",
    [{"text": ""}, {"text": "hi", "voice_id": "tone:none"}, {"text": "hi", "voice_id": "nobody:low"}],
)
async def test_a_refusal_says_once_that_nothing_was_charged(
    connect: Connect, tone: ToneProvider, arguments: dict[str, str]
) -> None:
    async with connect([tone]) as client:
        said = await refusal(client, "synthesize_speech", **arguments)
    assert said.endswith(" Nothing was charged for this call.")
    assert said.count("Nothing was") == 1
    assert tone.submitted == []


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


async def test_a_cancel_says_what_may_still_be_billed(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path, waits_seconds=600.0)
    async with connect([tone]) as client:
        asked = await running(client, tone)
        waiting = await speak(client, "refuse")
        stopped, unasked = [
            await called(client, "cancel_generation", generation_id=one["generation_id"])
            for one in (asked, waiting)
        ]
    assert (stopped["status"], stopped["charged"]) == ("canceled", "yes")
    assert "Tone was asked already; it cannot be stopped there and may be billed." in stopped["next_step"]
    assert (unasked["status"], unasked["charged"]) == ("canceled", "no")
    assert "nothing was charged" in unasked["next_step"]


async def test_the_speech_that_was_made_for_a_video_counts_in_its_price(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        video = await called(client, "create_avatar_video", text="hi", voice_id="low")
        with anyio.fail_after(10):
            while (await status(client, video, wait_seconds=0.1))["charged"] != "yes":
                pass
        stopped = await called(client, "cancel_generation", generation_id=video["generation_id"])
    assert stopped["charged"] == "yes"
    assert "may be billed" in stopped["next_step"]


async def test_a_speech_that_was_there_before_is_no_part_of_a_videos_price(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        speech = await running(client, tone)
        video = await called(client, "create_avatar_video", audio=speech["generation_id"])
        told = await status(client, speech, video)
    assert (told["charged"], told["others"][0]["charged"]) == ("yes", "no")


async def listed(client: Client, **query: object) -> list[dict[str, Any]]:
    return (await called(client, "list_generations", **query))["generations"]


@pytest.mark.parametrize("mode", ERAS)
async def test_lost_handles_are_found_again_newest_first(connect: Connect, tone: ToneProvider, mode: str) -> None:
    tone.finish.set()
    text = "A  first\nline. " + "And so on. " * 20
    async with connect([tone], mode=mode) as client:
        speech = await finished(client, await speak(client, text))
        clone = await finished(
            client, await called(client, "clone_voice", consent=True, audio=speech["generation_id"], name="Me")
        )
        video = await finished(client, await called(client, "create_avatar_video", audio=speech["generation_id"]))
        result = await client.call_tool("list_generations", {})
    found = facts_of(result)["generations"]
    assert [one["generation_id"] for one in found] == [one["generation_id"] for one in (video, clone, speech)]
    assert [one["kind"] for one in found] == ["avatar_video", "voice_clone", "speech"]
    title = "A first line. " + "And so on. " * 20
    assert [one["title"] for one in found] == [title[:60], "Me", title[:60]]
    assert found[1]["voice_id"] == clone["voice_id"]
    assert [one["urls"] for one in found] == [[video["assets"][0]["url"]], [], [speech["assets"][0]["url"]]]
    assert [(one["status"], one["charged"], one["progress"]) for one in found] == [("succeeded", "yes", 1.0)] * 3
    assert all(one["created_at"].endswith("Z") for one in found)
    for one in found:
        assert one["generation_id"] in text_of(result)


async def test_a_cursor_goes_on_where_the_page_ended_whatever_has_come_since(
    connect: Connect, tone: ToneProvider
) -> None:
    async with connect([tone]) as client:
        begun = [(await speak(client, f"text {n}"))["generation_id"] for n in range(5)]
        first = await called(client, "list_generations", limit=2)
        await speak(client, "newer")
        second = await called(client, "list_generations", limit=2, cursor=first["next_cursor"])
        third = await called(client, "list_generations", limit=2, cursor=second["next_cursor"])
    pages = [[one["generation_id"] for one in page["generations"]] for page in (first, second, third)]
    assert pages == [[begun[4], begun[3]], [begun[2], begun[1]], [begun[0]]]
    assert "next_cursor" not in third


@pytest.mark.parametrize("cursor", ["2", "1.0~gen_", "-1.0~gen_x", "nan~gen_x", "1.0~gen_x' OR 1"])
async def test_a_cursor_that_is_none_is_refused(connect: Connect, tone: ToneProvider, cursor: str) -> None:
    async with connect([tone]) as client:
        await speak(client)
        assert (await refusal(client, "list_generations", cursor=cursor)).startswith("unknown_cursor:")


async def test_a_list_is_narrowed_by_what_is_shown(connect: Connect, tmp_path: Path) -> None:
    tone, other = ToneProvider(tmp_path), ToneProvider(tmp_path, name="other")
    other.finish.set()
    async with connect([tone, other]) as client:
        speech = await running(client, tone, "Grüße an ALLE")
        video = await called(client, "create_avatar_video", audio=speech["generation_id"], model="tone:square")
        done = await finished(client, await called(client, "synthesize_speech", text="hi", voice_id="other:high"))
        broken = await finished(client, await speak(client, "fail"))
        wanted: list[tuple[dict[str, object], list[dict[str, Any]]]] = [
            ({}, [broken, done, video, speech]),
            ({"status": "processing"}, [video, speech]),
            ({"status": "queued"}, []),
            ({"status": "failed"}, [broken]),
            ({"kind": "avatar_video"}, [video]),
            ({"provider": "other"}, [done]),
            ({"provider": "tone", "kind": "speech"}, [broken, speech]),
            ({"search": "GRÜSSE AN"}, [video, speech]),
            ({"search": "OTHER:high"}, [done]),
            ({"search": done["generation_id"]}, [done]),
            ({"search": "%"}, []),
        ]
        for query, expected in wanted:
            found = [one["generation_id"] for one in await listed(client, **query)]
            assert found == [one["generation_id"] for one in expected], query


async def test_where_nothing_was_ever_made_the_list_is_empty_and_touches_no_disk(
    connect: Connect, tone: ToneProvider, settings: Settings
) -> None:
    async with connect([tone]) as client:
        result = await client.call_tool("list_generations", {})
    assert facts_of(result) == {"generations": []}
    assert text_of(result) == "No generation matches."
    assert not settings.home.exists()
