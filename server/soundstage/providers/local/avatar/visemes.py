"""The motion of a mouth from phonemes with their times: visemes, blended by coarticulation."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from soundstage.providers.local.avatar.arrays import F32, f32
from soundstage.providers.local.avatar.listening import HOPS_PER_SECOND, Heard
from soundstage.providers.local.avatar.mouth import (
    MouthMotion,
    at_frames,
    frame_count,
    frame_times,
    long_silence,
    smooth,
)
from soundstage.providers.local.jobs import TimedPhoneme


@dataclass(frozen=True, slots=True)
class Viseme:
    """What a phoneme asks of the mouth (see MouthMotion), and how firmly.

    `hold` is the firmness on the gap, `shape` the firmness on the width: a sound of low firmness lets its
    neighbours shine through.
    """

    gap: float
    width: float = 0.0
    hold: float = 1.0
    shape: float = 1.0
    tuck: float = 0.0
    press: float = 0.0
    tongue: float = 0.0
    teeth: float = 0.0


PAUSE = Viseme(0.0, hold=0.9, shape=0.4)
_BILABIAL = Viseme(0.0, hold=2.5, shape=0.25, press=1.0)
_LABIODENTAL = Viseme(0.1, 0.05, hold=2.0, shape=0.5, tuck=1.0)
_DENTAL = Viseme(0.2, 0.1, hold=1.2, shape=0.5, tongue=1.0)
_ALVEOLAR = Viseme(0.2, 0.1, hold=0.8, shape=0.35, tongue=0.6)
_SIBILANT = Viseme(0.18, 0.35, hold=1.4, shape=0.7, tongue=0.3, teeth=1.0)
_POSTALVEOLAR = Viseme(0.16, -0.55, hold=1.3, shape=1.2, teeth=0.9)
_VELAR = Viseme(0.26, 0.0, hold=0.6, shape=0.25)
_GLOTTAL = Viseme(0.35, 0.0, hold=0.2, shape=0.1)
_RHOTIC = Viseme(0.2, -0.4, hold=0.8, shape=0.9)
_GLIDE_ROUND = Viseme(0.07, -1.0, hold=1.4, shape=2.0)
_GLIDE_SPREAD = Viseme(0.2, 0.6, hold=0.8, shape=0.9)
_NEUTRAL = Viseme(0.4, 0.0, hold=0.7, shape=0.4)

_CLASSES: tuple[tuple[str, Viseme], ...] = (
    ("pbmɓʙ", _BILABIAL),
    ("fvɱʋⱱ", _LABIODENTAL),
    ("θð", _DENTAL),
    ("tdnlɾɫɬɮɗʈɖɳɭ", _ALVEOLAR),
    ("sz", _SIBILANT),
    ("ʃʒʂʐɕʑʧʤʦʣ", _POSTALVEOLAR),
    ("kgɡŋxɣqɢχʁɰcɟɲʎçʝɴʟ", _VELAR),
    ("hɦʔħʕ", _GLOTTAL),
    ("ɹrɻɽɺʀ", _RHOTIC),
    ("wʍɥβɸ", _GLIDE_ROUND),
    ("jʲ", _GLIDE_SPREAD),
    ("ɑaɶ", Viseme(1.0, 0.0, hold=1.3)),
    ("æɐ", Viseme(0.9, 0.25, hold=1.3)),
    ("ʌ", Viseme(0.68, 0.0)),
    ("ɒɔ", Viseme(0.6, -0.5, hold=1.2, shape=1.3)),
    ("oøɵ", Viseme(0.4, -0.7, shape=1.5)),
    ("œɞ", Viseme(0.6, -0.5, shape=1.3)),
    ("uyʉ", Viseme(0.15, -1.0, shape=1.8)),
    ("ʊʏ", Viseme(0.2, -0.75, shape=1.4)),
    ("ɯɤɨ", Viseme(0.3, 0.2)),
    ("ɛ", Viseme(0.68, 0.3, hold=1.1)),
    ("eɘ", Viseme(0.52, 0.45)),
    ("əɜᵊ", Viseme(0.42, 0.0, hold=0.7, shape=0.4)),
    ("ɚɝ", Viseme(0.34, -0.3, hold=0.9)),
    ("ɪᵻ", Viseme(0.36, 0.45)),
    ("i", Viseme(0.26, 0.85, shape=1.2)),
)
_VISEMES = {symbol: viseme for symbols, viseme in _CLASSES for symbol in symbols}
_VOWELS = frozenset("ɑaɶæɐʌɒɔoøɵœɞuyʉʊʏɯɤɨɛeɘəɜᵊɚɝɪᵻi")
_SHORT_PAUSE = 0.12


@dataclass(frozen=True, slots=True)
class _Segment:
    viseme: Viseme
    start: float
    end: float


def read_phonemes(path: Path) -> list[TimedPhoneme] | None:
    """The phonemes of a Timings file, which may have words alone; None when what it holds cannot be used."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        phonemes = [
            TimedPhoneme(str(p["phoneme"]), float(p["start"]), float(p["end"])) for p in document["phonemes"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sound = [p for p in phonemes if np.isfinite((p.start, p.end)).all() and p.end > p.start >= 0.0]
    return sorted(sound, key=lambda p: p.start) if sound or not phonemes else None


def motion_from_phonemes(phonemes: Iterable[TimedPhoneme], heard: Heard) -> MouthMotion:
    """The mouth as the phonemes ask for it; the loudness of each syllable scales its gap a little."""
    frames = frame_count(heard.seconds)
    hops = heard.loudness.size
    segments = list(_segments(phonemes))
    gap = _blend(segments, hops, [s.viseme.gap for s in segments], [s.viseme.hold for s in segments])
    width = _blend(segments, hops, [s.viseme.width for s in segments], [s.viseme.shape for s in segments])
    spans = [1.0] * len(segments)
    tongue = _blend(segments, hops, [s.viseme.tongue for s in segments], spans)
    teeth = _blend(segments, hops, [s.viseme.teeth for s in segments], spans)
    press = _presence(segments, hops, [s.viseme.press for s in segments])
    tuck = _presence(segments, hops, [s.viseme.tuck for s in segments])
    stress = smooth(heard.loudness, 0.06)
    gap = smooth(f32(gap * (0.82 + 0.25 * stress)), 0.016)
    gap = f32(gap * (1.0 - press) * (1.0 - tuck) + _LABIODENTAL.gap * tuck)
    shown = np.clip(at_frames(gap, frames), 0.0, 1.0)
    pressed, tucked = at_frames(press, frames), at_frames(tuck, frames)
    for index, viseme in _closures(segments, frames):
        # At 25 frames a second a short closure can fall between two frames; the nearest one shows it whole.
        shown[index] = viseme.gap
        pressed[index], tucked[index] = viseme.press, viseme.tuck
    return MouthMotion(
        gap=f32(shown),
        width=np.clip(at_frames(smooth(width, 0.03), frames), -1.0, 1.0),
        tuck=tucked,
        press=pressed,
        tongue=at_frames(smooth(tongue, 0.02), frames),
        teeth=at_frames(smooth(teeth, 0.02), frames),
        rest=at_frames(long_silence(heard.loudness), frames),
        stress=at_frames(smooth(heard.loudness, 0.08), frames),
    )


def visemes_of(phoneme: str) -> list[Viseme]:
    """The visemes of one phoneme in order: one, or two for a diphthong or an affricate. Empty: a pause."""
    plain = "".join(
        c
        for c in unicodedata.normalize("NFD", phoneme)
        if unicodedata.category(c) not in ("Mn", "Sk") or c in _VISEMES
    )
    known = [_VISEMES[c] for c in plain if c in _VISEMES]
    if known:
        return known
    return [_NEUTRAL] if any(c.isalpha() and unicodedata.category(c) != "Lm" for c in plain) else []


def _segments(phonemes: Iterable[TimedPhoneme]) -> Iterator[_Segment]:
    for p in phonemes:
        visemes = visemes_of(p.phoneme)
        length = p.end - p.start
        if not visemes:
            soft = replace(PAUSE, hold=0.25, shape=0.1)
            yield _Segment(soft if length < _SHORT_PAUSE else PAUSE, p.start, p.end)
            continue
        # The first half of a diphthong is the longer and the wider one.
        cuts = np.linspace(0.0, 1.0, len(visemes) + 1) ** (0.75 if len(visemes) > 1 else 1.0)
        for viseme, a, b in zip(visemes, cuts[:-1], cuts[1:], strict=True):
            yield _Segment(viseme, p.start + length * float(a), p.start + length * float(b))


def _blend(segments: list[_Segment], hops: int, targets: list[float], firmness: list[float]) -> F32:
    """The mean of the targets at each hop, each weighted by its firmness and by how near it is in time."""
    total = np.full(hops, 1e-3)
    value = np.zeros(hops)
    for segment, target, firm in zip(segments, targets, firmness, strict=True):
        first, away = _reach(segment, hops)
        # Lips prepare a sound longer than they remember it.
        weight = firm * np.exp(-np.where(away < 0.0, -away / 0.045, away / 0.035))
        total[first : first + away.size] += weight
        value[first : first + away.size] += weight * target
    return f32(value / total)


def _presence(segments: list[_Segment], hops: int, amounts: list[float]) -> F32:
    """How much of a closure is on at each hop: full inside its segment, gone 45 ms away."""
    value = np.zeros(hops)
    for segment, amount in zip(segments, amounts, strict=True):
        if amount:
            first, away = _reach(segment, hops)
            ramp = amount * np.clip(1.0 - np.abs(away) / 0.045, 0.0, 1.0)
            value[first : first + away.size] = np.maximum(value[first : first + away.size], ramp)
    return f32(value * value * (3.0 - 2.0 * value))


def _reach(segment: _Segment, hops: int) -> tuple[int, F32]:
    """The first hop near a segment, and the seconds from the segment: negative before, 0 inside."""
    first = min(hops, max(0, int((segment.start - 0.3) * HOPS_PER_SECOND)))
    last = min(hops, int((segment.end + 0.3) * HOPS_PER_SECOND) + 1)
    t = np.arange(first, max(first, last)) / HOPS_PER_SECOND
    return first, f32(np.minimum(t - segment.start, 0.0) + np.maximum(t - segment.end, 0.0))


def _closures(segments: list[_Segment], frames: int) -> Iterator[tuple[int, Viseme]]:
    times = frame_times(frames)
    for segment in segments:
        if segment.viseme.press or segment.viseme.tuck:
            nearest = int(np.argmin(np.abs(times - (segment.start + segment.end) / 2)))
            if abs(float(times[nearest]) - (segment.start + segment.end) / 2) < 0.04:
                yield nearest, segment.viseme
