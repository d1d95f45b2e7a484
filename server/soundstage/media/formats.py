"""The media formats that come in, told by their first bytes and never by a name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from soundstage.mime_types import MIME_TYPES
from soundstage_tools.errors import BadRequest, StudioError

MediaKind = Literal["image", "audio"]

HEAD_BYTES = 64
"""How much of the start of a file `sniff` looks at."""

_HEIF_BRANDS = {b"avif", b"avis", b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True, slots=True)
class MediaFormat:
    """A format that is taken: its common name, its kind, and its file name extension without the dot."""

    name: str
    kind: MediaKind
    extension: str
    matches: Callable[[bytes], bool]

    @property
    def mime_type(self) -> str:
        """The MIME type of such a file."""
        return MIME_TYPES[f".{self.extension}"]


def _mp3(head: bytes) -> bool:
    return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


PNG = MediaFormat("PNG", "image", "png", lambda head: head[:8] == b"\x89PNG\r\n\x1a\n")
JPEG = MediaFormat("JPEG", "image", "jpg", lambda head: head[:3] == b"\xff\xd8\xff")
WEBP = MediaFormat("WebP", "image", "webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP")
GIF = MediaFormat("GIF", "image", "gif", lambda head: head[:6] in {b"GIF87a", b"GIF89a"})
WAV = MediaFormat("WAV", "audio", "wav", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE")
FLAC = MediaFormat("FLAC", "audio", "flac", lambda head: head[:4] == b"fLaC")
OGG = MediaFormat("Ogg", "audio", "ogg", lambda head: head[:4] == b"OggS")
M4A = MediaFormat(
    "M4A/MP4", "audio", "m4a", lambda head: head[4:8] == b"ftyp" and head[8:12].lower() not in _HEIF_BRANDS
)
WEBM = MediaFormat("WebM", "audio", "webm", lambda head: head[:4] == b"\x1aE\xdf\xa3" and b"webm" in head)
MP3 = MediaFormat("MP3", "audio", "mp3", _mp3)

FORMATS = (PNG, JPEG, WEBP, GIF, MP3, WAV, M4A, OGG, FLAC, WEBM)


def sniff(head: bytes, kind: MediaKind) -> MediaFormat:
    """The format of a file that starts with `head`.

    Raises BadRequest for a format that is not taken, or that is not of the `kind` asked for.
    """
    found = next((media_format for media_format in FORMATS if media_format.matches(head)), None)
    if found is not None and found.kind == kind:
        return found
    names = [media_format.name for media_format in FORMATS if media_format.kind == kind]
    is_what = f"is {found.kind} in {found.name} format" if found else "is in no format that is taken here"
    raise BadRequest(
        code="media_type_not_accepted",
        message=f"What was given as the {kind} {is_what}, going by its content whatever its name says.",
        next_step=f"Give {', '.join(names[:-1])} or {names[-1]}.",
    )


def damaged(kind: MediaKind, how: str) -> StudioError:
    """The error for a file that is not whole; `how` completes "The image ..."."""
    return BadRequest(
        code="media_damaged",
        message=f"The {kind} {how}.",
        next_step=f"Export or copy the {kind} again and give the whole file.",
    )
