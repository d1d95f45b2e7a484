"""The submission of a generation: the one request that counts, and what is done where its answer was lost."""

import logging
import time
from contextlib import suppress

import anyio

from soundstage.generations.outcomes import Outcomes, Step, charged_by, uncharged
from soundstage.generations.record import Record, State
from soundstage.generations.store import LEASE_SECONDS, JobTaken, LeaseLost, Store
from soundstage.generations.troubles import (
    as_error,
    job_taken,
    made_in_part,
    speech_is_missing,
    submission_lost,
)
from soundstage.generations.work import speech_of, work_of
from soundstage.media.assets import AssetFolder
from soundstage.providers.port import FindsJobs, Provider, SpeakFirst, Submission, WorksHere
from soundstage.providers.profile import Profile
from soundstage_tools.errors import BadRequest, NotConfigured, OutcomeUnknown, StudioError, Unavailable
from soundstage_tools.results import GenerationError

logger = logging.getLogger(__name__)

AWAITING_SECONDS = 1.0
COMMIT_SECONDS = 1.0
PROVED_ABSENT = 3
"""How often a submission is made again after the provider's lists have shown that the one before began nothing."""


class Submitting:
    """Takes generations from `queued` to `running`."""

    def __init__(self, store: Store, assets: AssetFolder, outcomes: Outcomes) -> None:
        self._store = store
        self._assets = assets
        self._outcomes = outcomes
        self._stopping = False
        self._sending = 0
        self._sent = anyio.Event()
        self._missed: dict[str, tuple[float, float]] = {}

    async def settle(self) -> None:
        """Send nothing more that counts, and return when nothing of it is on its way."""
        self._stopping = True
        while self._sending:
            await self._sent.wait()

    async def submit(self, record: Record, provider: Provider) -> Step:
        """Prepare what is queued, and submit it when there is room."""
        awaited = await self._store.find(record.awaits) if record.awaits else None
        if awaited and not awaited.finished:
            return record, AWAITING_SECONDS
        if awaited and awaited.state is not State.SUCCEEDED:
            return await self._outcomes.end(record, provider, State.FAILED, speech_is_missing(awaited))
        if wait := await self._store.room(record, provider.profile.max_in_flight):
            return record, wait
        try:
            submission = await self._prepare(record, provider, awaited)
        except Unavailable as not_now:
            return await self._outcomes.wait(record, provider, not_now)
        except StudioError as refusal:
            return await self._outcomes.end(record, provider, State.FAILED, as_error(refusal))
        return await self._admit(record, provider, submission)

    async def _prepare(self, record: Record, provider: Provider, awaited: Record | None) -> Submission:
        spoken = {asset.role: self._assets.path(asset) for asset in awaited.assets} if awaited else None
        work = work_of(record, spoken)
        if awaited:
            await provider.check(work)
        return await provider.prepare(work)

    async def _admit(self, record: Record, provider: Provider, submission: Submission) -> Step:
        profile = provider.profile
        maybe = record.charged if record.charged == "yes" else charged_by(profile, "unknown")
        admitted = await self._store.admit(record, profile.max_in_flight, maybe, submission.trace)
        if not isinstance(admitted, Record):
            return record, admitted
        return await self._begin(admitted, provider, submission)

    async def _begin(self, record: Record, provider: Provider, submission: Submission) -> Step:
        profile = provider.profile
        # Where the machine slept between the permit and the request, another process may have the permit by now.
        slept = time.time() - record.submitted_at > LEASE_SECONDS
        if slept or self._stopping:
            return await self._store.change(record, State.QUEUED, charged=uncharged(record, profile)), 0.0
        self._sending += 1
        try:
            return await self._send(record, provider, submission)
        finally:
            self._sending -= 1
            self._sent.set()
            self._sent = anyio.Event()

    async def _send(self, record: Record, provider: Provider, submission: Submission) -> Step:
        while True:
            sent = await self._send_next(record, provider, submission)
            if not isinstance(sent, str):
                return sent
            if sent:
                break
            if self._stopping or (await self._store.held(record.generation_id)).cancel_requested:
                return await self._break_off(record, provider.profile)
        try:
            return await self._accept(record, provider, sent)
        except JobTaken:
            return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, job_taken(provider.profile))

    async def _break_off(self, record: Record, profile: Profile) -> Step:
        """Put back what was submitted in part: it is stopped there, or gone on with by the next server."""
        charged = charged_by(profile, "yes")
        return await self._store.change(record, State.QUEUED, charged=charged, warnings=made_in_part(profile)), 0.0

    async def _send_next(self, record: Record, provider: Provider, submission: Submission) -> Step | str:
        """What `Submission.send` returned, or what became of it where that raised."""
        try:
            return await submission.send()
        except SpeakFirst:
            return await self._speak_first(record, provider)
        except Unavailable as not_now:
            return await self._outcomes.wait(record, provider, not_now)
        except OutcomeUnknown as lost:
            return await self.lose(record, provider, as_error(lost))
        except StudioError as refusal:
            profile = provider.profile
            charged = charged_by(profile, "unknown") if refusal.may_be_charged else uncharged(record, profile)
            return await self._outcomes.end(record, provider, State.FAILED, as_error(refusal), charged)

    async def _speak_first(self, record: Record, provider: Provider) -> Step:
        charged = uncharged(record, provider.profile)
        try:
            return await self._store.speak_first(record, speech_of(record), charged), 0.0
        except (BadRequest, NotConfigured) as refusal:
            return await self._outcomes.end(record, provider, State.FAILED, as_error(refusal), charged)

    async def _accept(self, record: Record, provider: Provider, job_id: str) -> Step:
        try:
            return await self._note_job(record, provider.profile, job_id), provider.profile.poll_seconds
        except LeaseLost:
            if isinstance(provider, WorksHere):
                await provider.abandon(job_id)
            else:
                await self._leave_job(record, provider.profile, job_id)
            raise

    async def _leave_job(self, record: Record, profile: Profile, job_id: str) -> None:
        """Leave the job to whoever has the generation by now; where that was given up over it, it goes on."""
        logger.warning("%s was accepted as %s when another process had it", record.generation_id, job_id)
        with suppress(StudioError, JobTaken):
            await self._store.attach(record.generation_id, job_id, record.account, charged_by(profile, "yes"))

    async def _note_job(self, record: Record, profile: Profile, job_id: str) -> Record:
        """Commit that the job is there. What was paid for must not be forgotten over a disk that is full now."""
        while True:
            try:
                return await self._store.change(
                    record,
                    State.RUNNING,
                    job_id=job_id,
                    charged=charged_by(profile, "yes"),
                    waiting_since=0.0,
                    provider_status="",
                    warnings=[],
                )
            except Unavailable as unwritable:
                logger.warning("%s was accepted as %s; %s", record.generation_id, job_id, unwritable)
                await anyio.sleep(COMMIT_SECONDS)

    async def lose(self, record: Record, provider: Provider, error: GenerationError) -> Step:
        """Go on without the answer to a submission: look for its job, repeat it where that is free, or stop."""
        if not isinstance(provider, FindsJobs):
            return await self._outcomes.repeat(record, provider, error, provider.profile.repeats)
        lost = await self._store.change(record, State.UNCERTAIN, provider_status=error.code)
        return await self.find(lost, provider, error)

    async def find(self, record: Record, provider: Provider, error: GenerationError | None = None) -> Step:
        """Look for the job of a submission whose answer was lost; `error` is how, where that is known yet."""
        assert isinstance(provider, FindsJobs), "only what can be found is uncertain"
        profile = provider.profile
        # A job that is not in the lists yet is no proof that there is none.
        if (left := profile.listing_seconds - self._missed_seconds(record)) > 0:
            return record, left
        try:
            job_id = await provider.find(
                record.trace, await self._store.jobs(record.provider), record.submitted_at
            )
        except OutcomeUnknown as unknown:
            told = error or as_error(unknown)
            return await self._outcomes.end(record, provider, State.NEEDS_ATTENTION, told)
        except StudioError as untold:
            return await self._outcomes.wait(record, provider, untold)
        if job_id:
            try:
                return await self._accept(record, provider, job_id)
            except JobTaken:
                # It was found for an equal order meanwhile: one of the others is this one's.
                return record, profile.poll_seconds
        most, charged = (profile.repeats, "unknown") if profile.repeats else (PROVED_ABSENT, "no")
        lost = error or submission_lost(profile)
        return await self._outcomes.repeat(record, provider, lost, most, charged)

    def _missed_seconds(self, record: Record) -> float:
        """For how long this process has known that this submission is lost.

        It has been lost for no less than that, whatever became of the clock on the wall, or of the process that
        submitted it.
        """
        known = self._missed.get(record.generation_id)
        if known is None or known[0] != record.submitted_at:
            known = self._missed[record.generation_id] = record.submitted_at, time.monotonic()
        return time.monotonic() - known[1]


def lost_since(record: Record) -> float:
    """When, at the latest, the answer to an uncertain submission was lost, in seconds since 1970."""
    return record.waiting_since or record.updated_at
