"""What the tests share: settings in an empty home, and a real client on a server in this process."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from mcp import Client

from connecting import Connect
from emulators import media
from soundstage.app import create_server
from soundstage.providers.port import Provider
from soundstage.settings import Settings
from tone import ToneProvider


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Settings(home=tmp_path / "home", input_roots=(workspace,))


@pytest.fixture
def tone(tmp_path: Path) -> ToneProvider:
    """A provider that finishes whatever it is given at once."""
    tone = ToneProvider(tmp_path)
    tone.finish.set()
    return tone


@pytest.fixture
def recording(settings: Settings) -> Path:
    """A sample of a voice, me.wav in the workspace."""
    file = settings.input_roots[0] / "me.wav"
    file.write_bytes(media.wav(1.0))
    return file


@pytest.fixture
def connect(settings: Settings) -> Connect:
    @asynccontextmanager
    async def connected(
        served: Sequence[Provider] | None = None, *, mode: str = "2026-07-28", adopts: bool = True
    ) -> AsyncGenerator[Client]:
        async with Client(create_server(settings, served, adopts=adopts), mode=cast("Any", mode)) as client:
            yield client

    return connected
