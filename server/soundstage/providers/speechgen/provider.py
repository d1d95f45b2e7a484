"""SpeechGen as a provider: its voices, and work that it does under an account of the user's."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import anyio.to_thread

from soundstage.files import Unwritable, unwritable
from soundstage.http.api import Api, Part, Refused
from soundstage.http.origin import problem_with
from soundstage.http.quotation import plain, quotation, wrote
from soundstage.http.words import told_in
from soundstage.providers.made_media import Damaged, doubts, made_file
from soundstage.providers.port import CloneWork, Made, SpeechWork, Standing, Submission, VoiceList, Work
from soundstage.providers.profile import Profile
from soundstage.providers.reading import body_of
from soundstage.providers.remote import JobFolders, unknown_job
from soundstage.providers.samples import check_sample
from soundstage.providers.speechgen import answers, speeches
from soundstage.providers.speechgen.clones import Clone
from soundstage.providers.speechgen.profile import KEY_SETTING, NAME, TITLE, URL_SETTING, profile
from soundstage.providers.speechgen.voices import Voices
from soundstage.settings import Access
from soundstage.sound import has_codecs
from soundstage_tools.errors import BadRequest, NotFound, OutcomeUnknown, StudioError, Unavailable
from soundstage_tools.results import GenerationError, GenerationKind

SPEECH_SECONDS = 600.0
CLONE_SECONDS = 300.0
MAX_RESULT_BYTES = 200 * 2**20
_SPEECH, _MODEL = "speech/", "model/"


class SpeechGenProvider:
    """Implements `soundstage.providers.port.Provider`, and deletes voices.

    A clone's job is SpeechGen's model. Speech is made by the time SpeechGen answers: its job is the answer, kept
    in a folder that goes by the generation. A model is asked for every `look_seconds` at most.
    """

    def __init__(self, access: Access, folder: Path, *, look_seconds: float = 5.0) -> None:
        self._api = Api(
            TITLE,
            access,
            header="Authorization",
            scheme="Bearer",
            key_setting=KEY_SETTING,
            url_setting=URL_SETTING,
        )
        self._quote = partial(quotation, secrets=(access.key,))
        self._profile = profile(access, problem_with(access, KEY_SETTING, URL_SETTING))
        self._folders = JobFolders(folder)
        self._voices = Voices(self._api)
        self._clones: dict[str, Clone] = {}
        self._look_seconds = look_seconds

    @property
    def profile(self) -> Profile:
        """Its facts; it serves where a key is set."""
        return self._profile

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the old folders of all other jobs."""
        await self._folders.sweep(needed)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keeps connections while it is held."""
        async with self._api.running():
            yield

    async def list_voices(self) -> VoiceList:
        """The stock voices, and those cloned on this account."""
        return await self._voices.all()

    async def check(self, work: Work) -> None:
        """Refuse an unknown voice, and a sample that SpeechGen does not take."""
        match work:
            case SpeechWork():
                if not work.cloned_by:
                    await self._voices.check(work.voice)
            case CloneWork():
                await check_sample(work.audio, TITLE)
            case _:
                raise _makes_no_videos()

    async def prepare(self, work: Work) -> Submission:
        """There is nothing to prepare: each work is one request."""
        match work:
            case SpeechWork():
                return Submission(partial(self._speak, work), {"generation_id": work.generation_id})
            case CloneWork():
                return Submission(partial(self._clone, work))
            case _:
                raise _makes_no_videos()

    async def _speak(self, work: SpeechWork) -> str:
        order = _speech_order(work)
        async with self._answering(work.generation_id) as folder:
            answer = await self._api.order(
                "/text-to-speech",
                json=order,
                deadline_seconds=SPEECH_SECONDS,
                body_to=speeches.audio_file(folder, order["format"]),
            )
            told = body_of(answer.json() if answer.body else None)
            url = answers.url_of(told, "audio_url", "url")
            seconds = answers.seconds_of(told.get("duration") or answer.headers.get("x-audio-duration"))
            try:
                await anyio.to_thread.run_sync(speeches.note, folder, url, seconds)
            except Unwritable:
                if url:
                    raise _lost("made the speech, but the disk took no more.") from None
            if not await anyio.to_thread.run_sync(speeches.may_be_there, folder):
                raise _lost(f"answered without any speech.{wrote(TITLE, self._quote(told_in(told)))}")
        return f"{_SPEECH}{work.generation_id}"

    @asynccontextmanager
    async def _answering(self, generation_id: str) -> AsyncGenerator[Path]:
        """The folder for an answer. However it ends, an answer that is there whole was paid for, and stays."""
        try:
            folder = await self._folders.make(generation_id)
        except OSError:
            raise unwritable() from None
        try:
            yield folder
        finally:
            with anyio.CancelScope(shield=True):
                if not await anyio.to_thread.run_sync(speeches.may_be_there, folder):
                    await self._folders.remove(generation_id)

    async def _clone(self, work: CloneWork) -> str:
        parts = [
            Part("audio", work.audio, f"voice_sample{work.audio.suffix}"),
            Part("name", str(work.fields["name"])),
        ]
        if "description" in work.fields:
            parts.append(Part("description", str(work.fields["description"])))
        if (enhance := work.fields.get("enhance_quality")) is not None:
            parts.append(Part("enhance_quality", "true" if enhance else "false"))
        answer = await self._api.order("/voice-clone", parts=parts, deadline_seconds=CLONE_SECONDS)
        told = body_of(answer.json())
        model_id = answers.id_of(told, "model_id")
        if not model_id:
            raise _lost("answered without the id of the voice model.")
        self._clones[model_id] = Clone(anyio.current_time(), answers.estimated_seconds(told))
        return f"{_MODEL}{model_id}"

    async def find(self, trace: Mapping[str, object], taken: Collection[str], _submitted_at: float, /) -> str:
        """The speech whose answer is kept here although nobody noted it. SpeechGen itself lists none."""
        job_id = f"{_SPEECH}{trace.get('generation_id', '')}"
        kept = self._folders.path(job_id.removeprefix(_SPEECH))
        if job_id in taken or not await speeches.found(kept):
            raise _lost("was asked for it, and its answer was lost.")
        return job_id

    async def job_named(self, kind: GenerationKind, job_id: str, _trace: Mapping[str, object]) -> str:
        """The job of a clone, by the id of its model. SpeechGen keeps speech under no id."""
        model = f"{_MODEL}{job_id}"
        if kind != "voice_clone" or not answers.is_id(job_id) or (await self.poll(model)).state == "lost":
            raise unknown_job(TITLE)
        return model

    async def poll(self, job_id: str) -> Standing:
        """Where a clone is; speech that is there is done, and what is not is lost."""
        if not job_id.startswith(_MODEL):
            speech = await speeches.found(self._folder(job_id))
            return Standing("done" if speech else "lost", progress=1.0)
        model_id = job_id.removeprefix(_MODEL)
        now = anyio.current_time()
        clone = self._clones.setdefault(model_id, Clone(now))
        if clone.looked is not None and now - clone.looked < self._look_seconds:
            return clone.standing()
        try:
            model = answers.voice_model(await self._api.read(_model_path(model_id), patient=False), model_id)
        except Refused as refused:
            if refused.status == 404:
                return Standing("lost")
            raise
        clone.looked, clone.word = now, plain(model.status, 40)
        match model.status:
            case "ready" if model.voice_id:
                return Standing("done", progress=1.0, provider_status=clone.word)
            case "failed":
                return Standing("failed", provider_status=clone.word, error=self._failed(model.reason))
            case _:
                return clone.standing()

    def _failed(self, reason: str) -> GenerationError:
        return GenerationError(
            code="clone_failed",
            message=f"{TITLE} could not clone the voice.{wrote(TITLE, self._quote(reason))}",
            retryable=False,
            next_step="Send a clearer sample: one speaker, 30 seconds or longer, no music and no noise.",
        )

    async def fetch(self, job_id: str) -> Made:
        """The speech, or the voice that was cloned."""
        if job_id.startswith(_MODEL):
            model_id = job_id.removeprefix(_MODEL)
            model = answers.voice_model(await self._api.read(_model_path(model_id)), model_id)
            if not model.voice_id:
                raise _not_there("the cloned voice")
            self._voices.forget()
            return Made(voice=model.voice_id)
        folder = self._folder(job_id)
        speech = await speeches.found(folder)
        if speech is None:
            raise _not_there("the speech")
        if speech.file and (has_codecs() or not speech.url):
            try:
                return await _heard(speech.file, speech.seconds)
            except Damaged as damaged:
                # What came with the answer itself cannot be had again; what it leads to can.
                if not speech.url:
                    raise damaged.for_good() from None
        file = speeches.audio_file(folder, "mp3")
        await self._api.download(speech.url, file, max_bytes=MAX_RESULT_BYTES)
        return await _heard(file, speech.seconds)

    async def release(self, job_id: str) -> None:
        """Drop what is kept for a job, or for a generation whose job was never noted.

        SpeechGen cannot be told to stop.
        """
        if job_id.startswith(_MODEL):
            self._clones.pop(job_id.removeprefix(_MODEL), None)
        else:
            await self._folders.remove(job_id.removeprefix(_SPEECH))

    def _folder(self, job_id: str) -> Path:
        return self._folders.path(job_id.removeprefix(_SPEECH))

    async def delete_voice(self, voice: str, job_id: str) -> None:
        """Delete the model of a cloned voice, and the voice with it."""
        model_id = job_id.removeprefix(_MODEL) if job_id.startswith(_MODEL) else await self._voices.model_of(voice)
        try:
            await self._api.remove(_model_path(model_id))
        except NotFound:
            raise NotFound(
                code="unknown_voice",
                message=f"{TITLE} no longer has {NAME}:{voice}.",
                next_step="There is nothing to do: it has been deleted already.",
            ) from None
        finally:
            self._voices.forget()


def _speech_order(work: SpeechWork) -> dict[str, Any]:
    given = dict(work.fields)
    order = {"text": given.pop("text"), "voice": work.voice, "format": given.pop("format", "mp3")}
    return order | given


def _model_path(model_id: str) -> str:
    return f"/models/{quote(model_id, safe='')}"


def _not_there(what: str) -> StudioError:
    return Unavailable(
        code="result_unavailable",
        message=f"{TITLE} had {what} ready, and does not have it now.",
        next_step="Try again in a minute.",
    )


def _lost(what: str) -> StudioError:
    return OutcomeUnknown(code="outcome_unknown", message=f"{TITLE} {what}")


def _makes_no_videos() -> StudioError:
    return BadRequest(
        code="not_supported",
        message=f"{TITLE} makes no videos.",
        next_step=f"Speak with {NAME} and pass the generation_id as audio to another provider's model.",
    )


async def _heard(file: Path, told_seconds: float | None) -> Made:
    audio = await made_file(file, "audio", TITLE, told_seconds)
    return Made([audio], doubts(TITLE, audio.duration_seconds, told_seconds))
