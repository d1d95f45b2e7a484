"""Which files generations need, and how old those are that they made."""

import json
import os
import sqlite3
from collections.abc import Iterable
from typing import Any, cast

from soundstage.generations.record import UNFINISHED, State
from soundstage.generations.store import Uses


def read_uses(db: sqlite3.Connection) -> Uses:
    """The uses as they are now."""
    made = db.execute(
        "SELECT generation_id, file_name, created_at FROM assets JOIN generations USING (generation_id)"
    ).fetchall()
    unfinished = db.execute(
        "SELECT request, awaits FROM generations WHERE state IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(UNFINISHED)),),
    ).fetchall()
    open_ended = db.execute(
        "SELECT generation_id, job_id FROM generations WHERE state IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(UNFINISHED | {State.NEEDS_ATTENTION})),),
    ).fetchall()
    awaited = {row["awaits"] for row in unfinished}
    named = {name for row in unfinished for name in _file_names(json.loads(row["request"]))}
    return Uses(
        {row["file_name"]: row["created_at"] for row in made},
        frozenset(named | {row["file_name"] for row in made if row["generation_id"] in awaited}),
        frozenset(value for row in open_ended for value in row.values() if value),
    )


def _file_names(request: object) -> Iterable[str]:
    """The last parts of all paths in a request; other texts give names that no file of ours has."""
    if isinstance(request, dict):
        for value in cast("dict[str, Any]", request).values():
            yield from _file_names(value)
    elif isinstance(request, str):
        yield request.rpartition(os.sep)[2]
