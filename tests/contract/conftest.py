"""The emulators in this process, their clocks at rest, and a client of the one that a module names PROVIDER."""

from collections.abc import Generator
from typing import Any, cast

import pytest

from emulators.client import Client
from emulators.server import Emulator, emulating


@pytest.fixture
def hedra() -> Generator[Emulator]:
    with emulating("hedra", pace=0) as emulator:
        yield emulator


@pytest.fixture
def heygen() -> Generator[Emulator]:
    with emulating("heygen", pace=0) as emulator:
        yield emulator


@pytest.fixture
def speechgen() -> Generator[Emulator]:
    with emulating("speechgen", pace=0) as emulator:
        yield emulator


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Client:
    provider: str = cast("Any", request).module.PROVIDER
    return Client(request.getfixturevalue(provider))
