"""The voices of an account in two lists: those that anyone may speak with, and those that were cloned on it."""

from collections.abc import Awaitable, Callable, Sequence

import anyio

from soundstage.providers.port import VoiceList
from soundstage.providers.remote import unknown_voice
from soundstage_tools.errors import StudioError
from soundstage_tools.results import Voice

OWN_SECONDS = 8.0
"""How long the list of the cloned voices is waited for: those that anyone may speak with must not wait longer."""

Read = Callable[[bool], Awaitable[Sequence[Voice]]]
"""Lists voices, with True afresh."""


class VoiceLists:
    """What `stock` and `own` list, of the account at the provider `title`.

    No provider documents for certain that it lists what was cloned: where `own` fails, it has told nothing, and
    all else goes on.
    """

    def __init__(self, title: str, stock: Read, own: Read) -> None:
        self._title = title
        self._stock = stock
        self._own = own

    async def all(self) -> VoiceList:
        """Every voice, each once.

        Raises:
            StudioError: `stock` fails.
        """
        stock, own = await self._stock(False), await self._told_own(False)
        # What was cloned on this account is so, whatever the other list calls it.
        by_id = {voice.voice_id: voice for voice in (*stock, *own.voices)}
        return VoiceList(list(by_id.values()), own.warnings)

    async def check(self, handle: str, *, may_be_listed: bool, may_be_own: bool) -> None:
        """Refuse a handle that is not of this account, as far as that is told.

        It is looked for in lists of this moment too where it `may_be_listed`. One that `may_be_own` is let pass
        where `own` fails: then the provider knows.

        Raises:
            NotFound: there is no such voice; what is close to it is told.
            StudioError: `stock` fails.
        """
        stock: Sequence[Voice] = ()
        own = VoiceList(())
        for fresh in (False, True) if may_be_listed else (False,):
            stock = await self._stock(fresh)
            if _holds(stock, handle):
                return
            own = own if own.warnings else await self._told_own(fresh)
            if _holds(own.voices, handle) or (own.warnings and may_be_own):
                return
        raise unknown_voice(self._title, handle, [*stock, *own.voices])

    async def _told_own(self, fresh: bool) -> VoiceList:
        try:
            with anyio.fail_after(OWN_SECONDS):
                return VoiceList(await self._own(fresh))
        except TimeoutError:
            why = f"{self._title} did not answer within {OWN_SECONDS:g} seconds."
        except StudioError as trouble:
            why = f"{trouble.message} {trouble.next_step}"
        untold = "The voices that were cloned on this account are not listed; with a voice_id that you have, each"
        return VoiceList((), [f"{untold} speaks all the same. {why}"])


def _holds(voices: Sequence[Voice], handle: str) -> bool:
    return any(one.voice_id == handle for one in voices)
