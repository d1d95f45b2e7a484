"""What a provider learns from an image: the picture, and neither where nor when it was taken."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from soundstage.media.intake import Intake
from soundstage_tools.errors import BadRequest

PRIVATE = b"51.4779 N, PRIVATE"
PROFILE = b"what the numbers of its pixels mean"
XMP = b"<x:xmpmeta>" + PRIVATE + b"</x:xmpmeta>"
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def picture() -> Image.Image:
    """96 x 64 pixels of which no two rows or columns are the same."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 96, 3), dtype=np.uint8))


def exif(orientation: int) -> Image.Exif:
    told = Image.Exif()
    told[ORIENTATION] = orientation
    told[MAKE] = PRIVATE.decode()
    told.get_ifd(GPS)[1] = "N"
    return told


def encoded(form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture().save(out, form, **options)
    return out.getvalue()


async def taken(content: bytes, tmp_path: Path) -> bytes:
    (tmp_path / "photo").write_bytes(content)
    return (await Intake(tmp_path / "inputs", [tmp_path]).take("photo", "image")).path.read_bytes()


def frames(content: bytes) -> list[Any]:
    """Every frame as a viewer shows it: upright, in RGBA."""
    with Image.open(io.BytesIO(content)) as shown:
        found: list[Any] = []
        for at in range(getattr(shown, "n_frames", 1)):
            shown.seek(at)
            found.append(np.asarray(ImageOps.exif_transpose(shown).convert("RGBA")))
        return found


def jpeg_with_all_there_is() -> bytes:
    """A photo as a telephone writes it: a second picture and a film after its end, a thumbnail before."""
    photo = encoded("JPEG", exif=exif(6), icc_profile=PROFILE, comment=PRIVATE, xmp=XMP, progressive=True)
    thumbnail = b"JFXX\0\x10" + PRIVATE
    further = b"MPF\0" + PRIVATE
    segments = struct.pack(">HH", 0xFFE0, 2 + len(thumbnail)) + thumbnail
    segments += struct.pack(">HH", 0xFFE2, 2 + len(further)) + further
    # The first segment after the start is JFIF's, 18 bytes long, and stays the first.
    return photo[:20] + segments + photo[20:] + encoded("JPEG", comment=PRIVATE) + b"\0\0\0\x18ftypmp42" + PRIVATE


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with_all_there_is() -> bytes:
    photo = encoded("PNG", exif=exif(6), icc_profile=PROFILE)
    words = png_chunk(b"tEXt", b"Comment\0" + PRIVATE) + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    return photo[:33] + words + png_chunk(b"tIME", b"\x07\xea\x0b\x15\0\0\0") + photo[33:] + PRIVATE


def gif_with_all_there_is() -> bytes:
    other = picture().rotate(180)
    told = encoded("GIF", save_all=True, append_images=[other], loop=0, duration=100, comment=PRIVATE)
    packet = b"\x21\xff\x0bXMP DataXMP" + bytes([len(XMP)]) + XMP + b"\0"
    assert told.endswith(b"\x3b")
    return told[:-1] + packet + told[-1:] + PRIVATE


PHOTOS: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg_with_all_there_is,
    "png": png_with_all_there_is,
    "webp": lambda: encoded("WEBP", lossless=True, exif=exif(6).tobytes(), xmp=XMP, icc_profile=PROFILE) + PRIVATE,
    "webp animated": lambda: encoded(
        "WEBP",
        lossless=True,
        exif=exif(6).tobytes(),
        xmp=XMP,
        save_all=True,
        append_images=[picture().rotate(180)],
    ),
    "gif": gif_with_all_there_is,
}


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
@pytest.mark.parametrize("photo", PHOTOS)
async def test_only_the_picture_is_kept_of_a_photo(photo: str, tmp_path: Path) -> None:
    before = PHOTOS[photo]()
    assert PRIVATE in before
    after = await taken(before, tmp_path)
    assert PRIVATE not in after
    assert len(frames(after)) == len(frames(before))
    for one, other in zip(frames(after), frames(before), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_photo_stays_the_right_way_up(form: str, orientation: int, tmp_path: Path) -> None:
    before = encoded(form, exif=exif(orientation).tobytes(), icc_profile=PROFILE)
    after = await taken(before, tmp_path)
    assert PRIVATE not in after
    assert np.array_equal(frames(after)[0], frames(before)[0])
    with Image.open(io.BytesIO(after)) as shown:
        assert shown.info["icc_profile"] == PROFILE
        assert set(shown.getexif()) <= {ORIENTATION}


@pytest.mark.parametrize("byte_order", ["<", ">"])
async def test_cameras_of_either_byte_order_are_read(byte_order: str, tmp_path: Path) -> None:
    entry = struct.pack(f"{byte_order}HHIHH", ORIENTATION, 3, 1, 3, 0)
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[byte_order] + struct.pack(f"{byte_order}IH", 8, 1) + entry + bytes(4)
    after = await taken(encoded("JPEG", exif=b"Exif\0\0" + tiff), tmp_path)
    with Image.open(io.BytesIO(after)) as shown:
        assert dict(shown.getexif()) == {ORIENTATION: 3}


@pytest.mark.parametrize(
    "damage", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", b"no TIFF at all"]
)
async def test_metadata_that_nobody_can_read_is_left_out_all_the_same(damage: bytes, tmp_path: Path) -> None:
    plain = encoded("JPEG")
    odd = b"Exif\0\0" + damage
    before = plain[:2] + struct.pack(">HH", 0xFFE1, 2 + len(odd)) + odd + plain[2:]
    assert await taken(before, tmp_path) == plain


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_an_image_without_metadata_is_kept_as_it_is(form: str, tmp_path: Path) -> None:
    plain = encoded(form)
    assert await taken(plain, tmp_path) == plain


async def test_parts_that_reach_past_the_end_are_refused(tmp_path: Path) -> None:
    plain = encoded("GIF")
    with pytest.raises(BadRequest, match=r"does not follow its format|is cut off"):
        await taken(plain[:-40] + b"\xff" * 39 + b"\x3b", tmp_path)
