"""Voices cloned by the local engine through a client, and the home that they live in."""

import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
from mcp import Client
from numpy.typing import NDArray

from facts import called, finished
from soundstage.app import create_server
from soundstage.settings import Settings

SAMPLE_TEXT = (
    "A good story starts with one small question. Who left the lamp burning in the empty house, and why did "
    "nobody notice? We asked the neighbours, and each of them gave us another answer. In the end it was the wind."
)


@dataclass(frozen=True, slots=True)
class Home:
    """A home with a workspace beside it."""

    folder: Path

    @property
    def voices(self) -> Path:
        return self.folder / "home" / "voices"

    @property
    def inputs(self) -> Path:
        return self.folder / "home" / "inputs"

    @property
    def work(self) -> Path:
        return self.folder / "home" / "work"

    @property
    def workspace(self) -> Path:
        path = self.folder / "workspace"
        path.mkdir(exist_ok=True)
        return path

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[Client]:
        """A client of a server that has begun anew."""
        settings = Settings(home=self.folder / "home", input_roots=(self.workspace,))
        async with Client(create_server(settings), mode="2026-07-28") as client:
            yield client

    def names(self) -> list[str]:
        """The files of its voices."""
        return sorted(path.name for path in self.voices.iterdir()) if self.voices.exists() else []


@dataclass(frozen=True, slots=True)
class Cloned:
    """A generation that cloned a voice."""

    home: Home
    facts: dict[str, Any]

    @property
    def handle(self) -> str:
        return self.facts["voice_id"]

    @property
    def file(self) -> Path:
        return self.home.voices / f"{self.handle.partition(':')[2]}.json"


async def clone(client: Client, sample: Path | str, name: str = "Mike", **fields: object) -> dict[str, Any]:
    """The generation of a clone, at its end."""
    begun = await called(
        client,
        "clone_voice",
        audio=str(sample),
        provider="local",
        name=name,
        consent=True,
        wait_seconds=50,
        **fields,
    )
    return await finished(client, begun)


async def cloned_from(home: Home, sample: Path) -> Cloned:
    """A voice cloned by a server that has ended since."""
    copyfile(sample, home.workspace / "sample.wav")
    async with home.served() as client:
        facts = await clone(client, "sample.wav")
    assert facts["status"] == "succeeded", facts
    return Cloned(home, facts)


def write_channels(path: Path, sound: NDArray[np.float32], rate: int = 24_000) -> None:
    """A WAV of 32-bit floating point, a column for each channel."""
    data, channels = sound.astype("<f4").tobytes(), sound.shape[1]
    form = struct.pack("<HHIIHH", 3, channels, rate, rate * 4 * channels, 4 * channels, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks)) + chunks)
