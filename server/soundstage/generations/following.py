"""A job on its way to the end: asked after, fetched, and kept."""

import logging
import time

from soundstage.generations.keeping import Keeper
from soundstage.generations.outcomes import RETRY_SECONDS, Outcomes, Step, asked_seconds, pace
from soundstage.generations.record import Record, State
from soundstage.generations.store import Store
from soundstage.generations.troubles import as_error, job_vanished, never_finished
from soundstage.providers.port import Provider, Standing
from soundstage_tools.errors import OutcomeUnknown, StudioError

logger = logging.getLogger(__name__)

NOTICEABLE_PROGRESS = 0.005
LONGEST_RETRY_SECONDS = 60.0


class Following:
    """Takes generations from `running` to `succeeded`."""

    def __init__(self, store: Store, keeper: Keeper, outcomes: Outcomes) -> None:
        self._store = store
        self._keeper = keeper
        self._outcomes = outcomes

    async def look(self, record: Record, provider: Provider) -> Step:
        """Ask the provider where the work is, and fetch what is done."""
        profile = provider.profile
        try:
            standing = await provider.poll(record.job_id)
        except StudioError as untold:
            return await self._outcomes.wait(record, provider, untold)
        since = time.time() - record.submitted_at
        match standing.state:
            case "running":
                if self._outcomes.is_over(record, record.submitted_at, profile.deadline_seconds):
                    error = never_finished(profile, standing.provider_status)
                    return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, error)
                record = await self._note(record, standing)
            case "done":
                return await self._fetch(record, provider)
            case "failed":
                assert standing.error is not None
                return await self._outcomes.end(record, provider, State.FAILED, standing.error)
            case "lost":
                if not 0 <= since < profile.settling_seconds:
                    return await self._outcomes.repeat(record, provider, job_vanished(profile), profile.repeats)
        return record, pace(record.submitted_at, profile)

    async def _note(self, record: Record, standing: Standing) -> Record:
        if not _is_news(record, standing):
            return record
        return await self._store.change(
            record,
            progress=max(record.progress, standing.progress),
            eta_seconds=standing.eta_seconds,
            provider_status=standing.provider_status,
            warnings=[],
        )

    async def _fetch(self, record: Record, provider: Provider) -> Step:
        if record.state is State.RUNNING:
            record = await self._store.change(
                record, State.FETCHING, progress=1.0, eta_seconds=0.0, waiting_since=time.time()
            )
        try:
            made = await provider.fetch(record.job_id)
            result = await self._keeper.keep(record.generation_id, made)
        except OutcomeUnknown as gone:
            return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, as_error(gone))
        except StudioError as trouble:
            return await self._fetch_later(record, provider, trouble)
        done = await self._store.change(
            record,
            State.SUCCEEDED,
            result.assets,
            warnings=result.warnings,
            provider_status="",
            voice_id=f"{record.provider}:{made.voice}" if made.voice else "",
            likeness=made.likeness,
        )
        self._outcomes.forget(record)
        await provider.release(record.job_id)
        return done, 0.0

    async def _fetch_later(self, record: Record, provider: Provider, trouble: StudioError) -> Step:
        """The result is paid for: a link that has expired is new at the next look, and a full disk has room."""
        kept = provider.profile.keeps_seconds
        waited = time.time() - record.waiting_since
        if self._outcomes.is_over(record, record.waiting_since, kept):
            ended = State.NEEDS_ATTENTION if kept else State.FAILED
            return await self._outcomes.end(record, provider, ended, as_error(trouble))
        if record.provider_status != trouble.code:
            told = f"It is made, and cannot be fetched yet. {trouble.message} {trouble.next_step}"
            record = await self._store.change(record, provider_status=trouble.code, warnings=[told])
        return record, max(asked_seconds(trouble), RETRY_SECONDS, min(LONGEST_RETRY_SECONDS, waited / 4))


def _is_news(record: Record, standing: Standing) -> bool:
    return (
        standing.progress - record.progress >= NOTICEABLE_PROGRESS
        or standing.provider_status != record.provider_status
        or (standing.eta_seconds is None) != (record.eta_seconds is None)
        or bool(record.warnings)
    )
