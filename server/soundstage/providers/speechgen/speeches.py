"""Speech that SpeechGen made and was paid for, kept on disk from its answer until the job is released."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from soundstage.files import Spooled, Unwritable, unreadable
from soundstage.providers.reading import Body, body_of
from soundstage.providers.speechgen.answers import seconds_of, url_of

_NOTE = "answer.json"
_KINDS = ("mp3", "wav", "ogg", "flac", "m4a", "webm")


@dataclass(frozen=True, slots=True)
class Speech:
    """An answer: the audio in `file`, or else yet to be had from `url`. `seconds` are its length, as told."""

    file: Path | None
    url: str
    seconds: float | None


def audio_file(folder: Path, kind: str) -> Path:
    """Where the audio of an answer goes that is to be of this kind."""
    return folder / f"speech.{kind}"


def note(folder: Path, url: str, seconds: float | None) -> None:
    """Keep what was answered beside the audio, or in its place. Blocks.

    Raises:
        Unwritable: the disk takes nothing.
    """
    try:
        spooled = Spooled(folder / _NOTE)
    except OSError:
        raise Unwritable from None
    try:
        spooled.write(json.dumps({"url": url, "seconds": seconds}).encode())
        spooled.keep()
    finally:
        spooled.drop()


async def found(folder: Path) -> Speech | None:
    """The answer that is kept there; None where there is none.

    Raises:
        Unavailable: it cannot be read now.
    """
    try:
        return await anyio.to_thread.run_sync(_noted, folder)
    except OSError:
        raise unreadable() from None


def may_be_there(folder: Path) -> bool:
    """Whether an answer is kept there, or something that cannot be read now. Blocks."""
    try:
        return _noted(folder) is not None
    except OSError:
        return True


def _noted(folder: Path) -> Speech | None:
    """The answer that is kept there; None where there is none. Blocks, and raises OSError where it cannot be read.

    A file with a name of ours is whole, and so an answer even where nothing could be noted beside it.
    """
    told: Body = {}
    with suppress(FileNotFoundError, NotADirectoryError, ValueError):
        told = body_of(json.loads((folder / _NOTE).read_bytes()))
    url = url_of(told, "url")
    files = (audio_file(folder, kind) for kind in _KINDS)
    file = next((file for file in files if _says_something(file)), None)
    return Speech(file, url, seconds_of(told.get("seconds"))) if file or url else None


def _says_something(file: Path) -> bool:
    """Whether a file is there, with more in it than nothing or a page of markup."""
    try:
        with file.open("rb") as opened:
            head = opened.read(512)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return bool(head) and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
