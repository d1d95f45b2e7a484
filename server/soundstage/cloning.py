"""Voices to be cloned: recorded once it is confirmed that the speaker agreed, with no sample kept of any other."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from soundstage.drafting import Asked, Drafting
from soundstage.generations.keeping import Hold, Keeper
from soundstage.generations.record import Draft
from soundstage.generations.store import AnswerUsed, Created
from soundstage.media.folders import renewed
from soundstage.ordering import Ordering
from soundstage_tools.errors import BadRequest
from soundstage_tools.studio import CloneRequest, Confirmation, Consent, Fields, Repeat


class Cloning:
    """Records generations that clone voices."""

    def __init__(self, drafting: Drafting, ordering: Ordering, keeper: Keeper) -> None:
        self._drafting = drafting
        self._ordering = ordering
        self._keeper = keeper

    async def record(self, audio: str, provider: str, fields: Fields, repeat: Repeat, consent: Consent) -> Created:
        """Record a voice clone, or join the one that is there already, of which nobody is asked again.

        Raises:
            StudioError: it is refused, or not confirmed.
        """
        async with self._keeper.borrowing() as hold:

            async def drafted() -> tuple[Asked, CloneRequest]:
                return await self._drafting.voice_clone(audio, provider, fields, repeat, consent, hold)

            asked, question = await drafted()
            if joined := await self._ordering.joined(asked):
                return joined
            await self._ordering.see_that_budget_allows(asked)
            confirmed = await consent.confirmed(question)
            while True:
                if not await _is_kept(asked.draft, hold):
                    # Meanwhile another process let its copy go, which is the same.
                    asked, now = await drafted()
                    if now != question:
                        raise _recording_changed()
                try:
                    return await self._ordering.record(_allowed(asked, confirmed))
                except AnswerUsed:
                    confirmed = await consent.confirmed(question, anew=True)


async def _is_kept(draft: Draft, hold: Hold) -> bool:
    """Whether the copy of the sample is there, and now to stay."""
    sample = Path(str(draft.request["audio"]))
    if not await anyio.to_thread.run_sync(renewed, sample):
        return False
    hold(sample)
    return True


def _allowed(asked: Asked, confirmed: Confirmation) -> Asked:
    given = {"given": confirmed.by, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    request = {**asked.draft.request, "consent": given}
    return replace(asked, draft=replace(asked.draft, request=request, answer_id=confirmed.answer_id))


def _recording_changed() -> BadRequest:
    """The refusal to clone another recording than the one that the user was asked about."""
    return BadRequest(
        code="recording_changed",
        message="The recording changed while the user was asked, so what they agreed to is not what is there now.",
        next_step="Call again: the user is asked about the recording as it is now.",
    )
