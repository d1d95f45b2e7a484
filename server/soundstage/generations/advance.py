"""One step of a generation: what its state asks for next, done with its provider and committed."""

import time
from collections.abc import Mapping
from contextlib import suppress

from soundstage.generations.following import Following
from soundstage.generations.keeping import Keeper
from soundstage.generations.outcomes import Outcomes, Step
from soundstage.generations.reach import accounts_here, is_reachable
from soundstage.generations.record import Record, State
from soundstage.generations.store import Changes, LeaseLost, Store
from soundstage.generations.submitting import Submitting, lost_since
from soundstage.generations.troubles import broke_off, submission_lost
from soundstage.media.assets import AssetFolder
from soundstage.providers.port import Provider, WorksHere
from soundstage.providers.profile import Profile
from soundstage_tools.errors import StudioError


class Steps:
    """Advances generations that this process holds the lease of."""

    def __init__(
        self, store: Store, providers: Mapping[str, Provider], assets: AssetFolder, keeper: Keeper
    ) -> None:
        self._store = store
        self._providers = providers
        self._keeper = keeper
        self._outcomes = Outcomes(store)
        self._submitting = Submitting(store, assets, self._outcomes)
        self._following = Following(store, keeper, self._outcomes)

    @property
    def accounts(self) -> Mapping[tuple[str, str], str]:
        """Whose generations can be advanced here, as `accounts_here` tells them."""
        return accounts_here(self._providers)

    def can_advance(self, record: Record) -> bool:
        """Whether all is here that a generation needs."""
        return is_reachable(record, self._providers)

    async def advance(self, held: Record) -> Step:
        """Do the next step of `held`.

        Raises:
            LeaseLost: another process has it, or it was ended elsewhere.
            StudioError: the store cannot be used now.
        """
        try:
            after, seconds = await self._step(await self._store.held(held.generation_id))
        except LeaseLost:
            await self._let_go(held)
            raise
        await self.clear_up(after)
        return after, seconds

    async def _step(self, record: Record) -> Step:
        if record.finished:
            return record, 0.0
        provider = self._providers[record.provider]
        if record.cancel_requested:
            self._outcomes.forget(record)
            await provider.release(record.job_id or record.generation_id)
            return await self._store.change(record, State.CANCELED, **_lingering(record, provider.profile)), 0.0
        match record.state:
            case State.QUEUED:
                return await self._submitting.submit(record, provider)
            case State.SUBMITTING:
                return await self._submitting.lose(record, provider, submission_lost(provider.profile))
            case State.UNCERTAIN:
                return await self._submitting.find(record, provider)
            case _:
                return await self._following.look(record, provider)

    async def _let_go(self, held: Record) -> None:
        """Stop what this process does itself for a generation that is another's now, which begins that anew."""
        self._outcomes.forget(held)
        provider = self._providers[held.provider]
        if held.job_id and isinstance(provider, WorksHere):
            await provider.abandon(held.job_id)
        # It may have ended there while a voice was being kept here.
        with suppress(StudioError):
            await self.clear_up(await self._store.get(held.generation_id))

    async def settle(self) -> None:
        """Send nothing more that counts, and return when nothing of it is on its way."""
        await self._submitting.settle()

    async def give_up(self, held: Record) -> Step:
        """End a generation whose step broke in a way that nobody foresaw.

        Raises:
            LeaseLost, StudioError: as `advance` does.
        """
        record = await self._store.get(held.generation_id)
        if record.finished:
            return record, 0.0
        provider = self._providers[record.provider]
        profile = provider.profile
        # A job that is there, or may be, can be had yet: only what nobody was asked for has plainly failed.
        is_asked = record.state is not State.QUEUED
        ended = State.NEEDS_ATTENTION if is_asked and profile.charges else State.FAILED
        changes: Changes = {"error": broke_off(profile), **_lingering(record, profile)}
        after = await self._store.change(record, ended, **changes)
        if ended is State.FAILED:
            await provider.release(record.job_id or record.generation_id)
        await self.clear_up(after)
        return after, 0.0

    async def clear_up(self, record: Record) -> None:
        """Remove the copy of the sample of a clone that has ended, and a voice that came of it and is not told."""
        if record.kind != "voice_clone" or not record.finished:
            return
        # Nor does what needs attention need the sample: nothing is ever submitted from there.
        await self._keeper.drop_sample(record)
        provider = self._providers.get(record.provider)
        if record.state in {State.FAILED, State.CANCELED} and isinstance(provider, WorksHere):
            await provider.undo(record.generation_id)


def _lingering(record: Record, profile: Profile) -> Changes:
    """Until when the provider may be at work on what ends here while nobody knows whether it was accepted."""
    match record.state:
        case State.SUBMITTING:
            lost_at = time.time()
        case State.UNCERTAIN:
            lost_at = lost_since(record)
        case _:
            return {}
    return {"lingers_until": lost_at + profile.listing_seconds}
