"""Media made from their standards, and an intake with one allowed folder."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from soundstage.media.intake import Intake

PngOf = Callable[..., bytes]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int = 8, height: int = 8, *, text: bytes = b"", pixels: bool = True) -> bytes:
    """A black RGB PNG (ISO/IEC 15948) with `text` for its colours. Without `pixels` the header alone is true."""
    rows = zlib.compress((b"\0" + b"\0\0\0" * width) * height) if pixels else zlib.compress(b"")
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"iCCP", b"profile\0\0" + text),
            _chunk(b"IDAT", rows),
            _chunk(b"IEND", b""),
        )
    )


@pytest.fixture
def make_png() -> PngOf:
    return png_of


@dataclass(frozen=True)
class Place:
    """An allowed folder and one outside it, an innocent image in the first and a secret one in the second."""

    root: Path
    outside: Path
    inputs: Path
    intake: Intake
    innocent: bytes
    canary: bytes

    def kept(self) -> list[bytes]:
        """The content of everything that the intake has left on disk."""
        return [path.read_bytes() for path in self.inputs.glob("*")] if self.inputs.is_dir() else []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root, outside, inputs = tmp_path / "root", tmp_path / "outside", tmp_path / "home" / "inputs"
    root.mkdir()
    outside.mkdir()
    innocent, canary = png_of(text=b"innocent"), png_of(text=b"CANARY")
    (root / "face.png").write_bytes(innocent)
    (outside / "face.png").write_bytes(canary)
    return Place(root, outside, inputs, Intake(inputs, [root]), innocent, canary)
