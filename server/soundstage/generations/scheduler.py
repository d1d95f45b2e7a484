"""The loop that advances what is due: one heap for all generations of this process, not a task for each."""

import heapq
import logging
import time

import anyio
from anyio.abc import TaskGroup

from soundstage.generations.advance import Steps
from soundstage.generations.outcomes import LONGEST_PAUSE_SECONDS, RETRY_SECONDS
from soundstage.generations.record import Record, State
from soundstage.generations.store import LEASE_SECONDS, LeaseLost, Store
from soundstage_tools.errors import StudioError

logger = logging.getLogger(__name__)

TICK_SECONDS = 1.0
AWAITED_SECONDS = 10.0
"""What is held up is tried again after so long at most while somebody waits for it."""


class Scheduler:
    """Holds the generations that this process advances, each with the time of its next step.

    With `adopts` it also takes up what other processes left behind; without, only what `follow` names.
    """

    def __init__(self, store: Store, steps: Steps, *, adopts: bool) -> None:
        self._store = store
        self._steps = steps
        self._adopts = adopts
        self._stopping = False
        self._wanted: set[str] = set()
        self._held: dict[str, Record] = {}
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        self._in_hand: set[str] = set()
        self._stepped: dict[str, float] = {}
        self._hindered_since: dict[str, float] = {}
        self._woken = anyio.Event()
        self._changed = anyio.Event()

    def follow(self, generation_id: str) -> None:
        """Somebody waits for this generation: take it up without delay, or soon try again what holds it up."""
        held = self._held.get(generation_id)
        if held is None:
            self._wanted.add(generation_id)
            self._woken.set()
        elif held.warnings or generation_id in self._hindered_since:
            soon = self._stepped.get(generation_id, 0.0) + AWAITED_SECONDS
            if self._due[generation_id] - soon > 1.0:
                self._schedule(generation_id, soon - time.monotonic())
                self._woken.set()

    def hurry(self, generation_id: str) -> None:
        """Take this generation up, and do its next step, without delay."""
        self.follow(generation_id)
        if generation_id in self._held:
            self._schedule(generation_id, 0.0)
            self._woken.set()

    async def changed(self, within: float) -> None:
        """Return when some generation of this process has changed, or after `within` seconds."""
        with anyio.move_on_after(within):
            await self._changed.wait()

    async def settle(self) -> None:
        """Begin nothing more, and return when no request that counts is on its way."""
        self._stopping = True
        await self._steps.settle()

    async def run(self) -> None:
        """Advance what is due until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep_leases)
            last_look = 0.0
            while True:
                self._woken = anyio.Event()
                if self._wanted or (self._adopts and time.monotonic() - last_look >= TICK_SECONDS):
                    last_look = time.monotonic()
                    await self._take_up()
                while self._heap and self._heap[0][0] <= time.monotonic():
                    due, generation_id = heapq.heappop(self._heap)
                    if self._due.get(generation_id) == due:
                        self._start(generation_id, tasks)
                next_due = self._heap[0][0] - time.monotonic() if self._heap else TICK_SECONDS
                with anyio.move_on_after(max(0.0, min(next_due, TICK_SECONDS))):
                    await self._woken.wait()

    async def _take_up(self) -> None:
        # An unused store stays closed: a server that is only asked for its voices touches no disk.
        if not self._wanted and not self._store.exists:
            return
        asked = set(self._wanted)
        try:
            only = None if self._adopts else sorted(asked)
            taken = await self._store.lease(self._steps.accounts, only, self._steps.can_advance)
        except StudioError as unavailable:
            logger.warning("%s", unavailable)
            return
        self._wanted -= asked
        for record in taken:
            self._held[record.generation_id] = record
            self._schedule(record.generation_id, 0.0)

    def _schedule(self, generation_id: str, seconds: float) -> None:
        self._due[generation_id] = time.monotonic() + seconds
        heapq.heappush(self._heap, (self._due[generation_id], generation_id))

    def _start(self, generation_id: str, tasks: TaskGroup) -> None:
        if self._stopping:
            return
        if generation_id in self._in_hand:
            self._schedule(generation_id, 0.1)
            return
        self._in_hand.add(generation_id)
        tasks.start_soon(self._step, self._held[generation_id])

    async def _step(self, record: Record) -> None:
        generation_id = record.generation_id
        try:
            await self._advance(record)
        finally:
            self._in_hand.discard(generation_id)
            self._changed.set()
            self._changed = anyio.Event()
            self._woken.set()

    async def _advance(self, record: Record) -> None:
        """Take the next step, or end the generation where that breaks; where that breaks too, forget it."""
        generation_id = record.generation_id
        for step in (self._steps.advance, self._steps.give_up):
            try:
                after, seconds = await step(record)
            except LeaseLost:
                self._let_go(record)
            except StudioError as unavailable:
                # It is in this process's hands yet, and in no other's.
                logger.warning("%s: %s", generation_id, unavailable)
                self._try_again(generation_id)
            except Exception:
                # A fault in one adapter must not end the generations of all the others.
                logger.exception("%s: the step broke", generation_id)
                continue
            else:
                self._go_on(after, seconds)
            return
        self._drop(generation_id)

    def _go_on(self, after: Record, seconds: float) -> None:
        if after.finished:
            self._drop(after.generation_id)
            return
        self._held[after.generation_id] = after
        self._stepped[after.generation_id] = time.monotonic()
        self._hindered_since.pop(after.generation_id, None)
        self._schedule(after.generation_id, seconds)
        if after.awaits and after.state is State.QUEUED:
            self.follow(after.awaits)

    def _try_again(self, generation_id: str) -> None:
        """The store cannot be used: take the step again, the later the longer that is so."""
        now = self._stepped[generation_id] = time.monotonic()
        hindered = now - self._hindered_since.setdefault(generation_id, now)
        self._schedule(generation_id, max(RETRY_SECONDS, min(LONGEST_PAUSE_SECONDS, hindered / 4)))

    def _let_go(self, record: Record) -> None:
        """Forget what is another's now, unless this process has taken it up once more meanwhile."""
        if self._held.get(record.generation_id) is record:
            self._drop(record.generation_id)

    def _drop(self, generation_id: str) -> None:
        self._held.pop(generation_id, None)
        for known in (self._due, self._stepped, self._hindered_since):
            known.pop(generation_id, None)
        for other in self._held.values():
            if other.awaits == generation_id:
                self._schedule(other.generation_id, 0.0)

    async def _keep_leases(self) -> None:
        while True:
            await anyio.sleep(LEASE_SECONDS / 3)
            if self._held:
                try:
                    await self._store.renew_leases()
                except StudioError as unavailable:
                    logger.warning("%s", unavailable)
