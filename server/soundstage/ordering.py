"""From what is asked for to a record: what is there already is joined; only what is not is checked and priced."""

from soundstage.drafting import Asked
from soundstage.generations.estimates import Estimator
from soundstage.generations.store import Created, Store


class Ordering:
    """Joins or records what is asked for. A repeat is answered by the store alone, whatever has gone since."""

    def __init__(self, store: Store, estimator: Estimator) -> None:
        self._store = store
        self._estimator = estimator

    async def begin(self, asked: Asked) -> Created:
        """Join the generation that is there, or check and record a new one.

        Raises:
            StudioError: it cannot be made now, the budget is reached, or its key is another request's.
        """
        return await self.joined(asked) or await self.record(asked)

    async def joined(self, asked: Asked) -> Created | None:
        """Join the generation that is there; None, once it is checked, where there is none.

        Raises:
            StudioError: as `begin` does, but for the budget.
        """
        joined = await self._store.join(asked.draft)
        if joined is None:
            await asked.check()
        return joined

    async def see_that_budget_allows(self, asked: Asked) -> None:
        """Refuse what would be refused now for its price.

        Raises:
            StudioError: the budget is reached, or cannot be understood.
        """
        await self._store.see_that_budget_allows(await self._estimator.priced(asked.draft))

    async def record(self, asked: Asked) -> Created:
        """Record what was checked, or join what came meanwhile.

        Raises:
            StudioError: the budget is reached, or its key is another request's.
        """
        said_by = asked.says or (await self._store.find(asked.awaits) if asked.awaits else None)
        draft = await self._estimator.priced(asked.draft, said_by)
        says = await self._estimator.priced(asked.says) if asked.says else None
        return await self._store.create(draft, asked.awaits, says)
