"""The port: what the tools need of the server behind them. No tool imports that server."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel

from soundstage_tools.results import DeletedVoice, Generation, GenerationPage, ProviderReport, VoicePage
from soundstage_tools.sheets import ProviderSheet

OnProgress = Callable[[Sequence[Generation]], Awaitable[None]]
"""Called with each new state of the generations that a call waits for."""

WaitFor = Literal["all", "any"]

ConsentSource = Literal["elicitation", "argument"]
"""Who says that the speaker agreed: the user, whom the client asked, or an argument of the call."""

Fields = Mapping[str, object]
"""The arguments whose names, ranges and defaults a provider's profile defines."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one configured provider takes in one tool: a model whose fields carry unit, range and default."""

    provider: str
    fields: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Repeat:
    """What is to happen where an equal request is there already.

    The same `idempotency_key` always names the same generation. Without one an equal request is joined that is
    unfinished or has just succeeded. With a new key too, one is joined that needs attention; unless `force_new`.
    """

    idempotency_key: str = ""
    force_new: bool = False


@dataclass(frozen=True, slots=True)
class CloneRequest:
    """A voice that is about to be cloned, as its speaker or the user needs to know it.

    `audio`: the sample as the caller named it. `name`: what the voice is to be called. `sent_to`: to whom the
    sample goes; empty where it stays on this machine. `kept`: whether it is to be kept with the voice.
    `removable`: whether delete_voice can remove the voice.
    `fingerprint`: equal for equal requests.
    """

    audio: str
    name: str
    sent_to: str
    kept: bool
    removable: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a speaker agreed, and `by` what that is known.

    `answer_id` names the answer of a user that a client could send again: it allows one voice. Else it is empty.
    """

    by: ConsentSource
    answer_id: str = ""


class Consent(Protocol):
    """How it is confirmed that a speaker agreed to the cloning of their voice."""

    def expect(self) -> None:
        """Refuse a call that nobody can confirm, before its sample is read."""
        ...

    async def confirmed(self, request: CloneRequest, *, anew: bool = False) -> Confirmation:
        """How the request is confirmed; one that is not is refused.

        `anew`: the answer that came with the call has been used up.
        """
        ...


@dataclass(frozen=True, slots=True)
class AssetContent:
    """What is in an asset's file."""

    mime_type: str
    content: bytes


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


@dataclass(frozen=True, slots=True)
class GenerationQuery:
    """Which generations are wanted: an empty string matches everything. `cursor` is that of a page before."""

    status: str = ""
    kind: str = ""
    provider: str = ""
    search: str = ""
    limit: int = 20
    cursor: str = ""


class Studio(Protocol):
    """Voices, generations and providers, in the words of the tools.

    Every method raises `soundstage_tools.errors.StudioError` for a call that cannot be served.
    """

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, the offers of the configured providers, or of those that could be set up where none is."""
        ...

    def provider_sheets(self) -> Mapping[str, ProviderSheet]:
        """By name, all that is known of each provider, configured or not."""
        ...

    async def list_voices(self, query: VoiceQuery) -> VoicePage:
        """The voices that match, a page at a time."""
        ...

    async def synthesize_speech(self, *, voice_id: str, repeat: Repeat, fields: Fields) -> Generation:
        """Record a speech generation and return it at once."""
        ...

    async def clone_voice(
        self, *, audio: str, provider: str, consent: Consent, repeat: Repeat, fields: Fields
    ) -> Generation:
        """Record a voice clone generation and return it at once. Where an equal one is there, nobody is asked."""
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
        repeat: Repeat,
        fields: Fields,
    ) -> Generation:
        """Record an avatar video generation, and that of its speech where `text` is given; return at once."""
        ...

    async def generations(self, generation_ids: Sequence[str]) -> Sequence[Generation]:
        """The generations of these ids as they are now, in this order."""
        ...

    async def asset(self, asset_id: str, max_bytes: int) -> AssetContent:
        """The content of an asset of at most `max_bytes`; of a larger one the refusal says where its file is."""
        ...

    async def follow(
        self,
        generations: Sequence[Generation],
        wait_seconds: float,
        on_progress: OnProgress,
        wait_for: WaitFor = "all",
    ) -> Sequence[Generation]:
        """The generations as they are when all, or any, have finished, or when `wait_seconds` are over.

        Never fails: where the store cannot be read, they are told as they were last seen.
        """
        ...

    async def list_generations(self, query: GenerationQuery) -> GenerationPage:
        """The generations that match, newest first, a page at a time."""
        ...

    async def cancel_generation(self, generation_id: str) -> Generation:
        """Stop a generation that has not finished; one that has is returned as it is."""
        ...

    async def list_providers(self) -> ProviderReport:
        """Every provider, configured or not."""
        ...
