"""Files that a provider made, from the call to the folder of the assets."""

import resource
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp import Client

from facts import called, finished
from soundstage.app import create_server
from soundstage.providers.port import Made, MadeFile
from soundstage.settings import Settings
from tone import ToneProvider


class ReadyMade(ToneProvider):
    """Delivers a file that a test has put there."""

    def __init__(self, file: Path, mime_type: str = "audio/wav", **facts: Any) -> None:
        super().__init__(file.parent, **facts)
        self._file, self._mime_type = file, mime_type
        self.finish.set()

    async def fetch(self, job_id: str) -> Made:
        assert job_id in self._jobs
        return Made([MadeFile("audio", self._file, self._mime_type)])


@asynccontextmanager
async def serving(settings: Settings, *served: ToneProvider, max_bytes: int = 10**9) -> AsyncGenerator[Client]:
    async with Client(create_server(replace(settings, assets_max_bytes=max_bytes), served)) as client:
        yield client


@contextmanager
def little_disk() -> Generator[None]:
    """No file of this process may grow past a megabyte, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def spoken(client: Client, text: str, voice_id: str = "tone:low") -> dict[str, Any]:
    begun = await called(client, "synthesize_speech", text=text, voice_id=voice_id)
    return await finished(client, begun)


def file_of(generation: dict[str, Any]) -> Path:
    [asset] = generation["assets"]
    return Path(asset["url"].removeprefix("file://"))


def in_folder(settings: Settings) -> set[str]:
    return {path.name for path in (settings.home / "assets").glob("*")}
