"""A job on its way to the end: asked after, fetched, and kept."""

import time

from soundstage.generations.keeping import Keeper
from soundstage.generations.outcomes import Outcomes, Step, pace
from soundstage.generations.record import Record, State
from soundstage.generations.store import Store
from soundstage.generations.troubles import as_error, job_vanished, never_finished
from soundstage.providers.port import Provider, Standing
from soundstage_tools.errors import OutcomeUnknown, StudioError

NOTICEABLE_PROGRESS = 0.005


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
        match standing.state:
            case "running":
                record, watched = await self._outcomes.watched(record, "not yet")
                if watched >= profile.deadline_seconds:
                    error = never_finished(profile, standing.provider_status)
                    return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, error)
                record = await self._note(record, standing)
            case "done":
                return await self._fetch(record, provider)
            case "failed":
                assert standing.error is not None
                return await self._outcomes.end(record, provider, State.FAILED, standing.error)
            case "lost":
                if self._outcomes.unknown_seconds(record) >= profile.settling_seconds:
                    error = standing.error or job_vanished(profile)
                    return await self._outcomes.repeat(record, provider, error, profile.repeats)
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
                record,
                State.FETCHING,
                progress=1.0,
                eta_seconds=0.0,
                waiting_since=time.time(),
                watched_seconds=0.0,
            )
        try:
            made = await provider.fetch(record.job_id)
            result = await self._keeper.keep(record.generation_id, made)
        except OutcomeUnknown as gone:
            return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, as_error(gone))
        except StudioError as trouble:
            kept = provider.profile.keeps_seconds
            return await self._outcomes.look_later(record, provider, trouble, kept, made=True)
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


def _is_news(record: Record, standing: Standing) -> bool:
    return (
        standing.progress - record.progress >= NOTICEABLE_PROGRESS
        or standing.provider_status != record.provider_status
        or (standing.eta_seconds is None) != (record.eta_seconds is None)
        or bool(record.warnings)
    )
