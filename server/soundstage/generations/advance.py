"""One step of a generation: what its state asks for next, done with its provider and committed."""

import json
import logging
import time
from collections.abc import Mapping

import anyio

from soundstage.generations.record import Record, State
from soundstage.generations.rows import JobTaken
from soundstage.generations.store import Store
from soundstage.generations.troubles import (
    as_error,
    broke_off,
    job_taken,
    job_vanished,
    never_finished,
    speech_is_missing,
    submission_lost,
)
from soundstage.generations.work import speech_of, work_of
from soundstage.media.assets import AssetFolder
from soundstage.providers.port import Provider, SpeakFirst, Standing, Submission
from soundstage.providers.profile import Profile
from soundstage_tools.errors import OutcomeUnknown, StudioError, Unavailable
from soundstage_tools.results import GenerationError

logger = logging.getLogger(__name__)

NOTICEABLE_PROGRESS = 0.005
AWAITING_SECONDS = 1.0
FULL_SECONDS = 1.0
RETRY_SECONDS = 2.0
COMMIT_TRIES = 60

Step = tuple[Record, float]
"""A generation as it now is, and after how many seconds to look at it again."""


class Steps:
    """Advances generations that this process holds the lease of."""

    def __init__(self, store: Store, providers: Mapping[str, Provider], assets: AssetFolder) -> None:
        self._store = store
        self._providers = providers
        self._assets = assets

    @property
    def providers(self) -> list[str]:
        """The names of the providers whose generations can be advanced here."""
        return list(self._providers)

    async def advance(self, held: Record) -> Step:
        """Do the next step of `held`.

        Raises:
            LeaseLost: another process has it, or it was ended elsewhere.
            StudioError: the store cannot be used now.
        """
        record = await self._store.get(held.generation_id)
        if record.finished:
            return record, 0.0
        provider = self._providers[record.provider]
        if record.cancel_requested:
            await provider.release(record.job_id)
            return await self._store.change(record, State.CANCELED), 0.0
        match record.state:
            case State.QUEUED:
                return await self._submit(record, provider)
            case State.SUBMITTING:
                return await self._recover(record, provider, submission_lost(provider.profile))
            case _:
                return await self._look(record, provider)

    async def give_up(self, held: Record) -> None:
        """End a generation whose step broke in a way that nobody foresaw.

        Raises:
            LeaseLost, StudioError: as `advance` does.
        """
        record = await self._store.get(held.generation_id)
        if not record.finished:
            broken = broke_off(self._providers[record.provider].profile)
            await self._store.change(record, State.FAILED, error=broken.model_dump_json())

    async def _submit(self, record: Record, provider: Provider) -> Step:
        awaited = await self._store.find(record.awaits) if record.awaits else None
        if awaited and not awaited.finished:
            return record, AWAITING_SECONDS
        if awaited and awaited.state is not State.SUCCEEDED:
            return await self._end(record, provider, State.FAILED, speech_is_missing(awaited))
        work = work_of(record, awaited, self._assets)
        try:
            if awaited:
                await provider.check(work)
            submission = await provider.prepare(work)
        except Unavailable as not_now:
            return await self._wait(record, provider, not_now)
        except StudioError as refusal:
            return await self._end(record, provider, State.FAILED, as_error(refusal))
        admitted = await self._store.admit(record, provider.profile.max_in_flight)
        if admitted is None:
            return record, FULL_SECONDS
        return await self._begin(admitted, provider, submission)

    async def _begin(self, record: Record, provider: Provider, submission: Submission) -> Step:
        try:
            job_id = await submission()
        except SpeakFirst:
            return await self._store.speak_first(record, speech_of(record)), 0.0
        except Unavailable as not_now:
            return await self._wait(record, provider, not_now)
        except OutcomeUnknown as lost:
            return await self._recover(record, provider, as_error(lost))
        except StudioError as refusal:
            return await self._end(record, provider, State.FAILED, as_error(refusal))
        try:
            return await self._note_job(record, job_id), provider.profile.poll_seconds
        except JobTaken:
            return await self._end(record, provider, State.NEEDS_ATTENTION, job_taken(provider.profile))

    async def _note_job(self, record: Record, job_id: str) -> Record:
        """Commit that the job is there. What was paid for must not be forgotten over a disk that is full now."""
        for _ in range(COMMIT_TRIES):
            try:
                return await self._store.change(
                    record,
                    State.RUNNING,
                    job_id=job_id,
                    submitted_at=time.time(),
                    provider_status="",
                    warnings="[]",
                )
            except Unavailable as unwritable:
                logger.warning("%s was accepted as %s; %s", record.generation_id, job_id, unwritable)
                await anyio.sleep(1.0)
        raise OutcomeUnknown(code="store_unwritable", message="The job could not be noted.", next_step="")

    async def _wait(self, record: Record, provider: Provider, trouble: StudioError) -> Step:
        """Go on later with what cannot be done now, saying why; or give it up when it has waited long enough."""
        profile = provider.profile
        asked = trouble.retry_after_seconds if isinstance(trouble, Unavailable) else 0.0
        waited = time.time() - (record.submitted_at or record.created_at)
        submitted = record.state in {State.RUNNING, State.FETCHING}
        patience = profile.waits_seconds if not submitted else profile.deadline_seconds
        if waited >= patience:
            ended = State.NEEDS_ATTENTION if submitted else State.FAILED
            return await self._end(record, provider, ended, as_error(trouble))
        to = State.QUEUED if record.state is State.SUBMITTING else None
        warnings = json.dumps([f"{trouble.message} {trouble.next_step}"])
        if to or record.provider_status != trouble.code:
            record = await self._store.change(record, to, provider_status=trouble.code, warnings=warnings)
        return record, max(asked, RETRY_SECONDS, _pace(record, profile))

    async def _recover(self, record: Record, provider: Provider, error: GenerationError) -> Step:
        if record.repeats < provider.profile.repeats:
            again = await self._store.change(record, State.QUEUED, progress=0.0, repeats=record.repeats + 1)
            return again, 0.0
        return await self._end(record, provider, State.NEEDS_ATTENTION, error)

    async def _look(self, record: Record, provider: Provider) -> Step:
        profile = provider.profile
        try:
            standing = await provider.poll(record.job_id)
        except StudioError as untold:
            return await self._wait(record, provider, untold)
        since = time.time() - record.submitted_at
        match standing.state:
            case "running":
                if since > profile.deadline_seconds:
                    error = never_finished(profile, standing.provider_status)
                    return await self._end(record, provider, State.NEEDS_ATTENTION, error)
                record = await self._note(record, standing)
            case "done":
                return await self._fetch(record, provider)
            case "failed":
                assert standing.error is not None
                return await self._end(record, provider, State.FAILED, standing.error)
            case "lost":
                if since >= profile.settling_seconds:
                    return await self._recover(record, provider, job_vanished(profile))
        return record, _pace(record, profile)

    async def _note(self, record: Record, standing: Standing) -> Record:
        if not _is_news(record, standing):
            return record
        return await self._store.change(
            record,
            progress=max(record.progress, standing.progress),
            eta_seconds=standing.eta_seconds,
            provider_status=standing.provider_status,
            warnings="[]",
        )

    async def _fetch(self, record: Record, provider: Provider) -> Step:
        if record.state is State.RUNNING:
            record = await self._store.change(record, State.FETCHING, progress=1.0, eta_seconds=0.0)
        kept = provider.profile.keeps_seconds
        try:
            made = await provider.fetch(record.job_id)
            assets = [await self._assets.keep(record.generation_id, file) for file in made.files]
        except StudioError as trouble:
            # The result is paid for: a link that has expired is new at the next look, and a full disk has room.
            if time.time() - record.updated_at < kept:
                logger.info("%s: %s", record.generation_id, trouble)
                asked = trouble.retry_after_seconds if isinstance(trouble, Unavailable) else 0.0
                return record, max(asked, RETRY_SECONDS)
            ended = State.NEEDS_ATTENTION if kept else State.FAILED
            return await self._end(record, provider, ended, as_error(trouble))
        done = await self._store.change(
            record,
            State.SUCCEEDED,
            assets,
            warnings=json.dumps(list(made.warnings)),
            provider_status="",
            voice_id=f"{record.provider}:{made.voice}" if made.voice else "",
        )
        await provider.release(record.job_id)
        return done, 0.0

    async def _end(self, record: Record, provider: Provider, state: State, error: GenerationError) -> Step:
        logger.info("%s: %s: %s", record.generation_id, state, error.code)
        ended = await self._store.change(record, state, error=error.model_dump_json(), warnings="[]")
        # What needs attention may still be had from what is kept of it.
        if state is State.FAILED:
            await provider.release(record.job_id)
        return ended, 0.0


def _pace(record: Record, profile: Profile) -> float:
    """How long to the next look: the longer the work takes, the longer."""
    taken = time.time() - (record.submitted_at or record.created_at)
    return min(profile.slowest_poll_seconds, profile.poll_seconds + taken / 4)


def _is_news(record: Record, standing: Standing) -> bool:
    return (
        standing.progress - record.progress >= NOTICEABLE_PROGRESS
        or standing.provider_status != record.provider_status
        or (standing.eta_seconds is None) != (record.eta_seconds is None)
        or bool(record.warnings)
    )
