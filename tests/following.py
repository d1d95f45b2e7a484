"""Speeches of the beeping provider, begun and followed."""

from typing import Any

import anyio
from mcp import Client

from facts import called
from tone import ToneProvider


async def speak(client: Client, text: str = "hello", **more: object) -> dict[str, Any]:
    return await called(client, "synthesize_speech", **{"text": text, "voice_id": "tone:low", **more})


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
