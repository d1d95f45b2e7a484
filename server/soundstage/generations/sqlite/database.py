"""The store's SQLite file: opened with care, migrated, and used in whole transactions from one worker thread."""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter

from soundstage.generations.sqlite.schema import MIGRATIONS
from soundstage_tools.errors import Unavailable

T = TypeVar("T")

BUSY_SECONDS = 10.0
WAL_RETRY_SECONDS = 0.01


class Database:
    """One file, opened with its first use. Rows come as dicts."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._one_at_a_time = CapacityLimiter(1)

    @property
    def opened(self) -> bool:
        """Whether this process has used the file."""
        return self._connection is not None

    async def transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction off the event loop, and commit unless it raises.

        Raises:
            Unavailable: the file cannot be written, is too busy, or belongs to a newer version.
        """
        return await self._run(work, "BEGIN IMMEDIATE")

    async def reading(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which writes nothing, on the file as it is now. Nobody waits for it who writes meanwhile.

        Raises:
            Unavailable: as `transaction` does.
        """
        return await self._run(work, "BEGIN")

    async def _run(self, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
        def run() -> T:
            try:
                with _committed(self._open(), begin) as connection:
                    return work(connection)
            except (OSError, sqlite3.DatabaseError) as error:
                raise _unavailable(error, self._file.parent) from error

        # A thread that has begun is seen to its end, whatever becomes of the call that asked for it.
        return await anyio.to_thread.run_sync(run, limiter=self._one_at_a_time)

    async def close(self) -> None:
        """Close the file."""

        def close() -> None:
            if self._connection:
                self._connection.close()
                self._connection = None

        await anyio.to_thread.run_sync(close, limiter=self._one_at_a_time)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file.touch(mode=0o600, exist_ok=True)
            connection = sqlite3.connect(
                self._file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.row_factory = _as_dict
                _write_ahead(connection)
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                _migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log. SQLite does not wait by itself while another process does the same."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until:
                raise
            time.sleep(WAL_RETRY_SECONDS)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


@contextmanager
def _committed(connection: sqlite3.Connection, begin: str) -> Generator[sqlite3.Connection]:
    connection.execute(begin)
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _NewerStore(sqlite3.DatabaseError):
    """The file was made by a later version, whose tables this one cannot know."""


def _migrate(connection: sqlite3.Connection) -> None:
    with _committed(connection, "BEGIN IMMEDIATE") as db:
        version = db.execute("PRAGMA user_version").fetchone()["user_version"]
        if version > len(MIGRATIONS):
            raise _NewerStore
        for step in MIGRATIONS[version:]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _unavailable(error: Exception, home: Path) -> Unavailable:
    if isinstance(error, _NewerStore):
        return Unavailable(
            code="store_too_new",
            message="Soundstage's store was made by a newer version.",
            next_step="Update soundstage, or set SOUNDSTAGE_HOME to another folder.",
        )
    if _is_busy(error):
        return Unavailable(
            code="store_busy",
            message="Soundstage's store is busy with other processes.",
            next_step="Call again in a few seconds.",
        )
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Unavailable(
            code="store_damaged",
            message=f"Soundstage's store in {home} is damaged.",
            next_step="Move the file state.db away, or set SOUNDSTAGE_HOME to another folder.",
        )
    return Unavailable(
        code="home_unwritable",
        message=f"Soundstage cannot write to its home folder {home}.",
        next_step="Free space or mend its permissions, or set SOUNDSTAGE_HOME to a folder that can be written.",
    )
