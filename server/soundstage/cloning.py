"""Voices to be cloned: recorded once it is confirmed that the speaker agreed, with no sample kept of any other."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from soundstage.drafting import Drafting
from soundstage.generations.estimates import Estimator
from soundstage.generations.keeping import Hold, Keeper
from soundstage.generations.record import Draft
from soundstage.generations.store import AnswerUsed, Created, Store
from soundstage.media.folders import renewed
from soundstage_tools.errors import BadRequest
from soundstage_tools.studio import CloneRequest, Confirmation, Consent, Fields, Repeat


class Cloning:
    """Records generations that clone voices."""

    def __init__(self, drafting: Drafting, estimator: Estimator, store: Store, keeper: Keeper) -> None:
        self._drafting = drafting
        self._estimator = estimator
        self._store = store
        self._keeper = keeper

    async def record(self, audio: str, provider: str, fields: Fields, repeat: Repeat, consent: Consent) -> Created:
        """Record a voice clone, or join the one that is there already, of which nobody is asked again.

        Raises:
            StudioError: it is refused, or not confirmed.
        """
        async with self._keeper.borrowing() as hold:

            async def drafted() -> tuple[Draft, CloneRequest]:
                draft, asked = await self._drafting.voice_clone(audio, provider, fields, repeat, consent, hold)
                return await self._estimator.priced(draft), asked

            draft, asked = await drafted()
            if joined := await self._store.join(draft):
                return joined
            confirmed = await consent.confirmed(asked)
            while True:
                if not await _is_kept(draft, hold):
                    # Meanwhile another process let its copy go, which is the same.
                    draft, now = await drafted()
                    if now != asked:
                        raise _recording_changed()
                try:
                    return await self._store.create(_allowed(draft, confirmed))
                except AnswerUsed:
                    confirmed = await consent.confirmed(asked, anew=True)


async def _is_kept(draft: Draft, hold: Hold) -> bool:
    """Whether the copy of the sample is there, and now to stay."""
    sample = Path(str(draft.request["audio"]))
    if not await anyio.to_thread.run_sync(renewed, sample):
        return False
    hold(sample)
    return True


def _allowed(draft: Draft, confirmed: Confirmation) -> Draft:
    given = {"given": confirmed.by, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    return replace(draft, request={**draft.request, "consent": given}, answer_id=confirmed.answer_id)


def _recording_changed() -> BadRequest:
    """The refusal to clone another recording than the one that the user was asked about."""
    return BadRequest(
        code="recording_changed",
        message="The recording changed while the user was asked, so what they agreed to is not what is there now.",
        next_step="Call again: the user is asked about the recording as it is now.",
    )
