"""The record of one generation, and the state machine that it moves through.

    queued ──admit──> submitting ──accepted──> running ──done──> fetching ──> succeeded
      ^                 │    └──answer lost──> uncertain ──found──^
      └──not accepted───┘                        │  └──cannot be known──> needs_attention
      └──proved absent, or repeatable for free───┘
    submitting ──broken off between two of its requests──> queued
    any unfinished state ──refused, or the work went wrong──> failed
    any unfinished state ──the user stops it──> canceled
    needs_attention, or paid by an account that is not set up here ──the user names its job──> running

The row is committed before the provider hears of it. Only the process that moved it to `submitting` submits, once,
and nothing is ever submitted from `uncertain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from soundstage.media.assets import StoredAsset
from soundstage_tools.results import Charged, GenerationError, GenerationKind, GenerationStatus, Likeness


class State(StrEnum):
    """Where a generation is. The order of the members is that of a good life."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    RUNNING = "running"
    FETCHING = "fetching"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    NEEDS_ATTENTION = "needs_attention"


_BACK_OR_OUT = {State.QUEUED, State.FAILED, State.CANCELED, State.NEEDS_ATTENTION}

MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SUBMITTING, State.FAILED, State.CANCELED}),
    State.SUBMITTING: frozenset({State.RUNNING, State.UNCERTAIN, *_BACK_OR_OUT}),
    State.UNCERTAIN: frozenset({State.RUNNING, *_BACK_OR_OUT}),
    State.RUNNING: frozenset({State.FETCHING, *_BACK_OR_OUT}),
    State.FETCHING: frozenset({State.SUCCEEDED, *_BACK_OR_OUT}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELED: frozenset(),
    State.NEEDS_ATTENTION: frozenset({State.RUNNING}),
}

UNFINISHED = frozenset(State) - {State.SUCCEEDED, State.FAILED, State.CANCELED, State.NEEDS_ATTENTION}
"""Where a process goes on by itself."""

STATUSES: Mapping[State, GenerationStatus] = {
    State.QUEUED: "queued",
    State.SUBMITTING: "processing",
    State.UNCERTAIN: "processing",
    State.RUNNING: "processing",
    State.FETCHING: "processing",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.CANCELED: "canceled",
    State.NEEDS_ATTENTION: "needs_attention",
}
"""The states in the words that agents see."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A generation that is asked for and not recorded yet.

    `request` holds all that the work needs, in its normal form. Two drafts with equal `request_hash` ask for
    the same thing. `account` is the fingerprint of the key that is to pay. With `force_new` an equal request that
    is there already is not joined, except by its idempotency key. `credits` are what it is likely to cost.
    `answer_id`: the user's answer that allows it, and nothing else after it.
    """

    kind: GenerationKind
    provider: str
    request: Mapping[str, object]
    request_hash: str
    idempotency_key: str = ""
    account: str = ""
    force_new: bool = False
    credits: float | None = None
    answer_id: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One generation as the store keeps it.

    `awaits`: the generation whose audio this one needs. It stays queued until that one has succeeded.
    `made_for`: the video that alone asked for this speech.
    `voice_id`: the handle of the voice that it cloned; `likeness`: how near to the sample that came.
    `has_key`: whether an idempotency key of its caller's names it for good.
    `repeats`: how often it was submitted again because an answer or a job was lost.
    `trace`: by what a submission whose answer was lost is known again.
    `watched_seconds`: for how long the provider has been heard to say that it is not ready, or to deliver nothing.
    Times are seconds since 1970: of its making, of the last submission, since when it is not accepted or cannot be
    fetched, of the last change.
    """

    generation_id: str
    kind: GenerationKind
    provider: str
    state: State
    request: Mapping[str, object]
    awaits: str = ""
    made_for: str = ""
    job_id: str = ""
    provider_status: str = ""
    progress: float = 0.0
    eta_seconds: float | None = None
    cancel_requested: bool = False
    error: GenerationError | None = None
    warnings: tuple[str, ...] = ()
    voice_id: str = ""
    likeness: Likeness | None = None
    account: str = ""
    charged: Charged = "no"
    has_key: bool = False
    trace: Mapping[str, object] = field(default_factory=dict[str, object])
    repeats: int = 0
    watched_seconds: float = 0.0
    created_at: float = 0.0
    submitted_at: float = 0.0
    waiting_since: float = 0.0
    updated_at: float = 0.0
    assets: tuple[StoredAsset, ...] = field(default=())

    @property
    def finished(self) -> bool:
        """Whether nothing will change in it by itself."""
        return self.state not in UNFINISHED

    @property
    def status(self) -> GenerationStatus:
        """Its state in the word that agents see."""
        return STATUSES[self.state]
