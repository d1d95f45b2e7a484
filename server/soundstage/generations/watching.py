"""What this process hears of generations at their providers: only time in which somebody answered counts."""

import time
from dataclasses import dataclass
from typing import Literal

LONGEST_GAP_SECONDS = 30.0
"""Of the time between two equal answers no more than this counts: a machine may have slept."""

Said = Literal["not yet", "unknown", "no use"]
"""That it is being made; that there is no such job; something that is neither a result nor the promise of one."""


@dataclass(slots=True)
class _Course:
    said: Said | None = None
    at: float | None = None
    seconds: float = 0.0
    silent_since: float | None = None


class Watch:
    """Counts on this process's own clock, which nobody sets, how long a provider has said the same of a job."""

    def __init__(self) -> None:
        self._courses: dict[str, _Course] = {}

    def heard(self, generation_id: str, said: Said) -> float:
        """The seconds for which this has been said without another answer in between, or since `noted`."""
        now = time.monotonic()
        course = self._courses.get(generation_id)
        if course is None or course.said != said:
            course = self._courses[generation_id] = _Course(said)
        elif course.at is not None:
            course.seconds += min(now - course.at, LONGEST_GAP_SECONDS)
        course.at, course.silent_since = now, None
        return course.seconds

    def noted(self, generation_id: str) -> None:
        """What was counted is kept elsewhere: count on from nothing."""
        self._courses[generation_id].seconds = 0.0

    def silent(self, generation_id: str) -> float:
        """Nobody could be asked: the seconds for which that has been so."""
        now = time.monotonic()
        course = self._courses.setdefault(generation_id, _Course())
        course.at = None
        course.silent_since = course.silent_since if course.silent_since is not None else now
        return now - course.silent_since

    def forget(self, generation_id: str) -> None:
        """Drop what is known of a generation that has ended, or is another process's."""
        self._courses.pop(generation_id, None)
