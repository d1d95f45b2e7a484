"""Frames a portrait: a crop of the wanted shape around the head, or the whole picture on its own blur."""

from dataclasses import dataclass

import cv2
import numpy as np

from soundstage.providers.local.avatar.arrays import F32, U8, f32, u8
from soundstage.providers.local.avatar.faces import CHIN, FOREHEAD, Face
from soundstage.providers.local.jobs import AspectRatio, Resolution

_SHORT_SIDE: dict[Resolution, int] = {"540p": 540, "720p": 720}
_LONG_SIDE: dict[Resolution, int] = {"540p": 960, "720p": 1280}

# Shares of the frame's height.
_LEAST_FACE = 0.36
_EYE_LINE = 0.43
# Shares of the face's height: what of hair and neck belongs to the head.
_HAIR, _NECK = 0.28, 0.18


@dataclass(frozen=True, slots=True)
class Scene:
    """The framed picture: RGB pixels, the face's landmarks on it, and the box (left, top, right, bottom) that
    the portrait fills; outside of it is only its blur."""

    pixels: U8
    landmarks: F32
    bounds: tuple[int, int, int, int]


def frame_size(aspect_ratio: AspectRatio, resolution: Resolution) -> tuple[int, int]:
    """Width and height in pixels."""
    short, long = _SHORT_SIDE[resolution], _LONG_SIDE[resolution]
    return {"16:9": (long, short), "9:16": (short, long), "1:1": (short, short)}[aspect_ratio]


def frame_portrait(rgb: U8, face: Face, width: int, height: int) -> Scene:
    """The scene of `width` x `height` pixels that shows the face best."""
    picture_height, picture_width = rgb.shape[:2]
    cover = min(picture_width / width, picture_height / height)
    forehead, chin = face.landmarks[FOREHEAD, :2], face.landmarks[CHIN, :2]
    head_top = float(min(forehead[1], chin[1])) - _HAIR * face.height
    head_bottom = float(max(forehead[1], chin[1])) + _NECK * face.height
    if max(head_top, 0.0) + cover * height < min(head_bottom, picture_height):
        return _on_blur(rgb, face, width, height)
    scale = min(cover, face.height / (_LEAST_FACE * height))
    crop_width, crop_height = scale * width, scale * height
    eyes = face.landmarks[[33, 263], :2].mean(axis=0)
    left = float(eyes[0]) - crop_width / 2
    top = float(eyes[1]) - _EYE_LINE * crop_height
    top = min(top, max(head_top, 0.0))
    top = max(top, min(head_bottom, picture_height) - crop_height)
    left = float(np.clip(left, 0.0, picture_width - crop_width))
    top = float(np.clip(top, 0.0, picture_height - crop_height))
    pixels = _resample(rgb, left, top, 1.0 / scale, width, height)
    return Scene(pixels, _moved(face, left, top, 1.0 / scale), (0, 0, width, height))


def _on_blur(rgb: U8, face: Face, width: int, height: int) -> Scene:
    picture_height, picture_width = rgb.shape[:2]
    zoom = min(width / picture_width, height / picture_height)
    inner_width = min(width, round(picture_width * zoom))
    inner_height = min(height, round(picture_height * zoom))
    x, y = (width - inner_width) // 2, (height - inner_height) // 2
    cover = min(picture_width / width, picture_height / height)
    small_width, small_height = max(16, width // 8), max(16, height // 8)
    left, top = (picture_width - cover * width) / 2, (picture_height - cover * height) / 2
    small = _resample(rgb, left, top, small_width / (cover * width), small_width, small_height)
    soft = cv2.GaussianBlur(small, (0, 0), small_height / 14)
    backdrop = cv2.resize(u8(u8(soft) * 0.55), (width, height), interpolation=cv2.INTER_CUBIC)
    pixels = u8(backdrop)
    pixels[y : y + inner_height, x : x + inner_width] = _resample(rgb, 0.0, 0.0, zoom, inner_width, inner_height)
    return Scene(pixels, _moved(face, -x / zoom, -y / zoom, zoom), (x, y, x + inner_width, y + inner_height))


def _resample(rgb: U8, left: float, top: float, zoom: float, width: int, height: int) -> U8:
    """`width` x `height` pixels of the picture from (left, top) on, enlarged `zoom` times."""
    if zoom < 0.75:
        x0, y0 = int(max(left, 0)), int(max(top, 0))
        x1 = min(rgb.shape[1], int(np.ceil(left + width / zoom)))
        y1 = min(rgb.shape[0], int(np.ceil(top + height / zoom)))
        return u8(cv2.resize(rgb[y0:y1, x0:x1], (width, height), interpolation=cv2.INTER_AREA))
    matrix = f32([[1 / zoom, 0, left + 0.5 / zoom - 0.5], [0, 1 / zoom, top + 0.5 / zoom - 0.5]])
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return u8(cv2.warpAffine(rgb, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _moved(face: Face, left: float, top: float, zoom: float) -> F32:
    return f32((face.landmarks - f32([left, top, 0.0])) * zoom)
