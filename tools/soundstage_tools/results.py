"""What the tools give back: flat models. A field that is not known, or does not apply, is absent."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

GenerationKind = Literal["speech", "voice_clone", "avatar_video"]
GenerationStatus = Literal["queued", "processing", "succeeded", "failed", "canceled", "needs_attention"]
Charged = Literal["yes", "no", "unknown"]
AssetRole = Literal["audio", "video", "timings"]


class Result(BaseModel):
    """The base of all that a tool returns: immutable, and closed to fields that the schema does not show."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Voice(Result):
    """A voice that `synthesize_speech` and `create_avatar_video` take."""

    voice_id: str
    name: str
    language: Annotated[str, Field(description="BCP-47 tag")]
    gender: Literal["female", "male", "neutral"]
    kind: Literal["stock", "cloned"] = "stock"
    engines: Annotated[list[str], Field(description="values of engine it takes")] | SkipJsonSchema[None] = None
    emotions: Annotated[list[str], Field(description="values of emotion it takes")] | SkipJsonSchema[None] = None
    preview_url: str | SkipJsonSchema[None] = None


class VoicePage(Result):
    """Some of the voices that match, what each provider's voices take, and how to get the rest."""

    voices: list[Voice]
    total: Annotated[int, Field(description="matches in all")]
    takes: Annotated[list[str], Field(description="per provider: the fields its voices take, with ranges")]
    next_cursor: Annotated[str, Field(description="pass as cursor for more")] | SkipJsonSchema[None] = None
    warnings: list[str] = []


class Asset(Result):
    """A file that a generation made."""

    asset_id: str
    role: AssetRole
    url: str | SkipJsonSchema[None] = None
    gone: Annotated[bool, Field(description="its file is no longer kept")] | SkipJsonSchema[None] = None
    mime_type: str
    bytes: int
    duration_seconds: float | SkipJsonSchema[None] = None


class GenerationError(Result):
    """Why a generation failed, and what to do."""

    code: str
    message: str
    retryable: bool
    next_step: str


class Likeness(Result):
    """What speech in a voice that was cloned here has in common with the sample, as it was measured."""

    similarity: Annotated[float, Field(description="of speaker embeddings, to 1")]
    default_similarity: Annotated[float, Field(description="of the default voice")]
    pitch_error_semitones: float
    spectrum_distance_db: float
    note: str


class Generation(Result):
    """One piece of work, from the call that asked for it to the assets that it made."""

    generation_id: str
    kind: GenerationKind
    provider: str
    status: GenerationStatus
    provider_status: Annotated[str, Field(description="the provider's own word")] | SkipJsonSchema[None] = None
    progress: Annotated[float, Field(description="0 to 1")] = 0.0
    eta_seconds: float | SkipJsonSchema[None] = None
    assets: list[Asset] = []
    voice_id: Annotated[str, Field(description="the voice it cloned")] | SkipJsonSchema[None] = None
    likeness: Likeness | SkipJsonSchema[None] = None
    error: GenerationError | SkipJsonSchema[None] = None
    warnings: list[str] = []
    joined: Annotated[bool, Field(description="an equal request was already there; nothing new began")] = False
    charged: Annotated[Charged, Field(description="whether its provider bills for it")]
    next_step: str

    @property
    def finished(self) -> bool:
        """Whether the generation has come to an end, good or bad."""
        return self.status not in {"queued", "processing"}


class FollowedGeneration(Generation):
    """A generation, and those that were asked after beside it."""

    others: Annotated[list[Generation], Field(description="those of also")] | SkipJsonSchema[None] = None


class ListedGeneration(Result):
    """A generation in brief."""

    generation_id: str
    kind: GenerationKind
    provider: str
    status: GenerationStatus
    progress: Annotated[float, Field(description="0 to 1")]
    charged: Charged
    created_at: Annotated[str, Field(description="ISO 8601, UTC")]
    title: Annotated[str, Field(description="start of its text, or voice's name")] | SkipJsonSchema[None] = None
    voice_id: Annotated[str, Field(description="the voice it cloned")] | SkipJsonSchema[None] = None
    urls: Annotated[list[str], Field(description="of its assets")] = []


class GenerationPage(Result):
    """Some of the generations that match, newest first, and how to get the rest."""

    generations: list[ListedGeneration]
    next_cursor: Annotated[str, Field(description="pass as cursor for more")] | SkipJsonSchema[None] = None


class DeletedVoice(Result):
    """A cloned voice that is there no more."""

    voice_id: str
    next_step: str


class ProviderSummary(Result):
    """A provider: whether it is set up, what it does here, and what it lacks."""

    provider: str
    configured: bool
    description: str
    trouble: (
        Annotated[str, Field(description="why it cannot be used now, though configured")] | (SkipJsonSchema[None])
    ) = None
    tools: Annotated[list[str], Field(description="tools it is set up for")]
    models: list[str] = []
    voices: Annotated[int, Field(description="how many it has")] = 0
    default_voice_id: str | SkipJsonSchema[None] = None
    cost: str
    prices: Annotated[list[str], Field(description="as the provider tells them now")] = []
    left: Annotated[str, Field(description="on the account")] | SkipJsonSchema[None] = None
    missing: Annotated[list[str], Field(description="what is not there, and how to add it")] = []


class ProviderReport(Result):
    """Every provider that this server knows."""

    providers: list[ProviderSummary]
