"""A provider's facts as data: what it serves, which fields with which ranges, and what it costs.

A field's range, unit, default and wording are written once, in the models named here. The published schemas,
the check at call time and the engine's job all come from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


def _spoken(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty: give the words to be spoken")
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        raise ValueError("holds control characters: send plain text")
    return text


SpokenText = Annotated[str, AfterValidator(_spoken)]
"""Text to be spoken: not blank, and free of control characters other than line breaks and tabs."""


class Fields(BaseModel):
    """The base of a provider's fields for one tool: strict, closed, finite."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, frozen=True
    )


class SpeechFields(Fields):
    """What every provider of speech takes at least."""

    text: SpokenText


@dataclass(frozen=True, slots=True)
class Profile:
    """What one provider is.

    `offers`: by tool, the fields that the provider takes there. A tool that is not named is not served.
    `repeats_freely`: a submission that may have been lost can be made again at no cost.
    `poll_seconds`: how long to wait between two looks at running work.
    `missing`: what is not there on this machine or in these settings, each with how to add it.
    """

    name: str
    description: str
    cost: str
    offers: Mapping[str, type[Fields]]
    repeats_freely: bool
    poll_seconds: float
    models: tuple[str, ...] = ()
    default_voice: str = ""
    missing: tuple[str, ...] = ()

    @property
    def configured(self) -> bool:
        """Whether it serves anything on this machine with these settings."""
        return bool(self.offers)
