"""What Soundstage asks of a provider. An adapter implements `Provider`; nothing else is asked of it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from soundstage.providers.profile import Profile
from soundstage_tools.results import AssetRole, GenerationError, Voice


@dataclass(frozen=True, slots=True)
class SpeechWork:
    """Speak `fields["text"]` with `voice`, the provider's own id for it."""

    generation_id: str
    voice: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AvatarWork:
    """Animate `image` (none: the model's own host) with `audio`; `timings` are those of that very audio."""

    generation_id: str
    model: str
    image: Path | None
    audio: Path
    timings: Path | None
    fields: Mapping[str, object]


Work = SpeechWork | AvatarWork


@dataclass(frozen=True, slots=True)
class Standing:
    """Where submitted work is. `lost`: the provider does not know it, and never will."""

    state: Literal["running", "done", "failed", "lost"]
    progress: float = 0.0
    eta_seconds: float | None = None
    provider_status: str = ""
    error: GenerationError | None = None


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that the provider made, which now belongs to the caller."""

    role: AssetRole
    path: Path
    mime_type: str
    duration_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """All that came of a piece of work."""

    files: Sequence[MadeFile]
    warnings: Sequence[str] = ()


class Provider(Protocol):
    """One provider of voices or faces."""

    @property
    def profile(self) -> Profile:
        """Its facts, as they are on this machine now."""
        ...

    async def list_voices(self) -> Sequence[Voice]:
        """Every voice it has."""
        ...

    def check(self, work: SpeechWork) -> None:
        """Refuse what cannot be done, before it is recorded or costs anything.

        Raises:
            soundstage_tools.errors.StudioError: with the choices that there are.
        """
        ...

    async def submit(self, work: Work) -> str:
        """Begin `work` and return the provider's own id for it.

        Raises:
            soundstage_tools.errors.StudioError: it was refused, and nothing began.
        """
        ...

    async def poll(self, job_id: str) -> Standing:
        """Where the work is now."""
        ...

    async def fetch(self, job_id: str) -> Made:
        """The files of work that is done. May be called again until `release`."""
        ...

    async def release(self, job_id: str) -> None:
        """Stop the work if it runs, and drop all that the provider keeps for it here."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Held open while the provider is in use; leaving it stops all work and leaves no process behind."""
        ...
