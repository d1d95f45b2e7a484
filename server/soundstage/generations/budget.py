"""What may be spent in a day: checked in the very transaction that records a generation."""

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from soundstage.generations.record import Draft
from soundstage.settings import CREDITS_CAP, GENERATIONS_CAP, Caps
from soundstage_tools.errors import BadRequest, NotConfigured

DAY_SECONDS = 24 * 3600.0

ReadSpent = Callable[[str, float], Sequence[tuple[float, float | None]]]
"""What counts at a provider since a time: when each was recorded, in seconds since 1970, and its credits."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one generation counts for towards a cap, and when it was recorded, in seconds since 1970."""

    at: float
    amount: float


class Budget:
    """The caps of the providers that charge, by their names. `known` are the names of all providers."""

    def __init__(
        self, generations: Caps, credits_: Caps, charging: Collection[str], known: Collection[str]
    ) -> None:
        self._charging = frozenset(charging)
        self._caps = {GENERATIONS_CAP: generations, CREDITS_CAP: credits_}
        self._known = frozenset(known)

    def limits_credits(self, provider: str) -> bool:
        """Whether there is a cap of the credits of this provider."""
        return provider in self._charging and self._caps[CREDITS_CAP].of(provider) is not None

    def check(self, asked: Sequence[Draft], read_spent: ReadSpent) -> None:
        """Refuse what would exceed a cap. `asked` are recorded in the transaction that reads, or none of them.

        Raises:
            BadRequest: `budget_reached`, with the cap, what is used and left, and when there is room again.
            NotConfigured: `budget_not_understood`; a cap that cannot be read allows nothing.
        """
        for provider in sorted({draft.provider for draft in asked} & self._charging):
            self._see_that_caps_are_understood()
            caps = {name: caps.of(provider) for name, caps in self._caps.items()}
            if all(cap is None for cap in caps.values()):
                continue
            counted = read_spent(provider, time.time() - DAY_SECONDS)
            drafts = [draft for draft in asked if draft.provider == provider]
            needed = {GENERATIONS_CAP: float(len(drafts)), CREDITS_CAP: sum(d.credits or 0.0 for d in drafts)}
            for name, cap in caps.items():
                if cap is not None:
                    _check(name, provider, cap, _spent(counted, name), needed[name])

    def _see_that_caps_are_understood(self) -> None:
        for name, caps in self._caps.items():
            unknown = sorted(set(caps.by_provider) - self._known)
            if not caps.unreadable and not unknown:
                continue
            wrong = f"`{caps.unreadable}`" if caps.unreadable else f"no provider is called `{unknown[0]}`"
            raise NotConfigured(
                code="budget_not_understood",
                message=f"{name} is not understood: {wrong}. Nothing that may be charged is begun until it is.",
                next_step=f"Ask the user to set it in the form 20 or hedra=20,speechgen=50, "
                f"with names among {', '.join(sorted(self._known))}.",
            )


def _spent(counted: Sequence[tuple[float, float | None]], name: str) -> list[Spent]:
    of_one = name == GENERATIONS_CAP
    return [Spent(at, 1.0 if of_one else credits_ or 0.0) for at, credits_ in counted]


def _check(name: str, provider: str, cap: float, spent: Sequence[Spent], needed: float) -> None:
    used = math.fsum(one.amount for one in spent)
    # Half a thousandth forgives what adding fractions has rounded.
    if used + needed <= cap + 0.0005 or not needed:
        return
    unit, policy = "generations", ""
    if name == CREDITS_CAP:
        unit, policy = "credits", " These are estimates; what has none counts for 0 credits."
    left = max(0.0, cap - used)
    raise BadRequest(
        code="budget_reached",
        message=f"{name} allows {cap:,.6g} {unit} at {provider} in 24 hours: {used:,.6g} used, {left:,.6g} left, "
        f"and this takes {needed:,.6g}.{policy}",
        next_step=f"{_when(spent, used + needed - cap, needed > cap)} "
        f"The user can raise {name}; what a free provider makes does not count.",
    )


def _when(spent: Sequence[Spent], excess: float, never: bool) -> str:
    """When so much has left the day again that there is room."""
    if never:
        return "This alone is above the cap: ask for less."
    for one in spent:
        excess -= one.amount
        if excess <= 0.0005:
            minutes = max(1, math.ceil((one.at + DAY_SECONDS - time.time()) / 60))
            return f"There is room for it again in {minutes // 60} h {minutes % 60} min."
    raise AssertionError("what is used is the sum of what was spent")
