"""The embedded engine as a provider: its profile on this machine, its voices, and work for the child processes."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import anyio.to_thread

from soundstage.extras import install_command
from soundstage.files import Unwritable, unwritable
from soundstage.mime_types import MIME_TYPES
from soundstage.providers.local import weights
from soundstage.providers.local.catalogue import Catalogue
from soundstage.providers.local.clones import read_clone
from soundstage.providers.local.engine import Engine
from soundstage.providers.local.jobs import AvatarJob, CloneJob, EngineError, SpeechJob
from soundstage.providers.local.orders import order
from soundstage.providers.local.profile import (
    COST,
    DESCRIPTION,
    NAME,
    PORTRAIT,
    LocalAvatar,
    LocalClone,
    LocalDelete,
    LocalSpeech,
)
from soundstage.providers.local.text import check_text
from soundstage.providers.local.voice_folder import VoiceFolder, clone_name
from soundstage.providers.port import (
    AvatarWork,
    CloneWork,
    Made,
    MadeFile,
    SpeechWork,
    Standing,
    Submission,
    VoiceList,
    Work,
)
from soundstage.providers.profile import Fields, Model, Profile
from soundstage.providers.samples import check_sample
from soundstage_tools.errors import BadRequest, Unavailable
from soundstage_tools.results import AssetRole, GenerationError, Likeness

POLL_SECONDS = 0.25
DEADLINE_SECONDS = 24 * 3600.0
FREE_REPEATS = 1000
"""What is free is begun anew each time a server took it with it to its end."""

LIKENESS_NOTE = (
    "adapted voice: resembles the speaker's sex, pitch and timbre, not an identity copy; speaks English"
)

_RETRYABLE = {"engine_stopped", "out_of_memory", "sample_missing", "voice_not_written"}


class LocalProvider:
    """Implements `soundstage.providers.port.Provider` on this machine's CPU."""

    def __init__(self, work_folder: Path, voices_folder: Path) -> None:
        self._engine = Engine(work_folder)
        self._voices = VoiceFolder(voices_folder)
        self._catalogue = Catalogue(self._voices)
        self._profile = _profile(self._catalogue)

    @property
    def profile(self) -> Profile:
        """Its facts: what is installed decides what is offered."""
        return self._profile

    async def list_voices(self) -> VoiceList:
        """The voices that can speak with what is installed, and those that were cloned on this machine."""
        return VoiceList(await anyio.to_thread.run_sync(self._catalogue.all))

    async def check(self, work: Work) -> None:
        """Refuse a voice that is not there, a text that it cannot read, and a file that is no sample."""
        match work:
            case SpeechWork():
                language = await anyio.to_thread.run_sync(self._catalogue.language_of, work.voice)
                try:
                    check_text(str(work.fields["text"]), language)
                except EngineError as error:
                    raise BadRequest(code=error.code, message=error.message, next_step=error.next_step) from None
            case CloneWork():
                await check_sample(work.audio, "the local engine")
            case AvatarWork():
                pass

    def missing_for(self, work: Work) -> str:
        """The distributions that are not installed of those that the voice, cloning or animating needs."""
        match work:
            case SpeechWork():
                absent = self._catalogue.missing_for(work.voice)
            case CloneWork():
                absent = weights.missing(weights.CLONING)
            case AvatarWork():
                absent = weights.missing(weights.AVATAR_RUNTIME)
        return _to_install(absent) if absent else ""

    async def prepare(self, work: Work) -> Submission:
        """Nothing is needed before the job is queued for the engine.

        The submission raises StudioError where the work folder cannot be written.
        """

        async def submit() -> str:
            try:
                return await self._engine.begin(*order(work, self._voices))
            except OSError:
                raise unwritable() from None

        return Submission(submit)

    async def poll(self, job_id: str) -> Standing:
        """Where the job is; `lost` if it was begun by a process that is gone."""
        job = self._engine.job(job_id)
        if job is None:
            return Standing("lost")
        if job.error:
            return Standing("failed", error=_as_error(job.error))
        if job.outcome:
            return Standing("done", progress=1.0)
        return Standing(
            "running",
            progress=job.progress,
            eta_seconds=job.eta_seconds,
            provider_status="rendering" if job.started else "waiting for the engine",
        )

    async def fetch(self, job_id: str) -> Made:
        """The files of a job that is done, or the voice that it made."""
        job = self._engine.job(job_id)
        assert job is not None and job.outcome is not None, "fetched before it was done"
        outcome = job.outcome
        match job.job:
            case SpeechJob(audio_path=audio, timings_path=timings):
                files = [
                    _made("audio", audio, outcome.duration_seconds),
                    _made("timings", timings, outcome.duration_seconds),
                ]
            case AvatarJob(video_path=video):
                files = [_made("video", video, outcome.duration_seconds)]
            case CloneJob(voice_path=voice):
                likeness = await self._keep(voice)
                return Made((), outcome.warnings, voice=voice.stem, likeness=likeness)
        return Made(files, outcome.warnings)

    async def _keep(self, made: Path) -> Likeness:
        try:
            await anyio.to_thread.run_sync(self._voices.keep, made)
        except (OSError, Unwritable):
            raise unwritable() from None
        voice = await anyio.to_thread.run_sync(read_clone, made)
        assert voice is not None, "the engine wrote the voice"
        return Likeness(**asdict(voice.reached), note=LIKENESS_NOTE)

    async def delete_voice(self, voice: str, _job_id: str) -> None:
        """Remove a cloned voice, and its sample where that was kept. Speech that was made with it stays."""
        try:
            await anyio.to_thread.run_sync(self._catalogue.delete, voice)
        except OSError:
            raise Unavailable(
                code="voice_not_deleted",
                message="The files of the voice cannot be removed: the system does not allow it.",
                next_step="Have the folder of the voices in Soundstage's home made writable, and call again.",
            ) from None

    async def release(self, job_id: str) -> None:
        """Stop the job if it runs, and remove its folder."""
        await self._engine.release(job_id)

    async def abandon(self, job_id: str) -> None:
        """Stop the job, which is of use to this process alone."""
        await self._engine.release(job_id)

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the old folders of all other jobs."""
        await self._engine.sweep(needed)

    async def undo(self, generation_id: str) -> None:
        """Remove the voice that was kept before its generation was stopped or failed."""
        with suppress(OSError):
            await anyio.to_thread.run_sync(self._voices.remove, clone_name(generation_id))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take work until left; no child process and no folder of a job outlives it."""
        await anyio.to_thread.run_sync(self._voices.sweep)
        async with self._engine.running():
            yield


def _made(role: AssetRole, path: Path, duration_seconds: float) -> MadeFile:
    return MadeFile(role, path, MIME_TYPES[path.suffix], duration_seconds)


def _as_error(error: EngineError) -> GenerationError:
    return GenerationError(
        code=error.code,
        message=error.message,
        retryable=error.code in _RETRYABLE,
        next_step=error.next_step,
    )


def _profile(catalogue: Catalogue) -> Profile:
    offers: dict[str, type[Fields]] = {
        "synthesize_speech": LocalSpeech,
        "clone_voice": LocalClone,
        "create_avatar_video": LocalAvatar,
        "delete_voice": LocalDelete,
    }
    there = {
        "synthesize_speech": bool(catalogue.stock),
        "clone_voice": catalogue.clones,
        "create_avatar_video": not weights.missing(weights.AVATAR_RUNTIME),
        "delete_voice": catalogue.deletes,
    }
    return Profile(
        name=NAME,
        title="The local engine",
        description=DESCRIPTION,
        cost=COST,
        offers=offers,
        serves=frozenset(tool for tool, served in there.items() if served),
        repeats=FREE_REPEATS,
        charges=False,
        account="",
        poll_seconds=POLL_SECONDS,
        slowest_poll_seconds=POLL_SECONDS,
        deadline_seconds=DEADLINE_SECONDS,
        on_this_machine=True,
        models=(Model(PORTRAIT),),
        default_voice=catalogue.stock[0].name if catalogue.stock else "",
        missing=_missing(),
    )


def _missing() -> tuple[str, ...]:
    wanted = {
        "speech": weights.RUNTIME,
        "Kokoro voices, and cloning": weights.KOKORO.distributions,
        "Spanish, French and Portuguese": weights.ROMANCE_PRONUNCIATION,
        "avatar video": weights.AVATAR_RUNTIME,
    }
    return tuple(
        f"{what}: {_to_install(absent)}" for what, needed in wanted.items() if (absent := weights.missing(needed))
    )


def _to_install(absent: Sequence[str]) -> str:
    return f"{', '.join(absent)} not installed; run {install_command(weights.EXTRA)} and restart the server"
