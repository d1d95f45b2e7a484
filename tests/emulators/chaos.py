"""Rules that break the emulator on purpose: which requests, which of them, how."""

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

When = Literal["head", "before", "during", "after"]
RetryForm = Literal["absent", "seconds", "date", "past_date", "zero", "negative", "huge", "garbage"]

Connection = Literal["drop", "cut_request", "kill", "delay", "drip", "cut_answer", "oversize", "gzip_bomb"]
"""What happens to the connection or to the process that talks to it."""

Instead = Literal["status", "retry_after", "html", "echo_key", "redirect", "expired", "vanish"]
"""Another answer: without processing the request, or after it with `when` = "after"."""

Edit = Literal[
    "edit",
    "malformed",
    "corrupt",
    "truncate",
    "wrong_type",
    "duplicate_id",
    "backwards",
    "unknown_status",
    "progress_nan",
    "progress_200",
    "never_ends",
]
"""The provider's own answer, changed."""


class Rule(BaseModel):
    """One rule.

    `match` is a glob on "METHOD /path" (without the provider's prefix; files of the asset origin are under
    "/media/"), `where` are members that the JSON body must have. Of the requests that match, counted from 1,
    those in `nth` are hit (all where it is empty), from `from_nth` on, each with `probability`.
    `when`: "head" before the body is read, "before" processing, "during" the answer (half of it sent),
    "after" processing and without an answer. `seconds` are of the virtual clock.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str = "*"
    where: dict[str, Any] = Field(default_factory=dict[str, Any])
    nth: tuple[int, ...] = ()
    from_nth: int = 1
    probability: float = Field(default=1.0, ge=0, le=1)
    do: Connection | Instead | Edit
    when: When = "before"
    status: int = Field(default=0, description="of the answer; 0 is the action's own default")
    body: str = Field(default="", description="of a `status` answer")
    headers: dict[str, str] = Field(default_factory=dict[str, str], description="added to the answer")
    form: RetryForm = "seconds"
    value: str = Field(
        default="", description="a Retry-After of the test's own, or the Content-Type of `wrong_type`"
    )
    seconds: float = Field(
        default=1.0, ge=0, description="of a `delay`, between the pieces of a `drip`, of a Retry-After"
    )
    size: int = Field(
        default=16, ge=0, description="bytes: kept by a cut, a piece of a drip, unpacked by a bomb, oversize"
    )
    pid: int = Field(default=0, ge=0, description="of the process to kill")
    pids: tuple[int, ...] = Field(default=(), description="kill the one of these that sent the request")
    signal: int = 9
    to: str = Field(default="", description="where a redirect leads")
    set_to: dict[str, Any] = Field(default_factory=dict[str, Any], description="members that an edit sets")
    remove: tuple[str, ...] = Field(default=(), description="members that an edit removes")
    replace: Any = Field(default=None, description="the whole body that an edit puts in place")

    def applies(self, method: str, path: str, fields: object) -> bool:
        if not fnmatchcase(f"{method} {path}", self.match):
            return False
        if not self.where:
            return True
        members: Mapping[str, Any] = cast("Mapping[str, Any]", fields) if isinstance(fields, Mapping) else {}
        return all(name in members and members[name] == value for name, value in self.where.items())

    @property
    def at_head(self) -> bool:
        """Whether the rule strikes before the body is read, and so cannot look at it."""
        return self.do == "cut_request" or self.when == "head"


class Chaos:
    """The rules in force. What they do depends on the seed and the order of the requests, never on the time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: list[Rule] = []
        self._matched: list[int] = []

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(self._rules)

    def add(self, rules: list[Rule]) -> None:
        self._rules += rules
        self._matched += [0] * len(rules)

    def clear(self) -> None:
        self._rules.clear()
        self._matched.clear()

    def hit(self, method: str, path: str, fields: object = None, *, at_head: bool = False) -> list[Rule]:
        """Count the request against every rule of this stage, and return those that strike."""
        struck: list[Rule] = []
        for index, rule in enumerate(self._rules):
            if rule.at_head != at_head or not rule.applies(method, path, fields):
                continue
            self._matched[index] += 1
            count = self._matched[index]
            chosen = count >= rule.from_nth and (not rule.nth or count in rule.nth)
            if chosen and self._draw(index, count) < rule.probability:
                struck.append(rule)
        return struck

    def _draw(self, index: int, count: int) -> float:
        digest = hashlib.sha256(f"{self._seed}/{index}/{count}".encode()).digest()
        return int.from_bytes(digest[:7], "big") / (1 << 56)
