"""The store of generations and assets, shared by every Soundstage process of this user.

Each method is one transaction. With `synchronous=FULL` what was committed before a provider was called is still
there after a power cut.
"""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from soundstage.generations.database import Database
from soundstage.generations.record import MOVES, UNFINISHED, Draft, Record, State
from soundstage.media.assets import StoredAsset
from soundstage_tools.errors import BadRequest, NotFound
from soundstage_tools.results import GenerationError

LEASE_SECONDS = 15.0
JOIN_SECONDS = 600.0
"""How long after its making an equal request without a key still joins a generation that succeeded."""

_UNFINISHED = f"state IN ({', '.join(repr(str(state)) for state in sorted(UNFINISHED))})"


class LeaseLost(Exception):
    """Another process took the generation over, or ended it: what was learned here no longer counts."""


@dataclass(frozen=True, slots=True)
class Created:
    """A recorded generation, and whether it was there before."""

    record: Record
    joined: bool


class Store:
    """Generations and assets. `owner` names this process in the leases.

    `is_there` tells whether an asset's file still is; a generation that lost one is not joined without a key.
    """

    def __init__(self, file: Path, is_there: Callable[[StoredAsset], bool] = lambda _: True) -> None:
        self.owner = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._file = file
        self._is_there = is_there
        self._database = Database(file)

    @property
    def exists(self) -> bool:
        """Whether any process has ever used the store."""
        return self._file.exists()

    async def create(self, draft: Draft, awaits: str = "") -> Created:
        """Record `draft`, or join the generation that already answers it.

        Raises:
            BadRequest: the idempotency key belongs to a different request.
        """
        return await self._database.transaction(lambda db: _create(db, draft, awaits, self._is_there))

    async def get(self, generation_id: str) -> Record:
        """The generation as it is now.

        Raises:
            NotFound: there is none with this id.
        """
        record = await self.find(generation_id)
        if record is None:
            raise NotFound(
                code="unknown_generation",
                message="No generation has this id on this machine.",
                next_step="Check the generation_id that the tool returned when it began.",
            )
        return record

    async def find(self, generation_id: str) -> Record | None:
        """The generation as it is now, if there is one with this id."""
        return await self._database.transaction(lambda db: _read(db, generation_id))

    async def asset(self, name: str) -> StoredAsset | None:
        """The asset with this id or this file name, if there is one."""

        def read(db: sqlite3.Connection) -> StoredAsset | None:
            row = db.execute("SELECT * FROM assets WHERE ? IN (asset_id, file_name)", (name,)).fetchone()
            return StoredAsset(**row) if row else None

        return await self._database.transaction(read)

    async def lease(self, providers: Sequence[str], only: Sequence[str] | None = None) -> list[Record]:
        """Lease the unfinished generations of these providers that are in nobody's hands.

        `only`: of these ids alone.
        """
        return await self._database.transaction(lambda db: _lease(db, self.owner, providers, only))

    async def renew_leases(self) -> None:
        """Keep what this process holds."""
        await self._set_leases(self.owner, time.time() + LEASE_SECONDS)

    async def release_leases(self) -> None:
        """Give back what this process holds, so that another can take it up at once."""
        await self._set_leases("", 0.0)

    async def change(
        self, record: Record, to: State | None = None, assets: Sequence[StoredAsset] = (), **values: object
    ) -> Record:
        """Move a leased generation to state `to`, or keep its state, with new column `values`.

        Raises:
            LeaseLost: it is no longer this process's to change.
        """
        assert to is None or to in MOVES[record.state], f"{record.state} never leads to {to}"
        return await self._database.transaction(lambda db: _change(db, self.owner, record, to, assets, values))

    async def request_cancel(self, generation_id: str) -> None:
        """Mark a generation as to be stopped by the process that holds it."""

        def mark(db: sqlite3.Connection) -> None:
            db.execute(
                f"UPDATE generations SET cancel_requested = 1 WHERE generation_id = ? AND {_UNFINISHED}",
                (generation_id,),
            )

        await self._database.transaction(mark)

    async def close(self) -> None:
        """Give back the leases and close the file."""
        if self._database.opened:
            await self.release_leases()
            await self._database.close()

    async def _set_leases(self, owner: str, until: float) -> None:
        def write(db: sqlite3.Connection) -> None:
            db.execute(
                f"UPDATE generations SET lease_owner = ?, lease_until = ? WHERE lease_owner = ? AND {_UNFINISHED}",
                (owner, until, self.owner),
            )

        await self._database.transaction(write)


def _read(db: sqlite3.Connection, generation_id: str) -> Record | None:
    row = db.execute("SELECT * FROM generations WHERE generation_id = ?", (generation_id,)).fetchone()
    return _record(db, row) if row else None


def _record(db: sqlite3.Connection, row: dict[str, Any]) -> Record:
    assets = db.execute(
        "SELECT * FROM assets WHERE generation_id = ? ORDER BY rowid", (row["generation_id"],)
    ).fetchall()
    return Record(
        generation_id=row["generation_id"],
        kind=row["kind"],
        provider=row["provider"],
        state=State(row["state"]),
        request=json.loads(row["request"]),
        awaits=row["awaits"],
        job_id=row["job_id"],
        provider_status=row["provider_status"],
        progress=row["progress"],
        eta_seconds=row["eta_seconds"],
        cancel_requested=bool(row["cancel_requested"]),
        error=GenerationError.model_validate_json(row["error"]) if row["error"] else None,
        warnings=tuple(json.loads(row["warnings"])),
        assets=tuple(StoredAsset(**asset) for asset in assets),
    )


def _create(db: sqlite3.Connection, draft: Draft, awaits: str, is_there: Callable[[StoredAsset], bool]) -> Created:
    found = _equal(db, draft)
    if found and (draft.idempotency_key or all(map(is_there, found.assets))):
        return Created(found, joined=True)
    now = time.time()
    generation_id = f"gen_{secrets.token_urlsafe(16)}"
    values = {
        "generation_id": generation_id,
        "kind": draft.kind,
        "provider": draft.provider,
        "state": State.QUEUED,
        "request": json.dumps(draft.request),
        "request_hash": draft.request_hash,
        "idempotency_key": draft.idempotency_key or None,
        "awaits": awaits,
        "created_at": now,
        "updated_at": now,
    }
    _insert(db, "generations", values)
    record = _read(db, generation_id)
    assert record is not None
    return Created(record, joined=False)


def _insert(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    columns = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({_places(values)})", tuple(values.values()))


def _places(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def _equal(db: sqlite3.Connection, draft: Draft) -> Record | None:
    if draft.idempotency_key:
        row = db.execute(
            "SELECT * FROM generations WHERE idempotency_key = ?", (draft.idempotency_key,)
        ).fetchone()
        if row and row["request_hash"] != draft.request_hash:
            raise BadRequest(
                code="idempotency_key_reused",
                message="This idempotency_key belongs to an earlier request with other arguments.",
                next_step="Use a new key for a new request, or repeat the earlier one unchanged.",
            )
    else:
        row = db.execute(
            f"SELECT * FROM generations WHERE request_hash = ?"
            f" AND ({_UNFINISHED} OR (state = '{State.SUCCEEDED}' AND created_at > ?))"
            f" ORDER BY created_at DESC LIMIT 1",
            (draft.request_hash, time.time() - JOIN_SECONDS),
        ).fetchone()
    return _record(db, row) if row else None


def _lease(
    db: sqlite3.Connection, owner: str, providers: Sequence[str], only: Sequence[str] | None
) -> list[Record]:
    now = time.time()
    among = f" AND provider IN ({_places(providers)})"
    among += "" if only is None else f" AND generation_id IN ({_places(only)})"
    rows = db.execute(
        f"UPDATE generations SET lease_owner = ?, lease_until = ?"
        f" WHERE {_UNFINISHED} AND lease_until < ?{among} RETURNING *",
        (owner, now + LEASE_SECONDS, now, *providers, *(only or ())),
    ).fetchall()
    return [_record(db, row) for row in sorted(rows, key=lambda row: row["created_at"])]


def _change(
    db: sqlite3.Connection,
    owner: str,
    record: Record,
    to: State | None,
    assets: Sequence[StoredAsset],
    values: dict[str, object],
) -> Record:
    kept = {"state": to or record.state, "updated_at": time.time(), **values}
    columns = ", ".join(f"{column} = ?" for column in kept)
    done = db.execute(
        f"UPDATE generations SET {columns} WHERE generation_id = ? AND lease_owner = ? AND state = ?",
        (*kept.values(), record.generation_id, owner, record.state),
    )
    if done.rowcount != 1:
        raise LeaseLost
    for asset in assets:
        _insert(db, "assets", asdict(asset))
    changed = _read(db, record.generation_id)
    assert changed is not None
    return changed
