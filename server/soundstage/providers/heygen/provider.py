"""HeyGen as a provider: its voices, and speech that useapi.net has made under an account of the user's."""

import json
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from soundstage.extras import install_command
from soundstage.files import Unwritable, spooled, unwritable
from soundstage.http.api import Api, Refused
from soundstage.http.origin import problem_with
from soundstage.mime_types import MIME_TYPES
from soundstage.providers.heygen.answers import Spoken, Word, spoken
from soundstage.providers.heygen.desk import Desk
from soundstage.providers.heygen.profile import (
    KEY_SETTING,
    MAX_PROMPT_CHARACTERS,
    NAME,
    TAKE_CHARACTERS,
    TITLE,
    URL_SETTING,
    another_take,
    order,
    profile,
)
from soundstage.providers.heygen.refusals import (
    after,
    explained,
    incomplete,
    link_expired,
    no_room,
    not_offered,
    unfit,
)
from soundstage.providers.heygen.sentences import pieces
from soundstage.providers.heygen.voices import language_codes, voices
from soundstage.providers.made_media import doubts, made_file
from soundstage.providers.port import Made, MadeFile, SpeechWork, Standing, Submission, VoiceList, Work
from soundstage.providers.profile import Profile
from soundstage.providers.remote import JobFolders, Recent, known_voice
from soundstage.settings import Access
from soundstage.sound import has_codecs, joined
from soundstage_tools.errors import OutcomeUnknown, StudioError, Unavailable, Unusable
from soundstage_tools.results import Voice

PART_CHARACTERS = 1000
"""Some engines grow quieter over a longer text (`useapi tts/create`)."""

PART_SECONDS = 180.0
"""For so long the answer to a part is awaited."""

LISTING_SECONDS = PART_SECONDS + 30.0
MAX_PART_BYTES = 100 * 2**20
_EXPIRED = {401, 403, 404, 410}


class HeyGenProvider:
    """Implements `soundstage.providers.port.Provider`. A job's id is that of its generation.

    useapi.net answers when the speech is made: a job is its answers, kept in a folder of its own. `email` is the
    account to use where several are set up and a request names none. So long as `listing_seconds` after a lost
    answer HeyGen may still be speaking: an equal request then comes from its cache. They are more than the
    `part_seconds` for which an answer is awaited.
    """

    def __init__(
        self,
        access: Access,
        folder: Path,
        email: str = "",
        *,
        part_seconds: float = PART_SECONDS,
        listing_seconds: float = LISTING_SECONDS,
    ) -> None:
        self._api = Api(
            TITLE,
            access,
            header="Authorization",
            scheme="Bearer",
            key_setting=KEY_SETTING,
            url_setting=URL_SETTING,
        )
        self._profile = profile(access, email, problem_with(access, KEY_SETTING, URL_SETTING), listing_seconds)
        self._folders = JobFolders(folder)
        self._email = email
        self._part_seconds = part_seconds
        self._voices = Recent(partial(self._read_voices, email))
        self._languages = Recent(partial(self._read_languages, email))

    @property
    def profile(self) -> Profile:
        """Its facts; it serves where a key is set."""
        return self._profile

    async def list_voices(self) -> VoiceList:
        """The voices of the account."""
        return VoiceList(await self._voices.get())

    async def _read_voices(self, email: str) -> Sequence[Voice]:
        return voices(await self._read("/tts/voices", email))

    async def _read_languages(self, email: str) -> Sequence[str]:
        return language_codes(await self._read("/tts/languages", email))

    async def _read(self, path: str, email: str) -> Any:
        with explained():
            return await self._api.read(path, [("email", email)] if email else [])

    def _account(self, work: SpeechWork) -> str:
        """The email of the account that pays, which a generation has with its fields; empty for the only one."""
        return str(work.fields.get("email", self._email))

    async def check(self, work: Work) -> None:
        """Refuse a voice that is not there, and what it does not take."""
        if not isinstance(work, SpeechWork):
            raise not_offered()
        longest = MAX_PROMPT_CHARACTERS - TAKE_CHARACTERS
        if work.anew and len(str(work.fields["text"])) > longest and not has_codecs():
            raise no_room(longest)
        listed = partial(self._listed, self._account(work))
        voice = await known_voice(TITLE, f"{NAME}:{work.voice}", listed)
        for name, choices in (("engine", voice.engines), ("emotion", voice.emotions)):
            given = str(work.fields.get(name, ""))
            if given and choices is not None and given not in choices:
                raise unfit(name, voice.name, choices)
        if language := str(work.fields.get("language", "")):
            await self._check_language(language, self._account(work))

    async def _listed(self, email: str, fresh: bool) -> Sequence[Voice]:
        return await self._voices.get(fresh=fresh) if email == self._email else await self._read_voices(email)

    async def _check_language(self, language: str, email: str) -> None:
        same = email == self._email
        codes = await self._languages.get() if same else await self._read_languages(email)
        if codes and language not in codes:
            raise unfit("language", TITLE, codes)

    async def prepare(self, work: Work) -> Submission:
        """Cut the text into parts, and make the folder that their answers go to."""
        if not isinstance(work, SpeechWork):
            raise not_offered()
        try:
            desk = Desk(await self._folders.make(work.generation_id))
            orders = await desk.orders()
            if not orders:
                orders = await self._orders(work)
                await desk.order(orders)
        except (OSError, Unwritable):
            raise unwritable() from None
        send = partial(self._speak, work.generation_id, desk, orders)
        return Submission(send, {"generation_id": work.generation_id})

    async def _orders(self, work: SpeechWork) -> Sequence[dict[str, Any]]:
        text = str(work.fields["text"])
        cut = len(text) > PART_CHARACTERS and has_codecs()
        prompts = await anyio.to_thread.run_sync(pieces, text, PART_CHARACTERS) if cut else [text]
        if work.anew:
            prompts = [another_take(prompt, work.generation_id) for prompt in prompts]
        return [order(work.voice, prompt, work.fields, self._account(work)) for prompt in prompts]

    def missing_for(self, work: Work) -> str:
        """The codecs, where a text was ordered in parts elsewhere, which are to be joined."""
        if has_codecs():
            return ""
        with suppress(Unavailable):
            if Desk(self._folders.path(work.generation_id)).parts > 1:
                return (
                    "the codecs, which join the parts that this was begun in; "
                    f"run {install_command('audio')} and restart the server"
                )
        return ""

    async def _speak(self, job_id: str, desk: Desk, orders: Sequence[dict[str, Any]]) -> str:
        """Have the first part spoken that is not there yet: HeyGen bans accounts over too many at once."""
        missing = [number for number, answer in enumerate(await desk.answers()) if answer is None]
        for number in missing[:1]:
            try:
                await self._speak_part(desk, number, orders)
            except (Unavailable, OutcomeUnknown) as lost:
                lost.may_be_charged = lost.may_be_charged or number > 0
                raise
            except StudioError as refusal:
                raise after(number, len(orders), refusal) from None
        return "" if missing[1:] else job_id

    async def _speak_part(self, desk: Desk, number: int, orders: Sequence[dict[str, Any]]) -> None:
        with explained():
            answer = await self._api.order("/tts/create", json=orders[number], deadline_seconds=self._part_seconds)
            await desk.keep(number, len(orders), spoken(answer.json(), self._api.quoted(answer)))

    async def find(self, trace: Mapping[str, object], taken: Collection[str], _submitted_at: float, /) -> str:
        """The job whose answers are all kept here; empty where some are to be asked for again."""
        job_id = str(trace.get("generation_id", ""))
        done = job_id not in taken and (await self.poll(job_id)).state == "done"
        return job_id if done else ""

    async def poll(self, job_id: str) -> Standing:
        """Done when every part is there; lost if one is not."""
        answers = await Desk(self._folders.path(job_id)).answers()
        if answers and all(answers):
            return Standing("done", progress=1.0)
        return Standing("lost", error=incomplete())

    async def fetch(self, job_id: str) -> Made:
        """The parts in one file, and the timings of their words if all were told."""
        folder = self._folders.path(job_id)
        kept = await Desk(folder).answers()
        answers = [answer for answer in kept if answer is not None]
        if not answers or len(answers) < len(kept):
            raise Unavailable(
                code="result_missing",
                message=f"What {TITLE} answered is not in the work folder any more.",
                next_step="It is asked for again by itself.",
            )
        try:
            return await self._fetched(answers, folder, Desk(folder))
        except (OSError, Unwritable):
            raise unwritable() from None

    async def _fetched(self, answers: Sequence[Spoken], folder: Path, desk: Desk) -> Made:
        parts: list[MadeFile] = []
        warnings: list[str] = []
        for number, answer in enumerate(answers):
            try:
                part = await self._fetch_part(answer, folder / f"part-{number}.mp3")
            except Refused as refused:
                if refused.status not in _EXPIRED:
                    raise
                await desk.drop(number, len(answers))
                raise link_expired() from None
            warnings += doubts(TITLE, part.duration_seconds, answer.duration)
            parts.append(part)
        audio = parts[0]
        lengths = [part.duration_seconds or 0.0 for part in parts]
        if len(parts) > 1:
            file = folder / "speech.mp3"
            lengths = await joined([part.path for part in parts], file)
            audio = MadeFile("audio", file, MIME_TYPES[file.suffix], sum(lengths))
        seconds = audio.duration_seconds
        files = [audio]
        if all(answer.words for answer in answers):
            timings = folder / "timings.json"
            await _write_timings(timings, _laid_out(answers, lengths), seconds)
            files.append(MadeFile("timings", timings, "application/json", seconds))
        return Made(files, warnings)

    async def _fetch_part(self, answer: Spoken, file: Path) -> MadeFile:
        """Fetch a part that is not here yet, or cannot be seen to be whole."""
        if not (has_codecs() and await anyio.Path(file).is_file()):
            await self._api.download(answer.audio_url, file, max_bytes=MAX_PART_BYTES)
        try:
            return await made_file(file, "audio", TITLE, answer.duration)
        except Unusable:
            await anyio.Path(file).unlink(missing_ok=True)
            raise

    async def release(self, job_id: str) -> None:
        """Drop what is kept here. Nothing runs at HeyGen once it has answered."""
        await self._folders.remove(job_id)

    async def sweep(self, needed: Collection[str]) -> None:
        """Remove the old folders of all other jobs."""
        await self._folders.sweep(needed)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Hold connections to useapi.net until left."""
        async with self._api.running():
            yield


def _laid_out(answers: Sequence[Spoken], lengths: Sequence[float]) -> list[Word]:
    """The words of all parts on one time line. None is over before its part begins, or begins after it ends."""
    words: list[Word] = []
    begun = 0.0
    for answer, length in zip(answers, lengths, strict=True):
        end = begun + (length or answer.words[-1].end)
        words += [
            Word(one.word, round(min(begun + one.start, end), 4), round(min(begun + one.end, end), 4))
            for one in answer.words
        ]
        begun = end
    return words


async def _write_timings(path: Path, words: Sequence[Word], seconds: float | None) -> None:
    """In the form of the local engine's timings. Without phonemes, its portrait follows the sound."""
    content = {
        "duration_seconds": round(seconds if seconds is not None else words[-1].end, 4),
        "words": [{"word": one.word, "start": one.start, "end": one.end} for one in words],
        "phonemes": [],
    }
    async with spooled(path) as file:
        file.write(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
        await anyio.to_thread.run_sync(file.keep)
