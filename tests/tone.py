"""A third-party provider: it speaks in beeps, with ranges of its own, and stops where a test tells it to."""

import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio
from pydantic import Field

from emulators import media
from soundstage.providers.port import (
    Account,
    AvatarWork,
    CloneWork,
    Made,
    MadeFile,
    SpeakFirst,
    SpeechWork,
    Standing,
    Submission,
    VoiceList,
    Work,
)
from soundstage.providers.profile import Fields, Model, Profile, SpeechFields, SpokenText
from soundstage_tools.errors import NotFound, OutcomeUnknown, Unavailable
from soundstage_tools.results import GenerationError, Voice


class ToneSpeech(SpeechFields):
    text: Annotated[SpokenText, Field(min_length=1, max_length=1000, description="What to say")]
    speed: Annotated[float, Field(ge=0.7, le=1.2, description="Speaking rate, a factor of the natural one")] = 1.0
    stability: Annotated[float, Field(ge=0, le=1, description="Evenness")] = 0.5
    format: Annotated[Literal["wav", "aiff"], Field(description="Audio file format")] = "wav"


class ToneAvatar(Fields):
    aspect_ratio: Annotated[Literal["1:1", "4:3"], Field(description="Shape of the picture")] = "1:1"


class ToneClone(Fields):
    name: Annotated[str, Field(min_length=1, max_length=20, description="What to call it")]


class ToneProvider:
    """Implements `soundstage.providers.port.Provider`.

    Work runs until `finish` is set, fails if its text says so, and is lost when the provider is new.
    """

    def __init__(
        self,
        folder: Path,
        *,
        repeats: int = 10,
        name: str = "tone",
        animates: bool = True,
        inline: Literal["never", "accepted", "refused"] = "never",
        **facts: Any,
    ) -> None:
        self._folder = folder
        self._jobs: dict[str, Work] = {}
        self.submitted: list[Work] = []
        self.released: list[str] = []
        self.progress = 0.25
        self.finish = anyio.Event()
        self.unreachable = False
        self.unfetchable = False
        self.asks_seconds = 0.0
        self.submitting = anyio.Event()
        self.accept = anyio.Event()
        self.accept.set()
        self.inline = inline
        self.deleted: list[tuple[str, str]] = []
        offers: dict[str, type[Fields]] = {
            "synthesize_speech": ToneSpeech,
            "clone_voice": ToneClone,
            "delete_voice": Fields,
        }
        if animates:
            offers["create_avatar_video"] = ToneAvatar
        self.profile = Profile(
            name=name,
            title=name.capitalize(),
            description="Beeps.",
            cost="One cent a beep.",
            offers=offers,
            serves=frozenset(offers),
            repeats=repeats,
            charges=True,
            account="",
            poll_seconds=0.01,
            slowest_poll_seconds=0.05,
            models=(Model("square"),),
            speaks_inline=inline != "never",
            deadline_seconds=3600.0,
        )
        self.profile = replace(self.profile, **facts)

    async def list_voices(self) -> VoiceList:
        if self.unreachable:
            raise Unavailable(code="tone_down", message="Tone does not answer.", next_step="Try later.")
        low = Voice(voice_id=f"{self.profile.name}:low", name="Low", language="en-GB", gender="male")
        high = Voice(voice_id=f"{self.profile.name}:high", name="High", language="fr", gender="female")
        return VoiceList([low, high])

    async def check(self, work: Work) -> None:
        if isinstance(work, SpeechWork) and work.voice not in {"low", "high"}:
            raise NotFound(code="unknown_voice", message="No such beep.", next_step="Take low or high.")

    async def prepare(self, work: Work) -> Submission:
        return Submission(lambda: self._submit(work))

    async def _submit(self, work: Work) -> str:
        self.submitted.append(work)
        self.submitting.set()
        await self.accept.wait()
        if isinstance(work, AvatarWork) and work.says and self.inline == "refused":
            raise SpeakFirst
        said = str(work.fields.get("text"))
        if "refuse" in said:
            raise Unavailable(
                code="tone_full",
                message="Tone takes no more.",
                next_step="Try later.",
                retry_after_seconds=self.asks_seconds,
            )
        if "vague" in said:
            raise OutcomeUnknown(code="outcome_unknown", message="Tone hung up.", next_step="Ask Tone.")
        job_id = next(iter(self._jobs)) if "twin" in said else f"job-{len(self.submitted)}-{id(self)}"
        self._jobs[job_id] = work
        return job_id

    def adopt(self, job_id: str, work: Work) -> None:
        """Have a job that nobody submitted here."""
        self._jobs[job_id] = work

    async def poll(self, job_id: str) -> Standing:
        work = self._jobs.get(job_id)
        if work is None:
            return Standing("lost")
        if "bug" in str(work.fields.get("text")):
            raise RuntimeError("secret")
        if "fail" in str(work.fields.get("text")):
            error = GenerationError(code="tone_broke", message="It broke.", retryable=True, next_step="Ask again.")
            return Standing("failed", error=error)
        if not self.finish.is_set():
            return Standing("running", progress=self.progress, eta_seconds=7.0, provider_status="beeping")
        return Standing("done", progress=1.0)

    async def fetch(self, job_id: str) -> Made:
        if isinstance(self._jobs[job_id], CloneWork):
            return Made(voice=f"clone-{job_id}")
        if self.unfetchable:
            raise NotFound(code="link_expired", message="The link has expired.", next_step="Look again.")
        path = self._folder / f"{job_id}.wav"
        if isinstance(self._jobs[job_id], AvatarWork):
            path = path.with_suffix(".mp4")
            await anyio.Path(path).write_bytes(await anyio.to_thread.run_sync(media.mp4, 1.0, 64, 64))
            return Made([MadeFile("video", path, "video/mp4", 1.0)], ["It is only a beep."])
        await anyio.to_thread.run_sync(_beep, path)
        return Made([MadeFile("audio", path, "audio/wav", 1.0)])

    async def release(self, job_id: str) -> None:
        self.released.append(job_id)
        self._jobs.pop(job_id, None)

    async def delete_voice(self, voice: str, job_id: str) -> None:
        self.deleted.append((voice, job_id))

    async def account(self) -> Account:
        return Account("12 beeps", ["a beep: one cent"])

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        yield


def _beep(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x40\x00\xc0" * 4000)
