"""The file of the store: of an earlier version, or used by another process at the same time."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from soundstage.generations.record import Draft, State
from soundstage.generations.sqlite.schema import MIGRATIONS
from soundstage.generations.sqlite.store import SqliteStore
from soundstage_tools.errors import Unavailable
from soundstage_tools.studio import GenerationQuery

CHARGES_SINCE = 3
"""The version from which on a store holds what was charged."""


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


async def test_who_reads_waits_for_nobody_who_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("soundstage.generations.sqlite.database.BUSY_SECONDS", 0.05)
    store = SqliteStore(tmp_path / "state.db")
    made = (await store.create(Draft("speech", "tone", {"voice": "low"}, "equal"))).record
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await store.get(made.generation_id) == made
    assert (await store.newest(GenerationQuery(status="queued", limit=1))).generations == [(made, None)]
    with pytest.raises(Unavailable, match="store_busy"):
        await store.create(Draft("speech", "tone", {"voice": "low"}, "other"))
    other.close()
    await store.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
async def test_a_store_of_each_earlier_version_is_opened_with_what_it_holds(tmp_path: Path, version: int) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as old, old:
        for step in MIGRATIONS[:version]:
            old.executescript(step)
        old.execute(
            "INSERT INTO generations (generation_id, kind, provider, state, request, request_hash,"
            " idempotency_key, job_id, created_at, updated_at)"
            " VALUES ('gen_old', 'speech', 'tone', 'succeeded', ?, 'equal', 'key', 'job-1', 1.5, 2.5)",
            (json.dumps({"voice": "low", "fields": {"text": "Long ago."}}),),
        )
        old.execute("INSERT INTO assets VALUES ('asset_old', 'gen_old', 'audio', 'a.wav', 'audio/wav', 9, 1.0)")
        old.execute(f"PRAGMA user_version = {version}")
    store = SqliteStore(tmp_path / "state.db")
    found = await store.get("gen_old")
    assert (found.state, found.job_id, found.created_at) == (State.SUCCEEDED, "job-1", 1.5)
    assert [asset.file_name for asset in found.assets] == ["a.wav"]
    again = await store.create(Draft("speech", "tone", found.request, "equal", idempotency_key="key"))
    assert (again.joined, again.record.generation_id) == (True, "gen_old")
    new = await store.create(Draft("speech", "tone", found.request, "new"))
    [leased] = await store.lease({("tone", ""): ""})
    assert leased.generation_id == new.record.generation_id
    # Whether a job was charged that is older than the answer to that, nobody knows.
    assert found.charged == ("unknown" if version < CHARGES_SINCE else "no")
    told = (await store.newest(GenerationQuery(search="long AGO", limit=5))).generations
    assert {record.generation_id for record, _ in told} == {"gen_old", new.record.generation_id}
    await store.close()


@pytest.mark.parametrize(
    ("provider", "state", "job", "charged"),
    [
        ("hedra", "running", "job-1", "unknown"),
        ("hedra", "failed", "job-1", "unknown"),
        ("hedra", "uncertain", "", "unknown"),
        ("hedra", "queued", "", "no"),
        ("hedra", "failed", "", "no"),
        ("local", "succeeded", "job-1", "no"),
    ],
)
async def test_what_an_old_store_does_not_say_of_charges_is_unknown(
    tmp_path: Path, provider: str, state: str, job: str, charged: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as old, old:
        for step in MIGRATIONS[: CHARGES_SINCE - 1]:
            old.executescript(step)
        old.execute(
            "INSERT INTO generations (generation_id, kind, provider, state, request, request_hash, job_id,"
            " created_at, updated_at) VALUES ('gen_old', 'speech', ?, ?, '{}', 'equal', ?, 1.5, 2.5)",
            (provider, state, job),
        )
        old.execute(f"PRAGMA user_version = {CHARGES_SINCE - 1}")
    store = SqliteStore(tmp_path / "state.db")
    assert (await store.get("gen_old")).charged == charged
    await store.close()
