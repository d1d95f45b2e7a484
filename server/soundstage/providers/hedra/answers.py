"""Hedra's answers, read with care: whatever is not of the documented form is left out or told."""

from collections.abc import Callable, Sequence
from typing import Literal, cast
from uuid import UUID

from soundstage.http.quotation import plain, wrote
from soundstage.providers.hedra.languages import language_tag
from soundstage.providers.hedra.profile import NAME, TITLE
from soundstage.providers.port import Standing
from soundstage.providers.reading import Body, bodies_of, body_of, gender_of, number_of, unreadable, web_url
from soundstage_tools.results import GenerationError, Voice

Quote = Callable[[str], str]
"""Makes of a provider's words what may be told of them."""

_RETRYABLE = {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN"}
_CODES = {
    "MODERATION_FAILED": "moderation_failed",
    "MISSING_CREDITS": "insufficient_credits",
    "INSUFFICIENT_BALANCE": "insufficient_credits",
}
_PASSING_REASON = "MODERATION_OUTPUT_TRANSIENT"
_ASK_AGAIN = (
    "Its moderation stopped what came of it this time: ask again for the same, with a new idempotency_key if you "
    "use one. This one may have been charged."
)
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


def body(answer: object) -> Body:
    """The object that Hedra answered with.

    Raises:
        Unusable: it is none.
    """
    if not isinstance(answer, dict):
        raise unreadable(TITLE)
    return cast("Body", answer)


def standing(answer: object, job_id: str, quote: Quote) -> Standing:
    """Where a generation is, from the body of its status. An unknown word counts as still running.

    Raises:
        Unusable: the answer is of another generation, or unreadable.
    """
    status = body(answer)
    if str(status.get("id", job_id)).lower() != job_id.lower():
        raise unreadable(TITLE)
    word = plain(str(status.get("status", "queued")), 40)
    match word:
        case "complete":
            return Standing("done", progress=1.0, provider_status=word)
        case "error":
            return Standing("failed", provider_status=word, error=_error(status, quote))
        case _:
            return Standing(
                "running",
                progress=min(1.0, number_of(status.get("progress")) or 0.0),
                eta_seconds=number_of(status.get("eta_sec")),
                provider_status=word,
            )


def _error(status: Body, quote: Quote) -> GenerationError:
    told = status.get("error")
    reason = body_of(told)
    words = reason.get("message") or status.get("error_message") or (told if isinstance(told, str) else "")
    kind, passing = str(reason.get("type") or ""), reason.get("reason_code") == _PASSING_REASON
    said = quote(str(words)) if words else ""
    otherwise = "Change what it objects to, or ask later; it may have been charged."
    return GenerationError(
        code=_CODES.get(kind, "provider_failed"),
        message=f"{TITLE} could not make it.{_credits(reason)}{wrote(TITLE, said)}",
        retryable=passing or kind in _RETRYABLE,
        next_step=_ASK_AGAIN if passing else _NEXT_STEPS.get(kind, otherwise),
    )


def _credits(reason: Body) -> str:
    needed, left = number_of(reason.get("credits_needed")), number_of(reason.get("credits_available"))
    takes = "" if needed is None else f" It takes {needed:,.6g} credits."
    return takes + ("" if left is None else f" The account has {left:,.6g} credits.")


def file_url(status: Body) -> str:
    """Where the file of a finished generation is; empty if the status does not say."""
    return web_url(status.get("download_url")) or web_url(status.get("url"))


def streaming_url(status: Body) -> str:
    """Where a finished generation can be streamed from; empty if the status does not say."""
    return web_url(status.get("streaming_url"))


def asset_url(asset: Body) -> str:
    """Where the file of an asset is; empty if it does not say."""
    return web_url(body_of(asset.get("asset")).get("url"))


def voices(answer: object, kind: Literal["stock", "cloned"]) -> Sequence[Voice]:
    """The voices of `GET /voices`, which are stock, or of `GET /assets?type=voice`, which were cloned.

    Raises:
        Unavailable: it is no list.
    """
    if not isinstance(answer, list):
        raise unreadable(TITLE)
    return [_voice(one, kind) for one in bodies_of(cast("object", answer)) if is_uuid(one.get("id"))]


def _voice(item: Body, kind: Literal["stock", "cloned"]) -> Voice:
    asset = body_of(item.get("asset"))
    labels = {str(label.get("name")): str(label.get("value", "")) for label in bodies_of(asset.get("labels"))}
    return Voice(
        voice_id=f"{NAME}:{item['id']}",
        name=plain(str(item.get("name") or "")) or item["id"],
        language=language_tag(labels.get("language", "")),
        gender=gender_of(labels.get("gender")),
        kind=kind,
        preview_url=web_url(asset.get("preview_url"), secure=True) or None,
    )


def price(model: Body) -> Body | None:
    """What a model of `GET /models` costs, if that is told in the documented form."""
    details = body_of(model.get("price_details"))
    cost, unit = number_of(details.get("credit_cost")), details.get("billing_unit")
    if cost is None or not isinstance(unit, str):
        return None
    return {"credit_cost": f"{cost:g}", "billing_unit": plain(unit, 20)}
