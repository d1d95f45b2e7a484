"""A speaker that stays loaded."""

import pytest

from saying import Sayer


@pytest.fixture(scope="session")
def sayer(tmp_path_factory: pytest.TempPathFactory) -> Sayer:
    return Sayer(tmp_path_factory.mktemp("speech"))
