"""A lane of trials: one home, one emulator, and servers that are killed and replaced, one after the other."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crash.agent import PATIENCE_SECONDS, SERVER, Agent, Gone, structured, workplace
from crash.plan import KILLS, Cell, Trial
from emulators.ledger import Entry
from emulators.server import Emulator, emulating_apart

Outcome = Literal["ok", "double", "lost", "needs_attention", "astray"]
"""`astray`: the trial did not go as planned, because it was not struck, a call was refused or the server ended."""

END_SECONDS = 150.0
STRIKE_SECONDS = 60.0


@dataclass(frozen=True)
class Result:
    """What became of a trial.

    `charged`: what the agent was told. `orders`: how often the same was ordered at most. `evidence`: what one
    must know to understand it.
    """

    trial: Trial
    outcome: Outcome
    charged: str
    orders: int
    evidence: str


@dataclass
class _Life:
    """A trial as it goes: the id that its agent was told, and how it ended."""

    trial: Trial
    struck: list[Any] = field(default_factory=list[Any])
    ids: set[str] = field(default_factory=set[str])
    ends: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    trouble: str = ""

    def told(self, generation: Mapping[str, Any]) -> Mapping[str, Any]:
        self.ids.add(str(generation["generation_id"]))
        return generation


class _Lane:
    """An agent that goes on whatever happens to its server."""

    def __init__(self, cell: Cell, emulator: Emulator, start: Callable[[], Agent]) -> None:
        self._cell = cell
        self._control = emulator.control
        self._start = start
        self._agent = start()

    def run(self, lives: Sequence[_Life]) -> None:
        try:
            for life in lives:
                self._try(life, self._strike)
            deadline = time.monotonic() + END_SECONDS
            for life in lives:
                self._try(life, lambda life: self._end(life, deadline))
            self._replace()
            for life in lives:
                self._try(life, lambda life: self._end(life, time.monotonic()))
        finally:
            self._agent.kill()

    def _try(self, life: _Life, do: Callable[[_Life], None]) -> None:
        try:
            do(life)
        except (AssertionError, TimeoutError) as wrong:
            life.trouble = life.trouble or repr(wrong)
        except Gone:
            life.trouble = life.trouble or "the server ended without being killed"
            self._replace()

    def _strike(self, life: _Life) -> None:
        """Call, be struck, and, where the server died of it, call again at a fresh one as the protocol says."""
        trial = life.trial
        if trial.point in {"asset", "upload"}:
            # A server uploads the same file once.
            self._replace()
        rules = trial.rules(self._agent.process.pid)
        life.struck = [rule.model_dump(exclude_defaults=True) for rule in rules]
        heard = len(self._control.ledger())
        self._control.switch(**trial.switches)
        self._control.add_rules(*rules)
        try:
            self._call(life)
            if trial.point in KILLS:
                self._until_gone(life)
            else:
                self._until_struck(heard)
        except Gone:
            self._control.clear_rules()
            self._replace()
            self._again(life)

    def _call(self, life: _Life) -> None:
        trial = life.trial
        answer = self._agent.begin(trial.cell.tool, **trial.arguments)
        if trial.point == "moment":
            time.sleep(trial.moment)
            self._agent.kill()
        life.told(structured(answer.result(PATIENCE_SECONDS)))
        if trial.point in {"answer", "moment"}:
            self._agent.kill()
            raise Gone

    def _until_gone(self, life: _Life) -> None:
        [generation_id] = life.ids
        until = time.monotonic() + STRIKE_SECONDS
        while time.monotonic() < until:
            found = self._agent.call("get_generation_status", generation_id=generation_id, wait_seconds=10)
            assert found["status"] in {"queued", "processing"}, f"it ended unstruck: {found}"
        raise AssertionError("it was never struck")

    def _until_struck(self, heard: int) -> None:
        until = time.monotonic() + STRIKE_SECONDS
        orders: Sequence[Entry] = ()
        while not any(entry["chaos"] for entry in orders):
            left = max(0.0, until - time.monotonic())
            orders = self._control.wait_for(self._cell.order, len(orders) + 1, heard, left)

    def _again(self, life: _Life) -> Mapping[str, Any]:
        return life.told(self._agent.call(life.trial.cell.tool, **life.trial.arguments))

    def _end(self, life: _Life, deadline: float) -> None:
        """Repeat the call, which names the same generation, and follow that to its end."""
        found = self._again(life)
        while found["status"] in {"queued", "processing"} and time.monotonic() < deadline:
            generation_id = found["generation_id"]
            found = self._agent.call("get_generation_status", generation_id=generation_id, wait_seconds=20)
        life.ends.append(found)

    def _replace(self) -> None:
        self._agent.kill()
        self._agent = self._start()


def run(
    folder: Path, cell: Cell, trials: Sequence[Trial], seed: int, command: Sequence[str] = SERVER
) -> list[Result]:
    """Do the trials one after the other in a new home below `folder`, and judge them by the emulator's ledger."""
    place = workplace(folder)
    lives = [_Life(trial) for trial in trials]
    ledger = folder / "ledger.jsonl"
    with emulating_apart(cell.provider, ledger, seed=seed, switches=dict(cell.switches)) as emulator:
        lane = _Lane(cell, emulator, lambda: Agent(place, emulator, command=command))
        lane.run(lives)
        entries = emulator.control.ledger()
    return [_judged(life, entries, seed) for life in lives]


def _judged(life: _Life, entries: Sequence[Entry], seed: int) -> Result:
    mine = [entry for entry in entries if life.trial.words in json.dumps([entry.get("json"), entry.get("parts")])]
    cell = life.trial.cell
    made = Counter(_part(cell, entry) for entry in mine if _is_order(entry))
    method, _, path = cell.order.partition(" ")
    sent = Counter(_part(cell, entry) for entry in mine if (entry["method"], entry["path"]) == (method, path))
    if any(count > 1 for count in made.values()):
        outcome: Outcome = "double"
    elif life.trouble:
        outcome = "astray"
    elif len(life.ids) != 1 or not _is_settled(*life.ends):
        outcome = "lost"
    elif life.ends[0]["status"] == "succeeded" and made:
        outcome = "ok"
    else:
        outcome = "needs_attention" if life.ends[0]["status"] == "needs_attention" else "lost"
    charged = str(life.ends[-1].get("charged")) if life.ends else ""
    return Result(life.trial, outcome, charged, max(sent.values(), default=0), _evidence(life, mine, seed))


def _is_settled(end: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an end is one, and the same at the next server."""
    told = ("status", "voice_id", "charged")
    same = all(end.get(name) == after.get(name) for name in told)
    ids = [[asset["asset_id"] for asset in one.get("assets", [])] for one in (end, after)]
    return same and ids[0] == ids[1] and end["status"] not in {"queued", "processing"}


def _is_order(entry: Entry) -> bool:
    return bool(entry.get("created")) and entry["created"]["kind"] != "asset"


def _part(cell: Cell, entry: Entry) -> str:
    """What was ordered: a long text goes to HeyGen in parts, each an order of its own."""
    return str(entry["json"]["prompt"]) if cell.provider == "heygen" else ""


def _evidence(life: _Life, mine: Sequence[Entry], seed: int) -> str:
    shown = ("n", "at", "method", "path", "status", "created", "cached", "chaos")
    lines = [
        f"seed {seed}, {life.trial.cell.name}, {life.trial.words}, struck at {life.trial.point}",
        f"rules {life.struck}, switches {dict(life.trial.switches)}",
        f"ids {sorted(life.ids)} {life.trouble}",
        *(f"end {json.dumps(end)}" for end in life.ends),
        *(f"ledger {json.dumps({name: entry.get(name) for name in shown})}" for entry in mine),
    ]
    return "\n".join(lines)


def unexplained(results: Sequence[Result]) -> list[Result]:
    """Those that broke a promise: a second creation, a lost generation, or attention without need or truth."""

    def is_kept(result: Result) -> bool:
        if result.outcome == "needs_attention":
            cell = result.trial.cell
            needed = cell.may_need_attention or 0 < cell.most_orders <= result.orders
            return needed and result.charged in _perhaps(result.trial)
        return result.outcome == "ok"

    return [result for result in results if not is_kept(result)]


def _perhaps(trial: Trial) -> set[str]:
    """What a generation that needs attention may say of its price: audio that came, but damaged, was made."""
    return {"unknown", "yes"} if trial.point == "malformed" and trial.cell.what == "speech" else {"unknown"}
