"""What is not as the schema says, or cannot be used, is refused: in our words, and without repeating it."""

import json
import math
import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from connecting import ERAS, Connect
from emulators import media
from emulators.server import Emulator
from facts import called, refusal
from soundstage.app import create_server, providers
from soundstage.settings import Access, Settings
from tone import ToneProvider

Case = tuple[str, dict[str, object], str]

SAID = "zq7x"
NESTED = json.loads("[" * 100 + f'"{SAID}"' + "]" * 100)
TOO_LONG = SAID * 250_000

INVALID: list[Case] = [
    ("synthesize_speech", {"text": "Hi.", "colour": SAID}, "`colour` is not an argument of synthesize_speech."),
    ("synthesize_speech", {"text": "Hi.", "sped": 1}, "Did you mean `speed`?"),
    ("synthesize_speech", {}, "`text` is required: text of 1 to 1,000 characters."),
    ("synthesize_speech", {"text": 5}, "`text` must be text of 1 to 1,000 characters."),
    ("synthesize_speech", {"text": ""}, "`text` must be text of 1 to 1,000 characters; it has 0."),
    ("synthesize_speech", {"text": TOO_LONG}, "it has 1,000,000."),
    ("synthesize_speech", {"text": NESTED}, "`text` must be text"),
    ("synthesize_speech", {"text": "Hi.", "speed": "1"}, "`speed` must be a number from 0.7 to 1.2."),
    ("synthesize_speech", {"text": "Hi.", "speed": True}, "`speed` must be a number from 0.7 to 1.2."),
    ("synthesize_speech", {"text": "Hi.", "speed": None}, "`speed` must be a number from 0.7 to 1.2."),
    ("synthesize_speech", {"text": "Hi.", "speed": 10**30}, "`speed` must be a number from 0.7 to 1.2."),
    ("synthesize_speech", {"text": "Hi.", "speed": math.nan}, "`speed` must be a number from 0.7 to 1.2"),
    ("synthesize_speech", {"text": "Hi.", "speed": math.inf}, "`speed` must be a number from 0.7 to 1.2"),
    ("synthesize_speech", {"text": "Hi.", "format": SAID}, "`format` must be one of wav, aiff."),
    ("synthesize_speech", {"text": "Hi.", "voice_id": ["tone:low"]}, "`voice_id` must be text."),
    ("synthesize_speech", {"text": "Hi.", "force_new": 1}, "`force_new` must be true or false."),
    ("list_voices", {"limit": "5"}, "`limit` must be a whole number from 1 to 100."),
    ("list_voices", {"limit": 5.5}, "`limit` must be a whole number from 1 to 100."),
    ("list_voices", {"gender": ""}, "`gender` must be one of any, female, male, neutral."),
    (
        "get_generation_status",
        {"generation_id": "gen_x", "also": "gen_y"},
        "`also` must be a list of up to 20 texts.",
    ),
    ("get_generation_status", {"generation_id": "gen_x", "also": ["gen_y"] * 21}, "it has 21."),
    ("clone_voice", {"name": "Me", "audio": "a.wav", "consent": "yes"}, "`consent` must be true or false."),
]

UNUSABLE: list[Case] = [
    ("synthesize_speech", {"text": f"{SAID}\x00"}, "`text` must be plain text"),
    ("synthesize_speech", {"text": f"{SAID}\x1b[2J"}, "`text` must be plain text"),
    ("synthesize_speech", {"text": f"{SAID}\x85"}, "`text` must be plain text"),
    ("synthesize_speech", {"text": f"{SAID}\ud800"}, "broken Unicode"),
    ("synthesize_speech", {"text": " \n ", "voice_id": "tone:low"}, "`text` is empty"),
    ("synthesize_speech", {"text": "Hi.", "speed": 10**400}, "`speed` is too large a number."),
    (
        "synthesize_speech",
        {"text": "Hi.", "voice_id": TOO_LONG},
        "has 1,000,000 characters: at most 255 are taken",
    ),
    (
        "synthesize_speech",
        {"text": "Hi.", "idempotency_key": f"{SAID}\x07"},
        "`idempotency_key` must be plain text",
    ),
    ("list_voices", {"search": f"{SAID}\x7f", "cursor": f"{SAID}\x00"}, "`search`, `cursor` must be plain text"),
    ("create_avatar_video", {"image": f"{SAID}\x00", "text": "Hi."}, "`image` must be plain text"),
    ("clone_voice", {"audio": f"{SAID}\x00", "name": "Me", "consent": True}, "`audio` must be plain text"),
    ("get_generation_status", {"generation_id": "gen_x", "also": [f"{SAID}\x00"]}, "`also` must be plain text"),
]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments", "words", "code"),
    [
        *((*case, "invalid_arguments") for case in INVALID),
        *((*case, "unusable_value") for case in UNUSABLE),
    ],
)
async def test_it_is_refused(
    connect: Connect, tmp_path: Path, mode: str, tool: str, arguments: dict[str, object], words: str, code: str
) -> None:
    async with connect([ToneProvider(tmp_path)], mode=mode) as client:
        said = await refusal(client, tool, **arguments)
    assert said.startswith(f"{code}: ")
    assert words in said
    assert "Nothing was charged" in said
    assert SAID not in said
    assert "pydantic" not in said
    assert len(said) < 700


async def test_a_thousand_faults_are_not_all_told(connect: Connect, tmp_path: Path) -> None:
    async with connect([ToneProvider(tmp_path)]) as client:
        said = await refusal(client, "synthesize_speech", **{f"colour{n}": n for n in range(1000)})
    assert "So much for the first 8 of 1,001 faults." in said


async def test_a_whole_number_may_be_written_with_a_point(connect: Connect, tmp_path: Path) -> None:
    async with connect([ToneProvider(tmp_path)]) as client:
        assert len((await called(client, "list_voices", limit=1.0))["voices"]) == 1


VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
NOTHING = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": list[object]()}


VIDEO = {"audio": "speech.mp3", "image": "portrait.png", "aspect_ratio": "1:1"}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "among all"])
@pytest.mark.parametrize(
    ("tool", "of_its_own", "provider"),
    [
        ("synthesize_speech", {"text": "Hi.", "voice_id": "tone:low", "format": "wav"}, "tone"),
        ("synthesize_speech", {"text": "Hi.", "voice_id": VOICE}, "hedra"),
        ("synthesize_speech", {"text": "Hi.", "voice_id": "speechgen:en-US-Neural2-A"}, "speechgen"),
        ("clone_voice", {"audio": "sample.mp3", "name": "Me", "consent": True, "provider": "hedra"}, "hedra"),
        (
            "clone_voice",
            {"audio": "sample.mp3", "name": "Me", "consent": True, "provider": "speechgen"},
            "speechgen",
        ),
        ("create_avatar_video", {**VIDEO, "model": "hedra:avatar"}, "hedra"),
        ("create_avatar_video", {**VIDEO, "model": "hedra:omnia"}, "hedra"),
        ("create_avatar_video", {**VIDEO, "model": "tone:square"}, "tone"),
    ],
)
async def test_a_client_that_sends_every_argument_there_is_is_served(
    settings: Settings,
    tmp_path: Path,
    hedra: Emulator,
    heygen: Emulator,
    speechgen: Emulator,
    tool: str,
    of_its_own: dict[str, Any],
    provider: str,
    alone: bool,
) -> None:
    """Strict modes make a model send all: each at its default, or as nothing, whoever it may belong to."""
    [workspace] = settings.input_roots
    (workspace / "portrait.png").write_bytes(media.png(256, 256))
    (workspace / "speech.mp3").write_bytes(media.sound("mp3", 3.0))
    (workspace / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    keyed = replace(
        settings,
        hedra=Access(hedra.base_url, hedra.key),
        useapi=Access(heygen.base_url, heygen.key),
        speechgen=Access(speechgen.base_url, speechgen.key),
    )
    every = [*(one for one in providers(keyed) if one.profile.name != "local"), ToneProvider(tmp_path)]
    # What beeps has defaults of its own: beside it, an argument at another's default is no longer at that of all.
    among = {"tone", "hedra"} if provider == "tone" else {"hedra", "heygen", "speechgen"}
    served = [one for one in every if one.profile.name in ({provider} if alone else among)]
    async with Client(create_server(keyed, served)) as client:
        [schema] = [one.input_schema for one in (await client.list_tools()).tools if one.name == tool]
        everything = {
            name: field.get("default", field["enum"][0] if "enum" in field else NOTHING[field["type"]])
            for name, field in schema["properties"].items()
        }
        begun = await called(client, tool, **{**everything, **of_its_own})
    assert begun["provider"] == provider


async def test_what_a_client_adds_to_every_tool_for_itself_is_no_argument(
    connect: Connect, tone: ToneProvider
) -> None:
    """Gemini CLI shows each tool with a `wait_for_previous` of its own, and sends what the model says of it."""
    async with connect([tone]) as client:
        for own in (True, False):
            assert (await called(client, "list_voices", wait_for_previous=own))["voices"]


LITERALS = {
    '{"text": "Hi.", "speed": NaN}': "not infinite or NaN",
    '{"text": "Hi.", "speed": -Infinity}': "not infinite or NaN",
    '{"text": "Hi.", "speed": 1e999}': "not infinite or NaN",
    '{"text": "Hi.", "speed": %s}' % ("9" * 400): "`speed` is too large a number",
    '{"text": "Hi.", "speed": 1, "speed": "5"}': "`speed` must be a number",
    '{"text": "%s"}' % ("a" * 10**6): "it has 1,000,000",
    '{"text": %s}' % ("[" * 150 + "]" * 150): "`text` must be text",
    '{"text": "Hi\\u0000"}': "`text` must be plain text",
    '{"text": "Hi \\ud83d"}': "broken Unicode",
    "null": "`text` is required",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[subprocess.Popen[str]]:
    """A server process of the 2025-11-25 era, on bare pipes."""
    home = tmp_path_factory.mktemp("home")
    with subprocess.Popen(
        [sys.executable, "-m", "soundstage"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"SOUNDSTAGE_HOME": str(home)},
        text=True,
    ) as process:
        client = {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "raw", "version": "1"},
        }
        asked(process, "initialize", json.dumps(client))
        yield process
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 0


def asked(process: subprocess.Popen[str], method: str, params: str) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(f'{{"jsonrpc": "2.0", "id": 1, "method": "{method}", "params": {params}}}\n')
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize(("literal", "words"), LITERALS.items(), ids=[literal[:40] for literal in LITERALS])
def test_what_is_barely_json_is_refused_over_stdio(
    server: subprocess.Popen[str], literal: str, words: str
) -> None:
    result = asked(server, "tools/call", f'{{"name": "synthesize_speech", "arguments": {literal}}}')["result"]
    assert result["isError"] is True
    assert words in result["content"][0]["text"]
