"""One step of a generation: what its state asks for next, done with its provider and committed."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from soundstage.generations.record import Record, State
from soundstage.generations.store import Store
from soundstage.media.assets import AssetFolder
from soundstage.providers.port import AvatarWork, Provider, SpeechWork, Standing, Work
from soundstage_tools.errors import StudioError, Unavailable
from soundstage_tools.results import GenerationError

logger = logging.getLogger(__name__)

NOTICEABLE_PROGRESS = 0.005
AWAITING_SECONDS = 1.0


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

    async def advance(self, held: Record) -> tuple[Record, float]:
        """Do the next step of `held`; return it as it then is, and after how many seconds to look again.

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
                return await self._recover(record, provider)
            case _:
                return await self._look(record, provider)

    async def give_up(self, held: Record) -> None:
        """End a generation whose step broke in a way that nobody foresaw.

        Raises:
            LeaseLost, StudioError: as `advance` does.
        """
        record = await self._store.get(held.generation_id)
        if not record.finished:
            broken = GenerationError(
                code="internal_error",
                message=f"Soundstage broke off its work on this with {record.provider}: a fault of ours.",
                retryable=False,
                next_step="Report it with the server's log. What the provider has begun may be charged.",
            )
            await self._store.change(record, State.FAILED, error=broken.model_dump_json())

    async def _submit(self, record: Record, provider: Provider) -> tuple[Record, float]:
        awaited = await self._store.find(record.awaits) if record.awaits else None
        if awaited and not awaited.finished:
            return record, AWAITING_SECONDS
        if awaited and awaited.state is not State.SUCCEEDED:
            return await self._fail(record, provider, _speech_is_missing(awaited)), 0.0
        record = await self._store.change(record, State.SUBMITTING)
        try:
            job_id = await provider.submit(self._work(record, awaited))
        except StudioError as refusal:
            return await self._fail(record, provider, _as_error(refusal)), 0.0
        running = await self._store.change(record, State.RUNNING, job_id=job_id)
        return running, provider.profile.poll_seconds

    async def _recover(self, record: Record, provider: Provider) -> tuple[Record, float]:
        if provider.profile.repeats_freely:
            return await self._store.change(record, State.QUEUED, progress=0.0), 0.0
        unknown = GenerationError(
            code="outcome_unknown",
            message=f"Soundstage stopped while submitting; {record.provider} may have the work, and charge.",
            retryable=False,
            next_step=f"Look at the account at {record.provider} before you ask again.",
        )
        return await self._fail(record, provider, unknown), 0.0

    async def _look(self, record: Record, provider: Provider) -> tuple[Record, float]:
        standing = await provider.poll(record.job_id)
        match standing.state:
            case "running":
                if _is_news(record, standing):
                    record = await self._store.change(
                        record,
                        progress=standing.progress,
                        eta_seconds=standing.eta_seconds,
                        provider_status=standing.provider_status,
                    )
                return record, provider.profile.poll_seconds
            case "done":
                return await self._fetch(record, provider), 0.0
            case "failed":
                assert standing.error is not None
                return await self._fail(record, provider, standing.error), 0.0
            case "lost":
                return await self._recover(record, provider)

    async def _fetch(self, record: Record, provider: Provider) -> Record:
        if record.state is State.RUNNING:
            record = await self._store.change(record, State.FETCHING, progress=1.0, eta_seconds=0.0)
        try:
            made = await provider.fetch(record.job_id)
            assets = [await self._assets.keep(record.generation_id, file) for file in made.files]
        except StudioError as refusal:
            return await self._fail(record, provider, _as_error(refusal))
        done = await self._store.change(
            record, State.SUCCEEDED, assets, warnings=json.dumps(list(made.warnings)), provider_status=""
        )
        await provider.release(record.job_id)
        return done

    async def _fail(self, record: Record, provider: Provider, error: GenerationError) -> Record:
        logger.info("%s failed: %s", record.generation_id, error.code)
        failed = await self._store.change(record, State.FAILED, error=error.model_dump_json())
        await provider.release(record.job_id)
        return failed

    def _work(self, record: Record, awaited: Record | None) -> Work:
        request = cast("dict[str, Any]", record.request)
        if record.kind == "speech":
            return SpeechWork(record.generation_id, request["voice"], request["fields"])
        spoken = {asset.role: self._assets.path(asset) for asset in awaited.assets} if awaited else {}
        return AvatarWork(
            generation_id=record.generation_id,
            model=request["model"],
            image=Path(request["image"]) if request["image"] else None,
            audio=spoken["audio"] if awaited else Path(request["audio"]),
            timings=spoken.get("timings"),
            fields=request["fields"],
        )


def _is_news(record: Record, standing: Standing) -> bool:
    return (
        standing.progress - record.progress >= NOTICEABLE_PROGRESS
        or standing.provider_status != record.provider_status
        or (standing.eta_seconds is None) != (record.eta_seconds is None)
    )


def _as_error(refusal: StudioError) -> GenerationError:
    return GenerationError(
        code=refusal.code,
        message=refusal.message,
        retryable=isinstance(refusal, Unavailable),
        next_step=refusal.next_step,
    )


def _speech_is_missing(awaited: Record) -> GenerationError:
    if awaited.error:
        return awaited.error
    return GenerationError(
        code="speech_canceled",
        message="The speech that this video was to follow was canceled.",
        retryable=True,
        next_step="Ask for the video again.",
    )
