"""Calls for speech of HeyGen's, and what came of them."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mcp import Client

from emulators.server import Emulator
from facts import called, finished
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.settings import Access

ARIA = "heygen:en-US-AriaNeural"
JAMES = "heygen:1bd001e7e50f421d891986aad5c8bbd2"
CREATE = "POST /tts/create"


def provided(emulator: Emulator, folder: Path, email: str = "") -> HeyGenProvider:
    return HeyGenProvider(Access(emulator.base_url, emulator.key), folder / "jobs", email, listing_seconds=0.2)


def bodies(emulator: Emulator) -> list[dict[str, Any]]:
    return [entry["json"] for entry in emulator.control.ledger(CREATE)]


def asset(generation: dict[str, Any], role: str) -> tuple[dict[str, Any], Path]:
    found = next(one for one in generation["assets"] if one["role"] == role)
    return found, Path(url2pathname(urlsplit(str(found["url"])).path))


async def spoken(client: Client, **arguments: object) -> dict[str, Any]:
    arguments = {"text": "Hello, world!", "voice_id": ARIA, **arguments}
    return await finished(client, await called(client, "synthesize_speech", **arguments))


async def failure(client: Client, **arguments: object) -> dict[str, Any]:
    """The error of a speech that was begun and went wrong."""
    ended = await spoken(client, **arguments)
    assert ended["status"] == "failed"
    return ended["error"]


def long_text(length: int) -> str:
    """Sentences of many lengths, exactly so many characters of them."""
    text, number = "", 0
    while len(text) < length:
        number += 1
        text += f"Sentence {number} goes on for {'many extraordinarily longwinded words or ' * (number % 4)}two. "
    return text[: length - 1].rstrip().ljust(length - 1, "o") + "."
