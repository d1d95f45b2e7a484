"""Generations and assets as rows: each function is a part of one transaction of the store."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel

from soundstage.generations.record import UNFINISHED as UNFINISHED_STATES
from soundstage.generations.record import Draft, Record, State
from soundstage.generations.store import (
    AnswerUsed,
    JobTaken,
    LeaseLost,
    unknown_generation,
)
from soundstage.media.assets import StoredAsset
from soundstage_tools.errors import BadRequest
from soundstage_tools.results import GenerationError, Likeness

JOIN_SECONDS = 600.0
"""How long after its success an equal request without a key still joins a generation."""

UNFINISHED = f"state IN ({', '.join(repr(str(state)) for state in sorted(UNFINISHED_STATES))})"
"""The condition that a row is of an unfinished generation."""

_EQUAL = f"""
    SELECT * FROM generations AS one WHERE request_hash = :request_hash AND (
        (state = '{State.NEEDS_ATTENTION}' AND NOT EXISTS (
            SELECT 1 FROM generations AS later WHERE later.request_hash = one.request_hash
            AND later.rowid > one.rowid AND later.state = '{State.SUCCEEDED}'
        ))
        OR (:keyless AND {UNFINISHED} AND cancel_requested = 0)
        OR (:keyless AND state = '{State.SUCCEEDED}' AND updated_at > :succeeded_since
            AND NOT (kind = 'voice_clone' AND voice_id = ''))
    )
    ORDER BY rowid DESC LIMIT 1
"""


def read(db: sqlite3.Connection, generation_id: str) -> Record | None:
    """The generation of this id."""
    row = db.execute("SELECT * FROM generations WHERE generation_id = ?", (generation_id,)).fetchone()
    return record_of(db, row) if row else None


def told(db: sqlite3.Connection, generation_id: str) -> tuple[Record, Record | None]:
    """The generation of this id, and the speech that it awaits.

    Raises:
        NotFound: there is none.
    """
    record = read(db, generation_id)
    if record is None:
        raise unknown_generation(generation_id)
    return record, read(db, record.awaits) if record.awaits else None


def held(db: sqlite3.Connection, owner: str, generation_id: str) -> Record:
    """The generation of this id, which `owner` holds.

    Raises:
        LeaseLost: it does not.
    """
    row = db.execute(
        "SELECT * FROM generations WHERE generation_id = ? AND lease_owner = ?", (generation_id, owner)
    ).fetchone()
    if row is None:
        raise LeaseLost
    return record_of(db, row)


def record_of(db: sqlite3.Connection, row: dict[str, Any]) -> Record:
    """The generation of a whole row, with its assets."""
    assets = db.execute(
        "SELECT * FROM assets WHERE generation_id = ? ORDER BY rowid", (row["generation_id"],)
    ).fetchall()
    return bare(row, tuple(StoredAsset(**asset) for asset in assets))


def bare(row: dict[str, Any], assets: tuple[StoredAsset, ...] = ()) -> Record:
    """The generation of a whole row, with these assets alone."""
    return Record(
        generation_id=row["generation_id"],
        kind=row["kind"],
        provider=row["provider"],
        state=State(row["state"]),
        request=json.loads(row["request"]),
        awaits=row["awaits"],
        made_for=row["made_for"],
        job_id=row["job_id"],
        provider_status=row["provider_status"],
        progress=row["progress"],
        eta_seconds=row["eta_seconds"],
        cancel_requested=bool(row["cancel_requested"]),
        error=GenerationError.model_validate_json(row["error"]) if row["error"] else None,
        warnings=tuple(json.loads(row["warnings"])),
        voice_id=row["voice_id"],
        likeness=Likeness.model_validate_json(row["likeness"]) if row["likeness"] else None,
        account=row["account"],
        charged=row["charged"],
        has_key=row["idempotency_key"] is not None,
        trace=json.loads(row["trace"]),
        repeats=row["repeats"],
        watched_seconds=row["watched_seconds"],
        created_at=row["created_at"],
        submitted_at=row["submitted_at"],
        waiting_since=row["waiting_since"],
        updated_at=row["updated_at"],
        assets=assets,
    )


def new_id() -> str:
    """A generation id, which nobody can guess."""
    return f"gen_{secrets.token_urlsafe(16)}"


def insert(
    db: sqlite3.Connection, draft: Draft, generation_id: str, *, awaits: str = "", made_for: str = ""
) -> Record:
    """Record `draft`. `made_for`: the video that alone asked for this speech."""
    now = time.time()
    values = {
        "generation_id": generation_id,
        "kind": draft.kind,
        "provider": draft.provider,
        "state": State.QUEUED,
        "request": json.dumps(draft.request),
        "request_hash": draft.request_hash,
        "idempotency_key": draft.idempotency_key or None,
        "account": draft.account,
        "awaits": awaits,
        "made_for": made_for,
        "credits": draft.credits,
        "answer_id": draft.answer_id,
        "created_at": now,
        "counted_at": now,
        "updated_at": now,
    }
    _insert(db, "generations", values)
    record = read(db, generation_id)
    assert record is not None
    return record


def _insert(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    columns = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({_places(values)})", tuple(values.values()))


def _written(value: object) -> object:
    """A member of a record as its column holds it."""
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    return json.dumps(value) if isinstance(value, Mapping | list | tuple) else value


def _places(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def join(db: sqlite3.Connection, draft: Draft, is_there: Callable[[StoredAsset], bool]) -> Record | None:
    """The generation that already answers `draft`, now joined once more; None if there is none.

    Raises:
        BadRequest: the idempotency key belongs to a different request.
    """
    found = _of_key(db, draft) if draft.idempotency_key else None
    if found is None and not draft.force_new:
        found = _equal(db, draft, is_there)
    if found:
        db.execute("UPDATE generations SET joins = joins + 1 WHERE generation_id = ?", (found.generation_id,))
    return found


def see_that_answer_is_unused(db: sqlite3.Connection, answer_id: str) -> None:
    """Refuse a second generation by one answer of the user's.

    Raises:
        AnswerUsed: there is one.
    """
    if db.execute("SELECT 1 FROM generations WHERE answer_id = ? AND answer_id != ''", (answer_id,)).fetchone():
        raise AnswerUsed


def _of_key(db: sqlite3.Connection, draft: Draft) -> Record | None:
    """The generation that the draft's key names, whatever became of it."""
    row = db.execute("SELECT * FROM generations WHERE idempotency_key = ?", (draft.idempotency_key,)).fetchone()
    if row and row["request_hash"] != draft.request_hash:
        raise BadRequest(
            code="idempotency_key_reused",
            message="This idempotency_key belongs to an earlier request with other arguments.",
            next_step="Use a new key for a new request, or repeat the earlier one unchanged.",
        )
    return record_of(db, row) if row else None


def _equal(db: sqlite3.Connection, draft: Draft, is_there: Callable[[StoredAsset], bool]) -> Record | None:
    """The newest generation of an equal request that is not to be made again unasked.

    A new key asks for another one, but not where an earlier one may have been paid for and is lost.
    """
    values = {
        "request_hash": draft.request_hash,
        "keyless": not draft.idempotency_key,
        "succeeded_since": time.time() - JOIN_SECONDS,
    }
    row = db.execute(_EQUAL, values).fetchone()
    found = record_of(db, row) if row else None
    return found if found and all(map(is_there, found.assets)) else None


def change(
    db: sqlite3.Connection,
    owner: str,
    record: Record,
    to: State | None,
    assets: Sequence[StoredAsset],
    values: Mapping[str, object],
) -> Record:
    """Write what is new of a generation that `owner` still holds in the state of `record`.

    Raises:
        LeaseLost: it does not.
        JobTaken: the job that it names is another generation's.
    """
    if job_id := values.get("job_id"):
        see_that_nobody_has(db, record.provider, str(job_id), record.generation_id)
    kept = {
        "state": to or record.state,
        "updated_at": time.time(),
        **{column: _written(value) for column, value in values.items()},
    }
    columns = ", ".join(f"{column} = ?" for column in kept)
    done = db.execute(
        f"UPDATE generations SET {columns} WHERE generation_id = ? AND lease_owner = ? AND state = ?",
        (*kept.values(), record.generation_id, owner, record.state),
    )
    if done.rowcount != 1:
        raise LeaseLost
    for asset in assets:
        _insert(db, "assets", asdict(asset))
    changed = read(db, record.generation_id)
    assert changed is not None
    return changed


def see_that_nobody_has(db: sqlite3.Connection, provider: str, job_id: str, but: str) -> None:
    """Raise JobTaken where another generation than `but` has the job."""
    taken = db.execute(
        "SELECT 1 FROM generations WHERE provider = ? AND job_id = ? AND generation_id != ?",
        (provider, job_id, but),
    ).fetchone()
    if taken:
        raise JobTaken
