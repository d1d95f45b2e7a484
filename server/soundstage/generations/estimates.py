"""What a generation is likely to cost, where its provider can tell."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from soundstage.generations.budget import Budget
from soundstage.generations.record import Draft, Record, State
from soundstage.generations.work import work_of
from soundstage.providers.port import AvatarWork, Estimates, Provider
from soundstage.sound import measured
from soundstage_tools.errors import StudioError

CHARACTERS_A_SECOND = 15.0
"""How fast a text is likely to be spoken."""

LONGEST_SECONDS = 3600.0


class Estimator:
    """Adds to drafts the credits that they are likely to cost."""

    def __init__(self, providers: Mapping[str, Provider], budget: Budget) -> None:
        self._providers = providers
        self._budget = budget

    async def priced(self, draft: Draft, said_by: Draft | Record | None = None) -> Draft:
        """`draft` with its estimate, where its provider makes one.

        `said_by`: the speech that a video follows, made already or not.
        """
        provider = self._providers[draft.provider]
        if not isinstance(provider, Estimates):
            return draft
        work = work_of(Record("", draft.kind, draft.provider, State.QUEUED, draft.request))
        seconds = await self._seconds(work, said_by, draft.provider) if isinstance(work, AvatarWork) else None
        credits_ = provider.estimate(work, seconds)
        return draft if credits_ is None else replace(draft, credits=round(credits_, 3))

    async def _seconds(self, work: AvatarWork, said_by: Draft | Record | None, provider: str) -> float | None:
        if said_by is not None:
            made = [one.duration_seconds for one in getattr(said_by, "assets", ()) if one.role == "audio"]
            return made[0] if made and made[0] else spoken_seconds(said_by.request)
        if work.says is not None:
            return spoken_seconds({"fields": work.says.fields})
        # Reading a file to its end takes a process and its time: only where a cap hangs on it.
        if work.audio is None or not self._budget.limits_credits(provider):
            return None
        return await _measured(work.audio)


def spoken_seconds(request: Mapping[str, object]) -> float:
    """How long the speech of this request is likely to last."""
    fields = cast("Mapping[str, Any]", request["fields"])
    return len(str(fields["text"])) / CHARACTERS_A_SECOND


async def _measured(audio: Path) -> float | None:
    try:
        return (await measured(audio, at_most_seconds=LONGEST_SECONDS)).seconds
    except StudioError:
        return None
