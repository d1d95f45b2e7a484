"""Whether a file that a provider made is what it is said to be, and whole as far as its container shows."""

import json
import os
from collections.abc import Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path

from soundstage.media.audio import check_audio
from soundstage.media.formats import FORMATS, HEAD_BYTES, M4A, WEBM, MediaFormat, sniff
from soundstage_tools.errors import BadRequest, Unusable
from soundstage_tools.results import AssetRole

_CONTAINERS: Mapping[str, MediaFormat] = {
    **{one.mime_type: one for one in FORMATS if one.kind == "audio"},
    "video/mp4": M4A,
    "video/webm": WEBM,
}
_HANDLER_AT = 12
"""From the name of an MP4's `hdlr` box to the kind of track that it stands for."""


def check_made(path: Path, role: AssetRole, mime_type: str) -> None:
    """See that a file fits its role and MIME type, and is not empty, cut off or something else. Blocks.

    Of a MIME type whose container is not known here nothing but that is checked.

    Raises:
        Unusable: `asset_damaged`.
        OSError: it cannot be read.
    """
    if not mime_type.startswith({"audio": "audio/", "video": "video/", "timings": "application/json"}[role]):
        raise _damaged(role, f"is said to be {mime_type}")
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise _damaged(role, "is empty")
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            if role == "timings":
                _check_json(data)
            elif expected := _CONTAINERS.get(mime_type):
                _check_container(data, role, mime_type, expected)


def _check_json(data: mmap) -> None:
    try:
        json.loads(data[:])
    except (ValueError, RecursionError):
        raise _damaged("timings", "is no JSON, or is cut off") from None


def _check_container(data: mmap, role: AssetRole, mime_type: str, expected: MediaFormat) -> None:
    try:
        found = sniff(data[:HEAD_BYTES], "audio")
    except BadRequest:
        found = None
    if found is not expected:
        raise _damaged(role, f"is not {mime_type}, as it is said to be")
    try:
        check_audio(data, expected)
    except BadRequest:
        raise _damaged(role, "is cut off, or holds nothing that can be played") from None
    if expected is M4A and not _has_track(data, b"vide" if role == "video" else b"soun"):
        raise _damaged(role, f"holds no {role}")


def _has_track(data: mmap, kind: bytes) -> bool:
    at = data.find(b"hdlr")
    while at >= 0:
        if data[at + _HANDLER_AT : at + _HANDLER_AT + len(kind)] == kind:
            return True
        at = data.find(b"hdlr", at + 1)
    return False


def _damaged(role: AssetRole, how: str) -> Unusable:
    return Unusable(
        code="asset_damaged",
        message=f"The {role} file that the provider made {how}.",
        next_step="Ask for it again; at a provider that charges, look first whether the file there is whole.",
    )
