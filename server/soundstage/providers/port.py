"""What Soundstage asks of a provider. An adapter implements `Provider`; nothing else is asked of it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from soundstage.providers.profile import Profile
from soundstage_tools.results import AssetRole, GenerationError, GenerationKind, Likeness, Voice


@dataclass(frozen=True, slots=True)
class SpeechWork:
    """Speak `fields["text"]` with `voice`, the provider's own id for it.

    `cloned_by` is the provider's id of the job by which this account cloned that voice, where that is known and
    the voice was not deleted since; then it is there, whatever the provider's lists say.
    `anew`: the user wants another take of it, not one that the provider has kept.
    """

    generation_id: str
    voice: str
    fields: Mapping[str, object]
    cloned_by: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class CloneWork:
    """Make a voice like the one in `audio`; `fields` hold its `name`.

    `consent`: by what it was `given`, "elicitation" or "argument", and `at` what time, ISO 8601 in UTC.
    """

    generation_id: str
    audio: Path
    fields: Mapping[str, object]
    consent: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class AvatarWork:
    """Animate `image` (none: the model's own host) with `audio`; `timings` are those of that very audio.

    `says` stands in place of the audio where the provider's profile `speaks_inline`. Neither is there while the
    work is only checked and its speech is yet to be made.
    """

    generation_id: str
    model: str
    image: Path | None
    fields: Mapping[str, object]
    audio: Path | None = None
    timings: Path | None = None
    says: SpeechWork | None = None


Work = SpeechWork | CloneWork | AvatarWork


@dataclass(frozen=True, slots=True)
class Submission:
    """The request that begins work, and may be charged; or several, one after the other.

    `send` makes the next one that is not answered yet. It returns the provider's own id for the job, or nothing
    while there are more to be made: between two of them the user may stop the work, or the server end. `trace`: by
    what the provider's lists show it, for `FindsJobs`.

    `send` raises:
        soundstage_tools.errors.Unavailable: it was not accepted, and may be made again later.
        soundstage_tools.errors.OutcomeUnknown: it may have been accepted.
        soundstage_tools.errors.StudioError: it was refused, and nothing began.
        SpeakFirst: as below.
    """

    send: Callable[[], Awaitable[str]]
    trace: Mapping[str, object] = field(default_factory=dict[str, object])


class SpeakFirst(Exception):
    """The provider does not speak what a video says on this account: the speech is to be made by itself first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where submitted work is.

    `lost`: the provider does not know it, which may be taken back for as long as its profile's `settling_seconds`.
    `error` says why it has failed or, where that is known, why it is lost.
    """

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
    """All that came of a piece of work.

    `voice` is the provider's own id of a voice that was cloned; `likeness`, where it was measured, how near to the
    sample it came.
    """

    files: Sequence[MadeFile] = ()
    warnings: Sequence[str] = ()
    voice: str = ""
    likeness: Likeness | None = None


@dataclass(frozen=True, slots=True)
class VoiceList:
    """The voices that a provider tells of; `warnings` say which others there may be, and why it does not."""

    voices: Sequence[Voice]
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider tells of the user's account: what is `left`, and its `prices`, in its own units."""

    left: str = ""
    prices: Sequence[str] = ()


class Provider(Protocol):
    """One provider of voices or faces."""

    @property
    def profile(self) -> Profile:
        """Its facts, as they are on this machine now."""
        ...

    async def list_voices(self) -> VoiceList:
        """Every voice it has.

        Raises:
            soundstage_tools.errors.StudioError: it does not tell.
        """
        ...

    async def check(self, work: Work) -> None:
        """Refuse what cannot be done, before it is recorded or costs anything.

        Raises:
            soundstage_tools.errors.StudioError: with the choices that there are.
        """
        ...

    async def prepare(self, work: Work) -> Submission:
        """Do all that comes before the request that counts, such as uploads. May be repeated at no cost.

        Raises:
            soundstage_tools.errors.Unavailable: not now.
            soundstage_tools.errors.StudioError: it cannot be done.
        """
        ...

    async def poll(self, job_id: str) -> Standing:
        """Where the work is now.

        Raises:
            soundstage_tools.errors.StudioError: as `fetch`. The work goes on.
        """
        ...

    async def fetch(self, job_id: str) -> Made:
        """What came of work that is done. May be called again until `release`.

        Raises:
            soundstage_tools.errors.OutcomeUnknown: it cannot be had again.
            soundstage_tools.errors.Unusable: what came is of no use; another try may bring better.
            soundstage_tools.errors.Unavailable: the network, the provider or the disk is not there now.
            soundstage_tools.errors.StudioError: it is refused.
        """
        ...

    async def release(self, job_id: str) -> None:
        """Stop the work where it can be stopped, and drop all that is kept for it here. Never fails."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Held open while the provider is in use; leaving it stops all work and leaves no process behind."""
        ...


@runtime_checkable
class FindsJobs(Protocol):
    """A provider that can tell whether a submission whose answer was lost has begun a job."""

    async def find(self, trace: Mapping[str, object], taken: Collection[str], submitted_at: float, /) -> str:
        """The id of the job that the submission of this `trace` began; empty if an equal one now costs no more.

        That is so where it is proved that none began, or where the same is not charged twice. `taken` are the ids
        of jobs that belong to other submissions. `submitted_at` is in seconds since 1970 by this machine's clock,
        which may have been set since.

        Raises:
            soundstage_tools.errors.OutcomeUnknown: nobody will ever be able to tell.
            soundstage_tools.errors.StudioError: the provider does not tell now.
        """
        ...


@runtime_checkable
class NamesJobs(Protocol):
    """A provider at which the user can find a job whose id was lost, and name it."""

    async def job_named(self, kind: GenerationKind, job_id: str, trace: Mapping[str, object], /) -> str:
        """The job of this kind that the user knows by this id, by the id that the other methods take.

        `trace` is that of the submission which is to have begun it; empty where none was made.

        Raises:
            soundstage_tools.errors.NotFound: there is none, or it is plainly another submission's.
            soundstage_tools.errors.StudioError: the provider does not tell now.
        """
        ...


@runtime_checkable
class KeepsJobs(Protocol):
    """A provider that keeps something of its jobs on this machine until they are released."""

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove what is old and nobody will release: all but what is kept for jobs and generations of these ids.

        What is less than a day old stays, whatever it is for. Never fails.
        """
        ...


@runtime_checkable
class WorksHere(Protocol):
    """A provider that works in this very process, or in children of it: its jobs are of use to no other."""

    async def abandon(self, job_id: str) -> None:
        """Stop the work, which another process has taken over and begins anew. Never fails."""
        ...

    async def undo(self, generation_id: str) -> None:
        """Remove what the work of a generation that was stopped, or failed, had made by then. Never fails."""
        ...


@runtime_checkable
class TellsMissing(Protocol):
    """A provider of which some work needs more to be installed here than other does."""

    def missing_for(self, work: Work) -> str:
        """What is not installed that `work` needs, with how to add it; empty where nothing is missing.

        Quick, and may be asked in any thread. The speech that a video awaits is not there yet.
        """
        ...


@runtime_checkable
class Estimates(Protocol):
    """A provider that can tell beforehand what work is likely to cost."""

    def estimate(self, work: Work, seconds: float | None) -> float | None:
        """The credits that `work` is likely to cost; None where that is not known.

        `seconds`: how long what a video says is likely to last, where that is known.
        """
        ...


@runtime_checkable
class DeletesVoices(Provider, Protocol):
    """A provider whose profile serves `delete_voice`."""

    async def delete_voice(self, voice: str, job_id: str) -> None:
        """Remove a cloned voice. `job_id` is that of the generation that cloned it; empty where none of ours did.

        Raises:
            soundstage_tools.errors.StudioError: it is not there, or cannot be removed.
        """
        ...


@runtime_checkable
class TellsAccount(Protocol):
    """A provider that tells of the user's account."""

    async def account(self) -> Account:
        """What is left, and what things cost.

        Raises:
            soundstage_tools.errors.StudioError: it does not answer, or refuses the key.
        """
        ...
