"""Whether a sample is the speech of one person, and good enough to learn a voice from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.cloning.encoder import SpeakerEncoder, centre
from soundstage.providers.local.cloning.pitch import HOP_SECONDS, pitch_of
from soundstage.providers.local.cloning.sample import RATE, Curve, Samples
from soundstage.providers.local.cloning.speech_parts import levels, only, speech_frames
from soundstage.providers.local.jobs import EngineError

LEAST_SPEECH_SECONDS = 5.0
_LEAST_VOICE_SECONDS = 0.5
_SILENT_DB = -60.0
_QUIET_DB = -45.0
_LEAST_ABOVE_NOISE_DB = 18.0
_MOST_CLIPPED = 0.0005

_NOTE_FRAMES = 10
_NOTE_SEMITONES = 0.12
_MOST_NOTES = 0.25
_MOST_TONE, _TONE_SEMITONES = 0.9, 0.3
"""Speech hardly ever holds a pitch for a tenth of a second: 0 to 1 % of the time, music 60 % and more."""

_STEADIEST = 0.97
"""The likeness of moments of speech to their mean is 0.87 to 0.95; that of noise 0.99."""

_ONE_SPEAKER = 0.76
_LEAST_SHARE = 0.12
_ROUNDS = 20
"""Split in two, one speaker's moments come out with centres no less alike than 0.87, two speakers' with 0.66 at
most."""


@dataclass(frozen=True, slots=True)
class Screened:
    """The speech of a sample without its pauses, its pitch and embedding, and what the user should know of it."""

    speech: Samples
    pitch: Curve
    embedding: Samples
    warnings: tuple[str, ...] = ()


def screen(samples: Samples, encoder: SpeakerEncoder) -> Screened:
    """The speech in a sample at 24 kHz.

    Two who talk at once, and another who has less than an eighth of the speech, go unnoticed.

    Raises `EngineError`: `sample_silent`, `sample_noise`, `sample_tone`, `sample_music`, `sample_little_speech`,
    `sample_several_speakers`.
    """
    level = levels(samples)
    if level.max(initial=-np.inf) < _SILENT_DB:
        raise _refusal("sample_silent", "holds nothing but silence")
    pitch = pitch_of(samples, RATE)[: len(level)]
    frames = speech_frames(samples, pitch)
    voiced = pitch[frames & np.isfinite(pitch)]
    if len(voiced) * HOP_SECONDS < _LEAST_VOICE_SECONDS:
        raise _refusal("sample_noise", "holds sound but no voice: noise, or whispering")
    notes = _share_of_notes(np.where(frames, pitch, np.nan))
    if notes > _MOST_TONE and _spread(voiced) < _TONE_SEMITONES:
        raise _refusal("sample_tone", "is a tone that stays the same, and no speech")
    if notes > _MOST_NOTES:
        raise _refusal("sample_music", "is music or singing: its pitch goes in steps")
    speech = only(samples, frames)
    seconds = len(speech) / RATE
    if seconds < LEAST_SPEECH_SECONDS:
        raise _refusal(
            "sample_little_speech",
            f"holds {seconds:.1f} s of speech; at least {LEAST_SPEECH_SECONDS:g} s are needed, pauses left out",
        )
    windows = encoder.windows(speech, RATE)
    embedding = centre(windows)
    if float(np.median(windows @ embedding)) > _STEADIEST:
        raise _refusal("sample_noise", "is a sound that hardly changes, such as noise or a hum, and no speech")
    if _speak_several(windows):
        raise _refusal(
            "sample_several_speakers",
            "holds several speakers, one who imitates others, or a recording whose sound changes midway",
        )
    return Screened(speech, pitch[frames], embedding, _warnings(samples, level, frames))


def _share_of_notes(pitch: Curve) -> float:
    """How much of the time that is voiced throughout the pitch is held."""
    semitones = 12 * np.log2(pitch)
    stretches = np.lib.stride_tricks.sliding_window_view(semitones, _NOTE_FRAMES)
    ranges = stretches.max(axis=1) - stretches.min(axis=1)
    ranges = ranges[np.isfinite(ranges)]
    return float((ranges < _NOTE_SEMITONES).mean()) if ranges.size else 0.0


def _spread(hertz: Curve) -> float:
    low, high = np.percentile(12 * np.log2(hertz), [25, 75])
    return float(high - low)


def _speak_several(windows: Samples) -> bool:
    """Whether the moments of a sample, split in two by who speaks, are of two that are not alike."""
    likeness = windows @ windows.T
    first, second = (windows[place] for place in np.unravel_index(int(likeness.argmin()), likeness.shape))
    share = 0.0
    for _ in range(_ROUNDS):
        of_first = windows @ first >= windows @ second
        share = min(float(of_first.mean()), 1 - float(of_first.mean()))
        if not share:
            break
        first, second = centre(windows[of_first]), centre(windows[~of_first])
    return share >= _LEAST_SHARE and float(first @ second) < _ONE_SPEAKER


def _warnings(samples: Samples, level: Curve, frames: NDArray[np.bool_]) -> tuple[str, ...]:
    found: list[str] = []
    spoken = float(10 * np.log10((10 ** (level[frames] / 10)).mean()))
    peak = float(np.abs(samples).max())
    if peak > 0.9 and float((np.abs(samples) > 0.98 * peak).mean()) > _MOST_CLIPPED:
        found.append("The sample is clipped: its loudest parts are cut off, which harms the voice.")
    if spoken < _QUIET_DB:
        found.append(f"The sample is very quiet ({spoken:.0f} dBFS): a louder recording gives a better voice.")
    if spoken - float(np.percentile(level, 5)) < _LEAST_ABOVE_NOISE_DB:
        found.append("There is much noise, or music, behind the speaker: a quiet room gives a better voice.")
    return tuple(found)


def _refusal(code: str, what: str) -> EngineError:
    return EngineError(
        code,
        f"The sample {what}.",
        "Send 10 seconds to 5 minutes of one person who speaks, best 30 seconds in a quiet room.",
    )
