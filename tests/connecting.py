"""How a test gets a client: the types of the fixtures that connect one, and the protocol's two eras."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from mcp import Client

from soundstage.providers.port import Provider

ERAS = ("legacy", "2026-07-28")
Connected = Callable[[], AbstractAsyncContextManager[Client]]


class Connect(Protocol):
    def __call__(
        self, served: Sequence[Provider] | None = None, *, mode: str = "2026-07-28", adopts: bool = True
    ) -> AbstractAsyncContextManager[Client]: ...
