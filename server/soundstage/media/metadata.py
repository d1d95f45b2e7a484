"""Images without what they tell beside the picture: where, when, with what and by whom it was taken, thumbnails.

Nothing is decoded: what shapes the picture (pixels, colours, animation, which side is up) stays byte for byte.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from mmap import mmap

from soundstage.media.formats import GIF, JPEG, PNG, MediaFormat, damaged
from soundstage.media.images import gif_colours_bytes

_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ORIENTATION = 0x0112
_TURNED = range(2, 9)
"""What the orientation can be of a picture that does not lie as it is to be seen."""

_JPEG_SCAN, _JPEG_END, _JPEG_COMMENT, _JPEG_EXIF = 0xDA, 0xD9, 0xFE, 0xE1
_JPEG_APPLICATIONS = range(0xE0, 0xF0)
_JPEG_SHAPING = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")
_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\x01\xd0-\xd7])")
"""In a scan, the start of what is not pixels any more: neither a stuffed byte nor a restart."""

_PNG_SHAPING = {
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"cICP",
    b"sBIT",
    b"pHYs",
    b"bKGD",
    b"acTL",
    b"fcTL",
    b"fdAT",
}
_WEBP_SHAPING = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_HAS_EXIF, _WEBP_HAS_XMP = 0x08, 0x04

_GIF_SHAPING = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF


def without_metadata(data: mmap, media_format: MediaFormat) -> bytes:
    """The image in `data`, which `check_image` let pass, without what only tells of the picture.

    Raises BadRequest where its parts do not follow its format.
    """
    pieces = {PNG: _png, JPEG: _jpeg, GIF: _gif}.get(media_format, _webp)
    try:
        return b"".join(pieces(data))
    except (struct.error, IndexError):
        raise damaged("image", "does not follow its format") from None


def _jpeg(data: mmap) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    orientation = None
    is_scanned = False
    while found := _JPEG_MARKER.search(data, at):
        if is_scanned:
            yield data[at : found.start()]
        marker, start = found[1][0], found.end()
        if marker == _JPEG_END:
            yield b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, start)
        at = start + length
        told = data[start + 2 : at]
        if marker == _JPEG_EXIF and told.startswith(b"Exif\0\0"):
            orientation = orientation or _orientation(told[6:])
        if marker == _JPEG_SCAN and not is_scanned:
            is_scanned = True
            if orientation:
                exif = b"Exif\0\0" + _exif(orientation)
                yield struct.pack(">BBH", 0xFF, _JPEG_EXIF, 2 + len(exif)) + exif
        if marker != _JPEG_COMMENT and (marker not in _JPEG_APPLICATIONS or told.startswith(_JPEG_SHAPING)):
            yield data[found.start() : at]
    yield data[at:]


def _png(data: mmap) -> Iterator[bytes]:
    yield data[:8]
    at = 8
    while at + 12 <= len(data):
        length, chunk = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        is_critical = not chunk[0] & 0x20
        if chunk == b"eXIf" and (orientation := _orientation(data[at + 8 : end - 4])):
            told = b"eXIf" + _exif(orientation)
            yield struct.pack(">I", len(told) - 4) + told + struct.pack(">I", zlib.crc32(told))
        elif is_critical or chunk in _PNG_SHAPING:
            yield data[at:end]
        if chunk == b"IEND":
            return
        at = end


def _webp(data: mmap) -> Iterator[bytes]:
    (size,) = struct.unpack_from("<I", data, 4)
    kept: dict[bytes, list[bytes]] = {}
    at = 12
    while at + 8 <= 8 + size:
        chunk, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        if chunk == b"EXIF":
            orientation = _orientation(content.removeprefix(b"Exif\0\0"))
            content = _exif(orientation) if orientation else b""
        if content and (chunk == b"EXIF" or chunk in _WEBP_SHAPING):
            kept.setdefault(chunk, []).append(content)
        at += 8 + length + length % 2
    for header in kept.get(b"VP8X", []):
        has_exif = _WEBP_HAS_EXIF if b"EXIF" in kept else 0
        kept[b"VP8X"] = [bytes([header[0] & ~(_WEBP_HAS_EXIF | _WEBP_HAS_XMP) | has_exif]) + header[1:]]
    chunks = [_riff(chunk, content) for chunk, contents in kept.items() for content in contents]
    yield _riff(b"RIFF", b"WEBP" + b"".join(chunks))


def _riff(chunk: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", chunk, len(content)) + content + b"\0" * (len(content) % 2)


def _gif(data: mmap) -> Iterator[bytes]:
    at = 13 + gif_colours_bytes(data[10])
    yield data[:at]
    while data[at] in {0x21, 0x2C}:
        start = at
        if data[at] == 0x2C:
            at += 11 + gif_colours_bytes(data[at + 9])
            is_kept = True
        else:
            is_kept = data[at + 1] != _GIF_COMMENT and (
                data[at + 1] != _GIF_APPLICATION or data[at + 3 : at + 14] in _GIF_SHAPING
            )
            at += 2
        while data[at]:
            at += 1 + data[at]
        at += 1
        if is_kept:
            yield data[start:at]
    yield data[at : at + 1]


def _orientation(exif: bytes) -> int | None:
    """How the picture is turned or mirrored, 2 to 8; None where it is upright, or nothing says so."""
    order = _TIFF_ORDERS.get(exif[:4])
    if order is None:
        return None
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            tag, value = struct.unpack_from(f"{order}H6xH", exif, entry)
            if tag == _ORIENTATION:
                return value if value in _TURNED else None
    except struct.error:
        pass
    return None


def _exif(orientation: int) -> bytes:
    short = 3
    return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, _ORIENTATION, short, 1, orientation, 0, 0)
