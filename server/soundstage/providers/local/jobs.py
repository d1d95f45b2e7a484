"""What the server asks of the engine's child process, and what comes back.

This module is all that the two sides of the pipe share. It imports no engine library.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

AudioFormat = Literal["mp3", "wav", "ogg", "flac", "m4a"]
AspectRatio = Literal["16:9", "9:16", "1:1"]
Resolution = Literal["540p", "720p"]

Report = Callable[[float], None]
"""Called by the engine with the share of the job that is done, 0 to 1, never falling."""


@dataclass(frozen=True, slots=True)
class SpeechJob:
    """Speak `text` with `voice` into `audio_path`; with `voice_path` in the cloned voice that this file holds.

    `speed` is a factor of the natural rate, `pitch` is in semitones, `volume` a linear gain on speech
    normalised to -20 dBFS active level. `timings_path` receives a `Timings` document.
    """

    text: str
    voice: str
    audio_path: Path
    timings_path: Path
    format: AudioFormat = "mp3"
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    voice_path: Path | None = None


@dataclass(frozen=True, slots=True)
class CloneJob:
    """Make a voice like the one in `sample_path`, and write it as a `ClonedVoice` into `voice_path`.

    With `keep_sample` the sample is copied beside it, under its name. The rest goes into that file as it is;
    `created_at` is ISO 8601, UTC.
    """

    sample_path: Path
    voice_path: Path
    name: str
    created_at: str
    consent: Mapping[str, str] = field(default_factory=dict[str, str])
    keep_sample: bool = False


@dataclass(frozen=True, slots=True)
class AvatarJob:
    """Animate the portrait at `image_path` with the audio at `audio_path` into `video_path` (H.264 + AAC mp4).

    No `image_path`: the drawn host. With `timings_path`, the `Timings` of that very audio, the mouth follows
    the phonemes; without it, an analysis of the signal.
    """

    audio_path: Path
    video_path: Path
    image_path: Path | None = None
    timings_path: Path | None = None
    aspect_ratio: AspectRatio = "16:9"
    resolution: Resolution = "540p"
    expressiveness: float = 1.0
    head_motion: float = 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished job: the length of what was made, and what the user should know about it."""

    duration_seconds: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as the user wrote it (`$42.50`, `3:30`), with its start and end in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TimedPhoneme:
    """One IPA phoneme, a pause being the empty string, with its start and end in seconds."""

    phoneme: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Timings:
    """When each word and phoneme of an utterance sounds. On disk: the JSON object of these fields."""

    duration_seconds: float
    words: list[TimedWord] = field(default_factory=list[TimedWord])
    phonemes: list[TimedPhoneme] = field(default_factory=list[TimedPhoneme])


class EngineError(Exception):
    """A job that the engine cannot do, in words for the agent.

    `code` is stable and snake_case (`no_face_found`, `audio_unreadable`, `unreadable_text`...), `message` says
    what happened, `next_step` what to do about it.
    """

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
