"""The control plane: what a test may do to an emulator, on a port and with a token of its own."""

import json
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.chaos import Chaos, Rule
from emulators.ledger import Entry, Ledger
from emulators.message import Body, Emulated
from emulators.world import World

RULES = TypeAdapter(list[Rule])


def control_app(provider: Emulated, world: World, chaos: Chaos, ledger: Ledger, token: str) -> Starlette:
    """Routes: /rules, /clock, /switches, /ledger, /inventory. All ask for the token."""

    def allowed(request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {token}"

    async def rules(request: Request) -> Response:
        if not allowed(request):
            return JSONResponse({"error": "token"}, 401)
        if request.method == "DELETE":
            chaos.clear()
        elif request.method == "POST":
            chaos.add(RULES.validate_json(await request.body()))
        return JSONResponse([rule.model_dump() for rule in chaos.rules])

    async def clock(request: Request) -> Response:
        if not allowed(request):
            return JSONResponse({"error": "token"}, 401)
        if request.method == "POST":
            world.clock.advance(float((await request.json())["advance"]))
        return JSONResponse({"now": world.clock.now(), "pace": world.clock.pace})

    async def switches(request: Request) -> Response:
        if not allowed(request):
            return JSONResponse({"error": "token"}, 401)
        if request.method == "POST":
            changed: Body = await request.json()
            world.shelf.lifetime = float(changed.pop("url_lifetime", world.shelf.lifetime))
            provider.switch(changed)
        return JSONResponse(provider.switch({}) | {"url_lifetime": world.shelf.lifetime})

    async def entries(request: Request) -> Response:
        if not allowed(request):
            return JSONResponse({"error": "token"}, 401)
        asked = request.query_params
        match, after = asked.get("match", "*"), int(asked.get("after", "0"))
        found = await ledger.wait(match, int(asked.get("count", "0")), after, float(asked.get("seconds", "0")))
        return JSONResponse(found)

    async def inventory(request: Request) -> Response:
        return JSONResponse(provider.inventory()) if allowed(request) else JSONResponse({"error": "token"}, 401)

    async def refused(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, 422)

    return Starlette(
        routes=[
            Route("/rules", rules, methods=["GET", "POST", "DELETE"]),
            Route("/clock", clock, methods=["GET", "POST"]),
            Route("/switches", switches, methods=["GET", "POST"]),
            Route("/ledger", entries),
            Route("/inventory", inventory),
        ],
        exception_handlers={ValidationError: refused, KeyError: refused},
    )


class Refused(AssertionError):
    """The control plane did not take what the test asked of it."""


class Control:
    """A test's hand on a running emulator, in this process or in another. Every call blocks."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def add_rules(self, *rules: Mapping[str, Any] | Rule) -> None:
        """Add chaos rules after those in force: `Rule(...)` or its members as a mapping."""
        plain = [rule.model_dump() if isinstance(rule, Rule) else dict(rule) for rule in rules]
        self._ask("POST", "/rules", plain)

    def clear_rules(self) -> None:
        self._ask("DELETE", "/rules")

    def now(self) -> float:
        return self._ask("GET", "/clock")["now"]

    def advance(self, seconds: float) -> float:
        """Move the virtual clock, and return its time."""
        return self._ask("POST", "/clock", {"advance": seconds})["now"]

    def switch(self, **switches: object) -> Body:
        """Change the provider's behaviour from now on, and return all its switches."""
        return self._ask("POST", "/switches", switches)

    def ledger(self, match: str = "*", after: int = 0) -> list[Entry]:
        """Entries numbered above `after` whose "METHOD /path" fits the glob."""
        return self._ask("GET", "/ledger?" + urlencode({"match": match, "after": after}))

    def wait_for(self, match: str = "*", count: int = 1, after: int = 0, seconds: float = 20) -> list[Entry]:
        """The same, once there are `count` of them. Refused after `seconds` of real time."""
        asked = {"match": match, "after": after, "count": count, "seconds": seconds}
        found: list[Entry] = self._ask("GET", "/ledger?" + urlencode(asked))
        if len(found) < count:
            raise Refused(f"{len(found)} of {count} entries {match!r} after {seconds} s: {found}")
        return found

    def created(self, kind: str = "") -> list[Entry]:
        """The entries through which something came into being, of one kind or of all."""
        return [e for e in self.ledger() if e.get("created") and kind in {"", e["created"]["kind"]}]

    def paid(self) -> float:
        return sum(entry.get("cost", 0) for entry in self.ledger())

    def peak_in_flight(self, lane: str) -> int:
        """The most jobs that this account ever had in flight at once."""
        return max((entry["in_flight"] for entry in self.ledger() if entry.get("lane") == lane), default=0)

    def inventory(self) -> Body:
        return self._ask("GET", "/inventory")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            content: Any = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise Refused(f"{method} {path}: {answer.status} {content}")
        return content


def leaks(entries: Sequence[Entry]) -> list[Entry]:
    """The requests that carried a key to the asset origin."""
    return [entry for entry in entries if entry.get("leaked")]
