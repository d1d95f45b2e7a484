"""The size of an image, read from its header: what a decoder would need is known before one runs."""

import struct
from mmap import mmap

from soundstage.media.formats import GIF, JPEG, PNG, MediaFormat, damaged
from soundstage_tools.errors import BadRequest

MAX_PIXELS = 50_000_000
"""The largest image that is taken: 50 megapixels, 200 MB once decoded."""

_MAX_JPEG_SEGMENTS = 4096
_MAX_GIF_BLOCKS = 10_000
_CUT_OFF = "is cut off before its end"
_NO_SIZE = "does not say how large it is where its format demands it"


def check_image(data: mmap, media_format: MediaFormat) -> None:
    """Raise BadRequest unless `data` is an image that is whole, as far as it shows, and not too large."""
    try:
        if media_format is PNG:
            width, height = _png_size(data)
        elif media_format is JPEG:
            width, height = _jpeg_size(data)
        elif media_format is GIF:
            width, height = _gif_size(data)
        else:
            width, height = _webp_size(data)
    except (struct.error, IndexError):
        raise damaged("image", _CUT_OFF) from None
    if not width or not height:
        raise damaged("image", _NO_SIZE)
    if width * height > MAX_PIXELS:
        raise BadRequest(
            code="image_too_many_pixels",
            message=f"The image has {width} x {height} pixels; the most is {MAX_PIXELS // 10**6} million.",
            next_step="Scale it down: 2048 pixels on the longer side are plenty.",
        )


def _png_size(data: mmap) -> tuple[int, int]:
    length, chunk, width, height = struct.unpack_from(">I4sII", data, 8)
    if chunk != b"IHDR" or length != 13:
        raise damaged("image", _NO_SIZE)
    if data.find(b"IEND\xaeB`\x82") < 0:
        raise damaged("image", _CUT_OFF)
    return width, height


def _jpeg_size(data: mmap) -> tuple[int, int]:
    at = 2
    for _ in range(_MAX_JPEG_SEGMENTS):
        if data[at] != 0xFF:
            break
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, at + 4)
            # A thumbnail inside the metadata has an end marker too, so only one after the header counts.
            if data.find(b"\xff\xd9", at) < 0:
                raise damaged("image", _CUT_OFF)
            return width, height
        at += 1
        if not (marker == 0x01 or 0xD0 <= marker <= 0xD7):
            (length,) = struct.unpack_from(">H", data, at)
            at += max(length, 2)
    raise damaged("image", _NO_SIZE)


def _gif_size(data: mmap) -> tuple[int, int]:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + gif_colours_bytes(flags)
    for _ in range(_MAX_GIF_BLOCKS):
        match data[at]:
            case 0x21:
                at += 2
            case 0x2C:
                left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, at + 1)
                # Decoders grow the canvas to hold a frame that is larger than the screen it is for.
                width, height = max(width, left + frame_width), max(height, top + frame_height)
                at += 11 + gif_colours_bytes(flags)
            case 0x3B:
                return width, height
            case _:
                break
        while data[at]:
            at += 1 + data[at]
        at += 1
    raise damaged("image", "does not follow its format")


def gif_colours_bytes(flags: int) -> int:
    """How long the table of colours is that follows a header with these flags."""
    return 6 << (flags & 7) if flags & 0x80 else 0


def _webp_size(data: mmap) -> tuple[int, int]:
    size, chunk = struct.unpack_from("<I4x4s", data, 4)
    if size + 8 > len(data):
        raise damaged("image", _CUT_OFF)
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L" and data[20] == 0x2F:
        (packed,) = struct.unpack_from("<I", data, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X":
        low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
        return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
    raise damaged("image", _NO_SIZE)
