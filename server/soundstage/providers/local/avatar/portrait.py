"""Reads a portrait from any picture file into upright RGB pixels."""

import struct
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from soundstage.providers.local.avatar.arrays import U8, u8
from soundstage.providers.local.jobs import EngineError

MIN_SIDE = 64
MAX_MEGAPIXELS = 50
WORKING_SIDE = 2560

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_BEHIND_TRANSPARENCY = (226, 228, 232)
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, struct.error, MemoryError)


def load_portrait(path: Path) -> U8:
    """The picture at `path` as (height, width, 3) RGB, at most 2560 pixels on its longer side.

    EXIF orientation is applied, transparency is laid over light grey. Raises EngineError `image_unreadable`,
    `image_too_small` (a side under 64 pixels) or `image_too_large` (over 50 megapixels; told by the header,
    before any pixel is decoded).
    """
    try:
        # The megapixel limit is checked here, with our own words, so Pillow's warning has nothing to add.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            Image.init()
            known = [name for name in _FORMATS if name in Image.OPEN]
            with Image.open(path, formats=known) as picture:
                _check_size(picture.width, picture.height)
                return _pixels(picture)
    except Image.DecompressionBombError:
        raise _too_large("more than 170 megapixels") from None
    except UnidentifiedImageError:
        raise _unreadable("is not a picture in a format that can be read") from None
    except FileNotFoundError:
        raise _unreadable("does not exist") from None
    except _DAMAGE:
        raise _unreadable("is damaged or cut short") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise _too_large(f"{width}x{height} pixels, {width * height / 1e6:.0f} megapixels")
    if min(width, height) < MIN_SIDE:
        raise EngineError(
            "image_too_small",
            f"The portrait is {width}x{height} pixels; each side must have at least {MIN_SIDE}.",
            "Give a larger picture, with the face at least 200 pixels wide for a sharp video.",
        )


def _pixels(picture: Image.Image) -> U8:
    picture.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
    image = ImageOps.exif_transpose(_eight_bit(picture))
    longest = max(image.size)
    if longest > WORKING_SIDE:
        share = WORKING_SIDE / longest
        size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, (*_BEHIND_TRANSPARENCY, 255)), image)
    return u8(image.convert("RGB"))


def _eight_bit(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.nan_to_num(np.asarray(picture, dtype=np.float64))
    # 32-bit and float files name no white point: 16 bits is what such pictures hold in practice.
    white = 65535.0 if values.max(initial=0.0) > 255.0 else 255.0 if values.max(initial=0.0) > 1.0 else 1.0
    grey = Image.fromarray(u8(np.clip(values / white, 0.0, 1.0) * 255.0 + 0.5))
    grey.getexif().update(picture.getexif())
    return grey


def _too_large(size: str) -> EngineError:
    return EngineError(
        "image_too_large",
        f"The portrait is too large: {size}; the limit is {MAX_MEGAPIXELS} megapixels.",
        "Give a smaller copy: 1500 pixels on the longer side are plenty.",
    )


def _unreadable(what: str) -> EngineError:
    return EngineError(
        "image_unreadable",
        f"The portrait {what}.",
        "Give a complete PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file.",
    )
