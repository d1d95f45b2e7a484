"""A record as an agent sees it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from soundstage.generations.next_steps import at_work, next_step, paid_with
from soundstage.generations.reach import is_reachable
from soundstage.generations.record import Record, State
from soundstage.providers.port import Provider
from soundstage_tools.results import (
    Asset,
    Charged,
    Generation,
    GenerationError,
    GenerationStatus,
    ListedGeneration,
)

TITLE_CHARACTERS = 60
SPEECH_SHARE = 0.15
"""The part of an avatar video's progress that stands for the speech it waits for."""

OUT_OF_REACH = "out_of_reach"
"""In place of the provider's own word where this server cannot go on with a generation."""

_LEAST_TO_MOST: Sequence[Charged] = ("no", "unknown", "yes")


def shown(
    record: Record,
    awaited: Record | None,
    assets_url: str,
    gone: Collection[str],
    providers: Mapping[str, Provider],
    *,
    joined: bool = False,
) -> Generation:
    """`record` with the progress, and the price, of the speech that was made for it counted in.

    `assets_url` is the URL of the assets folder, ending in a slash; `gone` are the ids of the assets, of both,
    that are not there any more. `providers` are those of this server.
    """
    status = status_of(record, awaited)
    step = next_step(record, awaited, status, gone, providers)
    return Generation(
        generation_id=record.generation_id,
        kind=record.kind,
        provider=record.provider,
        status=status,
        provider_status=_provider_status(record, awaited, providers) or None,
        progress=1.0 if status == "succeeded" else round(min(_progress(record, awaited), 0.99), 3),
        eta_seconds=record.eta_seconds if not record.finished else None,
        assets=[
            Asset(
                asset_id=asset.asset_id,
                role=asset.role,
                url=None if asset.asset_id in gone else assets_url + asset.file_name,
                gone=asset.asset_id in gone or None,
                mime_type=asset.mime_type,
                bytes=asset.bytes,
                duration_seconds=asset.duration_seconds,
            )
            for asset in record.assets
        ],
        error=_error(record, step),
        warnings=list(record.warnings),
        voice_id=record.voice_id or None,
        likeness=record.likeness,
        joined=joined,
        charged=_charged(record, awaited),
        next_step=step,
    )


def listed(generation: Generation, record: Record, awaited: Record | None) -> ListedGeneration:
    """`generation` in brief; `record` and the speech that it `awaited` are what is known of it."""
    text = " ".join(said(record, awaited).split())
    created = datetime.fromtimestamp(record.created_at, UTC)
    return ListedGeneration(
        generation_id=generation.generation_id,
        kind=generation.kind,
        provider=generation.provider,
        status=generation.status,
        progress=generation.progress,
        charged=generation.charged,
        created_at=f"{created:%Y-%m-%dT%H:%M:%SZ}",
        title=text[:TITLE_CHARACTERS] or None,
        voice_id=generation.voice_id,
        urls=[asset.url for asset in generation.assets if asset.url],
    )


def said(record: Record, awaited: Record | None) -> str:
    """The text that it speaks, or the name of the voice that it clones; empty for a video of a recording."""
    source = record.request
    if record.kind == "avatar_video":
        source = awaited.request if awaited else cast("Mapping[str, object]", source.get("says") or {})
    fields = cast("Mapping[str, str]", source.get("fields", {}))
    return fields.get("name" if record.kind == "voice_clone" else "text", "")


def status_of(record: Record, awaited: Record | None) -> GenerationStatus:
    """The status of `record`: while its speech is being made, so is what awaits it."""
    if record.status == "queued" and awaited and awaited.status != "queued":
        return "processing"
    return record.status


def _error(record: Record, step: str) -> GenerationError | None:
    """Why it has ended, with what can be done about it now."""
    if record.error is None:
        return None
    retryable = record.error.retryable and record.state is not State.NEEDS_ATTENTION
    return record.error.model_copy(update={"next_step": step, "retryable": retryable})


def _charged(record: Record, awaited: Record | None) -> Charged:
    charged: list[Charged] = [record.charged, *(one.charged for one in paid_with(record, awaited))]
    return max(charged, key=_LEAST_TO_MOST.index)


def _progress(record: Record, awaited: Record | None) -> float:
    if not record.awaits:
        return record.progress
    spoken = 0.0 if awaited is None else 1.0 if awaited.finished else awaited.progress
    return SPEECH_SHARE * spoken + (1 - SPEECH_SHARE) * record.progress


def _provider_status(record: Record, awaited: Record | None, providers: Mapping[str, Provider]) -> str:
    if not record.finished and not is_reachable(at_work(record, awaited), providers):
        return OUT_OF_REACH
    if status_of(record, awaited) != record.status:
        return "speaking"
    return record.provider_status
