"""The first use of a store that another process is using for the first time too."""

import sqlite3
import threading
from pathlib import Path

import pytest

from soundstage.generations.sqlite.store import SqliteStore
from soundstage_tools.errors import Unavailable


async def test_a_store_that_another_process_is_setting_up_is_waited_for(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ["ROLLBACK"])
    release.start()
    store = SqliteStore(tmp_path / "state.db")
    assert await store.find("gen_x") is None
    await store.close()
    release.join()
    other.close()


async def test_one_that_stays_so_is_told_to_be_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soundstage.generations.sqlite.database.BUSY_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="store_busy"):
        await SqliteStore(tmp_path / "state.db").find("gen_x")
    other.close()
