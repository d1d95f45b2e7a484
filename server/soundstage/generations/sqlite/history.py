"""The generations of this machine, newest first: a part of one transaction of the store."""

import json
import math
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from soundstage.generations.record import STATUSES, Record, State
from soundstage.generations.sqlite import rows
from soundstage.generations.store import Found
from soundstage.generations.view import said, status_of
from soundstage_tools.errors import BadRequest
from soundstage_tools.studio import GenerationQuery

_NEWEST = """
    SELECT * FROM generations
    WHERE :provider IN ('', provider) AND :kind IN ('', kind)
    AND state IN (SELECT value FROM json_each(:states))
    AND (created_at, generation_id) < (:created_at, :generation_id)
    ORDER BY created_at DESC, generation_id DESC
"""
_CURSOR = re.compile(r"(\d{1,12}\.\d{1,12})~(gen_[\w-]{1,80})", re.ASCII)


def newest(db: sqlite3.Connection, query: GenerationQuery) -> Found:
    """The generations that match `query`.

    The cursor names the last one that was told, so that new arrivals move nothing.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    found: list[tuple[Record, Record | None]] = []
    for row in _rows(db, query):
        # Most are only looked at, and their assets are rows of their own.
        record = rows.bare(row)
        awaited = rows.read(db, record.awaits) if record.awaits else None
        if not _matches(record, awaited, query):
            continue
        if len(found) == query.limit:
            last, _ = found[-1]
            return Found(found, f"{last.created_at!r}~{last.generation_id}")
        found.append((rows.record_of(db, row), awaited))
    return Found(found, "")


def _rows(db: sqlite3.Connection, query: GenerationQuery) -> Iterator[dict[str, Any]]:
    created_at, generation_id = _place(query.cursor) if query.cursor else (math.inf, "")
    values = {
        "provider": query.provider,
        "kind": query.kind,
        "states": json.dumps(_states(query.status)),
        "created_at": created_at,
        "generation_id": generation_id,
    }
    yield from db.execute(_NEWEST, values)


def _states(status: str) -> list[State]:
    """The states in which a generation may be of this status; of any where that is empty."""
    # What is queued is processing while its speech is made: that is looked at one by one.
    waits = {State.QUEUED} if status == "processing" else set[State]()
    return [state for state in State if state in waits or status in {"", STATUSES[state]}]


def _place(cursor: str) -> tuple[float, str]:
    given = _CURSOR.fullmatch(cursor)
    if given is None:
        raise BadRequest(
            code="unknown_cursor",
            message="`cursor` is not one that list_generations returned.",
            next_step="Send next_cursor of the page before, or leave it empty to begin anew.",
        )
    return float(given[1]), given[2]


def _matches(record: Record, awaited: Record | None, query: GenerationQuery) -> bool:
    if query.status and status_of(record, awaited) != query.status:
        return False
    voice = f"{record.provider}:{record.request.get('voice', '')}"
    heard = " ".join([record.generation_id, record.voice_id, voice, said(record, awaited)])
    return query.search.casefold() in heard.casefold()
