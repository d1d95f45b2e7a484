"""One step of a generation: what its state asks for next, done with its provider and committed."""

from collections.abc import Mapping

from soundstage.generations.following import Following
from soundstage.generations.keeping import Keeper
from soundstage.generations.outcomes import Outcomes, Step
from soundstage.generations.record import Record, State
from soundstage.generations.store import Store
from soundstage.generations.submitting import Submitting
from soundstage.generations.troubles import broke_off, submission_lost
from soundstage.media.assets import AssetFolder
from soundstage.providers.port import Provider, WorksHere


class Steps:
    """Advances generations that this process holds the lease of."""

    def __init__(
        self, store: Store, providers: Mapping[str, Provider], assets: AssetFolder, keeper: Keeper
    ) -> None:
        self._store = store
        self._providers = providers
        outcomes = Outcomes(store)
        self._submitting = Submitting(store, assets, outcomes)
        self._following = Following(store, keeper, outcomes)

    @property
    def accounts(self) -> Mapping[str, str]:
        """Whose generations can be advanced here: the accounts, by provider."""
        return {name: provider.profile.account for name, provider in self._providers.items()}

    async def advance(self, held: Record) -> Step:
        """Do the next step of `held`.

        Raises:
            LeaseLost: another process has it, or it was ended elsewhere.
            StudioError: the store cannot be used now.
        """
        record = await self._store.held(held.generation_id)
        if record.finished:
            return record, 0.0
        provider = self._providers[record.provider]
        if record.cancel_requested:
            await provider.release(record.job_id or record.generation_id)
            return await self._store.change(record, State.CANCELED), 0.0
        match record.state:
            case State.QUEUED:
                return await self._submitting.submit(record, provider)
            case State.SUBMITTING:
                return await self._submitting.lose(record, provider, submission_lost(provider.profile))
            case State.UNCERTAIN:
                return await self._submitting.find(record, provider)
            case _:
                return await self._following.look(record, provider)

    async def let_go(self, held: Record) -> None:
        """Stop what this process does itself for a generation that is another's now, which begins that anew."""
        provider = self._providers[held.provider]
        if held.job_id and isinstance(provider, WorksHere):
            await provider.abandon(held.job_id)

    async def settled(self) -> None:
        """Return when no request that counts is on its way."""
        await self._submitting.settled()

    async def give_up(self, held: Record) -> None:
        """End a generation whose step broke in a way that nobody foresaw.

        Raises:
            LeaseLost, StudioError: as `advance` does.
        """
        record = await self._store.get(held.generation_id)
        if not record.finished:
            profile = self._providers[record.provider].profile
            # A job that is there may be had yet: only what nobody was asked for has plainly failed.
            ended = State.NEEDS_ATTENTION if record.job_id and profile.charges else State.FAILED
            await self._store.change(record, ended, error=broke_off(profile))
