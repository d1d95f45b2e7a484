"""How long a job still takes, from how fast it went of late."""

from collections import deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 5.0


@dataclass(slots=True)
class Pace:
    """Progress over the last seconds. A mean since the start would lag behind a machine that gets busy."""

    _seen: deque[tuple[float, float]] = field(default_factory=deque[tuple[float, float]])

    def note(self, now: float, progress: float) -> None:
        """Progress (0 to 1) as it was at `now`, in seconds of a monotonic clock."""
        self._seen.append((now, progress))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW_SECONDS:
            self._seen.popleft()

    def eta_seconds(self, now: float) -> float | None:
        """Seconds from `now` to the end; `None` until there is a pace."""
        if len(self._seen) < 2:
            return None
        (first_time, first), (last_time, last) = self._seen[0], self._seen[-1]
        if last <= first or last_time <= first_time:
            return None
        rate = (last - first) / (last_time - first_time)
        return max(0.0, (1.0 - last) / rate - (now - last_time))
