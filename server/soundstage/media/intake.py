"""What comes in: an image or audio that a caller names becomes a private, inspected copy of ours.

An image's copy holds the picture alone, so that no provider learns where and when a photo was taken.
"""

import mmap
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from soundstage.http.downloads import Resolve, download, resolve_host
from soundstage.media.audio import check_audio
from soundstage.media.data_uris import decode_data_uri
from soundstage.media.formats import HEAD_BYTES, MediaKind, damaged, sniff
from soundstage.media.images import check_image
from soundstage.media.local_files import local_path, open_local
from soundstage.media.metadata import without_metadata
from soundstage.media.spool import Spool, storing
from soundstage_tools.errors import BadRequest, StudioError

MAX_BYTES: dict[MediaKind, int] = {"image": 25 * 2**20, "audio": 150 * 2**20}
"""The largest file of each kind. Ten minutes of 48 kHz stereo in 16-bit WAV are 110 MiB."""

_MAX_PATH_CHARACTERS = 4096
_COPY_BYTES = 2**20
_SCHEME = re.compile(r"(?:https?|file|data):|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_EXAMPLES: dict[MediaKind, tuple[str, str]] = {
    "image": ("face.png", "data:image/png;base64,iVBORw0KGgo..."),
    "audio": ("voice.mp3", "data:audio/mpeg;base64,SUQzBAAAAAA..."),
}


@dataclass(frozen=True, slots=True)
class TakenMedia:
    """A copy of what was given: `path` is `<sha256>.<extension>`, private to this user and never changed."""

    path: Path
    sha256: str
    mime_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes media in from where a caller says it is, and keeps a copy in `inputs_dir`, which it creates.

    Local files are read below `roots` alone, relative paths from the first; without roots none are read.
    `insecure_hosts` and `resolve` are those of `soundstage.http.downloads.download`, for tests. A download has
    `deadline_seconds` in all.
    """

    inputs_dir: Path
    roots: Sequence[Path]
    insecure_hosts: Collection[str] = ()
    resolve: Resolve = resolve_host
    deadline_seconds: float = 120.0

    async def take(self, source: str, kind: MediaKind) -> TakenMedia:
        """Copy the image or audio that `source` names: a path, a `file:` URI, an https URL or a `data:` URI.

        Its format is told from its bytes. Raises BadRequest for a source that is not allowed, not there or not
        an acceptable file, and Unavailable for a host that does not deliver or a disk that takes nothing; then
        nothing is left behind.
        """
        scheme = match.group().lower() if (match := _SCHEME.match(source)) else ""
        if scheme in {"https:", "http:"}:
            return await self._take_url(source, kind)
        if scheme == "data:":
            return await anyio.to_thread.run_sync(self._take_data_uri, source, kind)
        if scheme not in {"", "file:"} or not 0 < len(source) <= _MAX_PATH_CHARACTERS:
            raise _not_understood(kind)
        return await anyio.to_thread.run_sync(self._take_file, source, kind)

    async def _take_url(self, url: str, kind: MediaKind) -> TakenMedia:
        with storing(self.inputs_dir), await anyio.to_thread.run_sync(Spool, self.inputs_dir) as spool:
            await download(
                url,
                spool.file.write,
                max_bytes=MAX_BYTES[kind],
                deadline_seconds=self.deadline_seconds,
                insecure_hosts=self.insecure_hosts,
                resolve=self.resolve,
            )
            return await anyio.to_thread.run_sync(_keep, spool, kind)

    def _take_data_uri(self, uri: str, kind: MediaKind) -> TakenMedia:
        content = decode_data_uri(uri)
        sniff(content[:HEAD_BYTES], kind)
        with storing(self.inputs_dir), Spool(self.inputs_dir) as spool:
            spool.file.write(content)
            return _keep(spool, kind)

    def _take_file(self, source: str, kind: MediaKind) -> TakenMedia:
        if not self.roots:
            raise BadRequest(
                code="path_not_allowed",
                message="This server reads no local files.",
                next_step="Give an https URL or a data URI.",
            )
        descriptor = open_local(local_path(source, self.roots[0]), self.roots)
        try:
            _check_length(os.fstat(descriptor).st_size, kind)
            sniff(_read(descriptor, HEAD_BYTES), kind)
            os.lseek(descriptor, 0, os.SEEK_SET)
            with storing(self.inputs_dir), Spool(self.inputs_dir) as spool:
                while data := _read(descriptor, _COPY_BYTES):
                    _check_length(spool.file.tell() + len(data), kind)
                    spool.file.write(data)
                return _keep(spool, kind)
        finally:
            os.close(descriptor)


def _read(descriptor: int, length: int) -> bytes:
    try:
        return os.read(descriptor, length)
    except OSError:
        raise BadRequest(
            code="path_unreadable",
            message="The system cannot read the file.",
            next_step="Give a copy of it.",
        ) from None


def _keep(spool: Spool, kind: MediaKind) -> TakenMedia:
    """Inspect what has come in, by now out of anybody else's reach, and keep it."""
    length = spool.file.tell()
    _check_length(length, kind)
    spool.file.flush()
    with mmap.mmap(spool.file.fileno(), length, access=mmap.ACCESS_READ) as data:
        media_format = sniff(data[:HEAD_BYTES], kind)
        if kind == "image":
            check_image(data, media_format)
            content = without_metadata(data, media_format)
        else:
            check_audio(data, media_format)
            content = None
    if content is not None:
        spool.replace(content)
        length = len(content)
    path, sha256 = spool.keep(media_format.extension)
    return TakenMedia(path=path, sha256=sha256, mime_type=media_format.mime_type, bytes=length)


def _check_length(length: int, kind: MediaKind) -> None:
    if length == 0:
        raise damaged(kind, "is empty: it has 0 bytes")
    if length > MAX_BYTES[kind]:
        raise BadRequest(
            code="media_too_large",
            message=f"The {kind} is larger than {MAX_BYTES[kind] // 2**20} MiB, the most that is taken.",
            next_step=f"Give a smaller or more compressed {kind}.",
        )


def _not_understood(kind: MediaKind) -> StudioError:
    name, data_uri = _EXAMPLES[kind]
    return BadRequest(
        code="source_not_understood",
        message=f"What was given as the {kind} names no file in a form that is known here.",
        next_step=f"Give a path (/home/me/{name}), a file URI (file:///home/me/{name}), an https URL "
        f"(https://example.com/{name}) or a data URI ({data_uri}).",
    )
