"""An emulated Hedra, and clients, one after the other, of servers that have no other provider."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client

from connecting import Connect, Connected
from emulators.server import Emulator, emulating
from serving import furnished
from soundstage.providers.hedra.provider import HedraProvider
from soundstage.settings import Access


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra") as emulator:
        yield emulator


@pytest.fixture
def client(connect: Connect, hedra: Emulator, tmp_path: Path) -> Connected:
    furnished(tmp_path)

    @asynccontextmanager
    async def connected() -> AsyncGenerator[Client]:
        provider = HedraProvider(Access(hedra.base_url, hedra.key), tmp_path / "jobs", listing_seconds=1.0)
        async with connect([provider]) as client:
            yield client

    return connected
