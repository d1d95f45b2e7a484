"""What generations made is kept within a budget of bytes; what has had its time makes room for it."""

import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from soundstage.generations.record import Record
from soundstage.generations.store import Store, Uses
from soundstage.media.assets import AssetFolder, StoredAsset
from soundstage.media.folders import KeptFile, kept_files, remove_old, remove_unfinished, remove_unwanted
from soundstage.providers.port import KeepsJobs, Made, Provider
from soundstage_tools.errors import StudioError

logger = logging.getLogger(__name__)

FRESH_SECONDS = 24 * 3600.0
"""An asset that came, or was used again, within this time is never evicted."""
INPUT_SECONDS = 7 * 24 * 3600.0
SWEEP_SECONDS = 3600.0

Hold = Callable[[Path], None]
"""Called with each copy of what a caller gave, as soon as it is there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The assets of a generation, and what there is to say of them."""

    assets: Sequence[StoredAsset]
    warnings: Sequence[str]


class Keeper:
    """Keeps assets in their folder, and that folder within `max_bytes` as far as it may.

    `inputs` are the copies of what callers gave; they too go when they are old, and so does what `providers` keep
    of jobs that are nobody's. Several processes may do so.
    """

    def __init__(
        self, store: Store, assets: AssetFolder, inputs: Path, max_bytes: int, providers: Collection[Provider]
    ) -> None:
        self._store = store
        self._providers = [provider for provider in providers if isinstance(provider, KeepsJobs)]
        self._assets = assets
        self._inputs = inputs
        self._max_bytes = max_bytes
        self._held = Counter[str]()
        self._swept = -SWEEP_SECONDS

    async def keep(self, generation_id: str, made: Made) -> Kept:
        """Keep the files of a generation.

        Raises:
            Unavailable: `asset_not_kept`, `asset_damaged`; then nothing half written is left.
        """
        await self._sweep()
        if not made.files:
            return Kept((), made.warnings)
        await self._make_room(await anyio.to_thread.run_sync(_bytes_of, made))
        assets = [await self._assets.keep(generation_id, file) for file in made.files]
        over = await self._make_room(0)
        return Kept(assets, [*made.warnings, *([self._over(over)] if over else [])])

    @contextmanager
    def holding(self) -> Generator[Hold]:
        """While a call is being recorded: the copies that it holds are not taken from it."""
        held: list[str] = []

        def hold(given: Path) -> None:
            held.append(given.name)
            self._held[given.name] += 1

        try:
            yield hold
        finally:
            self._held.subtract(held)

    @asynccontextmanager
    async def borrowing(self) -> AsyncGenerator[Hold]:
        """As `holding`, for copies of which none is to stay that no generation needs when the call has ended."""
        held: dict[Path, float] = {}
        try:
            with self.holding() as keep:

                def hold(given: Path) -> None:
                    keep(given)
                    held[given] = time.time()

                yield hold
        finally:
            with anyio.CancelScope(shield=True):
                for given, since in held.items():
                    await self._let_go(given, since)

    async def drop_sample(self, record: Record) -> None:
        """Remove the copy of the sample that a voice was to be cloned from, unless something else needs it."""
        await self._let_go(Path(str(record.request["audio"])), time.time())

    async def _let_go(self, given: Path, since: float) -> None:
        """Remove the copy of what a caller gave, unless it is needed or was asked for again `since` then.

        Never fails. `since`: seconds since 1970.
        """
        try:
            needed = (await self._store.uses()).wanted if self._store.exists else frozenset[str]()
            if given.parent == self._inputs and given.name not in needed and self._held[given.name] <= 0:
                # In this thread: no call can begin to hold it between the look and the removal.
                remove_old(self._inputs, given.name, max(0.0, time.time() - since))
        except StudioError as trouble:
            logger.warning("the copy of what a caller gave stays: %s", trouble)

    async def _make_room(self, incoming: int) -> int:
        """Evict what is oldest until `incoming` bytes fit too; return by how many bytes they do not."""
        try:
            kept = await anyio.to_thread.run_sync(kept_files, self._assets.folder)
            excess = sum(file.bytes for file in kept) + incoming - self._max_bytes
            if excess <= 0:
                return 0
            uses = await self._store.uses()
            return await anyio.to_thread.run_sync(self._evict, kept, excess, uses)
        except (OSError, StudioError) as trouble:
            logger.warning("no room was made among the assets: %s", trouble)
            return 0

    def _evict(self, kept: Sequence[KeptFile], excess: int, uses: Uses) -> int:
        for file in sorted(kept, key=lambda file: uses.made_at.get(file.name, file.since)):
            if excess <= 0:
                break
            if file.name not in uses.wanted and remove_old(self._assets.folder, file.name, FRESH_SECONDS):
                logger.info("%s was evicted", file.name)
                excess -= file.bytes
        return max(0, excess)

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept < SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        try:
            uses = await self._store.uses()
            await anyio.to_thread.run_sync(remove_unwanted, self._inputs, INPUT_SECONDS, uses.wanted)
            for provider in self._providers:
                await provider.sweep(uses.awaited)
            for folder in (self._inputs, self._assets.folder):
                await anyio.to_thread.run_sync(remove_unfinished, folder, FRESH_SECONDS)
        except (OSError, StudioError) as trouble:
            logger.warning("what is old was not cleared away: %s", trouble)

    def _over(self, over: int) -> str:
        return (
            f"The assets take {over / 1e9:.3g} GB more than the {self._max_bytes / 1e9:g} GB of"
            f" SOUNDSTAGE_ASSETS_MAX_GB: what is younger than {FRESH_SECONDS / 3600:g} hours or in use is kept."
        )


def _bytes_of(made: Made) -> int:
    return sum(file.path.stat().st_size for file in made.files if file.path.is_file())
