"""An emulated useapi.net, the provider of its voices, and a client of a server that has no other."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from mcp import Client

from emulators.server import Emulator, emulating
from heygen_calls import provided
from soundstage.app import create_server
from soundstage.providers.heygen.provider import HeyGenProvider
from soundstage.settings import Settings


@pytest.fixture
def heygen() -> Generator[Emulator]:
    with emulating("heygen", pace=100) as emulator:
        yield emulator


@pytest.fixture
def provider(heygen: Emulator, tmp_path: Path) -> HeyGenProvider:
    return provided(heygen, tmp_path)


@pytest.fixture
async def client(settings: Settings, provider: HeyGenProvider) -> AsyncGenerator[Client]:
    async with Client(create_server(settings, [provider])) as connected:
        yield connected
