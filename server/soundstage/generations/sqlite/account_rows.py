"""What the accounts at the providers are busy with, have asked for and have spent: parts of transactions."""

import json
import sqlite3
import time

from soundstage.generations.record import Record, State
from soundstage.generations.store import LONGEST_BLOCK_SECONDS, LONGEST_LINGERING_SECONDS

FULL_SECONDS = 1.0

_AT_PROVIDER = (State.SUBMITTING, State.UNCERTAIN, State.RUNNING)


def spent(db: sqlite3.Connection, provider: str, since: float) -> list[tuple[float, float | None]]:
    """What was recorded at a provider since then, but for what ended without a charge: when, and its credits."""
    counted = db.execute(
        "SELECT counted_at, credits FROM generations WHERE provider = ? AND counted_at > ?"
        " AND NOT (state IN ('failed', 'canceled', 'needs_attention') AND charged = 'no') ORDER BY counted_at",
        (provider, since),
    ).fetchall()
    return [(row["counted_at"], row["credits"]) for row in counted]


def count_from_now(db: sqlite3.Connection) -> None:
    """Have what a clock that was ahead has recorded, and which lies in the future now, count as of this moment."""
    db.execute("UPDATE generations SET counted_at = :now WHERE counted_at > :now", {"now": time.time()})


def in_flight(db: sqlite3.Connection, provider: str, account: str) -> int:
    """How many submissions and jobs the provider has of an account now, or may have for all that is known."""
    now = time.time()
    counted = db.execute(
        "SELECT count(*) AS jobs FROM generations WHERE provider = ? AND account = ?"
        " AND (state IN (SELECT value FROM json_each(?)) OR lingers_until BETWEEN ? AND ?)",
        (provider, account, json.dumps(_AT_PROVIDER), now, now + LONGEST_LINGERING_SECONDS),
    ).fetchone()
    return int(counted["jobs"])


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
