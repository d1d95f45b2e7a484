"""The same server over stdio to a client of either era: the same assertions, whichever is spoken."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    DiscoverResult,
    PromptReference,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)

from connecting import ERAS
from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from person import NO, YES, Person
from serving import serving
from soundstage import __version__
from soundstage.app import INSTRUCTIONS
from wire import Wire

VERSIONS = {"legacy": "2025-11-25", "2026-07-28": "2026-07-28"}
HALFWAY = [
    {"at": 0, "status": "processing", "progress": 0.25, "eta_sec": 9},
    {"at": 1, "status": "processing", "progress": 0.5, "eta_sec": 3},
    {"at": 2, "status": "complete", "progress": 1.0},
]
VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
CLONE: Mapping[str, Any] = {"audio": "voice-sample.mp3", "name": "Me", "provider": "hedra"}
ORDER = "POST /generations"

pytestmark = pytest.mark.parametrize("mode", ERAS)


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", switches={"scripts": {"*": HALFWAY}}) as emulator:
        yield emulator


async def test_it_says_who_it_is_and_how_it_is_used(tmp_path: Path, mode: str) -> None:
    async with serving(tmp_path, mode=mode) as client:
        if mode != "legacy":
            # A pinned client asks nobody who is there, unless it is told to.
            told = await client.session.send_discover(mode)
            client.session.adopt(DiscoverResult.model_validate(told))
        assert client.protocol_version == VERSIONS[mode]
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("soundstage", __version__)
        assert client.server_info.title == "Soundstage"
        assert client.instructions == INSTRUCTIONS
        served = client.server_capabilities
    assert None not in (served.tools, served.resources, served.prompts, served.completions)


async def listed(client: Client) -> dict[str, list[dict[str, Any]]]:
    """All that the server lists, as it came."""
    found = {
        "tools": (await client.list_tools()).tools,
        "resources": (await client.list_resources()).resources,
        "templates": (await client.list_resource_templates()).resource_templates,
        "prompts": (await client.list_prompts()).prompts,
    }
    return {kind: [one.model_dump(mode="json") for one in several] for kind, several in found.items()}


async def test_it_lists_what_it_lists_in_the_other_era(tmp_path: Path, hedra: Emulator, mode: str) -> None:
    other = next(era for era in ERAS if era != mode)
    async with serving(tmp_path, hedra, mode=mode) as client, serving(tmp_path, hedra, mode=other) as beside:
        found = await listed(client)
        assert found == await listed(beside)
    names = {kind: [one["name"] for one in several] for kind, several in found.items()}
    assert len(names["tools"]) == 9
    assert names["resources"] == ["local", "hedra", "heygen", "speechgen"]
    assert names["templates"] == ["asset", "generation", "provider"]
    assert names["prompts"] == ["narrate_file", "talking_head_intro", "clone_my_voice"]


async def test_a_call_waits_with_progress_and_its_result_is_a_resource(
    tmp_path: Path, hedra: Emulator, mode: str
) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))

    async with serving(tmp_path, hedra, mode=mode) as client:
        arguments = {"text": "Hello.", "voice_id": VOICE, "wait_seconds": 50}
        result = await client.call_tool("synthesize_speech", arguments, progress_callback=on_progress)
        assert result.structured_content is not None
        [text] = result.content
        assert isinstance(text, TextContent)
        assert result.structured_content["status"] == "succeeded"
        assert result.structured_content["generation_id"] in text.text
        uri = f"soundstage://generations/{result.structured_content['generation_id']}"
        [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert json.loads(content.text) == result.structured_content
    values = [progress for progress, _, _ in told]
    assert values == sorted(set(values))
    assert {0.25, 0.5} <= set(values)
    assert {total for _, total, _ in told} == {1.0}
    assert any("s left" in (message or "") for _, _, message in told)


async def test_a_prompt_is_written_and_its_arguments_are_completed(
    tmp_path: Path, hedra: Emulator, mode: str
) -> None:
    async with serving(tmp_path, hedra, mode=mode) as client:
        [message] = (await client.get_prompt("narrate_file", {"path": "a.txt", "voice_id": VOICE})).messages
        voices = await client.complete(
            PromptReference(name="narrate_file"), {"name": "voice_id", "value": "hedra:"}
        )
        template = ResourceTemplateReference(uri="soundstage://providers/{name}")
        providers = await client.complete(template, {"name": "name", "value": "h"})
    assert message.role == "user"
    assert isinstance(message.content, TextContent)
    assert '"a.txt"' in message.content.text
    assert f'"{VOICE}"' in message.content.text
    assert VOICE in voices.completion.values
    assert providers.completion.values == ["hedra", "heygen"]


@pytest.mark.parametrize("answer", [YES, NO], ids=["yes", "no"])
async def test_the_user_is_asked_before_a_voice_is_cloned(
    tmp_path: Path, hedra: Emulator, mode: str, answer: Any
) -> None:
    person = Person(answer)
    async with serving(tmp_path, hedra, mode=mode, person=person) as client:
        if answer is YES:
            cloned = await finished(client, await called(client, "clone_voice", **CLONE))
            assert cloned["voice_id"].startswith("hedra:")
        else:
            said = await refusal(client, "clone_voice", **CLONE, consent=True)
            assert said.startswith("consent_declined: ")
            assert (await called(client, "list_generations"))["generations"] == []
    [question] = person.read
    assert "is sent to Hedra" in question.message
    assert len(hedra.control.ledger(ORDER)) == (1 if answer is YES else 0)


async def test_what_is_wrong_is_told_in_words(tmp_path: Path, mode: str) -> None:
    async with serving(tmp_path, mode=mode) as client:
        assert "`colour` is not an argument" in await refusal(client, "list_voices", colour="red")
        assert "not_configured: " in await refusal(client, "clone_voice", **CLONE)
        wrong = [
            (client.read_resource("soundstage://providers/nobody"), "soundstage://providers/local"),
            (client.read_resource("soundstage://nothing"), "soundstage://providers/{name}"),
            (client.get_prompt("sing", {}), "narrate_file"),
            (client.get_prompt("narrate_file", {}), "needs path"),
            (client.get_prompt("narrate_file", {"path": "a", "tune": "b"}), "path, voice_id"),
            (client.complete(PromptReference(name="sing"), {"name": "path", "value": ""}), "narrate_file"),
        ]
        for call, said in wrong:
            with pytest.raises(MCPError) as refused:
                await call
            assert refused.value.code == INVALID_PARAMS
            assert said in refused.value.message


@pytest.mark.parametrize("ending", ["kill", "close"])
async def test_a_client_that_dies_while_asked_leaves_nothing(
    tmp_path: Path, hedra: Emulator, mode: str, ending: str
) -> None:
    with Wire(tmp_path, hedra, mode, {"form": {}}) as wire:
        wire.call("clone_voice", CLONE)
        assert wire.question()["requestedSchema"]["type"] == "object"
        if ending == "kill":
            wire.process.kill()
        else:
            assert wire.process.stdin
            wire.process.stdin.close()
        wire.process.wait(20)
    async with serving(tmp_path, hedra, mode=mode) as client:
        assert (await called(client, "list_generations"))["generations"] == []
    assert hedra.control.ledger(ORDER) == []


@pytest.mark.parametrize(("declared", "asked"), [({}, True), ({"form": {}}, True), ({"url": {}}, False)])
def test_a_client_is_asked_where_it_shows_forms(
    tmp_path: Path, hedra: Emulator, mode: str, declared: Mapping[str, Any], asked: bool
) -> None:
    with Wire(tmp_path, hedra, mode, declared) as wire:
        wire.call("clone_voice", CLONE)
        if asked:
            assert wire.question()["mode"] == "form"
        else:
            result = wire.read()["result"]
            assert result["isError"] is True
            assert result["content"][0]["text"].startswith("consent_required: ")
