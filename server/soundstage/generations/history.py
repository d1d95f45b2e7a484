"""The generations of this machine, newest first, as rows of one transaction and as an agent sees them."""

import math
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from soundstage.generations import rows
from soundstage.generations.record import Record
from soundstage.generations.view import status_of
from soundstage_tools.errors import BadRequest
from soundstage_tools.results import Generation, ListedGeneration
from soundstage_tools.studio import GenerationQuery

TITLE_CHARACTERS = 60

_NEWEST = """
    SELECT generation_id FROM generations
    WHERE :provider IN ('', provider) AND :kind IN ('', kind) AND :state IN ('', state)
    AND (created_at, generation_id) < (:created_at, :generation_id)
    ORDER BY created_at DESC, generation_id DESC
"""
_CURSOR = re.compile(r"(\d{1,12}\.\d{1,12})~(gen_[\w-]{1,80})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the generations that match, each with the speech that it awaits, and the cursor of the rest."""

    generations: list[tuple[Record, Record | None]]
    next_cursor: str


def newest(db: sqlite3.Connection, query: GenerationQuery) -> Found:
    """The generations that match `query`.

    The cursor names the last one that was told, so that new arrivals move nothing.

    Raises:
        BadRequest: the cursor is none of ours.
    """
    found: list[tuple[Record, Record | None]] = []
    for record in _rows(db, query):
        awaited = rows.read(db, record.awaits) if record.awaits else None
        if not _matches(record, awaited, query):
            continue
        if len(found) == query.limit:
            last, _ = found[-1]
            return Found(found, f"{last.created_at!r}~{last.generation_id}")
        found.append((record, awaited))
    return Found(found, "")


def listed(generation: Generation, record: Record, awaited: Record | None) -> ListedGeneration:
    """`generation` in brief; `record` and the speech that it `awaited` are what is known of it."""
    text = " ".join(_said(record, awaited).split())
    created = datetime.fromtimestamp(record.created_at, UTC)
    return ListedGeneration(
        generation_id=generation.generation_id,
        kind=generation.kind,
        provider=generation.provider,
        status=generation.status,
        progress=generation.progress,
        charged=generation.charged,
        created_at=f"{created:%Y-%m-%dT%H:%M:%SZ}",
        title=text[:TITLE_CHARACTERS] or None,
        voice_id=generation.voice_id,
        urls=[asset.url for asset in generation.assets if asset.url],
    )


def _rows(db: sqlite3.Connection, query: GenerationQuery) -> Iterator[Record]:
    created_at, generation_id = _place(query.cursor) if query.cursor else (math.inf, "")
    values = {
        "provider": query.provider,
        "kind": query.kind,
        # Whether it is queued or processing depends on its speech too, and is looked at one by one.
        "state": "" if query.status in {"queued", "processing"} else query.status,
        "created_at": created_at,
        "generation_id": generation_id,
    }
    for row in db.execute(_NEWEST, values):
        record = rows.read(db, row["generation_id"])
        assert record is not None
        yield record


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
    heard = " ".join([record.generation_id, record.voice_id, voice, _said(record, awaited)])
    return query.search.casefold() in heard.casefold()


def _said(record: Record, awaited: Record | None) -> str:
    """The text that it speaks, or the name of the voice that it clones; empty for a video of a recording."""
    source = record.request
    if record.kind == "avatar_video":
        source = awaited.request if awaited else cast("Mapping[str, object]", source.get("says") or {})
    fields = cast("Mapping[str, str]", source.get("fields", {}))
    return fields.get("name" if record.kind == "voice_clone" else "text", "")
