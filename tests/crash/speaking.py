"""Speeches ordered from servers that share a home, and what the providers saw of them."""

import json
from collections.abc import Sequence
from typing import Any

from crash.agent import Agent
from emulators.ledger import Entry

HEDRA_VOICE = "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"
HEYGEN_VOICE = "heygen:en-US-AriaNeural"
SPEECHGEN_VOICE = "speechgen:en-US-Neural2-A"
HEDRA_ORDER = "POST /generations"
LONG_WORK = [{"at": 0, "status": "processing", "progress": 0.5}, {"at": 4, "status": "complete", "progress": 1}]


def made_for(words: str, entries: Sequence[Entry]) -> list[Entry]:
    return [one for one in entries if one.get("created") and words in json.dumps(one.get("json"))]


def speak(agent: Agent, words: str, voice: str = HEDRA_VOICE) -> dict[str, Any]:
    return agent.call("synthesize_speech", voice_id=voice, text=words, idempotency_key=f"{voice} {words}")
