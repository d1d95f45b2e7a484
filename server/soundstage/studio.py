"""The studio behind the tools: records what is asked for, sees that it is made, and tells how it stands."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import anyio

from soundstage.directory import Directory
from soundstage.drafting import Drafting
from soundstage.generations.advance import Steps
from soundstage.generations.record import Draft, Record
from soundstage.generations.scheduler import Scheduler
from soundstage.generations.store import Store
from soundstage.generations.view import shown
from soundstage.media.assets import AssetFolder
from soundstage.media.intake import Intake
from soundstage.providers.port import Provider
from soundstage.settings import Settings
from soundstage_tools.results import DeletedVoice, Generation, ProviderReport, VoicePage
from soundstage_tools.studio import Fields, Offer, OnProgress, VoiceQuery

LOOK_SECONDS = 0.5
CANCEL_SECONDS = 20.0
"""How long a cancel waits to be seen through: longer than the lease of a process that died."""


class LiveStudio:
    """Implements `soundstage_tools.studio.Studio`. Does nothing until `running` is entered.

    With `adopts` it finishes what other processes left behind; a one-off command does not.
    """

    def __init__(self, settings: Settings, providers: Sequence[Provider], *, adopts: bool = True) -> None:
        self._providers = {provider.profile.name: provider for provider in providers}
        self._directory = Directory(self._providers)
        self._assets = AssetFolder(settings.home / "assets")
        self._store = Store(settings.home / "state.db", self._assets.is_there)
        intake = Intake(settings.home / "inputs", settings.input_roots)
        self._drafting = Drafting(self._directory, self._store, self._assets, intake)
        steps = Steps(self._store, self._providers, self._assets)
        self._scheduler = Scheduler(self._store, steps, adopts=adopts)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Serve until left. What is not finished then goes on in the next process that serves."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._store.close)
            for provider in self._providers.values():
                await stack.enter_async_context(provider.running())
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(self._scheduler.run)
            yield
            tasks.cancel_scope.cancel()

    def offers(self) -> Mapping[str, list[Offer]]:
        """By tool, what the configured providers take there."""
        return self._directory.offers()

    async def list_voices(self, query: VoiceQuery) -> VoicePage:
        """The voices that match, a page at a time."""
        return await self._directory.voices(query)

    async def list_providers(self) -> ProviderReport:
        """Every provider, configured or not."""
        return await self._directory.report()

    async def synthesize_speech(self, *, voice_id: str, idempotency_key: str, fields: Fields) -> Generation:
        """Record a speech generation."""
        return await self._begin(await self._drafting.speech(voice_id, fields, idempotency_key))

    async def clone_voice(self, *, audio: str, provider: str, idempotency_key: str, fields: Fields) -> Generation:
        """Record a voice clone generation."""
        return await self._begin(await self._drafting.voice_clone(audio, provider, fields, idempotency_key))

    async def delete_voice(self, voice_id: str) -> DeletedVoice:
        """Remove a cloned voice from its provider."""
        provider, voice, handle = self._directory.remover(voice_id)
        await provider.delete_voice(voice, await self._store.job_of_voice(handle))
        return DeletedVoice(voice_id=handle, next_step="Speech and videos that were made with it stay.")

    async def create_avatar_video(
        self,
        *,
        image: str,
        audio: str,
        text: str,
        voice_id: str,
        model: str,
        idempotency_key: str,
        fields: Fields,
    ) -> Generation:
        """Record an avatar video, and with it the speech that it needs."""
        drafts = await self._drafting.avatar_video(
            image=image,
            audio=audio,
            text=text,
            voice_id=voice_id,
            model=model,
            fields=fields,
            idempotency_key=idempotency_key,
        )
        return await self._begin(drafts.video, drafts.awaits, drafts.says)

    async def generation(self, generation_id: str) -> Generation:
        """The generation as it is now."""
        return await self._shown(await self._store.get(generation_id))

    async def follow(self, generation: Generation, wait_seconds: float, on_progress: OnProgress) -> Generation:
        """The generation as it is when it has finished, or when `wait_seconds` are over."""
        until = time.monotonic() + wait_seconds
        joined = generation.joined
        while not generation.finished and (left := until - time.monotonic()) > 0:
            self._scheduler.follow(generation.generation_id)
            await on_progress(generation)
            await self._scheduler.changed(min(left, LOOK_SECONDS))
            record = await self._store.get(generation.generation_id)
            generation = await self._shown(record, joined=joined)
        return generation

    async def cancel_generation(self, generation_id: str) -> Generation:
        """Stop a generation that has not finished, and the speech that was made for it alone."""
        record = await self._store.get(generation_id)
        stopping = await self._store.request_cancel(generation_id)
        until = time.monotonic() + CANCEL_SECONDS
        while stopping and time.monotonic() < until:
            for one in stopping:
                self._scheduler.hurry(one)
            await self._scheduler.changed(LOOK_SECONDS)
            stopping = [one for one in stopping if not (await self._store.get(one)).finished]
        return await self._shown(await self._store.get(record.generation_id))

    async def _begin(self, draft: Draft, awaits: str = "", says: Draft | None = None) -> Generation:
        created = await self._store.create(draft, awaits, says)
        self._scheduler.follow(created.record.generation_id)
        if created.record.awaits:
            self._scheduler.follow(created.record.awaits)
        return await self._shown(created.record, joined=created.joined)

    async def _shown(self, record: Record, *, joined: bool = False) -> Generation:
        awaited = await self._store.find(record.awaits) if record.awaits else None
        return shown(record, awaited, self._assets.url, joined=joined)
