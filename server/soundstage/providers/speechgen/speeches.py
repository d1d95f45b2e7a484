"""Speech that SpeechGen made, kept on disk from its answer until it has been fetched."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from soundstage.http.files import Spooled, Unwritable

_NOTE = "speech.json"
MIME_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Speech:
    """An answer: the audio in `file`, or yet to be had from `url`. `seconds` are its length, as told or found."""

    file: str
    url: str = ""
    seconds: float | None = None


def note(folder: Path, speech: Speech) -> None:
    """Keep an answer. Blocks.

    Raises:
        Unwritable: the disk takes nothing.
    """
    try:
        spooled = Spooled(folder / _NOTE)
    except OSError:
        raise Unwritable from None
    try:
        spooled.write(json.dumps(asdict(speech)).encode())
        spooled.keep()
    finally:
        spooled.drop()


def noted(folder: Path) -> Speech | None:
    """The answer that is kept there; None where there is none. Blocks."""
    try:
        told: dict[str, Any] = json.loads((folder / _NOTE).read_bytes())
        return Speech(**told)
    except (OSError, ValueError, TypeError):
        return None


def audio_kind(file: Path) -> str:
    """What a file is by its first bytes: mp3, wav or ogg; empty where it is none of these. Blocks."""
    with file.open("rb") as opened:
        head = opened.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "wav"
    if head[:4] == b"OggS":
        return "ogg"
    is_mp3 = head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2)
    return "mp3" if is_mp3 else ""
