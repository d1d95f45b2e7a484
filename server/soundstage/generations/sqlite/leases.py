"""In whose hands generations are, and what is done to those that are in nobody's: parts of transactions."""

import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence

from soundstage.generations.record import Record, State
from soundstage.generations.sqlite.rows import UNFINISHED, read, record_of, see_that_nobody_has
from soundstage.generations.store import LEASE_SECONDS, needs_no_attention
from soundstage_tools.results import Charged

# A lease that ends later than any can was given by a clock that has been set back since.
_FREE = f"{UNFINISHED} AND NOT (lease_until BETWEEN :now AND :now + {2 * LEASE_SECONDS})"

LONGEST_AT_WORK_SECONDS = 600
"""For so long a provider may be at work on what was sent and is stopped here, with nobody to ask it."""


def lease(
    db: sqlite3.Connection,
    owner: str,
    accounts: Mapping[tuple[str, str], str],
    only: Sequence[str] | None,
    can: Callable[[Record], bool],
) -> list[Record]:
    """Lease to `owner` what is unfinished and in nobody's hands, of these accounts, where it `can` go on."""
    now = time.time()
    among = "" if only is None else " AND generation_id IN (SELECT value FROM json_each(:only))"
    free = db.execute(
        f"SELECT * FROM generations WHERE {_FREE}{among} ORDER BY created_at",
        {"now": now, "only": json.dumps(only)},
    ).fetchall()
    known = [
        row | {"account": accounts[of]} for row in free if (of := (row["provider"], row["account"])) in accounts
    ]
    leased = [record for row in known if can(record := record_of(db, row))]
    db.executemany(
        "UPDATE generations SET lease_owner = ?, lease_until = ?, account = ? WHERE generation_id = ?",
        [(owner, now + LEASE_SECONDS, one.account, one.generation_id) for one in leased],
    )
    return leased


def stop_free(db: sqlite3.Connection, generation_ids: Sequence[str]) -> None:
    """End as canceled those of these that are to be stopped and that nobody has in hand."""
    db.execute(
        f"UPDATE generations SET state = :canceled, updated_at = :now, lingers_until = CASE"
        f" WHEN state IN ('{State.SUBMITTING}', '{State.UNCERTAIN}') THEN :now + {LONGEST_AT_WORK_SECONDS} END"
        f" WHERE {_FREE} AND cancel_requested AND generation_id IN (SELECT value FROM json_each(:ids))",
        {"canceled": State.CANCELED, "now": time.time(), "ids": json.dumps(list(generation_ids))},
    )


def attach(db: sqlite3.Connection, generation_id: str, job_id: str, account: str, charged: Charged) -> None:
    """Have a generation run again, in nobody's hands and paid by `account`, with the job that is its own.

    Raises:
        BadRequest: it needs no attention, and is its own account's or in somebody's hands.
        JobTaken: the job is another generation's.
    """
    now = time.time()
    row = db.execute(
        f"SELECT 1 FROM generations WHERE generation_id = :id"
        f" AND (state = '{State.NEEDS_ATTENTION}' OR ({_FREE} AND account != :account))",
        {"id": generation_id, "account": account, "now": now},
    ).fetchone()
    record = read(db, generation_id)
    if row is None or record is None:
        raise needs_no_attention(generation_id)
    see_that_nobody_has(db, record.provider, job_id, generation_id)
    db.execute(
        "UPDATE generations SET state = ?, job_id = ?, account = ?, charged = ?, error = NULL, warnings = '[]',"
        " provider_status = '', cancel_requested = 0, submitted_at = ?, waiting_since = 0, updated_at = ?,"
        " repeats = 0, watched_seconds = 0, lease_owner = '', lease_until = 0 WHERE generation_id = ?",
        (State.RUNNING, job_id, account, charged, now, now, generation_id),
    )
