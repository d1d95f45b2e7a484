"""What the machine needs of a store of generations and assets: a port, so that it can be another than SQLite's.

A store is shared by processes. Each method is one transaction, and what it has committed outlives a power cut. It
is made with two things of the studio's: whether the file of an asset is still there, since a generation that lost
one is not joined without a key; and the budget, which is checked in the transactions that record something.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, Unpack

from soundstage.generations.record import Draft, Record, State
from soundstage.media.assets import StoredAsset
from soundstage_tools.errors import BadRequest, NotFound
from soundstage_tools.results import Charged, GenerationError, Likeness
from soundstage_tools.studio import GenerationQuery

LEASE_SECONDS = 15.0
"""For how long a generation is in the hands of the process that leased it, unless that renews its leases."""

LONGEST_BLOCK_SECONDS = 600.0
"""For how long a provider is left alone at most, whatever it asks for."""

LONGEST_LINGERING_SECONDS = 600.0
"""For how long a submission that ended here without an answer is counted as being at its provider at most."""


class LeaseLost(Exception):
    """Another process took the generation over, or ended it: what was learned here no longer counts."""


class JobTaken(Exception):
    """The provider gave the id of a job that belongs to another generation."""


class AnswerUsed(Exception):
    """The user's answer that is to allow a generation has allowed another one before."""


@dataclass(frozen=True, slots=True)
class Created:
    """A recorded generation, and whether it was there before."""

    record: Record
    joined: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the generations that match, each with the speech that it awaits, and the cursor of the rest."""

    generations: list[tuple[Record, Record | None]]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Uses:
    """`made_at`: by the name of an asset's file, when its generation was asked for, in seconds since 1970.

    `wanted`: the names of the files, of callers and of assets, that unfinished generations are made from.
    `awaited`: the ids of those generations and of their jobs which have not ended, or need attention.
    """

    made_at: Mapping[str, float]
    wanted: frozenset[str]
    awaited: frozenset[str]


class Changes(TypedDict, total=False):
    """New values of a record's members.

    `lingers_until`: until when the provider may be at work on what has ended here, in seconds since 1970.
    """

    job_id: str
    provider_status: str
    progress: float
    eta_seconds: float | None
    error: GenerationError
    warnings: Sequence[str]
    voice_id: str
    likeness: Likeness | None
    charged: Charged
    repeats: int
    watched_seconds: float
    waiting_since: float
    lingers_until: float


class Store(Protocol):
    """Generations and assets. Every method raises Unavailable where the store cannot be used now."""

    @property
    def exists(self) -> bool:
        """Whether any process has ever used the store."""
        ...

    async def create(self, draft: Draft, awaits: str = "", says: Draft | None = None) -> Created:
        """Record `draft`, or join the generation that already answers it.

        `awaits` names the generation whose audio it needs; in its place `says` is the speech to be made, or
        joined, for it. Where the draft itself is joined or refused, no speech is recorded.

        Raises:
            BadRequest: the idempotency key belongs to a different request, or the budget is reached.
            NotConfigured: the budget cannot be understood.
            AnswerUsed: what the user agreed to has been recorded once, and is not there to be joined.
        """
        ...

    async def join(self, draft: Draft) -> Created | None:
        """Join the generation that already answers `draft`; None where `create` would record a new one.

        Raises:
            BadRequest: the idempotency key belongs to a different request.
        """
        ...

    async def see_that_budget_allows(self, draft: Draft) -> None:
        """Refuse what `create` would refuse now for its price.

        Raises:
            BadRequest: the budget is reached.
            NotConfigured: the budget cannot be understood.
        """
        ...

    async def get(self, generation_id: str) -> Record:
        """The generation as it is now.

        Raises:
            NotFound: there is none with this id.
        """
        ...

    async def find(self, generation_id: str) -> Record | None:
        """The generation as it is now, if there is one with this id."""
        ...

    async def told(self, generation_ids: Sequence[str]) -> list[tuple[Record, Record | None]]:
        """The generations of these ids as they are now, each with the speech that it awaits.

        Raises:
            NotFound: there is none with one of these ids.
        """
        ...

    async def newest(self, query: GenerationQuery) -> Found:
        """The generations that match, newest first.

        Raises:
            BadRequest: the cursor is none of ours.
        """
        ...

    async def asset(self, name: str) -> StoredAsset | None:
        """The asset with this id or this file name, if there is one."""
        ...

    async def uses(self) -> Uses:
        """Which files generations need, and how old their assets are."""
        ...

    async def request_cancel(self, generation_id: str) -> list[str]:
        """Mark a generation as to be stopped by the process that holds it; return all that are to stop.

        The speech that was made for it stops with it, unless somebody else has joined or awaits that.
        """
        ...

    async def stop_free(self, generation_ids: Sequence[str]) -> None:
        """End as canceled those of these that are to be stopped and that no process has in hand."""
        ...

    async def attach(self, generation_id: str, job_id: str, account: str, charged: Charged) -> None:
        """Have a generation go on, in nobody's hands yet and paid by `account`, from the job that is its own.

        Raises:
            BadRequest: it needs no attention, and is that account's already or in some process's hands.
            JobTaken: the job is another generation's.
        """
        ...

    async def job_of_voice(self, voice_id: str, account: str) -> str:
        """The provider's id of the job by which the account cloned the voice of this handle; empty if none is.

        A job whose voice was deleted counts no more.
        """
        ...

    async def forget_voice(self, voice_id: str) -> None:
        """Have nobody join the generation whose voice was deleted, but by its key."""
        ...

    async def lease(
        self,
        accounts: Mapping[tuple[str, str], str],
        only: Sequence[str] | None = None,
        can: Callable[[Record], bool] = ...,
    ) -> list[Record]:
        """Lease the unfinished generations of these accounts that are in nobody's hands.

        `accounts`: by provider and each name of an account the one that it goes by now: that is noted.
        `only`: of these ids alone. `can`: whether this process can go on with one.
        """
        ...

    async def renew_leases(self) -> None:
        """Keep what this process holds."""
        ...

    async def held(self, generation_id: str) -> Record:
        """The generation as it is now.

        Raises:
            LeaseLost: this process does not hold it.
        """
        ...

    async def change(
        self,
        record: Record,
        to: State | None = None,
        assets: Sequence[StoredAsset] = (),
        **values: Unpack[Changes],
    ) -> Record:
        """Move a leased generation to state `to`, or keep its state, with new `values` and more `assets`.

        Raises:
            LeaseLost: it is no longer this process's to change.
            JobTaken: the job that it names is another generation's.
        """
        ...

    async def admit(
        self, record: Record, max_in_flight: int, charged: Charged, trace: Mapping[str, object]
    ) -> Record | float:
        """Move a leased generation to `submitting`; or tell after how many seconds to ask again.

        There is no room where the account has `max_in_flight` (0: any number) at its provider, with what lingers
        there, where that provider wants to be left alone, and where the generation is to be stopped.

        Raises:
            LeaseLost: it is no longer this process's to change.
        """
        ...

    async def speak_first(self, record: Record, says: Draft, charged: Charged) -> Record:
        """Put a leased video that was being submitted back, to await the speech `says`.

        Raises:
            BadRequest: the budget is reached; the video stays as it is.
            NotConfigured: the budget cannot be understood.
            LeaseLost: it is no longer this process's to change.
        """
        ...

    async def room(self, record: Record, max_in_flight: int) -> float:
        """After how many seconds to ask again for room at the provider; 0 where there is some."""
        ...

    async def block(self, record: Record, seconds: float) -> None:
        """Leave the account's provider alone for so long, in every process."""
        ...

    async def jobs(self, provider: str) -> set[str]:
        """The provider's ids of all jobs that belong to a generation."""
        ...

    async def close(self) -> None:
        """Give back the leases, so that another process can take them up at once, and use nothing any more."""
        ...


def needs_no_attention(generation_id: str) -> BadRequest:
    """The refusal of a job for a generation that is not to be given one."""
    return BadRequest(
        code="needs_no_attention",
        message=f"{generation_id} does not need attention, so it is given no job.",
        next_step="Follow it with get_generation_status.",
    )


def unknown_generation(generation_id: str) -> NotFound:
    """The refusal of an id that no generation has."""
    return NotFound(
        code="unknown_generation",
        message=f"No generation has the id {generation_id!r} on this machine.",
        next_step="Take the id that the tool returned when it began, or find it with list_generations.",
    )
