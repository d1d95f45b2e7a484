"""The user in front of a client, to whom the server puts questions."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.session import ElicitationFnT
from mcp.types import (
    CallToolResult,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    ErrorData,
    InputRequiredResult,
)

from soundstage.app import create_server
from soundstage.settings import Settings
from tone import ToneProvider

YES = ElicitResult(action="accept", content={"yes": True})
NO = ElicitResult(action="decline")


class Person:
    """Reads each question, and answers as told, once they are `ready`."""

    def __init__(self, answer: ElicitResult | ErrorData = YES) -> None:
        self.answer = answer
        self.read: list[ElicitRequestFormParams] = []
        self.reading, self.ready = anyio.Event(), anyio.Event()
        self.ready.set()

    def callback(self) -> ElicitationFnT:
        """What the client calls."""

        async def answer(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult | ErrorData:
            assert isinstance(params, ElicitRequestFormParams)
            self.read.append(params)
            self.reading.set()
            await self.ready.wait()
            return self.answer

        return answer


@asynccontextmanager
async def asking(
    settings: Settings, mode: str, person: Person | None, *served: ToneProvider
) -> AsyncGenerator[Client]:
    """A client with `person`, if anybody, in front of it, and a server of these providers in this process."""
    server = create_server(settings, served or None)
    callback = person.callback() if person else None
    async with Client(server, mode=cast("Any", mode), elicitation_callback=callback) as client:
        yield client


async def questioned(
    client: Client, given: Mapping[str, Any], **retry: Any
) -> InputRequiredResult | CallToolResult:
    """What `clone_voice` returns of 2026-07-28 to a client that sends answers by itself."""
    return cast(
        "InputRequiredResult | CallToolResult",
        await client.session.call_tool("clone_voice", dict(given), allow_input_required=True, **retry),
    )
