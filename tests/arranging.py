"""An allowed folder, and what the tests of local files put in and around it."""

from pathlib import Path
from typing import Protocol

import anyio
import pytest

from soundstage.media.intake import Intake
from soundstage_tools.errors import BadRequest


class Place(Protocol):
    root: Path
    outside: Path
    inputs: Path
    intake: Intake
    innocent: bytes
    canary: bytes

    def kept(self) -> list[bytes]: ...


async def refusal(intake: Intake, source: str) -> BadRequest:
    with anyio.fail_after(20), pytest.raises(BadRequest) as caught:
        await intake.take(source, "image")
    return caught.value


def link(place: Place, name: str, target: Path | str) -> str:
    (place.root / name).symlink_to(target)
    return name


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
