"""Speech that SpeechGen made and was paid for, kept on disk from its answer until the job is released."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from soundstage.files import Spooled, Unwritable
from soundstage.mime_types import MIME_TYPES
from soundstage.providers.port import Made, MadeFile
from soundstage.providers.reading import Body, body_of
from soundstage.providers.speechgen.answers import seconds_of, url_of
from soundstage.providers.speechgen.profile import TITLE
from soundstage.sound import has_codecs, measured
from soundstage_tools.errors import BadRequest, OutcomeUnknown, StudioError, Unavailable

_NOTE = "answer.json"
_KINDS = ("mp3", "wav", "ogg", "flac", "m4a", "webm")
_ANY_SECONDS = 1e9
_SLACK_SECONDS, _SLACK_SHARE = 1.0, 0.05


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


def noted(folder: Path) -> Speech | None:
    """The answer that is kept there; None where there is none. Blocks.

    A file with a name of ours is whole, and so an answer even where nothing could be noted beside it.
    """
    told: Body = {}
    with suppress(OSError, ValueError):
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


class Damaged(Unavailable):
    """Audio that cannot be decoded."""

    def for_good(self) -> OutcomeUnknown:
        """The same, where it cannot be had again."""
        return OutcomeUnknown(code=self.code, message=self.message, next_step=self.next_step)


async def heard(file: Path, told_seconds: float | None) -> Made:
    """The audio that SpeechGen sent, as what it is. The file may be given another suffix.

    Raises:
        Damaged: `asset_damaged`, it cannot be decoded.
        Unavailable: it cannot be read now.
    """
    try:
        if has_codecs():
            sound = await measured(file, at_most_seconds=_ANY_SECONDS)
            kind, seconds = sound.container.replace("mp4", "m4a"), sound.seconds
        else:
            kind, seconds = await anyio.to_thread.run_sync(_kind_by_head, file), told_seconds
        named = audio_file(file.parent, kind)
        await anyio.to_thread.run_sync(file.replace, named)
    except BadRequest as refusal:
        raise Damaged(
            code="asset_damaged",
            message=f"{TITLE} sent audio that cannot be used. {refusal.message} It is kept as {file}.",
            next_step=f"Show it to {TITLE}.",
        ) from None
    except OSError:
        raise _unread(file) from None
    return Made([MadeFile("audio", named, MIME_TYPES[named.suffix], seconds)], _doubts(seconds, told_seconds))


def _kind_by_head(file: Path) -> str:
    """What a file is by its first bytes; what it is called where they do not tell. Blocks."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "wav"
    if head[:4] == b"OggS":
        return "ogg"
    is_mp3 = head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2)
    return "mp3" if is_mp3 else file.suffix.lstrip(".")


def _doubts(seconds: float | None, told: float | None) -> list[str]:
    if seconds is None or told is None or abs(seconds - told) <= max(_SLACK_SECONDS, told * _SLACK_SHARE):
        return []
    return [f"{TITLE} told of {told:.1f} s of audio; it lasts {seconds:.1f} s. Listen whether all was spoken."]


def _unread(file: Path) -> StudioError:
    return Unavailable(
        code="sound_unread",
        message=f"Soundstage cannot read what {TITLE} sent, or not begin to. It is kept as {file}.",
        next_step="It is tried again by itself; see that the machine has memory and disk space left.",
    )
