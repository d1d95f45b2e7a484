"""What every client sees of the tools, on both eras of the protocol."""

import re
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from mcp.types import TextContent, Tool

from connecting import ERAS, Connect
from facts import called, refusal
from soundstage.app import providers
from soundstage.settings import Settings
from tone import ToneProvider

READS = {"list_voices", "get_generation_status", "list_generations", "list_providers"}
CREATES = {"synthesize_speech", "clone_voice", "create_avatar_video"}
STOPS = {"cancel_generation", "delete_voice"}

UNREADABLE = {"$ref", "$defs", "oneOf", "anyOf", "allOf", "const", "additionalProperties", "format", "title"}


async def listed(connect: Connect, *served: ToneProvider, mode: str = "2026-07-28") -> dict[str, Tool]:
    async with connect(served or None, mode=mode) as client:
        return {tool.name: tool for tool in (await client.list_tools()).tools}


def schema_words(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return {word for item in cast("list[Any]", schema) for word in schema_words(item)}
    if not isinstance(schema, dict):
        return set()
    named = set[str]()
    for key, value in cast("dict[str, Any]", schema).items():
        inner: list[Any] = [*value.values()] if key == "properties" else [value]
        named |= {key} | {word for item in inner for word in schema_words(item)}
    return named


@pytest.mark.parametrize("mode", ERAS)
async def test_every_server_has_these_tools(connect: Connect, mode: str) -> None:
    assert set(await listed(connect, mode=mode)) == READS | CREATES | STOPS


async def test_both_eras_see_the_same_tools(connect: Connect) -> None:
    legacy, modern = [await listed(connect, mode=mode) for mode in ERAS]
    assert legacy == modern


async def test_each_schema_is_one_that_every_client_can_read(connect: Connect, tmp_path: Path) -> None:
    for tools in (await listed(connect), await listed(connect, ToneProvider(tmp_path))):
        for tool in tools.values():
            assert tool.input_schema["type"] == "object"
            for field in tool.input_schema["properties"].values():
                assert "" not in field.get("enum", [])
            for schema in (tool.input_schema, tool.output_schema):
                assert not schema_words(schema) & UNREADABLE, tool.name


async def test_each_parameter_and_each_tool_is_described(connect: Connect) -> None:
    for tool in (await listed(connect)).values():
        assert tool.title
        assert tool.description
        assert not tool.description.startswith(" ")
        assert "\n    " not in tool.description
        for name, field in tool.input_schema.get("properties", {}).items():
            assert field.get("description") or "enum" in field, (tool.name, name)
            assert not isinstance(field["type"], list)


async def test_annotations_are_complete_and_true(connect: Connect) -> None:
    for name, tool in (await listed(connect)).items():
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (name in READS)
        assert tool.annotations.destructive_hint is (name in STOPS)
        # It speaks of what changes something.
        assert tool.annotations.idempotent_hint is (None if name in READS else True)
        assert tool.annotations.open_world_hint is (name != "list_generations")


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_instructions_are_short_and_name_only_tools_that_exist(connect: Connect, mode: str) -> None:
    async with connect(mode=mode) as client:
        said = client.instructions or ""
        tools = (await client.list_tools()).tools
    names = {tool.name for tool in tools}
    fields = [item for tool in tools for item in tool.input_schema["properties"].items()]
    others = {name for name, _ in fields} | {choice for _, field in fields for choice in field.get("enum", [])}
    assert 0 < len(said) < 2000
    assert CREATES < set(re.findall(r"\w+_\w+(?=\()", said)) <= names
    # A word after a colon is a provider's own.
    assert names <= set(re.findall(r"(?<![:\w])\w+_\w+", said)) <= names | others


async def test_a_tool_that_no_provider_is_set_up_for_says_how_to_set_one_up(
    connect: Connect, settings: Settings
) -> None:
    async with connect([one for one in providers(settings) if one.profile.name != "local"]) as client:
        said = await refusal(client, "clone_voice", consent=True, audio="sample.wav", name="Me")
    assert said.startswith("not_configured: No provider that can clone voices is set up.")
    assert "HEDRA_API_KEY" in said


@pytest.mark.parametrize("mode", ERAS)
async def test_every_tool_refuses_an_argument_that_it_does_not_have(connect: Connect, mode: str) -> None:
    async with connect(mode=mode) as client:
        for tool in (await client.list_tools()).tools:
            said = await refusal(client, tool.name, colour="red")
            assert f"`colour` is not an argument of {tool.name}" in said
            assert "pydantic" not in said


@pytest.mark.parametrize("mode", ERAS)
async def test_results_are_one_short_text_and_facts_as_the_schema_promises(
    connect: Connect, tmp_path: Path, mode: str
) -> None:
    tone = ToneProvider(tmp_path)
    tone.finish.set()
    ends = {"Hi.": "succeeded", "fail": "failed", "vague": "needs_attention"}
    async with connect([tone], mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

        async def held(name: str, **arguments: object) -> dict[str, Any]:
            result = await client.call_tool(name, arguments)
            [block] = result.content
            assert isinstance(block, TextContent)
            assert len(block.text) < 2000
            judge: Any = Draft202012Validator(tools[name].output_schema or {})
            judge.validate(result.structured_content)
            return result.structured_content or {}

        for text, status in ends.items():
            begun = await held("synthesize_speech", text=text, voice_id="tone:low")
            ended = await held("get_generation_status", generation_id=begun["generation_id"], wait_seconds=50)
            assert ended["status"] == status
            assert ended["next_step"] or status == "succeeded"
            assert ("error" in ended) is (status != "succeeded")
        also = [one["generation_id"] for one in (await held("list_generations"))["generations"]]
        told = await held("get_generation_status", generation_id=also[0], also=also[1:])
        assert len(told["others"]) == len(ends) - 1
        await held("cancel_generation", generation_id=also[0])
        await held("list_voices")
        await held("list_providers")


async def test_with_two_providers_a_range_is_that_of_the_one_that_is_named(
    connect: Connect, tmp_path: Path
) -> None:
    low, high = ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")
    async with connect([low, high]) as client:
        said = await refusal(client, "synthesize_speech", text="hi", voice_id="low")
        assert "one:…, two:…" in said
        generation = await called(client, "synthesize_speech", text="hi", voice_id="two:low", speed=1.2)
        assert generation["provider"] == "two"
