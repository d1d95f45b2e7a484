"""Portraits and speech, made once, for videos that are each looked at from many sides."""

from pathlib import Path

import pytest

from portraits import Filmer, Speech, drawn_portrait, spoken

SENTENCE = "My father parked the car by the farm. Mama packed a bag of apples, maps and lamps."


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="session")
def speech(studio: Path) -> Speech:
    """Five seconds, rich in open vowels and closed lips."""
    return spoken(SENTENCE, studio, "speech")


@pytest.fixture(scope="session")
def word(studio: Path) -> Speech:
    """As short as speech gets."""
    return spoken("Map.", studio, "word")


@pytest.fixture(scope="session")
def portrait(studio: Path) -> Path:
    path = studio / "portrait.png"
    drawn_portrait().save(path)
    return path


@pytest.fixture(scope="session")
def filmer(tmp_path_factory: pytest.TempPathFactory) -> Filmer:
    return Filmer(tmp_path_factory.mktemp("films"))
