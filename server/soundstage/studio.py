"""The studio behind the tools: records what is asked for, sees that it is made, and tells how it stands."""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import anyio

from soundstage.directory import Directory
from soundstage.drafting import Drafting, Heard
from soundstage.generations.advance import Steps
from soundstage.generations.record import Draft, Record
from soundstage.generations.scheduler import Scheduler
from soundstage.generations.store import Store
from soundstage.generations.view import shown
from soundstage.media.assets import AssetFolder
from soundstage.media.intake import Intake
from soundstage.providers.port import Provider
from soundstage.settings import Settings
from soundstage_tools.errors import BadRequest
from soundstage_tools.results import Generation, ProviderReport, VoicePage
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
        return await self._begin(self._drafting.speech(voice_id, fields, idempotency_key))

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
        """Record an avatar video, and before it the speech that it needs."""
        if bool(audio) == bool(text):
            raise BadRequest(
                code="audio_or_text",
                message="Give either audio or text, so that the portrait has one thing to say.",
                next_step="Send text, with a voice_id if you like, or audio. Nothing was started.",
            )
        if audio:
            heard, said = await self._drafting.audio(audio), None
        else:
            key = f"{idempotency_key}/speech" if idempotency_key else ""
            heard, said = Heard(), self._drafting.speech(voice_id, {"text": text}, key)
        draft = await self._drafting.avatar_video(image, model, fields, heard, said, idempotency_key)
        if said is None:
            return await self._begin(draft, heard.awaits)
        speech = await self._store.create(said)
        self._scheduler.follow(speech.record.generation_id)
        own = replace(draft, request={**draft.request, "owns_speech": not speech.joined})
        return await self._begin(own, speech.record.generation_id)

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
        """Stop a generation that has not finished."""
        stopped = await self._stop(generation_id)
        if stopped.request.get("owns_speech"):
            await self._stop(stopped.awaits)
        return await self._shown(stopped)

    async def _stop(self, generation_id: str) -> Record:
        record = await self._store.get(generation_id)
        await self._store.request_cancel(generation_id)
        until = time.monotonic() + CANCEL_SECONDS
        while not record.finished and time.monotonic() < until:
            self._scheduler.hurry(generation_id)
            await self._scheduler.changed(LOOK_SECONDS)
            record = await self._store.get(generation_id)
        return record

    async def _begin(self, draft: Draft, awaits: str = "") -> Generation:
        created = await self._store.create(draft, awaits)
        self._scheduler.follow(created.record.generation_id)
        return await self._shown(created.record, joined=created.joined)

    async def _shown(self, record: Record, *, joined: bool = False) -> Generation:
        awaited = await self._store.find(record.awaits) if record.awaits else None
        return shown(record, awaited, self._assets.url, joined=joined)
