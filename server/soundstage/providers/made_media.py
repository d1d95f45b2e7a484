"""What a provider made, as what it is: its content tells the container and the length, and nothing else does."""

from pathlib import Path
from typing import Literal

import anyio
import anyio.to_thread

from soundstage.mime_types import MIME_TYPES
from soundstage.providers.port import MadeFile
from soundstage.sound import has_codecs, measured, measured_video
from soundstage_tools.errors import BadRequest, OutcomeUnknown, StudioError, Unavailable, Unusable

_ANY_SECONDS = 1e9
_SLACK_SECONDS, _SLACK_SHARE = 1.0, 0.05
_HEADS = {b"fLaC": "flac", b"OggS": "ogg", b"\x1aE\xdf\xa3": "webm"}


class Damaged(Unusable):
    """A file that cannot be decoded."""

    def for_good(self) -> OutcomeUnknown:
        """The same, where it cannot be had again."""
        return OutcomeUnknown(code=self.code, message=self.message, next_step=self.next_step)


async def made_file(
    file: Path, role: Literal["audio", "video"], title: str, told_seconds: float | None = None
) -> MadeFile:
    """The file that the provider `title` made, read to its end and given the suffix of its container.

    `told_seconds`: its length as the provider tells it, which counts only where the codecs are missing.

    Raises:
        Damaged: it cannot be decoded.
        Unavailable: it cannot be read now.
    """
    try:
        if has_codecs():
            found = await (
                measured_video(file) if role == "video" else measured(file, at_most_seconds=_ANY_SECONDS)
            )
            container, seconds = found.container, found.seconds
        else:
            container, seconds = await anyio.to_thread.run_sync(_container_by_head, file), told_seconds
        kind = "m4a" if (role, container) == ("audio", "mp4") else container
        named = file.with_suffix(f".{kind}")
        await anyio.to_thread.run_sync(file.replace, named)
    except BadRequest as refusal:
        raise Damaged(
            code="asset_damaged",
            message=f"{title} sent {role} that cannot be used. {refusal.message} It is kept as {file}.",
            next_step=f"Show it to {title}.",
        ) from None
    except OSError:
        raise _unread(file, title) from None
    mime_type = f"video/{kind}" if role == "video" else MIME_TYPES[named.suffix]
    return MadeFile(role, named, mime_type, seconds)


def doubts(title: str, seconds: float | None, told: float | None) -> list[str]:
    """What is to be said where audio does not last as long as the provider told, within a second or 5 %."""
    if seconds is None or told is None or abs(seconds - told) <= max(_SLACK_SECONDS, told * _SLACK_SHARE):
        return []
    return [f"{title} told of {told:.1f} s of audio; it lasts {seconds:.1f} s. Listen whether all was spoken."]


def _container_by_head(file: Path) -> str:
    """What a file is by its first bytes; what it is called where they do not tell. Blocks."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mp4"
    is_mp3 = head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2)
    return "mp3" if is_mp3 else _HEADS.get(head[:4]) or file.suffix.lstrip(".")


def _unread(file: Path, title: str) -> StudioError:
    return Unavailable(
        code="sound_unread",
        message=f"Soundstage cannot read what {title} sent, or not begin to. It is kept as {file}.",
        next_step="It is tried again by itself; see that the machine has memory and disk space left.",
    )
