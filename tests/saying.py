"""Speech asked of the local engine, in this process, with the files that come of it."""

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from soundstage.providers.local.jobs import Outcome, Report, SpeechJob, TimedPhoneme, TimedWord, Timings
from soundstage.providers.local.speech.synthesis import Speaker


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a speech job."""

    audio: Path
    timings: Timings
    outcome: Outcome
    reports: list[float]


class Sayer:
    """A speaker that keeps its models, and a folder for what it says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._speaker = Speaker()
        self._numbers = count()

    def job(self, text: str, voice: str = "hibari", **fields: Any) -> SpeechJob:
        """A job whose files are its own."""
        stem = self.folder / f"{next(self._numbers)}"
        suffix = fields.setdefault("format", "wav")
        return SpeechJob(text, voice, stem.with_suffix(f".{suffix}"), stem.with_suffix(".json"), **fields)

    def run(self, job: SpeechJob, report: Report) -> Outcome:
        """Speak a job that is at hand."""
        return self._speaker.speak(job, report)

    def say(self, text: str, voice: str = "hibari", **fields: Any) -> Said:
        """Speak to the end, and read the timings back."""
        job, reports = self.job(text, voice, **fields), list[float]()
        outcome = self.run(job, reports.append)
        return Said(job.audio_path, read_timings(job.timings_path), outcome, reports)


def read_timings(path: Path) -> Timings:
    document = json.loads(path.read_text(encoding="utf-8"))
    return Timings(
        document["duration_seconds"],
        [TimedWord(**word) for word in document["words"]],
        [TimedPhoneme(**phoneme) for phoneme in document["phonemes"]],
    )
