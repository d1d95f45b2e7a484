"""What a user does to a generation by hand: stop it, or name the job that is its own."""

import time
from collections.abc import Mapping, Sequence

from soundstage.answering import answering
from soundstage.generations.advance import Steps
from soundstage.generations.outcomes import charged_by
from soundstage.generations.reach import is_reachable, is_stranded, obstacle
from soundstage.generations.record import Record, State
from soundstage.generations.scheduler import Scheduler
from soundstage.generations.store import JobTaken, Store, needs_no_attention
from soundstage.providers.port import NamesJobs, Provider
from soundstage_tools.errors import BadRequest, NotConfigured

LOOK_SECONDS = 0.5
CANCEL_SECONDS = 20.0
"""How long a cancel waits to be seen through: longer than the lease of a process that died."""


class ByHand:
    """Stops generations, and gives them jobs that were found."""

    def __init__(
        self, store: Store, providers: Mapping[str, Provider], steps: Steps, scheduler: Scheduler
    ) -> None:
        self._store = store
        self._providers = providers
        self._steps = steps
        self._scheduler = scheduler

    async def stop(self, generation_id: str) -> None:
        """Stop a generation that has not finished, and the speech that was made for it alone.

        What this server cannot go on with is ended as soon as no process has it in hand. Returns when all have
        ended, or after 20 seconds.

        Raises:
            NotFound: there is none.
        """
        await self._store.get(generation_id)
        asked = await self._store.request_cancel(generation_id)
        until = time.monotonic() + CANCEL_SECONDS
        while (stopping := await self._unfinished(asked)) and time.monotonic() < until:
            here = [one.generation_id for one in stopping if is_reachable(one, self._providers)]
            for one in here:
                self._scheduler.hurry(one)
            await self._stop_free([one for one in stopping if one.generation_id not in here])
            await self._scheduler.changed(LOOK_SECONDS)

    async def _unfinished(self, generation_ids: Sequence[str]) -> list[Record]:
        records = [await self._store.get(one) for one in generation_ids]
        return [one for one in records if not one.finished]

    async def _stop_free(self, records: Sequence[Record]) -> None:
        await self._store.stop_free([one.generation_id for one in records])
        for one in records:
            await self._steps.clear_up(await self._store.get(one.generation_id))

    async def attach(self, generation_id: str, job_id: str) -> None:
        """Go on with a generation from the job that the user found at its provider, under the account set up here.

        It needs attention, or was begun under another account and is in no process's hands. Without a `job_id` it
        goes on from the job that it had.

        Raises:
            StudioError: it needs none, or that job cannot be its own, or cannot be looked at from here.
        """
        record = await self._store.get(generation_id)
        self._see_that_it_needs_a_job(record)
        provider = self._providers[record.provider]
        profile = provider.profile
        # What another account made may not be this one's to see: there even a known job is looked at.
        named = job_id or (record.job_id if is_stranded(record, self._providers) else "")
        job_id = await _job_of(record, provider, named)
        try:
            await self._store.attach(generation_id, job_id, profile.account, charged_by(profile, "yes"))
        except JobTaken:
            raise _job_taken() from None

    def _see_that_it_needs_a_job(self, record: Record) -> None:
        """Raise StudioError where a generation is to be given no job, or is out of reach from here."""
        stranded = is_stranded(record, self._providers)
        if record.state is not State.NEEDS_ATTENTION and (record.finished or not stranded):
            raise needs_no_attention(record.generation_id)
        if not stranded and (hindered := obstacle(record, self._providers)):
            raise NotConfigured(code="out_of_reach", message="It is out of reach from here.", next_step=hindered)
        if not record.submitted_at:
            raise BadRequest(
                code="no_job",
                message=f"{record.generation_id} was never sent to its provider, so no job is its own.",
                next_step="Stop it with cancel_generation, and ask for it anew.",
            )


async def _job_of(record: Record, provider: Provider, named: str) -> str:
    """The job that the user named by its id at the provider; without one that which the generation had.

    Raises:
        StudioError: there is none, or it cannot be this generation's.
    """
    if not named:
        return _known(record, provider)
    if not isinstance(provider, NamesJobs):
        raise BadRequest(
            code="not_supported",
            message=f"{provider.profile.title} shows nobody the ids of its jobs.",
            next_step="If it is not worth looking for, ask anew with force_new and a new idempotency_key.",
        )
    with answering(provider):
        return await provider.job_named(record.kind, named, record.trace)


def _known(record: Record, provider: Provider) -> str:
    if not record.job_id:
        raise BadRequest(
            code="job_unknown",
            message="The id of its job was lost, so there is none to go on from.",
            next_step=f"Look for it in the account at {provider.profile.title}, and name it.",
        )
    return record.job_id


def _job_taken() -> BadRequest:
    return BadRequest(
        code="job_taken",
        message="This job is another generation's of this machine.",
        next_step="Find that one with list_generations.",
    )
