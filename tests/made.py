"""Files that a provider made, from the call to the folder of the assets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
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


async def spoken(client: Client, text: str, voice_id: str = "tone:low") -> dict[str, Any]:
    begun = await called(client, "synthesize_speech", text=text, voice_id=voice_id)
    return await finished(client, begun)


def file_of(generation: dict[str, Any]) -> Path:
    [asset] = generation["assets"]
    return Path(asset["url"].removeprefix("file://"))


def in_folder(settings: Settings) -> set[str]:
    return {path.name for path in (settings.home / "assets").glob("*")}
