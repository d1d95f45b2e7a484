"""One request and its answer over a transport, and no connection left behind."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2

CONNECT_SECONDS = 10.0


@dataclass(slots=True)
class Course:
    """How far a request has come: once `begun`, the other side may have all of it."""

    begun: bool = False


@asynccontextmanager
async def exchange(
    transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, course: Course | None = None
) -> AsyncGenerator[httpx2.Response]:
    """Send `request` once and hold its answer open. A client would log whole URLs and follow the environment."""
    opened: list[Any] = []

    async def note(event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            opened.append(info["return_value"])
        elif event == "http11.send_request_headers.started":
            opened.clear()
            if course is not None:
                course.begun = True

    request.extensions |= {"timeout": {"connect": CONNECT_SECONDS}, "trace": note}
    try:
        response = await transport.handle_async_request(request)
        async with aclosing(response):
            yield response
    finally:
        # The transport does not know of a connection that was given up during its TLS handshake.
        with anyio.CancelScope(shield=True):
            for connection in opened:
                await connection.aclose()
