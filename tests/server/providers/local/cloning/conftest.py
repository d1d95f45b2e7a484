"""A voice that was cloned once, through a client, for tests that look at it from many sides."""

from pathlib import Path

import anyio
import pytest

from clones import SAMPLE_TEXT, Cloned, Home, cloned_from
from saying import Sayer


@pytest.fixture(scope="session")
def sayer(tmp_path_factory: pytest.TempPathFactory) -> Sayer:
    return Sayer(tmp_path_factory.mktemp("speech"))


@pytest.fixture(scope="session")
def sample(sayer: Sayer) -> Path:
    """Some 12 seconds of a man who is made of numbers."""
    return sayer.say(SAMPLE_TEXT, "am_michael").audio


@pytest.fixture(scope="session")
def cloned(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Cloned:
    home = Home(tmp_path_factory.mktemp("cloned"))
    return anyio.run(cloned_from, home, sample)
