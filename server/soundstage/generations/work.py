"""From a record to the work that a provider is asked to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from soundstage.generations.record import Draft, Record
from soundstage.providers.port import AvatarWork, CloneWork, SpeechWork, Work


def work_of(record: Record, spoken: Mapping[str, Path] | None = None) -> Work:
    """What `record` asks for, with the files of the speech that it awaited by their roles, once they are there."""
    request = cast("Mapping[str, Any]", record.request)
    if record.kind == "speech":
        return _speech(record.generation_id, request)
    if record.kind == "voice_clone":
        return CloneWork(
            record.generation_id, Path(request["audio"]), request["fields"], request.get("consent", {})
        )
    spoken = spoken or {}
    given = Path(request["audio"]) if request["audio"] else None
    says = request.get("says") if not spoken else None
    return AvatarWork(
        generation_id=record.generation_id,
        model=request["model"],
        image=Path(request["image"]) if request["image"] else None,
        fields=request["fields"],
        audio=spoken.get("audio", given),
        timings=spoken.get("timings"),
        says=_speech(record.generation_id, says) if says else None,
    )


def speech_of(record: Record) -> Draft:
    """The speech that a video was to have spoken inline, as a generation by itself."""
    says = cast("Mapping[str, Any]", record.request["says"])
    request = {name: value for name, value in says.items() if name != "request_hash"}
    return Draft(
        "speech",
        record.provider,
        request,
        says["request_hash"],
        account=record.account,
        force_new=bool(says["force_new"]),
    )


def _speech(generation_id: str, request: Mapping[str, Any]) -> SpeechWork:
    # What an earlier version recorded may not say whether it is forced.
    return SpeechWork(generation_id, request["voice"], request["fields"], anew=request.get("force_new", False))
