"""Members of an answer, read with care: what is not of the documented form is as if it were not there."""

import math
from collections.abc import Mapping
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from soundstage_tools.errors import Unusable

Body = Mapping[str, Any]

_LONGEST_URL = 8192
_LONGEST_SHOWN = 2048


def unreadable(title: str) -> Unusable:
    """The error for an answer of the provider `title` that makes no sense."""
    return Unusable(
        code="provider_unreadable",
        message=f"{title} gave an answer that is not of its documented form.",
        next_step="Try again later.",
    )


def body_of(value: object) -> Body:
    """The object that `value` is; an empty one where it is none."""
    return cast("Body", value) if isinstance(value, dict) else {}


def bodies_of(value: object) -> list[Body]:
    """The objects in the list that `value` is."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Body", item) for item in items if isinstance(item, dict)]


def number_of(value: object) -> float | None:
    """A finite number from 0 on; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def gender_of(value: object) -> Literal["female", "male", "neutral"]:
    """The gender that a provider's word for it says; neutral where it says none of ours."""
    match value.strip().lower() if isinstance(value, str) else "":
        case "female":
            return "female"
        case "male":
            return "male"
        case _:
            return "neutral"


def web_url(value: object, *, secure: bool = False) -> str:
    """A URL as a provider gave it, or with `secure` an https URL that may be shown; empty where it is none."""
    longest = _LONGEST_SHOWN if secure else _LONGEST_URL
    if not isinstance(value, str) or len(value) > longest or not (value.isascii() and value.isprintable()):
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    schemes = {"https"} if secure else {"http", "https"}
    return value if parts.scheme in schemes and parts.netloc and " " not in value else ""
