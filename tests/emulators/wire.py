"""The wire between a socket and a provider: it reads requests whole, enters them in the ledger, and answers."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from types import MethodType
from typing import Protocol, cast
from weakref import WeakKeyDictionary

from starlette.types import Receive, Scope, Send

from emulators.breaking import abort, drops, give, strike
from emulators.chaos import Chaos, Rule, When
from emulators.faults import edited, instead, is_edit, is_instead
from emulators.ledger import Entry, Ledger, fingerprint
from emulators.message import Answer, Body, Emulated, Received, said, understood
from emulators.world import World

CREDENTIALS = ("authorization", "x-api-key", "cookie", "proxy-authorization")


class _Cycle(Protocol):
    """Uvicorn's side of one request, whose methods `receive` and `send` are."""

    transport: asyncio.Transport


class Wire:
    """The provider's origin and the origin of its files, as ASGI applications."""

    def __init__(self, provider: Emulated, world: World, chaos: Chaos, ledger: Ledger) -> None:
        self._provider = provider
        self._world = world
        self._chaos = chaos
        self._ledger = ledger
        self._connections: WeakKeyDictionary[asyncio.Transport, int] = WeakKeyDictionary()
        self._numbers = itertools.count(1)
        self._first: dict[str, Body] = {}

    async def api(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The provider's own origin. The ledger's paths are without the provider's prefix."""
        path, prefix = str(scope["path"]), self._provider.prefix
        if path.startswith(prefix + "/"):
            await self._serve(scope, receive, send, path.removeprefix(prefix), self._provider.handle)
        else:
            await self._serve(scope, receive, send, path, lambda _: self._provider.not_found())

    async def assets(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The origin of the files, where no key has any business."""
        await self._serve(scope, receive, send, str(scope["path"]), None)

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        path: str,
        handle: Callable[[Received], Answer] | None,
    ) -> None:
        transport = cast("_Cycle", cast("MethodType", send).__self__).transport
        method = str(scope["method"])
        entry: Entry = {
            "at": self._world.clock.now(),
            "provider": self._provider.name,
            "event": "asset" if handle is None else "request",
            "connection": self._number(transport),
            "method": method,
            "path": path,
        }
        early = self._chaos.hit(method, path, at_head=True)
        body = None if early else await _read(receive)
        if body is None:
            self._ledger.write({**entry, "event": "incomplete", "chaos": [rule.do for rule in early]})
            await strike(early, "head", transport)
            await abort(transport)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request = await understood(method, path, scope["query_string"], headers, body)
        struck = self._chaos.hit(method, path, request.json)
        answer = await self._process({**entry, **request.record()}, request, struck, handle, transport)
        if answer is None:
            await abort(transport)
        else:
            await give(answer, struck, send, transport, self._world.clock)

    async def _process(
        self,
        entry: Entry,
        request: Received,
        struck: list[Rule],
        handle: Callable[[Received], Answer] | None,
        transport: asyncio.Transport,
    ) -> Answer | None:
        """The answer, entered in the ledger and ripe to be sent; None where the connection is to be dropped."""
        await self._delay(struck, "before")
        key = self._key(request) if handle is None else self._provider.credential(request)
        entry |= {"key": fingerprint(key), "leaked": handle is None and key is not None}
        entry["chaos"] = [rule.do for rule in struck]
        if drops(struck, "before"):
            self._ledger.write({**entry, "status": None, "created": None, "cost": 0, "cached": False})
            await strike(struck, "before", transport)
            return None
        early = [rule for rule in struck if is_instead(rule) and rule.when != "after"]
        answer = self._instead(early[0], key) if early else self._changed(request, struck, handle, key)
        in_flight = self._world.in_flight
        if answer.lane is not None:
            in_flight[answer.lane] += 1
        told = answer.body.decode(errors="replace")[:300] if answer.status >= 400 and not struck else None
        self._ledger.write(
            {
                **entry,
                "status": answer.status,
                "created": answer.created,
                "cost": answer.cost,
                "cached": answer.cached,
                "lane": answer.lane,
                "in_flight": 0 if answer.lane is None else in_flight[answer.lane],
                "refusal": told,
            }
        )
        try:
            await self._world.clock.sleep(answer.seconds)
        finally:
            if answer.lane is not None:
                in_flight[answer.lane] -= 1
        await self._delay(struck, "after")
        await strike(struck, "after", transport)
        return None if drops(struck, "after") else answer

    def _changed(
        self,
        request: Received,
        struck: list[Rule],
        handle: Callable[[Received], Answer] | None,
        key: str | None,
    ) -> Answer:
        """What the provider answers, after the rules that change it."""
        answer = self._fetch(request) if handle is None else handle(request)
        first: Body = {}
        if answer.created is not None:
            first = self._first.setdefault(str(answer.created["kind"]), dict(answer.created))
        for rule in struck:
            if is_edit(rule):
                answer = edited(rule, answer, first)
            elif is_instead(rule):
                other = self._instead(rule, key)
                answer = replace(answer, status=other.status, body=other.body, headers=other.headers)
        return answer

    def _fetch(self, request: Received) -> Answer:
        if self._key(request) is not None:
            return said(400, {"error": "a credential was sent to the asset origin"})
        found = self._world.shelf.find(request.path, {name: values[0] for name, values in request.query.items()})
        if isinstance(found, Answer):
            return found
        return Answer(200, found.make(), {"Content-Type": found.content_type})

    def _key(self, request: Received) -> str | None:
        """The credential that a request for a file carries, wherever it does."""
        named = [request.headers[name] for name in CREDENTIALS if name in request.headers]
        texts = [*request.headers.values(), *(value for values in request.query.values() for value in values)]
        return next(iter(named), None) or next(
            (k for k in self._world.keys if any(k in text for text in texts)), None
        )

    def _instead(self, rule: Rule, key: str | None) -> Answer:
        return instead(rule, key, self._provider.not_found(), self._world.clock.now())

    async def _delay(self, struck: list[Rule], when: When) -> None:
        for rule in struck:
            if rule.do == "delay" and rule.when == when:
                await self._world.clock.sleep(rule.seconds)

    def _number(self, transport: asyncio.Transport) -> int:
        if transport not in self._connections:
            self._connections[transport] = next(self._numbers)
        return self._connections[transport]


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None where the client went away before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)
