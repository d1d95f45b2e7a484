"""Who is animated: the portrait's largest face, upright, or the drawn host."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundstage.providers.local.avatar.arrays import U8
from soundstage.providers.local.avatar.faces import Face, FaceFinder
from soundstage.providers.local.avatar.host import drawn_host
from soundstage.providers.local.avatar.portrait import load_portrait
from soundstage.providers.local.jobs import EngineError

MIN_FACE_PIXELS = 40
_TURNED, _LEANING, _LYING = 0.45, 35.0, 60.0


@dataclass(frozen=True, slots=True)
class Sitter:
    """An RGB picture, the face on it that is animated, and what the user should know about it."""

    rgb: U8
    face: Face
    warnings: tuple[str, ...]


def find_sitter(path: Path | None) -> Sitter:
    """The sitter of the portrait at `path`; without a path, the drawn host.

    Raises EngineError `no_face_found`, `face_too_small` (under 40 pixels), or what load_portrait raises.
    """
    rgb = drawn_host() if path is None else load_portrait(path)
    finder = FaceFinder()
    faces = finder.find(rgb)
    quarter_turns = round(faces[0].roll / 90) if faces else 2
    remarks: list[str] = []
    if not faces or abs(faces[0].roll) > _LYING:
        # A photograph that lost its orientation on the way: nobody wants a video that lies on its side.
        turned = np.ascontiguousarray(np.rot90(rgb, quarter_turns))
        upright = finder.find(turned)
        if upright and abs(upright[0].roll) < _LYING:
            leaning = f"{abs(faces[0].roll):.0f}" if faces else "180"
            remarks.append(f"The head leans by {leaning} degrees; the picture was turned upright.")
            rgb, faces = turned, upright
    if not faces:
        raise EngineError(
            "no_face_found",
            "No face was found in the portrait.",
            "Give a picture that shows a face from the front, large and well lit; or leave the image out for the "
            "drawn host.",
        )
    face = faces[0]
    if face.size < MIN_FACE_PIXELS:
        raise EngineError(
            "face_too_small",
            f"The largest face in the portrait is {face.size:.0f} pixels; it must have at least "
            f"{MIN_FACE_PIXELS}.",
            "Give a picture cropped to the face; 200 pixels and more make a sharp video.",
        )
    return Sitter(rgb, face, (*remarks, *_remarks(faces, rgb.shape[1])))


def _remarks(faces: list[Face], picture_width: int) -> Iterator[str]:
    face = faces[0]
    if len(faces) > 1:
        place = ("on the left", "in the middle", "on the right")[min(int(3 * face.centre[0] / picture_width), 2)]
        yield f"The picture shows {len(faces)} faces; the largest one, {place}, is animated."
    if face.turn > _TURNED:
        yield "The face is turned to the side; a face from the front speaks more naturally."
    if abs(face.roll) > _LEANING:
        yield f"The head leans by {abs(face.roll):.0f} degrees; an upright one speaks more naturally."
