"""An emulated SpeechGen, the provider of its voices, and a client of a server that has no other."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from mcp import Client

from connecting import Connect
from emulators.server import Emulator, emulating
from soundstage.providers.speechgen.provider import SpeechGenProvider
from soundstage.settings import Access


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", switches={"processing_polls": 0}) as emulator:
        yield emulator


@pytest.fixture
def provider(speechgen: Emulator, tmp_path: Path) -> SpeechGenProvider:
    return SpeechGenProvider(Access(speechgen.base_url, speechgen.key), tmp_path / "jobs", look_seconds=0.0)


@pytest.fixture
async def client(connect: Connect, provider: SpeechGenProvider) -> AsyncGenerator[Client]:
    async with connect([provider]) as connected:
        yield connected
