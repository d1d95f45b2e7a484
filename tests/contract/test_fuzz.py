"""Calls that are made up from the published schemas, each judged by a JSON Schema validator that is not ours.

`pytest -n 0 --log-cli-level=INFO tests/contract/test_fuzz.py` tells what came of them.
SOUNDSTAGE_FUZZ_CALLS says how many to make.
"""

import logging
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.types import CallToolResult, TextContent, Tool

from emulators import media
from emulators.server import Emulator
from fuzzing import CANARY, Caller, allowed
from soundstage.app import create_server, providers
from soundstage.settings import Access, Caps, Settings
from soundstage_tools.arguments import INVALID, LIMITS, UNUSABLE
from tone import ToneProvider

logger = logging.getLogger(__name__)

CALLS = int(os.environ.get("SOUNDSTAGE_FUZZ_CALLS", "10000"))
LEAKS = re.compile(r"pydantic|traceback|error executing|input_value|exception|object at 0x", re.IGNORECASE)
CAP = Caps(each=100)
"""Of generations: what comes after is refused, when all else has been looked at."""


@pytest.fixture
def capped(settings: Settings) -> Settings:
    """Settings whose workspace holds a portrait and a sample."""
    [workspace] = settings.input_roots
    (workspace / "portrait.png").write_bytes(media.png(256, 256))
    (workspace / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    return replace(settings, generations_cap=CAP)


def caller(seed: int, *names: str) -> Caller:
    """What gets a call past the schema and into the work, where providers of these names are."""
    return Caller(
        seed,
        {
            "text": ["Hello there.", "Hello again.", "fail"],
            "voice_id": [*(f"{name}:low" for name in names), "nobody:low", ""],
            "audio": ["sample.mp3"],
            "image": ["portrait.png"],
            "name": ["Me"],
            "provider": [*names, ""],
            "model": [*(f"{name}:square" for name in names), "hedra:avatar", ""],
            "consent": [True],
            "wait_seconds": [0],
            "idempotency_key": ["", "one", "two"],
            "cursor": [""],
        },
    )


async def test_calls_on_providers_of_two_ranges(capped: Settings, tmp_path: Path) -> None:
    tones = [ToneProvider(tmp_path, name="tone"), ToneProvider(tmp_path, name="two", animates=False)]
    for tone in tones:
        tone.finish.set()
    async with Client(create_server(capped, tones)) as client:
        await judge(client, caller(1, "tone", "two"), CALLS // 2)


async def test_calls_on_the_providers_with_a_key(
    capped: Settings, hedra: Emulator, heygen: Emulator, speechgen: Emulator
) -> None:
    keyed = replace(
        capped,
        hedra=Access(hedra.base_url, hedra.key),
        useapi=Access(heygen.base_url, heygen.key),
        speechgen=Access(speechgen.base_url, speechgen.key),
    )
    served = [one for one in providers(keyed) if one.profile.name != "local"]
    async with Client(create_server(keyed, served)) as client:
        await judge(client, caller(2, "hedra", "heygen", "speechgen"), CALLS // 2)


async def judge(client: Client, made_up: Caller, calls: int) -> None:
    """Make the calls, and hold each answer against what the schemas say of it."""
    tools = (await client.list_tools()).tools
    came: Counter[str] = Counter()
    for turn in range(calls):
        tool = tools[turn % len(tools)]
        arguments = made_up.arguments(tool.input_schema)
        sound = allowed(tool.input_schema, arguments)
        outcome = told(tool, await client.call_tool(tool.name, arguments))
        came[f"{'valid' if sound else 'invalid'}: {outcome}"] += 1
        assert sound or outcome != "served", (tool.name, arguments)
        assert not sound or outcome != INVALID, (tool.name, arguments)
    logger.info("%d calls: %s", calls, dict(came.most_common()))
    assert came["valid: served"] > calls / 20
    assert came[f"invalid: {INVALID}"] > calls / 10


def told(tool: Tool, result: CallToolResult) -> str:
    """The code of a refusal, or that the call was served; either is well formed, and gives nothing away."""
    [block] = result.content
    assert isinstance(block, TextContent)
    assert not LEAKS.search(block.text), block.text
    if not result.is_error:
        validator: Any = Draft202012Validator(tool.output_schema or {})
        validator.validate(result.structured_content)
        return "served"
    assert result.structured_content is None
    code, colon, _ = block.text.partition(": ")
    assert colon
    assert re.fullmatch(r"[a-z_]+", code), block.text
    assert len(block.text) < 3000
    if code in {INVALID, UNUSABLE, LIMITS}:
        assert CANARY not in block.text.replace(f"`{CANARY}", "")
    return code
