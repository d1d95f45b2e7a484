"""The store, by itself: leases between processes, fences, and files that cannot be used."""

import sqlite3
import stat
from pathlib import Path

import pytest

from soundstage.generations.record import MOVES, UNFINISHED, Draft, State
from soundstage.generations.sqlite.schema import MIGRATIONS
from soundstage.generations.sqlite.store import SqliteStore
from soundstage.generations.store import LeaseLost
from soundstage_tools.errors import Unavailable

DRAFT = Draft("speech", "tone", {"voice": "low"}, "hash")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "state.db"


async def test_only_one_process_holds_a_generation(file: Path) -> None:
    one, two = SqliteStore(file), SqliteStore(file)
    record = (await one.create(DRAFT)).record
    assert [held.generation_id for held in await one.lease({("tone", ""): ""})] == [record.generation_id]
    assert await two.lease({("tone", ""): ""}) == []
    with pytest.raises(LeaseLost):
        await two.change(record, State.SUBMITTING)
    await one.close()
    assert [held.generation_id for held in await two.lease({("tone", ""): ""})] == [record.generation_id]
    await two.close()


async def test_a_process_leases_only_what_its_providers_can_advance(file: Path) -> None:
    store = SqliteStore(file)
    await store.create(DRAFT)
    assert await store.lease({("other", ""): ""}) == []
    assert await store.lease({("tone", ""): ""}, only=["gen_other"]) == []
    assert len(await store.lease({("tone", ""): ""})) == 1
    await store.close()


async def test_a_change_from_a_state_that_is_past_is_refused(file: Path) -> None:
    store = SqliteStore(file)
    record = (await store.create(DRAFT)).record
    await store.lease({("tone", ""): ""})
    await store.change(record, State.SUBMITTING)
    with pytest.raises(LeaseLost):
        await store.change(record, State.SUBMITTING)
    await store.close()


def test_the_machine_only_moves_forward_or_back_to_the_queue() -> None:
    order = list(State)
    for state, moves in MOVES.items():
        # Only the user leads anything back from where it needs attention.
        for move in moves - ({State.RUNNING} if state is State.NEEDS_ATTENTION else {State.QUEUED}):
            assert order.index(move) > order.index(state)
    assert {state for state, moves in MOVES.items() if moves} == UNFINISHED | {State.NEEDS_ATTENTION}


async def test_the_files_are_the_owners_alone(file: Path) -> None:
    store = SqliteStore(file)
    await store.create(DRAFT)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await store.close()


async def test_what_is_committed_is_synced_and_the_journal_is_wal(file: Path) -> None:
    store = SqliteStore(file)
    await store.create(DRAFT)
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()
    await store.close()


async def test_a_store_of_a_newer_version_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(Unavailable, match="newer version"):
        await SqliteStore(file).find("gen_x")


async def test_a_damaged_store_is_told_so(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="damaged"):
        await SqliteStore(file).find("gen_x")


async def test_a_store_that_is_busy_for_too_long_is_told_so(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soundstage.generations.sqlite.database.BUSY_SECONDS", 0.05)
    store = SqliteStore(file)
    await store.create(DRAFT)
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="busy"):
            await store.create(Draft("speech", "tone", {}, "else"))
    other.close()
    await store.create(Draft("speech", "tone", {}, "else"))
    await store.close()
