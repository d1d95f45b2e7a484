"""What a rule makes of an answer. Nothing here touches the connection."""

import json
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, cast, get_args

from emulators.chaos import Edit, Instead, Rule
from emulators.message import JSON, Answer, said
from emulators.world import EXPIRED

HTML = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>"
IDS = ("id", "asset_id", "model_id")
EDITS: Mapping[str, Mapping[str, Any]] = {
    "backwards": {"status": "queued", "progress": 0.0},
    "unknown_status": {"status": "transmogrifying"},
    "progress_nan": {"progress": float("nan")},
    "progress_200": {"progress": 2.0},
    "never_ends": {"status": "processing", "progress": 0.5},
}


def is_instead(rule: Rule) -> bool:
    return rule.do in get_args(Instead)


def is_edit(rule: Rule) -> bool:
    return rule.do in get_args(Edit)


def instead(rule: Rule, key: str | None, not_found: Answer, now: float) -> Answer:
    """The answer that takes the place of the provider's own."""
    match rule.do:
        case "retry_after":
            answer = said(
                rule.status or 429,
                {"error": "Too many requests"},
            )
            wait = retry_after(rule, now)
            answer = replace(answer, headers={**answer.headers, **({} if wait is None else {"Retry-After": wait})})
        case "html":
            answer = Answer(rule.status or 502, HTML, {"Content-Type": "text/html; charset=utf-8"})
        case "echo_key":
            told = {
                "error": f"The key {key} may not do this",
                "detail": f"X-API-Key: {key}",
                "messages": [f"key={key}"],
            }
            answer = said(rule.status or 500, told)
            answer = replace(answer, headers={**answer.headers, "X-Debug-Authorization": key or ""})
        case "redirect":
            answer = Answer(rule.status or 302, b"", {"Location": rule.to})
        case "expired":
            answer = Answer(rule.status or 403, EXPIRED, {"Content-Type": "application/xml"})
        case "vanish":
            answer = not_found
        case _:
            answer = Answer(rule.status or 503, rule.body.encode(), {"Content-Type": JSON})
    return replace(answer, headers={**answer.headers, **rule.headers})


def retry_after(rule: Rule, now: float) -> str | None:
    """The header's value in the form that the rule asks for. None: no header."""
    if rule.value:
        return rule.value
    return {
        "absent": None,
        "seconds": f"{rule.seconds:.0f}",
        "date": formatdate(now + rule.seconds, usegmt=True),
        "past_date": formatdate(now - 3600, usegmt=True),
        "zero": "0",
        "negative": "-1",
        "huge": "1000000000",
        "garbage": "soon, maybe",
    }[rule.form]


def edited(rule: Rule, answer: Answer, first: Mapping[str, Any]) -> Answer:
    """The provider's answer, changed. `first` is what the first paid request of the same kind created."""
    body = answer.body
    headers = {**answer.headers, **rule.headers}
    match rule.do:
        case "malformed":
            body = body[: max(1, len(body) // 2)] + b"{"
        case "corrupt":
            body = body[:16] + bytes(byte ^ 0x5A for byte in body[16:])
        case "truncate":
            body = body[: rule.size]
        case "wrong_type":
            headers["Content-Type"] = rule.value or "text/html"
        case "duplicate_id":
            body = _with(body, {name: first[name] for name in IDS if name in first}, ())
        case "edit" if rule.replace is not None:
            body = json.dumps(rule.replace).encode()
        case "edit":
            body = _with(body, rule.set_to, rule.remove)
        case _:
            body = _with(body, EDITS[rule.do], ())
    return replace(answer, status=rule.status or answer.status, body=body, headers=headers)


def _with(body: bytes, members: Mapping[str, Any], removed: tuple[str, ...]) -> bytes:
    content: Any = json.loads(body)
    if not isinstance(content, dict):
        return body
    known = cast("dict[str, Any]", content)
    return json.dumps({k: v for k, v in {**known, **members}.items() if k not in removed}).encode()
