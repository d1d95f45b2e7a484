"""The port: what the tools need of the server behind them. No tool imports that server."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel

from soundstage_tools.results import DeletedVoice, Generation, ProviderReport, VoicePage

OnProgress = Callable[[Generation], Awaitable[None]]
"""Called with each new state of a generation while a call waits for it."""

Fields = Mapping[str, object]
"""The arguments whose names, ranges and defaults a provider's profile defines."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one configured provider takes in one tool: a model whose fields carry unit, range and default."""

    provider: str
    fields: type[BaseModel]


@dataclass(frozen=True, slots=True)
class VoiceQuery:
    """Which voices are wanted: an empty string matches everything. `cursor` is `next_cursor` of a page before."""

    provider: str = ""
    language: str = ""
    gender: str = ""
    kind: str = ""
    search: str = ""
    limit: int = 25
    cursor: str = ""


class Studio(Protocol):
    """Voices, generations and providers, in the words of the tools.

    Every method raises `soundstage_tools.errors.StudioError` for a call that cannot be served.
    """

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, the offers of the configured providers, or of those that could be set up where none is."""
        ...

    async def list_voices(self, query: VoiceQuery) -> VoicePage:
        """The voices that match, a page at a time."""
        ...

    async def synthesize_speech(self, *, voice_id: str, idempotency_key: str, fields: Fields) -> Generation:
        """Record a speech generation and return it at once."""
        ...

    async def clone_voice(self, *, audio: str, provider: str, idempotency_key: str, fields: Fields) -> Generation:
        """Record a voice clone generation and return it at once."""
        ...

    async def delete_voice(self, voice_id: str) -> DeletedVoice:
        """Remove a cloned voice from its provider."""
        ...

    async def create_avatar_video(
        self,
        *,
        image: str,
        audio: str,
        text: str,
        voice_id: str,
        model: str,
        idempotency_key: str,
        fields: Fields,
    ) -> Generation:
        """Record an avatar video generation, and that of its speech where `text` is given; return at once."""
        ...

    async def generation(self, generation_id: str) -> Generation:
        """The generation as it is now."""
        ...

    async def follow(self, generation: Generation, wait_seconds: float, on_progress: OnProgress) -> Generation:
        """The generation as it is when it has finished, or when `wait_seconds` are over."""
        ...

    async def cancel_generation(self, generation_id: str) -> Generation:
        """Stop a generation that has not finished; one that has is returned as it is."""
        ...

    async def list_providers(self) -> ProviderReport:
        """Every provider, configured or not."""
        ...
