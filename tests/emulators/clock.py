"""Virtual time: real, faster by a factor, or standing until a test moves it."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

STANDING_START = datetime(2026, 2, 14, 10, 30, tzinfo=UTC).timestamp()


class Clock:
    """Seconds since 1970, UTC.

    `pace` is 1 for real time, 100 for a hundredfold, 0 for a clock that only `advance` moves. A running clock
    starts at the machine's time, a standing one at 2026-02-14T10:30:00Z, unless `start` says otherwise.
    """

    def __init__(self, pace: float = 1.0, start: float | None = None) -> None:
        self.pace = pace
        self._start = start if start is not None else (time.time() if pace else STANDING_START)
        self._began = time.monotonic()
        self._moved = asyncio.Event()

    def now(self) -> float:
        return round(self._start + (time.monotonic() - self._began) * self.pace, 3)

    def advance(self, seconds: float) -> None:
        """Move the clock, and wake whoever sleeps on it. Only on the thread of the event loop."""
        self._start += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        due = self.now() + seconds
        while (left := due - self.now()) > 0:
            timeout = left / self.pace if self.pace else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), timeout)


def stamp(moment: float) -> str:
    """ISO 8601 in whole seconds, with a Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 text; without a zone it is UTC. ValueError when it is none."""
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def is_moment(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True
