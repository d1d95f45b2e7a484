"""A voice that was cloned once, through a client, for tests that look at it from many sides."""

from pathlib import Path

import anyio
import numpy as np
import pytest
from numpy.typing import NDArray

from clones import SAMPLE_TEXT, Cloned, Home, cloned_from
from hearing import decode
from saying import Sayer
from soundstage.providers.local.cloning.encoder import SpeakerEncoder


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


@pytest.fixture(scope="session")
def spoken(sample: Path) -> NDArray[np.float32]:
    return decode(sample, 24_000)


@pytest.fixture(scope="session")
def other(sayer: Sayer) -> NDArray[np.float32]:
    return decode(sayer.say(SAMPLE_TEXT).audio, 24_000)


@pytest.fixture(scope="session")
def encoder() -> SpeakerEncoder:
    return SpeakerEncoder()
