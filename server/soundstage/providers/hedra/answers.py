"""Hedra's answers, read with care: whatever is not of the documented form is left out or told."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast
from urllib.parse import urlsplit
from uuid import UUID

from soundstage.http.quotation import plain
from soundstage.providers.hedra.languages import language_tag
from soundstage.providers.hedra.profile import NAME, TITLE
from soundstage.providers.port import Standing
from soundstage_tools.errors import Unavailable
from soundstage_tools.results import GenerationError, Voice

Body = Mapping[str, Any]

Quote = Callable[[str], str]
"""Makes of a provider's words what may be told of them."""

_RUNNING = {"queued", "pending", "processing", "finalizing"}
_RETRYABLE = {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN"}
_NEXT_STEPS = {
    "MODERATION_FAILED": "Its moderation refused it: change the text or the picture.",
    "MISSING_CREDITS": "Add credits to the Hedra account.",
    "INSUFFICIENT_BALANCE": "Add credits to the Hedra account.",
    "INVALID_ARGUMENT": "Change what Hedra objects to, and ask again.",
}


def is_uuid(text: object) -> bool:
    """Whether `text` is an id in Hedra's form."""
    try:
        return isinstance(text, str) and str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _object(value: object) -> Body:
    """An object that an answer holds; an empty one where it holds none."""
    return cast("Body", value) if isinstance(value, dict) else {}


def bodies(answer: object) -> list[Body]:
    """The objects in a list that Hedra answered with."""
    items = cast("list[object]", answer) if isinstance(answer, list) else []
    return [cast("Body", item) for item in items if isinstance(item, dict)]


def body(answer: object) -> Body:
    """The object that Hedra answered with.

    Raises:
        Unavailable: it is none.
    """
    if not isinstance(answer, dict):
        raise unreadable()
    return cast("Body", answer)


def unreadable() -> Unavailable:
    """The error for an answer that makes no sense."""
    return Unavailable(
        code="provider_unreadable",
        message=f"{TITLE} gave an answer that is not of its documented form.",
        next_step="Try again later.",
    )


def standing(answer: object, job_id: str, quote: Quote) -> Standing:
    """Where a generation is, from the body of its status. An unknown word counts as still running.

    Raises:
        Unavailable: the answer is of another generation, or unreadable.
    """
    status = body(answer)
    if str(status.get("id", job_id)).lower() != job_id.lower():
        raise unreadable()
    word = plain(str(status.get("status", "queued")), 40)
    match word:
        case "complete":
            return Standing("done", progress=1.0, provider_status=word)
        case "error":
            return Standing("failed", provider_status=word, error=_error(status, quote))
        case _:
            return Standing(
                "running",
                progress=min(1.0, _number(status.get("progress")) or 0.0),
                eta_seconds=_number(status.get("eta_sec")),
                provider_status=word,
            )


def _number(value: object) -> float | None:
    """A finite number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def _error(status: Body, quote: Quote) -> GenerationError:
    told = status.get("error")
    reason = _object(told)
    words = reason.get("message") or status.get("error_message") or (told if isinstance(told, str) else "")
    kind = str(reason.get("type") or "")
    said = f'"{quote(str(words))}"' if words else ""
    return GenerationError(
        code="moderation_failed" if kind == "MODERATION_FAILED" else "provider_failed",
        message=f"{TITLE} could not make it." + (f" {TITLE} wrote: {said}" if said else ""),
        retryable=kind in _RETRYABLE,
        next_step=_NEXT_STEPS.get(kind, "Change what it objects to, or ask later; it may have been charged."),
    )


def file_urls(status: Body) -> list[str]:
    """Where the file of a finished generation is, the best place first."""
    return [url for name in ("download_url", "url") if (url := _url(status.get(name)))]


def asset_url(asset: Body) -> str:
    """Where the file of an asset is; empty if it does not say."""
    return _url(_object(asset.get("asset")).get("url"))


def _url(value: object) -> str:
    return value if isinstance(value, str) and urlsplit(value).scheme in {"http", "https"} else ""


def voices(stock: object, cloned: object) -> Sequence[Voice]:
    """The voices of `GET /voices`, and those of `GET /assets?type=voice` that are not among them."""
    found = {one["id"]: _voice(one, "stock") for one in bodies(stock) if is_uuid(one.get("id"))}
    for one in bodies(cloned):
        if is_uuid(one.get("id")) and one["id"] not in found:
            found[one["id"]] = _voice(one, "cloned")
    return list(found.values())


def _voice(item: Body, kind: Literal["stock", "cloned"]) -> Voice:
    asset = _object(item.get("asset"))
    labels = {str(label.get("name")): str(label.get("value", "")) for label in bodies(asset.get("labels"))}
    gender = labels.get("gender", "").lower()
    return Voice(
        voice_id=f"{NAME}:{item['id']}",
        name=plain(str(item.get("name") or "")) or item["id"],
        language=language_tag(labels.get("language", "")),
        gender=cast("Any", gender) if gender in {"female", "male"} else "neutral",
        kind=kind,
        preview_url=_url(asset.get("preview_url")) or None,
    )


def price(model: Body) -> Body | None:
    """What a model of `GET /models` costs, if that is told in the documented form."""
    details = _object(model.get("price_details"))
    cost, unit = _number(details.get("credit_cost")), details.get("billing_unit")
    if cost is None or not isinstance(unit, str):
        return None
    return {"credit_cost": f"{cost:g}", "billing_unit": plain(unit, 20)}
