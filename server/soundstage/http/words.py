"""What a provider says in an answer that refuses."""

import json
from collections.abc import Mapping
from typing import Any, cast


def parsed(body: bytes) -> Any:
    """The JSON of a body; NaN and the infinities, which are none, are null.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deep") from None


def words_of(body: bytes, content_type: str) -> str:
    """The words in the body of a refusal, as they are; empty where there are none, or only a page of markup."""
    text = body.decode(errors="replace").strip()
    if "html" in content_type.lower() or text.startswith("<"):
        return ""
    try:
        content = parsed(body)
    except ValueError:
        return text
    if isinstance(content, str):
        return content
    told = told_in(cast("Mapping[str, Any]", content)) if isinstance(content, dict) else ""
    return told or (json.dumps(content, ensure_ascii=False) if content else "")


def told_in(content: Mapping[str, Any]) -> str:
    """What an object says of an error, in any of the usual places; empty where it says nothing."""
    error: object = content.get("error")
    detail: object = content.get("detail")
    candidates = (
        cast("Mapping[str, Any]", error).get("message") if isinstance(error, dict) else error,
        _joined(content.get("messages")),
        _joined(detail) or detail,
        content.get("message"),
        content.get("error_message"),
    )
    found = (one.strip() for one in candidates if isinstance(one, str) and one.strip())
    return next(found, "")


def _joined(messages: object) -> str:
    """Messages that are text, or objects with `msg` or `message` and the `loc` that they are about."""
    if not isinstance(messages, list):
        return ""
    return "; ".join(filter(None, map(_line, cast("list[object]", messages))))


def _line(message: object) -> str:
    if isinstance(message, str):
        return message.strip()
    if not isinstance(message, dict):
        return ""
    members = cast("Mapping[str, object]", message)
    said = members.get("msg") or members.get("message")
    if not isinstance(said, str):
        return ""
    place = members.get("loc")
    where = ".".join(map(str, cast("list[object]", place))) if isinstance(place, list) else ""
    return f"{where}: {said.strip()}" if where else said.strip()
