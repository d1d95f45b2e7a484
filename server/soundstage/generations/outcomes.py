"""What becomes of a step that did not go through: it waits, is repeated, or ends the generation."""

import logging
import time

from soundstage.generations.record import Record, State
from soundstage.generations.store import LONGEST_BLOCK_SECONDS, Store
from soundstage.generations.troubles import as_error
from soundstage.generations.watching import LONGEST_GAP_SECONDS, Said, Watch
from soundstage.providers.port import Provider
from soundstage.providers.profile import Profile
from soundstage_tools.errors import StudioError, Unavailable, Unusable
from soundstage_tools.results import Charged, GenerationError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
WATCHED_SECONDS = 900.0
LONGEST_PAUSE_SECONDS = 600.0
"""What cannot be asked after is tried again after so long at most."""
NOTED_SECONDS = 60.0
"""So much of what is counted may be forgotten with a process."""

_AT_PROVIDER = {State.UNCERTAIN, State.RUNNING, State.FETCHING}

Step = tuple[Record, float]
"""A generation as it now is, and after how many seconds to look at it again."""


class Outcomes:
    """Commits what a step came to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._first_seen: dict[str, float] = {}
        self._watch = Watch()

    def is_over(self, record: Record, since: float, limit: float) -> bool:
        """Whether `limit` seconds have passed since a time on the wall clock, which may have been set meanwhile.

        So this process must itself have looked at the generation for a good part of them.
        """
        first = self._first_seen.setdefault(record.generation_id, time.monotonic())
        watched = time.monotonic() - first
        return time.time() - since >= limit and watched >= min(limit, WATCHED_SECONDS)

    def forget(self, record: Record) -> None:
        """Drop what is remembered of a generation that has ended."""
        self._first_seen.pop(record.generation_id, None)
        self._watch.forget(record.generation_id)

    def unknown_seconds(self, record: Record) -> float:
        """For how long the provider has denied a job, which has just been heard once more."""
        return self._watch.heard(record.generation_id, "unknown")

    async def watched(self, record: Record, said: Said) -> tuple[Record, float]:
        """Count the time in which this is said of a job, by this process and those before it, in seconds."""
        unnoted = self._watch.heard(record.generation_id, said)
        seconds = record.watched_seconds + unnoted
        if unnoted >= NOTED_SECONDS:
            record = await self._store.change(record, watched_seconds=seconds)
            self._watch.noted(record.generation_id)
        return record, seconds

    async def look_later(
        self, record: Record, provider: Provider, trouble: StudioError, limit: float, *, made: bool = False
    ) -> Step:
        """Go on later with a job that cannot be seen to now.

        A network, a provider or a disk that is not there now ends nothing: what was paid for waits for it. An
        answer that is of no use ends it once it has been the answer for `limit` seconds. `made`: the job is done.
        """
        passing = isinstance(trouble, Unavailable) and not isinstance(trouble, Unusable)
        if passing:
            waited = self._watch.silent(record.generation_id)
        else:
            record, waited = await self.watched(record, "no use")
            if waited >= limit:
                ended = State.NEEDS_ATTENTION if limit else State.FAILED
                return await self.end(record, provider, ended, as_error(trouble))
        if record.provider_status != trouble.code or not record.warnings:
            lead = "It is made, and cannot be fetched yet. " if made else ""
            told = f"{lead}{trouble.message} {trouble.next_step}"
            record = await self._store.change(record, provider_status=trouble.code, warnings=[told])
        pause = min(LONGEST_PAUSE_SECONDS if passing else LONGEST_GAP_SECONDS, waited / 4)
        return record, max(asked_seconds(trouble), RETRY_SECONDS, pause)

    async def wait(self, record: Record, provider: Provider, trouble: StudioError) -> Step:
        """Go on later with what cannot be done now, saying why; what is not accepted is given up in the end."""
        profile = provider.profile
        if record.state in _AT_PROVIDER:
            return await self.look_later(record, provider, trouble, profile.deadline_seconds)
        since = record.waiting_since or time.time()
        charged = record.charged
        if record.state is State.SUBMITTING and not trouble.may_be_charged:
            charged = uncharged(record, profile)
        if self.is_over(record, since, profile.waits_seconds):
            return await self.end(record, provider, State.FAILED, as_error(trouble), charged)
        asked = asked_seconds(trouble)
        to = State.QUEUED if record.state is State.SUBMITTING else None
        if to and asked:
            await self._store.block(record, min(asked, LONGEST_BLOCK_SECONDS))
        if to or record.provider_status != trouble.code:
            record = await self._store.change(
                record,
                to,
                charged=charged,
                provider_status=trouble.code,
                waiting_since=since,
                warnings=[f"{trouble.message} {trouble.next_step}"],
            )
        return record, max(asked, RETRY_SECONDS, pace(since, profile))

    async def repeat(
        self, record: Record, provider: Provider, error: GenerationError, most: int, charged: Charged = "unknown"
    ) -> Step:
        """Submit it again, unless that was done `most` times: then nobody but the user may."""
        if record.repeats >= most:
            return await self.end(record, provider, State.NEEDS_ATTENTION, error)
        again = await self._store.change(
            record,
            State.QUEUED,
            progress=0.0,
            repeats=record.repeats + 1,
            waiting_since=0.0,
            watched_seconds=0.0,
            charged=charged_by(provider.profile, charged),
        )
        return again, 0.0

    async def end(
        self,
        record: Record,
        provider: Provider,
        state: State,
        error: GenerationError,
        charged: Charged | None = None,
    ) -> Step:
        """End it. Without `charged`, what was charged before may have been charged for nothing."""
        logger.info("%s: %s: %s", record.generation_id, state, error.code)
        self.forget(record)
        charged = charged or ("no" if record.charged == "no" else "unknown")
        ended = await self._store.change(record, state, error=error, warnings=[], charged=charged)
        # What needs attention may still be had from what is kept of it.
        if state is State.FAILED:
            await provider.release(record.job_id or record.generation_id)
        return ended, 0.0


def asked_seconds(trouble: StudioError) -> float:
    """For how long a provider wants to be left alone."""
    return trouble.retry_after_seconds if isinstance(trouble, Unavailable) else 0.0


def charged_by(profile: Profile, charged: Charged) -> Charged:
    """`charged` by a provider that charges; "no" by any other."""
    return charged if profile.charges else "no"


def uncharged(record: Record, profile: Profile) -> Charged:
    """What is charged where the last submission was not: a part of the work, or the lost ones, may have been."""
    if record.charged == "yes":
        return "yes"
    return charged_by(profile, "unknown" if record.repeats and profile.repeats else "no")


def pace(since: float, profile: Profile) -> float:
    """How long to the next look: the longer the work takes, the longer."""
    return min(profile.slowest_poll_seconds, profile.poll_seconds + max(0.0, time.time() - since) / 4)
