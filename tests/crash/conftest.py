"""The emulated providers, each in a process of its own, and a place for a server's home."""

from collections.abc import Generator
from pathlib import Path

import pytest

from crash.agent import workplace
from crash.plan import SWIFT
from emulators.server import Emulator, emulating_apart


@pytest.fixture
def hedra(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("hedra", tmp_path / "hedra.jsonl", switches={"scripts": {"*": SWIFT}}) as emulator:
        yield emulator


@pytest.fixture
def heygen(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("heygen", tmp_path / "heygen.jsonl") as emulator:
        yield emulator


@pytest.fixture
def speechgen(tmp_path: Path) -> Generator[Emulator]:
    with emulating_apart("speechgen", tmp_path / "speechgen.jsonl") as emulator:
        yield emulator


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return workplace(tmp_path / "place")
