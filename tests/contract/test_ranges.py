"""Every boundary of every field that a schema publishes: the edge is taken, one step past it is refused."""

from typing import Any

import pytest

from connecting import Connect
from facts import called, refusal

NEEDED = {"synthesize_speech": {"text": "Hi."}, "create_avatar_video": {"text": "Hi."}, "list_voices": {}}


async def fields(connect: Connect, tool: str) -> dict[str, dict[str, Any]]:
    async with connect() as client:
        [schema] = [one.input_schema for one in (await client.list_tools()).tools if one.name == tool]
    return schema["properties"]


@pytest.mark.parametrize("tool", NEEDED)
async def test_the_edges_of_each_number_are_taken_and_a_step_past_them_is_not(connect: Connect, tool: str) -> None:
    numbers = {name: one for name, one in (await fields(connect, tool)).items() if "minimum" in one}
    assert numbers
    async with connect() as client:
        for name, field in numbers.items():
            step = 1 if field["type"] == "integer" else 0.001
            for past in (field["minimum"] - step, field["maximum"] + step):
                said = await refusal(client, tool, **NEEDED[tool], **{name: past})
                assert f"`{name}` must be a" in said
                assert f"{field['minimum']:g} to {field['maximum']:g}" in said
            for edge in (field["minimum"], field["maximum"]):
                if name != "wait_seconds":
                    begun = await called(client, tool, **NEEDED[tool], **{name: edge})
                    if "generation_id" in begun:
                        await called(client, "cancel_generation", generation_id=begun["generation_id"])


@pytest.mark.parametrize("tool", NEEDED)
async def test_each_choice_is_taken_and_any_other_word_is_told_the_choices(connect: Connect, tool: str) -> None:
    chosen = {name: one["enum"] for name, one in (await fields(connect, tool)).items() if "enum" in one}
    assert chosen
    async with connect() as client:
        for name, choices in chosen.items():
            said = await refusal(client, tool, **NEEDED[tool], **{name: "other"})
            assert all(choice in said for choice in choices)
            for choice in choices:
                begun = await called(client, tool, **NEEDED[tool], **{name: choice})
                if "generation_id" in begun:
                    await called(client, "cancel_generation", generation_id=begun["generation_id"])


async def test_the_longest_text_is_taken_and_one_character_more_is_not(connect: Connect) -> None:
    longest = (await fields(connect, "synthesize_speech"))["text"]["maxLength"]
    text = ("word " * longest)[:longest]
    async with connect() as client:
        begun = await called(client, "synthesize_speech", text=text)
        await called(client, "cancel_generation", generation_id=begun["generation_id"])
        for tool in ("synthesize_speech", "create_avatar_video"):
            said = await refusal(client, tool, text=text + "s")
            assert f"{longest:,}" in said
            assert f"it has {longest + 1:,}" in said
