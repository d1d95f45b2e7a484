"""Voices and providers, with several of them and one that does not answer."""

import re
from pathlib import Path

import pytest

from connecting import Connect
from facts import called, facts_of, refusal, text_of
from soundstage.providers.port import VoiceList, Work
from tone import ToneProvider


@pytest.fixture
def pair(tmp_path: Path) -> list[ToneProvider]:
    return [ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")]


async def test_the_voices_of_all_providers_are_one_list(connect: Connect, pair: list[ToneProvider]) -> None:
    async with connect(pair) as client:
        page = await called(client, "list_voices")
        assert [voice["voice_id"] for voice in page["voices"]] == ["one:low", "one:high", "two:low", "two:high"]
        assert [takes.partition(":")[0] for takes in page["takes"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"language": "en"}, ["one:low", "two:low"]),
        ({"language": "en-GB"}, ["one:low", "two:low"]),
        ({"language": "en_gb"}, ["one:low", "two:low"]),
        ({"language": "English"}, ["one:low", "two:low"]),
        ({"language": "french", "provider": "one"}, ["one:high"]),
        ({"language": "e"}, []),
        ({"gender": "female"}, ["one:high", "two:high"]),
        ({"kind": "cloned"}, []),
        ({"search": "HIGH"}, ["one:high", "two:high"]),
        ({"provider": "two"}, ["two:low", "two:high"]),
        ({"provider": "two", "gender": "male"}, ["two:low"]),
    ],
)
async def test_a_query_narrows_the_list(
    connect: Connect, pair: list[ToneProvider], query: dict[str, str], found: list[str]
) -> None:
    async with connect(pair) as client:
        page = await called(client, "list_voices", **query)
    assert [voice["voice_id"] for voice in page["voices"]] == found
    assert page["total"] == len(found)


async def test_pages_lead_to_the_end_without_a_gap(connect: Connect, pair: list[ToneProvider]) -> None:
    seen: list[str] = []
    cursor = ""
    async with connect(pair) as client:
        while True:
            page = await called(client, "list_voices", limit=3, cursor=cursor)
            seen += [voice["voice_id"] for voice in page["voices"]]
            if "next_cursor" not in page:
                break
            cursor = page["next_cursor"]
    assert seen == ["one:low", "one:high", "two:low", "two:high"]


async def test_a_provider_that_is_down_is_a_warning_beside_the_voices_of_the_others(
    connect: Connect, pair: list[ToneProvider]
) -> None:
    pair[0].unreachable = True
    async with connect(pair) as client:
        page = await called(client, "list_voices")
        told = await client.call_tool("list_providers", {})
    assert [voice["voice_id"] for voice in page["voices"]] == ["two:low", "two:high"]
    assert page["warnings"] == ["one: Tone does not answer. Try later."]
    [down, up] = facts_of(told)["providers"]
    assert [down["voices"], up["voices"]] == [0, 2]
    assert [down["configured"], up["configured"]] == [True, True]
    assert (down["trouble"], down["missing"]) == ("Tone does not answer. Try later.", [])
    assert "trouble" not in up
    [first, second] = [line for line in text_of(told).splitlines() if not line.startswith(" ")]
    assert first.startswith("one: set up, but not usable now: Tone does not answer. Try later. Beeps.")
    assert second.startswith("two: ready. Beeps.")


async def test_an_adapter_that_breaks_is_told_as_a_fault_of_ours_beside_the_others(
    connect: Connect, pair: list[ToneProvider], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(ToneProvider):
        async def list_voices(self) -> VoiceList:
            raise KeyError("voices")

        async def check(self, work: Work) -> None:
            raise KeyError(work)

    async with connect([Broken(tmp_path, name="broken"), pair[1]]) as client:
        page = await called(client, "list_voices")
        report = await called(client, "list_providers")
        said = await refusal(client, "synthesize_speech", voice_id="broken:low", text="Hello")
    told = "Soundstage could not read the answer of Broken, a fault of ours. Report it with the server's log."
    assert [voice["voice_id"] for voice in page["voices"]] == ["two:low", "two:high"]
    assert page["warnings"] == [f"broken: {told}"]
    assert [one.get("trouble") for one in report["providers"]] == [told, None]
    assert told in said
    assert [record.levelname for record in caplog.records if "broke" in record.message] == ["ERROR"] * 3


@pytest.mark.parametrize("arguments", [{"cursor": "next"}, {"cursor": "-1"}, {"provider": "three"}])
async def test_what_is_not_there_is_refused(
    connect: Connect, pair: list[ToneProvider], arguments: dict[str, str]
) -> None:
    async with connect(pair) as client:
        await refusal(client, "list_voices", **arguments)


@pytest.mark.parametrize(
    ("query", "warning"),
    [
        (
            {"language": "fr-CA"},
            "No voice that matches is known to speak this language. "
            "They speak fr, en-GB: send one of these as language.",
        ),
        (
            {"language": "French", "gender": "male"},
            "No voice that matches is known to speak this language. "
            "They speak en-GB: send one of these as language.",
        ),
        (
            {"language": "English", "kind": "cloned"},
            "No voice matches, whatever its language. Leave out some of kind, gender and search.",
        ),
    ],
)
async def test_where_no_voice_speaks_a_language_those_that_there_are_are_told(
    connect: Connect, pair: list[ToneProvider], query: dict[str, str], warning: str
) -> None:
    async with connect(pair) as client:
        result = await client.call_tool("list_voices", query)
    assert facts_of(result)["voices"] == []
    assert facts_of(result)["warnings"] == [warning]
    assert f"Note: {warning}" in text_of(result)


@pytest.mark.parametrize("provider", ["three", "ONE", "one:low"])
async def test_a_name_that_a_refusal_tells_is_taken(
    connect: Connect, pair: list[ToneProvider], provider: str
) -> None:
    async with connect(pair) as client:
        said = await refusal(client, "list_voices", provider=provider)
        [told] = re.findall(r"Send one of ([^.]+)\.", said)
        assert told.split(", ") == ["one", "two"]
        for name in told.split(", "):
            assert (await called(client, "list_voices", provider=name))["total"] == 2
