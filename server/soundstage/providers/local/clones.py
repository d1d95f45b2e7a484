"""A cloned voice as it is kept: how the engine is to speak with it, and what is known of how near it came."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

Gender = Literal["female", "male"]


@dataclass(frozen=True, slots=True)
class Voicing:
    """How the engine speaks with the voice.

    `mix`: stock voices and their shares, which add up to 1. `pitch`: a factor of the mixture's own fundamental
    frequency. `warp`: a factor of its resonances. `equaliser`: the gain in each band of `speech.timbre`, in dB.
    """

    mix: Mapping[str, float]
    pitch: float = 1.0
    warp: float = 1.0
    equaliser: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """What speech of the voice has in common with the sample.

    `similarity` and `default_similarity` are cosines of speaker embeddings, -1 to 1: of the voice, and of the
    engine's default voice. `pitch_error_semitones`: between the median pitches. `spectrum_distance_db`: root mean
    square over the bands of the long-term spectra.
    """

    similarity: float
    default_similarity: float
    pitch_error_semitones: float
    spectrum_distance_db: float


@dataclass(frozen=True, slots=True)
class ClonedVoice:
    """A voice of the user's own making. `language` is a BCP-47 tag; `created_at` is ISO 8601, UTC.

    `consent` tells how and when the right to it was confirmed.
    """

    name: str
    language: str
    gender: Gender
    voicing: Voicing
    reached: Reached
    created_at: str
    consent: Mapping[str, str] = field(default_factory=dict[str, str])


def to_json(voice: ClonedVoice) -> str:
    """The voice as it is kept in its file."""
    return json.dumps(asdict(voice), ensure_ascii=False, separators=(",", ":"))


def read_clone(path: Path) -> ClonedVoice | None:
    """The voice in a file; None where there is none that can be read."""
    try:
        told = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        voicing = told["voicing"]
        return ClonedVoice(
            name=told["name"],
            language=told["language"],
            gender=told["gender"],
            voicing=Voicing(**voicing | {"equaliser": tuple(voicing["equaliser"])}),
            reached=Reached(**told["reached"]),
            created_at=told["created_at"],
            consent=told["consent"],
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
