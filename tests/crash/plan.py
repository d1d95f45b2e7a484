"""What is tried: every paid tool of every provider, and the points at which it is struck."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from emulators.chaos import Rule, When

Point = Literal[
    "head",
    "before",
    "during",
    "after",
    "asset",
    "upload",
    "status",
    "download",
    "answer",
    "moment",
    "drop_before",
    "drop_after",
    "unavailable",
    "malformed",
    "late_list",
]
"""Where a trial is struck. The server is killed with its order at the emulator (`head` to `after`), with another
request there (`asset` to `download`), just after the tool's `answer`, or at some `moment` of the call. The rest
are faults of the connection or the provider that the server survives."""

AT_ORDER: Sequence[Point] = ("head", "before", "during", "after")
AT_REQUESTS: Sequence[Point] = ("asset", "upload", "status", "download")
BY_THE_TEST: Sequence[Point] = ("answer", "moment")
FAULTS: Sequence[Point] = ("drop_before", "drop_after", "unavailable", "malformed", "late_list")
KILLS = frozenset((*AT_ORDER, *AT_REQUESTS, *BY_THE_TEST))

LONGEST_MOMENT = 0.5
LONGEST_LIST_DELAY = 5.0
LONG = " ".join(["counterrevolutionaries-incomprehensibilities"] * 20)
SWIFT = [{"at": 0, "status": "processing", "progress": 0.5}, {"at": 1, "status": "complete", "progress": 1.0}]


@dataclass(frozen=True)
class Cell:
    """One paid tool of one provider.

    `order` matches the request that counts, `where` names the member of its JSON that is the trial's own, and the
    argument that it comes from; `requests` match the other requests that a kill may wait for. `most_orders`: how
    often the provider lets the same be ordered while the answer is lost; then the user is to decide.
    """

    provider: str
    what: str
    tool: str
    order: str
    requests: Mapping[Point, str]
    where: tuple[str, str] | None = None
    switches: Mapping[str, object] = field(default_factory=dict[str, object])
    has_list: bool = False
    may_need_attention: bool = False
    most_orders: int = 0

    @property
    def name(self) -> str:
        return f"{self.provider} {self.what}"

    @property
    def points(self) -> Sequence[Point]:
        faults: list[Point] = [point for point in FAULTS if point != "late_list" or self.has_list]
        return [*AT_ORDER, *self.requests, *BY_THE_TEST, *faults]


@dataclass(frozen=True)
class Trial:
    """One generation, and what strikes it. `words` are found in what is ordered for it, and nowhere else.

    `part`: of a text that is ordered in parts, the one whose order is struck.
    """

    cell: Cell
    number: int
    point: Point
    when: When
    part: int
    moment: float
    list_delay: float

    @property
    def words(self) -> str:
        return f"take{self.number:04d}"

    @property
    def arguments(self) -> Mapping[str, object]:
        given = {**_ARGUMENTS[self.cell.what], **_VOICES.get((self.cell.provider, self.cell.what), {})}
        said = {name: value.replace("{words}", self.words) for name, value in given.items()}
        consent = {"consent": True} if self.cell.what == "clone" else {}
        return {**said, **consent, "idempotency_key": self.words}

    def rules(self, pid: int) -> list[Rule]:
        """The rules that strike this trial in the server `pid`."""
        if self.point in {"answer", "moment"}:
            return []
        if self.point in self.cell.requests:
            return [Rule(match=self.cell.requests[self.point], nth=(1,), do="kill", when=self.when, pid=pid)]
        aimed: dict[str, Any] = {"match": self.cell.order, "nth": (1,)}
        if self.point == "head":
            # Nothing of the body is known there.
            return [Rule(**aimed, do="kill", when="head", pid=pid)]
        return [Rule(**aimed, where=self._where(), **_strokes(self.point, pid))]

    def _where(self) -> dict[str, Any]:
        if self.cell.where is None:
            return {}
        member, argument = self.cell.where
        return {member: sentences(str(self.arguments[argument]))[self.part]}

    @property
    def switches(self) -> Mapping[str, object]:
        """How the provider behaves from this trial on."""
        if self.cell.has_list:
            return {"list_delay": self.list_delay}
        if self.cell.name == "speechgen speech":
            return {"speech_answer": "json" if self.point == "download" else "audio"}
        return {}


def _strokes(point: Point, pid: int) -> Mapping[str, Any]:
    """What a rule does to an order that it knows by its body."""
    killed = {when: {"do": "kill", "when": when, "pid": pid} for when in ("before", "during", "after")}
    faults: Mapping[str, Mapping[str, Any]] = {
        "drop_before": {"do": "drop", "when": "before"},
        "drop_after": {"do": "drop", "when": "after"},
        "late_list": {"do": "drop", "when": "after"},
        "unavailable": {"do": "status", "status": 503},
        "malformed": {"do": "malformed"},
    }
    return {**killed, **faults}[point]


_VIDEO = {"image": "portrait.png", "model": "hedra:avatar"}
_ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "speech": {"text": "This is {words}."},
    "parts": {"text": f"This is {{words}}, one: {LONG}. This is {{words}}, two: {LONG}."},
    "clone": {"name": "Voice {words}"},
    "video": {**_VIDEO, "audio": "speech.mp3", "prompt": "Looks up, {words}"},
    "inline video": {**_VIDEO, "text": "This is {words}.", "prompt": "Looks up, {words}"},
}
_HEDRA_VOICE = {"voice_id": "hedra:f412c62f-e94f-41c0-bfc6-97f63289941c"}
_VOICES: Mapping[tuple[str, str], dict[str, str]] = {
    ("hedra", "speech"): _HEDRA_VOICE,
    ("hedra", "inline video"): _HEDRA_VOICE,
    ("hedra", "clone"): {"audio": "voice-sample.mp3", "provider": "hedra"},
    ("heygen", "speech"): {"voice_id": "heygen:en-US-AriaNeural"},
    ("heygen", "parts"): {"voice_id": "heygen:en-US-AriaNeural"},
    ("speechgen", "speech"): {"voice_id": "speechgen:en-US-Neural2-A"},
    ("speechgen", "clone"): {"audio": "voice-sample.mp3", "provider": "speechgen"},
}

_ASSET: Mapping[Point, str] = {"asset": "POST /assets", "upload": "POST /assets/*/upload"}
_STATUS: Mapping[Point, str] = {"status": "GET /generations/*/status"}
_FILE: Mapping[Point, str] = {"download": "GET /media/*"}


def _hedra(what: str, tool: str, requests: Mapping[Point, str], where: tuple[str, str] | None = None) -> Cell:
    order = "POST /generations"
    return Cell("hedra", what, tool, order, requests, where, {"scripts": {"*": SWIFT}}, has_list=True)


def _heygen(what: str) -> Cell:
    order, where = "POST /tts/create", ("prompt", "text")
    # While it speaks, an order that is accepted is not answered, and an equal one would be another.
    return Cell(
        "heygen",
        what,
        "synthesize_speech",
        order,
        _FILE,
        where,
        {"processing": LONGEST_MOMENT},
        most_orders=3,
    )


CELLS: Sequence[Cell] = (
    _hedra("speech", "synthesize_speech", {**_STATUS, **_FILE}, ("text", "text")),
    _hedra("clone", "clone_voice", {**_ASSET, **_STATUS}, ("name", "name")),
    _hedra("video", "create_avatar_video", {**_ASSET, **_STATUS, **_FILE}),
    _hedra("inline video", "create_avatar_video", {**_ASSET, **_STATUS, **_FILE}),
    _heygen("speech"),
    _heygen("parts"),
    Cell(
        "speechgen",
        "speech",
        "synthesize_speech",
        "POST /text-to-speech",
        _FILE,
        ("text", "text"),
        may_need_attention=True,
    ),
    Cell(
        "speechgen",
        "clone",
        "clone_voice",
        "POST /voice-clone",
        {"status": "GET /models/*"},
        switches={"processing_polls": 0},
        may_need_attention=True,
    ),
)


def sentences(text: str) -> list[str]:
    """The sentences of a text of this plan: too long to be ordered together where there are two."""
    return re.split(r"(?<=[.]) ", text)


def trials(cell: Cell, count: int, seed: int) -> list[Trial]:
    """So many trials of a cell: each of its points as often as any other, give or take one."""
    chance = random.Random(f"{seed}/{cell.name}")
    points: list[Point] = []
    while len(points) < count:
        points += chance.sample(cell.points, len(cell.points))
    whens: Sequence[When] = ("head", "before", "during", "after")
    return [
        Trial(
            cell,
            number,
            point,
            chance.choice(whens),
            chance.choice((0, 1)) if cell.what == "parts" else 0,
            chance.uniform(0, LONGEST_MOMENT),
            LONGEST_LIST_DELAY if point == "late_list" else chance.uniform(0, LONGEST_LIST_DELAY),
        )
        for number, point in enumerate(points[:count])
    ]
