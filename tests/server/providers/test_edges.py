"""Every edge of every field of the cloud providers: that very value is sent, and nothing a step past it.

What was sent is told by the ledgers. The ranges are the contract's, and Soundstage's own where it has none.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connecting import Connect
from emulators import media
from emulators.heygen_voices import ENGINES
from emulators.server import Emulator, emulating
from facts import called, finished, refusal
from hedra_calls import STOCK_VOICE, SWIFT
from heygen_calls import ARIA, provided
from soundstage.providers.hedra import profile as hedra
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.providers.heygen import profile as heygen
from soundstage.providers.port import Provider
from soundstage.providers.profile import Profile
from soundstage.providers.speechgen import profile as speechgen
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access

ABSENT = object()
ACCOUNT = "one@example.invalid"


@dataclass(frozen=True)
class Field:
    """A field of a tool: values that are taken, each with what is sent as `native`, and values that are not."""

    native: str
    sent: Sequence[tuple[Any, Any]]
    past: Sequence[Any]


def within(native: str, *edges: float, step: float, factor: float = 1) -> Field:
    lowest, highest = edges[0], edges[-1]
    return Field(native, [(edge, edge * factor) for edge in edges], [lowest - step, highest + step])


def words(native: str, longest: int, shortest: int = 1) -> Field:
    lengths = {shortest, longest}
    past = ["" for _ in range(shortest)][:1]
    return Field(native, [("x" * length, "x" * length) for length in lengths], [*past, "x" * (longest + 1)])


def choice(native: str, *choices: str, past: str = "other") -> Field:
    return Field(native, [(one, one) for one in choices], [past])


HEDRA_VIDEO = "generated_video_inputs"
FIELDS: Mapping[tuple[str, str], Mapping[str, Field]] = {
    ("hedra", "synthesize_speech"): {
        "text": words("text", 20_000),
        "speed": within("speed", 0.7, 1.2, step=0.001),
        "stability": within("stability", 0.0, 1.0, step=0.001),
        "language": Field("language", [("Afrikaans", "Afrikaans"), ("auto", "auto")], ["Klingon", "x" * 36]),
    },
    ("hedra", "clone_voice"): {"name": words("name", 255)},
    ("hedra", "create_avatar_video"): {
        "prompt": Field(f"{HEDRA_VIDEO}.text_prompt", [("x", "x"), ("x" * 2000, "x" * 2000)], [" ", "x" * 2001]),
        "aspect_ratio": choice(f"{HEDRA_VIDEO}.aspect_ratio", "16:9", "9:16", "1:1", past="4:3"),
        "resolution": choice(f"{HEDRA_VIDEO}.resolution", "540p", "720p", "1080p", past="4k"),
        "duration_ms": Field(
            f"{HEDRA_VIDEO}.duration_ms", [(0, ABSENT), (1, 1), (600_000, 600_000)], [-1, 600_001]
        ),
        "bounding_box_target": Field(
            f"{HEDRA_VIDEO}.bounding_box_target",
            [([0, 0], [0, 0]), ([1, 1], [1, 1])],
            [[0.5], [0, 0, 0], [-0.001, 0], [0, 1.001]],
        ),
    },
    ("heygen", "synthesize_speech"): {
        "text": words("prompt", 5000),
        "speed": within("speed", 0.5, 1.5, step=0.001, factor=100),
        "pitch": within("pitch", -100, 100, step=0.1),
        "volume": within("volume", 0, 1, step=0.001, factor=100),
        "language": choice("language_code", "en-US", "es-ES", past="tlh"),
        "emotion": choice("emotion", "happy", "neutral", past="angry"),
        "engine": choice("engine", "auto", "aws", "azure", past=ENGINES[-1]),
        "email": Field("email", [(ACCOUNT, ACCOUNT)], ["x" * 255]),
    },
    ("speechgen", "synthesize_speech"): {
        "text": words("text", 20_000),
        "speed": within("speed", 0.1, 10, step=0.001),
        "pitch": within("pitch", -100, 100, step=0.001),
        "format": choice("format", "mp3", "wav", "ogg", past="flac"),
    },
    ("speechgen", "clone_voice"): {
        "name": words("name", 100),
        "description": Field("description", [("x" * 500, "x" * 500)], ["x" * 501]),
        "enhance_quality": Field("enhance_quality", [(True, "true"), (False, "false")], ["yes"]),
    },
    ("speechgen", "delete_voice"): {},
}
CASES = [(*key, name) for key, fields in FIELDS.items() for name in fields]
NOBODY = Access("", "")
PROFILES: tuple[Profile, ...] = (
    hedra.profile(NOBODY, "", 0.0),
    heygen.profile(NOBODY, "", "", 0.0),
    speechgen.profile(NOBODY, ""),
)
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "clone_voice": {"audio": "sample.mp3", "name": "Me", "consent": True},
    "create_avatar_video": {"image": "portrait.png", "audio": "speech.mp3", "model": "hedra:avatar"},
    "synthesize_speech": {"text": "Hi."},
}
VOICES = {"hedra": f"hedra:{STOCK_VOICE}", "heygen": ARIA, "speechgen": "speechgen:en-US-Neural2-A"}
ORDERS = {
    "hedra": "POST /generations",
    "heygen": "POST /tts/create",
    ("speechgen", "synthesize_speech"): "POST /text-to-speech",
    ("speechgen", "clone_voice"): "POST /voice-clone",
}
SWITCHES: Mapping[str, dict[str, Any]] = {
    "hedra": {"scripts": {"*": SWIFT}},
    "heygen": {"accounts": [ACCOUNT]},
    "speechgen": {"processing_polls": 0},
}


@pytest.fixture
def emulator(name: str) -> Generator[Emulator]:
    with emulating(name, switches=SWITCHES[name]) as emulator:
        yield emulator


def provider(emulator: Emulator, folder: Path) -> Provider:
    access = Access(emulator.base_url, emulator.key)
    match emulator.provider:
        case "hedra":
            return HedraProvider(access, folder / "jobs", listing_seconds=1.0)
        case "heygen":
            return provided(emulator, folder)
        case _:
            return SpeechGenProvider(access, folder / "jobs", look_seconds=0.0)


def ordered(emulator: Emulator, match: str, native: str, after: int) -> object:
    """What the orders since then say of a member, at whatever depth; the parts of a text in one."""
    found: list[Any] = []
    for entry in emulator.control.ledger(match, after):
        parts = {part["name"]: part["text"] for part in entry.get("parts") or ()}
        value: Any = parts or entry["json"]
        for step in native.split("."):
            value = value.get(step, ABSENT)
        found.append(value)
    return "".join(found) if native == "prompt" else found[0] if len(found) == 1 else found


def test_every_field_of_every_cloud_provider_has_its_edges_here() -> None:
    told = {
        (profile.name, tool): set(fields.model_fields)
        for profile in PROFILES
        for tool, fields in profile.offers.items()
    }
    assert told == {key: set(fields) for key, fields in FIELDS.items()}


@pytest.mark.parametrize(("name", "tool", "field"), CASES)
async def test_an_edge_is_sent_as_it_is_and_a_step_past_it_is_not_sent(
    connect: Connect, tmp_path: Path, emulator: Emulator, name: str, tool: str, field: str
) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "portrait.png").write_bytes(media.png(64, 64))
    (workspace / "speech.mp3").write_bytes(media.sound("mp3", 1.0))
    (workspace / "sample.mp3").write_bytes(media.sound("mp3", 12.0))
    edges = FIELDS[name, tool][field]
    needed = dict(NEEDED[tool])
    if tool == "synthesize_speech":
        needed["voice_id"] = VOICES[name]
    if field == "bounding_box_target":
        needed["model"] = "hedra:character-3"
    match = ORDERS.get((name, tool)) or ORDERS[name]
    async with connect([provider(emulator, tmp_path)]) as client:
        for value in edges.past:
            assert f"`{field}`" in await refusal(client, tool, **{**needed, field: value})
        assert emulator.control.ledger("POST *") == []
        for value, native in edges.sent:
            before = max((entry["n"] for entry in emulator.control.ledger()), default=0)
            done = await finished(client, await called(client, tool, **{**needed, field: value}))
            assert done["status"] == "succeeded", done
            sent = ordered(emulator, match, edges.native, before)
            assert sent is native if native is ABSENT else sent == native
