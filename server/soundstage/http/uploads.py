"""Request bodies: JSON, and forms with files that are read piece by piece off the event loop."""

import json
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2

from soundstage.mime_types import MIME_TYPES
from soundstage_tools.errors import Unavailable

_PIECE_BYTES = 256 * 1024
_ESCAPED = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form: text, or the file at a path, which goes by `filename`. Its suffix tells what it is."""

    name: str
    content: str | Path
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that can be sent as often as need be, while its files are there."""

    content_type: str
    pieces: Sequence[bytes | Path]


def json_upload(content: Any) -> Upload:
    """What JSON can say. Half a surrogate pair, which no encoding can, becomes a question mark."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Upload("application/json", [text.encode(errors="replace")])


def form_upload(parts: Sequence[Part]) -> Upload:
    """A multipart form, its parts in this order."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes | Path] = []
    for part in parts:
        content = part.content if isinstance(part.content, Path) else part.content.encode(errors="replace")
        pieces += [_head(part, boundary), content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return Upload(f"multipart/form-data; boundary={boundary}", pieces)


def _head(part: Part, boundary: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{part.name}"'
    lines = [f"--{boundary}", disposition]
    if isinstance(part.content, Path):
        filename = part.filename or part.content.name
        content_type = MIME_TYPES.get(Path(filename).suffix.lower(), "application/octet-stream")
        lines[1] += f'; filename="{filename.translate(_ESCAPED)}"'
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, "", ""]).encode()


class Outgoing(httpx2.AsyncByteStream):
    """A body on its way out, once. Its files are open, so that nothing but the network can fail."""

    def __init__(self, pieces: Sequence[bytes | anyio.AsyncFile[bytes]], length: int) -> None:
        self.length = length
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                while data := await piece.read(_PIECE_BYTES):
                    yield data


@asynccontextmanager
async def outgoing(upload: Upload) -> AsyncGenerator[Outgoing]:
    """The upload with its files open.

    Raises:
        Unavailable: a file cannot be read.
    """
    pieces: list[bytes | anyio.AsyncFile[bytes]] = []
    length = 0
    async with AsyncExitStack() as files:
        for piece in upload.pieces:
            if isinstance(piece, bytes):
                pieces.append(piece)
                length += len(piece)
                continue
            try:
                file = await files.enter_async_context(await anyio.open_file(piece, "rb"))
                length += os.fstat(file.wrapped.fileno()).st_size
            except OSError:
                raise Unavailable(
                    code="input_unreadable",
                    message="Soundstage cannot read its own copy of the file to be sent.",
                    next_step="Ask again, with the file.",
                ) from None
            pieces.append(file)
        yield Outgoing(pieces, length)
