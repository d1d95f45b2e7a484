"""What HeyGen answered for the parts of a text: checked, kept in the folder of the job, and read again."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import anyio

from soundstage.http.api import Refused
from soundstage.http.files import Unwritable, spooled
from soundstage.http.quotation import plain
from soundstage.providers.heygen.profile import TITLE
from soundstage_tools.errors import OutcomeUnknown

_MARKS = {"<start>", "<end>"}
_ORDER = "order.json"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was spoken, with its start and end in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part of a text, spoken: where its audio is, and how long it and each word lasts, where that was told."""

    audio_url: str
    duration: float | None
    words: Sequence[Word]


def spoken(answer: object) -> Spoken:
    """The answer of `POST /tts/create`, all of whose members are optional.

    Raises:
        Refused: it was not made, or cannot be had.
        OutcomeUnknown: it says nothing.
    """
    body = _members(answer)
    if body.get("is_pass") is False:
        raise Refused(
            code="provider_failed",
            message=f"{TITLE} says that the speech did not pass, and not why.",
            next_step="Change the text or the voice. Whether it was charged is not known.",
            status=200,
        )
    url, job = body.get("audio_url"), body.get("job_id")
    if isinstance(url, str) and urlsplit(url).scheme in {"http", "https"}:
        return Spoken(url, _seconds(body.get("duration")), _words(body.get("word_timestamps")))
    if job is not None:
        raise Refused(
            code="unresolvable_job",
            message=f"{TITLE} answered with the job {plain(str(job))} in place of audio, and has no way to ask "
            "what became of it.",
            next_step="It may be charged, and may be found in the HeyGen account. Change the text by a space to "
            "have it spoken anew.",
            status=200,
        )
    raise OutcomeUnknown(
        code="outcome_unknown",
        message=f"{TITLE} took the request, and answered with nothing that can be used.",
        next_step="It may be charged: look at the HeyGen account before you ask again.",
    )


def _members(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value if isinstance(value, dict) else {})


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _words(told: object) -> list[Word]:
    words: list[Word] = []
    for item in cast("list[object]", told) if isinstance(told, list) else []:
        members = _members(item)
        word, start, end = members.get("word"), _seconds(members.get("start")), _seconds(members.get("end"))
        if isinstance(word, str) and word not in _MARKS and start is not None and end is not None and end >= start:
            words.append(Word(plain(word), start, end))
    return sorted(words, key=lambda word: word.start)


class Desk:
    """The folder of a job: how many parts it has, and the answers that are there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def order(self, parts: int) -> None:
        """Note how many parts there will be.

        Raises:
            Unavailable: nothing can be written.
        """
        await self._write(_ORDER, {"parts": parts})

    async def keep(self, number: int, parts: int, answer: Spoken) -> None:
        """Note what was answered for one of so many parts.

        Raises:
            OutcomeUnknown: it cannot be noted. The same order is answered from HeyGen's cache.
        """
        try:
            await self._write(_answer(number, parts), asdict(answer))
        except Unwritable:
            raise OutcomeUnknown(
                code="outcome_unknown",
                message=f"{TITLE} answered, but the disk took no more of its answer.",
                next_step="Free space in the home of Soundstage, then ask again.",
            ) from None

    async def answers(self) -> list[Spoken | None]:
        """The answers by part, None where there is none yet; empty where nothing was ordered."""
        order = await self._read(_ORDER)
        parts: int = order["parts"] if order else 0
        found = [await self._read(_answer(number, parts)) for number in range(parts)]
        return [_restored(one) if one else None for one in found]

    async def _write(self, name: str, content: object) -> None:
        async with spooled(self._folder / name) as file:
            file.write(json.dumps(content).encode())
            await anyio.to_thread.run_sync(file.keep)

    async def _read(self, name: str) -> Any:
        try:
            return json.loads(await anyio.Path(self._folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


def _answer(number: int, parts: int) -> str:
    return f"answer-{number}-of-{parts}.json"


def _restored(content: Mapping[str, Any]) -> Spoken:
    return Spoken(content["audio_url"], content["duration"], [Word(**word) for word in content["words"]])
