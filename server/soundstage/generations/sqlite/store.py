"""The store in one SQLite file, shared by every Soundstage process of this user.

With `synchronous=FULL` what was committed before a provider was called is still there after a power cut.
"""

import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Unpack

from soundstage.generations.budget import Budget
from soundstage.generations.record import MOVES, Draft, Record, State
from soundstage.generations.sqlite import account_rows, leases, rows
from soundstage.generations.sqlite.database import Database
from soundstage.generations.sqlite.history import newest
from soundstage.generations.sqlite.uses import read_uses
from soundstage.generations.store import LEASE_SECONDS, Changes, Created, Found, Uses, unknown_generation
from soundstage.media.assets import StoredAsset
from soundstage_tools.results import Charged
from soundstage_tools.studio import GenerationQuery


class SqliteStore:
    """Implements `soundstage.generations.store.Store`, which tells what its methods raise. `owner` names this
    process in the leases.

    `is_there` tells whether an asset's file still is; a generation that lost one is not joined without a key.
    `budget` refuses what would cost too much.
    """

    def __init__(
        self,
        file: Path,
        is_there: Callable[[StoredAsset], bool] = lambda _: True,
        budget: Budget | None = None,
    ) -> None:
        self.owner = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._file = file
        self._is_there = is_there
        self._budget = budget
        self._database = Database(file)

    @property
    def exists(self) -> bool:
        """Whether any process has ever used the store."""
        return self._file.exists()

    async def create(self, draft: Draft, awaits: str = "", says: Draft | None = None) -> Created:
        """Record `draft`, or join the generation that already answers it.

        `awaits` names the generation whose audio it needs; in its place `says` is the speech to be made, or
        joined, for it. Where the draft itself is joined or refused, no speech is recorded.
        """

        def create(db: sqlite3.Connection) -> Created:
            if found := rows.join(db, draft, self._is_there):
                return Created(found, joined=True)
            rows.see_that_answer_is_unused(db, draft.answer_id)
            speech = rows.join(db, says, self._is_there) if says else None
            self._check_budget(db, [draft, says] if says and not speech else [draft])
            generation_id = rows.new_id()
            if says and not speech:
                speech = rows.insert(db, says, rows.new_id(), made_for=generation_id)
            record = rows.insert(db, draft, generation_id, awaits=speech.generation_id if speech else awaits)
            return Created(record, joined=False)

        await self._count_from_now()
        return await self._database.transaction(create)

    async def join(self, draft: Draft) -> Created | None:
        """Join the generation that already answers `draft`; None where `create` would record a new one."""

        def join(db: sqlite3.Connection) -> Created | None:
            found = rows.join(db, draft, self._is_there)
            return Created(found, joined=True) if found else None

        return await self._database.transaction(join) if self.exists else None

    async def see_that_budget_allows(self, draft: Draft) -> None:
        """Refuse what `create` would refuse now for its price."""
        await self._count_from_now()
        await self._database.transaction(lambda db: self._check_budget(db, [draft]))

    async def speak_first(self, record: Record, says: Draft, charged: Charged) -> Record:
        """Put a leased video that was being submitted back, to await the speech `says`."""

        def put_back(db: sqlite3.Connection) -> Record:
            speech = rows.join(db, says, self._is_there)
            if speech is None:
                self._check_budget(db, [says])
                speech = rows.insert(db, says, rows.new_id(), made_for=record.generation_id)
            values: dict[str, object] = {"charged": charged, "awaits": speech.generation_id}
            return rows.change(db, self.owner, record, State.QUEUED, (), values)

        return await self._database.transaction(put_back)

    async def get(self, generation_id: str) -> Record:
        """The generation as it is now."""
        found = await self.find(generation_id)
        if found is None:
            raise unknown_generation(generation_id)
        return found

    async def held(self, generation_id: str) -> Record:
        """The generation as it is now."""
        return await self._database.reading(lambda db: rows.held(db, self.owner, generation_id))

    async def told(self, generation_ids: Sequence[str]) -> list[tuple[Record, Record | None]]:
        """The generations of these ids as they are now, each with the speech that it awaits."""

        def read(db: sqlite3.Connection) -> list[tuple[Record, Record | None]]:
            return [rows.told(db, one) for one in generation_ids]

        return await self._database.reading(read)

    async def newest(self, query: GenerationQuery) -> Found:
        """The generations that match, newest first."""
        return await self._database.reading(lambda db: newest(db, query))

    async def find(self, generation_id: str) -> Record | None:
        """The generation as it is now, if there is one with this id."""
        return await self._database.reading(lambda db: rows.read(db, generation_id))

    async def asset(self, name: str) -> StoredAsset | None:
        """The asset with this id or this file name, if there is one."""

        def read(db: sqlite3.Connection) -> StoredAsset | None:
            row = db.execute("SELECT * FROM assets WHERE ? IN (asset_id, file_name)", (name,)).fetchone()
            return StoredAsset(**row) if row else None

        return await self._database.reading(read)

    async def uses(self) -> Uses:
        """Which files generations need, and how old their assets are."""
        return await self._database.reading(read_uses)

    async def lease(
        self,
        accounts: Mapping[tuple[str, str], str],
        only: Sequence[str] | None = None,
        can: Callable[[Record], bool] = lambda _: True,
    ) -> list[Record]:
        """Lease the unfinished generations of these accounts that are in nobody's hands.

        `accounts`: by provider and each name of an account the one that it goes by now: that is noted.
        `only`: of these ids alone. `can`: whether this process can go on with one.
        """
        return await self._database.transaction(lambda db: leases.lease(db, self.owner, accounts, only, can))

    async def renew_leases(self) -> None:
        """Keep what this process holds."""
        await self._set_leases(self.owner, time.time() + LEASE_SECONDS)

    async def change(
        self,
        record: Record,
        to: State | None = None,
        assets: Sequence[StoredAsset] = (),
        **values: Unpack[Changes],
    ) -> Record:
        """Move a leased generation to state `to`, or keep its state, with new `values` and more `assets`."""
        assert to is None or to in MOVES[record.state], f"{record.state} never leads to {to}"
        return await self._database.transaction(lambda db: rows.change(db, self.owner, record, to, assets, values))

    async def admit(
        self, record: Record, max_in_flight: int, charged: Charged, trace: Mapping[str, object]
    ) -> Record | float:
        """Move a leased generation to `submitting`; or tell after how many seconds to ask again.

        There is no room where the account has `max_in_flight` (0: any number) at its provider, where that
        provider wants to be left alone, and where the generation is to be stopped.
        """

        def admit(db: sqlite3.Connection) -> Record | float:
            now = rows.read(db, record.generation_id)
            if now is None or now.cancel_requested:
                return 0.0
            if wait := account_rows.seconds_to_room(db, record, max_in_flight):
                return wait
            values = {"submitted_at": time.time(), "charged": charged, "trace": trace}
            return rows.change(db, self.owner, record, State.SUBMITTING, (), values)

        return await self._database.transaction(admit)

    async def room(self, record: Record, max_in_flight: int) -> float:
        """After how many seconds to ask again for room at the provider; 0 where there is some."""
        return await self._database.reading(lambda db: account_rows.seconds_to_room(db, record, max_in_flight))

    async def block(self, record: Record, seconds: float) -> None:
        """Leave the account's provider alone for so long, in every process."""
        until = time.time() + seconds
        await self._database.transaction(lambda db: account_rows.block(db, record.provider, record.account, until))

    async def jobs(self, provider: str) -> set[str]:
        """The provider's ids of all jobs that belong to a generation."""

        def read(db: sqlite3.Connection) -> set[str]:
            found = db.execute(
                "SELECT job_id FROM generations WHERE provider = ? AND job_id != ''", (provider,)
            ).fetchall()
            return {row["job_id"] for row in found}

        return await self._database.reading(read)

    async def request_cancel(self, generation_id: str) -> list[str]:
        """Mark a generation as to be stopped by the process that holds it; return all that are to stop.

        The speech that was made for it stops with it, unless somebody else has joined or awaits that.
        """

        def mark(db: sqlite3.Connection) -> list[str]:
            marked = db.execute(
                f"UPDATE generations SET cancel_requested = 1 WHERE {rows.UNFINISHED} AND (generation_id = :id"
                f" OR (made_for = :id AND joins = 0 AND NOT EXISTS (SELECT 1 FROM generations AS other"
                f" WHERE other.awaits = generations.generation_id AND other.generation_id != :id)))"
                f" RETURNING generation_id",
                {"id": generation_id},
            ).fetchall()
            return [row["generation_id"] for row in marked]

        return await self._database.transaction(mark)

    async def stop_free(self, generation_ids: Sequence[str]) -> None:
        """End as canceled those of these that are to be stopped and that no process has in hand."""
        await self._database.transaction(lambda db: leases.stop_free(db, generation_ids))

    async def attach(self, generation_id: str, job_id: str, account: str, charged: Charged) -> None:
        """Have a generation go on, in nobody's hands yet and paid by `account`, from the job that is its own."""
        await self._database.transaction(lambda db: leases.attach(db, generation_id, job_id, account, charged))

    async def forget_voice(self, voice_id: str) -> None:
        """Have nobody join the generation whose voice was deleted, but by its key."""

        def forget(db: sqlite3.Connection) -> None:
            db.execute("UPDATE generations SET voice_id = '', likeness = NULL WHERE voice_id = ?", (voice_id,))

        await self._database.transaction(forget)

    async def job_of_voice(self, voice_id: str, account: str) -> str:
        """The provider's id of the job by which the account cloned the voice of this handle; empty if none is.

        A job whose voice was deleted counts no more.
        """

        def read(db: sqlite3.Connection) -> str:
            row = db.execute(
                "SELECT job_id FROM generations WHERE voice_id = ? AND voice_id != '' AND account = ?",
                (voice_id, account),
            ).fetchone()
            return str(row["job_id"]) if row else ""

        return await self._database.reading(read)

    async def _count_from_now(self) -> None:
        # In a transaction of its own: a refusal undoes all that was written in the same one.
        if self._budget:
            await self._database.transaction(account_rows.count_from_now)

    def _check_budget(self, db: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
        if self._budget:
            self._budget.check(drafts, partial(account_rows.spent, db))

    async def close(self) -> None:
        """Give back the leases and close the file."""
        if self._database.opened:
            await self._set_leases("", 0.0)
            await self._database.close()

    async def _set_leases(self, owner: str, until: float) -> None:
        def write(db: sqlite3.Connection) -> None:
            db.execute(
                f"UPDATE generations SET lease_owner = ?, lease_until = ?"
                f" WHERE lease_owner = ? AND {rows.UNFINISHED}",
                (owner, until, self.owner),
            )

        await self._database.transaction(write)
