"""Generations and assets as rows: each function is a part of one transaction of the store."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from soundstage.generations.record import UNFINISHED as UNFINISHED_STATES
from soundstage.generations.record import Draft, Record, State
from soundstage.media.assets import StoredAsset
from soundstage_tools.errors import BadRequest
from soundstage_tools.results import GenerationError

LEASE_SECONDS = 15.0
FULL_SECONDS = 1.0
LONGEST_BLOCK_SECONDS = 600.0
JOIN_SECONDS = 600.0
"""How long after its making an equal request without a key still joins a generation that succeeded."""

UNFINISHED = f"state IN ({', '.join(repr(str(state)) for state in sorted(UNFINISHED_STATES))})"
"""The condition that a row is of an unfinished generation."""

_AT_PROVIDER = (State.SUBMITTING, State.UNCERTAIN, State.RUNNING)


class LeaseLost(Exception):
    """Another process took the generation over, or ended it: what was learned here no longer counts."""


class JobTaken(Exception):
    """The provider gave the id of a job that belongs to another generation."""


def read(db: sqlite3.Connection, generation_id: str) -> Record | None:
    """The generation of this id."""
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
        made_for=row["made_for"],
        job_id=row["job_id"],
        provider_status=row["provider_status"],
        progress=row["progress"],
        eta_seconds=row["eta_seconds"],
        cancel_requested=bool(row["cancel_requested"]),
        error=GenerationError.model_validate_json(row["error"]) if row["error"] else None,
        warnings=tuple(json.loads(row["warnings"])),
        voice_id=row["voice_id"],
        account=row["account"],
        charged=row["charged"],
        trace=json.loads(row["trace"]),
        repeats=row["repeats"],
        created_at=row["created_at"],
        submitted_at=row["submitted_at"],
        waiting_since=row["waiting_since"],
        updated_at=row["updated_at"],
        assets=tuple(StoredAsset(**asset) for asset in assets),
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
        "created_at": now,
        "updated_at": now,
    }
    _insert(db, "generations", values)
    record = read(db, generation_id)
    assert record is not None
    return record


def in_flight(db: sqlite3.Connection, provider: str, account: str) -> int:
    """How many submissions and jobs the provider has of an account now."""
    counted = db.execute(
        f"SELECT count(*) AS jobs FROM generations WHERE provider = ? AND account = ?"
        f" AND state IN ({_places(_AT_PROVIDER)})",
        (provider, account, *_AT_PROVIDER),
    ).fetchone()
    return int(counted["jobs"])


def _insert(db: sqlite3.Connection, table: str, values: dict[str, Any]) -> None:
    columns = ", ".join(values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({_places(values)})", tuple(values.values()))


def _places(values: Collection[object]) -> str:
    return ", ".join("?" for _ in values)


def join(db: sqlite3.Connection, draft: Draft, is_there: Callable[[StoredAsset], bool]) -> Record | None:
    """The generation that already answers `draft`, now joined once more; None if there is none.

    Raises:
        BadRequest: the idempotency key belongs to a different request.
    """
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
    elif draft.force_new:
        return None
    else:
        row = db.execute(
            f"SELECT * FROM generations WHERE request_hash = ? AND cancel_requested = 0"
            f" AND ({UNFINISHED} OR state = '{State.NEEDS_ATTENTION}'"
            f" OR (state = '{State.SUCCEEDED}' AND created_at > ?))"
            f" ORDER BY created_at DESC LIMIT 1",
            (draft.request_hash, time.time() - JOIN_SECONDS),
        ).fetchone()
    found = _record(db, row) if row else None
    if found is None or not (draft.idempotency_key or all(map(is_there, found.assets))):
        return None
    db.execute("UPDATE generations SET joins = joins + 1 WHERE generation_id = ?", (found.generation_id,))
    return found


def lease(
    db: sqlite3.Connection, owner: str, accounts: Mapping[str, str], only: Sequence[str] | None
) -> list[Record]:
    """Lease to `owner` what is unfinished and in nobody's hands, of these accounts by provider."""
    now = time.time()
    among = f" AND provider || '/' || account IN ({_places(accounts)})"
    among += "" if only is None else f" AND generation_id IN ({_places(only)})"
    names = [f"{provider}/{account}" for provider, account in accounts.items()]
    rows = db.execute(
        f"UPDATE generations SET lease_owner = ?, lease_until = ?"
        # A lease that ends later than any can was given by a clock that has been set back since.
        f" WHERE {UNFINISHED} AND (lease_until < ? OR lease_until > ?){among} RETURNING *",
        (owner, now + LEASE_SECONDS, now, now + 2 * LEASE_SECONDS, *names, *(only or ())),
    ).fetchall()
    return [_record(db, row) for row in sorted(rows, key=lambda row: row["created_at"])]


def seconds_to_room(db: sqlite3.Connection, record: Record, max_in_flight: int) -> float:
    """After how many seconds to look again for room at the record's provider; 0 where there is some now."""
    if blocked := blocked_seconds(db, record.provider, record.account):
        return blocked
    if max_in_flight and in_flight(db, record.provider, record.account) >= max_in_flight:
        return FULL_SECONDS
    return 0.0


def blocked_seconds(db: sqlite3.Connection, provider: str, account: str) -> float:
    """For how long a provider still wants to be left alone by an account; 0 where it does not."""
    row = db.execute(
        "SELECT blocked_until FROM accounts WHERE provider = ? AND account = ?", (provider, account)
    ).fetchone()
    left = float(row["blocked_until"]) - time.time() if row else 0.0
    return left if 0.0 < left <= LONGEST_BLOCK_SECONDS else 0.0


def block(db: sqlite3.Connection, provider: str, account: str, until: float) -> None:
    """Note until when a provider wants to be left alone by an account."""
    db.execute(
        "INSERT INTO accounts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET blocked_until ="
        " max(blocked_until, excluded.blocked_until)",
        (provider, account, until),
    )


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
        taken = db.execute(
            "SELECT 1 FROM generations WHERE provider = ? AND job_id = ? AND generation_id != ?",
            (record.provider, job_id, record.generation_id),
        ).fetchone()
        if taken:
            raise JobTaken
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
    changed = read(db, record.generation_id)
    assert changed is not None
    return changed
