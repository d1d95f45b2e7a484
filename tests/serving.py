"""A server over stdio that knows the emulators by its public settings alone, and what it is given to work with."""

import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from mcp import Client, StdioServerParameters

from emulators import media
from emulators.server import Emulator
from person import Person


def furnished(folder: Path) -> Path:
    """A workspace in `folder`: a portrait, a speech of 3 s, and a sample of a voice of 12 s."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    (workspace / "portrait.png").write_bytes(media.png(256, 256))
    (workspace / "speech.mp3").write_bytes(media.sound("mp3", 3.0))
    (workspace / "voice-sample.mp3").write_bytes(media.sound("mp3", 12.0))
    return workspace


@asynccontextmanager
async def serving(
    folder: Path, *emulators: Emulator, mode: str = "2026-07-28", person: Person | None = None, **environment: str
) -> AsyncGenerator[Client]:
    """A client of a server whose home and workspace are in `folder`. Relative paths start in the workspace.

    `person` is in front of that client, which otherwise has no way to ask anybody.
    """
    told: Mapping[str, str] = {name: value for one in emulators for name, value in one.environment.items()}
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "soundstage"],
        env={
            "PATH": os.environ["PATH"],
            "SOUNDSTAGE_HOME": str(folder / "home"),
            "SOUNDSTAGE_INPUT_ROOTS": str(furnished(folder)),
            **told,
            **environment,
        },
    )
    callback = person.callback() if person else None
    async with Client(parameters, mode=cast("Any", mode), elicitation_callback=callback) as client:
        yield client
