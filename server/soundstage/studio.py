"""The studio behind the tools: records what is asked for, sees that it is made, and tells how it stands."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import anyio

from soundstage import listing
from soundstage.by_hand import ByHand
from soundstage.cloning import Cloning
from soundstage.directory import Directory
from soundstage.drafting import Drafting
from soundstage.generations.advance import Steps
from soundstage.generations.budget import Budget
from soundstage.generations.estimates import Estimator
from soundstage.generations.keeping import Keeper
from soundstage.generations.record import Record
from soundstage.generations.scheduler import Scheduler
from soundstage.generations.store import Created, Store
from soundstage.generations.view import listed, shown
from soundstage.media.assets import AssetFolder, StoredAsset, unknown_asset
from soundstage.media.intake import Intake
from soundstage.ordering import Ordering
from soundstage.providers.port import Provider
from soundstage.providers.sheet import sheet_of
from soundstage.settings import Settings
from soundstage_tools.errors import BadRequest, NotFound, StudioError
from soundstage_tools.results import DeletedVoice, Generation, GenerationPage, ProviderReport, VoicePage
from soundstage_tools.sheets import ProviderSheet
from soundstage_tools.studio import (
    AssetContent,
    Consent,
    Fields,
    GenerationQuery,
    Offer,
    OnProgress,
    Repeat,
    VoiceQuery,
    WaitFor,
)

OpenStore = Callable[[Callable[[StoredAsset], bool], Budget], Store]
"""Makes a store of whether an asset's file is still there, and of the budget."""

LOOK_SECONDS = 0.5
SETTLE_SECONDS = 2.0
"""How long a server that is to end waits for the answers to requests that may be paid."""


class LiveStudio:
    """Implements `soundstage_tools.studio.Studio`. Does nothing until `running` is entered.

    `open_store` makes its store, which is not used before then. With `adopts` it finishes what other processes
    left behind; a one-off command does not.
    """

    def __init__(
        self, settings: Settings, providers: Sequence[Provider], open_store: OpenStore, *, adopts: bool = True
    ) -> None:
        self._providers = {provider.profile.name: provider for provider in providers}
        self._directory = Directory(self._providers)
        self._assets = AssetFolder(settings.home / "assets")
        charging = [name for name, provider in self._providers.items() if provider.profile.charges]
        budget = Budget(settings.generations_cap, settings.credits_cap, charging, self._providers)
        self._store = open_store(self._assets.is_there, budget)
        self._ordering = Ordering(self._store, Estimator(self._providers, budget))
        inputs = settings.home / "inputs"
        intake = Intake(inputs, settings.input_roots)
        self._drafting = Drafting(self._directory, self._store, self._assets, intake)
        self._keeper = Keeper(self._store, self._assets, inputs, settings.assets_max_bytes, providers)
        self._cloning = Cloning(self._drafting, self._ordering, self._keeper)
        steps = Steps(self._store, self._providers, self._assets, self._keeper)
        self._scheduler = Scheduler(self._store, steps, adopts=adopts)
        self._by_hand = ByHand(self._store, self._providers, steps, self._scheduler)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve until left. What is not finished then goes on in the next process that serves."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._store.close)
            for provider in self._providers.values():
                await stack.enter_async_context(provider.running())
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(self._scheduler.run)
            try:
                yield
            finally:
                with anyio.move_on_after(SETTLE_SECONDS, shield=True):
                    await self._scheduler.settle()
                tasks.cancel_scope.cancel()

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, what the configured providers take there."""
        return self._directory.offers()

    def provider_sheets(self) -> Mapping[str, ProviderSheet]:
        """By name, all that is known of each provider."""
        return {name: sheet_of(provider.profile) for name, provider in self._providers.items()}

    async def list_voices(self, query: VoiceQuery) -> VoicePage:
        """The voices that match, a page at a time."""
        return await listing.voices(self._directory, query)

    async def list_providers(self) -> ProviderReport:
        """Every provider, configured or not."""
        return await listing.report(self._directory)

    async def synthesize_speech(self, *, voice_id: str, repeat: Repeat, fields: Fields) -> Generation:
        """Record a speech generation."""
        return await self._told(await self._ordering.begin(await self._drafting.speech(voice_id, fields, repeat)))

    async def clone_voice(
        self, *, audio: str, provider: str, consent: Consent, repeat: Repeat, fields: Fields
    ) -> Generation:
        """Record a voice clone generation, once it is confirmed that the speaker agreed; else keep no sample."""
        return await self._told(await self._cloning.record(audio, provider, fields, repeat, consent))

    async def delete_voice(self, voice_id: str) -> DeletedVoice:
        """Remove a cloned voice from its provider."""
        provider, voice, handle = self._directory.remover(voice_id)
        try:
            await provider.delete_voice(voice, await self._store.job_of_voice(handle, provider.profile.account))
        except NotFound:
            # A deletion that was cut short has left this to do.
            await self._store.forget_voice(handle)
            raise
        await self._store.forget_voice(handle)
        return DeletedVoice(voice_id=handle, next_step="Speech and videos that were made with it stay.")

    async def create_avatar_video(
        self,
        *,
        image: str,
        audio: str,
        text: str,
        voice_id: str,
        model: str,
        repeat: Repeat,
        fields: Fields,
    ) -> Generation:
        """Record an avatar video, and with it the speech that it needs."""
        with self._keeper.holding() as hold:
            asked = await self._drafting.avatar_video(
                image=image,
                audio=audio,
                text=text,
                voice_id=voice_id,
                model=model,
                fields=fields,
                repeat=repeat,
                hold=hold,
            )
            return await self._told(await self._ordering.begin(asked))

    async def generations(self, generation_ids: Sequence[str]) -> Sequence[Generation]:
        """The generations of these ids as they are now, in this order."""
        return [await self._shown(*told) for told in await self._store.told(generation_ids)]

    async def list_generations(self, query: GenerationQuery) -> GenerationPage:
        """The generations that match, newest first, a page at a time."""
        if query.provider and not await self._is_known(query.provider):
            raise self._directory.unknown()
        if not self._store.exists:
            return GenerationPage(generations=[])
        found = await self._store.newest(query)
        return GenerationPage(
            generations=[listed(await self._shown(*told), *told) for told in found.generations],
            next_cursor=found.next_cursor or None,
        )

    async def asset(self, asset_id: str, max_bytes: int) -> AssetContent:
        """The content of an asset."""
        asset = await self._store.asset(asset_id)
        if asset is None or asset.asset_id != asset_id:
            raise unknown_asset()
        if asset.bytes > max_bytes:
            path = await self._assets.found(asset)
            raise BadRequest(
                code="asset_too_large",
                message=f"The asset has {asset.bytes / 1e6:.1f} MB; at most {max_bytes / 1e6:g} MB are sent.",
                next_step=f"Open its file: {path.as_uri()}",
            )
        return AssetContent(asset.mime_type, await self._assets.read(asset))

    async def follow(
        self,
        generations: Sequence[Generation],
        wait_seconds: float,
        on_progress: OnProgress,
        wait_for: WaitFor = "all",
    ) -> Sequence[Generation]:
        """The generations as they are when all, or any, have finished, or when `wait_seconds` are over."""
        until = time.monotonic() + wait_seconds
        seen = {one.generation_id: one for one in generations}
        enough = any if wait_for == "any" else all
        while not enough(one.finished for one in seen.values()) and (left := until - time.monotonic()) > 0:
            running = [one.generation_id for one in seen.values() if not one.finished]
            for generation_id in running:
                self._scheduler.follow(generation_id)
            await on_progress(list(seen.values()))
            await self._scheduler.changed(min(left, LOOK_SECONDS))
            # What has begun must not be told as a refusal, because the store cannot be read at this moment.
            with suppress(StudioError):
                for record, awaited in await self._store.told(running):
                    joined = seen[record.generation_id].joined
                    seen[record.generation_id] = await self._shown(record, awaited, joined=joined)
        return list(seen.values())

    async def cancel_generation(self, generation_id: str) -> Generation:
        """Stop a generation that has not finished, and the speech that was made for it alone."""
        await self._by_hand.stop(generation_id)
        [stopped] = await self.generations([generation_id])
        return stopped

    async def attach(self, generation_id: str, job_id: str = "") -> None:
        """Go on with a generation from the job that the user found at its provider.

        Without a `job_id` it goes on from the job that it had: that is asked after, and fetched, once more.

        Raises:
            StudioError: it needs none, or that job cannot be its own, or cannot be looked at from here.
        """
        await self._by_hand.attach(generation_id, job_id)

    async def _is_known(self, provider: str) -> bool:
        """Whether there is a provider of this name, or something that was made with it."""
        if provider in self._providers:
            return True
        made = GenerationQuery(provider=provider, limit=1)
        return self._store.exists and bool((await self._store.newest(made)).generations)

    async def _told(self, created: Created) -> Generation:
        self._scheduler.follow(created.record.generation_id)
        if created.record.awaits:
            self._scheduler.follow(created.record.awaits)
        told: tuple[Record, Record | None] = (created.record, None)
        with suppress(StudioError):
            [told] = await self._store.told([created.record.generation_id])
        return await self._shown(*told, joined=created.joined)

    async def _shown(self, record: Record, awaited: Record | None, *, joined: bool = False) -> Generation:
        gone = await self._assets.gone([*record.assets, *(awaited.assets if awaited else ())])
        return shown(record, awaited, self._assets.url, gone, self._providers, joined=joined)
