"""A record as an agent sees it."""

from collections.abc import Mapping

from soundstage.generations.record import Record
from soundstage_tools.results import Asset, Generation, GenerationStatus

SPEECH_SHARE = 0.15
"""The part of an avatar video's progress that stands for the speech it waits for."""

_NEXT_STEP: Mapping[GenerationStatus, str] = {
    "queued": "Nothing failed. Call get_generation_status with wait_seconds to follow it.",
    "processing": "Nothing failed; it is still being made. Call get_generation_status with wait_seconds.",
    "succeeded": "Done. Give the user the asset URL.",
    "canceled": "It was stopped on request. Ask again to make it anew.",
}


def shown(record: Record, awaited: Record | None, assets_url: str, *, joined: bool = False) -> Generation:
    """`record` with the progress of what it awaits counted in.

    `assets_url` is the URL of the assets folder, ending in a slash.
    """
    progress, status = record.progress, record.status
    provider_status = record.provider_status
    if record.awaits:
        spoken = awaited.progress if awaited and not awaited.finished else 1.0
        progress = SPEECH_SHARE * spoken + (1 - SPEECH_SHARE) * record.progress
        if status == "queued" and awaited and awaited.status != "queued":
            status, provider_status = "processing", "speaking"
    return Generation(
        generation_id=record.generation_id,
        kind=record.kind,
        provider=record.provider,
        status=status,
        provider_status=provider_status or None,
        progress=1.0 if status == "succeeded" else round(min(progress, 0.99), 3),
        eta_seconds=record.eta_seconds if not record.finished else None,
        assets=[
            Asset(
                asset_id=asset.asset_id,
                role=asset.role,
                url=assets_url + asset.file_name,
                mime_type=asset.mime_type,
                bytes=asset.bytes,
                duration_seconds=asset.duration_seconds,
            )
            for asset in record.assets
        ],
        error=record.error,
        warnings=list(record.warnings),
        voice_id=record.voice_id or None,
        joined=joined,
        next_step=_next_step(record, status),
    )


def _next_step(record: Record, status: GenerationStatus) -> str:
    if record.error:
        return record.error.next_step
    if record.voice_id:
        return "Done. Pass voice_id to synthesize_speech or create_avatar_video."
    return _NEXT_STEP.get(status, "")
