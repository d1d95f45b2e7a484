"""Generations that are found again in the list of them."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import ERAS, Connect
from facts import called, facts_of, finished, refusal, text_of
from following import running, speak
from soundstage.settings import Settings
from tone import ToneProvider


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    return ToneProvider(tmp_path)


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
