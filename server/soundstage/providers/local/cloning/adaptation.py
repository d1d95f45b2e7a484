"""Fitting the engine's voice to a speaker, and measuring how near it came."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundstage.providers.local.clones import Reached, Voicing
from soundstage.providers.local.cloning.blend import blend, expected_pitch
from soundstage.providers.local.cloning.encoder import SpeakerEncoder
from soundstage.providers.local.cloning.pitch import median_pitch, pitch_of
from soundstage.providers.local.cloning.sample import RATE, Curve, Samples
from soundstage.providers.local.cloning.spectrum import difference, distance, long_term_spectrum
from soundstage.providers.local.cloning.speech_parts import only, speech_frames
from soundstage.providers.local.cloning.trial import AT_A_TIME, CHECKING, FITTING, Trial
from soundstage.providers.local.speech.timbre import coloured

WARPS = (0.92, 0.96, 1.0, 1.04, 1.08)
_WIDEST_PITCH = 2.0
_MOST_GAIN_DB = 6.0
_SHARE_OF_GAIN = 0.8
_PER_DB = 0.02
"""Similarity that a warp must be worth for each dB by which it takes the spectrum away."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is heard of a speaker: who it is, how high the voice lies in Hz, and its long-term spectrum."""

    embedding: Samples
    hertz: float
    spectrum: Curve


def traits_of(speech: Samples, pitch: Curve, encoder: SpeakerEncoder) -> Traits:
    """The traits of the one whose speech this is, at 24 kHz without pauses; `pitch` is its curve."""
    return Traits(encoder.embedding(speech, RATE), median_pitch(pitch), long_term_spectrum(speech))


def adapt(wanted: Traits, trial: Trial, encoder: SpeakerEncoder) -> Voicing:
    """The way to speak that is most like the speaker."""
    mix = blend(wanted.embedding, wanted.hertz)
    voicing = _raised(Voicing(mix), wanted.hertz / expected_pitch(mix))
    spoken = trial.speak(voicing, FITTING)
    pitch = pitch_of(spoken, RATE)
    frames = speech_frames(spoken, pitch)
    hertz = median_pitch(pitch) / trial.above_usual(mix, FITTING)
    tuned = _raised(voicing, wanted.hertz / hertz) if hertz else voicing

    def warped(warp: float) -> tuple[float, Voicing]:
        return _warped(tuned, warp, spoken, frames, wanted, encoder)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return max(pool.map(warped, WARPS), key=lambda result: result[0])[1]


def reached(voicing: Voicing, wanted: Traits, trial: Trial, encoder: SpeakerEncoder) -> Reached:
    """What other words in the voice have in common with the sample."""
    spoken = _traits(trial.speak(voicing, CHECKING), encoder)
    hertz = spoken.hertz / trial.above_usual(voicing.mix, CHECKING)
    default = _traits(trial.speak_by_default(CHECKING), encoder)
    return Reached(
        similarity=round(float(spoken.embedding @ wanted.embedding), 3),
        default_similarity=round(float(default.embedding @ wanted.embedding), 3),
        pitch_error_semitones=round(abs(12 * float(np.log2(hertz / wanted.hertz))), 2),
        spectrum_distance_db=round(distance(wanted.spectrum, spoken.spectrum), 2),
    )


def _traits(samples: Samples, encoder: SpeakerEncoder) -> Traits:
    pitch = pitch_of(samples, RATE)
    return traits_of(only(samples, speech_frames(samples, pitch)), pitch, encoder)


def _raised(voicing: Voicing, factor: float) -> Voicing:
    pitch = min(max(voicing.pitch * factor, 1 / _WIDEST_PITCH), _WIDEST_PITCH)
    return replace(voicing, pitch=round(pitch, 4))


def _warped(
    voicing: Voicing,
    warp: float,
    spoken: Samples,
    frames: NDArray[np.bool_],
    wanted: Traits,
    encoder: SpeakerEncoder,
) -> tuple[float, Voicing]:
    """How good a warp is, and the voice with it and with the equaliser that it needs."""
    moved = coloured(spoken, warp, ())
    gap = difference(wanted.spectrum, long_term_spectrum(only(moved, frames)))
    gains = np.clip(_SHARE_OF_GAIN * gap, -_MOST_GAIN_DB, _MOST_GAIN_DB)
    equaliser = tuple(round(float(gain), 2) for gain in gains)
    heard = only(coloured(moved, 1.0, equaliser), frames)
    similarity = float(encoder.embedding(heard, RATE) @ wanted.embedding)
    score = similarity - _PER_DB * distance(wanted.spectrum, long_term_spectrum(heard))
    return score, replace(voicing, warp=warp, equaliser=equaliser)
