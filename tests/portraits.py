"""What a talking portrait is made from in tests: a face drawn here, and speech with its timings."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from soundstage.providers.local.avatar.render import animate
from soundstage.providers.local.jobs import AudioFormat, AvatarJob, Outcome, SpeechJob, TimedPhoneme
from soundstage.providers.local.speech.synthesis import Speaker

BACKGROUND = (226, 228, 232)

_SKIN, _SHADE, _HAIR = (232, 190, 160), (204, 152, 122), (70, 50, 38)
_LIP, _SEAM, _SHIRT = (190, 92, 88), (120, 56, 54), (74, 104, 140)
_WHITE, _IRIS, _PUPIL = (250, 248, 244), (92, 118, 90), (24, 20, 20)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance: its sound, and what was said when."""

    audio: Path
    timings: Path
    seconds: float
    phonemes: Sequence[TimedPhoneme]


def spoken(text: str, folder: Path, name: str, form: AudioFormat = "wav") -> Speech:
    """The text spoken into a folder by the fast voice."""
    audio, timings = folder / f"{name}.{form}", folder / f"{name}.json"
    outcome = Speaker().speak(SpeechJob(text, "hibari", audio, timings, format=form), lambda _: None)
    written = json.loads(timings.read_text(encoding="utf-8"))["phonemes"]
    return Speech(audio, timings, outcome.duration_seconds, [TimedPhoneme(**phoneme) for phoneme in written])


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished video, and what was told about it on the way."""

    video: Path
    outcome: Outcome
    reports: Sequence[float]


class Filmer:
    """Animates portraits into a folder, each video under a name of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def film(self, audio: Path, image: Path | None = None, **fields: Any) -> Clip:
        """Animate to the end."""
        video, reports = self.folder / f"{next(self._numbers)}.mp4", list[float]()
        outcome = animate(AvatarJob(audio, video, image, **fields), reports.append)
        return Clip(video, outcome, reports)


def drawn_portrait(side: int = 480) -> Image.Image:
    """A man from the front with closed lips, on light grey, in a square of that many pixels."""
    scale = 4
    unit = side * scale / 100
    image = Image.new("RGB", (side * scale, side * scale), BACKGROUND)
    pen = ImageDraw.Draw(image)

    def spot(x: float, y: float, across: float, down: float, colour: tuple[int, int, int]) -> None:
        box = [(x - across) * unit, (y - down) * unit, (x + across) * unit, (y + down) * unit]
        pen.ellipse(box, fill=colour)

    def area(points: Sequence[Point], colour: tuple[int, int, int]) -> None:
        pen.polygon([(x * unit, y * unit) for x, y in points], fill=colour)

    def stroke(points: Sequence[Point], thickness: float, colour: tuple[int, int, int]) -> None:
        for x, y in points:
            spot(x, y, thickness / 2, thickness / 2, colour)
        pen.line([(x * unit, y * unit) for x, y in points], fill=colour, width=round(thickness * unit))

    spot(50, 104, 34, 24, _SHIRT)
    area([(42, 66), (58, 66), (60, 84), (50, 90), (40, 84)], _SHADE)
    spot(50, 38, 23, 26, _HAIR)
    for x in (28.5, 71.5):
        spot(x, 47, 3, 5, _SHADE)
    spot(50, 47, 20.5, 26, _SKIN)
    spot(50, 24, 19, 8, _HAIR)
    for x in (41, 59):
        spot(x, 44, 4.4, 2.3, _SHADE)
        spot(x, 44.2, 3.9, 1.9, _WHITE)
        spot(x, 44.1, 1.8, 1.8, _IRIS)
        spot(x, 44.1, 0.9, 0.9, _PUPIL)
        stroke(_arc((x - 4.2, 44), (x + 4.2, 44), -2.2), 0.6, _HAIR)
        stroke(_arc((x - 5, 38.6), (x + 5, 38.6), -1.5), 1.3, _HAIR)
    stroke(_arc((47, 55.5), (53, 55.5), 1.2), 0.7, _SHADE)
    stroke([(48.8, 46), (48, 51), (47, 54.5)], 0.5, _SHADE)
    for x in (48, 52):
        spot(x, 55.7, 0.7, 0.45, _SEAM)
    seam = _arc((43, 62.6), (57, 62.6), 0.6)
    area([*seam, *reversed(_arc((43, 62.6), (57, 62.6), -2.0))], _LIP)
    area([*seam, *reversed(_arc((43, 62.6), (57, 62.6), 3.6))], _LIP)
    stroke(seam, 0.4, _SEAM)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _arc(start: Point, end: Point, sag: float) -> list[Point]:
    """Points from start to end that bend down by the sag in the middle."""
    steps = [step / 16 for step in range(17)]
    return [
        (
            start[0] + (end[0] - start[0]) * t,
            start[1] + (end[1] - start[1]) * t + sag * math.sin(math.pi * t),
        )
        for t in steps
    ]
