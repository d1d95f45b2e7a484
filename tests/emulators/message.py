"""One request as the provider reads it whole, and one answer as it means to give it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeVar, cast
from urllib.parse import parse_qs

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Scope

Body = dict[str, Any]
MULTIPART = "multipart/form-data"
JSON = "application/json"


@dataclass(frozen=True)
class Part:
    name: str
    filename: str | None
    content_type: str | None
    content: bytes


@dataclass(frozen=True)
class Received:
    """A complete request. `json` is None and `parts` is empty where the body is not of that kind or is broken."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    json: Any = None
    parts: Sequence[Part] = ()

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def fields(self) -> Body | None:
        """The members of a JSON object; None where the body is none."""
        return cast("Body", self.json) if isinstance(cast("object", self.json), dict) else None

    @property
    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    def first(self, name: str) -> str | None:
        values = self.query.get(name)
        return values[0] if values else None

    def record(self) -> Body:
        """What the ledger keeps. Parts are hashed without their boundary, which is random."""
        parts = [
            {
                "name": part.name,
                "filename": part.filename,
                "content_type": part.content_type,
                "bytes": len(part.content),
                "sha256": hashlib.sha256(part.content).hexdigest(),
                "text": None if part.filename is not None else part.content.decode(errors="replace"),
            }
            for part in self.parts
        ]
        hashed = json.dumps(parts, sort_keys=True).encode() if parts else self.body
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "content_type": self.content_type,
            "body_bytes": sum(len(part.content) for part in self.parts) if parts else len(self.body),
            "body_sha256": hashlib.sha256(hashed).hexdigest(),
            "json": self.json,
            "parts": parts,
        }


@dataclass(frozen=True)
class Answer:
    """What the provider answers.

    `created` names what came into being through this request, `cost` what was paid for it in the provider's own
    unit. A synchronous job occupies one place of its `lane` for `seconds` of virtual time before it is answered.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    created: Mapping[str, Any] | None = None
    cost: float = 0
    cached: bool = False
    lane: str | None = None
    seconds: float = 0


class Emulated(Protocol):
    """A provider, without its wire."""

    name: str
    prefix: str

    def switch(self, changes: Body) -> Body:
        """Change how the provider behaves, and return all its switches. ValidationError for what it has not."""
        ...

    def credential(self, request: Received) -> str | None:
        """The key that the request carries, right or wrong."""
        ...

    def handle(self, request: Received) -> Answer: ...

    def not_found(self) -> Answer: ...

    def inventory(self) -> Body:
        """What exists, and what was spent."""
        ...


Switches = TypeVar("Switches", bound=BaseModel)


def switched(switches: Switches, changes: Body) -> Switches:
    """The switches with some of them changed. ValidationError for one that there is not, or a wrong value."""
    return type(switches).model_validate({**switches.model_dump(), **changes})


def said(status: int, content: object, **more: Any) -> Answer:
    """A JSON answer."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": JSON}, **more)


async def understood(method: str, path: str, query: bytes, headers: Mapping[str, str], body: bytes) -> Received:
    """Read JSON and multipart. What is broken is left out: the provider says what it lacks."""
    bare = Received(method, path, parse_qs(query.decode("latin-1"), keep_blank_values=True), headers, body)
    parsed: Any = None
    parts: list[Part] = []
    if bare.content_type == JSON:
        try:
            parsed = json.loads(body, parse_constant=_no_number)
        except ValueError:
            parsed = None
    elif bare.content_type == MULTIPART:
        parts = await _parts(headers, body)
    return Received(method, path, bare.query, headers, body, parsed, parts)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


async def _parts(headers: Mapping[str, str], body: bytes) -> list[Part]:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return pending.pop(0)

    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw}
    try:
        async with Request(scope, receive).form(max_part_size=len(body) + 1) as form:
            return [await _part(name, value) for name, value in form.multi_items()]
    except (MultiPartException, KeyError):
        return []


async def _part(name: str, value: UploadFile | str) -> Part:
    if isinstance(value, str):
        return Part(name, None, None, value.encode())
    return Part(name, value.filename or "", value.content_type, await value.read())
