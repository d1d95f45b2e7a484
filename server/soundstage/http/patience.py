"""When a request may be made again: never earlier than asked, never for long, and never all at once."""

import math
import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import anyio

LONGEST_BACK_OFF_SECONDS = 600.0
"""A provider that asks to be left alone for longer is asked again after this."""

_LONGEST_PAUSE_SECONDS = 4.0
_RANDOM = secrets.SystemRandom()
_FREE_RETRIES = 20
_REQUESTS_A_RETRY = 10


def asked_seconds(retry_after: str | None, date: str | None = None) -> float | None:
    """How long a `Retry-After` asks for, in seconds or as an HTTP date; None where it says nothing of sense.

    A date counts from the answer's own `Date`, where there is one: the two clocks need not agree.
    """
    text = (retry_after or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = moment(text)
        if until is None:
            return None
        seconds = (until - (moment(date or "") or datetime.now(UTC))).total_seconds()
    return None if math.isnan(seconds) else max(0.0, seconds)


def moment(date: str) -> datetime | None:
    """The time that an HTTP date names; None where it is none."""
    try:
        named = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return named if named.tzinfo else named.replace(tzinfo=UTC)


class Pace:
    """What the requests to one provider agree on: until when it is to be left alone, and how many were repeated.

    Repeats come to a tenth of all requests at most, of which twenty are there from the start: a provider in
    trouble is not asked five times as much.
    """

    def __init__(self, base_seconds: float) -> None:
        self._base_seconds = base_seconds
        self._quiet_until = 0.0
        self._requests = 0
        self._retries = 0

    def left_alone_seconds(self) -> float:
        """How much longer the provider asked to be left alone."""
        return max(0.0, self._quiet_until - anyio.current_time())

    def leave_alone(self, seconds: float) -> None:
        """Ask nothing for so long, ten minutes at most."""
        until = anyio.current_time() + min(seconds, LONGEST_BACK_OFF_SECONDS)
        self._quiet_until = max(self._quiet_until, until)

    def begin(self) -> None:
        """Count a request, which is not a repeat."""
        self._requests += 1

    def may_repeat(self) -> bool:
        """Whether one more repeat is in the budget; if so, it is taken from it."""
        if self._retries >= max(_FREE_RETRIES, self._requests // _REQUESTS_A_RETRY):
            return False
        self._retries += 1
        return True

    def pause_seconds(self, repeats: int) -> float:
        """How long to wait before the next try after so many repeats: exponential, with full jitter."""
        longest = min(self._base_seconds * 2**repeats, _LONGEST_PAUSE_SECONDS)
        return _RANDOM.uniform(0, longest)
